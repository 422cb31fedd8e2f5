//! The tries of a write. It is planned again when it has lost a race, and by the definitions of now when somebody has
//! changed the schema meanwhile: what was found by those that went before, mistakes too, says nothing then.

use super::plan::{Refusal, TRIES, lost_race};
use super::read::load_record;
use crate::error::{Error, Result};
use crate::model::{Caller, Collection, Record};
use crate::tenant::contests::Held;
use crate::tenant::{Cx, turnover};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;

/// How often something is done anew at most because the schema changes meanwhile.
pub(super) const TURNS: usize = 8;

/// How often whoever has a turn in a contest may lose: only those who had begun before it was there can be faster.
const TRIES_IN_TURN: usize = 16;

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
    /// The collections that it writes, by their ids, and the turns that it has there.
    targets: Vec<String>,
    contest: Vec<Held>,
}

impl<'a> Tries<'a> {
    pub(super) fn of(cx: &'a Cx) -> Self {
        Self::by(Cow::Borrowed(cx))
    }

    /// The tries of a write to collections, named by their ids: it waits for others who have lost a race there, and takes turns with them once it
    /// has lost one itself.
    pub(super) async fn of_write(cx: &'a Cx, targets: &[&str]) -> Self {
        let targets: Vec<String> = targets.iter().map(|id| (*id).to_owned()).collect();
        cx.tenant.contests.pass(&targets).await;
        Self { targets, ..Self::of(cx) }
    }

    /// The tries of an operation that nobody else has, which writes many times to a collection: it takes turns there once it has lost a race.
    pub(super) fn of_own(cx: Cx, target: &str) -> Tries<'static> {
        Tries { targets: vec![target.to_owned()], ..Tries::by(Cow::Owned(cx)) }
    }

    fn by(cx: Cow<'a, Cx>) -> Self {
        Self { cx, races: 0, turns: 0, still: None, targets: Vec::new(), contest: Vec::new() }
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
    /// Why the write is refused for good: `Conflict` after three lost races, or [`TRIES_IN_TURN`], else what refused it; and as [`Tries::turn`].
    pub(super) async fn again(&mut self, why: Refusal) -> Result<()> {
        if self.turn().await? {
            return Ok(());
        }
        match why {
            Refusal::Conflict => self.races += 1,
            Refusal::Error(error) => return Err(error),
        }
        if self.races == 1 && !self.targets.is_empty() {
            // Nobody who waits keeps the schema still.
            self.still = None;
            self.contest = self.cx.tenant.contests.enter(&self.targets).await;
        }
        let most = if self.contest.is_empty() { TRIES } else { TRIES_IN_TURN };
        if self.races < most { Ok(()) } else { Err(lost_race()) }
    }

    /// It is written: what is still to be done keeps nobody waiting.
    pub(super) fn leave(&mut self) {
        self.contest.clear();
        self.still = None;
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
    pub(super) async fn begin_anew(&mut self) {
        (self.races, self.turns) = (0, 0);
        self.leave();
        self.cx.tenant.contests.pass(&self.targets).await;
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
