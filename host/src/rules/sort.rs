//! `sort=-created,author.name,@random` to ORDER BY. Paths are those of filters, under the same restrictions.

use super::check::{Checked, Checker, Purpose};
use super::error::{Error, code};
use super::facts::{Facts, Lookup};
use super::formula::{Formula, Path, Read, Term};
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
    /// The same, term by term; `None` for an order that another request would not find again.
    pub keys: Option<Vec<OrderKey>>,
    /// To be met by the rows, beside the rule and the filter: a record cannot be placed by what its
    /// reader must not see.
    pub guard: Where,
    /// The ids of the other collections that decide the order.
    pub collections: Vec<String>,
}

/// One term of an order that stays the same.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderKey {
    pub value: Sql,
    pub descending: bool,
    /// Whether it may be NULL, which comes before everything else.
    pub nullable: bool,
    /// Whether no two rows have the same, so that what follows orders nothing.
    pub unique: bool,
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
        let mut keys = Some(Vec::new());
        for (index, key) in self.keys.iter().enumerate() {
            if index > 0 {
                terms.push(", ");
            }
            let mut value = Sql::default();
            match &key.by {
                By::Random => {
                    terms.push("RANDOM()");
                    keys = None;
                    continue;
                }
                By::RowId => drop(value.column(row, "_rowid_")),
                By::Path(path) => drop(value.append(writer.sort_key(path, key.descending, &scope))),
            }
            terms.append(value.clone()).push(if key.descending { " DESC" } else { " ASC" });
            if let Some(keys) = &mut keys {
                keys.push(OrderKey {
                    value,
                    descending: key.descending,
                    nullable: key.by.may_be_null(),
                    unique: key.by.is_unique(),
                });
            }
        }
        let collections = self.paths.collections().map(str::to_owned).collect();
        Order { terms, keys, guard: self.paths.to_sql(facts, lookup), collections }
    }
}

impl By {
    fn may_be_null(&self) -> bool {
        match self {
            Self::Random | Self::RowId => false,
            Self::Path(path) => !(self.is_own_column() && path.column.not_null),
        }
    }

    fn is_unique(&self) -> bool {
        match self {
            Self::Random => false,
            Self::RowId => true,
            Self::Path(path) => self.is_own_column() && path.column.name == "id",
        }
    }

    /// Whether it is a column of the row itself, as it is.
    fn is_own_column(&self) -> bool {
        matches!(self, Self::Path(path) if path.node == 0 && path.read == Read::Plain && !path.lower && !path.guarded_email)
    }
}
