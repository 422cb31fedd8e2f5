//! A bound rule decided without the database, for a row that is at hand. Says so when that is not enough.

use super::bind::{Bound, Leaf};
use super::check::Checked;
use super::facts::{Facts, Related, Truth};
use super::formula::{Compare, Link, Node, Path, Read, Step, Term};
use super::json;
use super::meaning::{Undecided, decide};
use super::number::number_of;
use super::path::stored;
use super::quantified::{self, Nodes, Quantified};
use super::value::text_of;
use crate::model::Record;
use crate::sql::Value;

/// More combinations of joined rows than this are left to the database.
const CHOICES_MAX: usize = 10_000;

impl Checked {
    /// Decides the rule for a row, with the records that are at hand.
    #[must_use]
    pub fn evaluate(&self, facts: &Facts<'_>, row: &Record, related: &dyn Related) -> Truth {
        let bound = self.bind(facts, related);
        Memory { bound: &bound, row, related }.truth(&quantified::quantify(&bound), &Vec::new())
    }
}

/// What stands for a node. The innermost choice is last.
type Choice<'a> = Vec<(usize, Found<'a>)>;

#[derive(Debug, Clone)]
enum Found<'a> {
    Row(&'a Record),
    Item(Value),
    Missing,
}

struct Memory<'a> {
    bound: &'a Bound,
    row: &'a Record,
    related: &'a dyn Related,
}

impl<'a> Memory<'a> {
    fn truth(&self, formula: &Quantified<'_>, choice: &Choice<'a>) -> Truth {
        match formula {
            Quantified::Const(truth) => Truth::of(*truth),
            Quantified::All(members) => self.first_of(members, Truth::False, Truth::True, choice),
            Quantified::Any(members) => self.first_of(members, Truth::True, Truth::False, choice),
            Quantified::Leaf(Leaf::Compare(compare)) => match self.leaf(compare, choice) {
                Ok(truth) => Truth::of(truth == Some(true)),
                Err(Undecided) => Truth::NeedsDatabase,
            },
            Quantified::Leaf(Leaf::Guard(index)) => self.guard(*index, choice),
            Quantified::Exists { nodes, inner } => match self.choices(nodes, choice) {
                Ok(choices) => first(choices.iter().map(|choice| self.truth(inner, choice)), Truth::True, Truth::False),
                Err(Undecided) => Truth::NeedsDatabase,
            },
        }
    }

    fn first_of(&self, members: &[Quantified<'_>], decisive: Truth, otherwise: Truth, choice: &Choice<'a>) -> Truth {
        first(members.iter().map(|member| self.truth(member, choice)), decisive, otherwise)
    }

    /// A comparison, which a plain operator makes of every row of a side with several.
    fn leaf(&self, compare: &Compare<Term>, choice: &Choice<'a>) -> Result<Option<bool>, Undecided> {
        let holds = self.compare(compare, choice, choice)?;
        if holds != Some(true) || compare.op.any {
            return Ok(holds);
        }
        let lefts = self.all_choices(&compare.left, choice)?;
        let rights = self.all_choices(&compare.right, choice)?;
        if lefts.len() * rights.len() > CHOICES_MAX {
            return Err(Undecided);
        }
        let compare = compare.of_all();
        for left in &lefts {
            for right in &rights {
                if self.compare(&compare, left, right)? == Some(false) {
                    return Ok(Some(false));
                }
            }
        }
        Ok(Some(true))
    }

    fn all_choices(&self, term: &Term, choice: &Choice<'a>) -> Result<Vec<Choice<'a>>, Undecided> {
        if term.all_path().is_none() {
            return Ok(vec![choice.clone()]);
        }
        // What hangs on these rows must not be taken from those chosen outside.
        let all = self.choices(&self.bound.rows_of(term), &Choice::new())?;
        let guards = self.bound.guards_of(&term.paths());
        let mut seen = Vec::with_capacity(all.len());
        for choice in all {
            // What the caller may not see is not there.
            match first(guards.iter().map(|index| self.guard(*index, &choice)), Truth::False, Truth::True) {
                Truth::True => seen.push(choice),
                Truth::False => {}
                Truth::NeedsDatabase => return Err(Undecided),
            }
        }
        Ok(seen)
    }

    fn compare(
        &self,
        compare: &Compare<Term>,
        left: &Choice<'a>,
        right: &Choice<'a>,
    ) -> Result<Option<bool>, Undecided> {
        let (l, r) = (self.value(&compare.left, left)?, self.value(&compare.right, right)?);
        let mut truth = decide(compare.op.test, (&compare.left, &l), (&compare.right, &r))?;
        for (term, choice) in [(&compare.left, left), (&compare.right, right)] {
            for path in term.paths().into_iter().filter(|path| path.guarded_email) {
                truth = both(truth, self.is_email_visible(path, choice)?);
            }
        }
        Ok(truth)
    }

    fn is_email_visible(&self, path: &Path, choice: &Choice<'a>) -> Result<Option<bool>, Undecided> {
        Ok(match self.found(path.node, choice)? {
            Found::Row(record) => Some(column(record, "emailVisibility") == Value::Integer(1)),
            Found::Item(_) | Found::Missing => None,
        })
    }

    fn guard(&self, index: usize, choice: &Choice<'a>) -> Truth {
        let (node, rule) = &self.bound.guards[index];
        match self.found(*node, choice) {
            Ok(Found::Row(row)) => {
                Memory { bound: rule, row, related: self.related }.truth(&quantified::quantify(rule), &Vec::new())
            }
            Ok(Found::Missing) => Truth::True,
            Ok(Found::Item(_)) | Err(Undecided) => Truth::NeedsDatabase,
        }
    }

    fn value(&self, term: &Term, choice: &Choice<'a>) -> Result<Value, Undecided> {
        match term {
            Term::Const(constant) => Ok(constant.value.clone()),
            Term::Path(path) => self.read(path, choice),
            Term::Distance(arguments) => {
                let mut numbers = [0.0; 4];
                for (number, argument) in numbers.iter_mut().zip(arguments.iter()) {
                    match as_real(&self.value(argument, choice)?) {
                        Some(real) => *number = real,
                        None => return Ok(Value::Null),
                    }
                }
                Ok(distance(numbers))
            }
            // SQLite has many formats of its own.
            Term::Strftime { .. } => Err(Undecided),
            Term::Changed(compare) => Ok(Value::from(self.compare(compare, choice, choice)?)),
        }
    }

    fn read(&self, path: &Path, choice: &Choice<'a>) -> Result<Value, Undecided> {
        let held = match self.found(path.node, choice)? {
            Found::Row(record) => column(record, &path.column.name),
            Found::Item(item) => item,
            Found::Missing => Value::Null,
        };
        let value = match &path.read {
            Read::Plain | Read::Item | Read::SentItem => held,
            Read::Json(steps) => json::extract(&held, steps)?,
            Read::Length => Value::Integer(json::length(&held)),
        };
        Ok(match text_of(&value) {
            Some(text) if path.lower => Value::Text(text.to_ascii_lowercase()),
            _ => value,
        })
    }

    /// What stands for a node; a single row needs no choice.
    fn found(&self, node: usize, choice: &Choice<'a>) -> Result<Found<'a>, Undecided> {
        if node == 0 {
            // The columns of a view hold what its query computes, which has no declared type.
            return if self.bound.base.view { Err(Undecided) } else { Ok(Found::Row(self.row)) };
        }
        if let Some((_, found)) = choice.iter().rev().find(|(known, _)| *known == node) {
            return Ok(found.clone());
        }
        self.rows(node, choice)?.into_iter().next().ok_or(Undecided)
    }

    /// The rows of a node, or that there is none.
    fn rows(&self, node: usize, choice: &Choice<'a>) -> Result<Vec<Found<'a>>, Undecided> {
        let Node { link, step, table } = &self.bound.nodes[node];
        let mut rows = match step {
            Step::One => vec![self.record(table, &self.link(link, choice)?)?],
            Step::Many => {
                let ids = json::items(&self.link(link, choice)?)?;
                ids.iter().map(|id| self.record(table, id)).collect::<Result<_, _>>()?
            }
            Step::Items => json::items(&self.link(link, choice)?)?.into_iter().map(Found::Item).collect(),
            Step::Back { column } | Step::Backs { column, .. } => match self.link(link, choice)? {
                Value::Text(id) if !id.is_empty() && !table.view => {
                    self.seen(node, self.related.pointing_at(&table.id, column, &id).ok_or(Undecided)?)?
                }
                Value::Text(id) if !id.is_empty() => return Err(Undecided),
                _ => Vec::new(),
            },
            Step::Every { .. } if !table.view => {
                self.related.every(&table.id).ok_or(Undecided)?.into_iter().map(Found::Row).collect()
            }
            Step::Base | Step::Every { .. } => return Err(Undecided),
        };
        if rows.is_empty() {
            rows.push(Found::Missing);
        }
        Ok(rows)
    }

    /// Those of the rows that are there for whoever asks.
    fn seen(&self, node: usize, rows: Vec<&'a Record>) -> Result<Vec<Found<'a>>, Undecided> {
        let Some(rule) = self.bound.guard_at(node) else { return Ok(rows.into_iter().map(Found::Row).collect()) };
        let formula = quantified::quantify(rule);
        let mut seen = Vec::with_capacity(rows.len());
        for row in rows {
            match (Memory { bound: rule, row, related: self.related }).truth(&formula, &Vec::new()) {
                Truth::True => seen.push(Found::Row(row)),
                Truth::False => {}
                Truth::NeedsDatabase => return Err(Undecided),
            }
        }
        Ok(seen)
    }

    fn record(&self, table: &super::formula::Table, id: &Value) -> Result<Found<'a>, Undecided> {
        match id {
            Value::Text(id) if !id.is_empty() => {
                let record = if table.view { None } else { self.related.record(&table.id, id) };
                record.map(Found::Row).ok_or(Undecided)
            }
            _ => Ok(Found::Missing),
        }
    }

    fn link(&self, link: &Link, choice: &Choice<'a>) -> Result<Value, Undecided> {
        match link {
            Link::Const(value) => Ok(value.clone()),
            Link::Column { node, column: hung } => Ok(match self.found(*node, choice)? {
                Found::Row(record) => column(record, &hung.name),
                Found::Item(_) | Found::Missing => Value::Null,
            }),
            Link::Nothing | Link::Body(_) => Err(Undecided),
        }
    }

    /// Every combination of rows of the nodes.
    fn choices(&self, nodes: &Nodes, choice: &Choice<'a>) -> Result<Vec<Choice<'a>>, Undecided> {
        let mut choices = vec![choice.clone()];
        for node in nodes {
            let mut longer = Vec::new();
            for choice in &choices {
                for found in self.rows(*node, choice)? {
                    let mut next = choice.clone();
                    next.push((*node, found));
                    longer.push(next);
                }
                if longer.len() > CHOICES_MAX {
                    return Err(Undecided);
                }
            }
            choices = longer;
        }
        Ok(choices)
    }
}

impl From<json::Unclear> for Undecided {
    fn from(_: json::Unclear) -> Self {
        Self
    }
}

/// `decisive` as soon as one says so; unknown when the database might.
fn first(truths: impl Iterator<Item = Truth>, decisive: Truth, otherwise: Truth) -> Truth {
    let mut result = otherwise;
    for truth in truths {
        if truth == decisive {
            return decisive;
        }
        if truth == Truth::NeedsDatabase {
            result = Truth::NeedsDatabase;
        }
    }
    result
}

/// SQL's AND.
fn both(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// A column as the database holds it.
fn column(record: &Record, name: &str) -> Value {
    record.collection.field(name).map_or(Value::Null, |field| stored(record, field))
}

fn as_real(value: &Value) -> Option<f64> {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "as SQLite does")]
        Value::Integer(number) => Some(*number as f64),
        Value::Real(number) => Some(*number),
        Value::Text(text) => as_real(&number_of(text)?),
        Value::Null | Value::Blob(_) => None,
    }
}

/// The same operations in the same order as in SQL, so that the same bits come out.
fn distance([lon_a, lat_a, lon_b, lat_b]: [f64; 4]) -> Value {
    let radians = |degrees: f64| degrees * (std::f64::consts::PI / 180.0);
    let cosine = radians(lat_a).cos() * radians(lat_b).cos() * (radians(lon_b) - radians(lon_a)).cos()
        + radians(lat_a).sin() * radians(lat_b).sin();
    let kilometres = 6371.0 * cosine.clamp(-1.0, 1.0).acos();
    if kilometres.is_nan() { Value::Null } else { Value::Real(kilometres) }
}
