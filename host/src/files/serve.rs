//! Reading a stored file, wherever it is.

use super::{Files, Key, Place, failed, kind};
use crate::error::{Error, Result};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path as ObjectPath;
use object_store::{Attribute, Error as StoreError, GetOptions, GetRange, ObjectStoreExt as _};
use std::ops::Range;

/// Types that a bucket gives to files of which it was not told any.
const UNTOLD: [&str; 3] = ["", "application/octet-stream", "binary/octet-stream"];

/// A stored file, found.
#[derive(Debug, Clone)]
pub struct Object {
    pub(super) place: Place,
    pub(super) path: ObjectPath,
    pub size: u64,
    /// Seconds since 1970.
    pub modified_s: i64,
    /// Changes with the content; without quotes.
    pub etag: String,
    pub mime: String,
}

impl Files {
    /// Looks for a file; `None` when it is nowhere.
    ///
    /// # Errors
    /// When a place cannot be read.
    pub async fn find(&self, key: &Key) -> Result<Option<Object>> {
        // A file that was not yet in the one place may have left the other by the time that is looked at.
        let rounds = if self.moving.is_running() { 2 } else { 1 };
        for _ in 0..rounds {
            for place in self.places() {
                if let Some(found) = find_at(&place, key).await? {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }
}

pub(super) async fn find_at(place: &Place, key: &Key) -> Result<Option<Object>> {
    find_path(place, key.path(), key.name()).await
}

/// The same by its path, with the name that may tell its type.
pub(super) async fn find_path(place: &Place, path: &ObjectPath, name: &str) -> Result<Option<Object>> {
    let objects = place.objects();
    let found = match objects.get_opts(path, GetOptions { head: true, ..GetOptions::default() }).await {
        Ok(found) => found,
        Err(StoreError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(failed("look for a file", &error)),
    };
    let told = found.attributes.get(&Attribute::ContentType).map(|told| told.as_ref().to_owned()).unwrap_or_default();
    let meta = found.meta;
    let mime = if UNTOLD.contains(&told.as_str()) {
        let end = meta.size.min(kind::START as u64);
        let start = if end == 0 {
            Bytes::new()
        } else {
            objects.get_range(path, 0..end).await.map_err(|error| failed("read a file", &error))?
        };
        kind::of(&start, name, end == meta.size).to_owned()
    } else {
        told
    };
    let modified_s = meta.last_modified.timestamp();
    let etag = meta.e_tag.unwrap_or_else(|| format!("{modified_s:x}-{:x}", meta.size));
    let etag = etag.trim_start_matches("W/").trim_matches('"').to_owned();
    Ok(Some(Object { place: place.clone(), path: path.clone(), size: meta.size, modified_s, etag, mime }))
}

impl Object {
    /// The bytes of a part that lies within the file, piece by piece.
    ///
    /// # Errors
    /// `NotFound` when the file has been removed since it was found; when its place cannot be read.
    pub async fn read(&self, range: Range<u64>) -> Result<BoxStream<'static, Result<Bytes>>> {
        if range.is_empty() {
            return Ok(futures_util::stream::empty().boxed());
        }
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        let got = self.place.objects().get_opts(&self.path, options).await;
        let got = got.map_err(|error| failed("read a file", &error))?;
        Ok(got.into_stream().map_err(|error| Error::internal("read a file", error)).boxed())
    }

    /// All of it, in memory.
    pub(super) async fn bytes(&self) -> Result<Bytes> {
        let got = self.place.objects().get(&self.path).await.map_err(|error| failed("read a file", &error))?;
        got.bytes().await.map_err(|error| failed("read a file", &error))
    }
}
