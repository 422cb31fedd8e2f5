//! Uploads that a client sends to the bucket itself. One waits at a place of its own, which no record's file has, until
//! the commit of a record takes it: then it is copied, within the bucket, to where the record's file belongs, as other
//! uploads are written there. Its row in the journal ends with that commit, or when nobody has taken it in time.
//!
//! Not here: who may upload what, and what a record says to take it (`records`).

use super::incoming::NAME_LENGTH;
use super::presign::encoded;
use super::s3::S3;
use super::{Content, Files, Key, Place, failed, journal, kind};
use crate::db::{Failure, Unit};
use crate::error::{Error, Result};
use crate::outbound::{Answer, Limits, Reach, Trouble};
use bytes::Bytes;
use hyper::Request;
use object_store::path::Path as ObjectPath;
use object_store::signer::Method;
use object_store::{Error as StoreError, GetOptions, GetRange, ObjectStore as _, ObjectStoreExt as _};
use std::sync::Arc;
use std::time::Duration;

/// The largest upload: S3 takes no more in one piece, and copies no more in one.
pub const UPLOAD_MAX: u64 = 5 << 30;
/// How long an address is good: the upload must have begun by then.
const ADDRESS_LIFETIME: Duration = Duration::from_mins(15);
/// How long a record can take the upload.
const WAITING_MS: i64 = 3_600_000;
/// When nothing that began in time can still arrive.
const ARRIVES_MS: i64 = 24 * 3_600_000;
/// Uploads that may wait at the same time.
const WAITING_MAX: i64 = 10_000;
/// The same of one caller, or of the guests of one household: nobody takes all places.
const WAITING_EACH_MAX: i64 = 500;

/// What a bucket may say about a copy, and how long it may take; it is asked again as often.
const COPY_LIMITS: Limits = Limits { body_bytes: 64 << 10, time: Duration::from_mins(10) };
const COPY_TRIES: u32 = 3;
const COPY_PAUSE: Duration = Duration::from_millis(300);
/// Characters of a bucket's words that are logged.
const WORDS_MAX: usize = 300;

const GONE: &str = "The upload was changed or removed in the bucket meanwhile.";

/// Where a client may send a file.
#[derive(Debug)]
pub struct Offer {
    pub key: Key,
    /// For one PUT with the type and the length that were said.
    pub url: String,
    pub address_ms: i64,
    /// From then on no record can take it.
    pub expires_ms: i64,
}

/// An upload in the bucket, as it was when it was looked at.
#[derive(Debug)]
pub(super) struct Staged {
    pub(super) key: Key,
    pub(super) bucket: Arc<S3>,
    etag: String,
}

/// What is at a place of a bucket.
struct Seen {
    size: u64,
    etag: String,
    start: Bytes,
}

impl Files {
    /// A place for an upload of so many bytes, announced in the journal; `owner` is a word that stands for who asks, and for
    /// nobody else.
    ///
    /// # Errors
    /// `Invalid` when new files do not go to a bucket, `Unavailable` when too many uploads wait, of all or of this owner.
    pub async fn offer(&self, bytes: u64, mime: &str, owner: &str) -> Result<Offer> {
        let Place::Bucket(bucket) = self.place()? else {
            return Err(Error::invalid("Files are not kept in a bucket here. Send the file with its record."));
        };
        let now_ms = self.world.now_ms();
        let key = Key::staging(now_ms + ARRIVES_MS, owner, &self.world.ids.secret(NAME_LENGTH));
        let headers = [("content-length", bytes.to_string()), ("content-type", mime.to_owned())];
        let url = bucket.presign(Method::PUT, key.path(), &headers, ADDRESS_LIFETIME).await?;
        let expires_ms = now_ms + WAITING_MS;
        let crowded = Error::Unavailable("Too many uploads wait for their records. Please try again later.".into());
        let mut unit = Unit::new();
        unit.run_expecting(journal::stage(&key, owner, expires_ms, (WAITING_MAX, WAITING_EACH_MAX)), 1, crowded);
        self.store.write(unit).await.map_err(Failure::into_error)?;
        let address_ms = now_ms + i64::try_from(ADDRESS_LIFETIME.as_millis()).unwrap_or_default();
        Ok(Offer { key, url: url.into(), address_ms, expires_ms })
    }

    /// What has been uploaded to such a place; `None` when nothing has, or no record can take it any more.
    ///
    /// # Errors
    /// When the database or the bucket cannot be read.
    pub async fn uploaded(&self, key: &Key) -> Result<Option<Content>> {
        let waits = journal::waits(key, self.world.now_ms());
        if self.store.read(|snapshot| snapshot.one(&waits, |_| Ok(()))).await?.is_none() {
            return Ok(None);
        }
        let Place::Bucket(bucket) = self.place()? else { return Ok(None) };
        let Some(Seen { size, etag, start }) = bucket.look(key.path()).await? else { return Ok(None) };
        Ok(Some(Content::in_bucket(Staged { key: key.clone(), bucket, etag }, size, start)))
    }
}

impl S3 {
    async fn look(&self, path: &ObjectPath) -> Result<Option<Seen>> {
        let read = |error: StoreError| match error {
            // Somebody sends it anew.
            StoreError::Precondition { .. } => Error::Conflict(GONE.into()),
            error => failed("look at an upload", &error),
        };
        let meta = match self.objects.head(path).await {
            Ok(meta) => meta,
            Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(read(error)),
        };
        let (size, etag) = (meta.size, meta.e_tag.unwrap_or_default());
        let mut start = Bytes::new();
        if size > 0 {
            let range = Some(GetRange::Bounded(0..size.min(kind::START as u64)));
            let if_match = (!etag.is_empty()).then(|| etag.clone());
            let got = self.objects.get_opts(path, GetOptions { range, if_match, ..GetOptions::default() }).await;
            start = got.map_err(read)?.bytes().await.map_err(read)?;
        }
        Ok(Some(Seen { size, etag, start }))
    }

    /// Copies an upload to the place of a record's file. The address that it came by may still be good, so what was
    /// copied must be what was looked at.
    pub(super) async fn adopt(
        &self,
        staged: &Staged,
        content: &Content,
        to: &ObjectPath,
        mime: &str,
        original: &str,
    ) -> Result<()> {
        if !Arc::ptr_eq(&self.objects, &staged.bucket.objects) {
            return Err(switched());
        }
        let mut headers = vec![
            ("content-type", mime.to_owned()),
            ("x-amz-copy-source", format!("/{}/{}", self.bucket, encoded(staged.key.path()))),
            ("x-amz-metadata-directive", "REPLACE".to_owned()),
        ];
        if !staged.etag.is_empty() {
            headers.push(("x-amz-copy-source-if-match", staged.etag.clone()));
        }
        if !original.is_empty() {
            // Several spaces are signed as one.
            let name = original.split_whitespace().collect::<Vec<_>>().join(" ");
            headers.push(("x-amz-meta-original-filename", name));
        }
        for tried in 1.. {
            let words = match self.copy(to, &headers).await? {
                Ok(Answer { status: 200, body, .. }) if !is_error(&body) => break,
                Ok(Answer { status: 404 | 412, .. }) => return Err(Error::Conflict(GONE.into())),
                Ok(Answer { status, body, .. }) => format!("{status}: {}", String::from_utf8_lossy(&body)),
                Err(trouble) => trouble.to_string(),
            };
            if tried >= COPY_TRIES {
                let words: String = words.chars().take(WORDS_MAX).collect();
                return Err(super::s3::unwilling(words));
            }
            tokio::time::sleep(COPY_PAUSE * tried).await;
        }
        match self.look(to).await? {
            Some(copied) if copied.size == content.size && copied.start == content.start() => Ok(()),
            _ => Err(Error::Conflict(GONE.into())),
        }
    }

    async fn copy(&self, to: &ObjectPath, headers: &[(&'static str, String)]) -> Result<Result<Answer, Trouble>> {
        let url = self.presign(Method::PUT, to, headers, COPY_LIMITS.time).await?;
        let mut request = Request::put(url.as_str()).header("content-length", "0");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Bytes::new()).map_err(|error| Error::internal("copy an upload", error))?;
        Ok(self.outbound.send(Reach::Anywhere, request, COPY_LIMITS).await)
    }
}

/// A copy that takes long is answered before it is made; how it ended stands in the body.
fn is_error(body: &[u8]) -> bool {
    body.windows(6).any(|window| window == b"<Error")
}

pub(super) fn switched() -> Error {
    Error::Unavailable("The file storage was switched meanwhile. Please upload the file again.".into())
}
