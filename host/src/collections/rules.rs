//! Checks the rules of a collection against the catalog as it would be; and lets those who write rules check
//! and try one.

mod decision;
mod statement;
mod text;
mod trial;

pub use text::check_rule;
pub use trial::try_rule;

use crate::error::{FieldError, FieldErrors};
use crate::model::{Collection, Kind};
use crate::schema::catalog::Catalog;

/// Adds an error for each rule that does not parse or names something unknown.
pub(super) fn check(catalog: &Catalog, new: &Collection, errors: &mut FieldErrors) {
    let rules = &new.rules;
    let mut all = vec![
        ("listRule", &rules.list),
        ("viewRule", &rules.view),
        ("createRule", &rules.create),
        ("updateRule", &rules.update),
        ("deleteRule", &rules.delete),
    ];
    if let Kind::Auth(options) = &new.kind {
        all.push(("authRule", &options.auth_rule));
        all.push(("manageRule", &options.manage_rule));
    }
    for (name, rule) in all {
        let Some(text) = rule.as_deref().filter(|text| !text.trim().is_empty()) else { continue };
        if let Err(error) = catalog.check(text, new) {
            let message = format!("Invalid rule. Raw error: {error}");
            errors.add(name, FieldError::new("validation_invalid_rule", message));
        }
    }
}
