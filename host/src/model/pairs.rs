//! The names and values of a query string and of a url-encoded form.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// The pairs of a query string or an urlencoded body, decoded; `None` for one that is none: with a broken percent escape, or with
/// a semicolon, which is the end of a pair to some.
pub fn pairs(text: &str) -> impl Iterator<Item = Option<(String, String)>> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decode(name)?, decode(value)?)).filter(|_| !pair.contains(';'))
    })
}

fn decode(text: &str) -> Option<String> {
    let mut escapes = text.split('%').skip(1).map(str::as_bytes);
    if !escapes.all(|digits| digits.len() >= 2 && digits[..2].iter().all(u8::is_ascii_hexdigit)) {
        return None;
    }
    let spaced = if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    Some(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_whole_or_none() {
        let found: Vec<_> = pairs("a=%41+b&&c&=d&e=%zz&%=1&f=%4&g=1;h=2&i=%e2%82%ac=").collect();
        let pair = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        let whole = [pair("a", "A b"), pair("c", ""), pair("", "d")];
        assert_eq!(found, [&whole[..], &[None, None, None, None, pair("i", "€=")]].concat());
    }
}
