//! Whether rights are within others: an admin grants no more than a plugin's manifest asks for.

use super::{HostPattern, Recipients, Rights, covers_address, covers_topic};

/// The keys of what goes beyond.
#[must_use]
pub(in crate::plugins) fn beyond(granted: &Rights, asked: &Rights) -> Vec<&'static str> {
    let each = |mine: &[String], theirs: &[String]| mine.iter().all(|name| theirs.contains(name));
    let http = match (&granted.http, &asked.http) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(mine), Some(theirs)) => {
            let host = |host: &HostPattern| theirs.hosts.iter().any(|wider| wider.includes(host));
            mine.hosts.iter().all(host) && each(&mine.methods, &theirs.methods) && (theirs.insecure || !mine.insecure)
        }
    };
    let mail = match (&granted.mail, &asked.mail) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(mine), Some(theirs)) => recipients(&mine.to, &theirs.to),
    };
    let topic = |topic: &String| asked.realtime.iter().any(|wider| covers_topic(wider, topic));
    let files = (asked.files.read || !granted.files.read) && (asked.files.write || !granted.files.write);
    let checks = [
        ("http", http),
        ("secrets", each(&granted.secrets, &asked.secrets)),
        ("signing", each(&granted.signing, &asked.signing)),
        ("mail", mail),
        ("realtime", granted.realtime.iter().all(topic)),
        ("files", files),
        ("clock", asked.clock || !granted.clock),
        ("random", asked.random || !granted.random),
    ];
    checks.into_iter().filter(|(_, is_within)| !is_within).map(|(key, _)| key).collect()
}

fn recipients(mine: &Recipients, theirs: &Recipients) -> bool {
    match (mine, theirs) {
        (_, Recipients::Any) | (Recipients::Users, Recipients::Users) => true,
        (Recipients::List(mine), Recipients::List(theirs)) => {
            mine.iter().all(|entry| theirs.iter().any(|wider| covers_address(wider, entry)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::rights::read::stored;

    #[test]
    fn less_is_within_and_more_is_not() {
        let asked = stored(
            r#"{"http": {"hosts": ["*.x.com", "api.y.com"], "methods": ["GET", "POST"]}, "secrets": ["KEY"],
                "mail": {"to": ["*@x.com"]}, "realtime": ["a/*"], "files": ["read"], "clock": true}"#,
        );
        for (granted, keys) in [
            ("{}", &[][..]),
            (r#"{"http": {"hosts": ["a.x.com", "*.b.x.com", "*.x.com", "api.y.com"], "methods": ["POST"]}}"#, &[]),
            (
                r#"{"secrets": ["KEY"], "mail": {"to": ["ann@x.com", "*@x.com"]}, "realtime": ["a/b", "a/b*"], "files": ["read"], "clock": true}"#,
                &[],
            ),
            (r#"{"http": {"hosts": ["x.com"]}}"#, &["http"]),
            (r#"{"http": {"hosts": ["*.y.com"]}}"#, &["http"]),
            (r#"{"http": {"hosts": ["a.x.com:8443"]}}"#, &["http"]),
            (r#"{"http": {"hosts": ["a.x.com"], "methods": ["DELETE"]}}"#, &["http"]),
            (r#"{"http": {"hosts": ["a.x.com"], "insecure": true}}"#, &["http"]),
            (r#"{"secrets": ["OTHER"], "signing": ["KEY"]}"#, &["secrets", "signing"]),
            (r#"{"mail": {"to": "any"}}"#, &["mail"]),
            (r#"{"mail": {"to": ["*@y.com"]}, "realtime": ["*"]}"#, &["mail", "realtime"]),
            (r#"{"files": ["write"], "random": true}"#, &["files", "random"]),
        ] {
            assert_eq!(beyond(&stored(granted), &asked), keys, "{granted}");
        }
        assert_eq!(beyond(&asked, &Rights::default()).len(), 6);
    }
}
