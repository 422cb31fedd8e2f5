//! The operator's door to a host that is running: a Unix socket in the data directory. One line of JSON in,
//! one line of JSON out.
//!
//! Only the owner of the directory, and root, may come in: the socket's mode says so, and so does a look at
//! the peer.

use super::Host;
use super::control::{self, Command};
use crate::error::{Error, FieldError, FieldErrors, FieldIssue, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};

/// Longest line in either direction.
const LINE_MAX: u64 = 16 << 20;

/// How long a peer may take to send its line.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a command waits for a server that holds the directory but does not listen yet.
const STARTING: Duration = Duration::from_secs(5);
const STARTING_STEP: Duration = Duration::from_millis(50);

/// What a command was answered, in words for the terminal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Done(Value),
    Refused(Refusal),
}

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub message: String,
    /// `field: what is wrong with it`.
    pub fields: Vec<String>,
}

/// Where the socket of a data directory is.
#[must_use]
pub fn path(dir: &Path) -> PathBuf {
    dir.join("control.sock")
}

/// Begins to listen. The data directory must be held, which makes a socket that is there a leftover.
///
/// # Errors
/// When the socket cannot be made, for instance because its path is too long.
pub fn listen(host: &Arc<Host>) -> io::Result<()> {
    let path = path(&host.config.dir);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    let weak = Arc::downgrade(host);
    host.tasks.spawn_until_stop(async move {
        // One after the other: operators are few.
        while let Ok((stream, _)) = listener.accept().await {
            let Some(host) = weak.upgrade() else { return };
            if let Err(error) = serve(&host, stream).await {
                tracing::warn!(%error, "a command from the control socket was not answered");
            }
        }
    });
    Ok(())
}

async fn serve(host: &Host, mut stream: UnixStream) -> io::Result<()> {
    let peer = stream.peer_cred()?.uid();
    if peer != std::fs::metadata(&host.config.dir)?.uid() && peer != 0 {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("user {peer} is not allowed")));
    }
    let line = tokio::time::timeout(PATIENCE, read_line(&mut stream)).await??;
    let answer = match serde_json::from_str::<Command>(&line) {
        Ok(command) => answer(control::execute(host, command).await),
        Err(error) => Answer::Refused(Refusal {
            message: format!("this server does not know the command: {error}"),
            fields: vec![],
        }),
    };
    write_line(&mut stream, &answer).await
}

/// Sends a command to the server that holds the directory.
///
/// # Errors
/// When no server listens, or it goes away. The inner error is the command's.
pub async fn send(dir: &Path, command: &Command) -> io::Result<Result<Value, Refusal>> {
    let mut stream = connect(&path(dir)).await?;
    write_line(&mut stream, command).await?;
    let line = read_line(&mut stream).await?;
    match serde_json::from_str(&line)? {
        Answer::Done(value) => Ok(Ok(value)),
        Answer::Refused(refusal) => Ok(Err(refusal)),
    }
}

async fn connect(path: &Path) -> io::Result<UnixStream> {
    let mut waited = Duration::ZERO;
    loop {
        match UnixStream::connect(path).await {
            Ok(stream) => return Ok(stream),
            Err(error) if waited >= STARTING => return Err(error),
            Err(_) => {}
        }
        tokio::time::sleep(STARTING_STEP).await;
        waited += STARTING_STEP;
    }
}

async fn read_line(stream: &mut UnixStream) -> io::Result<String> {
    let mut line = String::new();
    BufReader::new(stream.take(LINE_MAX)).read_line(&mut line).await?;
    if line.ends_with('\n') { Ok(line) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

async fn write_line(stream: &mut UnixStream, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    stream.write_all(&line).await
}

fn answer(result: Result<Value>) -> Answer {
    match result {
        Ok(value) => Answer::Done(value),
        Err(error) => Answer::Refused(Refusal::from(error)),
    }
}

impl From<Error> for Refusal {
    /// The terminal is the operator's, so causes are told.
    fn from(error: Error) -> Self {
        let fields = match &error {
            Error::Invalid { fields, .. } => lines(fields, ""),
            _ => Vec::new(),
        };
        let message = match error {
            Error::Invalid { message, .. }
            | Error::Unprocessable { message, .. }
            | Error::Unauthenticated(message)
            | Error::Forbidden(message)
            | Error::NotFound(message)
            | Error::Refused { message, .. }
            | Error::Conflict(message)
            | Error::Unavailable(message) => message.into_owned(),
            Error::MissingScope(_) => "the API key does not have the scope".to_owned(),
            Error::BeyondCaller(plugin) => format!("the plugin {plugin} asks for what the caller may not do"),
            Error::SecondFactor(_) => "a second factor is demanded".to_owned(),
            Error::Stale(_) => "the record was changed".to_owned(),
            Error::TooLarge { limit_bytes } => format!("more than {limit_bytes} bytes"),
            Error::RateLimited { .. } => "too many requests".to_owned(),
            Error::OverQuota { .. } => "the plugins have used what they may for now".to_owned(),
            Error::Plugin(failure) => format!("the plugin {} failed: {}", failure.plugin, failure.detail),
            Error::Internal(cause) => format!("failed to {}: {}", cause.context, cause.detail),
        };
        Self { message, fields }
    }
}

fn lines(errors: &FieldErrors, prefix: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (field, issue) in &errors.0 {
        match issue {
            FieldIssue::Error(FieldError { message, .. }) => all.push(format!("{prefix}{field}: {message}")),
            FieldIssue::Nested(nested) => all.extend(lines(nested, &format!("{prefix}{field}."))),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::code;

    #[test]
    fn a_refusal_names_fields() {
        let mut fields = FieldErrors::one("name", code::REQUIRED);
        fields.nest("fields", FieldErrors::one("0", code::INVALID_VALUE));
        let refusal = Refusal::from(Error::Invalid { message: "No.".into(), fields });
        assert_eq!(refusal.fields, ["fields.0: Invalid value.", "name: Cannot be blank."]);
    }
}
