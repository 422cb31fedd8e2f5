//! The modules of the server that the targets need, from their own files: the language, the nouns, statements, errors.

#[path = "../src"]
mod server {
    pub mod error;
    pub mod model;
    pub mod rules;
    pub mod sql;
}

pub use server::{error, model, rules, sql};
