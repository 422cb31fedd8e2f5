//! Whether a definition is valid: against its former self and against the other collections. Rule texts and
//! view queries are checked where the catalog and the database are.

mod additions;
mod auth;
mod fields;
mod indexes;

use super::{Collection, Kind, defaults::SUPERUSERS};
use crate::error::{FieldErrors, code};
use serde_json::json;

const ID_CHARS_MAX: usize = 100;
const NAME_CHARS_MAX: usize = 255;

/// Tables of the system that are no collections; `sqlite_*` is the engine's.
const INTERNAL_TABLES: &[&str] =
    &["_collections", "_params", "_outbox", "_outbox_rows", "_mails", "_auth_limits", "_migrations", "_logs"];

/// What a definition is compared with.
struct Context<'a> {
    old: Option<&'a Collection>,
    /// By id, or by name in any case.
    find: &'a dyn Fn(&str) -> Option<&'a Collection>,
    /// Every collection but this one.
    others: Vec<&'a Collection>,
}

impl Collection {
    /// Everything that is wrong with a definition, nested by position. A new collection whose default id is taken
    /// gets another one. `old` is the stored definition of an update; `find` looks up by id, or by name in any case;
    /// `all` are the stored collections.
    #[must_use]
    pub fn check<'a>(
        &mut self,
        old: Option<&'a Self>,
        find: &'a dyn Fn(&str) -> Option<&'a Self>,
        all: &mut dyn Iterator<Item = &'a Self>,
    ) -> FieldErrors {
        let others: Vec<&Self> = all.filter(|other| old.is_none_or(|old| old.id != other.id)).collect();
        if old.is_none() {
            self.settle_id(|id| others.iter().any(|other| other.id == id));
        }
        let context = Context { old, find, others };
        let mut errors = FieldErrors::default();
        self.check_id(&context, &mut errors);
        self.check_name(&context, &mut errors);
        if old.is_some_and(|old| old.system != self.system) {
            errors.add("system", code::COLLECTION_SYSTEM_FLAG_CHANGE);
        }
        if old.is_some_and(|old| old.kind_name() != self.kind_name()) {
            errors.add("type", code::COLLECTION_TYPE_CHANGE);
        }
        self.check_rules(old, &mut errors);
        fields::check(self, &context, &mut errors);
        indexes::check(self, &context, &mut errors);
        match &self.kind {
            Kind::Auth(options) => auth::check(self, options, old.and_then(Self::auth), &mut errors),
            Kind::View { query } if query.is_empty() => errors.add("viewQuery", code::REQUIRED),
            Kind::Base | Kind::View { .. } => {}
        }
        errors
    }

    fn check_id(&self, context: &Context<'_>, errors: &mut FieldErrors) {
        if let Some(old) = context.old {
            if old.id != self.id {
                errors.add("id", code::VALUES_MISMATCH);
            }
        } else if self.id.is_empty() {
            errors.add("id", code::REQUIRED);
        } else if self.id.chars().count() > ID_CHARS_MAX {
            errors.add("id", code::LENGTH_OUT_OF_RANGE.with([("min", json!(1)), ("max", json!(ID_CHARS_MAX))]));
        } else if !is_word(&self.id) {
            errors.add("id", code::MATCH_INVALID);
        } else if context.others.iter().any(|other| other.id == self.id) {
            errors.add("id", code::INVALID_OR_EXISTING_ID);
        }
    }

    fn check_name(&self, context: &Context<'_>, errors: &mut FieldErrors) {
        let same_name = |name: &str| name.to_lowercase() == self.name.to_lowercase();
        let renamed = context.old.is_none_or(|old| old.name != self.name);
        if self.name.is_empty() {
            errors.add("name", code::REQUIRED);
        } else if self.name.chars().count() > NAME_CHARS_MAX {
            errors.add("name", code::LENGTH_OUT_OF_RANGE.with([("min", json!(1)), ("max", json!(NAME_CHARS_MAX))]));
        } else if has_via(&self.name) {
            errors.add("name", code::FOUND_VIA);
        } else if !is_word(&self.name) {
            errors.add("name", code::MATCH_INVALID);
        } else if renamed && context.old.is_some_and(|old| old.system) {
            errors.add("name", code::COLLECTION_SYSTEM_NAME_CHANGE);
        } else if context.others.iter().any(|other| same_name(&other.name)) {
            errors.add("name", code::COLLECTION_NAME_EXISTS);
        } else if self.id == self.name || context.others.iter().any(|other| other.id == self.name) {
            errors.add("name", code::COLLECTION_NAME_ID_DUPLICATE);
        } else if renamed && is_internal_table(&self.name) {
            errors.add("name", code::COLLECTION_NAME_INVALID);
        }
    }

    fn check_rules(&self, old: Option<&Self>, errors: &mut FieldErrors) {
        if self.is_view() {
            for (name, rule) in &self.rules.named()[2..] {
                if rule.is_some() {
                    errors.add(name, code::NIL);
                }
            }
        }
        let Some(old) = old.filter(|old| old.system) else { return };
        let mut pairs: Vec<_> = self.rules.named().into_iter().zip(old.rules.named()).collect();
        if let (Some(new), Some(old)) = (self.auth(), old.auth()) {
            pairs.push((("authRule", &new.auth_rule), ("authRule", &old.auth_rule)));
            pairs.push((("manageRule", &new.manage_rule), ("manageRule", &old.manage_rule)));
        }
        for ((name, new), (_, old)) in pairs {
            if new != old {
                errors.add(name, code::COLLECTION_SYSTEM_RULE_CHANGE);
            }
        }
    }

    /// Whether its records are superusers.
    #[must_use]
    pub fn is_superusers(&self) -> bool {
        self.name == SUPERUSERS
    }
}

/// Letters, digits and underscores of ASCII.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `_via_` stands between a collection and a field in paths of rules.
fn has_via(text: &str) -> bool {
    text.to_ascii_lowercase().contains("_via_")
}

fn is_internal_table(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("sqlite_") || INTERNAL_TABLES.contains(&name.as_str())
}

#[cfg(test)]
mod tests;
