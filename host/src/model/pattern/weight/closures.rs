//! What an automaton follows for a byte, told from how it is made: the closures of its states, which are what they lead to without a byte.

use regex_automata::nfa::thompson::{NFA, State, Transition};
use regex_automata::util::primitives::StateID;

/// Closures may be so many times the automaton, all together; otherwise they are not gone through.
const TIMES: u64 = 8;
/// What it takes to tell what stands around a place.
const LOOK: u64 = 8;
/// Ranges of bytes, or ways, that are gone through in the time of a state.
const RANGES: u64 = 8;

/// The closures of all states that a byte may lead to, or that a search begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Closures {
    /// What the largest takes.
    pub(super) widest: u64,
    /// Whether a byte leads from each of them to one state at most. Then no more than one of them is followed from a place on.
    pub(super) are_single: bool,
}

/// What it takes to follow all of an automaton once.
pub(super) fn whole(nfa: &NFA) -> u64 {
    nfa.states().iter().map(weight).sum()
}

impl Closures {
    /// `None` where they are too large to go through them.
    pub(super) fn of(nfa: &NFA) -> Option<Self> {
        let mut walk = Walk { nfa, left: whole(nfa) * TIMES, seen: vec![None; nfa.states().len()], ranges: Vec::new() };
        let mut all = Self { widest: 0, are_single: true };
        let mut is_known = vec![false; nfa.states().len()];
        let mut queue = vec![nfa.start_anchored(), nfa.start_unanchored()];
        while let Some(from) = queue.pop() {
            if std::mem::replace(&mut is_known[from.as_usize()], true) {
                continue;
            }
            all.widest = all.widest.max(walk.closure(from)?);
            walk.ranges.sort_unstable_by_key(|range| (range.start, range.end));
            all.are_single &= walk.ranges.windows(2).all(|two| two[0].end < two[1].start || two[0] == two[1]);
            queue.extend(walk.ranges.iter().map(|range| range.next));
        }
        Some(all)
    }
}

struct Walk<'n> {
    nfa: &'n NFA,
    left: u64,
    /// The closure that came to a state last.
    seen: Vec<Option<StateID>>,
    /// Where bytes lead from the closure.
    ranges: Vec<Transition>,
}

impl Walk<'_> {
    /// Goes through what a state leads to without a byte, and says what that takes. What is looked at around a place may be so.
    fn closure(&mut self, from: StateID) -> Option<u64> {
        let (mut sum, mut stack) = (0, vec![from]);
        self.ranges.clear();
        while let Some(id) = stack.pop() {
            if self.seen[id.as_usize()].replace(from) == Some(from) {
                continue;
            }
            let state = self.nfa.state(id);
            self.left = self.left.checked_sub(weight(state))?;
            sum += weight(state);
            match state {
                State::ByteRange { trans } => self.ranges.push(*trans),
                State::Sparse(sparse) => self.ranges.extend(&sparse.transitions),
                State::Dense(_) => return None,
                State::Look { next, .. } | State::Capture { next, .. } => stack.push(*next),
                State::Union { alternates } => stack.extend(alternates),
                State::BinaryUnion { alt1, alt2 } => stack.extend([*alt1, *alt2]),
                State::Fail | State::Match { .. } => {}
            }
        }
        Some(sum)
    }
}

fn weight(state: &State) -> u64 {
    match state {
        State::Sparse(sparse) => 1 + sparse.transitions.len() as u64 / RANGES,
        State::Union { alternates } => 1 + alternates.len() as u64 / RANGES,
        State::Look { .. } => LOOK,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_closure_is_followed_where_a_byte_leads_to_one_state() {
        let closures = |pattern: &str| {
            let nfa = NFA::new(pattern).unwrap();
            (Closures::of(&nfa).unwrap(), whole(&nfa))
        };
        for single in [r"^\p{L}[\p{L}\p{N} '-]{0,30}$", r"^[\p{L}\p{N}\s.,!?'-]{10,}$", "^(a|b)(cd)*$", "^(?:ab|ba)$"] {
            let (closures, whole) = closures(single);
            assert!(closures.are_single && closures.widest < 40 && closures.widest <= whole, "{single} {closures:?}");
        }
        for several in ["^[01]*1[01]{20}x", "^(.{0,9}){0,9}x", "^(?s:.)*[a-c]", "a", "^(?:[a-c]|[b-d]x)"] {
            assert!(!closures(several).0.are_single, "{several}");
        }
        assert!(closures("^(?:a?){10}$").0.widest > 30, "what is followed without a byte counts");
        assert_eq!(Closures::of(&NFA::new("(?:[ab]?){5000}").unwrap()), None, "each closure is as large as all");
    }
}
