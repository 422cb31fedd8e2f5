//! What a plan will have made of records once it is carried out, so that its later parts see the earlier ones.
//!
//! The database knows nothing of it before the commit: whoever reads in order to write asks here first.

use crate::model::{Change, Collection, Record};
use indexmap::IndexMap;
use std::collections::HashMap;
use std::sync::Arc;

/// Records by the id of their collection and their own; in the order in which the plan came to them.
#[derive(Debug, Default)]
pub(super) struct Overlay(HashMap<String, IndexMap<String, Planned>>);

/// The overlay as a part of the plan sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartSight<'a> {
    pub(super) overlay: &'a Overlay,
    pub(super) part: usize,
}

impl PartSight<'_> {
    /// Whether a record is there; `None` when the database knows.
    pub(super) fn has(&self, collection: &Collection, id: &str) -> Option<bool> {
        self.overlay.has(collection, id, self.part)
    }
}

/// A record that the plan writes.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// As it will be; `None` when it will be gone.
    pub(super) record: Option<Arc<Record>>,
    /// The part of the plan that made it come or go.
    since: usize,
}

impl Overlay {
    /// Takes in a change that `part` of the plan makes.
    pub(super) fn note(&mut self, change: &Change, part: usize) {
        let subject = change.subject();
        let of_collection = self.0.entry(subject.collection.id.clone()).or_default();
        let known = of_collection.get(subject.id()).map(|known| (known.record.is_some(), known.since));
        let since = match known {
            Some((present, since)) if present == change.after.is_some() => since,
            // An update of a stored record: it has been there all the time.
            None if change.before.is_some() && change.after.is_some() => 0,
            _ => part,
        };
        of_collection.insert(subject.id().to_owned(), Planned { record: change.after.clone(), since });
    }

    /// What becomes of a record; `None` when the plan does not touch it.
    pub(super) fn get(&self, collection: &Collection, id: &str) -> Option<&Planned> {
        self.0.get(&collection.id)?.get(id)
    }

    /// The records of a collection that the plan writes and leaves.
    pub(super) fn records(&self, collection: &Collection) -> impl Iterator<Item = &Arc<Record>> {
        self.0.get(&collection.id).into_iter().flat_map(IndexMap::values).filter_map(|planned| planned.record.as_ref())
    }

    fn has(&self, collection: &Collection, id: &str, part: usize) -> Option<bool> {
        let planned = self.get(collection, id)?;
        // Before the part that made it come it was not there, and the other way round.
        Some(planned.record.is_some() == (planned.since <= part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Field, Kind, Rules, Value};
    use serde_json::json;

    fn record(id: &str) -> Arc<Record> {
        let id_field = Field::from_json(&json!({"type": "text", "name": "id", "primaryKey": true})).unwrap();
        let collection = Arc::new(Collection {
            id: "c".into(),
            name: "posts".into(),
            kind: Kind::Base,
            system: false,
            fields: vec![id_field],
            indexes: Vec::new(),
            rules: Rules::default(),
            created: String::new(),
            updated: String::new(),
        });
        Arc::new(Record { collection, values: vec![Value::Text(id.into())] })
    }

    #[test]
    fn a_part_sees_what_earlier_parts_did() {
        let (mut overlay, a) = (Overlay::default(), record("a"));
        let posts = a.collection.clone();
        assert!(overlay.has(&posts, "a", 0).is_none());
        overlay.note(&Change { action: Action::Create, before: None, after: Some(a.clone()) }, 2);
        overlay.note(&Change { action: Action::Update, before: Some(a.clone()), after: Some(a.clone()) }, 3);
        assert_eq!([0, 2, 3].map(|part| overlay.has(&posts, "a", part)), [Some(false), Some(true), Some(true)]);
        assert_eq!(overlay.records(&posts).count(), 1);
        overlay.note(&Change { action: Action::Delete, before: Some(a.clone()), after: None }, 4);
        assert_eq!([3, 4].map(|part| overlay.has(&posts, "a", part)), [Some(true), Some(false)]);
        assert_eq!(overlay.records(&posts).count(), 0);
    }
}
