//! The files of records: which there are, and who may have them.

use super::read;
use crate::access::{self, Operation};
use crate::error::{Error, Result};
use crate::files::{Key, Object};
use crate::model::{Collection, FieldKind, Record, field::file::File};
use crate::tenant::Cx;
use std::sync::Arc;

/// Always to be had, whatever the field says: editors show it.
const THUMB: &str = "100x100";

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
    let field = field_of(&record, name).ok_or_else(Error::not_found)?;
    if field.protected {
        let permit = access::admit(cx, collection, Operation::View).map_err(|_| Error::not_found())?;
        read::view_record(cx, &permit, collection, id).await?;
    }
    let key = Key::of(&collection.id, id, name).ok_or_else(Error::not_found)?;
    let original = cx.tenant.files.find(&key).await?.ok_or_else(Error::not_found)?;
    Ok(Found { key, original, protected: field.protected, thumbs: field.thumbs.clone() })
}

fn field_of<'a>(record: &'a Record, name: &str) -> Option<&'a File> {
    let fields = record.collection.fields.iter().zip(&record.values);
    fields.filter(|(_, value)| value.items().iter().any(|item| item == name)).find_map(|(field, _)| match &field.kind {
        FieldKind::File(file) => Some(file),
        _ => None,
    })
}

impl Found {
    /// The thumb of that size, or `None` where the original has to do: it is no picture, or of no size that
    /// the field lists.
    ///
    /// # Errors
    /// When the storage cannot be read.
    pub async fn thumb(&self, cx: &Cx, size: &str, webp: bool) -> Result<Option<Object>> {
        if size != THUMB && !self.thumbs.iter().any(|known| known == size) {
            return Ok(None);
        }
        cx.tenant.files.thumb(&self.key, &self.original, size, webp).await
    }
}
