//! A whole list as CSV, JSON or NDJSON: written from one snapshot into a file, which is then sent as slowly as the
//! client likes. Nothing is held in memory but one row, and no reader waits for a client.

use super::cells;
use super::read;
use super::render::{self, Sight};
use super::search;
use super::selection::Selection;
use crate::db::Row;
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::picker::Picker;
use crate::model::{Collection, Field, FieldKind};
use crate::sql::{Sql, ValueRef};
use crate::tenant::Cx;
use serde_json::Value as Json;
use std::fs::File;
use std::io::{BufWriter, Seek as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

/// How long reading and writing may take.
const TIME: Duration = Duration::from_mins(2);
/// Largest file.
const BYTES_MAX: u64 = 4 << 30;
/// How much is written to the disk at once.
const BUFFER: usize = 64 << 10;
/// What a spreadsheet would take for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// Spreadsheets take a file for UTF-8 only when it begins with it.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How rows are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    /// One list of all of them.
    Json,
    /// One on each line.
    Ndjson,
}

impl Format {
    /// # Errors
    /// `Invalid` for anything but `csv`, `json` and `ndjson`.
    pub fn parse(text: Option<&str>) -> Result<Self> {
        match text {
            Some("csv") => Ok(Self::Csv),
            Some("json") => Ok(Self::Json),
            Some("ndjson") => Ok(Self::Ndjson),
            None => Err(Error::field("The format is missing: csv, json or ndjson.", "format", code::REQUIRED)),
            Some(_) => Err(Error::field("The format must be csv, json or ndjson.", "format", code::IN_INVALID)),
        }
    }

    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
        }
    }
}

/// What is wanted of a list.
#[derive(Debug, Clone)]
pub struct ExportQuery {
    pub format: Format,
    pub filter: Option<String>,
    pub search: Option<String>,
    pub sort: Option<String>,
    pub fields: Option<String>,
    /// CSV that a spreadsheet opens without taking a text for a formula.
    pub for_spreadsheet: bool,
}

/// Writes the records that the caller may list; the file stands at its beginning then. Its length in bytes.
///
/// # Errors
/// As a list's; `Invalid` when the file would be too large, `Unavailable` when it takes too long.
pub async fn export(cx: &Cx, collection: &Arc<Collection>, query: &ExportQuery, file: &mut File) -> Result<u64> {
    let sight = Sight::of(cx, collection);
    let select = select(cx, collection, &sight, query)?;
    let mut pen = Pen::new(query, collection, &sight, file)?;
    let writing = cx.tenant.store.read_slow(TIME, |snapshot| {
        pen.head()?;
        snapshot.rows(&select, |row| pen.row(row))?;
        pen.finish()
    });
    let length = writing.await?;
    drop(pen);
    file.rewind().map_err(failed)?;
    Ok(length)
}

/// The rows of a list without pages.
fn select(cx: &Cx, collection: &Arc<Collection>, sight: &Sight, query: &ExportQuery) -> Result<Sql> {
    let mut selection = Selection::of(cx, collection, query.filter.as_deref())?;
    let order = read::client_sort(cx, collection, query.sort.as_deref())?;
    selection.guard(order.as_ref());
    let search = search::parse(cx, collection, query.search.as_deref())?;
    let mut select = read::select_shown(cx, collection, sight);
    select.append(selection.searched(search.as_ref()).rows());
    read::append_order(&mut select, order.as_ref());
    Ok(select)
}

fn failed(error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return Error::Unavailable("There is no room left for the export.".into());
    }
    Error::internal("write an export", error)
}

/// Writes rows.
struct Pen<'a> {
    out: BufWriter<&'a mut File>,
    written: u64,
    collection: &'a Collection,
    sight: &'a Sight,
    manner: Manner,
    /// The row being written; kept for its memory.
    line: Vec<u8>,
}

enum Manner {
    /// `begun` is of a list that has an item already; without a list each is a line.
    Json {
        picker: Option<Picker>,
        begun: Option<bool>,
    },
    Csv {
        columns: Vec<usize>,
        for_spreadsheet: bool,
    },
}

impl<'a> Pen<'a> {
    fn new(query: &ExportQuery, collection: &'a Collection, sight: &'a Sight, file: &'a mut File) -> Result<Self> {
        let fields = query.fields.as_deref().filter(|fields| !fields.trim().is_empty());
        let manner = match query.format {
            Format::Ndjson => Manner::Json { picker: fields.map(Picker::parse).transpose()?, begun: None },
            Format::Json => Manner::Json { picker: fields.map(Picker::parse).transpose()?, begun: Some(false) },
            Format::Csv => {
                Manner::Csv { columns: columns(collection, sight, fields)?, for_spreadsheet: query.for_spreadsheet }
            }
        };
        Ok(Self {
            out: BufWriter::with_capacity(BUFFER, file),
            written: 0,
            collection,
            sight,
            manner,
            line: Vec::new(),
        })
    }

    fn head(&mut self) -> Result<()> {
        self.line.clear();
        match &self.manner {
            Manner::Json { begun: Some(_), .. } => self.line.push(b'['),
            Manner::Json { begun: None, .. } => {}
            Manner::Csv { columns, for_spreadsheet } => {
                if *for_spreadsheet {
                    self.line.extend_from_slice(BYTE_ORDER_MARK.as_bytes());
                }
                let names: Vec<String> =
                    columns.iter().map(|index| self.collection.fields[*index].name.clone()).collect();
                cells::write_row(&mut self.line, &names);
            }
        }
        self.flush()
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        self.line.clear();
        match &mut self.manner {
            Manner::Json { picker, begun } => {
                if let Some(begun) = begun {
                    self.line.extend_from_slice(if *begun { b",\n" } else { b"\n" });
                    *begun = true;
                }
                let start = self.line.len();
                render::row(&mut self.line, self.collection, self.sight, row);
                if let Some(picker) = picker {
                    let value: Json = serde_json::from_slice(&self.line[start..])
                        .map_err(|error| Error::internal("parse our own JSON", error))?;
                    self.line.truncate(start);
                    self.line.extend_from_slice(picker.apply(value).to_string().as_bytes());
                }
                if begun.is_none() {
                    self.line.push(b'\n');
                }
            }
            Manner::Csv { columns, for_spreadsheet } => {
                let shows_email = self.sight.shows_email(self.collection, row);
                let cell = |index: &usize| {
                    let field = &self.collection.fields[*index];
                    let is_null = field.nullable && row.get(*index) == ValueRef::Null;
                    if is_null || (field.name == "email" && !shows_email) {
                        return String::new();
                    }
                    cell(field, row.get(*index), *for_spreadsheet)
                };
                let texts: Vec<String> = columns.iter().map(cell).collect();
                cells::write_row(&mut self.line, &texts);
            }
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        self.written += self.line.len() as u64;
        if self.written > BYTES_MAX {
            return Err(Error::invalid("The export would be larger than 4 GiB: narrow it with a filter."));
        }
        self.out.write_all(&self.line).map_err(failed)
    }

    fn finish(&mut self) -> Result<u64> {
        self.line.clear();
        if let Manner::Json { begun: Some(begun), .. } = &self.manner {
            self.line.extend_from_slice(if *begun { b"\n]\n" } else { b"]\n" });
        }
        self.flush()?;
        self.out.flush().map_err(failed)?;
        Ok(self.written)
    }
}

/// The columns of a CSV: all that the caller may see, or those named, in their order.
fn columns(collection: &Collection, sight: &Sight, fields: Option<&str>) -> Result<Vec<usize>> {
    let visible = (0..collection.fields.len()).filter(|index| sight.shows(collection, *index));
    let Some(fields) = fields else { return Ok(visible.collect()) };
    let mut errors = FieldErrors::default();
    let mut columns = Vec::new();
    // Each once: else a short query asks for lines of any length.
    let mut add = |index| {
        if !columns.contains(&index) {
            columns.push(index);
        }
    };
    for name in fields.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match collection.field_index(name).filter(|index| sight.shows(collection, *index)) {
            _ if name == "*" => visible.clone().for_each(&mut add),
            Some(index) => add(index),
            None => errors.add("fields", code::UNKNOWN_FIELD.say(format!("There is no column {name}."))),
        }
    }
    errors.into_result("A CSV's fields must be names of columns.")?;
    Ok(columns)
}

/// A value as a text: what is text as it is, everything else as JSON, nothing for null.
fn cell(field: &Field, column: ValueRef<'_>, for_spreadsheet: bool) -> String {
    let mut json = Vec::new();
    field.write_json(column, &mut json);
    let keeps_quotes = matches!(field.kind, FieldKind::Json(_));
    let text = match json.first() {
        Some(b'"') if !keeps_quotes => serde_json::from_slice::<String>(&json).ok(),
        Some(b'n') if json == b"null" => Some(String::new()),
        _ => None,
    };
    let mut text = text.unwrap_or_else(|| String::from_utf8_lossy(&json).into_owned());
    let is_number = matches!(field.kind, FieldKind::Number(_));
    if for_spreadsheet && !is_number && text.starts_with(FORMULA) {
        text.insert(0, '\'');
    }
    text
}
