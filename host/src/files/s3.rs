//! Files in a bucket of S3 or of what speaks like it. Keys are those of the disk, so a folder that is
//! copied there with its names is a working bucket.

use super::client::Connector;
use super::incoming::{Body, Content};
use crate::error::{Error, Result};
use crate::outbound::Outbound;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::buffered::BufWriter;
use object_store::path::Path as ObjectPath;
use object_store::{Attribute, Attributes, BackoffConfig, ObjectStore as _, PutOptions, RetryConfig};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

/// A file larger than this is sent in parts of this size, or of a larger one where it would be too many.
const PART: usize = 8 << 20;
/// Parts on their way at the same time.
const PARTS: usize = 2;
/// Parts of one file: S3 takes a few more.
const PARTS_MAX: u64 = 9_000;
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
    /// Whether clients are sent to the bucket for what they may have, with an address that is good for minutes.
    pub direct_downloads: bool,
}

impl S3Config {
    /// Whether there is enough to reach it.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        [&self.bucket, &self.region, &self.endpoint, &self.access_key, &self.secret].iter().all(|text| !text.is_empty())
    }

    /// Whether the bucket stands in the path: also where it cannot be part of a host.
    fn is_in_path(&self) -> bool {
        let is_label = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
        self.force_path_style || ends_in_number(host_of(&self.endpoint)) || !self.bucket.chars().all(is_label)
    }

    /// The host that is spoken to, with its port if it names one, and nothing else of the endpoint.
    pub(super) fn authority(&self) -> String {
        authority_of(&self.url()).to_owned()
    }

    /// `scheme://host`, with the bucket in the host unless it belongs into the path.
    fn url(&self) -> String {
        let endpoint = self.endpoint.trim_end_matches('/');
        let scheme = endpoint.split_once("://").map_or("https", |(scheme, _)| scheme);
        let host = from_host(endpoint);
        if self.is_in_path() {
            return format!("{scheme}://{host}");
        }
        let bucket = format!("{}.", self.bucket);
        let bucket = if host.starts_with(&bucket) { "" } else { &bucket };
        format!("{scheme}://{bucket}{host}")
    }
}

/// An endpoint from its host on. A name and a password before it say nothing to a bucket, and would be repeated in
/// messages and in the addresses that clients are sent to.
fn from_host(endpoint: &str) -> &str {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let (authority, _) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    rest.split_at(authority.rfind('@').map_or(0, |at| at + 1)).1
}

/// The host in an endpoint, with its port if it names one.
fn authority_of(endpoint: &str) -> &str {
    from_host(endpoint).split(['/', '?', '#']).next().unwrap_or_default()
}

/// The host in an endpoint, without a port.
fn host_of(endpoint: &str) -> &str {
    let authority = authority_of(endpoint);
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether a host is an address, or wants to be one: its last label is a number.
fn ends_in_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_hex = |rest: &str| rest.chars().all(|digit| digit.is_ascii_hexdigit());
    let is_number = !last.is_empty() && last.chars().all(|digit| digit.is_ascii_digit());
    host.contains(':') || is_number || ["0x", "0X"].iter().any(|start| last.strip_prefix(start).is_some_and(is_hex))
}

/// Whether a URL is one: the client takes it for granted.
fn is_url(url: &str) -> bool {
    let Ok(uri) = url.parse::<hyper::Uri>() else { return false };
    let host = host_of(url);
    // Behind the host, and behind the bracket of an address, only a number may follow a colon.
    let says_port = |authority: &str| authority.rsplit(']').next().is_some_and(|rest| rest.contains(':'));
    let port_is_one = uri.authority().is_some_and(|at| at.port_u16().is_some() || !says_port(at.as_str()));
    uri.host().is_some() && port_is_one && (!ends_in_number(host) || host.parse::<std::net::IpAddr>().is_ok())
}

/// The size of the parts of a file.
pub(super) fn part_of(size: u64) -> usize {
    PART.max(usize::try_from(size / PARTS_MAX).unwrap_or(PART))
}

pub(super) struct S3 {
    pub(super) objects: Arc<AmazonS3>,
    pub(super) bucket: String,
    /// Signs addresses with more than the crate does.
    pub(super) secret: String,
    /// For what the crate does not do.
    pub(super) outbound: Outbound,
    /// Whether clients are sent there.
    pub(super) is_direct: bool,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("S3").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

impl S3 {
    pub(super) fn new(config: &S3Config) -> object_store::Result<Self> {
        Self::with_retries(config, RETRIES)
    }

    pub(super) fn with_retries(config: &S3Config, retries: usize) -> object_store::Result<Self> {
        let url = config.url();
        if host_of(&config.endpoint).is_empty() || !is_url(&url) {
            return Err(object_store::Error::Generic { store: "S3", source: format!("{url} is no address").into() });
        }
        let retry = RetryConfig { max_retries: retries, retry_timeout: RETRY_FOR, backoff: BackoffConfig::default() };
        let objects = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            .with_access_key_id(&config.access_key)
            .with_secret_access_key(&config.secret)
            .with_virtual_hosted_style_request(!config.is_in_path())
            .with_allow_http(url.starts_with("http://"))
            .with_endpoint(url)
            // One request a file: not every server that speaks S3 knows the other way.
            .with_disable_bulk_delete(true)
            .with_retry(retry)
            .with_http_connector(Connector)
            .build()?;
        Ok(Self {
            objects: Arc::new(objects),
            bucket: config.bucket.clone(),
            secret: config.secret.clone(),
            outbound: Outbound::default(),
            is_direct: config.direct_downloads,
        })
    }

    /// Stores a file with its type and what its sender called it.
    pub(super) async fn put(&self, key: &ObjectPath, content: &Content, mime: &str, original: &str) -> Result<()> {
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, mime.to_owned().into());
        let plain = plain(original);
        if !plain.is_empty() {
            attributes.insert(Attribute::Metadata("original-filename".into()), plain.clone().into());
        }
        match &content.body {
            Body::Bucket(staged) => self.adopt(staged, content, key, mime, plain.trim()).await,
            Body::Memory(bytes) => {
                let options = PutOptions { attributes, ..PutOptions::default() };
                let put = self.objects.put_opts(key, bytes.clone().into(), options).await;
                put.map(|_| ()).map_err(unwilling)
            }
            Body::Disk(scratch) => {
                let mut file = tokio::fs::File::open(scratch.path()).await.map_err(failed)?;
                let mut writer = BufWriter::with_capacity(self.objects.clone(), key.clone(), part_of(content.size))
                    .with_attributes(attributes)
                    .with_max_concurrency(PARTS);
                if let Err(error) = tokio::io::copy(&mut file, &mut writer).await {
                    // Parts that nobody completes are kept, and paid for, unless they are given up.
                    if let Err(error) = writer.abort().await {
                        tracing::debug!(%error, "parts of an upload are left in the bucket");
                    }
                    return Err(unwilling(error));
                }
                // A writer that was shut down gives its parts up by itself, and panics when it is told to.
                writer.shutdown().await.map_err(unwilling)
            }
        }
    }
}

/// A name as it can stand in a header.
fn plain(original: &str) -> String {
    original.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect()
}

/// The bucket does not take a file: it does not answer, or does not allow it. Clients may try again.
pub(super) fn unwilling(error: impl std::fmt::Display) -> Error {
    tracing::error!(%error, "a file could not be stored in the bucket");
    Error::Unavailable("The file storage does not take the file. Please try again later.".into())
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
        // An address has no room for a bucket.
        assert_eq!(config("http://127.0.0.1:9000", false).url(), "http://127.0.0.1:9000");
        assert_eq!(config("http://[::1]:9000", false).url(), "http://[::1]:9000");
        assert_eq!(config("http://9node:9000", false).url(), "http://files.9node:9000");
    }

    #[test]
    fn neither_a_password_nor_a_path_is_repeated() {
        let config =
            |endpoint: &str| S3Config { bucket: "files".into(), endpoint: endpoint.into(), ..S3Config::default() };
        for (endpoint, url, authority) in [
            ("http://user:hunter2@127.0.0.1:9499", "http://127.0.0.1:9499", "127.0.0.1:9499"),
            ("http://user:hunt@er2@[::1]:9499/", "http://[::1]:9499", "[::1]:9499"),
            ("user@s3.example.com", "https://files.s3.example.com", "files.s3.example.com"),
            ("https://s3.example.com/a/b@c", "https://files.s3.example.com/a/b@c", "files.s3.example.com"),
        ] {
            let config = config(endpoint);
            assert_eq!((&*config.url(), &*config.authority()), (url, authority), "{endpoint}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for endpoint in
            ["http://[", "http://1.2.3.4.5", "http://1.2.3.999", "http://a.b.0x", "http://:80", "http://a:b"]
        {
            let config = S3Config {
                bucket: "files".into(),
                region: "r".into(),
                endpoint: endpoint.into(),
                access_key: "k".into(),
                secret: "s".into(),
                ..S3Config::default()
            };
            assert!(S3::new(&config).is_err(), "{endpoint}");
        }
    }
}
