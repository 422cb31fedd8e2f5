//! Counts the memory of one store: all memories and tables together, not each on its own.

use super::limits::store;
use wasmtime::ResourceLimiter;

/// Bytes that a table takes for each element.
const ELEMENT_BYTES: usize = size_of::<usize>();

/// The memory budget of one call.
#[derive(Debug)]
pub struct Limiter {
    budget: usize,
    used: usize,
    /// The first request that went beyond the budget, in bytes of the sum it would have led to.
    refused: Option<usize>,
    /// Whether the guest has started: before that, a refusal ends the call.
    started: bool,
}

impl Limiter {
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self { budget, used: 0, refused: None, started: false }
    }

    /// Bytes in use, which is also the most that were: memories never shrink.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used
    }

    /// What was asked for beyond the budget, if anything was.
    #[must_use]
    pub fn refused(&self) -> Option<usize> {
        self.refused
    }

    /// From now on a refusal is the guest's to handle (`memory.grow` answers -1).
    pub fn start(&mut self) {
        self.started = true;
    }

    fn grow(&mut self, by: usize) -> wasmtime::Result<bool> {
        let total = self.used.saturating_add(by);
        if total <= self.budget {
            self.used = total;
            return Ok(true);
        }
        self.refused.get_or_insert(total);
        if self.started { Ok(false) } else { Err(wasmtime::Error::msg(OVER_BUDGET)) }
    }
}

/// The words of an instantiation that needs more memory than the call may use.
pub const OVER_BUDGET: &str = "the guest's initial memory is larger than its limit";

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        // What fails for another reason must not be counted.
        if maximum.is_some_and(|maximum| desired > maximum) {
            self.refused.get_or_insert(desired);
            return Ok(false);
        }
        self.grow(desired.saturating_sub(current))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if desired > store::TABLE_ELEMENTS || maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.grow(desired.saturating_sub(current).saturating_mul(ELEMENT_BYTES))
    }

    fn instances(&self) -> usize {
        store::CORE_INSTANCES as usize
    }

    fn memories(&self) -> usize {
        store::MEMORIES as usize
    }

    fn tables(&self) -> usize {
        store::TABLES as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 1 << 16;

    #[test]
    fn memories_and_tables_share_one_budget() {
        let mut limiter = Limiter::new(4 * PAGE);
        limiter.start();
        assert!(limiter.memory_growing(0, 2 * PAGE, None).unwrap());
        assert!(limiter.memory_growing(0, PAGE, None).unwrap());
        assert!(limiter.table_growing(0, PAGE / ELEMENT_BYTES, None).unwrap());
        assert_eq!(limiter.used(), 4 * PAGE);
        assert!(!limiter.memory_growing(PAGE, 2 * PAGE, None).unwrap());
        assert_eq!((limiter.used(), limiter.refused()), (4 * PAGE, Some(5 * PAGE)));
    }

    #[test]
    fn too_much_at_the_start_is_an_error() {
        let mut limiter = Limiter::new(PAGE);
        let error = limiter.memory_growing(0, 2 * PAGE, None).unwrap_err();
        assert_eq!(error.to_string(), OVER_BUDGET);
    }

    #[test]
    fn a_growth_beyond_its_own_maximum_is_not_counted() {
        let mut limiter = Limiter::new(10 * PAGE);
        limiter.start();
        assert!(!limiter.memory_growing(PAGE, 3 * PAGE, Some(2 * PAGE)).unwrap());
        assert!(!limiter.table_growing(0, store::TABLE_ELEMENTS + 1, None).unwrap());
        assert_eq!(limiter.used(), 0);
    }
}
