//! Makes sure that the folder of the built dashboard exists, and that the server is built again when the
//! dashboard was.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::SystemTime;

const DASHBOARD: &str = "../admin/dist";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed={DASHBOARD}");
    let folder = Path::new(DASHBOARD);
    if !folder.exists() {
        fs::create_dir_all(folder)?;
        // Old, so that `make` still knows that the dashboard has to be built.
        File::open(folder)?.set_modified(SystemTime::UNIX_EPOCH)?;
    }
    Ok(())
}
