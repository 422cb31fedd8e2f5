//! Who vouches for mail servers beside the authorities that everybody knows: the certificates in a file of the operator's,
//! for servers that have theirs from an authority of the house, or have made it themselves.

use crate::error::{Error, Result};
use lettre::transport::smtp::client::{Certificate, TlsParameters, TlsParametersBuilder};
use rustls::CertificateError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

/// Largest file: far more than all public authorities together take.
const BYTES_MAX: u64 = 4 << 20;

/// Certificates that are trusted as well; none by default.
#[derive(Clone, Default)]
pub struct Authorities(Arc<[Certificate]>);

impl fmt::Debug for Authorities {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Authorities").field(&self.0.len()).finish()
    }
}

impl Authorities {
    /// Reads a file of certificates in PEM.
    ///
    /// # Errors
    /// `Invalid`, in words for the operator, when it cannot be read or holds none, or one that cannot be used.
    pub fn read(path: &Path) -> Result<Self> {
        let wrong = |why: &dyn fmt::Display| Error::invalid(format!("smtp-ca-file {}: {why}", path.display()));
        let mut pem = Vec::new();
        let read = File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut pem));
        let length = read.map_err(|error| wrong(&error))?;
        if u64::try_from(length).unwrap_or(u64::MAX) > BYTES_MAX {
            return Err(wrong(&"it is too large"));
        }
        Self::parse(&pem).map_err(|why| wrong(&why))
    }

    fn parse(pem: &[u8]) -> Result<Self, String> {
        let mut found = Vec::new();
        for item in CertificateDer::pem_slice_iter(pem) {
            let der = item.map_err(|error| format!("it is not PEM: {error}"))?;
            let certificate = Certificate::from_der(der.as_ref().to_vec()).map_err(|error| error.to_string())?;
            let tried =
                TlsParameters::builder("localhost".to_owned()).add_root_certificate(certificate.clone()).build();
            tried.map_err(|_| format!("certificate {} in it cannot be used", found.len() + 1))?;
            found.push(certificate);
        }
        if found.is_empty() {
            return Err("it holds no certificate".to_owned());
        }
        Ok(Self(found.into()))
    }

    /// How to speak with a server of that name.
    ///
    /// # Errors
    /// When the name is none.
    pub(super) fn parameters(&self, host: &str) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        let builder = TlsParameters::builder(host.to_owned());
        self.0.iter().cloned().fold(builder, TlsParametersBuilder::add_root_certificate).build()
    }
}

/// What is wrong with a server's certificate, in words for the operator, if it is that.
pub(super) fn flaw(error: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    let mut source = Some(error);
    while let Some(cause) = source {
        // What is inside of an I/O error is not its source, but itself.
        let inside = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(rustls::Error::InvalidCertificate(flaw)) = inside.and_then(|inside| inside.downcast_ref()) {
            return Some(in_words(flaw));
        }
        source = cause.source();
    }
    None
}

fn in_words(flaw: &CertificateError) -> &'static str {
    match flaw {
        CertificateError::UnknownIssuer => {
            "nobody who is trusted here vouches for the server's certificate; `smtp-ca-file` names who else is"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the server's certificate is for another name than `smtp.host`"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "the server's certificate has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet"
        }
        _ => "the server's certificate is not good",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(path: &Path) -> String {
        match Authorities::read(path) {
            Err(Error::Invalid { message, .. }) => message.into_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_that_is_no_use_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("authorities.pem");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            why(&path)
        };
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (text, word) in [("", "no certificate"), ("words\n", "no certificate"), (garbage, "certificate 1 in it")] {
            let said = read(text);
            assert!(said.contains(word) && said.contains("authorities.pem"), "{said}");
        }
        let broken = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
        assert!(read(broken).contains("not PEM"), "{}", read(broken));
        let missing = why(&dir.path().join("nowhere"));
        assert!(missing.contains("nowhere"), "{missing}");
        let long = "x".repeat(usize::try_from(BYTES_MAX).unwrap() + 1);
        assert!(read(&long).contains("too large"));
    }
}
