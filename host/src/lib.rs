//! Tinybase: a backend in one binary whose hooks are sandboxed WebAssembly components.
//!
//! The modules stand in one total order: **a module may import only modules further down this list**
//! (and its own children). `tests/tidy.rs` enforces it. Reading from the bottom up, everything is
//! explained before it is used; reading from the top down follows a request. The map with its
//! walk-throughs is `ARCHITECTURE.md`.

// commands as one clap enum
pub mod cli;
// the route table; extractors; replies: the only place that knows status codes
pub mod http;
// Host: config + tenants + wasm engine; opens a tenant, which is: wires it together
pub mod host;
// implements the Hooks trait with WebAssembly
pub mod plugins;
// follows committed changes: WebSocket and SSE; who may see them
pub mod realtime;
// durable after-hooks
pub mod outbox;
// periodic work: named functions, their times and how they ended
pub mod jobs;
// copies of all the data: made, checked, put back
pub mod backups;
// a live copy of the collections in a libSQL server
pub mod sync;
// signing in, tokens, sessions, superusers
pub mod auth;
// statements that superusers write
pub mod console;
// verbs on collections
pub mod collections;
// the heart: input -> draft -> write | read -> expand -> render
pub mod records;
// caller x operation x collection -> Permit; the only place a rule is applied
pub mod access;
// the audit trail: who changed what
pub mod activity;
// Tenant, Cx, the Hooks trait, the feed of changes
pub mod tenant;
// mails: what they say, the queue, the way out
pub mod mail;
// counters of the rate limits
pub mod rates;
// typed settings of a tenant
pub mod settings;
// files of records: the disk or a bucket; thumbs
pub mod files;
// the request log
pub mod logs;
// the physical side of collections: catalog, diff, DDL
pub mod schema;
// the only user of SQLite
pub mod db;
// the rule language: parse, check, to SQL, evaluate; pure
pub mod rules;
// the nouns as plain data; pure
pub mod model;
// statements as literals and parameters
pub mod sql;
// requests to other servers
pub mod outbound;
// flags and environment
pub mod config;
// passwords, tokens: the only user of the crypto crates
pub mod crypto;
// counters of answered requests, without a lock
pub mod meter;
// tracked background tasks: the only place that spawns
pub mod tasks;
// what can go wrong, without a word of HTTP
pub mod error;
// time, ids and randomness, handed in
pub mod clock;
