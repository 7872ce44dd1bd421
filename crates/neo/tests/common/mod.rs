//! Runs the real binary in a folder of its own and reads what it says.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part; a test that cannot go on fails"
)]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A scratch folder that goes away with the test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Every file below, with its bytes: to see that a refusal wrote nothing.
    pub fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        collect(self.path(), &mut found);
        found.sort();
        found
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_neo"));
        command.current_dir(self.path()).args(args).env_remove("NEO_LOG").env("RUST_BACKTRACE", "0");
        command
    }

    pub fn neo(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().unwrap())
    }
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
}

/// What a run of the binary gave.
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(output: Output) -> Run {
        Run {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The run ended with this code, and without a panic.
    #[track_caller]
    pub fn ended(self, code: i32) -> Run {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        let text = &self.stdout;
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}\n{}", self.stderr))
    }
}

/// Takes so much out of the books that the last session left, and out of nothing else.
pub fn books_lose(folder: &Folder, xrp_drops: i64, rlusd: &str) {
    let connection = rusqlite::Connection::open(folder.path().join("data/paper.db")).unwrap();
    let sql = "SELECT session_id, carried FROM sessions ORDER BY session_id DESC LIMIT 1";
    let (session, carried): (i64, Vec<u8>) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let mut books: engine::CarriedBooks = postcard::from_bytes(&carried).unwrap();
    books.xrp = books.xrp.saturating_sub(units::Drops::new(xrp_drops).unwrap());
    books.rlusd = &books.rlusd - &rlusd.parse::<units::Exact>().unwrap();
    let (xrp, rlusd) = (books.xrp.to_xrp_string(), books.rlusd.to_string());
    let sql = "UPDATE sessions SET carried = ?2, ending_xrp = ?3, ending_rlusd = ?4 WHERE session_id = ?1";
    let carried = postcard::to_stdvec(&books).unwrap();
    connection.execute(sql, rusqlite::params![session, carried, xrp, rlusd]).unwrap();
}

/// The folder of recordings and real prices, or a loud word that it is not there.
pub fn shared_data() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if path.join("README.md").is_file() {
        return Some(path.canonicalize().unwrap());
    }
    eprintln!("SKIPPED: ../shared/data is absent, so nothing is checked against real prices here");
    None
}
