//! A collection as a row of `_collections`, the way `PocketBase` stores it: fields, indexes and options are
//! JSON, and the options hold the secrets.

use super::{AuthOptions, Collection, Kind, Rules};
use crate::model::field::{column, wire as field_wire};
use crate::sql::{self, ValueRef};
use serde_json::{Map, Value as Json, json};

impl Collection {
    /// The columns of a row, in this order.
    pub const COLUMNS: [&str; 14] = [
        "id",
        "system",
        "type",
        "name",
        "fields",
        "indexes",
        "listRule",
        "viewRule",
        "createRule",
        "updateRule",
        "deleteRule",
        "options",
        "created",
        "updated",
    ];

    /// What is bound for each of [`Collection::COLUMNS`].
    #[must_use]
    pub fn to_columns(&self) -> Vec<sql::Value> {
        let fields: Json = self.fields.iter().map(crate::model::Field::to_json).collect();
        let options = match &self.kind {
            Kind::Base => json!({}),
            Kind::Auth(options) => Json::Object(options.to_stored()),
            Kind::View { query } => json!({ "viewQuery": query }),
        };
        let mut columns: Vec<sql::Value> = vec![
            self.id.as_str().into(),
            self.system.into(),
            self.kind_name().into(),
            self.name.as_str().into(),
            fields.to_string().into(),
            json!(self.indexes).to_string().into(),
        ];
        columns.extend(self.rules.named().map(|(_, rule)| rule.clone().into()));
        columns.extend([options.to_string().into(), self.created.as_str().into(), self.updated.as_str().into()]);
        columns
    }

    /// Reads a row with the columns of [`Collection::COLUMNS`].
    ///
    /// # Errors
    /// What cannot be understood, for the log.
    pub fn from_columns(columns: &[ValueRef<'_>]) -> Result<Self, String> {
        let [id, system, kind, name, fields, indexes, list, view, create, update, delete, options, created, updated] =
            columns
        else {
            return Err(format!("a collection has {} columns", columns.len()));
        };
        let name = column::text(*name);
        let context = |what: &str, detail: &dyn std::fmt::Debug| format!("collection {name}: {what}: {detail:?}");
        let definitions: Vec<Json> = parse(*fields).map_err(|error| context("fields", &error))?;
        let fields = field_wire::list_from_json(&definitions).map_err(|errors| context("fields", &errors))?;
        let indexes: Vec<String> = parse(*indexes).map_err(|error| context("indexes", &error))?;
        let options: Map<String, Json> = parse(*options).map_err(|error| context("options", &error))?;
        let kind = match column::text(*kind).as_str() {
            "base" => Kind::Base,
            "auth" => {
                Kind::Auth(Box::new(AuthOptions::from_stored(&options).map_err(|errors| context("options", &errors))?))
            }
            "view" => {
                let query = options.get("viewQuery").and_then(Json::as_str).unwrap_or_default();
                Kind::View { query: query.to_owned() }
            }
            unknown => return Err(context("type", &unknown)),
        };
        let rule = |stored: &ValueRef<'_>| (*stored != ValueRef::Null).then(|| column::text(*stored));
        Ok(Self {
            id: column::text(*id),
            kind,
            system: column::boolean(*system),
            fields,
            indexes,
            rules: Rules {
                list: rule(list),
                view: rule(view),
                create: rule(create),
                update: rule(update),
                delete: rule(delete),
            },
            created: column::text(*created),
            updated: column::text(*updated),
            name,
        })
    }
}

/// JSON of a column; nothing stored is the default.
fn parse<T: Default + serde::de::DeserializeOwned>(stored: ValueRef<'_>) -> serde_json::Result<T> {
    match column::text(stored).as_str() {
        "" | "null" => Ok(T::default()),
        text => serde_json::from_str(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn borrowed(columns: &[sql::Value]) -> Vec<ValueRef<'_>> {
        let borrow = |value| match value {
            &sql::Value::Null => ValueRef::Null,
            &sql::Value::Integer(number) => ValueRef::Integer(number),
            &sql::Value::Real(number) => ValueRef::Real(number),
            sql::Value::Text(text) => ValueRef::Text(text),
            sql::Value::Blob(bytes) => ValueRef::Blob(bytes),
        };
        columns.iter().map(borrow).collect()
    }

    #[test]
    fn every_kind_comes_back_with_its_secrets() {
        for input in [
            json!({"name": "posts", "listRule": "", "fields": [{"name": "a", "type": "number", "min": 1.5}]}),
            json!({"name": "users", "type": "auth", "indexes": ["CREATE INDEX i ON users (email)"]}),
            json!({"name": "v", "type": "view", "viewQuery": "SELECT id FROM posts"}),
        ] {
            let input = serde_json::from_value(input).unwrap();
            let collection =
                Collection::from_json(&input, "2024-01-01 00:00:00.000Z", &mut |length| "s".repeat(length)).unwrap();
            let columns = collection.to_columns();
            assert_eq!(columns.len(), Collection::COLUMNS.len());
            assert_eq!(Collection::from_columns(&borrowed(&columns)).unwrap(), collection);
        }
    }

    #[test]
    fn old_and_strange_rows() {
        let mut columns = vec![ValueRef::Null; 14];
        columns[2] = ValueRef::Text("base");
        columns[4] = ValueRef::Blob(br#"[{"type":"text","name":"t","system":false,"id":"abc"}]"#);
        let collection = Collection::from_columns(&columns).unwrap();
        assert_eq!((collection.fields.len(), collection.rules.list.as_deref(), collection.system), (1, None, false));
        columns[2] = ValueRef::Text("odd");
        assert!(Collection::from_columns(&columns).unwrap_err().contains("odd"));
        columns[4] = ValueRef::Text("[{\"type\":\"strange\"}]");
        assert!(Collection::from_columns(&columns).unwrap_err().contains("fields"));
        assert!(Collection::from_columns(&columns[1..]).is_err());
    }
}
