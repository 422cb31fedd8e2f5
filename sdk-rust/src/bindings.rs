//! What wit-bindgen makes of `wit/`, one module for each world that `tests/bindings.rs` lists. Nothing in here is part
//! of the SDK's interface.
#![allow(unsafe_code)]

#[rustfmt::skip]
pub mod after_create;
#[rustfmt::skip]
pub mod after_delete;
#[rustfmt::skip]
pub mod after_update;
#[rustfmt::skip]
pub mod before_create;
#[rustfmt::skip]
pub mod before_delete;
#[rustfmt::skip]
pub mod before_update;
#[rustfmt::skip]
pub mod before_sign_in;
#[rustfmt::skip]
pub mod imports;
#[rustfmt::skip]
pub mod scheduled;
#[rustfmt::skip]
pub mod token_claims;
#[rustfmt::skip]
pub mod validator;

#[cfg(target_arch = "wasm32")]
pub use imports::tinybase::plugin::{clock, files, kv, random, realtime, records, secrets};
pub use imports::tinybase::plugin::{http_client, log, mail, types};
