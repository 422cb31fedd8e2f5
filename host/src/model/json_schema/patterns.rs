//! What the regular expressions of a schema take. They are linear-time in what they are held to, but neither in their making nor in what
//! they need; so they have a budget, all of a schema together.

use crate::model::pattern::{STEPS, Weight};
use std::collections::HashMap;

/// A pattern is read anew for each of its escapes: so many bytes may be read.
const READ_BYTES: usize = 100_000;
/// Bytes that the automata may take. The first size is tried, then twice as much, to the last.
const AUTOMATA_BYTES: usize = 8 << 20;
const AUTOMATON_BYTES: (usize, usize) = (16 << 10, 4 << 20);
/// What each pattern takes at least: it has room to work in.
const AUTOMATON_ROOM: usize = 80 << 10;
/// A pattern is weighed with one of so many parts of the steps that are left, and never with less than is enough for what is simple: one that
/// takes many makes no other one heavy.
const SHARES: u64 = 4;
const SHARE: u64 = 20_000;

/// The patterns that were looked at, and what more there may be.
#[derive(Debug)]
pub(super) struct Patterns {
    read_bytes: usize,
    bytes: usize,
    steps: u64,
    weights: HashMap<String, Weight>,
}

impl Patterns {
    pub(super) fn new() -> Self {
        Self { read_bytes: READ_BYTES, bytes: AUTOMATA_BYTES, steps: STEPS, weights: HashMap::new() }
    }

    /// Takes one more.
    ///
    /// # Errors
    /// Why not, in words.
    pub(super) fn add(&mut self, pattern: &str) -> Result<(), String> {
        let escapes = pattern.bytes().filter(|byte| *byte == b'\\').count();
        let reads = pattern.len().saturating_mul(escapes + 1);
        self.read_bytes = self.read_bytes.checked_sub(reads).ok_or("its patterns are too long")?;
        let weight = match self.weights.get(pattern) {
            Some(known) => *known,
            None => self.weigh(pattern)?,
        };
        self.bytes = self.bytes.checked_sub(weight.bytes.max(AUTOMATON_ROOM)).ok_or("its patterns repeat too much")?;
        Ok(())
    }

    fn weigh(&mut self, pattern: &str) -> Result<Weight, String> {
        let share = (self.steps / SHARES).max(SHARE);
        let mut left = share;
        let weighed = Weight::of(&plain(pattern), AUTOMATON_BYTES, &mut left);
        self.steps = self.steps.saturating_sub(share - left);
        let (_, weight) = weighed.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "a pattern repeats too much".to_owned(),
            error => format!("a pattern is none, or has what takes more than linear time: {error}"),
        })?;
        self.weights.insert(pattern.to_owned(), weight);
        Ok(weight)
    }

    /// How much heavier than a byte a pattern is for each byte that it reads, at the worst.
    pub(super) fn weight(&self, pattern: &str) -> u64 {
        self.weights.get(pattern).map_or(1, |weight| weight.per_byte)
    }
}

/// A pattern as the validator reads it: the classes of letters are those of ASCII.
fn plain(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(sign) = rest.next() {
        let escaped = if sign == '\\' { rest.next() } else { None };
        match (sign, escaped) {
            (_, Some('d')) => out.push_str("[0-9]"),
            (_, Some('D')) => out.push_str("[^0-9]"),
            (_, Some('w')) => out.push_str("[A-Za-z0-9_]"),
            (_, Some('W')) => out.push_str("[^A-Za-z0-9_]"),
            (_, Some('s')) => out.push_str("[ \t\n\r\u{b}\u{c}\u{a0}\u{feff}\u{2003}\u{2029}]"),
            (_, Some('S')) => out.push_str("[^ \t\n\r\u{b}\u{c}\u{a0}\u{feff}\u{2003}\u{2029}]"),
            (sign, escaped) => out.extend(std::iter::once(sign).chain(escaped)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objection(patterns: &[String]) -> Option<String> {
        let mut all = Patterns::new();
        patterns.iter().find_map(|pattern| all.add(pattern).err())
    }

    #[test]
    fn patterns_have_a_budget() {
        for pattern in [r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$", r"^\d{4}-\d\d-\d\d$", r"^\p{L}[\p{L}\p{N} '-]{0,30}$"] {
            assert_eq!(objection(&[pattern.to_owned(), pattern.to_owned()]), None, "{pattern}");
        }
        let many: Vec<String> = (0..200).map(|n| format!(r"\p{{L}}{{6}}{n}")).collect();
        for (patterns, words) in [
            (vec![r"\d".repeat(2_000)], "too long"),
            (vec![".{20000}".to_owned()], "repeats too much"),
            (vec![r"(\p{L}{99}){99}".to_owned()], "repeats too much"),
            (vec!["(".to_owned()], "is none"),
            (many, "repeat too much"),
            (vec!["(.{99 }){50 }".to_owned(); 200], "repeat"),
        ] {
            assert!(objection(&patterns).unwrap().contains(words), "{words}");
        }
    }

    #[test]
    fn one_that_is_heavy_makes_no_other_one_heavy() {
        let mut all = Patterns::new();
        for number in 0..40 {
            all.add(&format!("[01]*1[01]{{{}}}x", 20 + number)).unwrap();
        }
        for light in ["^[a-z]+$", r"^\d{4}-\d\d-\d\d$", r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$"] {
            all.add(light).unwrap();
            assert_eq!(all.weight(light), 1, "{light}");
        }
        assert!(all.steps < STEPS, "what was taken is counted");
    }
}
