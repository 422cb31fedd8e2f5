//! What it takes to read a pattern, told from its syntax before anything is made of it.
//!
//! What is listed in a class is put in order with each thing that joins it, and where the case of letters does not matter each sign in it is
//! looked up, `(?i)[À-힣]{0}` though it stands for nothing. So a pattern of some KiB could take minutes in which no automaton becomes large.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{
    Ast, ClassBracketed, ClassPerl, ClassSetBinaryOp, ClassSetItem, Flag, Flags, FlagsItemKind, GroupKind, Repetition,
    RepetitionKind, RepetitionRange, Span, Visitor, visit,
};
use regex_syntax::hir::{Class, Hir, HirKind};

/// The longest pattern, in bytes.
const LONGEST: usize = 64 << 10;
/// What may be taken to read patterns: some hundredths of a second.
pub(crate) const READING: u64 = 5_000_000;
/// Looking up a sign takes as long as so many ranges that are gone through.
const SIGN: u64 = 5;
/// There are no more signs in a class than this.
const SIGNS: u64 = 0x11_0000;
/// What a class of ASCII has in it, or of that that is known by name at most.
const ASCII: Size = Size { ranges: 4, signs: 128 };
const ANY: Size = Size { ranges: 1_000, signs: SIGNS };

/// A pattern that was read.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// What it takes to read it, in ranges that are gone through.
    pub(crate) effort: u64,
    /// Where the classes `\d`, `\w` and `\s` and their opposites are, from first to last.
    pub(crate) perl: Vec<ClassPerl>,
}

impl Reading {
    /// # Errors
    /// Why it is no pattern, or that it takes more than all may.
    pub(crate) fn of(pattern: &str) -> Result<Self, regex::Error> {
        if pattern.len() > LONGEST {
            return Err(regex::Error::CompiledTooBig(LONGEST));
        }
        let ast = Parser::new().parse(pattern).map_err(|error| regex::Error::Syntax(error.to_string()))?;
        let reader = Reader { pattern, folds: false, levels: Vec::new(), widest: 0, reading: Self::default() };
        visit(&ast, reader).map_err(|TooMuch| regex::Error::CompiledTooBig(pattern.len()))
    }
}

/// How much there is in a class.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    ranges: u64,
    signs: u64,
}

struct TooMuch;

struct Reader<'p> {
    pattern: &'p str,
    /// Whether the case of letters does not matter, from some place on.
    folds: bool,
    /// What was seen of the classes that are open.
    levels: Vec<Size>,
    /// The ranges of the largest class so far.
    widest: u64,
    reading: Reading,
}

impl Reader<'_> {
    fn flags(&mut self, flags: &Flags) {
        self.folds |= flags.items.iter().any(|item| item.kind == FlagsItemKind::Flag(Flag::CaseInsensitive));
    }

    /// One more is in the innermost class.
    fn join(&mut self, size: Size) {
        let Some(level) = self.levels.last_mut() else { return };
        level.ranges += size.ranges;
        level.signs = (level.signs + size.signs).min(SIGNS);
        self.reading.effort += level.ranges;
    }

    /// All of the innermost class is gone through.
    fn pass(&mut self) {
        let Size { ranges, signs } = self.levels.last().copied().unwrap_or_default();
        self.reading.effort += ranges + if self.folds { signs * SIGN } else { 0 };
    }

    fn close(&mut self, class: &ClassBracketed) -> Size {
        self.pass();
        let mut size = self.levels.pop().unwrap_or_default();
        if class.negated {
            size = Size { ranges: size.ranges + 1, signs: SIGNS };
        }
        self.widest = self.widest.max(size.ranges);
        size
    }

    fn go_on(&self) -> Result<(), TooMuch> {
        if self.reading.effort <= READING { Ok(()) } else { Err(TooMuch) }
    }

    /// The size of what has a name.
    fn named(&self, span: &Span) -> Size {
        let hir = regex_syntax::parse(&self.pattern[span.start.offset..span.end.offset]);
        // What has blanks in it is read with a flag that is not known here.
        hir.as_ref().map_or(ANY, size_of)
    }

    /// The size of a class of ASCII, or of all the others.
    fn ascii(negated: bool) -> Size {
        if negated { Size { ranges: ASCII.ranges + 1, signs: SIGNS } } else { ASCII }
    }
}

impl Visitor for Reader<'_> {
    type Output = Reading;
    type Err = TooMuch;

    fn finish(self) -> Result<Reading, Self::Err> {
        Ok(self.reading)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        match ast {
            Ast::Flags(set) => self.flags(&set.flags),
            Ast::Group(group) => {
                if let GroupKind::NonCapturing(flags) = &group.kind {
                    self.flags(flags);
                }
            }
            Ast::ClassPerl(perl) => self.reading.perl.push((**perl).clone()),
            Ast::ClassBracketed(_) => self.levels.push(Size::default()),
            Ast::ClassUnicode(class) => {
                let Size { ranges, signs } = self.named(&class.span);
                self.widest = self.widest.max(ranges);
                self.reading.effort += ranges + if self.folds { signs * SIGN } else { 0 };
            }
            _ => {}
        }
        self.go_on()
    }

    fn visit_post(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        match ast {
            Ast::ClassBracketed(class) => drop(self.close(class)),
            // Those at the beginning that are classes are joined one by one, in each alternation that they are the beginning of.
            Ast::Alternation(_) => {
                let (count, _) = classes_first(ast, self.folds);
                self.reading.effort = self.reading.effort.saturating_add(count * (count / 2 + self.widest));
            }
            _ => {}
        }
        self.go_on()
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        if let ClassSetItem::Bracketed(_) = item {
            self.levels.push(Size::default());
        }
        Ok(())
    }

    fn visit_class_set_item_post(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        let size = match item {
            ClassSetItem::Literal(_) => Size { ranges: 1, signs: 1 },
            ClassSetItem::Range(range) => Size {
                ranges: 1,
                signs: u64::from(u32::from(range.end.c).saturating_sub(u32::from(range.start.c))) + 1,
            },
            ClassSetItem::Ascii(class) => Self::ascii(class.negated),
            ClassSetItem::Unicode(class) => self.named(&class.span),
            ClassSetItem::Perl(perl) => {
                self.reading.perl.push(perl.clone());
                Self::ascii(perl.negated)
            }
            ClassSetItem::Bracketed(class) => self.close(class),
            ClassSetItem::Empty(_) | ClassSetItem::Union(_) => return Ok(()),
        };
        self.join(size);
        self.go_on()
    }

    fn visit_class_set_binary_op_post(&mut self, _: &ClassSetBinaryOp) -> Result<(), Self::Err> {
        self.pass();
        self.go_on()
    }
}

/// How many classes something begins with as one of several, and whether that is all of it. Groups that keep nothing are not there once it is
/// read, nor is what is repeated once, or never.
fn classes_first(ast: &Ast, folds: bool) -> (u64, bool) {
    match ast {
        Ast::Dot(_) | Ast::ClassUnicode(_) | Ast::ClassPerl(_) | Ast::ClassBracketed(_) => (1, true),
        Ast::Literal(_) => (u64::from(folds), folds),
        Ast::Group(group) if matches!(group.kind, GroupKind::NonCapturing(_)) => classes_first(&group.ast, folds),
        Ast::Repetition(repetition) if times(repetition) == Some(1) => classes_first(&repetition.ast, folds),
        Ast::Alternation(all) => {
            let mut count = 0;
            for one in &all.asts {
                let (more, is_all) = classes_first(one, folds);
                count += more;
                if !is_all {
                    return (count, false);
                }
            }
            (count, true)
        }
        Ast::Concat(all) => {
            let mut more = all.asts.iter().filter(|one| !is_nothing(one));
            match (more.next(), more.next()) {
                (Some(one), None) => classes_first(one, folds),
                _ => (0, false),
            }
        }
        _ => (0, false),
    }
}

/// Whether nothing of it is left once it is read.
fn is_nothing(ast: &Ast) -> bool {
    match ast {
        Ast::Empty(_) | Ast::Flags(_) => true,
        Ast::Group(group) => matches!(group.kind, GroupKind::NonCapturing(_)) && is_nothing(&group.ast),
        Ast::Repetition(repetition) => times(repetition) == Some(0) || is_nothing(&repetition.ast),
        Ast::Concat(all) => all.asts.iter().all(is_nothing),
        _ => false,
    }
}

/// How often, where that is told by one number.
fn times(repetition: &Repetition) -> Option<u32> {
    match repetition.op.kind {
        RepetitionKind::Range(RepetitionRange::Exactly(times)) => Some(times),
        RepetitionKind::Range(RepetitionRange::Bounded(least, most)) if least == most => Some(least),
        _ => None,
    }
}

fn size_of(hir: &Hir) -> Size {
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => Size {
            ranges: class.ranges().len() as u64,
            signs: class.ranges().iter().map(|range| range.len() as u64).sum(),
        },
        _ => Size { ranges: 1, signs: 1 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effort(pattern: &str) -> u64 {
        Reading::of(pattern).unwrap().effort
    }

    #[test]
    fn what_people_write_is_read_soon() {
        for pattern in [
            "^[a-z]+$",
            r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$",
            r"^\p{L}[\p{L}\p{N} '-]{0,30}$",
            r"(?i)^[a-zà-ÿ]+$",
            r"(?i)^\p{Greek}+$",
            r"^[^\p{C}\p{Zl}]{1,200}$",
        ] {
            assert!(effort(pattern) < READING / 500, "{pattern} {}", effort(pattern));
        }
        let alphabet: String = (0..1_500).filter_map(|n| char::from_u32(0x4e00 + 2 * n)).collect();
        assert!(effort(&format!("^[{alphabet}]+$")) < READING);
        for item in ["word", "x", "a+", "(a)"] {
            assert!(effort(&vec![item; 10_000].join("|")) < READING / 50, "a list of {item}");
        }
    }

    #[test]
    fn classes_take_what_is_in_them() {
        for pattern in [
            "(?i)[À-힣]{0}".to_owned().repeat(20),
            "(?i:[À-힣]{0})".to_owned().repeat(20),
            format!("(?i){}À-힣{}", "[a".repeat(20), "b]".repeat(20)),
            format!("(?i){}c{}", "[a[^".repeat(2), "]b]".repeat(2)),
            r"(?i)(?:\p{L}{0}){0}".repeat(10),
            r"(?i)\P{L}{0}\p{any}".to_owned(),
            r"[\pL&&\pN&&\pL]".repeat(3_000),
            "(?i)[a[:^ascii:]]{0}".repeat(2),
            r"(?i)[a\W]{0}".repeat(2),
            r"(?xi)\p {any}{0}".to_owned(),
            vec!["[ab]"; 5_000].join("|"),
            vec!["[ab](?:)x{0}"; 5_000].join("|"),
            format!("{}{}|zz{}", "(?:".repeat(100), vec!["[ab]"; 1_000].join("|"), "|zz)".repeat(100)),
            format!(r"\pL|{}", vec!["(?:[ab]){1}"; 3_000].join("|")),
            format!("[{}]", (0..5_000).filter_map(|n| char::from_u32(0x4e00 + 2 * n)).collect::<String>()),
            format!(r"[\p{{L}}{}]", "[a]".repeat(9_000)),
        ] {
            let start: String = pattern.chars().take(40).collect();
            assert!(Reading::of(&pattern).is_err(), "{start}");
        }
        assert!(Reading::of(&"a".repeat(LONGEST + 1)).is_err() && Reading::of("(").is_err());
    }

    #[test]
    fn classes_of_letters_are_found_where_they_are() {
        let found = |pattern: &str| {
            let reading = Reading::of(pattern).unwrap();
            reading
                .perl
                .iter()
                .map(|perl| pattern[perl.span.start.offset..perl.span.end.offset].to_owned())
                .collect::<Vec<_>>()
        };
        let nothing: Vec<String> = Vec::new();
        assert_eq!(found(r"\d[\W[^\s]&&\S]\\d\D"), [r"\d", r"\W", r"\s", r"\S", r"\D"]);
        assert_eq!(found("(?x)a # \\s\n"), nothing);
    }
}
