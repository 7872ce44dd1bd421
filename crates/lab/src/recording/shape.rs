//! What a recording says about itself: its form, whose keys it used, where it looked at the state, what it carried from
//! one ledger into the next. A part that was taken out of a document is a difference, never a comparison less.

use super::document::{Document, Step};
use super::score::Score;
use ledger::{KeyKind, KeyPair};
use std::collections::BTreeSet;

/// The form of the document that is read here.
const FORMAT: u32 = 1;
/// A recording that does not look at the state after every step does so after every tenth and at the end (the
/// recordings' README).
const STATE_EVERY: usize = 10;

/// Form, keys, and where the state was looked at.
pub(super) fn compare(score: &mut Score, document: &Document) {
    score.count("format", document.format == FORMAT, || format!("{} for {FORMAT}", document.format));
    for party in &document.accounts {
        let kind = match party.key_type.as_str() {
            "secp256k1" => Some(KeyKind::Secp256k1),
            "ed25519" => Some(KeyKind::Ed25519),
            _ => None,
        };
        let pair = party.seed.parse::<ledger::Seed>().ok().zip(kind);
        let pair = pair.and_then(|(seed, kind)| KeyPair::from_seed(&seed.of_kind(kind)).ok());
        let is_theirs = pair.is_some_and(|pair| {
            pair.account().to_string() == party.address
                && ledger::hex::encode(pair.public_key()) == party.public_key
        });
        score.count("keys", is_theirs, || {
            format!("{}: its seed does not give {} and {}", party.name, party.address, party.public_key)
        });
    }
    let steps: Vec<&Step> = document.steps.iter().collect();
    let is_every = steps.first().is_some_and(|step| step.state.is_some());
    for (at, step) in steps.iter().enumerate() {
        let is_wanted = is_every || (at + 1) % STATE_EVERY == 0 || at + 1 == steps.len();
        score.count("state", step.state.is_some() == is_wanted, || {
            format!("step {}: a state is recorded: {}, expected: {is_wanted}", step.n, !is_wanted)
        });
    }
    if let Some(last) = document.setup.last() {
        score.count("state", last.state.is_some(), || "none at the end of the setup".to_owned());
    }
}

/// What the ledger of this step holds although it was submitted in an earlier one.
pub(super) fn compare_carried(score: &mut Score, step: &Step, in_ledger: &[String]) {
    let own: BTreeSet<&str> = step.txs.iter().map(|sent| sent.hash.as_str()).collect();
    let carried: BTreeSet<&str> =
        in_ledger.iter().map(String::as_str).filter(|hash| !own.contains(hash)).collect();
    let wanted: BTreeSet<&str> = step.carried_in.iter().map(String::as_str).collect();
    score.count("carried in", carried == wanted, || format!("step {}: {carried:?} for {wanted:?}", step.n));
}
