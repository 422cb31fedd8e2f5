//! How long a regular expression takes to read a text, at the worst, found before there is a text.
//!
//! The engine is linear in the text, with a factor that may be as large as the pattern is: for each byte it follows all that may come next. It
//! keeps what it followed as the states of an automaton. Where those are few there is soon nothing to follow but the next state. So
//! they are made here, as far as they are few; where they are not, the size of the pattern counts.

use regex::{Regex, RegexBuilder};
use regex_automata::hybrid::dfa::DFA;
use regex_automata::nfa::thompson;
use regex_automata::util::{alphabet::Unit, start};
use regex_automata::{Anchored, hybrid::LazyStateID};
use std::collections::HashSet;

/// So much memory few states take.
const FEW_BYTES: usize = 512 << 10;
/// What is followed for a byte where they are not few, for each KiB of a pattern, in bytes that are read where they are.
const FOLLOWED_PER_KIB: u64 = 8;
/// What a step costs beside what it follows, which is kept in so many bytes for each.
const STEP_BYTES: usize = 16;
/// Bytes that stand for all that may stand before a place where a search begins.
const BEFORE: [Option<u8>; 5] = [None, Some(b'\n'), Some(b'\r'), Some(b'a'), Some(b' ')];

/// Steps in making states: for what is looked at together they are enough for some tenths of a second.
pub(in crate::model) const STEPS: u64 = 1_000_000;

/// What a pattern takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// Its automaton, at most twice as much as it does, or the smallest size.
    pub(in crate::model) bytes: usize,
    /// For each byte of a text, in those of the lightest pattern.
    pub(in crate::model) per_byte: u64,
}

impl Weight {
    /// Makes a pattern and weighs it, with steps that are left. The smallest size is tried for it, then twice as much, to the largest.
    ///
    /// # Errors
    /// Why there is none.
    pub(in crate::model) fn of(
        pattern: &str,
        (smallest, largest): (usize, usize),
        steps: &mut u64,
    ) -> Result<(Regex, Self), regex::Error> {
        let mut bytes = smallest;
        loop {
            match RegexBuilder::new(pattern).size_limit(bytes).build() {
                Err(regex::Error::CompiledTooBig(_)) if bytes < largest => bytes *= 2,
                Err(error) => return Err(error),
                Ok(regex) => {
                    let few = has_few_states(pattern, bytes, steps).unwrap_or_default();
                    let per_byte = if few { 1 } else { (bytes as u64 >> 10).max(1) * FOLLOWED_PER_KIB };
                    return Ok((regex, Self { bytes, per_byte }));
                }
            }
        }
    }
}

/// Whether all states that a text may lead to are few; `None` when they are not, or it would take too long to tell.
fn has_few_states(pattern: &str, bytes: usize, steps: &mut u64) -> Option<bool> {
    let config = DFA::config().cache_capacity(FEW_BYTES).minimum_cache_clear_count(Some(0));
    let limit = thompson::Config::new().nfa_size_limit(Some(bytes));
    let dfa = DFA::builder().configure(config).thompson(limit).build(pattern).ok()?;
    let mut cache = dfa.create_cache();
    let (mut known, mut queue) = (HashSet::<LazyStateID>::new(), Vec::new());
    // A state is kept with where each byte leads from it, and with what is followed there.
    let row = dfa.byte_classes().alphabet_len().next_power_of_two() * size_of::<LazyStateID>();
    for before in BEFORE {
        let from = start::Config::new().look_behind(before).anchored(Anchored::No);
        let state = dfa.start_state(&mut cache, &from).ok()?;
        if known.insert(state) {
            queue.push((state, 0));
        }
    }
    while let Some((state, kept)) = queue.pop() {
        if state.is_dead() || state.is_quit() {
            continue;
        }
        for byte in dfa.byte_classes().representatives(0..=u8::MAX).filter_map(Unit::as_u8) {
            *steps = steps.checked_sub(1 + (kept / STEP_BYTES) as u64)?;
            let before = cache.memory_usage();
            let next = dfa.next_state(&mut cache, state, byte).ok()?;
            if known.insert(next) {
                queue.push((next, cache.memory_usage().saturating_sub(before + row)));
            }
        }
    }
    Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_weighs_what_may_be_followed() {
        let weight = |pattern: &str| Weight::of(pattern, (16 << 10, 4 << 20), &mut STEPS.clone()).unwrap().1;
        for light in [
            "^[a-z]+$",
            r"^[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+\.[a-z]{2,}$",
            r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$",
            "(.*)(.*)(.*)x",
            "(x+x+)+y",
            r"^\p{Lu}\p{L}*$",
            "(?i)one|two|three",
        ] {
            assert_eq!(weight(light).per_byte, 1, "{light}");
        }
        for heavy in ["[01]*1[01]{900}x", "[01]*1[01]{20}x", "(.{0,200}){0,20}x", r"\bthe\b"] {
            assert!(weight(heavy).per_byte >= 128, "{heavy}");
        }
        assert!(weight("(.{0,200}){0,20}x").per_byte > 10_000, "and the larger the heavier");
        assert_eq!(
            Weight::of("^a$", (16 << 10, 4 << 20), &mut 0).unwrap().1.per_byte,
            128,
            "what is not looked into is heavy"
        );
        assert!(Weight::of("(a{999}){999}", (16 << 10, 4 << 20), &mut STEPS.clone()).is_err());
    }
}
