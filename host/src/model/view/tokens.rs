//! The words of a SELECT, far enough apart to see its columns and tables.

use crate::model::pieces::{Kind, Piece, pieces};

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
    pieces(text).filter_map(token).collect()
}

fn token(piece: Piece<'_>) -> Option<Token> {
    Some(match piece.kind {
        Kind::Blank | Kind::Comment => return None,
        Kind::Quoted { .. } if piece.quote() == Some('\'') => Token::Literal,
        Kind::Quoted { .. } => Token::Name { text: piece.inside()?, quoted: true },
        Kind::Word if piece.text.starts_with(|first: char| first.is_ascii_digit()) => Token::Literal,
        Kind::Word => Token::Name { text: piece.text.to_owned(), quoted: false },
        Kind::Sign => Token::Sign(piece.text.chars().next()?),
    })
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
