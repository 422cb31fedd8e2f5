//! One comparison as SQL. What it means is said in `meaning`.

use super::super::ast::Test;
use super::super::formula::{Compare, Const, Link, Node, Path, Read, Shape, Step, Term};
use super::super::meaning::{Equality, SEARCHED_BYTES_MAX, Side, affinity, equality, pattern};
use super::super::native;
use super::super::value::{Affinity, text_of};
use super::rows::Scope;
use super::{Writer, asks_all};
use crate::sql::{Sql, Value};

impl Writer<'_, '_> {
    /// A comparison of two sides, each in a scope of its own. `positive`: NULL and FALSE are the same to
    /// whoever asks, which allows forms that an index can serve.
    pub(super) fn compare(&mut self, compare: &Compare<Term>, left: &Scope, right: &Scope, positive: bool) -> Sql {
        let mut sql = match compare.op.test {
            Test::Equal => self.equal(compare, left, right, positive),
            Test::NotEqual => self.not_equal(compare, left, right),
            Test::Less => self.infix(compare, " < ", left, right),
            Test::LessEqual => self.infix(compare, " <= ", left, right),
            Test::Greater => self.infix(compare, " > ", left, right),
            Test::GreaterEqual => self.infix(compare, " >= ", left, right),
            Test::Like => self.like(compare, " LIKE ", left, right),
            Test::NotLike => self.like(compare, " NOT LIKE ", left, right),
        };
        let sides = [(&compare.left, left), (&compare.right, right)];
        for (term, scope) in sides {
            for path in term.paths().into_iter().filter(|path| path.guarded_email) {
                let visible = self.column(path.node, "emailVisibility", scope);
                let mut both = Sql::new("(");
                both.append(sql).push(" AND ").append(visible).push(" = TRUE)");
                sql = both;
            }
        }
        sql
    }

    fn infix(&mut self, compare: &Compare<Term>, symbol: &'static str, left: &Scope, right: &Scope) -> Sql {
        let mut sql = self.side(&compare.left, &compare.right, left);
        sql.push(symbol).append(self.side(&compare.right, &compare.left, right));
        sql
    }

    /// The same with an empty side as `''`.
    fn direct(&mut self, compare: &Compare<Term>, symbol: &'static str, left: &Scope, right: &Scope) -> Sql {
        let mut sql = self.direct_side(&compare.left, &compare.right, left);
        sql.push(symbol).append(self.direct_side(&compare.right, &compare.left, right));
        sql
    }

    fn direct_side(&mut self, term: &Term, other: &Term, scope: &Scope) -> Sql {
        if Side::of(term) == Side::Empty { Sql::new("''") } else { self.side(term, other, scope) }
    }

    fn equal(&mut self, compare: &Compare<Term>, left: &Scope, right: &Scope, positive: bool) -> Sql {
        match equality(Side::of(&compare.left), Side::of(&compare.right)) {
            Equality::BothEmpty => Sql::new("TRUE"),
            Equality::Exact => self.infix(compare, " IS ", left, right),
            Equality::Direct => self.direct(compare, " = ", left, right),
            Equality::LeftIsEmpty => self.is_empty(&compare.left, left, true),
            Equality::RightIsEmpty => self.is_empty(&compare.right, right, true),
            Equality::Coalesced => self.coalesced(compare, " = ", left, right, positive),
        }
    }

    fn not_equal(&mut self, compare: &Compare<Term>, left: &Scope, right: &Scope) -> Sql {
        match equality(Side::of(&compare.left), Side::of(&compare.right)) {
            Equality::BothEmpty => Sql::new("FALSE"),
            Equality::Exact => self.infix(compare, " IS NOT ", left, right),
            Equality::Direct => self.direct(compare, " IS NOT ", left, right),
            Equality::LeftIsEmpty => self.is_empty(&compare.left, left, false),
            Equality::RightIsEmpty => self.is_empty(&compare.right, right, false),
            // IS NOT is never NULL, so both forms are the same to everybody.
            Equality::Coalesced => self.coalesced(compare, " IS NOT ", left, right, true),
        }
    }

    /// Whether a term is NULL or `''`. A column in scope is written twice, which lets an index serve it.
    fn is_empty(&mut self, term: &Term, scope: &Scope, equal: bool) -> Sql {
        let mut sql = Sql::new("(");
        if let Term::Path(Path { node, read: Read::Plain, lower: false, .. }) = term
            && scope.alias(*node).is_some()
        {
            let column = self.term(term, scope);
            sql.append(column.clone()).push(if equal { " = '' OR " } else { " IS NOT '' AND " });
            sql.append(column).push(if equal { " IS NULL)" } else { " IS NOT NULL)" });
        } else {
            sql.push("COALESCE(").append(self.term(term, scope)).push(if equal {
                ", '') = '')"
            } else {
                ", '') IS NOT '')"
            });
        }
        sql
    }

    /// Two columns, of which NULL counts as `''`.
    fn coalesced(
        &mut self,
        compare: &Compare<Term>,
        symbol: &'static str,
        left: &Scope,
        right: &Scope,
        positive: bool,
    ) -> Sql {
        if self.shortcuts && same_affinity(compare) {
            for (constant, other, scope) in
                [(&compare.left, &compare.right, right), (&compare.right, &compare.left, left)]
            {
                let Term::Const(Const { value, .. }) = constant else { continue };
                let empty = matches!(value, Value::Null) || matches!(value, Value::Text(text) if text.is_empty());
                if empty {
                    return self.is_empty(other, scope, symbol == " = ");
                }
                if positive {
                    return self.infix(compare, symbol, left, right);
                }
            }
            if never_null(&compare.left, left) && never_null(&compare.right, right) {
                return self.infix(compare, symbol, left, right);
            }
        }
        let mut sql = Sql::new("COALESCE(");
        sql.append(self.term(&compare.left, left)).push(", '')").push(symbol);
        sql.push("COALESCE(").append(self.term(&compare.right, right)).push(", '')");
        sql
    }

    fn like(&mut self, compare: &Compare<Term>, symbol: &'static str, left: &Scope, right: &Scope) -> Sql {
        if let Some(needle) = needle(compare).filter(|_| self.shortcuts) {
            let mut sql = Sql::new(if compare.op.test == Test::Like { "" } else { "NOT " });
            sql.push(native::TEXT_CONTAINS).push("(").append(self.term(&compare.left, left));
            sql.push(", ").bind(needle).push(")");
            return sql;
        }
        let mut sql = self.term(&compare.left, left);
        sql.push(symbol);
        match &compare.right {
            Term::Const(constant) => sql.bind(pattern(constant)),
            other => {
                // The engine refuses longer patterns with an error; here nothing matches them.
                let searched = self.term(other, right);
                sql.push("iif(octet_length(").append(searched.clone()).push(") <= ");
                sql.number(SEARCHED_BYTES_MAX).push(", '%' || ").append(searched).push(" || '%', NULL)")
            }
        };
        sql.push(" ESCAPE '\\'");
        sql
    }

    /// A comparison of the items of a list with a text, where nothing else speaks of these items.
    pub(super) fn items_with_text(&mut self, node: usize, compare: &Compare<Term>, scope: &Scope) -> Option<Sql> {
        let ((Term::Path(path), Term::Const(constant)) | (Term::Const(constant), Term::Path(path))) =
            (&compare.left, &compare.right)
        else {
            return None;
        };
        let Const { value: Value::Text(text), shape: Shape::Bound } = constant else { return None };
        let Path { read: Read::Item, lower: false, guarded_email: false, .. } = path else { return None };
        let Node { link: Link::Column { .. }, step: Step::Items, .. } = &self.bound.nodes[node] else { return None };
        if path.node != node || text.is_empty() {
            return None;
        }
        let (function, negated) = match (compare.op.test, asks_all(compare)) {
            (Test::Equal, false) => (native::LIST_HAS, false),
            (Test::NotEqual, false) => (native::LIST_HAS_OTHER, false),
            (Test::Equal, true) => (native::LIST_HAS_OTHER, true),
            (Test::NotEqual, true) => (native::LIST_HAS, true),
            _ => return None,
        };
        let mut sql = Sql::new(if negated { "(NOT " } else { "(" });
        sql.push(function).push("(").append(self.linked(node, scope)).push(", ").bind(text.as_str()).push("))");
        Some(sql)
    }

    /// One side of a comparison, with the affinity that it would have as a column.
    fn side(&mut self, term: &Term, other: &Term, scope: &Scope) -> Sql {
        match term {
            Term::Const(Const { value: Value::Null, .. }) => Sql::new("NULL"),
            Term::Const(Const { value, shape: Shape::Column(own) }) if affinity(other) != Some(*own) => {
                cast(value, *own)
            }
            _ => self.term(term, scope),
        }
    }

    /// A term as an expression.
    pub(super) fn term(&mut self, term: &Term, scope: &Scope) -> Sql {
        match term {
            Term::Const(constant) => bound(constant.value.clone()),
            Term::Path(path) => self.read(path, scope),
            Term::Distance(arguments) => self.distance(arguments, scope),
            Term::Strftime { format, time, modifiers } => {
                let mut sql = Sql::new("strftime(");
                sql.bind(format.as_str()).push(", ").append(self.term(time, scope));
                for modifier in modifiers {
                    sql.push(", ").bind(modifier.as_str());
                }
                sql.push(")");
                sql
            }
            Term::Changed(compare) => {
                let mut sql = Sql::new("(");
                sql.append(self.compare(compare, scope, scope, false)).push(")");
                sql
            }
        }
    }

    /// Kilometres on a sphere. The cosine is clamped, as rounding may carry it past 1 for equal points.
    fn distance(&mut self, arguments: &[Term; 4], scope: &Scope) -> Sql {
        let [lon_a, lat_a, lon_b, lat_b] = arguments.each_ref().map(|argument| self.term(argument, scope));
        let mut sql = Sql::new("(6371 * acos(min(1.0, max(-1.0, cos(radians(");
        sql.append(lat_a.clone()).push(")) * cos(radians(").append(lat_b.clone());
        sql.push(")) * cos(radians(").append(lon_b).push(") - radians(").append(lon_a);
        sql.push(")) + sin(radians(").append(lat_a).push(")) * sin(radians(").append(lat_b).push("))))))");
        sql
    }
}

/// What is searched for in a column of text, if it has no wildcards and no escapes.
fn needle(compare: &Compare<Term>) -> Option<&str> {
    let Term::Const(constant @ Const { value: Value::Text(text), shape: Shape::Bound }) = &compare.right else {
        return None;
    };
    let Term::Path(Path { read: Read::Plain, lower: false, column, .. }) = &compare.left else { return None };
    let plain = !text.contains(['%', '\\', '\0']) && pattern(constant).is_some();
    (plain && column.affinity == Some(Affinity::Text)).then_some(text)
}

fn bound(value: Value) -> Sql {
    let mut sql = Sql::default();
    sql.bind(value);
    sql
}

/// A constant with an affinity. Casting changes nothing of a text or of a number; a text in a numeric
/// column is no number, so that affinity changes nothing there.
pub(super) fn cast(value: &Value, affinity: Affinity) -> Sql {
    let mut sql = Sql::default();
    match (affinity, value) {
        (Affinity::Text, _) => sql.push("CAST(").bind(value.clone()).push(" AS TEXT)"),
        (Affinity::Numeric, Value::Integer(_) | Value::Real(_)) => {
            sql.push("CAST(").bind(value.clone()).push(" AS NUMERIC)")
        }
        _ => sql.bind(value.clone()),
    };
    sql
}

/// Whether both sides convert values the same way, so that `COALESCE`, which does not convert, can go.
fn same_affinity(compare: &Compare<Term>) -> bool {
    let left = affinity(&compare.left);
    matches!(left, Some(Affinity::Text | Affinity::Numeric)) && left == affinity(&compare.right)
}

fn never_null(term: &Term, scope: &Scope) -> bool {
    match term {
        Term::Path(path) => {
            path.read == Read::Plain && !path.lower && path.column.not_null && scope.is_certain(path.node)
        }
        Term::Const(constant) => text_of(&constant.value).is_some(),
        _ => false,
    }
}
