//! `kill -9` of a process that closes ledgers: what it announced is there when the next one opens.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::spec;
use ledger::Hash256;
use server::EmbeddedLedger;
use sim::world::MarketSpec;

const DIRECTORY: &str = "NEO_TEST_LEDGER_DIR";
const KILLS: u64 = 12;

fn opened(dir: &Path) -> EmbeddedLedger {
    if EmbeddedLedger::exists(dir) {
        EmbeddedLedger::open(dir).unwrap()
    } else {
        EmbeddedLedger::create(dir, spec(9, MarketSpec::Synthetic)).unwrap()
    }
}

/// The process that gets killed: announces each ledger on its standard output.
#[test]
#[ignore = "started by the test below"]
fn closes_ledgers_until_killed() {
    let Some(dir) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let mut ledger = opened(Path::new(&dir));
    let mut out = std::io::stdout();
    loop {
        let header = ledger.close().unwrap();
        writeln!(out, "closed {} {}", header.ledger_index, header.ledger_hash).unwrap();
        out.flush().unwrap();
    }
}

/// Runs the process above for a while, kills it, and gives the last ledger it announced and how many it did. Every third
/// run the while begins with the process, else with its first announcement: slow machines close ledgers too.
fn run_and_kill(dir: &Path, kill: u64) -> (Option<(u32, Hash256)>, usize) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "closes_ledgers_until_killed", "--ignored", "--nocapture"])
        .env(DIRECTORY, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    let (first, announcement) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let lines = BufReader::new(output).lines().map_while(Result::ok);
        let (mut last, mut count) = (None, 0);
        for said in lines.filter_map(|line| announced(&line)) {
            (last, count) = (Some(said), count + 1);
            let _ = first.send(());
        }
        (last, count)
    });
    if !kill.is_multiple_of(3) {
        announcement.recv_timeout(Duration::from_secs(60)).unwrap();
    }
    std::thread::sleep(Duration::from_millis(20 + kill * 17));
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

fn announced(line: &str) -> Option<(u32, Hash256)> {
    let (_, said) = line.split_once("closed ")?;
    let (index, hash) = said.split_once(' ')?;
    Some((index.parse().ok()?, hash.parse().ok()?))
}

#[test]
fn what_was_announced_survives_kill_9() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("world");
    let mut total = 0;
    for kill in 0..KILLS {
        let (last, count) = run_and_kill(&dir, kill);
        total += count;
        let mut twin = EmbeddedLedger::in_memory(spec(9, MarketSpec::Synthetic)).unwrap();
        if !EmbeddedLedger::exists(&dir) {
            assert_eq!(last, None, "announced before it existed");
            continue;
        }
        let back = opened(&dir);
        let index = back.header().ledger_index;
        twin.advance(index.since(twin.header().ledger_index)).unwrap();
        assert_eq!(back.header(), twin.header(), "after kill {kill}");
        if let Some((announced, hash)) = last {
            assert!(announced <= index.get(), "ledger {announced} was announced and is forgotten");
            assert!(index.get() - announced <= 1, "at most the one being announced");
            assert!(announced < index.get() || hash == back.header().ledger_hash);
        }
    }
    assert!(total > 50, "only {total} ledgers were announced");
}
