//! What each route does, in words: a line for each handler. A route without a line is described by its name.

use super::super::table::Route;
use Answer::{Any, Items, List, Nothing as Empty, One, Page, Text as Plain, Tried};
use Body::{File, Json, Nothing, Object, Record};
use Who::{Anybody, SignedIn, Superuser};

/// What the API is.
pub(super) const ABOUT: &str = "Collections and records by PocketBase's API, and more: aggregates, cursors, full-text \
search, ETags, imports, plugins, an audit trail. Bodies are JSON, multipart or url-encoded; answers are JSON. A token \
goes into `Authorization`. Mistakes are answered with `{status, message, data}`, `data` by field.";

/// Who may call a route at all. What a rule decides is open to anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Anybody,
    SignedIn,
    Superuser,
}

impl Who {
    pub(super) fn name(self) -> &'static str {
        match self {
            Anybody => "anybody",
            SignedIn => "signed-in",
            Superuser => "superuser",
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Body {
    Nothing,
    /// One of the schemas.
    Json(&'static str),
    Object,
    /// The fields of a record, perhaps with files.
    Record,
    /// A form with a file.
    File,
    Text(&'static str),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Answer<'a> {
    Nothing,
    Any,
    /// One of the schemas.
    One(&'a str),
    List(&'a str),
    /// All of them, as `{items}`.
    Items(&'a str),
    Page(&'a str),
    Text(&'a str),
    /// One of the schemas, or nothing; with `dryRun` what a change would do.
    Tried(Option<&'a str>),
}

#[derive(Debug)]
pub(super) struct Words {
    /// The function that answers, with its module.
    pub handler: String,
    pub id: String,
    pub tag: String,
    pub summary: String,
    pub who: Who,
    pub query: &'static [&'static str],
    pub body: Body,
    pub answer: Answer<'static>,
}

const LIST: &[&str] =
    &["page", "perPage", "sort", "filter", "skipTotal", "expand", "fields", "search", "cursor", "near", "limit"];
const TABLE: &[&str] = &["page", "perPage", "sort", "filter", "skipTotal", "fields"];
const VIEW: &[&str] = &["expand", "fields"];
const BULK: &[&str] = &["filter", "after", "dryRun"];
const LOG: &[&str] = &["page", "perPage", "after", "wait", "level", "hook", "requestId", "search"];
const TRIED: &[&str] = &["dryRun"];
const NONE: &[&str] = &[];

type Line = (&'static str, &'static str, Who, &'static [&'static str], Body, Answer<'static>);

const LINES: &[Line] = &[
    ("records::list", "List records, under the list rule.", Anybody, LIST, Nothing, Page("AnyRecord")),
    ("records::create", "Create a record, under the create rule.", Anybody, VIEW, Record, One("AnyRecord")),
    ("records::update_where", "Change every record that a filter finds.", Superuser, BULK, Object, One("Count")),
    ("records::delete_where", "Delete every record that a filter finds.", Superuser, BULK, Nothing, One("Count")),
    ("records::count", "Count records, under the list rule.", Anybody, &["filter", "search"], Nothing, One("Count")),
    (
        "records::aggregate",
        "Sums and other aggregates, under the list rule.",
        Anybody,
        &["fn", "groupBy", "filter", "sort"],
        Nothing,
        Any,
    ),
    ("records::view", "View a record, under the view rule.", Anybody, VIEW, Nothing, One("AnyRecord")),
    ("records::update", "Change a record, under the update rule.", Anybody, VIEW, Record, One("AnyRecord")),
    ("records::delete", "Delete a record, under the delete rule.", Anybody, NONE, Nothing, Empty),
    (
        "transfer::export",
        "Export a list as CSV, JSON or NDJSON.",
        Anybody,
        &["format", "filter", "sort", "fields", "search", "spreadsheet"],
        Nothing,
        Plain("text/csv"),
    ),
    (
        "transfer::import",
        "Import CSV, JSON or NDJSON.",
        Superuser,
        &["format", "key", "columns", "delimiter", "dryRun", "skipHooks"],
        Body::Text("text/csv"),
        One("ImportReport"),
    ),
    ("batch::send", "Several writes in one transaction.", Anybody, NONE, Json("Batch"), Any),
    ("files::token", "A short token for protected files.", SignedIn, NONE, Nothing, One("FileToken")),
    (
        "files::offer",
        "An address in the bucket for a file that a record will take by `{\"upload\": token}`.",
        Anybody,
        NONE,
        Json("UploadWish"),
        One("UploadOffer"),
    ),
    (
        "files::view",
        "A file of a record, or a thumb of it.",
        Anybody,
        &["thumb", "download", "token"],
        Nothing,
        Plain("application/octet-stream"),
    ),
    ("auth::methods", "How one can sign in to a collection.", Anybody, NONE, Nothing, Any),
    ("auth::with_password", "Sign in with a password.", Anybody, VIEW, Json("Password"), One("SignedIn")),
    ("auth::request_otp", "Send a one-time password.", Anybody, NONE, Json("Email"), One("OtpId")),
    (
        "auth::with_otp",
        "Sign in with a one-time password.",
        Anybody,
        &["mfaId", "expand", "fields"],
        Json("Otp"),
        One("SignedIn"),
    ),
    ("auth::request_password_reset", "Send a link for a new password.", Anybody, NONE, Json("Email"), Empty),
    (
        "auth::confirm_password_reset",
        "Set a new password, with its link's token.",
        Anybody,
        NONE,
        Json("MailToken"),
        Empty,
    ),
    ("auth::request_verification", "Send a link that verifies an address.", Anybody, NONE, Json("Email"), Empty),
    (
        "auth::confirm_verification",
        "Verify an address, with its link's token.",
        Anybody,
        NONE,
        Json("MailToken"),
        Empty,
    ),
    ("auth::request_email_change", "Send a link to another address.", SignedIn, NONE, Object, Empty),
    (
        "auth::confirm_email_change",
        "Take another address, with its link's token.",
        Anybody,
        NONE,
        Json("MailToken"),
        Empty,
    ),
    (
        "auth::with_oauth2",
        "Sign in with an account elsewhere.",
        Anybody,
        &["mfaId", "expand", "fields"],
        Object,
        One("SignedIn"),
    ),
    ("auth::oauth2_redirect_posted", "The same for those that post.", Anybody, NONE, Object, Empty),
    ("auth::oauth2_redirect", "Where providers of accounts send browsers back to.", Anybody, NONE, Nothing, Empty),
    ("auth::refresh", "A new token for the one at hand.", SignedIn, VIEW, Nothing, One("SignedIn")),
    ("auth::impersonate", "A token for somebody else.", Superuser, VIEW, Object, One("SignedIn")),
    ("collections::list", "List collections.", Superuser, TABLE, Nothing, Page("Collection")),
    ("collections::view", "View a collection.", Superuser, NONE, Nothing, One("Collection")),
    (
        "collections::create",
        "Create a collection.",
        Superuser,
        TRIED,
        Json("CollectionInput"),
        Tried(Some("Collection")),
    ),
    (
        "collections::update",
        "Change a collection; records keep their values.",
        Superuser,
        TRIED,
        Json("CollectionInput"),
        Tried(Some("Collection")),
    ),
    (
        "collections::dry_run_view",
        "What a view would be, without making it.",
        Superuser,
        NONE,
        Json("ViewQuery"),
        One("ViewPreview"),
    ),
    ("collections::delete", "Delete a collection with its records.", Superuser, NONE, Nothing, Empty),
    ("collections::truncate", "Delete every record of a collection.", Superuser, NONE, Nothing, Empty),
    (
        "collections::import",
        "Create and change many collections at once.",
        Superuser,
        TRIED,
        Json("CollectionsInput"),
        Tried(None),
    ),
    (
        "rules::check",
        "Find the mistakes of a rule and say it in words.",
        Superuser,
        NONE,
        Json("RuleQuestion"),
        One("RuleCheck"),
    ),
    (
        "rules::attempt",
        "Try what a rule says to whom about what.",
        Superuser,
        NONE,
        Json("RuleTrial"),
        One("RuleVerdict"),
    ),
    (
        "realtime::connect",
        "Changes as they happen, over SSE or WebSocket.",
        Anybody,
        NONE,
        Nothing,
        Plain("text/event-stream"),
    ),
    ("realtime::publish", "Say something on a topic of its own.", Anybody, NONE, Json("Said"), Empty),
    (
        "realtime::clients",
        "Who is connected.",
        Superuser,
        &["page", "perPage", "skipTotal"],
        Nothing,
        Page("RealtimeClient"),
    ),
    ("realtime::subscribe", "Say what an SSE connection listens to.", Anybody, NONE, Object, Empty),
    ("plugins::list", "List plugins.", Superuser, TABLE, Nothing, Page("Plugin")),
    ("plugins::upload", "Upload a plugin, or its next version.", Superuser, NONE, File, One("Plugin")),
    ("plugins::figures", "What all plugins have used together.", Superuser, NONE, Nothing, One("PluginLedger")),
    ("plugins::view", "View a plugin.", Superuser, NONE, Nothing, One("Plugin")),
    ("plugins::update", "Switch a plugin on or off.", Superuser, NONE, Json("PluginSwitch"), One("Plugin")),
    ("plugins::delete", "Remove a plugin with all that belongs to it.", Superuser, NONE, Nothing, Empty),
    ("plugins::versions", "The versions of a plugin.", Superuser, NONE, Nothing, Page("Plugin")),
    ("plugins::activate", "Choose the version that is called.", Superuser, NONE, Json("PluginVersion"), One("Plugin")),
    ("plugins::delete_version", "Remove a version that gets no calls.", Superuser, NONE, Nothing, Empty),
    (
        "plugins::approve",
        "Agree to a version that a key has uploaded.",
        Superuser,
        NONE,
        Json("PluginVersion"),
        One("Plugin"),
    ),
    (
        "plugins::roll_back",
        "Go back to an earlier version that has not failed.",
        Superuser,
        NONE,
        Json("PluginForce"),
        One("Plugin"),
    ),
    ("plugins::canary", "Give a version a share of the calls.", Superuser, NONE, Json("PluginShare"), One("Plugin")),
    ("plugins::end_canary", "End the share of a version.", Superuser, NONE, Nothing, One("Plugin")),
    ("plugins::breaker", "Which hooks are stopped after failures.", Superuser, NONE, Nothing, One("Breakers")),
    ("plugins::reset_breaker", "Let hooks be called again.", Superuser, NONE, Json("PluginHook"), One("Breakers")),
    ("plugins::metrics", "What the calls of a plugin have used.", Superuser, NONE, Nothing, One("PluginMetrics")),
    ("plugins::attachments", "Where a plugin takes part.", Superuser, NONE, Nothing, Page("Attachment")),
    (
        "plugins::attach",
        "Attach a plugin to a collection.",
        Superuser,
        NONE,
        Json("AttachmentInput"),
        One("Attachment"),
    ),
    (
        "plugins::update_attachment",
        "Change an attachment.",
        Superuser,
        NONE,
        Json("AttachmentInput"),
        One("Attachment"),
    ),
    ("plugins::detach", "End an attachment.", Superuser, NONE, Nothing, Empty),
    ("plugins::schedules", "When a plugin is called by the clock.", Superuser, NONE, Nothing, Page("PluginSchedule")),
    ("plugins::schedule", "Have a plugin called by the clock.", Superuser, NONE, Object, One("PluginSchedule")),
    ("plugins::reschedule", "Change a schedule.", Superuser, NONE, Object, One("PluginSchedule")),
    ("plugins::unschedule", "End a schedule.", Superuser, NONE, Nothing, Empty),
    ("plugins::route", "Who may have a plugin answer requests.", Superuser, NONE, Nothing, One("PluginRoute")),
    ("plugins::set_route", "Have a plugin answer requests.", Superuser, NONE, Object, One("PluginRoute")),
    ("plugins::remove_route", "Take a plugin's route away.", Superuser, NONE, Nothing, Empty),
    ("plugins::grants", "What a plugin may do.", Superuser, NONE, Nothing, One("Grants")),
    ("plugins::set_grants", "Say what a plugin may do.", Superuser, NONE, Json("GrantsInput"), One("Grants")),
    ("plugins::config", "What a plugin is configured with wherever it is called.", Superuser, NONE, Nothing, Any),
    (
        "plugins::set_config",
        "Configure a plugin wherever it is called; attachments, schedules and its route stand over it.",
        Superuser,
        NONE,
        Object,
        Any,
    ),
    ("plugins::secrets", "The names of a plugin's secrets.", Superuser, NONE, Nothing, Page("Secret")),
    ("plugins::set_secret", "Keep a secret for a plugin.", Superuser, NONE, Json("SecretInput"), One("Secret")),
    ("plugins::delete_secret", "Forget a secret.", Superuser, NONE, Nothing, Empty),
    ("plugins::logs", "What a plugin logged last; waits for more.", Superuser, LOG, Nothing, Page("PluginLine")),
    ("plugins::test", "Try a hook on a sample; nothing is changed.", Superuser, NONE, Json("TrialInput"), One("Trial")),
    ("outbox::list", "Events on their way to after-hooks.", Superuser, TABLE, Nothing, Page("OutboxRow")),
    ("outbox::view", "An event, with the records it tells of.", Superuser, NONE, Nothing, One("OutboxRow")),
    ("outbox::replay", "Deliver an event again, at once.", Superuser, NONE, Nothing, One("OutboxRow")),
    (
        "outbox::replay_where",
        "Deliver the dead events that a filter finds.",
        Superuser,
        &["filter"],
        Nothing,
        One("Replayed"),
    ),
    ("outbox::drop_one", "Give an event up.", Superuser, NONE, Nothing, Empty),
    ("outbox::drop_where", "Give up the events that a filter finds.", Superuser, &["filter"], Nothing, One("Deleted")),
    ("settings::view", "View the settings, without secrets.", Superuser, &["sources"], Nothing, One("Settings")),
    ("settings::test_email", "Send a mail to try the settings out.", Superuser, NONE, Json("TestMail"), Empty),
    ("settings::update", "Change settings.", Superuser, &["sources"], Json("SettingsPatch"), One("Settings")),
    ("settings::apple_secret", "Sign a client secret for Apple.", Superuser, NONE, Object, Any),
    ("settings::test_s3", "Do with a bucket what will be done with it.", Superuser, NONE, Json("TestStorage"), Empty),
    (
        "storage::presets",
        "What is special about the buckets of known providers.",
        Superuser,
        NONE,
        Nothing,
        List("StoragePreset"),
    ),
    ("storage::progress", "How far the move of the files is.", Superuser, NONE, Nothing, One("StorageMove")),
    ("storage::migrate", "Move all files to where new ones go.", Superuser, NONE, Object, One("StorageMove")),
    ("storage::cancel", "Stop the move of the files.", Superuser, NONE, Nothing, Empty),
    ("keys::list", "API keys, without what they are made of.", Superuser, NONE, Nothing, Items("ApiKey")),
    ("keys::create", "Make an API key; it is told once.", Superuser, NONE, Json("KeyInput"), One("ToldKey")),
    ("keys::view", "View an API key.", Superuser, NONE, Nothing, One("ApiKey")),
    ("keys::update", "Change an API key.", Superuser, NONE, Json("KeyInput"), One("ApiKey")),
    ("keys::delete", "Revoke an API key, at once.", Superuser, NONE, Nothing, Empty),
    ("keys::rotate", "Give an API key another secret.", Superuser, NONE, Json("KeyOverlap"), One("ToldKey")),
    ("logs::list", "The request log.", Superuser, TABLE, Nothing, Page("LogRow")),
    ("logs::view", "A row of the request log.", Superuser, NONE, Nothing, One("LogRow")),
    ("logs::stats", "Requests by hour.", Superuser, &["filter"], Nothing, List("LogHour")),
    ("logs::clear", "Empty the request log.", Superuser, NONE, Nothing, Empty),
    ("activity::list", "The audit trail.", Superuser, TABLE, Nothing, Page("ActivityEntry")),
    ("activity::view", "An entry of the audit trail.", Superuser, NONE, Nothing, One("ActivityEntry")),
    ("crons::list", "Periodic jobs.", Superuser, NONE, Nothing, List("Cron")),
    ("crons::run", "Run a job now.", Superuser, NONE, Nothing, Empty),
    ("crons::runs", "The latest runs of a job.", Superuser, TABLE, Nothing, Page("CronRun")),
    ("backups::list", "The backups there are, the latest first.", Superuser, NONE, Nothing, List("Backup")),
    ("backups::create", "Make a backup, which takes as long as it takes.", Superuser, NONE, Json("BackupName"), Empty),
    ("backups::upload", "Keep a backup that was made elsewhere.", Superuser, NONE, File, Empty),
    (
        "backups::status",
        "What is being done with backups, and how far it is.",
        Superuser,
        NONE,
        Nothing,
        One("BackupStatus"),
    ),
    (
        "backups::download",
        "Download a backup, with the file token of a superuser.",
        Anybody,
        &["token"],
        Nothing,
        Plain("application/zip"),
    ),
    ("backups::delete", "Remove a backup.", Superuser, NONE, Nothing, Empty),
    (
        "backups::verify",
        "Read all of a backup and compare it with its checksums.",
        Superuser,
        NONE,
        Nothing,
        One("BackupReport"),
    ),
    ("backups::restore", "Put a backup in the place of the data.", Superuser, NONE, Nothing, Empty),
    ("sync::view", "How far the copy in a libSQL server is.", Superuser, NONE, Nothing, One("SyncStatus")),
    (
        "sync::test",
        "Try the address and the token of a libSQL server.",
        Superuser,
        NONE,
        Json("TestSync"),
        One("SyncDialogue"),
    ),
    (
        "sync::verify",
        "Compare the copy, row by row; does not wait for the end.",
        Superuser,
        NONE,
        Nothing,
        One("SyncVerification"),
    ),
    ("sync::restart", "Copy everything anew.", Superuser, NONE, Nothing, One("SyncStatus")),
    ("sql::run", "Run one SQL statement.", Superuser, NONE, Json("Statement"), One("Rows")),
    ("system::info", "What this server is.", Superuser, NONE, Nothing, One("SystemInfo")),
    ("system::stats", "What this server does.", Superuser, NONE, Nothing, One("Stats")),
    ("system::metrics", "The same as text for Prometheus.", Superuser, NONE, Nothing, Plain("text/plain")),
    ("health::health", "Whether the server is well.", Anybody, NONE, Nothing, One("Health")),
    ("health::live", "Whether the process answers.", Anybody, NONE, Nothing, Plain("text/plain")),
    ("health::ready", "Whether the database answers too.", Anybody, NONE, Nothing, Plain("text/plain")),
    ("admin_session::view", "The dashboard's session.", Anybody, NONE, Nothing, One("AdminSession")),
    ("admin_session::open", "Sign in to the dashboard.", Anybody, NONE, Json("AdminSignIn"), One("AdminSession")),
    ("admin_session::close", "Sign out of the dashboard.", Anybody, NONE, Nothing, Empty),
    ("admin_session::list", "The sessions of whoever asks.", Superuser, NONE, Nothing, Items("SessionEntry")),
    ("admin_session::end", "End one of one's own sessions.", Superuser, NONE, Nothing, Empty),
    (
        "admin_session::set_up",
        "Make the first superuser, with the set-up token.",
        Anybody,
        NONE,
        Json("SetUp"),
        One("AdminSession"),
    ),
    ("openapi::document", "This description.", Anybody, &["skipCollections"], Nothing, Any),
    ("openapi::types", "The collections as TypeScript.", Anybody, NONE, Nothing, Plain("text/typescript")),
];

/// Beginnings of paths that are open to whoever has not been told otherwise.
const OPEN: [&str; 2] = ["/api/collections/{collection}/", "/api/oauth2"];

/// What is known of a route.
pub(super) fn of(route: &Route) -> Words {
    let handler: String = route.handler.chars().filter(|letter| !letter.is_whitespace()).collect();
    let (noun, verb) = handler.split_once("::").unwrap_or(("api", &handler));
    let (id, tag) = (camel_case(&format!("{noun}_{verb}")), noun.replace('_', " "));
    if let Some((_, summary, who, query, body, answer)) = LINES.iter().find(|line| line.0 == handler) {
        return Words {
            handler,
            id,
            tag,
            summary: (*summary).to_owned(),
            who: *who,
            query,
            body: *body,
            answer: *answer,
        };
    }
    let who = if OPEN.iter().any(|open| route.path.starts_with(open)) { Anybody } else { Superuser };
    let summary = format!("{}: {}.", tag, verb.replace('_', " "));
    let body = if matches!(route.method, "POST" | "PUT" | "PATCH") { Object } else { Nothing };
    Words { handler, id, tag, summary, who, query: NONE, body, answer: Any }
}

/// The query parameters of a handler.
pub(super) fn query_of(handler: &str) -> &'static [&'static str] {
    LINES.iter().find(|line| line.0 == handler).map_or(NONE, |line| line.3)
}

/// What a query parameter is for.
pub(super) fn parameter(name: &str) -> &'static str {
    match name {
        "page" => "Which page, from 1.",
        "perPage" => "Items of a page, at most 1000.",
        "sort" => "Fields to sort by, separated by commas; `-` in front for descending.",
        "filter" => "Which ones, in the language of rules.",
        "skipTotal" => "1: nothing is counted, totals are -1.",
        "expand" => "Relations to follow, separated by commas.",
        "fields" => "Fields that are wanted, separated by commas.",
        "search" => "Words to be found.",
        "cursor" => "Pages by cursor: empty, or the `nextCursor` of the page before.",
        "near" => "`field:[..]`: the records nearest to a vector.",
        "limit" => "With `near`, how many.",
        "after" => "Continue behind this id.",
        "dryRun" => "1: tell what would be done and do nothing.",
        "sources" => {
            "1: tell also, under `sources`, which values are fixed by configuration, and by what; and under `secrets` which secrets there are."
        }
        "fn" => "`count`, `sum(field)`, `avg(field)`, ..",
        "groupBy" => "Fields to group by; `created:month` for dates.",
        "format" => "`csv`, `json` or `ndjson`.",
        "key" => "The field by which known records are found and changed.",
        "columns" => "JSON: columns of the file to fields, where they have other names.",
        "delimiter" => "What stands between the cells of a CSV.",
        "skipCollections" => "1: without the collections, so that it is the same for every project.",
        "skipHooks" => "1: no plugin takes part.",
        "spreadsheet" => "1: cells that a spreadsheet would take for formulas are made harmless.",
        "thumb" => "`100x100`, `0x50`, ..",
        "download" => "1: to be saved, not shown.",
        "token" => "A file token, for protected files.",
        _ => "",
    }
}

fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut upper = false;
    for letter in name.chars() {
        match letter {
            '_' => upper = true,
            letter if upper => {
                camel.push(letter.to_ascii_uppercase());
                upper = false;
            }
            letter => camel.push(letter),
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_line_is_about_a_handler_that_there_is() {
        let handlers: HashSet<String> =
            super::super::super::ROUTES.iter().map(|route| route.handler.replace(' ', "")).collect();
        for line in LINES {
            assert!(handlers.contains(line.0), "{} handles no route", line.0);
        }
        let lines: HashSet<&str> = LINES.iter().map(|line| line.0).collect();
        assert_eq!(lines.len(), LINES.len(), "a handler has two lines");
    }

    #[test]
    fn a_route_without_a_line_is_described_by_its_name() {
        let words = of(&Route { method: "POST", path: "/api/apples", handler: "apples::count_all" });
        assert_eq!((words.id.as_str(), words.summary.as_str()), ("applesCountAll", "apples: count all."));
        assert_eq!(words.who, Superuser);
    }
}
