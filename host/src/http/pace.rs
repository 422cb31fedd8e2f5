//! Bodies that come too slowly are given up: so much patience at first, and more for what has come. One silence is never
//! waited out for longer than the patience at first.

use super::patience::Patience;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep};

/// A body whose sender is waited for with limited patience. Only the time that is spent waiting counts.
#[derive(Debug)]
pub(super) struct Paced<B> {
    body: B,
    patience: Patience,
    waited: Duration,
    bytes: u64,
    wait: Option<Wait>,
}

#[derive(Debug)]
struct Wait {
    since: Instant,
    end: Pin<Box<Sleep>>,
}

impl<B> Paced<B> {
    pub(super) fn new(body: B, patience: Patience) -> Self {
        Self { body, patience, waited: Duration::ZERO, bytes: 0, wait: None }
    }

    /// How long may still be waited.
    fn left(&self) -> Duration {
        let earned = Duration::from_millis(self.bytes.saturating_mul(1_000) / self.patience.body_bytes_per_s.max(1));
        self.patience.body.saturating_add(earned).saturating_sub(self.waited)
    }
}

impl<B> Body for Paced<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            if let Some(wait) = self.wait.take() {
                self.waited += wait.since.elapsed();
            }
            let length = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref().map(Bytes::len));
            self.bytes += length.unwrap_or_default() as u64;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let left = self.left().min(self.patience.body);
        let wait = self.wait.get_or_insert_with(|| Wait { since: Instant::now(), end: Box::pin(sleep(left)) });
        ready!(wait.end.as_mut().poll(cx));
        Poll::Ready(Some(Err(Box::new(io::Error::from(io::ErrorKind::TimedOut)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use http_body_util::{BodyExt as _, Full};

    #[test]
    fn patience_is_earned_and_used_up() {
        let patience = Patience { body: Duration::from_secs(20), body_bytes_per_s: 1_000, ..Patience::default() };
        let mut paced = Paced::new(Full::new(Bytes::from(vec![0; 5_000])), patience);
        assert_eq!(paced.left(), Duration::from_secs(20));
        assert!(paced.frame().now_or_never().unwrap().unwrap().is_ok());
        assert_eq!(paced.left(), Duration::from_secs(25));
        paced.waited = Duration::from_secs(30);
        assert_eq!(paced.left(), Duration::ZERO);
    }

    #[tokio::test]
    async fn nothing_is_earned_for_one_silence() {
        let patience = Patience { body: Duration::from_millis(50), body_bytes_per_s: 1_000, ..Patience::default() };
        let first = futures_util::stream::iter([Ok::<_, io::Error>(Frame::data(Bytes::from(vec![0; 500_000])))]);
        let silent = futures_util::StreamExt::chain(first, futures_util::stream::pending());
        let mut paced = Paced::new(http_body_util::StreamBody::new(silent), patience);
        assert!(paced.frame().await.unwrap().is_ok());
        let silence = tokio::time::timeout(Duration::from_mins(1), paced.frame()).await;
        assert!(silence.expect("it ends long before what was earned").unwrap().is_err());
    }

    #[tokio::test]
    async fn silence_is_given_up() {
        let patience = Patience { body: Duration::ZERO, ..Patience::default() };
        let silent =
            http_body_util::StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, io::Error>>());
        let refused = Paced::new(silent, patience).frame().await.unwrap().unwrap_err();
        assert_eq!(refused.to_string(), "timed out");
    }
}
