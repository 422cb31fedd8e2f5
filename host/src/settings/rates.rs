//! The section of the settings about how often somebody may ask.

use super::form::at_most;
use super::network::Networks;
use crate::error::{FieldErrors, code};
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// Most rules.
const RULES_MAX: usize = 200;

/// Longest label.
const LABEL_MAX: usize = 255;

/// Longest window, in seconds: a day.
const DURATION_MAX: i64 = 86_400;

/// Most requests in a window.
const REQUESTS_MAX: i64 = 1_000_000_000;

/// `METHOD /path`, `/path`, `collection:tag`, `*:tag`, or a word.
static LABEL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?-u:\w+ /[\w/-]*|/[\w/-]*|\w+:\w+|\*:\w+|\w+)$").ok());

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateLimits {
    pub enabled: bool,
    /// Clients that no rule is for.
    #[serde(rename = "excludedIPs")]
    pub excluded_ips: Networks,
    pub rules: Vec<RateRule>,
}

/// So many requests of a kind in so many seconds, for each client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateRule {
    /// Whom it is for.
    pub audience: Audience,
    /// Seconds.
    pub duration: i64,
    /// `posts:create`, `*:auth`, `POST /path`, `/path`, or `/path/` for all that begin so.
    pub label: String,
    pub max_requests: i64,
}

/// The callers that a rule is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// Everybody.
    #[default]
    #[serde(rename = "")]
    All,
    #[serde(rename = "@guest")]
    Guest,
    #[serde(rename = "@auth")]
    Auth,
    /// A word that is not known; refused by the check.
    #[serde(untagged)]
    Unknown(String),
}

impl Default for RateLimits {
    fn default() -> Self {
        let rule = |label: &str, max_requests, duration| RateRule {
            audience: Audience::All,
            duration,
            label: label.to_owned(),
            max_requests,
        };
        Self {
            enabled: false,
            excluded_ips: Networks::default(),
            rules: vec![
                rule("*:auth", 2, 3),
                rule("*:create", 20, 5),
                rule("/api/batch", 3, 1),
                rule("/api/", 300, 10),
            ],
        }
    }
}

impl RateLimits {
    /// The one rule that a request falls under. Of the labels, which go from the closest to the widest, the first counts
    /// that is a rule's, or that begins as a rule's which ends with a slash; of those the one that stands first.
    #[must_use]
    pub fn find(&self, labels: &[String], audience: &Audience) -> Option<&RateRule> {
        let meant = || self.rules.iter().filter(|rule| rule.audience == Audience::All || rule.audience == *audience);
        labels.iter().find_map(|label| {
            let exact = meant().find(|rule| rule.label == *label);
            exact.or_else(|| meant().find(|rule| rule.covers(label)))
        })
    }

    pub(super) fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.enabled && self.rules.is_empty() {
            errors.add("rules", code::REQUIRED);
        } else if self.rules.len() > RULES_MAX {
            errors.add("rules", code::TOO_MANY_VALUES.with([("maxSelect", RULES_MAX.into())]));
        }
        let mut wrong = FieldErrors::default();
        for (index, rule) in self.rules.iter().enumerate().take(RULES_MAX) {
            let mut found = rule.check();
            if self.rules[..index].iter().any(|other| rule.conflicts_with(other)) {
                let label = rule.label.as_str().into();
                found.add("label", code::CONFLICTING_RATE_LIMIT_RULE.with([("label", label)]));
            }
            wrong.nest(&index.to_string(), found);
        }
        errors.nest("rules", wrong);
        self.excluded_ips.check_into(&mut errors, "excludedIPs");
        errors
    }
}

impl RateRule {
    fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.label.is_empty() {
            errors.add("label", code::REQUIRED);
        } else if self.label.len() > LABEL_MAX {
            errors.add("label", code::LENGTH_TOO_LONG.with([("max", LABEL_MAX.into())]));
        } else if !LABEL.as_ref().is_some_and(|form| form.is_match(&self.label)) {
            errors.add("label", code::MATCH_INVALID);
        }
        for (key, value, max) in
            [("duration", self.duration, DURATION_MAX), ("maxRequests", self.max_requests, REQUESTS_MAX)]
        {
            if value == 0 {
                errors.add(key, code::REQUIRED);
            } else if value < 1 {
                errors.add(key, code::MIN_GREATER_EQUAL.with([("threshold", 1.into())]));
            }
            at_most(&mut errors, key, value, max);
        }
        if matches!(self.audience, Audience::Unknown(_)) {
            errors.add("audience", code::IN_INVALID);
        }
        errors
    }

    /// Whether a path is below the rule's.
    fn covers(&self, path: &str) -> bool {
        self.label
            .strip_suffix('/')
            .is_some_and(|stem| path.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }

    /// Whether both could be meant for the same caller.
    fn conflicts_with(&self, other: &Self) -> bool {
        let all = self.audience == Audience::All || other.audience == Audience::All;
        self.label == other.label && (all || self.audience == other.audience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wrong(rules: &serde_json::Value) -> String {
        let limits: RateLimits = serde_json::from_value(json!({"enabled": true, "rules": rules})).unwrap();
        limits.check().describe()
    }

    #[test]
    fn labels_have_a_form() {
        assert!(RateLimits::default().check().is_empty());
        let rule = |label: &str| json!([{"label": label, "duration": 1, "maxRequests": 1}]);
        for label in ["/", "/api/", "/api/a-b/c", "POST /api/batch", "posts:create", "*:auth", "word"] {
            assert_eq!(wrong(&rule(label)), "", "{label}");
        }
        for label in [" ", "a b", "/api/?x", "*", "*:", "post:*", "/api\n", "POST  /api", "ä:create"] {
            assert_eq!(wrong(&rule(label)), "rules.0.label: Must be in a valid format.", "{label}");
        }
    }

    #[test]
    fn numbers_and_audiences_are_checked() {
        let text = wrong(&json!([{"label": "/a", "duration": -1, "maxRequests": 0, "audience": "@nobody"}]));
        for part in ["duration: Must be no less than 1.", "maxRequests: Cannot be blank.", "audience: Must be a valid"]
        {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!(wrong(&json!([])), "rules: Cannot be blank.");
        let kept: RateRule = serde_json::from_value(json!({"audience": "@auth"})).unwrap();
        assert_eq!(json!(kept)["audience"], "@auth");
    }

    #[test]
    fn one_rule_counts() {
        let rule = |label: &str, audience| RateRule { label: label.to_owned(), audience, ..RateRule::default() };
        let limits = |rules| RateLimits { rules, ..RateLimits::default() };
        let found = |limits: &RateLimits, labels: &[&str], audience| {
            let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
            limits.find(&labels, &audience).map(|rule| format!("{}{:?}", rule.label, rule.audience))
        };
        let prefixes = limits(vec![
            rule("/api/", Audience::All),
            rule("/api/files/", Audience::All),
            rule("POST /api/batch", Audience::Guest),
            rule("/api/batch", Audience::Auth),
            rule("*:list", Audience::All),
        ]);
        let path = |method: &str, path: &str| [format!("{method} {path}"), path.to_owned()];
        for (labels, audience, expected) in [
            (path("GET", "/api/files/token"), Audience::Guest, Some("/api/All")),
            (path("GET", "/api"), Audience::Guest, Some("/api/All")),
            (path("GET", "/apis"), Audience::Guest, None),
            (path("POST", "/api/batch"), Audience::Guest, Some("POST /api/batchGuest")),
            (path("POST", "/api/batch"), Audience::Auth, Some("/api/batchAuth")),
        ] {
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            assert_eq!(found(&prefixes, &labels, audience).as_deref(), expected, "{labels:?}");
        }
        assert_eq!(found(&prefixes, &["posts:list", "*:list", "/api/x"], Audience::Auth).unwrap(), "*:listAll");
    }

    #[test]
    fn rules_for_the_same_caller_conflict() {
        let rule = |audience: &str| json!({"label": "/a", "duration": 1, "maxRequests": 1, "audience": audience});
        assert_eq!(wrong(&json!([rule("@guest"), rule("@auth")])), "");
        for pair in [["", ""], ["", "@auth"], ["@guest", ""], ["@auth", "@auth"]] {
            let text = wrong(&json!([rule(pair[0]), rule(pair[1])]));
            assert!(text.starts_with("rules.1.label: ") && text.contains("/a already exists"), "{pair:?}: {text}");
        }
    }
}
