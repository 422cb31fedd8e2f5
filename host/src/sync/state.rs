//! How far the copy is, for superusers and for the metrics.

use super::ledger::{Entry, Ledger};
use super::shape::Shape;
use crate::model::date;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

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
    /// How many rows the collections have that are being copied, as it was when it was first asked; none where counting
    /// took too long.
    totals: BTreeMap<String, Option<u64>>,
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
        let former = self.ledger.take();
        self.totals.retain(|id, _| {
            let cursor =
                |ledger: Option<&Ledger>| ledger.and_then(|ledger| ledger.entry(id)).map(|entry| entry.cursor.clone());
            // A copy that is begun anew goes back to the first row.
            ledger.entry(id).is_some_and(Entry::is_copying) && cursor(Some(ledger)) >= cursor(former.as_ref())
        });
        self.ledger = Some(ledger.clone());
        self.success_ms = Some(now_ms);
        self.moved = true;
    }

    /// The number of the last change that the copy is known to have.
    pub(super) fn watermark(&self) -> Option<u64> {
        self.ledger.as_ref().map(|ledger| ledger.watermark)
    }

    /// The collections that are being copied and whose rows are still to be counted, to say how far.
    pub(super) fn uncounted(&self) -> BTreeSet<String> {
        let entries = self.ledger.iter().flat_map(|ledger| &ledger.entries);
        let wanted = entries.filter(|entry| entry.is_copying() && !self.totals.contains_key(&entry.id));
        wanted.map(|entry| entry.id.clone()).collect()
    }

    /// A collection has so many rows, or too many to count them.
    pub(super) fn count(&mut self, id: &str, total: Option<u64>) {
        self.totals.insert(id.to_owned(), total);
    }

    /// `{state, url, lastSuccess, error, errorAt, collections}`.
    pub(super) fn to_json(&self, shapes: &[Shape]) -> Json {
        let at = |ms: Option<i64>| ms.map(date::format).unwrap_or_default();
        let shown = shapes.iter().filter(|_| self.state != State::Off).map(|shape| self.of(shape));
        json!({
            "state": self.state.name(),
            "url": self.url,
            "lastSuccess": at(self.success_ms),
            "error": self.error,
            "errorAt": at(self.error_ms),
            "collections": shown.collect::<Vec<_>>(),
        })
    }

    fn of(&self, shape: &Shape) -> Json {
        let entry = self.ledger.as_ref().and_then(|ledger| ledger.entry(&shape.id));
        let total = entry.filter(|entry| entry.is_copying()).and_then(|_| *self.totals.get(&shape.id)?);
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
    fn rows_are_counted_once_for_each_copy_that_is_begun() {
        let mut progress = Progress::default();
        progress.begin("http://a");
        let at = |cursor: &str, next: &str| Ledger {
            entries: vec![Entry { id: "c".into(), next: next.into(), cursor: cursor.into(), ..Entry::default() }],
            ..Ledger::default()
        };
        progress.reach(&at("b", "d"), &BTreeSet::new(), 1);
        assert_eq!(progress.uncounted(), BTreeSet::from(["c".to_owned()]));
        progress.count("c", Some(9));
        progress.reach(&at("f", "d"), &BTreeSet::new(), 2);
        assert_eq!(progress.uncounted(), BTreeSet::new());
        progress.reach(&at("", "d"), &BTreeSet::new(), 3);
        assert_eq!(progress.uncounted(), BTreeSet::from(["c".to_owned()]), "it was begun anew");
        progress.count("c", None);
        progress.reach(&at("b", "d"), &BTreeSet::new(), 4);
        assert_eq!(progress.uncounted(), BTreeSet::new(), "what takes too long is not tried again");
        progress.reach(&at("", ""), &BTreeSet::new(), 5);
        assert!(progress.totals.is_empty() && progress.uncounted().is_empty());
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
