//! The data as it is at one moment: a copy of the database, and what that copy names.

use super::Site;
use super::pack::Contents;
use super::unpack::Damage;
use crate::db::{Failure, Options, Store, migrations};
use crate::error::{Error, Result};
use crate::files::{Files, Key, journal};
use crate::settings;
use crate::sql::Sql;
use crate::{schema, tasks};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long the copy of a database may take, and the check of one.
const COPY_LIMIT: Duration = Duration::from_hours(2);
const CHECK_LIMIT: Duration = Duration::from_hours(2);

/// Readers of a copy that nobody else knows.
const READERS: usize = 2;

/// Copies the database while writes go on.
pub(super) async fn database(store: &Arc<Store>, target: &Path) -> Result<()> {
    let (store, target) = (store.clone(), target.to_owned());
    tasks::blocking(move || store.copy_to(&target, COPY_LIMIT)).await?.map_err(Failure::into_error)
}

/// What belongs to a copy of the database: the components and the files that its rows name.
pub(super) async fn contents(site: &Site, database: PathBuf, files: &Files) -> Result<Contents> {
    let store = open(site, &database).await.map_err(|words| Error::internal("open the copy of a database", words))?;
    let named = named(&store).await;
    store.close().await;
    let (hashes, keys) = named?;
    let plugins = site.dir.join("plugins");
    let plugins =
        hashes.iter().map(|hash| format!("{hash}.wasm")).map(|file| (format!("plugins/{file}"), plugins.join(file)));
    let files = keys.iter().filter_map(|key| Some((format!("storage/{key}"), files.path_on_disk(&Key::parse(key)?))));
    Ok(Contents { database, plugins: plugins.collect(), files: files.collect() })
}

/// The hashes of components and the keys of files.
async fn named(store: &Store) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let catalog = schema::reload(store).await?;
    let mut queries: Vec<Sql> = Vec::new();
    catalog.collections().for_each(|collection| queries.extend(journal::named(collection)));
    store
        .read_slow(CHECK_LIMIT, move |snapshot| {
            let (mut hashes, mut keys) = (BTreeSet::new(), BTreeSet::new());
            snapshot.rows(&Sql::new("SELECT sha256 FROM _plugin_versions"), |row| {
                hashes.insert(row.text(0).to_owned());
                Ok(())
            })?;
            for query in &queries {
                snapshot.rows(query, |row| {
                    keys.insert(row.text(0).to_owned());
                    Ok(())
                })?;
            }
            Ok((hashes, keys))
        })
        .await
}

/// Opens a database that was unpacked as the server would, and looks at all of it; `beside` is then done to it.
pub(super) async fn try_out(site: &Site, database: &Path, beside: Vec<Sql>) -> Result<()> {
    let opened = open(site, database).await;
    let store = opened.map_err(|words| Damage::damaged(format!("its database does not open: {words}")).into_error())?;
    let looked = look_at(site, &store, beside).await;
    store.close().await;
    looked
}

async fn look_at(site: &Site, store: &Store, beside: Vec<Sql>) -> Result<()> {
    let does_not = |what: &str, error: &Error| {
        Damage::damaged(format!("{what}: {}", super::progress::words_of(error))).into_error()
    };
    let check = Sql::new("PRAGMA integrity_check(1)");
    let found = store.read_slow(CHECK_LIMIT, |snapshot| snapshot.one(&check, |row| Ok(row.text(0).to_owned()))).await;
    match found.map_err(|error| does_not("its database cannot be read", &error))?.as_deref() {
        Some("ok") => {}
        found => {
            return Err(Damage::damaged(format!("its database is damaged: {}", found.unwrap_or_default())).into_error());
        }
    }
    let settings = settings::load(store, &site.regime, &site.world).await;
    settings.map_err(|error| does_not("its settings do not open", &error))?;
    schema::reload(store).await.map_err(|error| does_not("its collections cannot be understood", &error))?;
    let mut unit = crate::db::Unit::new();
    for sql in beside {
        unit.run(sql);
    }
    if unit.is_empty() {
        return Ok(());
    }
    store.write(unit).await.map(|_| ()).map_err(Failure::into_error)
}

async fn open(site: &Site, path: &Path) -> Result<Arc<Store>, String> {
    let (path, threads) = (path.to_owned(), site.threads.clone());
    let options = Options { readers: READERS, ..Options::default() };
    let opened = tasks::blocking(move || Store::open(&path, options, &threads, migrations::TENANT)).await;
    opened.map_err(|error| format!("{error:?}"))?.map_err(|failure| failure.to_string())
}
