//! `CREATE INDEX` statements, parsed so that they can be compared, moved to another table and written in one
//! form; and found again when a row violates one.

use super::pieces::{Kind, pieces_without_comments};
use super::quotes::as_texts;
use std::fmt::Write as _;

/// A parsed index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    pub unique: bool,
    pub if_not_exists: bool,
    pub name: String,
    pub table: String,
    pub columns: Vec<Column>,
    /// The condition of a partial index; empty for none.
    pub condition: String,
}

/// A column or an expression of an index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Column {
    /// A column's name, or an expression as it was written.
    pub name: String,
    pub is_expression: bool,
    /// Empty for none.
    pub collate: String,
    /// `ASC`, `DESC` or empty.
    pub sort: String,
}

impl Index {
    /// Reads one statement; `None` when it is none.
    #[must_use]
    pub fn parse(statement: &str) -> Option<Self> {
        let mut scanner = Scanner(statement.trim().trim_end_matches(';').trim_end());
        scanner.keyword("create").then_some(())?;
        let unique = scanner.keyword("unique");
        scanner.keyword("index").then_some(())?;
        let if_not_exists = scanner.keyword("if");
        if if_not_exists && !(scanner.keyword("not") && scanner.keyword("exists")) {
            return None;
        }
        let name = scanner.dotted_name()?;
        scanner.keyword("on").then_some(())?;
        let table = scanner.dotted_name()?;
        let columns =
            split_commas(scanner.parentheses()?)?.into_iter().map(parse_column).collect::<Option<Vec<_>>>()?;
        let partial = scanner.keyword("where");
        let rest = scanner.0.trim();
        let (condition, complete) = if partial { (rest, !rest.is_empty()) } else { ("", rest.is_empty()) };
        // A second statement behind the first is not ours to run.
        let single = split(condition, b';').is_some_and(|parts| parts.len() == 1);
        (complete && single).then(|| Self {
            unique,
            if_not_exists,
            name,
            table,
            columns,
            condition: condition.to_owned(),
        })
    }

    /// Gives texts that stand in double quotes, which is what is no column there, the quotes of a text.
    pub fn settle_texts(&mut self, is_column: impl Fn(&str) -> bool) {
        let is_text = |name: &str| !is_column(name);
        self.condition = as_texts(&self.condition, is_text);
        for column in self.columns.iter_mut().filter(|column| column.is_expression) {
            column.name = as_texts(&column.name, is_text);
        }
    }

    /// The names of its columns; expressions have none.
    #[must_use]
    pub fn column_names(&self) -> Vec<String> {
        self.columns.iter().filter(|column| !column.is_expression).map(|column| column.name.clone()).collect()
    }

    /// The statement in its one form.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = String::from("CREATE ");
        out.push_str(if self.unique { "UNIQUE INDEX " } else { "INDEX " });
        if self.if_not_exists {
            out.push_str("IF NOT EXISTS ");
        }
        let _ = write!(out, "{} ON {} (", quoted(&self.name), quoted(&self.table));
        let (open, between, close) = if self.columns.len() > 1 { ("\n  ", ",\n  ", "\n") } else { ("", "", "") };
        out.push_str(open);
        for (position, column) in self.columns.iter().enumerate() {
            if position > 0 {
                out.push_str(between);
            }
            column.render(&mut out);
        }
        out.push_str(close);
        out.push(')');
        if !self.condition.is_empty() {
            let _ = write!(out, " WHERE {}", self.condition);
        }
        out
    }

    /// The one column of a unique index with a single column; its condition does not matter.
    #[must_use]
    pub fn single_unique_column(&self) -> Option<&Column> {
        match &self.columns[..] {
            [column] if self.unique && !column.is_expression => Some(column),
            _ => None,
        }
    }

    /// The index that keeps a single field unique, if there is one.
    #[must_use]
    pub fn unique_on(statements: &[String], field: &str) -> Option<Self> {
        let on_field =
            |index: &Self| index.single_unique_column().is_some_and(|column| column.name.eq_ignore_ascii_case(field));
        statements.iter().filter_map(|statement| Self::parse(statement)).find(on_field)
    }

    /// Whether an index keeps a single field unique.
    #[must_use]
    pub fn is_unique_on(statements: &[String], field: &str) -> bool {
        Self::unique_on(statements, field).is_some()
    }
}

impl Column {
    fn render(&self, out: &mut String) {
        if self.is_expression {
            out.push_str(&self.name);
        } else {
            out.push_str(&quoted(&self.name));
        }
        if !self.collate.is_empty() {
            let _ = write!(out, " COLLATE {}", self.collate);
        }
        if !self.sort.is_empty() {
            let _ = write!(out, " {}", self.sort);
        }
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// What is left of a statement.
struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    /// Takes a word, in any case, that ends where words end.
    fn keyword(&mut self, word: &str) -> bool {
        let rest = self.0.trim_start();
        let Some((head, tail)) = rest.split_at_checked(word.len()) else { return false };
        if !head.eq_ignore_ascii_case(word) || tail.starts_with(is_word) {
            return false;
        }
        self.0 = tail;
        true
    }

    /// A name, perhaps behind the name of a database, which is left out.
    fn dotted_name(&mut self) -> Option<String> {
        let mut name = self.name()?;
        if let Some(rest) = self.0.strip_prefix('.') {
            self.0 = rest;
            name = self.name()?;
        }
        Some(name)
    }

    fn name(&mut self) -> Option<String> {
        let rest = self.0.trim_start();
        let (name, tail) = read_name(rest)?;
        self.0 = tail;
        Some(name)
    }

    /// What stands between a pair of parentheses.
    fn parentheses(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start().strip_prefix('(')?;
        let mut depth = 1_usize;
        for (position, byte) in unquoted(rest) {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.0 = &rest[position + 1..];
                return Some(&rest[..position]);
            }
        }
        None
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A bare or quoted name at the start, and what follows it.
fn read_name(text: &str) -> Option<(String, &str)> {
    let first = pieces_without_comments(text).next()?;
    if let Some(name) = first.inside() {
        let name = name.trim();
        let is_good = first.kind == Kind::Quoted { closed: true } && !name.is_empty();
        return is_good.then(|| (name.to_owned(), &text[first.end()..]));
    }
    let length = text.find(|c: char| !is_word(c) && c != '$' && c != '-').unwrap_or(text.len());
    (length > 0).then(|| (text[..length].to_owned(), &text[length..]))
}

/// The bytes of a text outside quotes, with their positions; ends early inside an open quote. What looks
/// like a comment is read like the rest, so that no sign in it escapes.
fn unquoted(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let outside = pieces_without_comments(text).filter(|piece| piece.quote().is_none());
    outside.flat_map(|piece| (piece.at..).zip(piece.text.bytes()))
}

/// Splits outside quotes and parentheses; `None` when parentheses do not match.
fn split(text: &str, at: u8) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (position, byte) in unquoted(text) {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.checked_sub(1)?,
            _ if byte == at && depth == 0 => {
                parts.push(&text[start..position]);
                start = position + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (depth == 0).then_some(parts)
}

fn split_commas(text: &str) -> Option<Vec<&str>> {
    split(text, b';').filter(|parts| parts.len() == 1)?;
    split(text, b',')
}

fn parse_column(text: &str) -> Option<Column> {
    let mut rest = text.trim();
    let mut column = Column::default();
    if let Some((head, word)) = last_word(rest)
        && ["asc", "desc"].iter().any(|sort| word.eq_ignore_ascii_case(sort))
    {
        column.sort = word.to_ascii_uppercase();
        rest = head;
    }
    if let Some((head, collation)) = last_word(rest)
        && let Some((head, word)) = last_word(head)
        && word.eq_ignore_ascii_case("collate")
    {
        collation.chars().all(is_word).then_some(())?;
        collation.clone_into(&mut column.collate);
        rest = head;
    }
    // A bare hyphen is a minus here.
    if let Some((name, "")) = read_name(rest).filter(|(name, _)| name != rest || name.chars().all(is_word)) {
        column.name = name;
    } else {
        column.is_expression = true;
        rest.clone_into(&mut column.name);
    }
    (!rest.is_empty()).then_some(column)
}

/// The last word and what stands before it.
fn last_word(text: &str) -> Option<(&str, &str)> {
    let (head, word) = text.rsplit_once(|c: char| c.is_ascii_whitespace())?;
    Some((head.trim_end(), word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(statement: &str) -> String {
        Index::parse(statement).map_or_else(String::new, |index| index.render())
    }

    #[test]
    fn one_form_for_all() {
        for (statement, expected) in [
            ("CREATE INDEX idx ON x (a)", "CREATE INDEX `idx` ON `x` (`a`)"),
            ("create unique index if not exists idx on x(a)", "CREATE UNIQUE INDEX IF NOT EXISTS `idx` ON `x` (`a`)"),
            (" CREATE  UNIQUE\nINDEX \"idx\" ON [x y] ('a') ; ", "CREATE UNIQUE INDEX `idx` ON `x y` (`a`)"),
            ("CREATE INDEX main.`i``x` ON x (a, `b` )", "CREATE INDEX `i``x` ON `x` (\n  `a`,\n  `b`\n)"),
            (
                "CREATE INDEX i ON x (a COLLATE nocase DESC, b asc)",
                "CREATE INDEX `i` ON `x` (\n  `a` COLLATE nocase DESC,\n  `b` ASC\n)",
            ),
            (
                "CREATE INDEX i-j ON x (lower(a), b+1, a-b)",
                "CREATE INDEX `i-j` ON `x` (\n  lower(a),\n  b+1,\n  a-b\n)",
            ),
            (
                "CREATE UNIQUE INDEX i ON x (a) WHERE (a) != '' AND length(a) > 1",
                "CREATE UNIQUE INDEX `i` ON `x` (`a`) WHERE (a) != '' AND length(a) > 1",
            ),
            ("CREATE INDEX i ON x (replace(a, ',', ')'))", "CREATE INDEX `i` ON `x` (replace(a, ',', ')'))"),
            ("CREATE INDEX i ON x (a) WHERE a = ';'", "CREATE INDEX `i` ON `x` (`a`) WHERE a = ';'"),
        ] {
            assert_eq!(rendered(statement), expected, "{statement}");
            assert_eq!(rendered(expected), expected);
        }
    }

    #[test]
    fn what_is_no_column_is_a_text() {
        let statement = "CREATE INDEX i ON x (\"a\", coalesce(\"b\", \"-\")) WHERE \"a\" != \"\" AND b = \"B\"";
        let mut index = Index::parse(statement).unwrap();
        index.settle_texts(|name| ["a", "b"].contains(&name));
        let expected = "CREATE INDEX `i` ON `x` (\n  `a`,\n  coalesce(\"b\", '-')\n) WHERE \"a\" != '' AND b = 'B'";
        assert_eq!(index.render(), expected);
    }

    #[test]
    fn anything_else_is_refused() {
        for statement in [
            "",
            "CREATE TABLE x (a)",
            "CREATE INDEX ON x (a)",
            "CREATE INDEX i ON x",
            "CREATE INDEX i ON x ()",
            "CREATE INDEX i ON x (a,)",
            "CREATE INDEX i ON x (a",
            "CREATE INDEX i ON x (a) garbage",
            "CREATE INDEX i ON x (a) WHERE",
            "CREATE INDEX i ON x (a); DROP TABLE x",
            "CREATE INDEX i ON x (a) WHERE 1; DROP TABLE x",
            "CREATE INDEX i ON x (a;b)",
            "CREATE INDEX i ON x (a) WHERE 1) --",
            "CREATE INDEX `i ON x (a)",
            "CREATE INDEX `` ON x (a)",
            "CREATEINDEX i ON x (a)",
            "CREATE INDEX if exists i ON x (a)",
            "žžžžžžž",
        ] {
            assert_eq!(rendered(statement), "", "{statement}");
        }
    }

    #[test]
    fn unique_columns_are_found() {
        let statements = [
            "CREATE INDEX a ON x (one)",
            "CREATE UNIQUE INDEX b ON x (two, three)",
            "CREATE UNIQUE INDEX c ON x (`Four` COLLATE NOCASE) WHERE `four` != ''",
            "CREATE UNIQUE INDEX d ON x (lower(five))",
        ]
        .map(String::from);
        assert!(Index::is_unique_on(&statements, "four"));
        assert_eq!(Index::unique_on(&statements, "four").unwrap().columns[0].collate, "NOCASE");
        for field in ["one", "two", "five", "lower(five)"] {
            assert!(!Index::is_unique_on(&statements, field), "{field}");
        }
        let index = Index::parse(&statements[1]).unwrap();
        assert_eq!(index.column_names(), ["two", "three"]);
        assert!(Index::parse(&statements[3]).unwrap().column_names().is_empty());
    }
}
