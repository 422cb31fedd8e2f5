//! Random text that a pattern describes, for `autogeneratePattern`.
//!
//! Anchors, flags and back references make no text and are refused. Randomness comes in as a function that
//! returns so many random characters, at least of `[a-z0-9]`.

use super::readable;
use crate::model::compiled::Compiled;
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Repetition};

/// Repetitions without an end repeat at most this often beyond their minimum's reach.
const OPEN_REPEAT: u32 = 6;
/// The longest text that is generated, in characters.
const MAX_CHARS: usize = 5000;
/// How often random characters that do not fit a class are replaced before they are thrown dice for.
const REFILLS: usize = 4;
/// How many characters make one throw of the dice.
const DICE_DIGITS: usize = 8;
/// Classes larger than this (`.`, negations) yield letters and digits where they hold them.
const SMALL_CLASS: u32 = 256;

/// An optional pattern to generate text from.
pub type Generator = Compiled<String, Option<Hir>>;

impl Generator {
    /// Whether it is a regular expression, which need not mean that text can be generated from it.
    #[must_use]
    pub fn is_regex(&self) -> bool {
        self.is_empty() || self.hir().is_some()
    }

    /// A new text; `None` when there is no pattern or it cannot be generated from.
    pub fn generate(&self, random: &mut dyn FnMut(usize) -> String) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let mut writer = Writer { out: String::new(), left: MAX_CHARS, random };
        writer.write(self.hir()?)?;
        Some(writer.out)
    }

    fn hir(&self) -> Option<&Hir> {
        self.get(|text| regex_syntax::parse(&readable(text)?).ok()).as_ref()
    }
}

struct Writer<'a> {
    out: String,
    /// Characters that may still be written.
    left: usize,
    random: &'a mut dyn FnMut(usize) -> String,
}

impl Writer<'_> {
    fn write(&mut self, hir: &Hir) -> Option<()> {
        match hir.kind() {
            HirKind::Empty => Some(()),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).ok()?;
                self.spend(text.chars().count())?;
                self.out.push_str(text);
                Some(())
            }
            HirKind::Class(class) => self.write_class(class, 1),
            HirKind::Capture(capture) => self.write(&capture.sub),
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.write(part)),
            HirKind::Alternation(parts) => {
                let index = self.below(u32::try_from(parts.len()).ok()?);
                self.write(parts.get(index as usize)?)
            }
            HirKind::Repetition(repetition) => self.repeat(repetition),
            HirKind::Look(_) => None,
        }
    }

    fn repeat(&mut self, repetition: &Repetition) -> Option<()> {
        let max = repetition.max.unwrap_or_else(|| repetition.min.max(OPEN_REPEAT));
        let times = repetition.min + self.below(max - repetition.min + 1);
        if let HirKind::Class(class) = repetition.sub.kind() {
            return self.write_class(class, times as usize);
        }
        (0..times).try_for_each(|_| {
            // Even an empty part costs, or a nest of repetitions could run for ever.
            self.spend(1)?;
            self.write(&repetition.sub)
        })
    }

    fn write_class(&mut self, class: &Class, times: usize) -> Option<()> {
        self.spend(times)?;
        let ranges = ranges(class)?;
        let holds = |c: char| ranges.iter().any(|&(first, last)| (first..=last).contains(&u32::from(c)));
        let mut missing = times;
        // The source's own characters, where the class has most of them.
        if ('a'..='z').chain('0'..='9').filter(|&c| holds(c)).count() > 18 {
            for _ in 0..REFILLS {
                let fitting = (self.random)(missing).chars().filter(|&c| holds(c)).take(missing).collect::<String>();
                missing -= fitting.chars().count();
                self.out.push_str(&fitting);
                if missing == 0 {
                    return Some(());
                }
            }
        }
        let size = ranges.iter().map(|(first, last)| last - first + 1).sum();
        for _ in 0..missing {
            let mut index = self.below(size);
            for &(first, last) in &ranges {
                if index <= last - first {
                    self.out.push(char::from_u32(first + index)?);
                    break;
                }
                index -= last - first + 1;
            }
        }
        Some(())
    }

    fn spend(&mut self, chars: usize) -> Option<()> {
        self.left = self.left.checked_sub(chars)?;
        Some(())
    }

    /// A number below `bound`, each as likely as any other.
    fn below(&mut self, bound: u32) -> u32 {
        if bound <= 1 {
            return 0;
        }
        let bound = u64::from(bound);
        let mut number = 0;
        for _ in 0..REFILLS {
            let digits = (self.random)(DICE_DIGITS);
            let digits =
                digits.chars().filter(|c| !c.is_ascii_uppercase()).filter_map(|c| c.to_digit(36)).take(DICE_DIGITS);
            let (rolled, size) =
                digits.fold((0, 1), |(number, size), digit| (number * 36 + u64::from(digit), size * 36));
            number = rolled;
            // What lies beyond the last whole multiple would favour the small numbers.
            if number < size - size % bound {
                break;
            }
        }
        u32::try_from(number % bound).unwrap_or(0)
    }
}

/// The characters of a class as ranges; `None` for an empty class.
fn ranges(class: &Class) -> Option<Vec<(u32, u32)>> {
    let class = match class {
        Class::Unicode(class) => class.clone(),
        Class::Bytes(class) => class.to_unicode_class()?,
    };
    let pairs = |class: &ClassUnicode| -> Vec<(u32, u32)> {
        class.iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect()
    };
    let all = pairs(&class);
    let size: u32 = all.iter().map(|(first, last)| last - first + 1).sum();
    if size > SMALL_CLASS {
        let alphanumeric =
            [('0', '9'), ('A', 'Z'), ('a', 'z')].map(|(a, z)| regex_syntax::hir::ClassUnicodeRange::new(a, z));
        let mut plain = class;
        plain.intersect(&ClassUnicode::new(alphanumeric));
        let plain = pairs(&plain);
        if !plain.is_empty() {
            return Some(plain);
        }
    }
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::super::Pattern;
    use super::*;

    /// A small generator of pseudo-random characters of `alphabet`.
    fn source(alphabet: &'static [u8]) -> impl FnMut(usize) -> String {
        let mut state = 1_u64;
        move |length| {
            (0..length)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    char::from(alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()])
                })
                .collect()
        }
    }

    const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

    #[test]
    fn what_is_generated_matches() {
        for pattern in [
            "[a-z0-9]{15}",
            "[a-zA-Z0-9]{50}",
            "ab[0-9]{6}",
            "[A-Z]{3}-(foo|bar|[0-9]+)",
            r"\w{4,8}x?y*z+",
            "v(a|b){2}",
            ".{5}",
            "[^a]{5}",
            "[žšč]{4}",
            r"\d{3}\.\d",
        ] {
            let generator = Generator::from(pattern);
            let anchored = Pattern::from(format!("^(?:{pattern})$"));
            for alphabet in [LOWER, &b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[..]] {
                let mut random = source(alphabet);
                for _ in 0..50 {
                    let text = generator.generate(&mut random).unwrap();
                    assert!(anchored.matches(&text), "{pattern}: {text}");
                }
            }
        }
    }

    #[test]
    fn every_choice_is_reached() {
        let generator = Generator::from("[A-F]");
        let mut random = source(LOWER);
        let mut seen: Vec<_> = (0..200).map(|_| generator.generate(&mut random).unwrap()).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 6);
    }

    #[test]
    fn refuses_what_makes_no_text() {
        for pattern in ["", "^a$", r"a\b", "([", "(a{1000}){1000}", "((a?){1000}){1000}"] {
            assert_eq!(Generator::from(pattern).generate(&mut source(LOWER)), None, "{pattern}");
        }
        assert!(Generator::from("^a$").is_regex() && !Generator::from("([").is_regex());
    }

    #[test]
    fn a_poor_source_does_not_hang() {
        let generator = Generator::from("[A-Z]{3}[a-z0-9]{4}");
        assert_eq!(generator.generate(&mut |_| String::new()).unwrap().len(), 7);
        assert_eq!(
            Generator::from("[a-z0-9]{15}").generate(&mut |n| format!("{:0>n$}", 7)).unwrap(),
            "000000000000007"
        );
    }
}
