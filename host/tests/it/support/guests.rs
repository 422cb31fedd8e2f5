//! The components that tests upload: first-party plugins and hostile guests, as `make plugins` builds them.

use super::TestApp;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::Ordering;

/// The bytes of a first-party plugin.
pub fn plugin(name: &str) -> Vec<u8> {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../plugins/dist/{name}.wasm")))
}

/// The bytes of a guest that exists for the tests: built from Rust, or written as text.
pub fn guest(name: &str) -> Vec<u8> {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
    let text = guests.join(format!("wat/{name}.wat"));
    if text.exists() {
        return wat::parse_file(&text).unwrap_or_else(|error| panic!("{error}"));
    }
    read(&guests.join(format!("dist/{name}.wasm")))
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}: run `make plugins` first", path.display()))
}

/// The bytes of a component with a manifest behind them.
pub fn with_manifest(mut component: Vec<u8>, manifest: &Value) -> Vec<u8> {
    let name = b"tinybase:manifest";
    let body = manifest.to_string();
    let mut size = name.len() + 1 + body.len();
    component.push(0);
    while size >= 0x80 {
        component.push((size & 0x7f) as u8 | 0x80);
        size >>= 7;
    }
    component.push(size as u8);
    component.push(name.len() as u8);
    component.extend_from_slice(name);
    component.extend_from_slice(body.as_bytes());
    component
}

impl TestApp {
    /// Uploads a component under a name of its own and answers with its id.
    pub async fn install(&self, bytes: &[u8]) -> String {
        let name = format!("plugin-{}", self.installed.fetch_add(1, Ordering::Relaxed));
        let reply = self.superuser().upload_as("/api/plugins", &name, bytes).await;
        assert_eq!(reply.status, 200, "{reply}");
        reply.json["id"].as_str().expect("an id").to_owned()
    }

    /// Uploads a component and attaches it; answers with the plugin's id.
    pub async fn attach(&self, bytes: &[u8], collection: &str, hooks: &[&str], more: Value) -> String {
        let id = self.install(bytes).await;
        let mut body = json!({"collection": collection, "hooks": hooks});
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        let reply = self.superuser().post(&format!("/api/plugins/{id}/attachments"), body).await;
        assert_eq!(reply.status, 200, "{reply}");
        id
    }
}
