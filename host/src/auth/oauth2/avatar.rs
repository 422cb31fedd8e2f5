//! The picture of somebody who signs up, fetched for a file field. Its address is anybody's word, so only the
//! internet is asked, and a picture that is not to be had is done without.

use crate::files::{Content, Incoming};
use crate::model::{Field, FieldKind};
use crate::outbound::Limits;
use crate::tenant::Cx;
use std::sync::Arc;
use std::time::Duration;

/// How long all of it may take.
const TIME: Duration = Duration::from_secs(10);
/// Largest picture, if the field does not say less.
const SIZE_MAX: usize = 5 << 20;
/// What it is called when its address does not say.
const NAME: &str = "avatar";

/// The picture at an address, as an upload for a field that takes it.
pub(super) async fn fetch(cx: &Cx, field: &Field, url: &str) -> Option<Incoming> {
    let FieldKind::File(kind) = &field.kind else { return None };
    let body_bytes = usize::try_from(kind.max_bytes()).unwrap_or(SIZE_MAX).min(SIZE_MAX);
    let answer = match cx.tenant.outbound.download(url, Limits { body_bytes, time: TIME }).await {
        Ok(answer) if answer.is_success() && !answer.body.is_empty() => answer,
        Ok(answer) => {
            tracing::info!(status = answer.status, "a picture could not be fetched");
            return None;
        }
        Err(why) => {
            tracing::info!(%why, "a picture could not be fetched");
            return None;
        }
    };
    let file_name = name(url);
    let content = Arc::new(Content::of(answer.body));
    let mime = content.mime(&file_name);
    match kind.check_upload(&file_name, content.size, mime) {
        Ok(()) => Some(Incoming { key: field.name.clone(), file_name, content }),
        Err(error) => {
            tracing::info!(why = %error.message, "a picture does not fit its field");
            None
        }
    }
}

fn name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.is_empty() || last.len() > 100 { NAME.to_owned() } else { last.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_address() {
        assert_eq!(name("https://x/a/b.png?size=1/2"), "b.png");
        assert_eq!((name("https://x/a/"), name("")), (NAME.to_owned(), NAME.to_owned()));
    }
}
