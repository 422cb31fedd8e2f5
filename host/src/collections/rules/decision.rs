//! Which part of a rule decided: the smallest sub-expression that by itself makes the whole true or false.

use crate::access;
use crate::error::{Error, Result};
use crate::model::{Collection, Draft, Field, FieldKind};
use crate::records::Subject;
use crate::rules::ast::{Expr, Node, Operand, OperandKind};
use crate::rules::{self, Checked, Purpose};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Pairs of values that are shown of a comparison over several rows.
const PAIRS_MAX: u64 = 10;

/// What a rule is asked about.
pub(super) struct Question<'a> {
    pub cx: &'a Cx,
    pub collection: &'a Arc<Collection>,
    /// `None` asks what the request alone decides.
    pub subject: Option<&'a Subject>,
}

impl Question<'_> {
    /// `{start, end, text, value, sides}`; null when nothing is decided before rows are looked at.
    pub(super) async fn decided_by(&self, expr: &Expr, text: &str) -> Result<Json> {
        let mut node = &expr.root;
        let Some(value) = self.truth(node).await? else { return Ok(Json::Null) };
        loop {
            // One false member decides a conjunction, one true member an alternative; otherwise all do.
            let members = match node {
                Node::All(members) if !value => members,
                Node::Any(members) if value => members,
                _ => break,
            };
            let mut found = None;
            for member in members {
                if self.truth(member).await? == Some(value) {
                    found = Some(member);
                    break;
                }
            }
            match found {
                Some(member) => node = member,
                // Each member holds for some joined row, but no row meets them all.
                None => break,
            }
        }
        let span = node.span();
        let place = rules::error::utf16(text, &span);
        let sides = self.sides(node).await?;
        Ok(json!({
            "start": place.start,
            "end": place.end,
            "text": text.get(span).unwrap_or_default(),
            "value": value,
            "sides": sides,
        }))
    }

    async fn truth(&self, node: &Node) -> Result<Option<bool>> {
        let checked = self.checked(node)?;
        match self.subject {
            Some(subject) => access::holds(self.cx, &checked, &subject.record, &subject.body).await.map(Some),
            None => Ok(checked.to_sql(&access::facts(self.cx, &Map::new()), &*self.cx.catalog).decided),
        }
    }

    fn checked(&self, node: &Node) -> Result<Checked> {
        let expr = Expr { root: node.clone(), chars: 0, comparisons: 0 };
        rules::check(&expr, self.collection, &*self.cx.catalog, Purpose::Rule)
            .map_err(|error| Error::internal("check a part of a rule", error))
    }

    /// Pairs of what the two sides of a comparison were.
    async fn sides(&self, node: &Node) -> Result<Json> {
        let Node::Compare(comparison) = node else { return Ok(Json::Null) };
        if [&comparison.left, &comparison.right].into_iter().any(|side| self.names_secret(side)) {
            return Ok(Json::Null);
        }
        let part = self.checked(node)?;
        let (blank, no_body) = (Draft::new(self.collection.clone()).record, Map::new());
        let (record, body) = self.subject.map_or((&blank, &no_body), |subject| (&subject.record, &subject.body));
        let facts = access::facts(self.cx, body);
        let Some(select) = part.sides_to_sql(record, &facts, &*self.cx.catalog, PAIRS_MAX) else {
            return Ok(Json::Null);
        };
        let found =
            self.cx.tenant.store.read(|snapshot| snapshot.one(&select, |row| Ok(row.text(0).to_owned()))).await?;
        Ok(found.and_then(|pairs| serde_json::from_str(&pairs).ok()).unwrap_or_default())
    }

    /// Hashes and token keys are shown to nobody.
    fn names_secret(&self, operand: &Operand) -> bool {
        match &operand.kind {
            OperandKind::Name(name) => name.split(['.', ':']).any(|word| {
                let holds_hash = |field: &Field| matches!(field.kind, FieldKind::Password(_));
                let mut collections = self.cx.catalog.collections();
                word == "tokenKey" || collections.any(|known| known.field(word).is_some_and(holds_hash))
            }),
            OperandKind::Call { arguments, .. } => arguments.iter().any(|argument| self.names_secret(argument)),
            OperandKind::Number(_) | OperandKind::Text(_) => false,
        }
    }
}
