//! What becomes of plugins when a collection is deleted: its attachments end, and grants that name it do. They are part of the
//! transaction that deletes it, so that nothing holds again when another collection is made under its name, which has its id.

use super::{Plugins, attach, grant, rows};
use crate::activity::{self, Event};
use crate::model::Collection;
use crate::tenant::Cx;
use crate::tenant::hooks::Farewell;
use serde_json::Value;
use std::sync::Arc;

impl Plugins {
    /// Takes the turn until the change is made: whoever attaches or grants next sees the catalog that comes of it.
    pub(super) async fn part_with(&self, cx: &Cx, gone: &[Arc<Collection>]) -> Farewell {
        let turn = self.turn().await;
        let table = self.table.load_full();
        let goes = |id: &str| gone.iter().any(|collection| collection.id == id);
        let mut statements = Vec::new();
        for attachment in table.all_attachments().filter(|attachment| goes(&attachment.collection)) {
            let name = table.plugin(&attachment.plugin).map_or("", |plugin| &plugin.name);
            let before = attach::view(attachment, &cx.catalog);
            let event =
                Event { action: "detach", kind: "plugin", subject: &attachment.id, name, before, after: Value::Null };
            statements.push(activity::entry(cx, event));
        }
        for plugin in table.plugins() {
            let grants = plugin.grants.load();
            if grants.records.iter().any(|grant| goes(&grant.collection)) {
                let kept = grants.without(goes);
                let (before, after) = (grant::view(&grants, &cx.catalog), grant::view(&kept, &cx.catalog));
                let event =
                    Event { action: "grant", kind: "plugin", subject: &plugin.id, name: &plugin.name, before, after };
                statements.push(activity::entry(cx, event));
            }
        }
        for collection in gone {
            statements.extend(rows::forget_collection(&collection.id));
        }
        let fresh = self.fresh_table();
        let after = async move {
            let _turn = turn;
            fresh.await
        };
        Farewell { statements, after: Box::pin(after) }
    }
}
