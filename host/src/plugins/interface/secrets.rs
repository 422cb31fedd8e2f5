//! `tinybase:plugin/secrets`: what an admin keeps for the plugin. A guest gets placeholders, which `http-client` fills
//! in, and signatures; never a value.

use super::{Answer, errand, host, refuse, told};
use crate::crypto;
use crate::plugins::call::{Call, Errand};
use crate::plugins::limits::http as caps;
use crate::plugins::secret::{self, Secret};
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

/// What placeholders begin with, and the characters behind that.
pub(super) const MARK: &str = "tb_placeholder_";
const TOKEN_CHARS: usize = 32;

pub(super) fn bind(linker: &mut LinkerInstance<'_, Call>) -> wasmtime::Result<()> {
    linker.func_wrap("placeholder", |mut store: StoreContextMut<'_, Call>, (name,): (String,)| {
        host(&mut store, |call| placeholder(call, &name))
    })?;
    linker.func_wrap("hmac-sha256", |mut store: StoreContextMut<'_, Call>, (name, message): (String, Vec<u8>)| {
        host(&mut store, |call| hmac(call, &name, &message))
    })
}

fn placeholder(call: &mut Call, name: &str) -> Answer<String> {
    let errand = errand(call)?;
    if !errand.grants.load().rights.secrets.iter().any(|granted| granted == name) {
        return refuse("denied", "the secret is not granted");
    }
    value(errand, name)?;
    if let Some((token, _)) = call.placeholders.iter().find(|(_, known)| known == name) {
        return Ok(token.clone());
    }
    if call.placeholders.len() >= caps::PLACEHOLDERS {
        return refuse("full", format!("a call has at most {} placeholders", caps::PLACEHOLDERS));
    }
    let token = format!("{MARK}{}", errand.cx.tenant.world.ids.secret(TOKEN_CHARS));
    call.placeholders.push((token.clone(), name.to_owned()));
    Ok(token)
}

fn hmac(call: &Call, name: &str, message: &[u8]) -> Answer<Vec<u8>> {
    let errand = errand(call)?;
    if !errand.grants.load().rights.signing.iter().any(|granted| granted == name) {
        return refuse("denied", "signing with the secret is not granted");
    }
    Ok(crypto::hmac(value(errand, name)?.value.as_bytes(), message))
}

/// A secret, whether it is granted or not.
pub(super) fn value(errand: &Errand, name: &str) -> Answer<Secret> {
    let tenant = &errand.cx.tenant;
    let found = secret::find(&tenant.store, &tenant.regime, &errand.plugin_id, name).map_err(told)?;
    found.map_or_else(|| refuse("not_found", "there is no such secret"), Ok)
}
