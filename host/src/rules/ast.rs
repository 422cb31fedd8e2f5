//! The shape of a rule: data only, and how it is written down again.

use std::fmt::{self, Display as _};
use std::ops::Range;

/// A parsed rule or filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub root: Node,
    /// Length of the text, which filters of clients are limited by.
    pub chars: usize,
    /// Number of comparisons, likewise.
    pub comparisons: usize,
}

/// `All` and `Any` have at least two members, none of their own kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Joined by `&&`.
    All(Vec<Node>),
    /// Joined by `||`.
    Any(Vec<Node>),
    Compare(Comparison),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub left: Operand,
    pub op: Op,
    pub right: Operand,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Operand {
    pub kind: OperandKind,
    pub span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum OperandKind {
    /// A field, a path, a macro or a word such as `true`.
    Name(String),
    Number(f64),
    Text(String),
    Call {
        name: String,
        arguments: Vec<Operand>,
    },
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Op {
    pub test: Test,
    /// Written with a leading `?`: one item of a multiple side is enough.
    pub any: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Like,
    NotLike,
}

impl Test {
    pub const ALL: [Self; 8] = [
        Self::Equal,
        Self::NotEqual,
        Self::Less,
        Self::LessEqual,
        Self::Greater,
        Self::GreaterEqual,
        Self::Like,
        Self::NotLike,
    ];

    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Like => "~",
            Self::NotLike => "!~",
        }
    }
}

impl Node {
    /// Where it stands in the text, without parentheses around it.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        match self {
            Self::Compare(comparison) => comparison.left.span.start..comparison.right.span.end,
            Self::All(members) | Self::Any(members) => {
                let start = members.first().map_or(0, |member| member.span().start);
                start..members.last().map_or(0, |member| member.span().end)
            }
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(out)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare(comparison) => comparison.fmt(out),
            Self::All(members) => join(members, " && ", out),
            Self::Any(members) => join(members, " || ", out),
        }
    }
}

/// Only an `Any` within an `All` needs parentheses, as `&&` binds tighter.
fn join(members: &[Node], separator: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, member) in members.iter().enumerate() {
        if index > 0 {
            out.write_str(separator)?;
        }
        if matches!(member, Node::Any(_)) {
            write!(out, "({member})")?;
        } else {
            member.fmt(out)?;
        }
    }
    Ok(())
}

impl fmt::Display for Comparison {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any = if self.op.any { "?" } else { "" };
        write!(out, "{} {any}{} {}", self.left, self.op.test.symbol(), self.right)
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            OperandKind::Name(name) => out.write_str(name),
            OperandKind::Number(number) => write!(out, "{number}"),
            OperandKind::Text(text) => quote(text, out),
            OperandKind::Call { name, arguments } => {
                write!(out, "{name}(")?;
                for (index, argument) in arguments.iter().enumerate() {
                    if index > 0 {
                        out.write_str(", ")?;
                    }
                    argument.fmt(out)?;
                }
                out.write_str(")")
            }
        }
    }
}

/// The quote that the text does not contain is preferred.
fn quote(text: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut escaped = text.replace('\\', "\\\\").replace(quote, &format!("\\{quote}"));
    for (c, letter) in [('\n', "\\n"), ('\r', "\\r"), ('\t', "\\t")] {
        escaped = escaped.replace(c, letter);
    }
    write!(out, "{quote}{escaped}{quote}")
}
