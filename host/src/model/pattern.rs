//! Regular expressions as options of fields: to test text, and to generate it.
//!
//! Patterns are written for Go's syntax, because definitions come from `PocketBase`. Both engines are
//! linear-time and nearly agree; [`translate`] closes the gap. Compiled once, on first use.

mod generate;
mod reading;
mod weight;

use super::compiled::Compiled;
use regex::{Regex, RegexBuilder};

pub use generate::Generator;
pub(super) use reading::{READING, Reading};
pub(super) use weight::{STEPS, Weight};

/// A compiled pattern may not need more memory than this.
const COMPILED_BYTES: usize = 1 << 20;
/// What a pattern may read, in bytes of the lightest: half a second of the heaviest.
const READ_BYTES: u64 = 16 << 20;

/// An optional pattern; empty matches everything.
pub type Pattern = Compiled<String, Option<(Regex, Weight)>>;

impl Pattern {
    /// Whether it is a regular expression at all.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.is_empty() || self.regex().is_some()
    }

    /// Whether a part of the text matches; nothing matches an invalid pattern, and no text one that it would be read by for too long.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let matches = |(regex, weight): &(Regex, Weight)| {
            (text.len() as u64 + 1).saturating_mul(weight.per_byte) <= READ_BYTES && regex.is_match(text)
        };
        self.is_empty() || self.regex().is_some_and(matches)
    }

    fn regex(&self) -> Option<&(Regex, Weight)> {
        self.get(|text| {
            let pattern = readable(text)?;
            let weight = Weight::of(&pattern, COMPILED_BYTES, &mut STEPS.clone()).ok()?;
            Some((RegexBuilder::new(&pattern).size_limit(COMPILED_BYTES).build().ok()?, weight))
        })
        .as_ref()
    }
}

/// A pattern, translated; `None` where it is none or would take too long to read.
fn readable(pattern: &str) -> Option<String> {
    let pattern = translate(pattern);
    Reading::of(&pattern).is_ok().then_some(pattern)
}

/// Go's syntax to that of the `regex` crate: `\d`, `\w`, `\s` and `\b` know ASCII only, `{` is literal where it
/// begins no repetition, and `[`, `&` and `~` are literal within a class.
fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.chars();
    let mut in_class = false;
    while let Some(c) = rest.next() {
        match c {
            '\\' => translate_escape(&mut out, &mut rest),
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                copy_class_start(&mut out, &mut rest);
            }
            '[' => match named_class(rest.as_str()) {
                Some(length) => {
                    out.push('[');
                    out.extend(rest.by_ref().take(length));
                }
                None => out.push_str("\\["),
            },
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => out.extend(['\\', c]),
            '{' if !in_class && !is_repetition(rest.as_str()) => out.push_str("\\{"),
            _ => out.push(c),
        }
    }
    out
}

/// `^` and a leading `]`, which is literal there.
fn copy_class_start(out: &mut String, rest: &mut std::str::Chars<'_>) {
    if rest.as_str().starts_with('^') {
        out.extend(rest.next());
    }
    if rest.as_str().starts_with(']') {
        rest.next();
        out.push_str("\\]");
    }
}

/// Length of `:name:]` at the start.
fn named_class(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix(':')?;
    let end = inner.find(":]")?;
    inner[..end].chars().all(|c| c.is_ascii_lowercase() || c == '^').then_some(end + 3)
}

fn is_repetition(rest: &str) -> bool {
    let Some((inner, _)) = rest.split_once('}') else { return false };
    let (min, max) = inner.split_once(',').unwrap_or((inner, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !min.is_empty() && digits(min) && digits(max)
}

fn translate_escape(out: &mut String, rest: &mut std::str::Chars<'_>) {
    match rest.next() {
        Some('d') => out.push_str("[0-9]"),
        Some('D') => out.push_str("[^0-9]"),
        Some('w') => out.push_str("[0-9A-Za-z_]"),
        Some('W') => out.push_str("[^0-9A-Za-z_]"),
        Some('s') => out.push_str("[\\t\\n\\f\\r ]"),
        Some('S') => out.push_str("[^\\t\\n\\f\\r ]"),
        Some('b') => out.push_str("(?-u:\\b)"),
        Some('B') => out.push_str("(?-u:\\B)"),
        // Word boundaries here, plain characters in Go.
        Some(c @ ('<' | '>')) => out.push(c),
        Some('Q') => {
            let text = rest.as_str();
            let quoted = text.split("\\E").next().unwrap_or_default();
            out.push_str(&regex::escape(quoted));
            *rest = text[quoted.len()..].strip_prefix("\\E").unwrap_or_default().chars();
        }
        Some(c @ ('p' | 'P' | 'x')) => {
            out.extend(['\\', c]);
            if rest.as_str().starts_with('{') {
                let length = rest.as_str().find('}').map_or(rest.as_str().len(), |end| end + 1);
                out.push_str(&rest.as_str()[..length]);
                *rest = rest.as_str()[length..].chars();
            }
        }
        Some(c) => out.extend(['\\', c]),
        None => out.push('\\'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_a_part_like_go() {
        let matches = |pattern: &str, text: &str| Pattern::from(pattern).matches(text);
        assert!(matches("", "anything") && matches("b", "abc") && !matches("^b", "abc"));
        assert!(matches("^[a-z0-9]+$", "abc1") && !matches("^[a-z0-9]+$", "abc1\n"));
        assert!(matches(r"^\w+$", "ab_1") && !matches(r"^\w+$", "ž") && !matches(r"^\d$", "٣"));
        assert!(matches(r"^[\w-]+$", "a-b") && matches(r"^[\w.@+-]+$", "a.b@c+d-e") && !matches(r"^[^\s]+$", "a b"));
        assert!(matches(r"^\S+\s\S+$", "a b") && matches("^.$", "ž") && matches(r"^\p{L}\x{17e}$", "žž"));
        assert!(
            matches("^{.*}$", "{a}")
                && matches("^a{2,3}$", "aaa")
                && matches("^a{2}$", "aa")
                && matches("a{,2}", "a{,2}")
        );
        assert!(matches("^[[]$", "[") && matches("^[a&&b]+$", "&") && matches("^[[:alpha:]]$", "b"));
        assert!(matches("^[]a]$", "]") && matches("^[^]a]$", "b"));
        assert!(matches(r"^\Qa.b\E$", "a.b") && !matches(r"^\Qa.b\E$", "axb") && matches(r"^\<a\>$", "<a>"));
        assert!(matches(r"(?i)^ABC$", "abc") && matches(r"\bfoo\b", "a foo b"));
    }

    #[test]
    fn an_invalid_pattern_matches_nothing() {
        for pattern in ["([", "a**b(", "(?=a)", r"\", "a{1000}{1000}{1000}"] {
            let pattern = Pattern::from(pattern);
            assert!(!pattern.is_valid() && !pattern.matches("a"), "{pattern:?}");
        }
        assert!(Pattern::default().is_valid());
    }

    #[test]
    fn long_texts_are_read() {
        let words = "Žluťoučký kůň, 1!\n".repeat(10_000 / 18 + 1);
        assert!(words.chars().count() > 10_000 && Pattern::from(r"^[\p{L}\p{N}\s.,!?'-]{10,}$").matches(&words));
        let heavy = Pattern::from("^(?:[01]?){3000}x?");
        assert!(heavy.matches(&"01".repeat(200)) && !heavy.matches(&"01".repeat(20_000)), "but not for too long");
    }

    #[test]
    fn compares_by_text_and_survives_cloning() {
        let pattern = Pattern::from("^a");
        assert!(pattern.matches("ab"));
        assert_eq!(pattern.clone(), Pattern::from("^a"));
        assert_ne!(pattern, Pattern::from("^b"));
    }
}
