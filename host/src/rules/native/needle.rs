//! A text that is searched for in many others, as LIKE does.

use memchr::{memchr, memchr2};
use regex::bytes::{Regex, RegexBuilder};

/// Places at which the rarest byte of the needle may turn out to be in something else. After so many the byte is not
/// rare in this text, and an automaton looks for all of the needle at once.
const TRIES: usize = 16;

/// What is searched for in many texts.
#[derive(Debug)]
pub struct Needle {
    bytes: Vec<u8>,
    /// The place of the byte that is rarest in texts.
    rarest: usize,
    automaton: Regex,
}

impl Needle {
    /// # Errors
    /// When the needle is too long to be searched for.
    pub fn new(needle: &str) -> Result<Self, regex::Error> {
        let automaton = RegexBuilder::new(&regex::escape(needle)).unicode(false).case_insensitive(true).build()?;
        let bytes = needle.as_bytes().to_vec();
        let rarest = (0..bytes.len()).min_by_key(|at| commonness(bytes[*at])).unwrap_or_default();
        Ok(Self { bytes, rarest, automaton })
    }

    /// Letters of ASCII match in both cases. As for LIKE, a text ends at its first NUL.
    #[must_use]
    pub fn is_in(&self, text: &[u8]) -> bool {
        self.end_in(text).is_some_and(|end| memchr(0, &text[..end]).is_none())
    }

    /// Where the first match ends.
    fn end_in(&self, text: &[u8]) -> Option<usize> {
        let Some(rarest) = self.bytes.get(self.rarest) else { return Some(0) };
        let (lower, upper) = (rarest.to_ascii_lowercase(), rarest.to_ascii_uppercase());
        let last = text.len().checked_sub(self.bytes.len())?;
        // The rarest byte of a match that begins at 0 stands at the beginning, that of the last possible one at the end.
        let places = &text[self.rarest..=self.rarest + last];
        let mut start = 0;
        for _ in 0..TRIES {
            let rest = &places[start..];
            start += if lower == upper { memchr(lower, rest) } else { memchr2(lower, upper, rest) }?;
            let end = start + self.bytes.len();
            if text[start..end].eq_ignore_ascii_case(&self.bytes) {
                return Some(end);
            }
            start += 1;
        }
        self.automaton.find_at(text, start).map(|found| found.end())
    }
}

/// How common a byte is in texts, roughly.
fn commonness(byte: u8) -> u8 {
    match byte.to_ascii_lowercase() {
        b' ' | b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 6,
        // The first bytes of characters beyond ASCII are few in one language, those that follow are more.
        b'h' | b'l' | b'd' | b'c' | b'u' | b'm' | b'f' | b'p' | b'g' | 0xc0.. => 5,
        0x80..=0xbf => 4,
        b'w' | b'y' | b'b' | b'v' | b'k' => 3,
        b'0' | b'1' | b'2' | b'-' | b'.' | b',' | b'\n' => 2,
        b'3'..=b'9' => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn holds(needle: &str, text: &str) -> bool {
        Needle::new(needle).unwrap().is_in(text.as_bytes())
    }

    #[test]
    fn texts_contain() {
        assert!(holds("b.C", "aB.cd") && holds("", "") && holds("é", "café") && holds("a_", "A_"));
        assert!(!holds("b.C", "abxcd") && !holds("É", "café") && !holds("a_", "ab") && !holds("ab", "a"));
        assert!(holds("a", "a\0b") && !holds("b", "a\0b"), "a text ends at its first NUL");
        assert!(holds("a7", &format!("{}a7", "b7".repeat(3 * TRIES))), "7 is not rare here");
        assert!(!holds("a7", &"b7".repeat(3 * TRIES)));
    }

    proptest! {
        #[test]
        fn the_shortcut_changes_nothing(needle in "[abA7é .]{0,4}", text in "[abAB7éÉ .\\x00]{0,200}") {
            let needle = Needle::new(&needle).unwrap();
            let found = needle.automaton.find(text.as_bytes()).map(|found| found.end());
            prop_assert_eq!(needle.end_in(text.as_bytes()), found);
        }
    }
}
