//! Who is connected, for superusers who want to see it.

use super::Realtime;
use super::hub::SeatShown;
use super::topic::Wire;
use crate::model::{Caller, date};
use crate::schema::listing::Part;
use serde_json::{Value, json};

/// Topics that are shown of one connection; how many it has is told too.
const TOPICS_SHOWN: usize = 100;

impl Realtime {
    /// The connections on a page, the latest first, and how many there are.
    #[must_use]
    pub fn clients(&self, part: &Part) -> (Vec<Value>, i64) {
        let now_ms = self.tenant.world.now_ms();
        let offset = usize::try_from(part.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(part.limit).unwrap_or_default();
        let (seats, total) = self.hub.seats(offset, limit, TOPICS_SHOWN);
        let items = seats.iter().map(|seat| self.shown(seat, now_ms)).collect();
        (items, i64::try_from(total).unwrap_or(i64::MAX))
    }

    fn shown(&self, seat: &SeatShown, now_ms: i64) -> Value {
        let SeatShown { client, topics, count } = seat;
        let (messages, bytes) = client.outlet.waiting();
        json!({
            // Not what it is called by: whoever knows that, and comes from there, speaks for it.
            "id": client.number.to_string(),
            "transport": match client.wire {
                Wire::Sse => "sse",
                Wire::Socket => "websocket",
            },
            "ip": client.ip,
            "connected": date::format(client.opened_ms()),
            "auth": auth(client.bearer.lock().at(now_ms)),
            "topics": topics,
            "topicCount": count,
            "present": self.hub.presence.of(client),
            "waitingMessages": messages,
            "waitingBytes": bytes,
        })
    }
}

fn auth(caller: &Caller) -> Value {
    let collection = caller.record().map(|record| record.collection.name.clone()).unwrap_or_default();
    json!({"kind": caller.kind(), "id": caller.id(), "collectionName": collection})
}
