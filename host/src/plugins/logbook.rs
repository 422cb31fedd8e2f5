//! The last lines that a plugin has logged, and why it failed: kept in memory for the admin, and given to the server's log.

use super::limits::admin;
use crate::model::date;
use crate::tenant::hooks::Stage;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::Notify;
use tracing::Level;

#[derive(Debug, Default)]
pub struct Logbook {
    lines: Mutex<Lines>,
    /// Rung when there is a line more.
    bell: Notify,
}

#[derive(Debug, Default)]
struct Lines {
    kept: VecDeque<Line>,
    /// The number of the line that comes next; they are counted from 1.
    next: u64,
}

/// Which lines are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only those after the line with this number.
    pub after: Option<u64>,
    /// Only those that are as bad or worse.
    pub level: Option<Level>,
    pub stage: Option<Stage>,
    pub request_id: Option<String>,
    /// Only those that have this in them, in whatever case.
    pub search: Option<String>,
}

impl Wanted {
    fn fits(&self, number: u64, line: &Line) -> bool {
        self.after.is_none_or(|after| number > after)
            // `tracing` has the worst level as the least.
            && self.level.is_none_or(|level| line.level <= level)
            && self.stage.is_none_or(|stage| line.stage == Some(stage))
            && self.request_id.as_ref().is_none_or(|id| line.request_id == *id)
            && self.search.as_ref().is_none_or(|text| line.text.to_lowercase().contains(&text.to_lowercase()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    pub level: Level,
    pub stage: Option<Stage>,
    pub request_id: String,
    /// One line of printable text.
    pub text: String,
}

impl Logbook {
    pub fn add(&self, plugin: &str, line: Line) {
        tell(plugin, &line);
        let mut lines = self.lines.lock();
        if lines.kept.len() >= admin::LOG_LINES {
            lines.kept.pop_front();
        }
        lines.kept.push_back(line);
        lines.next += 1;
        drop(lines);
        self.bell.notify_waiters();
    }

    /// The lines, newest first: `{seq, time, level, message, hook, requestId}`.
    #[must_use]
    pub fn view(&self) -> Vec<Value> {
        self.find(&Wanted::default())
    }

    /// The lines that are wanted, newest first.
    #[must_use]
    pub fn find(&self, wanted: &Wanted) -> Vec<Value> {
        let lines = self.lines.lock();
        let numbered = (1..=lines.next).rev().zip(lines.kept.iter().rev());
        numbered.filter(|(number, line)| wanted.fits(*number, line)).map(|(number, line)| line.view(number)).collect()
    }

    /// The same, waiting for the first for so long at most.
    pub async fn wait(&self, wanted: &Wanted, at_most: Duration) -> Vec<Value> {
        let until = tokio::time::Instant::now() + at_most;
        loop {
            let mut rung = std::pin::pin!(self.bell.notified());
            // What is written from here on rings the bell for us.
            rung.as_mut().enable();
            let found = self.find(wanted);
            if !found.is_empty() || tokio::time::timeout_at(until, rung).await.is_err() {
                return found;
            }
        }
    }
}

impl Line {
    fn view(&self, number: u64) -> Value {
        json!({
            "seq": number,
            "time": date::format(self.at_ms),
            "level": self.level.as_str().to_lowercase(),
            "message": self.text,
            "hook": self.stage.map(Stage::name),
            "requestId": self.request_id,
        })
    }
}

/// The server's log has the level in the macro's name.
fn tell(plugin: &str, line: &Line) {
    let Line { text, request_id, .. } = line;
    let hook = line.stage.map_or("", Stage::name);
    match line.level {
        Level::ERROR => tracing::error!(target: "tinybase::plugin", plugin, hook, request_id, "{text}"),
        Level::WARN => tracing::warn!(target: "tinybase::plugin", plugin, hook, request_id, "{text}"),
        Level::INFO => tracing::info!(target: "tinybase::plugin", plugin, hook, request_id, "{text}"),
        _ => tracing::debug!(target: "tinybase::plugin", plugin, hook, request_id, "{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(level: Level, stage: Stage, text: &str) -> Line {
        Line { at_ms: 0, level, stage: Some(stage), request_id: "r".into(), text: text.to_owned() }
    }

    #[test]
    fn lines_are_found_by_what_is_wanted() {
        let logbook = Logbook::default();
        logbook.add("p", line(Level::ERROR, Stage::Validate, "First"));
        logbook.add("p", line(Level::INFO, Stage::BeforeCreate, "second"));
        logbook.add("p", line(Level::WARN, Stage::BeforeCreate, "third"));
        let numbers = |wanted: Wanted| -> Vec<u64> {
            logbook.find(&wanted).iter().filter_map(|line| line["seq"].as_u64()).collect()
        };
        assert_eq!(numbers(Wanted::default()), [3, 2, 1]);
        assert_eq!(numbers(Wanted { after: Some(1), ..Wanted::default() }), [3, 2]);
        assert_eq!(numbers(Wanted { level: Some(Level::WARN), ..Wanted::default() }), [3, 1]);
        assert_eq!(numbers(Wanted { stage: Some(Stage::BeforeCreate), ..Wanted::default() }), [3, 2]);
        assert_eq!(numbers(Wanted { search: Some("FIRST".into()), ..Wanted::default() }), [1]);
        assert_eq!(numbers(Wanted { request_id: Some("x".into()), ..Wanted::default() }), [0; 0]);
    }

    #[tokio::test]
    async fn who_waits_hears_of_the_next_line() {
        let logbook = Logbook::default();
        logbook.add("p", line(Level::INFO, Stage::Validate, "old"));
        let wanted = Wanted { after: Some(1), ..Wanted::default() };
        assert!(logbook.wait(&wanted, Duration::from_millis(1)).await.is_empty(), "nobody said anything");
        let waiting = logbook.wait(&wanted, Duration::from_mins(10));
        let mut waiting = std::pin::pin!(waiting);
        assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        logbook.add("p", line(Level::INFO, Stage::Validate, "new"));
        assert_eq!(waiting.await[0]["message"], "new");
    }

    #[test]
    fn the_oldest_lines_go_first() {
        let logbook = Logbook::default();
        for number in 0..admin::LOG_LINES + 3 {
            let at_ms = i64::try_from(number).unwrap();
            let line = Line {
                at_ms,
                level: Level::INFO,
                stage: Some(Stage::Validate),
                request_id: "r".into(),
                text: number.to_string(),
            };
            logbook.add("p", line);
        }
        let view = logbook.view();
        assert_eq!(view.len(), admin::LOG_LINES);
        assert_eq!(view[0]["message"], (admin::LOG_LINES + 2).to_string());
        assert_eq!(view.last().unwrap()["message"], "3");
        assert_eq!((&view[0]["level"], &view[0]["hook"]), (&json!("info"), &json!("validate")));
    }
}
