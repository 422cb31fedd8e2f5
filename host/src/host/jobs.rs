//! The jobs of every tenant, each in a line: its id, its cron expression (UTC), what is called.
//!
//! Ids that begin with `__pb` are those of `PocketBase`.

use crate::activity;
use crate::auth::{expired, session};
use crate::backups::{self, Backups};
use crate::db::Failure;
use crate::error::Result;
use crate::jobs::Job;
use crate::records::receipts;
use crate::tenant::{Tenant, history};
use std::sync::Arc;

pub(super) fn table(backups: &Arc<Backups>) -> Vec<Job> {
    let backups = backups.clone();
    vec![
        Job::new("__pbLogsCleanup__", "0 */6 * * *", |tenant| async move { tenant.logs.sweep().await }),
        Job::new("__pbDBOptimize__", "0 0 * * *", optimize),
        Job::new("__pbMFACleanup__", "0 * * * *", |tenant| async move { expired::mfas(&tenant).await }),
        Job::new("__pbOTPCleanup__", "0 * * * *", |tenant| async move { expired::otps(&tenant).await }),
        Job::new("__tbSessionsCleanup__", "30 * * * *", |tenant| async move { session::sweep(&tenant).await }),
        Job::new("__tbLimitsCleanup__", "20 * * * *", |tenant| async move { expired::counts(&tenant).await }),
        Job::new("__tbMailsCleanup__", "25 * * * *", |tenant| async move { tenant.mail.sweep().await }),
        Job::new("__tbIdempotencyCleanup__", "15 * * * *", |tenant| async move { receipts::sweep(&tenant).await }),
        Job::new("__tbRestoreCleanup__", "35 * * * *", |tenant| async move { backups::sweep(&tenant).await }),
        Job::by_setting(
            "__pbAutoBackup__",
            |settings| settings.backups.cron.clone(),
            move |_| {
                let backups = backups.clone();
                async move { backups.make_automatically().await }
            },
        ),
        Job::new("__tbChangesCleanup__", "40 * * * *", |tenant| async move { history::trim(&tenant).await }),
        Job::new("__tbActivityCleanup__", "45 0 * * *", |tenant| async move { activity::sweep(&tenant).await }),
    ]
}

/// Statistics for the planner, free pages given back, logs emptied.
async fn optimize(tenant: Arc<Tenant>) -> Result<()> {
    tenant.store.maintain().await.map_err(Failure::into_error)?;
    tenant.logs.store().maintain().await.map_err(Failure::into_error)
}
