//! A collection: its kind, fields, indexes and rules.

use super::Field;

#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    pub id: String,
    pub name: String,
    pub kind: Kind,
    pub system: bool,
    pub fields: Vec<Field>,
    /// `CREATE [UNIQUE] INDEX` statements.
    pub indexes: Vec<String>,
    pub rules: Rules,
    pub created: String,
    pub updated: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Base,
    Auth(Box<AuthOptions>),
    View { query: String },
}

/// `None` is for superusers only, empty for everybody, else an expression of the rule language.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules {
    pub list: Option<String>,
    pub view: Option<String>,
    pub create: Option<String>,
    pub update: Option<String>,
    pub delete: Option<String>,
}

/// What an auth collection has beyond a base collection.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthOptions {
    /// Must match to receive a token; `None`: nobody signs in.
    pub auth_rule: Option<String>,
    /// Gives power over other records' e-mail, password and verification.
    pub manage_rule: Option<String>,
    pub password_enabled: bool,
    pub identity_fields: Vec<String>,
    pub auth_token: TokenOptions,
    /// Options that are kept and returned as they were given, by wire name (mail templates, oauth2, ...).
    pub other: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TokenOptions {
    pub duration_s: u64,
    /// Never leaves the server.
    pub secret: String,
}

impl Collection {
    #[must_use]
    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    #[must_use]
    pub fn auth(&self) -> Option<&AuthOptions> {
        match &self.kind {
            Kind::Auth(options) => Some(options),
            Kind::Base | Kind::View { .. } => None,
        }
    }

    #[must_use]
    pub fn is_view(&self) -> bool {
        matches!(self.kind, Kind::View { .. })
    }

    /// The word in the wire's `type`.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Base => "base",
            Kind::Auth(_) => "auth",
            Kind::View { .. } => "view",
        }
    }
}
