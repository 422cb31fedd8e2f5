//! What is no mistake and yet hardly what was meant: comparisons that never hold, or hold for guests.

use super::ast::{Comparison, Expr, Node, Operand, OperandKind, Test};
use super::error::Error;
use super::number::number_of;
use crate::model::{Collection, FieldKind};

/// The codes of warnings.
pub mod code {
    /// A guest's id is NULL, and NULL equals an empty field.
    pub const GUEST_MATCHES_EMPTY: &str = "lint_guest_matches_empty";
    /// A list is compared as its JSON text.
    pub const LIST_AS_TEXT: &str = "lint_list_as_text";
    pub const UNKNOWN_OPTION: &str = "lint_unknown_option";
    /// A number or a bool is compared with a text that is none.
    pub const NEVER_EQUAL: &str = "lint_never_equal";
    /// Nothing is submitted where the rule is asked.
    pub const NO_BODY: &str = "lint_no_body";
}

/// Warnings about a rule that makes sense, in the order of the text. `has_body`: something is submitted where the
/// rule is asked.
#[must_use]
pub fn lint(expr: &Expr, base: &Collection, has_body: bool) -> Vec<Error> {
    let mut found = Vec::new();
    walk(&expr.root, base, false, &mut found);
    if !has_body {
        asks_for_body(&expr.root, &mut found);
        found.sort_by_key(|warning| warning.span.start);
    }
    found
}

fn asks_for_body(node: &Node, found: &mut Vec<Error>) {
    match node {
        Node::All(members) | Node::Any(members) => {
            for member in members {
                asks_for_body(member, found);
            }
        }
        Node::Compare(Comparison { left, right, .. }) => {
            for operand in [left, right] {
                if matches!(&operand.kind, OperandKind::Name(name) if name.starts_with("@request.body.")) {
                    let message = "nothing is submitted with lists, views and deletes";
                    found.push(Error::new(code::NO_BODY, operand.span.clone(), message));
                }
            }
        }
    }
}

/// `signed_in`: a condition beside this one demands that somebody is.
fn walk(node: &Node, base: &Collection, signed_in: bool, found: &mut Vec<Error>) {
    match node {
        Node::All(members) => {
            let signed_in = signed_in || members.iter().any(demands_somebody);
            for member in members {
                walk(member, base, signed_in, found);
            }
        }
        Node::Any(members) => {
            for member in members {
                walk(member, base, signed_in, found);
            }
        }
        Node::Compare(comparison) => {
            if !signed_in {
                found.extend(guest_matches_empty(comparison));
            }
            found.extend(of_field(comparison, base));
        }
    }
}

/// `@request.auth.id != ''`, or that something of the caller is a certain value.
fn demands_somebody(node: &Node) -> bool {
    let Node::Compare(Comparison { left, op, right }) = node else { return false };
    let value = match (auth_field(left), auth_field(right)) {
        (Some(_), None) => right,
        (None, Some(_)) => left,
        _ => return false,
    };
    match op.test {
        Test::NotEqual => is_empty(value),
        Test::Equal => is_literal(value) && !is_empty(value),
        _ => false,
    }
}

fn guest_matches_empty(comparison: &Comparison) -> Option<Error> {
    let Comparison { left, op, right } = comparison;
    if op.test != Test::Equal {
        return None;
    }
    let other = match (auth_field(left), auth_field(right)) {
        (Some(_), None) => right,
        (None, Some(_)) => left,
        _ => return None,
    };
    let OperandKind::Name(name) = &other.kind else { return None };
    if name == "id" || name.starts_with('@') || is_literal(other) {
        return None;
    }
    let message = format!("for a guest this holds wherever `{name}` is empty");
    let error = Error::new(code::GUEST_MATCHES_EMPTY, left.span.start..right.span.end, message);
    Some(error.hint("add `@request.auth.id != '' &&` before it"))
}

/// What a field of the collection can never be.
fn of_field(comparison: &Comparison, base: &Collection) -> Option<Error> {
    let Comparison { left, op, right } = comparison;
    let (OperandKind::Name(name), OperandKind::Text(text)) = (&left.kind, &right.kind) else { return None };
    let field = base.field(name)?;
    if text.is_empty() || !matches!(op.test, Test::Equal | Test::NotEqual) {
        return None;
    }
    let span = left.span.start..right.span.end;
    match &field.kind {
        kind if kind.is_multiple() && !text.starts_with('[') => {
            let message = format!("`{name}` has several items, and is compared here as the JSON text of their list");
            let hint = format!("write `{name}:each ?= '{text}'` for one of them, `{name}:each = '{text}'` for all");
            Some(Error::new(code::LIST_AS_TEXT, span, message).hint(hint))
        }
        FieldKind::Select(select) if !field.kind.is_multiple() && !kind_has(&select.values, text) => {
            let message = format!("`{text}` is none of the values of `{name}`");
            let hint = format!("its values are {}", select.values.join(", "));
            Some(Error::new(code::UNKNOWN_OPTION, span, message).hint(hint))
        }
        FieldKind::Number(_) if number_of(text).is_none() => {
            Some(Error::new(code::NEVER_EQUAL, span, format!("the number `{name}` is never the text {text:?}")))
        }
        FieldKind::Bool(_) if !matches!(text.trim(), "0" | "1") => {
            let error = Error::new(code::NEVER_EQUAL, span, format!("the bool `{name}` is never the text {text:?}"));
            Some(error.hint("write true or false without quotes"))
        }
        _ => None,
    }
}

fn kind_has(values: &[String], text: &str) -> bool {
    values.iter().any(|value| value == text)
}

fn auth_field(operand: &Operand) -> Option<&str> {
    match &operand.kind {
        OperandKind::Name(name) => name.strip_prefix("@request.auth."),
        _ => None,
    }
}

fn is_literal(operand: &Operand) -> bool {
    match &operand.kind {
        OperandKind::Name(name) => ["true", "false", "null"].iter().any(|word| word.eq_ignore_ascii_case(name)),
        OperandKind::Number(_) | OperandKind::Text(_) => true,
        OperandKind::Call { .. } => false,
    }
}

/// NULL, `''` and false hold for a guest as well.
fn is_empty(operand: &Operand) -> bool {
    match &operand.kind {
        OperandKind::Text(text) => text.is_empty(),
        OperandKind::Name(name) => name.eq_ignore_ascii_case("null"),
        _ => false,
    }
}
