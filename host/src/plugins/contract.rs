//! The types of `wit/types.wit` as the host lowers and lifts them.
//!
//! What goes in borrows from the record, so that a call copies each text once, into the guest. What comes out is owned.
//! Wasmtime compares these shapes with the component's own when the plugin is loaded; the contract itself is `wit/`.

use super::interface::{IncomingRequest, ResponseOutparam};
use crate::tenant::hooks::Stage;
use wasmtime::AsContext;
use wasmtime::component::{ComponentType, Func, Lift, Lower, Resource};

/// A column value on its way into a guest.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(variant)]
pub enum ValueIn<'a> {
    #[component(name = "null")]
    Null,
    #[component(name = "boolean")]
    Boolean(bool),
    #[component(name = "integer")]
    Integer(i64),
    #[component(name = "number")]
    Number(f64),
    #[component(name = "text")]
    Text(&'a str),
    #[component(name = "texts")]
    Texts(&'a [String]),
    #[component(name = "json")]
    Json(&'a str),
    #[component(name = "other")]
    Other((&'a str, &'a [u8])),
}

/// A named value on its way into a guest.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct FieldIn<'a> {
    pub name: &'a str,
    pub value: ValueIn<'a>,
}

/// Who causes the call.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct CallerIn<'a> {
    pub kind: &'a str,
    pub id: &'a str,
    pub collection: &'a str,
}

/// The circumstances of one call.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct ContextIn<'a> {
    pub tenant: &'a str,
    pub collection: &'a str,
    #[component(name = "request-id")]
    pub request_id: &'a str,
    pub caller: CallerIn<'a>,
    #[component(name = "now-ms")]
    pub now_ms: i64,
    pub depth: u8,
    pub config: &'a str,
}

/// A column value as a guest made it.
#[derive(Debug, Clone, PartialEq, ComponentType, Lift, Lower)]
#[component(variant)]
pub enum ValueOut {
    #[component(name = "null")]
    Null,
    #[component(name = "boolean")]
    Boolean(bool),
    #[component(name = "integer")]
    Integer(i64),
    #[component(name = "number")]
    Number(f64),
    #[component(name = "text")]
    Text(String),
    #[component(name = "texts")]
    Texts(Vec<String>),
    #[component(name = "json")]
    Json(String),
    #[component(name = "other")]
    Other((String, Vec<u8>)),
}

/// A named value as a guest made it; also what the host's functions answer with.
#[derive(Debug, Clone, PartialEq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct FieldOut {
    pub name: String,
    pub value: ValueOut,
}

/// One field's failure, in a guest's words.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct FieldErrorOut {
    pub field: String,
    pub code: String,
    pub message: String,
}

/// Why a hook refuses a write.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(variant)]
pub enum RefusalOut {
    #[component(name = "invalid")]
    Invalid(Vec<FieldErrorOut>),
    #[component(name = "denied")]
    Denied((u16, String)),
}

/// Why a host function refuses.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lower)]
#[component(record)]
pub struct HostError {
    pub code: String,
    pub message: String,
}

/// How loud a line of a plugin's log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
pub enum Level {
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
}

/// What a before-hook on a create or an update answers: the changed fields, or why not.
pub type Changes = (Result<Vec<FieldOut>, RefusalOut>,);
/// What a before-hook on a delete answers.
pub type Consent = (Result<(), RefusalOut>,);
/// What a validator answers.
pub type Findings = (Result<(), Vec<FieldErrorOut>>,);
/// What a token tells besides, by name.
pub type Claims = (Result<Vec<FieldOut>, String>,);
/// What an after-hook answers, and who was called by the clock.
pub type Receipt = (Result<(), String>,);

/// A record as it crosses.
pub type FieldsIn<'a> = &'a [FieldIn<'a>];

/// Compares the function of a hook with the contract.
///
/// # Errors
/// wasmtime's, naming the part that differs.
pub fn check(stage: Stage, function: &Func, store: impl AsContext) -> wasmtime::Result<()> {
    type Context<'a> = ContextIn<'a>;
    type Fields<'a> = FieldsIn<'a>;
    match stage {
        Stage::Validate => function.typed::<(Context<'_>, Fields<'_>), Findings>(store).map(drop),
        Stage::BeforeCreate => function.typed::<(Context<'_>, Fields<'_>), Changes>(store).map(drop),
        Stage::BeforeUpdate => function.typed::<(Context<'_>, Fields<'_>, Fields<'_>), Changes>(store).map(drop),
        Stage::BeforeDelete => function.typed::<(Context<'_>, Fields<'_>), Consent>(store).map(drop),
        Stage::AfterCreate | Stage::AfterDelete => {
            function.typed::<(Context<'_>, &str, Fields<'_>), Receipt>(store).map(drop)
        }
        Stage::Scheduled => function.typed::<(Context<'_>, &str), Receipt>(store).map(drop),
        Stage::BeforeSignIn => function.typed::<(Context<'_>, &str, Fields<'_>), Consent>(store).map(drop),
        Stage::Route => function.typed::<(Resource<IncomingRequest>, Resource<ResponseOutparam>), ()>(store).map(drop),
        Stage::TokenClaims => function.typed::<(Context<'_>, &str, Fields<'_>), Claims>(store).map(drop),
        Stage::AfterUpdate => function.typed::<(Context<'_>, &str, Fields<'_>, Fields<'_>), Receipt>(store).map(drop),
    }
}
