//! The fill parser against an oracle that never looks at metadata: random transactions, one by one on a closed state; for
//! every account what the engine reads out of the metadata, against the state before and after and the transaction.
//!
//! `cargo run --release -p properties -- oracle 5000000` is the long run; a run follows from its first seed alone.

mod holdings;
mod judge;

use std::collections::BTreeMap;

use engine::proof::{Explained, explained};
use engine::{Identity, OwnTx};
use ledger::{AccountId, Asset, KeyPair, Object, ResultCode, TxType, fields as f};
use sim::world::{At, Checked};
use units::Drops;

use crate::storm::{Draw, Scene, next_act};
use holdings::Holdings;
pub use judge::Looked;
use judge::{Sent, judge};

/// Transactions sent in one scene.
const SENT: u32 = 600;

/// What a run looked at.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    /// Scenes.
    pub scenes: u64,
    /// Transactions that came into a ledger.
    pub transactions: u64,
    /// Of them by type and result.
    pub kinds: BTreeMap<(u16, ResultCode), u64>,
    /// Readings compared: two for the sender, one for everybody else.
    pub compared: u64,
    /// What was in them.
    pub looked: Looked,
}

impl Tally {
    /// Adds another's.
    pub fn add(&mut self, other: &Tally) {
        self.scenes += other.scenes;
        self.transactions += other.transactions;
        self.compared += other.compared;
        self.looked.changed += other.looked.changed;
        self.looked.traded += other.looked.traded;
        self.looked.deduced += other.looked.deduced;
        self.looked.took += other.looked.took;
        for (kind, count) in &other.kinds {
            *self.kinds.entry(*kind).or_default() += count;
        }
    }
}

/// Alters a reading before it is judged; tests forge what a wrong parser would say.
pub type Misread<'f> = &'f mut dyn FnMut(&mut Explained);

/// Runs the scene of a seed to its end.
///
/// # Errors
/// The first difference and where, or what kept the scene from being set up.
pub fn run(seed: u64) -> Result<Tally, String> {
    run_misread(seed, &mut |_| {})
}

/// The same, every reading shown to `misread` first.
///
/// # Errors
/// As [`run`].
pub fn run_misread(seed: u64, misread: Misread<'_>) -> Result<Tally, String> {
    let mut draw = Draw::new(seed);
    let scene = Scene::new(seed, &mut draw)?;
    let Some(Asset::Issued { currency, issuer }) = scene.assets.get(1).copied() else {
        return Err("no quote currency".to_owned());
    };
    let us = |account: AccountId| Identity {
        network_id: 0,
        account,
        quote_currency: currency,
        quote_issuer: issuer,
    };
    let people: Vec<Identity> = scene.people.iter().skip(2).map(|keys| us(keys.account())).collect();
    let held = people.iter().map(|us| Holdings::of(&scene.world, us)).collect();
    let mut run = Run { scene, people, held, tally: Tally { scenes: 1, ..Tally::default() } };
    let mut left = draw.between(1, 30);
    for number in 0..SENT {
        run.send(&mut draw, misread).map_err(|what| format!("seed {seed}, transaction {number}: {what}"))?;
        left -= 1;
        if left == 0 {
            // Nothing waits in the open ledger: time passes and nothing else.
            let _ = run.scene.world.close();
            left = draw.between(1, 30);
        }
    }
    Ok(run.tally)
}

struct Run {
    scene: Scene,
    people: Vec<Identity>,
    held: Vec<Holdings>,
    tally: Tally,
}

impl Run {
    fn send(&mut self, draw: &mut Draw, misread: Misread<'_>) -> Result<(), String> {
        let (who, tx_type, body) = next_act(&self.scene, draw);
        let keys = self.scene.people.get(who).ok_or("nobody")?;
        let tx = unsigned(&self.scene, keys, tx_type, body);
        let tx_blob = tx.to_bytes().map_err(|error| error.to_string())?;
        let checked = Checked::trusted(&tx_blob).map_err(|error| error.to_string())?;
        let parent_close = self.scene.world.header().close_time;
        let has_transfer_fee = self.has_transfer_fee();
        let (result, Some(meta)) = self.scene.world.apply_to_closed(&checked) else { return Ok(()) };
        let meta_blob = meta.to_bytes().map_err(|error| error.to_string())?;
        let own = OwnTx { hash: checked.hash(), index: 0, tx_blob, meta_blob };
        self.tally.transactions += 1;
        *self.tally.kinds.entry((tx_type.0, result)).or_default() += 1;
        let sent = Sent { fields: &tx, tx_type, result, parent_close: parent_close.get(), has_transfer_fee };
        for (us, before) in self.people.iter().zip(&mut self.held) {
            let after = Holdings::of(&self.scene.world, us);
            let is_sender = tx.account(f::ACCOUNT) == Some(us.account);
            // A transaction of ours may be the engine's work or another program's.
            for signed_by_us in [false, true].into_iter().take(1 + usize::from(is_sender)) {
                let mut read = explained(&own, us, parent_close, signed_by_us)?;
                misread(&mut read);
                let told = judge(us, &sent, (before, &after), &read, signed_by_us, &mut self.tally.looked);
                told.map_err(|what| {
                    format!("{}: {what}\n  {}\n  {}", us.account, tx.to_json(), meta.to_json())
                })?;
                self.tally.compared += 1;
            }
            *before = after;
        }
        Ok(())
    }

    fn has_transfer_fee(&self) -> bool {
        let issuer = self.people.first().map(|us| us.quote_issuer).unwrap_or(AccountId::ONE);
        let root = self.scene.world.account_root(At::Validated, issuer);
        root.and_then(|(_, root)| root.u32(f::TRANSFER_RATE)).is_some_and(|rate| rate > 1_000_000_000)
    }
}

/// A transaction with everything but a signature, which nothing here looks at.
fn unsigned(scene: &Scene, keys: &KeyPair, tx_type: TxType, body: Object) -> Object {
    let mut tx = body
        .with(f::TRANSACTION_TYPE, tx_type)
        .with(f::ACCOUNT, keys.account())
        .with(f::SIGNING_PUB_KEY, keys.public_key().to_vec());
    if !tx.contains(f::SEQUENCE) {
        tx.insert(f::SEQUENCE, scene.world.sequence(At::Validated, keys.account()).unwrap_or(1));
    }
    if !tx.contains(f::FEE) {
        tx.insert(f::FEE, Drops::new(10).unwrap_or_default());
    }
    tx
}
