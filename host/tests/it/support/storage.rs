//! Where files of a test are kept: the disk, or a real S3 server in the test's own process.

use super::TestApp;
use hyper_util::rt::{TokioExecutor, TokioIo};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub const BUCKET: &str = "files";
pub const ACCESS_KEY: &str = "access-key";
pub const SECRET: &str = "a-secret-of-the-tests";

/// An S3 server with one bucket, for as long as this is held.
pub struct Bucket {
    pub endpoint: String,
    dir: TempDir,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Bucket {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(dir.path().join(BUCKET)).expect("the bucket");
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(dir.path()).expect("the file system"));
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    // A client that goes away is no concern of the test's.
                    let _ = server.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { endpoint, dir, serving }
    }

    /// The keys of everything that it keeps.
    pub fn keys(&self) -> BTreeSet<String> {
        let (root, mut keys) = (self.dir.path().join(BUCKET), BTreeSet::new());
        collect(&root, &root, &mut keys);
        keys
    }

    /// The settings that use it.
    pub fn settings(&self) -> Value {
        json!({"s3": {
            "enabled": true, "bucket": BUCKET, "region": "us-east-1", "endpoint": self.endpoint,
            "accessKey": ACCESS_KEY, "secret": SECRET, "forcePathStyle": true,
        }})
    }
}

/// Where the files of an app are to be.
pub enum Storage {
    Disk,
    Bucket(Bucket),
}

impl Storage {
    /// Each kind of storage in turn, with an app that uses it.
    pub async fn each() -> Vec<(TestApp, Self)> {
        let bucket = Bucket::new().await;
        let in_bucket = TestApp::new().await;
        let reply = in_bucket.superuser().patch("/api/settings", bucket.settings()).await;
        assert_eq!(reply.status, 200, "{reply}");
        vec![(TestApp::new().await, Self::Disk), (in_bucket, Self::Bucket(bucket))]
    }

    fn root(&self, app: &TestApp) -> PathBuf {
        match self {
            Self::Disk => app.dir().join("storage"),
            Self::Bucket(bucket) => bucket.dir.path().join(BUCKET),
        }
    }

    /// The keys of everything that is kept.
    pub fn keys(&self, app: &TestApp) -> BTreeSet<String> {
        let root = self.root(app);
        let mut keys = BTreeSet::new();
        collect(&root, &root, &mut keys);
        keys
    }
}

fn collect(root: &Path, folder: &Path, keys: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, keys);
        } else {
            keys.insert(path.strip_prefix(root).expect("inside").to_string_lossy().into_owned());
        }
    }
}

impl TestApp {
    /// Waits until the journal of files is worked off.
    pub async fn files_settled(&self) {
        let files = &self.host.default_tenant().tenant.files;
        while files.sweep().await.expect("the journal can be read") > 0 {}
    }
}
