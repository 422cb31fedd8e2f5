//! The section of the settings about topics that are no collection's: what they are called, and who may listen, speak
//! and be seen there. Whether the rules make sense is decided where the collections are known.

use crate::error::{FieldErrors, code};
use serde::{Deserialize, Serialize};

/// Most patterns.
const TOPICS_MAX: usize = 100;

/// Longest pattern, in bytes.
const PATTERN_MAX: usize = 255;

/// Most names in a pattern, and their longest.
const NAMES_MAX: usize = 8;
const NAME_MAX: usize = 50;

/// Longest rule, in characters.
const RULE_MAX: usize = 5_000;

/// What a rule knows the whole topic as.
pub const WHOLE: &str = "topic";

/// Names that a rule would not know a part of a topic by.
const TAKEN: [&str; 4] = [WHOLE, "id", "collectionId", "collectionName"];

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RealtimeSettings {
    /// The first whose pattern fits a topic counts.
    pub topics: Vec<TopicRules>,
}

/// The rules of the topics that a pattern fits: `None` is for superusers only, empty for everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TopicRules {
    /// `rooms/{room}`: parts between slashes, each a word, a name that rules know it by, or `*`.
    pub pattern: String,
    pub subscribe_rule: Option<String>,
    pub publish_rule: Option<String>,
    /// Who may be seen there.
    pub presence_rule: Option<String>,
}

impl TopicRules {
    /// The rules with their wire names.
    #[must_use]
    pub fn named(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("subscribeRule", self.subscribe_rule.as_deref()),
            ("publishRule", self.publish_rule.as_deref()),
            ("presenceRule", self.presence_rule.as_deref()),
        ]
    }

    fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.pattern.is_empty() {
            errors.add("pattern", code::REQUIRED);
        } else if self.pattern.len() > PATTERN_MAX {
            errors.add("pattern", code::LENGTH_TOO_LONG.with([("max", PATTERN_MAX.into())]));
        } else if Pattern::parse(&self.pattern).is_none() {
            errors.add("pattern", code::MATCH_INVALID);
        }
        for (name, rule) in self.named() {
            if rule.is_some_and(|rule| rule.chars().count() > RULE_MAX) {
                errors.add(name, code::LENGTH_TOO_LONG.with([("max", RULE_MAX.into())]));
            }
        }
        errors
    }
}

impl RealtimeSettings {
    pub(super) fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.topics.len() > TOPICS_MAX {
            errors.add("topics", code::TOO_MANY_VALUES.with([("maxSelect", TOPICS_MAX.into())]));
            return errors;
        }
        let mut wrong = FieldErrors::default();
        for (index, topic) in self.topics.iter().enumerate() {
            let mut found = topic.check();
            if self.topics[..index].iter().any(|other| other.pattern == topic.pattern) {
                found.add("pattern", code::DUPLICATED_TOPIC);
            }
            wrong.nest(&index.to_string(), found);
        }
        errors.nest("topics", wrong);
        errors
    }
}

/// A pattern of topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Word(String),
    Name(String),
    Any,
}

impl Pattern {
    /// `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<Part> = text.split('/').map(Part::parse).collect::<Option<_>>()?;
        let pattern = Self(parts);
        let names: Vec<&str> = pattern.names().collect();
        let repeats = names.iter().enumerate().any(|(index, name)| names[..index].contains(name));
        (!repeats && names.len() <= NAMES_MAX).then_some(pattern)
    }

    /// What rules know parts of a topic by, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Name(name) => Some(name.as_str()),
            Part::Word(_) | Part::Any => None,
        })
    }

    /// What stands in a topic for each name; `None` when the pattern does not fit it.
    #[must_use]
    pub fn fit<'a>(&self, topic: &'a str) -> Option<Vec<&'a str>> {
        let mut found = Vec::new();
        let mut parts = topic.split('/');
        for part in &self.0 {
            let given = parts.next().filter(|given| !given.is_empty())?;
            match part {
                Part::Word(word) if word != given => return None,
                Part::Word(_) | Part::Any => {}
                Part::Name(_) => found.push(given),
            }
        }
        parts.next().is_none().then_some(found)
    }
}

impl Part {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        if let Some(name) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
            let fits = begins && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            return (fits && name.len() <= NAME_MAX && !TAKEN.contains(&name)).then(|| Self::Name(name.to_owned()));
        }
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
        (!text.is_empty() && text.bytes().all(is_word)).then(|| Self::Word(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patterns_have_a_form() {
        for text in ["news", "rooms/{room}", "rooms/{room}/*", "a.b:c-d_e/{x_1}/{y}", "*"] {
            assert!(Pattern::parse(text).is_some(), "{text}");
        }
        let many = ["{a}"; 2].join("/");
        for text in ["", "/", "a/", "a//b", "a b", "{}", "{1}", "{topic}", "{id}", "a{b}", "**", "@a", "a?b", &many] {
            assert!(Pattern::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_pattern_fits_a_whole_topic() {
        let fit = |pattern: &str, topic: &'static str| Pattern::parse(pattern).unwrap().fit(topic);
        assert_eq!(fit("rooms/{room}/*", "rooms/1/x"), Some(vec!["1"]));
        assert_eq!(fit("{a}/{b}", "x/y z"), Some(vec!["x", "y z"]));
        for (pattern, topic) in [("rooms/{room}", "rooms"), ("rooms/{room}", "rooms/"), ("rooms/{room}", "rooms/1/2")] {
            assert_eq!(fit(pattern, topic), None, "{pattern} {topic}");
        }
        assert_eq!(fit("news", "News"), None);
    }

    #[test]
    fn mistakes_name_their_place() {
        let settings: RealtimeSettings = serde_json::from_value(json!({"topics": [
            {"pattern": "a"}, {"pattern": "a", "publishRule": "x".repeat(5_001)}, {"pattern": "a b"}, {},
        ]}))
        .unwrap();
        let text = settings.check().describe();
        for part in ["topics.1.pattern", "topics.1.publishRule", "topics.2.pattern", "topics.3.pattern"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("topics.0"), "{text}");
    }
}
