//! The circumstances of a call: settings out of the attachment's configuration, the time, and who causes it.

use crate::bindings::types::{Caller, Context};
use crate::{json, time};

impl Context {
    /// A text from the attachment's configuration: `"audit"` for `target` in `{"target": "audit"}`.
    pub fn config_text(&self, name: &str) -> Option<String> {
        json::text(json::member(&self.config, name)?).map(|text| text.into_owned())
    }

    /// A whole number from the attachment's configuration.
    pub fn config_integer(&self, name: &str) -> Option<i64> {
        json::member(&self.config, name)?.parse().ok()
    }

    /// A yes or no from the attachment's configuration.
    pub fn config_boolean(&self, name: &str) -> Option<bool> {
        json::member(&self.config, name)?.parse().ok()
    }

    /// When the call began, the way date fields are written: `2026-01-31 12:00:00.000Z`.
    pub fn now(&self) -> String {
        time::date_text(self.now_ms)
    }
}

impl Caller {
    pub fn is_superuser(&self) -> bool {
        self.kind == "superuser"
    }

    pub fn is_guest(&self) -> bool {
        self.kind == "guest"
    }
}
