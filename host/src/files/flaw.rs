//! Why a bucket cannot be used, out of what the connection and the bucket itself say: a code and a sentence for people,
//! beside the words that it was read from.

use super::s3::S3Config;
use crate::error::{Code, FieldError, code};
use std::error::Error;
use std::io;
use std::iter::successors;

/// Characters of the original words that are passed on.
const WORDS_MAX: usize = 500;
/// What the client says of answers that are well, only not those of a bucket.
const FOREIGN: [&str; 3] = ["ETag Header missing", "Last-Modified Header missing", "Got invalid list response"];

/// Why a bucket cannot be used.
#[derive(Debug)]
pub struct Flaw {
    /// What could not be done, as the permission is called.
    permission: &'static str,
    code: Code,
    /// What the bucket or the connection said.
    words: String,
}

impl Flaw {
    pub(super) fn new(permission: &'static str, code: Code, words: &str) -> Self {
        Self { permission, code, words: words.chars().take(WORDS_MAX).collect() }
    }

    pub(super) fn of(permission: &'static str, error: &object_store::Error) -> Self {
        let mut words = error.to_string();
        let code = chain(error).find_map(of_connection).unwrap_or_else(|| of_answer(&words));
        // What was wrong with the connection is told by the innermost error alone.
        for cause in chain(error).skip(1).map(ToString::to_string) {
            if !words.contains(&cause) {
                words = format!("{words}: {cause}");
            }
        }
        Self::new(permission, code, &words)
    }

    /// The same for a client, who knows the settings: with what was being done as `permission`, and the original words as `details`.
    #[must_use]
    pub fn told(self, config: &S3Config) -> FieldError {
        let told = self.code.with([
            ("bucket", config.bucket.as_str().into()),
            ("host", config.authority().into()),
            ("permission", self.permission.into()),
            ("region", config.region.as_str().into()),
        ]);
        told.param("details", self.words)
    }
}

/// An error and those behind it.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| error.source())
}

/// What an error says of the way to the bucket, if it is about that.
fn of_connection(error: &(dyn Error + 'static)) -> Option<Code> {
    // The resolver's errors have no kind, but the client's name for them.
    if error.to_string() == "dns error" {
        return Some(code::S3_HOST);
    }
    if let Some(http) = error.downcast_ref::<object_store::client::HttpError>() {
        let is_late = http.kind() == object_store::client::HttpErrorKind::Timeout;
        return is_late.then_some(code::S3_SILENT);
    }
    if let Some(http) = error.downcast_ref::<hyper::Error>() {
        // Somebody speaks there, but not HTTP; or before being asked, and that ends the connection while, or before, the
        // request is handed to it.
        let is_early = http.is_canceled() || http.to_string() == "received unexpected message from connection";
        let is_foreign = http.is_parse() || is_early;
        return is_foreign.then_some(code::S3_STRANGER);
    }
    let error = error.downcast_ref::<io::Error>()?;
    if let Some(tls) = of_tls(error) {
        let is_distrust = matches!(tls, rustls::Error::InvalidCertificate(_));
        return Some(if is_distrust { code::S3_CERTIFICATE } else { code::S3_TLS });
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(code::S3_REFUSED),
        io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            Some(code::S3_SILENT)
        }
        _ => None,
    }
}

/// The error of TLS in one of a connection, which may be wrapped more than once.
fn of_tls(error: &io::Error) -> Option<&rustls::Error> {
    let inside = error.get_ref()?;
    inside.downcast_ref().or_else(|| inside.downcast_ref().and_then(of_tls))
}

/// What an answer says, by the codes of S3 and by what servers that speak like it send instead.
fn of_answer(words: &str) -> Code {
    let said = words.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    match said.map(|(code, _)| code.trim()) {
        Some("NoSuchBucket" | "InvalidBucketName") => code::S3_BUCKET,
        Some("InvalidAccessKeyId" | "InvalidToken" | "NotSignedUp" | "Unauthorized") => code::S3_KEY,
        Some("SignatureDoesNotMatch") => code::S3_SECRET,
        // Of a key that cannot be one, too.
        Some("AuthorizationHeaderMalformed") if !words.contains("region") => code::S3_KEY,
        Some("AuthorizationHeaderMalformed" | "PermanentRedirect" | "TemporaryRedirect") => code::S3_REGION,
        Some("RequestTimeTooSkewed") => code::S3_CLOCK,
        Some("AccessDenied" | "AllAccessDisabled" | "MethodNotAllowed") => code::S3_PERMISSION,
        Some("QuotaExceeded" | "XMinioStorageFull") => code::S3_FULL,
        Some(_) => code::S3_OTHER,
        None if words.contains("redirect without LOCATION") => code::S3_REGION,
        None if FOREIGN.iter().any(|sign| words.contains(sign)) => code::S3_STRANGER,
        None => of_status(words),
    }
}

/// What an answer without a code of S3 says by its status. A bucket that refuses somebody may say nothing at all; a page
/// of words, or the way to one, is sent by a server that is none.
fn of_status(words: &str) -> Code {
    let said = words.split_once("status code: ").and_then(|(_, said)| said.split_once(": "));
    let Some((status, body)) = said else { return code::S3_OTHER };
    match (status.split(' ').next().unwrap_or_default(), body.trim().is_empty()) {
        ("401", true) => code::S3_KEY,
        ("403", true) => code::S3_PERMISSION,
        (status, _) if status.starts_with(['3', '4']) => code::S3_STRANGER,
        _ => code::S3_OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: &str, body: &str) -> object_store::Error {
        let source =
            format!("Error performing PUT http://b/x in 3ms - Server returned non-2xx status code: {status}: {body}");
        let (path, source) = (String::from("x"), source.into());
        match status.split(' ').next() {
            Some("403") => object_store::Error::PermissionDenied { path, source },
            Some("401") => object_store::Error::Unauthenticated { path, source },
            Some("404") => object_store::Error::NotFound { path, source },
            _ => object_store::Error::Generic { store: "S3", source },
        }
    }

    #[test]
    fn what_a_bucket_answers_is_told_apart() {
        for (status, said, expected) in [
            ("404 Not Found", "<Code>NoSuchBucket</Code>", code::S3_BUCKET),
            ("400 Bad Request", "<Code>InvalidBucketName</Code>", code::S3_BUCKET),
            ("403 Forbidden", "<Code>InvalidAccessKeyId</Code>", code::S3_KEY),
            ("401 Unauthorized", "", code::S3_KEY),
            (
                "400 Bad Request",
                "<Code>AuthorizationHeaderMalformed</Code><Message>the credential is wrong",
                code::S3_KEY,
            ),
            ("403 Forbidden", "<Code>SignatureDoesNotMatch</Code>", code::S3_SECRET),
            (
                "400 Bad Request",
                "<Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-east-1' is wrong; expecting 'eu-west-1'",
                code::S3_REGION,
            ),
            ("301 Moved Permanently", "<Code>PermanentRedirect</Code>", code::S3_REGION),
            ("403 Forbidden", "<Code>RequestTimeTooSkewed</Code>", code::S3_CLOCK),
            ("403 Forbidden", "<Code>AccessDenied</Code>", code::S3_PERMISSION),
            ("403 Forbidden", "", code::S3_PERMISSION),
            ("507 Insufficient Storage", "<Code>XMinioStorageFull</Code>", code::S3_FULL),
            ("503 Slow Down", "<Code>SlowDown</Code>", code::S3_OTHER),
            ("405 Method Not Allowed", "<html>nginx</html>", code::S3_STRANGER),
            ("404 Not Found", "<html>Not found</html>", code::S3_STRANGER),
            ("401 Unauthorized", "{\"error\": \"sign in: first\"}", code::S3_STRANGER),
            ("403 Forbidden", "<html>nginx</html>", code::S3_STRANGER),
            ("302 Found", "", code::S3_STRANGER),
            ("502 Bad Gateway", "<html>nginx</html>", code::S3_OTHER),
        ] {
            let flaw = Flaw::of("s3:PutObject", &answered(status, said));
            assert_eq!(flaw.code, expected, "{status} {said}");
            assert!(flaw.words.contains(said), "{}", flaw.words);
        }
    }

    #[test]
    fn a_redirect_to_nowhere_is_another_region() {
        let source = "Received redirect without LOCATION, this normally indicates an incorrectly configured region";
        let error = object_store::Error::Generic { store: "S3", source: source.into() };
        assert_eq!(Flaw::of("s3:PutObject", &error).code, code::S3_REGION);
    }

    #[test]
    fn what_is_told_names_what_was_typed_and_no_secret() {
        let config = S3Config {
            bucket: "files".into(),
            endpoint: "https://s3.example.com".into(),
            access_key: "key".into(),
            secret: "hush".into(),
            ..S3Config::default()
        };
        let flaw = Flaw::new("s3:PutObject", code::S3_BUCKET, &"w".repeat(WORDS_MAX + 1));
        let told = flaw.told(&config);
        assert_eq!(
            (&*told.code, &*told.message),
            ("validation_s3_bucket", "There is no bucket \"files\" at files.s3.example.com.")
        );
        assert_eq!(told.params.iter().find(|(name, _)| *name == "details").unwrap().1, "w".repeat(WORDS_MAX));
        assert!(!format!("{told:?}").contains("hush"));
    }
}
