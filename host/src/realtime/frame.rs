//! Messages as bytes, exactly as they go over the wire.

use super::topic::Topic;
use super::topic::Wire;
use crate::model::Action;
use bytes::Bytes;
use serde_json::{Value, json};

/// The line that every SSE message of a connection begins with.
pub(super) fn id_line(client_id: &str) -> Vec<u8> {
    format!("id:{client_id}\n").into_bytes()
}

/// An SSE message without its `id:` line, which differs from connection to connection.
pub(super) fn sse(name: &str, data: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(name.len() + data.len() + "event:\ndata:\n\n".len());
    out.extend_from_slice(b"event:");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata:");
    push_line(&mut out, data);
    out.extend_from_slice(b"\n\n");
    out.into()
}

/// A change as the subscribers of a topic are told; `record` is finished JSON.
pub(super) fn event(topic: &Topic, seq: u64, action: Action, record: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(topic.name.len() + record.len() + 96);
    let fields = format!("\"action\":\"{}\",\"record\":", action.name());
    match topic.wire {
        Wire::Sse => {
            out.extend_from_slice(b"event:");
            out.extend_from_slice(topic.name.as_bytes());
            out.extend_from_slice(b"\ndata:{");
            out.extend_from_slice(fields.as_bytes());
            push_line(&mut out, record);
            out.extend_from_slice(b"}\n\n");
        }
        Wire::Socket => {
            let name = Value::from(topic.name.as_str());
            out.extend_from_slice(format!("{{\"type\":\"event\",\"topic\":{name},\"seq\":{seq},{fields}").as_bytes());
            out.extend_from_slice(record);
            out.push(b'}');
        }
    }
    out
}

/// What is said on a topic that is no collection's; `data` is finished JSON in one line, `seq` the number of the last
/// change that was told before.
pub(super) fn said(topic: &Topic, seq: u64, data: &str) -> Vec<u8> {
    let name = topic.name.as_str();
    match topic.wire {
        Wire::Sse => format!("event:{name}\ndata:{data}\n\n").into_bytes(),
        Wire::Socket => {
            let name = Value::from(name);
            format!("{{\"type\":\"event\",\"topic\":{name},\"seq\":{seq},\"action\":\"message\",\"data\":{data}}}")
                .into()
        }
    }
}

/// The first message of an SSE connection.
pub(super) fn connected(client_id: &str) -> Bytes {
    sse("PB_CONNECT", json!({"clientId": client_id}).to_string().as_bytes())
}

/// The first message of a WebSocket; `seq` is the number of the last change.
pub(super) fn hello(client_id: &str, seq: u64) -> Bytes {
    document(&json!({"type": "hello", "clientId": client_id, "seq": seq}))
}

/// Something was lost, and what the client knows may be stale.
pub(super) fn gap() -> Bytes {
    document(&json!({"type": "gap"}))
}

pub(super) fn ack(id: Option<&Value>) -> Bytes {
    document(&answer("ack", id))
}

/// What was missed has been told: all changes up to `seq`.
pub(super) fn resumed(id: Option<&Value>, seq: u64) -> Bytes {
    let mut said = answer("resumed", id);
    said["seq"] = seq.into();
    document(&said)
}

/// What was missed before `seq` cannot be told.
pub(super) fn missed(id: Option<&Value>, seq: u64) -> Bytes {
    let mut said = answer("gap", id);
    said["seq"] = seq.into();
    document(&said)
}

/// The answer to who wants to be seen, with the id by which others know them.
pub(super) fn joined(id: Option<&Value>, member: &str) -> Bytes {
    let mut said = answer("ack", id);
    said["member"] = member.into();
    document(&said)
}

pub(super) fn pong(id: Option<&Value>) -> Bytes {
    document(&answer("pong", id))
}

pub(super) fn error(id: Option<&Value>, code: &str, message: &str) -> Bytes {
    let mut said = answer("error", id);
    said["code"] = code.into();
    said["message"] = message.into();
    document(&said)
}

fn answer(kind: &str, id: Option<&Value>) -> Value {
    match id {
        Some(id) => json!({"type": kind, "id": id}),
        None => json!({"type": kind}),
    }
}

fn document(value: &Value) -> Bytes {
    value.to_string().into()
}

/// JSON fields keep the text they were given, which may have line breaks between its tokens; within a
/// string they are escaped, so every raw one may become a space.
fn push_line(out: &mut Vec<u8>, json: &[u8]) {
    let start = out.len();
    out.extend_from_slice(json);
    for byte in &mut out[start..] {
        if matches!(*byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::topic::Overrides;
    use super::*;

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    fn topic(wire: Wire, name: &str) -> Topic {
        Topic::parse(wire, name, Overrides::default())
    }

    #[test]
    fn the_first_frame_byte_for_byte() {
        let mut whole = id_line("abc");
        whole.extend_from_slice(&connected("abc"));
        assert_eq!(String::from_utf8(whole).unwrap(), "id:abc\nevent:PB_CONNECT\ndata:{\"clientId\":\"abc\"}\n\n");
    }

    #[test]
    fn an_event_keeps_the_name_of_the_subscription() {
        let name = "posts/*?options=%7B%22query%22%3A%7B%7D%7D";
        let frame = event(&topic(Wire::Sse, name), 7, Action::Update, b"{\"id\":\"1\"}");
        assert_eq!(
            text(&frame),
            format!("event:{name}\ndata:{{\"action\":\"update\",\"record\":{{\"id\":\"1\"}}}}\n\n")
        );
    }

    #[test]
    fn data_is_one_line() {
        let frame = event(&topic(Wire::Sse, "a"), 1, Action::Create, b"{\"meta\":{\n\r\n\"a\":\"b\\n\"}}");
        assert_eq!(text(&frame), "event:a\ndata:{\"action\":\"create\",\"record\":{\"meta\":{   \"a\":\"b\\n\"}}}\n\n");
    }

    #[test]
    fn socket_messages() {
        let sent = event(&topic(Wire::Socket, "po\"sts/*"), 7, Action::Delete, b"{\"id\":\"1\"}");
        assert_eq!(
            text(&sent),
            r#"{"type":"event","topic":"po\"sts/*","seq":7,"action":"delete","record":{"id":"1"}}"#
        );
        assert_eq!(text(&hello("c", 3)), r#"{"type":"hello","clientId":"c","seq":3}"#);
        assert_eq!(text(&ack(Some(&Value::from(1)))), r#"{"type":"ack","id":1}"#);
        assert_eq!(text(&pong(None)), r#"{"type":"pong"}"#);
        assert_eq!(text(&error(None, "a", "b")), r#"{"type":"error","code":"a","message":"b"}"#);
        assert_eq!(text(&gap()), r#"{"type":"gap"}"#);
        assert_eq!(text(&resumed(None, 1)), r#"{"type":"resumed","seq":1}"#);
        assert_eq!(text(&missed(Some(&Value::from(2)), 1)), r#"{"type":"gap","id":2,"seq":1}"#);
        assert_eq!(text(&joined(None, "m")), r#"{"type":"ack","member":"m"}"#);
    }

    #[test]
    fn what_is_said_stays_as_it_is() {
        let whole = said(&topic(Wire::Sse, "rooms/1?x"), 7, r#"{"a":1}"#);
        assert_eq!(text(&whole), "event:rooms/1?x\ndata:{\"a\":1}\n\n");
        let whole = said(&topic(Wire::Socket, "rooms/1"), 7, "null");
        assert_eq!(text(&whole), r#"{"type":"event","topic":"rooms/1","seq":7,"action":"message","data":null}"#);
    }
}
