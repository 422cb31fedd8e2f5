//! Texts at rest under a key: AES-256-GCM with a fresh nonce for each.

use crate::error::{Error, Result};
use aes_gcm::aead::{Aead as _, Generate as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// What a sealed text begins with; no JSON does.
const MARK: &str = "aes256gcm:";

/// Bytes of a key, which are the characters of its text.
pub const KEY_BYTES: usize = 32;

const NONCE_BYTES: usize = 12;

/// A key, with the variable that it comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    pub name: String,
    bytes: [u8; KEY_BYTES],
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Key").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Key {
    /// `None` when it has not the length of a key.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Option<Self> {
        Some(Self { name: name.to_owned(), bytes: text.as_bytes().try_into().ok()? })
    }
}

/// The key for what is sealed now, and the one from before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    pub current: Option<Key>,
    pub previous: Option<Key>,
}

/// What seals and opens texts. Without a key they stay as they are.
#[derive(Debug, Default)]
pub struct Vault {
    keys: Keys,
}

/// A text that was opened.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    pub text: String,
    /// It is not sealed as it would be now: it is plain, or under the key from before.
    pub is_stale: bool,
}

impl Vault {
    #[must_use]
    pub fn new(keys: Keys) -> Self {
        Self { keys }
    }

    /// Seals a text; `purpose` must be the same when it is opened.
    ///
    /// # Errors
    /// `Internal` when there is no randomness.
    pub fn seal(&self, text: &str, purpose: &str) -> Result<String> {
        let Some(key) = &self.keys.current else { return Ok(text.to_owned()) };
        let failed = |error: &dyn std::fmt::Display| Error::internal("seal a text", error);
        let nonce = Nonce::try_generate().map_err(|error| failed(&error))?;
        let payload = Payload { msg: text.as_bytes(), aad: purpose.as_bytes() };
        let sealed = cipher(&key.bytes).encrypt(&nonce, payload).map_err(|error| failed(&error))?;
        Ok(format!("{MARK}{}", STANDARD.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// Opens what was sealed, with the key or the one from before; a plain text is opened already.
    ///
    /// # Errors
    /// `Internal`, in words for the operator, when no key fits.
    pub fn open(&self, stored: &str, purpose: &str) -> Result<Opened> {
        let Some(sealed) = stored.strip_prefix(MARK) else {
            return Ok(Opened { text: stored.to_owned(), is_stale: self.keys.current.is_some() });
        };
        let Keys { current, previous } = &self.keys;
        let bytes = STANDARD.decode(sealed).unwrap_or_default();
        let open = |key: &Key| unseal(&key.bytes, &bytes, purpose);
        if let Some(text) = current.as_ref().and_then(open) {
            return Ok(Opened { text, is_stale: false });
        }
        if let Some(text) = previous.as_ref().and_then(open) {
            return Ok(Opened { text, is_stale: true });
        }
        let why = match current.as_ref().or(previous.as_ref()) {
            Some(key) => format!("they are encrypted with another key than that of {}; nothing was changed", key.name),
            None => "they are encrypted; set TINYBASE_ENCRYPTION_KEY to their key, or name its variable with --encryption-env".to_owned(),
        };
        Err(Error::internal("read the settings", why))
    }
}

fn cipher(key: &[u8; KEY_BYTES]) -> Aes256Gcm {
    Aes256Gcm::new(key.into())
}

fn unseal(key: &[u8; KEY_BYTES], bytes: &[u8], purpose: &str) -> Option<String> {
    let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
    let nonce = Nonce::try_from(nonce).ok()?;
    let payload = Payload { msg: sealed, aad: purpose.as_bytes() };
    String::from_utf8(cipher(key).decrypt(&nonce, payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(letter: u8) -> Key {
        Key { name: "THE_VARIABLE".to_owned(), bytes: [letter; KEY_BYTES] }
    }

    fn vault(current: Option<u8>, previous: Option<u8>) -> Vault {
        Vault::new(Keys { current: current.map(key), previous: previous.map(key) })
    }

    #[test]
    fn only_the_key_opens() {
        let one = vault(Some(1), None);
        let sealed = one.seal("{\"a\":\"hush\"}", "settings").unwrap();
        assert!(sealed.starts_with(MARK) && !sealed.contains("hush"));
        assert_ne!(sealed, one.seal("{\"a\":\"hush\"}", "settings").unwrap(), "a nonce for each");
        let opened = one.open(&sealed, "settings").unwrap();
        assert_eq!((opened.text.as_str(), opened.is_stale), ("{\"a\":\"hush\"}", false));
        assert!(one.open(&sealed, "other").is_err());
        for wrong in [vault(Some(2), None), vault(None, None), vault(None, Some(3))] {
            let Err(Error::Internal(cause)) = wrong.open(&sealed, "settings") else { panic!("it should not open") };
            assert!(cause.detail.contains("encrypted"), "{}", cause.detail);
        }
        for broken in [MARK, "aes256gcm:AAAA", "aes256gcm:?", &sealed[..sealed.len() - 4]] {
            assert!(one.open(broken, "settings").is_err(), "{broken}");
        }
    }

    #[test]
    fn keys_change() {
        let sealed = vault(Some(1), None).seal("x", "settings").unwrap();
        let opened = vault(Some(2), Some(1)).open(&sealed, "settings").unwrap();
        assert_eq!(opened, Opened { text: "x".into(), is_stale: true });
        let plain = vault(None, Some(1));
        assert_eq!(plain.open(&sealed, "settings").unwrap().text, "x", "back to plain");
        assert_eq!(plain.seal("x", "settings").unwrap(), "x");
        assert!(vault(Some(1), None).open("{}", "settings").unwrap().is_stale, "what was plain is sealed");
        assert!(!vault(None, None).open("{}", "settings").unwrap().is_stale);
    }
}
