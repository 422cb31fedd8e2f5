//! What the command line can ask for, as data: carried out here, whether the command opened the data
//! directory itself or sent the request to the server that holds it ([`super::socket`]).

use super::Host;
use crate::activity;
use crate::auth::{keys, superusers};
use crate::collections;
use crate::error::{Error, Result};
use crate::records::ListQuery;
use crate::schema::catalog::Catalog;
use crate::settings::Asked;
use crate::tenant::Cx;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Length of a password that is made up.
const PASSWORD_LENGTH: usize = 20;

/// Collections answered in one list.
const LIST_MAX: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    SuperuserCreate {
        email: String,
        password: String,
    },
    SuperuserUpdate {
        email: String,
        password: String,
    },
    SuperuserUpsert {
        email: String,
        password: String,
    },
    SuperuserReset {
        email: String,
    },
    SuperuserDelete {
        email: String,
    },
    SuperuserList,
    SuperuserIps {
        networks: Option<Vec<String>>,
    },
    KeyCreate {
        input: Map<String, Value>,
    },
    KeyList,
    KeyRevoke {
        id: String,
    },
    CollectionCreate {
        definition: Map<String, Value>,
    },
    CollectionList,
    Types,
    BackupCreate {
        name: String,
    },
    BackupList,
    /// A name, or an absolute path.
    BackupVerify {
        archive: String,
    },
    BackupFetch {
        key: String,
        target: PathBuf,
    },
    BackupDelete {
        key: String,
    },
    /// As for `BackupVerify`.
    BackupRestore {
        archive: String,
    },
}

impl Command {
    /// Whether it is about what is there already. Whoever asks for it in an empty directory has mistaken the directory.
    /// Backups may lie `elsewhere`, in a bucket that is configured, and be what an empty directory is to be filled with.
    #[must_use]
    pub fn needs_data(&self, elsewhere: bool) -> bool {
        match self {
            Self::SuperuserUpdate { .. }
            | Self::SuperuserReset { .. }
            | Self::SuperuserDelete { .. }
            | Self::SuperuserList
            | Self::KeyList
            | Self::KeyRevoke { .. }
            | Self::CollectionList
            | Self::Types
            | Self::BackupCreate { .. } => true,
            Self::SuperuserIps { networks } => networks.is_none(),
            Self::BackupList | Self::BackupFetch { .. } | Self::BackupDelete { .. } => !elsewhere,
            Self::BackupVerify { archive } | Self::BackupRestore { archive } => {
                !elsewhere && !Path::new(archive).is_absolute()
            }
            Self::SuperuserCreate { .. }
            | Self::SuperuserUpsert { .. }
            | Self::KeyCreate { .. }
            | Self::CollectionCreate { .. } => false,
        }
    }
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
        Command::SuperuserReset { email } => {
            let password = cx.tenant.world.ids.secret(PASSWORD_LENGTH);
            superusers::set_password(&cx, &email, &password).await.map_err(|error| name_superuser(error, &email))?;
            Ok(json!({"email": email, "password": password}))
        }
        Command::SuperuserDelete { email } => {
            superusers::delete(&cx, &email).await.map_err(|error| name_superuser(error, &email))?;
            Ok(json!({"email": email}))
        }
        Command::SuperuserList => Ok(json!(superusers::list(&cx).await?)),
        Command::SuperuserIps { networks } => superuser_ips(host, &cx, networks).await,
        Command::KeyCreate { input } => keys::create(&cx, &input).await,
        Command::KeyList => Ok(json!(keys::list(&cx).await?)),
        Command::KeyRevoke { id } => {
            let key = id.clone();
            let change = async move { keys::revoke(&cx, &key).await };
            let revoked = host.default_tenant().realtime.change_key(&id, change).await;
            revoked.map_err(|error| match error {
                Error::NotFound(_) => Error::NotFound(format!("There is no key `{id}`.").into()),
                other => other,
            })?;
            Ok(json!({"id": id}))
        }
        Command::CollectionCreate { mut definition } => {
            name_relations(&cx.catalog, &mut definition);
            Ok(collections::create(&cx, &definition).await?.json)
        }
        Command::CollectionList => list_collections(&cx).await,
        Command::BackupCreate { name } => Ok(json!({"key": host.default_tenant().backups.create(&cx, &name).await?})),
        Command::BackupList => host.default_tenant().backups.list().await,
        Command::BackupVerify { archive } => host.default_tenant().backups.verify(&archive).await,
        Command::BackupFetch { key, target } => {
            host.default_tenant().backups.fetch(&key, &target).await?;
            Ok(json!({"key": key}))
        }
        Command::BackupDelete { key } => {
            host.default_tenant().backups.delete(&cx, &key).await?;
            Ok(json!({"key": key}))
        }
        Command::BackupRestore { archive } => {
            host.default_tenant().backups.stage(&cx, &archive).await?;
            host.again.ask();
            Ok(json!({"archive": archive}))
        }
        Command::Types => {
            let all: Vec<_> = cx.catalog.collections().cloned().collect();
            Ok(json!(collections::typescript(&all, true)))
        }
    }
}

/// From where superusers may come; changed when networks are given.
async fn superuser_ips(host: &Host, cx: &Cx, networks: Option<Vec<String>>) -> Result<Value> {
    if let Some(networks) = networks {
        let Value::Object(patch) = json!({"superuserIPs": networks}) else { return Ok(Value::Null) };
        let asked = Asked { patch, from: None, seen: None, beside: activity::of_settings(cx) };
        host.default_tenant().realtime.change_settings(asked).await?;
    }
    Ok(json!(cx.tenant.settings.load().superuser_ips))
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
