//! Small versions of pictures, made when they are first asked for and kept beside the original.

mod draw;

use super::serve::find_at;
use super::{Content, Files, Key, Object, gone};
use crate::error::Result;
use crate::tasks;
use bytes::Bytes;
use draw::Format;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

pub(super) use draw::Size;

/// Pictures drawn at the same time: each takes a core, and memory for all its pixels.
const PARALLEL: usize = 2;
/// How long a request waits for its turn before it gets the original.
const PATIENCE: Duration = Duration::from_secs(30);
/// Larger files are not made smaller.
const SOURCE_MAX: u64 = 64 << 20;

/// Where thumbs are made.
#[derive(Debug)]
pub(super) struct Studio {
    permits: Arc<Semaphore>,
    /// Who wants what somebody else is drawing waits for it.
    orders: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// The turn among those who want the same, and the permit to draw.
type Held = (OwnedMutexGuard<()>, OwnedSemaphorePermit);

impl Default for Studio {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(PARALLEL)), orders: Mutex::default() }
    }
}

impl Studio {
    fn order(&self, key: &Key) -> Arc<tokio::sync::Mutex<()>> {
        let mut orders = self.orders.lock();
        orders.retain(|_, order| order.strong_count() > 0);
        let name = key.to_string();
        if let Some(order) = orders.get(&name).and_then(Weak::upgrade) {
            return order;
        }
        let order = Arc::default();
        orders.insert(name, Arc::downgrade(&order));
        order
    }
}

impl Files {
    /// A thumb of a file, made if it is not there yet; `None` where the original has to do. `webp` says
    /// that the client can show that format.
    ///
    /// # Errors
    /// When a place cannot be read.
    pub async fn thumb(&self, key: &Key, original: &Object, size: &str, webp: bool) -> Result<Option<Object>> {
        let (Some(wanted), Some(format)) = (Size::parse(size), Format::of(&original.mime)) else { return Ok(None) };
        let webp = webp && format.may_be_webp();
        if let Some(found) = existing(key, original, size, webp).await? {
            return Ok(Some(found));
        }
        let order = self.studio.order(&key.thumb(size, ""));
        let made = tokio::time::timeout(PATIENCE, async {
            let turn = order.lock_owned().await;
            if let Some(found) = existing(key, original, size, webp).await? {
                return Ok(Some(found));
            }
            let Ok(permit) = self.studio.permits.clone().acquire_owned().await else { return Ok(None) };
            self.draw(key, original, size, (wanted, format), (turn, permit)).await?;
            existing(key, original, size, webp).await
        });
        match made.await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(error)) => {
                tracing::warn!(%key, size, ?error, "a thumb could not be made");
                Ok(None)
            }
            Err(_) => Ok(None),
        }
    }

    async fn draw(
        &self,
        key: &Key,
        original: &Object,
        size: &str,
        (wanted, format): (Size, Format),
        held: Held,
    ) -> Result<()> {
        if original.size > SOURCE_MAX {
            return Ok(());
        }
        let bytes = original.bytes().await?;
        // What is held goes along: a picture is drawn to its end, also when nobody waits for it any more.
        let (drawn, _held) = tasks::blocking(move || (draw::draw(&bytes, wanted, format), held)).await?;
        let drawn = match drawn {
            Ok(drawn) => drawn,
            Err(error) => {
                tracing::debug!(%key, size, %error, "a picture cannot be made smaller");
                return Ok(());
            }
        };
        let webp = drawn.webp.map(|bytes| (key.thumb(size, ".webp"), bytes, "image/webp"));
        // The one that is always there comes last: where it is, nothing is to be made.
        let all = webp.into_iter().chain([(key.thumb(size, ""), drawn.plain, format.thumb_mime())]);
        for (thumb, bytes, mime) in all {
            let content = Arc::new(Content::of(Bytes::from(bytes)));
            self.put_at(&original.place, &thumb, &content, mime, "").await?;
            // A file that was removed meanwhile has taken along the thumbs that it had by then.
            if find_at(&original.place, key).await?.is_none() {
                gone::remove_one(original.place.objects(), thumb.path()).await?;
            }
        }
        Ok(())
    }
}

async fn existing(key: &Key, original: &Object, size: &str, webp: bool) -> Result<Option<Object>> {
    if webp && let Some(found) = find_at(&original.place, &key.thumb(size, ".webp")).await? {
        return Ok(Some(found));
    }
    find_at(&original.place, &key.thumb(size, "")).await
}
