//! What is wrong with a rule, where, and what to write instead.

use std::fmt;
use std::ops::Range;

/// A mistake in a rule, a filter or a sort. `span` is in bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Stable; one of [`code`].
    pub code: &'static str,
    pub message: String,
    pub span: Range<usize>,
    pub hint: Option<String>,
}

/// The codes of errors, in the order in which the stages find them.
pub mod code {
    pub const TOO_LONG: &str = "rule_too_long";
    pub const EMPTY: &str = "rule_empty";
    pub const SYNTAX: &str = "rule_syntax";
    pub const TOO_DEEP: &str = "rule_too_deep";
    pub const TOO_MANY: &str = "rule_too_many_expressions";
    /// A client that is no superuser asked for `@request` or `@collection`.
    pub const SUPERUSER_ONLY: &str = "rule_superuser_only";
    pub const UNKNOWN_FIELD: &str = "rule_unknown_field";
    pub const UNKNOWN_COLLECTION: &str = "rule_unknown_collection";
    pub const UNKNOWN_MACRO: &str = "rule_unknown_macro";
    pub const UNKNOWN_FUNCTION: &str = "rule_unknown_function";
    pub const UNKNOWN_MODIFIER: &str = "rule_unknown_modifier";
    pub const MODIFIER: &str = "rule_modifier";
    pub const ARGUMENTS: &str = "rule_arguments";
    pub const NOT_RELATION: &str = "rule_not_a_relation";
    /// A relation leads into a collection whose list rule does not let this client look.
    pub const LOCKED_RELATION: &str = "rule_locked_relation";
    /// A list rule that guards a relation of a filter is itself wrong.
    pub const BROKEN_RELATION: &str = "rule_broken_relation";
    pub const UNSUPPORTED: &str = "rule_unsupported";
}

impl Error {
    pub(super) fn new(code: &'static str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), span, hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The hint, or what usually helps.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.hint.as_deref().or_else(|| usual_help(self.code))
    }

    /// The same mistake at a place, if it has none of its own.
    pub(super) fn or_at(mut self, span: Range<usize>) -> Self {
        if self.span.is_empty() {
            self.span = span;
        }
        self
    }

    /// For a list of mistakes that has none, which does not happen.
    pub(super) fn nowhere() -> Self {
        Self::new(code::SYNTAX, 0..0, "the rule makes no sense")
    }

    /// The error under the line it is in, with a caret below the place.
    ///
    /// `text` is what was parsed.
    #[must_use]
    pub fn render(&self, text: &str) -> String {
        let start = floor_boundary(text, self.span.start);
        let end = floor_boundary(text, self.span.end).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let line = &text[line_start..line_end];
        let before = text[line_start..start].chars().count();
        let width = text[start..end.min(line_end).max(start)].chars().count().max(1);
        let number = text[..start].matches('\n').count() + 1;
        let gutter = number.to_string();
        let blank = " ".repeat(gutter.len());
        let mut shown = format!(
            "{}: {}\n{blank} |\n{gutter} | {line}\n{blank} | {}{}",
            self.code,
            self.message,
            " ".repeat(before),
            "^".repeat(width)
        );
        if let Some(hint) = &self.hint {
            shown.push_str("\nhint: ");
            shown.push_str(hint);
        }
        shown
    }
}

fn usual_help(code: &str) -> Option<&'static str> {
    Some(match code {
        code::EMPTY => "an empty rule lets everybody pass, and null only superusers",
        code::SYNTAX => "write `field operator value`, joined by && or ||",
        code::TOO_LONG => "take out what the request alone decides, or split the question",
        code::TOO_DEEP => "parentheses that only repeat what && and || mean anyway can go",
        code::TOO_MANY => "one comparison over a relation with a ? operator often stands for many",
        code::SUPERUSER_ONLY => "put it into the list rule of the collection instead",
        code::UNKNOWN_FIELD => "fields are called as they are named, and relations are followed by dots",
        code::UNKNOWN_COLLECTION => "collections are called by name or id",
        code::UNKNOWN_MACRO => "there are @now, @todayStart, @year and others, @request and @collection",
        code::MODIFIER => ":length and :each are for select, file and relation, :isset and :changed for @request.body",
        code::NOT_RELATION => "only relations are followed; what points here is `collection_via_field`",
        code::LOCKED_RELATION => "clients may look into it once its collection has a list rule",
        code::BROKEN_RELATION => "repair the list rule of the collection that the relation leads to",
        _ => return None,
    })
}

/// A place in a text as JavaScript counts it: in UTF-16 code units instead of bytes.
#[must_use]
pub fn utf16(text: &str, span: &Range<usize>) -> Range<usize> {
    let units = |position| text[..floor_boundary(text, position)].encode_utf16().count();
    let start = units(span.start);
    start..units(span.end).max(start)
}

/// The character boundary at or before a position.
fn floor_boundary(text: &str, position: usize) -> usize {
    let mut position = position.min(text.len());
    while !text.is_char_boundary(position) {
        position -= 1;
    }
    position
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} (at {}..{})", self.message, self.span.start, self.span.end)?;
        if let Some(hint) = &self.hint {
            write!(out, "; {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// The name that was probably meant, when one of `known` is close enough.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer names are not worth the square of their length.
    const LONGEST: usize = 60;
    if name.len() > LONGEST {
        return None;
    }
    let limit = name.len() / 3 + 1;
    known
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, regardless of ASCII case.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.bytes().enumerate() {
            let substituted = diagonal + usize::from(!left.eq_ignore_ascii_case(&right));
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_stands_below_the_place() {
        let text = "title = 'ä' &&\n  nope > 1";
        let at = text.find("nope").expect("it is there");
        let error = Error::new(code::UNKNOWN_FIELD, at..at + 4, "unknown field `nope`").hint("did you mean `note`?");
        assert_eq!(
            error.render(text),
            "rule_unknown_field: unknown field `nope`\n  |\n2 |   nope > 1\n  |   ^^^^\nhint: did you mean `note`?"
        );
    }

    #[test]
    fn rendering_survives_any_span() {
        for (start, end) in [(0, 0), (1, 1), (0, 99), (50, 60), (2, 1)] {
            let error = Error::new(code::SYNTAX, start..end, "x");
            assert!(error.render("äö\n").contains('^'));
            assert!(error.render("").contains('^'));
        }
    }

    #[test]
    fn places_are_counted_as_javascript_does() {
        let text = "x = '😀ä' && y";
        assert_eq!(utf16(text, &(text.len() - 1..text.len())), 13..14);
        assert_eq!(utf16("ä", &(1..99)), 0..1);
    }

    #[test]
    fn near_names_are_found() {
        let known = ["title", "created", "author"];
        assert_eq!(nearest("titel", known.into_iter()), Some("title"));
        assert_eq!(nearest("Author", known.into_iter()), Some("author"));
        assert_eq!(nearest("zzzzzz", known.into_iter()), None);
    }
}
