//! `sort=-created,author.name,@random` to ORDER BY. Paths are those of filters, under the same restrictions.

use super::check::{Checked, Checker, Purpose};
use super::error::{Error, code};
use super::facts::{Facts, Lookup};
use super::formula::{Formula, Path, Term};
use super::lexer::{self, Kind};
use super::sql::{Scope, Where, Writer};
use crate::model::Collection;
use crate::sql::Sql;

/// Most items of a sort.
pub const SORT_ITEMS_MAX: usize = 8;
/// Longest item of a sort.
pub const SORT_CHARS_MAX: usize = 255;

/// A checked sort.
#[derive(Debug, Clone)]
pub struct Sort {
    keys: Vec<Key>,
    /// The rows that paths pass through, and the list rules that guard them for a client.
    paths: Checked,
}

#[derive(Debug, Clone)]
struct Key {
    by: By,
    descending: bool,
}

#[derive(Debug, Clone)]
enum By {
    Random,
    RowId,
    Path(Path),
}

/// A sort for one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// What follows ORDER BY; empty when there is no order.
    pub terms: Sql,
    /// To be met by the rows, beside the rule and the filter: a record cannot be placed by what its
    /// reader must not see.
    pub guard: Where,
}

/// Checks a sort; a blank text is no order.
///
/// # Errors
/// The first mistake, with its place.
pub fn sort(text: &str, base: &Collection, lookup: &dyn Lookup, purpose: Purpose) -> Result<Sort, Error> {
    let mut checker = Checker::new(base, lookup, purpose);
    let mut keys = Vec::new();
    let mut at = 0;
    for item in text.split(',').filter(|_| !text.trim().is_empty()) {
        keys.push(key(item, at, base, &mut checker)?);
        at += item.len() + 1;
        if keys.len() > SORT_ITEMS_MAX {
            let message = format!("a sort has at most {SORT_ITEMS_MAX} items");
            return Err(Error::new(code::TOO_MANY, 0..text.len(), message));
        }
    }
    Ok(Sort { keys, paths: checker.finish(Formula::Const(true))? })
}

fn key(item: &str, at: usize, base: &Collection, checker: &mut Checker<'_>) -> Result<Key, Error> {
    let span = at..at + item.len();
    if item.chars().count() > SORT_CHARS_MAX {
        return Err(Error::new(
            code::TOO_LONG,
            span,
            format!("an item of a sort has at most {SORT_CHARS_MAX} characters"),
        ));
    }
    let trimmed = item.trim();
    let descending = trimmed.starts_with('-');
    let name = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    let by = match name {
        "@random" => By::Random,
        "@rowid" if base.is_view() => {
            return Err(Error::new(code::UNSUPPORTED, span, "a view has no `@rowid`"));
        }
        "@rowid" => By::RowId,
        _ => {
            let named =
                lexer::tokens(name).ok().filter(|tokens| matches!(tokens[0].kind, Kind::Name(_)) && tokens.len() == 2);
            if named.is_none_or(|tokens| tokens[0].span != (0..name.len())) {
                return Err(Error::new(code::SYNTAX, span, format!("`{name}` is not the name of a field")));
            }
            match checker.field(name, &span)? {
                Term::Path(path) => By::Path(path),
                _ => return Err(Error::new(code::UNSUPPORTED, span, format!("records cannot be sorted by `{name}`"))),
            }
        }
    };
    Ok(Key { by, descending })
}

impl Sort {
    /// The order over the collection's table.
    #[must_use]
    pub fn to_sql(&self, facts: &Facts<'_>, lookup: &dyn Lookup) -> Order {
        let row = &self.paths.base.name;
        let bound = self.paths.bind(facts, lookup);
        let mut counter = 0;
        let mut writer = Writer::new(&bound, &mut counter);
        let scope = Scope::over(row);
        let mut terms = Sql::default();
        for (index, key) in self.keys.iter().enumerate() {
            if index > 0 {
                terms.push(", ");
            }
            match &key.by {
                By::Random => drop(terms.push("RANDOM()")),
                By::RowId => drop(terms.column(row, "_rowid_")),
                By::Path(path) => drop(terms.append(writer.sort_key(path, key.descending, &scope))),
            }
            if !matches!(key.by, By::Random) {
                terms.push(if key.descending { " DESC" } else { " ASC" });
            }
        }
        Order { terms, guard: self.paths.to_sql(facts, lookup) }
    }
}
