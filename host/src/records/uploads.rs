//! What a write is given, files among it: each gets the name it will be stored under, is checked, and joins
//! the plan of the write that names it.

use super::plan::Plan;
use super::{direct, passage};
use crate::error::{Error, FieldErrors, Result};
use crate::files::{Incoming, Key, Placed, stored_name};
use crate::model::field::Modifier;
use crate::model::record::find;
use crate::model::{Change, Collection, Draft, FieldKind, Record, Value};
use crate::tenant::Cx;
use crate::tenant::hooks::Replaced;
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;

/// The key under which files are told of; no field can have it.
const FILES: &str = "@files";

/// The fields and files of one write, as they were received.
#[derive(Debug, Clone, Default)]
pub struct Input {
    pub fields: Map<String, Json>,
    pub files: Vec<Incoming>,
    /// An address that was proven elsewhere to be that of whoever writes: a new record with it is verified. Empty for
    /// somebody who has none, there as here.
    pub proven_email: Option<String>,
}

impl From<Map<String, Json>> for Input {
    fn from(fields: Map<String, Json>) -> Self {
        Self { fields, ..Self::default() }
    }
}

/// An input in which files are the names that they will have.
#[derive(Debug)]
pub(super) struct Named<'a> {
    pub(super) fields: Cow<'a, Map<String, Json>>,
    pub(super) proven_email: Option<&'a str>,
    /// The id that a plugin has been told of its new record.
    pub(super) promised_id: Option<&'a str>,
    /// What the files take the place of, for plugins.
    pub(super) replaces: Option<&'a Replaced>,
    uploads: Vec<Upload<'a>>,
}

#[derive(Debug)]
struct Upload<'a> {
    field: usize,
    name: String,
    mime: &'static str,
    incoming: &'a Incoming,
}

impl Input {
    /// The fields, and what tells these files from others, for comparing one request with another.
    pub(super) fn told(&self) -> Cow<'_, Map<String, Json>> {
        let mut told = Cow::Borrowed(&self.fields);
        if !self.files.is_empty() {
            let one = |file: &Incoming| json!([file.key, file.file_name, file.content.size, file.content.crc]);
            told.to_mut().insert(FILES.to_owned(), self.files.iter().map(one).collect());
        }
        told
    }

    /// Names the files, anew for every try of a write: no two tries speak of the same file. What came under
    /// the key of no file field, or of one that the caller may not set, is left out.
    pub(super) fn named(&self, cx: &Cx, collection: &Collection) -> Named<'_> {
        let mut named = Named::without_files(&self.fields);
        named.proven_email = self.proven_email.as_deref();
        let mut random = |length: usize| cx.tenant.world.ids.lower(length);
        for incoming in &self.files {
            let Some((field, Modifier::Set | Modifier::Append | Modifier::Prepend)) = find(collection, &incoming.key)
            else {
                continue;
            };
            let is_file = matches!(collection.fields[field].kind, FieldKind::File(_));
            if !is_file || !passage::may_set(cx, collection, &incoming.key) {
                continue;
            }
            let mime = incoming.content.mime(&incoming.file_name);
            let name = stored_name(&incoming.file_name, mime, &mut random);
            add(named.fields.to_mut(), &incoming.key, &name);
            named.uploads.push(Upload { field, name, mime, incoming });
        }
        named
    }
}

/// Files come behind the names that were sent under the same key: those are kept.
fn add(fields: &mut Map<String, Json>, key: &str, name: &str) {
    let place = fields.entry(key).or_insert(Json::Null);
    match place {
        Json::Array(names) => names.push(name.into()),
        Json::String(kept) if !kept.is_empty() => *place = Json::Array(vec![place.take(), name.into()]),
        _ => *place = Json::Array(vec![name.into()]),
    }
}

impl<'a> Named<'a> {
    pub(super) fn without_files(fields: &'a Map<String, Json>) -> Self {
        Self {
            fields: Cow::Borrowed(fields),
            proven_email: None,
            promised_id: None,
            replaces: None,
            uploads: Vec::new(),
        }
    }

    /// Gives a new record without an id the one that was promised. It was not sent, so no rule finds it in the body.
    pub(super) fn keep_promise(&self, draft: &mut Draft) {
        let index = draft.record.collection.field_index("id").filter(|_| draft.record.id().is_empty());
        if let (Some(index), Some(id)) = (index, self.promised_id) {
            draft.put(index, Value::Text(id.to_owned()));
        }
    }

    /// Asks whether the record still has the file that is to be replaced.
    ///
    /// # Errors
    /// `Conflict` when it has not.
    pub(super) fn check_replaced(&self, original: &Record) -> Result<()> {
        let Some(Replaced { field, name }) = self.replaces else { return Ok(()) };
        let mut fields = original.collection.fields.iter().zip(&original.values);
        if fields.any(|(known, value)| known.name == *field && value.items().contains(name)) {
            return Ok(());
        }
        Err(Error::Conflict("The file was replaced or deleted meanwhile.".into()))
    }

    /// Lets the draft know which new names are good.
    pub(super) fn tell(&self, draft: &mut Draft) {
        draft.uploads = self.uploads.iter().map(|upload| (upload.field, upload.name.clone())).collect();
    }

    /// Sizes and types of the files that the draft takes.
    pub(super) fn check(&self, draft: &Draft, errors: &mut FieldErrors) {
        for upload in self.taken(&draft.record) {
            let field = &draft.record.collection.fields[upload.field];
            let FieldKind::File(kind) = &field.kind else { continue };
            let Incoming { file_name, content, .. } = upload.incoming;
            if let Err(error) = kind.check_upload(file_name, content.size, upload.mime) {
                errors.add(&field.name, error);
            }
        }
    }

    /// Adds the files that the finished record names to the plan.
    pub(super) fn plan(&self, cx: &Cx, plan: &mut Plan, stored: &Record) -> Result<()> {
        for upload in self.taken(stored) {
            let key = Key::of(&stored.collection.id, stored.id(), &upload.name)
                .ok_or_else(|| Error::internal("store a file", format_args!("no key for {}", upload.name)))?;
            let Incoming { file_name, content, .. } = upload.incoming;
            if let Some(waiting) = content.waits_at() {
                let field = &stored.collection.fields[upload.field];
                plan.take_upload(waiting, cx.now_ms, Error::field("", &field.name, direct::not_there()));
            }
            plan.store_file(Placed { key, content: content.clone(), mime: upload.mime, original: file_name.clone() });
        }
        Ok(())
    }

    fn taken(&self, record: &Record) -> impl Iterator<Item = &Upload<'_>> {
        self.uploads.iter().filter(|upload| record.values[upload.field].items().contains(&upload.name))
    }
}

/// The files that a change takes from a record.
pub(super) fn dropped(change: &Change) -> Vec<Key> {
    let Some(before) = &change.before else { return Vec::new() };
    let mut keys = Vec::new();
    for (index, field) in before.collection.fields.iter().enumerate() {
        if matches!(field.kind, FieldKind::File(_)) {
            let kept = change.after.as_ref().map_or(&[][..], |after| after.values[index].items());
            let gone = before.values[index].items().iter().filter(|name| !kept.contains(*name));
            // What has no key was never stored.
            keys.extend(gone.filter_map(|name| Key::of(&before.collection.id, before.id(), name)));
        }
    }
    keys
}
