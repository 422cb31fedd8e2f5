//! From a profile to a record.
//!
//! An address that is not verified here may have been written down by anybody, with a password and accounts of their
//! own. So when its owner comes with a provider's word for it, the record becomes theirs alone: the password is changed,
//! which ends every token, and what was linked before is unlinked. The caller's own record is theirs already.

use super::profile::Profile;
use super::{Submission, avatar};
use crate::auth::for_owner;
use crate::error::{Error, Result};
use crate::model::index::Index;
use crate::model::{Collection, FieldKind, Record, Value};
use crate::records::{Ending, Input, Joint, load_record};
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

const LINKS: &str = "_externalAuths";

/// Length of a password that nobody is to know.
const PASSWORD_LENGTH: usize = 30;

/// How often it is begun anew when others change the same at the same time.
const TRIES: usize = 3;

#[derive(Debug)]
pub(super) struct Linked {
    pub record: Arc<Record>,
    pub is_new: bool,
}

/// A record that the profile belongs to, and how that is known.
#[derive(Debug)]
struct Found {
    record: Record,
    is_linked: bool,
    is_own: bool,
    by_email: bool,
}

/// What is stored of an account elsewhere.
#[derive(Debug, Default)]
struct Stored {
    /// The record that it is linked with.
    record: Option<Record>,
    /// A link to a record that is not there any more.
    stale: Option<String>,
}

/// Finds or makes the record of a profile, and links the two.
///
/// # Errors
/// `Forbidden` or `Invalid` when the create rule or a field refuses a new record, `Conflict` after lost races.
pub(super) async fn link(
    cx: &Cx,
    collection: &Arc<Collection>,
    submission: &Submission<'_>,
    profile: &Profile,
) -> Result<Linked> {
    // The same account twice at the same time makes one record.
    let turn = [collection.id.as_str(), submission.provider.name(), &profile.id].join("/");
    let _turn = cx.tenant.turns.lock(&[(LINKS, &turn)]).await;
    let mut input = None;
    for _ in 0..TRIES {
        let mut joint = Joint::default();
        let links = cx.catalog.collection(LINKS).cloned().ok_or_else(Error::not_found)?;
        let (seen, _) = find(cx, collection, submission, profile).await?;
        let _lock = match &seen {
            Some(seen) => cx.tenant.locks.lock(&[(&collection.id, seen.record.id())]).await,
            None => Vec::new(),
        };
        // As it is now that nobody else changes it.
        let (found, stale) = find(cx, collection, submission, profile).await?;
        let id = |found: &Option<Found>| found.as_ref().map(|found| found.record.id().to_owned());
        if id(&seen) != id(&found) {
            continue;
        }
        let is_new = found.is_none();
        if is_new && input.is_none() {
            input = Some(sign_up(cx, collection, submission, profile).await?);
        }
        let accounts = Accounts { links: &links, stale, found, input: input.as_ref() };
        let record = match plan(cx, &mut joint, collection, submission, profile, accounts).await {
            Err(_) if joint.is_lost() => continue,
            planned => planned?,
        };
        if joint.commit(cx).await? == Ending::Done {
            return Ok(Linked { record, is_new });
        }
    }
    Err(Joint::given_up())
}

/// What there is already of a profile.
struct Accounts<'a> {
    links: &'a Arc<Collection>,
    /// A link to a record that is not there any more.
    stale: Option<String>,
    found: Option<Found>,
    /// The record that is made where none was found.
    input: Option<&'a Input>,
}

/// Plans the record of a profile as it is to be, and its link.
async fn plan(
    cx: &Cx,
    joint: &mut Joint,
    collection: &Arc<Collection>,
    submission: &Submission<'_>,
    profile: &Profile,
    accounts: Accounts<'_>,
) -> Result<Arc<Record>> {
    let Accounts { links, stale, found, input } = accounts;
    let system = cx.as_system();
    if let Some(stale) = &stale {
        joint.delete(&system, links, stale).await?;
    }
    let is_linked = found.as_ref().is_some_and(|found| found.is_linked);
    let record = match (found, input) {
        (Some(found), _) => {
            if !is_linked {
                joint.must_find(unchanged(&found.record));
            }
            welcome(&system, joint, links, submission, profile, found).await?
        }
        (None, Some(input)) => joint.create(cx, collection, input).await?,
        (None, None) => return Err(Error::not_found()),
    };
    if !is_linked {
        let fields = json!({
            "collectionRef": collection.id, "recordRef": record.id(),
            "provider": submission.provider.name(), "providerId": profile.id,
        });
        let fields = fields.as_object().cloned().unwrap_or_default();
        joint.create(&system, links, &fields.into()).await?;
    }
    Ok(record)
}

/// The record that the profile belongs to, and a link to one that is not there any more.
///
/// # Errors
/// `Unauthenticated` when the caller's token was ended while the provider was asked.
async fn find(
    cx: &Cx,
    collection: &Arc<Collection>,
    submission: &Submission<'_>,
    profile: &Profile,
) -> Result<(Option<Found>, Option<String>)> {
    let own = match cx.caller.record().filter(|own| own.collection.id == collection.id) {
        Some(own) => Some(still(cx, own).await?),
        None => None,
    };
    let Stored { record: linked, stale } = stored(cx, collection, submission, profile).await?;
    let found = if let Some(record) = linked {
        let is_own = own.is_some_and(|own| own.id() == record.id());
        Some(Found { record, is_linked: true, is_own, by_email: false })
    } else if let Some(record) = own {
        Some(Found { record, is_linked: false, is_own: true, by_email: false })
    } else if profile.email.is_empty() {
        None
    } else {
        let record = load_record(&cx.tenant, collection, "email", &profile.email).await?;
        record.map(|record| Found { record, is_linked: false, is_own: false, by_email: true })
    };
    Ok((found, stale))
}

/// The caller's record as it is now, provided that their token is good for it still.
async fn still(cx: &Cx, own: &Record) -> Result<Record> {
    let record = load_record(&cx.tenant, &own.collection, "id", own.id()).await?;
    let record = record.filter(|record| record.text("tokenKey") == own.text("tokenKey"));
    record.ok_or_else(|| Error::Unauthenticated("The auth token is not valid any more.".into()))
}

/// Finds a row as long as the tokens of the record are what they were.
fn unchanged(record: &Record) -> Sql {
    let mut select = Sql::new("SELECT 1 FROM ");
    select.name(&record.collection.name).push(" WHERE id = ").bind(record.id());
    select.push(" AND tokenKey = ").bind(record.text("tokenKey"));
    select
}

async fn stored(
    cx: &Cx,
    collection: &Arc<Collection>,
    submission: &Submission<'_>,
    profile: &Profile,
) -> Result<Stored> {
    let mut select = Sql::new("SELECT id, recordRef FROM _externalAuths WHERE collectionRef = ");
    select.bind(collection.id.as_str()).push(" AND provider = ").bind(submission.provider.name());
    select.push(" AND providerId = ").bind(profile.id.as_str());
    let read = cx
        .tenant
        .store
        .read(|snapshot| snapshot.one(&select, |row| Ok((row.text(0).to_owned(), row.text(1).to_owned()))));
    let Some((id, record)) = read.await? else { return Ok(Stored::default()) };
    Ok(match load_record(&cx.tenant, collection, "id", &record).await? {
        Some(record) => Stored { record: Some(record), stale: None },
        None => Stored { record: None, stale: Some(id) },
    })
}

/// Plans what the profile changes of a record that there is.
async fn welcome(
    system: &Cx,
    joint: &mut Joint,
    links: &Arc<Collection>,
    submission: &Submission<'_>,
    profile: &Profile,
    found: Found,
) -> Result<Arc<Record>> {
    let Found { record, is_own, by_email, .. } = found;
    let email = record.text("email");
    let proves = email.is_empty() || email == profile.email;
    let mut change = Map::new();
    if record.get("verified") != Some(&Value::Bool(true)) {
        if proves {
            change.insert("verified".to_owned(), Json::Bool(true));
        }
        if (proves || by_email) && !is_own {
            let password = system.tenant.world.ids.secret(PASSWORD_LENGTH);
            change.insert("password".to_owned(), Json::String(password));
            for id in other_links(system, &record, submission, profile).await? {
                joint.delete(system, links, &id).await?;
            }
        }
    }
    if email.is_empty() && !profile.email.is_empty() {
        change.insert("email".to_owned(), Json::String(profile.email.clone()));
    }
    if change.is_empty() {
        return Ok(Arc::new(record));
    }
    joint.update(&for_owner(system, &record), &record.collection, record.id(), &change).await
}

/// The ids of the record's links to other accounts than this one.
async fn other_links(cx: &Cx, record: &Record, submission: &Submission<'_>, profile: &Profile) -> Result<Vec<String>> {
    let mut select = Sql::new("SELECT id FROM _externalAuths WHERE collectionRef = ");
    select.bind(record.collection.id.as_str()).push(" AND recordRef = ").bind(record.id());
    select.push(" AND NOT (provider = ").bind(submission.provider.name());
    select.push(" AND providerId = ").bind(profile.id.as_str()).push(")");
    let mut ids = Vec::new();
    let read = cx.tenant.store.read(|snapshot| {
        snapshot.rows(&select, |row| {
            ids.push(row.text(0).to_owned());
            Ok(())
        })
    });
    read.await?;
    Ok(ids)
}

/// The new record: what the client sent, and what it did not send from the profile.
async fn sign_up(
    cx: &Cx,
    collection: &Arc<Collection>,
    submission: &Submission<'_>,
    profile: &Profile,
) -> Result<Input> {
    let mut input = Input { fields: submission.create_data.clone(), ..Input::default() };
    let fields = &mut input.fields;
    if fields.get("password").and_then(Json::as_str).unwrap_or_default().is_empty() {
        let password = cx.tenant.world.ids.secret(PASSWORD_LENGTH);
        fields.insert("password".to_owned(), Json::String(password.clone()));
        fields.insert("passwordConfirm".to_owned(), Json::String(password));
    }
    let is_blank = |email: &Json| email.is_null() || email.as_str().is_some_and(|text| text.trim().is_empty());
    if fields.get("email").is_none_or(is_blank) {
        fields.insert("email".to_owned(), Json::String(profile.email.clone()));
    }
    let Some(options) = collection.auth() else { return Err(Error::not_found()) };
    let mapped = &options.oauth2.mapped_fields;
    for (name, value) in [(&mapped.id, &profile.id), (&mapped.name, &profile.name)] {
        if !name.is_empty() && !value.is_empty() {
            fields.entry(name.clone()).or_insert_with(|| Json::String(value.clone()));
        }
    }
    if !fields.contains_key(&mapped.username) && may_be_called(cx, collection, &mapped.username, profile).await? {
        fields.insert(mapped.username.clone(), Json::String(profile.username.clone()));
    }
    let field = collection.field(&mapped.avatar_url).filter(|field| !fields.contains_key(&field.name));
    if let Some(field) = field.filter(|_| !profile.avatar_url.is_empty()) {
        if matches!(field.kind, FieldKind::File(_)) {
            input.files.extend(avatar::fetch(cx, field, &profile.avatar_url).await);
        } else {
            fields.insert(field.name.clone(), Json::String(profile.avatar_url.clone()));
        }
    }
    input.proven_email = Some(profile.email.clone());
    Ok(input)
}

/// Whether the name that somebody has elsewhere is good for a field here, and free.
async fn may_be_called(cx: &Cx, collection: &Arc<Collection>, name: &str, profile: &Profile) -> Result<bool> {
    let Some(field) = collection.field(name).filter(|_| !profile.username.is_empty()) else { return Ok(false) };
    if field.kind.check(&Value::Text(profile.username.clone())).is_err() {
        return Ok(false);
    }
    if !Index::is_unique_on(&collection.indexes, name) {
        return Ok(true);
    }
    Ok(load_record(&cx.tenant, collection, name, &profile.username).await?.is_none())
}
