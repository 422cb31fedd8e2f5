//! Periodic jobs: what there is, running one by hand and by the clock, and how runs ended.

use crate::support::{TestApp, config};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tinybase::clock::World;
use tinybase::error::Error;
use tinybase::host::Host;
use tinybase::jobs::{Job, Jobs};

/// The runs of a job once none is on.
async fn ended(app: &TestApp, job: &str, count: usize) -> Vec<Value> {
    loop {
        let reply = app.superuser().get(&format!("/api/crons/{job}/runs")).await;
        assert_eq!(reply.status, 200, "{reply}");
        let runs = reply.json["items"].as_array().expect("items").clone();
        if runs.len() >= count && runs.iter().all(|run| run["outcome"] != "running") {
            return runs;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_with_their_next_time() {
    let app = TestApp::new().await;
    let reply = app.superuser().get("/api/crons").await;
    let job = |id: &str| reply.json.as_array().unwrap().iter().find(|job| job["id"] == id).cloned().unwrap();
    assert_eq!(job("__pbDBOptimize__")["expression"], "0 0 * * *");
    assert_eq!(job("__pbLogsCleanup__")["next"], "2026-01-02 06:00:00.000Z");
    assert_eq!(job("__pbOTPCleanup__")["last"], Value::Null);
    assert_eq!(app.superuser().post("/api/crons/nothing", json!({})).await.status, 404);
    assert_eq!(app.superuser().get("/api/crons/nothing/runs").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_runs_when_asked_and_says_how_it_ended() {
    let app = TestApp::new().await;
    assert_eq!(app.superuser().post("/api/crons/__pbDBOptimize__", json!({})).await.status, 204);
    let runs = ended(&app, "__pbDBOptimize__", 1).await;
    assert_eq!((runs[0]["outcome"].clone(), runs[0]["cause"].clone()), (json!("done"), json!("request")), "{runs:?}");
    assert_eq!(runs[0]["started"], "2026-01-02 03:04:05.678Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_runs_what_is_due_once() {
    let app = TestApp::new().await;
    let jobs = &app.host.default_tenant().jobs;
    jobs.tick();
    // Two times of the schedule have gone by, which is one run.
    app.clock.advance(Duration::from_hours(2));
    jobs.tick();
    let runs = ended(&app, "__pbOTPCleanup__", 1).await;
    assert_eq!((runs.len(), runs[0]["cause"].clone()), (1, json!("schedule")));
    jobs.tick();
    assert_eq!(ended(&app, "__pbOTPCleanup__", 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_any_more_is_removed() {
    let app = TestApp::new().await;
    let user = app.user("user@example.com").await;
    let otp = json!({"collectionRef": "_pb_users_auth_", "recordRef": user.id, "password": "12345678"});
    let mfa = json!({"collectionRef": "_pb_users_auth_", "recordRef": user.id, "method": "password"});
    app.superuser().created("_otps", otp.clone()).await;
    app.superuser().created("_mfas", mfa).await;
    app.clock.advance(Duration::from_mins(4));
    let fresh = app.superuser().created("_otps", otp).await;
    for job in ["__pbOTPCleanup__", "__pbMFACleanup__"] {
        app.superuser().post(&format!("/api/crons/{job}"), json!({})).await;
        ended(&app, job, 1).await;
    }
    // Three minutes for a password, ten for a second step.
    assert_eq!(app.superuser().values("_otps", "id", "").await, [json!(fresh)]);
    assert_eq!(app.superuser().values("_mfas", "id", "").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_kept_and_settings_make_jobs() {
    let app = TestApp::new().await;
    let tenant = &app.host.default_tenant().tenant;
    let count = Arc::new(AtomicUsize::new(0));
    let counting = count.clone();
    let jobs = Jobs::start(
        tenant,
        vec![
            Job::new("fails", "* * * * *", |_| async {
                Err::<(), _>(Error::internal("count sheep", "the fence broke"))
            }),
            Job::new("panics", "* * * * *", |_| async {
                assert!(std::hint::black_box(false), "clumsy");
                Ok(())
            }),
            Job::by_setting(
                "named",
                |settings| settings.meta.app_name.strip_prefix("cron ").unwrap_or_default().to_owned(),
                {
                    move |_| {
                        let counting = counting.clone();
                        async move { Ok(counting.fetch_add(1, Ordering::SeqCst)) }
                    }
                },
            ),
        ],
        false,
    )
    .await
    .expect("the jobs start");
    let ids = || jobs.list().as_array().unwrap().iter().map(|job| job["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(), ["fails", "panics"]);
    app.superuser().patch("/api/settings", json!({"meta": {"appName": "cron */5 * * * *"}})).await;
    assert_eq!(ids(), ["fails", "panics", "named"]);
    jobs.tick();
    app.clock.advance(Duration::from_mins(6));
    jobs.tick();
    let last = |index: usize| jobs.list()[index]["last"].clone();
    while (0..3).any(|index| last(index).is_null()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!((last(0)["outcome"].clone(), last(1)["outcome"].clone()), (json!("failed"), json!("failed")));
    assert!(last(0)["detail"].as_str().unwrap().contains("the fence broke"), "{}", last(0));
    assert_eq!((last(2)["outcome"].clone(), count.load(Ordering::SeqCst)), (json!("done"), 1));
    app.superuser().patch("/api/settings", json!({"meta": {"appName": "no schedule"}})).await;
    assert_eq!(ids(), ["fails", "panics"]);
    assert!(jobs.run_now("named").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_while_the_server_was_down_is_made_up_for() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let start = 1_767_323_045_678;
    let runs = async |host: &Arc<Host>| {
        let part = tinybase::schema::listing::Part { offset: 0, limit: 10, counted: true };
        host.default_tenant().jobs.runs("__pbOTPCleanup__", None, None, part).await.expect("runs").items
    };
    let (world, clock) = World::scripted(start);
    let host = Host::open(config(dir.path()), world).await.expect("the host opens");
    clock.advance(Duration::from_hours(1));
    host.default_tenant().jobs.tick();
    while !runs(&host).await.iter().any(|run| run["outcome"] == "done") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    host.close().await;
    drop(host);
    let (world, clock) = World::scripted(start);
    clock.advance(Duration::from_hours(5));
    // Ids of the scripted world count from 1 again, so the rows of the first are in the way unless they differ.
    for _ in 0..100_000 {
        let _ = world.id();
    }
    let host = Host::open(config(dir.path()), world).await.expect("the host opens again");
    while runs(&host).await.iter().filter(|run| run["outcome"] == "done").count() < 2 {
        host.default_tenant().jobs.tick();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(runs(&host).await.len(), 2);
    host.close().await;
}
