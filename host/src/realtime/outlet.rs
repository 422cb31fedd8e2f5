//! The way out to one connection: a bounded queue that never makes the sender wait.
//!
//! Messages are shared bytes, so a queue holds little more than pointers. Whoever does not keep up loses
//! what waits and is ended; nobody else notices.

use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::task::{Context, Poll, Waker};

/// Messages that may wait for one connection.
const MESSAGES_MAX: usize = 8192;
/// Room for messages that an idle connection keeps.
const ROOM_KEPT: usize = 8;

/// Why nothing more will come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Too old, too long silent, or the server stops.
    Over,
    /// Something could not be delivered.
    Gap,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Message(Bytes),
    /// Asks a WebSocket whether it is still there.
    Ping,
}

impl Item {
    fn bytes(&self) -> usize {
        match self {
            Self::Message(message) => message.len(),
            Self::Ping => 0,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Outlet(Mutex<State>);

/// What a message is about, and to whom it is one: a group's number and somebody's.
pub(super) type About = (NonZeroU64, u64);

#[derive(Debug)]
struct Waiting {
    item: Item,
    /// It is of no use once there is a later one about the same.
    about: Option<About>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    bytes: usize,
    ending: Option<Ending>,
    waker: Option<Waker>,
    /// What waits behind something that is to be told before it.
    held: Option<VecDeque<Waiting>>,
    /// How many hold it back.
    holds: usize,
}

/// For as long as it is there, messages wait behind those that are put [ahead](Outlet::push_ahead).
#[derive(Debug)]
pub(super) struct Hold<'a>(&'a Outlet);

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        let mut state = self.0.0.lock();
        state.holds -= 1;
        if state.holds > 0 {
            return;
        }
        let held = state.held.take().unwrap_or_default();
        state.waiting.extend(held);
        let waker = state.waker.take();
        drop(state);
        wake(waker);
    }
}

impl Outlet {
    /// Adds a message; false when the connection has ended, perhaps just now because its queue is full: of
    /// messages, or of `room` bytes, though a single message may be larger.
    pub(super) fn push(&self, item: Item, room: usize) -> bool {
        self.put(Waiting { item, about: None }, room, false)
    }

    /// The same in the place of what still waits about the same. It is the last all the same: what is told in between
    /// was before it.
    pub(super) fn push_instead(&self, item: Item, about: About, room: usize) -> bool {
        self.put(Waiting { item, about: Some(about) }, room, false)
    }

    /// The same before everything that is held back.
    pub(super) fn push_ahead(&self, item: Item, room: usize) -> bool {
        self.put(Waiting { item, about: None }, room, true)
    }

    /// Holds back what is added from now on, until the last hold is gone.
    pub(super) fn hold(&self) -> Hold<'_> {
        let mut state = self.0.lock();
        state.held.get_or_insert_default();
        state.holds += 1;
        drop(state);
        Hold(self)
    }

    fn put(&self, new: Waiting, room: usize, ahead: bool) -> bool {
        let mut state = self.0.lock();
        if state.ending.is_some() {
            return false;
        }
        state.drop_stale(new.about);
        let bytes = state.bytes + new.item.bytes();
        let count = state.waiting.len() + state.held.as_ref().map_or(0, VecDeque::len);
        if count >= MESSAGES_MAX || (bytes > room && count > 0) {
            drop(state);
            self.end(Ending::Gap);
            return false;
        }
        state.bytes = bytes;
        match state.held.as_mut().filter(|_| !ahead) {
            Some(held) => held.push_back(new),
            None => state.waiting.push_back(new),
        }
        let waker = state.waker.take();
        drop(state);
        wake(waker);
        true
    }

    /// Ends the connection: after what waits, or at once when something is missing anyway.
    pub(super) fn end(&self, ending: Ending) {
        let mut state = self.0.lock();
        if state.ending.is_some() {
            return;
        }
        state.ending = Some(ending);
        if ending == Ending::Gap {
            state.waiting = VecDeque::new();
            state.held = None;
            state.bytes = 0;
        }
        let waker = state.waker.take();
        drop(state);
        wake(waker);
    }

    /// How many messages wait, and their bytes.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let state = self.0.lock();
        (state.waiting.len() + state.held.as_ref().map_or(0, VecDeque::len), state.bytes)
    }

    /// Waits until there is something, then lets `take` have the messages in order for as long as it
    /// answers true; with nothing left, answers how it ended.
    pub(super) fn poll(&self, cx: &mut Context<'_>, mut take: impl FnMut(&Item) -> bool) -> Poll<Option<Ending>> {
        let mut state = self.0.lock();
        if state.waiting.is_empty() {
            if state.ending.is_some() {
                return Poll::Ready(state.ending);
            }
            if state.waiting.capacity() > ROOM_KEPT {
                state.waiting.shrink_to(0);
            }
            if !state.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                state.waker = Some(cx.waker().clone());
            }
            return Poll::Pending;
        }
        while let Some(first) = state.waiting.front() {
            if !take(&first.item) {
                break;
            }
            let bytes = first.item.bytes();
            state.bytes -= bytes;
            state.waiting.pop_front();
        }
        Poll::Ready(None)
    }
}

impl State {
    /// Takes away what waits about the same as something that comes now. What is held back stays: that is over in a moment.
    fn drop_stale(&mut self, about: Option<About>) {
        let Some(about) = about else { return };
        let Some(place) = self.waiting.iter().position(|waiting| waiting.about == Some(about)) else { return };
        if let Some(stale) = self.waiting.remove(place) {
            self.bytes -= stale.item.bytes();
        }
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    fn message(length: usize) -> Item {
        Item::Message(Bytes::from(vec![b'x'; length]))
    }

    const ROOM: usize = 100_000;

    fn push(outlet: &Outlet, item: Item) -> bool {
        outlet.push(item, ROOM)
    }

    async fn next(outlet: &Outlet) -> Result<Vec<Item>, Ending> {
        let mut items = Vec::new();
        let ended = poll_fn(|cx| {
            outlet.poll(cx, |item| {
                items.push(item.clone());
                true
            })
        })
        .await;
        ended.map_or(Ok(items), Err)
    }

    #[tokio::test]
    async fn what_is_stale_gives_way() {
        let outlet = Outlet::default();
        let about = |group: u64, who: u64| (NonZeroU64::new(group).unwrap(), who);
        let instead = |length: usize, about: About| assert!(outlet.push_instead(message(length), about, ROOM));
        instead(1, about(1, 1));
        assert!(push(&outlet, message(2)));
        instead(3, about(1, 2));
        instead(4, about(2, 1));
        instead(5, about(1, 1));
        assert_eq!(outlet.waiting(), (4, 14));
        for _ in 0..2 * MESSAGES_MAX {
            instead(6, about(1, 1));
        }
        assert_eq!(next(&outlet).await, Ok(vec![message(2), message(3), message(4), message(6)]));
        assert_eq!(outlet.waiting(), (0, 0));
        instead(7, about(1, 1));
        assert_eq!(next(&outlet).await, Ok(vec![message(7)]), "what was taken is not taken back");
    }

    #[tokio::test]
    async fn messages_come_in_order_and_then_the_end() {
        let outlet = Outlet::default();
        assert!(push(&outlet, message(1)) && push(&outlet, Item::Ping) && push(&outlet, message(2)));
        outlet.end(Ending::Over);
        assert!(!push(&outlet, message(3)));
        assert_eq!(next(&outlet).await, Ok(vec![message(1), Item::Ping, message(2)]));
        assert_eq!(next(&outlet).await, Err(Ending::Over));
    }

    #[tokio::test]
    async fn a_full_queue_ends_and_keeps_nothing() {
        let outlet = Outlet::default();
        assert!((0..MESSAGES_MAX).all(|_| push(&outlet, message(1))));
        assert!(!push(&outlet, message(1)));
        assert_eq!(next(&outlet).await, Err(Ending::Gap));
        // The first ending stays.
        outlet.end(Ending::Over);
        assert_eq!(next(&outlet).await, Err(Ending::Gap));
    }

    #[tokio::test]
    async fn what_is_held_back_comes_after_what_is_put_ahead() {
        let outlet = Outlet::default();
        let hold = outlet.hold();
        assert!(push(&outlet, message(2)) && outlet.push_ahead(message(1), ROOM));
        assert_eq!(next(&outlet).await, Ok(vec![message(1)]));
        assert_eq!(outlet.waiting(), (1, 2));
        assert!(!push(&outlet, message(ROOM)), "what is held back counts");
        assert_eq!(next(&outlet).await, Err(Ending::Gap));
        drop(hold);

        let outlet = Outlet::default();
        let hold = outlet.hold();
        assert!(push(&outlet, message(2)) && push(&outlet, message(3)));
        drop(hold);
        assert!(push(&outlet, message(4)));
        assert_eq!(next(&outlet).await, Ok(vec![message(2), message(3), message(4)]));
    }

    #[tokio::test]
    async fn bytes_are_bounded_but_one_large_message_passes() {
        let outlet = Outlet::default();
        assert!(push(&outlet, message(ROOM + 1)));
        assert_eq!(next(&outlet).await.unwrap().len(), 1);
        assert!(push(&outlet, message(ROOM)));
        assert!(!push(&outlet, message(1)));
        assert_eq!(next(&outlet).await, Err(Ending::Gap));
    }

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "the test waits for its task itself")]
    async fn a_waiting_reader_is_woken() {
        let outlet = std::sync::Arc::new(Outlet::default());
        let reader = tokio::spawn({
            let outlet = outlet.clone();
            async move { next(&outlet).await }
        });
        tokio::task::yield_now().await;
        push(&outlet, message(5));
        assert_eq!(reader.await.unwrap(), Ok(vec![message(5)]));
    }
}
