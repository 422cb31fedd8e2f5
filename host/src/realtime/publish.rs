//! Speaking on a topic of its own: whether somebody may, and not too often.

use super::Realtime;
use super::custom::{self, Deed};
use crate::error::{Error, FieldErrors, Result, code};
use crate::settings::{Asked, RateRule, RealtimeSettings};
use crate::tenant::{Cx, Tenant};
use serde_json::{Map, Value};

/// How much may be said and shown from one address: so many messages in so many seconds.
const SAID_MAX: i64 = 1_000;
const SAID_IN_S: i64 = 10;
/// What they are counted under; no label of the settings has a space in front.
const BUCKET: &str = " realtime";

const INVALID: &str = "An error occurred while validating the submitted data.";

impl Realtime {
    /// Says something on a topic, under its publish rule; `body` is `{topic, data}`.
    ///
    /// # Errors
    /// `Invalid` for what cannot be said, `Forbidden` when the rule does not allow it, `RateLimited`, and
    /// `Unavailable` when too much waits.
    pub async fn publish(&self, cx: &Cx, body: &Map<String, Value>) -> Result<()> {
        let topic = match body.get("topic") {
            None => "",
            Some(Value::String(topic)) => topic,
            Some(_) => return Err(Error::field(INVALID, "topic", code::MATCH_INVALID)),
        };
        let data = body.get("data").unwrap_or(&Value::Null);
        let cx = cx.in_context("realtime");
        self.say(&cx, topic, data).await
    }

    /// The same on a WebSocket.
    pub(super) async fn say(&self, cx: &Cx, topic: &str, data: &Value) -> Result<()> {
        cx.tenant.check_topic(topic)?;
        count(cx)?;
        let nothing = Map::new();
        let said = data.as_object().unwrap_or(&nothing);
        if !self.hub.topics.now(&cx.tenant).find(topic).admits(cx, Deed::Publish, said).await? {
            return Err(Error::Forbidden("The topic does not allow you to speak there.".into()));
        }
        cx.tenant.broadcast(topic, data)
    }
}

/// Counts what somebody says or shows.
///
/// # Errors
/// `RateLimited` when it was too much.
pub(super) fn count(cx: &Cx) -> Result<()> {
    if cx.caller.is_trusted() {
        return Ok(());
    }
    let rule = RateRule { duration: SAID_IN_S, max_requests: SAID_MAX, ..RateRule::default() };
    cx.tenant.rates.pass(BUCKET.to_owned(), cx.facts.address(), &rule, cx.now_ms)
}

/// Whether the rules of topics that somebody wants make sense. What is no list of topics is left to the settings.
///
/// # Errors
/// `Invalid`, with the places.
pub(super) fn check_patch(tenant: &Tenant, asked: &Asked) -> Result<()> {
    let Some(patch) = asked.patch.get("realtime") else { return Ok(()) };
    let Ok(wanted) = serde_json::from_value::<RealtimeSettings>(patch.clone()) else { return Ok(()) };
    let errors: FieldErrors = custom::check(&wanted, &tenant.catalog());
    errors.into_result(INVALID)
}
