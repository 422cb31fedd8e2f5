//! What the operator chose: flags, then `TINYBASE_*` variables, then the file, then defaults. The only reader of the
//! environment.

mod file;

use crate::crypto::vault::{KEY_BYTES, Key, Keys};
use file::File;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

/// What the names of variables begin with.
const PREFIX: &str = "TINYBASE_";

/// Holds the key of the stored settings when no other variable is named.
const ENCRYPTION_KEY: &str = "TINYBASE_ENCRYPTION_KEY";

/// Names the file of [`Config::smtp_ca_file`]; it reads like a setting, and is none.
const SMTP_CA_FILE: &str = "TINYBASE_SMTP_CA_FILE";

/// Where the data is when nobody says otherwise.
const DIR: &str = "./tb_data";

/// Where the server listens when nobody says otherwise.
const HTTP: &str = "127.0.0.1:8090";

/// Threads that write to databases; more only helps with many busy tenants.
const DATABASE_THREADS: usize = 2;
/// Enough that a walk over a hundred thousand records stays in memory, for a few walkers at once.
const CACHE_MB: u32 = 256;
/// What the connections of one database need not to work against each other.
const CACHE_MB_MIN: u32 = 16;

/// What is logged about the server itself when nobody says otherwise.
const LOG_FILTER: &str = "info,wasmtime=warn,cranelift=warn,hyper=error";

/// Everything that is decided before the server starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The data directory: `data.db`, `logs.db`, `storage/`, `plugins/`, `tenants/`.
    pub dir: PathBuf,
    /// `address:port`; port 0 takes a free one.
    pub http: String,
    pub durability: Durability,
    /// Threads that answer requests.
    pub workers: usize,
    /// Threads that write to databases.
    pub database_threads: usize,
    /// Threads that run plugins.
    pub plugin_threads: usize,
    /// MiB that the page caches of all databases may take together.
    pub cache_mb: u32,
    /// Plugins' requests reach private addresses too: for tests and development.
    pub plugin_private_addresses: bool,
    /// No plugin is called, so that a server can be looked at whose plugins do harm.
    pub no_plugins: bool,
    /// What calls of plugins may use at most.
    pub plugin_quota: PluginQuota,
    /// The binary that compiles plugins; `None` is this process's own.
    pub program: Option<PathBuf>,
    /// Origins that browsers may call from; `*` for all.
    pub origins: Vec<String>,
    pub log_format: LogFormat,
    /// `tracing` directives.
    pub log_filter: String,
    /// Whether periodic jobs run by themselves; tests do it by hand.
    pub jobs_by_clock: bool,
    /// Opens `/metrics` for whoever presents it.
    pub metrics_token: Option<Secret>,
    /// Certificates of authorities that may vouch for mail servers, beside those that everybody knows. Not a setting:
    /// no request makes the server read a file.
    pub smtp_ca_file: Option<PathBuf>,
    /// Settings that hold over what is stored.
    pub settings: Given,
    /// The keys of what is secret among the stored settings.
    pub keys: Keys,
}

/// What the calls of each tenant's plugins may use at most, each and in a second; `None` is as much as the host allows at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PluginQuota {
    /// Of one call, as the next ones; 0 is no word about it.
    pub fuel: Option<u64>,
    pub wall_ms: Option<u64>,
    pub memory_mb: Option<u64>,
    pub host_calls: Option<u64>,
    pub bytes_per_call: Option<u64>,
    pub handles: Option<u64>,
    pub log_bytes: Option<u64>,
    /// Requests that one plugin answers at the same time.
    pub at_once: Option<u64>,
    /// Of all calls together; 0 for no limit.
    pub fuel_per_second: Option<u64>,
}

/// Settings as they were given, not yet looked at.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// `NAME=VALUE`.
    pub flags: Vec<String>,
    /// All `TINYBASE_*`, other ones among them.
    pub variables: Variables,
    /// What stands in a file.
    pub file: Option<(PathBuf, Map<String, Value>)>,
}

impl Given {
    /// Whether anything is said about a section of the settings.
    #[must_use]
    pub fn mentions(&self, section: &str) -> bool {
        let (path, variable) = (format!("{section}."), format!("TINYBASE_{}_", section.to_uppercase()));
        self.flags.iter().any(|flag| flag.starts_with(&path))
            || self.variables.keys().any(|name| name.starts_with(&variable))
            || self.file.as_ref().is_some_and(|(_, file)| file.contains_key(section))
    }
}

impl fmt::Debug for Given {
    /// Without values, some of which are secrets.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Given").field("flags", &self.flags.len()).finish_non_exhaustive()
    }
}

/// Variables by name.
pub type Variables = BTreeMap<String, String>;

/// Where a value comes from that is not what is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Flag,
    Variable(String),
    File(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => write!(out, "the flag --set"),
            Self::Variable(name) => write!(out, "the variable {name}"),
            Self::File(path) => write!(out, "the file {}", path.display()),
        }
    }
}

/// A text that is not to be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

/// What the command line says; `None` leaves it to the environment or the default.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub dir: Option<PathBuf>,
    pub http: Option<String>,
    pub durability: Option<Durability>,
    pub workers: Option<usize>,
    pub plugin_threads: Option<usize>,
    pub plugin_fuel_per_second: Option<u64>,
    pub no_plugins: bool,
    pub origins: Option<Vec<String>>,
    pub log_format: Option<LogFormat>,
    pub metrics_token: Option<Secret>,
    pub smtp_ca_file: Option<PathBuf>,
    /// The file of configuration.
    pub file: Option<PathBuf>,
    /// Settings as `NAME=VALUE`.
    pub settings: Vec<String>,
    /// The variable that holds the key of the stored settings.
    pub encryption_env: Option<String>,
}

/// When a write may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// When it is committed; a power cut may cost the last 100 ms.
    #[default]
    Normal,
    /// When it is on the disk.
    Full,
}

/// How the server logs about itself, on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    #[default]
    Pretty,
    Json,
}

/// A variable or a file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// `the variable TINYBASE_WORKERS`.
    pub place: String,
    pub message: String,
}

impl ConfigError {
    fn new(place: impl Into<String>, message: impl fmt::Display) -> Self {
        Self { place: place.into(), message: message.to_string() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} cannot be used: {}", self.place, self.message)
    }
}

impl std::error::Error for ConfigError {}

impl Default for Config {
    /// What holds when neither flags nor variables say anything.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            dir: DIR.into(),
            http: HTTP.to_owned(),
            durability: Durability::default(),
            workers: cores,
            database_threads: DATABASE_THREADS,
            plugin_threads: cores,
            cache_mb: CACHE_MB,
            plugin_private_addresses: false,
            no_plugins: false,
            plugin_quota: PluginQuota::default(),
            program: None,
            origins: vec!["*".to_owned()],
            log_format: LogFormat::default(),
            log_filter: LOG_FILTER.to_owned(),
            jobs_by_clock: true,
            metrics_token: None,
            smtp_ca_file: None,
            settings: Given::default(),
            keys: Keys::default(),
        }
    }
}

impl Config {
    /// Flags over this process's environment over the file over defaults.
    ///
    /// # Errors
    /// When a variable has a value that cannot be used, or the file cannot be read.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    pub fn load(flags: Flags) -> Result<Self, ConfigError> {
        let all = std::env::vars_os();
        Self::from(flags, all.filter_map(|(name, text)| name.into_string().ok().zip(text.into_string().ok())).collect())
    }

    /// Flags over the given variables over the file over defaults.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from(flags: Flags, variables: Variables) -> Result<Self, ConfigError> {
        let default = Self::default();
        let named = flags.file.or_else(|| variables.get("TINYBASE_CONFIG").map(PathBuf::from));
        let mut choice = Choice { variables, file: File::default() };
        let dir = choice.of(flags.dir, "TINYBASE_DIR")?;
        choice.file = File::find(named.as_deref(), dir.as_ref().unwrap_or(&default.dir))?;
        let dir = choice.of(dir, "TINYBASE_DIR")?;
        let threads = |flag, name| choice.of(flag, name).map(|count| count.map(|count: usize| count.max(1)));
        Ok(Self {
            dir: dir.unwrap_or(default.dir),
            http: choice.of(flags.http, "TINYBASE_HTTP")?.unwrap_or(default.http),
            durability: choice.of(flags.durability, "TINYBASE_DURABILITY")?.unwrap_or(default.durability),
            workers: threads(flags.workers, "TINYBASE_WORKERS")?.unwrap_or(default.workers),
            database_threads: threads(None, "TINYBASE_DATABASE_THREADS")?.unwrap_or(default.database_threads),
            plugin_threads: threads(flags.plugin_threads, "TINYBASE_PLUGIN_THREADS")?.unwrap_or(default.plugin_threads),
            cache_mb: choice.of(None, "TINYBASE_CACHE_MB")?.unwrap_or(default.cache_mb).max(CACHE_MB_MIN),
            plugin_private_addresses: choice
                .of(None, "TINYBASE_PLUGIN_PRIVATE_ADDRESSES")?
                .unwrap_or(default.plugin_private_addresses),
            no_plugins: flags.no_plugins || choice.of(None, "TINYBASE_NO_PLUGINS")?.unwrap_or(default.no_plugins),
            plugin_quota: PluginQuota {
                fuel: choice.of(None, "TINYBASE_PLUGIN_FUEL")?,
                wall_ms: choice.of(None, "TINYBASE_PLUGIN_WALL_MS")?,
                memory_mb: choice.of(None, "TINYBASE_PLUGIN_MEMORY_MB")?,
                host_calls: choice.of(None, "TINYBASE_PLUGIN_HOST_CALLS")?,
                bytes_per_call: choice.of(None, "TINYBASE_PLUGIN_BYTES_PER_CALL")?,
                handles: choice.of(None, "TINYBASE_PLUGIN_HANDLES")?,
                log_bytes: choice.of(None, "TINYBASE_PLUGIN_LOG_BYTES")?,
                at_once: choice.of(None, "TINYBASE_PLUGIN_AT_ONCE")?,
                fuel_per_second: choice.of(flags.plugin_fuel_per_second, "TINYBASE_PLUGIN_FUEL_PER_SECOND")?,
            },
            program: default.program,
            origins: flags
                .origins
                .or_else(|| choice.text("TINYBASE_ORIGINS").map(|text| list(&text)))
                .unwrap_or(default.origins),
            log_format: choice.of(flags.log_format, "TINYBASE_LOG_FORMAT")?.unwrap_or(default.log_format),
            log_filter: choice
                .text("TINYBASE_LOG")
                .or_else(|| choice.variables.get("RUST_LOG").cloned())
                .unwrap_or(default.log_filter),
            jobs_by_clock: default.jobs_by_clock,
            metrics_token: flags.metrics_token.or_else(|| choice.text("TINYBASE_METRICS_TOKEN").map(Secret)),
            smtp_ca_file: choice.of(flags.smtp_ca_file, SMTP_CA_FILE)?,
            keys: keys(flags.encryption_env.as_deref(), &choice.variables)?,
            settings: Given {
                flags: flags.settings,
                file: choice.file.path.zip(Some(choice.file.settings)),
                variables: choice
                    .variables
                    .into_iter()
                    .filter(|(name, _)| name.starts_with(PREFIX) && name != SMTP_CA_FILE)
                    .collect(),
            },
        })
    }
}

/// What is chosen from when no flag says it.
struct Choice {
    variables: Variables,
    file: File,
}

impl Choice {
    /// The text of a variable that is not empty, else of the key of the same name in the file.
    fn text(&self, name: &str) -> Option<String> {
        let told = self.variables.get(name).filter(|text| !text.is_empty());
        told.cloned().or_else(|| self.file.text(&key(name)))
    }

    fn of<T: FromStr>(&self, flag: Option<T>, name: &str) -> Result<Option<T>, ConfigError>
    where
        T::Err: fmt::Display,
    {
        let (None, Some(text)) = (&flag, self.text(name)) else { return Ok(flag) };
        let is_told = self.variables.get(name).is_some_and(|text| !text.is_empty());
        let place = || if is_told { format!("the variable {name}") } else { self.file.place(&key(name)) };
        text.parse().map(Some).map_err(|error: T::Err| ConfigError::new(place(), error))
    }
}

/// `TINYBASE_LOG_FORMAT` -> `log-format`.
fn key(name: &str) -> String {
    name.trim_start_matches(PREFIX).to_ascii_lowercase().replace('_', "-")
}

/// The key in the variable that is named, and the one from before in that with `_PREVIOUS` behind its name.
fn keys(named: Option<&str>, variables: &Variables) -> Result<Keys, ConfigError> {
    let name = named.unwrap_or(ENCRYPTION_KEY);
    let read = |name: &str| {
        let text = variables.get(name).filter(|text| !text.is_empty());
        let wrong = || ConfigError::new(format!("the variable {name}"), format!("a key has {KEY_BYTES} bytes"));
        text.map(|text| Key::new(name, text).ok_or_else(wrong)).transpose()
    };
    let keys = Keys { current: read(name)?, previous: read(&format!("{name}_PREVIOUS"))? };
    if named.is_some() && keys == Keys::default() {
        return Err(ConfigError::new(format!("the variable {name}"), "it holds no key"));
    }
    Ok(keys)
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

impl FromStr for Durability {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "normal" => Ok(Self::Normal),
            "full" => Ok(Self::Full),
            _ => Err(format!("`{text}` is neither `normal` nor `full`")),
        }
    }
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err(format!("`{text}` is neither `pretty` nor `json`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(all: &[(&str, &str)]) -> Variables {
        all.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn flags_over_variables_over_the_file_over_defaults() {
        let dir = tempfile::tempdir().unwrap();
        let file = "http = '0.0.0.0:1'\nworkers = 3\ndurability = 'full'\nlog-format = 'json'\n[smtp]\nport = 1\n";
        std::fs::write(dir.path().join("tinybase.toml"), file).unwrap();
        let told = variables(&[
            ("TINYBASE_DIR", dir.path().to_str().unwrap()),
            ("TINYBASE_WORKERS", "5"),
            ("TINYBASE_HTTP", ""),
            ("TINYBASE_ORIGINS", "https://a.example, https://b.example"),
            ("TINYBASE_SMTP_HOST", "mail.example"),
            ("TINYBASE_SMTP_CA_FILE", "/etc/authorities.pem"),
            ("OTHER", "x"),
        ]);
        let flags =
            Flags { durability: Some(Durability::Normal), settings: vec!["smtp.tls=1".into()], ..Flags::default() };
        let config = Config::from(flags, told).unwrap();
        assert_eq!((config.http.as_str(), config.workers, config.durability), ("0.0.0.0:1", 5, Durability::Normal));
        assert_eq!((config.origins.len(), config.log_format), (2, LogFormat::Json));
        assert_eq!(config.smtp_ca_file, Some("/etc/authorities.pem".into()));
        assert!(!config.settings.variables.contains_key(SMTP_CA_FILE), "it is no setting");
        let given = config.settings;
        assert_eq!((given.flags.len(), given.variables.contains_key("OTHER")), (1, false));
        assert_eq!(given.file.unwrap().1["smtp"]["port"], 1);
        let config =
            Config::from(Flags { dir: Some("/nowhere".into()), ..Flags::default() }, Variables::new()).unwrap();
        assert_eq!((config.http.as_str(), config.dir), (HTTP, PathBuf::from("/nowhere")));
    }

    #[test]
    fn a_file_that_is_named_may_say_where_the_data_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("any.toml");
        std::fs::write(&path, "dir = '/srv/data'\nworkers = 'many'\n").unwrap();
        let told = || variables(&[("TINYBASE_CONFIG", path.to_str().unwrap())]);
        let error = Config::from(Flags::default(), told()).unwrap_err().to_string();
        assert!(error.starts_with("`workers` in the file") && error.contains("any.toml"), "{error}");
        std::fs::write(&path, "dir = '/srv/data'\n").unwrap();
        assert_eq!(Config::from(Flags::default(), told()).unwrap().dir, PathBuf::from("/srv/data"));
        let flags = Flags { dir: Some("/flag".into()), ..Flags::default() };
        assert_eq!(Config::from(flags, told()).unwrap().dir, PathBuf::from("/flag"));
    }

    #[test]
    fn a_bad_variable_is_named() {
        let error = Config::from(Flags::default(), variables(&[("TINYBASE_WORKERS", "many")])).unwrap_err();
        assert!(error.to_string().starts_with("the variable TINYBASE_WORKERS"), "{error}");
    }

    #[test]
    fn keys_have_a_length_and_are_not_printed() {
        let good = "0123456789abcdef0123456789abcdef";
        let with = |named: Option<&str>, all: &[(&str, &str)]| keys(named, &variables(all));
        assert_eq!(with(None, &[]).unwrap(), Keys::default());
        let both = with(Some("MINE"), &[("MINE", good), ("MINE_PREVIOUS", good)]).unwrap();
        assert_eq!(both.current.as_ref().map(|key| key.name.as_str()), Some("MINE"));
        assert!(both.previous.is_some() && !format!("{both:?}").contains("0123"));
        assert!(with(None, &[(ENCRYPTION_KEY, "short")]).unwrap_err().to_string().contains("32 bytes"));
        assert!(with(Some("MINE"), &[(ENCRYPTION_KEY, good)]).unwrap_err().to_string().contains("MINE"));
    }
}
