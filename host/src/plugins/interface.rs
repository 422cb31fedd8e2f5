//! What plugins can import, one file for each interface of `wit/`. Each function counts itself against the call,
//! checks the plugin's right anew, and answers a refusal as a value: `error { code, message }`. Besides, `wasi`: what toolchains import
//! by themselves, which gives no right to anything.

mod clock;
mod disguise;
mod files;
mod http_client;
mod kv;
pub(super) mod log;
mod mail;
mod random;
mod realtime;
mod records;
mod secrets;
mod wasi;

pub(super) use wasi::{IncomingRequest, ResponseOutparam};

use super::call::{Call, Errand};
use super::contract::HostError;
use super::limits::held;
use super::scan::{PACKAGE, VERSION};
use crate::db::{Failure, Outcome, Unit};
use crate::error::{Error, FieldErrors, FieldIssue};
use std::time::Instant;
use wasmtime::StoreContextMut;
use wasmtime::component::{Component, InstancePre, Linker, LinkerInstance};

/// Binds every interface; one linker serves all plugins of an engine.
///
/// # Errors
/// wasmtime's, when two functions have one name: a mistake in this program.
pub(super) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Call>> {
    let mut linker = Linker::new(engine);
    log::bind(&mut instance(&mut linker, "log")?)?;
    kv::bind(&mut instance(&mut linker, "kv")?)?;
    records::bind(&mut instance(&mut linker, "records")?)?;
    clock::bind(&mut instance(&mut linker, "clock")?)?;
    random::bind(&mut instance(&mut linker, "random")?)?;
    http_client::bind(&mut instance(&mut linker, "http-client")?)?;
    secrets::bind(&mut instance(&mut linker, "secrets")?)?;
    mail::bind(&mut instance(&mut linker, "mail")?)?;
    realtime::bind(&mut instance(&mut linker, "realtime")?)?;
    files::bind(&mut instance(&mut linker, "files")?)?;
    Ok(linker)
}

/// Binds what a component imports.
///
/// # Errors
/// wasmtime's, when a signature differs from the contract.
pub(super) fn link(linker: &Linker<Call>, component: &Component) -> wasmtime::Result<InstancePre<Call>> {
    match wasi::linker_for(linker, component)? {
        Some(linker) => linker.instantiate_pre(component),
        None => linker.instantiate_pre(component),
    }
}

fn instance<'a>(linker: &'a mut Linker<Call>, interface: &str) -> wasmtime::Result<LinkerInstance<'a, Call>> {
    linker.instance(&format!("{PACKAGE}/{interface}@{VERSION}"))
}

/// What a host function answers a guest.
type Answer<T> = Result<T, HostError>;

fn refuse<T>(code: &str, message: impl Into<String>) -> Answer<T> {
    Err(HostError { code: code.to_owned(), message: message.into() })
}

/// Counts a call of a host function, and its time as the guest's own.
fn host<T>(
    store: &mut StoreContextMut<'_, Call>,
    work: impl FnOnce(&mut Call) -> Answer<T>,
) -> wasmtime::Result<(Answer<T>,)> {
    let call = store.data_mut();
    call.enter()?;
    Ok((call.in_host(work),))
}

/// Takes room for things that the host is to hold until the call is over, of so many bytes together.
fn hold(call: &mut Call, things: usize, bytes: usize) -> Answer<()> {
    if call.holds(held::EACH.saturating_mul(things).saturating_add(bytes)) {
        return Ok(());
    }
    refuse("full", format!("a call may leave {} bytes of writes, mails and messages", held::BYTES))
}

/// Waits for the writer, but not beyond the call's deadline; what is then still queued may happen nevertheless.
fn write(call: &Call, errand: &Errand, unit: Unit) -> Answer<Outcome> {
    let left = call.deadline().saturating_duration_since(Instant::now());
    let store = &errand.cx.tenant.store;
    match errand.runtime.block_on(async { tokio::time::timeout(left, store.write(unit)).await }) {
        Ok(written) => written.map_err(Failure::into_error).map_err(told),
        Err(_) => refuse("unavailable", "the time of the call is up"),
    }
}

/// The errand of the call.
fn errand(call: &Call) -> Answer<&Errand> {
    call.errand.as_ref().map_or_else(|| refuse("denied", "nothing is allowed while a plugin is tried out"), Ok)
}

/// The errand of a call that reaches beyond the database, which a trial must not.
fn acting(call: &Call) -> Answer<&Errand> {
    if call.is_trial() { refuse("denied", "a trial does nothing that cannot be taken back") } else { errand(call) }
}

/// An error of the host's in words for a guest: as much as a client may know.
fn told(error: Error) -> HostError {
    let (code, message) = match error {
        Error::Invalid { message, fields } | Error::Unprocessable { message, fields } => {
            ("invalid", with_first_field(message.into_owned(), &fields))
        }
        Error::Unauthenticated(text) | Error::Forbidden(text) => ("denied", text.into_owned()),
        Error::MissingScope(_) => ("denied", "the API key does not have the scope".to_owned()),
        Error::BeyondCaller(_) => ("denied", "the caller may not make this write".to_owned()),
        Error::SecondFactor(_) => ("denied", "a second factor is demanded".to_owned()),
        Error::NotFound(text) => ("not_found", text.into_owned()),
        Error::Refused { message, .. } => ("refused", message.into_owned()),
        Error::TooLarge { limit_bytes } => ("too_large", format!("more than {limit_bytes} bytes")),
        Error::RateLimited { .. } => ("unavailable", "too many requests".to_owned()),
        Error::OverQuota { .. } => ("unavailable", "the plugins have used what they may for now".to_owned()),
        Error::Conflict(text) => ("conflict", text.into_owned()),
        Error::Stale(_) => ("conflict", "the record was changed".to_owned()),
        Error::Unavailable(text) => ("unavailable", text.into_owned()),
        Error::Plugin(failure) => ("plugin_failed", format!("the plugin {} failed", failure.plugin)),
        Error::Internal(cause) => {
            tracing::error!(context = cause.context, detail = cause.detail, "a host function failed");
            ("internal", "the host failed".to_owned())
        }
    };
    HostError { code: code.to_owned(), message }
}

fn with_first_field(message: String, fields: &FieldErrors) -> String {
    match fields.0.iter().next() {
        Some((name, FieldIssue::Error(error))) => format!("{message} {name}: {} ({})", error.message, error.code),
        Some((name, FieldIssue::Nested(_))) => format!("{message} {name}"),
        None => message,
    }
}
