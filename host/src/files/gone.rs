//! Removing a file with everything that was made from it, wherever it is.

use super::{Files, Key, Place, failed};
use crate::error::Result;
use futures_util::TryStreamExt as _;
use object_store::path::Path as ObjectPath;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt as _};

impl Place {
    pub(super) fn objects(&self) -> &dyn ObjectStore {
        match self {
            Self::Local(local) => &local.objects,
            Self::Bucket(bucket) => &*bucket.objects,
        }
    }
}

impl Files {
    /// Removes a file. One that is not there is removed.
    pub(super) async fn remove(&self, key: &Key) -> Result<()> {
        for place in self.places() {
            let objects = place.objects();
            // The file first: who makes a thumb looks afterwards whether the file is still there.
            remove_one(objects, key.path()).await?;
            let mut thumbs = objects.list(Some(&key.thumbs()));
            while let Some(thumb) =
                thumbs.try_next().await.map_err(|error| failed("list the thumbs of a file", &error))?
            {
                remove_one(objects, &thumb.location).await?;
            }
        }
        Ok(())
    }
}

pub(super) async fn remove_one(objects: &dyn ObjectStore, path: &ObjectPath) -> Result<()> {
    match objects.delete(path).await {
        Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
        Err(error) => Err(failed("remove a file", &error)),
    }
}
