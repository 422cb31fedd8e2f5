//! Other people's compilers: found beside the plugin or on the path, run in its folder, named with what installs them
//! when they are missing.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where tools are that belong to a project and not to a machine.
const LOCAL: [&str; 3] = ["node_modules/.bin", ".venv/bin", "venv/bin"];

/// A program by the names that it goes by, and how to come by it.
pub(super) struct Tool {
    pub names: &'static [&'static str],
    pub install: &'static str,
}

impl Tool {
    /// Runs it in a folder. What it says goes to standard error, since standard output is for data.
    ///
    /// # Errors
    /// In words for the terminal: it is not there, or it failed, having said why itself.
    pub(super) fn run(&self, dir: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Result<(), String> {
        for name in self.names {
            let program = local(dir, name).unwrap_or_else(|| PathBuf::from(name));
            let status = Command::new(program)
                .args(arguments)
                .envs(variables.iter().copied())
                .current_dir(dir)
                .stdin(Stdio::null())
                .stdout(io::stderr())
                .status();
            match status {
                Ok(status) if status.success() => return Ok(()),
                Ok(status) => return Err(format!("{name} failed in {} ({status})", dir.display())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("{name} cannot be run: {error}")),
            }
        }
        let names = self.names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
        Err(format!("{names} is needed and was not found. {}", self.install))
    }

    /// Whether it can be run at all.
    pub(super) fn is_there(&self, dir: &Path, arguments: &[&str]) -> bool {
        self.names.iter().any(|name| {
            let program = local(dir, name).unwrap_or_else(|| PathBuf::from(name));
            let mut run = Command::new(program);
            run.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            run.status().is_ok_and(|status| status.success())
        })
    }
}

/// A tool of the plugin, or of the project that it is a part of.
fn local(dir: &Path, name: &str) -> Option<PathBuf> {
    let dir = dir.canonicalize().ok()?;
    let root = root(&dir);
    let folders = dir.ancestors().take_while(|folder| folder.starts_with(root));
    folders.flat_map(|dir| LOCAL.map(|local| dir.join(local).join(name))).find(|program| program.is_file())
}

/// The repository that a plugin is in, else the nearest package, else its own folder: what lies further up is not the project's,
/// and what somebody else owns (who may write to `/tmp`, say) is never run.
fn root(dir: &Path) -> &Path {
    let owner = |dir: &Path| dir.metadata().ok().map(|found| found.uid());
    let own = || dir.ancestors().take_while(|folder| owner(folder) == owner(dir));
    let with = |mark: &str| own().find(|folder| folder.join(mark).exists());
    with(".git").or_else(|| with("package.json")).unwrap_or(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_says_what_to_install() {
        let tool = Tool { names: &["no-such-compiler", "nor-this-one"], install: "Ask the moon." };
        let error = tool.run(Path::new("."), &[], &[]).unwrap_err();
        assert_eq!(error, "`no-such-compiler` or `nor-this-one` is needed and was not found. Ask the moon.");
        assert!(!tool.is_there(Path::new("."), &["--version"]));
    }

    #[test]
    fn a_projects_own_tool_comes_first() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().canonicalize().unwrap();
        let inner = dir.join("project/plugins/slug");
        std::fs::create_dir_all(&inner).unwrap();
        let install = |folder: &Path| {
            std::fs::create_dir_all(folder.join("node_modules/.bin")).unwrap();
            std::fs::write(folder.join("node_modules/.bin/true"), "").unwrap();
        };
        let found = || local(&inner, "true").map(|program| program.strip_prefix(&dir).unwrap().to_owned());
        install(&dir);
        assert_eq!(found(), None, "what lies around is nobody's");
        std::fs::write(dir.join("project/package.json"), "{}").unwrap();
        assert_eq!(found(), None, "it is not the project's");
        install(&dir.join("project"));
        assert_eq!(found().unwrap(), Path::new("project/node_modules/.bin/true"));
        std::fs::write(inner.join("package.json"), "{}").unwrap();
        assert_eq!(found(), None, "the plugin is a project of its own");
        std::fs::create_dir(dir.join("project/.git")).unwrap();
        assert_eq!(found().unwrap(), Path::new("project/node_modules/.bin/true"), "within one repository");
        install(&inner);
        assert_eq!(found().unwrap(), Path::new("project/plugins/slug/node_modules/.bin/true"));
        assert_eq!(local(&inner, "false"), None);
    }
}
