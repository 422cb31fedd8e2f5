//! `tinybase:plugin/log`: lines for the plugin's own log, cut, cleaned and counted.

use crate::plugins::call::Call;
use crate::plugins::contract::Level;
use crate::plugins::limits::log;
use wasmtime::StoreContextMut;
use wasmtime::component::{LinkerInstance, WasmList, WasmStr};

/// Shows that a line was cut.
const CUT: &str = "[cut]";

pub(super) fn bind(linker: &mut LinkerInstance<'_, Call>) -> wasmtime::Result<()> {
    linker.func_wrap(
        "log",
        |mut store: StoreContextMut<'_, Call>, (level, message, fields): (Level, WasmStr, Fields)| {
            store.data_mut().enter()?;
            if store.data().limits.log == 0 {
                return Ok(());
            }
            let text = line(&mut store, &message, &fields)?;
            store.data_mut().log(severity(level), text);
            Ok(())
        },
    )
}

type Fields = WasmList<(WasmStr, WasmStr)>;

fn severity(level: Level) -> tracing::Level {
    match level {
        Level::Debug => tracing::Level::DEBUG,
        Level::Info => tracing::Level::INFO,
        Level::Warn => tracing::Level::WARN,
        Level::Error => tracing::Level::ERROR,
    }
}

/// `message key=value ..` on one line; fields beyond the line's room are not even read.
fn line(store: &mut StoreContextMut<'_, Call>, message: &WasmStr, fields: &Fields) -> wasmtime::Result<String> {
    let mut text = Text::default();
    text.push(&message.to_str(&*store)?);
    for index in 0..fields.len().min(log::FIELDS) {
        if text.full {
            break;
        }
        let Some(field) = fields.get(&mut *store, index) else { break };
        let (name, value) = field?;
        text.push(" ");
        text.push(&name.to_str(&*store)?);
        text.push("=");
        text.push(&value.to_str(&*store)?);
    }
    Ok(text.line)
}

/// A guest's own words as one line of the log.
pub(in crate::plugins) fn one_line(text: &str) -> String {
    let mut line = Text::default();
    line.push(text);
    line.line
}

/// A line in the making. Whatever could move a cursor, colour a terminal, break a line or reverse its direction is
/// written as an escape.
#[derive(Default)]
struct Text {
    line: String,
    full: bool,
}

impl Text {
    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if self.full {
                return;
            }
            let start = self.line.len();
            if is_harmless(c) {
                self.line.push(c);
            } else {
                self.line.extend(c.escape_default());
            }
            if self.line.len() > log::LINE_BYTES - CUT.len() {
                self.line.truncate(start);
                self.line.push_str(CUT);
                self.full = true;
            }
        }
    }
}

fn is_harmless(c: char) -> bool {
    let is_format =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !c.is_control() && !is_format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines() {
        assert_eq!(one_line("grün \"1\" 日本"), "grün \"1\" 日本");
        assert_eq!(one_line("a\nb\r\x1b[31m\0\u{202e}x"), "a\\nb\\r\\u{1b}[31m\\u{0}\\u{202e}x");
    }

    #[test]
    fn long_lines_are_cut_with_a_mark() {
        let line = one_line(&"\u{1b}".repeat(10_000));
        assert!(line.len() <= log::LINE_BYTES && line.ends_with(CUT), "{}", line.len());
        assert_eq!(one_line(&"x".repeat(log::LINE_BYTES - CUT.len())).len(), log::LINE_BYTES - CUT.len());
    }
}
