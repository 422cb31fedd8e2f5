//! The collections that every database begins with, as data.

use crate::model::collection::auth::MappedFields;
use crate::model::collection::defaults::SUPERUSERS;
use crate::model::field::{
    autodate::Autodate, boolean::Bool, file::File, json::Json as JsonField, number::Number, password::Password,
    text::Text,
};
use crate::model::{AuthOptions, Collection, Field, FieldKind, Kind, Rules};

/// The owner of what hangs on an auth record.
const OWNER: &str =
    "@request.auth.id != '' && recordRef = @request.auth.id && collectionRef = @request.auth.collectionId";
/// The record itself.
const SELF: &str = "id = @request.auth.id";

/// The id of the collection of ordinary accounts.
pub const USERS_ID: &str = "_pb_users_auth_";

/// How long a superuser's token lasts, in seconds.
const SUPERUSER_TOKEN_S: u64 = 86_400;
/// The cost of hashing one-time passwords, which live for minutes only.
const OTP_COST: u64 = 8;
const AVATAR_TYPES: [&str; 5] = ["image/jpeg", "image/png", "image/svg+xml", "image/gif", "image/webp"];

/// All of them, in the order in which they are made. `secret` returns so many random characters.
#[must_use]
pub fn collections(now: &str, secret: &mut dyn FnMut(usize) -> String) -> Vec<Collection> {
    vec![superusers(now, secret), users(now, secret), external_auths(now), mfas(now), otps(now), auth_origins(now)]
}

/// The table of collections as a collection, so that its list is filtered and sorted like any other.
#[must_use]
pub fn collections_table() -> Collection {
    let mut table = table("_collections", &["name", "type", "created", "updated"]);
    table.fields.push(Field::new("system", Bool::default()));
    table
}

/// The request log as a collection.
#[must_use]
pub fn logs_table() -> Collection {
    let mut table = table("_logs", &["message", "created"]);
    table.fields.push(Field::new("level", Number::default()));
    table.fields.push(Field::new("data", JsonField::default()));
    table
}

/// The runs of periodic jobs as a collection.
#[must_use]
pub fn runs_table() -> Collection {
    let mut table = table("_job_runs", &["job", "cause", "outcome", "detail", "started"]);
    table.fields.push(Field::new("durationMs", Number::default()));
    table
}

/// Events on their way to after-hooks as a collection.
#[must_use]
pub fn outbox_table() -> Collection {
    let texts = [
        "state",
        "plugin",
        "pluginName",
        "attachment",
        "collection",
        "collectionId",
        "record",
        "action",
        "error",
        "created",
    ];
    let mut table = table("_outbox_rows", &texts);
    table.fields.push(Field::new("attempts", Number::default()));
    table
}

/// The audit trail as a collection.
#[must_use]
pub fn activity_table() -> Collection {
    let texts = [
        "actorKind",
        "actorCollection",
        "actorId",
        "actorName",
        "plugin",
        "ip",
        "requestId",
        "action",
        "kind",
        "subject",
        "name",
    ];
    let mut table = table("_activity", &texts);
    table.fields.push(Field::new("created", Text::default()));
    for name in ["before", "after", "hooks"] {
        table.fields.push(Field::new(name, JsonField::default()));
    }
    table
}

/// A table with an id and some texts.
fn table(name: &str, texts: &[&str]) -> Collection {
    let mut table = new(name, name, Kind::Base, "");
    table.fields.extend(texts.iter().map(|text| Field::new(text, Text::default())));
    table
}

/// Those who may do anything.
#[must_use]
pub fn superusers(now: &str, secret: &mut dyn FnMut(usize) -> String) -> Collection {
    let mut options = AuthOptions::default();
    options.auth_token.duration_s = SUPERUSER_TOKEN_S;
    options.add_secrets(secret);
    let mut collection = new("pbc_3142635823", SUPERUSERS, Kind::Auth(Box::new(options)), now);
    collection.system = true;
    collection.fields.extend(dates(true));
    collection
}

/// Ordinary accounts; an example to be changed.
#[must_use]
pub fn users(now: &str, secret: &mut dyn FnMut(usize) -> String) -> Collection {
    let mut options = AuthOptions::default();
    options.add_secrets(secret);
    let mut collection = new(USERS_ID, "users", Kind::Auth(Box::new(options)), now);
    let own = || Some(SELF.to_owned());
    collection.rules = Rules { list: own(), view: own(), create: Some(String::new()), update: own(), delete: own() };
    let avatar = File { max_select: 1, mime_types: AVATAR_TYPES.map(str::to_owned).into(), ..File::default() };
    collection.fields.push(Field::new("name", Text { max: 255, ..Text::default() }));
    collection.fields.push(Field::new("avatar", avatar));
    collection.fields.extend(dates(false));
    if let Kind::Auth(options) = &mut collection.kind {
        options.oauth2.mapped_fields =
            MappedFields { name: "name".to_owned(), avatar_url: "avatar".to_owned(), ..MappedFields::default() };
    }
    collection
}

/// Accounts elsewhere that are linked with records.
#[must_use]
pub fn external_auths(now: &str) -> Collection {
    let mut collection = owned("pbc_2281828961", "_externalAuths", &["provider", "providerId"], now);
    collection.rules.delete = Some(OWNER.to_owned());
    index(&mut collection, true, "record_provider", &["collectionRef", "recordRef", "provider"]);
    index(&mut collection, true, "collection_provider", &["collectionRef", "provider", "providerId"]);
    collection
}

/// Sign-ins that wait for their second step.
#[must_use]
pub fn mfas(now: &str) -> Collection {
    let mut collection = owned("pbc_2279338944", "_mfas", &["method"], now);
    index(&mut collection, false, "collectionRef_recordRef", &["collectionRef", "recordRef"]);
    collection
}

/// One-time passwords on their way.
#[must_use]
pub fn otps(now: &str) -> Collection {
    let mut collection = owned("pbc_1638494021", "_otps", &[], now);
    let dates = collection.fields.len() - 2;
    let password = Field::new("password", Password { cost: OTP_COST, ..Password::default() });
    let password = Field { system: true, hidden: true, required: true, ..password };
    let sent_to = Field { system: true, hidden: true, ..Field::new("sentTo", Text::default()) };
    collection.fields.splice(dates..dates, [password, sent_to]);
    index(&mut collection, false, "collectionRef_recordRef", &["collectionRef", "recordRef"]);
    collection
}

/// Where records have signed in from.
#[must_use]
pub fn auth_origins(now: &str) -> Collection {
    let mut collection = owned("pbc_4275539003", "_authOrigins", &["fingerprint"], now);
    collection.rules.delete = Some(OWNER.to_owned());
    index(&mut collection, true, "unique_pairs", &["collectionRef", "recordRef", "fingerprint"]);
    collection
}

/// A collection with its system fields and nothing else.
fn new(id: &str, name: &str, kind: Kind, now: &str) -> Collection {
    let mut collection = Collection {
        id: id.to_owned(),
        name: name.to_owned(),
        kind,
        system: false,
        fields: Vec::new(),
        indexes: Vec::new(),
        rules: Rules::default(),
        created: now.to_owned(),
        updated: now.to_owned(),
    };
    collection.complete();
    collection
}

/// A system collection of things that belong to an auth record, which may list and view them.
fn owned(id: &str, name: &str, texts: &[&str], now: &str) -> Collection {
    let mut collection = new(id, name, Kind::Base, now);
    collection.system = true;
    collection.rules.list = Some(OWNER.to_owned());
    collection.rules.view = Some(OWNER.to_owned());
    for text in ["collectionRef", "recordRef"].iter().chain(texts) {
        collection.fields.push(Field { system: true, required: true, ..Field::new(text, Text::default()) });
    }
    collection.fields.extend(dates(true));
    collection
}

/// `created` and `updated`.
fn dates(system: bool) -> [Field; 2] {
    [("created", false), ("updated", true)].map(|(name, on_update)| {
        let kind = FieldKind::Autodate(Autodate { on_create: true, on_update });
        Field { system, ..Field::new(name, kind) }
    })
}

fn index(collection: &mut Collection, unique: bool, name: &str, columns: &[&str]) {
    let unique = if unique { "UNIQUE " } else { "" };
    let statement = format!(
        "CREATE {unique}INDEX `idx_{}_{name}` ON `{}` ({})",
        collection.name.trim_start_matches('_'),
        collection.name,
        columns.join(", ")
    );
    collection.indexes.push(statement);
    collection.complete();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Collection> {
        let mut count = 0;
        collections("2024-01-01 00:00:00.000Z", &mut |length| {
            count += 1;
            format!("{count:0>length$}")
        })
    }

    #[test]
    fn ids_and_fields_are_those_of_pocketbase() {
        let shape: Vec<(String, String, Vec<String>)> = all()
            .into_iter()
            .map(|collection| {
                (collection.id, collection.name, collection.fields.into_iter().map(|field| field.name).collect())
            })
            .collect();
        let auth = ["id", "password", "tokenKey", "email", "emailVisibility", "verified"];
        let expected: [(&str, &str, &[&str], &[&str]); 6] = [
            ("pbc_3142635823", "_superusers", &auth, &["created", "updated"]),
            ("_pb_users_auth_", "users", &auth, &["name", "avatar", "created", "updated"]),
            (
                "pbc_2281828961",
                "_externalAuths",
                &["id", "collectionRef", "recordRef"],
                &["provider", "providerId", "created", "updated"],
            ),
            ("pbc_2279338944", "_mfas", &["id", "collectionRef", "recordRef"], &["method", "created", "updated"]),
            (
                "pbc_1638494021",
                "_otps",
                &["id", "collectionRef", "recordRef"],
                &["password", "sentTo", "created", "updated"],
            ),
            (
                "pbc_4275539003",
                "_authOrigins",
                &["id", "collectionRef", "recordRef"],
                &["fingerprint", "created", "updated"],
            ),
        ];
        for ((id, name, fields), (expected_id, expected_name, front, back)) in shape.iter().zip(expected) {
            assert_eq!((id.as_str(), name.as_str()), (expected_id, expected_name));
            assert_eq!(fields, &[front, back].concat());
        }
    }

    #[test]
    fn they_are_valid_and_complete() {
        let known = all();
        for (position, collection) in known.iter().enumerate() {
            let mut again = collection.clone();
            again.complete();
            assert_eq!(&again, collection);
            let others: Vec<_> =
                known.iter().enumerate().filter(|(other, _)| *other != position).map(|(_, other)| other).collect();
            let find = |_: &str| None;
            let errors = again.check(None, &find, &mut others.into_iter());
            // Their rules are theirs to name what a user's could not.
            assert!(errors.is_empty(), "{}: {errors:?}", collection.name);
        }
    }

    #[test]
    fn rules_and_tokens() {
        let all = all();
        let rules = |name: &str| all.iter().find(|collection| collection.name == name).unwrap().rules.clone();
        assert_eq!(rules("_superusers"), Rules::default());
        let owner = Some(OWNER.to_owned());
        assert_eq!(rules("_mfas"), Rules { list: owner.clone(), view: owner.clone(), ..Rules::default() });
        assert_eq!(rules("_otps"), rules("_mfas"));
        assert_eq!(rules("_authOrigins").delete, owner);
        assert_eq!(rules("users").create.as_deref(), Some(""));
        let superusers = all[0].auth().unwrap();
        assert_eq!((superusers.auth_token.duration_s, superusers.auth_token.secret.len()), (86_400, 50));
        assert_ne!(superusers.auth_token.secret, all[1].auth().unwrap().auth_token.secret);
        assert_eq!(all[1].auth().unwrap().oauth2.mapped_fields.avatar_url, "avatar");
        let systems: Vec<_> = all.iter().map(|collection| collection.system).collect();
        assert_eq!(systems, [true, false, true, true, true, true]);
        assert_eq!(
            all[1].indexes[1],
            "CREATE UNIQUE INDEX `idx_email__pb_users_auth_` ON `users` (`email`) WHERE `email` != ''"
        );
    }
}
