//! What a checked rule is made of: a formula over comparisons, and the rows its paths pass through.

use super::ast::Op;
use super::json;
use super::macros::Macro;
use super::value::Affinity;
use crate::model::index::Index;
use crate::model::{Collection, Field, FieldKind};
use crate::sql::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// Comparisons joined by and, or.
#[derive(Debug, Clone)]
pub(super) enum Formula<L> {
    Const(bool),
    All(Vec<Formula<L>>),
    Any(Vec<Formula<L>>),
    Leaf(L),
}

#[derive(Debug, Clone)]
pub(super) struct Compare<O> {
    pub left: O,
    pub op: Op,
    pub right: O,
}

/// A side of a comparison as far as it is known before there is a request.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Term(Term),
    Macro(Macro),
    Fact(Fact),
    /// A path that begins at the signed-in record, whose collection is known only with the request.
    Auth {
        segments: Vec<String>,
        modifier: Option<Modifier>,
    },
    Distance(Box<[Operand; 4]>),
    Strftime {
        format: String,
        time: Option<Box<Operand>>,
        modifiers: Vec<String>,
    },
    /// Whether `key` was submitted with another value than the stored one.
    Changed {
        key: String,
        compare: Box<Compare<Operand>>,
    },
}

/// A value of the request, read without looking at the database.
#[derive(Debug, Clone)]
pub(super) enum Fact {
    Method,
    Context,
    Query { path: Vec<String>, modifier: Option<Modifier> },
    Header { path: Vec<String>, modifier: Option<Modifier> },
    Body { path: Vec<String>, modifier: Option<Modifier>, number: bool },
    BodyLength { key: String },
}

/// A side of a comparison, for one request.
#[derive(Debug, Clone)]
pub(super) enum Term {
    Const(Const),
    Path(Path),
    Distance(Box<[Term; 4]>),
    Strftime { format: String, time: Box<Term>, modifiers: Vec<String> },
    Changed(Box<Compare<Term>>),
}

/// A value that does not depend on any row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Const {
    pub value: Value,
    pub shape: Shape,
}

/// Where a constant comes from decides how it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A literal, a macro or a value of the request.
    Bound,
    /// `null`, `true`, `false`, `:isset` or `:length`.
    Bare,
    /// A column of the signed-in record; compares as that column would.
    Column(Affinity),
    /// JSON of the signed-in record.
    Json,
}

impl Const {
    pub(super) const NULL: Self = Self { value: Value::Null, shape: Shape::Bare };

    pub(super) fn bound(value: impl Into<Value>) -> Self {
        Self { value: value.into(), shape: Shape::Bound }
    }

    pub(super) fn bare(value: impl Into<Value>) -> Self {
        Self { value: value.into(), shape: Shape::Bare }
    }
}

/// A column of a row that the formula looks at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    pub node: usize,
    pub column: Column,
    pub read: Read,
    pub lower: bool,
    /// An e-mail address that counts only where it is visible.
    pub guarded_email: bool,
    /// There may be several rows, and a plain operator asks for all of them.
    pub all: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Read {
    Plain,
    Json(Vec<json::Step>),
    Length,
    /// The item itself, of a node that is a list of items.
    Item,
    /// An item of a list of the body.
    SentItem,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub name: String,
    /// `None` in a view, where SQLite derives it from the query.
    pub affinity: Option<Affinity>,
    pub not_null: bool,
}

impl Column {
    pub(super) fn of(field: &Field, collection: &Collection) -> Self {
        let (declaration, null) = field.column();
        Self {
            name: field.name.clone(),
            affinity: (!collection.is_view()).then(|| Affinity::of_declaration(declaration)),
            not_null: !collection.is_view() && !null && declaration.contains("NOT NULL"),
        }
    }

    pub(super) fn id(collection: &Collection) -> Self {
        let known = !collection.is_view();
        Self { name: "id".to_owned(), affinity: known.then_some(Affinity::Text), not_null: known }
    }
}

/// Rows that a path passes through. The first node of a formula is the row it is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub link: Link,
    pub step: Step,
    pub table: Table,
}

/// Where the ids, the items or the id that a node begins with come from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Link {
    /// Nowhere: the row itself, or every row of a table.
    Nothing,
    Column {
        node: usize,
        column: Column,
    },
    /// A value of the signed-in record or, once there is a request, of its body.
    Const(Value),
    /// A key of the body.
    Body(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// The row that the formula is about.
    Base,
    /// The row whose id is the link.
    One,
    /// The rows whose ids are in the link.
    Many,
    /// The one row whose `column` holds the link.
    Back { column: String },
    /// The rows whose `column` holds the link; in a list, when `list`.
    Backs { column: String, list: bool },
    /// The items of the link.
    Items,
    /// Every row of the table; different aliases are independent of each other.
    Every { alias: String },
}

impl Step {
    /// Whether the rows are found by what they hold.
    pub(super) fn is_back(&self) -> bool {
        matches!(self, Self::Back { .. } | Self::Backs { .. })
    }

    /// Whether there may be several rows. Of none there is one made of NULLs.
    pub(super) fn is_multiple(&self) -> bool {
        match self {
            Self::Base | Self::One | Self::Back { .. } => false,
            Self::Many | Self::Backs { .. } | Self::Items | Self::Every { .. } => true,
        }
    }
}

/// The table of a node; empty for items.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Table {
    pub id: String,
    pub name: String,
    pub view: bool,
    /// Columns that an index over all rows begins with.
    indexed: Arc<[String]>,
}

impl Table {
    pub(super) fn of(collection: &Collection) -> Self {
        let all = collection.indexes.iter().filter_map(|index| Index::parse(index));
        let whole = all.filter(|index| index.condition.is_empty());
        let indexed = whole.filter_map(|index| index.columns.into_iter().next()).map(|column| column.name).collect();
        Self { id: collection.id.clone(), name: collection.name.clone(), view: collection.is_view(), indexed }
    }

    /// Whether the rows with a value in that column are found without looking at all.
    pub(super) fn is_indexed(&self, column: &str) -> bool {
        self.indexed.iter().any(|known| known.eq_ignore_ascii_case(column))
    }
}

/// The word after the colon of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Modifier {
    Isset,
    Changed,
    Length,
    Each,
    Lower,
}

impl Modifier {
    pub(super) const ALL: [(&'static str, Self); 5] = [
        ("isset", Self::Isset),
        ("changed", Self::Changed),
        ("length", Self::Length),
        ("each", Self::Each),
        ("lower", Self::Lower),
    ];
}

/// What rules can do with a kind of field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One value.
    Single,
    /// It can hold several: `:each` and `:length` apply.
    List,
    /// Paths lead into it.
    Tree,
}

/// Each kind is named here, so that a new one is thought about.
fn form(kind: &FieldKind) -> Form {
    match kind {
        FieldKind::Select(_) | FieldKind::File(_) | FieldKind::Relation(_) | FieldKind::Array(_) => Form::List,
        FieldKind::Json(_) | FieldKind::GeoPoint(_) => Form::Tree,
        FieldKind::Text(_)
        | FieldKind::Number(_)
        | FieldKind::Bool(_)
        | FieldKind::Email(_)
        | FieldKind::Url(_)
        | FieldKind::Editor(_)
        | FieldKind::Date(_)
        | FieldKind::Autodate(_)
        | FieldKind::Password(_)
        | FieldKind::Vector(_) => Form::Single,
    }
}

/// Whether a kind of field can hold several values.
pub(super) fn is_list_kind(field: &Field) -> bool {
    form(&field.kind) == Form::List
}

/// Whether paths lead into the value of a field.
pub(super) fn has_paths(field: &Field) -> bool {
    form(&field.kind) == Form::Tree
}

impl Compare<Term> {
    /// The comparison as it is made of all rows of a side that a plain operator asks of each. PocketBase puts a list of the
    /// body into the statement as a value that is not empty, for the rows that it chooses from; to these it is a column.
    pub(super) fn of_all(&self) -> Cow<'_, Self> {
        let sent = |term: &Term| matches!(term.all_path(), Some(Path { read: Read::SentItem, .. }));
        if !sent(&self.left) && !sent(&self.right) {
            return Cow::Borrowed(self);
        }
        let mut compare = self.clone();
        for term in [&mut compare.left, &mut compare.right] {
            if let Term::Path(path) = term
                && path.all
                && path.read == Read::SentItem
            {
                path.read = Read::Item;
            }
        }
        Cow::Owned(compare)
    }
}

impl Term {
    /// The paths in it, those within functions included.
    pub(super) fn paths(&self) -> Vec<&Path> {
        match self {
            Self::Const(_) => Vec::new(),
            Self::Path(path) => vec![path],
            Self::Distance(arguments) => arguments.iter().flat_map(Self::paths).collect(),
            Self::Strftime { time, .. } => time.paths(),
            Self::Changed(compare) => [&compare.left, &compare.right].into_iter().flat_map(Self::paths).collect(),
        }
    }

    /// The path of which a plain operator asks every row. `geoDistance` is content with one.
    pub(super) fn all_path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) if path.all => Some(path),
            Self::Strftime { time, .. } => time.all_path(),
            _ => None,
        }
    }
}
