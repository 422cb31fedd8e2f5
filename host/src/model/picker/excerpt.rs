//! `excerpt(max, ellipsis)`: the beginning of an HTML text without its markup.
//!
//! One pass over the text. Not a parser of HTML: it knows tags, comments and character references, which is
//! what an excerpt needs, and never fails.

use crate::error::{Error, Result};
use crate::model::field::convert::text_bool;

/// Elements whose content is not text to read.
const SKIPPED: [&str; 21] = [
    "head", "style", "script", "iframe", "embed", "applet", "object", "svg", "img", "picture", "dialog", "template",
    "button", "form", "textarea", "input", "select", "option", "title", "noscript", "canvas",
];

/// Skipped elements that have no end tag.
const VOID: [&str; 3] = ["embed", "img", "input"];

/// Elements within a line: they do not separate words.
const INLINE: [&str; 21] = [
    "a", "abbr", "acronym", "b", "bdo", "big", "br", "cite", "code", "em", "i", "label", "q", "small", "span",
    "strong", "strike", "sub", "sup", "time", "u",
];

const NAMED_REFERENCES: [(&str, char); 6] =
    [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", '\u{a0}')];

/// Longest character reference, without `&` and `;`.
const REFERENCE_MAX: usize = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    max: usize,
    ellipsis: bool,
}

impl Excerpt {
    /// Parses `max` or `max, ellipsis`.
    pub(super) fn parse(arguments: &str) -> Result<Self> {
        let wrong = || Error::invalid("The excerpt modifier expects a length and, optionally, true or false.");
        let arguments: Vec<&str> = arguments.split(',').map(str::trim).collect();
        let (max, ellipsis) = match arguments[..] {
            [max] => (max, false),
            [max, ellipsis] => (max, text_bool(ellipsis)),
            _ => return Err(wrong()),
        };
        let max = max.parse().ok().filter(|max| *max > 0).ok_or_else(wrong)?;
        Ok(Self { max, ellipsis })
    }

    pub(super) fn of(&self, html: &str) -> String {
        let text = Text::read(html, self.max);
        let text = text.trim();
        let Some((end, _)) = text.char_indices().nth(self.max) else { return text.to_owned() };
        let cut = text[..end].trim_end();
        if self.ellipsis { format!("{cut}...") } else { cut.to_owned() }
    }
}

/// The text gathered so far.
struct Text {
    out: String,
    chars: usize,
    /// The last character is white space, or there is none yet.
    spaced: bool,
}

impl Text {
    /// The text of `html`, white space collapsed; stops soon after `enough` characters.
    fn read(html: &str, enough: usize) -> String {
        let mut text = Self { out: String::new(), chars: 0, spaced: true };
        let mut rest = html;
        // One more than wanted, and a space at the end, tell that there is more.
        while !rest.is_empty() && text.chars <= enough + 1 {
            rest = match rest.as_bytes()[0] {
                b'<' => text.markup(rest),
                b'&' => text.reference(rest),
                _ => {
                    let end = rest.find(['<', '&']).unwrap_or(rest.len());
                    let end = rest[..end].char_indices().nth(enough + 2).map_or(end, |(cut, _)| cut);
                    rest[..end].chars().for_each(|c| text.push(c));
                    &rest[end..]
                }
            };
        }
        text.out
    }

    fn push(&mut self, c: char) {
        let c = if c.is_ascii_whitespace() { ' ' } else { c };
        if c == ' ' && self.spaced {
            return;
        }
        self.spaced = c == ' ';
        self.out.push(c);
        self.chars += 1;
    }

    /// Consumes a tag or a comment; answers what follows it.
    fn markup<'a>(&mut self, html: &'a str) -> &'a str {
        if let Some(comment) = html.strip_prefix("<!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        let name = html[1..].strip_prefix('/').unwrap_or(&html[1..]);
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        if name.is_empty() && !html.starts_with("<!") && !html.starts_with("<?") {
            self.push('<');
            return &html[1..];
        }
        let name = name.to_ascii_lowercase();
        let rest = after_tag(html);
        if !INLINE.contains(&name.as_str()) {
            self.push(' ');
        }
        if html.starts_with("</") || !SKIPPED.contains(&name.as_str()) || VOID.contains(&name.as_str()) {
            return rest;
        }
        after_element(rest, &name)
    }

    /// Consumes a character reference; one that is not known is text.
    fn reference<'a>(&mut self, html: &'a str) -> &'a str {
        let found = html[1..].split_once(';').and_then(|(name, rest)| Some((decode(name)?, rest)));
        let (c, rest) = found.unwrap_or(('&', &html[1..]));
        self.push(c);
        rest
    }
}

fn decode(name: &str) -> Option<char> {
    if name.len() > REFERENCE_MAX {
        return None;
    }
    if let Some((_, c)) = NAMED_REFERENCES.iter().find(|(known, _)| *known == name) {
        return Some(*c);
    }
    let digits = name.strip_prefix('#')?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    char::from_u32(code).filter(|c| *c != '\0')
}

/// What follows the `>` that ends a tag; quoted attribute values may contain one.
fn after_tag(html: &str) -> &str {
    let mut quote = None;
    for (index, byte) in html.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return &html[index + 1..],
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    ""
}

/// What follows the end tag of a skipped element whose content begins at `html`.
fn after_element<'a>(html: &'a str, name: &str) -> &'a str {
    let mut depth = 1_usize;
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let tag = &rest[start + 1..];
        let (closes, tag_name) = tag.strip_prefix('/').map_or((false, tag), |name| (true, name));
        let same = tag_name.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && !tag_name[name.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
        if !same {
            rest = tag;
            continue;
        }
        rest = after_tag(&rest[start..]);
        depth = if closes { depth - 1 } else { depth + 1 };
        if depth == 0 {
            return rest;
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(html: &str, max: usize) -> String {
        Excerpt { max, ellipsis: true }.of(html)
    }

    #[test]
    fn markup_goes_and_blocks_separate_words() {
        assert_eq!(excerpt("<h1>A</h1><p>b<br>c <i>d</i></p>", 99), "A bc d");
        assert_eq!(excerpt("a <!-- <p>no</p> --> b", 99), "a b");
        assert_eq!(excerpt("<p title=\"a>b\">x</p>", 99), "x");
    }

    #[test]
    fn skipped_elements_nest() {
        assert_eq!(excerpt("a<svg><svg></svg>x</svg>b<IMG src=x>c", 99), "a b c");
        assert_eq!(excerpt("a<script>if (1 < 2) {}</script >b<style>", 99), "a b");
    }

    #[test]
    fn references_are_decoded() {
        assert_eq!(excerpt("a &amp; b &lt;c&gt; &#x41;&#66; &nope; & d", 99), "a & b <c> AB &nope; & d");
    }

    #[test]
    fn cuts_at_characters() {
        assert_eq!(excerpt("äöü ß", 3), "äöü...");
        assert_eq!(excerpt("abc", 3), "abc");
        assert_eq!(excerpt("abc  ", 3), "abc");
        assert_eq!(excerpt("abc d", 4), "abc...");
    }

    #[test]
    fn strange_text_is_survived() {
        for html in
            ["<", "<>", "</", "a<b", "&", "&#;", "<!--", "<!", "<p ", "1 < 2", "<script", "&#xffffffffff;", "<ä>"]
        {
            excerpt(html, 5);
        }
        assert_eq!(excerpt("1 < 2", 99), "1 < 2");
    }
}
