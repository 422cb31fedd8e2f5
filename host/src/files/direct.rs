//! Addresses at which a client gets a file from the bucket itself, without a key, for a short time.

use super::{Object, Place, failed};
use crate::error::Result;
use object_store::signer::SignedUrlOptions;
use object_store::signer::{Method, Signer as _};
use std::time::Duration;

/// How long an address is good: a download must have begun by then.
pub const LIFETIME: Duration = Duration::from_mins(5);

impl Object {
    /// The address, when the file is in a bucket that clients are sent to. The bucket answers with this type and
    /// disposition.
    ///
    /// # Errors
    /// When the address cannot be made.
    pub async fn address(&self, mime: &str, disposition: &str) -> Result<Option<String>> {
        let Place::Bucket(bucket) = &self.place else { return Ok(None) };
        if !bucket.is_direct {
            return Ok(None);
        }
        let told = [("response-content-type", mime), ("response-content-disposition", disposition)];
        let options = SignedUrlOptions::new().with_query(told);
        let signed = bucket.objects.signed_url_opts(Method::GET, &self.path, LIFETIME, &options).await;
        Ok(Some(signed.map_err(|error| failed("sign an address", &error))?.into()))
    }
}
