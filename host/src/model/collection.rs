//! A collection: its kind, fields, indexes and rules.

pub mod auth;
pub mod check;
pub mod defaults;
pub mod mail;
pub mod providers;
pub mod stored;
pub mod wire;

use super::index::Index;
use super::{Field, FieldKind};

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

    /// The columns of which an index finds all rows with a value: those that an index of the definition begins with, and
    /// the single relations, to which the host makes one (`schema/relations.rs`).
    #[must_use]
    pub fn indexed_columns(&self) -> Vec<String> {
        let mut columns = self.leading_columns();
        columns.extend(self.relations_without_index().map(|field| field.name.clone()));
        columns
    }

    /// The single relations that no index of the definition begins with.
    pub fn relations_without_index(&self) -> impl Iterator<Item = &Field> {
        let known = self.leading_columns();
        self.single_relations()
            .filter(move |field| !known.iter().any(|column| column.eq_ignore_ascii_case(&field.name)))
    }

    /// The relations that are columns with one id; a view's are not stored.
    pub fn single_relations(&self) -> impl Iterator<Item = &Field> {
        let is_single = |field: &&Field| matches!(field.kind, FieldKind::Relation(_)) && !field.kind.is_multiple();
        self.fields.iter().filter(|_| !self.is_view()).filter(is_single)
    }

    fn leading_columns(&self) -> Vec<String> {
        let parsed = self.indexes.iter().filter_map(|index| Index::parse(index));
        parsed.filter_map(|index| index.leading_column().map(str::to_owned)).collect()
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
