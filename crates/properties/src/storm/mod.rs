//! Storms: random scenarios over the embedded ledger, and the laws held against every ledger of them.
//!
//! `cargo run --release -p properties -- storm 1000000` runs a long one; a storm follows from its seed alone.

mod acts;
mod draw;
mod paths;
mod pools;
mod scene;

use std::collections::BTreeMap;

use ledger::{Object, ResultCode, fields as f};
use sim::world::{At, ClosedLedger};

use crate::laws::{Broken, Judge, State};
pub(crate) use acts::next as next_act;
pub(crate) use draw::Draw;
pub(crate) use scene::Scene;

/// Transactions submitted in one storm.
const SUBMITTED: u32 = 600;

/// What a storm, or several, did.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    /// Storms.
    pub storms: u64,
    /// Ledgers closed.
    pub ledgers: u64,
    /// Transactions in them.
    pub transactions: u64,
    /// Transactions of type and result.
    pub kinds: BTreeMap<(u32, ResultCode), u64>,
}

impl Tally {
    /// Adds another's.
    pub fn add(&mut self, other: &Tally) {
        self.storms += other.storms;
        self.ledgers += other.ledgers;
        self.transactions += other.transactions;
        for (kind, count) in &other.kinds {
            *self.kinds.entry(*kind).or_default() += count;
        }
    }

    fn count(&mut self, closed: &ClosedLedger) {
        self.ledgers += 1;
        for tx in &closed.transactions {
            self.transactions += 1;
            let kind = Object::from_bytes(&tx.blob)
                .ok()
                .and_then(|tx| tx.u32(f::TRANSACTION_TYPE))
                .unwrap_or(u32::MAX);
            *self.kinds.entry((kind, tx.meta.result)).or_default() += 1;
        }
    }
}

/// Looks at a ledger of a storm before the judge does; tests forge what they find.
pub type Forge<'f> = &'f mut dyn FnMut(&mut ClosedLedger, &mut State);

/// Runs the storm of a seed to its end.
///
/// # Errors
/// The law that is broken and where, or what kept the storm from being set up.
pub fn run(seed: u64) -> Result<Tally, String> {
    run_forged(seed, &mut |_, _| {})
}

/// The same, with every ledger shown to `forge` first.
///
/// # Errors
/// As [`run`].
pub fn run_forged(seed: u64, forge: Forge<'_>) -> Result<Tally, String> {
    let mut draw = Draw::new(seed);
    let mut scene = Scene::new(seed, &mut draw)?;
    let issuers = scene.people.iter().take(2).map(|keys| keys.account()).collect();
    let mut judge = Judge::new(*scene.world.header(), &state(&scene), issuers);
    let mut tally = Tally { storms: 1, ..Tally::default() };
    let mut left = draw.between(1, 30);
    for number in 0..SUBMITTED {
        let (who, tx_type, body) = acts::next(&scene, &mut draw);
        scene.send(who, tx_type, body)?;
        left -= 1;
        if left > 0 && number + 1 < SUBMITTED {
            continue;
        }
        left = if draw.once_in(3) { 1 } else { draw.between(1, 30) };
        let mut closed = scene.world.close();
        tally.count(&closed);
        let mut after = state(&scene);
        let at = |found: &Broken| format!("ledger {}: {found}", closed_index(&scene));
        books(&scene, &after).map_err(|found| at(&found))?;
        forge(&mut closed, &mut after);
        judge.ledger(&closed, &after).map_err(|found| at(&found))?;
    }
    Ok(tally)
}

fn closed_index(scene: &Scene) -> u32 {
    scene.world.header().ledger_index.0
}

fn state(scene: &Scene) -> State {
    scene.world.all_entries(At::Validated).collect()
}

/// The books as `book_offers` shows them: best first, and every offer in one of them.
fn books(scene: &Scene, state: &State) -> Result<(), Broken> {
    let law = "books show every offer, best first";
    let mut shown = 0;
    for pays in &scene.assets {
        for gets in scene.assets.iter().filter(|gets| *gets != pays) {
            let page = scene.world.book_offers(At::Validated, pays, gets, usize::MAX);
            shown += page.len();
            let falls = page.windows(2).any(|pair| matches!(pair, [one, next] if one.quality > next.quality));
            if falls {
                return Err(Broken { law, what: format!("{pays:?} for {gets:?} is out of order") });
            }
        }
    }
    let offers = state.values().filter(|entry| entry.contains(f::BOOK_DIRECTORY)).count();
    if offers == shown {
        Ok(())
    } else {
        Err(Broken { law, what: format!("{offers} offers, {shown} shown") })
    }
}
