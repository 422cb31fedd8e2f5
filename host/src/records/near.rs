//! `?near=embedding:[0.1,0.2]&limit=5`: the records whose vectors point most nearly where a given one does.
//!
//! Distances are cosine distances, from 0 (the same direction) to 2, in each item's `@distance`, which no field
//! can be called. Every vector that the rule and the filter let through is compared: see `DESIGN.md`.

use super::ListQuery;
use super::list::Items;
use super::page::Page;
use super::render::Sight;
use super::selection::Selection;
use crate::db::Snapshot;
use crate::error::{Error, FieldError, Result, code};
use crate::model::field::vector::Vector;
use crate::model::{Collection, FieldKind, field::column};
use crate::sql::{Sql, Value, ValueRef};
use crate::tenant::Cx;
use std::sync::Arc;

/// The key of an item's distance.
const DISTANCE: &str = ",\"@distance\":";

/// The nearest records: the envelope of a page, of which nothing is counted.
pub(super) async fn list(
    cx: &Cx,
    collection: &Arc<Collection>,
    query: &ListQuery,
    selection: Selection<'_>,
    near: &str,
) -> Result<Vec<u8>> {
    let per_page = query.limit.clone().or_else(|| query.per_page.clone());
    let page = Page::parse(&ListQuery { per_page, ..query.clone() })?;
    for (parameter, given) in [("sort", query.sort.is_some()), ("cursor", query.cursor.is_some())] {
        if given {
            let error = code::UNSTABLE_SORT.say("The nearest come in the order of their distance.");
            return Err(Error::field("The nearest records cannot be found.", parameter, error));
        }
    }
    let (field, wanted) = target(cx, collection, near)?;
    let mut items = Items::new(cx, collection, query.expand.as_deref());
    let select = select(collection, field, &wanted, &items, selection, &page);
    let read = |snapshot: &mut Snapshot<'_>| {
        snapshot.rows(&select, |row| {
            // A vector of zeros points nowhere, so that it has no distance.
            if row.get(items.width()) == ValueRef::Null {
                return Ok(());
            }
            let mut tail = DISTANCE.as_bytes().to_vec();
            column::write_number(row.get(items.width()), &mut tail);
            items.add(row, tail)
        })
    };
    cx.tenant.store.read(read).await?;
    Ok(page.envelope(&items.finish().await?, -1))
}

/// The vectors alone are looked at first, then the rows of the nearest.
fn select(
    collection: &Collection,
    field: &str,
    wanted: &[u8],
    items: &Items<'_>,
    mut selection: Selection<'_>,
    page: &Page,
) -> Sql {
    let name = &collection.name;
    let mut vector = Sql::default();
    vector.column(name, field);
    let mut is_set = vector.clone();
    is_set.push(" IS NOT NULL");
    selection.and(is_set);
    let mut select = items.columns();
    select.push(", `~near`.`~distance` FROM (SELECT ").column(name, "id").push(" AS `~id`, ");
    // Of another length it would be an error of the function, and a row that others wrote may have one.
    select.push("CASE WHEN length(").append(vector.clone()).push(") = ");
    select.bind(i64::try_from(wanted.len()).unwrap_or(i64::MAX)).push(" THEN vector_distance_cos(").append(vector);
    select.push(", ").bind(Value::Blob(wanted.to_vec())).push(") END AS `~distance`").append(selection.rows());
    select.push(" ORDER BY `~distance` NULLS LAST, `~id` LIMIT ").bind(page.size);
    select.push(" OFFSET ").bind(page.offset()).push(") AS `~near` CROSS JOIN ").name(name);
    select.push(" ON ").column(name, "id").push(" = `~near`.`~id` ORDER BY `~near`.`~distance`, `~near`.`~id`");
    select
}

/// The field that is asked about, and the vector as it would be stored.
fn target<'a>(cx: &Cx, collection: &'a Collection, near: &str) -> Result<(&'a str, Vec<u8>)> {
    let refused = |error: FieldError| Error::field("The nearest records cannot be found.", "near", error);
    let malformed = || refused(code::INVALID_VALUE.say("Must be a field and a list of numbers, as field:[1,2.5]."));
    let (name, list) = near.split_once(':').ok_or_else(malformed)?;
    let sight = Sight::of(cx, collection);
    // What is hidden is as unknown as what does not exist.
    let index = collection.field_index(name.trim()).filter(|index| sight.always_shows(collection, *index));
    let vector = index.and_then(|index| match &collection.fields[index].kind {
        FieldKind::Vector(vector) => Some((collection.fields[index].name.as_str(), vector)),
        _ => None,
    });
    let (name, vector): (&str, &Vector) =
        vector.ok_or_else(|| refused(code::UNKNOWN_FIELD.say("There is no vector field of that name.")))?;
    let bytes = vector.bytes_of(list).map_err(refused)?;
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(refused(code::INVALID_VECTOR.say("A vector of zeros points nowhere.")));
    }
    Ok((name, bytes))
}
