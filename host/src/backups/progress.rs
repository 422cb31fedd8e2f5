//! One thing at a time: whoever makes, checks or puts back an archive has the turn, and says how far it is.

use crate::error::{Error, Result};
use crate::model::date;
use crate::tasks::Tasks;
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is said of what was cut off.
pub(super) const STOPS: &str = "The server stops.";

/// What is being done.
#[derive(Debug)]
struct Running {
    action: &'static str,
    key: String,
    started_ms: i64,
    step: Mutex<&'static str>,
    done: AtomicU64,
    total: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    running: Option<Arc<Running>>,
    last: Option<Json>,
}

/// Who has the turn, and how the last one ended.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns {
    state: Arc<Mutex<State>>,
    tasks: Tasks,
}

/// The turn; given back when the last handle is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    running: Arc<Running>,
    turns: Turns,
    outcome: Mutex<Json>,
}

impl Turns {
    pub(super) fn new(tasks: Tasks) -> Self {
        Self { state: Arc::default(), tasks }
    }

    /// The turn, for an archive.
    ///
    /// # Errors
    /// `Invalid` while somebody has it.
    pub(super) fn begin(&self, action: &'static str, key: &str, now_ms: i64) -> Result<Arc<Turn>> {
        let mut state = self.state.lock();
        if state.running.is_some() {
            return Err(Error::invalid("Try again later - another backup/restore process has already been started."));
        }
        let running = Arc::new(Running {
            action,
            key: key.to_owned(),
            started_ms: now_ms,
            step: Mutex::new("start"),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
        });
        state.running = Some(running.clone());
        Ok(Arc::new(Turn { running, turns: self.clone(), outcome: Mutex::new(json!({"outcome": "interrupted"})) }))
    }

    /// Says how something has ended that was begun before this process, or before the data was opened.
    pub(super) fn tell(&self, action: &str, key: &str, at_ms: i64, result: &Result<()>) {
        self.state.lock().last = Some(ended(outcome_of(result), action, key, at_ms));
    }

    /// Whether nobody has the turn.
    pub(super) fn is_free(&self) -> bool {
        self.state.lock().running.is_none()
    }

    /// The archive that is being made or read.
    pub(super) fn busy_with(&self, key: &str) -> bool {
        self.state.lock().running.as_ref().is_some_and(|running| running.key == key)
    }

    /// `{running, last}`.
    pub(super) fn to_json(&self) -> Json {
        let state = self.state.lock();
        let running = state.running.as_ref().map(|running| {
            json!({
                "action": running.action,
                "key": running.key,
                "started": date::format(running.started_ms),
                "step": *running.step.lock(),
                "doneBytes": running.done.load(Ordering::Relaxed),
                "totalBytes": running.total.load(Ordering::Relaxed),
            })
        });
        json!({"running": running, "last": state.last})
    }
}

impl Turn {
    /// The next step, of so many bytes.
    pub(super) fn step(&self, name: &'static str, total: u64) {
        *self.running.step.lock() = name;
        self.running.done.store(0, Ordering::Relaxed);
        self.running.total.store(total, Ordering::Relaxed);
    }

    /// So many bytes more are done.
    ///
    /// # Errors
    /// When the server stops: nobody waits for what is being done.
    pub(super) fn note(&self, bytes: u64) -> io::Result<()> {
        self.running.done.fetch_add(bytes, Ordering::Relaxed);
        if self.turns.tasks.is_stopping() {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "the server stops"));
        }
        Ok(())
    }

    /// Those with whose stop it ends.
    pub(super) fn tasks(&self) -> &Tasks {
        &self.turns.tasks
    }

    /// What went wrong while the server stops went wrong for that reason.
    pub(super) fn or_stopped<T>(&self, result: Result<T>) -> Result<T> {
        match result {
            Err(_) if self.turns.tasks.is_stopping() => Err(Error::Unavailable(STOPS.into())),
            result => result,
        }
    }

    /// How it has ended.
    pub(super) fn end<T>(&self, result: &Result<T>) {
        *self.outcome.lock() = outcome_of(result);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let outcome = std::mem::take(self.outcome.get_mut());
        let last = ended(outcome, self.running.action, &self.running.key, self.running.started_ms);
        let mut state = self.turns.state.lock();
        state.running = None;
        state.last = Some(last);
    }
}

fn outcome_of<T>(result: &Result<T>) -> Json {
    match result {
        Ok(_) => json!({"outcome": "done"}),
        Err(error) => json!({"outcome": "failed", "detail": error.for_superusers()}),
    }
}

fn ended(mut outcome: Json, action: &str, key: &str, started_ms: i64) -> Json {
    outcome["action"] = action.into();
    outcome["key"] = key.into();
    outcome["started"] = date::format(started_ms).into();
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_turn_and_it_is_given_back() {
        let turns = Turns::new(Tasks::new());
        assert_eq!(turns.to_json(), json!({"running": null, "last": null}));
        let turn = turns.begin("create", "a.zip", 0).unwrap();
        assert!(matches!(turns.begin("verify", "b.zip", 0), Err(Error::Invalid { .. })));
        turn.step("files", 10);
        turn.note(4).unwrap();
        let running = &turns.to_json()["running"];
        assert_eq!(
            (&running["step"], &running["doneBytes"], &running["totalBytes"]),
            (&json!("files"), &json!(4), &json!(10))
        );
        assert!(turns.busy_with("a.zip") && !turns.busy_with("b.zip") && !turns.is_free());
        turn.end::<()>(&Err(Error::invalid("It went wrong.")));
        let helper = turn.clone();
        drop(turn);
        assert!(!turns.is_free(), "a helper still works");
        drop(helper);
        assert!(turns.is_free());
        let last = &turns.to_json()["last"];
        assert_eq!((&last["outcome"], &last["detail"]), (&json!("failed"), &json!("It went wrong.")));
    }
}
