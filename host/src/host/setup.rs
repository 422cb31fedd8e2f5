//! Making the first superuser: a one-time token that is shown on the console when a host without any
//! superuser starts to serve.

use crate::auth::{self, session};
use crate::crypto;
use crate::error::{Error, Result};
use crate::tenant::Cx;
use tokio::sync::Mutex;

/// Characters of the token.
const TOKEN_LENGTH: usize = 40;

/// The token, while there is one. In memory only: a restart makes another.
#[derive(Debug, Default)]
pub struct SetUp {
    token: Mutex<Option<String>>,
}

impl SetUp {
    /// A new token when there is no superuser yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn begin(&self, cx: &Cx) -> Result<Option<String>> {
        let mut token = self.token.lock().await;
        let wanted = !auth::has_superuser(cx).await?;
        *token = wanted.then(|| cx.tenant.world.ids.secret(TOKEN_LENGTH));
        Ok(token.clone())
    }

    /// Makes the first superuser and signs them in; the token is worth nothing afterwards.
    ///
    /// # Errors
    /// `Forbidden` for a wrong token or when there is a superuser by now, `Invalid` with the field that is wrong.
    pub async fn complete(&self, cx: &Cx, token: &str, email: &str, password: &str) -> Result<session::Session> {
        // Held until the end, so that the token cannot be used twice at the same time.
        let mut current = self.token.lock().await;
        let matches = current.as_ref().is_some_and(|current| crypto::same(current.as_bytes(), token.as_bytes()));
        if !matches || auth::has_superuser(cx).await? {
            return Err(Error::Forbidden("The set-up link is not valid, or has been used already.".into()));
        }
        let record = auth::superusers::create(cx, email, password).await?;
        *current = None;
        session::begin(cx, record).await
    }
}
