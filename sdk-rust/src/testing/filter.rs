//! The part of the rule language that the test host understands: `name = literal` joined with `&&`.

use crate::bindings::types::{Error, Value};

/// The fields and the values that they must have.
pub fn parse(filter: &str) -> Result<Vec<(String, Value)>, Error> {
    let mut matches = Vec::new();
    let mut rest = filter.trim();
    while !rest.is_empty() {
        let (comparison, after) = comparison(rest).unwrap_or_else(|| {
            panic!("the test host understands `name = literal` joined with `&&`, not: {filter}");
        });
        matches.push(comparison);
        rest = after;
    }
    Ok(matches)
}

fn comparison(text: &str) -> Option<((String, Value), &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|&end| end > 0)?;
    let (name, rest) = text.split_at(end);
    let (value, rest) = literal(rest.trim_start().strip_prefix('=')?.trim_start())?;
    let rest = rest.trim_start();
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix("&&")?.trim_start() };
    Some(((name.to_owned(), value), rest))
}

fn literal(text: &str) -> Option<(Value, &str)> {
    let quote = text.chars().next()?;
    if quote == '\'' || quote == '"' {
        return quoted(&text[1..], quote);
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '&').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let value = match word {
        "true" | "false" => Value::Boolean(word == "true"),
        "null" => Value::Null,
        _ => word.parse().map(Value::Integer).or_else(|_| word.parse().map(Value::Number)).ok()?,
    };
    Some((value, rest))
}

fn quoted(text: &str, quote: char) -> Option<(Value, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => match characters.next_if(|&(_, next)| matches!(next, '\\' | '\'' | '"')) {
                Some((_, escaped)) => value.push(escaped),
                None => value.push(character),
            },
            _ if character == quote => return Some((Value::Text(value), &text[at + 1..])),
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_quote_writes() {
        let filter = ["a = ", &crate::records::quote(r"it's \ fine"), " && b=2 && c = true"].concat();
        let expected = [("a", Value::from(r"it's \ fine")), ("b", Value::Integer(2)), ("c", Value::Boolean(true))];
        assert_eq!(parse(&filter).unwrap(), expected.map(|(name, value)| (name.to_owned(), value)));
    }

    #[test]
    #[should_panic(expected = "understands")]
    fn says_what_it_does_not_understand() {
        let _ = parse("a > 2");
    }
}
