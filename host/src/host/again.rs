//! Opening the data anew while the process goes on: after a backup was prepared to be restored.
//!
//! The host is closed as if the server was to stop, and another one is opened in its place; whoever serves does both.
//! So nothing of the former data can be seen any more: no connection, no snapshot, no cache outlives it.

use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// The wish for it.
#[derive(Debug, Default)]
pub struct Again {
    asked: AtomicBool,
    bell: Notify,
}

impl Again {
    /// Asks for it.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::Release);
        // Remembered, if nobody waits yet.
        self.bell.notify_one();
    }

    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    /// Resolves when somebody has asked.
    pub async fn asked(&self) {
        while !self.is_asked() {
            self.bell.notified().await;
        }
    }
}
