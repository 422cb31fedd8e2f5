//! What the system says of this process. Where it does not say so, it is null.

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value as Json, json};

/// Memory, processor time, threads, open files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Process {
    pub memory_bytes: Option<u64>,
    pub memory_peak_bytes: Option<u64>,
    pub cpu_ms: u64,
    pub threads: Option<u64>,
    pub open_files: Option<u64>,
}

pub(super) fn read() -> Process {
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    let cpu_ms = u64::try_from(cpu.tv_sec).unwrap_or_default() * 1_000
        + u64::try_from(cpu.tv_nsec).unwrap_or_default() / 1_000_000;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let number = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    let files = std::fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count() as u64);
    Process {
        memory_bytes: number("VmRSS").map(|kib| kib * 1_024),
        memory_peak_bytes: number("VmHWM").map(|kib| kib * 1_024),
        cpu_ms,
        threads: number("Threads"),
        // One of them is the look itself.
        open_files: files.map(|count| count.saturating_sub(1)),
    }
}

pub(super) fn shown() -> Json {
    let Process { memory_bytes, memory_peak_bytes, cpu_ms, threads, open_files } = read();
    json!({
        "memoryBytes": memory_bytes,
        "memoryPeakBytes": memory_peak_bytes,
        "cpuSeconds": super::as_f64(cpu_ms) / 1_000.0,
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "threads": threads,
        "openFiles": open_files,
    })
}
