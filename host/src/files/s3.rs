//! Files in a bucket of S3 or of what speaks like it. Keys are those of the disk, so a folder that is
//! copied there with its names is a working bucket.

use super::client::Connector;
use super::incoming::{Body, Content};
use crate::error::{Error, Result};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::buffered::BufWriter;
use object_store::path::Path as ObjectPath;
use object_store::{Attribute, Attributes, BackoffConfig, ObjectStore as _, PutOptions, RetryConfig};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

/// A file larger than this is sent in parts of this size.
const PART: usize = 8 << 20;
/// Parts on their way at the same time.
const PARTS: usize = 2;
/// How often a request is tried again, and for how long altogether.
const RETRIES: usize = 3;
const RETRY_FOR: Duration = Duration::from_secs(30);

/// The settings of a bucket, by their names on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct S3Config {
    /// Whether new files go there.
    pub enabled: bool,
    pub bucket: String,
    pub region: String,
    /// `https://host`, or just the host.
    pub endpoint: String,
    pub access_key: String,
    /// Never shown.
    pub secret: String,
    /// `endpoint/bucket/key` instead of `bucket.endpoint/key`.
    pub force_path_style: bool,
}

impl S3Config {
    /// Whether there is enough to reach it.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        [&self.bucket, &self.region, &self.endpoint, &self.access_key, &self.secret].iter().all(|text| !text.is_empty())
    }

    /// `scheme://host`, with the bucket in the host unless it belongs into the path.
    fn url(&self) -> String {
        let endpoint = self.endpoint.trim_end_matches('/');
        let (scheme, host) = endpoint.split_once("://").unwrap_or(("https", endpoint));
        if self.force_path_style {
            return format!("{scheme}://{host}");
        }
        let bucket = format!("{}.", self.bucket);
        let bucket = if host.starts_with(&bucket) { "" } else { &bucket };
        format!("{scheme}://{bucket}{host}")
    }
}

#[derive(Debug)]
pub(super) struct S3 {
    pub(super) objects: Arc<AmazonS3>,
}

impl S3 {
    pub(super) fn new(config: &S3Config) -> object_store::Result<Self> {
        Self::with_retries(config, RETRIES)
    }

    pub(super) fn with_retries(config: &S3Config, retries: usize) -> object_store::Result<Self> {
        let url = config.url();
        let retry = RetryConfig { max_retries: retries, retry_timeout: RETRY_FOR, backoff: BackoffConfig::default() };
        let objects = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            .with_access_key_id(&config.access_key)
            .with_secret_access_key(&config.secret)
            .with_virtual_hosted_style_request(!config.force_path_style)
            .with_allow_http(url.starts_with("http://"))
            .with_endpoint(url)
            // One request a file: not every server that speaks S3 knows the other way.
            .with_disable_bulk_delete(true)
            .with_retry(retry)
            .with_http_connector(Connector)
            .build()?;
        Ok(Self { objects: Arc::new(objects) })
    }

    /// Stores a file with its type and what its sender called it.
    pub(super) async fn put(&self, key: &ObjectPath, content: &Content, mime: &str, original: &str) -> Result<()> {
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, mime.to_owned().into());
        let plain: String = original.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
        if !plain.is_empty() {
            attributes.insert(Attribute::Metadata("original-filename".into()), plain.into());
        }
        match &content.body {
            Body::Memory(bytes) => {
                let options = PutOptions { attributes, ..PutOptions::default() };
                let put = self.objects.put_opts(key, bytes.clone().into(), options).await;
                put.map(|_| ()).map_err(|error| Error::internal("store a file in the bucket", error))
            }
            Body::Disk(scratch) => {
                let mut file = tokio::fs::File::open(scratch.path()).await.map_err(failed)?;
                let mut writer = BufWriter::with_capacity(self.objects.clone(), key.clone(), PART)
                    .with_attributes(attributes)
                    .with_max_concurrency(PARTS);
                let sent = match tokio::io::copy(&mut file, &mut writer).await {
                    Ok(_) => writer.shutdown().await,
                    Err(error) => Err(error),
                };
                if let Err(error) = sent {
                    // Parts that nobody completes are kept, and paid for, unless they are given up.
                    if let Err(error) = writer.abort().await {
                        tracing::debug!(%error, "parts of an upload are left in the bucket");
                    }
                    return Err(failed(error));
                }
                Ok(())
            }
        }
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::internal("store a file in the bucket", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_is_in_the_host_or_in_the_path() {
        let config = |endpoint: &str, force_path_style| S3Config {
            bucket: "files".into(),
            endpoint: endpoint.into(),
            force_path_style,
            ..S3Config::default()
        };
        assert_eq!(config("https://s3.example.com/", false).url(), "https://files.s3.example.com");
        assert_eq!(config("files.s3.example.com", false).url(), "https://files.s3.example.com");
        assert_eq!(config("http://127.0.0.1:9000", true).url(), "http://127.0.0.1:9000");
    }
}
