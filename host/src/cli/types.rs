//! `tinybase types`: the collections as a TypeScript module, on stdout or into a file.

use super::{Failed, Place, direct, terminal};
use crate::host::control::Command;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Types {
    #[command(flatten)]
    place: Place,
    /// The file to write [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Types {
    pub(super) fn run(self) -> Result<(), Failed> {
        let module = direct::run(self.place, Command::Types)?;
        let module = module.as_str().unwrap_or_default();
        let Some(file) = self.out else {
            terminal::data(module.trim_end());
            return Ok(());
        };
        std::fs::write(&file, module)
            .map_err(|error| Failed::new(format!("failed to write {}: {error}", file.display())))?;
        terminal::say(&format!("wrote {}", file.display()));
        Ok(())
    }
}
