//! Texts in double quotes. SQLite takes `"x"` for a text when nothing is called so, and so do the indexes and views of
//! other installations. Our databases do not, so that a misspelt name is an error; where such a text is meant, it is
//! given the quotes of a text.

use super::pieces::{Kind, Piece, pieces};

/// Puts single quotes around what stands in double quotes, wherever `is_text` says so of it. What is called, and what belongs
/// to another name, is a name whatever it is.
#[must_use]
pub fn as_texts(sql: &str, is_text: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(sql.len());
    for piece in pieces(sql) {
        let stands_alone = !out.trim_end().ends_with('.') && !sql[piece.end()..].trim_start().starts_with(['.', '(']);
        match name_in(piece).filter(|name| stands_alone && is_text(name)) {
            Some(name) => {
                out.push('\'');
                out.push_str(&name.replace('\'', "''"));
                out.push('\'');
            }
            None => out.push_str(piece.text),
        }
    }
    out
}

/// A statement without its texts and its comments, either of which may hold a secret.
#[must_use]
pub fn without_texts(sql: &str) -> String {
    let shown = |piece: Piece<'_>| match piece.kind {
        Kind::Comment => "/* .. */".to_owned(),
        Kind::Quoted { .. } if piece.quote() == Some('\'') => "'..'".to_owned(),
        _ => piece.text.to_owned(),
    };
    pieces(sql).map(shown).collect()
}

/// What is between double quotes.
fn name_in(piece: Piece<'_>) -> Option<String> {
    let is_name = piece.kind == Kind::Quoted { closed: true } && piece.quote() == Some('"');
    is_name.then(|| piece.inside())?
}

/// What the engine says of a name that there is not and that may be a text.
#[must_use]
pub fn unknown_name(words: &str) -> Option<&str> {
    let (_, rest) = words.split_once("no such column: \"")?;
    rest.split_once("\" - should this be a string literal in single-quotes?").map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_a_text_gets_other_quotes() {
        for (sql, expected) in [
            ("a != \"\" and \"a\" = \"x\"", "a != '' and \"a\" = 'x'"),
            ("'\"x\"' || `\"x\"` || [\"x\"]", "'\"x\"' || `\"x\"` || [\"x\"]"),
            ("-- \"x\"\n\"it's\" /* \"x\" */", "-- \"x\"\n'it''s' /* \"x\" */"),
            ("\"say \"\"x\"\"\"", "'say \"x\"'"),
            ("\"ž\" = \"x", "'ž' = \"x"),
            ("\"", "\""),
            ("\"x\"\"", "\"x\"\""),
            ("\"lower\" (\"t\".\"x\") || t . \"x\" = \"x\"", "\"lower\" (\"t\".\"x\") || t . \"x\" = 'x'"),
        ] {
            assert_eq!(as_texts(sql, |name| name != "a"), expected, "{sql}");
        }
    }

    #[test]
    fn no_text_is_left_whatever_stands_around_it() {
        for (sql, expected) in [
            ("UPDATE t SET a = 'x', b = 'it''s' WHERE c = 1", "UPDATE t SET a = '..', b = '..' WHERE c = 1"),
            ("SELECT 'open", "SELECT '..'"),
            ("SET \"it's\" = 'secret', [it's] = 'secret'", "SET \"it's\" = '..', [it's] = '..'"),
            ("-- it's\nSET a = 'secret' /* 'secret' */", "/* .. */\nSET a = '..' /* .. */"),
        ] {
            assert_eq!(without_texts(sql), expected);
        }
    }

    #[test]
    fn the_engine_names_what_it_misses() {
        let words = "no such column: \"x y\" - should this be a string literal in single-quotes?";
        assert_eq!((unknown_name(words), unknown_name("no such column: x")), (Some("x y"), None));
    }
}
