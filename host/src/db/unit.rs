//! A unit of work as data: steps that happen together or not at all.
//!
//! Nothing here runs anything, so that the same unit can be executed inside a group commit on a local
//! file or be sent to a server as one conditional batch.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::error::Error;
use crate::sql::{Sql, Value};

type BeforeCommit = Box<dyn Fn() + Send>;
type AfterCommit = Box<dyn FnOnce(&Outcome) + Send>;

/// Steps in order, with what to do after they are committed. Guards read inside the transaction, after
/// the steps before them.
#[derive(Default)]
pub struct Unit {
    pub(super) steps: Vec<Step>,
    /// Parts of the database that it writes to; see [`Unit::touch`].
    pub(super) touched: Vec<String>,
    pub(super) before: Option<BeforeCommit>,
    pub(super) after: Vec<AfterCommit>,
    answers: usize,
    trace: Option<Trace>,
    /// What it may take where it has a transaction to itself, if not the usual.
    pub(super) time: Option<Duration>,
}

/// Tells at which step a unit broke off, once the writer has answered.
#[derive(Debug, Clone)]
pub struct Trace(Arc<AtomicUsize>);

impl Trace {
    const NOWHERE: usize = usize::MAX;

    /// The step, counted from 0 in the order they were added; `None` when every step went well.
    #[must_use]
    pub fn step(&self) -> Option<usize> {
        Some(self.0.load(Ordering::Acquire)).filter(|step| *step != Self::NOWHERE)
    }
}

pub(super) struct Step {
    pub sql: Sql,
    pub action: Action,
}

pub(super) enum Action {
    Run,
    Expect {
        rows: u64,
        otherwise: Error,
    },
    Guard {
        guard: Guard,
        /// Only made when somebody has touched this part since.
        unless: Option<Since>,
        otherwise: Error,
    },
    /// Not a statement: a part must be as it was at a reader's moment.
    Untouched {
        since: Since,
        otherwise: Error,
    },
    Count,
    Query,
    #[cfg(test)]
    Panic,
}

/// A part of the database as it was at a reader's moment.
pub(super) struct Since {
    pub part: String,
    pub moment: u64,
}

/// What a guard's SELECT must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    SomeRow,
    NoRow,
}

/// Where in the [`Outcome`] a step's answer will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(usize);

impl Unit {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A unit of one statement.
    #[must_use]
    pub fn of(sql: Sql) -> Self {
        let mut unit = Self::new();
        unit.run(sql);
        unit
    }

    /// Ends it after so long, where it has a transaction to itself.
    pub fn within(&mut self, time: Duration) -> &mut Self {
        self.time = Some(time);
        self
    }

    /// INSERT, UPDATE, DELETE or DDL; one statement, returning no rows.
    pub fn run(&mut self, sql: Sql) -> &mut Self {
        self.push(sql, Action::Run)
    }

    /// A statement that must affect exactly `rows` rows; another number refuses the whole unit with `otherwise`.
    pub fn run_expecting(&mut self, sql: Sql, rows: u64, otherwise: Error) -> &mut Self {
        self.push(sql, Action::Expect { rows, otherwise })
    }

    /// A SELECT that must find something, or nothing; otherwise the whole unit is refused with `otherwise`.
    pub fn guard(&mut self, select: Sql, guard: Guard, otherwise: Error) -> &mut Self {
        self.push(select, Action::Guard { guard, unless: None, otherwise })
    }

    /// A [`Unit::guard`] of what a snapshot taken at `moment` ([`super::Store::moment`]) has shown of a part already: it is
    /// only made when somebody has touched the part since, so that nobody waits for the writer while it finds the same again.
    /// What the unit itself does to the part goes unnoticed.
    pub fn guard_if_touched(
        &mut self,
        part: &str,
        moment: u64,
        select: Sql,
        guard: Guard,
        otherwise: Error,
    ) -> &mut Self {
        let unless = Some(Since { part: part.to_owned(), moment });
        self.push(select, Action::Guard { guard, unless, otherwise })
    }

    /// Says that the unit writes to a part of the database, for those who depend on it with [`Unit::expect_untouched`].
    pub fn touch(&mut self, part: &str) -> &mut Self {
        if !self.touched.iter().any(|known| known == part) {
            self.touched.push(part.to_owned());
        }
        self
    }

    /// Refuses the whole unit with `otherwise` when somebody has touched the part since a snapshot was taken
    /// ([`super::Held::moment`]), be it within the same transaction.
    pub fn expect_untouched(&mut self, part: &str, moment: u64, otherwise: Error) -> &mut Self {
        let since = Since { part: part.to_owned(), moment };
        self.push(Sql::new(""), Action::Untouched { since, otherwise })
    }

    /// A statement whose rows are wanted: SELECT, or `INSERT .. RETURNING`. See [`Outcome::rows`].
    pub fn query(&mut self, sql: Sql) -> Slot {
        self.push(sql, Action::Query);
        self.answer()
    }

    /// A statement whose number of affected rows is wanted. See [`Outcome::count`].
    pub fn count(&mut self, sql: Sql) -> Slot {
        self.push(sql, Action::Count);
        self.answer()
    }

    /// Called on the writer's thread when all is done but the COMMIT, after which everybody sees it; whether that succeeds is
    /// not known yet. Only where the unit has a transaction to itself.
    pub fn before_commit(&mut self, call: impl Fn() + Send + 'static) -> &mut Self {
        self.before = Some(Box::new(call));
        self
    }

    /// Called once, in the order of commits, after COMMIT and before [`super::Store::write`] answers;
    /// never for a unit that was not committed. Runs on the writer's thread, so it must be short and
    /// must not block; several are called in the order they were added.
    pub fn after_commit(&mut self, call: impl FnOnce(&Outcome) + Send + 'static) -> &mut Self {
        self.after.push(Box::new(call));
        self
    }

    /// How many steps it has: the number of the next one, as [`Trace::step`] counts them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Has the writer tell at which step the unit breaks off, if it does.
    pub fn trace(&mut self) -> Trace {
        self.trace.get_or_insert_with(|| Trace(Arc::new(AtomicUsize::new(Trace::NOWHERE)))).clone()
    }

    /// Where the unit stands; `None` when it begins, perhaps anew.
    pub(super) fn stands_at(&self, step: Option<usize>) {
        if let Some(trace) = &self.trace {
            trace.0.store(step.unwrap_or(Trace::NOWHERE), Ordering::Release);
        }
    }

    /// Makes the writer panic, to show that it survives.
    #[cfg(test)]
    pub(super) fn panic(&mut self) -> &mut Self {
        self.push(Sql::new(""), Action::Panic)
    }

    fn push(&mut self, sql: Sql, action: Action) -> &mut Self {
        self.steps.push(Step { sql, action });
        self
    }

    fn answer(&mut self) -> Slot {
        self.answers += 1;
        Slot(self.answers - 1)
    }

    /// The error that the step at `index` was given for its refusal.
    pub(super) fn otherwise(self, index: usize) -> Option<Error> {
        match self.steps.into_iter().nth(index)?.action {
            Action::Expect { otherwise, .. }
            | Action::Guard { otherwise, .. }
            | Action::Untouched { otherwise, .. } => Some(otherwise),
            _ => None,
        }
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.steps.iter().map(|step| step.sql.text())).finish()
    }
}

/// What a committed unit answered.
#[derive(Debug, Default)]
pub struct Outcome {
    pub(super) answers: Vec<Answer>,
}

#[derive(Debug)]
pub(super) enum Answer {
    Rows(RowSet),
    Count(u64),
}

impl Outcome {
    /// The rows of a [`Unit::query`] step; none for any other slot.
    #[must_use]
    pub fn rows(&self, slot: Slot) -> &RowSet {
        const NONE: &RowSet = &RowSet { width: 0, values: Vec::new() };
        match self.answers.get(slot.0) {
            Some(Answer::Rows(rows)) => rows,
            _ => NONE,
        }
    }

    /// The rows of a [`Unit::query`] step, to keep.
    pub fn take_rows(&mut self, slot: Slot) -> RowSet {
        match self.answers.get_mut(slot.0) {
            Some(Answer::Rows(rows)) => std::mem::take(rows),
            _ => RowSet::default(),
        }
    }

    /// The affected rows of a [`Unit::count`] step; 0 for any other slot.
    #[must_use]
    pub fn count(&self, slot: Slot) -> u64 {
        match self.answers.get(slot.0) {
            Some(Answer::Count(count)) => *count,
            _ => 0,
        }
    }
}

/// Rows that were read inside a unit, in one allocation.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct RowSet {
    pub(super) width: usize,
    pub(super) values: Vec<Value>,
}

impl RowSet {
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values of one row, in the order of the columns.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<&[Value]> {
        let start = index.checked_mul(self.width)?;
        self.values.get(start..start + self.width).filter(|row| !row.is_empty())
    }

    pub fn iter(&self) -> impl Iterator<Item = &[Value]> {
        self.values.chunks_exact(self.width.max(1))
    }
}
