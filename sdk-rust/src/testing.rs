//! A host for `cargo test`: hooks run natively against it, without Wasm and without a server.
//!
//! ```
//! use tinybase_plugin::{prelude::*, testing};
//!
//! #[before_create]
//! fn one_shop_each(ctx: &Context, _draft: &mut Record) -> Hook {
//!     let mine = ["owner = ", &records::quote(&ctx.caller.id)].concat();
//!     if records::count("shops", &mine)? > 0 {
//!         return deny(403, "You have a shop already.");
//!     }
//!     Ok(())
//! }
//!
//! let host = testing::Host::new();
//! let ctx = testing::context("shops");
//! assert!(one_shop_each(&ctx, &mut Record::new()).is_ok());
//!
//! host.insert("shops", Record::new().with("owner", &ctx.caller.id));
//! assert!(one_shop_each(&ctx, &mut Record::new()).is_err());
//! ```

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::Record;
use crate::bindings::types::{Caller, Context, Error, Field};
use crate::http::{Request, Response};
use crate::log::Level;
use crate::mail::Letter;

mod filter;
pub(crate) mod host;

/// A call by the signed-in user `user00000000001`, at 2026-01-31 12:00:00 UTC, without configuration. Change what the
/// test is about: `Context { config: r#"{"max": 3}"#.into(), ..testing::context("posts") }`.
pub fn context(collection: &str) -> Context {
    Context {
        tenant: "test".into(),
        collection: collection.into(),
        request_id: "request00000001".into(),
        caller: Caller { kind: "user".into(), id: "user00000000001".into(), collection: "users".into() },
        now_ms: 1_769_860_800_000,
        depth: 0,
        config: "{}".into(),
    }
}

/// What the plugin's host functions see and do in the current thread, from its making until it is dropped.
///
/// Filters may be empty or comparisons for equality joined with `&&`; any other filter panics.
pub struct Host(());

#[derive(Default)]
struct State {
    collections: BTreeMap<String, Vec<Vec<Field>>>,
    values: BTreeMap<String, Vec<u8>>,
    log: Vec<(Level, String)>,
    denied: BTreeSet<String>,
    created: u64,
    web: Option<Box<Web>>,
    secrets: BTreeMap<String, String>,
    mails: Vec<Letter>,
    messages: Vec<(String, String)>,
    files: BTreeMap<(String, String, String), Vec<u8>>,
}

type Web = dyn FnMut(&Request) -> Response;

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

fn with<T>(act: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(act)
}

impl Host {
    #[allow(clippy::new_without_default, reason = "making it empties the thread's host, which a default should not")]
    pub fn new() -> Self {
        STATE.take();
        Self(())
    }

    /// Puts a record into a collection, gives it an id if it has none, and answers with the id.
    pub fn insert(&self, collection: &str, record: Record) -> String {
        with(|state| state.create(collection, record))
    }

    /// Every record of a collection, oldest first.
    pub fn records(&self, collection: &str) -> Vec<Record> {
        with(|state| state.collection(collection).iter().cloned().map(Record::from).collect())
    }

    /// The lines that the plugin logged.
    pub fn log(&self) -> Vec<(Level, String)> {
        with(|state| state.log.clone())
    }

    /// Answers the requests of `http`; without it there is no answer. Placeholders arrive as the secrets they stand for.
    pub fn serve(&self, web: impl FnMut(&Request) -> Response + 'static) {
        with(|state| state.web = Some(Box::new(web)));
    }

    /// Keeps a secret.
    pub fn keep(&self, name: &str, value: &str) {
        with(|state| state.secrets.insert(name.to_owned(), value.to_owned()));
    }

    /// The mails that the plugin sent.
    pub fn mails(&self) -> Vec<Letter> {
        with(|state| state.mails.clone())
    }

    /// What the plugin published: topics with JSON texts.
    pub fn messages(&self) -> Vec<(String, String)> {
        with(|state| state.messages.clone())
    }

    /// Stores a file of a record.
    pub fn store(&self, collection: &str, id: &str, name: &str, content: &[u8]) {
        with(|state| state.files.insert((collection.to_owned(), id.to_owned(), name.to_owned()), content.to_vec()));
    }

    /// Lets a host function answer `denied` from now on, as without a grant: `host.deny("records.create")`.
    pub fn deny(&self, function: &str) {
        with(|state| state.denied.insert(function.to_owned()));
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        STATE.take();
    }
}

impl State {
    fn permit(&self, function: &str) -> Result<(), Error> {
        if self.denied.contains(function) { Err(error("denied", function)) } else { Ok(()) }
    }

    fn collection(&mut self, name: &str) -> &mut Vec<Vec<Field>> {
        self.collections.entry(name.to_owned()).or_default()
    }

    fn create(&mut self, collection: &str, mut record: Record) -> String {
        if record.id().is_empty() {
            self.created += 1;
            record.set("id", format!("record{:09}", self.created));
        }
        self.collection(collection).push(record.as_fields().into_owned());
        record.id().to_owned()
    }

    fn find(&mut self, collection: &str, filter: &str) -> Result<Vec<Record>, Error> {
        let matches = filter::parse(filter)?;
        let all = self.collection(collection).iter().cloned().map(Record::from);
        Ok(all.filter(|record| matches.iter().all(|(name, value)| record.get(name) == Some(value))).collect())
    }
}

fn error(code: &str, message: &str) -> Error {
    Error { code: code.to_owned(), message: message.to_owned() }
}
