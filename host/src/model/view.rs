//! What can be told of a view's query without running it: which expression each of its columns is, and so
//! which kind of field. The names of the columns are the engine's to tell.
//!
//! As in `PocketBase`: a plain column is a copy of the field it comes from, the id of another table a relation,
//! `count`, `total` and `CAST` have the kind they say, and everything else is JSON.

mod tokens;

use super::field::{boolean::Bool, json::Json, number::Number, relation::Relation, text, text::Text, wire};
use super::{Collection, Field, FieldKind, Kind};
use tokens::{Token, tokens};

/// What ends the columns, or the tables, of a SELECT.
const CLAUSES: &[&str] =
    &["FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "UNION", "EXCEPT", "INTERSECT"];
/// What stands between two tables.
const JOINS: &[&str] = &["JOIN", "NATURAL", "LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS"];

/// The outermost SELECT.
#[derive(Debug)]
struct Select {
    /// The tokens of each column, with its alias.
    columns: Vec<Vec<Token>>,
    tables: Vec<Table>,
}

#[derive(Debug, PartialEq)]
struct Table {
    alias: String,
    /// `None` for a subquery.
    name: Option<String>,
}

/// The fields of a view whose columns are called `names`; `find` looks up a collection by its name in any case.
///
/// # Errors
/// Why the query cannot be a view's, in words.
pub fn fields<'a>(
    query: &str,
    names: &[String],
    find: &dyn Fn(&str) -> Option<&'a Collection>,
) -> Result<Vec<Field>, &'static str> {
    if !names.iter().any(|name| name == "id") {
        return Err("missing required id column (you can use `(ROW_NUMBER() OVER()) as id` if you don't have one)");
    }
    let select = Select::read(query);
    // With `*` or VALUES the columns are not those that are written.
    let known = select.columns.len() == names.len();
    for column in &select.columns {
        if let [.., Token::Sign('*')] = &column[..]
            && column.len() != 2
            && select.source(column.first().filter(|_| column.len() == 3), find).is_some()
        {
            return Err("dynamic column names are not supported");
        }
    }
    let field = |(position, name): (usize, &String)| {
        let expression = known.then(|| without_alias(&select.columns[position], name));
        let mut field = match expression {
            _ if name == "id" => id(),
            Some(expression) => select.field(expression, name, find).unwrap_or_else(|| anything(name)),
            None => anything(name),
        };
        if field.id.is_empty() {
            field.id = clone_id(position, name);
        }
        field
    };
    Ok(names.iter().enumerate().map(field).collect())
}

/// The field that a view's column is a plain copy of, with its collection, which may be a view itself.
pub fn origin<'a>(
    view: &Collection,
    column: &str,
    find: &dyn Fn(&str) -> Option<&'a Collection>,
) -> Option<(&'a Collection, &'a Field)> {
    let Kind::View { query } = &view.kind else { return None };
    let select = Select::read(query);
    let at = view.fields.iter().position(|field| field.name == column)?;
    let known = select.columns.len() == view.fields.len();
    select.origin(without_alias(select.columns.get(at).filter(|_| known)?, column), find)
}

/// The key of a view, whatever it is made of.
fn id() -> Field {
    let key = Text { pattern: text::ID_PATTERN.into(), primary_key: true, ..Text::default() };
    Field { system: true, required: true, ..Field::new("id", key) }
}

/// What nothing is known of.
fn anything(name: &str) -> Field {
    // The size of what is only read does not matter.
    Field::new(name, Json { max_size: 1, schema: None })
}

/// The same for as long as the query is, so that a view that is saved again is what it was.
fn clone_id(position: usize, name: &str) -> String {
    format!("_clone_{:08x}", wire::checksum(&format!("{position}{name}")))
}

/// A column without ` AS name`; without the AS where it is left out, too.
fn without_alias<'t>(column: &'t [Token], name: &str) -> &'t [Token] {
    match column {
        [before @ .., last] if !before.is_empty() && last.name() == Some(name) => match before {
            [.., Token::Sign('.')] => column,
            [expression @ .., word] if word.is("AS") => expression,
            _ => before,
        },
        _ => column,
    }
}

impl Select {
    fn read(query: &str) -> Self {
        let tokens = tokens(query);
        let mut depth = 0_usize;
        // How deep each token lies; a bracket belongs to the outside.
        let depths: Vec<usize> = tokens
            .iter()
            .map(|token| match token {
                Token::Sign('(') => {
                    depth += 1;
                    depth - 1
                }
                Token::Sign(')') => {
                    depth = depth.saturating_sub(1);
                    depth
                }
                _ => depth,
            })
            .collect();
        let outside = |from: usize, keywords: &[&str]| {
            (from..tokens.len()).find(|at| depths[*at] == 0 && tokens[*at].is_any(keywords))
        };
        let Some(start) = outside(0, &["SELECT"]) else {
            return Self { columns: Vec::new(), tables: Vec::new() };
        };
        let start = start + 1;
        let start = start + usize::from(tokens.get(start).is_some_and(|token| token.is_any(&["DISTINCT", "ALL"])));
        let end = outside(start, CLAUSES).unwrap_or(tokens.len());
        let parts = |from: usize, to: usize, is_between: &dyn Fn(&Token) -> bool| {
            let mut parts = vec![Vec::new()];
            for at in from..to {
                if depths[at] == 0 && is_between(&tokens[at]) {
                    parts.push(Vec::new());
                } else if let Some(part) = parts.last_mut() {
                    part.push(tokens[at].clone());
                }
            }
            parts.retain(|part| !part.is_empty());
            parts
        };
        let columns = parts(start, end, &|token| token.is_sign(','));
        let mut tables = Vec::new();
        if tokens.get(end).is_some_and(|token| token.is("FROM")) {
            let from = end + 1;
            let to = outside(from, CLAUSES).unwrap_or(tokens.len());
            tables = parts(from, to, &|token| token.is_sign(',') || token.is_any(JOINS));
        }
        // A name of WITH hides a table of that name.
        let with: Vec<&str> = tokens[..start]
            .windows(2)
            .zip(&depths)
            .filter(|(pair, depth)| **depth == 0 && (pair[1].is("AS") || pair[1].is_sign('(')))
            .filter_map(|(pair, _)| pair[0].name())
            .collect();
        Self { columns, tables: tables.iter().map(|part| Table::read(part, &with)).collect() }
    }

    /// The collection that a name before the dot stands for; without one the first.
    fn source<'a>(
        &self,
        alias: Option<&Token>,
        find: &dyn Fn(&str) -> Option<&'a Collection>,
    ) -> Option<&'a Collection> {
        let table = match alias {
            Some(alias) => {
                let alias = alias.name()?;
                self.tables.iter().find(|table| table.alias.eq_ignore_ascii_case(alias))?
            }
            None => self.tables.first()?,
        };
        find(table.name.as_deref()?)
    }

    /// The field that an expression names, with its collection.
    fn origin<'a>(
        &self,
        expression: &[Token],
        find: &dyn Fn(&str) -> Option<&'a Collection>,
    ) -> Option<(&'a Collection, &'a Field)> {
        let (alias, column) = match expression {
            [column] => (None, column),
            [alias, Token::Sign('.'), column] => (Some(alias), column),
            _ => return None,
        };
        let source = self.source(alias, find)?;
        let column = column.name()?;
        Some((source, source.fields.iter().find(|field| field.name.eq_ignore_ascii_case(column))?))
    }

    /// The field of an expression; `None` when nothing is known of it. One that was copied comes without an id.
    fn field<'a>(
        &self,
        expression: &[Token],
        name: &str,
        find: &dyn Fn(&str) -> Option<&'a Collection>,
    ) -> Option<Field> {
        match expression {
            [call, Token::Sign('('), ..] if call.is("count") => {
                return Some(Field::new(name, Number { only_int: true, ..Number::default() }));
            }
            [call, Token::Sign('('), ..] if call.is("total") => return Some(Field::new(name, Number::default())),
            [call, Token::Sign('('), .., keyword, kind, Token::Sign(')')] if call.is("cast") && keyword.is("AS") => {
                return cast(kind).map(|kind| Field::new(name, kind));
            }
            _ => {}
        }
        let (source, field) = self.origin(expression, find)?;
        if field.name == "id" {
            let relation = Relation { collection_id: source.id.clone(), max_select: 1, ..Relation::default() };
            return Some(Field::new(name, relation));
        }
        Some(Field {
            id: String::new(),
            name: name.to_owned(),
            unique: false,
            searchable: false,
            default: None,
            ..field.clone()
        })
    }
}

fn cast(to: &Token) -> Option<FieldKind> {
    Some(match to.name()?.to_ascii_lowercase().as_str() {
        "real" | "decimal" | "numeric" => Number::default().into(),
        "int" | "integer" => Number { only_int: true, ..Number::default() }.into(),
        "text" => Text::default().into(),
        "boolean" | "bool" => Bool::default().into(),
        _ => return None,
    })
}

impl Table {
    /// `schema.table AS alias ON ..`, or a subquery in brackets.
    fn read(part: &[Token], with: &[&str]) -> Self {
        let (name, rest) = match part {
            [Token::Name { .. }, Token::Sign('.'), name @ Token::Name { .. }, rest @ ..]
            | [name @ Token::Name { .. }, rest @ ..] => (name.name(), rest),
            [Token::Sign('('), ..] => {
                let end = part.iter().rposition(|token| token.is_sign(')')).map_or(part.len(), |end| end + 1);
                (None, &part[end..])
            }
            _ => (None, part),
        };
        let rest = if rest.first().is_some_and(|token| token.is("AS")) { &rest[1..] } else { rest };
        let alias = rest.first().filter(|token| !token.is_any(&["ON", "USING", "INDEXED", "NOT"]));
        let alias = alias.and_then(Token::name).or(name).unwrap_or_default();
        let name = name.filter(|name| !with.iter().any(|known| known.eq_ignore_ascii_case(name)));
        Self { alias: alias.to_owned(), name: name.map(str::to_owned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn collection(name: &str, fields: &serde_json::Value) -> Collection {
        let input = json!({"name": name, "id": format!("id_{name}"), "fields": fields});
        Collection::from_json(&serde_json::from_value(input).unwrap(), "", &mut |length| "s".repeat(length)).unwrap()
    }

    fn kinds(query: &str, names: &[&str]) -> Result<Vec<String>, &'static str> {
        let posts = collection(
            "posts",
            &json!([{"name": "title", "type": "text", "max": 7}, {"name": "n", "type": "number"}, {"name": "pic", "type": "file"}]),
        );
        let tags = collection("tags", &json!([{"name": "on", "type": "bool"}]));
        let known = [posts, tags];
        let find = |name: &str| known.iter().find(|known| known.name.eq_ignore_ascii_case(name));
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let fields = fields(query, &names, &find)?;
        assert_eq!(fields.iter().map(|field| &field.name).collect::<Vec<_>>(), names.iter().collect::<Vec<_>>());
        Ok(fields.iter().map(|field| field.kind.name().to_owned()).collect())
    }

    #[test]
    fn expressions_have_the_kind_they_say() {
        let query = "SELECT (ROW_NUMBER() OVER()) as id, count(id) as c, total(n) tot, cast(n as int) i, CAST(n AS text) as tx, \
                     cast(n as real) as re, cast(n as boolean) as bo, (n + 1) as j, COUNT(*), cast(n as blob) bl FROM posts";
        assert_eq!(
            kinds(query, &["id", "c", "tot", "i", "tx", "re", "bo", "j", "COUNT(*)", "bl"]).unwrap(),
            ["text", "number", "number", "number", "text", "number", "bool", "json", "number", "json"]
        );
    }

    #[test]
    fn columns_are_copies_of_fields() {
        let query = "SELECT p.id, p.Title, t.id AS tag, t.`on` AS `flag`, posts.n, pic FROM main.posts p LEFT OUTER JOIN tags AS t ON t.id = p.n";
        assert_eq!(
            kinds(query, &["id", "Title", "tag", "flag", "n", "pic"]).unwrap(),
            ["text", "text", "relation", "bool", "json", "file"]
        );
        let query = "WITH tags AS (SELECT 1 AS id, 2 AS x FROM posts) SELECT tags.id, x, s.title FROM tags, (SELECT title FROM posts) s WHERE x IN (SELECT n FROM posts)";
        assert_eq!(kinds(query, &["id", "x", "title"]).unwrap(), ["text", "json", "json"]);
        assert_eq!(kinds("SELECT DISTINCT id, title FROM (posts)", &["id", "title"]).unwrap(), ["text", "json"]);
        assert_eq!(
            kinds("SELECT id, n FROM posts UNION SELECT id, `on` FROM tags", &["id", "n"]).unwrap(),
            ["text", "number"]
        );
        assert_eq!(kinds("VALUES (1)", &["id"]).unwrap(), ["text"]);
        assert_eq!(kinds("", &["id"]).unwrap(), ["text"]);
    }

    #[test]
    fn a_copy_keeps_its_options_and_gets_an_id_of_its_own() {
        let posts = collection("posts", &json!([{"name": "title", "type": "text", "max": 7, "hidden": true}]));
        let find = |name: &str| (name == "posts").then_some(&posts);
        let names = ["id", "a", "b"].map(str::to_owned);
        let made = || fields("SELECT id, title a, title b FROM posts", &names, &find).unwrap();
        let [id, a, b] = &made()[..] else { panic!("three fields") };
        assert!(id.system && id.required && id.is_primary_key() && id.id == "text3208210256");
        assert!(matches!(&a.kind, FieldKind::Text(text) if text.max == 7) && a.hidden);
        assert!(a.id.starts_with("_clone_") && a.id != b.id && made() == [id.clone(), a.clone(), b.clone()]);
    }

    #[test]
    fn an_id_is_needed_and_stars_are_not_told() {
        assert!(kinds("SELECT title FROM posts", &["title"]).unwrap_err().contains("id column"));
        for query in ["SELECT * FROM posts", "SELECT p.* FROM posts p"] {
            assert_eq!(
                kinds(query, &["id", "title", "n", "pic"]).unwrap_err(),
                "dynamic column names are not supported",
                "{query}"
            );
        }
        assert_eq!(kinds("SELECT * FROM (SELECT id, n FROM posts)", &["id", "n"]).unwrap(), ["text", "json"]);
    }
}
