//! SQL that superusers type: one statement on the tenant's database.
//!
//! What reads, runs on a connection that can do nothing else; what writes has to be asked for (`write`), reaches the
//! rows of collections and nothing else, and is in the audit trail. Hooks and realtime do not hear of it. Secrets are
//! NULL here, and the schema stays: it is changed with `collections`, so that the catalog is never wrong.

use crate::activity;
use crate::db::console::{Budget, Column, Console, Rights, Table};
use crate::db::{Failure, Unit};
use crate::error::{Error, Result, code};
use crate::model::quotes;
use crate::schema::catalog::Catalog;
use crate::sql::{Sql, ValueRef};
use crate::tasks;
use crate::tenant::{Cx, history};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Longest statement, in characters.
const QUERY_MAX: usize = 5_000;

/// How long it may take to find out what texts in double quotes are meant to be; the schema waits for it.
const SETTLE: Duration = Duration::from_secs(2);

/// What a statement may cost.
const BUDGET: Budget = Budget { time: Duration::from_secs(30), rows: 1_000, bytes: 8 << 20 };

/// Tables of the system that hold no secret. The columns of all others are NULL, also of those to come.
const OPEN: [&str; 7] =
    ["_activity", "_collections", "_files", "_grants", "_plugin_versions", "_plugins", "_system_migrations"];

/// What is secret in them: keys that sign tokens, and the secrets of providers.
const HIDDEN: [(&str, &str); 1] = [("_collections", "options")];

/// What depends on any record at all; see `records`.
const ANY: &str = "*";

const FAILED: &str = "Failed to execute query.";

/// Runs `{query, write?}` and answers with `{execTime, affectedRows, columns, rows, truncated}`.
///
/// # Errors
/// `Invalid` with the engine's words, or why it may not be; `Unavailable` after the time or when others are at it.
pub async fn run(cx: &Cx, input: &Map<String, Json>) -> Result<Json> {
    let query = input.get("query").and_then(Json::as_str).unwrap_or_default().trim();
    if query.is_empty() {
        return Err(Error::field(FAILED, "query", code::REQUIRED));
    }
    if query.chars().count() > QUERY_MAX {
        let error = code::LENGTH_OUT_OF_RANGE.with([("min", 1.into()), ("max", QUERY_MAX.into())]);
        return Err(Error::field(FAILED, "query", error));
    }
    if query.contains('\0') {
        return Err(Error::field(FAILED, "query", code::INVALID_VALUE));
    }
    let write = match input.get("write") {
        None | Some(Json::Null) => false,
        Some(Json::Bool(write)) => *write,
        Some(_) => return Err(Error::field(FAILED, "write", code::INVALID_VALUE)),
    };
    let began = Instant::now();
    let query = query.to_owned();
    let (table, affected) =
        if write { change(cx, query).await } else { read(cx, query).await.map(|table| (table, 0)) }?;
    let columns =
        table.columns.iter().map(|Column { name, kind }| json!({"name": name, "type": kind, "nullable": true}));
    Ok(json!({
        "affectedRows": affected,
        "columns": columns.collect::<Vec<_>>(),
        "execTime": u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        "rows": table.rows,
        "truncated": table.cut,
    }))
}

/// On a thread that may wait. Whoever goes away takes the statement with them.
async fn read(cx: &Cx, query: String) -> Result<Table> {
    let (store, rights) = (cx.tenant.store.clone(), rights(&cx.catalog, false));
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let work = tasks::blocking(move || {
        let (console, _turn) = store.console(rights)?;
        // Nobody waits any more: then the handle is dropped at once, which interrupts nothing yet.
        if sender.send(console.stop()).is_err() {
            return Err(Failure::Deadline);
        }
        console.read(&settled(&console, query), BUDGET)
    });
    let guarded = async {
        let mut work = std::pin::pin!(work);
        // Held until the end, or until this future is dropped.
        let mut stop = None;
        let mut receiver = std::pin::pin!(receiver);
        loop {
            tokio::select! {
                done = &mut work => return done,
                handle = &mut receiver, if stop.is_none() => stop = Some(handle.ok()),
            }
        }
    };
    guarded.await?.map_err(shown)
}

/// Examined first, then run by the writer, alone, together with its entry in the audit trail.
async fn change(cx: &Cx, query: String) -> Result<(Table, u64)> {
    // What was examined must mean the same when it is run.
    let lock = cx.tenant.schema_lock.clone().lock_owned().await;
    let catalog = cx.tenant.catalog();
    let (store, rights) = (cx.tenant.store.clone(), rights(&catalog, true));
    let examined = tasks::blocking(move || {
        let (console, _turn) = store.console(rights)?;
        let sql = settled(&console, query);
        console.examine(&sql).map(|examined| (examined, sql))
    });
    let (examined, sql) = examined.await?.map_err(shown)?;
    let mut unit = Unit::new();
    unit.within(BUDGET.time).touch(ANY);
    for collection in catalog.collections().filter(|known| examined.tables.contains(&known.name.to_lowercase())) {
        unit.touch(&collection.id);
        if !collection.is_view() && !collection.system {
            unit.run(history::unseen(&collection.id, cx.tenant.changes.base(), cx.now_ms));
        }
    }
    let tables: Vec<&str> = examined.tables.iter().map(String::as_str).collect();
    let after = json!({"statement": quotes::without_texts(sql.text())});
    let entry = activity::simple(cx, "sql", "database", "", &tables.join(", "), after);
    let returns = !examined.columns.is_empty();
    let slot = if returns { unit.query(sql) } else { unit.count(sql) };
    unit.run(entry);
    let tenant = cx.tenant.clone();
    let work = async move {
        let _lock = lock;
        let outcome = tenant.store.write_alone(unit).await.map_err(shown)?;
        tenant.sync_bell.notify_one();
        Ok::<_, Error>(outcome)
    };
    let mut outcome = cx.tenant.tasks.to_its_end(work).await?;
    if !returns {
        return Ok((Table::default(), outcome.count(slot)));
    }
    let rows = outcome.take_rows(slot);
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let mut table = Table { columns: examined.columns, ..Table::default() };
    let mut left = BUDGET;
    for row in rows.iter() {
        if !table.add(row.iter().map(ValueRef::from), &mut left) {
            break;
        }
    }
    Ok((table, count))
}

/// A statement whose texts in double quotes have the quotes of texts, as in indexes and views: where the engine says that such a
/// name is none, and it is no column and, as far as the audit trail goes back, was none either. It is the same in every other case.
fn settled(console: &Console, mut query: String) -> Sql {
    let until = Instant::now() + SETTLE;
    loop {
        let sql = Sql::trusted(query.clone());
        let Err(Failure::Statement(words)) = console.check(&sql) else { return sql };
        let text = quotes::unknown_name(&words).filter(|_| Instant::now() < until);
        let text = text.filter(|name| !is_or_was_a_name(console, name));
        let meant = text.map(|text| quotes::as_texts(&query, |name| name == text)).filter(|meant| *meant != query);
        match meant {
            Some(meant) => query = meant,
            None => return sql,
        }
    }
}

/// Whether any table has a column of that name, or a definition had a field of it before it was changed. What cannot be
/// answered is yes.
fn is_or_was_a_name(console: &Console, name: &str) -> bool {
    let mut select = Sql::new(
        "SELECT 1 FROM sqlite_schema AS known, pragma_table_xinfo(known.name) AS part \
         WHERE known.type IN ('table', 'view') AND part.name = ",
    );
    select.bind(name).push(
        " COLLATE NOCASE UNION ALL SELECT 1 FROM _activity AS told, json_tree(told.before) AS part \
         WHERE told.kind = 'collection' AND (part.key = 'name' AND part.value = ",
    );
    select.bind(name).push(" COLLATE NOCASE OR part.parent IS NOT NULL AND part.path = '$.fields' AND part.key = ");
    select.bind(name).push(" COLLATE NOCASE) LIMIT 1");
    console.read(&select, Budget { time: SETTLE, ..BUDGET }).map_or(true, |table| !table.rows.is_empty())
}

fn rights(catalog: &Catalog, write: bool) -> Rights {
    let mut rights = Rights { writable: write.then(BTreeSet::new), ..Rights::default() };
    rights.open.extend(OPEN.map(str::to_owned));
    rights.hidden.extend(HIDDEN.map(|(table, column)| (table.to_owned(), column.to_owned())));
    for collection in catalog.collections() {
        let name = collection.name.to_lowercase();
        for field in &collection.fields {
            if field.is_credential() {
                rights.hidden.insert((name.clone(), field.name.to_lowercase()));
            }
        }
        if let Some(writable) = &mut rights.writable
            && !collection.is_view()
            && !collection.system
        {
            writable.insert(name.clone());
        }
        rights.open.insert(name);
    }
    rights
}

fn shown(failure: Failure) -> Error {
    let words = match failure {
        Failure::Statement(words) => words,
        Failure::ReadOnly => {
            let message = format!("{FAILED} Raw error:\nthe statement writes, which has to be asked for");
            return Error::field(message, "write", code::STATEMENT_WRITES);
        }
        failure @ (Failure::Unique(_) | Failure::Constraint { .. } | Failure::TooBig) => match failure.into_error() {
            Error::Invalid { message, .. } => message.into_owned(),
            other => return other,
        },
        Failure::Deadline => format!("it took longer than {} seconds", BUDGET.time.as_secs()),
        other => return other.into_error(),
    };
    Error::invalid(format!("{FAILED} Raw error:\n{words}"))
}
