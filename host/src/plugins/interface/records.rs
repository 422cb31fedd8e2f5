//! `tinybase:plugin/records`: the tenant's records, within what an admin has granted, as the caller or as the plugin.
//!
//! In a before-hook all reads see one snapshot and writes are queued; in an after-hook each read is of its own moment and
//! each write is made at once. A collection that is not granted is refused in the same words as one that does not exist.

use super::log::one_line;
use super::{Answer, errand, hold, host, refuse, told};
use crate::access::Operation;
use crate::db::Snapshot;
use crate::error::Result;
use crate::model::{Collection, FieldKind, Record, Value, Verb};
use crate::plugins::call::{Call, Errand};
use crate::plugins::contract::FieldOut;
use crate::plugins::fields;
use crate::plugins::limits::{Class, records as caps};
use crate::plugins::registry::Grant;
use crate::records::{self, Lookup, Sources};
use crate::rules::{
    self,
    ast::{Node, Operand, OperandKind},
};
use crate::tenant::Cx;
use crate::tenant::hooks::{QueuedVerb, QueuedWrite};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

/// Characters of a collection's name in a message, since the guest may call it what it likes.
const NAME_SHOWN: usize = 64;

type Fields = Vec<FieldOut>;
type Store<'a> = StoreContextMut<'a, Call>;

pub(super) fn bind(linker: &mut LinkerInstance<'_, Call>) -> wasmtime::Result<()> {
    linker.func_wrap("get", |mut store: Store<'_>, (collection, id): (String, String)| {
        host(&mut store, |call| get(call, &collection, &id))
    })?;
    linker.func_wrap(
        "find",
        |mut store: Store<'_>, (collection, filter, sort, limit): (String, String, String, u32)| {
            host(&mut store, |call| find(call, &collection, &filter, &sort, limit))
        },
    )?;
    linker.func_wrap("count", |mut store: Store<'_>, (collection, filter): (String, String)| {
        host(&mut store, |call| count(call, &collection, &filter))
    })?;
    linker.func_wrap("create", |mut store: Store<'_>, (collection, draft): (String, Fields)| {
        host(&mut store, |call| create(call, &collection, draft))
    })?;
    linker.func_wrap("update", |mut store: Store<'_>, (collection, id, changes): (String, String, Fields)| {
        host(&mut store, |call| update(call, &collection, id, changes))
    })?;
    linker.func_wrap("delete", |mut store: Store<'_>, (collection, id): (String, String)| {
        host(&mut store, |call| delete(call, &collection, id))
    })
}

/// The collection and the grant for it, if there is one that allows the verb.
pub(super) fn granted(errand: &Errand, name: &str, verb: Verb) -> Answer<(Arc<Collection>, Grant)> {
    let granted = errand.cx.catalog.collection(name).and_then(|collection| {
        let grants = errand.grants.load();
        let grant = grants.of(&collection.id)?;
        (grant.verbs.contains(&verb) && !collection.system).then(|| (collection.clone(), grant.clone()))
    });
    granted.map_or_else(|| refuse("denied", format!("`{}` is not granted in `{}`", verb.name(), called(name))), Ok)
}

/// A name as the guest has given it, whether or not there is such a collection, within what a message may be.
fn called(name: &str) -> String {
    one_line(&name.chars().take(NAME_SHOWN).collect::<String>())
}

/// The circumstances to act under: past the rules, or under them as the caller.
pub(super) fn actor(errand: &Errand, grant: &Grant) -> Cx {
    if grant.as_plugin {
        return errand.cx.as_plugin(&errand.plugin);
    }
    errand.cx.lent()
}

fn get(call: &mut Call, collection: &str, id: &str) -> Answer<Fields> {
    let (collection, grant) = granted(errand(call)?, collection, Verb::View)?;
    let cx = actor(errand(call)?, &grant);
    match visible(call, &cx, &collection, id)? {
        Some(record) => lower(call, &cx, &record),
        None => refuse("not_found", "there is no such record"),
    }
}

/// A record, if it may be seen.
pub(super) fn visible(call: &mut Call, cx: &Cx, collection: &Arc<Collection>, id: &str) -> Answer<Option<Record>> {
    read(call, |snapshot, sources| records::get_row(snapshot, cx, collection, id, sources))
}

fn find(call: &mut Call, collection: &str, filter: &str, sort: &str, limit: u32) -> Answer<Vec<Fields>> {
    let (collection, grant) = granted(errand(call)?, collection, Verb::List)?;
    if !(1..=caps::FIND_LIMIT).contains(&limit) {
        return refuse("invalid", format!("limit: 1 to {}", caps::FIND_LIMIT));
    }
    let cx = actor(errand(call)?, &grant);
    let lookup = lookup(call, &cx, &collection, filter, sort)?;
    let found = read(call, |snapshot, sources| {
        sources.extend(lookup.sources().iter().cloned());
        lookup.rows(snapshot, limit, caps::READ_BYTES)
    })?;
    found.iter().map(|record| lower(call, &cx, record)).collect()
}

fn count(call: &mut Call, collection: &str, filter: &str) -> Answer<u64> {
    let (collection, grant) = granted(errand(call)?, collection, Verb::List)?;
    let cx = actor(errand(call)?, &grant);
    let lookup = lookup(call, &cx, &collection, filter, "")?;
    read(call, |snapshot, sources| {
        sources.extend(lookup.sources().iter().cloned());
        lookup.count(snapshot)
    })
}

/// A question that looks into nothing that is hidden or was not granted: whoever may filter by a value can find it out,
/// letter by letter.
fn lookup(call: &Call, cx: &Cx, collection: &Arc<Collection>, filter: &str, sort: &str) -> Answer<Lookup> {
    if filter.len().max(sort.len()) > caps::FILTER_BYTES {
        return refuse("too_large", format!("a filter and a sort have at most {} bytes", caps::FILTER_BYTES));
    }
    let errand = errand(call)?;
    let lookup = Lookup::new(cx, collection, filter, sort).map_err(told)?;
    let named = lookup.named().iter().filter(|id| **id != collection.id);
    for id in named {
        let other = errand.cx.catalog.collection(id).filter(|other| !other.system);
        let grant = errand.grants.load();
        if other.is_none() || !grant.of(id).is_some_and(|grant| grant.verbs.contains(&Verb::List)) {
            return refuse("denied", "the filter or the sort looks into a collection whose `list` is not granted");
        }
    }
    let catalog = &errand.cx.catalog;
    let looked_into = lookup.named().iter().filter_map(|id| catalog.collection(id)).chain([collection]);
    let hidden: HashSet<&str> = looked_into
        .flat_map(|collection| &collection.fields)
        .filter(|field| field.hidden)
        .map(|field| field.name.as_str())
        .collect();
    let is_hidden = |word: &str| hidden.contains(word) || fields::is_secret_name(catalog, word);
    // `comments_via_author` names the field `author` too.
    let is_secret = |path: &str| {
        words(path).any(|word| is_hidden(word) || word.rsplit_once("_via_").is_some_and(|(_, field)| is_hidden(field)))
    };
    let filters = rules::parse(filter).is_ok_and(|filter| names_one(&filter.root, &is_secret));
    if filters || is_secret(sort) {
        return refuse("denied", "a hidden field can be neither filtered nor sorted by");
    }
    Ok(lookup)
}

/// Whether a part of an expression names something of that kind.
fn names_one(node: &Node, is: &impl Fn(&str) -> bool) -> bool {
    match node {
        Node::All(members) | Node::Any(members) => members.iter().any(|member| names_one(member, is)),
        Node::Compare(comparison) => {
            [&comparison.left, &comparison.right].into_iter().any(|side| operand_names(side, is))
        }
    }
}

fn operand_names(operand: &Operand, is: &impl Fn(&str) -> bool) -> bool {
    match &operand.kind {
        OperandKind::Name(path) => is(path),
        OperandKind::Call { arguments, .. } => arguments.iter().any(|argument| operand_names(argument, is)),
        OperandKind::Number(_) | OperandKind::Text(_) => false,
    }
}

/// The parts of a path.
fn words(path: &str) -> impl Iterator<Item = &str> {
    path.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Reads within the call's deadline, and notes what a before-hook has read.
fn read<T>(call: &mut Call, job: impl FnOnce(&mut Snapshot<'_>, &mut Sources) -> Result<T>) -> Answer<T> {
    let until = call.deadline();
    let errand = errand(call)?;
    let store = errand.cx.tenant.store.clone();
    let result = if errand.stage.is_part_of_write() {
        if call.held.is_none() {
            call.held = Some(store.hold_blocking(until).map_err(told)?);
        }
        let Some(held) = &mut call.held else { return refuse("unavailable", "no reader") };
        let sources = &mut call.sources;
        held.read(until, |snapshot| job(snapshot, sources))
    } else {
        store.read_blocking(|snapshot| job(snapshot, &mut Sources::new()))
    };
    result.map_err(told)
}

fn lower(call: &mut Call, cx: &Cx, record: &Record) -> Answer<Fields> {
    let own = cx
        .caller
        .record()
        .is_some_and(|caller| caller.collection.id == record.collection.id && caller.id() == record.id());
    let (fields, bytes) = fields::lower_found(record, own || cx.caller.is_trusted());
    call.read_bytes = call.read_bytes.saturating_add(bytes);
    if call.read_bytes > caps::READ_BYTES {
        return refuse("too_large", format!("a call reads at most {} bytes of records", caps::READ_BYTES));
    }
    Ok(fields)
}

fn create(call: &mut Call, collection: &str, draft: Fields) -> Answer<String> {
    let target = target(call, collection, Verb::Create)?;
    let fields = target.fields(draft)?;
    let given =
        fields.iter().find(|(name, _)| name == "id").and_then(|(_, value)| value.as_text()).filter(|id| !id.is_empty());
    let id = given.map_or_else(|| target.new_id(), str::to_owned);
    write(call, &target, QueuedVerb::Create { id: id.clone(), fields })?;
    Ok(id)
}

fn update(call: &mut Call, collection: &str, id: String, changes: Fields) -> Answer<()> {
    let target = target(call, collection, Verb::Update)?;
    let fields = target.fields(changes)?;
    write(call, &target, QueuedVerb::Update { id, fields, files: Vec::new(), replaces: None })
}

fn delete(call: &mut Call, collection: &str, id: String) -> Answer<()> {
    let target = target(call, collection, Verb::Delete)?;
    write(call, &target, QueuedVerb::Delete { id })
}

/// Where a plugin may write, and as whom.
pub(super) struct Target {
    pub(super) collection: Arc<Collection>,
    as_caller: bool,
    cx: Cx,
}

/// A collection that the plugin may write to. What nobody of the caller's kind may do there is refused at once; what the rule
/// says of the record, when the write is made.
pub(super) fn target(call: &Call, name: &str, verb: Verb) -> Answer<Target> {
    let errand = errand(call)?;
    if Class::of(errand.stage) == Class::Validator {
        return refuse("denied", "a validator only checks");
    }
    let (collection, grant) = granted(errand, name, verb)?;
    let operation = match verb {
        Verb::Create => Operation::Create,
        Verb::Delete => Operation::Delete,
        Verb::List | Verb::View | Verb::Update => Operation::Update,
    };
    let cx = actor(errand, &grant);
    records::may_try(&cx, &collection, operation).map_err(told)?;
    Ok(Target { collection, as_caller: !grant.as_plugin, cx })
}

impl Target {
    /// Whether the write may give this key a value. To a client what it may not set is as unknown as what there is not.
    pub(super) fn takes(&self, key: &str) -> bool {
        records::may_set(&self.cx, &self.collection, key)
    }

    fn fields(&self, fields: Fields) -> Answer<Vec<(String, Value)>> {
        fields::to_write(&self.collection, fields, |key| self.takes(key)).or_else(|why| refuse("invalid", why))
    }

    /// An id as the collection makes them.
    fn new_id(&self) -> String {
        let world = &self.cx.tenant.world;
        let mut random = |length: usize| world.ids.lower(length);
        let field = self.collection.fields.iter().find(|field| field.is_primary_key());
        let made = field.and_then(|field| match &field.kind {
            FieldKind::Text(text) => text.autogenerate(&mut random),
            _ => None,
        });
        made.unwrap_or_else(|| world.id())
    }
}

pub(super) fn write(call: &mut Call, target: &Target, verb: QueuedVerb) -> Answer<()> {
    let left = call.deadline().saturating_duration_since(Instant::now());
    let trial = call.is_trial();
    let errand = errand(call)?;
    let Target { collection, as_caller, .. } = target;
    let plugin = errand.plugin.to_string();
    let write = QueuedWrite { plugin, as_caller: *as_caller, collection: collection.id.clone(), verb };
    if errand.stage.is_part_of_write() || trial {
        hold(call, 1, size(&write.verb))?;
        call.queued.push(write);
        return Ok(());
    }
    let made = errand
        .runtime
        .block_on(async { tokio::time::timeout(left, records::write_for_plugin(&errand.cx, write)).await });
    match made {
        Ok(made) => made.map_err(told),
        Err(_) => refuse("unavailable", "the time of the call is up"),
    }
}

/// Bytes that the host holds of a write.
fn size(verb: &QueuedVerb) -> usize {
    let of_fields = |fields: &[(String, Value)]| -> usize {
        fields.iter().map(|(name, value)| name.len() + fields::size(value)).sum()
    };
    match verb {
        QueuedVerb::Create { id, fields } => id.len() + of_fields(fields),
        QueuedVerb::Update { id, fields, files, .. } => {
            let files = files.iter().map(|file| usize::try_from(file.content.size).unwrap_or(usize::MAX));
            files.fold(id.len() + of_fields(fields), usize::saturating_add)
        }
        QueuedVerb::Delete { id } => id.len(),
        QueuedVerb::Mail(_) | QueuedVerb::Publish { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_wherever_they_stand_in_a_filter() {
        let secret = |path: &str| words(path).any(|word| word == "secret");
        let names = |filter: &str| names_one(&rules::parse(filter).unwrap().root, &secret);
        for filter in
            ["secret = 1", "1 < author.secret", "a = 1 && (b = 2 || secret:length > 3)", "x_via_y.secret ?~ 'a'"]
        {
            assert!(names(filter), "{filter}");
        }
        for filter in ["title = 'secret'", "secrets = 1", "a = 1 && b != \"x.secret\""] {
            assert!(!names(filter), "{filter}");
        }
    }
}
