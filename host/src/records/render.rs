//! Records to JSON as a caller may see them: hidden fields, e-mail visibility, `expand`, `fields`.

use super::{ViewQuery, expand};
use crate::access::{self, Operation};
use crate::db::{Row, Snapshot};
use crate::error::{Error, Result};
use crate::model::{Caller, Collection, FieldKind, Record, Value, Verb, picker::Picker};
use crate::rules::{Checked, Truth};
use crate::schema::catalog::Rule;
use crate::sql::ValueRef;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// What a caller may see of a collection's records.
#[derive(Debug)]
pub struct Sight {
    hidden_too: bool,
    email: EmailSight,
}

#[derive(Debug)]
enum EmailSight {
    /// Not an auth collection, or a caller who sees every address.
    All,
    /// Addresses that their owners show, and the caller's own.
    Shown { own_id: String },
}

impl Sight {
    #[must_use]
    pub fn of(cx: &Cx, collection: &Collection) -> Self {
        let hidden_too = cx.caller.is_free(collection, &[Verb::List, Verb::View]);
        let email = if hidden_too || collection.auth().is_none() {
            EmailSight::All
        } else {
            let own = match &cx.caller {
                Caller::User(record) if record.collection.id == collection.id => record.id().to_owned(),
                _ => String::new(),
            };
            EmailSight::Shown { own_id: own }
        };
        Self { hidden_too, email }
    }

    /// The rule that lets the caller see other records' addresses, if it has to be asked.
    pub(super) fn manage_rule<'a>(&self, cx: &'a Cx, collection: &Collection) -> Option<&'a Checked> {
        match (&self.email, cx.catalog.rule(collection, Operation::Manage)) {
            (EmailSight::Shown { .. }, Rule::When(rule)) => Some(rule),
            _ => None,
        }
    }

    /// Whether the caller sees the value of a field in every record that may be seen.
    pub(super) fn always_shows(&self, collection: &Collection, index: usize) -> bool {
        let field = &collection.fields[index];
        let email = field.name == "email" && !matches!(self.email, EmailSight::All);
        self.shows(collection, index) && !email && !matches!(field.kind, FieldKind::Password(_))
    }

    /// Of which records at hand, all of one collection, the caller sees the e-mail address.
    pub(super) async fn emails(&self, cx: &Cx, collection: &Collection, records: &[Arc<Record>]) -> Result<Vec<bool>> {
        let EmailSight::Shown { own_id } = &self.email else { return Ok(vec![true; records.len()]) };
        let none = Map::new();
        let manage = self.manage_rule(cx, collection);
        let mut open = Vec::new();
        let mut shown = Vec::with_capacity(records.len());
        for (index, record) in records.iter().enumerate() {
            let visible = record.id() == own_id || record.get("emailVisibility") == Some(&Value::Bool(true));
            let managed = match manage.filter(|_| !visible).map(|rule| access::judge(cx, rule, record, &none)) {
                Some(Truth::NeedsDatabase) => {
                    open.push(index);
                    false
                }
                truth => truth == Some(Truth::True),
            };
            shown.push(visible || managed);
        }
        if let Some(rule) = manage.filter(|_| !open.is_empty()) {
            let ask = |snapshot: &mut Snapshot<'_>| {
                for index in open {
                    shown[index] = access::meets(snapshot, cx, rule, &records[index], &none)?;
                }
                Ok(())
            };
            cx.tenant.store.read(ask).await?;
        }
        Ok(shown)
    }

    /// Whether the address in a row selected with [`Sight`]'s columns is shown.
    pub(super) fn shows_email(&self, collection: &Collection, row: &Row<'_>) -> bool {
        match &self.email {
            EmailSight::All => true,
            EmailSight::Shown { own_id } => {
                let column = |name: &str| collection.field_index(name).map(|index| row.get(index));
                column("id") == Some(ValueRef::Text(own_id))
                    || column("emailVisibility") == Some(ValueRef::Integer(1))
                    || row.width() > collection.fields.len() && row.get(collection.fields.len()) == ValueRef::Integer(1)
            }
        }
    }

    pub(super) fn shows(&self, collection: &Collection, index: usize) -> bool {
        let field = &collection.fields[index];
        let secret = matches!(field.kind, FieldKind::Password(_)) || field.name == "tokenKey";
        let secret = secret && collection.auth().is_some();
        !secret && (self.hidden_too || !field.hidden)
    }
}

/// Writes a row that was selected with [`Sight`]'s columns.
pub(super) fn row(out: &mut Vec<u8>, collection: &Collection, sight: &Sight, row: &Row<'_>) {
    let shows_email = sight.shows_email(collection, row);
    begin(out, collection);
    for (index, field) in collection.fields.iter().enumerate() {
        if sight.shows(collection, index) && (shows_email || field.name != "email") {
            key(out, &field.name);
            field.write_json(row.get(index), out);
        }
    }
    out.push(b'}');
}

/// Writes a record at hand; `expanded` is what is between the braces of its `expand`, if it has one.
pub(super) fn record(out: &mut Vec<u8>, record: &Record, sight: &Sight, shows_email: bool, expanded: Option<&[u8]>) {
    let collection = &record.collection;
    begin(out, collection);
    for (index, (field, value)) in collection.fields.iter().zip(&record.values).enumerate() {
        if sight.shows(collection, index) && (shows_email || field.name != "email") {
            key(out, &field.name);
            if matches!(field.kind, FieldKind::Password(_)) {
                out.extend_from_slice(b"\"\"");
            } else {
                value.write_json(out);
            }
        }
    }
    if let Some(expanded) = expanded {
        key(out, "expand");
        out.push(b'{');
        out.extend_from_slice(expanded);
        out.push(b'}');
    }
    out.push(b'}');
}

fn begin(out: &mut Vec<u8>, collection: &Collection) {
    out.extend_from_slice(b"{\"collectionId\":\"");
    out.extend_from_slice(collection.id.as_bytes());
    out.extend_from_slice(b"\",\"collectionName\":\"");
    out.extend_from_slice(collection.name.as_bytes());
    out.push(b'"');
}

/// Field and collection names are `\w+`, so they need no escaping.
fn key(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// One record with its expansions and picked fields.
///
/// # Errors
/// `Invalid` for a malformed `fields`.
pub async fn one(cx: &Cx, record: &Arc<Record>, query: &ViewQuery) -> Result<Vec<u8>> {
    let out = whole(cx, record, query.expand.as_deref()).await?;
    pick(out, query.fields.as_deref())
}

/// One record with its expansions.
///
/// # Errors
/// When the database cannot be read.
pub async fn whole(cx: &Cx, record: &Arc<Record>, expand: Option<&str>) -> Result<Vec<u8>> {
    let paths = expand.unwrap_or_default();
    Ok(expand::render_each(cx, &record.collection, std::slice::from_ref(record), paths).await?.concat())
}

/// An auth record as its owner sees it: with its e-mail.
///
/// # Errors
/// When the database cannot be read.
pub async fn own(cx: &Cx, record: &Arc<Record>, expand: Option<&str>) -> Result<Vec<u8>> {
    let caller = if record.collection.name == "_superusers" {
        Caller::Superuser(record.clone())
    } else {
        Caller::User(record.clone())
    };
    whole(&Cx { caller, ..cx.clone() }, record, expand).await
}

/// Applies `?fields=` to a finished JSON object.
///
/// # Errors
/// `Invalid` for a malformed expression.
pub fn pick(json: Vec<u8>, fields: Option<&str>) -> Result<Vec<u8>> {
    pick_with(json, fields, Picker::apply)
}

/// Applies `?fields=` to each of a finished page's items.
///
/// # Errors
/// `Invalid` for a malformed expression.
pub fn pick_items(json: Vec<u8>, fields: Option<&str>) -> Result<Vec<u8>> {
    pick_with(json, fields, Picker::apply_to_items)
}

fn pick_with(json: Vec<u8>, fields: Option<&str>, apply: fn(&Picker, Json) -> Json) -> Result<Vec<u8>> {
    let Some(fields) = fields.filter(|fields| !fields.trim().is_empty()) else { return Ok(json) };
    let picker = Picker::parse(fields)?;
    let value = serde_json::from_slice(&json).map_err(|error| Error::internal("parse our own JSON", error))?;
    serde_json::to_vec(&apply(&picker, value)).map_err(|error| Error::internal("write JSON", error))
}
