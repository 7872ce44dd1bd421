//! What the ledger did to our offers, counted by the words of the catalogue's group D. Judges nothing.

use crate::facts::{Fact, Pair, Resting};
use crate::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};

/// Numbers of the transaction types (ledger documentation) and of the least result that only burned a fee.
const PAYMENT: u32 = 0;
const OFFER_CANCEL: u32 = 8;
const TEC: u32 = 100;

/// How often each was met.
pub(crate) type Met = BTreeMap<&'static str, u64>;

/// Everything that happened to our offers.
pub(crate) fn met(truth: &Truth) -> Met {
    let mut met = Met::new();
    let (mut at, mut taken) = (0, BTreeMap::new());
    let mut resting: BTreeMap<u32, Resting> = BTreeMap::new();
    for fact in truth.between(0, u32::MAX) {
        if fact.ledger != at {
            (at, taken) = (fact.ledger, BTreeMap::new());
        }
        let closed_before = truth.close_times.get(&(at - 1)).copied().unwrap_or(0);
        one(fact, &mut resting, &mut taken, closed_before, &mut met);
    }
    met
}

fn one(
    fact: &Fact,
    resting: &mut BTreeMap<u32, Resting>,
    taken: &mut BTreeMap<u32, u32>,
    closed_before: u32,
    met: &mut Met,
) {
    let mut count = |word: &'static str| *met.entry(word).or_default() += 1;
    if fact.ours && fact.result >= TEC {
        count("ledger: a tec of ours");
    }
    let mut gone: BTreeSet<u32> =
        fact.offers.iter().filter(|(_, rests)| rests.is_none()).map(|(sequence, _)| *sequence).collect();
    for part in &fact.taken {
        let times = taken.entry(part.sequence).or_default();
        *times += 1;
        if *times == 2 {
            count("ledger: several fills of an offer in one ledger");
        }
        if fact.kind == PAYMENT {
            count("ledger: filled by a payment");
        }
        if fact.by_the_pool {
            count("ledger: filled beside the pool");
        }
        if gone.remove(&part.sequence) {
            let left = resting.get(&part.sequence).map(|offer| left(offer, &part.change));
            let is_whole = left.is_none_or(|left| left.xrp.is_zero() || left.rlusd.is_zero());
            count(if is_whole {
                "ledger: a fill of the whole offer"
            } else {
                "ledger: partly filled, then unfunded"
            });
        }
    }
    for sequence in gone {
        let expires = resting.get(&sequence).and_then(|offer| offer.expiration);
        match (fact.ours, taken.contains_key(&sequence)) {
            (true, true) if fact.kind == OFFER_CANCEL => {
                count("ledger: filled, then cancelled, in one ledger")
            }
            (true, true) => count("ledger: filled in the ledger of its replacement"),
            (true, false) => {}
            (false, _) if expires.is_some_and(|at| at <= closed_before) => {
                count("ledger: expired and swept by a stranger")
            }
            (false, _) => count("ledger: unfunded and swept by a stranger"),
        }
    }
    for (sequence, rests) in &fact.offers {
        match rests {
            Some(offer) => drop(resting.insert(*sequence, offer.clone())),
            None => drop(resting.remove(sequence)),
        }
    }
}

/// What was left of an offer after something was taken of it.
fn left(offer: &Resting, change: &Pair) -> Pair {
    match offer.sells {
        true => Pair { xrp: &offer.left.xrp + &change.xrp, rlusd: &offer.left.rlusd - &change.rlusd },
        false => Pair { xrp: &offer.left.xrp - &change.xrp, rlusd: &offer.left.rlusd + &change.rlusd },
    }
}
