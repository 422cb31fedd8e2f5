//! What a guest that was built for a system finds in its place: a clock that moves only while the guest waits, numbers
//! that look random and are the same in every call, and two streams whose lines end in the plugin's log.
//!
//! None of it tells a guest anything, so a plugin that uses nothing else is as pure as one that imports nothing: two
//! calls with the same input see the same. `interface/wasi.rs` binds this to the names of WASI 0.2.

use super::call::exhausted;
use super::limits::{log, wasi};
use crate::error::Axis;

/// Nanoseconds that the clock shows first. Some runtimes take zero for a clock that is broken.
const START_NS: u64 = 1_000_000_000;

/// Where the sequence of numbers begins.
const SEED: u64 = 0x7469_6e79_6261_7365;

/// A stream of the guest's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

/// The part of a call that WASI is made of.
#[derive(Debug)]
pub struct Basics {
    now_ns: u64,
    random: u64,
    /// When each handle of a pollable is ready.
    alarms: Vec<u64>,
    out: Vec<u8>,
    err: Vec<u8>,
    /// The last line on the error stream: mostly why a guest gave up.
    last_words: Option<String>,
    used: u32,
}

impl Default for Basics {
    fn default() -> Self {
        Self {
            now_ns: START_NS,
            random: SEED,
            alarms: vec![0],
            out: Vec::new(),
            err: Vec::new(),
            last_words: None,
            used: 0,
        }
    }
}

/// The number of a pollable that is always ready.
pub const READY: u32 = 0;

impl Basics {
    /// Counts a call of a function of WASI that handles so many bytes. They cost next to nothing, so they have a budget
    /// apart from that of the host's other functions.
    ///
    /// # Errors
    /// `Exhausted` when there were too many.
    pub fn enter(&mut self, bytes: u64) -> wasmtime::Result<()> {
        let cost = u32::try_from(bytes / wasi::BYTES_PER_CALL).unwrap_or(u32::MAX).saturating_add(1);
        self.used = self.used.saturating_add(cost);
        if self.used > wasi::CALLS {
            return Err(exhausted(Axis::HostCalls, format!("more than {} calls of WASI", wasi::CALLS)));
        }
        Ok(())
    }

    /// Nanoseconds on the clock of this call.
    #[must_use]
    pub fn now_ns(&self) -> u64 {
        self.now_ns
    }

    /// Nanoseconds that the guest believes to have waited.
    #[must_use]
    pub fn waited_ns(&self) -> u64 {
        self.now_ns - START_NS
    }

    /// The number of a pollable that is ready at that time.
    pub fn alarm(&mut self, at_ns: u64) -> u32 {
        self.alarms.push(at_ns);
        u32::try_from(self.alarms.len() - 1).unwrap_or(READY)
    }

    #[must_use]
    pub fn is_due(&self, alarm: u32) -> bool {
        self.due(alarm) <= self.now_ns
    }

    fn due(&self, alarm: u32) -> u64 {
        usize::try_from(alarm).ok().and_then(|index| self.alarms.get(index)).copied().unwrap_or(0)
    }

    /// Waits for the first of the alarms, which takes no time: the clock is put forward. Answers with the places of
    /// those that are due.
    pub fn wait(&mut self, alarms: &[u32]) -> Vec<u32> {
        let first = alarms.iter().map(|alarm| self.due(*alarm)).min().unwrap_or(0);
        self.now_ns = self.now_ns.max(first);
        (0u32..).zip(alarms).filter(|(_, alarm)| self.is_due(**alarm)).map(|(place, _)| place).collect()
    }

    /// The next number of the sequence (`SplitMix64`).
    pub fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// That many bytes of the sequence, up to [`wasi::RANDOM_BYTES`].
    ///
    /// # Errors
    /// `Exhausted` when more are asked for.
    pub fn random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        if length > wasi::RANDOM_BYTES {
            return Err(exhausted(Axis::Output, format!("more than {} random bytes at once", wasi::RANDOM_BYTES)));
        }
        let length = usize::try_from(length).unwrap_or(0);
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            bytes.extend(self.random().to_le_bytes());
        }
        bytes.truncate(length);
        Ok(bytes)
    }

    /// Adds a piece without a line's end to the line that is open on a stream.
    pub fn write(&mut self, stream: Stream, piece: &[u8]) {
        let open = self.open(stream);
        // What is beyond a line's room is cut from it anyway.
        let room = log::LINE_BYTES.saturating_sub(open.len());
        open.extend(&piece[..piece.len().min(room)]);
    }

    /// Forgets the line that is open on a stream, but for the last words; false when there was nothing in it. Takes no
    /// memory, however often it is done.
    pub fn drop_line(&mut self, stream: Stream) -> bool {
        let said = !self.open(stream).trim_ascii_end().is_empty();
        if said && stream == Stream::Err {
            let words = self.last_words.get_or_insert_default();
            words.clear();
            words.push_str(String::from_utf8_lossy(&self.err).trim_end());
        }
        self.open(stream).clear();
        said
    }

    /// The line that is open on a stream, ended by force.
    pub fn line(&mut self, stream: Stream) -> Option<String> {
        let bytes = std::mem::take(self.open(stream));
        let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        if line.is_empty() {
            return None;
        }
        if stream == Stream::Err {
            self.last_words = Some(line.clone());
        }
        Some(line)
    }

    fn open(&mut self, stream: Stream) -> &mut Vec<u8> {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }

    /// The last line that the guest wrote to its error stream.
    #[must_use]
    pub fn last_words(&self) -> Option<&str> {
        self.last_words.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_moves_the_clock_and_nothing_else_does() {
        let mut basics = Basics::default();
        let start = basics.now_ns();
        assert!(start > 0);
        let (soon, late) = (basics.alarm(start + 5), basics.alarm(start + 50));
        assert!(!basics.is_due(soon) && basics.is_due(READY));
        assert_eq!(basics.wait(&[late, soon]), [1]);
        assert_eq!((basics.waited_ns(), basics.is_due(soon), basics.is_due(late)), (5, true, false));
        assert_eq!(basics.wait(&[late, READY]), [1], "what is ready is not waited for");
        assert_eq!(basics.wait(&[late]), [0]);
        assert_eq!(basics.waited_ns(), 50);
        let never = basics.alarm(u64::MAX);
        assert_eq!(basics.wait(&[never]), [0]);
    }

    #[test]
    fn numbers_are_the_same_for_everybody() {
        let (mut one, mut other) = (Basics::default(), Basics::default());
        assert_eq!(one.random_bytes(21).unwrap(), other.random_bytes(21).unwrap());
        assert_ne!(one.random(), one.random());
        assert!(one.random_bytes(0).unwrap().is_empty());
        assert!(one.random_bytes(wasi::RANDOM_BYTES + 1).is_err());
    }

    #[test]
    fn streams_become_lines() {
        let mut basics = Basics::default();
        basics.write(Stream::Out, b"half");
        basics.write(Stream::Err, b"boom");
        basics.write(Stream::Out, b" a line\r");
        assert_eq!(basics.line(Stream::Out).as_deref(), Some("half a line"), "the streams are two");
        assert_eq!(basics.line(Stream::Out), None);
        assert_eq!(basics.last_words(), None);
        basics.line(Stream::Err);
        assert_eq!(basics.last_words(), Some("boom"));
        basics.write(Stream::Err, b"and out\r");
        assert!(basics.drop_line(Stream::Err) && !basics.drop_line(Stream::Err));
        assert_eq!(basics.last_words(), Some("and out"));
        assert_eq!(basics.line(Stream::Err), None);
        basics.write(Stream::Out, &vec![b'x'; 1 << 20]);
        assert_eq!(basics.line(Stream::Out).unwrap().len(), log::LINE_BYTES);
    }

    #[test]
    fn calls_are_counted_by_what_they_carry() {
        let mut basics = Basics::default();
        for _ in 0..wasi::CALLS - 1 {
            basics.enter(0).unwrap();
        }
        assert!(basics.enter(wasi::BYTES_PER_CALL).is_err());
    }
}
