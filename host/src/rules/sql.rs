//! A bound rule as SQL: one boolean expression over the row's table, with values as parameters.
//!
//! Single relations are read by scalar subqueries, multiple ones by EXISTS, so that no statement needs
//! DISTINCT and no row is multiplied.

mod compare;
mod rows;

use super::bind::{Bound, Leaf};
use super::check::Checked;
use super::facts::{Facts, Lookup};
use super::formula::{Column, Compare, Path, Term};
use super::meaning::is_two_valued;
use super::path::stored;
use super::quantified::{self, Nodes, Quantified};
use super::value::Affinity;
use crate::model::Record;
use crate::sql::Sql;
pub(super) use rows::Scope;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The name of the row source that holds a draft; no collection is called so.
const DRAFT: &str = "~draft";

/// The condition that a rule is for one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Where {
    /// A boolean expression; `TRUE` and `FALSE` when the request alone decides.
    pub condition: Sql,
    /// What it is when no row is needed to tell: `Some(false)` spares the statement.
    pub decided: Option<bool>,
}

/// The condition for a statement that looks at many rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Wide {
    /// As that of [`Where`].
    pub condition: Sql,
    /// The tables that it looks through as a whole, if need be.
    pub tables: BTreeSet<String>,
}

impl Checked {
    /// The condition over the collection's table.
    #[must_use]
    pub fn to_sql(&self, facts: &Facts<'_>, lookup: &dyn Lookup) -> Where {
        self.to_sql_over(&self.base.name, facts, lookup)
    }

    /// The condition over a row source of another name: an alias, or a CTE with the collection's columns.
    #[must_use]
    pub fn to_sql_over(&self, row: &str, facts: &Facts<'_>, lookup: &dyn Lookup) -> Where {
        let bound = self.bind(facts, lookup);
        let formula = quantified::quantify(&bound);
        let decided = match &formula {
            Quantified::Const(truth) => Some(*truth),
            _ => None,
        };
        let mut counter = 0;
        let condition = Writer::new(&bound, &mut counter).condition(&formula, &Scope::over(row));
        Where { condition, decided }
    }

    /// Whether there is anything to look up beside the row, where it is known how many rows there are: of a view nobody
    /// knows.
    #[must_use]
    pub fn leads_to_rows(&self) -> bool {
        self.nodes.len() > 1 && !self.base.view
    }

    /// Whether it looks at rows of views.
    #[must_use]
    pub fn passes_views(&self) -> bool {
        self.nodes.iter().any(|node| node.table.view) || self.guards.iter().any(|guard| guard.rule.passes_views())
    }

    /// The same condition for a statement that has to look at many rows of the collection's table: what its rows lead
    /// to is looked at once for all of them. `None` when that makes no difference.
    #[must_use]
    pub fn to_wide_sql(&self, facts: &Facts<'_>, lookup: &dyn Lookup) -> Option<Wide> {
        if !self.leads_to_rows() {
            return None;
        }
        let bound = self.bind(facts, lookup);
        let formula = quantified::quantify(&bound);
        let mut counter = 0;
        let mut writer = Writer { tables: Some(BTreeSet::new()), ..Writer::new(&bound, &mut counter) };
        let condition = writer.condition(&formula, &Scope::over(&self.base.name));
        let tables = writer.tables.unwrap_or_default();
        (!tables.is_empty()).then_some(Wide { condition, tables })
    }

    /// The condition of a record that is not in its table yet, as if it were there. The expression stands
    /// by itself: `SELECT 1 WHERE ...`.
    #[must_use]
    pub fn to_sql_for_draft(&self, draft: &Record, facts: &Facts<'_>, lookup: &dyn Lookup) -> Where {
        let Where { condition, decided } = self.to_sql_over(DRAFT, facts, lookup);
        if decided.is_some() {
            return Where { condition, decided };
        }
        let mut sql = Sql::new("EXISTS (");
        sql.append(with_draft(draft)).push(" SELECT 1 FROM ").name(DRAFT);
        sql.push(" WHERE ").append(condition).push(")");
        Where { condition: sql, decided }
    }

    /// The condition of a record that is no longer in its table, as if it and the `past` rows were in theirs, in
    /// the place of what is there now.
    #[must_use]
    pub fn to_sql_for_past(&self, row: &Record, past: &[&Record], facts: &Facts<'_>, lookup: &dyn Lookup) -> Where {
        let Where { condition, decided } = self.to_sql_over(DRAFT, facts, lookup);
        if decided.is_some() {
            return Where { condition, decided };
        }
        let mut sql = Sql::new("EXISTS (");
        sql.append(with_draft(row));
        let mut tables: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
        for record in past {
            tables.entry(&record.collection.name).or_default().push(record);
        }
        for (name, rows) in tables {
            sql.push(", ").append(with_past(name, &rows));
        }
        sql.push(" SELECT 1 FROM ").name(DRAFT).push(" WHERE ").append(condition).push(")");
        Where { condition: sql, decided }
    }

    /// What the two sides of an expression that is one comparison are for a record, as a statement that
    /// answers with a JSON list of pairs, one for each choice of joined rows up to `limit`.
    #[must_use]
    pub fn sides_to_sql(&self, row: &Record, facts: &Facts<'_>, lookup: &dyn Lookup, limit: u64) -> Option<Sql> {
        let (bound, sides) = self.bind_sides(facts, lookup)?;
        let mut counter = 0;
        let mut writer = Writer::new(&bound, &mut counter);
        let nodes = &bound.rows_of(&sides.left) | &bound.rows_of(&sides.right);
        let (inside, rows) = writer.enter(&nodes, &Nodes::new(), &Scope::over(DRAFT));
        let mut sql = with_draft(row);
        sql.push(" SELECT (SELECT json_group_array(json(pair)) FROM (SELECT json_array(");
        for (index, side) in [&sides.left, &sides.right].into_iter().enumerate() {
            let value = writer.term(side, &inside);
            // A vector is a BLOB, which JSON has no place for.
            sql.push(if index > 0 { ", iif(typeof(" } else { "iif(typeof(" }).append(value.clone());
            sql.push(") = 'blob', '[..]', ").append(value).push(")");
        }
        sql.push(") AS pair").append(rows.from()).push(" LIMIT ").number(limit).push(")) FROM ").name(DRAFT);
        Some(sql)
    }

    /// The same condition without any of the shortcuts: the definition, for tests.
    #[cfg(test)]
    pub(super) fn to_sql_as_defined(&self, facts: &Facts<'_>, lookup: &dyn Lookup) -> Sql {
        let bound = self.bind(facts, lookup);
        let mut counter = 0;
        let mut writer = Writer::new(&bound, &mut counter);
        writer.shortcuts = false;
        writer.condition(&quantified::quantify_as_defined(&bound), &Scope::over(&self.base.name))
    }
}

/// `WITH draft AS (...)`: a record as a row source of one row.
fn with_draft(draft: &Record) -> Sql {
    let mut sql = Sql::new("WITH ");
    sql.name(DRAFT).push(" AS (").append(select_values(draft)).push(")");
    sql
}

/// Parts of one compound; the engine takes a few more.
const COMPOUND_PARTS: usize = 50;

/// `table AS (...)`: a table in whose place its rows stand with some of the past. Within, the table is called by
/// its schema, or it would mean itself.
fn with_past(table: &str, rows: &[&Record]) -> Sql {
    let mut sql = Sql::default();
    sql.name(table).push(" AS NOT MATERIALIZED (SELECT ");
    let fields = rows.first().map_or(&[][..], |row| &row.collection.fields);
    for (index, field) in fields.iter().enumerate() {
        sql.push(if index > 0 { ", " } else { "" }).name(&field.name);
    }
    sql.push(" FROM main.").name(table).push(" WHERE id NOT IN (");
    for (index, row) in rows.iter().enumerate() {
        sql.push(if index > 0 { ", " } else { "" }).bind(row.id());
    }
    sql.push(")");
    // The engine limits the parts of one compound, so they are compounds of compounds.
    for some in rows.chunks(COMPOUND_PARTS) {
        sql.push(" UNION ALL SELECT * FROM (");
        for (index, row) in some.iter().enumerate() {
            sql.push(if index > 0 { " UNION ALL " } else { "" }).append(select_values(row));
        }
        sql.push(")");
    }
    sql.push(")");
    sql
}

/// `SELECT value AS field, ...`, each as a column of its affinity.
fn select_values(record: &Record) -> Sql {
    let mut sql = Sql::new("SELECT ");
    for (index, field) in record.collection.fields.iter().enumerate() {
        if index > 0 {
            sql.push(", ");
        }
        let affinity = Column::of(field, &record.collection).affinity.unwrap_or(Affinity::None);
        sql.append(compare::cast(&stored(record, field), affinity)).push(" AS ").name(&field.name);
    }
    sql
}

/// Writes the expressions of one formula. Tables get the names `~1`, `~2`, ..., which no collection has.
pub(super) struct Writer<'b, 'c> {
    bound: &'b Bound,
    counter: &'c mut u64,
    /// Off only to check that they change nothing.
    shortcuts: bool,
    /// The tables that are looked through; `None` when the rows outside are expected to be few.
    tables: Option<BTreeSet<String>>,
}

impl<'b, 'c> Writer<'b, 'c> {
    pub(super) fn new(bound: &'b Bound, counter: &'c mut u64) -> Self {
        Self { bound, counter, shortcuts: true, tables: None }
    }

    fn condition(&mut self, formula: &Quantified<'_>, scope: &Scope) -> Sql {
        match formula {
            Quantified::Const(true) => Sql::new("TRUE"),
            Quantified::Const(false) => Sql::new("FALSE"),
            Quantified::All(members) => self.joined(members, " AND ", scope),
            Quantified::Any(members) => self.joined(members, " OR ", scope),
            Quantified::Leaf(leaf) => self.leaf(leaf, scope),
            Quantified::Exists { nodes, inner } => self.exists(nodes, inner, scope),
        }
    }

    fn joined(&mut self, members: &[Quantified<'_>], separator: &'static str, scope: &Scope) -> Sql {
        let mut sql = Sql::new("(");
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                sql.push(separator);
            }
            sql.append(self.condition(member, scope));
        }
        sql.push(")");
        sql
    }

    fn leaf(&mut self, leaf: &Leaf, scope: &Scope) -> Sql {
        match leaf {
            Leaf::Guard(index) => self.guard(*index, scope),
            Leaf::Compare(compare) => {
                if self.tables.is_some()
                    && !asks_all(compare)
                    && let Some(sql) = self.by_row(leaf, compare, scope)
                {
                    return sql;
                }
                let holds = self.compare(compare, scope, scope, true);
                if !asks_all(compare) {
                    return holds;
                }
                let mut sql = Sql::new("(");
                sql.append(holds).push(" AND ").append(self.no_row_violates(compare, scope)).push(")");
                sql
            }
        }
    }

    fn exists(&mut self, nodes: &Nodes, inner: &Quantified<'_>, scope: &Scope) -> Sql {
        if self.shortcuts
            && let Quantified::Leaf(Leaf::Compare(compare)) = inner
            && let Some(node) = nodes.first().filter(|_| nodes.len() == 1)
            && let Some(sql) = self.items_with_text(*node, compare, scope)
        {
            return sql;
        }
        if self.shortcuts
            && let Quantified::Leaf(Leaf::Compare(compare)) = inner
            && asks_all(compare)
            && let Some(sql) = self.all_rows(nodes, compare, scope)
        {
            return sql;
        }
        let required = if self.shortcuts { self.required(nodes, inner) } else { Nodes::new() };
        let (inside, rows) = self.enter(nodes, &required, scope);
        let condition = self.condition(inner, &inside);
        rows.exists("EXISTS", condition)
    }

    /// `tags.name = 'x'` where nothing else speaks of these tags.
    fn all_rows(&mut self, nodes: &Nodes, compare: &Compare<Term>, scope: &Scope) -> Option<Sql> {
        let asked = |term: &Term| term.all_path().is_some();
        let (left, right) = (self.bound.rows_of(&compare.left), self.bound.rows_of(&compare.right));
        if (!left.is_empty() && !asked(&compare.left)) || (!right.is_empty() && !asked(&compare.right)) {
            return None;
        }
        if is_two_valued(compare) && matches!(compare.of_all(), Cow::Borrowed(_)) {
            // There always is a row, so when none violates it some row fulfils it.
            return Some(self.no_row_violates(compare, scope));
        }
        if !left.is_empty() && !right.is_empty() {
            return None;
        }
        let required = self.required_by_compare(nodes, compare);
        let (inside, rows) = self.enter(nodes, &required, scope);
        let holds = self.compare(compare, &inside, &inside, true);
        let mut sql = Sql::new("(");
        sql.append(rows.exists("EXISTS", holds)).push(" AND ").append(self.no_row_violates(compare, scope)).push(")");
        Some(sql)
    }

    /// The rows of a plain operator are all rows of each side, whatever has been chosen outside.
    fn no_row_violates(&mut self, compare: &Compare<Term>, scope: &Scope) -> Sql {
        let compare = &*compare.of_all();
        let mut sides = [scope.clone(), scope.clone()];
        let mut all_rows = rows::Rows::default();
        let mut violated = Sql::default();
        for (side, term) in [&compare.left, &compare.right].into_iter().enumerate() {
            if term.all_path().is_none() {
                continue;
            }
            let nodes = self.bound.rows_of(term);
            let required = if self.shortcuts && rows::missing_is_no_violation(compare, side) {
                nodes.clone()
            } else {
                Nodes::new()
            };
            // What hangs on these rows must not be taken from those chosen outside.
            let (inside, mut rows) = self.enter(&nodes, &required, &scope.without_joined());
            // The other side may be of those.
            rows.name_outside(scope);
            // What the caller may not see is not there, so it violates nothing.
            for index in self.bound.guards_of(&term.paths()) {
                violated.append(self.guard(index, &inside)).push(" AND ");
            }
            sides[side] = inside;
            all_rows.extend(rows);
        }
        violated.push("NOT (").append(self.compare(compare, &sides[0], &sides[1], false)).push(")");
        all_rows.exists("NOT EXISTS", violated)
    }

    /// The row may be missing; if it is there it must meet the rule.
    fn guard(&mut self, index: usize, scope: &Scope) -> Sql {
        let (node, rule) = &self.bound.guards[index];
        let node = *node;
        let mut sql = Sql::default();
        if let Some(alias) = scope.alias(node) {
            sql.push("(").column(&alias, "id").push(" IS NULL OR ");
            sql.append(self.inner_rule(rule, &alias)).push(")");
        } else {
            let alias = self.fresh();
            let met = self.inner_rule(rule, &alias);
            let mut rows = rows::Rows::default();
            self.add_row(node, &alias, true, scope, &mut rows);
            let mut unmet = Sql::new("(");
            unmet.append(met).push(") IS NOT TRUE");
            sql = rows.exists("NOT EXISTS", unmet);
        }
        sql
    }

    /// What a row is sorted by; of several rows, the one that comes first.
    pub(super) fn sort_key(&mut self, path: &Path, descending: bool, scope: &Scope) -> Sql {
        let nodes = self.bound.rows_to(path.node);
        let (inside, rows) = self.enter(&nodes, &nodes, scope);
        let mut value = self.read(path, &inside);
        if path.guarded_email {
            let mut visible = Sql::new("CASE WHEN ");
            visible
                .append(self.column(path.node, "emailVisibility", &inside))
                .push(" THEN ")
                .append(value)
                .push(" END");
            value = visible;
        }
        if nodes.is_empty() {
            return value;
        }
        let mut sql = Sql::new(if descending { "(SELECT max(" } else { "(SELECT min(" });
        // A record is not placed by rows that the caller may not see.
        let guards = self.bound.guards_of(&[path]).into_iter().map(|index| self.guard(index, &inside));
        sql.append(value).push(")").append(rows.joined_where(guards.collect())).push(")");
        sql
    }

    /// A rule of its own about the row of that alias.
    fn inner_rule(&mut self, rule: &Bound, alias: &str) -> Sql {
        let formula = quantified::quantify(rule);
        Writer { bound: rule, counter: &mut *self.counter, shortcuts: self.shortcuts, tables: None }
            .condition(&formula, &Scope::over(alias))
    }
}

/// Whether the operator is a plain one and a side has several rows.
fn asks_all(compare: &Compare<Term>) -> bool {
    !compare.op.any && (compare.left.all_path().is_some() || compare.right.all_path().is_some())
}
