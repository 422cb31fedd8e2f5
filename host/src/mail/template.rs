//! What a mail says: a template's placeholders and what stands for them.
//!
//! The text is gone through once, so what a placeholder stands for is never taken for a placeholder; in the HTML it is
//! escaped, in the subject it stays one line. A placeholder that is not known, or of a field that is hidden, stays as
//! it is.

use super::letter::one_line;
use crate::model::collection::MailTemplate;
use crate::model::{Record, Value};

/// The prefix of a field's placeholder.
const FIELD: &str = "RECORD:";

/// Longest name of a placeholder.
const NAME_MAX: usize = 128;

/// What the placeholders stand for.
#[derive(Debug)]
pub struct Facts<'a> {
    pub app_name: &'a str,
    pub app_url: &'a str,
    pub record: &'a Record,
    /// `TOKEN`, `OTP`, ..., which not every mail has.
    pub values: &'a [(&'static str, &'a str)],
}

/// Subject and HTML of a mail.
#[must_use]
pub fn fill(template: &MailTemplate, facts: &Facts<'_>) -> (String, String) {
    let subject = replace(&template.subject, facts, str::to_owned);
    (one_line(&subject), replace(&template.body, facts, escape))
}

fn replace(text: &str, facts: &Facts<'_>, write: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(NAME_MAX).position(|byte| byte == b'}');
        if let Some((end, value)) = end.and_then(|end| Some((end, facts.value(rest.get(1..end)?)?))) {
            out.push_str(&write(&value));
            rest = &rest[end + 1..];
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

impl Facts<'_> {
    fn value(&self, name: &str) -> Option<String> {
        match name {
            "APP_NAME" => return Some(self.app_name.to_owned()),
            // Templates put a slash behind it.
            "APP_URL" => return Some(self.app_url.trim_end_matches('/').to_owned()),
            _ => {}
        }
        if let Some(field) = name.strip_prefix(FIELD) {
            return self.field(field);
        }
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    fn field(&self, name: &str) -> Option<String> {
        let index = self.record.collection.field_index(name)?;
        if self.record.collection.fields[index].hidden {
            return None;
        }
        Some(match &self.record.values[index] {
            Value::Null => String::new(),
            value => value.as_text().map_or_else(|| value.to_json().to_string(), str::to_owned),
        })
    }
}

/// A plain text as HTML: paragraphs where lines are empty, breaks where they end.
#[must_use]
pub fn html_of(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut html = String::with_capacity(text.len());
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        html.push_str("<p>");
        html.push_str(&escape(paragraph).replace('\n', "<br>\n"));
        html.push_str("</p>\n");
    }
    html
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::field::{boolean::Bool, text::Text};
    use crate::model::{Collection, Draft, Field, Kind, Rules};
    use serde_json::json;
    use std::sync::Arc;

    fn record(name: &str) -> Record {
        let mut collection = Collection {
            id: "c".into(),
            name: "people".into(),
            kind: Kind::Auth(Box::default()),
            system: false,
            fields: vec![
                Field::new("name", Text::default()),
                Field { hidden: true, ..Field::new("note", Text::default()) },
                Field::new("fan", Bool::default()),
            ],
            indexes: Vec::new(),
            rules: Rules::default(),
            created: String::new(),
            updated: String::new(),
        };
        collection.complete();
        let mut draft = Draft::new(Arc::new(collection));
        let mut random = |length: usize| "x".repeat(length);
        for (key, value) in
            [("name", json!(name)), ("note", json!("hush")), ("fan", json!(true)), ("tokenKey", json!("key"))]
        {
            draft.apply(key, &value, &mut random);
        }
        draft.record
    }

    fn filled(subject: &str, body: &str, name: &str) -> (String, String) {
        let record = record(name);
        let values = [("TOKEN", "a.b.c")];
        let facts = Facts { app_name: "Tom & Jerry", app_url: "https://x.example/", record: &record, values: &values };
        fill(&MailTemplate { subject: subject.to_owned(), body: body.to_owned() }, &facts)
    }

    #[test]
    fn placeholders_stand_for_their_values() {
        let (subject, body) = filled("{APP_NAME}: {RECORD:name}", "{APP_URL}/_/#/{TOKEN} {RECORD:fan}", "Ann");
        assert_eq!((subject.as_str(), body.as_str()), ("Tom & Jerry: Ann", "https://x.example/_/#/a.b.c true"));
    }

    #[test]
    fn what_is_unknown_or_hidden_stays() {
        let text = "{NOPE} {RECORD:note} {RECORD:password} {RECORD:tokenKey} {RECORD:nope} {OTP} { {} }{ {RECORD:";
        assert_eq!(filled("", text, "").1, text);
    }

    #[test]
    fn a_value_is_neither_markup_nor_a_placeholder_nor_a_header() {
        let name = "<b onclick=\"x\">'{TOKEN}'\r\nBcc: eve@example.com";
        let (subject, body) = filled("Hi {RECORD:name}", "{RECORD:name}", name);
        assert_eq!(subject, "Hi <b onclick=\"x\">'{TOKEN}' Bcc: eve@example.com");
        assert_eq!(body, "&lt;b onclick=&#34;x&#34;&gt;&#39;{TOKEN}&#39;\r\nBcc: eve@example.com");
    }
}
