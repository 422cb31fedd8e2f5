//! From where superusers may come: the networks of the settings, everywhere when there is none.

use super::SUPERUSERS;
use crate::error::{Error, Result};
use crate::model::{Caller, Collection};
use crate::tenant::Tenant;
use std::net::IpAddr;

/// Whether a superuser may come from an address.
#[must_use]
pub fn admits(tenant: &Tenant, address: IpAddr) -> bool {
    !tenant.settings.load().locks_out(address)
}

/// Lets everybody pass but superusers from elsewhere.
///
/// # Errors
/// `Forbidden` for those.
pub fn check(tenant: &Tenant, caller: &Caller, address: IpAddr) -> Result<()> {
    if matches!(caller, Caller::Superuser(_)) && !admits(tenant, address) { Err(refused()) } else { Ok(()) }
}

/// The same for whoever signs in to a collection, before the password is looked at.
///
/// # Errors
/// As [`check`].
pub fn check_sign_in(tenant: &Tenant, collection: &Collection, address: IpAddr) -> Result<()> {
    if collection.name == SUPERUSERS && !admits(tenant, address) { Err(refused()) } else { Ok(()) }
}

fn refused() -> Error {
    Error::Forbidden("Superusers may not come from this address.".into())
}
