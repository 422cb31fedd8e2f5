//! `?fn=count,sum(price)&groupBy=status,created:month&sort=-sum(price)`: numbers about the records that the caller
//! may list. Only what the caller is shown of every record can be summed up or grouped by.

use super::list::{PAGE_BYTES_MAX, too_large};
use super::page::Page;
use super::render::{self, Sight};
use super::selection::Selection;
use super::{ListQuery, search};
use crate::db::{Row, Snapshot};
use crate::error::{Code, Error, Result, code};
use crate::model::{Collection, Field, FieldKind, field::column};
use crate::sql::{Sql, ValueRef};
use crate::tenant::Cx;
use std::sync::Arc;

/// Most functions of one query.
const FUNCTIONS_MAX: usize = 16;
/// Most fields to group by.
const GROUPS_MAX: usize = 4;
/// Longest text of `fn`, `groupBy` and `sort`.
const CHARS_MAX: usize = 2_000;

/// What was asked, as it was received. Of the list's parameters `filter`, `search`, `sort`, `page`, `perPage` and
/// `fields` count.
#[derive(Debug, Clone, Default)]
pub struct AggregateQuery {
    /// `count,sum(price)`; nothing is `count`.
    pub functions: Option<String>,
    /// `status,created:month`.
    pub group_by: Option<String>,
    pub list: ListQuery,
}

/// A column of the answer, with the text that asked for it.
#[derive(Debug)]
struct Asked<'a, What> {
    text: &'a str,
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum Function {
    Count,
    Sum(usize),
    Average(usize),
    Least(usize),
    Greatest(usize),
}

/// A field to group by; of a date perhaps only its beginning, in characters.
#[derive(Debug, Clone, Copy)]
struct Group {
    field: usize,
    chars: Option<u64>,
}

/// Parts of a date, and how many characters of the stored form tell them.
const PERIODS: [(&str, u64); 4] = [("year", 4), ("month", 7), ("day", 10), ("hour", 13)];

/// `{items: [{group: {status}, count, sum: {price}}], page, perPage, hasMore}`, one item for each group.
///
/// # Errors
/// `Invalid` with the parameter that is wrong, `Forbidden` when only superusers may.
pub async fn aggregate(cx: &Cx, collection: &Arc<Collection>, query: &AggregateQuery) -> Result<Vec<u8>> {
    let selection = Selection::of(cx, collection, query.list.filter.as_deref())?;
    let search = search::parse(cx, collection, query.list.search.as_deref())?;
    let selection = selection.searched(search.as_ref());
    let page = Page::parse(&query.list)?;
    let names = Names { collection, sight: Sight::of(cx, collection) };
    let groups = parse(query.group_by.as_deref(), "groupBy", GROUPS_MAX, |text| names.group(text), Group::same)?;
    let mut functions =
        parse(query.functions.as_deref(), "fn", FUNCTIONS_MAX, |text| names.function(text), Function::same)?;
    if functions.is_empty() {
        functions.push(Asked { text: "count", what: Function::Count });
    }
    let order = order(query.list.sort.as_deref(), &groups, &functions)?;
    let mut items = Vec::new();
    let mut found = 0;
    let read = |snapshot: &mut Snapshot<'_>, selection: &Selection<'_>| {
        items.clear();
        found = 0;
        let select = select(collection, &groups, &functions, &order, selection, &page);
        snapshot.rows(&select, |row| {
            found += 1;
            if found <= page.size {
                let is_first = items.is_empty();
                if !is_first {
                    items.push(b',');
                }
                write(&mut items, collection, &groups, &functions, row);
                if !is_first && items.len() > PAGE_BYTES_MAX {
                    return Err(too_large());
                }
            }
            Ok(())
        })
    };
    cx.tenant.store.read(|snapshot| selection.read(snapshot, read)).await?;
    let (number, size, more) = (page.number, page.size, found > page.size);
    let tail = format!("],\"page\":{number},\"perPage\":{size},\"hasMore\":{more}}}");
    render::pick_items([b"{\"items\":[", items.as_slice(), tail.as_bytes()].concat(), query.list.fields.as_deref())
}

/// The items of a comma-separated parameter, each once.
fn parse<'a, What>(
    text: Option<&'a str>,
    parameter: &'static str,
    max: usize,
    mut read: impl FnMut(&'a str) -> Result<What>,
    same: fn(&What, &What) -> bool,
) -> Result<Vec<Asked<'a, What>>> {
    let text = limited(text, parameter)?;
    let mut asked: Vec<Asked<'a, What>> = Vec::new();
    for item in text.split(',').map(str::trim).filter(|_| !text.trim().is_empty()) {
        if asked.len() == max {
            let error = code::TOO_MANY_VALUES.with([("maxSelect", max.into())]);
            return Err(Error::field("Too much is asked at once.", parameter, error));
        }
        let what = read(item)?;
        if asked.iter().any(|known| same(&known.what, &what)) {
            return Err(wrong(parameter, item, code::INVALID_VALUE, "is asked for twice"));
        }
        asked.push(Asked { text: item, what });
    }
    Ok(asked)
}

fn limited<'a>(text: Option<&'a str>, parameter: &'static str) -> Result<&'a str> {
    let text = text.unwrap_or_default();
    if text.len() > CHARS_MAX {
        let error = code::LENGTH_TOO_LONG.with([("min", 0.into()), ("max", CHARS_MAX.into())]);
        return Err(Error::field("Too much is asked at once.", parameter, error));
    }
    Ok(text)
}

fn wrong(parameter: &str, item: &str, code: Code, why: &str) -> Error {
    let shown: String = item.chars().take(100).collect();
    Error::field("The aggregation cannot be understood.", parameter, code.say(format!("`{shown}` {why}.")))
}

/// The names that this caller may use.
struct Names<'a> {
    collection: &'a Collection,
    sight: Sight,
}

impl Names<'_> {
    /// What is hidden is as unknown as what does not exist.
    fn field(&self, name: &str) -> Option<(usize, &Field)> {
        let index = self.collection.field_index(name)?;
        self.sight.always_shows(self.collection, index).then(|| (index, &self.collection.fields[index]))
    }

    fn function(&self, text: &str) -> Result<Function> {
        if text == "count" {
            return Ok(Function::Count);
        }
        let why = "is none of count, sum(field), avg(field), min(field), max(field)";
        let unknown = || wrong("fn", text, code::INVALID_VALUE, why);
        let (name, rest) = text.split_once('(').ok_or_else(unknown)?;
        let argument = rest.strip_suffix(')').ok_or_else(unknown)?.trim();
        let make: fn(usize) -> Function = match name {
            "sum" => Function::Sum,
            "avg" => Function::Average,
            "min" => Function::Least,
            "max" => Function::Greatest,
            _ => return Err(unknown()),
        };
        let (index, field) = self
            .field(argument)
            .ok_or_else(|| wrong("fn", text, code::UNKNOWN_FIELD, "names a field that does not exist"))?;
        match (&field.kind, make(index)) {
            (FieldKind::Number(_), function) => Ok(function),
            (FieldKind::Date(_) | FieldKind::Autodate(_), function @ (Function::Least(_) | Function::Greatest(_))) => {
                Ok(function)
            }
            _ => Err(wrong("fn", text, code::INVALID_VALUE, "needs a number, or for min and max a number or date")),
        }
    }

    fn group(&self, text: &str) -> Result<Group> {
        let (name, period) = text.split_once(':').map_or((text, None), |(name, period)| (name, Some(period)));
        let (index, field) = self
            .field(name)
            .ok_or_else(|| wrong("groupBy", text, code::UNKNOWN_FIELD, "names a field that does not exist"))?;
        let is_date = matches!(field.kind, FieldKind::Date(_) | FieldKind::Autodate(_));
        let chars = match period {
            None => None,
            Some(period) => {
                let known = PERIODS.iter().find(|(name, _)| *name == period && is_date);
                let why = "has a part that is none of :year, :month, :day and :hour of a date";
                Some(known.ok_or_else(|| wrong("groupBy", text, code::INVALID_VALUE, why))?.1)
            }
        };
        Ok(Group { field: index, chars })
    }
}

/// What the answer is sorted by: positions among its columns, and whether descending. Groups come last, so that
/// pages are stable.
fn order(
    sort: Option<&str>,
    groups: &[Asked<'_, Group>],
    functions: &[Asked<'_, Function>],
) -> Result<Vec<(usize, bool)>> {
    let texts: Vec<&str> =
        groups.iter().map(|asked| asked.text).chain(functions.iter().map(|asked| asked.text)).collect();
    let mut order: Vec<(usize, bool)> = Vec::new();
    let sort = limited(sort, "sort")?;
    for item in sort.split(',').map(str::trim).filter(|_| !sort.trim().is_empty()) {
        let name = item.strip_prefix(['-', '+']).unwrap_or(item);
        let place = texts.iter().position(|text| *text == name).ok_or_else(|| {
            wrong("sort", item, code::INVALID_VALUE, "is neither among the functions nor among the groups")
        })?;
        if !order.iter().any(|(known, _)| *known == place) {
            order.push((place, item.starts_with('-')));
        }
    }
    for place in 0..groups.len() {
        if !order.iter().any(|(known, _)| *known == place) {
            order.push((place, false));
        }
    }
    Ok(order)
}

fn select(
    collection: &Collection,
    groups: &[Asked<'_, Group>],
    functions: &[Asked<'_, Function>],
    order: &[(usize, bool)],
    selection: &Selection<'_>,
    page: &Page,
) -> Sql {
    let mut sql = Sql::new("SELECT ");
    for Asked { what, .. } in groups {
        sql.append(what.value(collection)).push(", ");
    }
    for (index, Asked { what, .. }) in functions.iter().enumerate() {
        if index > 0 {
            sql.push(", ");
        }
        sql.append(what.value(collection));
    }
    sql.append(selection.rows());
    for index in 0..groups.len() {
        sql.push(if index == 0 { " GROUP BY " } else { ", " }).number(index as u64 + 1);
    }
    for (index, (place, descending)) in order.iter().enumerate() {
        sql.push(if index == 0 { " ORDER BY " } else { ", " }).number(*place as u64 + 1);
        sql.push(if *descending { " DESC" } else { " ASC" });
    }
    // One more, to know whether there is more.
    sql.push(" LIMIT ").bind(page.size + 1).push(" OFFSET ").bind(page.offset());
    sql
}

impl Group {
    /// Whether both are told under the same name, however much of a date each is.
    fn same(&self, other: &Self) -> bool {
        self.field == other.field
    }

    fn value(self, collection: &Collection) -> Sql {
        let mut column = Sql::default();
        column.column(&collection.name, &collection.fields[self.field].name);
        match self.chars {
            None => column,
            Some(chars) => {
                let mut sql = Sql::new("substr(");
                sql.append(column).push(", 1, ").number(chars).push(")");
                sql
            }
        }
    }
}

impl Function {
    fn same(&self, other: &Self) -> bool {
        self.name() == other.name()
    }

    fn value(self, collection: &Collection) -> Sql {
        let (before, index, after) = match self {
            Self::Count => return Sql::new("count(*)"),
            // Unlike `sum` it cannot overflow, and of nothing it is 0.
            Self::Sum(index) => ("total(", index, ")"),
            Self::Average(index) => ("avg(", index, ")"),
            // The empty text is no date; a number is taken as it is, as an index has it.
            Self::Least(index) if is_number(collection, index) => ("min(", index, ")"),
            Self::Greatest(index) if is_number(collection, index) => ("max(", index, ")"),
            Self::Least(index) => ("min(nullif(", index, ", ''))"),
            Self::Greatest(index) => ("max(nullif(", index, ", ''))"),
        };
        let mut sql = Sql::new(before);
        sql.column(&collection.name, &collection.fields[index].name).push(after);
        sql
    }

    /// The word, and the field that it is of.
    fn name(self) -> (&'static str, Option<usize>) {
        match self {
            Self::Count => ("count", None),
            Self::Sum(index) => ("sum", Some(index)),
            Self::Average(index) => ("avg", Some(index)),
            Self::Least(index) => ("min", Some(index)),
            Self::Greatest(index) => ("max", Some(index)),
        }
    }
}

fn is_number(collection: &Collection, index: usize) -> bool {
    matches!(collection.fields[index].kind, FieldKind::Number(_))
}

/// One group as JSON. Functions of fields are objects by field, so that no name can collide with another.
fn write(
    out: &mut Vec<u8>,
    collection: &Collection,
    groups: &[Asked<'_, Group>],
    functions: &[Asked<'_, Function>],
    row: &Row<'_>,
) {
    let mut group = Object::default();
    for (place, Asked { what, .. }) in groups.iter().enumerate() {
        let field = &collection.fields[what.field];
        match what.chars {
            None => field.write_json(row.get(place), group.key(&field.name)),
            Some(_) => column::write_text(row.get(place), group.key(&field.name)),
        }
    }
    let mut item = Object::default();
    item.key("group").extend(group.end());
    for (word, of) in [("count", false), ("sum", true), ("avg", true), ("min", true), ("max", true)] {
        let mut members = Object::default();
        for (place, Asked { what, .. }) in functions.iter().enumerate().filter(|(_, asked)| asked.what.name().0 == word)
        {
            let value = row.get(groups.len() + place);
            match what.name().1 {
                None => column::write_number(value, item.key("count")),
                Some(index) => {
                    write_value(value, &collection.fields[index], members.key(&collection.fields[index].name));
                }
            }
        }
        if of && !members.0.is_empty() {
            item.key(word).extend(members.end());
        }
    }
    out.extend(item.end());
}

fn write_value(value: ValueRef<'_>, field: &Field, out: &mut Vec<u8>) {
    match value {
        // Of no rows, or beyond what a number can hold.
        ValueRef::Null => out.extend_from_slice(b"null"),
        ValueRef::Real(number) if !number.is_finite() => out.extend_from_slice(b"null"),
        value => field.write_json(value, out),
    }
}

/// A JSON object while it is written. Names of fields need no escaping.
#[derive(Default)]
struct Object(Vec<u8>);

impl Object {
    fn key(&mut self, name: &str) -> &mut Vec<u8> {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
        &mut self.0
    }

    fn end(mut self) -> Vec<u8> {
        if self.0.is_empty() {
            self.0.push(b'{');
        }
        self.0.push(b'}');
        self.0
    }
}
