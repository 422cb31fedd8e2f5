//! A file of CSV, JSON or NDJSON as rows of input, a chunk at a time and never more than a row too many in memory.

use super::super::export::Format;
use super::items::{Flaw, Items};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::record::find;
use crate::model::{Collection, Distinct, Field, FieldKind, Value};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::sync::Arc;

/// Rows that are written together.
const CHUNK_ROWS: usize = 500;
/// Bytes of rows from which on a chunk is full.
const CHUNK_BYTES: usize = 8 << 20;
/// Largest row in bytes.
const ROW_MAX: usize = 8 << 20;
/// Columns of a CSV.
const COLUMNS_MAX: usize = 1_000;
/// Put behind the file: a last row by itself, unless a cell is still open there.
const END: &[u8] = b"\n\0end\0";
/// What every record is shown with and no record is made of; in files that were exported.
const SHOWN_ONLY: [&str; 3] = ["collectionId", "collectionName", "expand"];

const UNCLOSED: &str = "A quote is opened in this row that is not closed before the end of the file.";

/// A row by its number, counted from 1: its input, or what is wrong with it.
pub(super) type Row = (u64, Result<Map<String, Json>>);

/// Where a column of the file goes to: names by names; an empty one goes nowhere.
pub(super) type Columns = HashMap<String, String>;

pub(super) struct Rows {
    source: Source,
    collection: Arc<Collection>,
    columns: Columns,
    number: u64,
}

enum Source {
    Csv { reader: Box<csv::Reader<Capped>>, header: Vec<Option<String>> },
    Json(Items),
    Ndjson(BufReader<File>),
}

impl Rows {
    /// Begins to read; of a CSV the first row is the header, and a list in JSON is looked through to its end.
    ///
    /// # Errors
    /// `Invalid` for a header that is missing or names what there is not, and for what is no whole list.
    pub(super) fn open(
        file: File,
        format: Format,
        delimiter: u8,
        collection: Arc<Collection>,
        columns: Columns,
    ) -> Result<Self> {
        let source = match format {
            Format::Ndjson => Source::Ndjson(BufReader::new(file)),
            Format::Json => Source::Json(whole_list(file)?),
            Format::Csv => {
                let capped = Capped { file, end: None, read: 0, left: ROW_MAX };
                let mut reader = csv::ReaderBuilder::new();
                let mut reader = reader.has_headers(false).flexible(true).delimiter(delimiter).from_reader(capped);
                let header = header(&mut reader, &collection, &columns)?;
                Source::Csv { reader: Box::new(reader), header }
            }
        };
        Ok(Self { source, collection, columns, number: 0 })
    }

    /// The next rows; none at the end.
    ///
    /// # Errors
    /// `Invalid` when a row is too long, after which nothing more can be told apart.
    pub(super) fn chunk(&mut self) -> Result<Vec<Row>> {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while rows.len() < CHUNK_ROWS && bytes < CHUNK_BYTES {
            let read = match &mut self.source {
                Source::Csv { reader, header } => csv_row(reader, header, &self.collection, self.number + 1)?,
                Source::Json(items) => item_row(items, &self.columns, self.number + 1)?,
                Source::Ndjson(reader) => json_row(reader, &self.columns, self.number + 1)?,
            };
            let Some((row, size)) = read else { break };
            self.number += 1;
            bytes += size;
            rows.push((self.number, row));
        }
        Ok(rows)
    }
}

/// A file of which only so much more is read before it is told again.
struct Capped {
    file: File,
    /// Once the file is read: what is left of what stands behind it.
    end: Option<&'static [u8]>,
    /// Bytes of the file alone.
    read: u64,
    left: usize,
}

impl Capped {
    /// Whether so many bytes are more than there are in the file and the line break behind it.
    fn is_beyond(&self, position: u64) -> bool {
        self.end.is_some() && position > self.read + 1
    }
}

impl Read for Capped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a row is too long"));
        }
        let wanted = buffer.len().min(self.left);
        let read = match &mut self.end {
            Some(end) => end.read(&mut buffer[..wanted])?,
            None => self.file.read(&mut buffer[..wanted])?,
        };
        if read == 0 && self.end.is_none() && wanted > 0 {
            self.end = Some(END);
            return self.read(buffer);
        }
        self.left -= read;
        self.read += if self.end.is_none() { read as u64 } else { 0 };
        Ok(read)
    }
}

fn unreadable(error: io::Error, row: u64) -> Error {
    if error.kind() == io::ErrorKind::FileTooLarge {
        let error = code::LENGTH_TOO_LONG.with([("max", ROW_MAX.into())]);
        return Error::field(format!("Row {row} is longer than {ROW_MAX} bytes."), "file", error);
    }
    Error::internal("read an import", error)
}

/// What stands in the next row of a CSV.
enum Line {
    Cells(csv::ByteRecord),
    /// A quote that is opened in it is closed nowhere, so everything behind it seems to be one cell.
    Open,
}

fn next_record(reader: &mut csv::Reader<Capped>, row: u64) -> Result<Option<Line>> {
    reader.get_mut().left = ROW_MAX;
    let mut record = csv::ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        // The last row of the file may take the line break of the end along, and no more unless a cell is open.
        Ok(true) if !reader.get_ref().is_beyond(reader.position().byte()) => Ok(Some(Line::Cells(record))),
        Ok(true) if record.len() == 1 && record.as_slice() == END.trim_ascii_start() => Ok(None),
        Ok(true) => Ok(Some(Line::Open)),
        Ok(false) => Ok(None),
        Err(error) => match error.into_kind() {
            csv::ErrorKind::Io(error) => Err(unreadable(error, row)),
            other => Err(Error::field(format!("Row {row} cannot be read: {other:?}."), "file", code::INVALID_FORMAT)),
        },
    }
}

/// The keys of the columns; `None` for one that goes nowhere.
fn header(reader: &mut csv::Reader<Capped>, collection: &Collection, map: &Columns) -> Result<Vec<Option<String>>> {
    let record = match next_record(reader, 0)? {
        Some(Line::Cells(record)) => record,
        Some(Line::Open) => return Err(Error::field(UNCLOSED, "file", code::INVALID_FORMAT)),
        None => {
            let message = "The file is empty; a CSV begins with the names of its columns.";
            return Err(Error::field(message, "file", code::REQUIRED));
        }
    };
    if record.len() > COLUMNS_MAX {
        return Err(Error::field(
            "There are too many columns.",
            "file",
            code::LENGTH_TOO_LONG.with([("max", COLUMNS_MAX.into())]),
        ));
    }
    let mut errors = FieldErrors::default();
    let mut keys: Vec<Option<String>> = Vec::with_capacity(record.len());
    for name in &record {
        let name = String::from_utf8_lossy(name);
        let name = name.trim_start_matches('\u{feff}').trim();
        let key = map.get(name).map_or(name, String::as_str);
        let is_ignored = key.is_empty() || SHOWN_ONLY.contains(&key);
        if is_ignored {
            keys.push(None);
            continue;
        }
        let is_confirmation = collection.auth().is_some() && key == "passwordConfirm";
        if find(collection, key).is_none() && !is_confirmation {
            errors.add(key, code::UNKNOWN_FIELD.say("There is no such field; say in `columns` what to do with it."));
        } else if keys.iter().flatten().any(|known| known == key) {
            errors.add(key, code::INVALID_VALUE.say("Two columns are of this field."));
        }
        keys.push(Some(key.to_owned()));
    }
    errors.into_result("The columns do not fit the collection.")?;
    Ok(keys)
}

type Parsed = (Result<Map<String, Json>>, usize);

fn csv_row(
    reader: &mut csv::Reader<Capped>,
    header: &[Option<String>],
    collection: &Collection,
    number: u64,
) -> Result<Option<Parsed>> {
    let record = match next_record(reader, number)? {
        Some(Line::Cells(record)) => record,
        Some(Line::Open) => return Ok(Some((Err(Error::invalid(UNCLOSED)), 0))),
        None => return Ok(None),
    };
    let size = record.as_slice().len();
    if record.len() != header.len() {
        let message = format!("The row has {} columns, the header {}.", record.len(), header.len());
        return Ok(Some((Err(Error::invalid(message)), size)));
    }
    let (mut input, mut errors) = (Map::new(), FieldErrors::default());
    for (cell, key) in record.iter().zip(header) {
        let Some(key) = key else { continue };
        let Ok(cell) = std::str::from_utf8(cell) else {
            errors.add(key, code::INVALID_FORMAT.say("The text is not UTF-8."));
            continue;
        };
        let field = find(collection, key).map(|(index, _)| &collection.fields[index]);
        match field.map_or_else(|| Ok(Json::from(cell)), |field| value(field, cell)) {
            Ok(value) => drop(input.insert(key.clone(), value)),
            Err(error) => errors.add(key, error),
        }
    }
    Ok(Some((errors.into_result("The row cannot be read.").map(|()| input), size)))
}

/// What a cell stands for. Nobody looks at what a form means by `abc` in a number, but of a thousand rows
/// nobody sees that it became 0: so such cells are refused.
fn value(field: &Field, cell: &str) -> Result<Json, code::Code> {
    let kind = &field.kind;
    match kind {
        // As an empty cell is what null was written as; read again, it means null wherever it can.
        _ if field.nullable && cell.is_empty() => Ok(Json::Null),
        FieldKind::Json(_) | FieldKind::GeoPoint(_) if cell.is_empty() => Ok(Json::Null),
        FieldKind::GeoPoint(_) => serde_json::from_str(cell).map_err(|_| code::INVALID_VALUE),
        // What is too large for a number is read as one without end.
        FieldKind::Number(_) if !cell.is_empty() && !cell.trim().parse().is_ok_and(f64::is_finite) => {
            Err(code::NOT_A_NUMBER)
        }
        FieldKind::Number(_) => Ok(cell.trim().into()),
        FieldKind::Bool(_) => match cell {
            "" | "0" | "f" | "F" | "false" | "False" | "FALSE" => Ok(false.into()),
            "1" | "t" | "T" | "true" | "True" | "TRUE" => Ok(true.into()),
            _ => Err(code::INVALID_VALUE),
        },
        FieldKind::Date(_) if !cell.is_empty() && kind.normalise(&cell.into()) == Value::Text(String::new()) => {
            Err(code::INVALID_VALUE)
        }
        _ => Ok(cell.into()),
    }
}

fn json_row(reader: &mut BufReader<File>, map: &Columns, number: u64) -> Result<Option<Parsed>> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let limit = u64::try_from(ROW_MAX).unwrap_or(u64::MAX) + 1;
        let read = reader.by_ref().take(limit).read_until(b'\n', &mut line);
        if read.map_err(|error| unreadable(error, number))? == 0 {
            return Ok(None);
        }
        if line.len() > ROW_MAX {
            return Err(unreadable(io::ErrorKind::FileTooLarge.into(), number));
        }
        if !line.trim_ascii().is_empty() {
            break;
        }
    }
    let text = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line);
    Ok(Some((object(text, map), line.len())))
}

/// A list, of which it is known by then that it is one: what is cut off must not be found out when half of it is written.
fn whole_list(file: File) -> Result<Items> {
    let (mut items, mut item, mut row) = (Items::of(file), Vec::new(), 1);
    while items.next(&mut item, ROW_MAX).map_err(|flaw| flawed(flaw, row))? {
        row += 1;
    }
    items.again().map_err(|error| Error::internal("read an import", error))
}

fn item_row(items: &mut Items, map: &Columns, number: u64) -> Result<Option<Parsed>> {
    let mut item = Vec::new();
    let found = items.next(&mut item, ROW_MAX).map_err(|flaw| flawed(flaw, number))?;
    Ok(found.then(|| (object(&item, map), item.len())))
}

fn flawed(flaw: Flaw, row: u64) -> Error {
    match flaw {
        Flaw::Unreadable(error) => unreadable(error, row),
        Flaw::TooLong => unreadable(io::ErrorKind::FileTooLarge.into(), row),
        Flaw::NoList => Error::field("The file is not a JSON list of records.", "file", code::INVALID_JSON),
        Flaw::Broken => {
            let message = format!("The list of records is not JSON from row {row} on, or breaks off there.");
            Error::field(message, "file", code::INVALID_JSON)
        }
    }
}

fn object(text: &[u8], map: &Columns) -> Result<Map<String, Json>> {
    match serde_json::from_slice(text) {
        Ok(Distinct(Json::Object(input))) => rename(input, map),
        _ => Err(Error::invalid("The row is not a JSON object, or has a key twice.")),
    }
}

fn rename(input: Map<String, Json>, map: &Columns) -> Result<Map<String, Json>> {
    let mut renamed = Map::new();
    for (key, value) in input.into_iter().filter(|(key, _)| !SHOWN_ONLY.contains(&key.as_str())) {
        let key = map.get(&key).cloned().unwrap_or(key);
        if !key.is_empty() && renamed.insert(key.clone(), value).is_some() {
            return Err(Error::field(
                "The row cannot be read.",
                &key,
                code::INVALID_VALUE.say("Two keys of the row are of this field."),
            ));
        }
    }
    Ok(renamed)
}
