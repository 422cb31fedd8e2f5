//! A parsed rule against a schema: every name is looked up once, here. What is left open is only what the
//! request decides.

use super::ast::{Comparison, Expr, Node as Syntax, Op, Operand as Written, OperandKind, Test};
use super::error::{Error, code, nearest};
use super::facts::Lookup;
use super::formula::{
    Compare, Const, Fact, Formula, Link, Modifier, Node, Operand, Path, Read, Step, Table, Term, is_list_kind,
};
use super::macros::Macro;
use super::parser;
use super::path::{Place, Row, Segment, Walk, item};
use super::value::Affinity;
use crate::model::{Collection, FieldKind};
use crate::sql::Value;
use std::collections::BTreeSet;
use std::ops::Range;

/// Longest filter of a client.
pub const FILTER_CHARS_MAX: usize = 3500;
/// Most comparisons in a filter of a client.
pub const FILTER_COMPARISONS_MAX: usize = 200;
/// Most tables that the paths of one rule may join; SQLite joins at most 64.
pub const TABLES_MAX: usize = 50;
/// Most arguments of `strftime`.
pub const ARGUMENTS_MAX: usize = 10;

/// What the text is for, which decides what it may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A stored rule: all fields, `@request` and `@collection`.
    Rule,
    /// A filter or sort sent by a client. Unless it is a superuser's, hidden fields are unknown, e-mail
    /// addresses count only where visible, `@request` and `@collection` are refused, and a relation into
    /// another collection is subject to the list rule there.
    ClientFilter { superuser: bool },
}

impl Purpose {
    pub(super) fn is_trusted(self) -> bool {
        !matches!(self, Self::ClientFilter { superuser: false })
    }
}

/// A rule that makes sense, ready for any number of requests.
#[derive(Debug, Clone)]
pub struct Checked {
    pub(super) base: Table,
    pub(super) nodes: Vec<Node>,
    pub(super) formula: Formula<Compare<Operand>>,
    pub(super) guards: Vec<Guard>,
    pub(super) uses: Uses,
}

/// The list rule of a collection that a client's filter looks into, applied to the rows it looks at.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    pub node: usize,
    pub rule: Checked,
}

#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing that a rule looks at")]
pub(super) struct Uses {
    pub auth: bool,
    /// Records that the signed-in one leads to.
    pub beyond_auth: bool,
    /// Query, headers or body.
    pub request: bool,
    /// A time that is another one at the next moment.
    pub moment: bool,
    /// Ids of the other collections that are read.
    pub collections: BTreeSet<String>,
}

impl Checked {
    /// Whether it looks at the signed-in record.
    #[must_use]
    pub fn needs_auth(&self) -> bool {
        self.uses.auth
    }

    /// Whether two callers may get different answers for the same row; if not, they can share one.
    #[must_use]
    pub fn is_caller_specific(&self) -> bool {
        self.uses.auth || self.uses.request
    }

    /// Whether it looks at a time that is hardly ever the same for two requests.
    #[must_use]
    pub fn tells_moments(&self) -> bool {
        self.uses.moment
    }

    /// Whether it reads records beyond the signed-in one, by a path from it; their collections depend on who that is.
    #[must_use]
    pub fn looks_beyond_auth(&self) -> bool {
        self.uses.beyond_auth
    }

    /// The ids of the other collections it reads, as far as they do not depend on who is signed in.
    pub fn collections(&self) -> impl Iterator<Item = &str> {
        self.uses.collections.iter().map(String::as_str)
    }
}

/// Checks an expression against the collection it is about.
///
/// # Errors
/// The first mistake, with its place.
pub fn check(expr: &Expr, base: &Collection, lookup: &dyn Lookup, purpose: Purpose) -> Result<Checked, Error> {
    check_all(expr, base, lookup, purpose).map_err(|errors| errors.into_iter().next().unwrap_or_else(Error::nowhere))
}

/// The same with every mistake, in the order of the text: at most one for each comparison.
///
/// # Errors
/// All mistakes, at least one.
pub fn check_all(expr: &Expr, base: &Collection, lookup: &dyn Lookup, purpose: Purpose) -> Result<Checked, Vec<Error>> {
    if let Purpose::ClientFilter { .. } = purpose {
        check_size(expr).map_err(|error| vec![error.or_at(expr.root.span())])?;
    }
    let mut checker = Checker::new(base, lookup, purpose);
    let mut errors = Vec::new();
    let formula = checker.formula(&expr.root, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    checker.finish(formula).map_err(|error| vec![error.or_at(expr.root.span())])
}

fn check_size(expr: &Expr) -> Result<(), Error> {
    if expr.chars > FILTER_CHARS_MAX {
        return Err(Error::new(code::TOO_LONG, 0..0, format!("a filter has at most {FILTER_CHARS_MAX} characters")));
    }
    if expr.comparisons > FILTER_COMPARISONS_MAX {
        let message = format!("a filter has at most {FILTER_COMPARISONS_MAX} comparisons");
        return Err(Error::new(code::TOO_MANY, 0..0, message));
    }
    Ok(())
}

/// The state of one check; also what sorting is checked with.
pub(super) struct Checker<'a> {
    base: &'a Collection,
    lookup: &'a dyn Lookup,
    purpose: Purpose,
    nodes: Vec<Node>,
    guards: Vec<Guard>,
    uses: Uses,
    /// Rows on paths that begin at the signed-in record, which become nodes only with the request.
    auth_rows: BTreeSet<Vec<String>>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(base: &'a Collection, lookup: &'a dyn Lookup, purpose: Purpose) -> Self {
        let row = Node { link: Link::Nothing, step: Step::Base, table: Table::of(base) };
        Self {
            base,
            lookup,
            purpose,
            nodes: vec![row],
            guards: Vec::new(),
            uses: Uses::default(),
            auth_rows: BTreeSet::new(),
        }
    }

    pub(super) fn finish(self, formula: Formula<Compare<Operand>>) -> Result<Checked, Error> {
        let tables = |node: &Node| if node.step == Step::Many { 2 } else { 1 };
        if self.nodes.iter().map(tables).sum::<usize>() + 2 * self.auth_rows.len() > TABLES_MAX {
            return Err(Error::new(code::TOO_MANY, 0..0, "the paths pass through too many collections"));
        }
        let Self { base, nodes, guards, mut uses, .. } = self;
        for Guard { rule, .. } in &guards {
            uses.auth |= rule.uses.auth;
            uses.beyond_auth |= rule.uses.beyond_auth;
            uses.request |= rule.uses.request;
            uses.moment |= rule.uses.moment;
            uses.collections.extend(rule.uses.collections.iter().cloned());
        }
        uses.collections.extend(nodes[1..].iter().map(|node| node.table.id.clone()).filter(|id| !id.is_empty()));
        Ok(Checked { base: Table::of(base), nodes, formula, guards, uses })
    }

    /// Of the same shape as the syntax; a comparison with a mistake is false and its error noted.
    fn formula(&mut self, node: &Syntax, errors: &mut Vec<Error>) -> Formula<Compare<Operand>> {
        match node {
            Syntax::All(members) => Formula::All(members.iter().map(|member| self.formula(member, errors)).collect()),
            Syntax::Any(members) => Formula::Any(members.iter().map(|member| self.formula(member, errors)).collect()),
            Syntax::Compare(comparison) => match self.comparison(comparison) {
                Ok(compare) => Formula::Leaf(compare),
                Err(error) => {
                    errors.push(error);
                    Formula::Const(false)
                }
            },
        }
    }

    fn comparison(&mut self, Comparison { left, op, right }: &Comparison) -> Result<Compare<Operand>, Error> {
        let compare = self.compare(left, *op, right)?;
        check_vectors(&compare, &(left.span.start..right.span.end))?;
        Ok(compare)
    }

    fn compare(&mut self, left: &Written, op: Op, right: &Written) -> Result<Compare<Operand>, Error> {
        Ok(Compare { left: self.operand(left)?, op, right: self.operand(right)? })
    }

    fn operand(&mut self, written: &Written) -> Result<Operand, Error> {
        match &written.kind {
            OperandKind::Number(number) => Ok(constant(Const::bound(*number))),
            OperandKind::Text(text) => Ok(constant(Const::bound(text.as_str()))),
            OperandKind::Name(name) => self.name(name, &written.span),
            OperandKind::Call { name, arguments } => self.call(name, arguments, &written.span),
        }
    }

    fn name(&mut self, name: &str, span: &Range<usize>) -> Result<Operand, Error> {
        if let Some(word) = Macro::named(name) {
            self.uses.moment |= word.is_fleeting();
            return Ok(Operand::Macro(word));
        }
        // A field may be called so; the words are what is left.
        if self.base.field(name).is_none()
            && let Some(word) = literal(name)
        {
            return Ok(constant(word));
        }
        let (name, modifier) = split_modifier(name, span)?;
        let segments = segments(name, span)?;
        match segments[0].text {
            "@request" => self.request(&segments[1..], modifier, span),
            "@collection" => self.other_collection(&segments[1..], modifier, span),
            other if other.starts_with('@') => Err(unknown_macro(other, span)),
            _ => {
                let row = Row { place: Place::Node(0), collection: self.base, all: false };
                self.walk(self.purpose.is_trusted(), row, &segments, modifier)
            }
        }
    }

    /// A path of plain fields, as sorting needs it.
    pub(super) fn field(&mut self, name: &str, span: &Range<usize>) -> Result<Term, Error> {
        match self.name(name, span)? {
            Operand::Term(term @ Term::Path(_)) if !name.starts_with('@') => Ok(term),
            _ => Err(Error::new(code::UNSUPPORTED, span.clone(), format!("records cannot be sorted by `{name}`"))),
        }
    }

    fn walk(
        &mut self,
        trusted: bool,
        row: Row<'a>,
        segments: &[Segment<'_>],
        modifier: Option<Modifier>,
    ) -> Result<Operand, Error> {
        let joined_before = self.nodes.len();
        let mut walk =
            Walk { nodes: &mut self.nodes, lookup: self.lookup, base: self.base, trusted, joined: Vec::new() };
        let term = walk.term(row, segments, modifier)?;
        let joined = walk.joined;
        if !self.purpose.is_trusted() {
            for node in joined.into_iter().filter(|node| *node >= joined_before) {
                self.guard(node, segments)?;
            }
        }
        Ok(Operand::Term(term))
    }

    /// Rows of another collection are there for a client only as far as its list rule shows them.
    fn guard(&mut self, node: usize, segments: &[Segment<'_>]) -> Result<(), Error> {
        let span = segments[0].span.start..segments[segments.len() - 1].span.end;
        let table = &self.nodes[node].table;
        let collection = if table.id == self.base.id { Some(self.base) } else { self.lookup.collection(&table.id) };
        let locked = || Error::new(code::LOCKED_RELATION, span.clone(), "only superusers can look into this relation");
        let collection = collection.ok_or_else(locked)?;
        let text = collection.rules.list.as_deref().ok_or_else(locked)?;
        if text.trim().is_empty() {
            return Ok(());
        }
        let rule = parser::parse(text)
            .and_then(|expr| check(&expr, collection, self.lookup, Purpose::Rule))
            .map_err(|_| Error::new(code::BROKEN_RELATION, span.clone(), "the list rule of this relation is broken"))?;
        self.guards.push(Guard { node, rule });
        Ok(())
    }

    fn refuse_untrusted(&self, what: &str, span: &Range<usize>) -> Result<(), Error> {
        if self.purpose.is_trusted() {
            return Ok(());
        }
        Err(Error::new(code::SUPERUSER_ONLY, span.clone(), format!("only superusers can filter by `{what}`")))
    }

    fn request(
        &mut self,
        rest: &[Segment<'_>],
        modifier: Option<Modifier>,
        span: &Range<usize>,
    ) -> Result<Operand, Error> {
        self.refuse_untrusted("@request", span)?;
        let words: Vec<&str> = rest.iter().map(|segment| segment.text).collect();
        let path = || words[1..].iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        match words.as_slice() {
            ["context"] if modifier.is_none() => Ok(Operand::Fact(Fact::Context)),
            ["method"] if modifier.is_none() => Ok(Operand::Fact(Fact::Method)),
            ["query", _, ..] => {
                self.uses.request = true;
                Ok(Operand::Fact(Fact::Query { path: path(), modifier: static_modifier(modifier, span)? }))
            }
            ["headers", _, ..] => {
                self.uses.request = true;
                Ok(Operand::Fact(Fact::Header { path: path(), modifier: static_modifier(modifier, span)? }))
            }
            ["auth", _, ..] => {
                self.uses.auth = true;
                let segments = path();
                self.uses.beyond_auth |= segments.len() > 1;
                let rows = segments.len() - usize::from(modifier != Some(Modifier::Each));
                self.auth_rows.extend((1..=rows).map(|length| segments[..length].to_vec()));
                Ok(Operand::Auth { segments, modifier })
            }
            ["body", _, ..] => {
                self.uses.request = true;
                self.body(&rest[1..], modifier, span)
            }
            _ => {
                let error = Error::new(code::UNKNOWN_FIELD, span.clone(), "`@request` has nothing of that name");
                Err(error.hint("there are @request.context, .method, .auth.*, .body.*, .query.* and .headers.*"))
            }
        }
    }

    fn body(
        &mut self,
        rest: &[Segment<'_>],
        modifier: Option<Modifier>,
        span: &Range<usize>,
    ) -> Result<Operand, Error> {
        let key = rest[0].text.to_owned();
        let field = self.base.field(&key);
        if let (Some(FieldKind::Relation(relation)), [_, after @ ..]) = (field.map(|field| &field.kind), rest)
            && !after.is_empty()
        {
            let missing = || {
                Error::new(code::UNKNOWN_COLLECTION, span.clone(), "the collection that this points at does not exist")
            };
            let found = self.collection(&relation.collection_id).ok_or_else(missing)?;
            let node = self.node(Node { link: Link::Body(key), step: Step::Many, table: Table::of(found) });
            let row = Row { place: Place::Node(node), collection: found, all: true };
            return self.walk_or_null(row, after, modifier);
        }
        let alone = rest.len() == 1;
        match (modifier, field) {
            (Some(Modifier::Changed), Some(_)) if alone => self.changed(key, &rest[0]),
            (Some(Modifier::Each), Some(field)) if alone && is_list_kind(field) => {
                let node = self.node(Node { link: Link::Body(key), step: Step::Items, table: Table::default() });
                Ok(Operand::Term(Term::Path(item(node, Read::SentItem, field.kind.is_multiple()))))
            }
            (Some(Modifier::Length), Some(field)) if alone && is_list_kind(field) => {
                Ok(Operand::Fact(Fact::BodyLength { key }))
            }
            _ => {
                let modifier = static_modifier(modifier, span)?;
                let path: Vec<String> = rest.iter().map(|segment| segment.text.to_owned()).collect();
                let last = path.last().and_then(|name| self.base.field(name));
                let number = matches!(last.map(|field| &field.kind), Some(FieldKind::Number(_)));
                Ok(Operand::Fact(Fact::Body { path, modifier, number }))
            }
        }
    }

    /// `@request.body.title:changed` stands for a submitted title that is not the stored one.
    fn changed(&mut self, key: String, segment: &Segment<'_>) -> Result<Operand, Error> {
        let submitted = self.body(std::slice::from_ref(segment), None, &segment.span)?;
        let row = Row { place: Place::Node(0), collection: self.base, all: false };
        let stored = self.walk(true, row, std::slice::from_ref(segment), None)?;
        let op = Op { test: Test::NotEqual, any: false };
        Ok(Operand::Changed { key, compare: Box::new(Compare { left: submitted, op, right: stored }) })
    }

    fn other_collection(
        &mut self,
        rest: &[Segment<'_>],
        modifier: Option<Modifier>,
        span: &Range<usize>,
    ) -> Result<Operand, Error> {
        self.refuse_untrusted("@collection", span)?;
        let [first, path @ ..] = rest else { return Err(incomplete_collection(span)) };
        if path.is_empty() {
            return Err(incomplete_collection(span));
        }
        let (name, alias) = first.text.split_once(':').unwrap_or((first.text, ""));
        let Some(found) = self.collection(name) else {
            let message = format!("there is no collection `{name}`");
            return Err(Error::new(code::UNKNOWN_COLLECTION, first.span.clone(), message));
        };
        let step = Step::Every { alias: alias.to_owned() };
        let node = self.node(Node { link: Link::Nothing, step, table: Table::of(found) });
        let row = Row { place: Place::Node(node), collection: found, all: true };
        self.walk(true, row, path, modifier)
    }

    /// What `@request` does not have is NULL.
    fn walk_or_null(
        &mut self,
        row: Row<'a>,
        segments: &[Segment<'_>],
        modifier: Option<Modifier>,
    ) -> Result<Operand, Error> {
        match self.walk(true, row, segments, modifier) {
            Err(Error { code: code::UNKNOWN_FIELD | code::UNKNOWN_COLLECTION, .. }) => Ok(constant(Const::NULL)),
            other => other,
        }
    }

    fn collection(&self, name_or_id: &str) -> Option<&'a Collection> {
        if name_or_id == self.base.id || name_or_id == self.base.name {
            return Some(self.base);
        }
        self.lookup.collection(name_or_id)
    }

    fn node(&mut self, node: Node) -> usize {
        let known = self.nodes.iter().position(|known| *known == node);
        known.unwrap_or_else(|| {
            self.nodes.push(node);
            self.nodes.len() - 1
        })
    }

    fn call(&mut self, name: &str, arguments: &[Written], span: &Range<usize>) -> Result<Operand, Error> {
        match name {
            "geoDistance" => {
                let wrong = || {
                    Error::new(
                        code::ARGUMENTS,
                        span.clone(),
                        "geoDistance takes four fields or numbers: lonA, latA, lonB, latB",
                    )
                };
                let fits = |argument: &Written| matches!(argument.kind, OperandKind::Name(_) | OperandKind::Number(_));
                let [lon_a, lat_a, lon_b, lat_b] = arguments else { return Err(wrong()) };
                if !arguments.iter().all(fits) {
                    return Err(wrong());
                }
                let mut resolve = |argument: &Written| self.operand(argument);
                Ok(Operand::Distance(Box::new([resolve(lon_a)?, resolve(lat_a)?, resolve(lon_b)?, resolve(lat_b)?])))
            }
            "strftime" => self.strftime(arguments, span),
            _ => {
                let error = Error::new(code::UNKNOWN_FUNCTION, span.clone(), format!("there is no function `{name}`"));
                Err(error.hint("there are geoDistance(lonA, latA, lonB, latB) and strftime(format, time, modifier...)"))
            }
        }
    }

    fn strftime(&mut self, arguments: &[Written], span: &Range<usize>) -> Result<Operand, Error> {
        let wrong = |message: &str| Error::new(code::ARGUMENTS, span.clone(), message);
        if arguments.len() > ARGUMENTS_MAX {
            return Err(wrong("strftime takes at most 10 arguments"));
        }
        let [Written { kind: OperandKind::Text(format), .. }, rest @ ..] = arguments else {
            return Err(wrong("strftime begins with a format in quotes"));
        };
        let (time, rest) = match rest {
            [] => (None, rest),
            [Written { kind: OperandKind::Call { .. }, .. }, ..] => {
                return Err(wrong("the second argument of strftime is a field, a text or a number"));
            }
            [time, rest @ ..] => (Some(Box::new(self.operand(time)?)), rest),
        };
        let modifiers = rest
            .iter()
            .map(|argument| match &argument.kind {
                OperandKind::Text(text) => Ok(text.clone()),
                _ => Err(wrong("modifiers of strftime are texts in quotes")),
            })
            .collect::<Result<_, _>>()?;
        Ok(Operand::Strftime { format: format.clone(), time, modifiers })
    }
}

/// A vector is there or not; nothing else can be asked of it here.
fn check_vectors(compare: &Compare<Operand>, span: &Range<usize>) -> Result<(), Error> {
    let is_empty = |operand: &Operand| matches!(operand, Operand::Term(Term::Const(constant)) if matches!(&constant.value, Value::Null) || constant.value == Value::from(""));
    let is_equality = matches!(compare.op.test, Test::Equal | Test::NotEqual);
    for (side, other) in [(&compare.left, &compare.right), (&compare.right, &compare.left)] {
        let is_plain = matches!(side, Operand::Term(Term::Path(path)) if !path.lower);
        if has_vector(side) && !(is_plain && is_equality && is_empty(other)) {
            let error = Error::new(code::UNSUPPORTED, span.clone(), "a vector can only be compared with null");
            return Err(error.hint("the nearest are found with ?near="));
        }
    }
    Ok(())
}

/// Whether it reads a vector: no other field's column is a BLOB.
fn has_vector(operand: &Operand) -> bool {
    let is_vector = |term: &Term| {
        let blob = |path: &&Path| path.read == Read::Plain && path.column.affinity == Some(Affinity::Blob);
        term.paths().iter().any(blob)
    };
    match operand {
        Operand::Term(term) => is_vector(term),
        Operand::Distance(arguments) => arguments.iter().any(has_vector),
        Operand::Strftime { time, .. } => time.as_deref().is_some_and(has_vector),
        Operand::Changed { compare, .. } => has_vector(&compare.right),
        Operand::Macro(_) | Operand::Fact(_) | Operand::Auth { .. } => false,
    }
}

fn constant(value: Const) -> Operand {
    Operand::Term(Term::Const(value))
}

fn literal(name: &str) -> Option<Const> {
    match name.to_ascii_lowercase().as_str() {
        "null" => Some(Const::NULL),
        "true" => Some(Const::bare(1_i64)),
        "false" => Some(Const::bare(0_i64)),
        _ => None,
    }
}

/// `title:lower` to `title` and the modifier. The alias of `@collection.users:me.name` is no modifier.
fn split_modifier<'t>(name: &'t str, span: &Range<usize>) -> Result<(&'t str, Option<Modifier>), Error> {
    let last = name.rfind('.').map_or(0, |dot| dot + 1);
    let Some((_, word)) = name[last..].split_once(':') else { return Ok((name, None)) };
    let Some((_, modifier)) = Modifier::ALL.iter().find(|(known, _)| *known == word) else {
        let error = Error::new(code::UNKNOWN_MODIFIER, span.clone(), format!("there is no modifier `:{word}`"));
        return Err(error.hint("there are :isset, :changed, :length, :each and :lower"));
    };
    Ok((&name[..name.len() - word.len() - 1], Some(*modifier)))
}

/// The words between the dots, with their places in the text.
fn segments<'t>(name: &'t str, span: &Range<usize>) -> Result<Vec<Segment<'t>>, Error> {
    let mut at = span.start;
    let mut segments = Vec::new();
    for text in name.split('.') {
        if text.is_empty() {
            return Err(Error::new(code::SYNTAX, span.clone(), "two dots follow each other"));
        }
        segments.push(Segment { text, span: at..at + text.len() });
        at += text.len() + 1;
    }
    Ok(segments)
}

fn unknown_macro(name: &str, span: &Range<usize>) -> Error {
    let error = Error::new(code::UNKNOWN_MACRO, span.clone(), format!("there is no `{name}`"));
    match nearest(name, Macro::names().chain(["@request", "@collection"])) {
        Some(known) => error.hint(format!("did you mean `{known}`?")),
        None => error,
    }
}

/// Values of the request take `:isset` and `:lower` only.
fn static_modifier(modifier: Option<Modifier>, span: &Range<usize>) -> Result<Option<Modifier>, Error> {
    match modifier {
        None | Some(Modifier::Isset | Modifier::Lower) => Ok(modifier),
        Some(Modifier::Changed) => {
            Err(Error::new(code::MODIFIER, span.clone(), "`:changed` needs a submitted field of this collection"))
        }
        Some(Modifier::Length | Modifier::Each) => {
            Err(Error::new(code::MODIFIER, span.clone(), "`:length` and `:each` need a select, file or relation field"))
        }
    }
}

fn incomplete_collection(span: &Range<usize>) -> Error {
    let error = Error::new(code::SYNTAX, span.clone(), "`@collection` is followed by a collection and a field");
    error.hint("write @collection.name.field, or @collection.name:alias.field")
}
