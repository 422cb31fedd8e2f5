//! A text of SQL cut into pieces with their places: what stands in quotes, comments, words, and the signs between them. Whoever
//! reads SQL here reads it by these.

use std::iter::FusedIterator;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    Comment,
    /// In any of the quotes that there are: of a text, or of a name. What is not closed ends with the text.
    Quoted {
        closed: bool,
    },
    /// A name, a keyword or a number.
    Word,
    Sign,
}

/// One piece. Those of a text, one behind the other, are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) kind: Kind,
    /// Where it begins, in bytes.
    pub(super) at: usize,
    pub(super) text: &'a str,
}

impl Piece<'_> {
    /// The quote that it begins with.
    pub(super) fn quote(&self) -> Option<char> {
        self.text.chars().next().filter(|_| matches!(self.kind, Kind::Quoted { .. }))
    }

    /// What stands between its quotes; doubled, they stand for themselves.
    pub(super) fn inside(&self) -> Option<String> {
        let (quote, Kind::Quoted { closed }) = (self.quote()?, self.kind) else { return None };
        let inside = &self.text[1..self.text.len() - usize::from(closed)];
        Some(match quote {
            '[' => inside.to_owned(),
            quote => inside.replace(&[quote, quote].iter().collect::<String>(), quote.encode_utf8(&mut [0; 4])),
        })
    }

    /// Where it ends, in bytes.
    pub(super) fn end(&self) -> usize {
        self.at + self.text.len()
    }
}

/// The pieces of a text.
pub(super) fn pieces(text: &str) -> Pieces<'_> {
    Pieces { text, at: 0, comments: true }
}

/// The same where there are no comments: two hyphens are two signs.
pub(super) fn pieces_without_comments(text: &str) -> Pieces<'_> {
    Pieces { comments: false, ..pieces(text) }
}

#[derive(Debug, Clone)]
pub(super) struct Pieces<'a> {
    text: &'a str,
    at: usize,
    comments: bool,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let run = |belongs: fn(char) -> bool| rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (kind, length) = match first {
            c if c.is_whitespace() => (Kind::Blank, run(char::is_whitespace)),
            '-' if self.comments && rest.starts_with("--") => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
            '/' if self.comments && rest.starts_with("/*") => {
                (Kind::Comment, rest[2..].find("*/").map_or(rest.len(), |end| end + 4))
            }
            '\'' | '"' | '`' | '[' => {
                let length = quotation(rest, first);
                (Kind::Quoted { closed: length.is_some() }, length.unwrap_or(rest.len()))
            }
            c if is_word(c) => (Kind::Word, run(is_word)),
            sign => (Kind::Sign, sign.len_utf8()),
        };
        let piece = Piece { kind, at: self.at, text: &rest[..length] };
        self.at += length;
        Some(piece)
    }
}

impl FusedIterator for Pieces<'_> {}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// How long a quotation is that a text begins with, quotes and all; none for one that is not closed.
fn quotation(text: &str, quote: char) -> Option<usize> {
    if quote == '[' {
        return text.find(']').map(|end| end + 1);
    }
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_the_text() {
        let text = "SELECT a.`b``c`, 'it''s'\n[x ]y] -- no, 'b\n/* \"x */ + 1.5 || \"ž\"\"\"";
        let all: Vec<_> = pieces(text).collect();
        assert_eq!(all.iter().map(|piece| piece.text).collect::<String>(), text);
        assert!(all.iter().all(|piece| text[piece.at..piece.end()] == *piece.text));
        let inside: Vec<_> = all.iter().filter_map(Piece::inside).collect();
        assert_eq!(inside, ["b`c", "it's", "x ", "ž\""]);
        let comments = all.iter().filter(|piece| piece.kind == Kind::Comment).map(|piece| piece.text);
        assert_eq!(comments.collect::<Vec<_>>(), ["-- no, 'b", "/* \"x */"]);
    }

    #[test]
    fn what_is_not_closed_ends_with_the_text() {
        for (text, inside) in [("'a", "a"), ("\"a\"\"", "a\""), ("`", ""), ("[a", "a"), ("'", "")] {
            let piece = pieces(text).next().unwrap();
            assert_eq!((piece.text, piece.inside().as_deref()), (text, Some(inside)));
            assert_eq!(piece.kind, Kind::Quoted { closed: false });
        }
        assert_eq!(pieces("/* a").next().unwrap().text, "/* a");
    }

    #[test]
    fn where_there_are_no_comments_quotes_in_them_count() {
        let quoted = |all: Pieces<'_>| all.filter_map(|piece| piece.inside()).collect::<Vec<_>>();
        assert_eq!(quoted(pieces("a -- 'b'")), Vec::<String>::new());
        assert_eq!(quoted(pieces_without_comments("a -- 'b' /* \"c\" */")), ["b", "c"]);
    }
}
