//! Trying out a bucket before it is relied on: everything that will be done with it, with a small file.

use super::s3::{S3, S3Config};
use futures_util::TryStreamExt as _;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use std::time::Duration;

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(15);
const CONTENT: &[u8] = b"tinybase";
/// Characters of the bucket's words that are passed on.
const WORDS_MAX: usize = 500;

/// Why a bucket cannot be used.
#[derive(Debug)]
pub struct Flaw {
    /// What could not be done, as the permission is called.
    pub permission: &'static str,
    /// The words of the bucket.
    pub words: String,
}

/// Writes, reads, lists and removes `name`; the first thing that fails is told.
///
/// # Errors
/// The flaw.
pub async fn try_out(config: &S3Config, name: &str) -> Result<(), Flaw> {
    let flaw = |permission, words: String| Flaw { permission, words: words.chars().take(WORDS_MAX).collect() };
    let bucket = S3::with_retries(config, 0).map_err(|error| flaw("s3:PutObject", error.to_string()))?;
    let (objects, path) = (&bucket.objects, ObjectPath::from(format!("tinybase_test/{name}")));
    let put = objects.put(&path, CONTENT.into());
    step("s3:PutObject", async { put.await.map(|_| true) }).await?;
    let get = async { objects.get(&path).await?.bytes().await.map(|bytes| bytes == CONTENT) };
    let got = step("s3:GetObject", get).await;
    let folder = ObjectPath::from("tinybase_test");
    let list = objects.list(Some(&folder)).try_fold(false, |_, _| async { Ok(true) });
    let listed = step("s3:ListBucket", list).await;
    // Even when a step before it has failed: nothing is to be left.
    let removed = step("s3:DeleteObject", async { objects.delete(&path).await.map(|()| true) }).await;
    got.and(listed).and(removed)
}

async fn step(permission: &'static str, work: impl Future<Output = object_store::Result<bool>>) -> Result<(), Flaw> {
    let words = match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(true)) => return Ok(()),
        Ok(Ok(false)) => "the file that was written is not there".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} seconds", PATIENCE.as_secs()),
    };
    Err(Flaw { permission, words: words.chars().take(WORDS_MAX).collect() })
}
