//! The input is a rule, a filter or a sort.

#![no_main]

#[path = "../answer.rs"]
mod answer;

libfuzzer_sys::fuzz_target!(|text: &str| answer::answer(text));
