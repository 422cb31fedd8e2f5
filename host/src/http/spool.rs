//! Bodies that are files: received into, and sent from, a file without a name, so that neither a large one nor
//! a slow client takes memory. The file is gone when it is closed, however the process ends.

use super::body::{content_type, drain, within};
use super::reply::Failure;
use crate::error::{Error, Result, code};
use crate::tenant::Cx;
use crate::tenant::exports::Turn;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{StreamExt as _, try_unfold};
use http_body_util::BodyExt as _;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

/// How much is read of a file at once.
const PIECE: usize = 64 << 10;
/// How long a client may send nothing.
const SILENCE: Duration = Duration::from_mins(1);
/// Parts of a form that are looked at.
const PARTS_MAX: usize = 100;

/// A new file without a name, where the tenant's other files are.
///
/// # Errors
/// When the disk has no room for it.
pub(super) fn file(cx: &Cx) -> Result<File> {
    tempfile::tempfile_in(&cx.tenant.dir).map_err(|error| Error::internal("make a file without a name", error))
}

/// A body, or the part of a form that is called `file`, as a file that stands at its beginning.
///
/// # Errors
/// `Invalid` when the form has no such part or the body breaks off, `TooLarge`.
pub(super) async fn receive(cx: &Cx, request: Request, limit: usize) -> Result<File> {
    Ok(receive_into(request, limit, file(cx)?).await?.file)
}

/// What was received.
#[derive(Debug)]
pub(super) struct Received {
    /// Stands at its beginning.
    pub file: File,
    /// What the sender calls it, if it was part of a form.
    pub name: Option<String>,
}

/// A new file with a name, for what is to be kept.
///
/// # Errors
/// When it cannot be made.
pub(super) fn named(path: &Path) -> Result<File> {
    let made = File::options().read(true).write(true).create_new(true).mode(0o600).open(path);
    made.map_err(|error| Error::internal("make a file for a body", error))
}

/// The same as [`receive`], into a file that is given.
///
/// # Errors
/// As [`receive`].
pub(super) async fn receive_into(mut request: Request, limit: usize, file: File) -> Result<Received> {
    request = within(request, limit)?;
    let mut sink = Sink { file: tokio::fs::File::from_std(file), left: limit, limit };
    if content_type(request.headers()) == "multipart/form-data" {
        DefaultBodyLimit::disable().apply(&mut request);
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| broken_off())?;
        for _ in 0..PARTS_MAX {
            let Some(mut part) = in_time(form.next_field()).await? else { break };
            if part.name() == Some("file") {
                let name = part.file_name().map(str::to_owned);
                while let Some(piece) = in_time(part.chunk()).await? {
                    sink.take(&piece).await?;
                }
                return Ok(Received { file: sink.finish().await?, name });
            }
        }
        return Err(Error::field("The form has no part called file.", "file", code::REQUIRED));
    }
    let mut body = request.into_body();
    while let Some(frame) = in_time(async { body.frame().await.transpose() }).await? {
        if let Ok(piece) = frame.into_data()
            && let Err(error) = sink.take(&piece).await
        {
            drain(body).await;
            return Err(error);
        }
    }
    Ok(Received { file: sink.finish().await?, name: None })
}

async fn in_time<T, E>(reading: impl Future<Output = Result<T, E>>) -> Result<T> {
    match tokio::time::timeout(SILENCE, reading).await {
        Ok(Ok(read)) => Ok(read),
        _ => Err(broken_off()),
    }
}

fn broken_off() -> Error {
    Error::invalid("The file could not be read to its end.")
}

struct Sink {
    file: tokio::fs::File,
    left: usize,
    limit: usize,
}

impl Sink {
    async fn take(&mut self, piece: &Bytes) -> Result<()> {
        self.left = self.left.checked_sub(piece.len()).ok_or(Error::TooLarge { limit_bytes: self.limit })?;
        self.file.write_all(piece).await.map_err(|error| failed(&error))
    }

    async fn finish(mut self) -> Result<File> {
        self.file.flush().await.map_err(|error| failed(&error))?;
        self.file.rewind().await.map_err(|error| failed(&error))?;
        Ok(self.file.into_std().await)
    }
}

fn failed(error: &io::Error) -> Error {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::FileTooLarge | io::ErrorKind::QuotaExceeded) {
        return Error::Unavailable("There is no room left for the file.".into());
    }
    Error::internal("keep a body", error)
}

/// A file on its way to a client.
#[derive(Debug)]
pub(super) struct Download {
    pub file: File,
    pub length: u64,
    pub content_type: &'static str,
    /// Made of letters, digits, `_`, `.` and `-`.
    pub name: String,
    /// Given back when the client has the file, or has gone.
    pub turn: Turn,
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        let Self { file, length, content_type, name, turn } = self;
        let file = tokio::fs::File::from_std(file);
        let pieces = try_unfold((file, turn), |(mut file, turn)| async move {
            let mut piece = Vec::with_capacity(PIECE);
            let read = (&mut file).take(PIECE as u64).read_to_end(&mut piece).await?;
            Ok::<_, io::Error>((read > 0).then_some((Bytes::from(piece), (file, turn))))
        });
        let mut response = Response::new(Body::from_stream(pieces.fuse()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        match HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
            Ok(disposition) => drop(headers.insert(CONTENT_DISPOSITION, disposition)),
            Err(error) => return Failure::from(Error::internal("name a download", error)).into_response(),
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    /// What is left of a limit after a body in these pieces; `None` when it was too large.
    async fn take(pieces: &[&'static [u8]], limit: usize) -> Option<usize> {
        let file = tokio::fs::File::from_std(tempfile::tempfile().unwrap());
        let mut sink = Sink { file, left: limit, limit };
        let mut pieces = stream::iter(pieces);
        while let Some(piece) = pieces.next().await {
            match sink.take(&Bytes::from_static(piece)).await {
                Ok(()) => {}
                Err(Error::TooLarge { limit_bytes }) if limit_bytes == limit => return None,
                Err(other) => panic!("{other:?}"),
            }
        }
        let left = sink.left;
        let mut text = String::new();
        io::Read::read_to_string(&mut sink.finish().await.unwrap(), &mut text).unwrap();
        assert_eq!(text.len(), limit - left, "it stands at its beginning");
        Some(left)
    }

    #[tokio::test]
    async fn a_file_has_a_limit() {
        assert_eq!(take(&[b"ab", b"c"], 3).await, Some(0));
        assert_eq!(take(&[], 3).await, Some(3));
        assert_eq!(take(&[b"ab", b"cd"], 3).await, None);
    }
}
