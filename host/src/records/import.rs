//! A file of records becomes records: created, or updated where a key says that they are there. A chunk of rows
//! is one transaction; a row that is wrong is told and left out, and keeps no other from being written.

mod items;
mod rows;

use super::export::Format;
use super::original::Original;
use super::plan::{Plan, Refusal, Refused};
use super::read;
use super::tries::Tries;
use super::uploads::Named;
use super::write::{plan_change, plan_create, refuse_view};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Collection, index::Index, record::find};
use crate::tasks;
use crate::tenant::Cx;
use rows::{Columns, Rows};
use serde_json::{Map, Value as Json};
use std::fs::File;
use std::sync::Arc;

/// Rows whose errors are told; the others are only counted.
const ERRORS_MAX: usize = 100;

const AMBIGUOUS: &str = "More than one record has the key of the row.";

/// Rows that may spoil a chunk one after the other before its rows are written one by one.
const BLAMED_MAX: usize = 4;

/// How a file is to be read.
#[derive(Debug, Clone)]
pub struct ImportQuery {
    pub format: Format,
    /// The field by which a record is found that is to be updated; without it every row is a new record.
    pub key: Option<String>,
    /// A JSON object of columns to fields, where they have other names; an empty one leaves the column out.
    pub columns: Option<String>,
    /// What stands between the cells of a CSV.
    pub delimiter: Option<String>,
    /// Only say what would be written.
    pub dry_run: bool,
    /// Nobody takes part: neither before nor after, and no validator.
    pub skip_hooks: bool,
}

/// What became of a file.
#[derive(Debug, Default)]
pub struct Report {
    pub rows: u64,
    pub created: u64,
    pub updated: u64,
    pub failed: u64,
    pub dry_run: bool,
    /// Of the first rows that failed: their numbers, counted from 1, and why.
    pub errors: Vec<(u64, Error)>,
}

/// Writes the rows of a file that stands at its beginning.
///
/// # Errors
/// `Invalid` when the file or the query is wrong as a whole; what else goes wrong for good (the database is
/// busy for too long) ends the import after the chunks that are written.
pub async fn import(cx: &Cx, collection: &Arc<Collection>, query: &ImportQuery, file: File) -> Result<Report> {
    refuse_view(collection)?;
    if !cx.caller.is_trusted() && cx.caller.key().is_none() {
        return Err(Error::Forbidden("Only superusers can perform this action.".into()));
    }
    if let Some(key) = &query.key {
        key_field(collection, key)?;
    }
    let columns = columns(query.columns.as_deref())?;
    let (format, delimiter, of) = (query.format, delimiter(query.delimiter.as_deref())?, collection.clone());
    let mut rows = tasks::blocking(move || Rows::open(file, format, delimiter, of, columns)).await??;
    let cx = Cx { without_hooks: query.skip_hooks, ..cx.clone() };
    let report = Report { dry_run: query.dry_run, ..Report::default() };
    let (read_by, tries) = (collection.clone(), Tries::of_own(cx, &collection.id));
    let mut import = Import { tries, read_by, key: query.key.as_deref(), report };
    loop {
        let (rest, chunk) = tasks::blocking(move || {
            let chunk = rows.chunk();
            (rows, chunk)
        })
        .await?;
        rows = rest;
        let chunk = chunk?;
        if chunk.is_empty() {
            let mut report = import.report;
            report.errors.sort_by_key(|(row, _)| *row);
            return Ok(report);
        }
        import.chunk(chunk).await?;
    }
}

/// The field that tells records apart: only one by which at most one is found.
fn key_field(collection: &Collection, key: &str) -> Result<usize> {
    let message = "The key must be id or a field with a unique index.";
    let Some(index) = collection.field_index(key) else {
        return Err(Error::field(message, "key", code::UNKNOWN_FIELD));
    };
    if key != "id" && !Index::is_unique_on(&collection.indexes, key) {
        return Err(Error::field(message, "key", code::MISSING_UNIQUE_CONSTRAINT.with([("fieldName", key.into())])));
    }
    Ok(index)
}

fn columns(text: Option<&str>) -> Result<Columns> {
    let parsed = text.map(serde_json::from_str::<Columns>).transpose();
    let message = "The columns must be a JSON object of names to names.";
    parsed.map(Option::unwrap_or_default).map_err(|_| Error::field(message, "columns", code::INVALID_JSON))
}

fn delimiter(text: Option<&str>) -> Result<u8> {
    match text {
        None | Some(",") => Ok(b','),
        Some(";") => Ok(b';'),
        Some("\t" | "tab") => Ok(b'\t'),
        Some(_) => Err(Error::field("The delimiter must be `,`, `;` or `tab`.", "delimiter", code::IN_INVALID)),
    }
}

/// What becomes of a row.
#[derive(Clone, Copy)]
enum Fate {
    Created,
    Updated,
}

/// What became of a chunk.
enum Together {
    Done,
    /// This row kept the others from being written.
    Spoilt {
        part: usize,
        error: Error,
    },
    /// Nobody in particular did.
    Unclear,
}

struct Import<'a> {
    tries: Tries<'static>,
    /// The collection as it was when the file was opened: what its columns mean.
    read_by: Arc<Collection>,
    key: Option<&'a str>,
    report: Report,
}

/// What a row is planned by.
#[derive(Clone, Copy)]
struct By<'a> {
    cx: &'a Cx,
    collection: &'a Arc<Collection>,
    /// The field that tells records apart.
    key: Option<usize>,
}

impl Import<'_> {
    async fn chunk(&mut self, rows: Vec<rows::Row>) -> Result<()> {
        let mut inputs = Vec::with_capacity(rows.len());
        for (number, row) in rows {
            self.report.rows += 1;
            match row {
                Ok(input) => inputs.push((number, self.confirmed(input))),
                Err(error) => self.fail(number, error),
            }
        }
        // The time of an import is the time of each of its chunks.
        let now_ms = self.tries.cx().tenant.world.now_ms();
        self.tries = Tries::of_own(Cx { now_ms, ..self.tries.cx().clone() }, &self.read_by.id);
        // Hooks of a chunk that is planned by the former definitions would be called again.
        self.tries.turn().await?;
        for _ in 0..BLAMED_MAX {
            let ended = self.together(&inputs).await;
            if !matches!(ended, Ok(Together::Done)) && self.tries.turn().await? {
                continue;
            }
            match ended? {
                Together::Done => return Ok(()),
                Together::Spoilt { part, error } => {
                    let (number, _) = inputs.remove(part);
                    self.fail(number, error);
                }
                Together::Unclear => break,
            }
        }
        for (number, input) in &inputs {
            self.tries.begin_anew().await;
            self.single(*number, input).await?;
        }
        Ok(())
    }

    /// What the rows are planned by in this try.
    ///
    /// # Errors
    /// What every row fails for: by the definitions of this try the collection has gone, or its key.
    fn by(&self) -> Result<By<'_>> {
        let collection = self.tries.collection(&self.read_by)?;
        let key = self.key.map(|key| key_field(collection, key)).transpose()?;
        Ok(By { cx: self.tries.cx(), collection, key })
    }

    /// Whether the columns of a row mean what they meant when the file was opened. Under another name their values would be
    /// dropped without a word, or become those of another field.
    fn fits(&self, collection: &Collection, input: &Map<String, Json>) -> Result<()> {
        let mut errors = FieldErrors::default();
        let id_in = |of: &Collection, key: &str| find(of, key).map(|(index, _)| of.fields[index].id.clone());
        for key in input.keys().map(String::as_str).chain(self.key) {
            let (meant, found) = (id_in(&self.read_by, key), id_in(collection, key));
            if meant.is_some() && meant != found {
                let message = "The field was renamed or deleted while the file was read.";
                errors.add(key, code::UNKNOWN_FIELD.say(message));
            }
        }
        errors.into_result("The columns do not fit the collection any more.")
    }

    /// Nobody types a password twice into a file, and an empty cell is no password.
    fn confirmed(&self, mut input: Map<String, Json>) -> Map<String, Json> {
        let is_auth = self.read_by.auth().is_some();
        if is_auth && input.get("password").is_some_and(|cell| cell.is_null() || cell == "") {
            input.shift_remove("password");
        }
        if is_auth
            && !input.contains_key("passwordConfirm")
            && let Some(password) = input.get("password").cloned()
        {
            input.insert("passwordConfirm".to_owned(), password);
        }
        input
    }

    /// Writes the rows in one transaction. Nothing is written or told when one of them spoils it only at the commit.
    async fn together(&mut self, inputs: &[(u64, Map<String, Json>)]) -> Result<Together> {
        let mut plan = self.blank();
        let mut fates = Vec::with_capacity(inputs.len());
        for (part, (number, input)) in inputs.iter().enumerate() {
            plan.begin_part(part);
            let steps = plan.len();
            match self.plan_row(&mut plan, input).await {
                Ok(fate) => fates.push((*number, Ok(fate))),
                Err(error) if !is_about_a_row(&error) => return Err(error),
                // The row may be good by itself, or a part of it has been planned already.
                Err(_) if plan.reads_itself() || plan.len() > steps => return Ok(Together::Unclear),
                Err(error) => fates.push((*number, Err(error))),
            }
        }
        match plan.commit(self.tries.cx()).await {
            Ok(()) => {}
            Err(Refused { why: Refusal::Conflict, .. }) => return Ok(Together::Unclear),
            Err(Refused { part, why: Refusal::Error(error) }) if is_about_a_row(&error) => {
                return Ok(Together::Spoilt { part, error });
            }
            Err(Refused { why: Refusal::Error(error), .. }) => return Err(error),
        }
        for (number, fate) in fates {
            self.note(number, fate);
        }
        Ok(Together::Done)
    }

    async fn single(&mut self, number: u64, input: &Map<String, Json>) -> Result<()> {
        let fate = loop {
            match self.try_single(input).await {
                Ok(fate) => break Ok(fate),
                Err(why) => match self.tries.again(why).await {
                    Ok(()) => {}
                    Err(error) if is_about_a_row(&error) => break Err(error),
                    Err(error) => return Err(error),
                },
            }
        };
        self.note(number, fate);
        Ok(())
    }

    async fn try_single(&self, input: &Map<String, Json>) -> Result<Fate, Refusal> {
        let mut plan = self.blank();
        let planned = self.plan_row(&mut plan, input).await.map_err(|error| plan.refusal(error))?;
        plan.commit(self.tries.cx()).await.map_err(|refused| refused.why)?;
        Ok(planned)
    }

    fn blank(&self) -> Plan {
        if self.report.dry_run { Plan::trial() } else { Plan::default() }
    }

    async fn plan_row(&self, plan: &mut Plan, input: &Map<String, Json>) -> Result<Fate> {
        let (named, by) = (&Named::without_files(input), self.by()?);
        self.fits(by.collection, input)?;
        match by.existing(plan, input).await? {
            Some(original) => plan_change(by.cx, plan, original, named).await.map(|_| Fate::Updated),
            None => plan_create(by.cx, plan, by.collection, named).await.map(|_| Fate::Created),
        }
    }

    fn note(&mut self, number: u64, fate: Result<Fate>) {
        match fate {
            Ok(Fate::Created) => self.report.created += 1,
            Ok(Fate::Updated) => self.report.updated += 1,
            Err(error) => self.fail(number, error),
        }
    }

    fn fail(&mut self, number: u64, error: Error) {
        self.report.failed += 1;
        if self.report.errors.len() < ERRORS_MAX {
            self.report.errors.push((number, error));
        }
    }
}

impl By<'_> {
    /// The record that has the row's key, as it is stored or as an earlier row of the chunk leaves it.
    async fn existing(&self, plan: &Plan, input: &Map<String, Json>) -> Result<Option<Original>> {
        let Some(index) = self.key else { return Ok(None) };
        let field = &self.collection.fields[index];
        let Some(value) = input.get(&field.name).map(|value| field.normalise(value)) else { return Ok(None) };
        if field.is_zero(&value) {
            return Ok(None);
        }
        let mut planned = plan.overlay().records(self.collection);
        if let Some(record) = planned.find(|record| record.values[index] == value) {
            return Ok(Some(Original::planned(record.clone())));
        }
        let mut select = read::plain_select(&self.cx.catalog, self.collection);
        select.push(" WHERE ").name(&field.name).push(" = ").bind(field.store(&value));
        let ignores_case = |index: Index| {
            index.single_unique_column().is_some_and(|column| column.collate.eq_ignore_ascii_case("nocase"))
        };
        if Index::unique_on(&self.collection.indexes, &field.name).is_some_and(ignores_case) {
            select.push(" COLLATE NOCASE");
        }
        let store = &self.cx.tenant.store;
        // The index of a field that is unique has this condition; without it each row would look at every record.
        select.push(" AND ").name(&field.name).push(" != ''");
        // An index with a condition keeps apart only the rows that it is about.
        select.push(" LIMIT 2");
        let read = store.read(|snapshot| {
            let mut found = None;
            snapshot.rows(&select, |row| match found.replace(Original::stored(self.collection, row)) {
                None => Ok(()),
                Some(_) => Err(Error::field(AMBIGUOUS, &field.name, code::NOT_UNIQUE)),
            })?;
            Ok(found)
        });
        Ok(read.await?.and_then(|original| original.in_plan(plan)))
    }
}

/// Whether the other rows may fare better.
fn is_about_a_row(error: &Error) -> bool {
    !matches!(
        error,
        Error::Internal(_)
            | Error::Unavailable(_)
            | Error::RateLimited { .. }
            | Error::OverQuota { .. }
            | Error::Unauthenticated(_)
    )
}
