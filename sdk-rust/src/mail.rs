//! Mails to whom an admin grants it. Using it makes the component import `tinybase:plugin/mail`.
//!
//! In a before-hook a mail is promised by the commit of the main write: no commit, no mail.

use crate::bindings::types::Error;

#[cfg(target_arch = "wasm32")]
use crate::bindings::mail as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::host::mail as host;

pub use crate::bindings::mail::Letter;

/// A mail to one address: `mail::letter("ann@example.com", "Hello", "..").send()?`.
pub fn letter(to: &str, subject: &str, text: &str) -> Letter {
    Letter { to: vec![to.to_owned()], subject: subject.to_owned(), text: text.to_owned(), html: None }
}

impl Letter {
    /// One more address; each gets a mail of its own.
    pub fn and_to(mut self, address: &str) -> Self {
        self.to.push(address.to_owned());
        self
    }

    /// What stands between `<body>` and `</body>`; made from the text when there is none.
    pub fn html(mut self, html: &str) -> Self {
        self.html = Some(html.to_owned());
        self
    }

    pub fn send(&self) -> Result<(), Error> {
        host::send(self)
    }
}
