//! One connection: its way out, and in whose name it listens.

use super::backlog::CONNECTION_MAX;
use super::outlet::{About, Ending, Item, Outlet};
use super::topic::Wire;
use crate::error::{Error, Result};
use crate::model::{Caller, Record};
use bytes::Bytes;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// An SSE connection that was told nothing for so long is closed; its client comes back.
const SSE_IDLE: Duration = Duration::from_mins(5);
/// The longest life of an SSE connection.
const SSE_AGE_MAX: Duration = Duration::from_mins(30);
/// A WebSocket that is silent for so long is asked whether it is still there.
const SOCKET_PING: Duration = Duration::from_secs(30);
/// A WebSocket that does not answer for so long is not.
const SOCKET_SILENCE_MAX: Duration = Duration::from_secs(90);

/// In whose name a connection listens, and until when.
#[derive(Debug, Clone)]
pub struct Bearer {
    pub caller: Caller,
    /// When the token that proved it expires; afterwards it is a guest.
    pub expires_ms: Option<i64>,
    /// The dashboard's session that the token is of; when it is ended it is a guest.
    pub session: Option<String>,
}

impl Bearer {
    pub(super) const GUEST: Self = Self { caller: Caller::Guest, expires_ms: None, session: None };

    /// Who it is at that moment.
    #[must_use]
    pub fn at(&self, now_ms: i64) -> &Caller {
        if self.expires_ms.is_some_and(|expires| expires <= now_ms) { &Caller::Guest } else { &self.caller }
    }

    /// Whether a connection of this bearer may go on as `next`: a guest as anybody, anybody else only as
    /// the same record.
    ///
    /// # Errors
    /// `Forbidden` when it may not.
    pub(super) fn may_become(&self, next: &Caller, now_ms: i64) -> Result<()> {
        match (self.at(now_ms).record(), next.record()) {
            (None, _) => Ok(()),
            (Some(bound), Some(next)) if is_same(bound, next) => Ok(()),
            _ => Err(Error::Forbidden("The current and the previous request authorization don't match.".into())),
        }
    }

    /// The same bearer after its record was changed; a guest when it is gone or its tokens were ended.
    pub(super) fn with(&self, fresh: Option<&Arc<Record>>) -> Self {
        let Some(fresh) = fresh.filter(|fresh| self.token_key() == Some(fresh.text("tokenKey"))) else {
            return Self::GUEST;
        };
        let caller = match &self.caller {
            Caller::User(_) => Caller::User(fresh.clone()),
            Caller::Superuser(_) => Caller::Superuser(fresh.clone()),
            other => other.clone(),
        };
        Self { caller, expires_ms: self.expires_ms, session: self.session.clone() }
    }

    fn token_key(&self) -> Option<&str> {
        self.caller.record().map(|record| record.text("tokenKey"))
    }
}

/// Whether two rows are of the same record.
pub(super) fn is_same(left: &Record, right: &Record) -> bool {
    left.id() == right.id() && left.collection.id == right.collection.id
}

#[derive(Debug)]
pub(super) struct Client {
    /// Never the same for two connections of a process.
    pub number: u64,
    pub id: String,
    /// Where it connected from.
    pub ip: String,
    pub wire: Wire,
    pub outlet: Outlet,
    /// Changed by the hub only, which also keeps an index of it.
    pub bearer: Mutex<Bearer>,
    opened_ms: i64,
    told_ms: AtomicI64,
    heard_ms: AtomicI64,
}

impl Client {
    pub(super) fn new(number: u64, id: String, ip: String, wire: Wire, now_ms: i64) -> Self {
        Self {
            number,
            id,
            ip,
            wire,
            outlet: Outlet::default(),
            bearer: Mutex::new(Bearer::GUEST),
            opened_ms: now_ms,
            told_ms: AtomicI64::new(now_ms),
            heard_ms: AtomicI64::new(now_ms),
        }
    }

    /// Sends a message; false when the connection has ended, or has more than `room` bytes to read.
    pub(super) fn tell(&self, message: Bytes, room: usize, now_ms: i64) -> bool {
        self.told_ms.store(now_ms, Ordering::Relaxed);
        self.outlet.push(Item::Message(message), room)
    }

    /// Sends a message in the place of one about the same that still waits.
    pub(super) fn tell_instead(&self, message: Bytes, about: About, room: usize, now_ms: i64) -> bool {
        self.told_ms.store(now_ms, Ordering::Relaxed);
        self.outlet.push_instead(Item::Message(message), about, room)
    }

    /// Sends what only this connection is told, before everything that is held back.
    pub(super) fn answer(&self, message: Bytes, now_ms: i64) -> bool {
        self.answer_within(message, CONNECTION_MAX, now_ms)
    }

    /// The same where no more than `room` bytes may wait.
    pub(super) fn answer_within(&self, message: Bytes, room: usize, now_ms: i64) -> bool {
        self.told_ms.store(now_ms, Ordering::Relaxed);
        self.outlet.push_ahead(Item::Message(message), room)
    }

    pub(super) fn opened_ms(&self) -> i64 {
        self.opened_ms
    }

    /// The client was heard of.
    pub(super) fn heard(&self, now_ms: i64) {
        self.heard_ms.store(now_ms, Ordering::Relaxed);
    }

    /// Looked at now and then: ends a connection that has lived or been silent for too long.
    pub(super) fn review(&self, now_ms: i64) {
        let since = |then_ms: i64| Duration::from_millis(u64::try_from(now_ms - then_ms).unwrap_or_default());
        let (told, heard) = (since(self.told_ms.load(Ordering::Relaxed)), since(self.heard_ms.load(Ordering::Relaxed)));
        match self.wire {
            Wire::Sse if told >= SSE_IDLE || since(self.opened_ms) >= SSE_AGE_MAX => self.outlet.end(Ending::Over),
            Wire::Socket if heard >= SOCKET_SILENCE_MAX => self.outlet.end(Ending::Over),
            Wire::Socket if heard >= SOCKET_PING => {
                self.outlet.push(Item::Ping, CONNECTION_MAX);
            }
            Wire::Sse | Wire::Socket => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{auth_record, poll_once};
    use super::*;

    fn user(id: &str, key: &str) -> Caller {
        Caller::User(auth_record(id, key))
    }

    fn bearer(caller: Caller) -> Bearer {
        Bearer { caller, expires_ms: Some(1_000), session: None }
    }

    #[test]
    fn a_guest_may_become_anybody_and_nobody_anybody_else() {
        assert!(Bearer::GUEST.may_become(&user("a", "k"), 0).is_ok());
        assert!(Bearer::GUEST.may_become(&Caller::Guest, 0).is_ok());
        assert!(bearer(user("a", "k")).may_become(&user("a", "k"), 0).is_ok());
        for next in [user("b", "k"), Caller::Guest] {
            let refused = bearer(user("a", "k")).may_become(&next, 0);
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        }
    }

    #[test]
    fn an_expired_token_is_a_guests() {
        let bearer = bearer(user("a", "k"));
        assert!(matches!(bearer.at(999), Caller::User(_)));
        assert!(matches!(bearer.at(1_000), Caller::Guest));
        assert!(bearer.may_become(&user("b", "k"), 1_000).is_ok());
    }

    #[test]
    fn a_changed_record_stays_bound_unless_its_tokens_ended() {
        let bound = bearer(user("a", "k"));
        let same = bound.with(Some(&auth_record("a", "k")));
        assert!(matches!(same.caller, Caller::User(_)) && same.expires_ms == Some(1_000));
        assert!(matches!(bound.with(Some(&auth_record("a", "other"))).caller, Caller::Guest));
        assert!(matches!(bound.with(None).caller, Caller::Guest));
    }

    #[test]
    fn sse_ends_when_idle_or_old() {
        let minutes = |minutes: i64| minutes * 60_000;
        let client = Client::new(1, "c".into(), String::new(), Wire::Sse, 0);
        client.review(minutes(5) - 1);
        assert_eq!(poll_once(&client.outlet), None);
        assert!(client.answer(Bytes::new(), minutes(4)));
        client.review(minutes(9) - 1);
        assert!(client.outlet.push(Item::Ping, 0), "told something meanwhile");
        client.review(minutes(9));
        assert!(!client.outlet.push(Item::Ping, 0), "idle");

        let client = Client::new(1, "c".into(), String::new(), Wire::Sse, 0);
        assert!(client.answer(Bytes::new(), minutes(29)));
        client.review(minutes(30));
        assert!(!client.outlet.push(Item::Ping, 0), "old");
    }

    #[test]
    fn sockets_are_asked_before_they_are_ended() {
        let client = Client::new(1, "c".into(), String::new(), Wire::Socket, 0);
        client.review(29_999);
        assert_eq!(poll_once(&client.outlet), None);
        client.review(30_000);
        assert_eq!(poll_once(&client.outlet), Some(Ok(vec![Item::Ping])));
        client.heard(31_000);
        client.review(91_000);
        assert_eq!(poll_once(&client.outlet), Some(Ok(vec![Item::Ping])));
        client.review(121_000);
        assert_eq!(poll_once(&client.outlet), Some(Err(Ending::Over)));
    }
}
