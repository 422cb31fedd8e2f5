//! What a collection has by its kind: system fields with their flags, indexes, ids.

use super::{Collection, Kind};
use crate::model::field::{boolean, email, password, text, wire};
use crate::model::index::Index;
use crate::model::{Field, FieldKind, Value};

/// The collection of superusers: its records may do anything.
pub const SUPERUSERS: &str = "_superusers";

/// Suffixes tried for an id that is taken.
const SUFFIX_END: u32 = 1000;

/// The names of indexes that fields own begin so; the ids of their collection and of the field follow.
const UNIQUE_PREFIX: &str = "unique_";

/// Longest name of an index that we make.
const INDEX_NAME_MAX: usize = 64;

/// The columns that every table has.
const ROW_IDS: [&str; 3] = ["rowid", "oid", "_rowid_"];

impl Collection {
    /// The id of a collection that came without one.
    #[must_use]
    pub fn default_id(kind: &str, name: &str) -> String {
        format!("pbc_{}", wire::checksum(&format!("{kind}{name}")))
    }

    /// Adds the system fields and indexes that are missing, corrects the flags of those that are there, and
    /// writes the indexes in one form and for this collection's table.
    pub fn complete(&mut self) {
        if self.is_view() {
            return;
        }
        self.complete_id();
        if matches!(self.kind, Kind::Auth(_)) {
            self.complete_auth();
        }
        self.complete_unique();
        for statement in &mut self.indexes {
            if let Some(mut index) = Index::parse(statement) {
                index.table.clone_from(&self.name);
                *statement = index.render();
            }
        }
        self.complete_options();
    }

    /// Gives the texts of indexes that a former definition has not the quotes of texts. What is or was a field's name is none:
    /// an index that names a field that has gone is a mistake.
    pub(super) fn settle_texts(&mut self, former: &Self) {
        let fields = self.fields.iter().chain(&former.fields);
        let names: Vec<&str> = fields.map(|field| field.name.as_str()).chain(ROW_IDS).collect();
        let is_column = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        for statement in self.indexes.iter_mut().filter(|statement| !former.indexes.contains(statement)) {
            if let Some(mut index) = Index::parse(statement) {
                index.settle_texts(is_column);
                *statement = index.render();
            }
        }
    }

    fn complete_id(&mut self) {
        let is_key = |field: &&mut Field| field.name == "id" && matches!(field.kind, FieldKind::Text(_));
        if let Some(field) = self.fields.iter_mut().find(is_key) {
            field.system = true;
            field.required = true;
            field.hidden = false;
            if let FieldKind::Text(text) = &mut field.kind {
                text.primary_key = true;
                if text.pattern.is_empty() {
                    text.pattern = text::ID_PATTERN.into();
                }
            }
            return;
        }
        let key = Field { system: true, required: true, ..Field::new("id", text::Text::id()) };
        // One that was made something else is no key, which is said of the list then.
        if self.fields.iter().all(|field| field.id != key.id) {
            self.fields.insert(0, key);
        }
    }

    fn complete_auth(&mut self) {
        let token_key =
            text::Text { min: 30, max: 60, autogenerate_pattern: "[a-zA-Z0-9]{50}".into(), ..text::Text::default() };
        let password = password::Password { min: 8, ..password::Password::default() };
        let hidden = self.system_field("password", password);
        hidden.hidden = true;
        hidden.required = true;
        let hidden = self.system_field("tokenKey", token_key);
        hidden.hidden = true;
        hidden.required = true;
        let known = self.field("email").is_some();
        let email = self.system_field("email", email::Email::default());
        // Who sees it is decided by `emailVisibility`.
        email.hidden = false;
        email.required |= !known;
        self.system_field("emailVisibility", boolean::Bool::default());
        self.system_field("verified", boolean::Bool::default());
        if !Index::is_unique_on(&self.indexes, "tokenKey") {
            let name = self.index_name("tokenKey");
            self.indexes.push(format!("CREATE UNIQUE INDEX `{name}` ON `{}` (`tokenKey`)", self.name));
        }
        if !Index::is_unique_on(&self.indexes, "email") {
            let name = self.index_name("email");
            self.indexes.push(format!("CREATE UNIQUE INDEX `{name}` ON `{}` (`email`) WHERE `email` != ''", self.name));
        }
    }

    /// The system field of that name and kind, added when it is missing.
    fn system_field(&mut self, name: &str, kind: impl Into<FieldKind>) -> &mut Field {
        let kind = kind.into();
        let known = self.fields.iter().position(|field| field.name == name && field.kind.name() == kind.name());
        let index = known.unwrap_or_else(|| {
            self.fields.push(Field::new(name, kind));
            self.fields.len() - 1
        });
        self.fields[index].system = true;
        &mut self.fields[index]
    }

    /// Fields that are `unique` own an index, which comes, follows and goes with them.
    fn complete_unique(&mut self) {
        let owned = format!("{UNIQUE_PREFIX}{}_", self.id);
        let is_owned = |statement: &String| Index::parse(statement).is_some_and(|index| index.name.starts_with(&owned));
        self.indexes.retain(|statement| !is_owned(statement));
        for field in self.fields.iter().filter(|field| field.unique) {
            // Many may have no value, unless one is required.
            let empty = matches!(field.zero(), Value::Text(_)) && !field.required;
            let condition = if empty { format!(" WHERE `{}` != ''", field.name) } else { String::new() };
            let (table, column) = (&self.name, &field.name);
            self.indexes
                .push(format!("CREATE UNIQUE INDEX `{owned}{}` ON `{table}` (`{column}`){condition}", field.id));
        }
    }

    /// The place of the field that owns the index of that name, if one does.
    #[must_use]
    pub fn owner_of_index(&self, name: &str) -> Option<usize> {
        let field = name.strip_prefix(&format!("{UNIQUE_PREFIX}{}_", self.id))?;
        self.fields.iter().position(|known| known.unique && known.id == field)
    }

    fn index_name(&self, field: &str) -> String {
        let mut name = format!("idx_{field}_{}", self.id);
        name.truncate(INDEX_NAME_MAX);
        name
    }

    /// Options that follow from others.
    fn complete_options(&mut self) {
        let names: Vec<String> = self.fields.iter().map(|field| field.name.clone()).collect();
        let is_superusers = self.name == SUPERUSERS;
        let Kind::Auth(options) = &mut self.kind else { return };
        let mapped = &mut options.oauth2.mapped_fields;
        for field in [&mut mapped.id, &mut mapped.name, &mut mapped.username, &mut mapped.avatar_url] {
            if !names.contains(field) {
                field.clear();
            }
        }
        if is_superusers {
            options.oauth2.enabled = false;
            options.password_enabled = true;
            // A password from a mail alone would make the mailbox the key to everything.
            options.mfa.enabled |= options.otp.enabled;
        }
    }

    /// Gives a new collection whose default id is taken a free one, in the names of its indexes too.
    pub(crate) fn settle_id(&mut self, is_taken: impl Fn(&str) -> bool) {
        let default = Self::default_id(self.kind_name(), &self.name);
        if self.id != default || !is_taken(&default) {
            return;
        }
        let free = (2..SUFFIX_END).map(|suffix| format!("{default}{suffix}")).find(|id| !is_taken(id));
        self.id = free.unwrap_or_else(|| default.clone());
        for statement in &mut self.indexes {
            if let Some(mut index) = Index::parse(statement) {
                index.name = index.name.replace(&default, &self.id);
                *statement = index.render();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AuthOptions, Rules};
    use serde_json::json;

    pub(crate) fn empty(kind: Kind, name: &str) -> Collection {
        Collection {
            id: "pbc_1".into(),
            name: name.into(),
            kind,
            system: false,
            fields: Vec::new(),
            indexes: Vec::new(),
            rules: Rules::default(),
            created: String::new(),
            updated: String::new(),
        }
    }

    fn names(collection: &Collection) -> Vec<&str> {
        collection.fields.iter().map(|field| field.name.as_str()).collect()
    }

    #[test]
    fn ids_are_those_of_pocketbase() {
        assert_eq!(Collection::default_id("auth", "_superusers"), "pbc_3142635823");
        assert_eq!(Collection::default_id("base", "_externalAuths"), "pbc_2281828961");
        assert_eq!(Collection::default_id("base", "_mfas"), "pbc_2279338944");
        assert_eq!(Collection::default_id("base", "_otps"), "pbc_1638494021");
        assert_eq!(Collection::default_id("base", "_authOrigins"), "pbc_4275539003");
    }

    #[test]
    fn an_auth_collection_is_completed() {
        let mut users = empty(Kind::Auth(Box::default()), "users");
        users.complete();
        assert_eq!(names(&users), ["id", "password", "tokenKey", "email", "emailVisibility", "verified"]);
        assert!(users.fields.iter().all(|field| field.system));
        let hidden: Vec<_> =
            users.fields.iter().filter(|field| field.hidden).map(|field| field.name.as_str()).collect();
        assert_eq!(hidden, ["password", "tokenKey"]);
        assert_eq!(
            users.indexes,
            [
                "CREATE UNIQUE INDEX `idx_tokenKey_pbc_1` ON `users` (`tokenKey`)",
                "CREATE UNIQUE INDEX `idx_email_pbc_1` ON `users` (`email`) WHERE `email` != ''",
            ]
        );
        let before = users.clone();
        users.complete();
        assert_eq!(users, before);
        users.name = "members".into();
        users.complete();
        assert!(users.indexes.iter().all(|index| index.contains("ON `members`")));
    }

    #[test]
    fn given_system_fields_keep_their_options() {
        let mut users = empty(Kind::Auth(Box::default()), "users");
        let password = json!({"name": "password", "type": "password", "min": 10, "cost": 5, "id": "p1"});
        users.fields = vec![Field::from_json(&password).unwrap(), Field::new("nick", text::Text::default())];
        users.complete();
        assert_eq!(names(&users), ["id", "password", "nick", "tokenKey", "email", "emailVisibility", "verified"]);
        let password = &users.fields[1];
        assert!(password.system && password.hidden && password.required && password.id == "p1");
        assert!(matches!(&password.kind, FieldKind::Password(password) if password.min == 10));
    }

    #[test]
    fn the_key_keeps_its_pattern() {
        let mut posts = empty(Kind::Base, "posts");
        let id = json!({"name": "id", "type": "text", "id": "x", "pattern": "^.+$", "hidden": true});
        posts.fields = vec![Field::from_json(&id).unwrap()];
        posts.complete();
        let id = &posts.fields[0];
        assert!(id.system && id.required && !id.hidden && id.is_primary_key());
        assert!(matches!(&id.kind, FieldKind::Text(text) if text.pattern.as_str() == "^.+$"));
    }

    #[test]
    fn superusers_always_have_passwords() {
        let mut options = AuthOptions { password_enabled: false, ..AuthOptions::default() };
        options.oauth2.enabled = true;
        options.otp.enabled = true;
        options.oauth2.mapped_fields.name = "gone".into();
        let mut superusers = empty(Kind::Auth(Box::new(options)), SUPERUSERS);
        superusers.complete();
        let options = superusers.auth().unwrap();
        assert!(options.password_enabled && !options.oauth2.enabled && options.mfa.enabled);
        assert_eq!(options.oauth2.mapped_fields.name, "");
    }

    #[test]
    fn a_taken_default_id_gets_a_suffix() {
        let mut users = empty(Kind::Auth(Box::default()), "users");
        users.id = Collection::default_id("auth", "users");
        users.complete();
        let taken = users.id.clone();
        users.settle_id(|id| id == taken || id == format!("{taken}2"));
        assert_eq!(users.id, format!("{taken}3"));
        assert!(users.indexes[0].contains(&format!("idx_tokenKey_{taken}3")));
        let mut own = empty(Kind::Base, "posts");
        own.settle_id(|_| true);
        assert_eq!(own.id, "pbc_1");
    }
}
