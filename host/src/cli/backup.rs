//! `tinybase backup`.

use super::{Failed, Place, direct, terminal};
use crate::backups::swap::Found;
use crate::backups::{self, Site};
use crate::clock::World;
use crate::config::Config;
use crate::db::Threads;
use crate::host::control::Command;
use crate::host::{self, Host, socket};
use crate::settings::Regime;
use clap::Subcommand;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Threads for a command that reads a lot and computes a little.
const WORKERS: usize = 2;

/// The folder of archives in the data directory.
const FOLDER: &str = "backups";

#[derive(Debug, Subcommand)]
pub(super) enum Backup {
    /// Make a backup and print its name.
    Create {
        /// `small-letters_and-digits.zip`; one is made up without it.
        name: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// List the backups: name, bytes, when it was made, a line each.
    List {
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Read all of a backup and compare it with its checksums; exit code 1 when it cannot be used.
    Verify {
        /// Its name, or the path of a file.
        backup: String,
        #[command(flatten)]
        place: Place,
    },
    /// Put a backup in the place of the data. The former data is kept for a day.
    Restore {
        /// Its name, or the path of a file.
        backup: String,
        #[command(flatten)]
        place: Place,
    },
    /// Copy a backup to a file that does not exist yet.
    Download {
        name: String,
        /// Where to [default: its name, here]
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    /// Remove a backup.
    Delete {
        name: String,
        #[command(flatten)]
        place: Place,
    },
}

impl Backup {
    pub(super) fn run(self) -> Result<(), Failed> {
        match self {
            Self::Create { name, place } => {
                let made = direct::run(place, Command::BackupCreate { name: name.unwrap_or_default() })?;
                terminal::data(text(&made["key"]));
                Ok(())
            }
            Self::List { json, place } => {
                let all = direct::run(place, Command::BackupList)?;
                if json {
                    terminal::data(&all.to_string());
                } else {
                    all.as_array().into_iter().flatten().for_each(|one| terminal::data(&line(one)));
                }
                Ok(())
            }
            Self::Verify { backup, place } => {
                let report = direct::run(place, Command::BackupVerify { archive: named(&backup)? })?;
                terminal::data(&report.to_string());
                if report["valid"] == true { Ok(()) } else { Err(Failed::new(text(&report["problem"]))) }
            }
            Self::Restore { backup, place } => restore(&backup, place),
            Self::Download { name, to, place } => {
                let target = absolute(&to.unwrap_or_else(|| PathBuf::from(&name)))?;
                direct::run(place, Command::BackupFetch { key: name, target: target.clone() })?;
                terminal::data(&target.display().to_string());
                Ok(())
            }
            Self::Delete { name, place } => {
                direct::run(place, Command::BackupDelete { key: name.clone() })?;
                terminal::say(&format!("deleted backup {name}"));
                Ok(())
            }
        }
    }
}

/// The server that holds the directory does it, else it is done here, also where the present data does not open.
fn restore(backup: &str, place: Place) -> Result<(), Failed> {
    let archive = named(backup)?;
    let config = place.config()?;
    terminal::log(&config);
    direct::block_on(WORKERS, async {
        match host::lock(&config.dir)? {
            Err(held) => {
                let command = Command::BackupRestore { archive };
                match socket::send(&config.dir, &command).await {
                    Ok(answer) => drop(answer?),
                    Err(error) => return Err(Failed::new(format!("{held}, and it takes no commands: {error}"))),
                }
                terminal::say(&format!("{backup} is unpacked; the server opens it now"));
            }
            Ok(lock) => {
                let on_disk = on_disk(&config, &archive);
                let lock = match on_disk {
                    Some(path) => {
                        backups::stage_from(&site(&config)?, &path).await?;
                        Some(lock)
                    }
                    None => stage_by_name(lock, &config, archive).await?,
                };
                let lock = lock.ok_or_else(|| Failed::new("the data directory was lost"))?;
                let host = Host::open_locked(lock, config, World::real()).await?;
                host.close().await;
                expect_restored(&host.default_tenant().found)?;
                terminal::say(&format!("restored {backup}"));
            }
        }
        Ok(())
    })
}

/// What was opened is what was in the backup.
fn expect_restored(found: &Found) -> Result<(), Failed> {
    match found {
        Found::Restored(_) => Ok(()),
        Found::Reverted(key) => {
            Err(Failed::new(format!("the data of {key} did not open, so the former data is in use again")))
        }
        Found::Nothing => Err(Failed::new("what was unpacked of the backup is gone, the former data is in use")),
    }
}

/// A backup that is kept elsewhere: the present data knows where.
async fn stage_by_name(
    lock: crate::db::DirLock,
    config: &Config,
    archive: String,
) -> Result<Option<crate::db::DirLock>, Failed> {
    let host = Host::open_locked(lock, config.clone(), World::real()).await?;
    let staged = host::control::execute(&host, Command::BackupRestore { archive }).await;
    host.close().await;
    staged?;
    Ok(host.give_up_lock())
}

fn site(config: &Config) -> Result<Site, Failed> {
    let threads = Threads::start(1).map_err(|error| Failed::new(format!("failed to start threads: {error}")))?;
    let regime = Arc::new(Regime::new(config)?);
    Ok(Site { dir: config.dir.clone(), world: World::real(), regime, threads })
}

/// The archive as a file: by its path, or in the folder of the data directory.
fn on_disk(config: &Config, archive: &str) -> Option<PathBuf> {
    let path = Path::new(archive);
    let path = if path.is_absolute() { path.to_owned() } else { config.dir.join(FOLDER).join(path) };
    path.is_file().then_some(path)
}

/// A name stays as it is; what looks like a path becomes an absolute one, because the server is elsewhere.
fn named(backup: &str) -> Result<String, Failed> {
    if !backup.contains('/') && !Path::new(backup).is_file() {
        return Ok(backup.to_owned());
    }
    let path = absolute(Path::new(backup))?;
    path.to_str().map(str::to_owned).ok_or_else(|| Failed::usage("the path is not UTF-8"))
}

fn absolute(path: &Path) -> Result<PathBuf, Failed> {
    std::path::absolute(path).map_err(|error| Failed::usage(format!("{}: {error}", path.display())))
}

fn line(one: &Value) -> String {
    [text(&one["key"]), &one["size"].to_string(), text(&one["modified"])].join("\t")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restore_that_was_taken_back_has_failed() {
        assert!(expect_restored(&Found::Restored("a.zip".into())).is_ok());
        assert!(expect_restored(&Found::Reverted("a.zip".into())).is_err());
        assert!(expect_restored(&Found::Nothing).is_err());
    }
}
