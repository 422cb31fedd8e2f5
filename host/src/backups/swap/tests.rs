//! A restore that is cut off at any moment, played through on folders: the moments are states of the disk, which are
//! made by stopping before each rename.

use super::*;
use std::collections::BTreeMap;

const NOW: i64 = 1_000_000;

/// A data directory with data in use and other data prepared, of which `pieces` say the former.
fn prepared(pieces: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for piece in pieces {
        match *piece {
            "storage" | "plugins" => {
                fs::create_dir(dir.path().join(piece)).unwrap();
                fs::write(dir.path().join(piece).join("file"), "old").unwrap();
            }
            file => fs::write(dir.path().join(file), "old").unwrap(),
        }
    }
    let staging = prepare(dir.path()).unwrap();
    fs::write(staging.join(DATABASE), "new").unwrap();
    for piece in ["storage", "plugins"] {
        fs::write(staging.join(piece).join("file"), "new").unwrap();
    }
    commit(dir.path(), "a.zip", NOW).unwrap();
    dir
}

/// What is in use: the names with what is in them.
fn in_use(dir: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for name in ["data.db", "data.db-wal", "data.db-shm", "storage/file", "plugins/file"] {
        if let Ok(text) = fs::read_to_string(dir.join(name)) {
            found.insert(name.to_owned(), text);
        }
    }
    found
}

fn all(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

const NEW: [(&str, &str); 3] = [("data.db", "new"), ("plugins/file", "new"), ("storage/file", "new")];
const OLD: [(&str, &str); 5] = [
    ("data.db", "old"),
    ("data.db-shm", "old"),
    ("data.db-wal", "old"),
    ("plugins/file", "old"),
    ("storage/file", "old"),
];
const ALL: [&str; 5] = ["data.db", "data.db-wal", "data.db-shm", "storage", "plugins"];

/// The renames of a swap, in their order.
fn swap_steps(dir: &Path) -> Vec<(PathBuf, PathBuf)> {
    let (new, old) = (dir.join(FOLDER).join("new"), dir.join(FOLDER).join("old"));
    let mut steps = Vec::new();
    for piece in PIECES {
        for log in logs_of(piece) {
            steps.push((dir.join(log), old.join(log)));
        }
        steps.push((dir.join(piece), old.join(piece)));
        steps.push((new.join(piece), dir.join(piece)));
    }
    steps
}

/// The renames of taking it back.
fn revert_steps(dir: &Path) -> Vec<(PathBuf, PathBuf)> {
    let (old, rejected) = (dir.join(FOLDER).join("old"), dir.join(FOLDER).join("rejected"));
    let mut steps = Vec::new();
    for piece in PIECES {
        for log in logs_of(piece) {
            steps.push((dir.join(log), rejected.join(log)));
        }
        steps.push((dir.join(piece), rejected.join(piece)));
        for log in logs_of(piece) {
            steps.push((old.join(log), dir.join(log)));
        }
        steps.push((old.join(piece), dir.join(piece)));
    }
    steps
}

fn perform(steps: &[(PathBuf, PathBuf)]) {
    for (from, to) in steps.iter().filter(|(from, _)| from.exists()) {
        fs::rename(from, to).unwrap();
    }
}

#[test]
fn the_steps_of_these_tests_are_those_of_the_code() {
    let (ours, theirs) = (prepared(&ALL), prepared(&ALL));
    fs::create_dir_all(ours.path().join(FOLDER).join("old")).unwrap();
    perform(&swap_steps(ours.path()));
    swap(theirs.path()).unwrap();
    assert_eq!(in_use(ours.path()), in_use(theirs.path()));
}

#[test]
fn a_swap_that_is_cut_off_anywhere_is_finished() {
    let count = swap_steps(Path::new("")).len();
    for done in 0..=count {
        let dir = prepared(&ALL);
        fs::create_dir_all(dir.path().join(FOLDER).join("old")).unwrap();
        perform(&swap_steps(dir.path())[..done]);
        assert!(is_pending(dir.path()).unwrap());
        assert_eq!(recover(dir.path()).unwrap(), Found::Restored("a.zip".into()), "after {done} steps");
        assert_eq!(in_use(dir.path()), all(&NEW), "after {done} steps");
        healthy(dir.path(), NOW).unwrap();
        assert_eq!(recover(dir.path()).unwrap(), Found::Nothing);
        assert_eq!(in_use(dir.path()), all(&NEW));
        assert_eq!(in_use(&dir.path().join(FOLDER).join("old")), all(&OLD), "the former data is whole");
    }
}

#[test]
fn taking_back_that_is_cut_off_anywhere_is_finished() {
    let count = revert_steps(Path::new("")).len();
    for done in 0..=count {
        let dir = prepared(&ALL);
        recover(dir.path()).unwrap();
        // The restored data was opened, which made a log of its own.
        fs::write(dir.path().join("data.db-wal"), "new").unwrap();
        condemn(dir.path(), NOW).unwrap();
        fs::create_dir_all(dir.path().join(FOLDER).join("rejected")).unwrap();
        perform(&revert_steps(dir.path())[..done]);
        assert_eq!(recover(dir.path()).unwrap(), Found::Reverted("a.zip".into()), "after {done} steps");
        assert_eq!(in_use(dir.path()), all(&OLD), "after {done} steps");
        assert_eq!(recover(dir.path()).unwrap(), Found::Nothing);
        assert_eq!(in_use(dir.path()), all(&OLD));
    }
}

#[test]
fn an_empty_directory_is_filled_and_emptied_again() {
    let dir = prepared(&[]);
    assert_eq!(recover(dir.path()).unwrap(), Found::Restored("a.zip".into()));
    assert_eq!(in_use(dir.path()), all(&NEW));
    condemn(dir.path(), NOW).unwrap();
    assert_eq!(recover(dir.path()).unwrap(), Found::Reverted("a.zip".into()));
    assert_eq!(in_use(dir.path()), all(&[]));
}

#[test]
fn data_in_whose_opening_the_process_ends_again_and_again_is_taken_back() {
    let dir = prepared(&ALL);
    for _ in 0..OPENINGS_MAX {
        assert_eq!(recover(dir.path()).unwrap(), Found::Restored("a.zip".into()));
    }
    assert_eq!(recover(dir.path()).unwrap(), Found::Reverted("a.zip".into()));
    assert_eq!(in_use(dir.path()), all(&OLD));
}

#[test]
fn what_was_not_promised_is_thrown_away() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(DATABASE), "old").unwrap();
    let staging = prepare(dir.path()).unwrap();
    fs::write(staging.join(DATABASE), "half").unwrap();
    assert_eq!(recover(dir.path()).unwrap(), Found::Nothing);
    assert!(!dir.path().join(FOLDER).exists() && !dir.path().join(NEXT).exists());
    assert_eq!(in_use(dir.path()), all(&[("data.db", "old")]));
}

#[test]
fn the_former_data_is_kept_for_a_while() {
    let dir = prepared(&ALL);
    recover(dir.path()).unwrap();
    assert!(!sweep(dir.path(), i64::MAX).unwrap(), "nobody has said that it is well");
    healthy(dir.path(), NOW).unwrap();
    assert!(!sweep(dir.path(), NOW + KEPT_MS - 1).unwrap());
    assert!(dir.path().join(FOLDER).join("old").exists());
    assert!(sweep(dir.path(), NOW + KEPT_MS).unwrap());
    assert!(!dir.path().join(FOLDER).exists());
    assert_eq!(in_use(dir.path()), all(&NEW));
}

/// Prepares other data, of which everything says `text`.
fn prepare_next(dir: &Path, text: &str) {
    let staging = prepare(dir).unwrap();
    fs::write(staging.join(DATABASE), text).unwrap();
    for piece in ["storage", "plugins"] {
        fs::write(staging.join(piece).join("file"), text).unwrap();
    }
}

#[test]
fn another_restore_after_one_that_was_cut_off_anywhere_keeps_the_former_data() {
    let latest = NEW.map(|(name, _)| (name, "latest"));
    let old = |dir: &Path| in_use(&dir.join(FOLDER).join("old"));
    for done in 0..=swap_steps(Path::new("")).len() {
        let dir = prepared(&ALL);
        fs::create_dir_all(dir.path().join(FOLDER).join("old")).unwrap();
        perform(&swap_steps(dir.path())[..done]);
        prepare_next(dir.path(), "latest");
        commit(dir.path(), "b.zip", NOW).unwrap();
        assert_eq!(in_use(dir.path()), all(&OLD), "after {done} steps");
        assert_eq!(recover(dir.path()).unwrap(), Found::Restored("b.zip".into()), "after {done} steps");
        assert_eq!((in_use(dir.path()), old(dir.path())), (all(&latest), all(&OLD)), "after {done} steps");
    }
    for done in 0..=revert_steps(Path::new("")).len() {
        let dir = prepared(&ALL);
        recover(dir.path()).unwrap();
        condemn(dir.path(), NOW).unwrap();
        fs::create_dir_all(dir.path().join(FOLDER).join("rejected")).unwrap();
        perform(&revert_steps(dir.path())[..done]);
        prepare_next(dir.path(), "latest");
        commit(dir.path(), "b.zip", NOW).unwrap();
        assert_eq!(recover(dir.path()).unwrap(), Found::Restored("b.zip".into()), "after {done} steps");
        assert_eq!((in_use(dir.path()), old(dir.path())), (all(&latest), all(&OLD)), "after {done} steps");
    }
}

#[test]
fn another_restore_that_comes_to_nothing_leaves_an_earlier_one_as_it_is() {
    let dir = prepared(&ALL);
    fs::create_dir_all(dir.path().join(FOLDER).join("old")).unwrap();
    perform(&swap_steps(dir.path())[..4]);
    prepare_next(dir.path(), "latest");
    abandon(dir.path()).unwrap();
    assert!(is_pending(dir.path()).unwrap());
    assert_eq!(recover(dir.path()).unwrap(), Found::Restored("a.zip".into()));
    healthy(dir.path(), NOW).unwrap();
    prepare_next(dir.path(), "latest");
    // Whether it is given up or the process ends in it.
    assert_eq!(recover(dir.path()).unwrap(), Found::Nothing);
    assert!(!dir.path().join(NEXT).exists() && !is_pending(dir.path()).unwrap());
    assert_eq!(in_use(dir.path()), all(&NEW));
    assert_eq!(in_use(&dir.path().join(FOLDER).join("old")), all(&OLD));
}

#[test]
fn a_log_whose_database_is_gone_is_not_given_to_the_restored_one() {
    let dir = prepared(&["data.db-wal", "data.db-shm", "storage", "plugins"]);
    assert_eq!(recover(dir.path()).unwrap(), Found::Restored("a.zip".into()));
    assert_eq!(in_use(dir.path()), all(&NEW));
}
