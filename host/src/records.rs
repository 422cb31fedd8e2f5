//! The heart: records are created, updated, deleted, viewed and listed here.
//!
//! The life of a write ([`write`] is these lines):
//!
//! 1. `access`   the rule -> Permit. Strangers never run guest code.
//! 2. `model`    input -> Draft: modifiers, normalisation.
//! 3. hooks      before-*, with no lock of the writer held; may change the draft, refuse, queue writes.
//! 4. `model`    all field errors at once, then validators.
//! 5. [`plan`]   one unit of work: rule again, row, queued writes, outbox rows; one commit.
//! 6. changes    published by the writer after the commit; realtime and the outbox follow.
//! 7. [`render`] the record as this caller may see it.
//!
//! A read is: rule + filter -> one SELECT -> JSON streamed from the row ([`read`], [`list`]).
//!
//! `records` does not know that realtime or plugins exist: it calls the trait `tenant::hooks::Hooks` and
//! publishes to `tenant::changes`.

mod aggregate;
mod auth_fields;
mod batch;
mod bulk;
mod cells;
mod cursor;
mod defaults;
mod dependents;
mod direct;
mod etag;
mod expand;
mod export;
mod file;
mod import;
mod joint;
mod list;
mod lookup;
mod messages;
mod near;
mod original;
mod overlay;
mod page;
mod passage;
mod plan;
mod queued;
mod read;
pub mod receipts;
mod relations;
mod remove;
pub mod render;
mod search;
mod selection;
mod trial;
mod tries;
mod uploads;
mod walk;
mod write;

pub use aggregate::{AggregateQuery, aggregate};
pub use auth_fields::rehash;
pub use batch::{BatchFailure, BatchRequest, batch};
pub use bulk::{BULK_MAX, BulkQuery, delete_where, update_where};
pub use direct::offer_upload;
pub use etag::{Tags, sign as sign_tag};
pub use export::{ExportQuery, Format, export};
pub use file::{Found, find_file};
pub use import::{ImportQuery, Report, Stopped, import};
pub use joint::{Ending, Joint};
pub use list::{count, list};
pub use lookup::{Lookup, Sources, get_row};
pub use page::{PER_PAGE_MAX, Page};
pub use passage::may_set;
pub use queued::write_for_plugin;
pub use read::{collection_ids, ignores_case, load_record, load_row, sample, view};
pub use remove::{delete, truncate};
pub use trial::{Subject, Trial, subject, trial};
pub use tries::renewed;
pub use uploads::Input;
pub use write::{Along, create, create_along, create_record, may_try, update, update_unchanged};

/// The query of a list, as it was received; validated here so that every door answers alike.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    pub page: Option<String>,
    pub per_page: Option<String>,
    pub skip_total: Option<String>,
    pub sort: Option<String>,
    pub filter: Option<String>,
    /// Words to be found in the searchable fields.
    pub search: Option<String>,
    /// Present, if only empty: pages are by cursor.
    pub cursor: Option<String>,
    /// `field:[..]`: the records nearest to a vector.
    pub near: Option<String>,
    /// With `near`, how many.
    pub limit: Option<String>,
    pub expand: Option<String>,
    pub fields: Option<String>,
}

/// What part of a record is wanted.
#[derive(Debug, Clone, Default)]
pub struct ViewQuery {
    pub expand: Option<String>,
    pub fields: Option<String>,
}

/// What a write is asked for besides its input.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    pub query: ViewQuery,
    /// The record must still have one of these tags.
    pub if_match: Option<Tags>,
    /// Under this key the write is made once; see [`receipts`].
    pub idempotency_key: Option<String>,
}

/// A record as the caller may see it, with the tag of its row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub json: Vec<u8>,
    /// Empty where the answer is not one record.
    pub etag: String,
    /// The write had been made before, and this is what it was answered.
    pub replayed: bool,
}
