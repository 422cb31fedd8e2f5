//! HTML as plain text, for mail programs that show nothing else. Takes any text, in one pass.

/// What begins a new paragraph, and what a new line.
const PARAGRAPHS: &[&str] = &["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "hr", "pre"];
const LINES: &[&str] = &["br", "div", "li", "tr", "main", "section", "article", "header", "footer"];
/// What is not to be read.
const SILENT: &[&str] = &["style", "script", "head", "title", "template"];

/// The named entities that people write; others stay as they are.
const ENTITIES: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("copy", '©'),
    ("euro", '€'),
];
/// The longest entity, without `&` and `;`.
const ENTITY_MAX: usize = 10;

/// The readable text of an HTML fragment; a link's address stands behind its words.
pub(super) fn of_html(html: &str) -> String {
    let mut reader = Reader::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        reader.words(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!') {
            reader.words("<");
            rest = &rest[1..];
            continue;
        }
        let end = end_of_tag(rest);
        reader.tag(&rest[1..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    reader.words(rest);
    reader.out.trim().to_owned()
}

/// Where the `>` of a tag stands, or the end; quoted values may hold one.
fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    for (at, c) in tag.char_indices().skip(1) {
        match (quote, c) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    tag.len()
}

#[derive(Default)]
struct Reader {
    out: String,
    /// A space stands between the last word and the next one.
    is_spaced: bool,
    /// The silent element that the reader is in.
    silent: Option<String>,
    /// Where a link's words begin, and its address.
    link: Option<(usize, String)>,
}

impl Reader {
    fn words(&mut self, text: &str) {
        if self.silent.is_some() {
            return;
        }
        for c in unescape(text).chars() {
            if c.is_whitespace() {
                self.is_spaced = true;
                continue;
            }
            if self.is_spaced && !self.out.is_empty() && !self.out.ends_with('\n') {
                self.out.push(' ');
            }
            self.is_spaced = false;
            self.out.push(c);
        }
    }

    fn tag(&mut self, tag: &str) {
        let (is_end, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        if let Some(silent) = &self.silent {
            if is_end && *silent == name {
                self.silent = None;
            }
            return;
        }
        if SILENT.contains(&name.as_str()) {
            if !is_end {
                self.silent = Some(name);
            }
        } else if name == "a" {
            self.end_link();
            if !is_end && let Some(address) = attribute(tag, "href") {
                self.link = Some((self.out.len(), address));
            }
        } else if PARAGRAPHS.contains(&name.as_str()) {
            self.feed("\n\n");
        } else if LINES.contains(&name.as_str()) {
            self.feed("\n");
            if name == "li" && !is_end {
                self.out.push_str("- ");
            }
        } else if matches!(name.as_str(), "td" | "th") {
            self.is_spaced = true;
        }
    }

    fn end_link(&mut self) {
        let Some((start, address)) = self.link.take() else { return };
        let words = self.out.get(start..).unwrap_or_default().trim();
        if words != address && !address.is_empty() {
            self.out.push_str(if words.is_empty() { "" } else { " " });
            self.out.push('(');
            self.out.push_str(&address);
            self.out.push(')');
        }
    }

    fn feed(&mut self, lines: &str) {
        self.is_spaced = false;
        let kept = self.out.trim_end_matches(' ').len();
        self.out.truncate(kept);
        if !self.out.is_empty() {
            let there = self.out.len() - self.out.trim_end_matches('\n').len();
            self.out.push_str(lines.get(there..).unwrap_or_default());
        }
    }
}

/// The value of an attribute in a tag, unescaped.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.match_indices(name).find(|(at, _)| {
        let before = tag[..*at].ends_with(|c: char| c.is_ascii_whitespace());
        before && tag[at + name.len()..].trim_start().starts_with('=')
    });
    let value = tag[at?.0 + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].split(quote).next(),
        _ => value.split_ascii_whitespace().next(),
    };
    value.map(unescape)
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let end = behind.bytes().take(ENTITY_MAX + 1).position(|byte| byte == b';');
        if let Some((end, c)) = end.and_then(|end| Some((end, entity(behind.get(..end)?)?))) {
            out.push(c);
            rest = &behind[end + 1..];
        } else {
            out.push('&');
            rest = behind;
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
        return char::from_u32(hex.unwrap_or_else(|| number.parse()).ok()?).filter(|c| !c.is_control());
    }
    ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, c)| *c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_links_and_entities() {
        let html = "<style>p{}</style><p>Hello,</p>\n<p>please <a class=\"btn\" href='https://a.example/?x=1&amp;y=2'>verify</a>.</p>\
                    <ul><li>one<li>two</ul>a &lt; b &#38; c &nope; <!-- not this --><br>end";
        let expected = "Hello,\n\nplease verify (https://a.example/?x=1&y=2).\n\n- one\n- two\n\na < b & c &nope;\nend";
        assert_eq!(of_html(html), expected);
    }

    #[test]
    fn a_link_that_says_its_address_says_it_once() {
        assert_eq!(of_html("<a href=\"https://a.example\">https://a.example</a>"), "https://a.example");
        assert_eq!(of_html("<a href=\"https://a.example\"></a>x"), "(https://a.example)x");
    }

    #[test]
    fn anything_is_taken() {
        for html in
            ["", "<", "<<<", "<p", "<p title='>", "&", "&#;", "&#x110000;", "</", "<!--", "<a href", "a<b", "ü&ü;"]
        {
            let _ = of_html(html);
        }
        assert_eq!(of_html("1 < 2 <b>bold</b>"), "1 < 2 bold");
        let _ = of_html(&"<a href=<".repeat(50_000));
        let _ = of_html(&"&".repeat(100_000));
    }
}
