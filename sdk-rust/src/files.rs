//! The files of records, within the grants for records. Using it makes the component import `tinybase:plugin/files`.

use crate::bindings::types::Error;

#[cfg(target_arch = "wasm32")]
use crate::bindings::files as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::host::files as host;

/// A stored file, by the name that the record's field holds.
pub fn read(collection: &str, id: &str, name: &str) -> Result<Vec<u8>, Error> {
    host::read(collection, id, name)
}

/// Puts a file into a file field, under a name made from `name`. A field of one file drops the one it had, a field of several
/// the one that is called `name`. Under the name of a file that this call has read, it replaces that one and nothing else: `conflict`
/// when the record has it no more.
pub fn write(collection: &str, id: &str, field: &str, name: &str, content: impl AsRef<[u8]>) -> Result<(), Error> {
    host::write(collection, id, field, name, content.as_ref())
}
