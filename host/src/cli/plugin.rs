//! `tinybase plugin`.

use super::{Failed, plugin_build, terminal};
use crate::plugins::scan::{Scan, scan};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub(super) enum Plugin {
    /// Build Rust crates into components.
    Build(Build),
    /// Show what a component exports and asks for, without running it.
    Inspect {
        file: PathBuf,
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct Build {
    /// The crate; with --package the workspace.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Where the component goes [default: the name of the directory, in it, ending in .wasm]
    #[arg(short, long, value_name = "FILE", conflicts_with = "packages")]
    out: Option<PathBuf>,
    /// A package of the workspace and where its component goes; several are built at once.
    #[arg(long = "package", value_name = "NAME=FILE")]
    packages: Vec<String>,
}

impl Plugin {
    pub(super) fn run(self) -> Result<(), Failed> {
        match self {
            Self::Build(build) => build.run(),
            Self::Inspect { file, json } => inspect(&file, json),
        }
    }
}

impl Build {
    fn run(self) -> Result<(), Failed> {
        let built = if self.packages.is_empty() {
            let out = self.out.clone().map_or_else(|| default_out(&self.dir), Ok)?;
            plugin_build::build(&self.dir, &out).map(|built| vec![built])
        } else {
            let wanted = self.packages.iter().map(|text| package(text)).collect::<Result<Vec<_>, _>>()?;
            plugin_build::build_all(&self.dir, &wanted)
        };
        for built in built.map_err(Failed::new)? {
            terminal::data(&built.component.display().to_string());
            terminal::say(&format!("built {} ({} bytes)", built.package, built.bytes));
        }
        Ok(())
    }
}

/// The same reading as an upload gets.
fn inspect(file: &Path, json: bool) -> Result<(), Failed> {
    let bytes =
        std::fs::read(file).map_err(|error| Failed::new(format!("failed to read {}: {error}", file.display())))?;
    let scanned = scan(&bytes).map_err(|rejection| {
        Failed::new(format!("{} ({}) {}", rejection.code.message, rejection.code.code, rejection.detail))
    })?;
    let basics = scanned.runtime_basics();
    let Scan { exports, imports, capabilities, .. } = &scanned;
    if json {
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

fn texts(items: &[String]) -> Vec<&str> {
    items.iter().map(String::as_str).collect()
}

fn package(text: &str) -> Result<(&str, &Path), Failed> {
    let pair = text.split_once('=').filter(|(name, file)| !name.is_empty() && !file.is_empty());
    let (name, file) = pair.ok_or_else(|| Failed::usage(format!("`{text}` is not NAME=FILE")))?;
    Ok((name, Path::new(file)))
}

fn default_out(dir: &Path) -> Result<PathBuf, Failed> {
    let dir = dir.canonicalize().map_err(|error| Failed::new(format!("failed to enter {}: {error}", dir.display())))?;
    let name = dir.file_name().ok_or_else(|| Failed::usage("name a file with --out"))?;
    Ok(dir.join(name).with_added_extension("wasm"))
}
