//! Passwords, signed tokens, texts at rest. The only user of the crypto crates.

pub mod vault;

mod id_token;

use crate::error::{Error, Result};
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::Semaphore;

pub use id_token::{sign_es256, verify_id_token};

/// argon2id memory in KiB, passes and lanes: the OWASP minimum, about 20 ms on a server core.
const ARGON2_MEMORY_KIB: u32 = 19_456;
const ARGON2_PASSES: u32 = 2;
const ARGON2_LANES: u32 = 1;

/// Who may wait for a password to be hashed or verified, over all tenants.
const WAITING_MAX: usize = 64;
/// When others may try again.
const WAITING_RETRY: Duration = Duration::from_secs(2);

/// A hash that no password matches, so that an unknown identity costs as much as a wrong password.
static DUMMY_HASH: LazyLock<String> = LazyLock::new(|| {
    argon2().hash_password(b"no password has this hash").map(|hash| hash.to_string()).unwrap_or_default()
});

fn argon2() -> Argon2<'static> {
    let params = Params::new(ARGON2_MEMORY_KIB, ARGON2_PASSES, ARGON2_LANES, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The costliest hash of bcrypt that is verified: a few seconds of a core.
const BCRYPT_COST_MAX: u32 = 16;

/// Whether a hash is one of bcrypt, as databases of PocketBase have them.
#[must_use]
pub fn is_bcrypt(hash: &str) -> bool {
    ["$2a$", "$2b$", "$2x$", "$2y$"].iter().any(|start| hash.starts_with(start))
}

fn verify_bcrypt(password: &str, hash: &str) -> bool {
    let cost = hash.split('$').nth(2).and_then(|cost| cost.parse::<u32>().ok());
    cost.is_some_and(|cost| cost <= BCRYPT_COST_MAX) && bcrypt::verify(password, hash).unwrap_or(false)
}

/// Hashes and verifies passwords, a few at a time: each takes 19 MiB and a core.
#[derive(Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// A place in the line for a permit.
#[derive(Debug)]
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Passwords {
    #[must_use]
    pub fn new(parallel: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(parallel.max(1))), waiting: AtomicUsize::new(0) }
    }

    /// The PHC string of a password.
    ///
    /// # Errors
    /// `RateLimited` when too many wait already, `Internal` when hashing fails, which only running out of memory can
    /// cause.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.work(move || {
            argon2()
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| Error::internal("hash a password", error))
        })
        .await?
    }

    /// Whether the password belongs to the hash. Without a hash it takes as long and is false.
    ///
    /// # Errors
    /// `RateLimited` when too many wait already, `Internal` when the work cannot be run.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        self.work(move || {
            let known = hash.is_some();
            let text = hash.unwrap_or_else(|| DUMMY_HASH.clone());
            let matches = if is_bcrypt(&text) {
                verify_bcrypt(&password, &text)
            } else {
                argon2().verify_password(password.as_bytes(), text.as_str()).is_ok()
            };
            known && matches
        })
        .await
    }

    async fn work<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let place = self.queue()?;
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|error| Error::internal("password permits", error))?;
        drop(place);
        // The permit goes along: the work is done to its end, also when nobody waits for it any more.
        crate::tasks::blocking(move || {
            let _permit = permit;
            job()
        })
        .await
    }

    fn queue(&self) -> Result<Place<'_>> {
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed);
        let place = Place(&self.waiting);
        if waiting < WAITING_MAX { Ok(place) } else { Err(Error::RateLimited { retry_after: WAITING_RETRY }) }
    }
}

/// The payload of a token, as the SDKs read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    pub collection_id: String,
    /// The address that the token was sent to, or is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Seconds since 1970.
    pub exp: i64,
    pub id: String,
    /// The address that shall take the place of `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_email: Option<String>,
    #[serde(default)]
    pub refreshable: bool,
    /// The session that the token is of, so that it can be ended before the token expires.
    #[serde(rename = "jti", default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// `auth`, or what else the token is for.
    #[serde(rename = "type")]
    pub kind: String,
    /// What plugins tell besides; nothing here reads it.
    #[serde(flatten)]
    pub more: Map<String, Json>,
}

/// Signs claims with a key made of the record's and the collection's secrets (HS256).
///
/// # Errors
/// `Internal` when the claims cannot be encoded.
pub fn sign(claims: &Claims, key: &str) -> Result<String> {
    jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(key.as_bytes()))
        .map_err(|error| Error::internal("sign a token", error))
}

/// The claims without looking at the signature: enough to find the record whose key verifies it.
#[must_use]
pub fn peek(token: &str) -> Option<Claims> {
    jsonwebtoken::dangerous::insecure_decode::<Claims>(token).ok().map(|data| data.claims)
}

/// The claims of a token with a good signature that has not expired at `now_ms`.
#[must_use]
pub fn verify(token: &str, key: &str, now_ms: i64) -> Option<Claims> {
    // Expiry is checked below against the tenant's clock.
    let mut validation = Validation { validate_exp: false, ..Validation::default() };
    validation.required_spec_claims.clear();
    let data = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(key.as_bytes()), &validation).ok()?;
    (data.claims.exp > now_ms / 1000).then_some(data.claims)
}

/// Lower-case hex of the SHA-256 of `bytes`.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The SHA-256 of what comes piece by piece.
#[derive(Debug, Clone, Default)]
pub struct Checksum(Sha256);

impl Checksum {
    pub fn take(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// As [`sha256_hex`] has it.
    #[must_use]
    pub fn hex(self) -> String {
        hex::encode(self.0.finalize())
    }
}

/// A signature of what comes piece by piece: keyed BLAKE3, for what is large and compared by nobody but this program.
#[derive(Debug, Clone)]
pub struct Tag(blake3::Hasher);

impl Tag {
    /// The key may have any length.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(blake3::Hasher::new_keyed(&blake3::derive_key("tinybase 2026-11-29 signatures of machine code", key)))
    }

    pub fn take(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Takes all of a file, which nobody may change meanwhile: it is looked at where it lies, and not copied for it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn take_file(&mut self, path: &Path) -> io::Result<()> {
        self.0.update_mmap(path).map(drop)
    }

    #[must_use]
    pub fn bytes(&self) -> [u8; blake3::OUT_LEN] {
        *self.0.finalize().as_bytes()
    }
}

/// The SHA-256 of `bytes` as PKCE wants it.
#[must_use]
pub fn sha256_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

/// HMAC-SHA256 of `bytes`.
#[must_use]
pub fn hmac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    // A key of any length is valid for HMAC; an empty tag never equals a real one.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mut mac| {
            mac.update(bytes);
            mac.finalize().into_bytes().to_vec()
        })
        .unwrap_or_default()
}

/// [`hmac`] in lower-case hex.
#[must_use]
pub fn hmac_hex(key: &[u8], bytes: &[u8]) -> String {
    hex::encode(hmac(key, bytes))
}

/// Compares without telling by time where two byte strings differ.
#[must_use]
pub fn same(left: &[u8], right: &[u8]) -> bool {
    use subtle::ConstantTimeEq as _;
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use futures_util::future::join_all;

    #[tokio::test]
    async fn the_line_for_passwords_has_an_end() {
        let passwords = Passwords::new(1);
        let taken = passwords.permits.clone().acquire_owned().await.unwrap();
        let mut waiting: Vec<_> =
            (0..WAITING_MAX).map(|_| Box::pin(passwords.verify("x".to_owned(), Some(String::new())))).collect();
        for one in &mut waiting {
            assert!(one.as_mut().now_or_never().is_none(), "there is room in the line");
        }
        let late = passwords.verify("x".to_owned(), None).now_or_never();
        assert!(matches!(late, Some(Err(Error::RateLimited { .. }))), "{late:?}");
        // Who leaves makes room.
        waiting.pop();
        let next = Box::pin(passwords.verify("x".to_owned(), Some(String::new())));
        waiting.push(next);
        assert!(waiting[WAITING_MAX - 1].as_mut().now_or_never().is_none());
        drop(taken);
        assert!(join_all(waiting).await.into_iter().all(|verified| matches!(verified, Ok(false))));
    }

    #[tokio::test]
    async fn hashes_of_bcrypt_are_verified() {
        let passwords = Passwords::new(2);
        let verify = async |password: &str, hash: &str| {
            passwords.verify(password.to_owned(), Some(hash.to_owned())).await.unwrap()
        };
        // By other programs, in each of the forms that there are.
        for (password, hash) in [
            ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
            ("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
            ("U*U*U", "$2b$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ] {
            assert!(verify(password, hash).await, "{hash}");
            assert!(!verify("other", hash).await && is_bcrypt(hash), "{hash}");
        }
        let dear = "$2a$17$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        for wrong in ["$2a$", "$2a$05$short", "$2a$xx$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", dear] {
            assert!(!verify("U*U", wrong).await, "{wrong}");
        }
    }

    #[tokio::test]
    async fn who_goes_away_leaves_the_permit_with_the_work() {
        let passwords = Passwords::new(1);
        let (signal, heard) = std::sync::mpsc::channel::<()>();
        let mut work = Box::pin(passwords.work(move || heard.recv()));
        assert!(work.as_mut().now_or_never().is_none(), "it waits for a word");
        drop(work);
        assert_eq!(passwords.permits.available_permits(), 0, "the work goes on");
        signal.send(()).unwrap();
        assert!(passwords.permits.acquire().await.is_ok(), "and gives the permit back");
    }
}
