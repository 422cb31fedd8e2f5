//! What the operator chose: flags, then `TINYBASE_*` variables, then defaults. The only reader of the
//! environment.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

/// Where the data is when nobody says otherwise.
const DIR: &str = "./tb_data";

/// Where the server listens when nobody says otherwise.
const HTTP: &str = "127.0.0.1:8090";

/// Threads that write to databases; more only helps with many busy tenants.
const DATABASE_THREADS: usize = 2;

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
    pub origins: Option<Vec<String>>,
    pub log_format: Option<LogFormat>,
    pub metrics_token: Option<Secret>,
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

/// A variable whose value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub variable: &'static str,
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the variable {} has an invalid value: {}", self.variable, self.message)
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
            program: None,
            origins: vec!["*".to_owned()],
            log_format: LogFormat::default(),
            log_filter: LOG_FILTER.to_owned(),
            jobs_by_clock: true,
            metrics_token: None,
        }
    }
}

impl Config {
    /// Flags over this process's environment over defaults.
    ///
    /// # Errors
    /// When a variable has a value that cannot be used.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    pub fn load(flags: Flags) -> Result<Self, ConfigError> {
        Self::from(flags, &|name| std::env::var(name).ok())
    }

    /// Flags over the given variables over defaults.
    ///
    /// # Errors
    /// When a variable has a value that cannot be used.
    pub fn from(flags: Flags, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let default = Self::default();
        let threads = |flag, name| choose(flag, variable, name).map(|count| count.map(|count: usize| count.max(1)));
        Ok(Self {
            dir: choose(flags.dir, variable, "TINYBASE_DIR")?.unwrap_or(default.dir),
            http: choose(flags.http, variable, "TINYBASE_HTTP")?.unwrap_or(default.http),
            durability: choose(flags.durability, variable, "TINYBASE_DURABILITY")?.unwrap_or(default.durability),
            workers: threads(flags.workers, "TINYBASE_WORKERS")?.unwrap_or(default.workers),
            database_threads: threads(None, "TINYBASE_DATABASE_THREADS")?.unwrap_or(default.database_threads),
            plugin_threads: threads(flags.plugin_threads, "TINYBASE_PLUGIN_THREADS")?.unwrap_or(default.plugin_threads),
            program: default.program,
            origins: flags
                .origins
                .or_else(|| variable("TINYBASE_ORIGINS").map(|text| list(&text)))
                .unwrap_or(default.origins),
            log_format: choose(flags.log_format, variable, "TINYBASE_LOG_FORMAT")?.unwrap_or(default.log_format),
            log_filter: variable("TINYBASE_LOG").or_else(|| variable("RUST_LOG")).unwrap_or(default.log_filter),
            jobs_by_clock: default.jobs_by_clock,
            metrics_token: flags.metrics_token.or_else(|| variable("TINYBASE_METRICS_TOKEN").map(Secret)),
        })
    }
}

fn choose<T: FromStr>(
    flag: Option<T>,
    variable: &dyn Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Option<T>, ConfigError>
where
    T::Err: fmt::Display,
{
    match (flag, variable(name).filter(|text| !text.is_empty())) {
        (Some(value), _) => Ok(Some(value)),
        (None, None) => Ok(None),
        (None, Some(text)) => {
            text.parse().map(Some).map_err(|error: T::Err| ConfigError { variable: name, message: error.to_string() })
        }
    }
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

    fn variables(name: &str) -> Option<String> {
        match name {
            "TINYBASE_DIR" => Some("/env".to_owned()),
            "TINYBASE_DURABILITY" => Some("full".to_owned()),
            "TINYBASE_ORIGINS" => Some("https://a.example, https://b.example".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn flags_over_variables_over_defaults() {
        let flags = Flags { dir: Some("/flag".into()), ..Flags::default() };
        let config = Config::from(flags, &variables).unwrap();
        assert_eq!((config.dir, config.durability), ("/flag".into(), Durability::Full));
        assert_eq!((config.http.as_str(), config.origins.len()), (HTTP, 2));
        assert_eq!(Config::from(Flags::default(), &variables).unwrap().dir, PathBuf::from("/env"));
    }

    #[test]
    fn a_bad_variable_is_named() {
        let wrong = |name: &str| (name == "TINYBASE_WORKERS").then(|| "many".to_owned());
        let error = Config::from(Flags::default(), &wrong).unwrap_err();
        assert!(error.to_string().starts_with("the variable TINYBASE_WORKERS"), "{error}");
    }
}
