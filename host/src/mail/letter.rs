//! A mail as it is promised, and as it is sent: HTML in a frame, with the same as plain text beside it.

use super::text;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use std::time::{Duration, UNIX_EPOCH};

/// Around what a template says; mail programs know no style sheets.
const FRAME: (&str, &str) = (
    concat!(
        "<!doctype html><html><head><meta charset=\"utf-8\">",
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>",
        "body{margin:0;padding:24px;background:#fff;color:#16161a;",
        "font:15px/1.5 -apple-system,BlinkMacSystemFont,\"Segoe UI\",Roboto,Helvetica,Arial,sans-serif}",
        "main{display:block;max-width:560px;margin:0 auto}p{margin:12px 0}a{color:inherit}",
        "a.btn,.btn{display:inline-block;padding:9px 18px;border-radius:6px;background:#16161a;",
        "color:#fff!important;text-decoration:none;font-weight:600}",
        "</style></head><body><main>\n"
    ),
    "\n</main></body></html>\n",
);

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What it is about, for the log.
    pub kind: &'static str,
    /// An address without a name.
    pub recipient: String,
    pub subject: String,
    /// What stands between `<body>` and `</body>`.
    pub html: String,
    /// The same as plain text; made from the HTML where it is empty.
    pub text: String,
    /// After that it is of no use.
    pub expires_ms: i64,
}

/// Whom mails are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sender {
    pub(super) name: String,
    pub(super) address: String,
}

/// The mail as it is sent. The same `id` gives the same Message-ID, by which a repetition is known.
///
/// # Errors
/// What is wrong with an address.
pub(super) fn write(sender: &Sender, id: &str, letter: &Letter, now_ms: i64) -> Result<Message, String> {
    let address = |text: &str, whose: &str| {
        text.parse::<Address>().map_err(|error| format!("the address of the {whose} cannot be used: {error}"))
    };
    let from = address(&sender.address, "sender")?;
    let to = address(&letter.recipient, "recipient")?;
    let message_id = format!("<{id}@{}>", from.domain());
    // Read back off the header, an address in quotes would be none.
    let envelope = Envelope::new(Some(from.clone()), vec![to.clone()])
        .map_err(|error| format!("the mail cannot be addressed: {error}"))?;
    let name = Some(one_line(&sender.name)).filter(|name| !name.is_empty());
    let plain = if letter.text.is_empty() { text::of_html(&letter.html) } else { letter.text.clone() };
    let html = [FRAME.0, &letter.html, FRAME.1].concat();
    let sent = UNIX_EPOCH + Duration::from_millis(u64::try_from(now_ms).unwrap_or_default());
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    Message::builder()
        .envelope(envelope)
        .from(Mailbox::new(name, from))
        .to(Mailbox::new(None, to))
        .subject(one_line(&letter.subject))
        .date(sent)
        .message_id(Some(message_id))
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
        .multipart(MultiPart::alternative_plain_html(plain, html))
        .map_err(|error| format!("the mail cannot be written: {error}"))
}

/// Whether a mail can be sent to an address. There are addresses that a field of e-mails takes and that no server is asked about: with a
/// local part of more than 64 bytes, for one.
#[must_use]
pub fn is_reachable(address: &str) -> bool {
    address.parse::<Address>().is_ok()
}

/// A text that cannot begin another header.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            kind: "verification",
            recipient: "ann@example.com".to_owned(),
            subject: "Grüße\r\nBcc: eve@example.com".to_owned(),
            html: "<p>Hello &amp; <a href=\"https://x.example/?a=1&amp;b=2\">welcome</a></p>".to_owned(),
            text: String::new(),
            expires_ms: 0,
        }
    }

    #[test]
    fn an_address_in_quotes_is_sent_to() {
        let sender = Sender { name: "Me".to_owned(), address: "me@example.com".to_owned() };
        for recipient in ["\"a b\"@example.com", "\"a..b\"@example.com", "ann@example.com"] {
            assert!(is_reachable(recipient), "{recipient}");
            let letter = Letter { recipient: recipient.to_owned(), ..letter() };
            let message = write(&sender, "id", &letter, 0).unwrap();
            let to: Vec<&str> = message.envelope().to().iter().map(AsRef::as_ref).collect();
            assert_eq!(to, [recipient]);
            let text = String::from_utf8(message.formatted()).unwrap();
            assert!(text.contains(&format!("\r\nTo: {recipient}\r\n")), "{text}");
        }
        assert!(!is_reachable(&format!("{}@example.com", "x".repeat(65))));
    }

    #[test]
    fn a_header_cannot_be_smuggled_in() {
        let sender = Sender { name: "Us\r\nCc: eve@example.com".to_owned(), address: "us@example.com".to_owned() };
        let message = String::from_utf8(write(&sender, "abc", &letter(), 0).unwrap().formatted()).unwrap();
        let headers = message.split("\r\n\r\n").next().unwrap();
        let names: Vec<&str> = headers
            .lines()
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| line.split(':').next())
            .collect();
        let known = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];
        assert!(names.iter().all(|name| known.contains(name)), "{headers}");
        assert!(headers.contains("Message-ID: <abc@example.com>"), "{headers}");
        assert_eq!(one_line("a\u{0}b\n\nc  d"), "a b c d");
    }

    #[test]
    fn it_has_both_forms() {
        let sender = Sender { name: String::new(), address: "us@example.com".to_owned() };
        let message = write(&sender, "abc", &letter(), 1_767_323_045_678).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        for part in ["multipart/alternative", "text/plain", "text/html", "Date: Fri, 02 Jan 2026 03:04:05"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(message.envelope().to().len(), 1);
        let own = Letter { text: "In words of its own.".to_owned(), ..letter() };
        let text = String::from_utf8(write(&sender, "abc", &own, 0).unwrap().formatted()).unwrap();
        assert!(text.contains("In words of its own.") && !text.contains("Hello & welcome"), "{text}");
    }

    #[test]
    fn an_address_that_is_none_is_a_reason() {
        let sender = Sender { name: String::new(), address: "nobody".to_owned() };
        assert!(write(&sender, "abc", &letter(), 0).unwrap_err().contains("sender"));
    }
}
