//! How long a regular expression takes to read a text, at the worst, found before there is a text.
//!
//! The engine is linear in the text, with a factor that may be as large as the pattern is: for each byte it follows all that may come next. It
//! keeps what it followed as the states of an automaton. Where those are few there is soon nothing to follow but the next state. So
//! they are made here, as far as they are few, those that read a text backwards too; where they are not few, what may be followed at once counts.

mod closures;

use closures::{Closures, whole};
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
/// What it takes to follow a state anew for each byte.
const ANEW: u64 = 2;
/// Of what a step follows so much costs as much as the step itself: in bytes that are kept, and in states that lead to them.
const STEP_BYTES: u64 = 16;
const STEP_STATES: u64 = 256;
/// What is kept of a state beside what is followed there, a byte or more for each.
const KEPT_BESIDE: usize = 36;
/// Bytes that stand for all that may stand before a place where a search begins.
const BEFORE: [Option<u8>; 5] = [None, Some(b'\n'), Some(b'\r'), Some(b'a'), Some(b' ')];

/// What an automaton has of room to work in, where its states are not few: the engine keeps so much of them, reading forwards and backwards.
const ROOM: usize = 2 << 20;
/// What is kept for each group at each state where they are followed one by one, two tables of it, and the most that may be.
const PLACE: usize = 16;
const PLACES: usize = 16 << 20;
/// The largest table that is made for what is remembered of a text, and what one of its entries takes.
const TABLE: usize = 1 << 20;
const ENTRY: usize = 8;

/// Steps in making states: they are enough for some tenths of a second.
pub(crate) const STEPS: u64 = 500_000;

/// What a pattern takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// Its automaton.
    pub(crate) bytes: usize,
    /// What is kept of what was read, at most.
    pub(crate) room: usize,
    /// For each byte of a text, in those of the lightest pattern.
    pub(crate) per_byte: u64,
}

impl Weight {
    /// Weighs a pattern whose automaton takes at most so much, with steps that are left.
    ///
    /// # Errors
    /// Why it is none.
    pub(crate) fn of(pattern: &str, largest: usize, steps: &mut u64) -> Result<Self, regex::Error> {
        let hir = regex_syntax::parse(pattern).map_err(|error| regex::Error::Syntax(error.to_string()))?;
        let limit = thompson::Config::new().nfa_size_limit(Some(largest));
        let build = |config: thompson::Config| {
            let built = NFA::compiler().configure(config).build_from_hir(&hir);
            built.map_err(|_| regex::Error::CompiledTooBig(largest))
        };
        let nfa = build(limit.clone())?;
        let back = build(limit.reverse(true).which_captures(thompson::WhichCaptures::None))?;
        let places = nfa.states().len() * nfa.group_info().slot_len() * PLACE;
        if places > PLACES {
            return Err(regex::Error::CompiledTooBig(PLACES));
        }
        let bytes = nfa.memory_usage().max(back.memory_usage());
        let has_table =
            hir.properties().explicit_captures_len() > 0 || hir.properties().look_set().contains_word_unicode();
        let remembered = if has_table && nfa.is_always_start_anchored() {
            (nfa.states().len() * (ENTRY << nfa.byte_classes().stride2())).min(TABLE)
        } else {
            0
        };
        let (per_byte, room) = read(&hir, nfa, back, steps);
        Ok(Self { bytes, room: room + remembered + if room < ROOM { 0 } else { places }, per_byte })
    }
}

/// What a byte takes, and what is kept.
fn read(hir: &Hir, nfa: NFA, back: NFA, steps: &mut u64) -> (u64, usize) {
    let (whole, closures) = (whole(&nfa), Closures::of(&nfa));
    if nfa.is_always_start_anchored() {
        let few = States::few(nfa, MatchKind::LeftmostFirst, &[Anchored::Yes], steps);
        if let Some(states) = few.filter(|_| has_room(back)) {
            return (1, states.bytes);
        }
        let single = closures.filter(|closures| closures.are_single);
        return (MADE + whole / FORGOTTEN + single.map_or(whole * ANEW, |closures| closures.widest), ROOM);
    }
    // Others are read forwards from anywhere and from where they were found to begin, and backwards.
    let forwards = States::few(nfa, MatchKind::LeftmostFirst, &[Anchored::No, Anchored::Yes], steps);
    let both = forwards.filter(|_| may_be_split(hir)).and_then(|forwards| {
        let backwards = States::few(back, MatchKind::All, &[Anchored::Yes], steps)?;
        Some(States { bytes: forwards.bytes + backwards.bytes, ..forwards })
    });
    let Some(States { largest, bytes }) = both else { return (MADE + whole / FORGOTTEN + whole * ANEW, 2 * ROOM) };
    // Where the engine would read backwards too often it does without the states.
    let followed = closures.map_or(whole, |closures| closures.widest.saturating_mul(largest).min(whole));
    (1 + followed / FOLLOWED, bytes)
}

/// Whether the engine can keep states of an automaton that reads backwards: without them it keeps none of the other one either.
fn has_room(back: NFA) -> bool {
    let config = dfa::DFA::config().match_kind(MatchKind::All).starts_for_each_pattern(true).cache_capacity(ROOM);
    dfa::DFA::builder().configure(config).build_from_nfa(back).is_ok()
}

/// Whether the engine may read a part of a pattern by itself, backwards from a text in its midst, without coming to states that the whole does
/// not come to. That is so where something fits what is behind the part; where places are looked at there it may be nothing.
fn may_be_split(hir: &Hir) -> bool {
    let fits = |part: &Hir| part.properties().look_set().is_empty() && part.properties().minimum_len().is_some();
    let is_look = |part: Option<&Hir>| part.is_some_and(|part| matches!(part.kind(), HirKind::Look(_)));
    let mut top = hir;
    while let HirKind::Capture(capture) = top.kind() {
        top = &capture.sub;
    }
    let HirKind::Concat(parts) = top.kind() else { return true };
    let behind = &parts[1..parts.len() - usize::from(is_look(parts.last()))];
    behind.iter().all(fits)
}

/// The states that a text may lead to.
struct States {
    /// How much is followed at most in one of them.
    largest: u64,
    /// What they take.
    bytes: usize,
}

impl States {
    /// `None` when they are not few, or it would take too long to tell.
    fn few(nfa: NFA, kind: MatchKind, begin: &[Anchored], steps: &mut u64) -> Option<Self> {
        let config = dfa::DFA::config().match_kind(kind).cache_capacity(FEW_BYTES).minimum_cache_clear_count(Some(0));
        let whole = whole(&nfa);
        let widest = Closures::of(&nfa).map_or(whole, |closures| closures.widest);
        // What is kept in a byte may be led to by many states.
        let step = |kept: u64| 1 + kept / STEP_BYTES + kept.saturating_mul(widest).min(whole) / STEP_STATES;
        let dfa = dfa::DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        let mut cache = dfa.create_cache();
        let (mut known, mut queue) = (HashSet::<LazyStateID>::new(), Vec::new());
        // A state is kept with where each byte leads from it, and with what is followed there.
        let row = dfa.byte_classes().alphabet_len().next_power_of_two() * size_of::<LazyStateID>();
        let mut largest = 0;
        for (before, anchored) in
            BEFORE.iter().flat_map(|before| begin.iter().map(move |anchored| (*before, *anchored)))
        {
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
                *steps = steps.checked_sub(step(kept as u64))?;
                let used = cache.memory_usage();
                let next = dfa.next_state(&mut cache, state, byte).ok()?;
                if known.insert(next) {
                    let kept = cache.memory_usage().saturating_sub(used + row);
                    largest = largest.max(kept);
                    queue.push((next, kept));
                }
            }
        }
        Some(Self { largest: largest.saturating_sub(KEPT_BESIDE) as u64, bytes: cache.memory_usage() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(pattern: &str) -> u64 {
        Weight::of(pattern, 4 << 20, &mut STEPS.clone()).unwrap().per_byte
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
        let unseen = Weight::of("a", 4 << 20, &mut 0).unwrap();
        assert_eq!(unseen.per_byte, MADE + 6 * ANEW, "what is not looked into");
        assert!(Weight::of("(a{999}){999}", 4 << 20, &mut STEPS.clone()).is_err());
    }

    #[test]
    fn groups_have_places_at_each_state() {
        let groups = |many: usize| Weight::of(&vec!["(a)"; many].join("|"), 4 << 20, &mut STEPS.clone());
        assert!(matches!(groups(1_000), Err(regex::Error::CompiledTooBig(_))));
        assert!(groups(50).is_ok());
        let with =
            |group: &str| Weight::of(&format!(r"\b{group}*[a-z]{{300}}"), 4 << 20, &mut STEPS.clone()).unwrap().room;
        assert!(with("(a)") > with("(?:a)") + 5_000, "{} {}", with("(a)"), with("(?:a)"));
    }

    #[test]
    fn what_cannot_be_read_backwards_keeps_no_states() {
        let signs: String = (0..3_072).filter_map(|n| char::from_u32(0x10000 + n * 64)).collect();
        let backwards = format!("^(?:(?:{})*|[{signs}]{{14}})$", vec!["a+"; 300].join("|"));
        assert!(weight(&backwards) > 900, "{}", weight(&backwards));
    }

    #[test]
    fn steps_count_what_leads_to_a_state() {
        let taken = |pattern: &str| {
            let mut left = STEPS;
            Weight::of(pattern, 4 << 20, &mut left).unwrap();
            STEPS - left
        };
        let within = |depth: usize| {
            let one = |letter: char| format!("{}{letter}{}", "(".repeat(depth), ")".repeat(depth));
            format!("^(?:{})*$", ('a'..='t').map(one).collect::<Vec<_>>().join("|"))
        };
        let (deep, flat) = (taken(&within(15)), taken(&within(1)));
        assert!(deep > flat + flat / 5, "{deep} {flat}");
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
            let weight = Weight::of(names, 4 << 20, &mut STEPS.clone()).unwrap();
            assert!(weight.per_byte <= 2 * MADE + weight.bytes as u64 / 30_000, "{names} {weight:?}");
        }
    }
}
