//! Entries to rows, in the shape that `PocketBase` keeps.

use super::redact::{redacted, redacted_url};
use super::{Entry, Policy};
use crate::clock::World;
use crate::db::{Slot, Unit};
use crate::model::date;
use crate::sql::Sql;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// Rows of one statement. Few sizes, so that few statements are prepared.
const STATEMENT_ROWS: [usize; 3] = [200, 20, 1];

/// Longest address kept, in bytes.
const URL_MAX: usize = 3_000;

/// Longest header value kept, in bytes.
const HEADER_MAX: usize = 2_000;

/// Longest cause of a failure kept, in bytes.
const DETAILS_MAX: usize = 8_000;

/// Characters of an id that tell the time, and those that tell rows of one millisecond apart.
const TIME_CHARS: usize = 8;
const RANDOM_CHARS: usize = 7;

/// The column `data`; keys in the order of the alphabet.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    auth: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_id: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    details: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    error: &'a str,
    /// Milliseconds.
    exec_time: f64,
    method: &'a str,
    referer: &'a str,
    #[serde(rename = "remoteIP", skip_serializing_if = "Option::is_none")]
    remote_ip: Option<&'a str>,
    request_id: &'a str,
    status: u16,
    r#type: &'static str,
    url: &'a str,
    user_agent: &'a str,
    #[serde(rename = "userIP", skip_serializing_if = "Option::is_none")]
    user_ip: Option<&'a str>,
}

/// The statements that insert all entries.
pub(super) fn insert(mut entries: &[Entry], policy: Policy, world: &World) -> Unit {
    let mut unit = Unit::new();
    for size in STATEMENT_ROWS {
        while entries.len() >= size {
            let (these, rest) = entries.split_at(size);
            unit.run(insert_some(these, policy, world));
            entries = rest;
        }
    }
    unit
}

fn insert_some(entries: &[Entry], policy: Policy, world: &World) -> Sql {
    let mut sql = Sql::new("INSERT INTO _logs (id, level, message, data, created) VALUES ");
    for (index, entry) in entries.iter().enumerate() {
        sql.push(if index == 0 { "(" } else { ", (" });
        sql.bind(id(entry.at_ms, world)).push(", ").bind(entry.level()).push(", ");
        sql.bind(message(entry)).push(", ").bind(data(entry, policy)).push(", ");
        sql.bind(date::format(entry.at_ms)).push(")");
    }
    sql
}

/// Deletes up to `rows` rows from before a moment; the slot tells how many it were.
pub(super) fn delete_before(ms: i64, rows: i64) -> (Unit, Slot) {
    let mut sql = Sql::new("DELETE FROM _logs WHERE id IN (SELECT id FROM _logs WHERE created < ");
    sql.bind(date::format(ms)).push(" ORDER BY created LIMIT ").bind(rows).push(")");
    let mut unit = Unit::new();
    let deleted = unit.count(sql);
    (unit, deleted)
}

/// Deletes up to `rows` rows, whatever they are; the slot tells how many it were.
pub(super) fn delete_some(rows: i64) -> (Unit, Slot) {
    let mut sql = Sql::new("DELETE FROM _logs WHERE id IN (SELECT id FROM _logs LIMIT ");
    sql.bind(rows).push(")");
    let mut unit = Unit::new();
    let deleted = unit.count(sql);
    (unit, deleted)
}

/// An id that sorts by time.
fn id(at_ms: i64, world: &World) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut rest = u64::try_from(at_ms).unwrap_or_default();
    let mut time = [b'0'; TIME_CHARS];
    for place in time.iter_mut().rev() {
        *place = DIGITS[(rest % 36) as usize];
        rest /= 36;
    }
    let mut id = String::with_capacity(TIME_CHARS + RANDOM_CHARS);
    id.extend(time.map(char::from));
    id.push_str(&world.ids.lower(RANDOM_CHARS));
    id
}

fn message(entry: &Entry) -> String {
    let url = redacted_url(cut(&entry.url, URL_MAX));
    format!("{} {}", entry.method, percent_decode_str(&url).decode_utf8_lossy())
}

fn data(entry: &Entry, policy: Policy) -> String {
    let signed_in = policy.auth_id && !entry.auth_id.is_empty();
    let kept = |ip| policy.ip.then_some(ip);
    let (details, error) = (redacted(cut(&entry.details, DETAILS_MAX)), redacted(cut(&entry.error, DETAILS_MAX)));
    let (url, referer) = (redacted_url(cut(&entry.url, URL_MAX)), redacted_url(cut(&entry.referer, HEADER_MAX)));
    let user_agent = redacted(cut(&entry.user_agent, HEADER_MAX));
    let data = Data {
        auth: &entry.auth,
        auth_id: signed_in.then_some(&entry.auth_id),
        details: &details,
        error: &error,
        exec_time: (entry.took.as_secs_f64() * 1_000_000.0).round() / 1_000.0,
        method: &entry.method,
        referer: &referer,
        remote_ip: kept(entry.peer.as_str()),
        request_id: &entry.request_id,
        status: entry.status,
        r#type: "request",
        url: &url,
        user_agent: &user_agent,
        user_ip: kept(entry.ip.as_str()),
    };
    // It has nothing in it that JSON cannot hold.
    let json = serde_json::to_string(&data).unwrap_or_else(|_| "{}".to_owned());
    if policy.data_bytes == 0 || json.len() <= policy.data_bytes { json } else { truncated(&json, policy.data_bytes) }
}

/// As many of the keys of an object, in their order, as fit into so many bytes; the mark that some are missing comes on
/// top, as in `PocketBase`.
fn truncated(json: &str, bytes: usize) -> String {
    let all: Map<String, Json> = serde_json::from_str(json).unwrap_or_default();
    let mut out = String::from("{");
    for (key, value) in all {
        let entry = format!("{}:{value},", Json::from(key));
        if out.len() + entry.len() > bytes {
            break;
        }
        out.push_str(&entry);
    }
    out.push_str("\"__pb_truncated__\":true}");
    out
}

/// Cuts the texts of an entry to what is kept of them, so that those that wait take no more room.
pub(super) fn shorten(entry: &mut Entry) {
    for (text, max) in [
        (&mut entry.url, URL_MAX),
        (&mut entry.referer, HEADER_MAX),
        (&mut entry.user_agent, HEADER_MAX),
        (&mut entry.error, DETAILS_MAX),
        (&mut entry.details, DETAILS_MAX),
    ] {
        if text.len() > max {
            *text = cut(text, max).to_owned();
        }
    }
}

/// The beginning of a text, at most `max` bytes of it.
fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn entry() -> Entry {
        Entry {
            request_id: "r1".to_owned(),
            method: "GET".to_owned(),
            url: "/api/a%20b?x=1".to_owned(),
            ip: "127.0.0.1".to_owned(),
            peer: "127.0.0.1".to_owned(),
            status: 200,
            took: Duration::from_micros(1270),
            at_ms: 1_700_000_000_000,
            auth: "users".to_owned(),
            auth_id: "u1".to_owned(),
            ..Entry::default()
        }
    }

    #[test]
    fn a_row_has_the_known_shape() {
        let policy = Policy { auth_id: false, ip: true, data_bytes: 0, max_days: 5, min_level: 0 };
        assert_eq!(
            data(&entry(), policy),
            "{\"auth\":\"users\",\"execTime\":1.27,\"method\":\"GET\",\"referer\":\"\",\"remoteIP\":\"127.0.0.1\",\
             \"requestId\":\"r1\",\"status\":200,\"type\":\"request\",\"url\":\"/api/a%20b?x=1\",\"userAgent\":\"\",\
             \"userIP\":\"127.0.0.1\"}"
        );
        assert_eq!(message(&entry()), "GET /api/a b?x=1");
        let quiet = data(&entry(), Policy { auth_id: true, ip: false, ..policy });
        assert!(quiet.contains("\"authId\":\"u1\"") && !quiet.contains("127"), "{quiet}");
    }

    #[test]
    fn a_row_is_no_larger_than_it_may_be() {
        let policy = Policy { auth_id: false, ip: true, data_bytes: 60, max_days: 5, min_level: 0 };
        assert_eq!(
            data(&entry(), policy),
            "{\"auth\":\"users\",\"execTime\":1.27,\"method\":\"GET\",\"referer\":\"\",\"__pb_truncated__\":true}"
        );
        assert_eq!(data(&entry(), Policy { data_bytes: 1, ..policy }), "{\"__pb_truncated__\":true}");
        let whole = data(&entry(), Policy { data_bytes: 0, ..policy });
        assert_eq!(data(&entry(), Policy { data_bytes: whole.len(), ..policy }), whole);
    }

    #[test]
    fn secrets_are_not_written() {
        let policy = Policy { auth_id: true, ip: true, data_bytes: 0, max_days: 5, min_level: 0 };
        let secret = Entry {
            url: "/api/files/a/b/c.png?token=hush1&thumb=1x1".to_owned(),
            referer: "https://me:hush2@x.example/?ACCESS_TOKEN=hush3#id_token=hush4".to_owned(),
            error: "no eyJhbGciOi.eyJodXNo.hush5".to_owned(),
            ..entry()
        };
        let row = message(&secret) + &data(&secret, policy);
        assert!(!row.contains("hush") && row.contains("thumb=1x1"), "{row}");
    }

    #[test]
    fn ids_sort_by_time() {
        let (world, _) = World::scripted(0);
        let (early, late) = (id(1_700_000_000_000, &world), id(1_700_000_000_001, &world));
        assert!(early < late && early.len() == TIME_CHARS + RANDOM_CHARS, "{early} {late}");
    }

    #[test]
    fn many_entries_are_few_statements() {
        let (world, _) = World::scripted(0);
        let policy = Policy { auth_id: false, ip: true, data_bytes: 0, max_days: 5, min_level: 0 };
        let unit = insert(&vec![entry(); 443], policy, &world);
        let inserts = format!("{unit:?}").matches("INSERT").count();
        assert_eq!(inserts, 2 + 2 + 3);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("aäb", 2), "a");
        assert_eq!(cut("aäb", 9), "aäb");
        let mut long = Entry { url: "x".repeat(1 << 20), user_agent: "ä".repeat(1_500), ..entry() };
        shorten(&mut long);
        assert_eq!((long.url.capacity(), long.user_agent.len()), (URL_MAX, HEADER_MAX));
    }
}
