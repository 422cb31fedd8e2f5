//! Trying out a server before it is relied on: what will be done with it, one step after the other, told as a dialogue.

use super::follow::{ledger_of, names, one};
use super::hrana::{Batch, Remote, Trouble};
use super::shape::{OWN, Shape, drop_table};
use super::{Sync, source};
use crate::error::{Error, FieldErrors, Result, code};
use crate::settings::DatabaseSync;
use crate::sql::{Sql, Value};
use serde_json::{Map, Value as Json};

const REFUSED: &str = "Failed to test the database sync.";

/// What is to be tried: the settings, or what the body says instead.
fn asked(stored: &DatabaseSync, body: &Map<String, Json>) -> Result<DatabaseSync> {
    let text = |key: &'static str| match body.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Error::field(REFUSED, key, code::INVALID_VALUE)),
    };
    let (url, token) = (text("url")?, text("authToken")?);
    let mut wanted = DatabaseSync { enabled: true, ..stored.clone() };
    if let Some(url) = url {
        wanted.url = url;
        wanted.keep_token_of(stored);
    }
    if let Some(token) = token {
        wanted.auth_token = token;
    }
    Ok(wanted)
}

impl Sync {
    /// Tries an address and a token; the dialogue, a line for each thing that was said.
    ///
    /// # Errors
    /// `Invalid`: with what is wrong with the address, or with the dialogue when it does not work.
    pub async fn test(&self, body: &Map<String, Json>) -> Result<Vec<String>> {
        let wanted = asked(&self.tenant.settings.load().sync, body)?;
        wanted.check().into_result(REFUSED)?;
        let mut said = Vec::new();
        match self.talk(&wanted, &mut said).await {
            Ok(()) => Ok(said),
            Err(trouble) => {
                let words = trouble.to_string();
                said.push(format!("! {words}"));
                let dialogue = said.iter().map(|line| Json::from(line.as_str())).collect::<Vec<_>>();
                let error = code::SYNC_FAILED.say(format!("It does not work: {words}.")).param("dialogue", dialogue);
                Err(Error::Invalid { message: REFUSED.into(), fields: FieldErrors::one("sync", error) })
            }
        }
    }

    async fn talk(&self, wanted: &DatabaseSync, said: &mut Vec<String>) -> Result<(), Trouble> {
        let remote = Remote::new(self.tenant.outbound.clone(), wanted.clone());
        let how = if wanted.auth_token.is_empty() { "without a token" } else { "with a token" };
        said.push(format!("> POST {}, {how}", remote.endpoint()));
        let version = one(&remote, Sql::new("SELECT sqlite_version()")).await?;
        if let Some(Value::Text(version)) = version.first().and_then(|row| row.first()) {
            said.push(format!("< it answers: SQLite {version}"));
        }
        said.push("> what is there?".to_owned());
        self.look_over(&remote, said).await?;
        said.push("> make a table, write a row, take both away".to_owned());
        let name = format!("{OWN}_test_{}", self.tenant.world.ids.lower(8));
        let mut create = Sql::new("CREATE TABLE ");
        create.name(&name).push(" (id TEXT PRIMARY KEY NOT NULL)");
        let mut insert = Sql::new("INSERT INTO ");
        insert.name(&name).push(" VALUES ('tinybase')");
        let mut batch = Batch::default();
        for step in [Sql::new("BEGIN IMMEDIATE"), create, insert, drop_table(&name), Sql::new("COMMIT")] {
            batch.run(step);
        }
        remote.send(&batch).await?;
        said.push("< done".to_owned());
        if wanted.address().starts_with("http://") {
            said.push("! the connection is not encrypted: whoever is between reads everything".to_owned());
        }
        Ok(())
    }

    async fn look_over(&self, remote: &Remote, said: &mut Vec<String>) -> Result<(), Trouble> {
        let names = names(remote).await?;
        if names.iter().any(|name| name == OWN) {
            let ledger = ledger_of(remote).await?;
            let whose = if ledger.source == source::of(&self.tenant).await? {
                "of this database"
            } else {
                "of another database, which this one would replace"
            };
            said.push(format!("< a copy {whose}, with {} collections", ledger.entries.len()));
            return Ok(());
        }
        let shapes = Shape::all(&self.tenant.catalog());
        if let Some(taken) = names.iter().find(|name| shapes.iter().any(|shape| shape.name.eq_ignore_ascii_case(name)))
        {
            return Err(Trouble::Refused(format!(
                "there is a table {taken} of somebody else, and a collection of that name"
            )));
        }
        said.push(format!("< no copy yet, {} tables of others", names.len()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_kept_token_goes_to_its_own_server_only() {
        let stored = DatabaseSync { enabled: false, url: "https://a.example".into(), auth_token: "kept".into() };
        let token = |body: Json| asked(&stored, body.as_object().unwrap()).unwrap().auth_token;
        assert_eq!(token(json!({})), "kept");
        assert_eq!(token(json!({"url": "https://a.example"})), "kept");
        assert_eq!(token(json!({"url": "libsql://a.example/"})), "kept");
        assert_eq!(token(json!({"url": "https://b.example"})), "");
        assert_eq!(token(json!({"url": "https://b.example", "authToken": "new"})), "new");
        assert_eq!(token(json!({"authToken": ""})), "");
        assert!(asked(&stored, json!({"url": 1}).as_object().unwrap()).is_err());
    }
}
