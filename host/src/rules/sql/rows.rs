//! The FROM clauses: which rows are joined, and how a value is read from a row.

use super::super::bind::Leaf;
use super::super::formula::{Compare, Link, Node, Path, Read, Step, Term};
use super::super::json;
use super::super::meaning::{OnMissing, on_missing};
use super::super::native;
use super::super::quantified::{Nodes, Quantified};
use super::super::value::Affinity;
use super::Writer;
use crate::sql::Sql;

/// The tables that are in scope, by node.
#[derive(Debug, Clone)]
pub(in super::super) struct Scope {
    row: String,
    joined: Vec<(usize, Joined)>,
}

#[derive(Debug, Clone)]
struct Joined {
    alias: String,
    /// Joined so that there is a row.
    certain: bool,
}

impl Scope {
    pub(in super::super) fn over(row: &str) -> Self {
        Self { row: row.to_owned(), joined: Vec::new() }
    }

    /// The row alone.
    pub(super) fn without_joined(&self) -> Self {
        Self::over(&self.row)
    }

    pub(super) fn alias(&self, node: usize) -> Option<String> {
        if node == 0 {
            return Some(self.row.clone());
        }
        // The innermost counts.
        self.joined.iter().rev().find(|(known, _)| *known == node).map(|(_, joined)| joined.alias.clone())
    }

    /// What its tables are called.
    fn names(&self) -> impl Iterator<Item = String> {
        self.joined.iter().map(|(_, joined)| joined.alias.clone()).chain([self.row.clone()])
    }

    /// Whether the row of a node is there for sure.
    pub(super) fn is_certain(&self, node: usize) -> bool {
        node == 0
            || self.joined.iter().rev().find(|(known, _)| *known == node).is_some_and(|(_, joined)| joined.certain)
    }
}

/// Tables to be joined: those that must have a row, and those of which a row of NULLs will do.
#[derive(Debug, Default)]
pub(super) struct Rows {
    certain: Vec<(Sql, Option<Sql>)>,
    optional: Vec<(Sql, Option<Sql>)>,
    /// How the first certain table is tied to what is outside, when no index leads there.
    tie: Option<Tie>,
}

/// How a table of rows is tied to what is outside. So that not each row outside looks for its rows, those that
/// meet the condition are found once, and each row outside asks whether its own are among them.
#[derive(Debug)]
struct Tie {
    outside: Sql,
    kind: TieKind,
    /// What the rows are known by outside.
    inside: Sql,
    /// How many rows inside there may be is known, and both sides are texts, so that a function of ours can be asked.
    asked: bool,
    /// Whether an index leads from the value outside to its row.
    indexed: bool,
    /// What else the rows must meet.
    rest: Option<Sql>,
    /// The names in scope outside.
    scope: Vec<String>,
}

#[derive(Debug)]
enum TieKind {
    /// Outside is one value, and so is inside.
    One,
    /// Inside is an item of a list, to be joined.
    Items(Sql),
    /// Outside is a list of ids. Its items are the first table that is joined.
    List,
}

impl Rows {
    pub(super) fn extend(&mut self, other: Self) {
        if self.certain.is_empty() {
            self.tie = other.tie;
        }
        self.certain.extend(other.certain);
        self.optional.extend(other.optional);
    }

    /// Says that what is in a scope is outside, too.
    pub(super) fn name_outside(&mut self, scope: &Scope) {
        if let Some(tie) = &mut self.tie {
            tie.scope.extend(scope.names());
        }
    }

    /// Whether there are rows that meet the condition; with `NOT EXISTS`, whether there are none.
    pub(super) fn exists(mut self, quantifier: &'static str, condition: Sql) -> Sql {
        if let Some(tie) = self.tie.take().filter(|tie| !self.depends_on(&tie.scope, &condition)) {
            return self.among(tie, quantifier == "NOT EXISTS", condition);
        }
        let mut sql = Sql::new(quantifier);
        sql.push(" (SELECT 1").append(self.joined_where(vec![condition])).push(")");
        sql
    }

    /// Whether the condition, or a table but the first, looks at something outside.
    fn depends_on(&self, scope: &[String], condition: &Sql) -> bool {
        let joins = self.certain.iter().skip(1).chain(&self.optional);
        let parts = joins.flat_map(|(table, on)| on.iter().chain([table])).chain([condition]);
        let names: Vec<String> = scope.iter().map(|name| format!("`{name}`.")).collect();
        parts.into_iter().any(|part| names.iter().any(|name| part.text().contains(name)))
    }

    /// `outside IN (SELECT inside FROM ... WHERE condition)`, or `NOT IN`.
    fn among(mut self, tie: Tie, negated: bool, condition: Sql) -> Sql {
        let mut conditions = vec![condition];
        if negated {
            // Else nothing would be known not to be among them.
            let mut pointing = tie.inside.clone();
            pointing.push(" IS NOT NULL");
            conditions.push(pointing);
        }
        if matches!(tie.kind, TieKind::List) {
            self.certain.remove(0);
        }
        if let Some((_, on)) = self.certain.first_mut() {
            *on = tie.rest;
        }
        let mut sql = Sql::new("(");
        match tie.kind {
            TieKind::List => {
                return self.asked_of(native::LIST_MEETS, tie.outside, tie.inside, negated, conditions);
            }
            TieKind::Items(items) => self.certain.insert(1, (items, None)),
            // With `IN` the engine may go the other way, from the rows that are found to those outside.
            TieKind::One if tie.asked && (negated || !tie.indexed) => {
                return self.asked_of(native::IS_AMONG, tie.outside, tie.inside, negated, conditions);
            }
            TieKind::One => {}
        }
        sql.append(tie.outside).push(if negated { " NOT IN (SELECT " } else { " IN (SELECT " }).append(tie.inside);
        sql.append(self.joined_where(conditions)).push("))");
        sql
    }

    /// `function(outside, 0, (SELECT json_group_array(DISTINCT +inside) FROM ... WHERE condition))`, or `NOT` that. Many rows
    /// may lead to one, and the list has to be no longer than the engine's longest text. Without the sign the engine would
    /// go along an index to find each once, and look up each row at its own place.
    fn asked_of(self, function: &'static str, outside: Sql, inside: Sql, negated: bool, conditions: Vec<Sql>) -> Sql {
        let mut sql = Sql::new(if negated { "(NOT " } else { "(" });
        sql.push(function)
            .push("(")
            .append(outside)
            .push(", 0, (SELECT json_group_array(DISTINCT +")
            .append(inside)
            .push(")");
        sql.append(self.joined_where(conditions)).push(")))");
        sql
    }

    /// ` FROM ... WHERE ...`, of rows that meet all conditions.
    pub(super) fn joined_where(self, conditions: Vec<Sql>) -> Sql {
        let mut has_where = self.certain.first().is_some_and(|(_, on)| on.is_some());
        let mut sql = self.from();
        for condition in conditions {
            sql.push(if has_where { " AND " } else { " WHERE " }).append(condition);
            has_where = true;
        }
        sql
    }

    /// ` FROM ...`, with a WHERE when the first table has a condition.
    pub(super) fn from(self) -> Sql {
        let mut sql = Sql::new(" FROM ");
        let mut first_on = None;
        let mut certain = self.certain.into_iter();
        match certain.next() {
            Some((table, on)) => {
                sql.append(table);
                first_on = on;
            }
            None => drop(sql.push("(SELECT 1)")),
        }
        let certain = certain.map(|join| (" JOIN ", join));
        for (kind, (table, on)) in certain.chain(self.optional.into_iter().map(|join| (" LEFT JOIN ", join))) {
            sql.push(kind).append(table).push(" ON ").append(on.unwrap_or_else(|| Sql::new("TRUE")));
        }
        if let Some(on) = first_on {
            sql.push(" WHERE ").append(on);
        }
        sql
    }
}

impl Writer<'_, '_> {
    pub(super) fn fresh(&mut self) -> String {
        *self.counter += 1;
        format!("~{}", self.counter)
    }

    /// Joins nodes; those in `required` so that a row must be there.
    pub(super) fn enter(&mut self, nodes: &Nodes, required: &Nodes, scope: &Scope) -> (Scope, Rows) {
        let mut inside = scope.clone();
        let mut rows = Rows::default();
        for node in nodes {
            let alias = self.fresh();
            let certain = required.contains(node);
            self.add_row(*node, &alias, certain, &inside, &mut rows);
            inside.joined.push((*node, Joined { alias, certain }));
        }
        (inside, rows)
    }

    /// Adds the table of a node.
    pub(super) fn add_row(&mut self, node: usize, alias: &str, certain: bool, scope: &Scope, rows: &mut Rows) {
        if certain && self.shortcuts && rows.certain.is_empty() {
            rows.tie = self.tie(node, alias, scope);
        }
        let Node { link, step, table } = &self.bound.nodes[node];
        let into = if certain { &mut rows.certain } else { &mut rows.optional };
        let mut named = Sql::default();
        named.name(&table.name).push(" AS ").name(alias);
        let mut on = Sql::default();
        match step {
            Step::Base => return,
            Step::Every { .. } => return into.push((named, None)),
            Step::Items => {
                let mut items = self.each(link, scope);
                items.push(" AS ").name(alias);
                return into.push((items, None));
            }
            Step::Many => {
                let list = self.fresh();
                let mut items = self.each(link, scope);
                items.push(" AS ").name(&list);
                into.push((items, None));
                on.column(alias, "id").push(" = ").column(&list, "value");
            }
            Step::One => {
                on.column(alias, "id").push(" = ").append(self.link(link, scope));
            }
            Step::Back { column } | Step::Backs { column, list: false } => {
                on.column(alias, column).push(" = ").append(self.link(link, scope));
            }
            Step::Backs { column, list: true } => {
                let mut listed = Sql::default();
                listed.column(alias, column);
                on.append(self.link(link, scope)).push(" IN (SELECT value FROM ").append(each_of(&listed)).push(")");
            }
        }
        if let Some(rule) = self.bound.guard_at(node).filter(|_| step.is_back()) {
            on.push(" AND ").append(self.inner_rule(rule, alias));
        }
        into.push((named, Some(on)));
    }

    /// How a node's rows are tied to a row that is in scope: where no index leads from it to them and, when all rows
    /// outside are looked at anyway, wherever it can be done.
    fn tie(&mut self, node: usize, alias: &str, scope: &Scope) -> Option<Tie> {
        let Node { link, step, table } = &self.bound.nodes[node];
        let Link::Column { node: from, column: outer } = link else { return None };
        let is_wide = self.tables.is_some() && !table.view;
        let mut inside = Sql::default();
        let mut kind = TieKind::One;
        match step {
            Step::Back { column } | Step::Backs { column, list: false } if is_wide || !table.is_indexed(column) => {
                inside.column(alias, column);
            }
            Step::Backs { column, list: true } => {
                let mut list = Sql::default();
                list.column(alias, column);
                let item = self.fresh();
                let mut items = each_of(&list);
                items.push(" AS ").name(&item);
                kind = TieKind::Items(items);
                inside.column(&item, "value");
            }
            Step::One if is_wide => drop(inside.column(alias, "id")),
            Step::Many if is_wide => {
                kind = TieKind::List;
                inside.column(alias, "id");
            }
            _ => return None,
        }
        if !scope.is_certain(*from) {
            return None;
        }
        if let Some(tables) = self.tables.as_mut().filter(|_| !table.view) {
            tables.insert(table.name.clone());
        }
        let rest = self.bound.guard_at(node).filter(|_| step.is_back()).map(|rule| self.inner_rule(rule, alias));
        let scope_names = scope.names().collect();
        let mut outside = self.link(link, scope);
        if matches!(step, Step::One) && !outer.not_null {
            // What points nowhere is not among any rows, which NULL would leave open.
            outside = called("COALESCE(", outside, ", '')");
        }
        let asked = is_wide && outer.affinity == Some(Affinity::Text);
        let indexed = outer.name == "id" || self.bound.nodes[*from].table.is_indexed(&outer.name);
        Some(Tie { outside, kind, asked, indexed, inside, rest, scope: scope_names })
    }

    /// The value that a node hangs on.
    pub(super) fn linked(&mut self, node: usize, scope: &Scope) -> Sql {
        self.link(&self.bound.nodes[node].link, scope)
    }

    /// The value that a node hangs on.
    fn link(&mut self, link: &Link, scope: &Scope) -> Sql {
        let mut sql = Sql::default();
        match link {
            Link::Column { node, column } => return self.column(*node, &column.name, scope),
            Link::Const(value) => sql.bind(value.clone()),
            // Both are gone once a formula is bound, or have no link.
            Link::Nothing | Link::Body(_) => sql.push("NULL"),
        };
        sql
    }

    /// `json_each` over the list that a node hangs on.
    fn each(&mut self, link: &Link, scope: &Scope) -> Sql {
        let list = self.link(link, scope);
        match link {
            Link::Const(value) if json::list_text(value).is_some() => called("json_each(", list, ")"),
            _ => each_of(&list),
        }
    }

    /// A plain column of a node's row.
    pub(super) fn column(&mut self, node: usize, column: &str, scope: &Scope) -> Sql {
        self.at_row(node, scope, |alias| {
            let mut sql = Sql::default();
            sql.column(alias, column);
            sql
        })
    }

    /// An expression over a node's row; of a row that is not in scope, a scalar subquery.
    fn at_row(&mut self, node: usize, scope: &Scope, value: impl FnOnce(&str) -> Sql) -> Sql {
        if let Some(alias) = scope.alias(node) {
            return value(&alias);
        }
        let alias = self.fresh();
        let mut rows = Rows::default();
        self.add_row(node, &alias, true, scope, &mut rows);
        let mut sql = Sql::new("(SELECT ");
        sql.append(value(&alias)).append(rows.from()).push(")");
        sql
    }

    /// What a path reads.
    pub(super) fn read(&mut self, path: &Path, scope: &Scope) -> Sql {
        let plain = |alias: &str| {
            let mut sql = Sql::default();
            sql.column(alias, &path.column.name);
            sql
        };
        let value = match &path.read {
            Read::Plain | Read::Item | Read::SentItem => self.at_row(path.node, scope, plain),
            Read::Json(steps) => self.at_row(path.node, scope, |alias| extract(&plain(alias), steps)),
            Read::Length => {
                let length = self.at_row(path.node, scope, |alias| length(&plain(alias)));
                if scope.alias(path.node).is_some() { length } else { called("COALESCE(", length, ", 0)") }
            }
        };
        if path.lower { called("LOWER(", value, ")") } else { value }
    }

    /// A comparison of a constant with what a single row leads to: whether that row is among those for which it holds.
    pub(super) fn by_row(&mut self, leaf: &Leaf, compare: &Compare<Term>, scope: &Scope) -> Option<Sql> {
        let ((term, other @ Term::Const(_)) | (other @ Term::Const(_), term)) = (&compare.left, &compare.right) else {
            return None;
        };
        let [path] = term.paths()[..] else { return None };
        let node = self.bound.way_to(path.node).into_iter().rfind(|node| scope.alias(*node).is_none())?;
        let Node { link: Link::Column { node: from, .. }, step: Step::One | Step::Back { .. }, .. } =
            &self.bound.nodes[node]
        else {
            return None;
        };
        let negated = match on_missing(compare, term, other) {
            OnMissing::False | OnMissing::Null => false,
            OnMissing::True => true,
            OnMissing::Depends => return None,
        };
        if !scope.is_certain(*from) {
            return None;
        }
        let nodes = Nodes::from([node]);
        let (inside, rows) = self.enter(&nodes, &nodes, scope);
        let holds = self.leaf(leaf, &inside);
        Some(if negated {
            rows.exists("NOT EXISTS", called("(", holds, ") IS NOT TRUE"))
        } else {
            rows.exists("EXISTS", holds)
        })
    }

    /// Of the nodes of an EXISTS, those without which its condition cannot hold.
    pub(super) fn required(&self, nodes: &Nodes, inner: &Quantified<'_>) -> Nodes {
        let needed = nodes.iter().copied().filter(|node| self.needs(inner, *node)).collect();
        self.with_ancestors(&needed, nodes)
    }

    pub(super) fn required_by_compare(&self, nodes: &Nodes, compare: &Compare<Term>) -> Nodes {
        let needed = nodes.iter().copied().filter(|node| self.compare_needs(compare, *node)).collect();
        self.with_ancestors(&needed, nodes)
    }

    /// A row that is there hangs on rows that are there.
    fn with_ancestors(&self, needed: &Nodes, nodes: &Nodes) -> Nodes {
        needed.iter().flat_map(|node| self.bound.way_to(*node)).filter(|node| nodes.contains(node)).collect()
    }

    fn needs(&self, formula: &Quantified<'_>, node: usize) -> bool {
        match formula {
            Quantified::Const(truth) => !truth,
            Quantified::All(members) => members.iter().any(|member| self.needs(member, node)),
            Quantified::Any(members) => members.iter().all(|member| self.needs(member, node)),
            Quantified::Leaf(Leaf::Compare(compare)) => self.compare_needs(compare, node),
            Quantified::Leaf(Leaf::Guard(_)) => false,
            Quantified::Exists { inner, .. } => self.needs(inner, node),
        }
    }

    /// Whether a comparison cannot hold when the row of a node is missing.
    fn compare_needs(&self, compare: &Compare<Term>, node: usize) -> bool {
        let fails = |missing: &Term, other: &Term| {
            let hangs_on_it =
                |term: &Term| term.paths().iter().any(|path| self.bound.way_to(path.node).contains(&node));
            hangs_on_it(missing) && matches!(on_missing(compare, missing, other), OnMissing::False | OnMissing::Null)
        };
        fails(&compare.left, &compare.right) || fails(&compare.right, &compare.left)
    }
}

/// Whether a missing row of one side is never a violation of a plain operator.
pub(super) fn missing_is_no_violation(compare: &Compare<Term>, side: usize) -> bool {
    let (missing, other) = if side == 0 { (&compare.left, &compare.right) } else { (&compare.right, &compare.left) };
    matches!(on_missing(compare, missing, other), OnMissing::True | OnMissing::Null)
}

fn called(before: &'static str, inner: Sql, after: &'static str) -> Sql {
    let mut sql = Sql::new(before);
    sql.append(inner).push(after);
    sql
}

/// Whether a column holds a JSON list.
fn is_list(column: &Sql) -> Sql {
    // Valid JSON that begins like a list is one; to ask for its type would be to parse it once more.
    let mut sql = Sql::new("(json_valid(");
    sql.append(column.clone()).push(") AND substr(ltrim(").append(column.clone());
    sql.push(", char(32, 9, 10, 13)), 1, 1) = '[')");
    sql
}

/// The items of a column; what is no list is a list of itself.
fn each_of(column: &Sql) -> Sql {
    let mut sql = Sql::new("json_each(CASE WHEN ");
    sql.append(is_list(column)).push(" THEN ").append(column.clone());
    sql.push(" ELSE json_array(").append(column.clone()).push(") END)");
    sql
}

/// The number of items; nothing and the empty text have none.
fn length(column: &Sql) -> Sql {
    let mut sql = Sql::new("json_array_length(CASE WHEN ");
    sql.append(is_list(column)).push(" THEN ").append(column.clone());
    sql.push(" WHEN ").append(column.clone()).push(" = '' OR ").append(column.clone());
    sql.push(" IS NULL THEN '[]' ELSE json_array(").append(column.clone()).push(") END)");
    sql
}

/// A value within JSON. What is no JSON is a text, which no path leads into.
fn extract(column: &Sql, steps: &[json::Step]) -> Sql {
    let mut sql = Sql::new("CASE WHEN json_valid(");
    sql.append(column.clone()).push(") THEN json_extract(").append(column.clone()).push(", ");
    sql.bind(json::path_text(steps)).push(")");
    if steps.is_empty() {
        sql.push(" ELSE ").append(column.clone());
    }
    sql.push(" END");
    sql
}
