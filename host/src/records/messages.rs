//! What plugins send to topics with a write: said once it is committed.

use crate::error::Error;
use crate::tenant::Tenant;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What a plugin sends to a topic.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) plugin: String,
    pub(super) topic: String,
    pub(super) data: Json,
}

/// Says it. Where there is no room for it, it is lost, since the writer waits for nobody; a plugin is told once of all that it
/// has lost.
pub(super) fn send(tenant: &Tenant, request_id: &str, messages: Vec<Message>) {
    let mut lost: BTreeMap<String, (usize, Error)> = BTreeMap::new();
    for Message { plugin, topic, data } in messages {
        if let Err(error) = tenant.broadcast_owed(&topic, &data) {
            lost.entry(plugin).or_insert((0, error)).0 += 1;
        }
    }
    for (plugin, (count, why)) in lost {
        tenant.hooks().unheard(&plugin, request_id, count, &why.for_superusers());
    }
}
