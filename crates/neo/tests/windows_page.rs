//! What the page and the scripts of the zip for Windows tell people to type is what the program understands.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Folder;
use std::path::Path;

fn packaged(name: &str) -> String {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../packaging/windows")).join(name);
    std::fs::read_to_string(path).unwrap()
}

/// The arguments of every line that begins with `start`, as a shell would give them.
fn commands(text: &str, start: &str) -> Vec<Vec<String>> {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix(start));
    let line = |line: &str| {
        let said = line.split(" #").next().unwrap_or_default().split(" >>").next().unwrap_or_default();
        let said = said.replace("%how%", "--duration 24h --speed 1");
        said.split_whitespace().map(|word| word.trim_matches('"').to_owned()).collect()
    };
    lines.map(line).collect()
}

#[test]
fn every_command_of_the_page_is_understood() {
    let folder = Folder::new();
    let mut all = commands(&packaged("README.txt"), r".\neo.exe ");
    assert!(all.len() >= 9, "{all:?}");
    all.extend(commands(&packaged("sessions.cmd"), r#""%~dp0neo.exe" "#));
    for words in all {
        let mut args: Vec<&str> = words.iter().map(String::as_str).collect();
        args.push("--help");
        let run = folder.neo(&args).ended(0);
        assert!(run.stdout.contains("neo"), "{args:?}");
    }
    assert_eq!(folder.contents(), []);
    folder.neo(&["paper", "--no-such-option", "--help"]).ended(2);
}

#[test]
fn the_scripts_are_plain_text_that_every_windows_reads() {
    for name in ["README.txt", "sessions.cmd", "install-task.ps1"] {
        let text = packaged(name);
        assert!(text.is_ascii() && !text.contains(['\t', '\r']), "{name}");
        assert!(text.lines().all(|line| line.len() <= 150), "{name}");
    }
    assert!(packaged("install-task.ps1").contains("sessions.cmd"));
    for code in ["0", "2", "3", "4"] {
        assert!(packaged("sessions.cmd").contains(&format!("if \"%code%\"==\"{code}\" goto ")), "{code}");
    }
}
