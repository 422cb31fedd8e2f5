//! A plan collects what one request will write: guards, rows, outbox rows and the changes to publish.
//! Committing it is one unit of work, all or nothing.

use crate::db::{Failure, Guard, Unique, Unit};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Action, Caller, Change, Collection, Record, date, index::Index};
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::json;
use std::sync::Arc;

/// Who lost a race three times is told so.
pub(super) const TRIES: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Plan {
    unit: Unit,
    changes: Vec<Change>,
    leaves_none: Vec<Sql>,
    /// Names of auth collections' rows and other collections touched, to map unique violations.
    collections: Vec<Arc<Collection>>,
    wakes_outbox: bool,
}

/// Why a plan was not committed.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The row or what it depends on changed since it was read: try again.
    Conflict,
    /// A relation points at nothing; the caller works out which.
    Relation,
    Error(Error),
}

impl Plan {
    /// A SELECT that must find a row when the plan is carried out, else `refusal`.
    pub(super) fn must_find(&mut self, sql: Sql, refusal: Refusal) {
        self.unit.guard(sql, Guard::SomeRow, refusal.into_error());
    }

    /// A SELECT that must find nothing once everything else of the plan is done, else the plan lost a race.
    pub(super) fn must_leave_none(&mut self, sql: Sql) {
        self.leaves_none.push(sql);
    }

    /// A statement that must change exactly one row, else the plan lost a race.
    pub(super) fn change_one(&mut self, sql: Sql) {
        self.unit.run_expecting(sql, 1, Refusal::Conflict.into_error());
    }

    /// Notes a change: it goes to the outbox within the commit and to the followers after it.
    pub(super) fn note(&mut self, cx: &Cx, action: Action, before: Option<Arc<Record>>, after: Option<Arc<Record>>) {
        let change = Change { action, before, after };
        let collection = change.subject().collection.clone();
        for attachment in cx.tenant.hooks().after(&collection.id, action) {
            self.unit.run(outbox_row(cx, &attachment, &change));
            self.wakes_outbox = true;
        }
        if !self.collections.iter().any(|known| known.id == collection.id) {
            self.collections.push(collection);
        }
        self.changes.push(change);
    }

    /// Writes everything in one transaction; followers hear of it after the commit.
    pub(super) async fn commit(self, cx: &Cx) -> Result<(), Refusal> {
        let Self { mut unit, changes, leaves_none, collections, wakes_outbox } = self;
        for sql in leaves_none {
            unit.guard(sql, Guard::NoRow, Refusal::Conflict.into_error());
        }
        let tenant = cx.tenant.clone();
        unit.after_commit(move |_| {
            for change in changes {
                tenant.changes.publish(change);
            }
            if wakes_outbox {
                tenant.outbox_bell.notify_one();
            }
        });
        match cx.tenant.store.write(unit).await {
            Ok(_) => Ok(()),
            Err(failure) => Err(refusal(failure, &collections)),
        }
    }
}

/// Guards carry these as marks, because a unit answers with the error of the guard that failed.
const CONFLICT_MARK: &str = "write_conflict";
const RELATION_MARK: &str = "relation_missing";

impl Refusal {
    fn into_error(self) -> Error {
        match self {
            Self::Conflict => Error::Conflict(CONFLICT_MARK.into()),
            Self::Relation => Error::Conflict(RELATION_MARK.into()),
            Self::Error(error) => error,
        }
    }
}

fn refusal(failure: Failure, collections: &[Arc<Collection>]) -> Refusal {
    match failure {
        Failure::Refused(Error::Conflict(mark)) if mark == CONFLICT_MARK => Refusal::Conflict,
        Failure::Refused(Error::Conflict(mark)) if mark == RELATION_MARK => Refusal::Relation,
        Failure::Unique(unique) => Refusal::Error(not_unique(&unique, collections)),
        other => Refusal::Error(other.into_error()),
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
    let (kind, id, collection) = caller_of(&cx.caller);
    let event = json!({
        "before": change.before.as_deref().map(Record::to_json_values),
        "after": change.after.as_deref().map(Record::to_json_values),
        "caller": [kind, id, collection],
        "requestId": cx.facts.id,
        "depth": cx.depth,
    });
    let mut sql =
        Sql::new("INSERT INTO _outbox (id, attachment, collection, record, action, event, due_ms, created) VALUES (");
    sql.bind(cx.tenant.world.id()).push(", ").bind(attachment).push(", ");
    sql.bind(subject.collection.id.as_str()).push(", ").bind(subject.id()).push(", ");
    sql.bind(change.action.name()).push(", ").bind(event.to_string()).push(", ");
    sql.bind(cx.now_ms).push(", ").bind(date::format(cx.now_ms)).push(")");
    sql
}

fn caller_of(caller: &Caller) -> (&'static str, String, String) {
    let record = caller.record();
    let id = match caller {
        Caller::Plugin { name } => name.clone(),
        _ => record.map(|record| record.id().to_owned()).unwrap_or_default(),
    };
    (caller.kind(), id, record.map(|record| record.collection.name.clone()).unwrap_or_default())
}
