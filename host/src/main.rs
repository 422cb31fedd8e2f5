//! The binary: everything is in the library.

use std::process::ExitCode;

/// The system's allocator keeps and fragments more under this load, and is slower.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tinybase::cli::run()
}
