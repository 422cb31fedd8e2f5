//! Text to tokens with spans. Linear in the length of the text; ASCII outside of quotes.

use super::ast::{Op, Test};
use super::error::{Error, code};
use std::ops::Range;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Name(String),
    /// A name with its opening parenthesis.
    Call(String),
    Number(f64),
    Text(String),
    Op(Op),
    And,
    Or,
    Open,
    Close,
    Comma,
    End,
}

/// All tokens, the last of which is `End`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Error> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blank();
        let start = lexer.at;
        let kind = lexer.next()?;
        let end = kind == Kind::End;
        tokens.push(Token { kind, span: start..lexer.at });
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn peek_second(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at + 1).copied()
    }

    /// Moves past the bytes that fulfil a condition and returns them.
    fn take_while(&mut self, accepted: impl Fn(u8) -> bool) -> &str {
        let start = self.at;
        while self.peek().is_some_and(&accepted) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// Blanks and `// comments`. A carriage return is neither.
    fn skip_blank(&mut self) {
        loop {
            self.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n'));
            if !self.text[self.at..].starts_with("//") {
                return;
            }
            self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |newline| self.at + newline);
        }
    }

    fn next(&mut self) -> Result<Kind, Error> {
        let Some(first) = self.peek() else { return Ok(Kind::End) };
        match first {
            b'(' => Ok(self.single(Kind::Open)),
            b')' => Ok(self.single(Kind::Close)),
            b',' => Ok(self.single(Kind::Comma)),
            b'\'' | b'"' => self.text_literal(first),
            b'0'..=b'9' => self.number(),
            b'-' if self.peek_second().is_some_and(|byte| byte.is_ascii_digit()) => self.number(),
            b'&' | b'|' => self.join(),
            b'=' | b'!' | b'>' | b'<' | b'~' | b'?' => self.operator(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'@' | b'#' => self.name(),
            _ => {
                let c = self.text[self.at..].chars().next().unwrap_or_default();
                let error = syntax(self.at..self.at + c.len_utf8(), format!("unexpected character {c:?}"));
                Err(if c == '\r' { error.hint("end lines with a line feed only") } else { error })
            }
        }
    }

    fn single(&mut self, kind: Kind) -> Kind {
        self.at += 1;
        kind
    }

    fn name(&mut self) -> Result<Kind, Error> {
        let start = self.at;
        self.at += 1;
        self.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':'));
        let name = &self.text[start..self.at];
        if !name.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return Err(syntax(start..self.at, format!("`{name}` is not a complete name")));
        }
        let name = name.to_owned();
        if self.peek() == Some(b'(') {
            self.at += 1;
            return Ok(Kind::Call(name));
        }
        Ok(Kind::Name(name))
    }

    fn number(&mut self) -> Result<Kind, Error> {
        let start = self.at;
        self.at += 1;
        self.take_while(|byte| byte.is_ascii_digit() || byte == b'.');
        let written = &self.text[start..self.at];
        let digits = written.strip_prefix('-').unwrap_or(written);
        let well_formed = match digits.split_once('.') {
            None => true,
            Some((_, fraction)) => !fraction.is_empty() && !fraction.contains('.'),
        };
        match written.parse::<f64>() {
            Ok(number) if well_formed && number.is_finite() => Ok(Kind::Number(number)),
            _ => Err(syntax(start..self.at, "this is not a number")),
        }
    }

    /// A backslash hides quotes and itself, and stands for line breaks and tabs with `n`, `r` and `t`; before anything else it
    /// is itself.
    fn text_literal(&mut self, quote: u8) -> Result<Kind, Error> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        while bytes.get(end).is_some_and(|byte| *byte != quote) {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        if end >= bytes.len() {
            self.at = bytes.len();
            let error = syntax(start..self.at, "this text has no closing quote");
            return Err(error.hint("a backslash before a quote makes the quote part of the text"));
        }
        self.at = end + 1;
        if let Some(nul) = bytes[start..end].iter().position(|byte| *byte == 0) {
            // The engine's texts end at one, so it could only surprise.
            return Err(syntax(start + nul..start + nul + 1, "a text holds no NUL character"));
        }
        Ok(Kind::Text(unescaped(&self.text[start + 1..end])))
    }

    fn join(&mut self) -> Result<Kind, Error> {
        let start = self.at;
        let kind = match self.take_while(|byte| matches!(byte, b'&' | b'|')) {
            "&&" => Kind::And,
            "||" => Kind::Or,
            _ => return Err(syntax(start..self.at, "expressions are joined by `&&` or `||`")),
        };
        Ok(kind)
    }

    fn operator(&mut self) -> Result<Kind, Error> {
        let start = self.at;
        let written = self.take_while(|byte| matches!(byte, b'=' | b'!' | b'>' | b'<' | b'~' | b'?')).to_owned();
        let (any, symbol) = written.strip_prefix('?').map_or((false, written.as_str()), |rest| (true, rest));
        let Some(test) = Test::ALL.into_iter().find(|test| test.symbol() == symbol) else {
            let error = syntax(start..self.at, format!("`{written}` is not an operator"));
            return Err(error.hint("operators are = != > >= < <= ~ !~, each also with a leading ?"));
        };
        Ok(Kind::Op(Op { test, any }))
    }
}

fn syntax(span: Range<usize>, message: impl Into<String>) -> Error {
    Error::new(code::SYNTAX, span, message)
}

/// As `PocketBase` reads a text since 0.40, so that what its SDKs' `filter()` has escaped comes out as it was.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let meant = match chars.peek() {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some(same @ ('\\' | '"' | '\'')) => Some(*same),
            _ => None,
        };
        match meant.filter(|_| c == '\\') {
            Some(meant) => {
                chars.next();
                out.push(meant);
            }
            None => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        tokens(text).expect("it is well formed").into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn every_kind_of_token() {
        let op = |test, any| Kind::Op(Op { test, any });
        assert_eq!(
            kinds("a.b:lower ?!~ -1.50// x\n && (f('x\\'y', \"z\") || @now>=3)"),
            [
                Kind::Name("a.b:lower".into()),
                op(Test::NotLike, true),
                Kind::Number(-1.5),
                Kind::And,
                Kind::Open,
                Kind::Call("f".into()),
                Kind::Text("x'y".into()),
                Kind::Comma,
                Kind::Text("z".into()),
                Kind::Close,
                Kind::Or,
                Kind::Name("@now".into()),
                op(Test::GreaterEqual, false),
                Kind::Number(3.0),
                Kind::Close,
                Kind::End,
            ]
        );
    }

    #[test]
    fn quotes_breaks_and_backslashes_are_unescaped() {
        assert_eq!(kinds(r#"'a\n\\b\"c\u0041\q'"#)[0], Kind::Text("a\n\\b\"c\\u0041\\q".into()));
        assert_eq!(kinds(r#""a\"b\'c\t\r""#)[0], Kind::Text("a\"b'c\t\r".into()));
        assert_eq!(kinds(r"'a\\' = 'ž\ž'")[0], Kind::Text("a\\".into()));
        assert!(tokens(r"'a\").is_err() && tokens(r"'a\'").is_err());
    }

    #[test]
    fn mistakes_have_a_place() {
        for (text, span) in [
            ("a == 1", 2..4),
            ("a = 1\r", 5..6),
            ("a = 'x", 4..6),
            ("a & b", 2..3),
            ("a = 5.", 4..6),
            ("a = 1.2.3", 4..9),
            ("ä = 1", 0..2),
            ("a. = 1", 0..2),
            ("a <> 1", 2..4),
            ("a = -b", 4..5),
            ("a &&& b", 2..5),
            ("a = 'x\0y'", 6..7),
        ] {
            assert_eq!(tokens(text).expect_err(text).span, span, "{text}");
        }
    }
}
