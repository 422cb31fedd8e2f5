//! A file of records becomes records: created, or updated where a key says that they are there. A chunk of rows
//! is one transaction; a row that is wrong is told and left out, and keeps no other from being written.

mod items;
mod pauses;
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
use pauses::{Pauses, passes};
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
    /// Where it ended before the file did. Nothing of the rows from there on is written.
    pub stopped: Option<Stopped>,
}

/// The first row that an import has not come to, counted from 1, and what kept it from that.
#[derive(Debug)]
pub struct Stopped {
    pub row: u64,
    pub why: Error,
}

/// Writes the rows of a file that stands at its beginning.
///
/// # Errors
/// `Invalid` when the file or the query is wrong as a whole. What else goes wrong for good (the plugins stay over their quota,
/// the database busy) ends the import; it is an error as long as nothing is written, and afterwards a part of the report.
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
    let key = query.key.as_deref();
    let mut import = Import { tries, read_by, key, report, pauses: Pauses::default(), wrong: Vec::new() };
    loop {
        let next = import.report.rows + 1;
        let read = tasks::blocking(move || {
            let chunk = rows.chunk();
            (rows, chunk)
        });
        let (rest, chunk) = match read.await {
            Ok(read) => read,
            Err(why) => return import.report.up_to(Stopped { row: next, why }),
        };
        rows = rest;
        let done = match chunk {
            Ok(chunk) if chunk.is_empty() => return Ok(import.report.in_order()),
            Ok(chunk) => import.chunk(chunk).await,
            Err(why) => Err(Stopped { row: next, why }),
        };
        if let Err(stopped) = done {
            return import.report.up_to(stopped);
        }
    }
}

impl Report {
    fn in_order(mut self) -> Self {
        self.errors.sort_by_key(|(row, _)| *row);
        self
    }

    /// Who sends the file again, because all that is answered is an error, must not write the same rows again.
    fn up_to(self, stopped: Stopped) -> Result<Self> {
        if self.created + self.updated == 0 {
            return Err(stopped.why);
        }
        tracing::warn!(row = stopped.row, why = ?stopped.why, "an import stopped before the end of its file");
        Ok(Self { stopped: Some(stopped), ..self.in_order() })
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

/// A row by its number.
type Input = (u64, Map<String, Json>);

/// What became of rows that were to be written together.
enum Together {
    /// So many from the first on have their fate, and why those after them have not.
    Done { count: usize, then: Result<()> },
    /// This row kept the others from being written.
    Spoilt { part: usize, error: Error },
    /// Nobody in particular did.
    Unclear,
}

struct Import<'a> {
    tries: Tries<'static>,
    /// The collection as it was when the file was opened: what its columns mean.
    read_by: Arc<Collection>,
    key: Option<&'a str>,
    report: Report,
    pauses: Pauses,
    /// Rows of the chunk that are wrong and do not wait for the others.
    wrong: Vec<(u64, Error)>,
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
    /// Writes the rows, and waits where that helps.
    ///
    /// # Errors
    /// Where and why it is of no use to go on.
    async fn chunk(&mut self, rows: Vec<rows::Row>) -> Result<(), Stopped> {
        let mut inputs = Vec::with_capacity(rows.len());
        for (number, row) in rows {
            self.report.rows += 1;
            match row {
                Ok(input) => inputs.push((number, self.confirmed(input))),
                Err(error) => self.wrong.push((number, error)),
            }
        }
        let mut one_by_one = false;
        let mut stopped = None;
        while let (Some((row, _)), None) = (inputs.first(), &stopped) {
            let row = *row;
            if let Err(error) = self.stretch(&mut inputs, &mut one_by_one).await {
                // Nobody who waits keeps the schema still, or others from their turns.
                self.renew();
                let row = inputs.first().map_or(row, |(row, _)| *row);
                stopped = self.pauses.wait(&self.tries.cx().tenant, error).await.err().map(|why| Stopped { row, why });
            }
        }
        let end = stopped.as_ref().map_or(u64::MAX, |stopped| stopped.row);
        for (number, error) in std::mem::take(&mut self.wrong) {
            if number < end {
                self.fail(number, error);
            } else {
                self.report.rows -= 1;
            }
        }
        self.report.rows -= inputs.len() as u64;
        stopped.map_or(Ok(()), Err)
    }

    /// Writes rows from the first on and takes out those that have their fate.
    ///
    /// # Errors
    /// What keeps the others from having theirs, and is not about one of them.
    async fn stretch(&mut self, inputs: &mut Vec<Input>, one_by_one: &mut bool) -> Result<()> {
        self.renew();
        // Hooks of a chunk that is planned by the former definitions would be called again.
        self.tries.turn().await?;
        for _ in 0..BLAMED_MAX {
            if *one_by_one {
                break;
            }
            let ended = self.together(inputs).await;
            if !matches!(ended, Ok(Together::Done { .. })) && self.tries.turn().await? {
                continue;
            }
            match ended? {
                Together::Done { count, then } => {
                    inputs.drain(..count);
                    return then;
                }
                Together::Spoilt { part, error } => self.wrong.push((inputs.remove(part).0, error)),
                Together::Unclear => break,
            }
        }
        *one_by_one = true;
        let mut done = 0;
        let mut end = Ok(());
        while let (Some((number, input)), Ok(())) = (inputs.get(done), &end) {
            self.tries.begin_anew().await;
            end = self.single(*number, input).await;
            done += usize::from(end.is_ok());
        }
        inputs.drain(..done);
        end
    }

    /// Goes on with tries of its own: the time of an import is the time of each of its chunks.
    fn renew(&mut self) {
        let now_ms = self.tries.cx().tenant.world.now_ms();
        self.tries = Tries::of_own(Cx { now_ms, ..self.tries.cx().clone() }, &self.read_by.id);
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

    /// Writes the rows in one transaction, as far as they can be planned now. Nothing is written or told when one of them
    /// spoils it only at the commit.
    async fn together(&mut self, inputs: &[Input]) -> Result<Together> {
        let mut plan = self.blank();
        let mut fates = Vec::with_capacity(inputs.len());
        let mut then = Ok(());
        for (part, (number, input)) in inputs.iter().enumerate() {
            plan.begin_part(part);
            let steps = plan.len();
            match self.plan_row(&mut plan, input).await {
                Ok(fate) => fates.push((*number, Ok(fate))),
                Err(error) if !self.is_about_a_row(&error) && !passes(&error) => return Err(error),
                // The row may be good by itself, or a part of it has been planned already.
                Err(_) if plan.reads_itself() || plan.len() > steps => return Ok(Together::Unclear),
                Err(error) if self.is_about_a_row(&error) => fates.push((*number, Err(error))),
                // What is planned need not be planned again, which could use up what has just been waited for.
                Err(error) => {
                    then = Err(error);
                    break;
                }
            }
        }
        match plan.commit(self.tries.cx()).await {
            Ok(()) => {}
            Err(Refused { why: Refusal::Conflict, .. }) => return Ok(Together::Unclear),
            Err(Refused { part, why: Refusal::Error(error) }) if self.is_about_a_row(&error) => {
                return Ok(Together::Spoilt { part, error });
            }
            Err(Refused { why: Refusal::Error(error), .. }) => return Err(error),
        }
        let count = fates.len();
        for (number, fate) in fates {
            self.note(number, fate);
        }
        Ok(Together::Done { count, then })
    }

    async fn single(&mut self, number: u64, input: &Map<String, Json>) -> Result<()> {
        let fate = loop {
            match self.try_single(input).await {
                Ok(fate) => break Ok(fate),
                Err(why) => match self.tries.again(why).await {
                    Ok(()) => {}
                    Err(error) if self.is_about_a_row(&error) => break Err(error),
                    Err(error) => return Err(error),
                },
            }
        };
        self.tries.leave();
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

    /// Whether the other rows may fare better.
    fn is_about_a_row(&self, error: &Error) -> bool {
        let is_gone = self.tries.collection(&self.read_by).is_err();
        let is_about_all = match error {
            Error::Internal(_) | Error::Unauthenticated(_) => true,
            Error::Plugin(failure) => failure.axis.is_none(),
            error => passes(error),
        };
        !is_gone && !is_about_all
    }

    fn note(&mut self, number: u64, fate: Result<Fate>) {
        // A plugin that fails for every row gets nowhere.
        if !matches!(fate, Err(Error::Plugin(_))) {
            self.pauses.begin_anew();
        }
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
