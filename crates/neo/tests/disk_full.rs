//! A disk that fills up: before it is full the session cancels and closes; one that is full ends it, and with room again
//! the next start goes on with books that balance. On a disk of its own, where this machine lets one be mounted.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A file system in memory, of so many MiB.
struct Disk {
    point: tempfile::TempDir,
}

impl Disk {
    fn mount(mib: u32) -> Option<Disk> {
        let point = tempfile::tempdir().unwrap();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"])
            .arg(point.path())
            .output();
        if done.is_ok_and(|done| done.status.success()) {
            return Some(Disk { point });
        }
        eprintln!("SKIPPED: no file system can be mounted here (root is needed)");
        None
    }

    fn resize(&self, mib: u32) {
        let done =
            Command::new("mount").args(["-o", &format!("remount,size={mib}m")]).arg(self.path()).status();
        assert!(done.unwrap().success());
    }

    fn path(&self) -> &Path {
        self.point.path()
    }

    fn config(&self, min_free_disk_mib: u32) {
        std::fs::write(self.path().join("c.yaml"), format!("min_free_disk_mib: {min_free_disk_mib}\n"))
            .unwrap();
    }

    fn neo(&self, words: &[&str], stderr: Stdio) -> Output {
        let mut neo = Command::new(env!("CARGO_BIN_EXE_neo"));
        neo.current_dir(self.path()).args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
        neo.spawn().unwrap().wait_with_output().unwrap()
    }

    fn paper(&self) -> Output {
        self.neo(&["paper", "--config", "c.yaml", "--speed", "max", "--duration", "2h"], Stdio::piped())
    }

    /// A short session after the trouble, and what the audit says.
    fn goes_on(&self) {
        let next =
            self.neo(&["paper", "--config", "c.yaml", "--speed", "max", "--duration", "3m"], Stdio::piped());
        assert!(next.status.success(), "{}", words(&next.stderr));
        let audit = self.neo(&["audit"], Stdio::piped());
        assert!(words(&audit.stdout).contains("\nPROVEN: "), "{}", words(&audit.stdout));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_session_stops_while_there_is_room_to_say_so() {
    let Some(disk) = Disk::mount(40) else { return };
    disk.config(32);
    let ended = disk.paper();
    assert_eq!(ended.status.code(), Some(3), "{}", words(&ended.stderr));
    let (told, report) = (words(&ended.stderr), words(&ended.stdout));
    assert!(told.contains("disk_space") && told.contains("cancelling our offers"), "{told}");
    assert!(report.contains("disk_space after") && report.contains("offers gone"), "{report}");
    // Still too little: refused, and nothing is written.
    disk.resize(30);
    let before = listing(disk.path());
    let refused = disk.paper();
    assert_eq!(refused.status.code(), Some(4));
    let why = words(&refused.stderr);
    assert!(why.contains("min_free_disk_mib asks for 32") && why.contains("nothing was written"), "{why}");
    assert_eq!(listing(disk.path()), before);
    disk.resize(200);
    disk.goes_on();
}

#[test]
fn a_full_disk_ends_the_session_and_loses_nothing() {
    for (mib, is_stderr_full) in [(6, false), (9, true)] {
        let Some(disk) = Disk::mount(mib) else { return };
        disk.config(0);
        let args = ["paper", "--config", "c.yaml", "--speed", "max", "--duration", "2h", "-v"];
        let log = disk.path().join("log.txt");
        let stderr = if is_stderr_full { File::create(&log).unwrap().into() } else { Stdio::piped() };
        let ended = disk.neo(&args, stderr);
        assert_eq!(ended.status.code(), Some(1), "no panic, no success: {}", words(&ended.stderr));
        if !is_stderr_full {
            let why = words(&ended.stderr);
            assert!(why.contains("No space left on device") || why.contains("disk is full"), "{why}");
            assert!(why.contains("the next `neo paper` on this database recovers it"), "{why}");
        }
        disk.resize(200);
        disk.goes_on();
    }
}

/// Names and sizes.
fn listing(dir: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(listing(&entry.path()));
        } else {
            found.push((entry.path(), entry.metadata().unwrap().len()));
        }
    }
    found.sort();
    found
}
