//! A date that the server sets when a record is made or changed; what clients send is ignored.

use super::{Behaviour, Field, date};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::sql;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Autodate {
    pub on_create: bool,
    pub on_update: bool,
}

impl Autodate {
    /// Whether this write sets it.
    #[must_use]
    pub fn sets_on(&self, is_create: bool) -> bool {
        if is_create { self.on_create } else { self.on_update }
    }
}

impl Behaviour for Autodate {
    const NAME: &'static str = "autodate";

    fn zero(&self) -> Value {
        Value::Text(String::new())
    }

    fn column(&self) -> &'static str {
        "TEXT DEFAULT '' NOT NULL"
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        date::normalise(input)
    }

    fn check(&self, _value: &Value) -> Result<(), FieldError> {
        Ok(())
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        date::load(stored)
    }

    fn store(&self, value: &Value) -> sql::Value {
        sql::Value::Text(value.as_text().unwrap_or_default().to_owned())
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        date::write_json(stored, out);
    }

    fn check_options(&self, _field: &Field, errors: &mut FieldErrors) {
        if !self.on_create && !self.on_update {
            for key in ["onCreate", "onUpdate"] {
                errors.add(key, code::REQUIRED.say("Either onCreate or onUpdate must be enabled."));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_an_occasion() {
        let errors = |autodate: Autodate| {
            let mut errors = FieldErrors::default();
            autodate.check_options(&Field::new("d", autodate.clone()), &mut errors);
            errors.0.len()
        };
        assert_eq!(errors(Autodate::default()), 2);
        let created = Autodate { on_create: true, on_update: false };
        assert_eq!(errors(created.clone()), 0);
        assert!(created.sets_on(true) && !created.sets_on(false));
        let wire = serde_json::json!({"onCreate": true, "onUpdate": false});
        assert_eq!(serde_json::to_value(created).unwrap(), wire);
    }
}
