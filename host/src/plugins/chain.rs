//! Before-hooks and validators of one write: the attached plugins in their order, in one visit to a plugin thread,
//! or where the request is when that is shorter than the visit.

use super::Plugins;
use super::call::{Call, Errand, is_cut_short};
use super::contract::{CallerIn, Changes, Consent, ContextIn, FieldErrorOut, Findings, RefusalOut};
use super::engine::Engine;
use super::fields;
use super::instance::{Failed, Finished, Ready};
use super::limits::{Class, Limits, answer, in_place};
use super::pace::{Pace, Used};
use super::registry::{Attachment, Bound, OnFailure, Plugin, State};
use super::scan::is_wasi;
use super::tally::Tally;
use crate::error::{Axis, Error, FieldError, FieldErrors, Result};
use crate::model::{Draft, Record};
use crate::tenant::Cx;
use crate::tenant::hooks::{Before, Consequences, Stage, Touched};
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Handle;

/// A plugin's turn: who, and its code or why there is none.
struct Step {
    bound: Bound,
    ready: Result<Arc<Ready>, String>,
}

impl Step {
    fn tally(&self, stage: Stage) -> &Tally {
        self.bound.plugin.version.state.tallies.of(stage)
    }
}

/// What happens to the record.
enum Subject {
    Create { draft: Draft },
    Update { original: Record, draft: Draft },
    Delete { original: Record },
}

impl Subject {
    /// Takes the draft out of the event, to be given back by [`Subject::give_back`]: a job on another thread cannot borrow it.
    fn take(event: &mut Before<'_>) -> Self {
        match event {
            Before::Create { draft } => Self::Create { draft: take(draft) },
            Before::Update { original, draft } => Self::Update { original: (*original).clone(), draft: take(draft) },
            Before::Delete { original } => Self::Delete { original: (*original).clone() },
        }
    }

    fn give_back(self, event: Before<'_>) {
        if let (
            Self::Create { draft } | Self::Update { draft, .. },
            Before::Create { draft: place } | Before::Update { draft: place, .. },
        ) = (self, event)
        {
            *place = draft;
        }
    }
}

fn take(draft: &mut Draft) -> Draft {
    let collection = draft.record.collection.clone();
    let nothing = Draft {
        record: Record { collection, values: Vec::new() },
        set: Vec::new(),
        passwords: Vec::new(),
        uploads: Vec::new(),
    };
    std::mem::replace(draft, nothing)
}

impl Plugins {
    pub(super) async fn run_before(&self, cx: &Cx, mut event: Before<'_>) -> Result<Consequences> {
        let (stage, collection_id) = match &event {
            Before::Create { draft } => (Stage::BeforeCreate, draft.record.collection.id.clone()),
            Before::Update { draft, .. } => (Stage::BeforeUpdate, draft.record.collection.id.clone()),
            Before::Delete { original } => (Stage::BeforeDelete, original.collection.id.clone()),
        };
        let steps = self.steps(cx, &collection_id, stage).await?;
        if steps.is_empty() {
            return Ok(Consequences::default());
        }
        let subject = Subject::take(&mut event);
        let (subject, outcome) = self.call_all(cx, stage, steps, subject, Run::before).await?;
        subject.give_back(event);
        self.settle(cx, stage, outcome)
    }

    pub(super) async fn run_validators(&self, cx: &Cx, draft: &Record) -> Result<FieldErrors> {
        let stage = Stage::Validate;
        let steps = self.steps(cx, &draft.collection.id, stage).await?;
        if steps.is_empty() {
            return Ok(FieldErrors::default());
        }
        let (_, outcome) = self.call_all(cx, stage, steps, draft.clone(), Run::validate).await?;
        self.settle(cx, stage, outcome)
    }

    /// Makes the calls of a chain: in one visit to a plugin thread, or where the request is if they are short.
    async fn call_all<S: Send + 'static, T: Send + 'static>(
        &self,
        cx: &Cx,
        stage: Stage,
        steps: Vec<Step>,
        mut subject: S,
        work: Work<S, T>,
    ) -> Result<(S, (Vec<Step>, Results<T>))> {
        let (engine, runtime) = (self.engine.clone(), Handle::current());
        let mut run = Run { engine, cx: cx.clone(), stage, runtime, brief: false };
        let alone = alone(&steps);
        let now = self.world.now_ms();
        // Beside other calls it would hold a thread that takes in requests: they come to the writer later, and fewer share a commit.
        let calm = self.engine.is_idle();
        let pace = alone.as_ref().map(|state| &state.paces[stage as usize]);
        if let Some(pace) = pace.filter(|pace| calm && pace.is_short(now)) {
            run.brief = true;
            let (mut used, watch) = (Used::default(), pace.watch());
            let results = work(&run, &steps, &mut subject, &mut used);
            self.allowance.spend(used.fuel);
            if !results.were_cut_short() {
                pace.note_in_place(used, watch.took());
                return Ok((subject, (steps, results)));
            }
            pace.strike(used, now);
            run.brief = false;
        }
        let asked = Instant::now();
        let job = move || {
            if let Some(first) = steps.first() {
                first.tally(stage).note_wait(asked.elapsed());
            }
            let (mut used, pace) = (Used::default(), alone.as_ref().map(|state| &state.paces[stage as usize]));
            let watch = pace.map(Pace::watch);
            let results = work(&run, &steps, &mut subject, &mut used);
            if let (Some(pace), Some(watch)) = (pace, watch) {
                pace.note(used, watch.took());
            }
            ((subject, (steps, results)), used.fuel)
        };
        self.on_thread(Class::of(stage), job).await
    }

    /// The plugins whose turn it is, with their code. A plugin is not called for what it writes itself; only checks are
    /// made of every write.
    async fn steps(&self, cx: &Cx, collection_id: &str, stage: Stage) -> Result<Vec<Step>> {
        let table = self.table.load_full();
        let mut steps = Vec::new();
        if self.engine.is_off() {
            return Ok(steps);
        }
        for bound in table.hooks(collection_id, stage) {
            let own = cx.through.as_deref() == Some(&*bound.plugin.name);
            if own && stage != Stage::Validate {
                continue;
            }
            let bound = bound.picked(stage);
            let ready = self.admitted(cx, &bound.plugin, stage).await?.map_err(Unready::words);
            steps.push(Step { bound, ready });
        }
        Ok(steps)
    }

    /// The code of a plugin that may be called, or why it is not; that is counted. Every call of a guest begins here.
    ///
    /// # Errors
    /// `OverQuota` when the tenant has burnt what it may, `Unavailable` when the host is too busy to load it: neither is the
    /// plugin's failure.
    pub(super) async fn admitted(
        &self,
        cx: &Cx,
        plugin: &Arc<Plugin>,
        stage: Stage,
    ) -> Result<Result<Arc<Ready>, Unready>> {
        let (state, now) = (&plugin.version.state, self.world.now_ms());
        self.allowance.admit(&cx.tenant.settings.load(), now)?;
        let ready = if state.breakers[stage as usize].admit(now) {
            match self.ready(plugin).await {
                Ok(ready) => Ok(ready),
                Err(busy @ Error::Unavailable(_)) => return Err(busy),
                Err(error) => {
                    self.note(cx, plugin, stage, true);
                    Err(Unready::Broken(error.for_superusers()))
                }
            }
        } else {
            Err(Unready::Open)
        };
        if ready.is_err() {
            state.tallies.of(stage).note_skipped();
        }
        Ok(ready)
    }

    /// Notes what failed, and makes the error of the chain if it ended in one.
    fn settle<T>(&self, cx: &Cx, stage: Stage, (steps, results): (Vec<Step>, Results<T>)) -> Result<T> {
        let mut failures = results.failures.into_iter().peekable();
        let mut last = None;
        for (index, step) in steps.iter().enumerate().take(results.called) {
            let failure = failures.next_if(|failure| failure.step == index);
            if step.ready.is_ok() {
                self.note(cx, &step.bound.plugin, stage, failure.is_some());
            }
            if let Some(failure) = failure {
                last = Some(self.failed(&step.bound.plugin, stage, &cx.facts.id, failure.axis, failure.detail));
            }
        }
        match results.end {
            End::Done(done) => Ok(done),
            End::Refused(error) => Err(error),
            End::Failed => {
                Err(last.unwrap_or_else(|| Error::internal("a chain of plugins", "it failed without a failure")))
            }
        }
    }
}

/// Why a plugin is not called whose turn it is.
#[derive(Debug)]
pub(super) enum Unready {
    /// Its breaker is open.
    Open,
    /// Its code cannot be loaded, because of that.
    Broken(String),
}

impl Unready {
    /// For the plugin's log.
    pub(super) fn words(self) -> String {
        match self {
            Self::Open => "it failed too often and is not called for a while".to_owned(),
            Self::Broken(why) => format!("it cannot be loaded: {why}"),
        }
    }
}

/// A chain's calls: [`Run::before`] or [`Run::validate`].
type Work<S, T> = fn(&Run, &[Step], &mut S, &mut Used) -> Results<T>;

/// The version that a chain consists of, if it is only one, and one whose call leaves no trace when it is forgotten.
fn alone(steps: &[Step]) -> Option<Arc<State>> {
    let [Step { bound, ready: Ok(_) }] = steps else { return None };
    let version = &bound.plugin.version;
    // What a guest prints is seen even then.
    let prints = version.imports.iter().any(|name| is_wasi(name));
    (!prints).then(|| version.state.clone())
}

/// How a chain ended, and who failed on the way.
struct Results<T> {
    end: End<T>,
    /// In the order of the steps.
    failures: Vec<Failure>,
    /// Steps that had their turn.
    called: usize,
}

enum End<T> {
    Done(T),
    Refused(Error),
    Failed,
}

struct Failure {
    step: usize,
    /// `None` when the plugin was not called at all.
    axis: Option<Axis>,
    detail: String,
}

/// What the calls of a chain share.
struct Run {
    engine: Arc<Engine>,
    cx: Cx,
    stage: Stage,
    runtime: Handle,
    /// The calls are made in place: with as much fuel and time as is good for that, whatever their limits say, and without functions of the host.
    brief: bool,
}

/// Why one turn did not end well.
enum Trouble {
    Refused(Error),
    Failed(Failed),
}

impl Run {
    fn before(&self, steps: &[Step], subject: &mut Subject, used: &mut Used) -> Results<Consequences> {
        let mut all = Consequences::default();
        each(steps, |step, ready| {
            let done = self.before_one(step, ready, subject, used);
            if matches!(done, Err(Trouble::Refused(_))) {
                step.tally(self.stage).note_refusal();
            }
            let Consequences { queued, reads, touched } = done?;
            all.queued.extend(queued);
            all.reads.extend(reads);
            all.touched.extend(touched);
            Ok(())
        })
        .map(|()| all)
    }

    fn validate(&self, steps: &[Step], record: &mut Record, used: &mut Used) -> Results<FieldErrors> {
        let mut errors = FieldErrors::default();
        each(steps, |step, ready| {
            let attachment = &step.bound.attachment;
            let (fields, bytes) = fields::lower(record, &attachment.fields);
            let context = self.context(attachment, &record.collection.name);
            let finished = ready.call::<_, Findings>(
                &self.engine,
                self.stage,
                self.call(step, bytes),
                (context, fields.as_slice()),
            );
            used.add(&finished.usage);
            let finished = finished.taken(|(answer,)| match last_words(&answer) {
                Some(failed) => Err(failed),
                None => Ok(answer),
            });
            match finished.result.map_err(Trouble::Failed)? {
                Ok(()) => {}
                Err(found) => {
                    step.tally(self.stage).note_refusal();
                    add_findings(&mut errors, found);
                }
            }
            Ok(())
        })
        .map(|()| errors)
    }

    fn before_one(
        &self,
        step: &Step,
        ready: &Ready,
        subject: &mut Subject,
        used: &mut Used,
    ) -> Result<Consequences, Trouble> {
        let attachment = &step.bound.attachment;
        match subject {
            Subject::Create { draft } => {
                let (fields, bytes) = fields::lower(&draft.record, &attachment.fields);
                let params = (self.context(attachment, &draft.record.collection.name), fields.as_slice());
                let finished = ready.call(&self.engine, self.stage, self.call(step, bytes), params);
                self.take_changes(step, draft, finished, used)
            }
            Subject::Update { original, draft } => {
                let (old, old_bytes) = fields::lower(original, &attachment.fields);
                let (new, new_bytes) = fields::lower(&draft.record, &attachment.fields);
                let params = (self.context(attachment, &original.collection.name), old.as_slice(), new.as_slice());
                let finished = ready.call(&self.engine, self.stage, self.call(step, old_bytes + new_bytes), params);
                self.take_changes(step, draft, finished, used)
            }
            Subject::Delete { original } => {
                let (fields, bytes) = fields::lower(original, &attachment.fields);
                let params = (self.context(attachment, &original.collection.name), fields.as_slice());
                let finished: Finished<Consent> = ready.call(&self.engine, self.stage, self.call(step, bytes), params);
                used.add(&finished.usage);
                match finished.result.map_err(Trouble::Failed)? {
                    (Ok(()),) => Ok(finished.call.consequences()),
                    (Err(refusal),) => Err(Trouble::Refused(self.refused(refusal))),
                }
            }
        }
    }

    fn take_changes(
        &self,
        step: &Step,
        draft: &mut Draft,
        finished: Finished<Changes>,
        used: &mut Used,
    ) -> Result<Consequences, Trouble> {
        used.add(&finished.usage);
        let Finished { result, call, .. } = finished.taken(|(answer,)| match answer {
            Ok(changes) => fields::apply(draft, changes, &step.bound.attachment.fields).map(Ok).map_err(Failed::output),
            Err(refusal) => Ok(Err(refusal)),
        });
        match result.map_err(Trouble::Failed)? {
            Ok(fields) => {
                let mut consequences = call.consequences();
                if !fields.is_empty() {
                    consequences.touched.push(Touched { plugin: step.bound.plugin.name.clone(), fields });
                }
                Ok(consequences)
            }
            Err(refusal) => Err(Trouble::Refused(self.refused(refusal))),
        }
    }

    fn call(&self, step: &Step, input_bytes: usize) -> Call {
        let Bound { attachment, plugin } = &step.bound;
        let (class, needs, quota) =
            (Class::of(self.stage), plugin.version.limits, self.engine.quota_of(&self.cx.tenant));
        let mut limits = Limits::granted(class, attachment.terms.limits, needs, quota);
        let errand = Errand {
            cx: self.cx.clone(),
            stage: self.stage,
            plugin: plugin.name.clone(),
            plugin_id: plugin.id.clone(),
            grants: plugin.grants.clone(),
            runtime: self.runtime.clone(),
        };
        let mut fuel = limits.fuel_for(input_bytes);
        if self.brief {
            fuel = fuel.min(in_place::FUEL);
            limits.wall = limits.wall.min(in_place::TIME);
            limits.host_calls = 0;
        }
        Call::new(limits, fuel, Some(errand), Some(plugin.logbook.clone()))
            .counted(plugin.version.state.tallies.clone(), self.brief)
    }

    fn context<'a>(&'a self, attachment: &'a Attachment, collection: &'a str) -> ContextIn<'a> {
        let caller = &self.cx.caller;
        let record = caller.record();
        ContextIn {
            tenant: &self.cx.tenant.name,
            collection,
            request_id: &self.cx.facts.id,
            caller: CallerIn {
                kind: caller.kind(),
                id: caller.id(),
                collection: record.map_or("", |record| &record.collection.name),
            },
            now_ms: self.cx.now_ms,
            depth: self.cx.depth,
            config: &attachment.terms.config,
        }
    }

    fn refused(&self, refusal: RefusalOut) -> Error {
        let message = match self.stage {
            Stage::BeforeCreate => "Failed to create record.",
            Stage::BeforeUpdate => "Failed to update record.",
            _ => "Failed to delete record.",
        };
        refused(message, refusal)
    }
}

/// A guest's refusal as the error that the client gets.
pub(super) fn refused(message: &'static str, refusal: RefusalOut) -> Error {
    match refusal {
        RefusalOut::Invalid(found) => {
            let mut fields = FieldErrors::default();
            add_findings(&mut fields, found);
            Error::Invalid { message: message.into(), fields }
        }
        // Only the client's fault is a guest's to declare.
        RefusalOut::Denied((status, text)) => {
            let status = if (400..500).contains(&status) { status } else { 400 };
            Error::Refused { status, message: cut(text, answer::MESSAGE_BYTES).into() }
        }
    }
}

/// Gives each plugin its turn until one refuses, or one fails whose attachment is closed.
fn each(steps: &[Step], mut turn: impl FnMut(&Step, &Ready) -> Result<(), Trouble>) -> Results<()> {
    let mut failures = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let result = match &step.ready {
            Ok(ready) => turn(step, ready).map_err(|trouble| match trouble {
                Trouble::Refused(error) => Err(error),
                Trouble::Failed(Failed { axis, detail }) => Ok(Failure { step: index, axis: Some(axis), detail }),
            }),
            Err(why) => Err(Ok(Failure { step: index, axis: None, detail: why.clone() })),
        };
        match result {
            Ok(()) => {}
            Err(Err(refusal)) => return Results { end: End::Refused(refusal), failures, called: index + 1 },
            Err(Ok(failure)) => {
                failures.push(failure);
                if step.bound.attachment.on_failure == OnFailure::Closed {
                    return Results { end: End::Failed, failures, called: index + 1 };
                }
            }
        }
    }
    Results { end: End::Done(()), failures, called: steps.len() }
}

impl<T> Results<T> {
    fn were_cut_short(&self) -> bool {
        self.failures.iter().any(|failure| failure.axis.is_some_and(is_cut_short))
    }

    fn map<U>(self, map: impl FnOnce(T) -> U) -> Results<U> {
        let Self { end, failures, called } = self;
        let end = match end {
            End::Done(done) => End::Done(map(done)),
            End::Refused(error) => End::Refused(error),
            End::Failed => End::Failed,
        };
        Results { end, failures, called }
    }
}

/// What a validator is known by that gives up, instead of naming what is wrong: an error on no field with this code. It imports nothing,
/// so it has no other way to say why than by its answer.
const GAVE_UP: &str = "plugin_failed";

/// Why a validator has given up, if it has.
pub(super) fn last_words(answer: &Result<(), Vec<FieldErrorOut>>) -> Option<Failed> {
    let found = answer.as_ref().err()?.iter().find(|found| found.field.is_empty() && found.code == GAVE_UP)?;
    Some(Failed {
        axis: Axis::Trap,
        detail: format!("it said \"{}\"", cut(found.message.clone(), answer::MESSAGE_BYTES)),
    })
}

/// Adds what a guest found, cut to what a reply should hold.
fn add_findings(errors: &mut FieldErrors, found: Vec<FieldErrorOut>) {
    for FieldErrorOut { field, code, message } in found.into_iter().take(answer::FIELD_ERRORS) {
        let error = FieldError::new(cut(code, answer::CODE_BYTES), cut(message, answer::MESSAGE_BYTES));
        errors.add(&cut(field, answer::CODE_BYTES), error);
    }
}

pub(super) fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        text.truncate(text.floor_char_boundary(bytes));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validator_that_gives_up_is_told_from_one_that_finds_something() {
        let answer = |field: &str, code: &str| {
            let (field, code) = (field.to_owned(), code.to_owned());
            Err(vec![FieldErrorOut { field, code, message: "x is not a function".to_owned() }])
        };
        let failed = last_words(&answer("", GAVE_UP)).unwrap();
        assert_eq!((failed.axis, failed.detail.as_str()), (Axis::Trap, "it said \"x is not a function\""));
        for found in [Ok(()), answer("title", GAVE_UP), answer("", "required"), Err(Vec::new())] {
            assert_eq!(last_words(&found), None, "{found:?}");
        }
    }

    #[test]
    fn findings_are_cut() {
        let finding = |number: usize| FieldErrorOut {
            field: format!("f{number}"),
            code: "c".repeat(1_000),
            message: "ü".repeat(10_000),
        };
        let mut errors = FieldErrors::default();
        add_findings(&mut errors, (0..1_000).map(finding).collect());
        assert_eq!(errors.0.len(), answer::FIELD_ERRORS);
        let crate::error::FieldIssue::Error(error) = &errors.0["f0"] else { panic!() };
        assert!(error.code.len() <= answer::CODE_BYTES && error.message.len() <= answer::MESSAGE_BYTES);
    }
}
