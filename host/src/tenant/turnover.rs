//! The moment in which the schema changes: the database has the new one, and the catalog is not swapped yet. It is short, but
//! whoever reads in it reads columns of one schema by the names of another.

use super::Tenant;
use crate::error::Error;
use crate::schema::catalog::Catalog;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long the end of a moment is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether it is such a moment. Clones tell of the same.
#[derive(Debug, Clone)]
pub struct Turnover(Arc<watch::Sender<bool>>);

impl Default for Turnover {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

/// Ends the moment when it is dropped.
#[derive(Debug)]
pub struct Turning(Turnover);

impl Turnover {
    /// It begins, just before the COMMIT.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Sees to it that a moment ends, whether it has begun or not.
    #[must_use]
    pub fn ends(&self) -> Turning {
        Turning(self.clone())
    }
}

impl Drop for Turning {
    fn drop(&mut self) {
        self.0.0.send_replace(false);
    }
}

/// What is said when the schema does not come to rest while something is done.
#[must_use]
pub fn changed() -> Error {
    Error::Conflict("The collections were changed at the same time. Please try again.".into())
}

impl Tenant {
    /// Whether the database is still as a catalog says. To be asked after a read: what was read before a yes is right.
    #[must_use]
    pub fn is_as_in(&self, catalog: &Arc<Catalog>) -> bool {
        !*self.turnover.0.borrow() && Arc::ptr_eq(&self.catalog.load(), catalog)
    }

    /// Resolves once the database and the catalog agree; or after a while.
    pub async fn settled(&self) {
        let mut turning = self.turnover.0.subscribe();
        let _ = tokio::time::timeout(PATIENCE, turning.wait_for(|turns| !turns)).await;
    }
}
