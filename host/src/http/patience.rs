//! How long the server waits for a peer: a connection whose reads and writes give up.
//!
//! hyper's own timeout covers the time between requests and the head of the next one alike. The watch tells
//! them apart: an idle connection may stay for long, one that sends its head byte by byte may not.

use hyper_util::rt::TokioIo;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// How long the server waits for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the head of a request, from its first byte.
    pub head: Duration,
    /// Between requests.
    pub idle: Duration,
    /// For a peer that takes nothing of what it is sent.
    pub stall: Duration,
    /// For the body of a request; and so much longer as its bytes may take.
    pub body: Duration,
    pub body_bytes_per_s: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_mins(1),
            stall: Duration::from_mins(1),
            body: Duration::from_secs(20),
            body_bytes_per_s: 1_024,
        }
    }
}

/// Whether a request is being answered, told by whoever answers: it counts beginnings and ends.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch(Arc<AtomicU64>);

impl Watch {
    pub(super) fn begin(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A stream with limits to its patience.
#[derive(Debug)]
pub(super) struct Patient {
    stream: TcpStream,
    watch: Watch,
    patience: Patience,
    /// Runs while part of a head has come.
    head: Option<Pin<Box<Sleep>>>,
    /// Runs while the peer does not take what was written.
    stall: Option<Pin<Box<Sleep>>>,
    /// Part of a head has come since the watch stood at `seen`.
    started: bool,
    seen: u64,
}

impl Patient {
    pub(super) fn new(stream: TcpStream, watch: Watch, patience: Patience) -> TokioIo<Self> {
        TokioIo::new(Self { stream, watch, patience, head: None, stall: None, started: false, seen: 0 })
    }

    fn wait_for_write<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let patience = self.patience.stall;
        let timer = self.stall.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let count = self.watch.count();
        if count != self.seen {
            (self.head, self.started, self.seen) = (None, false, count);
        }
        let is_answering = !count.is_multiple_of(2);
        if is_answering {
            return read;
        }
        if read.is_ready() {
            self.started = true;
            return read;
        }
        if !self.started {
            return Poll::Pending;
        }
        let patience = self.patience.head;
        let timer = self.head.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wait_for_write(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wait_for_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
