//! Rights as JSON: what an admin sends, what a manifest asks for, what is stored. One reader for all of them; each
//! mistake is an error at its place.

use super::{Files, HostPattern, Http, Mail, Recipients, Rights};
use crate::error::{FieldErrors, code};
use crate::model::field::email::is_email;
use crate::plugins::limits::rights as caps;
use serde_json::{Map, Value};

/// The keys of grants; `records` is read elsewhere.
const KEYS: [&str; 9] = ["records", "http", "secrets", "signing", "mail", "realtime", "files", "clock", "random"];

/// Reads everything but `records`.
pub(in crate::plugins) fn rights(input: &Map<String, Value>, errors: &mut FieldErrors) -> Rights {
    for key in input.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        errors.add(key, code::IN_INVALID.say(format!("There is no such grant; there are {}.", KEYS.join(", "))));
    }
    let mut reader = Reader { input, errors };
    Rights {
        http: reader.object("http", http),
        secrets: reader.names("secrets"),
        signing: reader.names("signing"),
        mail: reader.object("mail", mail),
        realtime: reader.topics("realtime"),
        files: reader.files("files"),
        clock: reader.flag("clock"),
        random: reader.flag("random"),
    }
}

/// Rights that were checked when they were stored.
pub(in crate::plugins) fn stored(text: &str) -> Rights {
    let input: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    rights(&input, &mut FieldErrors::default())
}

struct Reader<'a> {
    input: &'a Map<String, Value>,
    errors: &'a mut FieldErrors,
}

impl<'a> Reader<'a> {
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.input.get(key).filter(|value| !value.is_null())
    }

    fn refuse(&mut self, key: &str, message: impl Into<String>) {
        self.errors.add(key, code::INVALID_VALUE.say(message.into()));
    }

    fn object<T>(&mut self, key: &str, read: fn(&mut Reader<'_>) -> Option<T>) -> Option<T> {
        let value = self.get(key)?;
        let Value::Object(input) = value else {
            self.refuse(key, "Must be an object.");
            return None;
        };
        let mut nested = FieldErrors::default();
        let found = read(&mut Reader { input, errors: &mut nested });
        let is_good = nested.is_empty();
        self.errors.nest(key, nested);
        found.filter(|_| is_good)
    }

    fn flag(&mut self, key: &str) -> bool {
        match self.get(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.refuse(key, "Must be true or false.");
                false
            }
        }
    }

    fn number(&mut self, key: &str, usual: u64, most: u64) -> u64 {
        let Some(value) = self.get(key) else { return usual };
        let number = value.as_u64().filter(|number| (1..=most).contains(number));
        if number.is_none() {
            self.refuse(key, format!("Must be a whole number from 1 to {most}."));
        }
        number.unwrap_or(usual)
    }

    /// A list of texts that each pass, without repetitions.
    fn list<T: PartialEq>(&mut self, key: &str, what: &str, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(entries) = value.as_array().filter(|entries| entries.len() <= caps::ENTRIES) else {
            self.refuse(key, format!("Must be a list of at most {} entries.", caps::ENTRIES));
            return Vec::new();
        };
        let mut found: Vec<T> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            match entry.as_str().filter(|text| text.len() <= caps::ENTRY_BYTES).and_then(&read) {
                Some(item) if found.contains(&item) => {}
                Some(item) => found.push(item),
                None => {
                    let error = FieldErrors::one(&index.to_string(), code::IN_INVALID.say(format!("Must be {what}.")));
                    self.errors.nest(key, error);
                }
            }
        }
        found
    }

    fn names(&mut self, key: &str) -> Vec<String> {
        self.list(key, "the name of a secret", |name| is_secret_name(name).then(|| name.to_owned()))
    }

    fn topics(&mut self, key: &str) -> Vec<String> {
        self.list(key, "a topic, or the beginning of topics and `*`", |text| {
            let is_whole = !text.strip_suffix('*').unwrap_or(text).contains('*');
            (!text.is_empty() && is_whole && !text.contains(char::is_control)).then(|| text.to_owned())
        })
    }

    fn files(&mut self, key: &str) -> Files {
        let verbs =
            self.list(key, "`read` or `write`", |verb| matches!(verb, "read" | "write").then(|| verb.to_owned()));
        let has = |verb: &str| verbs.iter().any(|known| known == verb);
        Files { read: has("read"), write: has("write") }
    }
}

fn http(reader: &mut Reader<'_>) -> Option<Http> {
    let hosts = reader.list(
        "hosts",
        "the name of a host such as `api.example.com`, `*.example.com`, either with a port",
        HostPattern::parse,
    );
    if hosts.is_empty() {
        if reader.errors.is_empty() {
            reader.errors.add("hosts", code::REQUIRED);
        }
        return None;
    }
    let is_method = |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let mut methods = reader.list("methods", "a method in capitals, not CONNECT", |text| {
        (is_method(text) && text != "CONNECT").then(|| text.to_owned())
    });
    if methods.is_empty() {
        methods.push("GET".to_owned());
    }
    Some(Http {
        hosts,
        methods,
        insecure: reader.flag("insecure"),
        bytes_per_call: reader.number("bytesPerCall", caps::CALL_BYTES, caps::CALL_BYTES_MAX),
        bytes_per_day: reader.number("bytesPerDay", caps::DAY_BYTES, caps::DAY_BYTES_MAX),
    })
}

fn mail(reader: &mut Reader<'_>) -> Option<Mail> {
    let to = match reader.get("to") {
        Some(Value::String(text)) if text == "any" => Recipients::Any,
        Some(Value::String(text)) if text == "users" => Recipients::Users,
        Some(Value::Array(entries)) if !entries.is_empty() => {
            Recipients::List(reader.list("to", "an address, or `*@` and a domain", |text| {
                let whole = match text.strip_prefix('*') {
                    Some(domain) => domain.starts_with('@').then(|| format!("x{domain}")),
                    None => Some(text.to_owned()),
                };
                whole.is_some_and(|address| is_email(&address)).then(|| text.to_ascii_lowercase())
            }))
        }
        _ => {
            reader.errors.add("to", code::IN_INVALID.say("Must be `any`, `users` or a list of addresses."));
            return None;
        }
    };
    Some(Mail { to, per_day: reader.number("perDay", caps::MAILS, caps::MAILS_MAX) })
}

/// Letters, digits, `_` and `-`.
#[must_use]
pub(in crate::plugins) fn is_secret_name(name: &str) -> bool {
    (1..=caps::SECRET_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(input: Value) -> (Rights, FieldErrors) {
        let mut errors = FieldErrors::default();
        let Value::Object(input) = input else { panic!() };
        (rights(&input, &mut errors), errors)
    }

    #[test]
    fn what_is_read_is_what_is_shown() {
        let all = json!({
            "http": {"hosts": ["api.x.com", "*.y.com:8443"], "methods": ["GET", "POST"], "insecure": true, "bytesPerCall": 5, "bytesPerDay": 6},
            "secrets": ["KEY"], "signing": ["HOOK"], "realtime": ["a/*"],
            "mail": {"to": ["ann@x.com", "*@y.com"], "perDay": 7}, "files": ["read", "write"], "clock": true, "random": true,
        });
        let (rights, errors) = parse(all.clone());
        assert!(errors.is_empty(), "{}", errors.describe());
        assert_eq!(Value::Object(rights.to_json()), all);
        assert_eq!(stored(&all.to_string()), rights);
        let (none, errors) = parse(json!({"records": [], "http": null, "clock": false}));
        assert!(errors.is_empty() && none == Rights::default() && none.to_json().is_empty());
    }

    #[test]
    fn each_mistake_has_its_place() {
        for (input, place) in [
            (json!({"sockets": true}), "sockets:"),
            (json!({"http": {}}), "http.hosts:"),
            (json!({"http": {"hosts": ["*"]}}), "http.hosts.0:"),
            (json!({"http": {"hosts": ["x.com"], "methods": ["get"]}}), "http.methods.0:"),
            (json!({"http": {"hosts": ["x.com"], "bytesPerDay": 0}}), "http.bytesPerDay:"),
            (json!({"http": ["x.com"]}), "http:"),
            (json!({"secrets": ["a b"]}), "secrets.0:"),
            (json!({"secrets": "KEY"}), "secrets:"),
            (json!({"mail": {"to": "everybody"}}), "mail.to:"),
            (json!({"mail": {"to": ["nobody"]}}), "mail.to.0:"),
            (json!({"mail": {"to": ["*bob@y.com"]}}), "mail.to.0:"),
            (json!({"mail": {"to": "any", "perDay": -1}}), "mail.perDay:"),
            (json!({"realtime": ["a*b"]}), "realtime.0:"),
            (json!({"realtime": ["ü**"]}), "realtime.0:"),
            (json!({"files": ["delete"]}), "files.0:"),
            (json!({"clock": 1}), "clock:"),
        ] {
            let (rights, errors) = parse(input.clone());
            assert!(errors.describe().starts_with(place), "{input}: {}", errors.describe());
            assert_eq!(rights, Rights::default(), "{input}");
        }
    }
}
