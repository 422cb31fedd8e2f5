//! Texts in double quotes. SQLite takes `"x"` for a text when nothing is called so, and so do the indexes and views of
//! other installations. Our databases do not, so that a misspelt name is an error; where such a text is meant, it is
//! given the quotes of a text.

/// Puts single quotes around what stands in double quotes, wherever `is_text` says so of it. What is called, and what belongs
/// to another name, is a name whatever it is.
#[must_use]
pub fn as_texts(sql: &str, is_text: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
            '\'' | '`' | '"' => quoted(rest, c).unwrap_or(rest.len()),
            other => other.len_utf8(),
        };
        let (token, tail) = rest.split_at(length);
        let stands_alone = !out.trim_end().ends_with('.') && !tail.trim_start().starts_with(['.', '(']);
        match name_in(token).filter(|name| stands_alone && is_text(name)) {
            Some(name) => {
                out.push('\'');
                out.push_str(&name.replace('\'', "''"));
                out.push('\'');
            }
            None => out.push_str(token),
        }
        rest = tail;
    }
    out
}

/// What is between double quotes.
fn name_in(token: &str) -> Option<String> {
    (quoted(token, '"')? == token.len()).then(|| token[1..token.len() - 1].replace("\"\"", "\""))
}

/// How long a quotation is that a text begins with; none for one that is not closed.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    chars.next_if(|(_, first)| *first == quote)?;
    while let Some((at, c)) = chars.next() {
        if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return Some(at + quote.len_utf8());
        }
    }
    None
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
    fn the_engine_names_what_it_misses() {
        let words = "no such column: \"x y\" - should this be a string literal in single-quotes?";
        assert_eq!((unknown_name(words), unknown_name("no such column: x")), (Some("x y"), None));
    }
}
