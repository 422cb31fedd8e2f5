//! One connection of the engine: how it is opened, its limits, its deadline, and the few ways to run a statement.
//!
//! SQLite before 3.51.3 (so the engine's 3.47 too) can corrupt a file when one connection checkpoints while
//! another commits and thereby restarts the log. Hence the asymmetry here: a *writer* commits and
//! checkpoints, and there is one per file; *readers* can do neither.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Batch, CachedStatement, OpenFlags};

use super::functions;
use super::kept::Kept;
use super::row::Row;
use super::watch::Watch;
use super::{Durability, Options};
use crate::rules::PATTERN_BYTES_MAX;
use crate::sql::Sql;
use crate::tasks::Tasks;

/// "Tiny", in the file's header: says whose file it is.
const APPLICATION_ID: i32 = 0x5469_6e79;

/// How many instructions of the engine pass between two looks at the clock; some ten microseconds.
const OPS_PER_TICK: u32 = 250;

/// How long the engine waits for another process's lock; inside this one nothing ever does.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Frames in the log at which a commit copies them into the file: 16 MiB. Four times the engine's default
/// saves a fifth of the work for inserts at random keys, whose pages come up again and again.
const CHECKPOINT_FRAMES: u32 = 4_000;

/// What the log file is cut to when it starts again.
const LOG_BYTES_KEPT: u64 = 64 << 20;

/// Statements that users have a hand in (filters, rules, views) stay within these.
const LIMITS: [(Limit, i32); 9] = [
    (Limit::SQLITE_LIMIT_LENGTH, 64 << 20),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 600),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 60),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 16_384),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, PATTERN_BYTES_MAX as i32),
    (Limit::SQLITE_LIMIT_VDBE_OP, 2_000_000),
    (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 32),
    // No ATTACH: a statement must never reach the file of another tenant.
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
];

pub(super) struct Connection {
    raw: rusqlite::Connection,
    watch: Arc<Watch>,
    /// Used by readers only: what the connection itself writes does not change its version.
    kept: RefCell<Kept>,
}

impl Connection {
    /// The one connection that writes and checkpoints. Creates the file when there is none; `None`, and
    /// nothing is touched, when it belongs to another program.
    pub(super) fn writer(path: &Path, options: &Options) -> rusqlite::Result<Option<Self>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        let this = Self::open(path, flags, options)?;
        if this.integer("PRAGMA page_count")? == 0 {
            this.raw.execute_batch(&format!(
                "PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA application_id={APPLICATION_ID};"
            ))?;
        } else if this.integer("PRAGMA application_id")? != i64::from(APPLICATION_ID) {
            return Ok(None);
        }
        let synchronous = match options.durability {
            Durability::Normal => "NORMAL",
            Durability::Full => "FULL",
        };
        this.raw.execute_batch(&format!(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; \
             PRAGMA wal_autocheckpoint={CHECKPOINT_FRAMES}; PRAGMA journal_size_limit={LOG_BYTES_KEPT};"
        ))?;
        if let Some(bytes) = options.max_bytes {
            let page = u64::try_from(this.integer("PRAGMA page_size")?).unwrap_or(1).max(1);
            this.raw.execute_batch(&format!("PRAGMA max_page_count={}", (bytes / page).clamp(1, 1 << 31)))?;
        }
        Ok(Some(this))
    }

    /// A connection that can change nothing: neither rows nor the log.
    pub(super) fn reader(path: &Path, options: &Options) -> rusqlite::Result<Self> {
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        let options = Options { cache_kib: options.read_cache_kib, ..options.clone() };
        let this = Self::open(path, flags, &options)?;
        this.raw.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        this.raw.execute_batch("PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0;")?;
        Ok(this)
    }

    /// A reader that may write elsewhere, for VACUUM INTO: that attaches the new file, and to the engine
    /// it is a write.
    pub(super) fn copier(path: &Path, options: &Options) -> rusqlite::Result<Self> {
        let this = Self::reader(path, options)?;
        this.raw.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1);
        this.raw.execute_batch("PRAGMA query_only=OFF")?;
        Ok(this)
    }

    pub(super) fn open(path: &Path, flags: OpenFlags, options: &Options) -> rusqlite::Result<Self> {
        let raw = rusqlite::Connection::open_with_flags(path, flags)?;
        raw.busy_timeout(BUSY_TIMEOUT)?;
        raw.set_prepared_statement_cache_capacity(options.statements);
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        // A misspelt "name" must be an error, not a text.
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        for (limit, value) in LIMITS {
            raw.set_limit(limit, value);
        }
        raw.execute_batch(&format!(
            "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; \
             PRAGMA cache_size=-{};",
            options.cache_kib
        ))?;
        functions::lend(&raw)?;
        let watch = Arc::new(Watch::default());
        let (watching, until, closing) = (Arc::clone(&watch), options.until.clone(), Arc::clone(&options.closing));
        let is_over = move || {
            let must_end = watching.gives_way() && closing.load(Ordering::Relaxed);
            watching.tick() || must_end || until.as_ref().is_some_and(Tasks::is_stopping)
        };
        raw.progress_handler(OPS_PER_TICK.cast_signed(), Some(is_over));
        Ok(Self { raw, watch, kept: RefCell::default() })
    }

    /// From `then` on, statements are interrupted; `None` lifts it.
    pub(super) fn set_deadline(&self, then: Option<Instant>) {
        self.watch.set_deadline(then);
    }

    /// Whether statements may take long; such end when the store is closed.
    pub(super) fn set_gives_way(&self, gives_way: bool) {
        self.watch.set_gives_way(gives_way);
    }

    /// Whether what statements sort and set aside goes to temporary files when it gets large, and not on in memory. Not within a
    /// transaction.
    pub(super) fn set_spills(&self, spills: bool) -> rusqlite::Result<()> {
        self.raw.execute_batch(if spills { "PRAGMA temp_store=FILE" } else { "PRAGMA temp_store=MEMORY" })
    }

    /// After about so many instructions of the engine statements are interrupted, after `without_row` when they have found
    /// no row until then; `None` lifts it.
    pub(super) fn set_operations(&self, operations: Option<u32>, without_row: u32) {
        self.watch.set_ticks(operations.map(|operations| operations / OPS_PER_TICK), without_row / OPS_PER_TICK);
    }

    /// Whether the instructions of statements are counted.
    pub(super) fn is_limited(&self) -> bool {
        self.watch.is_limited()
    }

    /// Whether a statement was interrupted for that.
    pub(super) fn ran_out(&self) -> bool {
        self.watch.ran_out()
    }

    /// Whether statements that take long hand tokio's other tasks to another thread.
    pub(super) fn set_on_worker(&self, since: Option<Instant>) {
        self.watch.set_on_worker(since);
    }

    /// Whether no transaction is open; true after an error says that the engine rolled it back.
    pub(super) fn is_autocommit(&self) -> bool {
        self.raw.is_autocommit()
    }

    /// BEGIN and its relatives.
    pub(super) fn control(&self, text: &'static str) -> rusqlite::Result<()> {
        self.raw.prepare_cached(text)?.raw_execute().map(drop)
    }

    /// Runs a statement that returns no rows; the number of rows it affected.
    pub(super) fn run(&self, sql: &Sql) -> rusqlite::Result<u64> {
        let changed = self.bound(sql)?.raw_execute()?;
        Ok(changed as u64)
    }

    /// Calls `each` for the rows until it says false; `E` is the caller's own error.
    pub(super) fn each<E>(
        &self,
        sql: &Sql,
        engine: impl Fn(&rusqlite::Error) -> E,
        mut each: impl FnMut(&Row<'_>) -> Result<bool, E>,
    ) -> Result<(), E> {
        let mut statement = self.bound(sql).map_err(|error| engine(&error))?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(|error| engine(&error))? {
            self.watch.found_row();
            if !each(&Row::new(row))? {
                break;
            }
        }
        Ok(())
    }

    /// The names of a statement's columns, without running it.
    pub(super) fn columns(&self, sql: &Sql) -> rusqlite::Result<Vec<String>> {
        self.check_single(sql.text())?;
        let statement = self.raw.prepare(sql.text())?;
        Ok(statement.column_names().into_iter().map(str::to_owned).collect())
    }

    /// The names of a statement's columns, with their types where they are declared, without running it.
    pub(super) fn declared(&self, sql: &Sql) -> rusqlite::Result<Vec<(String, Option<String>)>> {
        self.check_single(sql.text())?;
        let statement = self.raw.prepare(sql.text())?;
        let columns = statement.columns();
        Ok(columns.iter().map(|column| (column.name().to_owned(), column.decl_type().map(str::to_owned))).collect())
    }

    /// Has the engine ask about everything that statements touch.
    pub(super) fn ask(
        &self,
        answer: impl for<'r> FnMut(AuthContext<'r>) -> Authorization + Send + std::panic::RefUnwindSafe + 'static,
    ) {
        self.raw.authorizer(Some(answer));
    }

    /// Ends what runs on this connection, from another thread.
    pub(super) fn interrupt_handle(&self) -> rusqlite::InterruptHandle {
        self.raw.get_interrupt_handle()
    }

    /// Several statements at once, from a source that is trusted: migrations.
    pub(super) fn script(&self, text: &str) -> rusqlite::Result<()> {
        self.raw.execute_batch(text)
    }

    /// The integer that a PRAGMA or a small SELECT answers.
    pub(super) fn integer(&self, text: &'static str) -> rusqlite::Result<i64> {
        self.raw.query_row(text, [], |row| row.get(0))
    }

    /// Tells two states of the database apart, of which the later has commits of other connections. It begins the reading
    /// of an open transaction.
    pub(super) fn version(&self) -> rusqlite::Result<i64> {
        self.raw.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
    }

    pub(super) fn kept(&self) -> &RefCell<Kept> {
        &self.kept
    }

    /// Empties the log into the file and cuts it to nothing; false when readers are in the way for `patience`.
    pub(super) fn truncate_log(&self, patience: Duration) -> rusqlite::Result<bool> {
        self.raw.busy_timeout(patience)?;
        let busy = self.integer("PRAGMA wal_checkpoint(TRUNCATE)");
        self.raw.busy_timeout(BUSY_TIMEOUT)?;
        Ok(busy? == 0)
    }

    fn bound(&self, sql: &Sql) -> rusqlite::Result<CachedStatement<'_>> {
        self.check_single(sql.text())?;
        let mut statement = self.raw.prepare_cached(sql.text())?;
        let params = sql.params();
        let wanted = statement.parameter_count();
        if wanted != params.len() {
            return Err(rusqlite::Error::InvalidParameterCount(params.len(), wanted));
        }
        for (index, value) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, value)?;
        }
        Ok(statement)
    }

    /// The engine silently drops whatever follows the first statement; somebody who wrote two must hear of it.
    fn check_single(&self, text: &str) -> rusqlite::Result<()> {
        if !text.trim_end_matches([';', ' ', '\n']).contains(';') {
            return Ok(());
        }
        let mut batch = Batch::new(&self.raw, text);
        match (batch.next()?, batch.next()) {
            (_, Ok(None)) => Ok(()),
            _ => Err(rusqlite::Error::MultipleStatement),
        }
    }

    /// Closes, which for the last connection of a file copies the log into it.
    pub(super) fn close(self) -> rusqlite::Result<()> {
        self.raw.close().map_err(|(_, error)| error)
    }
}
