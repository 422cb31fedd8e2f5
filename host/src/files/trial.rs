//! Trying out a bucket before it is relied on: everything that will be done with it, with a small file.

use super::flaw::Flaw;
use super::s3::{S3, S3Config};
use crate::error::code;
use futures_util::TryStreamExt as _;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use std::time::Duration;

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(15);
const CONTENT: &[u8] = b"tinybase";

/// Writes, reads, lists and removes `name`; the first thing that fails is told.
///
/// # Errors
/// The flaw.
pub async fn try_out(config: &S3Config, name: &str) -> Result<(), Flaw> {
    let bucket = S3::with_retries(config, 0);
    let bucket = bucket.map_err(|error| Flaw::new("s3:PutObject", code::S3_ADDRESS, &error.to_string()))?;
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
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(Flaw::new(permission, code::S3_OTHER, "the file that was written is not there")),
        Ok(Err(error)) => Err(Flaw::of(permission, &error)),
        Err(_) => {
            let words = format!("no answer within {} seconds", PATIENCE.as_secs());
            Err(Flaw::new(permission, code::S3_SILENT, &words))
        }
    }
}
