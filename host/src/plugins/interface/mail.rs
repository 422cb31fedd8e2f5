//! `tinybase:plugin/mail`: mails into the server's queue, to whom it was granted. In a before-hook they are promised by
//! the commit of the main write; they count for the day when the guest asks.

use super::{Answer, errand, hold, host, refuse, told, write};
use crate::db::Unit;
use crate::mail::{Letter, html_of, is_reachable};
use crate::model::field::email::is_email;
use crate::plugins::call::{Call, Errand};
use crate::plugins::limits::{Class, mail as caps};
use crate::plugins::rights::Recipients;
use crate::plugins::usage::{self, Kind};
use crate::settings::PluginLimits;
use crate::sql::Sql;
use crate::tenant::hooks::{QueuedVerb, QueuedWrite};
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, LinkerInstance};

/// What such mails are about, for the log.
const KIND: &str = "plugin";

#[derive(Debug, ComponentType, Lift)]
#[component(record)]
struct Asked {
    to: Vec<String>,
    subject: String,
    text: String,
    html: Option<String>,
}

pub(super) fn bind(linker: &mut LinkerInstance<'_, Call>) -> wasmtime::Result<()> {
    linker.func_wrap("send", |mut store: StoreContextMut<'_, Call>, (letter,): (Asked,)| {
        host(&mut store, |call| send(call, &letter))
    })
}

fn send(call: &mut Call, asked: &Asked) -> Answer<()> {
    let trial = call.is_trial();
    let errand = errand(call)?;
    let granted = errand.grants.load().rights.mail.clone();
    let Some(mail) = granted.filter(|_| Class::of(errand.stage) != Class::Validator) else {
        return refuse("denied", "`mail` is not granted");
    };
    check(asked)?;
    for address in &asked.to {
        if !may_get(errand, &mail.to, address)? {
            return refuse("denied", "mails to one of the addresses are not granted");
        }
    }
    let is_queued = errand.stage.is_part_of_write() || trial;
    let now = errand.cx.tenant.world.now_ms();
    let first = letter(asked, &asked.to[0], now);
    if is_queued {
        // Before it counts for the day.
        let each = first.subject.len() + first.text.len() + first.html.len();
        let addresses: usize = asked.to.iter().map(String::len).sum();
        hold(call, asked.to.len(), each.saturating_mul(asked.to.len()).saturating_add(addresses))?;
    }
    let letters: Vec<Letter> =
        asked.to.iter().map(|recipient| Letter { recipient: recipient.clone(), ..first.clone() }).collect();
    if trial {
        return queue(call, letters);
    }
    let errand = self::errand(call)?;
    let tenant = &errand.cx.tenant;
    errand.runtime.block_on(tenant.mail.admit()).map_err(told)?;
    let per_day = PluginLimits::narrow(mail.per_day, tenant.settings.load().plugin_limits.mails_per_day);
    let (unit, slot) = usage::charge(&errand.plugin_id, Kind::Mail, now, asked.to.len() as u64, per_day);
    let outcome = write(call, errand, unit)?;
    if usage::sum(outcome.rows(slot).row(0)).is_none() {
        return refuse("quota", format!("a day may take {per_day} mails"));
    }
    if is_queued {
        return queue(call, letters);
    }
    let mut unit = Unit::new();
    for letter in &letters {
        tenant.mail.promise(letter).keep(&mut unit);
    }
    let tenant = tenant.clone();
    unit.after_commit(move |_| tenant.mail.ring());
    write(call, errand, unit).map(drop)
}

/// Has the letters promised by the commit of the write.
fn queue(call: &mut Call, letters: Vec<Letter>) -> Answer<()> {
    let plugin = errand(call)?.plugin.to_string();
    let queued = |letter| QueuedWrite {
        plugin: plugin.clone(),
        as_caller: false,
        collection: String::new(),
        verb: QueuedVerb::Mail(letter),
    };
    call.queued.extend(letters.into_iter().map(queued));
    Ok(())
}

fn check(asked: &Asked) -> Answer<()> {
    if !(1..=caps::RECIPIENTS).contains(&asked.to.len()) {
        return refuse("invalid", format!("to: 1 to {} addresses", caps::RECIPIENTS));
    }
    if let Some(index) = asked.to.iter().position(|address| !is_email(address) || !is_reachable(address)) {
        return refuse("invalid", format!("to: number {index} is no address"));
    }
    if asked.subject.trim().is_empty() || asked.subject.chars().count() > caps::SUBJECT_CHARS {
        return refuse("invalid", format!("subject: 1 to {} characters", caps::SUBJECT_CHARS));
    }
    if asked.text.len() + asked.html.as_deref().map_or(0, str::len) > caps::BODY_BYTES {
        return refuse("too_large", format!("a mail has at most {} bytes", caps::BODY_BYTES));
    }
    Ok(())
}

fn letter(asked: &Asked, recipient: &str, now_ms: i64) -> Letter {
    Letter {
        kind: KIND,
        recipient: recipient.to_owned(),
        subject: asked.subject.clone(),
        html: asked.html.clone().unwrap_or_else(|| html_of(&asked.text)),
        text: asked.text.clone(),
        expires_ms: now_ms.saturating_add(caps::LASTS_MS),
    }
}

fn may_get(errand: &Errand, granted: &Recipients, address: &str) -> Answer<bool> {
    match granted {
        Recipients::Any => Ok(true),
        Recipients::List(_) => Ok(granted.lists(address)),
        Recipients::Users => is_user(errand, address),
    }
}

/// Whether an auth record of the tenant has the address; superusers are no users.
fn is_user(errand: &Errand, address: &str) -> Answer<bool> {
    let auth = errand.cx.catalog.collections().filter(|collection| collection.auth().is_some() && !collection.system);
    let mut selects = Vec::new();
    for collection in auth {
        let mut select = Sql::new("SELECT 1 FROM ");
        select.name(&collection.name).push(" WHERE email = ").bind(address).push(" COLLATE NOCASE LIMIT 1");
        selects.push(select);
    }
    let found = errand.cx.tenant.store.read_blocking(|snapshot| {
        for select in &selects {
            if snapshot.one(select, |_| Ok(()))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    });
    found.map_err(told)
}
