//! What a crash leaves: dropped without closing, cut log, replaced world. The ledger that comes back is
//! the one that was announced, to the hash.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{manual, pipe, resting_offer, spec, wallet};
use ledger::Hash256;
use server::{EmbeddedLedger, ServerError};
use sim::world::MarketSpec;

const LOG: &str = "ledgers.log";

/// Closes ledgers with a submission in every third; gives the hash of each.
fn lived(ledger: &mut EmbeddedLedger, ledgers: u32, mut sequence: u32) -> Vec<Hash256> {
    (0..ledgers)
        .map(|count| {
            if count % 3 == 0 {
                ledger.submit(&resting_offer(sequence, 1).blob).unwrap();
                sequence += 1;
            }
            ledger.close().unwrap().ledger_hash
        })
        .collect()
}

fn wallet_sequence(ledger: &EmbeddedLedger) -> u32 {
    let account = wallet().account();
    let root = ledger.world().account_root(sim::world::At::Validated, account).unwrap();
    root.1.u32(ledger::fields::SEQUENCE).unwrap()
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_dropped_ledger_comes_back_as_it_was() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("paper.db.ledger");
    assert!(!EmbeddedLedger::exists(&dir));
    assert!(matches!(EmbeddedLedger::open(&dir), Err(ServerError::Missing(_))));
    let mut one = EmbeddedLedger::create(&dir, spec(5, MarketSpec::Synthetic)).unwrap();
    let (id, sequence) = (one.world_id(), wallet_sequence(&one));
    lived(&mut one, 10, sequence);
    one.submit(&resting_offer(sequence + 4, 1).blob).unwrap();
    assert!(matches!(EmbeddedLedger::open(&dir), Err(ServerError::InUse(_))));
    let mut twin = EmbeddedLedger::in_memory(spec(5, MarketSpec::Synthetic)).unwrap();
    lived(&mut twin, 10, sequence);
    drop(one);
    assert!(EmbeddedLedger::exists(&dir));
    let mut back = EmbeddedLedger::open(&dir).unwrap();
    assert_eq!((back.world_id(), back.header()), (id, twin.header()));
    assert_eq!(back.world().snapshot().unwrap(), twin.world().snapshot().unwrap());
    // What was submitted and not closed is gone; what follows is what the twin does.
    back.advance(7).unwrap();
    twin.advance(7).unwrap();
    assert_eq!(back.header(), twin.header());
    assert!(back.seconds_since_last_close_wall() < 3_600);
}

#[test]
fn a_log_cut_anywhere_opens_with_a_prefix() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("whole");
    let mut ledger = EmbeddedLedger::create(&dir, spec(2, MarketSpec::None)).unwrap();
    let mut hashes = vec![ledger.header().ledger_hash];
    let sequence = wallet_sequence(&ledger);
    hashes.extend(lived(&mut ledger, 4, sequence));
    let first = ledger.first_ledger();
    drop(ledger);
    let bytes = fs::read(dir.join(LOG)).unwrap();
    let cut_dir = temporary.path().join("cut");
    copied(&dir, &cut_dir);
    let (mut before, mut opened) = (hashes.len(), 0);
    for end in (1..=bytes.len()).rev().step_by(7).chain((1..=bytes.len()).rev().take(60)) {
        fs::write(cut_dir.join(LOG), &bytes[..end]).unwrap();
        match EmbeddedLedger::open(&cut_dir) {
            Ok(cut) => {
                let closed = cut.header().ledger_index.since(first) as usize;
                assert_eq!(cut.header().ledger_hash, hashes[closed], "cut at {end}");
                before = before.min(closed + 1);
                opened += 1;
            }
            Err(error) => {
                assert!(matches!(error, ServerError::Damaged { .. }) && before == 1, "cut at {end}: {error}")
            }
        }
    }
    assert!(opened > 60 && before == 1, "every prefix was seen, down to the first ledger");
}

#[test]
fn a_torn_record_with_wrong_bytes_is_cut_and_damage_before_the_end_is_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("world");
    let mut ledger = EmbeddedLedger::create(&dir, spec(2, MarketSpec::None)).unwrap();
    let mut lengths = Vec::new();
    for _ in 0..4 {
        ledger.close().unwrap();
        lengths.push(usize::try_from(fs::metadata(dir.join(LOG)).unwrap().len()).unwrap());
    }
    let last = *ledger.header();
    drop(ledger);
    let bytes = fs::read(dir.join(LOG)).unwrap();
    let mut torn = bytes.clone();
    torn[lengths[2]..].iter_mut().skip(30).for_each(|byte| *byte = 0);
    fs::write(dir.join(LOG), &torn).unwrap();
    let mut back = EmbeddedLedger::open(&dir).unwrap();
    assert_eq!(back.header().ledger_index.plus(1), last.ledger_index);
    assert_eq!(back.close().unwrap(), last, "the lost ledger closes again to the same");
    drop(back);
    for at in [lengths[0] + 2, lengths[0] + 10, lengths[0] + 40, lengths[1] + 25] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        fs::write(dir.join(LOG), &damaged).unwrap();
        let opened = EmbeddedLedger::open(&dir).map(|ledger| ledger.header().ledger_index);
        assert!(matches!(opened, Err(ServerError::Damaged { .. })), "byte {at}: {opened:?}");
    }
}

#[test]
fn snapshots_shorten_the_opening_and_are_never_needed() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("world");
    let mut ledger = EmbeddedLedger::create(&dir, spec(2, MarketSpec::None)).unwrap();
    ledger.advance(600).unwrap();
    let header = *ledger.header();
    drop(ledger);
    let snapshots = || -> Vec<PathBuf> {
        let names = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path());
        names.filter(|path| path.extension().is_some_and(|extension| extension == "bin")).collect()
    };
    assert_eq!(snapshots().len(), 2);
    assert_eq!(*EmbeddedLedger::open(&dir).unwrap().header(), header);
    for path in snapshots() {
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(*EmbeddedLedger::open(&dir).unwrap().header(), header);
    }
    for path in snapshots() {
        fs::remove_file(path).unwrap();
    }
    assert_eq!(*EmbeddedLedger::open(&dir).unwrap().header(), header);
}

#[test]
fn a_new_world_replaces_the_old_one_or_leaves_it() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("world");
    let beside = |suffix: &str| temporary.path().join(format!("world{suffix}"));
    let old = EmbeddedLedger::create(&dir, spec(1, MarketSpec::None)).unwrap().world_id();
    // A crash while the new one was being built: the old one is there.
    fs::create_dir(beside(".new")).unwrap();
    fs::write(beside(".new").join("world.json.tmp"), b"half").unwrap();
    assert_eq!(EmbeddedLedger::open(&dir).unwrap().world_id(), old);
    let new = EmbeddedLedger::create(&dir, spec(2, MarketSpec::None)).unwrap().world_id();
    assert_ne!(new, old);
    assert_eq!(EmbeddedLedger::open(&dir).unwrap().world_id(), new);
    assert!(!beside(".new").exists() && !beside(".old").exists());
    // A crash between the two renames: the new one is finished and the old one goes.
    let other = temporary.path().join("other");
    EmbeddedLedger::create(&other, spec(1, MarketSpec::None)).unwrap();
    fs::rename(&other, beside(".old")).unwrap();
    fs::rename(&dir, beside(".new")).unwrap();
    assert!(EmbeddedLedger::exists(&dir));
    assert_eq!(EmbeddedLedger::open(&dir).unwrap().world_id(), new);
    assert!(!beside(".old").exists());
}

#[test]
fn one_spec_one_world_id() {
    let id = |seed| EmbeddedLedger::in_memory(spec(seed, MarketSpec::None)).unwrap().world_id();
    assert_eq!(id(1), id(1));
    assert_ne!(id(1), id(2));
}

#[tokio::test]
async fn a_server_shut_down_lets_go_of_its_directory() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("world");
    let server = manual(EmbeddedLedger::create(&dir, spec(1, MarketSpec::None)).unwrap());
    assert!(matches!(EmbeddedLedger::open(&dir), Err(ServerError::InUse(_))));
    server.shut_down();
    assert!(EmbeddedLedger::open(&dir).is_ok());
    assert!(matches!(server.close_ledger(), Err(ServerError::Stopped(_))));
}

#[tokio::test]
async fn clients_hear_only_of_ledgers_on_disk() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("world");
    let server = manual(EmbeddedLedger::create(&dir, spec(1, MarketSpec::None)).unwrap());
    let mut stream = common::whole_ledgers(pipe(&server).await).await;
    for _ in 0..5 {
        stream.connection().ledger_accept().await.unwrap();
        let heard = match stream.ready_event().unwrap() {
            Some(client::AssemblerEvent::Ledger(ledger)) => ledger,
            other => panic!("{other:?}"),
        };
        // What a crash at this moment would leave.
        let crash = temporary.path().join(format!("crash-{}", heard.index));
        copied(&dir, &crash);
        assert_eq!(EmbeddedLedger::open(&crash).unwrap().header().ledger_hash, heard.hash);
    }
}

#[test]
fn refused_submissions_leave_no_trace_and_kept_ones_are_closed_again() {
    let temporary = tempfile::tempdir().unwrap();
    let logged = |name: &str, refused: bool| {
        let dir = temporary.path().join(name);
        let mut ledger = EmbeddedLedger::create(&dir, spec(2, MarketSpec::None)).unwrap();
        let sequence = wallet_sequence(&ledger);
        let submit = |ledger: &mut EmbeddedLedger, sequence: u32| {
            let result = ledger.submit(&resting_offer(sequence, 1).blob).unwrap();
            (result.applied, result.is_remembered)
        };
        // One that waits for the one before it, over a close.
        assert_eq!(submit(&mut ledger, sequence + 1), (false, true));
        for _ in 0..if refused { 3 * server::limits::SUBMISSIONS_MAX } else { 0 } {
            assert_eq!(submit(&mut ledger, sequence - 1), (false, false));
        }
        let mut forged = resting_offer(sequence, 1).blob;
        let middle = forged.len() / 2;
        forged[middle] ^= 1;
        assert!(!refused || ledger.submit(&forged).is_err() || !ledger.submit(&forged).unwrap().accepted);
        ledger.close().unwrap();
        assert_eq!(submit(&mut ledger, sequence), (true, true));
        ledger.close().unwrap();
        let header = *ledger.header();
        assert_eq!(wallet_sequence(&ledger), sequence + 2);
        drop(ledger);
        assert_eq!(*EmbeddedLedger::open(&dir).unwrap().header(), header);
        (header, fs::metadata(dir.join(LOG)).unwrap().len())
    };
    assert_eq!(logged("with", true), logged("without", false));
}

#[test]
fn a_full_open_ledger_refuses_until_it_closes() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("world");
    let mut ledger = EmbeddedLedger::create(&dir, spec(2, MarketSpec::None)).unwrap();
    let sequence = wallet_sequence(&ledger);
    // Far ahead of the account: all are kept, none applies.
    let waiting = |count: usize| resting_offer(sequence + 10 + u32::try_from(count).unwrap(), 1).blob;
    for count in 0..server::limits::SUBMISSIONS_MAX {
        assert!(ledger.submit(&waiting(count)).unwrap().kept);
    }
    let offer = resting_offer(sequence, 1).blob;
    let before = ledger.world().snapshot().unwrap();
    assert!(matches!(ledger.submit(&offer), Err(ServerError::OpenLedgerFull)));
    assert_eq!(ledger.world().snapshot().unwrap(), before);
    ledger.close().unwrap();
    assert!(ledger.submit(&offer).unwrap().applied);
    ledger.close().unwrap();
    let header = *ledger.header();
    drop(ledger);
    assert_eq!(*EmbeddedLedger::open(&dir).unwrap().header(), header);
}
