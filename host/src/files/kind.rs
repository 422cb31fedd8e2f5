//! What a file is, by its content; a sender's word for it counts for nothing.

use std::str;

/// So much of a file's beginning is looked at.
pub(super) const START: usize = 8192;

/// What cannot be told.
const UNKNOWN: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";

/// Texts look alike: among them, and only there, the ending of the name decides.
const TEXT_ENDINGS: &[(&str, &str)] = &[
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("ics", "text/calendar"),
    ("js", "text/javascript"),
    ("md", "text/markdown"),
    ("mjs", "text/javascript"),
    ("tsv", "text/tab-separated-values"),
    ("vcf", "text/vcard"),
    ("vtt", "text/vtt"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
];

/// Where the crate's word differs from the one that people put into a field's `mimeTypes`.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("image/vnd.microsoft.icon", "image/x-icon"),
    ("audio/x-wav", "audio/wav"),
    ("audio/m4a", "audio/x-m4a"),
    ("audio/x-flac", "audio/flac"),
    ("video/x-m4v", "video/x-m4v"),
];

/// The type of a file that begins with `start` and is called `name`. `whole`: there is nothing behind.
pub(super) fn of(start: &[u8], name: &str, whole: bool) -> &'static str {
    let text = as_text(start, whole);
    if let Some(found) = infer::get(start) {
        let mime = found.mime_type();
        // An HTML or XML beginning of bytes that are no text is a disguise.
        if !mime.starts_with("text/") || text.is_some() {
            return match mime {
                "text/html" => "text/html; charset=utf-8",
                "text/xml" if text.is_some_and(is_svg) => "image/svg+xml",
                "text/xml" => "text/xml; charset=utf-8",
                _ => OTHER_NAMES.iter().find(|(from, _)| *from == mime).map_or(mime, |(_, to)| to),
            };
        }
    }
    let Some(text) = text else { return UNKNOWN };
    if is_svg(text) {
        return "image/svg+xml";
    }
    if is_html(text) {
        return "text/html; charset=utf-8";
    }
    if text.trim_start().starts_with(['{', '[']) && whole && serde_json::from_str::<serde_json::Value>(text).is_ok() {
        return "application/json";
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    TEXT_ENDINGS.iter().find(|(known, _)| *known == ending).map_or(TEXT, |(_, mime)| mime)
}

/// The ending that a nameless file of this type gets.
pub(super) fn ending(mime: &str) -> Option<&'static str> {
    let plain = mime.split(';').next().unwrap_or_default();
    match plain {
        "" | UNKNOWN => None,
        "text/plain" => Some("txt"),
        "image/jpeg" => Some("jpg"),
        "text/html" => Some("html"),
        _ => mime_guess::get_mime_extensions_str(plain)?.first().copied(),
    }
}

/// The beginning as text: UTF-8 without control characters. The last character may be cut.
fn as_text(start: &[u8], whole: bool) -> Option<&str> {
    let text = match str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if !whole && error.error_len().is_none() => str::from_utf8(&start[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}');
    (!text.contains(control)).then(|| text.trim_start_matches('\u{feff}'))
}

fn is_svg(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("<svg") || ((text.starts_with("<?xml") || text.starts_with("<!")) && text.contains("<svg"))
}

fn is_html(text: &str) -> bool {
    let text = text.trim_start();
    let begins = |tag: &str| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    ["<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<h1", "<div", "<table", "<!--"]
        .into_iter()
        .any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides() {
        for (start, name, mime) in [
            (&b"\x89PNG\r\n\x1a\n0000"[..], "a.txt", "image/png"),
            (b"just text", "fake.png", TEXT),
            (b"", "empty.txt", TEXT),
            (b"\xff\xfe\x00\x01", "a.txt", UNKNOWN),
            (b"a\0b", "a.txt", UNKNOWN),
            (b"<script>1</script>", "a.txt", "text/html; charset=utf-8"),
            (b"  <!DOCTYPE html><p>", "a.csv", "text/html; charset=utf-8"),
            (b"<svg xmlns='x'/>", "a.png", "image/svg+xml"),
            (b"<?xml version=\"1.0\"?><svg/>", "a", "image/svg+xml"),
            (b"<?xml version=\"1.0\"?><a/>", "a", "text/xml; charset=utf-8"),
            (b"{\"a\": [1]}", "a.txt", "application/json"),
            (b"{\"a\": ", "a.txt", TEXT),
            (b"a,b\n1,2", "a.csv", "text/csv"),
            (b"%PDF-1.7", "a.bin", "application/pdf"),
            (b"GIF89a....", "a.png", "image/gif"),
        ] {
            assert_eq!(of(start, name, true), mime, "{name} {:?}", String::from_utf8_lossy(start));
        }
    }

    #[test]
    fn a_cut_character_is_no_reason() {
        let text = "ä".repeat(START);
        assert_eq!(of(&text.as_bytes()[..START - 1], "a", false), TEXT);
        assert_eq!(of(&text.as_bytes()[..START - 1], "a", true), UNKNOWN);
    }

    #[test]
    fn endings() {
        assert_eq!([ending("image/png"), ending(TEXT), ending(UNKNOWN)], [Some("png"), Some("txt"), None]);
    }
}
