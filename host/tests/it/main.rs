//! Every test of the server that goes through its door, in one binary. Files mirror the URLs; people are
//! values with the same verbs (`support/people.rs`).

#![expect(unreachable_pub, reason = "nobody outside sees a test; `pub` says what its files share")]
#![expect(clippy::disallowed_methods, reason = "tests spawn freely, and some are set up by the environment")]
#![expect(
    clippy::needless_pass_by_value,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::cast_possible_truncation,
    clippy::format_collect,
    reason = "what a test wants is said shortest so"
)]

mod activity;
mod addresses;
mod aggregates;
mod api_keys;
mod backups;
mod backups_killed;
mod bad_input;
mod batch;
mod bucket_trials;
mod bulk;
mod canaries;
mod capabilities;
mod capability_limits;
mod cascades;
mod collections;
mod committed;
mod configured;
mod crash;
mod crons;
mod cursors;
mod definitions;
mod departed;
mod direct_uploads;
mod etags;
mod fields;
mod files;
mod files_kept;
mod files_served;
mod first_party;
mod flood;
mod fuzzing;
mod health;
mod hostile;
mod idempotency;
mod interruptions;
mod languages;
mod lent_accounts;
mod limits;
mod listeners;
mod logs;
mod long_lists;
mod lost_powers;
mod mail_flows;
mod mail_tls;
mod mails;
mod oauth2;
mod openapi;
mod origins;
mod otp;
mod outbox;
mod paused_imports;
mod plugin_as_caller;
mod plugin_authors;
mod plugin_basics;
mod plugin_calls;
mod plugin_config;
mod plugin_files;
mod plugin_governance;
mod plugin_limits;
mod plugin_misfits;
mod plugin_quotas;
mod plugin_rollbacks;
mod plugin_routes;
mod plugin_schedules;
mod plugin_sign_in;
mod plugin_trials;
mod plugins;
mod rate_limits;
mod readme;
mod realtime;
mod records;
mod resumed;
mod revoked;
mod routes;
mod rule_tools;
mod rules;
mod search;
mod second_factor;
mod settings;
mod shutdown;
mod sign_in;
mod slow_peers;
mod sql;
mod storage;
mod superusers;
mod sync;
mod sync_changes;
mod support;
mod system;
mod tenants;
mod topics;
mod transfer;
mod turnovers;
mod vectors;
mod views;
mod visibility;
mod visibility_summaries;
mod visibility_writes;
