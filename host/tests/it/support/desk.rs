//! A plugin that does as records ask it to (`guests/capable`), attached to the collection `tasks`.

use super::guests::guest;
use super::people::Reply;
use super::{TestApp, open};
use serde_json::{Value, json};
use std::time::Duration;

pub struct Desk {
    pub app: TestApp,
    /// The plugin's.
    pub id: String,
}

/// How long a call after a write may take.
const AFTER_MS: u64 = 5_000;

/// The collection that the plugin is attached to.
pub fn tasks() -> Value {
    let text = |name: &str| json!({"name": name, "type": "text", "max": 100_000});
    let fields = json!([
        text("title"), text("ask"), text("later"), text("answer"),
        {"name": "doc", "type": "file", "maxSelect": 1},
        {"name": "notes", "type": "file", "maxSelect": 5, "mimeTypes": ["text/plain"]},
    ]);
    let mut tasks = open("tasks", fields);
    tasks["indexes"] = json!(["CREATE UNIQUE INDEX idx_tasks_title ON tasks (title) WHERE title != ''"]);
    tasks
}

impl Desk {
    pub async fn new(app: TestApp) -> Self {
        app.collection(tasks()).await;
        let limits = json!({"limits": {"wallMs": 250, "fuel": 100_000_000}});
        let id = app.attach(&guest("capable"), "tasks", &["beforeCreate"], limits).await;
        // Nobody waits for what comes after: it may take longer than a busy machine does.
        let after = json!({"collection": "tasks", "hooks": ["afterCreate"], "limits": {"wallMs": AFTER_MS}});
        let attached = app.superuser().post(&format!("/api/plugins/{id}/attachments"), after).await;
        assert_eq!(attached.status, 200, "{attached}");
        Self { app, id }
    }

    /// Grants exactly this.
    pub async fn grant(&self, grants: Value) {
        let reply = self.try_grant(grants).await;
        assert_eq!(reply.status, 200, "{reply}");
    }

    pub async fn try_grant(&self, grants: Value) -> Reply {
        self.app.superuser().put(&format!("/api/plugins/{}/grants", self.id), grants).await
    }

    pub async fn keep(&self, name: &str, value: &str, hosts: Value) {
        let body = json!({"name": name, "value": value, "hosts": hosts});
        let reply = self.app.superuser().put(&format!("/api/plugins/{}/secrets", self.id), body).await;
        assert_eq!(reply.status, 200, "{reply}");
    }

    /// What comes of these calls in a before-hook, and the id of the record.
    pub async fn before(&self, calls: Value) -> (Vec<Value>, String) {
        // Given, so that the hook knows it: an id is made only after it.
        let id = self.app.host.default_tenant().tenant.world.id();
        let reply = self.app.anon().create("tasks", json!({"id": id, "ask": calls.to_string()})).await;
        assert_eq!(reply.status, 200, "{reply}");
        let answer = reply.json["answer"].as_str().expect("an answer");
        (serde_json::from_str(answer).expect("JSON"), id)
    }

    /// What comes of them in an after-hook.
    pub async fn after(&self, calls: Value) -> Vec<Value> {
        let before = self.lines().await.len();
        self.app.anon().created("tasks", json!({"later": calls.to_string()})).await;
        self.answers(before, calls.as_array().expect("a list").len()).await
    }

    /// Waits for so many lines behind those that there were.
    pub async fn answers(&self, before: usize, count: usize) -> Vec<Value> {
        let mut lines = Vec::new();
        for _ in 0..400 {
            lines = self.lines().await;
            if lines.len() >= before + count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        assert!(lines.len() >= before + count, "{lines:?}");
        lines[before..before + count].iter().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// The lines of the plugin's log, oldest first.
    pub async fn lines(&self) -> Vec<String> {
        let reply = self.app.superuser().get(&format!("/api/plugins/{}/logs", self.id)).await;
        let items = reply.json["items"].as_array().cloned().unwrap_or_default();
        items.iter().rev().map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
