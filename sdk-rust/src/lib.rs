//! Write Tinybase plugins in Rust: a record hook in ten lines.
//!
//! ```
//! use tinybase_plugin::prelude::*;
//!
//! #[before_create]
//! fn slug(_ctx: &Context, draft: &mut Record) -> Hook {
//!     let slug = draft.text("title")?.to_lowercase().replace(' ', "-");
//!     if slug.is_empty() {
//!         return refuse("title", "slug_empty", "Needs at least one letter.");
//!     }
//!     draft.set("slug", slug);
//!     Ok(())
//! }
//! ```
//!
//! That is a whole plugin: the attribute exports the interface `tinybase:plugin/before-create`, and nothing else. With
//! this `Cargo.toml`, `tinybase plugin build .` makes a component of it, ready to be uploaded:
//!
//! ```toml
//! [lib]
//! crate-type = ["cdylib"]
//!
//! [dependencies]
//! tinybase-plugin = { path = "../tinybase/sdk-rust" }
//!
//! [profile.release]
//! opt-level = 2
//! lto = true
//! codegen-units = 1
//! panic = "abort"
//! strip = true
//! ```
//!
//! # Hooks
//!
//! | attribute | function | when |
//! | --- | --- | --- |
//! | [`macro@before_create`] | `fn(&Context, &mut Record) -> Hook` | before the write; may change the draft, may refuse |
//! | [`macro@before_update`] | `fn(&Context, &Record, &mut Record) -> Hook` | the same, with the stored record first |
//! | [`macro@before_delete`] | `fn(&Context, &Record) -> Hook` | before the delete; may refuse |
//! | [`macro@validate`] | `fn(&Context, &Record, &mut Errors)` | a pure check of the whole draft |
//! | [`macro@after_create`] | `fn(&Context, &str, &Record) -> Delivery` | after the commit, at least once per event id |
//! | [`macro@after_update`] | `fn(&Context, &str, &Record, &Record) -> Delivery` | the same, with the record as it was and as it is |
//! | [`macro@after_delete`] | `fn(&Context, &str, &Record) -> Delivery` | the same, with the record as it was |
//! | [`macro@scheduled`] | `fn(&Context, &str) -> Delivery` | when the clock says so; with the schedule's name |
//! | [`macro@before_sign_in`] | `fn(&Context, &str, &Record) -> Hook` | before somebody is let in; may refuse; with the way to sign in |
//! | [`macro@route`] | `fn(&Context, &Asked) -> Answer` | answers requests; with the feature `route` |
//! | [`macro@token_claims`] | `fn(&Context, &str, &Record, &mut Record) -> Delivery` | when a token is made; the last record takes the claims |
//!
//! A plugin may have each of them once. The component exports exactly the hooks it has, so the host knows what a plugin
//! listens to without running it.
//!
//! # Records
//!
//! A [`Record`] reads by kind, `draft.text("title")?`, where the `?` turns a missing or different value into an error at
//! that field. `draft.set("views", 3)` changes it; only fields that really changed go back to the host. With the
//! feature `serde`, `draft.to::<Order>()?` and `draft.assign(&order)?` speak in your own structs.
//!
//! # Saying no
//!
//! [`refuse`] blames a field, [`deny`] answers with a status and a message, `errors.add(..)` collects in a validator,
//! [`give_up`] ends an after-hook that need not be tried again:
//!
//! ```
//! # use tinybase_plugin::prelude::*;
//! #[validate]
//! fn price(_ctx: &Context, draft: &Record, errors: &mut Errors) {
//!     if let Some(price) = errors.check(draft.number("price"))
//!         && price < 0.0
//!     {
//!         errors.add("price", "negative", "Must not be negative.");
//!     }
//! }
//!
//! #[before_delete]
//! fn keep_paid_orders(ctx: &Context, original: &Record) -> Hook {
//!     if original.boolean("paid")? && !ctx.caller.is_superuser() {
//!         return deny(403, "Paid orders stay.");
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # Capabilities
//!
//! [`records`] reads and writes other records, [`files`] their files, [`kv`] keeps small values, [`log`] writes to the
//! plugin's log, [`http`] asks other servers, with what [`secrets`] keeps from the plugin itself, [`mail`] writes to
//! people, [`realtime`] speaks to subscribers, [`clock`] and [`random`] are what they say. A
//! component imports a capability exactly when its code can reach a call of it, and imports are what an admin is asked
//! to consent to. A plugin that calls none of them imports only the names of the shared types, and is shown as pure.
//!
//! ```
//! # use tinybase_plugin::prelude::*;
//! #[after_create]
//! fn count_orders(ctx: &Context, event: &str, stored: &Record) -> Delivery {
//!     let customer = stored.text("customer")?;
//!     let seen = ["seen:", event].concat();
//!     if kv::get(&seen)?.is_none() {
//!         kv::increment(&["orders:", customer].concat(), 1)?;
//!         kv::set_for(&seen, "1", 86_400_000)?;
//!         log::write(log::Level::Info, "counted", &[("customer", customer), ("at", &ctx.now())]);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! A panic ends the call as a failure of the plugin. Its message reaches the log if the call has logged before, or has
//! called [`log::panics`]; a plugin without a log stays without one.
//!
//! # Settings
//!
//! An attachment carries a JSON object. `ctx.config_text("field")`, `config_integer` and `config_boolean` read single
//! members without a JSON parser; with the feature `serde`, `ctx.config_as::<Settings>()?` reads it whole.
//!
//! [`manifest!`] puts a JSON Schema of it into the component, which the host checks a configuration against, and says
//! what the plugin asks for at most:
//!
//! ```
//! tinybase_plugin::manifest!(r#"{
//!   "config": {"type": "object", "properties": {"max": {"type": "integer"}}},
//!   "requests": {"http": {"hosts": ["api.example.com"]}}
//! }"#);
//! ```
//!
//! # Testing
//!
//! A hook is still a plain function. Call it in a `#[test]`; [`testing`] answers for the host.
//!
//! # What a guest does not have
//!
//! There is no clock but `ctx.now_ms` and, where granted, [`clock`], no randomness but [`random`], no environment, no
//! file system and no thread; `println!` goes nowhere,
//! and `Instant::now` traps. Each call gets an instance of its own, so a `static` is forgotten when the call ends: what
//! must last belongs in [`kv`] or in a record. Memory comes from a small allocator made for that life; turn off the
//! default feature `arena` to bring your own.
#![deny(unsafe_code)]

// The examples of this crate and its attributes name it as a plugin would.
extern crate self as tinybase_plugin;

#[cfg(any(all(feature = "arena", target_arch = "wasm32"), test))]
mod arena;
#[doc(hidden)]
pub mod bindings;
pub mod clock;
mod context;
mod error;
pub mod files;
#[doc(hidden)]
pub mod hooks;
pub mod http;
mod json;
pub mod kv;
pub mod log;
pub mod mail;
pub mod random;
pub mod realtime;
mod record;
pub mod records;
pub mod route;
pub mod secrets;
#[cfg(feature = "serde")]
pub mod structs;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
mod time;
mod value;

pub use bindings::types::{Caller, Context, Error, Field, FieldError, Refusal, Value};
pub use error::{Delivery, Errors, Failure, Hook, deny, give_up, refuse};
pub use record::Record;
pub use route::{Answer, Asked};
pub use tinybase_plugin_macros::{
    after_create, after_delete, after_update, before_create, before_delete, before_sign_in, before_update, route,
    scheduled, token_claims, validate,
};

/// Puts a JSON text into the component as its manifest: `name`, `config` (a JSON Schema) and `requests` (grants, of which
/// an admin can then give no more).
#[macro_export]
macro_rules! manifest {
    ($json:expr) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            const JSON: &str = $json;
            #[used]
            #[unsafe(link_section = "tinybase:manifest")]
            static MANIFEST: [u8; JSON.len()] = {
                let (mut bytes, mut at) = ([0; JSON.len()], 0);
                while at < bytes.len() {
                    bytes[at] = JSON.as_bytes()[at];
                    at += 1;
                }
                bytes
            };
        };
    };
}

/// `use tinybase_plugin::prelude::*;`
pub mod prelude {
    pub use crate::{
        Answer, Asked, Context, Delivery, Errors, Hook, Record, Value, after_create, after_delete, after_update,
        before_create, before_delete, before_sign_in, before_update, clock, deny, files, give_up, http, kv, log, mail,
        random, realtime, records, refuse, route, scheduled, secrets, token_claims, validate,
    };
}
