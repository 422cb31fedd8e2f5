//! The names under which uploads are stored: what their senders called them, made harmless and unique.

use super::kind;

/// Random characters that make a name unique and not to be guessed.
const RANDOM: usize = 10;
/// A name shorter than this gets random characters of its own.
const BASE_MIN: usize = 3;
const BASE_MAX: usize = 100;
/// Longest ending, without its dot.
const ENDING_MAX: usize = 20;

/// `My File.PNG` -> `my_file_8s5k2a9xq1.PNG`. Without an ending it gets that of its `mime` type.
#[must_use]
pub fn stored(original: &str, mime: &str, random: &mut dyn FnMut(usize) -> String) -> String {
    // Some clients send a path.
    let original = original.rsplit(['/', '\\']).next().unwrap_or_default();
    let (base, ending) = split(original);
    let mut base = snake_case(base);
    if base.len() < BASE_MIN {
        base.push_str(&random(RANDOM));
    }
    base.truncate(BASE_MAX);
    let mut ending: String = ending.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect();
    if ending.len() < 2 {
        ending = kind::ending(mime).map(|ending| format!(".{ending}")).unwrap_or_default();
    }
    if ending.len() > ENDING_MAX + 1 {
        ending = format!(".{}", &ending[ending.len() - ENDING_MAX..]);
    }
    format!("{base}_{}{ending}", random(RANDOM))
}

/// The ending begins at the last dot, or at the one before it in `.tar.gz` and its like.
fn split(name: &str) -> (&str, &str) {
    let Some(dot) = name.rfind('.') else { return (name, "") };
    let (base, ending) = name.split_at(dot);
    match base.rfind('.') {
        Some(dot) if base[dot..].eq_ignore_ascii_case(".tar") => name.split_at(dot),
        _ => (base, ending),
    }
}

/// `MyFile (2)` -> `my_file_2`.
fn snake_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            let hump = c.is_ascii_uppercase() && before.is_some_and(|b: char| b.is_ascii_lowercase());
            if hump {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        before = Some(c);
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(original: &str, mime: &str) -> String {
        stored(original, mime, &mut |length| "0".repeat(length))
    }

    #[test]
    fn names_are_harmless_and_telling() {
        let zeros = "0000000000";
        for (original, expected) in [
            ("My File (2).PNG", format!("my_file_2_{zeros}.PNG")),
            ("aaa.txt", format!("aaa_{zeros}.txt")),
            ("a.txt", format!("a{zeros}_{zeros}.txt")),
            ("backup.tar.gz", format!("backup_{zeros}.tar.gz")),
            ("Backup.Tar.GZ", format!("backup_{zeros}.Tar.GZ")),
            ("fooBar.jpg", format!("foo_bar_{zeros}.jpg")),
            ("../../etc/passwd", format!("passwd_{zeros}.txt")),
            ("C:\\x\\photo.jpeg", format!("photo_{zeros}.jpeg")),
            ("Größe.md", format!("gr_e_{zeros}.md")),
            ("日本.pdf", format!("{zeros}_{zeros}.pdf")),
            ("", format!("{zeros}_{zeros}.txt")),
            (".htaccess", format!("{zeros}_{zeros}.htaccess")),
            ("x<script>.h\"tml", format!("x_script_{zeros}.html")),
        ] {
            assert_eq!(name(original, "text/plain"), expected, "{original}");
        }
        assert_eq!(name("picture", "image/png"), format!("picture_{zeros}.png"));
        assert_eq!(name("picture.", "application/octet-stream"), format!("picture_{zeros}"));
    }

    #[test]
    fn names_have_a_longest_length() {
        let long = name(&format!("{}.{}", "b".repeat(500), "e".repeat(500)), "");
        assert_eq!(long.len(), BASE_MAX + 1 + RANDOM + 1 + ENDING_MAX);
    }
}
