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
        if let Err(error) = check_one(catalog, new, Some(&options.mfa.rule)) {
            errors.nest("mfa", FieldErrors::one("rule", error));
        }
        all.push(("authRule", &options.auth_rule));
        all.push(("manageRule", &options.manage_rule));
    }
    for (name, rule) in all {
        if let Err(error) = check_one(catalog, new, rule.as_deref()) {
            errors.add(name, error);
        }
    }
}

fn check_one(catalog: &Catalog, new: &Collection, rule: Option<&str>) -> Result<(), FieldError> {
    let Some(text) = rule.filter(|text| !text.trim().is_empty()) else { return Ok(()) };
    let checked = catalog.check(text, new).map(|_| ());
    checked.map_err(|error| FieldError::new("validation_invalid_rule", format!("Invalid rule. Raw error: {error}")))
}
