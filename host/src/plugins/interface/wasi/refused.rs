//! What a component imports of WASI and does not get: sockets, files, requests. It links, and every call is refused: by
//! the error of the function that says "you may not" if it has one, else by a trap that names the function.

use super::io::{InputStream, IoError, OutputStream, Pollable};
use super::{Space, Store, http};
use crate::plugins::scan::printable;
use wasmtime::Engine;
use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem};
use wasmtime::component::{Resource, ResourceAny, ResourceType, Type, Val};

/// A handle to what is not there.
pub(super) enum Nothing {}

/// The errors of WASI that mean a refusal: of sockets, of files, of requests.
const REFUSALS: [&str; 4] = ["access-denied", "access", "not-permitted", "HTTP-request-denied"];

/// Defines every member of an imported interface.
pub(super) fn bind(
    space: &mut Space<'_>,
    engine: &Engine,
    interface: &str,
    imported: &ComponentInstance,
) -> wasmtime::Result<()> {
    for (name, member) in imported.exports(engine) {
        match member.ty {
            ComponentItem::Resource(_) => space.resource(name, kind(name), |_, _| Ok(()))?,
            ComponentItem::ComponentFunc(_) => {
                let what = format!("{}#{}", printable(interface), printable(name));
                space.func_new(name, move |store, ty, given, results| refuse(store, &what, &ty, given, results))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// An interface names the types of others that it uses; those have to be the same everywhere.
fn kind(name: &str) -> ResourceType {
    match name {
        "pollable" => ResourceType::host::<Pollable>(),
        "input-stream" => ResourceType::host::<InputStream>(),
        "output-stream" => ResourceType::host::<OutputStream>(),
        "error" | "io-error" => ResourceType::host::<IoError>(),
        "fields" | "headers" | "trailers" => ResourceType::host::<http::Fields>(),
        "incoming-request" => ResourceType::host::<http::IncomingRequest>(),
        "incoming-body" => ResourceType::host::<http::IncomingBody>(),
        "future-trailers" => ResourceType::host::<http::FutureTrailers>(),
        "response-outparam" => ResourceType::host::<http::ResponseOutparam>(),
        "outgoing-response" => ResourceType::host::<http::OutgoingResponse>(),
        "outgoing-body" => ResourceType::host::<http::OutgoingBody>(),
        _ => ResourceType::host::<Nothing>(),
    }
}

fn refuse(
    mut store: Store<'_>,
    what: &str,
    ty: &ComponentFunc,
    given: &[Val],
    results: &mut [Val],
) -> wasmtime::Result<()> {
    store.data_mut().basics.enter(0)?;
    given.iter().try_for_each(|value| let_go(&mut store, value))?;
    let answer = match ty.results().next() {
        Some(Type::Own(kind)) if kind == ResourceType::host::<Nothing>() => {
            Some(Val::Resource(ResourceAny::try_from_resource(Resource::<Nothing>::new_own(0), &mut store)?))
        }
        Some(Type::Result(result)) => {
            result.err().as_ref().and_then(refusal).map(|error| Val::Result(Err(Some(Box::new(error)))))
        }
        _ => None,
    };
    match (answer, results) {
        (Some(answer), [place]) => {
            *place = answer;
            Ok(())
        }
        _ => Err(wasmtime::Error::msg(format!("the guest called {what}, which plugins do not have"))),
    }
}

/// Handles that a function was lent have to be given back, and those that it was given are its to drop.
pub(super) fn let_go(store: &mut Store<'_>, value: &Val) -> wasmtime::Result<()> {
    match value {
        Val::Resource(handle) => handle.resource_drop(&mut *store),
        Val::List(values) | Val::Tuple(values) => values.iter().try_for_each(|value| let_go(store, value)),
        Val::Record(fields) => fields.iter().try_for_each(|(_, value)| let_go(store, value)),
        Val::Option(Some(value)) | Val::Variant(_, Some(value)) | Val::Result(Ok(Some(value)) | Err(Some(value))) => {
            let_go(store, value)
        }
        _ => Ok(()),
    }
}

/// The case of an error type that says so.
fn refusal(error: &Type) -> Option<Val> {
    match error {
        Type::Enum(cases) => {
            let word = REFUSALS.into_iter().find(|word| cases.names().any(|name| name == *word))?;
            Some(Val::Enum(word.to_owned()))
        }
        Type::Variant(cases) => {
            let is = |word: &str| cases.cases().any(|case| case.name == word && case.ty.is_none());
            let word = REFUSALS.into_iter().find(|word| is(word))?;
            Some(Val::Variant(word.to_owned(), None))
        }
        _ => None,
    }
}
