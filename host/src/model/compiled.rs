//! Options of fields that are written as one thing and used as another.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::OnceLock;

/// What somebody wrote, and what is made of it at the first use. It is written, compared and shown as what it was written as.
#[derive(Clone)]
pub struct Compiled<S, C> {
    source: S,
    made: OnceLock<C>,
}

impl<S, C> Compiled<S, C> {
    /// What `make` makes of the source; it is asked once.
    pub(super) fn get(&self, make: impl FnOnce(&S) -> C) -> &C {
        self.made.get_or_init(|| make(&self.source))
    }
}

/// A text may be left out, which is to have an empty one.
impl<C> Compiled<String, C> {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }
}

impl<S, C> From<S> for Compiled<S, C> {
    fn from(source: S) -> Self {
        Self { source, made: OnceLock::new() }
    }
}

impl<C> From<&str> for Compiled<String, C> {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl<S: Default, C> Default for Compiled<S, C> {
    fn default() -> Self {
        Self::from(S::default())
    }
}

impl<S: PartialEq, C> PartialEq for Compiled<S, C> {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl<S: Eq, C> Eq for Compiled<S, C> {}

impl<S: fmt::Debug, C> fmt::Debug for Compiled<S, C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(out)
    }
}

impl<S: Serialize, C> Serialize for Compiled<S, C> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        self.source.serialize(serializer)
    }
}

impl<'de, S: Deserialize<'de>, C> Deserialize<'de> for Compiled<S, C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        S::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_is_as_it_was_written() {
        let length: Compiled<String, usize> = "four".into();
        assert_eq!(*length.get(String::len), 4);
        assert_eq!(*length.get(|_| 5), 4, "not again");
        assert_eq!(*length.clone().get(|_| 5), 4, "a copy has it too");
        assert_eq!(length, Compiled::from("four"), "whether it was used or not");
        assert_eq!(serde_json::to_string(&length).unwrap(), "\"four\"");
        let read: Compiled<String, usize> = serde_json::from_str("\"four\"").unwrap();
        assert_eq!((read.as_str(), read.is_empty()), ("four", false));
        assert!(Compiled::<String, usize>::default().is_empty());
    }
}
