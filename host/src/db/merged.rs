//! Finds the words in a statement by which joins merge columns. About a column that is merged the engine does not ask.

/// The first word of a statement, outside quotes and comments, that may merge columns: USING or NATURAL.
///
/// Where the engine reads fewer words than are found here, the statement is refused for nothing; never the other way.
pub(super) fn word(statement: &str) -> Option<&str> {
    let mut rest = statement;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' | '`' => after(rest, 1, first.encode_utf8(&mut [0; 4])),
            '[' => after(rest, 1, "]"),
            '-' if rest.starts_with("--") => after(rest, 2, "\n"),
            '/' if rest.starts_with("/*") => after(rest, 2, "*/"),
            _ if is_of_word(first) => {
                let word = &rest[..rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len())];
                if ["using", "natural"].iter().any(|known| word.eq_ignore_ascii_case(known)) {
                    return Some(word);
                }
                word.len()
            }
            _ => first.len_utf8(),
        };
        rest = &rest[length..];
    }
    None
}

/// Where `rest` goes on behind the next `end`. A quote that is doubled is found again as the beginning of another text.
fn after(rest: &str, from: usize, end: &str) -> usize {
    rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len())
}

/// To the engine a byte order mark before a word is space.
fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$') || (!letter.is_ascii() && letter != '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_merge_columns_are_found() {
        for (statement, expected) in [
            ("SELECT * FROM a JOIN b USING (x)", Some("USING")),
            ("select * from a natural full join b", Some("natural")),
            ("SELECT * FROM a JOIN b uSiNg(x)", Some("uSiNg")),
            ("a/**/USING/**/(x)", Some("USING")),
            ("a -- it's\nUSING", Some("USING")),
            ("a /* it's \" -- [ */USING", Some("USING")),
            ("a /*/ ' */ USING", Some("USING")),
            ("'it''s'USING", Some("USING")),
            ("x'00'using(x)", Some("using")),
            ("[a'b]USING", Some("USING")),
            ("\"a\"\"'\"USING", Some("USING")),
            ("`'`USING", Some("USING")),
            ("'--' USING", Some("USING")),
            ("1-using", Some("using")),
            ("\u{feff}USING", Some("USING")),
            ("ä USING", Some("USING")),
            ("SELECT 'a using b', 'it''s using'", None),
            ("SELECT \"using\", `natural`, [using]", None),
            ("SELECT 1 -- using", None),
            ("SELECT 1 /* using */ + 1 /* natural", None),
            ("SELECT confusing, usings, naturally, _using, using_, äusing, using$", None),
            ("", None),
        ] {
            assert_eq!(word(statement), expected, "{statement}");
        }
    }
}
