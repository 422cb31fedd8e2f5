//! Shares: how much of something that there is little of one address may hold.

use crate::settings::network::household;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// What each address holds. An address that holds nothing is not in the table.
#[derive(Debug)]
pub struct Shares {
    max: usize,
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// What one holder has taken; given back when it is dropped.
#[derive(Debug)]
pub struct Share {
    shares: Arc<Shares>,
    address: IpAddr,
    count: usize,
}

impl Shares {
    /// Each address may hold `max` at a time.
    #[must_use]
    pub fn of(max: usize) -> Arc<Self> {
        Arc::new(Self { max, held: Mutex::default() })
    }

    /// A share with nothing in it yet.
    #[must_use]
    pub fn none(self: &Arc<Self>, address: IpAddr) -> Share {
        Share { shares: self.clone(), address: household(address), count: 0 }
    }
}

impl Share {
    /// Takes so many more; false, and nothing is taken, when the address would hold too many.
    pub fn take(&mut self, more: usize) -> bool {
        let mut held = self.shares.held.lock();
        let total = held.get(&self.address).copied().unwrap_or_default().saturating_add(more);
        if total > self.shares.max {
            return false;
        }
        held.insert(self.address, total);
        self.count += more;
        true
    }

    /// Gives so many back.
    pub fn give_back(&mut self, count: usize) {
        let count = count.min(self.count);
        self.count -= count;
        let mut held = self.shares.held.lock();
        let left = held.get(&self.address).copied().unwrap_or_default().saturating_sub(count);
        if left == 0 {
            held.remove(&self.address);
        } else {
            held.insert(self.address, left);
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.count > 0 {
            self.give_back(self.count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_does_not_get_all() {
        let shares = Shares::of(3);
        let share = |address: &str| shares.none(address.parse().unwrap());
        let (mut first, mut second, mut other) = (share("192.0.2.1"), share("192.0.2.1"), share("192.0.2.2"));
        assert!(first.take(2) && second.take(1) && !second.take(1) && other.take(3));
        first.give_back(1);
        assert!(second.take(1));
        drop((first, second));
        assert_eq!(shares.held.lock().len(), 1, "who holds nothing is forgotten");
        drop(other);
        assert!(shares.held.lock().is_empty());
    }

    #[test]
    fn a_network_of_one_subscriber_is_one_address() {
        let shares = Shares::of(1);
        let mut first = shares.none("2001:db8::1".parse().unwrap());
        let mut second = shares.none("2001:db8::2".parse().unwrap());
        let mut mapped = shares.none("::ffff:192.0.2.1".parse().unwrap());
        let mut plain = shares.none("192.0.2.1".parse().unwrap());
        assert!(first.take(1) && !second.take(1) && mapped.take(1) && !plain.take(1));
    }
}
