//! The glue between an exported interface and a hook function: wraps the fields as [`Record`]s on the way in, and
//! takes the changes out on the way back. The attributes expand to the macros of this module, which export an
//! interface from the plugin's crate; that is how a component exports exactly the hooks it has.

use crate::bindings::types::{Context, Field, FieldError, Refusal};
use crate::{Delivery, Errors, Hook, Record};

pub fn before_create(
    ctx: Context,
    draft: Vec<Field>,
    hook: impl FnOnce(&Context, &mut Record) -> Hook,
) -> Result<Vec<Field>, Refusal> {
    let mut draft = Record::from(draft);
    hook(&ctx, &mut draft)?;
    Ok(draft.into_changes())
}

pub fn before_update(
    ctx: Context,
    original: Vec<Field>,
    draft: Vec<Field>,
    hook: impl FnOnce(&Context, &Record, &mut Record) -> Hook,
) -> Result<Vec<Field>, Refusal> {
    let mut draft = Record::from(draft);
    hook(&ctx, &Record::from(original), &mut draft)?;
    Ok(draft.into_changes())
}

pub fn before_delete(
    ctx: Context,
    original: Vec<Field>,
    hook: impl FnOnce(&Context, &Record) -> Hook,
) -> Result<(), Refusal> {
    hook(&ctx, &Record::from(original))
}

pub fn validate(
    ctx: Context,
    draft: Vec<Field>,
    hook: impl FnOnce(&Context, &Record, &mut Errors),
) -> Result<(), Vec<FieldError>> {
    let mut errors = Errors::new();
    hook(&ctx, &Record::from(draft), &mut errors);
    errors.into_result()
}

/// After a create or a delete, which look alike.
pub fn after(
    ctx: Context,
    event_id: String,
    record: Vec<Field>,
    hook: impl FnOnce(&Context, &str, &Record) -> Delivery,
) -> Result<(), String> {
    hook(&ctx, &event_id, &Record::from(record)).map_err(String::from)
}

pub fn after_update(
    ctx: Context,
    event_id: String,
    original: Vec<Field>,
    stored: Vec<Field>,
    hook: impl FnOnce(&Context, &str, &Record, &Record) -> Delivery,
) -> Result<(), String> {
    hook(&ctx, &event_id, &Record::from(original), &Record::from(stored)).map_err(String::from)
}

pub fn scheduled(ctx: Context, name: String, hook: impl FnOnce(&Context, &str) -> Delivery) -> Result<(), String> {
    hook(&ctx, &name).map_err(String::from)
}

pub fn before_sign_in(
    ctx: Context,
    method: String,
    stored: Vec<Field>,
    hook: impl FnOnce(&Context, &str, &Record) -> Hook,
) -> Result<(), Refusal> {
    hook(&ctx, &method, &Record::from(stored))
}

pub fn token_claims(
    ctx: Context,
    method: String,
    stored: Vec<Field>,
    hook: impl FnOnce(&Context, &str, &Record, &mut Record) -> Delivery,
) -> Result<Vec<Field>, String> {
    let mut claims = Record::new();
    hook(&ctx, &method, &Record::from(stored), &mut claims)?;
    Ok(claims.into_changes())
}

/// Defines the macro behind one attribute. The hook is type-checked on every target; the export exists in Wasm only, so
/// that `cargo test` builds and runs natively.
macro_rules! export {
    ($dollar:tt $attribute:ident: $module:ident :: $export:ident,
     fn $method:ident($($argument:ident: $type:ident),*) -> $result:ident via $adapter:ident) => {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! $attribute {
            ($dollar hook:ident) => {
                const _: () = {
                    use $dollar crate::hooks::wire::*;

                    #[allow(dead_code)]
                    struct Exported;
                    #[allow(dead_code)]
                    impl $dollar crate::bindings::$module::exports::tinybase::plugin::$module::Guest for Exported {
                        fn $method($($argument: $type),*) -> $result {
                            $dollar crate::hooks::$adapter($($argument,)* $dollar hook)
                        }
                    }
                    #[cfg(target_arch = "wasm32")]
                    $dollar crate::bindings::$module::$export!(Exported with_types_in $dollar crate::bindings::$module);
                };
            };
        }
    };
}

/// One-word names for what the exported functions take and give.
pub mod wire {
    pub use crate::bindings::types::Context;
    use crate::bindings::types::{Field, FieldError, Refusal};

    pub type Text = String;
    pub type Fields = Vec<Field>;
    pub type Changes = Result<Vec<Field>, Refusal>;
    pub type Verdict = Result<(), Refusal>;
    pub type Findings = Result<(), Vec<FieldError>>;
    pub type Outcome = Result<(), String>;
    pub type Claims = Result<Vec<Field>, String>;
}

export!($ __before_create: before_create::__export_before_create,
    fn before_create(ctx: Context, draft: Fields) -> Changes via before_create);
export!($ __before_update: before_update::__export_before_update,
    fn before_update(ctx: Context, original: Fields, draft: Fields) -> Changes via before_update);
export!($ __before_delete: before_delete::__export_before_delete,
    fn before_delete(ctx: Context, original: Fields) -> Verdict via before_delete);
export!($ __validate: validator::__export_validator,
    fn validate(ctx: Context, draft: Fields) -> Findings via validate);
export!($ __after_create: after_create::__export_after_create,
    fn after_create(ctx: Context, event_id: Text, stored: Fields) -> Outcome via after);
export!($ __after_update: after_update::__export_after_update,
    fn after_update(ctx: Context, event_id: Text, original: Fields, stored: Fields) -> Outcome via after_update);
export!($ __after_delete: after_delete::__export_after_delete,
    fn after_delete(ctx: Context, event_id: Text, original: Fields) -> Outcome via after);
export!($ __scheduled: scheduled::__export_scheduled,
    fn run(ctx: Context, name: Text) -> Outcome via scheduled);
export!($ __before_sign_in: before_sign_in::__export_before_sign_in,
    fn before_sign_in(ctx: Context, method: Text, stored: Fields) -> Verdict via before_sign_in);
export!($ __token_claims: token_claims::__export_token_claims,
    fn token_claims(ctx: Context, method: Text, stored: Fields) -> Claims via token_claims);

/// A route exports an interface of WASI's, through the bindings that WASI's own crate has.
#[cfg(feature = "route")]
#[doc(hidden)]
#[macro_export]
macro_rules! __route {
    ($hook:ident) => {
        const _: () = {
            const _: fn(&$crate::Context, &$crate::route::Asked) -> $crate::route::Answer = $hook;

            #[cfg(target_arch = "wasm32")]
            struct Exported;
            #[cfg(target_arch = "wasm32")]
            impl $crate::route::wasi::Guest for Exported {
                fn handle(request: $crate::route::wasi::IncomingRequest, out: $crate::route::wasi::ResponseOutparam) {
                    $crate::route::wasi::answer(request, out, $hook)
                }
            }
            #[cfg(target_arch = "wasm32")]
            $crate::route::wasi::export!(Exported);
        };
    };
}

#[cfg(not(feature = "route"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __route {
    ($hook:ident) => {
        compile_error!("a route needs `features = [\"route\"]` of the dependency `tinybase-plugin`");
    };
}
