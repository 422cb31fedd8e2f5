//! Those who want more than there is, and what they are told.

use crate::support::PASSWORD;
use parking_lot::Mutex;
use reqwest::{Client, RequestBuilder};
use serde_json::json;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

/// Before who was refused asks again.
const PAUSE: Duration = Duration::from_millis(300);

/// Something that many ask for at the same time, again and again.
pub(super) struct Demand {
    name: &'static str,
    pub(super) count: usize,
    /// What it may be answered with, beside 200 and that too much is asked for.
    answers: &'static [u16],
    /// Of these it must be answered with one at least once.
    limit: &'static [u16],
    ask: fn(&Client, &str) -> RequestBuilder,
}

/// That too much is asked for: of the server, or by one address.
const TOO_MUCH: [u16; 2] = [429, 503];

pub(super) const DEMANDS: [Demand; 6] = [
    // Each wakes those who never read.
    Demand {
        name: "write",
        count: 6,
        answers: &[],
        limit: &[200],
        ask: |client, base| {
            let row = json!({"title": "much", "body": "x".repeat(80_000)});
            client.post(format!("{base}/api/collections/things/records")).json(&row)
        },
    },
    Demand {
        name: "too large",
        count: 3,
        answers: &[413],
        limit: &[413],
        ask: |client, base| {
            let post = client.post(format!("{base}/api/collections/things/records"));
            post.header("content-type", "application/json").body(vec![b' '; 33 << 20])
        },
    },
    Demand {
        name: "export",
        count: 10,
        answers: &[],
        limit: &TOO_MUCH,
        ask: |client, base| client.get(format!("{base}/api/collections/kept/records/export?format=ndjson")),
    },
    Demand {
        name: "often",
        count: 4,
        answers: &[],
        limit: &[429],
        ask: |client, base| client.get(format!("{base}/api/collections/rated/records")),
    },
    // A hook that works for as long as it may.
    Demand {
        name: "hook",
        count: 8,
        answers: &[],
        limit: &[200],
        ask: |client, base| {
            client.post(format!("{base}/api/collections/hooked/records")).json(&json!({"title": "busy"}))
        },
    },
    Demand {
        name: "sign in",
        count: 80,
        answers: &[400],
        limit: &[429],
        ask: |client, base| {
            let guess = json!({"identity": "ann@example.com", "password": format!("not {PASSWORD}")});
            client.post(format!("{base}/api/collections/users/auth-with-password")).json(&guess)
        },
    },
];

/// What all who ask share.
#[derive(Clone)]
pub(super) struct Flood {
    pub(super) address: SocketAddr,
    base: String,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    is_over: AtomicBool,
    /// How often whoever asks for what was answered with what.
    counts: Mutex<BTreeMap<(&'static str, u16), usize>>,
    /// Answers that no documentation knows.
    wrong: Mutex<Vec<String>>,
}

impl Flood {
    pub(super) fn of(base: &str) -> Self {
        let address = base.trim_start_matches("http://").parse().expect("an address");
        Self { address, base: base.to_owned(), seen: Arc::default() }
    }

    pub(super) fn is_over(&self) -> bool {
        self.seen.is_over.load(Ordering::Relaxed)
    }

    pub(super) fn end(&self) {
        self.seen.is_over.store(true, Ordering::Relaxed);
    }

    /// A connection on which so much has been sent.
    pub(super) async fn said(&self, text: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.address).await?;
        stream.write_all(text.as_bytes()).await?;
        Ok(stream)
    }

    /// Asks until it is over, two from each address.
    pub(super) async fn ask_for(self, demand: &'static Demand, number: usize) {
        let client = Client::new();
        let address = format!("203.0.113.{}", number / 2);
        while !self.is_over() {
            let request = (demand.ask)(&client, &self.base).header("x-forwarded-for", &address);
            // A connection for which there is no room may end before it has said so.
            let Ok(reply) = request.send().await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let (status, tells_when) = (reply.status().as_u16(), reply.headers().contains_key("retry-after"));
            // Who is stopped while it answers breaks off.
            let text = reply.text().await.unwrap_or_default();
            self.answered(demand.name, demand.answers, (status, tells_when), &text);
            if status != 200 {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// The same for who has said it by hand: an answer from its first line on.
    pub(super) fn answered_with(&self, name: &'static str, answers: &[u16], said: &str) {
        let status = said.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()).unwrap_or_default();
        let tells_when = said.to_ascii_lowercase().contains("\r\nretry-after: ");
        self.answered(name, answers, (status, tells_when), said);
    }

    fn answered(&self, name: &'static str, answers: &[u16], (status, tells_when): (u16, bool), text: &str) {
        *self.seen.counts.lock().entry((name, status)).or_default() += 1;
        let is_known = if TOO_MUCH.contains(&status) { tells_when } else { status == 200 || answers.contains(&status) };
        if !is_known {
            let some: String = text.chars().take(300).collect();
            self.seen.wrong.lock().push(format!("{name}: {status} {some}"));
        }
    }

    pub(super) fn has_met_every_limit(&self) -> bool {
        let counts = self.seen.counts.lock();
        let has_met = |name, limit: &[u16]| limit.iter().any(|status| counts.contains_key(&(name, *status)));
        has_met("crowd", &[503]) && DEMANDS.iter().all(|demand| has_met(demand.name, demand.limit))
    }

    pub(super) fn summary(&self) -> String {
        format!("{:?}", self.seen.counts.lock())
    }

    pub(super) fn wrong(&self) -> Vec<String> {
        self.seen.wrong.lock().clone()
    }
}
