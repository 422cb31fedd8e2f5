//! The body of an SSE connection: `PocketBase`'s protocol, byte for byte.

use super::client::Client;
use super::frame;
use super::hub::Hub;
use super::outlet::Item;
use bytes::Bytes;
use futures_util::Stream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Messages that wait are sent in pieces of about this size; a larger message is not copied.
const PIECE: usize = 16 << 10;

/// Pieces of the body, for as long as the connection may last. Dropping it ends all subscriptions.
#[derive(Debug)]
pub struct SseStream {
    hub: Arc<Hub>,
    client: Arc<Client>,
    id_line: Box<[u8]>,
    /// A message whose `id:` line has been sent.
    large: Option<Bytes>,
}

impl SseStream {
    pub(super) fn new(hub: Arc<Hub>, client: Arc<Client>) -> Self {
        let id_line = frame::id_line(&client.id).into_boxed_slice();
        Self { hub, client, id_line, large: None }
    }
}

impl Stream for SseStream {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Self { client, id_line, large, .. } = &mut *self;
        if let Some(message) = large.take() {
            return Poll::Ready(Some(message));
        }
        let mut piece = Vec::new();
        let polled = client.outlet.poll(cx, |item| {
            let Item::Message(message) = item else { return true };
            if large.is_some() || (!piece.is_empty() && piece.len() + message.len() > PIECE) {
                return false;
            }
            if message.len() > PIECE {
                piece.extend_from_slice(id_line);
                *large = Some(message.clone());
                return true;
            }
            piece.reserve(id_line.len() + message.len());
            piece.extend_from_slice(id_line);
            piece.extend_from_slice(message);
            true
        });
        match polled {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(_)) => Poll::Ready(None),
            Poll::Ready(None) => Poll::Ready(Some(piece.into())),
        }
    }
}

impl Drop for SseStream {
    fn drop(&mut self) {
        self.hub.leave(&self.client);
    }
}
