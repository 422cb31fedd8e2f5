//! A request that a plugin answers, and what the guest makes of it: the state behind the handles of `wasi:http`.
//!
//! Everything that a guest puts together is counted once, when it is handed over, and has one limit; nothing is given back
//! before the call is over.

use super::call::exhausted;
use super::limits::web;
use crate::error::Axis;
use bytes::Bytes;

/// A head's fields in their order; names in small letters.
pub type Pairs = Vec<(String, Vec<u8>)>;

/// What a plugin is asked.
#[derive(Debug, Clone, Default)]
pub struct WebRequest {
    pub method: String,
    /// Below the plugin's own place, beginning with a slash.
    pub path_with_query: String,
    pub authority: String,
    pub headers: Pairs,
    pub body: Bytes,
}

/// What a plugin answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebAnswer {
    pub status: u16,
    pub headers: Pairs,
    pub body: Vec<u8>,
}

/// Fields that a guest has a handle to.
#[derive(Debug, Default)]
pub struct Head {
    pub pairs: Pairs,
    /// Those of the request, and those of an answer that was made of them.
    pub is_fixed: bool,
}

#[derive(Debug)]
struct Draft {
    answer: WebAnswer,
    body_asked: bool,
    stream_asked: bool,
}

#[derive(Debug, Clone, Copy)]
enum Choice {
    Draft(u32),
    /// The guest has given an error for an answer.
    Error,
}

/// Why fields are not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadError {
    Syntax,
    Fixed,
}

/// One request on its way through a guest. Handles are places in the lists.
#[derive(Debug, Default)]
pub struct Exchange {
    pub request: WebRequest,
    read: usize,
    consumed: bool,
    streamed: bool,
    heads: Vec<Head>,
    drafts: Vec<Draft>,
    chosen: Option<Choice>,
    held: usize,
}

impl Exchange {
    #[must_use]
    pub fn new(request: WebRequest) -> Self {
        Self { request, ..Self::default() }
    }

    /// Counts what a guest hands over.
    fn take(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.held = self.held.saturating_add(bytes);
        if self.held > web::ANSWER_BYTES {
            return Err(exhausted(Axis::Output, format!("more than {} bytes of answers", web::ANSWER_BYTES)));
        }
        Ok(())
    }

    /// A handle to new fields.
    ///
    /// # Errors
    /// `Exhausted` when there is too much of them.
    pub fn add_head(&mut self, head: Head) -> wasmtime::Result<u32> {
        self.take(size(&head.pairs) + size_of::<Head>())?;
        self.heads.push(head);
        Ok(last(self.heads.len()))
    }

    /// A handle to the request's own fields.
    ///
    /// # Errors
    /// As [`Exchange::add_head`].
    pub fn request_head(&mut self) -> wasmtime::Result<u32> {
        let pairs = self.request.headers.clone();
        self.add_head(Head { pairs, is_fixed: true })
    }

    /// # Errors
    /// When there is no such handle, which is the guest's mistake.
    pub fn head(&self, handle: u32) -> wasmtime::Result<&Head> {
        at(&self.heads, handle)
    }

    /// Changes fields: those of a name are replaced by `values`, or these are added to them.
    ///
    /// # Errors
    /// As [`Exchange::add_head`]; the inner error is the guest's to handle.
    pub fn change(
        &mut self,
        handle: u32,
        name: &str,
        values: Vec<Vec<u8>>,
        keep: bool,
    ) -> wasmtime::Result<Result<(), HeadError>> {
        let name = name.to_ascii_lowercase();
        if !is_name(&name) || !values.iter().all(|value| is_value(value)) {
            return Ok(Err(HeadError::Syntax));
        }
        self.take(values.iter().map(|value| name.len() + value.len() + size_of::<(String, Vec<u8>)>()).sum())?;
        let head = self.heads.get_mut(place(handle)).ok_or_else(unknown)?;
        if head.is_fixed {
            return Ok(Err(HeadError::Fixed));
        }
        if !keep {
            head.pairs.retain(|(known, _)| *known != name);
        }
        head.pairs.extend(values.into_iter().map(|value| (name.clone(), value)));
        Ok(Ok(()))
    }

    /// Takes the request's body, once.
    pub fn consume(&mut self) -> bool {
        !std::mem::replace(&mut self.consumed, true)
    }

    /// Takes the stream of the request's body, once.
    pub fn stream(&mut self) -> bool {
        !std::mem::replace(&mut self.streamed, true)
    }

    /// The next bytes of the request's body; `None` at its end.
    pub fn read(&mut self, length: u64) -> Option<Bytes> {
        let left = self.request.body.len().saturating_sub(self.read);
        if left == 0 {
            return None;
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(web::READ_BYTES).min(left);
        let piece = self.request.body.slice(self.read..self.read + length);
        self.read += length;
        Some(piece)
    }

    /// A handle to an answer with these fields.
    ///
    /// # Errors
    /// As [`Exchange::add_head`].
    pub fn add_draft(&mut self, head: u32) -> wasmtime::Result<u32> {
        let headers = self.head(head)?.pairs.clone();
        self.take(size(&headers) + size_of::<Draft>())?;
        let answer = WebAnswer { status: 200, headers, body: Vec::new() };
        self.drafts.push(Draft { answer, body_asked: false, stream_asked: false });
        Ok(last(self.drafts.len()))
    }

    /// # Errors
    /// When there is no such handle.
    pub fn status(&self, draft: u32) -> wasmtime::Result<u16> {
        at(&self.drafts, draft).map(|draft| draft.answer.status)
    }

    /// Whether the status is one that an answer can have.
    ///
    /// # Errors
    /// When there is no such handle.
    pub fn set_status(&mut self, draft: u32, status: u16) -> wasmtime::Result<bool> {
        let draft = self.drafts.get_mut(place(draft)).ok_or_else(unknown)?;
        let fits = (200..600).contains(&status);
        if fits {
            draft.answer.status = status;
        }
        Ok(fits)
    }

    /// A handle to an answer's fields, which are fixed by now.
    ///
    /// # Errors
    /// As [`Exchange::add_head`].
    pub fn draft_head(&mut self, draft: u32) -> wasmtime::Result<u32> {
        let pairs = at(&self.drafts, draft)?.answer.headers.clone();
        self.add_head(Head { pairs, is_fixed: true })
    }

    /// Takes an answer's body (or the stream of it), once.
    ///
    /// # Errors
    /// When there is no such handle.
    pub fn ask(&mut self, draft: u32, for_stream: bool) -> wasmtime::Result<bool> {
        let draft = self.drafts.get_mut(place(draft)).ok_or_else(unknown)?;
        let asked = if for_stream { &mut draft.stream_asked } else { &mut draft.body_asked };
        Ok(!std::mem::replace(asked, true))
    }

    /// Adds to an answer's body.
    ///
    /// # Errors
    /// As [`Exchange::add_head`].
    pub fn write(&mut self, draft: u32, bytes: &[u8]) -> wasmtime::Result<()> {
        self.take(bytes.len())?;
        self.drafts.get_mut(place(draft)).ok_or_else(unknown)?.answer.body.extend_from_slice(bytes);
        Ok(())
    }

    /// Says what the answer is; the first time counts.
    pub fn choose(&mut self, draft: Option<u32>) {
        self.chosen.get_or_insert(draft.map_or(Choice::Error, Choice::Draft));
    }

    /// What came of it.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn into_answer(mut self) -> Result<WebAnswer, &'static str> {
        match self.chosen {
            Some(Choice::Draft(draft)) if place(draft) < self.drafts.len() => {
                Ok(self.drafts.swap_remove(place(draft)).answer)
            }
            Some(_) => Err("it gave an error for an answer"),
            None => Err("it gave no answer"),
        }
    }
}

fn at<T>(list: &[T], handle: u32) -> wasmtime::Result<&T> {
    list.get(place(handle)).ok_or_else(unknown)
}

fn unknown() -> wasmtime::Error {
    wasmtime::Error::msg("the handle is of no request")
}

fn place(handle: u32) -> usize {
    usize::try_from(handle).unwrap_or(usize::MAX)
}

fn last(length: usize) -> u32 {
    u32::try_from(length.saturating_sub(1)).unwrap_or(u32::MAX)
}

fn size(pairs: &Pairs) -> usize {
    pairs.iter().map(|(name, value)| name.len() + value.len() + size_of::<(String, Vec<u8>)>()).sum()
}

/// Whether a text is a token, in small letters.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9') || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn is_value(value: &[u8]) -> bool {
    value.iter().all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_made_of_a_head_and_a_body() {
        let mut exchange = Exchange::new(WebRequest { body: Bytes::from_static(b"hello"), ..WebRequest::default() });
        assert!(exchange.consume() && !exchange.consume());
        assert_eq!(exchange.read(2).as_deref(), Some(&b"he"[..]));
        assert_eq!((exchange.read(9).as_deref(), exchange.read(9)), (Some(&b"llo"[..]), None));
        let head = exchange.add_head(Head::default()).unwrap();
        assert_eq!(exchange.change(head, "X-A", vec![b"1".to_vec()], true).unwrap(), Ok(()));
        assert_eq!(exchange.change(head, "x-a", vec![b"2".to_vec()], false).unwrap(), Ok(()));
        assert_eq!(exchange.change(head, "x a", vec![], false).unwrap(), Err(HeadError::Syntax));
        assert_eq!(exchange.change(head, "x", vec![b"a\nb".to_vec()], false).unwrap(), Err(HeadError::Syntax));
        let draft = exchange.add_draft(head).unwrap();
        assert!(exchange.set_status(draft, 201).unwrap() && !exchange.set_status(draft, 101).unwrap());
        assert!(exchange.ask(draft, false).unwrap() && !exchange.ask(draft, false).unwrap());
        exchange.write(draft, b"body").unwrap();
        exchange.choose(Some(draft));
        exchange.choose(None);
        let answer = exchange.into_answer().unwrap();
        assert_eq!(
            (answer.status, answer.headers, answer.body),
            (201, vec![("x-a".into(), b"2".to_vec())], b"body".to_vec())
        );
    }

    #[test]
    fn the_request_is_not_changed_and_the_answer_has_an_end() {
        let mut exchange =
            Exchange::new(WebRequest { headers: vec![("a".into(), b"1".to_vec())], ..WebRequest::default() });
        let head = exchange.request_head().unwrap();
        assert_eq!(exchange.change(head, "a", vec![], false).unwrap(), Err(HeadError::Fixed));
        assert!(exchange.head(head + 1).is_err() && exchange.status(0).is_err());
        let draft = exchange.add_draft(head).unwrap();
        assert!(exchange.write(draft, &vec![0; web::ANSWER_BYTES]).is_err());
        assert_eq!(Exchange::default().into_answer(), Err("it gave no answer"));
    }
}
