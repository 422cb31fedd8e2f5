//! `tinybase:plugin/realtime`: messages to the subscribers of granted topics. In a before-hook they leave after the
//! commit of the main write.

use super::{Answer, errand, hold, host, refuse, told};
use crate::plugins::call::Call;
use crate::plugins::limits::Class;
use crate::tenant::broadcasts::DATA_BYTES_MAX;
use crate::tenant::hooks::{QueuedVerb, QueuedWrite};
use serde_json::Value;
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

pub(super) fn bind(linker: &mut LinkerInstance<'_, Call>) -> wasmtime::Result<()> {
    linker.func_wrap("publish", |mut store: StoreContextMut<'_, Call>, (topic, json): (String, String)| {
        host(&mut store, |call| publish(call, topic, &json))
    })
}

fn publish(call: &mut Call, topic: String, json: &str) -> Answer<()> {
    let trial = call.is_trial();
    let errand = errand(call)?;
    if Class::of(errand.stage) == Class::Validator || !errand.grants.load().rights.may_publish(&topic) {
        return refuse("denied", "the topic is not granted");
    }
    let Ok(data) = serde_json::from_str::<Value>(json) else { return refuse("invalid", "json: it is none") };
    let tenant = &errand.cx.tenant;
    tenant.check_topic(&topic).map_err(told)?;
    if json.len() > DATA_BYTES_MAX {
        return refuse("too_large", format!("a message has at most {DATA_BYTES_MAX} bytes"));
    }
    if errand.stage.is_part_of_write() || trial {
        let plugin = errand.plugin.to_string();
        hold(call, 1, topic.len() + json.len())?;
        let verb = QueuedVerb::Publish { topic, data };
        call.queued.push(QueuedWrite { plugin, as_caller: false, collection: String::new(), verb });
        return Ok(());
    }
    tenant.broadcast(&topic, &data).map_err(told)
}
