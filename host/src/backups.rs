//! Backups: archives of a tenant's whole data, made while it is in use, checked, and put back.
//!
//! An archive ([`pack`]) is a zip with a copy of the database of one moment ([`copy`]), the files that its rows name,
//! as far as they are on the disk, the components of its plugins, and a [`manifest`] with a checksum of each. One that
//! comes back is believed in nothing ([`unpack`]): it is unpacked beside the data ([`stage`]), its database is tried out, and
//! only then, and while nothing is open, does it take the place of what is there ([`swap`]).
//!
//! Not here: closing and opening the data (`host`).

mod copy;
mod manifest;
mod names;
mod pack;
mod progress;
mod stage;
pub mod swap;
mod unpack;

use crate::activity;
use crate::auth::superusers;
use crate::clock::World;
use crate::db::{Failure, Threads, Unit};
use crate::error::{Error, FieldErrors, Result, code};
use crate::files::{Object, Scratch, Shelf};
use crate::mail::Letter;
use crate::model::date;
use crate::settings::Regime;
use crate::sql::Sql;
use crate::tasks;
use crate::tenant::{Cx, Tenant};
use manifest::Manifest;
use pack::Contents;
use progress::{STOPS, Turn, Turns};
use serde_json::{Value as Json, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder of archives, and of those that are on their way.
const FOLDER: &str = "backups";

/// How long a mail about a backup that failed is of use.
const MAIL_KEPT_MS: i64 = 3 * 24 * 3_600_000;

/// Where data is, and what it takes to open some.
#[derive(Debug, Clone)]
pub struct Site {
    /// The directory of the tenant.
    pub dir: PathBuf,
    pub world: World,
    pub regime: Arc<Regime>,
    pub threads: Threads,
}

/// The backups of one tenant.
#[derive(Debug)]
pub struct Backups {
    tenant: Arc<Tenant>,
    site: Site,
    turns: Turns,
    /// Whoever gives an archive its name is alone in it.
    naming: tokio::sync::Mutex<()>,
}

impl Backups {
    /// `found` is how a restore has ended, which is told as the last thing that was done.
    #[must_use]
    pub fn open(tenant: &Arc<Tenant>, threads: Threads, found: &swap::Found) -> Arc<Self> {
        let site =
            Site { dir: tenant.dir.clone(), world: tenant.world.clone(), regime: tenant.regime.clone(), threads };
        let turns = Turns::new(tenant.tasks.clone());
        let reverted = || Err(Error::invalid("The restored data did not open, so the former data is in use again."));
        match found {
            swap::Found::Nothing => {}
            swap::Found::Restored(key) => turns.tell("restore", key, tenant.world.now_ms(), &Ok(())),
            swap::Found::Reverted(key) => turns.tell("restore", key, tenant.world.now_ms(), &reverted()),
        }
        Arc::new(Self { tenant: tenant.clone(), site, turns, naming: tokio::sync::Mutex::default() })
    }

    /// The archives there are, the latest first: `[{key, size, modified}]`.
    ///
    /// # Errors
    /// When their place cannot be read.
    pub async fn list(&self) -> Result<Json> {
        let shelved = self.shelf()?.list(names::ENDING).await?;
        let item = |one: crate::files::Shelved| json!({"key": one.name, "modified": date::format(one.modified_ms), "size": one.size});
        Ok(shelved.into_iter().map(item).collect())
    }

    /// What is being done, and how the last thing ended.
    #[must_use]
    pub fn status(&self) -> Json {
        self.turns.to_json()
    }

    /// Whether one can begin.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.turns.is_free()
    }

    /// Makes an archive, under a name of its own unless one is given; answers with the name.
    ///
    /// # Errors
    /// `Invalid` for a name that cannot be one or is taken, and while another archive is being made or read.
    pub async fn create(self: &Arc<Self>, cx: &Cx, name: &str) -> Result<String> {
        let key = if name.is_empty() { names::made(&self.tenant, false) } else { names::wanted(name)? };
        let entry = activity::simple(cx, "create", "backup", &key, &key, Json::Null);
        self.make(key, entry).await
    }

    /// The job of the schedule: makes an archive and removes the oldest of its kind. When it fails, superusers are told.
    ///
    /// # Errors
    /// As [`Backups::create`].
    pub async fn make_automatically(self: &Arc<Self>) -> Result<String> {
        let cx = Cx::system(self.tenant.clone());
        let key = names::made(&self.tenant, true);
        let entry = activity::simple(&cx, "create", "backup", &key, &key, Json::Null);
        let made = self.make(key, entry).await;
        match &made {
            Ok(_) => self.prune().await?,
            Err(error) => {
                if let Err(untold) = self.tell(&cx, &error.for_superusers()).await {
                    tracing::warn!(error = ?untold, "superusers could not be told that a backup failed");
                }
            }
        }
        made
    }

    async fn make(self: &Arc<Self>, key: String, entry: Sql) -> Result<String> {
        let this = self.clone();
        let work = async move {
            let turn = this.turns.begin("create", &key, this.tenant.world.now_ms())?;
            let made = this.make_in_turn(&key, entry, &turn).await;
            turn.end(&made);
            made.map(|()| key)
        };
        self.tenant.tasks.to_its_end(work).await
    }

    async fn make_in_turn(&self, key: &str, entry: Sql, turn: &Arc<Turn>) -> Result<()> {
        let place = self.shelf()?;
        self.expect_free(&place, key).await?;
        let Tenant { files, store, settings, world, .. } = &*self.tenant;
        // From the moment of the copy on no file of it goes away.
        let held = files.hold().await;
        let (database, archive) = (files.scratch(), files.scratch());
        turn.step("database", 0);
        let manifest = Manifest::new(date::format(world.now_ms()), settings.load().meta.app_name.clone());
        copy::database(store, database.path(), turn).await?;
        let contents = copy::contents(&self.site, database.path().to_owned(), files, turn).await?;
        expect_plugins(&contents)?;
        turn.step("pack", contents.bytes());
        let (target, packing) = (archive.path().to_owned(), turn.clone());
        let packed = tasks::blocking(move || pack::pack(&target, &contents, manifest, &packing)).await?;
        packed.map_err(unpack::Trouble::into_refusal)?;
        drop((held, database));
        turn.step("store", 0);
        self.shelve(&place, key, archive).await?;
        self.note(entry).await
    }

    /// Takes an archive that was made elsewhere. What is in it is looked at when it is used.
    ///
    /// # Errors
    /// `Invalid` for a name that cannot be one or is taken, and for what is no zip archive.
    pub async fn take(self: &Arc<Self>, cx: &Cx, name: &str, archive: Scratch) -> Result<()> {
        let refused = |error: crate::error::FieldError| Error::field("Failed to upload the backup.", "file", error);
        if !names::is_key(name) {
            return Err(refused(
                code::BACKUP_NAME_EXISTS
                    .say("The name must end with .zip and be made of letters, digits, `_`, `-` and `.`."),
            ));
        }
        if !is_zip(archive.path()).await? {
            return Err(refused(code::INVALID_MIME_TYPE.with([("mimeTypes", "application/zip".into())])));
        }
        let entry = activity::simple(cx, "upload", "backup", name, name, Json::Null);
        let (this, name) = (self.clone(), name.to_owned());
        let work = async move {
            let place = this.shelf()?;
            this.shelve(&place, &name, archive).await.map_err(|error| match error {
                Error::Invalid { fields, .. } if fields.0.contains_key("name") => {
                    refused(code::BACKUP_NAME_EXISTS.into())
                }
                other => other,
            })?;
            this.note(entry).await
        };
        self.tenant.tasks.to_its_end(work).await
    }

    /// A place for an archive that arrives.
    #[must_use]
    pub fn scratch(&self) -> Scratch {
        self.tenant.files.scratch()
    }

    /// An archive, to be sent.
    ///
    /// # Errors
    /// `NotFound`; `Internal` when its place cannot be read.
    pub async fn find(&self, key: &str) -> Result<Object> {
        let found = if names::is_key(key) { self.shelf()?.find(key).await? } else { None };
        found.ok_or_else(missing)
    }

    /// Removes an archive.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` while it is being made or read.
    pub async fn delete(&self, cx: &Cx, key: &str) -> Result<()> {
        self.find(key).await?;
        if self.turns.busy_with(key) {
            return Err(Error::invalid("The backup is currently being used and cannot be deleted."));
        }
        self.shelf()?.remove(key).await?;
        self.note(activity::simple(cx, "delete", "backup", key, key, Json::Null)).await
    }

    /// Reads all of an archive: `{valid, problem, code, ..}`. It may be named by an absolute path too.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` while another one is being made or read; what is no fault of the archive.
    pub async fn verify(self: &Arc<Self>, archive: &str) -> Result<Json> {
        let (this, archive) = (self.clone(), archive.to_owned());
        let work = async move {
            let turn = this.turns.begin("verify", &archive, this.tenant.world.now_ms())?;
            let (source, _copy) = this.source(&archive, &turn).await?;
            let verified = stage::verify(&this.site, source, this.scratch(), &turn).await;
            turn.end(&verified);
            report(verified)
        };
        self.tenant.tasks.to_its_end(work).await
    }

    /// Prepares a restore: the archive is unpacked beside the data and tried out. Whoever opens the data next opens
    /// what was in it.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for an archive that cannot be used, while another one is being made or read, and while one
    /// waits to be opened; `Unavailable` when the tenant closes.
    pub async fn stage(self: &Arc<Self>, cx: &Cx, archive: &str) -> Result<()> {
        let key = archive.rsplit('/').next().unwrap_or_default().to_owned();
        let entry = activity::simple(cx, "restore", "backup", &key, &key, Json::Null);
        let (this, archive) = (self.clone(), archive.to_owned());
        let work = async move {
            let turn = this.turns.begin("restore", &key, this.tenant.world.now_ms())?;
            this.expect_unstaged().await?;
            let (source, _copy) = this.source(&archive, &turn).await?;
            let staged = stage::stage(&this.site, source, &key, beside(Some(entry)), &turn).await;
            turn.end(&staged);
            staged
        };
        self.tenant.tasks.to_its_end(work).await
    }

    /// Whoever was told that a restore is prepared finds it when the data is opened next.
    async fn expect_unstaged(&self) -> Result<()> {
        if self.tenant.tasks.is_stopping() {
            return Err(Error::Unavailable(STOPS.into()));
        }
        let dir = self.tenant.dir.clone();
        let pending = tasks::blocking(move || swap::is_pending(&dir)).await?;
        if pending.map_err(|error| Error::internal("read the journal of a restore", error))? {
            return Err(Error::invalid("Another backup is about to be restored."));
        }
        Ok(())
    }

    /// Copies an archive to a file that does not exist.
    ///
    /// # Errors
    /// `NotFound`; `Internal` when it cannot be written.
    pub async fn fetch(&self, key: &str, target: &Path) -> Result<()> {
        self.find(key).await?;
        self.shelf()?.fetch(key, target, |_| Ok(())).await
    }

    /// The archive as a file, which is a copy when it is kept in a bucket.
    async fn source(&self, archive: &str, turn: &Turn) -> Result<(File, Option<Scratch>)> {
        let open = |path: &Path| match File::open(path) {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(missing()),
            Err(error) => Err(Error::internal("open a backup", error)),
        };
        if Path::new(archive).is_absolute() {
            return Ok((open(Path::new(archive))?, None));
        }
        let found = self.find(archive).await?;
        let place = self.shelf()?;
        if let Some(path) = place.path(archive) {
            return Ok((open(&path)?, None));
        }
        turn.step("fetch", found.size);
        let copy = self.scratch();
        let note = |bytes| turn.note(bytes).map_err(|error| unpack::no_room(&error, "fetch a backup"));
        place.fetch(archive, copy.path(), note).await?;
        Ok((open(copy.path())?, Some(copy)))
    }

    fn shelf(&self) -> Result<Shelf> {
        Shelf::open(&self.tenant.dir.join(FOLDER), &self.tenant.settings.load().backups.s3)
    }

    async fn expect_free(&self, place: &Shelf, key: &str) -> Result<()> {
        match place.find(key).await? {
            Some(_) => Err(Error::field("Failed to create the backup.", "name", code::BACKUP_NAME_EXISTS)),
            None => Ok(()),
        }
    }

    async fn shelve(&self, place: &Shelf, key: &str, archive: Scratch) -> Result<()> {
        let _alone = self.naming.lock().await;
        self.expect_free(place, key).await?;
        place.put(key, archive).await
    }

    /// Removes the oldest archives of the schedule, beyond those that are to be kept.
    async fn prune(&self) -> Result<()> {
        let place = self.shelf()?;
        let keep = usize::try_from(self.tenant.settings.load().backups.cron_max_keep).unwrap_or_default().max(1);
        let mut automatic = place.list(names::ENDING).await?;
        automatic.retain(|one| one.name.starts_with(names::AUTOMATIC));
        // Names of one application sort by their time, which two of the same second share with nobody.
        automatic.sort_by(|one, other| (other.modified_ms, &other.name).cmp(&(one.modified_ms, &one.name)));
        for old in automatic.iter().skip(keep) {
            place.remove(&old.name).await?;
        }
        Ok(())
    }

    async fn tell(&self, cx: &Cx, words: &str) -> Result<()> {
        let mut unit = Unit::new();
        for recipient in superusers::list(cx).await? {
            let letter = Letter {
                kind: "backup-failed",
                recipient,
                subject: "The scheduled backup has failed".to_owned(),
                html: format!("<p>The scheduled backup has failed:</p>\n<p>{}</p>", escaped(words)),
                text: String::new(),
                expires_ms: cx.now_ms.saturating_add(MAIL_KEPT_MS),
            };
            self.tenant.mail.promise(&letter).keep(&mut unit);
        }
        if unit.is_empty() {
            return Ok(());
        }
        self.tenant.store.write(unit).await.map_err(Failure::into_error)?;
        self.tenant.mail.ring();
        Ok(())
    }

    async fn note(&self, entry: Sql) -> Result<()> {
        self.tenant.store.write(Unit::of(entry)).await.map(|_| ()).map_err(Failure::into_error)
    }
}

/// Prepares a restore of an archive that is a file, where no data can be opened. The directory must be held. It takes the
/// place of a restore that was begun, for whose sake the data may be half exchanged: that is taken back first.
///
/// # Errors
/// As [`Backups::stage`].
pub async fn stage_from(site: &Site, path: &Path) -> Result<()> {
    let key = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let turn = Turns::default().begin("restore", &key, site.world.now_ms())?;
    let source = File::open(path).map_err(|error| Error::internal("open a backup", error))?;
    stage::stage(site, source, &key, beside(None), &turn).await
}

/// Removes what a restore has left, once it is old enough; whether there was something.
///
/// # Errors
/// When the disk refuses.
pub async fn sweep(tenant: &Tenant) -> Result<usize> {
    let (dir, now_ms) = (tenant.dir.clone(), tenant.world.now_ms());
    let swept = tasks::blocking(move || swap::sweep(&dir, now_ms)).await?;
    swept.map(usize::from).map_err(|error| Error::internal("remove what a restore has left", error))
}

/// What is done to a restored database: sessions that have ended since do not begin again.
fn beside(entry: Option<Sql>) -> Vec<Sql> {
    std::iter::once(Sql::new("DELETE FROM _sessions")).chain(entry).collect()
}

fn report(verified: Result<Manifest>) -> Result<Json> {
    match verified {
        Ok(manifest) => Ok(json!({
            "valid": true,
            "problem": "",
            "code": "",
            "created": manifest.created,
            "appName": manifest.app_name,
            "tinybase": manifest.tinybase,
            "engine": manifest.engine,
            "entries": manifest.entries.len(),
            "bytes": manifest.bytes(),
            "filesElsewhere": manifest.files_elsewhere,
        })),
        Err(Error::Invalid { message, fields }) => {
            Ok(json!({"valid": false, "problem": message, "code": code_of(&fields)}))
        }
        Err(other) => Err(other),
    }
}

fn code_of(fields: &FieldErrors) -> String {
    match fields.0.get("backup") {
        Some(crate::error::FieldIssue::Error(error)) => error.code.to_string(),
        _ => String::new(),
    }
}

/// A component that was removed after the copy was made cannot be in it.
fn expect_plugins(contents: &Contents) -> Result<()> {
    if contents.plugins.iter().all(|(_, path)| path.exists()) {
        return Ok(());
    }
    Err(Error::Conflict("A plugin was removed while the backup was made. Please try again.".into()))
}

async fn is_zip(path: &Path) -> Result<bool> {
    use tokio::io::AsyncReadExt as _;
    let failed = |error: std::io::Error| Error::internal("read a backup", error);
    let mut start = Vec::new();
    tokio::fs::File::open(path).await.map_err(failed)?.take(4).read_to_end(&mut start).await.map_err(failed)?;
    Ok(start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06"))
}

fn missing() -> Error {
    Error::NotFound("There is no such backup.".into())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
