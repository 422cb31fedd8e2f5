//! How much memory the messages take that are on their way, over all connections of a tenant.
//!
//! A message is counted once, however many queues it waits in, and for as long as any of them has it. While
//! there is room a connection may fall far behind, as it does when a large batch is committed; when there is
//! none each has only its share.

use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of all messages on their way.
const TOTAL_MAX: usize = 64 << 20;
/// Bytes that may wait for one connection.
pub(super) const CONNECTION_MAX: usize = 16 << 20;

#[derive(Debug, Default)]
pub(super) struct Backlog(AtomicUsize);

/// A message that is counted until it is dropped.
struct Held {
    message: Vec<u8>,
    backlog: Arc<Backlog>,
}

impl Backlog {
    /// Counts a message until the last copy of it is gone.
    pub(super) fn hold(self: &Arc<Self>, message: Vec<u8>) -> Bytes {
        self.0.fetch_add(message.len(), Ordering::Relaxed);
        Bytes::from_owner(Held { message, backlog: self.clone() })
    }

    /// Bytes that may wait for each of so many connections.
    pub(super) fn share(&self, connections: usize) -> usize {
        if self.0.load(Ordering::Relaxed) < TOTAL_MAX {
            CONNECTION_MAX
        } else {
            CONNECTION_MAX.min(TOTAL_MAX / connections.max(1))
        }
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.message
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.backlog.0.fetch_sub(self.message.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_shrink_when_there_is_no_room() {
        let backlog = Arc::new(Backlog::default());
        let message = backlog.hold(vec![0; TOTAL_MAX - 1]);
        let copy = message.clone();
        assert_eq!(backlog.share(1000), CONNECTION_MAX);
        let last = backlog.hold(vec![0]);
        assert_eq!(backlog.share(1000), TOTAL_MAX / 1000);
        assert_eq!(backlog.share(1), CONNECTION_MAX);
        drop(message);
        assert_eq!(backlog.share(1000), TOTAL_MAX / 1000, "there is a copy");
        drop(copy);
        assert_eq!(backlog.share(1000), CONNECTION_MAX);
        drop(last);
        assert_eq!(backlog.0.load(Ordering::Relaxed), 0);
    }
}
