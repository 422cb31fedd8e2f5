//! Which events are delivered next.
//!
//! Of a receiver that is switched off or fails there may be a hundred thousand, and this is asked every second. So it goes from one kind of
//! events (an attachment and an action) that waits to the next, by an index, passes over those whose turn it is not, and reads
//! only what will be delivered.

use super::{Line, Row, TURN_ROWS};
use crate::db::Snapshot;
use crate::error::Result;
use crate::model::Action;
use crate::sql::Sql;
use crate::tenant::Tenant;

/// The events of an attachment that tell of one action, which is as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kind {
    attachment: String,
    action: String,
}

/// Due rows that have no older row before them in their line that waits, of lines that are not worked on and attachments that
/// do not rest, and none that are withheld. In their order.
pub(super) async fn due(tenant: &Tenant, busy: &[Line], resting: &[String]) -> Result<Vec<Row>> {
    let now = tenant.world.now_ms();
    let withheld = tenant.hooks().withheld(now);
    let is_withheld =
        |attachment: &str, action: &str| withheld.iter().any(|(of, what)| of == attachment && what.name() == action);
    tenant
        .store
        .read(move |snapshot| {
            let mut numbers = Vec::new();
            let mut last = None;
            while let Some(kind) = kind_after(snapshot, last.as_ref())? {
                let passed = is_withheld(&kind.attachment, &kind.action) || resting.contains(&kind.attachment);
                if !passed {
                    let select = due_of(&kind, now, busy, |action| is_withheld(&kind.attachment, action.name()));
                    snapshot.rows(&select, |row| {
                        numbers.push(row.integer(0));
                        Ok(())
                    })?;
                }
                last = Some(kind);
            }
            numbers.sort_unstable();
            numbers.truncate(usize::try_from(TURN_ROWS).unwrap_or(usize::MAX));
            events(snapshot, &numbers)
        })
        .await
}

/// The kind of which something waits that comes after another one.
fn kind_after(snapshot: &mut Snapshot<'_>, last: Option<&Kind>) -> Result<Option<Kind>> {
    for select in next_kind(last) {
        let found = snapshot
            .one(&select, |row| Ok(Kind { attachment: row.text(0).to_owned(), action: row.text(1).to_owned() }))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Where to look for it, one after the other. In one statement the engine would go through all events of the attachment.
fn next_kind(last: Option<&Kind>) -> Vec<Sql> {
    let mut first = Sql::new("SELECT attachment, action FROM _outbox WHERE due_ms IS NOT NULL");
    let Some(Kind { attachment, action }) = last else {
        first.push(" ORDER BY attachment, action LIMIT 1");
        return vec![first];
    };
    let mut next = first.clone();
    first.push(" AND attachment = ").bind(attachment.as_str()).push(" AND action > ").bind(action.as_str());
    first.push(" ORDER BY action LIMIT 1");
    next.push(" AND attachment > ").bind(attachment.as_str()).push(" ORDER BY attachment, action LIMIT 1");
    vec![first, next]
}

/// The numbers of the next due events of a kind.
fn due_of(kind: &Kind, now_ms: i64, busy: &[Line], is_withheld: impl Fn(Action) -> bool) -> Sql {
    let mut sql = Sql::new("SELECT seq FROM _outbox AS row WHERE row.attachment = ");
    sql.bind(kind.attachment.as_str()).push(" AND row.action = ").bind(kind.action.as_str());
    sql.push(" AND row.due_ms <= ").bind(now_ms);
    for (_, collection, record) in busy.iter().filter(|(attachment, ..)| *attachment == kind.attachment) {
        sql.push(" AND NOT (row.collection = ").bind(collection.as_str());
        sql.push(" AND row.record = ").bind(record.as_str()).push(")");
    }
    sql.push(
        " AND NOT EXISTS (SELECT 1 FROM _outbox AS older WHERE older.attachment = row.attachment AND older.collection = row.collection \
         AND older.record = row.record AND older.seq < row.seq AND (older.due_ms > ",
    );
    sql.bind(now_ms);
    for action in [Action::Create, Action::Update, Action::Delete].into_iter().filter(|action| is_withheld(*action)) {
        sql.push(" OR older.due_ms IS NOT NULL AND older.action = ").bind(action.name());
    }
    sql.push(")) ORDER BY row.seq LIMIT ").bind(TURN_ROWS);
    sql
}

fn events(snapshot: &mut Snapshot<'_>, numbers: &[i64]) -> Result<Vec<Row>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql =
        Sql::new("SELECT seq, id, attachment, collection, record, action, event, attempts FROM _outbox WHERE seq IN (");
    for (index, number) in numbers.iter().enumerate() {
        sql.push(if index == 0 { "" } else { ", " }).bind(*number);
    }
    sql.push(") ORDER BY seq");
    let mut rows = Vec::new();
    snapshot.rows(&sql, |row| {
        let action = match row.text(5) {
            "create" => Action::Create,
            "update" => Action::Update,
            _ => Action::Delete,
        };
        rows.push(Row {
            seq: row.integer(0),
            id: row.text(1).to_owned(),
            attachment: row.text(2).to_owned(),
            collection: row.text(3).to_owned(),
            record: row.text(4).to_owned(),
            action,
            event: row.text(6).to_owned(),
            attempts: row.integer(7),
        });
        Ok(())
    })?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Options, Store, Threads, migrations};

    /// How the engine goes about a statement.
    async fn plan(store: &Store, of: Sql) -> String {
        let mut explain = Sql::new("EXPLAIN QUERY PLAN ");
        explain.append(of);
        let mut steps = Vec::new();
        let read = store.read(|snapshot| {
            snapshot.rows(&explain, |row| {
                steps.push(row.text(3).to_owned());
                Ok(())
            })
        });
        read.await.unwrap();
        steps.join("\n")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_waits_is_found_by_an_index_and_not_by_looking_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.db");
        let threads = Threads::start(1).unwrap();
        let store = Store::open(&path, Options::default(), &threads, migrations::TENANT).unwrap();
        let kind = Kind { attachment: "a".to_owned(), action: "create".to_owned() };
        let busy = [("a".to_owned(), "c".to_owned(), "r".to_owned()), ("b".to_owned(), "c".to_owned(), "r".to_owned())];
        let [same, other] = <[Sql; 2]>::try_from(next_kind(Some(&kind))).unwrap();
        for (sql, bounds) in [
            (next_kind(None).remove(0), ""),
            (same, " (attachment=? AND action>?)"),
            (other, " (attachment>?)"),
            (due_of(&kind, 1, &busy, |_| true), " (attachment=? AND action=?)"),
        ] {
            let plan = plan(&store, sql).await;
            let first = plan.lines().next().unwrap();
            assert!(first.ends_with(&format!("USING COVERING INDEX _outbox_waiting{bounds}")), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
        let older = plan(&store, due_of(&kind, 1, &[], |_| false)).await;
        assert!(older.contains("SEARCH older USING INDEX _outbox_record"), "{older}");
    }
}
