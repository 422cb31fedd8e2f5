//! The HTTP surface: the table of routes, and [`App`], which answers requests with it.
//!
//! A request passes, outermost first (all of it in [`chain`]):
//!
//! 1. request id and CORS ([`cors`]) on every answer, security headers on all but preflights;
//! 2. the request log;
//! 3. who asks, as a `Cx` ([`request`]); a bad token is a guest's, a bad API key a 401;
//! 4. superusers from elsewhere and those who come too often are turned away ([`rates`]);
//! 5. `?fields=` is parsed, so that a mistake in it is found before anything is written;
//! 6. the table below; bodies are read, within a limit, by the handler that wants one ([`body`]), all of them
//!    together within another ([`room`]); panics become 500;
//! 7. errors become the envelope, `fields` is applied ([`reply`]).
//!
//! Handlers only translate. Nothing outside this module knows axum, and nothing else chooses a status code for an error of ours.

mod activity;
mod admin_session;
mod admin_ui;
mod auth;
mod backups;
mod batch;
mod body;
mod chain;
mod collections;
mod conditional;
mod cookie;
mod cors;
mod crons;
mod descriptors;
mod docs;
mod files;
mod form;
mod health;
mod keys;
mod listen;
mod logs;
mod openapi;
mod outbox;
mod pace;
mod patience;
mod plugin_routes;
mod plugins;
mod rates;
mod realtime;
mod records;
mod reply;
mod request;
mod room;
mod rules;
mod scopes;
mod settings;
mod spool;
mod sql;
mod storage;
mod sync;
mod system;
mod table;
mod transfer;

use crate::host::Host;
use axum::Router;
use axum::routing::{delete, get, patch, post, put};
use cors::Cors;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use table::routes;

pub use listen::{Limits, serve, serve_within};
pub use patience::Patience;
pub use table::Route;

/// A host with its doors.
#[derive(Debug)]
pub struct App {
    pub host: Arc<Host>,
    cors: Cors,
    /// Room for the bodies of requests.
    bodies: room::Bodies,
    router: TowerToHyperService<Router>,
}

impl App {
    #[must_use]
    pub fn new(host: Arc<Host>) -> Arc<Self> {
        let cors = Cors::new(&host.config.origins);
        let router = TowerToHyperService::new(routes().with_state(host.clone()));
        Arc::new(Self { host, cors, bodies: room::Bodies::default(), router })
    }
}

routes! {
        .route(
            "/api/collections/{collection}/records",
            get(records::list).post(records::create).patch(records::update_where).delete(records::delete_where),
        )
        .route("/api/collections/{collection}/records/count", get(records::count))
        .route("/api/collections/{collection}/records/aggregate", get(records::aggregate))
        .route(
            "/api/collections/{collection}/records/{id}",
            get(records::view).patch(records::update).delete(records::delete),
        )
        .route("/api/collections/{collection}/records/export", get(transfer::export))
        .route("/api/collections/{collection}/records/import", post(transfer::import))
        .route("/api/batch", post(batch::send))
        .route("/api/files/token", post(files::token))
        .route("/api/collections/{collection}/uploads", post(files::offer))
        .route("/api/files/{collection}/{id}/{filename}", get(files::view))
        .route("/api/collections/{collection}/auth-methods", get(auth::methods))
        .route("/api/collections/{collection}/auth-with-password", post(auth::with_password))
        .route("/api/collections/{collection}/request-otp", post(auth::request_otp))
        .route("/api/collections/{collection}/auth-with-otp", post(auth::with_otp))
        .route("/api/collections/{collection}/request-password-reset", post(auth::request_password_reset))
        .route("/api/collections/{collection}/confirm-password-reset", post(auth::confirm_password_reset))
        .route("/api/collections/{collection}/request-verification", post(auth::request_verification))
        .route("/api/collections/{collection}/confirm-verification", post(auth::confirm_verification))
        .route("/api/collections/{collection}/request-email-change", post(auth::request_email_change))
        .route("/api/collections/{collection}/confirm-email-change", post(auth::confirm_email_change))
        .route("/api/collections/{collection}/auth-with-oauth2", post(auth::with_oauth2))
        .route("/api/oauth2-redirect", get(auth::oauth2_redirect).post(auth::oauth2_redirect_posted))
        .route("/api/collections/{collection}/auth-refresh", post(auth::refresh))
        .route("/api/collections/{collection}/impersonate/{id}", post(auth::impersonate))
        .route("/api/collections", get(collections::list).post(collections::create))
        .route("/api/collections/import", put(collections::import))
        .route("/api/collections/meta/scaffolds", get(collections::scaffolds))
        .route("/api/collections/meta/oauth2-providers", get(collections::oauth2_providers))
        .route("/api/collections/meta/dry-run-view", post(collections::dry_run_view))
        .route(
            "/api/collections/{collection}",
            get(collections::view).patch(collections::update).delete(collections::delete),
        )
        .route("/api/collections/{collection}/truncate", delete(collections::truncate))
        .route("/api/rules/check", post(rules::check))
        .route("/api/rules/try", post(rules::attempt))
        .route("/api/realtime", get(realtime::connect).post(realtime::subscribe))
        .route("/api/realtime/publish", post(realtime::publish))
        .route("/api/realtime/clients", get(realtime::clients))
        .route("/api/plugins", get(plugins::list).post(plugins::upload))
        .route("/api/plugins/figures", get(plugins::figures))
        .route("/api/plugins/{id}", get(plugins::view).patch(plugins::update).delete(plugins::delete))
        .route("/api/plugins/{id}/attachments", get(plugins::attachments).post(plugins::attach))
        .route("/api/plugins/{id}/attachments/{attachment}", patch(plugins::update_attachment).delete(plugins::detach))
        .route("/api/plugins/{id}/schedules", get(plugins::schedules).post(plugins::schedule))
        .route("/api/plugins/{id}/schedules/{schedule}", patch(plugins::reschedule).delete(plugins::unschedule))
        .route("/api/plugins/{id}/route", get(plugins::route).put(plugins::set_route).delete(plugins::remove_route))
        .route(
            "/api/x/{*path}",
            get(plugin_routes::answer)
                .post(plugin_routes::answer)
                .put(plugin_routes::answer)
                .patch(plugin_routes::answer)
                .delete(plugin_routes::answer),
        )
        .route("/api/plugins/{id}/versions", get(plugins::versions))
        .route("/api/plugins/{id}/versions/{version}", delete(plugins::delete_version))
        .route("/api/plugins/{id}/activate", post(plugins::activate))
        .route("/api/plugins/{id}/approve", post(plugins::approve))
        .route("/api/plugins/{id}/rollback", post(plugins::roll_back))
        .route("/api/plugins/{id}/canary", post(plugins::canary).delete(plugins::end_canary))
        .route("/api/plugins/{id}/breaker", get(plugins::breaker).post(plugins::reset_breaker))
        .route("/api/plugins/{id}/metrics", get(plugins::metrics))
        .route("/api/plugins/{id}/test", post(plugins::test))
        .route("/api/plugins/{id}/grants", get(plugins::grants).put(plugins::set_grants))
        .route("/api/plugins/{id}/config", get(plugins::config).put(plugins::set_config))
        .route("/api/plugins/{id}/secrets", get(plugins::secrets).put(plugins::set_secret))
        .route("/api/plugins/{id}/secrets/{name}", delete(plugins::delete_secret))
        .route("/api/plugins/{id}/logs", get(plugins::logs))
        .route("/api/outbox", get(outbox::list).delete(outbox::drop_where))
        .route("/api/outbox/replay", post(outbox::replay_where))
        .route("/api/outbox/{id}", get(outbox::view).delete(outbox::drop_one))
        .route("/api/outbox/{id}/replay", post(outbox::replay))
        .route("/api/settings", get(settings::view).patch(settings::update))
        .route("/api/settings/test/email", post(settings::test_email))
        .route("/api/settings/apple/generate-client-secret", post(settings::apple_secret))
        .route("/api/settings/test/s3", post(settings::test_s3))
        .route("/api/settings/storage/presets", get(storage::presets))
        .route(
            "/api/settings/storage/migrate",
            get(storage::progress).post(storage::migrate).delete(storage::cancel),
        )
        .route("/api/logs", get(logs::list).delete(logs::clear))
        .route("/api/logs/stats", get(logs::stats))
        .route("/api/logs/{id}", get(logs::view))
        .route("/api/activity", get(activity::list))
        .route("/api/activity/{id}", get(activity::view))
        .route("/api/crons", get(crons::list))
        .route("/api/crons/{id}", post(crons::run))
        .route("/api/crons/{id}/runs", get(crons::runs))
        .route("/api/backups", get(backups::list).post(backups::create))
        .route("/api/backups/upload", post(backups::upload))
        .route("/api/backups/status", get(backups::status))
        .route("/api/backups/{key}", get(backups::download).delete(backups::delete))
        .route("/api/backups/{key}/verify", post(backups::verify))
        .route("/api/backups/{key}/restore", post(backups::restore))
        .route("/api/sync", get(sync::view))
        .route("/api/sync/test", post(sync::test))
        .route("/api/sync/verify", post(sync::verify))
        .route("/api/sync/restart", post(sync::restart))
        .route("/api/sql", post(sql::run))
        .route("/api/system/info", get(system::info))
        .route("/api/system/stats", get(system::stats))
        .route("/metrics", get(system::metrics))
        .route("/api/openapi.json", get(openapi::document))
        .route("/api/types.ts", get(openapi::types))
        .route("/llms.txt", get(openapi::llms))
        .route("/api/docs", get(docs::page))
        .route("/api/docs/page.js", get(docs::script))
        .route("/api/docs/page.css", get(docs::style))
        .route("/api/keys", get(keys::list).post(keys::create))
        .route("/api/keys/{id}", get(keys::view).patch(keys::update).delete(keys::delete))
        .route("/api/keys/{id}/rotate", post(keys::rotate))
        .route("/api/health", get(health::health))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/api/admin/session", get(admin_session::view).post(admin_session::open).delete(admin_session::close))
        .route("/api/admin/sessions", get(admin_session::list))
        .route("/api/admin/sessions/{id}", delete(admin_session::end))
        .route("/api/admin/setup", post(admin_session::set_up))
        .route("/_", get(admin_ui::enter))
        .route("/_/", get(admin_ui::index))
        .route("/_/{*path}", get(admin_ui::file))
}
