//! `tinybase:plugin/clock`: the time of day, where it is granted.

use super::{Answer, errand, host, refuse};
use crate::plugins::call::Call;
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

pub(super) fn bind(linker: &mut LinkerInstance<'_, Call>) -> wasmtime::Result<()> {
    linker.func_wrap("now-ms", |mut store: StoreContextMut<'_, Call>, (): ()| host(&mut store, |call| now_ms(call)))
}

fn now_ms(call: &Call) -> Answer<i64> {
    let errand = errand(call)?;
    if !errand.grants.load().clock() {
        return refuse("denied", "`clock` is not granted");
    }
    Ok(errand.cx.tenant.world.now_ms())
}
