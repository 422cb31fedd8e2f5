//! Where the rows of multiple relations are looked for.
//!
//! A row is selected when *some* choice of joined rows makes the whole formula true: two comparisons over
//! `tags` speak of the same tag. Asking that of the whole formula at once would join every collection with
//! every other, so the question is pushed inwards: `a || b` is asked of each side alone, and of `a && b`
//! only what shares rows stays together. That is sound as there always is a row, if need be of NULLs.

use super::bind::{Bound, Leaf};
use super::formula::{Formula, Link, Path, Term};
use std::collections::BTreeSet;

pub(super) type Nodes = BTreeSet<usize>;

/// A formula in which every comparison finds its rows in scope.
#[derive(Debug)]
pub(super) enum Quantified<'b> {
    Const(bool),
    All(Vec<Quantified<'b>>),
    Any(Vec<Quantified<'b>>),
    Leaf(&'b Leaf),
    /// There are rows of `nodes` for which `inner` holds. Nodes come after those they hang on.
    Exists {
        nodes: Nodes,
        inner: Box<Quantified<'b>>,
    },
}

pub(super) fn quantify(bound: &Bound) -> Quantified<'_> {
    Quantifying::new(bound).quantify(&bound.formula, &Nodes::new())
}

/// The same without pushing anything inwards: the definition, for tests.
#[cfg(test)]
pub(super) fn quantify_as_defined(bound: &Bound) -> Quantified<'_> {
    let quantifying = Quantifying::new(bound);
    let nodes = quantifying.missing(&bound.formula, &Nodes::new());
    let inner = quantifying.quantify(&bound.formula, &nodes);
    if nodes.is_empty() { inner } else { Quantified::Exists { nodes, inner: Box::new(inner) } }
}

struct Quantifying<'b> {
    bound: &'b Bound,
    /// Most rules look at single rows only, and quantify nothing.
    has_multiple: bool,
}

impl<'b> Quantifying<'b> {
    fn new(bound: &'b Bound) -> Self {
        Self { bound, has_multiple: bound.nodes.iter().any(|node| node.step.is_multiple()) }
    }

    fn quantify(&self, formula: &'b Formula<Leaf>, known: &Nodes) -> Quantified<'b> {
        match formula {
            Formula::Const(truth) => Quantified::Const(*truth),
            Formula::Any(members) => {
                Quantified::Any(members.iter().map(|member| self.quantify(member, known)).collect())
            }
            Formula::All(members) if self.has_multiple => self.quantify_all(members, known),
            Formula::All(members) => {
                Quantified::All(members.iter().map(|member| self.quantify(member, known)).collect())
            }
            Formula::Leaf(leaf) if self.has_multiple => exists(self.missing(formula, known), Quantified::Leaf(leaf)),
            Formula::Leaf(leaf) => Quantified::Leaf(leaf),
        }
    }

    /// Members that share rows stay under one choice of them.
    fn quantify_all(&self, members: &'b [Formula<Leaf>], known: &Nodes) -> Quantified<'b> {
        let mut groups: Vec<(Nodes, Vec<&'b Formula<Leaf>>)> = Vec::new();
        for member in members {
            let mut nodes = self.missing(member, known);
            let mut together = Vec::new();
            let (shared, apart) =
                groups.into_iter().partition(|(others, _): &(Nodes, _)| self.share_rows(others, &nodes));
            groups = apart;
            for (others, other_members) in shared {
                nodes.extend(others);
                together.extend(other_members);
            }
            together.push(member);
            groups.push((nodes, together));
        }
        let mut parts: Vec<Quantified<'b>> =
            groups.into_iter().map(|(nodes, members)| self.quantify_group(nodes, &members, known)).collect();
        if parts.len() == 1 { parts.remove(0) } else { Quantified::All(parts) }
    }

    /// A single row is the same however often it is looked up, so only multiple ones tie members together.
    fn share_rows(&self, some: &Nodes, others: &Nodes) -> bool {
        some.intersection(others).any(|node| self.bound.nodes[*node].step.is_multiple())
    }

    fn quantify_group(&self, nodes: Nodes, members: &[&'b Formula<Leaf>], known: &Nodes) -> Quantified<'b> {
        if let [member] = members {
            return self.quantify(member, known);
        }
        let inside: Nodes = known.union(&nodes).copied().collect();
        let inner = Quantified::All(members.iter().map(|member| self.quantify(member, &inside)).collect());
        exists(nodes, inner)
    }

    /// The rows that a formula asks for and that are not in scope.
    fn missing(&self, formula: &Formula<Leaf>, known: &Nodes) -> Nodes {
        match formula {
            Formula::Const(_) => Nodes::new(),
            Formula::All(members) | Formula::Any(members) => {
                members.iter().flat_map(|member| self.missing(member, known)).collect()
            }
            Formula::Leaf(leaf) => &self.bound.rows_of_leaf(leaf) - known,
        }
    }
}

fn exists(nodes: Nodes, inner: Quantified<'_>) -> Quantified<'_> {
    if nodes.is_empty() { inner } else { Quantified::Exists { nodes, inner: Box::new(inner) } }
}

impl Bound {
    fn rows_of_leaf(&self, leaf: &Leaf) -> Nodes {
        match leaf {
            Leaf::Compare(compare) => &self.rows_of(&compare.left) | &self.rows_of(&compare.right),
            Leaf::Guard(index) => self.rows_to(self.guards[*index].0),
        }
    }

    /// The rows that have to be chosen before a term has a value.
    pub(super) fn rows_of(&self, term: &Term) -> Nodes {
        term.paths().into_iter().flat_map(|path: &Path| self.rows_to(path.node)).collect()
    }

    /// The nodes from the row of the formula up to the last multiple one on the way to a node. What
    /// follows it are single rows, which a value can be read from without choosing.
    pub(super) fn rows_to(&self, node: usize) -> Nodes {
        let way = self.way_to(node);
        let last = way.iter().position(|node| self.nodes[*node].step.is_multiple());
        last.map_or_else(Nodes::new, |last| way[last..].iter().copied().collect())
    }

    /// The guards of the rows that the values of some paths are chosen from.
    pub(super) fn guards_of(&self, paths: &[&Path]) -> Vec<usize> {
        let ways: Nodes = paths.iter().flat_map(|path| self.way_to(path.node)).collect();
        let is_chosen =
            |node: usize| ways.contains(&node) && !self.rows_to(node).is_empty() && !self.nodes[node].step.is_back();
        (0..self.guards.len()).filter(|index| is_chosen(self.guards[*index].0)).collect()
    }

    /// The rule that rows which point at others must meet to be there.
    pub(super) fn guard_at(&self, node: usize) -> Option<&Self> {
        self.guards.iter().find(|(guarded, _)| *guarded == node).map(|(_, rule)| rule)
    }

    /// A node and those it hangs on, without the row of the formula.
    pub(super) fn way_to(&self, node: usize) -> Vec<usize> {
        let mut way = Vec::new();
        let mut at = node;
        while at != 0 {
            way.push(at);
            match self.nodes[at].link {
                Link::Column { node, .. } => at = node,
                Link::Nothing | Link::Const(_) | Link::Body(_) => break,
            }
        }
        way
    }
}
