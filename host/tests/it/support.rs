//! A server of the test's own: a real database in a temporary folder, a scripted clock, scripted ids.

pub mod authority;
pub mod desk;
pub mod guests;
pub mod listener;
pub mod people;
pub mod postbox;
pub mod process;
pub mod provider;
pub mod relay;
pub mod sqld;
pub mod storage;
pub mod web;

use people::Person;
use postbox::Postbox;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use tempfile::TempDir;
use tinybase::clock::{ScriptedClock, World};
use tinybase::config::Config;
use tinybase::host::Host;
use tinybase::http::App;
use tinybase::tenant::Cx;

/// 2026-01-02 03:04:05.678Z.
const START_MS: i64 = 1_767_323_045_678;
pub const PASSWORD: &str = "secret123456";

pub struct TestApp {
    pub host: Arc<Host>,
    pub clock: Arc<ScriptedClock>,
    pub app: Arc<App>,
    superuser: Person,
    /// How many plugins the test has uploaded.
    installed: AtomicUsize,
    // Last, so that the folder outlives everything that is in it.
    dir: TempDir,
}

impl TestApp {
    /// The data directory.
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// An empty server with one superuser.
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// The same, with a configuration of its own.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (world, clock) = World::scripted(START_MS);
        let mut config = config(dir.path());
        change(&mut config);
        let host = Host::open(config, world).await.expect("the host opens");
        let app = App::new(host.clone());
        let cx = Cx::system(host.default_tenant().tenant.clone());
        tinybase::auth::superusers::create(&cx, "root@example.com", PASSWORD).await.expect("a superuser");
        let superuser = Person::sign_in(&app, "_superusers", "root@example.com", PASSWORD).await;
        Self { host, clock, app, superuser, installed: AtomicUsize::new(0), dir }
    }

    /// The same data, closed and opened anew, as a server does that has prepared a restore.
    pub async fn reopened(self) -> Self {
        let Self { host, clock, installed, dir, .. } = self;
        host.close().await;
        let lock = host.give_up_lock().expect("the directory is held");
        let host = Host::open_locked(lock, config(dir.path()), host.world.clone()).await.expect("the host opens");
        let app = App::new(host.clone());
        let superuser = Person::sign_in(&app, "_superusers", "root@example.com", PASSWORD).await;
        Self { host, clock, app, superuser, installed, dir }
    }

    /// The server acting for itself in another tenant, which is made if it is not there.
    pub async fn tenant(&self, name: &str) -> Cx {
        let opened = match self.host.tenant(name).await {
            Ok(opened) => opened,
            Err(_) => self.host.tenants.create(name).await.expect("the tenant opens"),
        };
        Cx::system(opened.tenant.clone())
    }

    /// A server with an open collection `posts` as in the README, without plugins.
    pub async fn with_posts() -> Self {
        let app = Self::new().await;
        app.collection(posts()).await;
        app
    }

    pub fn anon(&self) -> Person {
        Person::anonymous(&self.app)
    }

    pub fn superuser(&self) -> &Person {
        &self.superuser
    }

    /// A record of `users` with that address, signed in; made when it is first asked for.
    pub async fn user(&self, email: &str) -> Person {
        let body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD});
        // It may be there already.
        let _ = self.superuser.create("users", body).await;
        Person::sign_in(&self.app, "users", email, PASSWORD).await
    }

    /// A mail server of the test's own, in use.
    pub async fn postbox(&self) -> Postbox {
        let postbox = Postbox::new().await;
        self.set(postbox.settings()).await;
        postbox
    }

    /// Moves the clock by a day, which ends sessions: the superuser signs in anew.
    pub async fn sleep_a_night(&mut self) {
        self.clock.advance(std::time::Duration::from_hours(24));
        self.superuser = Person::sign_in(&self.app, "_superusers", "root@example.com", PASSWORD).await;
    }

    /// Changes the settings.
    pub async fn set(&self, settings: Value) {
        let reply = self.superuser.patch("/api/settings", settings).await;
        assert_eq!(reply.status, 200, "{reply}");
    }

    /// Waits until every mail that is due has been tried.
    pub async fn deliver(&self) {
        let mail = &self.host.default_tenant().tenant.mail;
        while mail.turn().await.expect("the queue") > 0 {}
    }

    /// Creates a collection and answers with it.
    pub async fn collection(&self, definition: Value) -> Value {
        let reply = self.superuser.post("/api/collections", definition).await;
        assert_eq!(reply.status, 200, "{reply}");
        reply.json
    }
}

/// A collection that everybody may do everything with.
pub fn open(name: &str, fields: Value) -> Value {
    json!({
        "name": name, "type": "base", "fields": fields,
        "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
    })
}

pub fn posts() -> Value {
    let mut posts = open(
        "posts",
        json!([
            {"name": "title", "type": "text", "required": true},
            {"name": "slug", "type": "text"},
            {"name": "views", "type": "number"},
            {"name": "published", "type": "bool"},
            {"name": "published_at", "type": "date"},
            {"name": "meta", "type": "json"},
            {"name": "author", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
        ]),
    );
    posts["indexes"] = json!(["CREATE UNIQUE INDEX idx_posts_slug ON posts (slug) WHERE slug != ''"]);
    posts
}

pub fn config(dir: &std::path::Path) -> Config {
    Config {
        dir: dir.to_owned(),
        program: Some(env!("CARGO_BIN_EXE_tinybase").into()),
        // A test that moves the clock decides what happens then.
        jobs_by_clock: false,
        ..Config::default()
    }
}

/// A server on a folder that outlives it.
pub async fn serve(config: Config) -> (Arc<Host>, Arc<App>, Person) {
    // Scripted ids would begin again with each start, and meet the records of the one before.
    let mut tries = 0;
    let host = loop {
        // What the one before has begun in the background holds the folder until it is done.
        match Host::open(config.clone(), World::real()).await {
            Ok(host) => break host,
            Err(error) => assert!(tries < 200, "the host opens: {error:?}"),
        }
        tries += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let app = App::new(host.clone());
    let cx = Cx::system(host.default_tenant().tenant.clone());
    if !tinybase::auth::has_superuser(&cx).await.expect("it can be read") {
        tinybase::auth::superusers::create(&cx, "root@example.com", PASSWORD).await.expect("a superuser");
    }
    let root = Person::sign_in(&app, "_superusers", "root@example.com", PASSWORD).await;
    (host, app, root)
}
