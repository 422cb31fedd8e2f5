//! The tries of a write. It is planned again when it has lost a race, and by the definitions of now when somebody has
//! changed the schema meanwhile: what was found by those that went before, mistakes too, says nothing then.

use super::plan::{Refusal, TRIES, lost_race};
use super::read::load_record;
use crate::error::{Error, Result};
use crate::model::{Caller, Collection, Record};
use crate::tenant::{Cx, turnover};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;

/// How often something is done anew at most because the schema changes meanwhile.
pub(super) const TURNS: usize = 8;

/// After so many the schema has to wait. A write with files takes as long as a change does, and could meet each of many.
const TURNS_UNTIL_STILL: usize = 3;

/// How long it is waited for that it waits. Those who wait for each other's records, too, go on without.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a write is planned by, and how often it may still be planned again.
#[derive(Debug)]
pub(super) struct Tries<'a> {
    cx: Cow<'a, Cx>,
    races: usize,
    turns: usize,
    /// Held while the schema has to wait.
    still: Option<OwnedMutexGuard<()>>,
}

impl<'a> Tries<'a> {
    pub(super) fn of(cx: &'a Cx) -> Self {
        Self { cx: Cow::Borrowed(cx), races: 0, turns: 0, still: None }
    }

    /// The tries of an operation that nobody else has.
    pub(super) fn of_own(cx: Cx) -> Tries<'static> {
        Tries { cx: Cow::Owned(cx), races: 0, turns: 0, still: None }
    }

    /// The operation with the definitions of this try.
    pub(super) fn cx(&self) -> &Cx {
        &self.cx
    }

    /// A collection as this try knows it.
    ///
    /// # Errors
    /// `NotFound` when it has gone.
    pub(super) fn collection<'b>(&'b self, known: &'b Arc<Collection>) -> Result<&'b Arc<Collection>> {
        match &self.cx {
            Cow::Borrowed(_) => Ok(known),
            Cow::Owned(cx) => of_now(cx, known),
        }
    }

    /// Makes ready for another try, if there is one to be made.
    ///
    /// # Errors
    /// Why the write is refused for good: `Conflict` after three lost races, else what refused it; and as [`Tries::turn`].
    pub(super) async fn again(&mut self, why: Refusal) -> Result<()> {
        if self.turn().await? {
            return Ok(());
        }
        match why {
            Refusal::Conflict => self.races += 1,
            Refusal::Error(error) => return Err(error),
        }
        if self.races < TRIES { Ok(()) } else { Err(lost_race()) }
    }

    /// Goes on by the definitions of now, if they are others; whether it does.
    ///
    /// # Errors
    /// `Unauthenticated` when whoever writes has gone meanwhile; `Conflict` when the schema never comes to rest.
    pub(super) async fn turn(&mut self) -> Result<bool> {
        if self.cx.tenant.is_as_in(&self.cx.catalog) {
            return Ok(false);
        }
        if self.turns >= TURNS {
            return Err(turnover::changed());
        }
        self.turns += 1;
        if self.turns >= TURNS_UNTIL_STILL && self.still.is_none() {
            let lock = self.cx.tenant.schema_lock.clone().lock_owned();
            self.still = tokio::time::timeout(PATIENCE, lock).await.ok();
        }
        self.cx = Cow::Owned(renewed_to_write(&self.cx).await?);
        Ok(true)
    }

    /// Something of it is written: what comes next has all its tries before it.
    pub(super) fn begin_anew(&mut self) {
        (self.races, self.turns, self.still) = (0, 0, None);
    }
}

/// A collection by the definitions of now.
///
/// # Errors
/// `NotFound` when it has gone.
pub(super) fn of_now<'a>(cx: &'a Cx, known: &Collection) -> Result<&'a Arc<Collection>> {
    let found = cx.catalog.collection(&known.id);
    found.ok_or_else(|| Error::NotFound("Missing collection context.".into()))
}

/// The same operation by the definitions of now: whoever causes it is read anew, since rules find the values of an account
/// where its collection has the fields. An account that has gone is nobody's.
///
/// # Errors
/// When the database cannot be read; `Conflict` when the schema never comes to rest.
pub async fn renewed(cx: &Cx) -> Result<Cx> {
    let mut read = Err(turnover::changed());
    for _ in 0..TURNS {
        cx.tenant.settled().await;
        let catalog = cx.tenant.catalog();
        read = accounts(Cx { catalog: catalog.clone(), ..cx.clone() }).await;
        if cx.tenant.is_as_in(&catalog) {
            break;
        }
    }
    read
}

/// The same for a write: one that somebody has begun is not ended in nobody's name.
///
/// # Errors
/// As [`renewed`]; `Unauthenticated` when the caller's account has gone.
async fn renewed_to_write(cx: &Cx) -> Result<Cx> {
    let now = renewed(cx).await?;
    if cx.caller.record().is_some() && now.caller.record().is_none() {
        return Err(Error::Unauthenticated("The account is gone. Please sign in again.".into()));
    }
    Ok(now)
}

async fn accounts(mut cx: Cx) -> Result<Cx> {
    cx.caller = reread(&cx, &cx.caller).await?;
    if let Some(behalf) = &cx.behalf {
        cx.behalf = Some(reread(&cx, behalf).await?);
    }
    Ok(cx)
}

/// A record as it is now; `None` when it has gone.
async fn record_of_now(cx: &Cx, known: &Record) -> Result<Option<Arc<Record>>> {
    let Some(collection) = cx.catalog.collection(&known.collection.id) else { return Ok(None) };
    Ok(load_record(&cx.tenant, collection, "id", known.id()).await?.map(Arc::new))
}

async fn reread(cx: &Cx, caller: &Caller) -> Result<Caller> {
    let Some(record) = caller.record() else { return Ok(caller.clone()) };
    Ok(match (caller, record_of_now(cx, record).await?) {
        (_, None) => Caller::Guest,
        (Caller::Superuser(_), Some(record)) => Caller::Superuser(record),
        (_, Some(record)) => Caller::User(record),
    })
}
