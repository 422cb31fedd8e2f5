//! The functions of [`crate::rules::native`] as the engine calls them.

use crate::rules::native::{self, Ids, Needle};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};
use std::sync::Arc;

/// Lends them to the statements of a connection; what is stored in the file (views, triggers, indexes) may not use them.
pub(super) fn lend(connection: &Connection) -> Result<()> {
    let flags = || FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(native::TEXT_CONTAINS, 2, flags(), text_contains)?;
    connection.create_scalar_function(native::LIST_HAS, 2, flags(), |call| {
        Ok(list(call)?.is_some_and(|(list, item)| native::list_has(list, item)))
    })?;
    connection.create_scalar_function(native::LIST_HAS_OTHER, 2, flags(), |call| {
        Ok(list(call)?.is_none_or(|(list, item)| native::list_has_other(list, item)))
    })?;
    connection.create_scalar_function(native::LIST_MEETS, 3, flags(), list_meets)?;
    connection.create_scalar_function(native::IS_AMONG, 3, flags(), is_among)
}

fn text_contains(call: &Context<'_>) -> Result<Option<bool>> {
    let (ValueRef::Text(text) | ValueRef::Blob(text)) = call.get_raw(0) else { return Ok(None) };
    let needle = call.get_or_create_aux(1, |needle| {
        Needle::new(needle.as_str()?).map_err(|error| Error::UserFunctionError(error.into()))
    })?;
    Ok(Some(needle.is_in(text)))
}

/// A list and an item; `None` when there is nothing that could be equal to a text.
fn list<'a>(call: &'a Context<'_>) -> Result<Option<(&'a str, &'a str)>> {
    match call.get_raw(0) {
        list @ ValueRef::Text(_) => Ok(Some((list.as_str()?, call.get_raw(1).as_str()?))),
        _ => Ok(None),
    }
}

fn list_meets(call: &Context<'_>) -> Result<bool> {
    let ids = ids(call)?;
    Ok(match call.get_raw(0) {
        list @ ValueRef::Text(_) => ids.meet(list.as_str()?),
        ValueRef::Integer(number) => ids.meet(&number.to_string()),
        ValueRef::Real(number) => ids.meet(&number.to_string()),
        ValueRef::Null | ValueRef::Blob(_) => false,
    })
}

/// Of a column of text, which holds nothing else that is equal to one.
fn is_among(call: &Context<'_>) -> Result<bool> {
    let ids = ids(call)?;
    Ok(match call.get_raw(0) {
        id @ ValueRef::Text(_) => ids.have(id.as_str()?),
        _ => false,
    })
}

/// The engine keeps what belongs to a constant for as long as the statement runs: the ids are read once.
fn ids(call: &Context<'_>) -> Result<Arc<Ids>> {
    call.get_or_create_aux(1, |_| Ok::<_, Error>(Ids::read(call.get_raw(2).as_str()?)))
}
