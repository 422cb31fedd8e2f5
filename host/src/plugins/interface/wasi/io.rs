//! `wasi:io`: the streams of the guest itself, and waiting, which takes no time.

use super::{Space, Store, resource};
use crate::plugins::basics::{READY, Stream};
use crate::plugins::call::Call;
use wasmtime::component::{ComponentType, Lower, Resource};

/// Handles are numbers; what they stand for is told by the kind.
pub(super) enum Pollable {}
pub(super) enum InputStream {}
pub(super) enum OutputStream {}
pub(super) enum IoError {}

pub(super) const STDIN: u32 = 0;
pub(super) const STDOUT: u32 = 1;
pub(super) const STDERR: u32 = 2;
/// From here on streams are those of requests: the body of the one that came, and those of answers, by their number.
pub(super) const BODY: u32 = 16;

/// Bytes that a guest is told it may write at once.
const WRITE_BYTES: u64 = 64 << 10;

/// Why a stream does not go on.
#[derive(ComponentType, Lower)]
#[component(variant)]
pub(super) enum StreamError {
    #[component(name = "last-operation-failed")]
    #[expect(dead_code, reason = "the shape is WASI's; nothing here fails")]
    Failed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

type Streamed<T> = wasmtime::Result<(Result<T, StreamError>,)>;

pub(super) fn error(space: &mut Space<'_>) -> wasmtime::Result<()> {
    resource::<IoError>(space, "error")?;
    space.func_wrap("[method]error.to-debug-string", |mut store: Store<'_>, (_error,): (Resource<IoError>,)| {
        store.data_mut().enter_basics(0)?;
        Ok(("closed".to_owned(),))
    })
}

pub(super) fn poll(space: &mut Space<'_>) -> wasmtime::Result<()> {
    resource::<Pollable>(space, "pollable")?;
    space.func_wrap("[method]pollable.ready", |mut store: Store<'_>, (one,): (Resource<Pollable>,)| {
        let basics = &mut store.data_mut().basics;
        basics.enter(0)?;
        Ok((basics.is_due(one.rep()),))
    })?;
    space.func_wrap("[method]pollable.block", |mut store: Store<'_>, (one,): (Resource<Pollable>,)| {
        let basics = &mut store.data_mut().basics;
        basics.enter(0)?;
        basics.wait(&[one.rep()]);
        Ok(())
    })?;
    space.func_wrap("poll", |mut store: Store<'_>, (list,): (Vec<Resource<Pollable>>,)| {
        if list.is_empty() {
            return Err(wasmtime::Error::msg("the guest waits for nothing"));
        }
        let basics = &mut store.data_mut().basics;
        basics.enter(list.len() as u64)?;
        let alarms: Vec<u32> = list.iter().map(Resource::rep).collect();
        Ok((basics.wait(&alarms),))
    })
}

pub(super) fn streams(space: &mut Space<'_>) -> wasmtime::Result<()> {
    input(space)?;
    output(space)?;
    write(space)
}

/// There is nothing to be read but a request's body.
fn input(space: &mut Space<'_>) -> wasmtime::Result<()> {
    resource::<InputStream>(space, "input-stream")?;
    for name in ["[method]input-stream.read", "[method]input-stream.blocking-read"] {
        space.func_wrap(name, |mut store: Store<'_>, (stream, length): (Resource<InputStream>, u64)| {
            take(store.data_mut(), &stream, length, <[u8]>::to_vec)
        })?;
    }
    for name in ["[method]input-stream.skip", "[method]input-stream.blocking-skip"] {
        space.func_wrap(name, |mut store: Store<'_>, (stream, length): (Resource<InputStream>, u64)| {
            take(store.data_mut(), &stream, length, |piece| piece.len() as u64)
        })?;
    }
    space.func_wrap("[method]input-stream.subscribe", |mut store: Store<'_>, (_stream,): (Resource<InputStream>,)| {
        store.data_mut().enter_basics(0)?;
        Ok((Resource::<Pollable>::new_own(READY),))
    })
}

fn take<T>(call: &mut Call, from: &Resource<InputStream>, length: u64, made: impl FnOnce(&[u8]) -> T) -> Streamed<T> {
    let exchange = call.exchange.as_mut().filter(|_| from.rep() == BODY);
    let piece = exchange.and_then(|exchange| exchange.read(length));
    call.enter_basics(piece.as_ref().map_or(0, |piece| piece.len() as u64))?;
    Ok((piece.map(|piece| made(&piece)).ok_or(StreamError::Closed),))
}

fn output(space: &mut Space<'_>) -> wasmtime::Result<()> {
    resource::<OutputStream>(space, "output-stream")?;
    space.func_wrap(
        "[method]output-stream.check-write",
        |mut store: Store<'_>, (_to,): (Resource<OutputStream>,)| {
            store.data_mut().enter_basics(0)?;
            Ok((Ok::<u64, StreamError>(WRITE_BYTES),))
        },
    )?;
    for name in ["[method]output-stream.flush", "[method]output-stream.blocking-flush"] {
        space.func_wrap(name, |mut store: Store<'_>, (_to,): (Resource<OutputStream>,)| {
            store.data_mut().enter_basics(0)?;
            Ok((Ok::<(), StreamError>(()),))
        })?;
    }
    space.func_wrap("[method]output-stream.subscribe", |mut store: Store<'_>, (_to,): (Resource<OutputStream>,)| {
        store.data_mut().enter_basics(0)?;
        Ok((Resource::<Pollable>::new_own(READY),))
    })
}

fn write(space: &mut Space<'_>) -> wasmtime::Result<()> {
    for name in ["[method]output-stream.write", "[method]output-stream.blocking-write-and-flush"] {
        space.func_wrap(name, |mut store: Store<'_>, (to, bytes): (Resource<OutputStream>, Vec<u8>)| {
            put(store.data_mut(), &to, &bytes)
        })?;
    }
    for name in ["[method]output-stream.write-zeroes", "[method]output-stream.blocking-write-zeroes-and-flush"] {
        space.func_wrap(name, |mut store: Store<'_>, (to, length): (Resource<OutputStream>, u64)| {
            let length = Some(length).filter(|length| *length <= WRITE_BYTES);
            let length = length.and_then(|length| usize::try_from(length).ok());
            let length = length.ok_or_else(|| wasmtime::Error::msg("the guest writes more than it was told it may"))?;
            put(store.data_mut(), &to, &vec![0; length])
        })?;
    }
    for name in ["[method]output-stream.splice", "[method]output-stream.blocking-splice"] {
        type Splice = (Resource<OutputStream>, Resource<InputStream>, u64);
        space.func_wrap(name, |mut store: Store<'_>, (to, from, length): Splice| {
            let call = store.data_mut();
            // What is taken must have somewhere to go.
            if sink(call, &to).is_none() {
                call.enter_basics(0)?;
                return Ok((Err(StreamError::Closed),));
            }
            let (piece,) = take(call, &from, length.min(WRITE_BYTES), <[u8]>::to_vec)?;
            let piece = match piece {
                Ok(piece) => piece,
                Err(closed) => return Ok((Err(closed),)),
            };
            let (written,) = put(call, &to, &piece)?;
            Ok((written.map(|()| piece.len() as u64),))
        })?;
    }
    Ok(())
}

/// Where an open stream leads.
enum Sink {
    Log(Stream),
    /// An answer's body, by its number.
    Body(u32),
}

fn sink(call: &Call, to: &Resource<OutputStream>) -> Option<Sink> {
    match to.rep() {
        STDOUT => Some(Sink::Log(Stream::Out)),
        STDERR => Some(Sink::Log(Stream::Err)),
        other => call.exchange.as_ref().and(other.checked_sub(BODY)).map(Sink::Body),
    }
}

fn put(call: &mut Call, to: &Resource<OutputStream>, bytes: &[u8]) -> Streamed<()> {
    call.enter_basics(bytes.len() as u64)?;
    match (sink(call, to), &mut call.exchange) {
        (Some(Sink::Log(stream)), _) => call.in_host(|call| call.write_stream(stream, bytes)),
        (Some(Sink::Body(draft)), Some(exchange)) => exchange.write(draft, bytes)?,
        _ => return Ok((Err(StreamError::Closed),)),
    }
    Ok((Ok(()),))
}
