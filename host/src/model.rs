//! The nouns as plain data: collections and their fields, records, changes, callers.
//!
//! Pure: no I/O, no async, no clock. How a collection becomes tables is `schema`; who may do what with
//! a record is `access`.

pub mod caller;
pub mod change;
pub mod collection;
pub mod compiled;
pub mod date;
pub mod distinct;
pub mod field;
pub mod index;
pub mod input;
pub mod json_schema;
pub mod key;
pub mod pairs;
pub mod pattern;
pub mod picker;
mod pieces;
pub mod quotes;
pub mod record;
pub mod schedule;
pub mod value;
pub mod view;

pub use caller::Caller;
pub use change::{Action, Change};
pub use collection::{AuthOptions, Collection, Kind, Rules};
pub use distinct::Distinct;
pub use field::{Field, FieldKind};
pub use key::{ApiKey, Area, Scope, Verb};
pub use pairs::pairs;
pub use record::{Draft, Record};
pub use schedule::Schedule;
pub use value::Value;
