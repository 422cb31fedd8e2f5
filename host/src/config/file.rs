//! `tinybase.toml`: what flags and variables may say too, and settings in tables of their names.

use super::ConfigError;
use serde_json::{Map, Value};
use std::io;
use std::path::{Path, PathBuf};

/// The file that is looked for in the data directory.
const NAME: &str = "tinybase.toml";

/// What may stand in it beside the settings, which are tables and lists.
const KEYS: [&str; 22] = [
    "dir",
    "http",
    "durability",
    "workers",
    "database-threads",
    "plugin-threads",
    "cache-mb",
    "no-plugins",
    "plugin-fuel",
    "plugin-wall-ms",
    "plugin-memory-mb",
    "plugin-host-calls",
    "plugin-bytes-per-call",
    "plugin-handles",
    "plugin-log-bytes",
    "plugin-at-once",
    "plugin-fuel-per-second",
    "origins",
    "log-format",
    "log",
    "metrics-token",
    "smtp-ca-file",
];

/// A file of configuration, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct File {
    pub(super) path: Option<PathBuf>,
    /// The values of [`KEYS`], as a variable would spell them.
    plain: Map<String, Value>,
    /// The rest: settings.
    pub(super) settings: Map<String, Value>,
}

impl File {
    /// The file that is named, which must be there, else the one in the data directory, if there is one.
    pub(super) fn find(named: Option<&Path>, dir: &Path) -> Result<Self, ConfigError> {
        let path = named.map_or_else(|| dir.join(NAME), Path::to_owned);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, path, named.is_some()),
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(Self::default()),
            Err(error) => Err(ConfigError::new(format!("the file {}", path.display()), error)),
        }
    }

    fn parse(text: &str, path: PathBuf, is_named: bool) -> Result<Self, ConfigError> {
        let place = format!("the file {}", path.display());
        let all: Map<String, Value> = toml::from_str(text).map_err(|error| ConfigError::new(&place, error))?;
        let (plain, settings): (Map<_, _>, Map<_, _>) =
            all.into_iter().partition(|(key, _)| KEYS.contains(&key.as_str()));
        if plain.contains_key("dir") && !is_named {
            return Err(ConfigError::new(place, "`dir` makes no sense in a file that is in the directory"));
        }
        if let Some((key, _)) = plain.iter().find(|(_, value)| value.is_object()) {
            return Err(ConfigError::new(place, format!("`{key}` is not a table")));
        }
        Ok(Self { path: Some(path), plain, settings })
    }

    /// The value of a key, spelled as in a variable.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let spelled = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match self.plain.get(key)? {
            Value::Array(items) => Some(items.iter().map(spelled).collect::<Vec<_>>().join(",")),
            value => Some(spelled(value)),
        }
    }

    /// How an error calls a key of it.
    pub(super) fn place(&self, key: &str) -> String {
        let path = self.path.as_deref().unwrap_or(Path::new(NAME));
        format!("`{key}` in the file {}", path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_tables_are_told_apart() {
        let text = "http = '0.0.0.0:80'\nworkers = 3\norigins = ['https://a.example', 'https://b.example']\n\
            superuserIPs = ['10.0.0.0/8']\n[smtp]\nhost = 'mail.example'\nport = 25\n";
        let file = File::parse(text, "x.toml".into(), true).unwrap();
        assert_eq!(file.text("http").as_deref(), Some("0.0.0.0:80"));
        assert_eq!(file.text("workers").as_deref(), Some("3"));
        assert_eq!(file.text("origins").as_deref(), Some("https://a.example,https://b.example"));
        assert_eq!(file.settings["smtp"]["port"], 25);
        assert_eq!((file.settings.len(), &file.settings["superuserIPs"][0]), (2, &"10.0.0.0/8".into()));
    }

    #[test]
    fn mistakes_name_the_file() {
        let parse = |text: &str, named| File::parse(text, "x.toml".into(), named).unwrap_err().to_string();
        assert!(parse("http = ", true).starts_with("the file x.toml"), "{}", parse("http = ", true));
        assert!(parse("dir = '/srv'", false).contains("`dir`"));
        assert!(parse("[http]\na = 1", true).contains("`http`"));
        let missing = File::find(Some(Path::new("/nowhere/at/all.toml")), Path::new("/nowhere"));
        assert!(missing.is_err());
        assert_eq!(File::find(None, Path::new("/nowhere")).unwrap(), File::default());
    }
}
