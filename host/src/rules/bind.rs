//! A checked rule for one request: facts become constants, comparisons of constants are decided, and what
//! they make superfluous is gone.

use super::check::Checked;
use super::facts::{Facts, Lookup};
use super::formula::{Compare, Const, Fact, Formula, Link, Modifier, Node, Operand, Table, Term};
use super::meaning::decide;
use super::number::number_of;
use super::path::{self, Place, Row, Segment, Walk};
use crate::model::{Collection, Record};
use crate::sql::Value;
use serde_json::{Map, Value as Json};

/// A formula that only rows are missing from.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub base: Table,
    pub nodes: Vec<Node>,
    /// Rules that the rows of some nodes must meet to be there for whoever asks.
    pub guards: Vec<(usize, Bound)>,
    pub formula: Formula<Leaf>,
}

#[derive(Debug, Clone)]
pub(super) enum Leaf {
    Compare(Compare<Term>),
    /// The row of a node, if there is one, must meet a rule of its own: the guard with this index.
    Guard(usize),
}

/// Fields of the signed-in record that PocketBase compares as values rather than as columns.
const PLAIN_AUTH_FIELDS: [&str; 6] = ["id", "collectionId", "collectionName", "email", "emailVisibility", "verified"];

impl Checked {
    pub(super) fn bind(&self, facts: &Facts<'_>, lookup: &dyn Lookup) -> Bound {
        let mut binder = Binder { facts, lookup, nodes: self.nodes.clone() };
        binder.fill_links();
        let mut parts = vec![binder.formula(&self.formula)];
        let nodes = binder.nodes;
        let mut guards = Vec::new();
        for guard in &self.guards {
            let rule = guard.rule.bind(facts, lookup);
            if matches!(rule.formula, Formula::Const(true)) {
                continue;
            }
            // Rows that point here and may not be seen are not there. That a relation of the row itself points
            // at something is no secret; a row that it leads to and that may not be seen hides this one.
            if !nodes[guard.node].step.is_back() {
                parts.push(Formula::Leaf(Leaf::Guard(guards.len())));
            }
            guards.push((guard.node, rule));
        }
        Bound { base: self.base.clone(), nodes, guards, formula: all(parts) }
    }

    /// The sides of an expression that is one comparison, not decided even where they could be.
    pub(super) fn bind_sides(&self, facts: &Facts<'_>, lookup: &dyn Lookup) -> Option<(Bound, Compare<Term>)> {
        let Formula::Leaf(Compare { left, op, right }) = &self.formula else { return None };
        let mut binder = Binder { facts, lookup, nodes: self.nodes.clone() };
        binder.fill_links();
        let sides = Compare { left: binder.term(left), op: *op, right: binder.term(right) };
        let nodes = binder.nodes;
        Some((Bound { base: self.base.clone(), nodes, guards: Vec::new(), formula: Formula::Const(true) }, sides))
    }
}

/// Conjunction without what is true, and without anything once something is false.
fn all(parts: Vec<Formula<Leaf>>) -> Formula<Leaf> {
    let mut kept = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Formula::Const(true) => {}
            Formula::Const(false) => return Formula::Const(false),
            Formula::All(inner) => kept.extend(inner),
            part => kept.push(part),
        }
    }
    match kept.len() {
        0 => Formula::Const(true),
        1 => kept.remove(0),
        _ => Formula::All(kept),
    }
}

fn any(parts: Vec<Formula<Leaf>>) -> Formula<Leaf> {
    let mut kept = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Formula::Const(false) => {}
            Formula::Const(true) => return Formula::Const(true),
            Formula::Any(inner) => kept.extend(inner),
            part => kept.push(part),
        }
    }
    match kept.len() {
        0 => Formula::Const(false),
        1 => kept.remove(0),
        _ => Formula::Any(kept),
    }
}

struct Binder<'f, 'l> {
    facts: &'f Facts<'f>,
    lookup: &'l dyn Lookup,
    nodes: Vec<Node>,
}

impl Binder<'_, '_> {
    /// Nodes that begin at a key of the body begin at its value.
    fn fill_links(&mut self) {
        for node in &mut self.nodes {
            if let Link::Body(key) = &node.link {
                let items = items_of(self.facts.body.get(key));
                node.link = Link::Const(Value::Text(Json::Array(items).to_string()));
            }
        }
    }

    fn formula(&mut self, formula: &Formula<Compare<Operand>>) -> Formula<Leaf> {
        match formula {
            Formula::Const(truth) => Formula::Const(*truth),
            Formula::All(members) => all(members.iter().map(|member| self.formula(member)).collect()),
            Formula::Any(members) => any(members.iter().map(|member| self.formula(member)).collect()),
            Formula::Leaf(compare) => self.leaf(compare),
        }
    }

    fn leaf(&mut self, compare: &Compare<Operand>) -> Formula<Leaf> {
        let (left, right) = (self.term(&compare.left), self.term(&compare.right));
        if let (Term::Const(l), Term::Const(r)) = (&left, &right)
            && let Ok(truth) = decide(compare.op.test, (&left, &l.value), (&right, &r.value))
        {
            return Formula::Const(truth == Some(true));
        }
        Formula::Leaf(Leaf::Compare(Compare { left, op: compare.op, right }))
    }

    fn term(&mut self, operand: &Operand) -> Term {
        match operand {
            Operand::Term(term) => term.clone(),
            Operand::Macro(word) => Term::Const(Const::bound(word.value(self.facts.now_ms))),
            Operand::Fact(fact) => Term::Const(self.fact(fact)),
            Operand::Auth { segments, modifier } => self.auth(segments, *modifier),
            Operand::Distance(arguments) => {
                Term::Distance(Box::new(arguments.each_ref().map(|argument| self.term(argument))))
            }
            Operand::Strftime { format, time, modifiers } => self.strftime(format, time.as_deref(), modifiers),
            Operand::Changed { key, compare } => {
                if !self.facts.body.contains_key(key) {
                    return Term::Const(Const::bare(false));
                }
                let (left, right) = (self.term(&compare.left), self.term(&compare.right));
                Term::Changed(Box::new(Compare { left, op: compare.op, right }))
            }
        }
    }

    /// Without a time, or with `now`, the time is the one that was handed in.
    fn strftime(&mut self, format: &str, time: Option<&Operand>, modifiers: &[String]) -> Term {
        let time = time.map(|time| self.term(time));
        let is_now = match &time {
            None => true,
            Some(Term::Const(Const { value: Value::Text(text), .. })) => text.trim().eq_ignore_ascii_case("now"),
            Some(_) => false,
        };
        let now = || Term::Const(Const::bound(crate::model::date::format(self.facts.now_ms)));
        let time = time.filter(|_| !is_now).unwrap_or_else(now);
        Term::Strftime { format: format.to_owned(), time: Box::new(time), modifiers: modifiers.to_vec() }
    }

    fn fact(&self, fact: &Fact) -> Const {
        match fact {
            Fact::Method => Const::bound(self.facts.method),
            Fact::Context => Const::bound(self.facts.context),
            Fact::Query { path, modifier } => named(self.facts.query, path, *modifier),
            Fact::Header { path, modifier } => named(self.facts.headers, path, *modifier),
            Fact::Body { path, modifier, number } => {
                let found = submitted(self.facts.body, path);
                if *modifier == Some(Modifier::Isset) {
                    return Const::bare(found.is_some());
                }
                let constant = submitted_value(found, *number);
                match (modifier, found) {
                    // As in PocketBase: nothing in lower case is an empty text.
                    (Some(Modifier::Lower), None) => Const::bound(""),
                    (Some(Modifier::Lower), Some(_)) => path::lowered(&constant),
                    _ => constant,
                }
            }
            Fact::BodyLength { key } => {
                let length = items_of(self.facts.body.get(key)).len();
                Const::bare(i64::try_from(length).unwrap_or(i64::MAX))
            }
        }
    }

    fn auth(&mut self, segments: &[String], modifier: Option<Modifier>) -> Term {
        let Some(record) = self.facts.auth else { return Term::Const(Const::NULL) };
        if let ([field], None) = (segments, modifier)
            && PLAIN_AUTH_FIELDS.contains(&field.as_str())
        {
            return Term::Const(plain_auth_field(record, field));
        }
        let row = Row { place: Place::Held(record), collection: &record.collection, all: false };
        let words: Vec<Segment<'_>> = segments.iter().map(|text| Segment { text, span: 0..0 }).collect();
        let base: &Collection = &record.collection;
        let mut walk = Walk { nodes: &mut self.nodes, lookup: self.lookup, base, trusted: true, joined: Vec::new() };
        // What the record does not have is NULL: records of other collections may have it.
        walk.term(row, &words, modifier).unwrap_or(Term::Const(Const::NULL))
    }
}

fn plain_auth_field(record: &Record, name: &str) -> Const {
    match name {
        "collectionId" => Const::bound(record.collection.id.as_str()),
        "collectionName" => Const::bound(record.collection.name.as_str()),
        _ => match record.collection.field(name) {
            Some(field) => Const::bound(path::stored(record, field)),
            None => Const::NULL,
        },
    }
}

/// A query parameter or header. They are texts, which no path leads into.
fn named(pairs: &[(String, String)], path: &[String], modifier: Option<Modifier>) -> Const {
    let found = match path {
        [name] => pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()),
        _ => None,
    };
    match (modifier, found) {
        (Some(Modifier::Isset), found) => Const::bare(found.is_some()),
        (_, None) => Const::NULL,
        (Some(Modifier::Lower), Some(text)) => Const::bound(text.to_ascii_lowercase()),
        (_, Some(text)) => Const::bound(text),
    }
}

fn submitted<'b>(body: &'b Map<String, Json>, path: &[String]) -> Option<&'b Json> {
    let (key, rest) = path.split_first()?;
    rest.iter().try_fold(body.get(key)?, |found, word| match found {
        Json::Object(members) => members.get(word),
        Json::Array(items) => items.get(word.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Numbers are floats, as in JSON; lists and objects are their JSON text.
fn submitted_value(found: Option<&Json>, number: bool) -> Const {
    match found {
        None | Some(Json::Null) => Const::NULL,
        Some(Json::Bool(truth)) => Const::bound(*truth),
        Some(Json::Number(value)) => Const::bound(value.as_f64().unwrap_or_default()),
        Some(Json::String(text)) => match number_of(text) {
            Some(parsed) if number => Const::bound(parsed),
            _ => Const::bound(text.as_str()),
        },
        Some(other) => Const::bound(other.to_string()),
    }
}

fn items_of(found: Option<&Json>) -> Vec<Json> {
    match found {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(items)) => items.clone(),
        Some(single) => vec![single.clone()],
    }
}
