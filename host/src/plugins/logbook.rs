//! The last lines that a plugin has logged, and why it failed: kept in memory for the admin, and given to the server's log.

use super::limits::admin;
use crate::model::date;
use crate::tenant::hooks::Stage;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::VecDeque;
use tracing::Level;

#[derive(Debug, Default)]
pub struct Logbook {
    lines: Mutex<VecDeque<Line>>,
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
        if lines.len() >= admin::LOG_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// The lines, newest first: `{time, level, message, hook, requestId}`.
    #[must_use]
    pub fn view(&self) -> Vec<Value> {
        self.lines.lock().iter().rev().map(Line::view).collect()
    }
}

impl Line {
    fn view(&self) -> Value {
        json!({
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
