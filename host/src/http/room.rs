//! Room for bodies: how much memory all that are being read and handled may take together. What is no longer needed
//! is given back when the request is answered.

use crate::error::{Error, Result};
use crate::tenant::shares::{Share, Shares};
use parking_lot::Mutex;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of all bodies and of what is made of them.
const ROOM_BYTES: usize = 512 << 20;
/// Bytes of those for one address: enough for the largest batch, and something is left for the others.
const SHARE_BYTES: usize = 320 << 20;
/// When an address that has all that may try again.
const RETRY: Duration = Duration::from_secs(1);
/// Bytes that each request has for nothing: most need no more, and cannot be crowded out.
const FREE_BYTES: usize = 64 << 10;
/// What a permit stands for.
const PERMIT_BYTES: usize = 1 << 10;
/// Values in the JSON of one body: each takes far more memory than text.
const VALUES_MAX: usize = 1_000_000;
/// Memory that a value takes, in a list that has just grown.
const VALUE_BYTES: usize = 2 * size_of::<Value>();

/// The room for the bodies of a host, and who has how much of it.
#[derive(Debug, Clone)]
pub(super) struct Bodies {
    all: Arc<Semaphore>,
    shares: Arc<Shares>,
}

impl Default for Bodies {
    fn default() -> Self {
        Self::of(ROOM_BYTES / PERMIT_BYTES, SHARE_BYTES / PERMIT_BYTES)
    }
}

impl Bodies {
    fn of(permits: usize, share: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(permits)), shares: Shares::of(share) }
    }
}

/// What one request takes of the room. Clones are the same request's.
#[derive(Debug, Clone)]
pub(super) struct Room(Arc<Taken>);

#[derive(Debug)]
struct Taken {
    all: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// What the client's address has of the room by this request.
    share: Share,
    bytes: usize,
    /// Bytes of JSON texts, and values in them, of all parts of the body together.
    parsed: usize,
    values: usize,
    /// What their values weigh that was not taken yet, because they were few.
    spared: usize,
    permit: Option<OwnedSemaphorePermit>,
}

impl Room {
    pub(super) fn new(bodies: &Bodies, address: IpAddr) -> Self {
        let share = bodies.shares.none(address);
        let state = State { share, bytes: 0, parsed: 0, values: 0, spared: 0, permit: None };
        Self(Arc::new(Taken { all: bodies.all.clone(), state: Mutex::new(state) }))
    }

    /// Of a request without a body.
    pub(super) fn none() -> Self {
        Self::new(&Bodies::of(0, 0), IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }

    /// Takes so many bytes more. Nobody waits: those that have room might wait for more of it.
    ///
    /// # Errors
    /// `RateLimited` when the client's address would have too much, `Unavailable` when there is not so much.
    pub(super) fn take(&self, bytes: usize) -> Result<()> {
        let mut state = self.0.state.lock();
        let total = state.bytes.saturating_add(bytes);
        let held = state.permit.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = total.saturating_sub(FREE_BYTES).div_ceil(PERMIT_BYTES).saturating_sub(held);
        if missing > 0 {
            if !state.share.take(missing) {
                return Err(Error::RateLimited { retry_after: RETRY });
            }
            let more =
                u32::try_from(missing).ok().and_then(|count| self.0.all.clone().try_acquire_many_owned(count).ok());
            let Some(more) = more else {
                state.share.give_back(missing);
                return Err(full());
            };
            match &mut state.permit {
                Some(permit) => permit.merge(more),
                permit => *permit = Some(more),
            }
        }
        state.bytes = total;
        Ok(())
    }

    /// Takes the memory that a JSON text will take once it is parsed, with those that the request had before it.
    ///
    /// # Errors
    /// `Invalid` when it holds too many values, else as [`Room::take`].
    pub(super) fn take_parsed(&self, json: &[u8]) -> Result<()> {
        let values = values(json);
        let weight = {
            let mut state = self.0.state.lock();
            state.parsed = state.parsed.saturating_add(json.len());
            state.values = state.values.saturating_add(values);
            state.spared = state.spared.saturating_add(json.len() + values * VALUE_BYTES);
            if state.parsed <= FREE_BYTES {
                return Ok(());
            }
            if state.values > VALUES_MAX {
                return Err(Error::invalid("The body has too many values."));
            }
            std::mem::take(&mut state.spared)
        };
        self.take(weight)
    }
}

fn full() -> Error {
    Error::Unavailable("Too much is being submitted at the moment.".into())
}

/// About how many values there are in a JSON text.
fn values(json: &[u8]) -> usize {
    let (mut values, mut in_text, mut escaped) = (1, false, false);
    for byte in json {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            // A key takes about as much as a value.
            (false, b',' | b'[' | b'{' | b':') => values += 1,
            _ => {}
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(permits: usize) -> (Bodies, Arc<Semaphore>) {
        let bodies = Bodies::of(permits, permits);
        (bodies.clone(), bodies.all)
    }

    fn room_of(bodies: &Bodies, address: &str) -> Room {
        Room::new(bodies, address.parse().unwrap())
    }

    #[test]
    fn one_address_does_not_fill_the_room() {
        let bodies = Bodies::of(100, 60);
        let (first, second) = (room_of(&bodies, "192.0.2.1"), room_of(&bodies, "192.0.2.1"));
        first.take(FREE_BYTES + 50 * PERMIT_BYTES).unwrap();
        second.take(FREE_BYTES + 10 * PERMIT_BYTES).unwrap();
        assert!(matches!(second.take(1), Err(Error::RateLimited { .. })));
        let other = room_of(&bodies, "192.0.2.2");
        assert!(matches!(other.take(FREE_BYTES + 41 * PERMIT_BYTES), Err(Error::Unavailable(_))));
        other.take(FREE_BYTES + 40 * PERMIT_BYTES).unwrap();
        drop(first);
        second.take(1).unwrap();
    }

    #[test]
    fn room_is_given_back_with_the_request() {
        let (bodies, all) = some(100);
        let room = room_of(&bodies, "192.0.2.1");
        room.take(FREE_BYTES).unwrap();
        assert_eq!(all.available_permits(), 100, "for nothing");
        room.take(1).unwrap();
        room.take(60 * PERMIT_BYTES - 1).unwrap();
        assert_eq!(all.available_permits(), 40);
        let other = room_of(&bodies, "192.0.2.2");
        assert!(matches!(other.take(FREE_BYTES + 41 * PERMIT_BYTES), Err(Error::Unavailable(_))));
        other.take(FREE_BYTES + 40 * PERMIT_BYTES).unwrap();
        drop((room, other));
        assert_eq!(all.available_permits(), 100);
    }

    #[test]
    fn values_weigh_more_than_text() {
        assert_eq!(values(br#"{"a":[0,0,"x,[\"{:"],"b":{}}"#), 9);
        let numbers = format!("[{}0]", "0,".repeat(100_000));
        let text = format!("\"{}\"", ",".repeat(200_000));
        let taken = |json: &str| {
            let (bodies, all) = some(ROOM_BYTES / PERMIT_BYTES);
            let room = room_of(&bodies, "192.0.2.1");
            room.take_parsed(json.as_bytes()).map(|()| ROOM_BYTES / PERMIT_BYTES - all.available_permits())
        };
        assert!(taken(&numbers).unwrap() > 5 * taken(&text).unwrap());
        let bomb = taken(&format!("[{}0]", "0,".repeat(VALUES_MAX)));
        assert!(matches!(bomb, Err(Error::Invalid { .. })), "{bomb:?}");
    }

    #[test]
    fn many_small_texts_weigh_like_a_large_one() {
        let (bodies, all) = some(ROOM_BYTES / PERMIT_BYTES);
        let room = room_of(&bodies, "192.0.2.1");
        let text = format!("[{}0]", "0,".repeat(10_000));
        for _ in 0..3 {
            room.take_parsed(text.as_bytes()).unwrap();
        }
        assert_eq!(all.available_permits(), ROOM_BYTES / PERMIT_BYTES, "for nothing");
        room.take_parsed(text.as_bytes()).unwrap();
        let taken = ROOM_BYTES / PERMIT_BYTES - all.available_permits();
        assert!(taken * PERMIT_BYTES >= 40_000 * VALUE_BYTES - FREE_BYTES, "{taken}");
        let refused = (0..200).find_map(|_| room.take_parsed(text.as_bytes()).err());
        assert!(matches!(refused, Some(Error::Invalid { .. })), "{refused:?}");
    }
}
