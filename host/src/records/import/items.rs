//! A list in JSON taken apart at its commas, an item at a time: what the items are is for others to parse.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _};

/// How much is read of the file at once.
const BUFFER: usize = 64 << 10;

/// Why a list cannot be read on.
#[derive(Debug)]
pub(super) enum Flaw {
    Unreadable(io::Error),
    /// The file does not begin like a list.
    NoList,
    /// An item is missing, or the end, or there is something behind it.
    Broken,
    /// An item is longer than it may be.
    TooLong,
}

impl From<io::Error> for Flaw {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Where the list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    /// Behind the bracket that begins it.
    First,
    /// Behind a comma.
    Next,
    /// Behind the bracket that ends it.
    End,
}

#[derive(Debug)]
pub(super) struct Items {
    reader: BufReader<File>,
    place: Place,
}

impl Items {
    /// Of a file that stands at its beginning.
    pub(super) fn of(file: File) -> Self {
        Self { reader: BufReader::with_capacity(BUFFER, file), place: Place::Outside }
    }

    /// From the beginning once more.
    ///
    /// # Errors
    /// When the file cannot be wound back.
    pub(super) fn again(mut self) -> io::Result<Self> {
        self.reader.rewind()?;
        Ok(Self { place: Place::Outside, ..self })
    }

    /// Puts the next item into `item`, with the blanks around it; false at the end of the list.
    ///
    /// # Errors
    /// For what is no list; what went before stays read.
    pub(super) fn next(&mut self, item: &mut Vec<u8>, max: usize) -> Result<bool, Flaw> {
        item.clear();
        if self.place == Place::Outside {
            self.begin()?;
        }
        if self.place == Place::End {
            return Ok(false);
        }
        let is_first = self.place == Place::First;
        let last = self.item(item, max)?;
        let is_nothing = item.trim_ascii().is_empty();
        if last == b']' {
            self.place = Place::End;
            self.end()?;
            if is_first && is_nothing {
                return Ok(false);
            }
        } else {
            self.place = Place::Next;
        }
        if is_nothing { Err(Flaw::Broken) } else { Ok(true) }
    }

    /// Reads the bracket, behind blanks and a byte order mark.
    fn begin(&mut self) -> Result<(), Flaw> {
        let mut mark = "\u{feff}".bytes().peekable();
        loop {
            match self.byte()?.ok_or(Flaw::NoList)? {
                b'[' => break,
                byte if mark.peek() == Some(&byte) => drop(mark.next()),
                byte if byte.is_ascii_whitespace() => {}
                _ => return Err(Flaw::NoList),
            }
        }
        self.place = Place::First;
        Ok(())
    }

    /// Reads up to the comma or bracket behind an item, which is answered.
    fn item(&mut self, item: &mut Vec<u8>, max: usize) -> Result<u8, Flaw> {
        let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
        loop {
            let byte = self.byte()?.ok_or(Flaw::Broken)?;
            if in_text {
                in_text = escaped || byte != b'"';
                escaped = !escaped && byte == b'\\';
            } else {
                match byte {
                    b',' | b']' if depth == 0 => return Ok(byte),
                    b'"' => in_text = true,
                    b'[' | b'{' => depth += 1,
                    b']' | b'}' => depth = depth.checked_sub(1).ok_or(Flaw::Broken)?,
                    _ => {}
                }
            }
            if item.len() == max {
                return Err(Flaw::TooLong);
            }
            item.push(byte);
        }
    }

    /// Nothing but blanks stands behind the list.
    fn end(&mut self) -> Result<(), Flaw> {
        while let Some(byte) = self.byte()? {
            if !byte.is_ascii_whitespace() {
                return Err(Flaw::Broken);
            }
        }
        Ok(())
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        Ok((self.reader.read(&mut byte)? > 0).then_some(byte[0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    /// The items of a text without the blanks, and the flaw after which no more come.
    fn items(text: &str, max: usize) -> (Vec<String>, Option<Flaw>) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.rewind().unwrap();
        let (mut items, mut item, mut found) = (Items::of(file), Vec::new(), Vec::new());
        loop {
            match items.next(&mut item, max) {
                Ok(true) => found.push(String::from_utf8(item.trim_ascii().to_vec()).unwrap()),
                Ok(false) => return (found, None),
                Err(flaw) => return (found, Some(flaw)),
            }
        }
    }

    #[test]
    fn whole_lists() {
        for (text, expected) in [
            ("[]", &[] as &[&str]),
            (" [ ]\n", &[]),
            ("\u{feff}[1]", &["1"]),
            ("[\n{\"a\":[1,2]},\n{\"b\":\"],[\\\"\"} ]\n", &["{\"a\":[1,2]}", "{\"b\":\"],[\\\"\"}"]),
            ("[\"\\\\\",[[],{}]]", &["\"\\\\\"", "[[],{}]"]),
        ] {
            let (found, flaw) = items(text, 100);
            assert!(found == expected && flaw.is_none(), "{text}: {found:?} {flaw:?}");
        }
    }

    #[test]
    fn what_is_no_whole_list() {
        for text in ["", "  ", "{}", "1", "\u{feff}", "x[]"] {
            assert!(matches!(items(text, 100), (_, Some(Flaw::NoList))), "{text}");
        }
        for (text, before) in [
            ("[", 0),
            ("[1", 0),
            ("[1,", 1),
            ("[1,]", 1),
            ("[,1]", 0),
            ("[1,,2]", 1),
            ("[1]]", 0),
            ("[1}]", 0),
            ("[\"a]", 0),
        ] {
            let (found, flaw) = items(text, 100);
            assert!(matches!(flaw, Some(Flaw::Broken)) && found.len() == before, "{text}: {found:?} {flaw:?}");
        }
        assert!(matches!(items("[123,1234]", 3), (found, Some(Flaw::TooLong)) if found.len() == 1));
    }

    #[test]
    fn a_list_is_read_twice() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"[1,2]").unwrap();
        file.rewind().unwrap();
        let (mut items, mut item) = (Items::of(file), Vec::new());
        while items.next(&mut item, 9).unwrap() {}
        let mut items = items.again().unwrap();
        assert!(items.next(&mut item, 9).unwrap() && item == b"1");
    }
}
