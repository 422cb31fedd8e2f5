//! What the command line can ask for, as data: carried out here, whether the command opened the data
//! directory itself or sent the request to the server that holds it ([`super::socket`]).

use super::Host;
use crate::auth::superusers;
use crate::collections;
use crate::error::{Error, Result};
use crate::records::ListQuery;
use crate::schema::catalog::Catalog;
use crate::tenant::Cx;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Collections answered in one list.
const LIST_MAX: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    SuperuserCreate { email: String, password: String },
    SuperuserUpdate { email: String, password: String },
    SuperuserUpsert { email: String, password: String },
    SuperuserDelete { email: String },
    SuperuserList,
    CollectionCreate { definition: Map<String, Value> },
    CollectionList,
    Types,
}

/// Carries out a command as the server itself and answers with its data.
///
/// # Errors
/// As the verb behind it.
pub async fn execute(host: &Host, command: Command) -> Result<Value> {
    let cx = Cx::system(host.default_tenant().tenant.clone());
    match command {
        Command::SuperuserCreate { email, password } => {
            let record = superusers::create(&cx, &email, &password).await?;
            Ok(json!({"id": record.id(), "email": email}))
        }
        Command::SuperuserUpdate { email, password } => {
            superusers::set_password(&cx, &email, &password).await.map_err(|error| name_superuser(error, &email))?;
            Ok(json!({"email": email}))
        }
        Command::SuperuserUpsert { email, password } => {
            superusers::upsert(&cx, &email, &password).await?;
            Ok(json!({"email": email}))
        }
        Command::SuperuserDelete { email } => {
            superusers::delete(&cx, &email).await.map_err(|error| name_superuser(error, &email))?;
            Ok(json!({"email": email}))
        }
        Command::SuperuserList => Ok(json!(superusers::list(&cx).await?)),
        Command::CollectionCreate { mut definition } => {
            name_relations(&cx.catalog, &mut definition);
            collections::create(&cx, &definition).await
        }
        Command::CollectionList => list_collections(&cx).await,
        Command::Types => {
            let all: Vec<_> = cx.catalog.collections().cloned().collect();
            Ok(json!(collections::typescript(&all, true)))
        }
    }
}

async fn list_collections(cx: &Cx) -> Result<Value> {
    let query =
        ListQuery { per_page: Some(LIST_MAX.to_string()), sort: Some("name".to_owned()), ..ListQuery::default() };
    let mut page = collections::list(cx, &query).await?;
    Ok(page["items"].take())
}

fn name_superuser(error: Error, email: &str) -> Error {
    match error {
        Error::NotFound(_) => Error::NotFound(format!("There is no superuser `{email}`.").into()),
        other => other,
    }
}

/// On the command line a relation may name its collection instead of giving the id.
fn name_relations(catalog: &Catalog, definition: &mut Map<String, Value>) {
    let fields = definition.get_mut("fields").and_then(Value::as_array_mut).into_iter().flatten();
    for target in fields.filter_map(|field| field.get_mut("collectionId")) {
        if let Some(collection) = target.as_str().and_then(|name| catalog.collection(name)) {
            *target = Value::String(collection.id.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_lines_of_json() {
        let command = Command::SuperuserCreate { email: "a@x.example".to_owned(), password: "p\n".to_owned() };
        let line = serde_json::to_string(&command).unwrap();
        assert!(!line.contains('\n') && line.contains("\"command\":\"superuser-create\""), "{line}");
        assert_eq!(serde_json::from_str::<Command>(&line).unwrap(), command);
    }
}
