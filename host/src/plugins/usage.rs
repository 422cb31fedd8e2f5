//! What plugins have used of what is granted by the day, in the table `_plugin_usage`, so that a restart forgets nothing.
//! Days are those of UTC.

use super::limits::rights as caps;
use crate::db::{Slot, Unit};
use crate::sql::{Sql, Value};

const DAY_MS: i64 = 86_400_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Bytes of requests and answers.
    Http,
    /// Mails, by recipient.
    Mail,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Mail => "mail",
        }
    }
}

/// Adds to what was used, if it stays within `most`; a unit whose slot of [`Unit::query`] has a row with the sum then,
/// and none otherwise.
pub(super) fn charge(plugin_id: &str, kind: Kind, now_ms: i64, amount: u64, most: u64) -> (Unit, Slot) {
    let day = now_ms.div_euclid(DAY_MS);
    let (amount, most) = (i64::try_from(amount).unwrap_or(i64::MAX), i64::try_from(most).unwrap_or(i64::MAX));
    let mut unit = Unit::new();
    let mut old = Sql::new("DELETE FROM _plugin_usage WHERE plugin = ");
    old.bind(plugin_id).push(" AND day < ").bind(day - caps::USAGE_DAYS);
    unit.run(old);
    let mut add = Sql::new("INSERT INTO _plugin_usage (plugin, kind, day, amount) SELECT ");
    add.bind(plugin_id).push(", ").bind(kind.name()).push(", ").bind(day).push(", ").bind(amount);
    add.push(" WHERE ").bind(amount).push(" <= ").bind(most);
    add.push(" ON CONFLICT (plugin, kind, day) DO UPDATE SET amount = amount + excluded.amount");
    // Written so that no sum is too large for an integer.
    add.push(" WHERE amount <= ").bind(most).push(" - excluded.amount RETURNING amount");
    let slot = unit.query(add);
    (unit, slot)
}

/// The sum that a charge has come to.
pub(super) fn sum(row: Option<&[Value]>) -> Option<u64> {
    match row {
        Some([Value::Integer(sum)]) => u64::try_from(*sum).ok(),
        _ => None,
    }
}
