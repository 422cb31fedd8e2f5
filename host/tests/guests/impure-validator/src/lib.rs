//! A validator that logs. Validators are pure, so the host must not take it, whatever is granted.
#![forbid(unsafe_code)]

use tinybase_plugin::prelude::*;

#[validate]
fn validate(_ctx: &Context, _draft: &Record, _errors: &mut Errors) {
    log::info("looked at a draft");
}
