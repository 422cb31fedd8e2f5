//! The rule language: parse, check, to SQL, evaluate in memory. Pure: no I/O, no async, no clock.
//!
//! A text goes through [`parse`] to an [`ast::Expr`], and through [`check`] to a [`Checked`] that holds for any
//! number of requests until the schema changes. For a request there are [`Checked::to_sql`] (rows of a
//! table), [`Checked::to_sql_for_draft`] (a record that is not stored yet) and [`Checked::evaluate`] (a record
//! at hand, without the database). [`sort`] does the same for the order of a list. `tests/equality.rs` holds
//! the back ends equal.
//!
#![doc = include_str!("rules/grammar.md")]

pub mod ast;
mod bind;
mod check;
pub mod error;
mod explain;
mod facts;
mod formula;
mod json;
mod lexer;
pub mod lint;
mod macros;
mod meaning;
mod memory;
pub mod native;
mod number;
mod parser;
mod path;
mod quantified;
mod sort;
mod sql;
#[cfg(test)]
mod tests;
mod value;

pub use check::{
    ARGUMENTS_MAX, Checked, FILTER_CHARS_MAX, FILTER_COMPARISONS_MAX, Purpose, TABLES_MAX, check, check_all,
};
pub use error::Error;
pub use facts::{Alone, AtHand, Facts, Lookup, Related, Truth};
pub use meaning::PATTERN_BYTES_MAX;
pub use parser::{CALLS_MAX, DEPTH_MAX, NESTING_MAX, RULE_CHARS_MAX, RULE_COMPARISONS_MAX, parse};
pub use path::HOPS_MAX;
pub use sort::{Order, OrderKey, SORT_CHARS_MAX, SORT_ITEMS_MAX, Sort, sort};
pub use sql::{Where, Wide};

/// How many cases a property test runs: `RULES_TEST_CASES`, or what the test finds enough.
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test may be told how long to run")]
fn test_config(cases: u32) -> proptest::test_runner::Config {
    let told = std::env::var("RULES_TEST_CASES").ok().and_then(|cases| cases.parse().ok());
    proptest::test_runner::Config { cases: told.unwrap_or(cases), failure_persistence: None, ..Default::default() }
}
