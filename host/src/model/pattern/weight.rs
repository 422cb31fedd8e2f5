//! How long a regular expression takes to read a text, at the worst, found before there is a text.
//!
//! The engine is linear in the text, with a factor that may be as large as the pattern is: for each byte it follows all that may come next. It
//! keeps what it followed as the states of an automaton. Where those are few there is soon nothing to follow but the next state. So
//! they are made here, as far as they are few, those that read a text backwards too; where they are not few, what may be followed at once counts.

mod closures;

use closures::{Closures, whole};
use regex::{Regex, RegexBuilder};
use regex_automata::hybrid::{LazyStateID, dfa};
use regex_automata::nfa::thompson::{self, NFA};
use regex_automata::util::{alphabet::Unit, start};
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::{Hir, HirKind};
use std::collections::HashSet;

/// So much memory few states take.
const FEW_BYTES: usize = 512 << 10;
/// What a byte takes where they are not few, in bytes that are read where they are: a state is made, and kept.
const MADE: u64 = 32;
/// And what is followed is paid for: so much of an automaton is forgotten in the time of a byte, and followed in it where that is kept apart.
const FORGOTTEN: u64 = 2_000;
const FOLLOWED: u64 = 4;
/// Of an automaton in so many bytes at most one state is made.
const STATE_BYTES: u64 = 16;
/// What a step costs beside what it follows, which is kept in so many bytes for each.
const STEP_BYTES: usize = 16;
/// What is kept of a state beside what is followed there, a byte or more for each.
const KEPT_BESIDE: usize = 36;
/// Bytes that stand for all that may stand before a place where a search begins.
const BEFORE: [Option<u8>; 5] = [None, Some(b'\n'), Some(b'\r'), Some(b'a'), Some(b' ')];

/// Steps in making states: they are enough for some tenths of a second.
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
                    // What stands for an automaton that could not be made again is as large as it can be.
                    let per_byte = per_byte(pattern, bytes, steps).unwrap_or(MADE + bytes as u64 / STATE_BYTES);
                    return Ok((regex, Self { bytes, per_byte }));
                }
            }
        }
    }
}

/// What a byte takes; `None` where the automaton cannot be made.
fn per_byte(pattern: &str, bytes: usize, steps: &mut u64) -> Option<u64> {
    let limit = thompson::Config::new().nfa_size_limit(Some(bytes));
    let nfa = NFA::compiler().configure(limit.clone()).build(pattern).ok()?;
    let (whole, closures) = (whole(&nfa), Closures::of(&nfa));
    if nfa.is_always_start_anchored() {
        if largest_of_few(nfa, MatchKind::LeftmostFirst, &[Anchored::Yes], steps).is_some() {
            return Some(1);
        }
        let single = closures.filter(|closures| closures.are_single);
        return Some(MADE + whole / FORGOTTEN + single.map_or(whole, |closures| closures.widest));
    }
    // Others are read forwards from anywhere and from where they were found to begin, and backwards.
    let backwards = limit.reverse(true).which_captures(thompson::WhichCaptures::None);
    let back = NFA::compiler().configure(backwards).build(pattern).ok()?;
    let largest = largest_of_few(nfa, MatchKind::LeftmostFirst, &[Anchored::No, Anchored::Yes], steps)
        .filter(|_| may_be_split(pattern))
        .filter(|_| largest_of_few(back, MatchKind::All, &[Anchored::Yes], steps).is_some());
    // Where the engine would read backwards too often it does without the states.
    let followed = |largest| closures.map_or(whole, |closures| closures.widest.saturating_mul(largest).min(whole));
    Some(largest.map_or(MADE + whole / FORGOTTEN + whole, |largest| 1 + followed(largest) / FOLLOWED))
}

/// Whether the engine may read a part of a pattern by itself, backwards from a text in its midst, without coming to states that the whole does
/// not come to. That is so where something fits what is behind the part; where places are looked at there it may be nothing.
fn may_be_split(pattern: &str) -> bool {
    let Ok(hir) = regex_syntax::parse(pattern) else { return false };
    let fits = |part: &Hir| part.properties().look_set().is_empty() && part.properties().minimum_len().is_some();
    let is_look = |part: Option<&Hir>| part.is_some_and(|part| matches!(part.kind(), HirKind::Look(_)));
    let mut top = &hir;
    while let HirKind::Capture(capture) = top.kind() {
        top = &capture.sub;
    }
    let HirKind::Concat(parts) = top.kind() else { return true };
    let behind = &parts[1..parts.len() - usize::from(is_look(parts.last()))];
    behind.iter().all(fits)
}

/// How much is followed at most in one of the states that a text may lead to; `None` when they are not few, or it would take too long to tell.
fn largest_of_few(nfa: NFA, kind: MatchKind, begin: &[Anchored], steps: &mut u64) -> Option<u64> {
    let config = dfa::DFA::config().match_kind(kind).cache_capacity(FEW_BYTES).minimum_cache_clear_count(Some(0));
    let dfa = dfa::DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
    let mut cache = dfa.create_cache();
    let (mut known, mut queue) = (HashSet::<LazyStateID>::new(), Vec::new());
    // A state is kept with where each byte leads from it, and with what is followed there.
    let row = dfa.byte_classes().alphabet_len().next_power_of_two() * size_of::<LazyStateID>();
    let mut largest = 0;
    for (before, anchored) in BEFORE.iter().flat_map(|before| begin.iter().map(move |anchored| (*before, *anchored))) {
        let from = start::Config::new().look_behind(before).anchored(anchored);
        let used = cache.memory_usage();
        let state = dfa.start_state(&mut cache, &from).ok()?;
        if known.insert(state) {
            let kept = cache.memory_usage().saturating_sub(used + row);
            largest = largest.max(kept);
            queue.push((state, kept));
        }
    }
    while let Some((state, kept)) = queue.pop() {
        if state.is_dead() || state.is_quit() {
            continue;
        }
        for byte in dfa.byte_classes().representatives(0..=u8::MAX).filter_map(Unit::as_u8) {
            *steps = steps.checked_sub(1 + (kept / STEP_BYTES) as u64)?;
            let used = cache.memory_usage();
            let next = dfa.next_state(&mut cache, state, byte).ok()?;
            if known.insert(next) {
                let kept = cache.memory_usage().saturating_sub(used + row);
                largest = largest.max(kept);
                queue.push((next, kept));
            }
        }
    }
    Some(largest.saturating_sub(KEPT_BESIDE) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(pattern: &str) -> u64 {
        Weight::of(pattern, (16 << 10, 4 << 20), &mut STEPS.clone()).unwrap().1.per_byte
    }

    #[test]
    fn a_pattern_weighs_what_may_be_followed() {
        for light in [
            "^[a-z]+$",
            r"^[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+\.[a-z]{2,}$",
            r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$",
            r"^\p{Lu}\p{L}*$",
            "^x-|^y$",
        ] {
            assert_eq!(weight(light), 1, "{light}");
        }
        for light in ["(.*)(.*)(.*)x", "(x+x+)+y", "(?i)one|two|three", r"[a-z]+\.(png|jpg)$", "foo$"] {
            assert!(weight(light) < MADE, "{light} {}", weight(light));
        }
        for heavy in ["[01]*1[01]{900}x", "(.{0,200}){0,20}x", "^(?:[ab]?){3000}$", "(?:[a-c]?){12000}(?:d{75000})?"] {
            assert!(weight(heavy) > 900, "{heavy} {}", weight(heavy));
        }
        assert!(weight("[01]*1[01]{20}x") > MADE && weight(r"\bthe\b") > MADE);
        assert!(weight("(.{0,200}){0,20}x") > 10_000, "and the larger the heavier");
        assert_eq!(
            Weight::of("a", (16 << 10, 4 << 20), &mut 0).unwrap().1.per_byte,
            MADE + 6,
            "what is not looked into"
        );
        assert!(Weight::of("(a{999}){999}", (16 << 10, 4 << 20), &mut STEPS.clone()).is_err());
    }

    #[test]
    fn what_is_read_backwards_counts_too() {
        for heavy in ["y[01]{900}1[01]*x$", "(?:y[01]{20}1[01]*|(?:[a-f]?){200}q)x$", "[y-z][01]{20}1[01]*xyz$a"] {
            assert!(weight(heavy) > MADE, "{heavy} {}", weight(heavy));
        }
        assert_eq!(weight("^y[01]{20}1[01]*x$"), 1, "what begins at the start is not");
        assert!(weight("[c-m](?:[abz]*b*){3000}xyz") > 500, "it is read without states where they are found too often");
    }

    #[test]
    fn what_a_byte_leads_to_one_state_in_is_not_heavy() {
        for names in [r"^\p{L}[\p{L}\p{N} '-]{0,30}$", r"^[\p{L}\p{N}\t\n .,!?'-]{10,}$", "^.{1,2000}$"] {
            let (_, weight) = Weight::of(names, (16 << 10, 4 << 20), &mut STEPS.clone()).unwrap();
            assert!(weight.per_byte <= 2 * MADE + weight.bytes as u64 / 30_000, "{names} {weight:?}");
        }
    }
}
