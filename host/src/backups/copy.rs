//! The data as it is at one moment: a copy of the database, and what that copy names.

use super::Site;
use super::pack::Contents;
use super::progress::Turn;
use super::unpack::Damage;
use crate::db::{Failure, Options, Store, migrations};
use crate::error::{Error, Result};
use crate::files::{Files, Key, journal};
use crate::schema;
use crate::settings;
use crate::sql::Sql;
use crate::tasks;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long the copy of a database may take, and the check of one.
const COPY_LIMIT: Duration = Duration::from_hours(2);
const CHECK_LIMIT: Duration = Duration::from_hours(2);

/// Readers of a copy that nobody else knows.
const READERS: usize = 2;

/// Copies the database while writes go on; not to its end when the server stops.
pub(super) async fn database(store: &Arc<Store>, target: &Path, turn: &Turn) -> Result<()> {
    let (store, target, until) = (store.clone(), target.to_owned(), turn.tasks().clone());
    let copied = tasks::blocking(move || store.copy_to(&target, COPY_LIMIT, &until)).await?;
    turn.or_stopped(copied.map_err(Failure::into_error))
}

/// What belongs to a copy of the database: the components and the files that its rows name.
pub(super) async fn contents(site: &Site, database: PathBuf, files: &Files, turn: &Turn) -> Result<Contents> {
    let opened = open(site, &database, turn).await;
    let store = turn.or_stopped(opened.map_err(|words| Error::internal("open the copy of a database", words)))?;
    let named = turn.or_stopped(named(&store).await);
    store.close().await;
    let whole = expect_no_log(&database);
    remove_log(&database);
    let (hashes, keys) = named?;
    whole?;
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
pub(super) async fn try_out(site: &Site, database: &Path, beside: Vec<Sql>, turn: &Turn) -> Result<()> {
    let opened = open(site, database, turn).await;
    let opened = opened.map_err(|words| Damage::damaged(format!("its database does not open: {words}")).into_error());
    let store = turn.or_stopped(opened)?;
    let looked = look_at(site, &store, beside).await;
    store.close().await;
    turn.or_stopped(looked)
}

/// A log beside a database that is closed has rows that the file lacks: alone the file is not all of it.
pub(super) fn expect_no_log(database: &Path) -> Result<()> {
    match std::fs::metadata(aside(database, "-wal")) {
        Ok(found) if found.len() > 0 => {
            Err(Error::Unavailable("The copy of the database could not be finished: is the disk full?".into()))
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::internal("look for the log of a database", error))
        }
        _ => Ok(()),
    }
}

/// Removes what lies beside a copy that is of no more use, or that is whole without it.
pub(super) fn remove_log(database: &Path) {
    for ending in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(aside(database, ending));
    }
}

fn aside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

async fn look_at(site: &Site, store: &Store, beside: Vec<Sql>) -> Result<()> {
    let does_not =
        |what: &str, error: &Error| Damage::damaged(format!("{what}: {}", error.for_superusers())).into_error();
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

async fn open(site: &Site, path: &Path, turn: &Turn) -> Result<Arc<Store>, String> {
    let (path, threads) = (path.to_owned(), site.threads.clone());
    let options = Options { readers: READERS, until: Some(turn.tasks().clone()), ..Options::default() };
    let opened = tasks::blocking(move || Store::open(&path, options, &threads, migrations::TENANT)).await;
    opened.map_err(|error| format!("{error:?}"))?.map_err(|failure| failure.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::progress::Turns;
    use super::*;
    use crate::clock::World;
    use crate::config::Config;
    use crate::db::Threads;
    use crate::settings::Regime;
    use crate::tasks::Tasks;

    #[test]
    fn a_database_with_a_log_beside_it_is_not_whole() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("data.db");
        assert!(expect_no_log(&database).is_ok());
        std::fs::write(dir.path().join("data.db-wal"), "").unwrap();
        assert!(expect_no_log(&database).is_ok(), "nothing is in it");
        std::fs::write(dir.path().join("data.db-wal"), "rows").unwrap();
        assert!(matches!(expect_no_log(&database), Err(Error::Unavailable(_))));
        remove_log(&database);
        assert!(expect_no_log(&database).is_ok());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_that_stops_waits_for_no_copy_and_no_check() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config { dir: dir.path().to_owned(), ..Config::default() };
        let regime = Arc::new(Regime::new(&config).unwrap());
        let threads = Threads::start(1).unwrap();
        let site = Site { dir: dir.path().to_owned(), world: World::real(), regime, threads: threads.clone() };
        let (data, copy) = (dir.path().join("data.db"), dir.path().join("copy.db"));
        let store = Store::open(&data, Options::default(), &threads, migrations::TENANT).unwrap();
        schema::open(&store, &site.world).await.unwrap();
        let tasks = Tasks::new();
        let turn = Turns::new(tasks.clone()).begin("create", "a.zip", 0).unwrap();
        database(&store, &copy, &turn).await.unwrap();
        try_out(&site, &copy, Vec::new(), &turn).await.unwrap();
        tasks.finish(Duration::ZERO).await;
        let stops = |ended: Result<()>| matches!(ended, Err(Error::Unavailable(words)) if words == "The server stops.");
        assert!(stops(database(&store, &dir.path().join("other.db"), &turn).await));
        assert!(!dir.path().join("other.db").exists());
        // No fault of the archive, and nothing that would be told of it.
        assert!(stops(try_out(&site, &copy, Vec::new(), &turn).await));
        store.close().await;
    }
}
