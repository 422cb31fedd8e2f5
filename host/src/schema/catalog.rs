//! An immutable snapshot of all collections, swapped atomically when the schema changes. An operation
//! keeps the snapshot it began with, so it never sees half a change.

use crate::model::{Collection, FieldKind, Verb};
use crate::rules::{self, Checked, Lookup, Purpose};
use crate::sql::Sql;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// What somebody wants to do with records; each has a rule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    List,
    View,
    Create,
    Update,
    Delete,
    /// To receive a token.
    Authenticate,
    /// To be asked for a second way to sign in.
    SecondFactor,
    /// To have power over another auth record's e-mail and password.
    Manage,
}

impl Operation {
    const COUNT: usize = 8;

    /// What is done with records; none where it is about the caller.
    #[must_use]
    pub fn verb(self) -> Option<Verb> {
        match self {
            Self::List => Some(Verb::List),
            Self::View => Some(Verb::View),
            Self::Create => Some(Verb::Create),
            Self::Update => Some(Verb::Update),
            Self::Delete => Some(Verb::Delete),
            Self::Authenticate | Self::SecondFactor | Self::Manage => None,
        }
    }

    fn text(self, collection: &Collection) -> Option<&str> {
        match self {
            Self::List => collection.rules.list.as_deref(),
            Self::View => collection.rules.view.as_deref(),
            Self::Create => collection.rules.create.as_deref(),
            Self::Update => collection.rules.update.as_deref(),
            Self::Delete => collection.rules.delete.as_deref(),
            Self::Authenticate => collection.auth()?.auth_rule.as_deref(),
            Self::SecondFactor => Some(&collection.auth()?.mfa.rule),
            Self::Manage => collection.auth()?.manage_rule.as_deref(),
        }
    }
}

/// A rule made ready for use.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one for each rule of each collection, and most are `When`")]
pub enum Rule {
    /// Superusers only.
    Locked,
    /// Everybody.
    Public,
    When(Checked),
    /// It refers to something that is no longer there; nobody passes.
    Broken(rules::Error),
}

/// A relation field that points at a collection.
#[derive(Debug, Clone)]
pub struct Reference {
    pub collection: Arc<Collection>,
    pub field: usize,
}

#[derive(Debug)]
struct Entry {
    collection: Arc<Collection>,
    /// The columns of a row in the order of the fields, for SELECT.
    columns: Sql,
    rules: [OnceLock<Rule>; Operation::COUNT],
    referenced_by: Vec<Reference>,
}

#[derive(Debug, Default)]
pub struct Catalog {
    entries: Vec<Entry>,
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    moment: u64,
}

/// The part of the database that a change of the schema touches, for [`crate::db::Unit::expect_untouched`].
pub const SCHEMA: &str = "schema";

impl Catalog {
    /// Builds the snapshot; the collections keep their order.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "they are the catalog's from now on")]
    pub fn new(collections: Vec<Arc<Collection>>) -> Self {
        let by_id = collections.iter().enumerate().map(|(index, collection)| (collection.id.clone(), index)).collect();
        let by_name =
            collections.iter().enumerate().map(|(index, collection)| (collection.name.to_lowercase(), index)).collect();
        let entries = collections
            .iter()
            .map(|collection| Entry {
                collection: collection.clone(),
                columns: select_columns(collection),
                rules: Default::default(),
                referenced_by: references_to(&collection.id, &collections),
            })
            .collect();
        Self { entries, by_id, by_name, moment: 0 }
    }

    /// The same, as it was at a moment of the database.
    #[must_use]
    pub fn at(self, moment: u64) -> Self {
        Self { moment, ..self }
    }

    /// The moment that it is of: what is planned by it holds until somebody touches [`SCHEMA`].
    #[must_use]
    pub fn moment(&self) -> u64 {
        self.moment
    }

    /// By id, or by name regardless of case.
    #[must_use]
    pub fn collection(&self, name_or_id: &str) -> Option<&Arc<Collection>> {
        self.entry(name_or_id).map(|entry| &entry.collection)
    }

    pub fn collections(&self) -> impl Iterator<Item = &Arc<Collection>> {
        self.entries.iter().map(|entry| &entry.collection)
    }

    /// The quoted columns of a row, in the order of the fields of just this collection: it may be an older one
    /// than the snapshot's, and its rows are read by its own fields.
    #[must_use]
    pub fn columns(&self, collection: &Collection) -> Sql {
        let entry = self.entry(&collection.id).filter(|entry| std::ptr::eq(Arc::as_ptr(&entry.collection), collection));
        entry.map_or_else(|| select_columns(collection), |entry| entry.columns.clone())
    }

    /// The relation fields that point at a collection.
    #[must_use]
    pub fn referenced_by(&self, collection_id: &str) -> &[Reference] {
        self.entry(collection_id).map_or(&[], |entry| &entry.referenced_by)
    }

    /// The rule of an operation, checked once per snapshot.
    #[must_use]
    pub fn rule(&self, collection: &Collection, operation: Operation) -> &Rule {
        static LOCKED: Rule = Rule::Locked;
        let Some(entry) = self.entry(&collection.id) else { return &LOCKED };
        entry.rules[operation as usize].get_or_init(|| match operation.text(&entry.collection) {
            None => Rule::Locked,
            Some(text) if text.trim().is_empty() => Rule::Public,
            Some(text) => match self.check(text, &entry.collection) {
                Ok(checked) => Rule::When(checked),
                Err(error) => Rule::Broken(error),
            },
        })
    }

    /// Checks a rule against this snapshot.
    ///
    /// # Errors
    /// The first mistake, with its position.
    pub fn check(&self, text: &str, collection: &Collection) -> Result<Checked, rules::Error> {
        rules::check(&rules::parse(text)?, collection, self, Purpose::Rule)
    }

    fn entry(&self, name_or_id: &str) -> Option<&Entry> {
        let index = self.by_id.get(name_or_id).or_else(|| self.by_name.get(name_or_id)).copied();
        let index = index.or_else(|| self.by_name.get(&name_or_id.to_lowercase()).copied())?;
        self.entries.get(index)
    }
}

impl Lookup for Catalog {
    fn collection(&self, name_or_id: &str) -> Option<&Collection> {
        Self::collection(self, name_or_id).map(AsRef::as_ref)
    }
}

fn select_columns(collection: &Collection) -> Sql {
    let mut sql = Sql::default();
    for (index, field) in collection.fields.iter().enumerate() {
        if index > 0 {
            sql.push(", ");
        }
        sql.column(&collection.name, &field.name);
    }
    sql
}

fn references_to(collection_id: &str, collections: &[Arc<Collection>]) -> Vec<Reference> {
    let mut references = Vec::new();
    for collection in collections.iter().filter(|collection| !collection.is_view()) {
        for (field, definition) in collection.fields.iter().enumerate() {
            if matches!(&definition.kind, FieldKind::Relation(relation) if relation.collection_id == collection_id) {
                references.push(Reference { collection: collection.clone(), field });
            }
        }
    }
    references
}
