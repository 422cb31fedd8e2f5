//! From the words of a path to rows and a column: fields, relations, back-relations, JSON, modifiers.

use super::error::{Error, code, nearest};
use super::facts::Lookup;
use super::formula::{
    Column, Const, Link, Modifier, Node, Path, Read, Shape, Step, Table, Term, has_paths, is_list_kind,
};
use super::json;
use super::value::{Affinity, text_of};
use crate::model::index::Index;
use crate::model::{Collection, Field, FieldKind, Record};
use crate::sql::Value;
use std::ops::Range;

/// Relations a path may follow.
pub const HOPS_MAX: usize = 6;
/// The largest position in a list, which keeps SQLite's reading of the digits from wrapping around.
const INDEX_DIGITS_MAX: usize = 9;

/// One word between the dots.
#[derive(Debug, Clone)]
pub(super) struct Segment<'a> {
    pub text: &'a str,
    pub span: Range<usize>,
}

/// A row that a path stands on.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub place: Place<'a>,
    pub collection: &'a Collection,
    /// Whether several rows lie between the beginning and here.
    pub all: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Node(usize),
    /// The signed-in record, whose values are at hand.
    Held(&'a Record),
}

pub(super) struct Walk<'a, 'n> {
    pub nodes: &'n mut Vec<Node>,
    pub lookup: &'a dyn Lookup,
    /// The collection of the rule, which counts also while it is not saved yet.
    pub base: &'a Collection,
    /// Whether hidden fields and e-mail addresses are open to whoever asks.
    pub trusted: bool,
    /// Nodes of other rows that were looked at, for the list rules that guard them.
    pub joined: Vec<usize>,
}

impl<'a> Walk<'a, '_> {
    /// Follows a path to its column.
    pub(super) fn term(
        &mut self,
        mut row: Row<'a>,
        segments: &[Segment<'_>],
        modifier: Option<Modifier>,
    ) -> Result<Term, Error> {
        for (depth, segment) in segments.iter().enumerate() {
            let rest = &segments[depth + 1..];
            if rest.is_empty() {
                return self.last(row, segment, modifier);
            }
            let field = self.visible(row.collection, segment)?;
            if let Some(field) = field.filter(|field| has_paths(field)) {
                return inside(row, field, rest, modifier);
            }
            if depth >= HOPS_MAX {
                return Err(Error::new(
                    code::TOO_DEEP,
                    segment.span.clone(),
                    format!("a path follows at most {HOPS_MAX} relations"),
                ));
            }
            if let Some(field) = field
                && is_single_relation(field)
                && let [Segment { text: "id", .. }] = rest
                && modifier.is_none()
            {
                // The id of the other row is what the relation holds; there is no need to look there.
                return self.last(row, segment, None);
            }
            row = match field {
                Some(field) => self.relation(row, field, segment)?,
                None => self.back_relation(row, segment)?,
            };
        }
        Err(Error::new(code::SYNTAX, 0..0, "a path has at least one name"))
    }

    /// The field of that name, unless it is hidden from whoever asks: then it is as unknown as any other.
    fn visible(&self, collection: &'a Collection, segment: &Segment<'_>) -> Result<Option<&'a Field>, Error> {
        match collection.field(segment.text) {
            Some(field) if !self.is_open(collection, field) => Err(self.unknown(collection, segment)),
            field => Ok(field),
        }
    }

    /// Hashes and token keys are closed to clients even where somebody has made them visible.
    fn is_open(&self, collection: &Collection, field: &Field) -> bool {
        let secret =
            matches!(field.kind, FieldKind::Password(_)) || (field.name == "tokenKey" && collection.auth().is_some());
        self.trusted || !(field.hidden || secret)
    }

    fn unknown(&self, collection: &Collection, segment: &Segment<'_>) -> Error {
        let message = format!("`{}` has no field `{}`", collection.name, segment.text);
        let error = Error::new(code::UNKNOWN_FIELD, segment.span.clone(), message);
        let open = collection.fields.iter().filter(|field| self.is_open(collection, field));
        match nearest(segment.text, open.map(|field| field.name.as_str())) {
            Some(name) => error.hint(format!("did you mean `{name}`?")),
            None => error,
        }
    }

    pub(super) fn collection(&self, name_or_id: &str) -> Option<&'a Collection> {
        if name_or_id == self.base.id || name_or_id == self.base.name {
            return Some(self.base);
        }
        self.lookup.collection(name_or_id)
    }

    fn relation(&mut self, row: Row<'a>, field: &Field, segment: &Segment<'_>) -> Result<Row<'a>, Error> {
        let FieldKind::Relation(relation) = &field.kind else {
            let message = format!("`{}` is not a relation, so nothing can follow it", field.name);
            return Err(Error::new(code::NOT_RELATION, segment.span.clone(), message));
        };
        let Some(collection) = self.collection(&relation.collection_id) else {
            let message = format!("the collection that `{}` points at does not exist", field.name);
            return Err(Error::new(code::UNKNOWN_COLLECTION, segment.span.clone(), message));
        };
        if !self.trusted && collection.rules.list.is_none() {
            // Before anything is said about what is in there.
            let message = "only superusers can look into this relation";
            return Err(Error::new(code::LOCKED_RELATION, segment.span.clone(), message));
        }
        let multiple = field.kind.is_multiple();
        let step = if multiple { Step::Many } else { Step::One };
        Ok(self.join(link(row, field), step, collection, row.all || multiple))
    }

    /// `comments_via_post`: the rows of `comments` whose `post` points here. To a client, what it may not
    /// look into is as unknown as what is not there.
    fn back_relation(&mut self, row: Row<'a>, segment: &Segment<'_>) -> Result<Row<'a>, Error> {
        let (collection, field) = match self.pointing_field(row, segment) {
            Ok((collection, _)) if !self.trusted && collection.rules.list.is_none() => {
                return Err(self.unknown(row.collection, segment));
            }
            Err(_) if !self.trusted => return Err(self.unknown(row.collection, segment)),
            found => found?,
        };
        let list = field.kind.is_multiple();
        let multiple = list || !is_unique(collection, &field.name);
        let column = field.name.clone();
        let step = if multiple { Step::Backs { column, list } } else { Step::Back { column } };
        let link = match row.place {
            Place::Node(node) => Link::Column { node, column: Column::id(row.collection) },
            Place::Held(record) => Link::Const(Value::Text(record.id().to_owned())),
        };
        Ok(self.join(link, step, collection, row.all || multiple))
    }

    fn pointing_field(&self, row: Row<'a>, segment: &Segment<'_>) -> Result<(&'a Collection, &'a Field), Error> {
        let Some((name, field_name)) = segment.text.rsplit_once("_via_") else {
            return Err(self.unknown(row.collection, segment));
        };
        let Some(collection) = self.collection(name) else {
            let message = format!("there is no collection `{name}`");
            return Err(Error::new(code::UNKNOWN_COLLECTION, segment.span.clone(), message));
        };
        let inner = Segment { text: field_name, span: segment.span.clone() };
        let Some(field) = self.visible(collection, &inner)? else { return Err(self.unknown(collection, &inner)) };
        match &field.kind {
            FieldKind::Relation(relation) if relation.collection_id == row.collection.id => Ok((collection, field)),
            _ => {
                let message = format!("`{}.{field_name}` does not point at `{}`", collection.name, row.collection.name);
                Err(Error::new(code::NOT_RELATION, segment.span.clone(), message))
            }
        }
    }

    fn join(&mut self, link: Link, step: Step, collection: &'a Collection, all: bool) -> Row<'a> {
        let node = self.node(Node { link, step, table: Table::of(collection) });
        self.joined.push(node);
        Row { place: Place::Node(node), collection, all }
    }

    /// Paths with the same beginning stand on the same row.
    pub(super) fn node(&mut self, node: Node) -> usize {
        if let Some(known) = self.nodes.iter().position(|known| *known == node) {
            return known;
        }
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn last(&mut self, row: Row<'a>, segment: &Segment<'_>, modifier: Option<Modifier>) -> Result<Term, Error> {
        let Some(field) = self.visible(row.collection, segment)? else {
            return Err(self.unknown(row.collection, segment));
        };
        if modifier == Some(Modifier::Each) && is_list_kind(field) {
            let node = self.node(Node { link: link(row, field), step: Step::Items, table: Table::default() });
            return Ok(Term::Path(item(node, Read::Item, row.all || field.kind.is_multiple())));
        }
        let read = match (&field.kind, modifier) {
            (_, Some(Modifier::Length)) if is_list_kind(field) => Read::Length,
            (FieldKind::Json(_), _) => Read::Json(Vec::new()),
            _ => Read::Plain,
        };
        let lower = modifier == Some(Modifier::Lower);
        let guarded_email = field.name == "email" && !self.trusted && row.collection.auth().is_some();
        Ok(read_column(row, field, read, lower, guarded_email))
    }
}

/// The items of a list, one row each.
pub(super) fn item(node: usize, read: Read, all: bool) -> Path {
    let column = Column { name: "value".to_owned(), affinity: Some(Affinity::Blob), not_null: false };
    Path { node, column, read, lower: false, guarded_email: false, all }
}

/// A path within JSON: digits are positions, anything else is a key.
fn inside(row: Row<'_>, field: &Field, rest: &[Segment<'_>], modifier: Option<Modifier>) -> Result<Term, Error> {
    let mut steps = Vec::with_capacity(rest.len());
    for segment in rest {
        let digits = segment.text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && segment.text.len() > INDEX_DIGITS_MAX {
            return Err(Error::new(code::SYNTAX, segment.span.clone(), "this position is too large"));
        }
        steps.push(match segment.text.parse() {
            Ok(index) if digits => json::Step::Index(index),
            _ => json::Step::Key(segment.text.to_owned()),
        });
    }
    if matches!(modifier, Some(Modifier::Each | Modifier::Length)) {
        let span = rest.last().map_or(0..0, |segment| segment.span.clone());
        return Err(Error::new(code::MODIFIER, span, "`:each` and `:length` do not reach into JSON"));
    }
    Ok(read_column(row, field, Read::Json(steps), modifier == Some(Modifier::Lower), false))
}

fn read_column(row: Row<'_>, field: &Field, read: Read, lower: bool, guarded_email: bool) -> Term {
    let column = Column::of(field, row.collection);
    match row.place {
        Place::Node(node) => Term::Path(Path { node, column, read, lower, guarded_email, all: row.all }),
        Place::Held(record) => Term::Const(held(&stored(record, field), &column, &read, lower)),
    }
}

/// A value of the signed-in record, which compares like the column it comes from.
fn held(stored: &Value, column: &Column, read: &Read, lower: bool) -> Const {
    let found = match read {
        Read::Plain | Read::Item | Read::SentItem => {
            Const { value: stored.clone(), shape: Shape::Column(column.affinity.unwrap_or(Affinity::None)) }
        }
        Read::Json(steps) => {
            Const { value: json::extract(stored, steps).unwrap_or_else(|unclear| unclear.near), shape: Shape::Json }
        }
        Read::Length => Const::bare(json::length(stored)),
    };
    if lower { lowered(&found) } else { found }
}

/// As SQLite's LOWER: ASCII only, and a text whatever it was.
pub(super) fn lowered(constant: &Const) -> Const {
    let value = text_of(&constant.value).map_or(Value::Null, |text| Value::Text(text.to_ascii_lowercase()));
    let shape = match constant.shape {
        Shape::Column(_) => Shape::Column(Affinity::None),
        other => other,
    };
    Const { value, shape }
}

/// A field's value as its column holds it.
pub(super) fn stored(record: &Record, field: &Field) -> Value {
    let value = record.get(&field.name).map_or(Value::Null, |value| field.store(value));
    Affinity::of_declaration(field.column().0).stored(value)
}

fn link(row: Row<'_>, field: &Field) -> Link {
    match row.place {
        Place::Node(node) => Link::Column { node, column: Column::of(field, row.collection) },
        Place::Held(record) => Link::Const(stored(record, field)),
    }
}

fn is_single_relation(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Relation(_)) && !field.kind.is_multiple()
}

/// Whether an index allows each value of a field in one row only. A partial index does not: it says
/// nothing about the rows it leaves out.
fn is_unique(collection: &Collection, field: &str) -> bool {
    collection.indexes.iter().filter_map(|index| Index::parse(index)).any(|index| {
        let column = index.single_unique_column().filter(|_| index.condition.is_empty());
        column.is_some_and(|column| column.name.eq_ignore_ascii_case(field))
    })
}
