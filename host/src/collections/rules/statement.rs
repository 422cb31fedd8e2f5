//! The statement that a rule becomes, how the engine would run it, and how many rows it lets through.

use crate::access;
use crate::error::Result;
use crate::model::Collection;
use crate::records::Subject;
use crate::rules::Checked;
use crate::schema::catalog::Operation;
use crate::sql::{Sql, Value};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::time::Duration;

/// Rows that are counted; beyond, there are more.
const COUNTED_MAX: i64 = 1000;
/// How long counting may take.
const COUNT_PATIENCE: Duration = Duration::from_secs(5);

/// A condition on the rows of the collection's table; without one, every row.
fn condition(cx: &Cx, rule: Option<&Checked>, body: &Map<String, Json>) -> Sql {
    let mut sql = Sql::new("(");
    match rule {
        Some(rule) => sql.append(rule.to_sql(&access::facts(cx, body), &*cx.catalog).condition),
        None => sql.push("TRUE"),
    };
    sql.push(")");
    sql
}

/// The statement by which the database decides.
pub(super) fn statement(
    cx: &Cx,
    collection: &Collection,
    operation: Operation,
    rule: Option<&Checked>,
    subject: Option<&Subject>,
) -> Sql {
    let none = Map::new();
    match (operation, subject) {
        (Operation::Create, Some(subject)) => {
            let mut sql = Sql::new("SELECT 1 WHERE ");
            match rule {
                Some(rule) => {
                    let facts = access::facts(cx, &subject.body);
                    sql.append(rule.to_sql_for_draft(&subject.record, &facts, &*cx.catalog).condition)
                }
                None => sql.push("TRUE"),
            };
            sql
        }
        (_, Some(subject)) => {
            let mut sql = Sql::new("SELECT 1 FROM ");
            sql.name(&collection.name).push(" WHERE id = ").bind(subject.record.id());
            sql.push(" AND ").append(condition(cx, rule, &subject.body));
            sql
        }
        (_, None) => {
            let mut sql = Sql::new("SELECT * FROM ");
            sql.name(&collection.name).push(" WHERE ").append(condition(cx, rule, &none));
            sql
        }
    }
}

/// `{text, params, plan}` of a statement; the plan has a line for each step, indented below what it serves.
pub(super) async fn explained(cx: &Cx, statement: &Sql) -> Result<Json> {
    let mut explain = Sql::new("EXPLAIN QUERY PLAN ");
    explain.append(statement.clone());
    let plan = cx
        .tenant
        .store
        .read(|snapshot| {
            let mut depths: Vec<(i64, usize)> = vec![(0, 0)];
            let mut lines = Vec::new();
            snapshot.rows(&explain, |row| {
                let (id, parent) = (row.integer(0), row.integer(1));
                let depth = depths.iter().find(|(known, _)| *known == parent).map_or(0, |(_, depth)| *depth);
                depths.push((id, depth + 1));
                lines.push(format!("{}{}", "  ".repeat(depth), row.text(3)));
                Ok(())
            })?;
            Ok(lines)
        })
        .await?;
    let caller = cx.caller.record();
    let is_secret = |value: &Value| {
        let key = caller.map(|record| record.text("tokenKey")).filter(|key| !key.is_empty());
        matches!(value, Value::Text(text) if Some(text.as_str()) == key)
    };
    let shown = |value| if is_secret(value) { json!("(secret)") } else { value_json(value) };
    let params: Vec<Json> = statement.params().iter().map(shown).collect();
    Ok(json!({"text": statement.text(), "params": params, "plan": plan}))
}

fn value_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => json!(number),
        Value::Real(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Blob(bytes) => json!(format!("{} bytes", bytes.len())),
    }
}

/// `{count, more}`: the rows that a rule lets through, up to a limit.
pub(super) async fn counted(
    cx: &Cx,
    collection: &Collection,
    rule: Option<&Checked>,
    body: &Map<String, Json>,
) -> Result<Json> {
    let mut select = Sql::new("SELECT count(*) FROM (SELECT 1 FROM ");
    select.name(&collection.name).push(" WHERE ").append(condition(cx, rule, body));
    select.push(" LIMIT ").bind(COUNTED_MAX + 1).push(")");
    let count = cx
        .tenant
        .store
        .read_slow(COUNT_PATIENCE, |snapshot| Ok(snapshot.one(&select, |row| Ok(row.integer(0)))?.unwrap_or_default()))
        .await?;
    Ok(json!({"count": count.min(COUNTED_MAX), "more": count > COUNTED_MAX}))
}
