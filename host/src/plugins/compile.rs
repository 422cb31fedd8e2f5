//! Compiling, in a process of its own: the same binary, called with the hidden command `__compile`.
//!
//! Compiling is the one thing where hostile input may cost any amount of time and memory, so it happens where that can
//! be ended: the child limits itself before it reads a byte, watches whether it comes on ([`watch`]), and the parent kills it at a
//! deadline. The component goes in on its standard input, the artifact comes out on its standard output, and what is wrong with the
//! component on its standard error.

mod watch;

use super::engine::{self, EngineConfig};
use super::limits::{compile, upload};
use super::scan::{Rejection, functions, printable};
use crate::error::{Error, code};
use rustix::process::{Resource, Rlimit};
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use watch::{Budget, Over, Progress};

/// The hidden command.
pub const COMMAND: &str = "__compile";

/// The worker's exit codes for a component that is not valid, that takes too long, and of which a function does, and for what the
/// component has no part in; anything else but success means that it was ended.
const EXIT_INVALID: u8 = 3;
const EXIT_SLOW: u8 = 4;
const EXIT_COMPLEX: u8 = 5;
const EXIT_HOST: u8 = 6;

/// How often the worker looks how far it has come.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// The stack of the thread that looks, and compiles the yardstick.
const LOOKER_STACK_BYTES: usize = 2 << 20;

/// Whether a component has to show that it is no bomb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    New,
    /// It was compiled before, by whatever compiler on whatever machine.
    Accepted,
}

impl Standing {
    /// The second argument of the command for an accepted one.
    const ACCEPTED: &str = "accepted";

    /// What a component of that size could use on the slowest machine, if all of it were code, and something more: the worker ends
    /// itself before that.
    fn cpu_for(self, bytes: usize) -> Duration {
        let most = match self {
            // A function has three bytes at least, and what connects it to another part is named by more than that.
            Self::New => Budget::widest().earned(bytes / 3, (bytes / 3).saturating_mul(compile::ADAPTER_BYTES)),
            Self::Accepted => Budget::of_accepted().most,
        };
        most + compile::CPU_BEYOND
    }
}

/// What came of compiling.
#[derive(Debug)]
pub struct Compiled {
    /// Machine code, to be loaded by an engine with the same fingerprint.
    pub artifact: Vec<u8>,
    pub took: Duration,
}

/// Why there is no artifact.
#[derive(Debug)]
pub enum Failure {
    /// The component is at fault.
    Rejected(Rejection),
    /// We are.
    Host(Error),
}

impl Failure {
    /// The error of the field `file`, or our own.
    #[must_use]
    pub fn into_error(self) -> Error {
        match self {
            Self::Rejected(rejection) => rejection.into_error(),
            Self::Host(error) => error,
        }
    }
}

/// The parent's side: starts workers, a few at a time.
#[derive(Debug)]
pub struct Compiler {
    program: PathBuf,
    permits: Semaphore,
}

impl Compiler {
    pub(super) fn new(config: &EngineConfig) -> Result<Self, Error> {
        let program = match &config.program {
            Some(program) => program.clone(),
            None => std::env::current_exe().map_err(|error| Error::internal("find this program", error))?,
        };
        Ok(Self { program, permits: Semaphore::new((config.threads / 4).max(1)) })
    }

    /// Compiles a component that has been scanned.
    ///
    /// # Errors
    /// `plugin_invalid` with the compiler's words, `plugin_compile_timeout`, `plugin_too_complex` when one function takes too long, or it
    /// ran out of memory or broke; `Unavailable` when this machine has no room for the compiler now.
    pub async fn compile(&self, component: &[u8], standing: Standing) -> Result<Compiled, Failure> {
        let _permit = self.permits.acquire().await.map_err(|error| ours("compile permits", error))?;
        let start = Instant::now();
        let cpu = standing.cpu_for(component.len());
        let mut child = Command::new(&self.program)
            .arg(COMMAND)
            .arg(whole_seconds(cpu).to_string())
            .args((standing == Standing::Accepted).then_some(Standing::ACCEPTED))
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| no_room(&error))?;
        match tokio::time::timeout(cpu * compile::STARVED_FACTOR, talk(&mut child, component)).await {
            Ok(talked) => {
                let (status, artifact, words) = talked.map_err(|error| ours("talk to the compiler", error))?;
                judge(status, artifact, &words, cpu).map(|artifact| Compiled { artifact, took: start.elapsed() })
            }
            // Dropping the child kills it; tokio reaps it.
            Err(_) => Err(timed_out(cpu)),
        }
    }
}

/// The system counts a process's time in whole seconds.
fn whole_seconds(cpu: Duration) -> u64 {
    cpu.as_secs() + u64::from(cpu.subsec_nanos() > 0)
}

fn ours(context: &'static str, error: impl std::fmt::Display) -> Failure {
    Failure::Host(Error::internal(context, error))
}

/// The component has no part in it, and may be compiled a moment later.
fn no_room(why: &dyn std::fmt::Display) -> Failure {
    tracing::error!(error = %why, "the compiler cannot work on this machine now");
    Failure::Host(Error::Unavailable("The compiler cannot be started now. Please try again.".into()))
}

fn timed_out(cpu: Duration) -> Failure {
    let detail = format!("Compiling it was ended: it takes more than {:.1} seconds.", cpu.as_secs_f64());
    Failure::Rejected(Rejection::new(code::PLUGIN_COMPILE_TIMEOUT, detail))
}

/// Feeds the component in and takes the answer out at the same time, since either pipe may fill up.
async fn talk(child: &mut Child, component: &[u8]) -> std::io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let missing = || std::io::Error::other("a pipe is missing");
    let mut stdin = child.stdin.take().ok_or_else(missing)?;
    let stdout = child.stdout.take().ok_or_else(missing)?;
    let stderr = child.stderr.take().ok_or_else(missing)?;
    let feed = async move {
        // A worker that ends early closes the pipe; its exit code tells why.
        let _ = stdin.write_all(component).await;
        drop(stdin);
    };
    let (mut artifact, mut words) = (Vec::new(), Vec::new());
    let mut code = stdout.take(compile::ARTIFACT_BYTES as u64 + 1);
    let mut said = stderr.take(compile::MESSAGE_BYTES as u64);
    let ((), out, err) = tokio::join!(feed, code.read_to_end(&mut artifact), said.read_to_end(&mut words));
    out?;
    err?;
    // A worker that has more to say than is listened to must not wait for ever.
    drop((code, said));
    Ok((child.wait().await?, artifact, words))
}

fn judge(status: ExitStatus, artifact: Vec<u8>, words: &[u8], cpu: Duration) -> Result<Vec<u8>, Failure> {
    const SIGKILL: i32 = 9;
    const SIGXCPU: i32 = 24;
    let words: String = String::from_utf8_lossy(words).lines().map(printable_line).collect::<Vec<_>>().join(" ");
    let rejected = |code, detail: String| Err(Failure::Rejected(Rejection::new(code, detail)));
    match (status.code(), status.signal()) {
        _ if artifact.len() > compile::ARTIFACT_BYTES => {
            rejected(code::PLUGIN_TOO_COMPLEX, "Its machine code is too large.".to_owned())
        }
        (Some(0), _) => Ok(artifact),
        (Some(exit), _) if exit == i32::from(EXIT_INVALID) => rejected(code::PLUGIN_INVALID, words),
        (Some(exit), _) if exit == i32::from(EXIT_SLOW) => rejected(code::PLUGIN_COMPILE_TIMEOUT, words),
        (Some(exit), _) if exit == i32::from(EXIT_COMPLEX) => rejected(code::PLUGIN_TOO_COMPLEX, words),
        (Some(exit), _) if exit == i32::from(EXIT_HOST) => Err(no_room(&words)),
        (_, Some(SIGKILL | SIGXCPU)) => Err(timed_out(cpu)),
        (exit, signal) => {
            tracing::warn!(?exit, ?signal, words, "the compiler broke on an uploaded component");
            rejected(code::PLUGIN_TOO_COMPLEX, "The compiler ran out of memory or could not handle it.".to_owned())
        }
    }
}

fn printable_line(line: &str) -> String {
    line.split_whitespace().map(printable).collect::<Vec<_>>().join(" ")
}

/// The child's side, for `main`: limits itself, compiles standard input to standard output. `cpu_seconds` and `standing` are
/// the command's arguments.
#[must_use]
pub fn worker_main(cpu_seconds: Option<&str>, standing: Option<&str>) -> ExitCode {
    let standing = if standing == Some(Standing::ACCEPTED) { Standing::Accepted } else { Standing::New };
    let seconds = cpu_seconds.and_then(|text| text.parse().ok()).unwrap_or(whole_seconds(standing.cpu_for(0)));
    // The looker is there before the limits, which allow no more threads.
    let begun = looker().and_then(|looker| confine(seconds).map(|()| looker));
    match begun.map_err(Complaint::Host).and_then(|looker| work(&looker, standing)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Complaint::Component(words)) => {
            let _ = writeln!(std::io::stderr(), "{words}");
            ExitCode::from(EXIT_INVALID)
        }
        Err(Complaint::Host(words)) => {
            let _ = writeln!(std::io::stderr(), "{words}");
            ExitCode::from(EXIT_HOST)
        }
    }
}

enum Complaint {
    Component(String),
    Host(String),
}

/// Gives up what compiling does not need: unlimited memory, time, files, child processes and core dumps.
fn confine(cpu_seconds: u64) -> Result<(), String> {
    let set = |resource, limit: u64| {
        let limit = Rlimit { current: Some(limit), maximum: Some(limit) };
        rustix::process::setrlimit(resource, limit).map_err(|error| format!("cannot limit {resource:?}: {error}"))
    };
    set(Resource::As, compile::ADDRESS_SPACE)?;
    set(Resource::Cpu, cpu_seconds)?;
    set(Resource::Core, 0)?;
    set(Resource::Fsize, 0)?;
    set(Resource::Nproc, 0)?;
    set(Resource::Nofile, compile::OPEN_FILES)
}

/// What is compiled, how far that has come, what it may take, and what the machine is measured with.
type Watched = (Arc<Vec<u8>>, Arc<Progress>, Budget, wasmtime::Engine);

/// Starts the thread that looks: it ends the process when whoever asked for the artifact is gone, and, once it is told what is
/// compiled, when that takes too long.
fn looker() -> Result<mpsc::Sender<Watched>, String> {
    let (tell, told) = mpsc::channel::<Watched>();
    let parent = rustix::process::getppid();
    // A server that was killed could not kill this process.
    let end_when_alone = move || {
        if rustix::process::getppid() != parent {
            std::process::exit(EXIT_HOST.into());
        }
    };
    let look = move || {
        let (component, progress, mut budget, engine) = loop {
            match told.recv_timeout(LOOK_EVERY) {
                Ok(watched) => break watched,
                Err(mpsc::RecvTimeoutError::Timeout) => end_when_alone(),
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
        };
        loop {
            std::thread::sleep(LOOK_EVERY);
            end_when_alone();
            let used = progress.used();
            if let Some(over) = progress.judge_twice(&mut budget, used, || Budget::of_machine(&engine)) {
                let (words, exit) = too_slow(&component, &over, used);
                let _ = writeln!(std::io::stderr(), "{words}");
                std::process::exit(exit.into());
            }
        }
    };
    let started = std::thread::Builder::new().name("looker".to_owned()).stack_size(LOOKER_STACK_BYTES).spawn(look);
    started.map(|_| tell).map_err(|error| format!("cannot start a thread: {error}"))
}

/// What is told of a compilation that does not come on, and with which exit code.
fn too_slow(component: &[u8], over: &Over, used: Duration) -> (String, u8) {
    let used = used.as_secs_f64();
    let sized = |place| format!("{} has {} bytes of code and", functions::described(component, place), place.bytes);
    match over {
        Over::Function(place, most) => {
            let most = most.as_secs_f64();
            let what = place.map_or_else(|| "What connects its parts".to_owned(), sized);
            let words = format!(
                "{what} takes more than {most:.1} seconds to compile, which is longer than code of that size may."
            );
            (words, EXIT_COMPLEX)
        }
        Over::Mostly(place, took) => {
            let (what, took) = (sized(*place), took.as_secs_f64());
            let words = format!(
                "{what} has taken {took:.1} of the {used:.1} seconds after which compiling was ended: that is longer than all the code \
                 up to there may take."
            );
            (words, EXIT_COMPLEX)
        }
        Over::All { done, of } => {
            let words = format!(
                "Compiling it was ended after {used:.1} seconds, with {done} of {of} bytes of code done: that is longer than so much \
                 code may take."
            );
            (words, EXIT_SLOW)
        }
    }
}

fn work(looker: &mpsc::Sender<Watched>, standing: Standing) -> Result<(), Complaint> {
    let host = |error: std::io::Error| Complaint::Host(error.to_string());
    let mut component = Vec::new();
    std::io::stdin().lock().take(upload::BYTES as u64 + 1).read_to_end(&mut component).map_err(host)?;
    let engine = wasmtime::Engine::new(&engine::for_worker(component.len()))
        .map_err(|error| Complaint::Host(format!("{error:#}")))?;
    let budget = match standing {
        Standing::New => Budget::of_machine(&engine),
        Standing::Accepted => Budget::of_accepted(),
    };
    let component = Arc::new(component);
    let progress = Progress::of(&component);
    progress.follow();
    let watched = (component.clone(), progress, budget, engine.clone());
    looker.send(watched).map_err(|error| Complaint::Host(error.to_string()))?;
    let artifact =
        engine.precompile_component(&component).map_err(|error| Complaint::Component(format!("{error:#}")))?;
    let mut out = std::io::stdout().lock();
    out.write_all(&artifact).and_then(|()| out.flush()).map_err(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(judged: Result<Vec<u8>, Failure>) -> &'static str {
        match judged {
            Err(Failure::Rejected(rejection)) => rejection.code.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_end_of_a_worker_tells_why() {
        let wall = Duration::from_secs(1);
        let exit = |code: i32| ExitStatus::from_raw(code << 8);
        assert_eq!(judge(exit(0), vec![1], b"", wall).unwrap(), [1]);
        assert_eq!(code_of(judge(exit(3), Vec::new(), b"bad \x1b[31m\nmagic", wall)), "plugin_invalid");
        assert_eq!(code_of(judge(exit(101), Vec::new(), b"", wall)), "plugin_too_complex");
        assert_eq!(code_of(judge(ExitStatus::from_raw(9), Vec::new(), b"", wall)), "plugin_compile_timeout");
        assert_eq!(code_of(judge(ExitStatus::from_raw(24), Vec::new(), b"", wall)), "plugin_compile_timeout");
        assert_eq!(code_of(judge(ExitStatus::from_raw(6), Vec::new(), b"", wall)), "plugin_too_complex");
        let large = vec![0; compile::ARTIFACT_BYTES + 1];
        assert_eq!(code_of(judge(exit(6), large, b"", wall)), "plugin_too_complex", "it could not say all of it");
    }

    #[test]
    fn the_component_is_not_blamed_for_the_machine() {
        let judged = judge(ExitStatus::from_raw(6 << 8), Vec::new(), b"cannot limit As", Duration::ZERO);
        assert!(matches!(judged, Err(Failure::Host(Error::Unavailable(_)))), "{judged:?}");
    }

    #[test]
    fn the_compilers_words_are_cleaned() {
        match judge(ExitStatus::from_raw(3 << 8), Vec::new(), b"bad \x1b[31m\nmagic", Duration::ZERO) {
            Err(Failure::Rejected(rejection)) => assert_eq!(rejection.detail, "bad ?[31m magic"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn large_files_get_more_time_and_accepted_ones_all_of_it() {
        let (widest, new) = (Budget::widest(), |bytes| Standing::New.cpu_for(bytes));
        assert!(new(0) > widest.base, "the worker has ended itself by then");
        assert!(new(2 << 10) > new(1 << 10));
        assert_eq!([new(upload::BYTES), Standing::Accepted.cpu_for(0)], [widest.most + compile::CPU_BEYOND; 2]);
    }

    #[test]
    fn what_takes_too_long_is_named() {
        let component = wat::parse_str("(component (core module (func $first) (func $second)))").unwrap();
        let second = functions::all(&component)[1];
        let (words, exit) = too_slow(&component, &Over::Function(Some(second), Duration::from_secs(2)), Duration::ZERO);
        assert!(
            words.starts_with("Function 1 of core module 0 (second) has 2 bytes of code and takes more than 2.0 s"),
            "{words}"
        );
        assert_eq!(
            code_of(judge(ExitStatus::from_raw(i32::from(exit) << 8), Vec::new(), b"", Duration::ZERO)),
            "plugin_too_complex"
        );
        let mostly = Over::Mostly(second, Duration::from_millis(1_400));
        let (words, also) = too_slow(&component, &mostly, Duration::from_millis(1_600));
        assert!(words.contains("2 bytes of code and has taken 1.4 of the 1.6 seconds"), "{words}");
        assert_eq!(exit, also);
        let (words, exit) = too_slow(&component, &Over::All { done: 2, of: 4 }, Duration::from_millis(4_020));
        assert!(words.contains("after 4.0 seconds, with 2 of 4 bytes"), "{words}");
        assert_eq!(
            code_of(judge(ExitStatus::from_raw(i32::from(exit) << 8), Vec::new(), b"", Duration::ZERO)),
            "plugin_compile_timeout"
        );
    }
}
