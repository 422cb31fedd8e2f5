//! How far the copy is, for superusers and for the metrics.

use super::ledger::Ledger;
use super::shape::Shape;
use crate::model::date;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Off,
    /// Nothing has been sent yet.
    Starting,
    Copying,
    Following,
    /// The last try has failed; it is tried again.
    Failing,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Starting => "starting",
            Self::Copying => "copying",
            Self::Following => "following",
            Self::Failing => "failing",
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) state: State,
    url: String,
    success_ms: Option<i64>,
    error: String,
    error_ms: Option<i64>,
    /// As it was last heard of.
    ledger: Option<Ledger>,
    blocked: BTreeSet<String>,
    /// Something went well since it was begun.
    pub(super) moved: bool,
}

impl Progress {
    /// A try begins. What is known stays, unless it is of another server.
    pub(super) fn begin(&mut self, url: &str) {
        if self.url != url || self.state == State::Off {
            *self = Self { state: State::Starting, url: url.to_owned(), ..Self::default() };
        }
        self.moved = false;
    }

    /// A try has failed. Answers with how the one before has.
    pub(super) fn fail(&mut self, words: &str, now_ms: i64) -> String {
        self.state = State::Failing;
        self.error_ms = Some(now_ms);
        std::mem::replace(&mut self.error, words.to_owned())
    }

    /// The copy is as the ledger says.
    pub(super) fn reach(&mut self, ledger: &Ledger, blocked: &BTreeSet<String>, now_ms: i64) {
        let copying = ledger.entries.iter().any(|entry| entry.is_copying() && !blocked.contains(&entry.id));
        self.state = if copying { State::Copying } else { State::Following };
        self.error.clear();
        self.error_ms = None;
        if !blocked.is_empty() {
            self.state = State::Failing;
            "the database there has tables of somebody else under names of collections".clone_into(&mut self.error);
            self.error_ms = Some(now_ms);
        }
        self.blocked.clone_from(blocked);
        self.ledger = Some(ledger.clone());
        self.success_ms = Some(now_ms);
        self.moved = true;
    }

    /// The number of the last change that the copy is known to have.
    pub(super) fn watermark(&self) -> Option<u64> {
        self.ledger.as_ref().map(|ledger| ledger.watermark)
    }

    /// The collections that are being copied, whose rows are counted to say how far.
    pub(super) fn copying(&self) -> BTreeSet<String> {
        let entries = self.ledger.iter().flat_map(|ledger| &ledger.entries);
        entries.filter(|entry| entry.is_copying()).map(|entry| entry.id.clone()).collect()
    }

    /// `{state, url, lastSuccess, error, errorAt, collections}`; `totals` are the rows of those that are being copied.
    pub(super) fn to_json(&self, shapes: &[Shape], totals: &[(String, u64)]) -> Json {
        let at = |ms: Option<i64>| ms.map(date::format).unwrap_or_default();
        let shown = shapes.iter().filter(|_| self.state != State::Off).map(|shape| self.of(shape, totals));
        json!({
            "state": self.state.name(),
            "url": self.url,
            "lastSuccess": at(self.success_ms),
            "error": self.error,
            "errorAt": at(self.error_ms),
            "collections": shown.collect::<Vec<_>>(),
        })
    }

    fn of(&self, shape: &Shape, totals: &[(String, u64)]) -> Json {
        let entry = self.ledger.as_ref().and_then(|ledger| ledger.entry(&shape.id));
        let total = totals.iter().find(|(id, _)| *id == shape.id).map(|(_, total)| *total);
        let (state, rows, copied) = match entry {
            _ if self.blocked.contains(&shape.id) => ("blocked", 0, 0),
            None => ("waiting", 0, 0),
            Some(entry) if entry.is_copying() => ("copying", entry.rows, entry.copied),
            Some(entry) if entry.definition != shape.definition => ("waiting", entry.rows, 0),
            Some(entry) => ("following", entry.rows, entry.rows),
        };
        json!({
            "id": shape.id, "name": shape.name, "state": state, "rows": rows, "copied": copied,
            "total": total.unwrap_or(rows).max(copied),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::ledger::Entry;
    use super::*;

    #[test]
    fn what_is_known_stays_while_it_is_tried_again() {
        let mut progress = Progress::default();
        progress.begin("http://a");
        assert_eq!(progress.state, State::Starting);
        let entry = Entry { id: "c".into(), next: "d".into(), ..Entry::default() };
        let ledger = Ledger { watermark: 7, entries: vec![entry], ..Ledger::default() };
        progress.reach(&ledger, &BTreeSet::new(), 1);
        assert_eq!((progress.state, progress.watermark()), (State::Copying, Some(7)));
        assert_eq!(progress.fail("one", 2), "");
        assert_eq!(progress.fail("two", 3), "one");
        progress.begin("http://a");
        assert_eq!((progress.state, progress.watermark()), (State::Failing, Some(7)));
        progress.begin("http://b");
        assert_eq!((progress.state, progress.watermark()), (State::Starting, None));
    }

    #[test]
    fn a_table_in_the_way_is_a_failure_that_says_so() {
        let mut progress = Progress::default();
        progress.begin("http://a");
        progress.reach(&Ledger::default(), &BTreeSet::from(["c".to_owned()]), 1);
        assert_eq!(progress.state, State::Failing);
        progress.reach(&Ledger::default(), &BTreeSet::new(), 2);
        assert_eq!((progress.state, progress.error.as_str()), (State::Following, ""));
    }
}
