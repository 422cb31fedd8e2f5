//! The words of a SELECT, far enough apart to see its columns and tables.

/// One word or sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// An identifier or a keyword; a quoted one is never a keyword.
    Name {
        text: String,
        quoted: bool,
    },
    /// A text, a number, a parameter: what is written does not matter.
    Literal,
    Sign(char),
}

impl Token {
    /// Whether it is this keyword.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Name { text, quoted: false } if text.eq_ignore_ascii_case(keyword))
    }

    pub(super) fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    pub(super) fn is_sign(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }

    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Name { text, .. } => Some(text),
            Self::Literal | Self::Sign(_) => None,
        }
    }
}

/// The tokens of a text; comments and blanks are between them. What is not closed ends with the text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            c if c.is_whitespace() => c.len_utf8(),
            '-' if rest.starts_with("--") => rest.find('\n').map_or(rest.len(), |end| end + 1),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            '\'' => {
                tokens.push(Token::Literal);
                quoted(rest, '\'').1
            }
            '"' | '`' => {
                let (text, length) = quoted(rest, c);
                tokens.push(Token::Name { text, quoted: true });
                length
            }
            '[' => {
                let end = rest.find(']').unwrap_or(rest.len());
                tokens.push(Token::Name { text: rest[1..end].to_owned(), quoted: true });
                (end + 1).min(rest.len())
            }
            c if is_word(c) => {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                let word = &rest[..end];
                let number = c.is_ascii_digit();
                tokens.push(if number { Token::Literal } else { Token::Name { text: word.to_owned(), quoted: false } });
                end
            }
            sign => {
                tokens.push(Token::Sign(sign));
                sign.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// What stands between quotes at the start of a text (doubled, they stand for themselves), and how long it is with them.
fn quoted(text: &str, quote: char) -> (String, usize) {
    let mut inside = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            inside.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            inside.push(quote);
        } else {
            return (inside, at + quote.len_utf8());
        }
    }
    (inside, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let show = |token: &Token| match token {
            Token::Name { text, quoted: true } => format!("<{text}>"),
            Token::Name { text, .. } => text.clone(),
            Token::Literal => "#".to_owned(),
            Token::Sign(sign) => sign.to_string(),
        };
        tokens(text).iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_signs_and_quotes() {
        assert_eq!(shown("SELECT a.`b``c`, 'it''s' AS [x y]"), "SELECT a . <b`c> , # AS <x y>");
        assert_eq!(shown("a -- no, b\n/* FROM x */, 1.5, \"q\""), "a , # . # , <q>");
        for open in ["'a", "\"a", "`a", "[a", "/* a", "-- a", "'", "[", "ž", "/*", "''", "[]x"] {
            let _ = tokens(open);
        }
        assert_eq!(shown("žluť = 'ž'"), "žluť = #");
    }
}
