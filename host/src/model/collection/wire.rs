//! A collection as superusers send and see it.

use super::{AuthOptions, Collection, Kind, Rules};
use crate::error::{FieldErrors, code};
use crate::model::field::wire as field_wire;
use serde_json::{Map, Value as Json, json};

/// The words in `type`.
pub const KINDS: [&str; 3] = ["base", "auth", "view"];

impl Collection {
    /// A new collection from what a superuser sent: defaults of its kind, system fields and indexes added, fresh
    /// secrets. `secret` returns so many random characters. Unknown keys are ignored.
    ///
    /// # Errors
    /// An unknown type, and the keys whose values have the wrong type.
    pub fn from_json(
        input: &Map<String, Json>,
        now: &str,
        secret: &mut dyn FnMut(usize) -> String,
    ) -> Result<Self, FieldErrors> {
        let kind = match input.get("type") {
            None | Some(Json::Null) => "base",
            Some(Json::String(kind)) if kind.is_empty() => "base",
            Some(kind) => kind.as_str().unwrap_or("?"),
        };
        let Some(mut new) = Self::empty(kind) else {
            return Err(FieldErrors::one("type", code::IN_INVALID));
        };
        if let Kind::Auth(options) = &mut new.kind {
            options.add_secrets(secret);
        }
        now.clone_into(&mut new.created);
        new.apply_json(input, now, secret)?;
        Ok(new)
    }

    /// Puts what a superuser sent over this definition. `fields` and `indexes` replace the lists; auth options are
    /// merged and secrets kept; null leaves everything but rules as it is. Who changes the auth rule signs everybody out.
    ///
    /// # Errors
    /// A change of type, and the keys whose values have the wrong type.
    pub fn apply_json(
        &mut self,
        input: &Map<String, Json>,
        now: &str,
        secret: &mut dyn FnMut(usize) -> String,
    ) -> Result<(), FieldErrors> {
        let mut new = self.clone();
        let mut errors = FieldErrors::default();
        for (key, value) in input {
            if let Some(rule) = new.rules.named_mut(key) {
                match value {
                    Json::Null => *rule = None,
                    Json::String(text) => *rule = Some(text.clone()),
                    _ => errors.add(key, code::INVALID_VALUE),
                }
            } else if !value.is_null() {
                new.apply_key(key, value, &mut errors);
            }
        }
        if let Kind::Auth(options) = &mut new.kind {
            let rule = options.auth_rule.clone().unwrap_or_default();
            if let Err(wrong) = options.apply(input) {
                errors.0.extend(wrong.0);
            }
            if options.auth_rule.as_deref().unwrap_or_default() != rule {
                options.auth_token.secret = secret(super::auth::SECRET_LENGTH);
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        if new.id.is_empty() {
            new.id = Self::default_id(new.kind_name(), &new.name);
        }
        now.clone_into(&mut new.updated);
        new.settle_texts(self);
        new.complete();
        *self = new;
        Ok(())
    }

    fn apply_key(&mut self, key: &str, value: &Json, errors: &mut FieldErrors) {
        match (key, value) {
            ("id", Json::String(text)) => self.id.clone_from(text),
            ("name", Json::String(text)) => self.name.clone_from(text),
            ("type", Json::String(text)) if text.is_empty() || text == self.kind_name() => {}
            ("type", Json::String(_)) => errors.add(key, code::COLLECTION_TYPE_CHANGE),
            ("system", Json::Bool(system)) => self.system = *system,
            // A view's fields follow from its query.
            ("fields", Json::Array(_)) if self.is_view() => {}
            ("fields", Json::Array(definitions)) => match field_wire::list_from_json(&self.with_known_ids(definitions))
            {
                Ok(fields) => self.fields = fields,
                Err(wrong) => errors.nest(key, wrong),
            },
            ("indexes", Json::Array(statements)) => {
                let is_text = |statement: &Json| statement.is_string() || statement.is_null();
                let mut wrong = FieldErrors::default();
                for (position, _) in statements.iter().enumerate().filter(|(_, statement)| !is_text(statement)) {
                    wrong.add(&position.to_string(), code::INVALID_VALUE);
                }
                if wrong.is_empty() {
                    let texts = statements.iter().map(|statement| statement.as_str().unwrap_or_default().to_owned());
                    self.indexes = texts.collect();
                } else {
                    errors.nest(key, wrong);
                }
            }
            ("viewQuery", value) => {
                if let Kind::View { query } = &mut self.kind {
                    match value.as_str() {
                        Some(text) => text.trim().trim_end_matches(';').clone_into(query),
                        None => errors.add(key, code::INVALID_VALUE),
                    }
                }
            }
            ("id" | "name" | "type" | "system" | "fields" | "indexes", _) => errors.add(key, code::INVALID_VALUE),
            _ => {}
        }
    }

    /// A definition without an id means the field that has its name and kind, whatever its id.
    fn with_known_ids(&self, definitions: &[Json]) -> Vec<Json> {
        let known = |definition: &Json| {
            let anonymous = definition.get("id").and_then(Json::as_str).is_none_or(str::is_empty);
            let field = definition.get("name").and_then(Json::as_str).and_then(|name| self.field(name))?;
            let id = field.id.as_str();
            let taken = definitions.iter().any(|other| other.get("id").and_then(Json::as_str) == Some(id));
            (anonymous && !taken && definition["type"] == field.kind.name()).then_some(id)
        };
        let completed = definitions.iter().map(|definition| match (known(definition), definition.clone()) {
            (Some(id), Json::Object(mut object)) => {
                object.insert("id".to_owned(), json!(id));
                Json::Object(object)
            }
            (_, definition) => definition,
        });
        completed.collect()
    }

    /// The definition as superusers see it: without secrets, keys in alphabetical order.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut object = match &self.kind {
            Kind::Base => Map::new(),
            Kind::Auth(options) => options.to_json(),
            Kind::View { query } => Map::from_iter([("viewQuery".to_owned(), json!(query))]),
        };
        for (name, rule) in self.rules.named() {
            object.insert(name.to_owned(), json!(rule));
        }
        object.insert("id".to_owned(), json!(self.id));
        object.insert("name".to_owned(), json!(self.name));
        object.insert("type".to_owned(), json!(self.kind_name()));
        object.insert("system".to_owned(), json!(self.system));
        object.insert("fields".to_owned(), self.fields.iter().map(crate::model::Field::to_json).collect());
        object.insert("indexes".to_owned(), json!(self.indexes));
        object.insert("created".to_owned(), json!(self.created));
        object.insert("updated".to_owned(), json!(self.updated));
        object.sort_keys();
        Json::Object(object)
    }

    /// An empty definition of a kind for editors to start from; null for an unknown kind. Indexes are left out:
    /// they would carry the id of a collection that does not exist, and are added when it does.
    #[must_use]
    pub fn scaffold(kind: &str) -> Json {
        let Some(mut scaffold) = Self::empty(kind) else { return Json::Null };
        scaffold.complete();
        scaffold.indexes.clear();
        scaffold.to_json()
    }

    /// A collection of a kind without anything.
    fn empty(kind: &str) -> Option<Self> {
        let kind = match kind {
            "base" => Kind::Base,
            "auth" => Kind::Auth(Box::<AuthOptions>::default()),
            "view" => Kind::View { query: String::new() },
            _ => return None,
        };
        Some(Self {
            id: String::new(),
            name: String::new(),
            kind,
            system: false,
            fields: Vec::new(),
            indexes: Vec::new(),
            rules: Rules::default(),
            created: String::new(),
            updated: String::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2024-01-01 00:00:00.000Z";

    fn object(value: Json) -> Map<String, Json> {
        serde_json::from_value(value).unwrap()
    }

    fn create(input: Json) -> Result<Collection, FieldErrors> {
        Collection::from_json(&object(input), NOW, &mut |length| "s".repeat(length))
    }

    fn update(collection: &mut Collection, input: Json) -> Result<(), FieldErrors> {
        collection.apply_json(&object(input), "2024-02-02 00:00:00.000Z", &mut |length| "t".repeat(length))
    }

    fn names(collection: &Collection) -> Vec<&str> {
        collection.fields.iter().map(|field| field.name.as_str()).collect()
    }

    #[test]
    fn a_base_collection_has_an_id_and_null_rules() {
        let posts = create(json!({"name": "posts", "fields": [{"name": "a", "type": "text"}]})).unwrap();
        assert_eq!(posts.id, Collection::default_id("base", "posts"));
        assert_eq!(names(&posts), ["id", "a"]);
        let json = posts.to_json();
        let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "createRule",
            "created",
            "deleteRule",
            "fields",
            "id",
            "indexes",
            "listRule",
            "name",
            "system",
            "type",
            "updateRule",
            "updated",
            "viewRule",
        ];
        assert_eq!(keys, expected);
        assert_eq!((&json["listRule"], &json["indexes"], &json["created"]), (&Json::Null, &json!([]), &json!(NOW)));
        assert_eq!(json["fields"][0]["autogeneratePattern"], "[a-z0-9]{15}");
    }

    #[test]
    fn a_patch_is_partial() {
        let mut posts =
            create(json!({"name": "posts", "viewRule": "", "fields": [{"name": "a", "type": "text"}]})).unwrap();
        let fields = posts.fields.clone();
        update(&mut posts, json!({"listRule": "", "updateRule": null, "name": null, "unknown": {}})).unwrap();
        assert_eq!((posts.rules.view.as_deref(), posts.rules.list.as_deref()), (Some(""), Some("")));
        assert_eq!(
            (&posts.fields, posts.created.as_str(), posts.updated.as_str()),
            (&fields, NOW, "2024-02-02 00:00:00.000Z")
        );
        update(&mut posts, json!({"listRule": null, "fields": [{"name": "b", "type": "bool"}]})).unwrap();
        assert_eq!((posts.rules.list.as_deref(), names(&posts)), (None, vec!["id", "b"]));
    }

    #[test]
    fn lists_replace_and_indexes_follow_the_name() {
        let mut posts = create(json!({"name": "posts", "indexes": ["create index i on x (id)"]})).unwrap();
        assert_eq!(posts.indexes, ["CREATE INDEX `i` ON `posts` (`id`)"]);
        update(&mut posts, json!({"name": "notes"})).unwrap();
        assert_eq!(posts.indexes, ["CREATE INDEX `i` ON `notes` (`id`)"]);
        update(&mut posts, json!({"indexes": []})).unwrap();
        assert!(posts.indexes.is_empty());
        let mut users = create(json!({"name": "users", "type": "auth"})).unwrap();
        let before = users.indexes.clone();
        update(&mut users, json!({"indexes": []})).unwrap();
        assert_eq!(users.indexes, before);
    }

    #[test]
    fn a_field_without_an_id_is_the_one_of_its_name() {
        let mut posts =
            create(json!({"name": "posts", "fields": [{"name": "a", "type": "text", "id": "x1"}]})).unwrap();
        update(&mut posts, json!({"fields": [{"name": "a", "type": "text", "max": 5}, {"name": "b", "type": "text"}]}))
            .unwrap();
        assert_eq!((posts.field("a").unwrap().id.as_str(), posts.fields.len()), ("x1", 3));
        // Not where somebody else has its id, nor as another kind.
        let renamed = json!([{"name": "c", "type": "text", "id": "x1"}, {"name": "a", "type": "text"}]);
        update(&mut posts, json!({"fields": renamed})).unwrap();
        assert_eq!((posts.field("c").unwrap().id.as_str(), names(&posts)), ("x1", vec!["id", "c", "a"]));
        update(&mut posts, json!({"fields": [{"name": "c", "type": "bool"}]})).unwrap();
        assert_ne!(posts.field("c").unwrap().id, "x1");
    }

    #[test]
    fn auth_options_merge_and_secrets_stay() {
        let mut users = create(json!({"name": "users", "type": "auth", "otp": {"enabled": true}})).unwrap();
        assert_eq!(users.auth().unwrap().auth_token.secret, "s".repeat(50));
        assert!(users.auth().unwrap().otp.enabled);
        update(&mut users, json!({"authToken": {"duration": 7200}})).unwrap();
        let token = &users.auth().unwrap().auth_token;
        assert_eq!((token.duration_s, token.secret.as_str()), (7200, "s".repeat(50).as_str()));
        update(&mut users, json!({"authRule": "verified = true"})).unwrap();
        assert_eq!(users.auth().unwrap().auth_token.secret, "t".repeat(50));
        let json = users.to_json();
        assert_eq!(json["authToken"], json!({"duration": 7200}));
        assert!(!json.to_string().contains("ssss"));
    }

    #[test]
    fn a_type_is_known_and_fixed() {
        assert_eq!(
            create(json!({"name": "x", "type": "weird"})).unwrap_err(),
            FieldErrors::one("type", code::IN_INVALID)
        );
        assert_eq!(create(json!({"name": "x", "type": 5})).unwrap_err(), FieldErrors::one("type", code::IN_INVALID));
        let mut posts = create(json!({"name": "posts"})).unwrap();
        let refused = update(&mut posts, json!({"type": "auth"})).unwrap_err();
        assert_eq!(refused, FieldErrors::one("type", code::COLLECTION_TYPE_CHANGE));
    }

    #[test]
    fn wrong_types_are_blamed_by_key() {
        let wrong = json!({
            "name": 1, "fields": [{"type": "x"}], "indexes": [1], "listRule": 5, "system": "yes", "type": "auth", "mfa": 5, "id": [],
        });
        let errors = create(wrong).unwrap_err();
        assert_eq!(
            errors.0.into_keys().collect::<Vec<_>>(),
            ["fields", "id", "indexes", "listRule", "mfa", "name", "system"]
        );
    }

    #[test]
    fn a_view_has_a_query_and_no_fields_of_its_own() {
        let view = create(
            json!({"name": "v", "type": "view", "viewQuery": " SELECT id FROM posts; ", "fields": [{"name": "a", "type": "text"}]}),
        );
        let view = view.unwrap();
        assert!(view.fields.is_empty());
        assert_eq!(view.to_json()["viewQuery"], "SELECT id FROM posts");
    }

    #[test]
    fn scaffolds() {
        for kind in KINDS {
            let scaffold = Collection::scaffold(kind);
            assert_eq!((&scaffold["type"], &scaffold["id"], &scaffold["name"]), (&json!(kind), &json!(""), &json!("")));
        }
        assert_eq!(Collection::scaffold("base")["fields"].as_array().unwrap().len(), 1);
        assert_eq!(Collection::scaffold("auth")["fields"].as_array().unwrap().len(), 6);
        assert_eq!(Collection::scaffold("view")["fields"], json!([]));
        assert_eq!(Collection::scaffold("x"), Json::Null);
    }
}
