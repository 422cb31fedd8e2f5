//! Tokens to an [`Expr`]. Never panics; depth, length and number of comparisons are limited.

use super::ast::{Comparison, Expr, Node, Operand, OperandKind};
use super::error::{Error, code};
use super::lexer::{self, Kind, Token};

/// Longest text of a stored rule.
pub const RULE_CHARS_MAX: usize = 100_000;
/// Most comparisons in a stored rule; SQLite limits the depth of an expression to 1000.
pub const RULE_COMPARISONS_MAX: usize = 500;
/// Parentheses within parentheses.
pub const NESTING_MAX: usize = 200;
/// Alternations of `&&` and `||`, once superfluous parentheses are gone.
pub const DEPTH_MAX: usize = 30;
/// Functions within functions.
pub const CALLS_MAX: usize = 3;

/// Parses a rule or filter.
///
/// # Errors
/// The first mistake, with its place.
pub fn parse(text: &str) -> Result<Expr, Error> {
    let chars = text.chars().count();
    if chars > RULE_CHARS_MAX {
        let message = format!("a rule has at most {RULE_CHARS_MAX} characters");
        return Err(Error::new(code::TOO_LONG, 0..text.len(), message));
    }
    let tokens = lexer::tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, comparisons: 0 };
    if parser.kind() == &Kind::End {
        return Err(Error::new(code::EMPTY, 0..text.len(), "there is no expression"));
    }
    let root = parser.alternatives(0)?;
    if parser.kind() != &Kind::End {
        return Err(parser.expected("`&&`, `||` or the end"));
    }
    if depth(&root) > DEPTH_MAX {
        let message = format!("`&&` and `||` alternate more than {DEPTH_MAX} levels deep");
        return Err(Error::new(code::TOO_DEEP, 0..text.len(), message));
    }
    Ok(Expr { root, chars, comparisons: parser.comparisons })
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    comparisons: usize,
}

impl Parser<'_> {
    /// The lexer ends every list of tokens with `End`, which is never passed.
    fn token(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn kind(&self) -> &Kind {
        &self.token().kind
    }

    fn accept(&mut self, kind: &Kind) -> bool {
        let found = self.kind() == kind;
        self.at += usize::from(found);
        found
    }

    /// `a || b || c`
    fn alternatives(&mut self, nesting: usize) -> Result<Node, Error> {
        let mut members = vec![self.conjunction(nesting)?];
        while self.accept(&Kind::Or) {
            members.push(self.conjunction(nesting)?);
        }
        Ok(any_of(members))
    }

    /// `a && b && c`
    fn conjunction(&mut self, nesting: usize) -> Result<Node, Error> {
        let mut members = vec![self.unit(nesting)?];
        while self.accept(&Kind::And) {
            members.push(self.unit(nesting)?);
        }
        Ok(all_of(members))
    }

    /// A comparison or a group in parentheses.
    fn unit(&mut self, nesting: usize) -> Result<Node, Error> {
        let span = self.token().span.clone();
        if !self.accept(&Kind::Open) {
            return self.comparison();
        }
        if nesting >= NESTING_MAX {
            return Err(Error::new(code::TOO_DEEP, span, format!("more than {NESTING_MAX} parentheses are open")));
        }
        let inner = self.alternatives(nesting + 1)?;
        if !self.accept(&Kind::Close) {
            return Err(self.expected("`&&`, `||` or `)`"));
        }
        Ok(inner)
    }

    fn comparison(&mut self) -> Result<Node, Error> {
        let left = self.operand(0)?;
        let Kind::Op(op) = *self.kind() else { return Err(self.expected("an operator")) };
        self.at += 1;
        let right = self.operand(0)?;
        self.comparisons += 1;
        if self.comparisons > RULE_COMPARISONS_MAX {
            let message = format!("a rule has at most {RULE_COMPARISONS_MAX} comparisons");
            return Err(Error::new(code::TOO_MANY, left.span.start..right.span.end, message));
        }
        Ok(Node::Compare(Comparison { left, op, right }))
    }

    fn operand(&mut self, calls: usize) -> Result<Operand, Error> {
        let Token { kind, span } = self.token().clone();
        let kind = match kind {
            Kind::Name(name) => OperandKind::Name(name),
            Kind::Number(number) => OperandKind::Number(number),
            Kind::Text(text) => OperandKind::Text(text),
            Kind::Call(name) => {
                if calls >= CALLS_MAX {
                    let message = format!("functions are nested at most {CALLS_MAX} deep");
                    return Err(Error::new(code::TOO_DEEP, span, message));
                }
                self.at += 1;
                let arguments = self.arguments(calls + 1)?;
                let end = self.tokens[self.at - 1].span.end;
                return Ok(Operand { kind: OperandKind::Call { name, arguments }, span: span.start..end });
            }
            _ => return Err(self.expected("a field, a value or a function")),
        };
        self.at += 1;
        Ok(Operand { kind, span })
    }

    /// What follows the opening parenthesis of a function.
    fn arguments(&mut self, calls: usize) -> Result<Vec<Operand>, Error> {
        let mut arguments = Vec::new();
        if self.accept(&Kind::Close) {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.operand(calls)?);
            if self.accept(&Kind::Close) {
                return Ok(arguments);
            }
            if !self.accept(&Kind::Comma) {
                return Err(self.expected("`,` or `)`"));
            }
        }
    }

    fn expected(&self, what: &str) -> Error {
        let message = match self.kind() {
            Kind::End => format!("expected {what}, but the text ends"),
            _ => format!("expected {what}"),
        };
        Error::new(code::SYNTAX, self.token().span.clone(), message)
    }
}

/// A single member stands for itself; a group of the same kind is taken in.
fn any_of(members: Vec<Node>) -> Node {
    let mut flat = Vec::with_capacity(members.len());
    for member in members {
        match member {
            Node::Any(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { Node::Any(flat) }
}

fn all_of(members: Vec<Node>) -> Node {
    let mut flat = Vec::with_capacity(members.len());
    for member in members {
        match member {
            Node::All(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { Node::All(flat) }
}

/// Groups within groups; a comparison has none.
fn depth(node: &Node) -> usize {
    match node {
        Node::Compare(_) => 0,
        Node::All(members) | Node::Any(members) => 1 + members.iter().map(depth).max().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::ast::{Op, Test};
    use super::*;
    use proptest::prelude::*;

    fn printed(text: &str) -> String {
        parse(text).unwrap_or_else(|error| panic!("{}", error.render(text))).to_string()
    }

    fn code_of(text: &str) -> &'static str {
        parse(text).expect_err(text).code
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert_eq!(printed("a = 1 || b = 2 && c = 3"), "a = 1 || b = 2 && c = 3");
        assert_eq!(printed("(a = 1 || b = 2) && c = 3"), "(a = 1 || b = 2) && c = 3");
        assert!(matches!(parse("a=1 && b=1 || c=1").expect("valid").root, Node::Any(members) if members.len() == 2));
    }

    #[test]
    fn superfluous_parentheses_vanish() {
        assert_eq!(printed("((a = 1)) && ((b = 2 && (c = 3)))"), "a = 1 && b = 2 && c = 3");
    }

    #[test]
    fn comments_and_blanks_are_skipped() {
        assert_eq!(printed("// head\na = 'x//y' // tail\n||\tb=2"), "a = 'x//y' || b = 2");
    }

    #[test]
    fn functions_take_operands() {
        assert_eq!(printed("f( a , 1,'x' ) ?= g()"), "f(a, 1, 'x') ?= g()");
        assert_eq!(code_of("f(g(h(i(1)))) = 1"), code::TOO_DEEP);
        assert_eq!(code_of("f (1) = 1"), code::SYNTAX);
    }

    #[test]
    fn mistakes_are_reported() {
        for text in [
            "a",
            "a =",
            "= 1",
            "a = 1 &&",
            "(a = 1",
            "a = 1)",
            "()",
            "a = 1 b = 2",
            "NOT a = 1",
            "a = 1 and b = 2",
            "f(1, = 2",
        ] {
            assert_eq!(code_of(text), code::SYNTAX, "{text}");
        }
        for text in ["", " \n\t", "// only a comment"] {
            assert_eq!(code_of(text), code::EMPTY, "{text}");
        }
    }

    #[test]
    fn limits_hold() {
        let nested = |depth: usize| format!("{}a = 1{}", "(".repeat(depth), ")".repeat(depth));
        assert!(parse(&nested(NESTING_MAX)).is_ok());
        assert_eq!(code_of(&nested(NESTING_MAX + 1)), code::TOO_DEEP);
        assert_eq!(code_of(&nested(40_000)), code::TOO_DEEP);
        let many = vec!["a=1"; RULE_COMPARISONS_MAX].join("||");
        assert_eq!(parse(&many).expect("valid").comparisons, RULE_COMPARISONS_MAX);
        assert_eq!(code_of(&format!("{many}||a=1")), code::TOO_MANY);
        assert_eq!(code_of(&"x".repeat(RULE_CHARS_MAX + 1)), code::TOO_LONG);
        let alternating = (0..DEPTH_MAX).fold("a=1".to_owned(), |inner, level| {
            if level % 2 == 0 { format!("b=1 && ({inner})") } else { format!("b=1 || ({inner})") }
        });
        assert!(parse(&alternating).is_ok());
        assert_eq!(code_of(&format!("c=1 && (d=1 || ({alternating}))")), code::TOO_DEEP);
    }

    fn operand() -> impl Strategy<Value = Operand> {
        let name = prop::sample::select(vec!["a", "b.c.0", "@request.auth.id", "t:each", "@now", "true"]);
        let text = "[a-cnrt'\"\\\\% äµ\n\r\t]{0,6}";
        let leaf = prop_oneof![
            name.prop_map(|name| OperandKind::Name(name.to_owned())),
            (-1e6..1e6).prop_map(OperandKind::Number),
            (-9i32..9).prop_map(|number| OperandKind::Number(number.into())),
            text.prop_map(OperandKind::Text),
        ]
        .prop_map(|kind| Operand { kind, span: 0..0 });
        leaf.prop_recursive(2, 6, 3, |inner| {
            prop::collection::vec(inner, 0..3)
                .prop_map(|arguments| Operand { kind: OperandKind::Call { name: "f".into(), arguments }, span: 0..0 })
        })
    }

    fn node() -> impl Strategy<Value = Node> {
        let op = (prop::sample::select(Test::ALL.to_vec()), any::<bool>()).prop_map(|(test, any)| Op { test, any });
        let leaf =
            (operand(), op, operand()).prop_map(|(left, op, right)| Node::Compare(Comparison { left, op, right }));
        leaf.prop_recursive(4, 20, 4, |inner| {
            (prop::collection::vec(inner, 1..4), any::<bool>())
                .prop_map(|(members, all)| if all { all_of(members) } else { any_of(members) })
        })
    }

    fn without_spans(node: Node) -> Node {
        fn operand(mut value: Operand) -> Operand {
            value.span = 0..0;
            if let OperandKind::Call { arguments, .. } = &mut value.kind {
                *arguments = arguments.drain(..).map(operand).collect();
            }
            value
        }
        match node {
            Node::Compare(Comparison { left, op, right }) => {
                Node::Compare(Comparison { left: operand(left), op, right: operand(right) })
            }
            Node::All(members) => Node::All(members.into_iter().map(without_spans).collect()),
            Node::Any(members) => Node::Any(members.into_iter().map(without_spans).collect()),
        }
    }

    proptest! {
        #![proptest_config(super::super::test_config(2000))]

        #[test]
        fn what_is_printed_is_parsed_back(root in node()) {
            let text = root.to_string();
            let parsed = parse(&text).map_err(|error| TestCaseError::fail(error.render(&text)))?;
            prop_assert_eq!(without_spans(parsed.root), root);
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,60}") {
            answer(&text)?;
        }

        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            answer(&String::from_utf8_lossy(&bytes))?;
        }

        /// A valid rule with some of its pieces cut out, doubled or replaced.
        #[test]
        fn mutations_are_answered(root in node(), cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3, "[()'\"=&|?~!<>.:@#\\\\/,\\-0-9a-z \n\r]{0,4}"), 1..6)) {
            let mut chars: Vec<char> = root.to_string().chars().collect();
            for (from, length, mode, piece) in cuts {
                let start = from.index(chars.len() + 1);
                let end = (start + length.index(8)).min(chars.len());
                let cut: Vec<char> = chars[start..end].to_vec();
                match mode {
                    0 => drop(chars.splice(start..end, piece.chars())),
                    1 => drop(chars.splice(start..start, cut)),
                    _ => drop(chars.drain(start..end)),
                }
            }
            answer(&chars.into_iter().collect::<String>())?;
        }
    }

    /// Parsing ends, and what it says can be shown.
    fn answer(text: &str) -> Result<(), TestCaseError> {
        match parse(text) {
            Ok(expr) => {
                let shown = expr.to_string();
                prop_assert_eq!(parse(&shown).map(|again| again.to_string()), Ok(shown));
            }
            Err(error) => prop_assert!(error.render(text).contains('^')),
        }
        Ok(())
    }
}
