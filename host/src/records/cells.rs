//! Rows of CSV: RFC 4180 by the crate `csv`, one row at a time.

/// What the writer takes for itself, for each row anew.
const BUFFER: usize = 512;

/// Appends a row with its line end.
pub(super) fn write_row(out: &mut Vec<u8>, cells: &[String]) {
    let mut writer = csv::WriterBuilder::new();
    let mut writer = writer.terminator(csv::Terminator::CRLF).buffer_capacity(BUFFER).from_writer(out);
    // Writing into memory does not fail.
    let _ = writer.write_record(cells).and_then(|()| Ok(writer.flush()?));
}
