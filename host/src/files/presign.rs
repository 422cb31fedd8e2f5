//! Addresses for one request to a bucket, with headers that belong to the signature: whoever sends the request must send
//! exactly these. The crate that stores objects makes such addresses too, but refuses to sign the length of the content.

use super::failed;
use super::s3::S3;
use crate::crypto;
use crate::error::{Error, Result};
use object_store::path::Path as ObjectPath;
use object_store::signer::{Method, Signer as _, Url};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::time::Duration;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const CREDENTIAL: &str = "X-Amz-Credential";
const DATE: &str = "X-Amz-Date";
const SIGNED_HEADERS: &str = "X-Amz-SignedHeaders";
const SIGNATURE: &str = "X-Amz-Signature";

/// What stands as it is in an address that is signed.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl S3 {
    /// An address for one request with these headers, whose names are in small letters.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) async fn presign(
        &self,
        method: Method,
        path: &ObjectPath,
        headers: &[(&'static str, String)],
        lifetime: Duration,
    ) -> Result<Url> {
        let plain = self.objects.signed_url(method.clone(), path, lifetime).await;
        let plain = plain.map_err(|error| failed("sign an address", &error))?;
        sign(&plain, &method, headers, &self.secret)
            .ok_or_else(|| Error::internal("sign an address", "what it was made from is no signed address"))
    }
}

/// A signed address, signed anew together with headers (`AWS Signature Version 4`, in the query). `None` when it was not signed.
fn sign(plain: &Url, method: &Method, headers: &[(&'static str, String)], secret: &str) -> Option<Url> {
    let query = |name: &str| plain.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    let (credential, date) = (query(CREDENTIAL)?, query(DATE)?);
    let (_, scope) = credential.split_once('/')?;
    let host = match plain.port() {
        Some(port) => format!("{}:{port}", plain.host_str()?),
        None => plain.host_str()?.to_owned(),
    };
    let mut signed: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.trim())).collect();
    signed.push(("host", &host));
    signed.sort_unstable();
    let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines: String = signed.iter().map(|(name, value)| [name, ":", value, "\n"].concat()).collect();

    let mut pairs: Vec<(String, String)> = plain.query_pairs().into_owned().collect();
    pairs.retain(|(name, _)| name != SIGNATURE && name != SIGNED_HEADERS);
    pairs.push((SIGNED_HEADERS.to_owned(), names.clone()));
    let strict = |text: &str| utf8_percent_encode(text, STRICT).to_string();
    let mut pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", strict(name), strict(value))).collect();
    pairs.sort_unstable();
    let pairs = pairs.join("&");

    let request = format!("{method}\n{}\n{pairs}\n{lines}\n{names}\nUNSIGNED-PAYLOAD", plain.path());
    let text = format!("{ALGORITHM}\n{date}\n{scope}\n{}", crypto::sha256_hex(request.as_bytes()));
    let first = format!("AWS4{secret}").into_bytes();
    let key = scope.split('/').fold(first, |key, part| crypto::hmac(&key, part.as_bytes()));
    let mut url = plain.clone();
    url.set_query(Some(&format!("{pairs}&{SIGNATURE}={}", crypto::hmac_hex(&key, text.as_bytes()))));
    Some(url)
}

/// A path as it stands in a header.
pub(super) fn encoded(path: &ObjectPath) -> String {
    path.as_ref().split('/').map(|part| utf8_percent_encode(part, STRICT).to_string()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::super::S3Config;
    use super::*;

    fn signature(url: &Url) -> String {
        url.query_pairs().find(|(name, _)| name == SIGNATURE).map(|(_, value)| value.into_owned()).unwrap()
    }

    /// The example of the documentation of S3.
    #[test]
    fn signatures_are_those_of_s3() {
        let url = "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
            &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
            &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=x&X-Amz-Signature=y";
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let signed = sign(&Url::parse(url).unwrap(), &Method::GET, &[], secret).unwrap();
        assert_eq!(signature(&signed), "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
        assert!(sign(&Url::parse("https://example.com/a?b=c").unwrap(), &Method::GET, &[], secret).is_none());
    }

    #[tokio::test]
    async fn headers_are_part_of_it() {
        let config = S3Config {
            bucket: "files".into(),
            region: "eu-central-1".into(),
            endpoint: "http://127.0.0.1:9000".into(),
            access_key: "key".into(),
            secret: "secret".into(),
            ..S3Config::default()
        };
        let bucket = S3::new(&config).unwrap();
        let path = ObjectPath::from("@uploads/1/a b");
        let plain = bucket.objects.signed_url(Method::PUT, &path, Duration::from_mins(1)).await.unwrap();
        // Without further headers it is what the crate makes.
        let again = sign(&plain, &Method::PUT, &[], "secret").unwrap();
        assert_eq!(signature(&again), signature(&plain));
        let length =
            |bytes: u32| sign(&plain, &Method::PUT, &[("content-length", bytes.to_string())], "secret").unwrap();
        assert!(length(5).as_str().contains("X-Amz-SignedHeaders=content-length%3Bhost"));
        assert_ne!(signature(&length(5)), signature(&length(6)));
        assert_eq!(encoded(&path), "%40uploads/1/a%20b");
    }
}
