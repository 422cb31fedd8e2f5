//! `tinybase plugin inspect`: the same reading as an upload gets.

use super::build::read;
use crate::cli::{Failed, terminal};
use crate::plugins::scan::{Scan, scan};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct Inspect {
    file: PathBuf,
    /// Print it as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

impl Inspect {
    pub(super) fn run(self) -> Result<(), Failed> {
        let bytes = read(&self.file)?;
        let scanned = scan(&bytes).map_err(|rejection| {
            Failed::new(format!("{} ({}) {}", rejection.code.message, rejection.code.code, rejection.detail))
        })?;
        let basics = scanned.runtime_basics();
        let Scan { exports, imports, capabilities, .. } = &scanned;
        if self.json {
            let report = json!({"size": bytes.len(), "exports": exports, "imports": imports, "capabilities": capabilities,
                "runtimeBasics": basics});
            terminal::data(&format!("{report:#}"));
            return Ok(());
        }
        let list = |items: &[&str]| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
        terminal::data(&format!("size          {} bytes", bytes.len()));
        terminal::data(&format!("hooks         {}", list(exports)));
        terminal::data(&format!("capabilities  {}", list(&texts(capabilities))));
        if !basics.is_empty() {
            terminal::data(&format!("runtime       {} interfaces of WASI, which give nothing away", basics.len()));
        }
        terminal::data(&format!("imports       {}", list(&texts(imports))));
        Ok(())
    }
}

fn texts(items: &[String]) -> Vec<&str> {
    items.iter().map(String::as_str).collect()
}
