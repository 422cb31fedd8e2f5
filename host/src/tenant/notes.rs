//! What is remembered for a moment and in memory only: lost with a restart, and forgotten when there is too much.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;

/// Notes at the same time; beyond it the oldest go first.
const NOTES_MAX: usize = 10_000;
/// Longest key and longest text, in bytes.
const KEY_MAX: usize = 1_000;
const TEXT_MAX: usize = 1_000;

#[derive(Debug, Default)]
pub struct Notes(Mutex<HashMap<String, Note>>);

#[derive(Debug)]
struct Note {
    text: String,
    until_ms: i64,
}

impl Notes {
    /// Keeps a text under a key for some time; one that is too long is not kept.
    pub fn keep(&self, key: &str, text: &str, for_so_long: Duration, now_ms: i64) {
        if key.len() > KEY_MAX || text.len() > TEXT_MAX {
            return;
        }
        let mut notes = self.0.lock();
        make_room(&mut notes, now_ms);
        notes.insert(key.to_owned(), Note { text: text.to_owned(), until_ms: until(now_ms, for_so_long) });
    }

    /// Takes a text away.
    pub fn take(&self, key: &str, now_ms: i64) -> Option<String> {
        self.0.lock().remove(key).filter(|note| note.until_ms > now_ms).map(|note| note.text)
    }

    /// True for the first who asks, and again when so much time has passed.
    pub fn is_first(&self, key: &str, every: Duration, now_ms: i64) -> bool {
        let mut notes = self.0.lock();
        if notes.get(key).is_some_and(|note| note.until_ms > now_ms) {
            return false;
        }
        make_room(&mut notes, now_ms);
        notes.insert(key.to_owned(), Note { text: String::new(), until_ms: until(now_ms, every) });
        true
    }
}

fn until(now_ms: i64, time: Duration) -> i64 {
    now_ms.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}

fn make_room(notes: &mut HashMap<String, Note>, now_ms: i64) {
    if notes.len() < NOTES_MAX {
        return;
    }
    notes.retain(|_, note| note.until_ms > now_ms);
    if notes.len() < NOTES_MAX {
        return;
    }
    // Half of them at once, so that this is done now and then only.
    let mut ends: Vec<i64> = notes.values().map(|note| note.until_ms).collect();
    let (_, middle, _) = ends.select_nth_unstable(NOTES_MAX / 2);
    let middle = *middle;
    notes.retain(|_, note| note.until_ms > middle);
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn notes_are_taken_once_and_in_time() {
        let notes = Notes::default();
        notes.keep("a", "text", MINUTE, 0);
        notes.keep("b", "late", MINUTE, 0);
        notes.keep(&"k".repeat(KEY_MAX + 1), "x", MINUTE, 0);
        assert_eq!(notes.take("a", 59_999).as_deref(), Some("text"));
        assert_eq!((notes.take("a", 59_999), notes.take("b", 60_000)), (None, None));
        assert!(notes.0.lock().is_empty());
    }

    #[test]
    fn one_is_the_first_of_its_time() {
        let notes = Notes::default();
        let asked = [0, 1, 59_999, 60_000, 60_001].map(|now_ms| notes.is_first("a", MINUTE, now_ms));
        assert_eq!(asked, [true, false, false, true, false]);
        assert!(notes.is_first("b", MINUTE, 1));
    }

    #[test]
    fn there_are_never_too_many() {
        let notes = Notes::default();
        for number in 0..2 * NOTES_MAX {
            assert!(notes.is_first(&number.to_string(), MINUTE, i64::try_from(number).unwrap()));
            assert!(notes.0.lock().len() <= NOTES_MAX);
        }
    }
}
