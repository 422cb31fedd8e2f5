//! `tinybase:plugin/random`: bytes that nobody can foresee, where they are granted.

use super::{Answer, errand, host, refuse};
use crate::plugins::call::Call;
use crate::plugins::limits::random as caps;
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

pub(super) fn bind(linker: &mut LinkerInstance<'_, Call>) -> wasmtime::Result<()> {
    linker.func_wrap("bytes", |mut store: StoreContextMut<'_, Call>, (length,): (u32,)| {
        host(&mut store, |call| bytes(call, length))
    })
}

fn bytes(call: &Call, length: u32) -> Answer<Vec<u8>> {
    let errand = errand(call)?;
    if !errand.grants.load().random() {
        return refuse("denied", "`random` is not granted");
    }
    match usize::try_from(length) {
        Ok(length) if (1..=caps::BYTES).contains(&length) => Ok(errand.cx.tenant.world.ids.bytes(length)),
        _ => refuse("invalid", format!("length: 1 to {}", caps::BYTES)),
    }
}
