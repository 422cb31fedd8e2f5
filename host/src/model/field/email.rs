//! An e-mail address.

use super::options::{allows_domain, check_domains};
use super::{Behaviour, Field, column, convert};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::sql;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Email {
    /// Refused domains; only one of the lists may be set.
    pub except_domains: Vec<String>,
    /// The only allowed domains.
    pub only_domains: Vec<String>,
}

/// Whether a text has the form of an e-mail address: RFC 5322 without comments, with letters of any script.
#[must_use]
pub fn is_email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| is_local(local) && is_host(domain))
}

fn is_local(local: &str) -> bool {
    if let Some(inner) = local.strip_prefix('"').and_then(|local| local.strip_suffix('"')) {
        return !inner.is_empty() && inner.chars().all(|c| c != '"' && c != '\\' && !c.is_control());
    }
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || c as u32 >= 0xa0;
    local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
}

fn is_host(domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let edge = |c: char| c.is_ascii_alphanumeric() || c as u32 >= 0xa0;
    let label = |label: &str| {
        label.starts_with(edge) && label.ends_with(edge) && label.chars().all(|c| edge(c) || "-_~".contains(c))
    };
    let top = |label: &str| {
        !label.starts_with(|c: char| c.is_ascii_digit()) && !label.ends_with(|c: char| c.is_ascii_digit())
    };
    domain.contains('.') && domain.split('.').all(label) && domain.rsplit('.').next().is_some_and(top)
}

impl Behaviour for Email {
    const NAME: &'static str = "email";

    fn zero(&self) -> Value {
        Value::Text(String::new())
    }

    fn column(&self) -> &'static str {
        "TEXT DEFAULT '' NOT NULL"
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        Value::Text(convert::to_text(input))
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        let text = value.as_text().unwrap_or_default();
        if !is_email(text) {
            return Err(code::IS_EMAIL.into());
        }
        let domain = text.rsplit('@').next().unwrap_or_default();
        if allows_domain(domain, &self.except_domains, &self.only_domains) {
            Ok(())
        } else {
            Err(code::EMAIL_DOMAIN_NOT_ALLOWED.into())
        }
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        Value::Text(column::text(stored))
    }

    fn store(&self, value: &Value) -> sql::Value {
        sql::Value::Text(value.as_text().unwrap_or_default().to_owned())
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        column::write_text(stored, out);
    }

    fn check_options(&self, _field: &Field, errors: &mut FieldErrors) {
        check_domains(errors, &self.except_domains, &self.only_domains);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form() {
        for text in
            ["a@example.com", "a.b+c@sub.example.co.uk", "ž@příklad.cz", "\"a b\"@example.com", "a@b.c", "o'x@a-b.cd"]
        {
            assert!(is_email(text), "{text}");
        }
        for text in [
            "",
            "a",
            "a@",
            "@b.c",
            "a@b",
            "a b@c.de",
            "a..b@c.de",
            ".a@c.de",
            "a@-b.cd",
            "a@b_.cd",
            "a@b.1",
            "a@b..cd",
            "a@b@c d.ef",
            "a\n@b.cd",
        ] {
            assert!(!is_email(text), "{text}");
        }
    }

    #[test]
    fn domains() {
        let code = |email: &Email, text: &str| {
            email.check(&Value::Text(text.into())).err().map(|error| error.code.into_owned())
        };
        let only = Email { only_domains: vec!["example.com".into()], ..Email::default() };
        assert_eq!(code(&only, "a@EXAMPLE.com"), None);
        assert_eq!(code(&only, "a@other.com").as_deref(), Some("validation_email_domain_not_allowed"));
        assert_eq!(code(&only, "x").as_deref(), Some("validation_is_email"));
        let except = Email { except_domains: vec!["bad.com".into()], ..Email::default() };
        assert_eq!(code(&except, "a@example.com"), None);
        assert_eq!(code(&except, "a@bad.com").as_deref(), Some("validation_email_domain_not_allowed"));
    }

    #[test]
    fn options_have_their_wire_names() {
        let wire = serde_json::json!({"exceptDomains": ["a.com"], "onlyDomains": []});
        let email: Email = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(serde_json::to_value(email).unwrap(), wire);
    }
}
