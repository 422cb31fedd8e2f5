//! What the regular expressions of a schema take. They are linear-time in what they are held to, but neither in their making nor in what
//! they need; so they have a budget, all of a schema together.

use crate::model::pattern::{READING, Reading, STEPS, Weight};
use regex_syntax::ast::{ClassPerl, ClassPerlKind};
use std::collections::HashMap;

/// A pattern is read anew for each class of letters in it: so many bytes may be read.
const READ_BYTES: usize = 100_000;
/// Bytes that the automata may take, one of them, and one at least.
const AUTOMATA_BYTES: usize = 4 << 20;
const AUTOMATON_BYTES: usize = 4 << 20;
const SMALLEST: usize = 40 << 10;
/// What may be kept of what they read.
const ROOM_BYTES: usize = 128 << 20;
/// A pattern is weighed with one of so many parts of the steps that are left, and never with less than is enough for what is simple: one that
/// takes many makes no other one heavy.
const SHARES: u64 = 4;
const SHARE: u64 = 10_000;

/// The patterns that were looked at, and what more there may be.
#[derive(Debug)]
pub(super) struct Patterns {
    read_bytes: usize,
    reading: u64,
    bytes: usize,
    room: usize,
    steps: u64,
    weights: HashMap<String, Weight>,
}

impl Patterns {
    pub(super) fn new() -> Self {
        Self {
            read_bytes: READ_BYTES,
            reading: READING,
            bytes: AUTOMATA_BYTES,
            room: ROOM_BYTES,
            steps: STEPS,
            weights: HashMap::new(),
        }
    }

    /// Takes one more.
    ///
    /// # Errors
    /// Why not, in words.
    pub(super) fn add(&mut self, pattern: &str) -> Result<(), String> {
        let reading = Reading::of(pattern).map_err(words)?;
        let plain = plain(pattern, &reading.perl);
        // It grows from its length to the last, one class each time.
        let reads = (pattern.len() + plain.len()) * (reading.perl.len() + 1) / 2;
        self.read_bytes = self.read_bytes.checked_sub(reads).ok_or("its patterns are too long")?;
        self.reading = self.reading.checked_sub(reading.effort).ok_or("its patterns have too large classes")?;
        let weight = match self.weights.get(pattern) {
            Some(known) => *known,
            None => self.weigh(pattern, &plain)?,
        };
        self.bytes = self.bytes.checked_sub(weight.bytes.max(SMALLEST)).ok_or("its patterns repeat too much")?;
        self.room = self.room.checked_sub(weight.room).ok_or("its patterns keep too much in mind")?;
        Ok(())
    }

    fn weigh(&mut self, pattern: &str, plain: &str) -> Result<Weight, String> {
        let share = (self.steps / SHARES).max(SHARE);
        let mut left = share;
        let weighed = Weight::of(plain, AUTOMATON_BYTES, &mut left);
        self.steps = self.steps.saturating_sub(share - left);
        let weight = weighed.map_err(words)?;
        self.weights.insert(pattern.to_owned(), weight);
        Ok(weight)
    }

    /// How much heavier than a byte a pattern is for each byte that it reads, at the worst.
    pub(super) fn weight(&self, pattern: &str) -> u64 {
        self.weights.get(pattern).map_or(1, |weight| weight.per_byte)
    }
}

fn words(error: regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "a pattern repeats too much".to_owned(),
        error => format!("a pattern is none, or has what takes more than linear time: {error}"),
    }
}

/// A pattern as the validator reads it: the classes of letters are those of ASCII, where they are classes.
fn plain(pattern: &str, perl: &[ClassPerl]) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut done = 0;
    for class in perl {
        out.push_str(&pattern[done..class.span.start.offset]);
        out.push_str(match (&class.kind, class.negated) {
            (ClassPerlKind::Digit, false) => "[0-9]",
            (ClassPerlKind::Digit, true) => "[^0-9]",
            (ClassPerlKind::Word, false) => "[A-Za-z0-9_]",
            (ClassPerlKind::Word, true) => "[^A-Za-z0-9_]",
            (ClassPerlKind::Space, false) => "[ \t\n\r\u{b}\u{c}\u{a0}\u{feff}\u{2003}\u{2029}]",
            (ClassPerlKind::Space, true) => "[^ \t\n\r\u{b}\u{c}\u{a0}\u{feff}\u{2003}\u{2029}]",
        });
        done = class.span.end.offset;
    }
    out + &pattern[done..]
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
    fn patterns_are_weighed_as_the_validator_reads_them() {
        let mut all = Patterns::new();
        // What is written in a comment stays there, a line's end that would end it included.
        let heavy = "(?x)#\\s[\n[01]*1[01]{900}[x-z]]";
        all.add(heavy).unwrap();
        assert!(all.weight(heavy) > 900, "{}", all.weight(heavy));
        let large = "(?x)#\\s[\n(?:.{99}){99}]".to_owned();
        assert!(objection(&[large]).unwrap().contains("repeats too much"));
        assert!(objection(&vec!["(?i)[À-힣]{0}".repeat(10); 2]).unwrap().contains("too large classes"));
        assert!(objection(&[r"\s".repeat(150)]).unwrap().contains("too long"), "it grows");
        let many: Vec<String> = (0..100).map(|n| format!("[01]*1[01]{{20}}x{n}")).collect();
        assert!(objection(&many).unwrap().contains("in mind"), "each keeps states");
        let light: Vec<String> = (0..90).map(|n| format!(r"^[a-z]{{2,8}}-\d+/{n}$")).collect();
        assert_eq!(objection(&light), None);
    }

    #[test]
    fn one_that_is_heavy_makes_no_other_one_heavy() {
        let mut all = Patterns::new();
        for number in 0..30 {
            all.add(&format!("[01]*1[01]{{{}}}x", 20 + number)).unwrap();
        }
        for light in ["^[a-z]+$", r"^\d{4}-\d\d-\d\d$", r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$"] {
            all.add(light).unwrap();
            assert_eq!(all.weight(light), 1, "{light}");
        }
        assert!(all.steps < STEPS, "what was taken is counted");
    }
}
