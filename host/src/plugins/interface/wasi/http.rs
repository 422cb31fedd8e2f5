//! `wasi:http/types` as far as a request is answered with it; the state is an [`Exchange`]. What sends requests is refused.

use super::io::{BODY, InputStream, OutputStream, Pollable};
use super::refused::let_go;
use super::{Space, Store, resource};
use crate::plugins::basics::READY;
use crate::plugins::web::{Exchange, Head, HeadError};
use wasmtime::component::{ComponentType, Lower, Resource, Val};

/// Handles; what they stand for is told by the kind.
pub(super) enum Fields {}
pub(in crate::plugins) enum IncomingRequest {}
pub(super) enum IncomingBody {}
pub(super) enum FutureTrailers {}
pub(in crate::plugins) enum ResponseOutparam {}
pub(super) enum OutgoingResponse {}
pub(super) enum OutgoingBody {}

#[derive(Debug, ComponentType, Lower)]
#[component(variant)]
enum Method {
    #[component(name = "get")]
    Get,
    #[component(name = "head")]
    Head,
    #[component(name = "post")]
    Post,
    #[component(name = "put")]
    Put,
    #[component(name = "delete")]
    Delete,
    #[component(name = "connect")]
    Connect,
    #[component(name = "options")]
    Options,
    #[component(name = "trace")]
    Trace,
    #[component(name = "patch")]
    Patch,
    #[component(name = "other")]
    Other(String),
}

impl Method {
    fn of(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "DELETE" => Self::Delete,
            "CONNECT" => Self::Connect,
            "OPTIONS" => Self::Options,
            "TRACE" => Self::Trace,
            "PATCH" => Self::Patch,
            other => Self::Other(other.to_owned()),
        }
    }
}

#[derive(Debug, ComponentType, Lower)]
#[component(variant)]
enum Scheme {
    #[component(name = "HTTP")]
    Http,
    #[component(name = "HTTPS")]
    #[expect(dead_code, reason = "the shape is WASI's; who ends TLS is not known here")]
    Https,
    #[component(name = "other")]
    #[expect(dead_code, reason = "the shape is WASI's")]
    Other(String),
}

#[derive(Debug, ComponentType, Lower)]
#[component(variant)]
enum HeaderError {
    #[component(name = "invalid-syntax")]
    Syntax,
    #[component(name = "forbidden")]
    #[expect(dead_code, reason = "the shape is WASI's; what is forbidden is left out of the answer")]
    Forbidden,
    #[component(name = "immutable")]
    Immutable,
}

impl From<HeadError> for HeaderError {
    fn from(error: HeadError) -> Self {
        match error {
            HeadError::Syntax => Self::Syntax,
            HeadError::Fixed => Self::Immutable,
        }
    }
}

type Changed = Result<(), HeaderError>;

pub(super) fn types(space: &mut Space<'_>) -> wasmtime::Result<()> {
    resource::<Fields>(space, "fields")?;
    resource::<IncomingRequest>(space, "incoming-request")?;
    resource::<IncomingBody>(space, "incoming-body")?;
    resource::<FutureTrailers>(space, "future-trailers")?;
    resource::<ResponseOutparam>(space, "response-outparam")?;
    resource::<OutgoingResponse>(space, "outgoing-response")?;
    resource::<OutgoingBody>(space, "outgoing-body")?;
    fields(space)?;
    changes(space)?;
    request(space)?;
    request_body(space)?;
    response(space)?;
    response_body(space)?;
    untyped(space)
}

/// Counts the call and works on the exchange; outside of a request that is an empty one.
fn with<T>(
    store: &mut Store<'_>,
    bytes: usize,
    work: impl FnOnce(&mut Exchange) -> wasmtime::Result<T>,
) -> wasmtime::Result<(T,)> {
    let call = store.data_mut();
    call.basics.enter(bytes as u64)?;
    work(call.exchange.get_or_insert_default()).map(|done| (done,))
}

fn fields(space: &mut Space<'_>) -> wasmtime::Result<()> {
    space.func_wrap("[constructor]fields", |mut store: Store<'_>, (): ()| {
        with(&mut store, 0, |exchange| exchange.add_head(Head::default()).map(Resource::<Fields>::new_own))
    })?;
    space.func_wrap("[static]fields.from-list", |mut store: Store<'_>, (pairs,): (Vec<(String, Vec<u8>)>,)| {
        let bytes = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
        with(&mut store, bytes, |exchange| {
            let head = exchange.add_head(Head::default())?;
            for (name, value) in pairs {
                if let Err(error) = exchange.change(head, &name, vec![value], true)? {
                    return Ok(Err(HeaderError::from(error)));
                }
            }
            Ok(Ok(Resource::<Fields>::new_own(head)))
        })
    })?;
    space.func_wrap("[method]fields.get", |mut store: Store<'_>, (head, name): (Resource<Fields>, String)| {
        with(&mut store, 0, |exchange| {
            let pairs = &exchange.head(head.rep())?.pairs;
            let found = pairs.iter().filter(|(known, _)| known.eq_ignore_ascii_case(&name));
            Ok(found.map(|(_, value)| value.clone()).collect::<Vec<_>>())
        })
    })?;
    space.func_wrap("[method]fields.has", |mut store: Store<'_>, (head, name): (Resource<Fields>, String)| {
        with(&mut store, 0, |exchange| {
            Ok(exchange.head(head.rep())?.pairs.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)))
        })
    })?;
    space.func_wrap("[method]fields.entries", |mut store: Store<'_>, (head,): (Resource<Fields>,)| {
        with(&mut store, 0, |exchange| Ok(exchange.head(head.rep())?.pairs.clone()))
    })?;
    space.func_wrap("[method]fields.clone", |mut store: Store<'_>, (head,): (Resource<Fields>,)| {
        with(&mut store, 0, |exchange| {
            let pairs = exchange.head(head.rep())?.pairs.clone();
            exchange.add_head(Head { pairs, is_fixed: false }).map(Resource::<Fields>::new_own)
        })
    })
}

fn changes(space: &mut Space<'_>) -> wasmtime::Result<()> {
    type Set = (Resource<Fields>, String, Vec<Vec<u8>>);
    type Append = (Resource<Fields>, String, Vec<u8>);
    space.func_wrap("[method]fields.set", |mut store: Store<'_>, (head, name, values): Set| {
        change(&mut store, &head, &name, values, false)
    })?;
    space.func_wrap("[method]fields.delete", |mut store: Store<'_>, (head, name): (Resource<Fields>, String)| {
        change(&mut store, &head, &name, Vec::new(), false)
    })?;
    space.func_wrap("[method]fields.append", |mut store: Store<'_>, (head, name, value): Append| {
        change(&mut store, &head, &name, vec![value], true)
    })
}

fn change(
    store: &mut Store<'_>,
    head: &Resource<Fields>,
    name: &str,
    values: Vec<Vec<u8>>,
    keep: bool,
) -> wasmtime::Result<(Changed,)> {
    let bytes = values.iter().map(Vec::len).sum();
    with(store, bytes, |exchange| Ok(exchange.change(head.rep(), name, values, keep)?.map_err(HeaderError::from)))
}

fn request(space: &mut Space<'_>) -> wasmtime::Result<()> {
    type Asked = (Resource<IncomingRequest>,);
    space.func_wrap("[method]incoming-request.method", |mut store: Store<'_>, (_request,): Asked| {
        with(&mut store, 0, |exchange| Ok(Method::of(&exchange.request.method)))
    })?;
    space.func_wrap("[method]incoming-request.path-with-query", |mut store: Store<'_>, (_request,): Asked| {
        with(&mut store, 0, |exchange| Ok(Some(exchange.request.path_with_query.clone())))
    })?;
    space.func_wrap("[method]incoming-request.scheme", |mut store: Store<'_>, (_request,): Asked| {
        with(&mut store, 0, |_| Ok(Some(Scheme::Http)))
    })?;
    space.func_wrap("[method]incoming-request.authority", |mut store: Store<'_>, (_request,): Asked| {
        with(&mut store, 0, |exchange| {
            Ok(Some(exchange.request.authority.clone()).filter(|authority| !authority.is_empty()))
        })
    })?;
    space.func_wrap("[method]incoming-request.headers", |mut store: Store<'_>, (_request,): Asked| {
        with(&mut store, 0, |exchange| exchange.request_head().map(Resource::<Fields>::new_own))
    })?;
    space.func_wrap("[method]incoming-request.consume", |mut store: Store<'_>, (_request,): Asked| {
        with(&mut store, 0, |exchange| Ok(exchange.consume().then(|| Resource::<IncomingBody>::new_own(0)).ok_or(())))
    })
}

fn request_body(space: &mut Space<'_>) -> wasmtime::Result<()> {
    space.func_wrap("[method]incoming-body.stream", |mut store: Store<'_>, (_body,): (Resource<IncomingBody>,)| {
        with(&mut store, 0, |exchange| Ok(exchange.stream().then(|| Resource::<InputStream>::new_own(BODY)).ok_or(())))
    })?;
    space.func_wrap("[static]incoming-body.finish", |mut store: Store<'_>, (_body,): (Resource<IncomingBody>,)| {
        with(&mut store, 0, |_| Ok(Resource::<FutureTrailers>::new_own(0)))
    })?;
    space.func_wrap("[method]future-trailers.subscribe", |mut store: Store<'_>, (_it,): (Resource<FutureTrailers>,)| {
        with(&mut store, 0, |_| Ok(Resource::<Pollable>::new_own(READY)))
    })
}

fn response(space: &mut Space<'_>) -> wasmtime::Result<()> {
    type Drafted = (Resource<OutgoingResponse>,);
    space.func_wrap("[constructor]outgoing-response", |mut store: Store<'_>, (head,): (Resource<Fields>,)| {
        with(&mut store, 0, |exchange| exchange.add_draft(head.rep()).map(Resource::<OutgoingResponse>::new_own))
    })?;
    space.func_wrap("[method]outgoing-response.status-code", |mut store: Store<'_>, (draft,): Drafted| {
        with(&mut store, 0, |exchange| exchange.status(draft.rep()))
    })?;
    space.func_wrap(
        "[method]outgoing-response.set-status-code",
        |mut store: Store<'_>, (draft, status): (Resource<OutgoingResponse>, u16)| {
            with(&mut store, 0, |exchange| Ok(exchange.set_status(draft.rep(), status)?.then_some(()).ok_or(())))
        },
    )?;
    space.func_wrap("[method]outgoing-response.headers", |mut store: Store<'_>, (draft,): Drafted| {
        with(&mut store, 0, |exchange| exchange.draft_head(draft.rep()).map(Resource::<Fields>::new_own))
    })?;
    space.func_wrap("[method]outgoing-response.body", |mut store: Store<'_>, (draft,): Drafted| {
        with(&mut store, 0, |exchange| {
            let first = exchange.ask(draft.rep(), false)?;
            Ok(first.then(|| Resource::<OutgoingBody>::new_own(draft.rep())).ok_or(()))
        })
    })
}

fn response_body(space: &mut Space<'_>) -> wasmtime::Result<()> {
    space.func_wrap("[method]outgoing-body.write", |mut store: Store<'_>, (body,): (Resource<OutgoingBody>,)| {
        with(&mut store, 0, |exchange| {
            let first = exchange.ask(body.rep(), true)?;
            Ok(first.then(|| Resource::<OutputStream>::new_own(BODY.saturating_add(body.rep()))).ok_or(()))
        })
    })
}

/// Functions that name the error type of `wasi:http`, which has forty cases that nobody here looks at.
fn untyped(space: &mut Space<'_>) -> wasmtime::Result<()> {
    space.func_new("[static]response-outparam.set", |mut store, _, given, _| {
        store.data_mut().basics.enter(0)?;
        let chosen = match given.get(1) {
            Some(Val::Result(Ok(Some(draft)))) => match &**draft {
                Val::Resource(handle) => {
                    Some(Resource::<OutgoingResponse>::try_from_resource_any(*handle, &mut store)?.rep())
                }
                _ => None,
            },
            Some(error) => {
                let_go(&mut store, error)?;
                None
            }
            None => None,
        };
        if let Some(outparam) = given.first() {
            let_go(&mut store, outparam)?;
        }
        store.data_mut().exchange.get_or_insert_default().choose(chosen);
        Ok(())
    })?;
    answering(space, "[static]outgoing-body.finish", || Val::Result(Ok(None)))?;
    answering(space, "http-error-code", || Val::Option(None))?;
    answering(space, "[method]future-trailers.get", || {
        let none = Val::Result(Ok(Some(Box::new(Val::Option(None)))));
        Val::Option(Some(Box::new(Val::Result(Ok(Some(Box::new(none)))))))
    })
}

fn answering(space: &mut Space<'_>, name: &str, answer: fn() -> Val) -> wasmtime::Result<()> {
    space.func_new(name, move |mut store, _, given, results| {
        store.data_mut().basics.enter(0)?;
        given.iter().try_for_each(|value| let_go(&mut store, value))?;
        if let [place] = results {
            *place = answer();
        }
        Ok(())
    })
}
