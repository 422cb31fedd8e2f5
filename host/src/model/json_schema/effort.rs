//! What it takes to hold a value to a schema, counted before it is done.
//!
//! A schema of some hundred bytes can make a validator look at one part of a value any number of times (each of a chain of
//! definitions refers twice to the next), and as deep as it likes, which would be the end of the stack. So the same ways are gone here
//! first, each once, with how often the validator goes them; where that is beyond the limits nothing is checked. What is counted is an
//! upper bound: of what could be left out, only what a `type` leaves out is. It rests on knowing all parts of a schema and where each
//! reference leads, which [`dialect`](super::dialect) sees to.

mod node;
#[cfg(test)]
mod tests;

use super::dialect::Parts;
use node::{Measure, Node, bit, parts};
use serde_json::{Map, Value as Json};

/// How often a validator may look at parts of a value: so often, and so much more for each part of it, but never more than the last. A
/// look that finds something wrong keeps a quarter of a KiB until all is done.
const LOOKS: u64 = 200_000;
const LOOKS_PER_PART: u64 = 1;
const LOOKS_MAX: u64 = 400_000;

/// Schemas that may be begun and not done; at each look those about the same value are gone through.
const DEPTH_MAX: u32 = 600;
const DEPTH_PER_LOOK: u32 = 64;
/// A mistake is kept with the way to it.
const LEVELS_PER_LOOK: u64 = 8;

const MUCH: &str = "the schema looks at its parts too often for it to be checked";
const DEEP: &str = "the schema goes too deep for it to be checked";
const CIRCLE: &str = "the schema refers to itself without end";

/// A schema and all that it refers to.
#[derive(Debug)]
pub(super) struct Effort {
    /// The first is the whole.
    nodes: Vec<Node>,
}

/// What a check takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// How many schemas will have been begun and not be done.
    pub(super) depth: u32,
    /// How often parts are looked at, in looks at the smallest.
    #[cfg_attr(not(test), expect(dead_code, reason = "what tests ask"))]
    pub(super) looks: u64,
}

impl Effort {
    pub(super) fn of(parts: &Parts<'_>) -> Self {
        Self { nodes: parts.all.iter().map(|part| Node::of(part, parts)).collect() }
    }

    /// What it takes to hold a value to the schema.
    ///
    /// # Errors
    /// Why it is not done, in words.
    pub(super) fn cost(&self, value: &Json) -> Result<Cost, &'static str> {
        let all = parts(value).saturating_mul(LOOKS_PER_PART).saturating_add(LOOKS).min(LOOKS_MAX);
        let known = vec![Known::default(); self.nodes.len()];
        let mut count = Count { nodes: &self.nodes, known, visit: 0, left: all, deepest: 0, level: 0 };
        count.visit(value, &[(0, Weight { times: 1, depth: 0 })])?;
        Ok(Cost { depth: count.deepest, looks: all - count.left })
    }
}

/// How often a schema is asked about a part, and how many were begun for that.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    times: u64,
    depth: u32,
}

/// What is known of a schema in a visit.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// The last that came to it.
    visit: u64,
    is_done: bool,
    weight: Weight,
}

/// Schemas that a part is held to by one of them.
type Asked = Vec<(usize, Weight)>;

struct Count<'e> {
    nodes: &'e [Node],
    known: Vec<Known>,
    /// The number of this visit.
    visit: u64,
    left: u64,
    deepest: u32,
    /// How deep in the value.
    level: u64,
}

impl<'e> Count<'e> {
    /// Counts what it takes to hold a part of the value, and what is in it, to schemas.
    fn visit(&mut self, value: &Json, asked: &[(usize, Weight)]) -> Result<(), &'static str> {
        let followed = self.look(value, asked)?;
        match value {
            Json::Array(items) => self.visit_items(items, &followed),
            Json::Object(map) => self.visit_properties(map, &followed),
            _ => Ok(()),
        }
    }

    /// Counts the looks at a part itself: those that are held to what is in it.
    fn look(&mut self, value: &Json, asked: &[(usize, Weight)]) -> Result<Vec<(&'e Node, Weight)>, &'static str> {
        self.visit += 1;
        let (kind, mut order) = (bit(value), Vec::new());
        for (schema, weight) in asked {
            self.order(*schema, kind, 0, &mut order)?;
            self.ask(*schema, *weight);
        }
        let nodes = self.nodes;
        let some = |is: fn(&Node) -> bool| order.iter().any(|schema| is(&nodes[*schema]));
        let measure = Measure::of(value, some(|node| node.compares), some(|node| node.is_unique));
        let mut followed = Vec::new();
        for schema in order.into_iter().rev() {
            let (node, weight) = (&nodes[schema], self.known[schema].weight);
            let around = u64::from(weight.depth / DEPTH_PER_LOOK) + self.level / LEVELS_PER_LOOK;
            let look = node.look(value, &measure).saturating_add(1 + around);
            self.left = self.left.checked_sub(weight.times.saturating_mul(look)).ok_or(MUCH)?;
            if weight.depth > DEPTH_MAX {
                return Err(DEEP);
            }
            self.deepest = self.deepest.max(weight.depth);
            if node.takes(kind) {
                for next in &node.same {
                    self.ask(*next, weight);
                }
                if node.goes_into(kind) {
                    followed.push((node, weight));
                }
            }
        }
        Ok(followed)
    }

    fn ask(&mut self, schema: usize, from: Weight) {
        let weight = &mut self.known[schema].weight;
        weight.times = weight.times.saturating_add(from.times);
        weight.depth = weight.depth.max(from.depth + 1);
    }

    fn visit_items(&mut self, items: &[Json], followed: &[(&'e Node, Weight)]) -> Result<(), &'static str> {
        let each = asked(followed, |node| node.each_item.iter());
        let placed = followed.iter().flat_map(|(node, _)| &node.positions).map(Vec::len).max().unwrap_or_default();
        for (place, item) in items.iter().enumerate() {
            if place >= placed {
                self.descend(item, &each)?;
                continue;
            }
            let mut here = asked(followed, |node| node.positions.iter().filter_map(move |list| list.get(place)));
            here.extend(&each);
            self.descend(item, &here)?;
        }
        Ok(())
    }

    fn visit_properties(
        &mut self,
        map: &Map<String, Json>,
        followed: &[(&'e Node, Weight)],
    ) -> Result<(), &'static str> {
        let each = asked(followed, |node| node.each_property.iter());
        let names = asked(followed, |node| node.names.iter());
        for (key, item) in map {
            let mut here =
                asked(followed, |node| node.properties.get(key).or(node.other_properties.as_ref()).into_iter());
            here.extend(&each);
            self.descend(item, &here)?;
            if !names.is_empty() {
                self.descend(&Json::String(key.clone()), &names)?;
            }
        }
        Ok(())
    }

    fn descend(&mut self, part: &Json, asked: &[(usize, Weight)]) -> Result<(), &'static str> {
        if asked.is_empty() {
            return Ok(());
        }
        self.level += 1;
        let visited = self.visit(part, asked);
        self.level -= 1;
        visited
    }

    /// Adds a schema behind all those that it asks about the same value.
    fn order(&mut self, schema: usize, kind: u8, depth: u32, order: &mut Vec<usize>) -> Result<(), &'static str> {
        let (nodes, known) = (self.nodes, &mut self.known[schema]);
        if known.visit == self.visit {
            return if known.is_done { Ok(()) } else { Err(CIRCLE) };
        }
        if depth > DEPTH_MAX {
            return Err(DEEP);
        }
        *known = Known { visit: self.visit, ..Known::default() };
        if nodes[schema].takes(kind) {
            for next in &nodes[schema].same {
                self.order(*next, kind, depth + 1, order)?;
            }
        }
        self.known[schema].is_done = true;
        order.push(schema);
        Ok(())
    }
}

/// What those that are followed ask about one thing in a value.
fn asked<'e, I: Iterator<Item = &'e usize>>(followed: &[(&'e Node, Weight)], ask: impl Fn(&'e Node) -> I) -> Asked {
    followed.iter().flat_map(|(node, weight)| ask(node).map(|schema| (*schema, *weight))).collect()
}
