//! A collection: its kind, fields, indexes and rules.

pub mod auth;
pub mod check;
pub mod defaults;
pub mod mail;
pub mod providers;
pub mod stored;
pub mod wire;

use super::Field;

pub use auth::{AuthOptions, Mfa, OAuth2, OAuth2Provider, Otp, TokenOptions};
pub use mail::{AuthAlert, MailTemplate};

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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    pub list: Option<String>,
    pub view: Option<String>,
    pub create: Option<String>,
    pub update: Option<String>,
    pub delete: Option<String>,
}

impl Rules {
    /// The rules with their wire names.
    #[must_use]
    pub fn named(&self) -> [(&'static str, &Option<String>); 5] {
        let Self { list, view, create, update, delete } = self;
        [("listRule", list), ("viewRule", view), ("createRule", create), ("updateRule", update), ("deleteRule", delete)]
    }

    /// A rule by its wire name.
    pub fn named_mut(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "listRule" => Some(&mut self.list),
            "viewRule" => Some(&mut self.view),
            "createRule" => Some(&mut self.create),
            "updateRule" => Some(&mut self.update),
            "deleteRule" => Some(&mut self.delete),
            _ => None,
        }
    }
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
