//! The files of records: which there are, and who may have them.

use super::read;
use crate::access::{self, Operation};
use crate::error::{Error, Result};
use crate::files::{Accepts, Key, Object};
use crate::model::{Collection, FieldKind, Record, field::file::File, view};
use crate::sql::Sql;
use crate::tenant::Cx;
use std::sync::Arc;

/// Always to be had, whatever the field says: editors show it.
const THUMB: &str = "100x100";

/// Views that stand on views, at most, on the way to a file.
const VIEWS_MAX: usize = 8;

/// A file that a record names and the caller may have.
#[derive(Debug)]
pub struct Found {
    pub key: Key,
    pub original: Object,
    /// Not for everybody.
    pub protected: bool,
    thumbs: Vec<String>,
}

/// Looks up a file of a record. A protected one is under the view rule, of whomever `cx` says.
///
/// # Errors
/// `NotFound` when the record does not name it, the rule hides it, or it is not in storage.
pub async fn find_file(cx: &Cx, collection: &Arc<Collection>, id: &str, name: &str) -> Result<Found> {
    let record = read::load_record(&cx.tenant, collection, "id", id).await?.ok_or_else(Error::not_found)?;
    let (field_name, field) = field_of(&record, name).ok_or_else(Error::not_found)?;
    if field.protected {
        let permit = access::admit(cx, collection, Operation::View).map_err(|_| Error::not_found())?;
        read::view_record(cx, &permit, collection, id).await?;
    }
    let key = if collection.is_view() {
        home(cx, collection, field_name, id, name).await?
    } else {
        Key::of(&collection.id, id, name)
    };
    let key = key.ok_or_else(Error::not_found)?;
    let original = cx.tenant.files.find(&key).await?.ok_or_else(Error::not_found)?;
    Ok(Found { key, original, protected: field.protected, thumbs: field.thumbs.clone() })
}

/// Where a file is that a view's record names: with the record that the view has it from.
async fn home(cx: &Cx, view: &Collection, field: &str, id: &str, name: &str) -> Result<Option<Key>> {
    let find = |name: &str| cx.catalog.collection(name).map(AsRef::as_ref);
    let Some((mut source, mut field)) = view::origin(view, field, &find) else { return Ok(None) };
    for _ in 0..VIEWS_MAX {
        let Some(below) = view::origin(source, &field.name, &find) else { break };
        (source, field) = below;
    }
    if source.is_view() || !matches!(field.kind, FieldKind::File(_)) {
        return Ok(None);
    }
    let mut select = Sql::new("SELECT id FROM ");
    select.name(&source.name).push(" WHERE ");
    if field.kind.is_multiple() {
        select.push("instr(").column(&source.name, &field.name).push(", ").bind(name);
        select.push(") > 0 AND EXISTS (SELECT 1 FROM json_each(").column(&source.name, &field.name);
        select.push(") AS item WHERE item.value = ").bind(name).push(")");
    } else {
        select.column(&source.name, &field.name).push(" = ").bind(name);
    }
    // Most views have the ids of their source; names are unique either way.
    select.push(" ORDER BY id = ").bind(id).push(" DESC LIMIT 1");
    let owner = cx.tenant.store.read(|snapshot| snapshot.one(&select, |row| Ok(row.text(0).to_owned()))).await?;
    Ok(owner.and_then(|owner| Key::of(&source.id, &owner, name)))
}

/// The field that names a file, and its options.
fn field_of<'a>(record: &'a Record, name: &str) -> Option<(&'a str, &'a File)> {
    let fields = record.collection.fields.iter().zip(&record.values);
    fields.filter(|(_, value)| value.items().iter().any(|item| item == name)).find_map(|(field, _)| match &field.kind {
        FieldKind::File(file) => Some((field.name.as_str(), file)),
        _ => None,
    })
}

impl Found {
    /// The thumb of that size, or `None` where the original has to do: it is no picture, or of no size that
    /// the field lists.
    ///
    /// # Errors
    /// When the storage cannot be read.
    pub async fn thumb(&self, cx: &Cx, size: &str, accepts: Accepts) -> Result<Option<Object>> {
        if size != THUMB && !self.thumbs.iter().any(|known| known == size) {
            return Ok(None);
        }
        cx.tenant.files.thumb(&self.key, &self.original, size, accepts).await
    }
}
