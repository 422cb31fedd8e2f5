//! `tinybase plugin`: what authors do, from the first line to the version that a server calls.

mod build;
mod dev;
mod exchange;
mod fixture;
mod inspect;
mod language;
mod new;
mod push;
mod rehearse;
mod rust;
mod server;
mod tool;

use super::{Failed, terminal};
use clap::Subcommand;
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(super) enum Plugin {
    /// Begin a plugin: a folder that builds and passes its tests as it is.
    New(new::New),
    /// Build a plugin with its language's own compiler into a component.
    Build(build::Build),
    /// Show what a component exports and asks for, without running it.
    Inspect(inspect::Inspect),
    /// Call the hooks with fixtures, within the limits of a server; shows fuel and memory.
    Test(rehearse::Test),
    /// Build on every save, hand it to a server, and show its log.
    Dev(dev::Dev),
    /// Hand a plugin to a server, and attach it if asked to.
    Push(push::Push),
    /// Show what a plugin has logged.
    Logs(push::Logs),
    /// Go back to the version before, or to a given one.
    Rollback(push::Rollback),
}

impl Plugin {
    /// Whoever asked for JSON gets it when the command fails, too: `{error: {message, details}}`.
    pub(super) fn run(self) -> Result<(), Failed> {
        let json = self.json();
        let result = match self {
            Self::New(new) => new.run(),
            Self::Build(build) => build.run(),
            Self::Inspect(inspect) => inspect.run(),
            Self::Test(test) => test.run(),
            Self::Dev(dev) => dev.run(),
            Self::Push(push) => push.run(),
            Self::Logs(logs) => logs.run(),
            Self::Rollback(rollback) => rollback.run(),
        };
        if let Err(failed) = &result
            && json
            && !failed.reported
        {
            let Failed { message, details, .. } = failed;
            terminal::data(&json!({"error": {"message": message, "details": details}}).to_string());
        }
        result
    }

    fn json(&self) -> bool {
        match self {
            Self::New(new) => new.json,
            Self::Build(build) => build.json,
            Self::Inspect(inspect) => inspect.json,
            Self::Test(test) => test.json,
            Self::Dev(dev) => dev.json,
            Self::Push(push) => push.json,
            Self::Logs(logs) => logs.json,
            Self::Rollback(rollback) => rollback.json,
        }
    }
}
