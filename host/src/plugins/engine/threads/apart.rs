//! Waiting without a place: who waits for another machine needs no processor, and others work meanwhile.

use super::Shared;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Place = (Arc<Shared>, Arc<str>);

/// Where a job works, and for how long it has waited to be let back in.
struct Seat {
    place: Place,
    waited: Duration,
}

thread_local! {
    /// Where the job of this thread works, if it is one of a pool in which others could work instead.
    static SEAT: RefCell<Option<Seat>> = const { RefCell::new(None) };
}

/// Knows the place of this thread's job until it is dropped.
pub(super) struct Seated;

impl Seated {
    /// For how long the job has waited for a place to go on at, which is not its own time.
    #[expect(clippy::unused_self, reason = "there is a seat only as long as somebody sits")]
    pub(super) fn waited(&self) -> Duration {
        SEAT.with_borrow(|seat| seat.as_ref().map_or(Duration::ZERO, |seat| seat.waited))
    }
}

/// Notes where the job works that this thread begins.
pub(super) fn sit(shared: &Arc<Shared>, lane: &Arc<str>) -> Seated {
    if shared.has_spare {
        SEAT.set(Some(Seat { place: (shared.clone(), lane.clone()), waited: Duration::ZERO }));
    }
    Seated
}

impl Drop for Seated {
    fn drop(&mut self) {
        SEAT.take();
    }
}

/// Waits for something that needs no processor. Whoever does so on the thread of a pool that has more of them than places leaves their place
/// to others until it is over, and then waits for the next that is free: for how long, is answered besides.
pub(in crate::plugins) fn apart<T>(wait: impl FnOnce() -> T) -> (T, Duration) {
    let place = SEAT.with_borrow(|seat| seat.as_ref().map(|seat| seat.place.clone()));
    let Some(place) = place else { return (wait(), Duration::ZERO) };
    let left = Left::leave(place);
    let result = wait();
    let over = Instant::now();
    drop(left);
    let waited = over.elapsed();
    SEAT.with_borrow_mut(|seat| seat.iter_mut().for_each(|seat| seat.waited += waited));
    (result, waited)
}

/// A place that was left; taken again when it is dropped, also by a panic.
struct Left(Place);

impl Left {
    fn leave(place: Place) -> Self {
        place.0.leave(&place.1);
        Self(place)
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        let (shared, lane) = &self.0;
        shared.come_back(lane);
    }
}
