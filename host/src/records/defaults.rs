//! What a create has without being given it: the defaults of fields. And that its id is one of its own.

use super::plan::{Otherwise, Plan};
use crate::error::{Error, code};
use crate::model::field::initial::Circumstances;
use crate::model::{Draft, Record};
use crate::schema::ddl;
use crate::sql::Sql;
use crate::tenant::Cx;

/// A create that does not give a field leaves it at its default.
pub(super) fn apply(cx: &Cx, draft: &mut Draft) {
    let collection = draft.record.collection.clone();
    for (index, field) in collection.fields.iter().enumerate() {
        if !draft.set[index]
            && let Some(value) = field.initial(cx)
        {
            draft.record.values[index] = value;
        }
    }
}

impl Circumstances for Cx {
    fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn uuid(&self) -> String {
        self.tenant.world.ids.uuid(self.now_ms)
    }

    fn auth(&self) -> Option<(&str, &str)> {
        self.caller.record().map(|record| (record.collection.id.as_str(), record.id()))
    }
}

/// Ids that differ in case only would be one file name on some disks.
pub(super) fn guard_id(plan: &mut Plan, record: &Record, message: &'static str) {
    if ddl::has_loose_ids(&record.collection) {
        let mut alone = Sql::new("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM ");
        alone.name(&record.collection.name).push(" WHERE id = ").bind(record.id());
        alone.push(" COLLATE NOCASE AND id <> ").bind(record.id()).push(")");
        plan.must_find(alone, Otherwise::Error(Error::field(message, "id", code::PK_INVALID)));
    }
}
