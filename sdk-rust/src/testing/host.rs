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

pub mod clock {
    use crate::bindings::types::Error;
    use crate::testing::{context, with};

    /// It stands still.
    pub fn now_ms() -> Result<i64, Error> {
        with(|state| state.permit("clock.now-ms"))?;
        Ok(context("").now_ms)
    }
}

pub mod random {
    use crate::bindings::types::Error;
    use crate::testing::with;

    /// The same each time, so that tests are.
    pub fn bytes(length: u32) -> Result<Vec<u8>, Error> {
        with(|state| state.permit("random.bytes"))?;
        Ok((0..length).map(|index| (index % 251) as u8).collect())
    }
}

pub mod http_client {
    use crate::bindings::types::Error;
    use crate::http::{Request, Response};
    use crate::testing::{error, with};

    pub fn send(request: &Request) -> Result<Response, Error> {
        let (web, secrets) = with(|state| {
            state.permit("http-client.send")?;
            Ok((state.web.take(), state.secrets.clone()))
        })?;
        let mut web = web.ok_or_else(|| error("unavailable", "nobody serves"))?;
        let mut told = request.clone();
        for (name, value) in &secrets {
            let token = super::secrets::token(name);
            told.url = told.url.replace(&token, value);
            for (_, header) in &mut told.headers {
                *header = header.replace(&token, value);
            }
            if let Ok(body) = std::str::from_utf8(&told.body) {
                told.body = body.replace(&token, value).into_bytes();
            }
        }
        let response = web(&told);
        with(|state| state.web = Some(web));
        Ok(response)
    }
}

pub mod secrets {
    use crate::bindings::types::Error;
    use crate::testing::{error, with};

    pub(super) fn token(name: &str) -> String {
        format!("placeholder-{name}")
    }

    pub fn placeholder(name: &str) -> Result<String, Error> {
        with(|state| {
            state.permit("secrets.placeholder")?;
            state.secrets.get(name).map(|_| token(name)).ok_or_else(|| error("not_found", "no such secret"))
        })
    }

    /// Not the real tag, which would need a hash function here: a text of both, by which a test sees what was signed.
    pub fn hmac_sha256(name: &str, message: &[u8]) -> Result<Vec<u8>, Error> {
        with(|state| {
            state.permit("secrets.hmac-sha256")?;
            let secret = state.secrets.get(name).ok_or_else(|| error("not_found", "no such secret"))?;
            Ok([secret.as_bytes(), b":", message].concat())
        })
    }
}

pub mod mail {
    use crate::bindings::types::Error;
    use crate::mail::Letter;
    use crate::testing::with;

    pub fn send(letter: &Letter) -> Result<(), Error> {
        with(|state| {
            state.permit("mail.send")?;
            state.mails.push(letter.clone());
            Ok(())
        })
    }
}

pub mod realtime {
    use crate::bindings::types::Error;
    use crate::testing::with;

    pub fn publish(topic: &str, json: &str) -> Result<(), Error> {
        with(|state| {
            state.permit("realtime.publish")?;
            state.messages.push((topic.to_owned(), json.to_owned()));
            Ok(())
        })
    }
}

pub mod files {
    use crate::bindings::types::Error;
    use crate::testing::{error, with};

    fn key(collection: &str, id: &str, name: &str) -> (String, String, String) {
        (collection.to_owned(), id.to_owned(), name.to_owned())
    }

    pub fn read(collection: &str, id: &str, name: &str) -> Result<Vec<u8>, Error> {
        with(|state| {
            state.permit("files.read")?;
            let found = state.files.get(&key(collection, id, name)).cloned();
            found.ok_or_else(|| error("not_found", "no such file"))
        })
    }

    /// Stored under the name that was given.
    pub fn write(collection: &str, id: &str, _field: &str, name: &str, content: &[u8]) -> Result<(), Error> {
        with(|state| {
            state.permit("files.write")?;
            state.files.insert(key(collection, id, name), content.to_vec());
            Ok(())
        })
    }
}
