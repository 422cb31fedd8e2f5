//! `tinybase:plugin/files`: the files of records, within the grants for records: whoever may view a record may read its
//! files, whoever may update it may put one there. What is put there is checked as an upload is.
//!
//! A call that has read a file and writes under its name replaces what it has read, and nothing else: when the record has
//! that file no more, the write is refused with `conflict`.

use super::records::{actor, granted, target, visible, write};
use super::{Answer, errand, host, refuse, told};
use crate::files::{Content, Incoming};
use crate::model::{FieldKind, Value, Verb};
use crate::plugins::call::Call;
use crate::plugins::limits::records as caps;
use crate::records;
use crate::tenant::hooks::{QueuedVerb, Replaced};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

type Store<'a> = StoreContextMut<'a, Call>;

pub(super) fn bind(linker: &mut LinkerInstance<'_, Call>) -> wasmtime::Result<()> {
    linker.func_wrap("read", |mut store: Store<'_>, (collection, id, name): (String, String, String)| {
        host(&mut store, |call| read(call, &collection, &id, &name))
    })?;
    linker.func_wrap(
        "write",
        |mut store: Store<'_>, (collection, id, field, name, content): (String, String, String, String, Vec<u8>)| {
            host(&mut store, |call| put(call, &collection, id, &field, name, content))
        },
    )
}

fn read(call: &mut Call, collection: &str, id: &str, name: &str) -> Answer<Vec<u8>> {
    if !errand(call)?.grants.load().rights.files.read {
        return refuse("denied", "reading files is not granted");
    }
    let (collection, grant) = granted(errand(call)?, collection, Verb::View)?;
    let cx = actor(errand(call)?, &grant);
    let Some(record) = visible(call, &cx, &collection, id)? else {
        return refuse("not_found", "there is no such record");
    };
    let mut files = record
        .collection
        .fields
        .iter()
        .zip(&record.values)
        .filter(|(field, _)| matches!(field.kind, FieldKind::File(_)) && (!field.hidden || cx.caller.is_trusted()));
    let Some((field, _)) = files.find(|(_, value)| value.items().iter().any(|item| item == name)) else {
        return refuse("not_found", "the record has no such file");
    };
    let this = Replaced { field: field.name.clone(), name: name.to_owned() };
    let most = (call.limits.lifted as u64).min(caps::READ_BYTES.saturating_sub(call.read_bytes) as u64);
    let left = call.deadline().saturating_duration_since(Instant::now());
    let errand = errand(call)?;
    // That the record may be seen has been decided.
    let cx = errand.cx.as_system();
    let fetching = async {
        let found = records::find_file(&cx, &collection, id, name).await?;
        if found.original.size > most {
            return Ok(None);
        }
        let pieces: Vec<Bytes> = found.original.read(0..found.original.size).await?.try_collect().await?;
        Ok(Some(pieces.concat()))
    };
    match errand.runtime.block_on(async { tokio::time::timeout(left, fetching).await }) {
        Ok(Ok(Some(content))) => {
            call.read_bytes += content.len();
            call.read_files.push((collection.id.clone(), id.to_owned(), this));
            Ok(content)
        }
        Ok(Ok(None)) => refuse("too_large", format!("the file has more than {most} bytes")),
        Ok(Err(error)) => Err(told(error)),
        Err(_) => refuse("unavailable", "the time of the call is up"),
    }
}

fn put(call: &mut Call, collection: &str, id: String, field: &str, name: String, content: Vec<u8>) -> Answer<()> {
    if !errand(call)?.grants.load().rights.files.write {
        return refuse("denied", "writing files is not granted");
    }
    let target = target(call, collection, Verb::Update)?;
    let collection = &target.collection;
    let kind = collection.field(field).filter(|field| target.takes(&field.name)).map(|field| &field.kind);
    let Some(kind @ FieldKind::File(_)) = kind else { return refuse("invalid", "field: there is no such file field") };
    // Of several files one that is called so gives way, in the same write.
    let (key, fields) = if kind.is_multiple() {
        (format!("{field}+"), vec![(format!("{field}-"), Value::Text(name.clone()))])
    } else {
        (field.to_owned(), Vec::new())
    };
    let this = Replaced { field: field.to_owned(), name };
    let mut read = call.read_files.iter();
    let was_read = read.any(|(of, record, file)| *of == collection.id && *record == id && *file == this);
    let file = Incoming { key, file_name: this.name.clone(), content: Arc::new(Content::of(content.into())) };
    let replaces = was_read.then_some(this);
    write(call, &target, QueuedVerb::Update { id, fields, files: vec![file], replaces })
}
