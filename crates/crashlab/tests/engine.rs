//! The same crashes under what the real engine decides: sessions on the ledger that the engine's own tests trade on,
//! with quotes, fills, a hasty stop, and a next session on the books of the one before.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

#[path = "../../engine/tests/support/mod.rs"]
mod support;

use crashlab::place::Place;
use crashlab::points::{Walk, points};
use crashlab::recording::Recording;
use crashlab::script::{Action, Before, Script, Shape};
use crashlab::seed::Chance;
use engine::{Engine, Input, Record, Side, Step};
use store::{Identity, SessionStart};
use support::{Rig, identity, journal};

/// One point in so many is tried.
const STRIDE: usize = 2;

/// A session in which others take of our offers now and then.
fn session(mut rig: Rig, carried: Option<engine::CarriedBooks>, chance: &mut Chance) -> Rig {
    let start = rig.world.start(carried, None);
    rig.feed(start);
    for _ in 0..6 {
        rig.tick();
        for side in Side::BOTH {
            let ours =
                rig.world.offers.iter().find(|(_, offer)| offer.side == side).map(|(number, _)| *number);
            if let (Some(number), true) = (ours, chance.once_in(2)) {
                let base = 1_000_000 + i64::try_from(chance.below(9_000_000)).unwrap();
                rig.world.take(number, base);
            }
        }
    }
    rig.stop();
    rig.audit();
    rig
}

/// What the store is asked for it: the steps are decided again, as the journal says they must.
fn actions(rig: &Rig) -> Vec<Action> {
    let config = rig.engine.config().clone();
    let start = SessionStart {
        world_id: "engine-tests".to_owned(),
        config_text: config.canonical_text(),
        genesis: journal::genesis(&config, &identity()).unwrap(),
        parent_session_id: None,
    };
    let mut engine = Engine::new(config, identity());
    let mut steps: Vec<(Input, Step)> =
        rig.journal.iter().map(|input| (input.clone(), engine.step(input))).collect();
    let rest = steps.split_off(1);
    let mut actions = vec![Action::Begin(Box::new(start), steps)];
    actions.extend(rest.into_iter().map(|one| Action::Commit(vec![one])));
    actions
}

#[test]
fn sessions_of_the_real_engine_lose_nothing_at_any_crash() {
    let mut chance = Chance::of(&[77]);
    let first = session(Rig::new(), None, &mut chance);
    let carried = first.closed().unwrap().carried;
    let mut next = Rig::with(first.engine.config().clone(), first.world.clone());
    next.records.clone_from(&first.records);
    let next = session(next, Some(carried), &mut chance);
    let fills = next.records.iter().filter(|record| matches!(record, Record::Fill(_))).count();
    assert!(fills > 3, "{fills}");

    let mut all = vec![Action::Open];
    all.extend(actions(&first));
    all.extend([Action::Close, Action::Open]);
    all.extend(actions(&next));
    all.push(Action::Close);
    let shape = Shape { before: Before::Nothing, heavy: false, timer: false, ledgers: 12 };
    let whose = Identity::new("paper", &identity());
    let script = Script { before: Vec::new(), actions: all };
    let recording = Recording::of_script(77, shape, script, &whose).unwrap();

    let (mut place, mut walk) = (Place::new().unwrap(), Walk::new(&recording, false));
    place.whose = whose;
    let mut tried = 0;
    for (at, crash) in points(&recording).step_by(STRIDE) {
        walk.point(&mut place, at, crash).unwrap_or_else(|error| panic!("{crash:?} at {at}: {error:#}"));
        tried += 1;
    }
    eprintln!("{tried} crashes of {} transactions, {fills} fills", recording.ends.len());
    assert!(tried > 200, "{tried}");
}
