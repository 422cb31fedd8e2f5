//! Mails: what they say ([`template`]), the queue, and the way out ([`smtp`]).
//!
//! A mail is a row of `_mails`, written by the transaction of whatever promised it, and it leaves the table when a
//! server has taken it: a mail exists exactly when the promise does, and is sent at least once. A server that does not
//! answer is tried again with growing pauses, until the mail is too old to be of use to anybody.
//!
//! Not here: who is to get which mail, and when (`auth`).

mod authorities;
mod letter;
mod queue;
mod smtp;
pub mod template;
mod text;

use crate::clock::World;
use crate::db::{self, Store, Unit};
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::tasks::{self, Tasks};
use arc_swap::ArcSwap;
use futures_util::{StreamExt as _, stream};
use queue::Waiting;
use smtp::Server;
use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, Notify};

pub use authorities::Authorities;
pub use letter::{Letter, is_reachable};
pub use queue::Promised;
pub use smtp::Undelivered;
pub use template::html_of;

/// Mails that may wait at the same time; the next one is not promised.
pub const QUEUE_MAX: i64 = 10_000;

/// Mails sent in one turn, and of those at the same time.
const TURN_MAILS: i64 = 64;
const PARALLEL: usize = 4;

/// Tries before a mail is given up, if it does not expire earlier.
pub const ATTEMPTS_MAX: i64 = 12;
/// The first pause after a failure; each further one is twice as long.
const PAUSE_FIRST_MS: i64 = 5_000;
const PAUSE_MAX_MS: i64 = 3_600_000;

/// How long it is kept that a mail was given up.
const GIVEN_UP_KEPT_MS: i64 = 7 * 24 * 3_600_000;

/// How long to wait for the bell before looking for mails whose pause is over.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// The mails of one tenant.
pub struct Mail {
    store: Arc<Store>,
    world: World,
    tasks: Tasks,
    authorities: Authorities,
    /// `None` while no server is configured.
    server: ArcSwap<Option<Server>>,
    /// Rung when the queue has something to do.
    bell: Notify,
    /// The server is another one: what waits because of the former one need not wait any longer.
    is_new_server: AtomicBool,
    /// It was said that mails wait for a server.
    has_warned: AtomicBool,
    /// One turn at a time, so that no mail is sent by two.
    turn: Mutex<()>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Mail").field("server", &self.server.load()).finish_non_exhaustive()
    }
}

impl Mail {
    #[must_use]
    pub fn open(
        store: Arc<Store>,
        world: World,
        tasks: Tasks,
        authorities: Authorities,
        settings: &Settings,
    ) -> Arc<Self> {
        let server = Server::of(settings, &authorities);
        Arc::new(Self {
            store,
            world,
            tasks,
            authorities,
            server: ArcSwap::from_pointee(server),
            bell: Notify::new(),
            is_new_server: AtomicBool::new(true),
            has_warned: AtomicBool::new(false),
            turn: Mutex::new(()),
        })
    }

    /// Starts sending, beginning with what an earlier process left.
    pub fn start(self: &Arc<Self>) {
        let worker = Arc::downgrade(self);
        // Not cut off when the tenant closes: the server may have taken a mail already, which would then be sent again.
        drop(self.tasks.spawn(async move {
            loop {
                let Some(mail) = worker.upgrade().filter(|mail| !mail.tasks.is_stopping()) else { return };
                match tasks::caught("send mails", mail.turn()).await {
                    Ok(0) => {}
                    Ok(_) => continue,
                    Err(error) => tracing::error!(?error, "the queue of mails could not be read"),
                }
                // The bell may ring between the look and the wait: `Notify` remembers one ring.
                let waits = tokio::time::timeout(LOOK_AGAIN, mail.bell.notified());
                tokio::select! {
                    _ = waits => {}
                    () = mail.tasks.stopped() => return,
                }
            }
        }));
    }

    /// Sends by what the settings say from now on.
    pub fn configure(&self, settings: &Settings) {
        let new = Server::of(settings, &self.authorities);
        if **self.server.load() == new {
            return;
        }
        self.server.store(Arc::new(new));
        self.has_warned.store(false, Ordering::Relaxed);
        self.is_new_server.store(true, Ordering::Release);
        self.bell.notify_one();
    }

    /// Refuses while too many mails wait. To be asked before it is looked whether there is anybody to write to, so
    /// that the refusal does not tell.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn admit(&self) -> Result<()> {
        let count = queue::count(QUEUE_MAX);
        let waiting = self.store.read(|snapshot| snapshot.one(&count, |row| Ok(row.integer(0)))).await?;
        if waiting.unwrap_or_default() >= QUEUE_MAX {
            return Err(Error::Unavailable("Too many mails are waiting to be sent. Please try again later.".into()));
        }
        Ok(())
    }

    /// The rows of a mail, to be written with what promises it; [`Mail::ring`] after the commit.
    #[must_use]
    pub fn promise(&self, letter: &Letter) -> Promised {
        queue::promise(&self.world.id(), letter, self.world.now_ms())
    }

    /// Looks at the queue soon: a commit has left something there.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// Sends a mail while somebody waits for it, and does not try again.
    ///
    /// # Errors
    /// What was said with the server until it went wrong.
    pub async fn send_now(&self, letter: &Letter) -> Result<(), Undelivered> {
        let server = self.server.load_full();
        let Some(server) = &*server else { return Err(Undelivered::switched_off()) };
        let message = server.message(&self.world.id(), letter, self.world.now_ms()).map_err(Undelivered::unwritable)?;
        server.send_aloud(&message).await
    }

    /// Sends what is due; answers with how many mails it dealt with.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn turn(&self) -> Result<usize> {
        let _turn = self.turn.lock().await;
        let now = self.world.now_ms();
        let server = self.server.load_full();
        if server.is_some() && self.is_new_server.swap(false, Ordering::AcqRel) {
            self.write(queue::hurry(now)).await?;
        }
        let expired = self.read(queue::expired(now, TURN_MAILS)).await?;
        for mail in &expired {
            self.give_up(mail, "it is too old to be of use").await?;
        }
        let Some(server) = &*server else {
            self.warn_once().await?;
            return Ok(expired.len());
        };
        let due = self.read(queue::due(now, TURN_MAILS)).await?;
        let count = expired.len() + due.len();
        // When the tenant closes, those that were not begun wait for the next start.
        let due = stream::iter(due).take_while(|_| ready(!self.tasks.is_stopping()));
        let sent = due.map(|mail| async move {
            let sending = tasks::caught("send a mail", server.send(&mail, now));
            let result = sending.await;
            (mail, result)
        });
        let mut sent = sent.buffer_unordered(PARALLEL);
        while let Some((mail, result)) = sent.next().await {
            self.settle(&mail, result).await?;
        }
        Ok(count)
    }

    async fn settle(&self, mail: &Waiting, result: Result<Result<(), Undelivered>>) -> Result<()> {
        let failure = match result {
            Ok(Ok(())) => return self.write(queue::remove(&mail.id)).await,
            Ok(Err(failure)) => failure,
            Err(_) => Undelivered::unwritable("it could not be handled".to_owned()),
        };
        let attempts = mail.attempts + 1;
        if failure.is_final || attempts >= ATTEMPTS_MAX {
            return self.give_up(mail, &failure.words).await;
        }
        tracing::warn!(mail = mail.id, kind = mail.kind, attempts, error = failure.words, "a mail could not be sent");
        let pause = PAUSE_FIRST_MS.saturating_mul(1 << mail.attempts.clamp(0, 20)).min(PAUSE_MAX_MS);
        self.write(queue::postpone(&mail.id, attempts, self.world.now_ms() + pause, &failure.words)).await
    }

    /// Nobody tries any more. The row stays for a while, without what the mail said.
    async fn give_up(&self, mail: &Waiting, why: &str) -> Result<()> {
        tracing::error!(mail = mail.id, kind = mail.kind, attempts = mail.attempts, why, "a mail was given up");
        self.write(queue::give_up(&mail.id, why, self.world.now_ms() + GIVEN_UP_KEPT_MS)).await
    }

    /// Forgets that mails were given up, after a while.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sweep(&self) -> Result<()> {
        self.write(queue::forget(self.world.now_ms())).await
    }

    async fn warn_once(&self) -> Result<()> {
        if self.has_warned.load(Ordering::Relaxed) || self.read(queue::any()).await?.is_empty() {
            return Ok(());
        }
        self.has_warned.store(true, Ordering::Relaxed);
        tracing::warn!(
            "SMTP is switched off in the settings: mails wait until it is switched on, or until they expire"
        );
        Ok(())
    }

    async fn read(&self, select: crate::sql::Sql) -> Result<Vec<Waiting>> {
        self.store
            .read(|snapshot| {
                let mut rows = Vec::new();
                snapshot.rows(&select, |row| {
                    rows.push(Waiting::of(row));
                    Ok(())
                })?;
                Ok(rows)
            })
            .await
    }

    async fn write(&self, sql: crate::sql::Sql) -> Result<()> {
        self.store.write(Unit::of(sql)).await.map(|_| ()).map_err(db::Failure::into_error)
    }
}
