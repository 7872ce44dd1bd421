//! Checkpoints: an engine made of one answers all that comes as the engine does that it was made of, and what is no
//! checkpoint of an engine is refused. That every step of every story does so is asserted by the rig itself.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod support;

use engine::{CheckpointError, Config, Effect, Engine, Input, Side, journal};
use ledger::hash::sha512_half;
use support::{Rig, identity};

/// A session with fills, lost submissions, a moving price, missed ledgers and a stop.
fn story() -> Rig {
    let mut rig = Rig::started();
    rig.tick();
    let sell = rig.offer(Side::Sell);
    rig.world.take(sell, 3_000_000);
    rig.tick();
    rig.world.touch = ("1.4190".to_owned(), "1.4230".to_owned());
    rig.tick();
    rig.world.queue.clear();
    for _ in 0..8 {
        rig.tick();
    }
    rig.world.pay_us(5_000_000, "1.25");
    rig.tick();
    let from = rig.engine.cursor().plus(1);
    let _ = rig.world.close();
    let next = rig.world.close();
    assert!(rig.feed(next).effects.contains(&Effect::RequestBackfill { from }));
    let backfill = rig.world.backfill(from);
    rig.feed(Input::Backfill(Box::new(backfill)));
    for _ in 0..4 {
        rig.tick();
    }
    rig.stop();
    rig
}

#[test]
fn from_every_row_on_the_rest_is_decided_alike() {
    let rig = story();
    let mut engine = Engine::new(rig.engine.config().clone(), identity());
    for at in 0..rig.journal.len() {
        let mut twin = support::rig::twin(&engine);
        for (input, recorded) in rig.journal.iter().zip(&rig.steps).skip(at) {
            let encoded = |step| journal::encode_step(step, Vec::new()).unwrap();
            assert_eq!(encoded(&twin.step(input)), encoded(recorded), "from row {at} on");
        }
        assert!(twin.is_closed());
        assert_eq!(twin.figures(), rig.engine.figures());
        engine.step(&rig.journal[at]);
    }
    assert!(rig.journal.len() > 20, "{}", rig.journal.len());
}

#[test]
fn what_is_no_checkpoint_of_this_engine_is_refused() {
    let rig = story();
    let good = rig.engine.checkpoint().unwrap();
    let config = rig.engine.config();
    let read = |bytes: &[u8]| Engine::from_checkpoint(bytes, config.clone(), &identity()).map(drop);
    assert_eq!(read(&good), Ok(()));
    let version = good.iter().position(|byte| *byte == b'\n').unwrap();
    let named = format!("of journal {} of neo {}", journal::VERSION, env!("CARGO_PKG_VERSION"));
    assert!(String::from_utf8_lossy(&good[..version]).ends_with(&named), "each of the versions is named");
    assert_eq!(read(b""), Err(CheckpointError::NoCheckpoint));
    assert_eq!(read(&good[1..]), Err(CheckpointError::NoCheckpoint));
    assert_eq!(read(&good[..version]), Err(CheckpointError::NoCheckpoint));
    assert_eq!(read(&good[..version + 20]), Err(CheckpointError::NoCheckpoint));
    // The form, the journal and the program: another version of any of them, and it is not read.
    let head = String::from_utf8_lossy(&good[..version]).into_owned();
    for at in head.match_indices(|digit: char| digit.is_ascii_digit()).map(|(at, _)| at) {
        let mut other = good.clone();
        other[at] = b'x';
        assert!(matches!(read(&other), Err(CheckpointError::OtherVersion { found }) if found.contains('x')));
    }
    assert!(head.matches(|digit: char| digit.is_ascii_digit()).count() >= 5, "{head}");
    for cut in version + 33..good.len() {
        assert!(matches!(read(&good[..cut]), Err(CheckpointError::Unreadable(_))), "{cut} bytes");
    }
    assert!(matches!(read(&[&good[..], &[0]].concat()), Err(CheckpointError::Unreadable(_))));

    let mut who = identity();
    who.network_id += 1;
    let refused = |config: Config, who| Engine::from_checkpoint(&good, config, who).map(drop);
    assert_eq!(refused(config.clone(), &who), Err(CheckpointError::OtherSession));
    let changed = Config::from_pairs([("bid_offset_bps", "11")]).unwrap();
    assert_eq!(refused(changed, &identity()), Err(CheckpointError::OtherSession));
}

/// Bytes altered anywhere are refused, or are those of an engine that writes exactly them: nothing panics.
#[test]
fn no_bytes_make_it_panic() {
    let rig = story();
    let good = rig.engine.checkpoint().unwrap();
    for at in 0..good.len() {
        for flip in [1, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            if let Ok(engine) = Engine::from_checkpoint(&bytes, rig.engine.config().clone(), &identity()) {
                assert_eq!(engine.checkpoint().unwrap(), bytes, "byte {at}");
            }
        }
    }
}

/// Of the state that the last test here makes.
const FORM: &str = "ADF5A9A8BDE5401779370A10BBC7BA5BF72B7A7A1EBFA8425534BA2905506B79";

/// The form of the state is pinned. Where this fails and no decision was meant to change, a type of the state did: the
/// version in `machine/checkpoint.rs` takes the next number, and then this digest its new value.
#[test]
fn the_form_of_the_state_has_this_version() {
    let mut rig = Rig::started();
    rig.tick();
    rig.tick();
    let bytes = rig.engine.checkpoint().unwrap();
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    let found = (
        String::from_utf8_lossy(&bytes[..end]).split(" of ").next().unwrap().to_owned(),
        sha512_half(&[&bytes[end + 33..]]).to_string(),
    );
    assert_eq!(found, ("neo checkpoint 1".to_owned(), FORM.to_owned()));
}
