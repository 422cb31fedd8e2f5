//! A plan collects what one request will write: guards, rows, outbox rows and the changes to publish.
//! Committing it is one unit of work, all or nothing.
//!
//! A plan may have several parts (the requests of a batch, the rows of a bulk write). Each step knows its
//! part, so that a refusal at the commit is reported for the part that caused it.

use super::lookup::ANY;
use super::messages::{self, Message};
use super::overlay::{Overlay, PartSight};
use super::{dependents, read, relations, uploads};
use crate::activity;
use crate::db::{Failure, Guard, Outcome, Slot, Unique, Unit};
use crate::error::{Error, FieldErrors, Result, code};
use crate::files::{Key, Pending, Placed, journal};
use crate::mail::Promised;
use crate::model::{Action, Change, Collection, Record, date, index::Index};
use crate::schema::catalog::SCHEMA;
use crate::sql::Sql;
use crate::tenant::hooks::{ReadAt, Touched};
use crate::tenant::{Cx, Tenant, history};
use serde_json::json;
use std::sync::Arc;

/// Who lost a race three times, and has no turn, is told so.
pub(super) const TRIES: usize = 3;

/// Why one request cannot both write a collection and have hooks that read it.
const READS_OWN_WRITES: &str =
    "A plugin reads what an earlier write of the same request changes. Send them one by one.";

const TOO_MANY_WRITES: &str = "Plugins ask for too many writes with this one.";

/// Steps from which on a plan has a transaction, and the time for one, to itself.
const STEPS_TOGETHER: usize = 1_000;

/// Changes that the questions of what plugins ask for in their callers' names may have made and taken back in one plan: each
/// is asked after all changes before it, and the only writer is held as long as that takes. A call that queues as many writes
/// as it may needs a tenth.
const REHEARSED_MAX: usize = 20_000;

/// Steps of a plan that grows along references.
const STEPS_MAX: usize = 50_000;

/// Bytes of the rows that such a plan has read, roughly.
const ROWS_BYTES_MAX: usize = 64 << 20;

/// The same, from which on a plan is full if there can be another one.
const ROWS_BYTES_TOGETHER: usize = 8 << 20;

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing that the commit does")]
pub(super) struct Plan {
    steps: Vec<Step>,
    /// Of the rows that were read along references.
    bytes: usize,
    /// The part that is being planned.
    part: usize,
    /// The part that kept a later one from being planned.
    blamed: Option<usize>,
    /// What must find nothing once the part is complete, and as of when it found nothing else than what the plan changes.
    leaves_none: Vec<(Sql, ReadAt)>,
    overlay: Overlay,
    changes: Vec<Change>,
    /// Of each change which plugins had a part in it.
    involved: Vec<activity::Involved>,
    /// The collections that are written, to map unique violations.
    collections: Vec<Arc<Collection>>,
    wakes_outbox: bool,
    /// A mail is promised.
    promises_mail: bool,
    messages: Vec<Message>,
    /// Changes that were made and taken back for plugins.
    rehearsed: usize,
    /// A hook wanted to read what the plan changes.
    reads_itself: bool,
    /// What is planned turned out not to be possible any more while the rest was being planned.
    lost: bool,
    /// Carried out to see whether it could be, and then taken back.
    is_trial: bool,
    /// Files that are stored before the commit.
    files: Vec<Placed>,
    dooms_files: bool,
}

#[derive(Debug)]
struct Step {
    sql: Sql,
    demand: Demand,
    part: usize,
}

/// What a step must achieve.
#[derive(Debug)]
enum Demand {
    Nothing,
    /// Exactly one row changes, else a race was lost.
    OneRow,
    SomeRow(Otherwise),
    /// No row is found, else a race was lost; nobody need look when the collection is as it was read.
    NoRow(ReadAt),
    /// What a hook has read is still so, else a race was lost.
    AsRead(ReadAt),
    /// Rows go, whichever there are.
    Remove(Arc<Collection>),
}

/// Why a SELECT that must find a row did not.
#[derive(Debug)]
pub(super) enum Otherwise {
    /// The row or what it depends on changed since it was read: try again.
    Conflict,
    /// This record points at something that is not there.
    Relation(Arc<Record>),
    Error(Error),
}

/// What follows a commit.
struct Aftermath {
    changes: Vec<Change>,
    /// Where the numbers of the changes will be.
    kept: Option<Slot>,
    removed: Removed,
    messages: Vec<Message>,
    request_id: String,
    wakes_outbox: bool,
    promises_mail: bool,
    dooms_files: bool,
}

impl Aftermath {
    fn happen(self, tenant: &Tenant, outcome: &Outcome) {
        let first = self.kept.and_then(|kept| history::first(outcome, kept));
        let gone = self.removed.iter().flat_map(|(of, slot)| dependents::gone(of, outcome.rows(*slot)));
        tenant.changes.publish(first, self.changes, gone.collect());
        messages::send(tenant, &self.request_id, self.messages);
        if self.wakes_outbox {
            tenant.outbox_bell.notify_one();
        }
        if self.promises_mail {
            tenant.mail.ring();
        }
        if self.dooms_files {
            tenant.files.ring();
        }
    }
}

/// Why a plan was not committed, and which part of it is to blame.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) part: usize,
    pub(super) why: Refusal,
}

#[derive(Debug)]
pub(super) enum Refusal {
    /// Try again.
    Conflict,
    Error(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Refusal {
    /// Says it under the message of the whole write.
    pub(super) fn with_message(self, message: &'static str) -> Self {
        match self {
            Self::Conflict => Self::Conflict,
            Self::Error(error) => Self::Error(error.with_message(message)),
        }
    }
}

impl Plan {
    /// A plan whose commit has no effect.
    pub(super) fn trial() -> Self {
        Self { is_trial: true, ..Self::default() }
    }

    pub(super) fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// What follows belongs to another part.
    pub(super) fn begin_part(&mut self, part: usize) {
        self.end_part();
        self.part = part;
    }

    fn end_part(&mut self) {
        for (sql, read) in std::mem::take(&mut self.leaves_none) {
            self.push(sql, Demand::NoRow(read));
        }
    }

    /// What the plan will have made of the records it writes.
    pub(super) fn overlay(&self) -> &Overlay {
        &self.overlay
    }

    /// The same as the part at hand sees it.
    pub(super) fn sight(&self) -> PartSight<'_> {
        PartSight { overlay: &self.overlay, part: self.part }
    }

    /// What may still be read along references: so many rows, and so many bytes of them.
    pub(super) fn room(&self) -> (usize, usize) {
        (STEPS_MAX.saturating_sub(self.steps.len()), ROWS_BYTES_MAX.saturating_sub(self.bytes))
    }

    /// Whether it does so much already that what else is to be done is better done by another plan.
    pub(super) fn is_full(&self) -> bool {
        self.steps.len() >= STEPS_TOGETHER || self.bytes >= ROWS_BYTES_TOGETHER
    }

    /// Counts rows that were read along references.
    pub(super) fn hold(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// Whether nothing has been planned that would change a row.
    pub(super) fn is_blank(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether it changes this record.
    pub(super) fn changes(&self, record: Option<&Arc<Record>>) -> bool {
        record.is_some_and(|record| self.overlay.get(&record.collection, record.id()).is_some())
    }

    /// Whether planning failed only because somebody else was faster: worth another try.
    pub(super) fn is_lost(&self) -> bool {
        self.lost
    }

    /// Why there is no plan.
    pub(super) fn refusal(&self, error: Error) -> Refusal {
        if self.lost { Refusal::Conflict } else { Refusal::Error(error) }
    }

    /// A SELECT that must find a row when the plan is carried out.
    pub(super) fn must_find(&mut self, sql: Sql, otherwise: Otherwise) {
        self.push(sql, Demand::SomeRow(otherwise));
    }

    /// A SELECT from one collection that must find nothing once everything else of the part is done, else the plan lost a
    /// race. As of `read` it found nothing but what the plan changes.
    pub(super) fn must_leave_none(&mut self, sql: Sql, read: ReadAt) {
        self.leaves_none.push((sql, read));
    }

    /// A statement that must change exactly one row, else the plan lost a race.
    pub(super) fn change_one(&mut self, sql: Sql) {
        self.push(sql, Demand::OneRow);
    }

    /// A DELETE of the server's own that belongs to the same commit, whichever rows it finds: those who listen are told.
    pub(super) fn remove(&mut self, cx: &Cx, of: Arc<Collection>, mut sql: Sql) {
        sql.push(" RETURNING ").append(cx.catalog.columns(&of));
        self.push(sql, Demand::Remove(of));
    }

    /// A mail that is promised by the commit.
    pub(super) fn promise_mail(&mut self, mail: Promised) {
        self.push(mail.into_sql(), Demand::Nothing);
        self.promises_mail = true;
    }

    /// A message to the subscribers of a topic, once everything is committed.
    pub(super) fn publish(&mut self, plugin: String, topic: String, data: serde_json::Value) {
        self.messages.push(Message { plugin, topic, data });
    }

    /// What a hook has read must still be so when the plan is carried out.
    ///
    /// # Errors
    /// `Invalid` when the plan itself has changed it: hooks read what is committed, so this one has decided by what
    /// will not be so.
    pub(super) fn depend_on(&mut self, reads: Vec<ReadAt>) -> Result<()> {
        for read in reads {
            if self.collections.iter().any(|written| written.id == read.collection || read.collection == ANY) {
                self.reads_itself = true;
                return Err(Error::invalid(READS_OWN_WRITES));
            }
            self.push(Sql::new(""), Demand::AsRead(read));
        }
        Ok(())
    }

    fn push(&mut self, sql: Sql, demand: Demand) {
        self.steps.push(Step { sql, demand, part: self.part });
    }

    /// A file that a row of the plan names.
    pub(super) fn store_file(&mut self, file: Placed) {
        self.files.push(file);
    }

    /// A file of the plan is a copy of an upload that waits in the bucket: it is good for one record.
    pub(super) fn take_upload(&mut self, waiting: &Key, now_ms: i64, otherwise: Error) {
        self.must_find(journal::waits(waiting, now_ms), Otherwise::Error(otherwise));
        self.change_one(journal::take(waiting, now_ms));
        self.dooms_files = true;
    }

    /// Notes a change: it goes to the outbox within the commit and to the followers after it.
    pub(super) fn note(&mut self, cx: &Cx, action: Action, before: Option<Arc<Record>>, after: Option<Arc<Record>>) {
        self.note_touched(cx, action, (before, after), Vec::new());
    }

    /// The same of a change that before-hooks had a part in.
    pub(super) fn note_touched(
        &mut self,
        cx: &Cx,
        action: Action,
        (before, after): (Option<Arc<Record>>, Option<Arc<Record>>),
        touched: Vec<Touched>,
    ) {
        let change = Change { action, before, after };
        let collection = change.subject().collection.clone();
        for attachment in cx.hooks().after(&collection.id, action) {
            self.push(outbox_row(cx, &attachment, &change), Demand::Nothing);
            self.wakes_outbox = true;
        }
        for (of, sql) in dependents::statements(cx, &change) {
            self.remove(cx, of, sql);
        }
        for key in uploads::dropped(&change) {
            self.push(journal::doom(&key, cx.now_ms), Demand::Nothing);
            self.dooms_files = true;
        }
        if !self.collections.iter().any(|known| known.id == collection.id) {
            self.collections.push(collection);
        }
        self.overlay.note(&change, self.part);
        self.changes.push(change);
        self.involved.push(activity::Involved { through: cx.through.clone(), touched });
    }

    /// The part to blame when planning fails: the one at hand, unless an earlier one is found not to go through.
    pub(super) fn blamed(&self) -> usize {
        self.blamed.unwrap_or(self.part)
    }

    /// Whether a SELECT finds a row after what is planned so far.
    ///
    /// # Errors
    /// When what is planned so far cannot be carried out; see [`Plan::blamed`].
    pub(super) async fn would_find(&mut self, cx: &Cx, select: &Sql) -> Result<bool> {
        if self.is_blank() {
            return cx.tenant.store.read(|snapshot| read::is_some(snapshot, select)).await;
        }
        if cx.through.is_some() {
            self.rehearsed = self.rehearsed.saturating_add(self.changes.len());
            if self.rehearsed > REHEARSED_MAX {
                return Err(Error::field(TOO_MANY_WRITES, "plugin", code::PLUGIN_TOO_MANY_WRITES));
            }
        }
        self.rehearse(cx, select.clone()).await.map_err(|Refused { part, why }| {
            self.blamed = Some(part);
            match why {
                Refusal::Conflict => {
                    self.lost = true;
                    lost_race()
                }
                Refusal::Error(error) => error,
            }
        })
    }

    /// Makes the changes in a transaction, asks, and undoes them.
    async fn rehearse(&self, cx: &Cx, select: Sql) -> Result<bool, Refused> {
        let mut unit = Unit::new();
        let trace = unit.trace();
        let changes = self.steps.iter().filter(|step| matches!(step.demand, Demand::OneRow));
        let parts: Vec<usize> = changes.clone().map(|step| step.part).collect();
        for step in changes {
            unit.run_expecting(step.sql.clone(), 1, undone());
        }
        unit.guard(select, Guard::SomeRow, undone());
        unit.guard(Sql::new("SELECT 1"), Guard::NoRow, undone());
        let failure = match cx.tenant.store.write(unit).await {
            Ok(_) => Failure::Refused(Error::internal("rehearse a plan", "its end was not refused")),
            Err(failure) => failure,
        };
        let step = trace.step().unwrap_or(usize::MAX);
        match (failure, parts.get(step)) {
            (Failure::Refused(_), None) if step == parts.len() => Ok(false),
            (Failure::Refused(_), None) if step == parts.len() + 1 => Ok(true),
            (Failure::Refused(_), Some(part)) => Err(Refused { part: *part, why: Refusal::Conflict }),
            (failure, part) => {
                let part = part.copied().unwrap_or(self.part);
                Err(Refused { part, why: Refusal::Error(into_error(failure, &self.collections)) })
            }
        }
    }

    /// Whether the plan failed only because its parts are in one transaction.
    pub(super) fn reads_itself(&self) -> bool {
        self.reads_itself
    }

    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Writes everything in one transaction; followers hear of it after the commit.
    pub(super) async fn commit(mut self, cx: &Cx) -> Result<(), Refused> {
        self.end_part();
        let stored = match self.store_files(cx).await {
            Ok(stored) => stored,
            Err(error) => return Err(Refused { part: self.part, why: Refusal::Error(error) }),
        };
        let Self {
            steps,
            part,
            overlay,
            changes,
            involved,
            collections,
            wakes_outbox,
            promises_mail,
            messages,
            is_trial,
            dooms_files,
            ..
        } = self;
        let alone = steps.len() >= STEPS_TOGETHER;
        let mut unit = Unit::new();
        let trace = unit.trace();
        // By the catalog of its request: the statements of another schema would be other ones.
        unit.expect_untouched(SCHEMA, cx.catalog.moment(), lost_race());
        let (mut demands, removed) = add_steps(&mut unit, steps, &collections);
        demands.insert(0, (Demand::Nothing, part));
        let kept = add_traces(&mut unit, cx, (&changes, &involved), is_trial);
        let tenant = cx.tenant.clone();
        for collection in &collections {
            unit.touch(&collection.id).touch(ANY);
        }
        let request_id = if messages.is_empty() { String::new() } else { cx.facts.id.clone() };
        let aftermath =
            Aftermath { changes, kept, removed, messages, request_id, wakes_outbox, promises_mail, dooms_files };
        unit.after_commit(move |outcome| aftermath.happen(&tenant, outcome));
        let store = &cx.tenant.store;
        let written = if alone { store.write_alone(unit).await } else { store.write(unit).await };
        let Err(failure) = written else {
            stored.map(Pending::done).unwrap_or_default();
            return Ok(());
        };
        if is_trial && trace.step() == Some(demands.len()) {
            return Ok(());
        }
        let broke_at = trace.step().filter(|step| *step < demands.len()).map(|step| demands.swap_remove(step));
        let (demand, part) = broke_at.unwrap_or((Demand::Nothing, part));
        let why = match (failure, demand) {
            (Failure::Refused(_), Demand::SomeRow(Otherwise::Error(error))) => Refusal::Error(error),
            (Failure::Refused(_), Demand::SomeRow(Otherwise::Relation(record))) => {
                relations::explain(cx, &record, PartSight { overlay: &overlay, part }).await
            }
            (Failure::Refused(_), _) => Refusal::Conflict,
            (failure, _) => Refusal::Error(into_error(failure, &collections)),
        };
        Err(Refused { part, why })
    }

    /// Stores the plan's files. Its unit begins with the confirmation that they are still there, so that a
    /// later step may drop them again.
    async fn store_files(&mut self, cx: &Cx) -> Result<Option<Pending>> {
        if self.files.is_empty() || self.is_trial {
            return Ok(None);
        }
        let stored = cx.tenant.files.place_all(std::mem::take(&mut self.files)).await?;
        let part = self.part;
        let settle = stored.settle().map(|sql| Step { sql, demand: Demand::OneRow, part });
        self.steps.splice(..0, settle);
        Ok(Some(stored))
    }
}

/// What each step must achieve, for which part.
type Demands = Vec<(Demand, usize)>;
/// Where the rows will be that were removed.
type Removed = Vec<(Arc<Collection>, Slot)>;

fn add_steps(unit: &mut Unit, steps: Vec<Step>, written: &[Arc<Collection>]) -> (Demands, Removed) {
    let mut demands = Vec::with_capacity(steps.len());
    let mut removed = Vec::new();
    for Step { sql, demand, part } in steps {
        match &demand {
            Demand::Nothing => drop(unit.run(sql)),
            Demand::Remove(of) => removed.push((of.clone(), unit.query(sql))),
            Demand::OneRow => drop(unit.run_expecting(sql, 1, undone())),
            Demand::SomeRow(_) => drop(unit.guard(sql, Guard::SomeRow, undone())),
            Demand::NoRow(read) if written.iter().any(|collection| collection.id == read.collection) => {
                unit.guard(sql, Guard::NoRow, undone());
            }
            Demand::NoRow(ReadAt { collection, moment }) => {
                unit.guard_if_touched(collection, *moment, sql, Guard::NoRow, undone());
            }
            Demand::AsRead(ReadAt { collection, moment }) => {
                unit.expect_untouched(collection, *moment, undone());
            }
        }
        demands.push((demand, part));
    }
    (demands, removed)
}

/// Adds what the changes leave behind in the audit trail and in the history; answers with where the numbers of these will
/// be. A trial leaves nothing.
fn add_traces(
    unit: &mut Unit,
    cx: &Cx,
    (changes, involved): (&[Change], &[activity::Involved]),
    is_trial: bool,
) -> Option<Slot> {
    if is_trial {
        // Fails when all else went well, which takes everything back.
        unit.guard(Sql::new("SELECT 1"), Guard::NoRow, undone());
        return None;
    }
    for entry in activity::of_changes(cx, changes, involved) {
        unit.run(entry);
    }
    history::record(unit, changes, cx.tenant.changes.base(), cx.now_ms)
}

/// Stands in a unit for its refusals: which one it was is told by the place where the unit broke off.
fn undone() -> Error {
    Error::Conflict("The plan was refused.".into())
}

pub(super) fn lost_race() -> Error {
    Error::Conflict("The record was changed by others at the same time. Please try again.".into())
}

fn into_error(failure: Failure, collections: &[Arc<Collection>]) -> Error {
    match failure {
        Failure::Unique(unique) => not_unique(&unique, collections),
        other => other.into_error(),
    }
}

/// Every column of the violated index gets the error, as `PocketBase` does.
fn not_unique(unique: &Unique, collections: &[Arc<Collection>]) -> Error {
    let mut fields = FieldErrors::default();
    for column in &unique.columns {
        fields.add(column, code::NOT_UNIQUE);
    }
    // An index over expressions is reported by its name only.
    if let Some(name) = &unique.index {
        let indexes = collections.iter().flat_map(|collection| &collection.indexes);
        let definition = indexes.filter_map(|text| Index::parse(text)).find(|index| index.name == *name);
        for column in definition.iter().flat_map(Index::column_names) {
            fields.add(&column, code::NOT_UNIQUE);
        }
    }
    Error::Invalid { message: "Failed to create record.".into(), fields }
}

fn outbox_row(cx: &Cx, attachment: &str, change: &Change) -> Sql {
    let subject = change.subject();
    let (kind, id) = (cx.caller.kind(), cx.caller.id());
    let collection = cx.caller.record().map_or("", |record| &record.collection.name);
    let lends = cx.lends();
    // By its id: another collection may have that name when it comes to it.
    let lent_of = lends.record().map_or("", |record| &record.collection.id);
    let event = json!({
        "before": change.before.as_deref().map(Record::to_json_values),
        "after": change.after.as_deref().map(Record::to_json_values),
        "caller": [kind, id, collection],
        "lends": [lends.kind(), lends.id(), lent_of],
        "requestId": cx.facts.id,
        "depth": cx.depth,
        "through": cx.through.as_deref(),
    });
    let mut sql =
        Sql::new("INSERT INTO _outbox (id, attachment, collection, record, action, event, due_ms, created) VALUES (");
    sql.bind(cx.tenant.world.id()).push(", ").bind(attachment).push(", ");
    sql.bind(subject.collection.id.as_str()).push(", ").bind(subject.id()).push(", ");
    sql.bind(change.action.name()).push(", ").bind(event.to_string()).push(", ");
    sql.bind(cx.now_ms).push(", ").bind(date::format(cx.now_ms)).push(")");
    sql
}
