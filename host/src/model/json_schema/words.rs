//! What is said of a mistake, which may be about a long text or many names. Only the first of them is written out: in other signs a text
//! may be six times as long.

use boon::ErrorKind;
use serde_json::Value as Json;
use std::borrow::Cow;

/// The longest that is said of a mistake, in bytes.
const BYTES: usize = 1_000;

/// What a mistake is.
pub(super) fn of(kind: &ErrorKind<'_, '_>) -> String {
    brief(written(kind))
}

/// What is wrong may name all of a long text, or of a list, or of a schema.
pub(super) fn brief(mut words: String) -> String {
    if words.len() > BYTES {
        words.truncate(words.floor_char_boundary(BYTES));
        words.push('…');
    }
    words
}

/// As much of it as may be said, and some more.
fn written(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::Pattern { got, want } => ErrorKind::Pattern { got: start(got), want }.to_string(),
        ErrorKind::Format { got, want, err } => match &**got {
            Json::String(text) => {
                let got = Cow::Owned(Json::String(start(text).into_owned()));
                ErrorKind::Format { got, want, err: err.to_string().into() }.to_string()
            }
            _ => kind.to_string(),
        },
        ErrorKind::PropertyName { prop } => ErrorKind::PropertyName { prop: start(prop).into_owned() }.to_string(),
        ErrorKind::AdditionalProperties { got } => {
            let mut left = BYTES;
            let fits = |name: &&Cow<'_, str>| {
                let goes_on = left > 0;
                left = left.saturating_sub(name.len());
                goes_on
            };
            let got = got.iter().take(BYTES).take_while(fits).map(|name| start(name)).collect();
            ErrorKind::AdditionalProperties { got }.to_string()
        }
        _ => kind.to_string(),
    }
}

fn start(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(&text[..text.floor_char_boundary(BYTES)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_more_is_written_than_is_said() {
        let long = "\u{7f}".repeat(1_000_000);
        let text = json!(long);
        let got = || Cow::Borrowed(long.as_str());
        for kind in [
            ErrorKind::Pattern { got: got(), want: "^x" },
            ErrorKind::Format { got: Cow::Borrowed(&text), want: "date", err: "short".into() },
            ErrorKind::PropertyName { prop: long.clone() },
            ErrorKind::AdditionalProperties { got: vec![got()] },
        ] {
            let (written, said) = (written(&kind), of(&kind));
            assert!(written.len() < 10_000 && kind.to_string().len() > 5_000_000);
            assert!(said.ends_with('…') && kind.to_string().starts_with(said.trim_end_matches('…')), "{said}");
        }
        let many = ErrorKind::AdditionalProperties { got: vec!["a".into(); 500_000] };
        assert!(written(&many).len() < 10_000);
        let both = ErrorKind::AdditionalProperties { got: vec!["a".repeat(900).into(); 5_000] };
        assert!(written(&both).len() < 10_000);
        assert_eq!(of(&ErrorKind::Pattern { got: "b".into(), want: "a" }), "'b' does not match pattern 'a'");
    }
}
