//! Small versions of pictures, made when they are first asked for and kept beside the original.

mod draw;

use super::serve::find_at;
use super::{Content, Files, Key, Object, gone};
use crate::error::Result;
use crate::tasks;
use bytes::Bytes;
use draw::{Better, Format};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

pub use draw::Accepts;
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
    /// A thumb of a file, made if it is not there yet; `None` where the original has to do.
    ///
    /// # Errors
    /// When a place cannot be read.
    pub async fn thumb(&self, key: &Key, original: &Object, size: &str, accepts: Accepts) -> Result<Option<Object>> {
        let (Some(wanted), Some(format)) = (Size::parse(size), Format::of(&original.mime)) else { return Ok(None) };
        let better = format.better(wanted, accepts);
        if let Some(found) = existing(key, original, size, better).await? {
            return Ok(Some(found));
        }
        let order = self.studio.order(&key.thumb(size, ""));
        let made = tokio::time::timeout(PATIENCE, async {
            let turn = order.lock_owned().await;
            if let Some(found) = existing(key, original, size, better).await? {
                return Ok(Some(found));
            }
            let Ok(permit) = self.studio.permits.clone().acquire_owned().await else { return Ok(None) };
            self.draw(key, original, size, (wanted, format, better), (turn, permit)).await?;
            existing(key, original, size, better).await
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
        (wanted, format, better): (Size, Format, Option<Better>),
        held: Held,
    ) -> Result<()> {
        if original.size > SOURCE_MAX {
            return Ok(());
        }
        let bytes = original.bytes().await?;
        // What is held goes along: a picture is drawn to its end, also when nobody waits for it any more.
        let avif = better == Some(Better::Avif);
        let (drawn, _held) = tasks::blocking(move || (draw::draw(&bytes, wanted, format, avif), held)).await?;
        let drawn = match drawn {
            Ok(drawn) => drawn,
            Err(error) => {
                tracing::debug!(%key, size, %error, "a picture cannot be made smaller");
                return Ok(());
            }
        };
        let better = drawn.better.map(|(better, bytes)| (key.thumb(size, better.ending()), bytes, better.mime()));
        // The one that is always there comes last: where it is, no WebP is to be made.
        let all = better.into_iter().chain([(key.thumb(size, ""), drawn.plain, format.thumb_mime())]);
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

async fn existing(key: &Key, original: &Object, size: &str, better: Option<Better>) -> Result<Option<Object>> {
    if let Some(better) = better {
        let found = find_at(&original.place, &key.thumb(size, better.ending())).await?;
        // An AVIF is made when it is first asked for, whoever has asked for the thumb before.
        if found.is_some() || better == Better::Avif {
            return Ok(found);
        }
    }
    find_at(&original.place, &key.thumb(size, "")).await
}
