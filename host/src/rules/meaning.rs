//! What a comparison means, for both back ends: when the empty text counts as NULL, how patterns are made,
//! and what becomes of a comparison when one of its rows is missing.
//!
//! `Option<bool>` is SQL's truth: `None` is NULL.

use super::ast::Test;
use super::formula::{Compare, Const, Path, Read, Shape, Term};
use super::value::{self, Affinity, text_of};
use crate::sql::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Longest pattern; the engine is told so, and refuses longer ones.
pub const PATTERN_BYTES_MAX: u16 = 50_000;
/// Longest value of a column that can be searched for, with a `%` on both sides.
pub(super) const SEARCHED_BYTES_MAX: u64 = PATTERN_BYTES_MAX as u64 - 2;

/// What is known of a side without looking at a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// NULL or the empty text, which are the same to `=` and `!=`.
    Empty,
    /// A value that is neither, or is compared as if it were.
    Known,
    /// A column: anything.
    Open,
    /// JSON and what is computed: NULL and the empty text differ.
    Exact,
}

impl Side {
    pub(super) fn of(term: &Term) -> Self {
        match term {
            Term::Const(constant) => Self::of_constant(constant),
            Term::Path(Path { read: Read::Json(_), .. }) | Term::Distance(_) | Term::Changed(_) => Self::Exact,
            Term::Path(Path { read: Read::SentItem, .. }) => Self::Known,
            Term::Path(_) | Term::Strftime { .. } => Self::Open,
        }
    }

    fn of_constant(constant: &Const) -> Self {
        match (constant.shape, &constant.value) {
            (Shape::Json, _) => Self::Exact,
            (Shape::Column(_), _) => Self::Open,
            (_, Value::Null) => Self::Empty,
            (_, Value::Text(text)) if text.is_empty() => Self::Empty,
            _ => Self::Known,
        }
    }
}

/// How `=` and `!=` are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Equality {
    /// Both are empty, hence equal.
    BothEmpty,
    /// `IS`.
    Exact,
    /// `=`, with an empty side as `''`.
    Direct,
    /// The left (right) side is compared with both `''` and NULL.
    LeftIsEmpty,
    RightIsEmpty,
    /// NULL is taken for `''` on both sides.
    Coalesced,
}

pub(super) fn equality(left: Side, right: Side) -> Equality {
    match (left, right) {
        (Side::Exact, _) | (_, Side::Exact) => Equality::Exact,
        (Side::Empty, Side::Empty) => Equality::BothEmpty,
        (Side::Known, _) | (_, Side::Known) => Equality::Direct,
        (Side::Open, Side::Empty) => Equality::LeftIsEmpty,
        (Side::Empty, Side::Open) => Equality::RightIsEmpty,
        (Side::Open, Side::Open) => Equality::Coalesced,
    }
}

/// The affinity of a side; `None` when only the database knows it.
pub(super) fn affinity(term: &Term) -> Option<Affinity> {
    match term {
        Term::Const(Const { shape: Shape::Column(affinity), .. }) => Some(*affinity),
        Term::Path(Path { read: Read::Plain | Read::Item | Read::SentItem, lower: false, column, .. }) => {
            column.affinity
        }
        _ => Some(Affinity::None),
    }
}

/// Decides a comparison of two values. `Err` when only the database can.
pub(super) fn decide(test: Test, left: (&Term, &Value), right: (&Term, &Value)) -> Result<Option<bool>, Undecided> {
    match test {
        Test::Equal => equal(left, right),
        Test::NotEqual => not_equal(left, right),
        Test::Less => ordered(left, right, Ordering::is_lt),
        Test::LessEqual => ordered(left, right, Ordering::is_le),
        Test::Greater => ordered(left, right, Ordering::is_gt),
        Test::GreaterEqual => ordered(left, right, Ordering::is_ge),
        Test::Like => Ok(alike(left, right)),
        Test::NotLike => Ok(alike(left, right).map(|alike| !alike)),
    }
}

/// The values alone do not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undecided;

static EMPTY: Value = Value::Text(String::new());

fn equal(left: (&Term, &Value), right: (&Term, &Value)) -> Result<Option<bool>, Undecided> {
    let (l, r) = (left.1, right.1);
    let (la, ra) = (affinity(left.0), affinity(right.0));
    Ok(match equality(Side::of(left.0), Side::of(right.0)) {
        Equality::BothEmpty => Some(true),
        Equality::Exact => Some(value::is(l, la.ok_or(Undecided)?, r, ra.ok_or(Undecided)?)),
        Equality::Direct => {
            let (l, r) = (direct(left), direct(right));
            value::compare(l, la.ok_or(Undecided)?, r, ra.ok_or(Undecided)?).map(Ordering::is_eq)
        }
        Equality::LeftIsEmpty => Some(is_empty(l)),
        Equality::RightIsEmpty => Some(is_empty(r)),
        Equality::Coalesced => Some(value::is(coalesced(l), Affinity::None, coalesced(r), Affinity::None)),
    })
}

fn not_equal(left: (&Term, &Value), right: (&Term, &Value)) -> Result<Option<bool>, Undecided> {
    if equality(Side::of(left.0), Side::of(right.0)) != Equality::Direct {
        return Ok(equal(left, right)?.map(|equal| !equal));
    }
    let (la, ra) = (affinity(left.0).ok_or(Undecided)?, affinity(right.0).ok_or(Undecided)?);
    Ok(Some(!value::is(direct(left), la, direct(right), ra)))
}

/// A known side is compared with an empty one as with `''`.
fn direct<'v>(side: (&Term, &'v Value)) -> &'v Value {
    if Side::of(side.0) == Side::Empty { &EMPTY } else { side.1 }
}

fn coalesced(value: &Value) -> &Value {
    if *value == Value::Null { &EMPTY } else { value }
}

fn is_empty(value: &Value) -> bool {
    matches!(value, Value::Null) || *value == EMPTY
}

fn ordered(
    left: (&Term, &Value),
    right: (&Term, &Value),
    holds: fn(Ordering) -> bool,
) -> Result<Option<bool>, Undecided> {
    let (la, ra) = (affinity(left.0).ok_or(Undecided)?, affinity(right.0).ok_or(Undecided)?);
    Ok(value::compare(left.1, la, right.1, ra).map(holds))
}

fn alike(left: (&Term, &Value), right: (&Term, &Value)) -> Option<bool> {
    let text = text_of(left.1)?;
    if let Term::Const(constant) = right.0 {
        return pattern(constant).map(|pattern| value::like(&text, &pattern));
    }
    let searched = text_of(right.1)?;
    (searched.len() as u64 <= SEARCHED_BYTES_MAX).then(|| value::like(&text, &format!("%{searched}%")))
}

/// The pattern that a constant on the right of `~` means; nothing matches NULL or more than SQLite takes.
pub(super) fn pattern(constant: &Const) -> Option<String> {
    let text: Cow<'_, str> = match &constant.value {
        // A number is searched for as it is usually written, without a `.0`.
        Value::Real(number) if constant.shape == Shape::Bound => Cow::Owned(number.to_string()),
        value => text_of(value)?,
    };
    let pattern = match constant.shape {
        Shape::Bound => value::contains_pattern(&text),
        Shape::Bare | Shape::Column(_) | Shape::Json => format!("%{text}%"),
    };
    (pattern.len() <= usize::from(PATTERN_BYTES_MAX)).then_some(pattern)
}

/// Whether a comparison is never NULL.
pub(super) fn is_two_valued(compare: &Compare<Term>) -> bool {
    let email = [&compare.left, &compare.right].into_iter().flat_map(Term::paths).any(|path| path.guarded_email);
    let total = match compare.op.test {
        Test::NotEqual => true,
        Test::Equal => equality(Side::of(&compare.left), Side::of(&compare.right)) != Equality::Direct,
        _ => false,
    };
    total && !email
}

/// What a comparison says when a row that one side is read from is missing, if that alone decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnMissing {
    True,
    False,
    Null,
    /// It depends on the other side.
    Depends,
}

pub(super) fn on_missing(compare: &Compare<Term>, missing: &Term, other: &Term) -> OnMissing {
    if !is_null_without_row(missing) {
        return OnMissing::Depends;
    }
    let equal = match compare.op.test {
        Test::Equal | Test::NotEqual => match (equality(Side::of(missing), Side::of(other)), other) {
            (Equality::Direct, _) if compare.op.test == Test::Equal => return OnMissing::Null,
            (Equality::Direct, Term::Const(constant)) => {
                constant.value == Value::Null && Side::of_constant(constant) != Side::Empty
            }
            (Equality::LeftIsEmpty, _) => true,
            (Equality::Exact, Term::Const(constant)) => constant.value == Value::Null,
            _ => return OnMissing::Depends,
        },
        _ => return OnMissing::Null,
    };
    let email = missing.paths().iter().any(|path| path.guarded_email);
    match equal == (compare.op.test == Test::Equal) {
        // Its visibility is missing too.
        true if email => OnMissing::Null,
        true => OnMissing::True,
        false => OnMissing::False,
    }
}

/// Whether a term is NULL when the rows it is read from are missing; a length is 0.
fn is_null_without_row(term: &Term) -> bool {
    match term {
        Term::Path(path) => path.read != Read::Length,
        Term::Strftime { time, .. } => is_null_without_row(time),
        Term::Const(_) | Term::Distance(_) | Term::Changed(_) => false,
    }
}
