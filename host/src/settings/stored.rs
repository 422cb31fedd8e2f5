//! The row of the settings: read and written, under a key where there is one, with what configuration fixes over it.

use super::fixed::Fixed;
use super::{NOT_SAVED, Settings};
use crate::clock::World;
use crate::config::Config;
use crate::crypto::vault::Vault;
use crate::db::{Failure, Store, Unit};
use crate::error::{Error, Result, code};
use crate::files::Files;
use crate::logs::Logs;
use crate::model::date;
use crate::sql::Sql;
use arc_swap::ArcSwap;
use serde_json::{Map, Value, json};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// The row of `_params`.
const ROW: &str = "settings";

/// How often a change is tried again when another one comes first.
const TRIES: usize = 3;

/// How the settings of a host are kept: what configuration fixes, and the key of what is stored.
#[derive(Debug, Default)]
pub struct Regime {
    pub fixed: Fixed,
    vault: Vault,
}

impl Regime {
    /// As the operator chose it.
    ///
    /// # Errors
    /// `Invalid`, in words for the operator, for a setting that there is not and a value that cannot be one.
    pub fn new(config: &Config) -> Result<Self> {
        Ok(Self { fixed: Fixed::new(&config.settings)?, vault: Vault::new(config.keys.clone()) })
    }

    /// What seals other secrets that are stored.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }
}

/// Reads the settings that are in force: what is fixed over what is stored over defaults. What is not stored under the
/// key of today is stored anew.
///
/// # Errors
/// When the database cannot be read; in words for the operator when no key fits, and when what is fixed does not go with
/// the rest.
pub async fn load(store: &Store, regime: &Regime, world: &World) -> Result<Settings> {
    let mut stored = Settings::default();
    if let Some(row) = read(store).await? {
        let opened = regime.vault.open(&row, ROW)?;
        stored = parse(&opened.text)?;
        if opened.is_stale {
            let sealed = regime.vault.seal(&opened.text, ROW)?;
            store.write(save(sealed, Some(row), &date::format(world.now_ms()))).await.map_err(Failure::into_error)?;
        }
    }
    let settings = regime.fixed.apply(&stored)?;
    if !regime.fixed.is_empty() {
        settings.check().map_err(in_words)?;
    }
    Ok(settings)
}

/// What is wrong with settings, for somebody who does not see fields.
fn in_words(error: Error) -> Error {
    match error {
        Error::Invalid { fields, .. } => {
            Error::invalid(format!("the configuration does not go with the settings: {}", fields.describe()))
        }
        other => other,
    }
}

/// What is to be written beside a change of the settings, in the same transaction.
pub type Beside = Box<dyn Fn(&Settings, &Settings) -> Sql + Send + Sync>;

/// Whether the settings that a change is to be made of are those that it was decided on; `Stale` where they are not.
pub type Seen = Box<dyn Fn(&Settings) -> Result<()> + Send + Sync>;

/// A change that somebody asks for.
pub struct Asked {
    pub patch: Map<String, Value>,
    /// The address of a superuser who must not lock themselves out.
    pub from: Option<IpAddr>,
    /// Where whoever asks has decided on what they have seen.
    pub seen: Option<Seen>,
    pub beside: Beside,
}

impl fmt::Debug for Asked {
    /// Without the patch, which may hold secrets.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Asked").field("from", &self.from).finish_non_exhaustive()
    }
}

/// Changes the settings, stores them, and makes them take effect.
///
/// # Errors
/// `Stale` when they are not what was seen; `Invalid` for a value that is not allowed, that is fixed by configuration, or that
/// would lock out who asks; `Conflict` when other changes keep coming first.
pub async fn update(
    store: &Store,
    current: &ArcSwap<Settings>,
    logs: &Logs,
    files: &Files,
    world: &World,
    asked: &Asked,
    regime: &Regime,
) -> Result<Arc<Settings>> {
    for _ in 0..TRIES {
        let stored = read(store).await?;
        let before = match stored.as_deref() {
            Some(row) => parse(&regime.vault.open(row, ROW)?.text)?,
            None => Settings::default(),
        };
        let old = regime.fixed.apply(&before)?;
        asked.seen.as_ref().map_or(Ok(()), |seen| seen(&old))?;
        let mut patch = asked.patch.clone();
        regime.fixed.strip(&mut patch)?;
        let names_token =
            patch.get("sync").is_some_and(|sync| sync.get("authToken").is_some_and(|token| !token.is_null()));
        let mut after = before.merged(patch)?;
        if !names_token {
            after.sync.keep_token_of(&before.sync);
        }
        let new = regime.fixed.apply(&after)?;
        new.check()?;
        if new.superuser_ips != old.superuser_ips && asked.from.is_some_and(|from| new.locks_out(from)) {
            return Err(Error::field(NOT_SAVED, "superuserIPs", code::SUPERUSER_LOCKED_OUT));
        }
        let mut unit = save(regime.vault.seal(&json!(after).to_string(), ROW)?, stored, &date::format(world.now_ms()));
        if new != old {
            unit.run((asked.beside)(&old, &new));
        }
        match store.write(unit).await {
            Ok(_) => {
                let new = Arc::new(new);
                current.store(new.clone());
                logs.set_policy(new.log_policy());
                files.configure(&new.s3);
                return Ok(new);
            }
            Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure.into_error()),
        }
    }
    Err(Error::Conflict("The settings were changed by others at the same time. Please try again.".into()))
}

async fn read(store: &Store) -> Result<Option<String>> {
    store
        .read(|snapshot| {
            let mut sql = Sql::new("SELECT value FROM _params WHERE id = ");
            sql.bind(ROW);
            let mut found = None;
            snapshot.rows(&sql, |row| {
                found = Some(row.text(0).to_owned());
                Ok(())
            })?;
            Ok(found)
        })
        .await
}

/// Defaults would open what somebody closed, and the next change would store them.
fn parse(text: &str) -> Result<Settings> {
    serde_json::from_str(text).map_err(|error| {
        // Not in the parser's words, which repeat a value.
        let place = format!("line {}, column {}", error.line(), error.column());
        let why = format!("what is stored is not as this version keeps it ({place}); nothing was changed");
        Error::internal("read the settings", why)
    })
}

/// Writes the row, provided that it is still as it was read.
fn save(value: String, stored: Option<String>, now: &str) -> Unit {
    let mut sql = Sql::default();
    if let Some(old) = stored {
        sql.push("UPDATE _params SET value = ").bind(value).push(", updated = ").bind(now);
        sql.push(" WHERE id = ").bind(ROW).push(" AND value = ").bind(old);
    } else {
        sql.push("INSERT INTO _params (id, value, created, updated) VALUES (").bind(ROW).push(", ").bind(value);
        sql.push(", ").bind(now).push(", ").bind(now).push(") ON CONFLICT (id) DO NOTHING");
    }
    let mut unit = Unit::new();
    unit.run_expecting(sql, 1, Error::Conflict("The settings were changed at the same time.".into()));
    unit
}
