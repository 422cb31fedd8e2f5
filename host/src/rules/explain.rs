//! A checked rule in plain words, for people who did not write it. Says what the rule asks, not what comes out.

use super::ast::{Comparison, Expr, Node as Syntax, Op, Operand as Written, OperandKind, Test};
use super::check::Checked;
use super::formula::{Compare, Formula, Operand, Term};
use super::macros::Macro;

impl Checked {
    /// What the rule asks, in words; `expr` is what it was checked from.
    #[must_use]
    pub fn explain(&self, expr: &Expr) -> String {
        node(&expr.root, &self.formula)
    }
}

/// The formula has the shape of the syntax.
fn node(syntax: &Syntax, formula: &Formula<Compare<Operand>>) -> String {
    match (syntax, formula) {
        (Syntax::All(members), Formula::All(parts)) => join(members, parts, ", and "),
        (Syntax::Any(members), Formula::Any(parts)) => join(members, parts, ", or "),
        (Syntax::Compare(written), Formula::Leaf(compare)) => comparison(written, compare),
        (syntax, _) => syntax.to_string(),
    }
}

fn join(members: &[Syntax], parts: &[Formula<Compare<Operand>>], separator: &str) -> String {
    let said = |(member, part): (&Syntax, &Formula<Compare<Operand>>)| match member {
        Syntax::Compare(_) => node(member, part),
        Syntax::All(_) | Syntax::Any(_) => format!("({})", node(member, part)),
    };
    members.iter().zip(parts).map(said).collect::<Vec<_>>().join(separator)
}

fn comparison(written: &Comparison, compare: &Compare<Operand>) -> String {
    if let Some(said) = fact(&written.left, written.op, &written.right) {
        return said;
    }
    let quantified = |operand: &Written, side: &Operand| {
        let name = words(operand);
        match (is_multiple(side), written.op.any) {
            (true, true) => format!("at least one {name}"),
            (true, false) => format!("every {name}"),
            (false, _) => name,
        }
    };
    let subject = quantified(&written.left, &compare.left);
    if is_empty(&written.right) {
        match written.op.test {
            Test::Equal => return format!("{subject} is empty"),
            Test::NotEqual => return format!("{subject} is not empty"),
            _ => {}
        }
    }
    format!("{subject} {} {}", verb(written.op.test), quantified(&written.right, &compare.right))
}

/// Comparisons that ask whether something is so.
fn fact(left: &Written, op: Op, right: &Written) -> Option<String> {
    let OperandKind::Name(name) = &left.kind else { return None };
    let holds = match op.test {
        Test::Equal => true,
        Test::NotEqual => false,
        _ => return None,
    };
    if name == "@request.auth.id" && is_empty(right) {
        return Some(if holds { "nobody is signed in" } else { "somebody is signed in" }.to_owned());
    }
    let OperandKind::Name(truth) = &right.kind else { return None };
    let holds = match truth.to_ascii_lowercase().as_str() {
        "true" => holds,
        "false" => !holds,
        _ => return None,
    };
    let not = if holds { "" } else { "not " };
    let (path, modifier) = name.rsplit_once(':')?;
    match modifier {
        "isset" => Some(format!("{} was {not}sent", path_words(path))),
        "changed" => Some(format!("{} would {not}change", path_words(path))),
        _ => None,
    }
}

fn is_multiple(side: &Operand) -> bool {
    match side {
        Operand::Term(Term::Path(path)) => path.all,
        Operand::Strftime { time: Some(time), .. } => is_multiple(time),
        _ => false,
    }
}

fn is_empty(operand: &Written) -> bool {
    match &operand.kind {
        OperandKind::Text(text) => text.is_empty(),
        OperandKind::Name(name) => name.eq_ignore_ascii_case("null"),
        _ => false,
    }
}

fn verb(test: Test) -> &'static str {
    match test {
        Test::Equal => "is",
        Test::NotEqual => "is not",
        Test::Less => "is less than",
        Test::LessEqual => "is at most",
        Test::Greater => "is greater than",
        Test::GreaterEqual => "is at least",
        Test::Like => "contains",
        Test::NotLike => "does not contain",
    }
}

fn words(operand: &Written) -> String {
    match &operand.kind {
        OperandKind::Number(number) => number.to_string(),
        OperandKind::Text(text) if text.is_empty() => "the empty text".to_owned(),
        OperandKind::Text(text) => format!("{text:?}"),
        OperandKind::Name(name) => name_words(name),
        OperandKind::Call { name, arguments } => call_words(name, arguments),
    }
}

fn call_words(name: &str, arguments: &[Written]) -> String {
    match (name, arguments) {
        ("geoDistance", [lon_a, lat_a, lon_b, lat_b]) => format!(
            "the distance in kilometres from ({}, {}) to ({}, {})",
            words(lon_a),
            words(lat_a),
            words(lon_b),
            words(lat_b)
        ),
        ("strftime", [format]) => format!("the present time written as {}", words(format)),
        ("strftime", [format, time, ..]) => format!("{} written as {}", words(time), words(format)),
        _ => format!("the result of {name}"),
    }
}

fn name_words(name: &str) -> String {
    if Macro::named(name).is_some() {
        return match name {
            "@now" => "now".to_owned(),
            "@todayStart" => "the start of today".to_owned(),
            "@todayEnd" => "the end of today".to_owned(),
            "@monthStart" => "the start of this month".to_owned(),
            "@monthEnd" => "the end of this month".to_owned(),
            "@yearStart" => "the start of this year".to_owned(),
            "@yearEnd" => "the end of this year".to_owned(),
            other => format!("the present {}", other.trim_start_matches('@')),
        };
    }
    let last = name.rfind('.').map_or(0, |dot| dot + 1);
    match name[last..].split_once(':') {
        Some((_, "length")) => format!("the number of {}", path_words(&name[..name.len() - ":length".len()])),
        Some((_, "lower")) => format!("{} in lower case", path_words(&name[..name.len() - ":lower".len()])),
        Some((_, "each")) => format!("item of {}", path_words(&name[..name.len() - ":each".len()])),
        _ => path_words(name),
    }
}

fn path_words(path: &str) -> String {
    let below = |prefix: &str| path.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
    if path == "@request.auth.id" {
        return "the caller".to_owned();
    }
    if let Some(field) = below("@request.auth") {
        return format!("the caller's `{field}`");
    }
    if let Some(field) = below("@request.body") {
        return format!("the submitted `{field}`");
    }
    if let Some(name) = below("@request.query") {
        return format!("the query parameter `{name}`");
    }
    if let Some(name) = below("@request.headers") {
        return format!("the header `{name}`");
    }
    if let Some((collection, field)) = below("@collection").and_then(|rest| rest.split_once('.')) {
        let (collection, alias) = collection.split_once(':').unwrap_or((collection, ""));
        let alias = if alias.is_empty() { String::new() } else { format!(" (`{alias}`)") };
        return format!("`{field}` among all records of `{collection}`{alias}");
    }
    match path {
        "@request.method" => "the method of the request".to_owned(),
        "@request.context" => "the context of the request".to_owned(),
        word if ["true", "false", "null"].iter().any(|known| known.eq_ignore_ascii_case(word)) => {
            word.to_ascii_lowercase()
        }
        _ => format!("`{path}`"),
    }
}
