//! Turns of exports: each takes room on the disk until its client has it, so there are few, and fewer for one address.

use super::shares::{Share, Shares};
use crate::error::{Error, Result};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Exports on their way at the same time.
const EXPORTS_MAX: usize = 4;

/// Those of one address.
const EXPORTS_OF_ONE: usize = 2;

/// When whoever has all its turns may try again.
const RETRY: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct Exports {
    turns: Arc<Semaphore>,
    shares: Arc<Shares>,
}

/// The right to one export; given back when it is dropped.
#[derive(Debug)]
pub struct Turn {
    _turn: OwnedSemaphorePermit,
    _share: Share,
}

impl Default for Exports {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(EXPORTS_MAX)), shares: Shares::of(EXPORTS_OF_ONE) }
    }
}

impl Exports {
    /// A turn for an address.
    ///
    /// # Errors
    /// `RateLimited` when the address has all it may have, `Unavailable` when all are taken.
    pub fn turn(&self, address: IpAddr) -> Result<Turn> {
        let mut share = self.shares.none(address);
        if !share.take(1) {
            return Err(Error::RateLimited { retry_after: RETRY });
        }
        let turn = self.turns.clone().try_acquire_owned();
        let turn = turn.map_err(|_| Error::Unavailable("Too many exports are under way.".into()))?;
        Ok(Turn { _turn: turn, _share: share })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_shared() {
        let exports = Exports::default();
        let turn = |address: &str| exports.turn(address.parse().unwrap());
        let first = [turn("192.0.2.1").unwrap(), turn("192.0.2.1").unwrap()];
        assert!(matches!(turn("192.0.2.1"), Err(Error::RateLimited { .. })));
        let others = [turn("192.0.2.2").unwrap(), turn("192.0.2.3").unwrap()];
        assert!(matches!(turn("192.0.2.4"), Err(Error::Unavailable(_))));
        drop(first);
        assert!(turn("192.0.2.4").is_ok());
        drop(others);
    }
}
