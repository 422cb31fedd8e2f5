//! A change of the schema: the collections as they shall be, checked as a whole and then made in one transaction.

use super::refusal::refusal;
use super::{departure, rules};
use crate::activity;
use crate::db::{Guard, Unit};
use crate::error::{Error, FieldErrors, Result, code};
use crate::files::journal;
use crate::model::{Collection, Kind};
use crate::schema::catalog::{Catalog, SCHEMA};
use crate::schema::{self, IndexStep, ddl, views};
use crate::sql::Sql;
use crate::tenant::hooks::Farewell;
use crate::tenant::{Cx, history};
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;

/// A collection that is new or changes.
#[derive(Debug)]
struct Touched {
    old: Option<Arc<Collection>>,
    /// Where it stands in `after`.
    at: usize,
}

/// What becomes of a collection: without `old` it is made, without `new` it goes.
#[derive(Debug)]
pub(super) struct Outcome {
    pub old: Option<Arc<Collection>>,
    pub new: Option<Arc<Collection>>,
}

/// A change that would go well.
#[derive(Debug)]
pub(super) struct Rehearsed {
    /// SQL, in the order in which it would be run.
    pub statements: Vec<String>,
    pub outcomes: Vec<Outcome>,
}

/// A change that was checked and not made yet.
struct Prepared {
    unit: Unit,
    /// Of its steps those on tables, views and indexes of collections, as texts.
    statements: Vec<String>,
    /// Those that make the indexes of definitions.
    made: Vec<IndexStep>,
    farewell: Farewell,
}

#[derive(Debug)]
pub(super) struct Change {
    before: Vec<Arc<Collection>>,
    after: Vec<Arc<Collection>>,
    touched: Vec<Touched>,
}

impl Change {
    /// No change yet.
    pub(super) fn of(cx: &Cx) -> Self {
        let before: Vec<_> = cx.catalog.collections().cloned().collect();
        Self { after: before.clone(), before, touched: Vec::new() }
    }

    /// A collection as it shall be; `old` is the stored one, if there is. Answers with its id.
    pub(super) fn put(&mut self, old: Option<Arc<Collection>>, mut new: Collection) -> String {
        let known = old.as_ref().and_then(|old| self.after.iter().position(|other| other.id == old.id));
        if old.is_none() {
            new.settle_id(|id| self.after.iter().any(|other| other.id == id));
        }
        let id = new.id.clone();
        let at = known.unwrap_or(self.after.len());
        if known.is_some() {
            self.after[at] = Arc::new(new);
        } else {
            self.after.push(Arc::new(new));
        }
        self.touched.retain(|touched| touched.at != at);
        self.touched.push(Touched { old, at });
        id
    }

    /// A collection goes. After the last [`Change::put`].
    pub(super) fn remove(&mut self, id: &str) {
        let Some(gone) = self.after.iter().position(|known| known.id == id) else { return };
        self.after.remove(gone);
        for touched in self.touched.iter_mut().filter(|touched| touched.at > gone) {
            touched.at -= 1;
        }
    }

    /// Checks everything, makes the change and swaps the catalog. Both or neither: the database must not go on with
    /// other tables than the requests know, also when the client goes away meanwhile.
    ///
    /// # Errors
    /// `Invalid` under `message` with every mistake of the first collection that has one; nothing is done then.
    pub(super) async fn commit(mut self, cx: &Cx, lock: OwnedMutexGuard<()>, message: &'static str) -> Result<()> {
        let Prepared { mut unit, made, farewell, .. } = self.prepare(cx, message).await?;
        unit.touch(SCHEMA);
        let (tenant, turnover) = (cx.tenant.clone(), cx.tenant.turnover.clone());
        unit.before_commit(move || turnover.begin());
        let (trace, after) = (unit.trace(), self.after.clone());
        let change = async move {
            // Whoever changes the schema next must find the catalog of this change.
            let _lock = lock;
            let _turning = tenant.turnover.ends();
            if let Err(failure) = tenant.store.write_alone(unit).await {
                return Err(refusal(failure, trace.step(), &made, &after, message));
            }
            let catalog = tenant.tasks.insist("read the changed collections", || schema::reload(&tenant.store)).await?;
            tenant.catalog.store(Arc::new(catalog));
            tenant.files.ring();
            tenant.sync_bell.notify_one();
            farewell.after.await
        };
        cx.tenant.tasks.to_its_end(change).await
    }

    /// Does all that [`Change::commit`] would do, its transaction included, and takes it back.
    ///
    /// # Errors
    /// Those of [`Change::commit`].
    pub(super) async fn rehearse(
        mut self,
        cx: &Cx,
        lock: OwnedMutexGuard<()>,
        message: &'static str,
    ) -> Result<Rehearsed> {
        let Prepared { mut unit, statements, made, farewell } = self.prepare(cx, message).await?;
        let (trace, end) = (unit.trace(), unit.len());
        // Fails when all else went well, which takes everything back.
        unit.guard(Sql::new("SELECT 1"), Guard::NoRow, Error::internal("rehearse a change", "it was not taken back"));
        let written = cx.tenant.store.write_alone(unit).await;
        // Those who wait for the next change wait no longer than this one takes.
        drop((lock, farewell));
        match written {
            Err(_) if trace.step() == Some(end) => Ok(Rehearsed { statements, outcomes: self.outcomes() }),
            Err(failure) => Err(refusal(failure, trace.step(), &made, &self.after, message)),
            Ok(_) => Err(Error::internal("rehearse a change", "it was not taken back")),
        }
    }

    /// Checks everything and says what is to be done.
    async fn prepare(&mut self, cx: &Cx, message: &'static str) -> Result<Prepared> {
        self.check(message, |_| true)?;
        self.follow_renames()?;
        let create_views = self.resolve_views(message)?;
        self.check(message, Collection::is_view)?;
        self.check_rules(message)?;
        let mut unit = Unit::new();
        journal::doom_lost(&mut unit, &self.before, &self.after, cx.now_ms);
        let migration = schema::migration(&self.before, &self.after, create_views);
        let statements = migration.tables.iter().map(|statement| statement.text().to_owned()).collect();
        let made = migration.add_to(&mut unit);
        journal::spare_kept(&mut unit, &self.before, &self.after);
        for entry in activity::of_collections(cx, &self.before, &self.after) {
            unit.run(entry);
        }
        let farewell = departure::prepare(cx, &mut unit, &self.gone()).await?;
        self.tell_history(cx, &mut unit);
        Ok(Prepared { unit, statements, made, farewell })
    }

    /// What follows the history has to look at all of a table that is made, and of one whose columns change: ids come from
    /// names, so that what was deleted and made again between two looks is not told from the former by its definition.
    fn tell_history(&self, cx: &Cx, unit: &mut Unit) {
        for new in self.after.iter().filter(|new| !new.is_view() && !new.system) {
            let old = self.before.iter().find(|old| old.id == new.id && !old.is_view());
            if old.is_none_or(|old| !ddl::change_columns(old, new).is_empty()) {
                unit.run(history::unseen(&new.id, cx.tenant.changes.base(), cx.now_ms));
            }
        }
    }

    /// Every collection that is another one before than after, those that go last.
    fn outcomes(&self) -> Vec<Outcome> {
        let former = |new: &Arc<Collection>| self.before.iter().find(|old| old.id == new.id).cloned();
        let stays = self.after.iter().map(|new| Outcome { old: former(new), new: Some(new.clone()) });
        let goes = self.gone().into_iter().map(|old| Outcome { old: Some(old), new: None });
        stays.filter(|outcome| outcome.old != outcome.new).chain(goes).collect()
    }

    fn gone(&self) -> Vec<Arc<Collection>> {
        let stays = |old: &Arc<Collection>| self.after.iter().any(|new| new.id == old.id);
        self.before.iter().filter(|old| !stays(old)).cloned().collect()
    }

    /// Every definition against its former self and against the others as they shall be.
    fn check(&mut self, message: &'static str, which: impl Fn(&Collection) -> bool) -> Result<()> {
        for touched in self.touched.iter().filter(|touched| which(&self.after[touched.at])) {
            let mut new = (*self.after[touched.at]).clone();
            let others =
                || self.after.iter().enumerate().filter(|(at, _)| *at != touched.at).map(|(_, other)| &**other);
            let find = |name: &str| {
                let named = others().find(|other| other.name.eq_ignore_ascii_case(name));
                others().find(|other| other.id == name).or(named)
            };
            new.check(touched.old.as_deref(), &find, &mut others()).into_result(message)?;
        }
        Ok(())
    }

    /// The queries of views that are not changed themselves name tables by their new names.
    fn follow_renames(&mut self) -> Result<()> {
        let tables = self.touched.iter().filter_map(|touched| Some((touched.old.as_ref()?, &self.after[touched.at])));
        let renamed = tables.filter(|(old, new)| !old.is_view() && old.name != new.name);
        let renamed: Vec<_> = renamed.map(|(old, new)| (old.name.clone(), new.name.clone())).collect();
        for (id, query) in views::follow(&self.before, &renamed)? {
            let is_own = |touched: &Touched| {
                let old = touched.old.as_ref().filter(|old| old.id == id);
                old.is_some_and(|old| old.kind != self.after[touched.at].kind)
            };
            if self.touched.iter().any(is_own) {
                continue;
            }
            if let Some(view) = self.after.iter_mut().find(|known| known.id == id) {
                *view = Arc::new(Collection { kind: Kind::View { query }, ..(**view).clone() });
            }
        }
        Ok(())
    }

    /// Gives every view the fields of its query.
    fn resolve_views(&mut self, message: &'static str) -> Result<Vec<Sql>> {
        let touched = |id: &str| self.touched.iter().any(|touched| self.after[touched.at].id == id);
        let fresh = |id: &str| {
            let mut own = self.touched.iter().filter(|touched| self.after[touched.at].id == id);
            own.any(|touched| touched.old.as_ref().is_none_or(|old| old.kind != self.after[touched.at].kind))
        };
        match views::resolve(self.after.clone(), fresh)? {
            Ok(resolved) => {
                self.after = resolved.collections;
                Ok(resolved.create)
            }
            Err(broken) if touched(&broken.id) => {
                let words = format!("Invalid query - {}", broken.words);
                Err(Error::field(message, "viewQuery", code::INVALID_VIEW_QUERY.say(words)))
            }
            Err(broken) if self.takes_table_of(&broken) => {
                let (failed, view) = (message.trim_end_matches('.'), broken.name);
                Err(Error::invalid(format!("{failed} probably due to existing reference in {view}.")))
            }
            Err(broken) => {
                Err(Error::invalid(format!("{message} Raw error: the view {} - {}", broken.name, broken.words)))
            }
        }
    }

    /// Whether a collection goes that the view reads.
    fn takes_table_of(&self, broken: &views::Broken) -> bool {
        let missing = broken.missing();
        missing.is_some_and(|name| self.gone().iter().any(|gone| gone.name.eq_ignore_ascii_case(name)))
    }

    fn check_rules(&self, message: &'static str) -> Result<()> {
        let catalog = Catalog::new(self.after.clone());
        for touched in &self.touched {
            let mut errors = FieldErrors::default();
            rules::check(&catalog, &self.after[touched.at], &mut errors);
            errors.into_result(message)?;
        }
        Ok(())
    }
}
