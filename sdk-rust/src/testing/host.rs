//! The capabilities with the signatures of the generated imports, answered by the test host.

pub mod log {
    use crate::log::Level;
    use crate::testing::with;

    pub fn log(level: Level, message: &str, facts: &[(String, String)]) {
        let facts = facts.iter().map(|(name, value)| format!(" {name}={value}"));
        let line = message.to_owned() + &facts.collect::<String>();
        with(|state| state.log.push((level, line)));
    }
}

pub mod records {
    use std::cmp::Ordering;

    use crate::Record;
    use crate::bindings::types::{Error, Field, Value};
    use crate::testing::{error, with};

    type Fields = Vec<Field>;

    pub fn get(collection: &str, id: &str) -> Result<Fields, Error> {
        with(|state| {
            state.permit("records.get")?;
            let found = state.collection(collection).iter().find(|fields| has_id(fields, id));
            found.cloned().ok_or_else(|| error("not_found", "no such record"))
        })
    }

    pub fn find(collection: &str, filter: &str, sort: &str, limit: u32) -> Result<Vec<Fields>, Error> {
        with(|state| {
            state.permit("records.find")?;
            let mut found = state.find(collection, filter)?;
            for key in sort.split(',').rev().map(str::trim).filter(|key| !key.is_empty()) {
                let name = key.trim_start_matches('-');
                found.sort_by(|a, b| {
                    let (a, b) = if name == key { (a, b) } else { (b, a) };
                    order(a.get(name), b.get(name))
                });
            }
            found.truncate(limit as usize);
            Ok(found.iter().map(|record| record.as_fields().into_owned()).collect())
        })
    }

    pub fn count(collection: &str, filter: &str) -> Result<u64, Error> {
        with(|state| {
            state.permit("records.count")?;
            Ok(state.find(collection, filter)?.len() as u64)
        })
    }

    pub fn create(collection: &str, draft: &[Field]) -> Result<String, Error> {
        with(|state| {
            state.permit("records.create")?;
            Ok(state.create(collection, Record::from(draft.to_vec())))
        })
    }

    pub fn update(collection: &str, id: &str, changes: &[Field]) -> Result<(), Error> {
        with(|state| {
            state.permit("records.update")?;
            let all = state.collection(collection);
            let stored = all.iter_mut().find(|fields| has_id(fields, id));
            let stored = stored.ok_or_else(|| error("not_found", "no such record"))?;
            let mut record = Record::from(std::mem::take(stored));
            for field in changes {
                record.set(&field.name, field.value.clone());
            }
            *stored = record.as_fields().into_owned();
            Ok(())
        })
    }

    pub fn delete(collection: &str, id: &str) -> Result<(), Error> {
        with(|state| {
            state.permit("records.delete")?;
            let all = state.collection(collection);
            let at = all.iter().position(|fields| has_id(fields, id));
            all.remove(at.ok_or_else(|| error("not_found", "no such record"))?);
            Ok(())
        })
    }

    fn has_id(fields: &Fields, id: &str) -> bool {
        fields.iter().any(|field| field.name == "id" && field.value == id.into())
    }

    /// Numbers by size, texts by code point; what is missing comes first.
    fn order(a: Option<&Value>, b: Option<&Value>) -> Ordering {
        match (a, b) {
            (Some(Value::Integer(a)), Some(Value::Integer(b))) => a.cmp(b),
            (Some(Value::Number(a)), Some(Value::Number(b))) => a.total_cmp(b),
            (Some(Value::Text(a)), Some(Value::Text(b))) => a.cmp(b),
            (Some(Value::Boolean(a)), Some(Value::Boolean(b))) => a.cmp(b),
            _ => a.is_some().cmp(&b.is_some()),
        }
    }
}

pub mod kv {
    use crate::bindings::types::Error;
    use crate::testing::{error, with};

    pub fn get(key: &str) -> Result<Option<Vec<u8>>, Error> {
        with(|state| {
            state.permit("kv.get")?;
            Ok(state.values.get(key).cloned())
        })
    }

    /// The test host's time stands still: nothing expires.
    pub fn set(key: &str, value: &[u8], _ttl_ms: u64) -> Result<(), Error> {
        with(|state| {
            state.permit("kv.set")?;
            state.values.insert(key.to_owned(), value.to_vec());
            Ok(())
        })
    }

    pub fn increment(key: &str, delta: i64) -> Result<i64, Error> {
        with(|state| {
            state.permit("kv.increment")?;
            let value = state.values.entry(key.to_owned()).or_insert_with(|| b"0".to_vec());
            let number: i64 = std::str::from_utf8(value)
                .ok()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| error("invalid", "not an integer"))?;
            *value = (number + delta).to_string().into_bytes();
            Ok(number + delta)
        })
    }

    pub fn delete(key: &str) -> Result<(), Error> {
        with(|state| {
            state.permit("kv.delete")?;
            state.values.remove(key);
            Ok(())
        })
    }
}
