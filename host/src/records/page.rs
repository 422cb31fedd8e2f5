//! Which page of a list is wanted, and the envelope around it.

use super::ListQuery;
use crate::error::{Error, Result};
use crate::model::field::convert::text_bool;
use crate::schema::listing::Part;
use serde_json::Value as Json;

const PER_PAGE_DEFAULT: i64 = 30;
/// The effective value is echoed, so that SDKs page on.
pub const PER_PAGE_MAX: i64 = 1000;

/// Which page of a list is wanted.
#[derive(Debug)]
pub struct Page {
    pub(super) number: i64,
    pub(super) size: i64,
    pub(super) skip_total: bool,
}

impl Page {
    /// # Errors
    /// `Invalid` when a number is none, or `skipTotal` neither true nor false.
    pub fn parse(query: &ListQuery) -> Result<Self> {
        let number = |text: &Option<String>| match text.as_deref() {
            None | Some("") => Ok(0),
            Some(text) => text.parse::<i64>().map_err(|_| Error::invalid("The page and perPage must be numbers.")),
        };
        let size = match number(&query.per_page)? {
            size if size <= 0 => PER_PAGE_DEFAULT,
            size => size.min(PER_PAGE_MAX),
        };
        let skip_total = match query.skip_total.as_deref() {
            None | Some("" | "0" | "f" | "F" | "false" | "FALSE" | "False") => false,
            Some(word) if text_bool(word) => true,
            Some(_) => return Err(Error::invalid("skipTotal must be true or false.")),
        };
        Ok(Self { number: number(&query.page)?.max(1), size, skip_total })
    }

    pub(super) fn envelope(&self, items: &[u8], total: i64) -> Vec<u8> {
        let pages = if total < 0 { -1 } else { (total + self.size - 1) / self.size };
        let mut out = Vec::with_capacity(items.len() + 96);
        out.extend_from_slice(b"{\"items\":[");
        out.extend_from_slice(items);
        let tail = format!(
            "],\"page\":{},\"perPage\":{},\"totalItems\":{total},\"totalPages\":{pages}}}",
            self.number, self.size
        );
        out.extend_from_slice(tail.as_bytes());
        out
    }

    /// The rows that are on it.
    #[must_use]
    pub fn part(&self) -> Part {
        Part { offset: self.offset(), limit: self.size, counted: !self.skip_total }
    }

    /// How many rows stand on the pages before.
    pub(super) fn offset(&self) -> i64 {
        (self.number - 1).saturating_mul(self.size)
    }

    /// The total that the answer tells, where the rows of this page tell it: one that is not full is the last.
    pub(super) fn total(&self, rows: i64) -> Option<i64> {
        let is_last = rows < self.size && (rows > 0 || self.number == 1);
        match (self.skip_total, is_last) {
            (true, _) => Some(-1),
            (false, true) => Some(self.offset().saturating_add(rows)),
            (false, false) => None,
        }
    }

    /// The part of a whole list that is on this page.
    #[must_use]
    pub fn slice<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let start = usize::try_from(self.offset()).unwrap_or(usize::MAX).min(all.len());
        let end = start.saturating_add(usize::try_from(self.size).unwrap_or_default()).min(all.len());
        &all[start..end]
    }

    /// The envelope around items at hand.
    #[must_use]
    pub fn json(&self, items: &[Json], total: i64) -> Json {
        let total = if self.skip_total { -1 } else { total };
        let pages = if total < 0 { -1 } else { (total + self.size - 1) / self.size };
        serde_json::json!({"items": items, "page": self.number, "perPage": self.size, "totalItems": total, "totalPages": pages})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_full_tells_the_total() {
        let page = |number, skip_total| Page { number, size: 30, skip_total };
        assert_eq!(page(1, false).total(0), Some(0));
        assert_eq!(page(1, false).total(29), Some(29));
        assert_eq!(page(1, false).total(30), None);
        assert_eq!(page(3, false).total(1), Some(61));
        assert_eq!(page(3, false).total(0), None, "there may be fewer than the pages before hold");
        assert_eq!(page(1, true).total(5), Some(-1));
    }
}
