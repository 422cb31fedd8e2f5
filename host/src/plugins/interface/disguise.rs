//! Puts secrets in the place of their placeholders, and takes them out of what comes back: a server that repeats what it
//! is sent must not tell a guest what the guest may not know.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A placeholder and the secret it stands for.
pub(super) struct Pair {
    pub(super) token: String,
    pub(super) value: String,
}

/// The forms in which a secret may come back: as it is, in an address, in JSON.
fn forms(value: &str) -> Vec<String> {
    let json = serde_json::Value::from(value).to_string();
    let mut forms = vec![value.to_owned(), in_query(value), json[1..json.len() - 1].to_owned()];
    forms.dedup();
    forms
}

/// As a part of a query.
pub(super) fn in_query(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

/// How often a placeholder is in there.
pub(super) fn count(bytes: &[u8], token: &str) -> usize {
    bytes.windows(token.len()).filter(|window| *window == token.as_bytes()).count()
}

/// Each placeholder becomes its secret.
pub(super) fn fill(bytes: Vec<u8>, pairs: &[Pair]) -> Vec<u8> {
    pairs.iter().fold(bytes, |bytes, pair| replaced(bytes, pair.token.as_bytes(), pair.value.as_bytes()))
}

/// Each secret becomes its placeholder.
pub(super) fn hide(bytes: Vec<u8>, pairs: &[Pair]) -> Vec<u8> {
    // A longer secret may hold a shorter one.
    let mut sorted: Vec<_> =
        pairs.iter().flat_map(|pair| forms(&pair.value).into_iter().map(|form| (form, &pair.token))).collect();
    sorted.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
    sorted.into_iter().fold(bytes, |bytes, (form, token)| replaced(bytes, form.as_bytes(), token.as_bytes()))
}

fn replaced(bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    if from.is_empty() || !bytes.windows(from.len()).any(|window| window == from) {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(from) {
            out.extend_from_slice(to);
            at += from.len();
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_taken_out_again() {
        let pair = |token: &str, value: &str| Pair { token: token.to_owned(), value: value.to_owned() };
        let pairs = [pair("token_1", "s3cret/\"ü"), pair("token_2", "s3cret/\"ü-and-more")];
        let filled = fill(b"a=token_1&b=token_2&c=token_3".to_vec(), &pairs);
        assert_eq!(String::from_utf8(filled.clone()).unwrap(), "a=s3cret/\"ü&b=s3cret/\"ü-and-more&c=token_3");
        assert_eq!(hide(filled, &pairs), b"a=token_1&b=token_2&c=token_3");
        let echoes = format!("{} {}", in_query("s3cret/\"ü"), r#"{"x": "s3cret/\"ü"}"#);
        let hidden = String::from_utf8(hide(echoes.into_bytes(), &pairs)).unwrap();
        assert_eq!(hidden, r#"token_1 {"x": "token_1"}"#);
        assert_eq!((count(b"xtoken_1 token_1", "token_1"), count(b"token", "token_1")), (2, 0));
    }
}
