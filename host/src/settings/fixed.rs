//! Settings that are fixed by configuration: from a flag, a variable, or the file, in this order. They hold over what is
//! stored, are stored nowhere, and are not changed by a patch.

use super::Settings;
use crate::config::{Given, Origin};
use crate::error::{Error, FieldError, FieldErrors, FieldIssue, Result, code};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What the names of variables begin with.
const PREFIX: &str = "TINYBASE_";

/// The fixed settings, by their paths: `/smtp/host`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fixed(BTreeMap<String, (Value, Origin)>);

/// The settings as places with a value of their own, and these.
fn leaves(value: &Value, path: &str, out: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(keys) => keys.iter().for_each(|(key, value)| leaves(value, &format!("{path}/{key}"), out)),
        value => drop(out.insert(path.to_owned(), value.clone())),
    }
}

/// `/meta/appURL` -> `TINYBASE_META_APP_URL`.
fn variable(path: &str) -> String {
    let mut name = PREFIX.to_owned();
    let mut after_small = false;
    for letter in path.trim_start_matches('/').chars() {
        if letter == '/' || letter.is_ascii_uppercase() && after_small {
            name.push('_');
        }
        if letter != '/' {
            name.push(letter.to_ascii_uppercase());
        }
        after_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    name
}

/// `/smtp/host` -> `smtp.host`.
fn dotted(path: &str) -> String {
    path.trim_start_matches('/').replace('/', ".")
}

/// A text as a value of the kind that is there by default.
fn read(text: &str, default: &Value) -> Option<Value> {
    match default {
        Value::Bool(_) => match text {
            "true" | "1" => Some(true.into()),
            "false" | "0" => Some(false.into()),
            _ => None,
        },
        Value::Number(_) => text.parse::<i64>().ok().map(Value::from),
        Value::Array(_) if text.trim_start().starts_with('[') => serde_json::from_str(text).ok(),
        Value::Array(_) => {
            Some(json!(text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect::<Vec<_>>()))
        }
        _ => Some(text.into()),
    }
}

impl Fixed {
    /// Finds the settings in what was given.
    ///
    /// # Errors
    /// `Invalid`, in words for the operator, for a setting that there is not and a value that cannot be one.
    pub fn new(given: &Given) -> Result<Self> {
        let mut known = BTreeMap::new();
        leaves(&json!(Settings::default()), "", &mut known);
        let mut fixed = Self::default();
        fixed.take_file(given, &known)?;
        fixed.take_variables(given, &known)?;
        for flag in &given.flags {
            let (name, text) = flag.split_once('=').ok_or_else(|| unknown(flag, "--set takes NAME=VALUE"))?;
            let path = format!("/{}", name.trim().replace('.', "/"));
            let default = known.get(&path).ok_or_else(|| unknown(name, "there is no such setting"))?;
            let value = read(text, default).ok_or_else(|| unknown(name, "the value is not of its kind"))?;
            fixed.0.insert(path, (value, Origin::Flag));
        }
        // That each is of its kind; whether all go together is known with what is stored.
        fixed.apply(&Settings::default())?;
        Ok(fixed)
    }

    fn take_file(&mut self, given: &Given, known: &BTreeMap<String, Value>) -> Result<()> {
        let Some((path_of_file, settings)) = &given.file else { return Ok(()) };
        let mut found = BTreeMap::new();
        collect(&Value::Object(settings.clone()), "", known, &mut found);
        for (path, value) in found {
            let place = format!("{} in the file {}", dotted(&path), path_of_file.display());
            if !known.contains_key(&path) {
                return Err(unknown(&place, "there is no such setting"));
            }
            let mut alone = json!(Settings::default());
            if let Some(at) = alone.pointer_mut(&path) {
                *at = value.clone();
            }
            if let Err(why) = serde_json::from_value::<Settings>(alone) {
                return Err(unknown(&place, &why.to_string()));
            }
            self.0.insert(path, (value, Origin::File(path_of_file.clone())));
        }
        Ok(())
    }

    fn take_variables(&mut self, given: &Given, known: &BTreeMap<String, Value>) -> Result<()> {
        let mut names: BTreeMap<String, &String> = known.keys().map(|path| (variable(path), path)).collect();
        for (name, text) in given.variables.iter().filter(|(_, text)| !text.is_empty()) {
            if let Some(path) = names.remove(name) {
                let value = read(text, &known[path]).ok_or_else(|| unknown(name, "the value is not of its kind"))?;
                self.0.insert(path.clone(), (value, Origin::Variable(name.clone())));
            } else if is_of_a_section(name, known) {
                return Err(unknown(name, "there is no such setting"));
            }
        }
        Ok(())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The settings with what is fixed put over them.
    ///
    /// # Errors
    /// `Invalid` when a value is not of its kind.
    pub fn apply(&self, stored: &Settings) -> Result<Settings> {
        if self.0.is_empty() {
            return Ok(stored.clone());
        }
        let mut all = json!(stored);
        for (path, (value, _)) in &self.0 {
            if let Some(place) = all.pointer_mut(path) {
                *place = value.clone();
            }
        }
        serde_json::from_value(all).map_err(|error| unknown("the configuration", &error.to_string()))
    }

    /// Takes out of a patch what is fixed, where it says what holds anyway.
    ///
    /// # Errors
    /// `Invalid`, with where it comes from, for each that it would change.
    pub fn strip(&self, patch: &mut Map<String, Value>) -> Result<()> {
        let mut errors = FieldErrors::default();
        for (path, (value, origin)) in &self.0 {
            let mut keys: Vec<&str> = path.trim_start_matches('/').split('/').collect();
            let Some(last) = keys.pop() else { continue };
            let section = keys.iter().try_fold(&mut *patch, |map, key| map.get_mut(*key)?.as_object_mut());
            let Some(given) = section.and_then(|section| section.shift_remove(last)) else { continue };
            if given != *value {
                keys.push(last);
                add_at(&mut errors, &keys, code::SETTING_FIXED.with([("origin", origin.to_string().into())]));
            }
        }
        errors.into_result(super::NOT_SAVED)
    }

    /// Where the values come from that are not what is stored: `{"smtp.host": {"origin": "variable", "name": ..}}`.
    #[must_use]
    pub fn sources(&self) -> Value {
        let one = |(path, (_, origin)): (&String, &(Value, Origin))| {
            let shown = match origin {
                Origin::Flag => json!({"origin": "flag", "name": "--set"}),
                Origin::Variable(name) => json!({"origin": "variable", "name": name}),
                Origin::File(path) => json!({"origin": "file", "name": path.display().to_string()}),
            };
            (dotted(path), shown)
        };
        Value::Object(self.0.iter().map(one).collect())
    }
}

fn add_at(errors: &mut FieldErrors, keys: &[&str], error: FieldError) {
    match keys {
        [] => {}
        [last] => errors.add(last, error),
        [first, rest @ ..] => {
            let nested = || FieldIssue::Nested(FieldErrors::default());
            if let FieldIssue::Nested(inner) = errors.0.entry((*first).to_owned()).or_insert_with(nested) {
                add_at(inner, rest, error);
            }
        }
    }
}

/// The values of a file by their paths, as deep as the settings go.
fn collect(value: &Value, path: &str, known: &BTreeMap<String, Value>, out: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(keys) if !known.contains_key(path) => {
            keys.iter().for_each(|(key, value)| collect(value, &format!("{path}/{key}"), known, out));
        }
        value => drop(out.insert(path.to_owned(), value.clone())),
    }
}

/// Whether a variable must be meant for a setting, so that a misspelt one is not passed over.
fn is_of_a_section(name: &str, known: &BTreeMap<String, Value>) -> bool {
    let sections = known.keys().filter(|path| path.matches('/').count() > 1);
    let mut sections = sections.filter_map(|path| path.trim_start_matches('/').split('/').next());
    sections.any(|section| name.starts_with(&format!("{}_", variable(section))))
}

fn unknown(what: &str, why: &str) -> Error {
    Error::invalid(format!("{what}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(flags: &[&str], variables: &[(&str, &str)], file: &Value) -> Given {
        Given {
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            variables: variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
            file: file.as_object().map(|file| ("x.toml".into(), file.clone())),
        }
    }

    #[test]
    fn every_setting_has_a_variable_of_its_own() {
        let mut known = BTreeMap::new();
        leaves(&json!(Settings::default()), "", &mut known);
        let names: std::collections::BTreeSet<String> = known.keys().map(|path| variable(path)).collect();
        assert_eq!(names.len(), known.len());
        for name in [
            "TINYBASE_META_APP_URL",
            "TINYBASE_SUPERUSER_IPS",
            "TINYBASE_TRUSTED_PROXY_USE_LEFTMOST_IP",
            "TINYBASE_BACKUPS_S3_ACCESS_KEY",
            "TINYBASE_RATE_LIMITS_EXCLUDED_IPS",
            "TINYBASE_LOGS_LOG_IP",
        ] {
            assert!(names.contains(name), "{name} of {names:?}");
        }
    }

    #[test]
    fn flags_over_variables_over_the_file_over_what_is_stored() {
        let file = json!({"smtp": {"host": "file", "port": 1, "username": "file"}, "superuserIPs": ["10.0.0.1"]});
        let variables = [("TINYBASE_SMTP_HOST", "variable"), ("TINYBASE_SMTP_PORT", "2"), ("TINYBASE_OTHER", "x")];
        let fixed = Fixed::new(&given(&["smtp.host=flag", "smtp.tls=true"], &variables, &file)).unwrap();
        let mut stored = Settings::default();
        stored.smtp.local_name = "stored".into();
        let settings = fixed.apply(&stored).unwrap();
        let smtp = &settings.smtp;
        assert_eq!((smtp.host.as_str(), smtp.port, smtp.username.as_str(), smtp.tls), ("flag", 2, "file", true));
        assert_eq!(smtp.local_name, "stored");
        assert_eq!(fixed.sources()["smtp.port"], json!({"origin": "variable", "name": "TINYBASE_SMTP_PORT"}));
        assert_eq!(fixed.sources()["superuserIPs"], json!({"origin": "file", "name": "x.toml"}));
        let lists = [
            ("TINYBASE_SUPERUSER_IPS", "10.0.0.1, 10.0.0.2"),
            ("TINYBASE_RATE_LIMITS_RULES", r#"[{"label":"/a","duration":1,"maxRequests":1}]"#),
        ];
        let settings = Fixed::new(&given(&[], &lists, &Value::Null)).unwrap().apply(&stored).unwrap();
        assert_eq!(
            (json!(settings.superuser_ips), settings.rate_limits.rules.len()),
            (json!(["10.0.0.1", "10.0.0.2"]), 1)
        );
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        for (flags, variables, file, word) in [
            (&["smtp.hots=a"][..], &[][..], json!(null), "smtp.hots"),
            (&["smtp"], &[], json!(null), "--set"),
            (&["smtp.port=x"], &[], json!(null), "smtp.port"),
            (&[], &[("TINYBASE_SMTP_HOTS", "a")], json!(null), "TINYBASE_SMTP_HOTS"),
            (&[], &[("TINYBASE_SMTP_TLS", "maybe")], json!(null), "TINYBASE_SMTP_TLS"),
            (&[], &[], json!({"smtp": {"hots": 1}}), "smtp.hots"),
            (&[], &[], json!({"htpp": "a"}), "htpp"),
            (&[], &[], json!({"smtp": {"port": "a"}}), "smtp.port in the file x.toml"),
        ] {
            let Err(Error::Invalid { message, .. }) = Fixed::new(&given(flags, variables, &file)) else {
                panic!("{word} should be refused");
            };
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn a_patch_changes_nothing_that_is_fixed() {
        let fixed = Fixed::new(&given(&["smtp.host=a", "backups.s3.bucket=b"], &[], &Value::Null)).unwrap();
        let strip = |patch: Value| {
            let mut patch = patch.as_object().unwrap().clone();
            fixed.strip(&mut patch).map(|()| Value::Object(patch))
        };
        let same = strip(json!({"smtp": {"host": "a", "port": 1}, "meta": {"appName": "x"}})).unwrap();
        assert_eq!(same, json!({"smtp": {"port": 1}, "meta": {"appName": "x"}}));
        let Err(Error::Invalid { fields, .. }) =
            strip(json!({"smtp": {"host": "c"}, "backups": {"s3": {"bucket": "c"}}}))
        else {
            panic!("it should be refused");
        };
        assert_eq!(
            fields.describe(),
            "backups.s3.bucket: It is fixed by the flag --set.; smtp.host: It is fixed by the flag --set."
        );
    }
}
