//! The command line: data on stdout, messages on stderr; 0 for success, 1 for failure, 2 for wrong usage.

mod admin;
mod backup;
mod collections;
mod direct;
mod keys;
mod plugin;
mod serve;
mod terminal;
mod types;

use crate::config::{Config, ConfigError, Flags};
use crate::error::Error;
use crate::host::socket::Refusal;
use crate::plugins::compile;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

const FAILURE: u8 = 1;
const USAGE: u8 = 2;

/// A backend in one binary whose hooks are sandboxed WebAssembly components.
#[derive(Debug, Parser)]
#[command(name = "tinybase", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and the dashboard.
    Serve(serve::Serve),
    /// Create, change, delete and list superusers.
    #[command(visible_alias = "superuser", subcommand)]
    Admin(admin::Admin),
    /// Create, list and revoke API keys.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Create and list collections.
    #[command(subcommand)]
    Collections(collections::Collections),
    /// Write the collections as TypeScript.
    Types(types::Types),
    /// Make, check and restore backups.
    #[command(subcommand)]
    Backup(backup::Backup),
    /// Write, test and run plugins.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// Compiles one component; the server starts itself with this in a process of its own.
    #[command(name = "__compile", hide = true)]
    Compile { cpu_seconds: Option<String>, standing: Option<String> },
}

/// Where the data is.
#[derive(Debug, Args)]
struct Place {
    /// The data directory [default: ./tb_data; env: TINYBASE_DIR]
    #[expect(clippy::doc_markdown, reason = "it is shown as it stands by --help")]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The file of configuration [default: tinybase.toml in the data directory; env: TINYBASE_CONFIG]
    #[expect(clippy::doc_markdown, reason = "it is shown as it stands by --help")]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The variable that holds the key of the stored settings [default: TINYBASE_ENCRYPTION_KEY]
    #[expect(clippy::doc_markdown, reason = "it is shown as it stands by --help")]
    #[arg(long, alias = "encryptionEnv", value_name = "NAME")]
    encryption_env: Option<String>,
}

impl Place {
    fn config(self) -> Result<Config, Failed> {
        Ok(Config::load(self.flags())?)
    }

    fn flags(self) -> Flags {
        Flags { dir: self.dir, file: self.config, encryption_env: self.encryption_env, ..Flags::default() }
    }
}

/// Why a command failed, in words for the terminal.
#[derive(Debug)]
struct Failed {
    code: u8,
    message: String,
    /// More lines, one for each field that is wrong.
    details: Vec<String>,
    /// A server that was asked did not answer, or only a proxy in its place.
    silent: bool,
    /// What failed is in what was printed already.
    reported: bool,
}

impl Failed {
    fn new(message: impl Into<String>) -> Self {
        Self { code: FAILURE, message: message.into(), details: Vec::new(), silent: false, reported: false }
    }

    fn usage(message: impl Into<String>) -> Self {
        Self { code: USAGE, ..Self::new(message) }
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self { details: refusal.fields, ..Self::new(refusal.message) }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Refusal::from(error).into()
    }
}

impl From<ConfigError> for Failed {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

/// Runs the command that this process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Admin(admin) => admin.run(),
        Command::Keys(keys) => keys.run(),
        Command::Collections(collections) => collections.run(),
        Command::Types(types) => types.run(),
        Command::Backup(backup) => backup.run(),
        Command::Plugin(plugin) => plugin.run(),
        Command::Compile { cpu_seconds, standing } => {
            return compile::worker_main(cpu_seconds.as_deref(), standing.as_deref());
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            terminal::say(&format!("error: {}", failed.message));
            failed.details.iter().for_each(|line| terminal::say(&format!("  {line}")));
            ExitCode::from(failed.code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn both_spellings_of_superusers() {
        for line in
            ["tinybase admin create a@x.example secret123 --dir d", "tinybase superuser upsert a@x.example secret123"]
        {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert!(matches!(cli.command, Command::Admin(_)), "{line}");
        }
    }

    /// Every `tinybase COMMAND [SUBCOMMAND]` that users are told to type.
    #[test]
    fn documents_name_commands_that_exist() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut documents = vec![
            root.join("README.md"),
            root.join("sdk-rust/README.md"),
            root.join("wit/README.md"),
            root.join("admin/src/strings/plugins.ts"),
            root.join("examples/hooks/hello-rust/README.md"),
        ];
        let docs = std::fs::read_dir(root.join("docs")).unwrap().flatten().map(|entry| entry.path());
        documents.extend(docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
        let command = Cli::command();
        for document in documents {
            let text = std::fs::read_to_string(&document).unwrap();
            for (at, _) in text.match_indices("tinybase ") {
                if !text[..at].ends_with(['\n', '`', '"']) && at != 0 {
                    continue;
                }
                let line = text[at..].lines().next().unwrap_or_default();
                let mut words = line.split([' ', '`', '"']).skip(1).filter(|word| !word.is_empty());
                let first = words.next().unwrap_or_default();
                let found = command.find_subcommand(first);
                assert!(found.is_some() || first == "help", "{}: {line}", document.display());
                if let Some(group) = found.filter(|found| found.has_subcommands()) {
                    let second = words.next().unwrap_or_default();
                    assert!(group.find_subcommand(second).is_some(), "{}: {line}", document.display());
                }
            }
        }
    }
}
