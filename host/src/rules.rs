#![doc = include_str!("rules/grammar.md")]

pub mod ast;
mod bind;
mod check;
pub mod error;
mod facts;
mod formula;
mod json;
mod lexer;
mod macros;
mod meaning;
mod memory;
mod parser;
mod path;
mod plan;
mod sort;
mod sql;
#[cfg(test)]
mod tests;
mod value;

pub use check::{ARGUMENTS_MAX, Checked, FILTER_CHARS_MAX, FILTER_COMPARISONS_MAX, Purpose, TABLES_MAX, check};
pub use error::Error;
pub use facts::{Alone, Facts, Lookup, Related, Truth};
pub use parser::{CALLS_MAX, DEPTH_MAX, NESTING_MAX, RULE_CHARS_MAX, RULE_COMPARISONS_MAX, parse};
pub use path::HOPS_MAX;
pub use sort::{Order, SORT_CHARS_MAX, SORT_ITEMS_MAX, Sort, sort};
pub use sql::Where;

/// How many cases a property test runs: `RULES_TEST_CASES`, or what the test finds enough.
#[cfg(test)]
fn test_cases(default: u32) -> u32 {
    std::env::var("RULES_TEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default)
}
