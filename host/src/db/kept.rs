//! Numbers that statements have answered, kept by a connection that only reads, for as long as nothing is committed.
//! Whether a statement answers the same until then is for whoever asks to know.

use crate::sql::{Sql, Value};
use std::collections::HashMap;

/// Numbers that a connection keeps at most.
const NUMBERS_MAX: usize = 64;
/// Bytes of a statement with its values and its caller of which the number is kept.
const KEY_BYTES_MAX: usize = 4_096;

/// Which number it is.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(Box<[u8]>);

impl Key {
    /// `None` when it would be too long. Each part is told with its length, so that no two keys are written alike.
    pub(super) fn of(whose: &[&str], sql: &Sql) -> Option<Self> {
        let mut key = Vec::with_capacity(sql.text().len() + 64);
        for part in whose.iter().copied().chain([sql.text()]) {
            add(&mut key, b't', part.as_bytes());
        }
        for value in sql.params() {
            match value {
                Value::Null => key.push(b'n'),
                Value::Integer(number) => add(&mut key, b'i', &number.to_le_bytes()),
                Value::Real(number) => add(&mut key, b'r', &number.to_bits().to_le_bytes()),
                Value::Text(text) => add(&mut key, b't', text.as_bytes()),
                Value::Blob(bytes) => add(&mut key, b'b', bytes),
            }
            if key.len() > KEY_BYTES_MAX {
                return None;
            }
        }
        (key.len() <= KEY_BYTES_MAX).then(|| Self(key.into()))
    }
}

fn add(key: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    key.push(kind);
    key.extend_from_slice(&bytes.len().to_le_bytes());
    key.extend_from_slice(bytes);
}

/// The numbers of one version of the database.
#[derive(Debug, Default)]
pub(super) struct Kept {
    version: i64,
    /// With the turn in which each was put.
    numbers: HashMap<Key, (u64, i64)>,
    turn: u64,
}

impl Kept {
    pub(super) fn get(&mut self, version: i64, key: &Key) -> Option<i64> {
        if self.version != version {
            self.version = version;
            self.numbers.clear();
        }
        self.numbers.get(key).map(|(_, number)| *number)
    }

    /// Keeps a number of the version that was asked for last. When there are too many, the oldest is forgotten.
    pub(super) fn put(&mut self, key: Key, number: i64) {
        if self.numbers.len() >= NUMBERS_MAX
            && let Some(oldest) = self.numbers.values().map(|(turn, _)| *turn).min()
        {
            self.numbers.retain(|_, (turn, _)| *turn != oldest);
        }
        self.turn += 1;
        self.numbers.insert(key, (self.turn, number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(whose: &[&str], text: &'static str, values: Vec<Value>) -> Option<Key> {
        let mut sql = Sql::new(text);
        for value in values {
            sql.push(" ").bind(value);
        }
        Key::of(whose, &sql)
    }

    #[test]
    fn keys_differ_by_all_that_matters() {
        let text = |text: &str| Value::from(text);
        let keys = [
            key(&["guest", ""], "a", vec![]),
            key(&["gues", "t"], "a", vec![]),
            key(&["guest", ""], "a", vec![text("1"), text("")]),
            key(&["guest", ""], "a", vec![text(""), text("1")]),
            key(&["guest", ""], "a", vec![Value::Integer(1), text("")]),
            key(&["guest", ""], "a", vec![Value::Real(1.0), text("")]),
            key(&["guest", ""], "a", vec![Value::Blob(b"1".to_vec()), text("")]),
            key(&["guest", ""], "a", vec![Value::Null, text("")]),
        ];
        for (index, one) in keys.iter().enumerate() {
            assert!(one.is_some());
            assert!(keys.iter().skip(index + 1).all(|other| one != other), "{index}");
        }
        assert_eq!(key(&["guest"], "a", vec![text(&"x".repeat(KEY_BYTES_MAX))]), None);
    }

    #[test]
    fn numbers_go_with_their_version_and_when_there_are_too_many() {
        let one = || key(&[], "1", vec![]).unwrap();
        let mut kept = Kept::default();
        assert_eq!(kept.get(7, &one()), None);
        kept.put(one(), 5);
        assert_eq!((kept.get(7, &one()), kept.get(8, &one()), kept.get(7, &one())), (Some(5), None, None));
        kept.put(one(), 5);
        let other = |number: i64| key(&[], "n", vec![Value::Integer(number)]).unwrap();
        let others = 0..i64::try_from(NUMBERS_MAX).unwrap();
        for number in others.clone() {
            kept.put(other(number), number);
        }
        assert_eq!((kept.numbers.len(), kept.get(7, &one())), (NUMBERS_MAX, None), "the oldest has gone");
        assert!(others.clone().all(|number| kept.get(7, &other(number)) == Some(number)), "and no other");
    }
}
