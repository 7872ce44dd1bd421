//! What another program does with our key beside payments: offers and cancels of our pair, tickets, a pool, and an offer
//! for an asset of its own that a stranger completes later.

use crashlab::seed::Chance;
use ledger::{Amount, Asset, Currency, KeyPair, Object, TxType, fields as f, flags};
use sim::identity::NETWORK_ID;
use sim::world::{At, World};
use std::time::Duration;
use units::Drops;

use crate::small::millionths;

/// `AMMDeposit` and `AMMWithdraw` (published transaction types), and their flag for one asset alone.
const POOL_IN: TxType = TxType(36);
const POOL_OUT: TxType = TxType(37);
const SINGLE_ASSET: u32 = 0x0008_0000;

/// A step of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// An offer of our pair, of so many drops: beside the market, or into it.
    Offer { drops: i64, sells: bool, crosses: bool },
    /// Takes our newest offer of the pair down.
    Cancel,
    /// Sets sequences aside.
    Tickets(u32),
    /// Does nothing, by a ticket of ours.
    UsesTicket,
    /// Offers XRP or RLUSD, so many millionths, for the asset that the rich account issues.
    Elsewhere { gives_xrp: bool, millionths: i64 },
    /// The rich account takes a part of that, or all.
    Completed { gives_xrp: bool, millionths: i64 },
    /// So many drops into the pool, or out of it.
    Pool { deposits: bool, drops: i64 },
}

impl Act {
    /// The word by which it is counted.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Act::Offer { crosses: false, .. } => "wallet: an offer placed by another program",
            Act::Offer { crosses: true, .. } => "wallet: the market taken by another program",
            Act::Cancel => "wallet: an offer of ours taken down by another program",
            Act::Tickets(_) => "wallet: tickets made by another program",
            Act::UsesTicket => "wallet: a ticket of ours used by another program",
            Act::Elsewhere { .. } => "wallet: an offer for another asset by another program",
            Act::Completed { .. } => "wallet: an offer of another program taken by a stranger",
            Act::Pool { deposits: true, .. } => "wallet: into the pool by another program",
            Act::Pool { deposits: false, .. } => "wallet: out of the pool by another program",
        }
    }

    /// Whether the wallet's key signs it.
    pub(crate) fn is_signed_by_wallet(self) -> bool {
        !matches!(self, Act::Completed { .. })
    }

    /// Its transaction without account, sequence and fee; none where there is nothing to do it with.
    pub(crate) fn body(
        self,
        world: &World,
        wallet: &KeyPair,
        issuer: &KeyPair,
        rich: &KeyPair,
    ) -> Option<Object> {
        let rlusd = |value| Amount::Issued { value, currency: Currency::RLUSD, issuer: issuer.account() };
        let token = |value| Amount::Issued { value, currency: token_code(), issuer: rich.account() };
        let xrp = |drops| Amount::Xrp(Drops::new(drops).unwrap_or_default());
        let asset = |gives_xrp, count| if gives_xrp { xrp(count) } else { rlusd(millionths(count)) };
        let tx = |kind: TxType| Object::new().with(f::TRANSACTION_TYPE, kind);
        let offer = |gets: Amount, pays: Amount| {
            tx(TxType::OFFER_CREATE).with(f::TAKER_GETS, gets).with(f::TAKER_PAYS, pays)
        };
        Some(match self {
            Act::Offer { drops, sells, crosses } => {
                // The market is near 1.4: at twice that, or half, nobody trades, or everybody does.
                let rate = if sells == crosses { 7 } else { 28 };
                let quote = rlusd(millionths(drops / 10 * rate));
                if sells { offer(xrp(drops), quote) } else { offer(quote, xrp(drops)) }
            }
            Act::Cancel => {
                let offers = world.account_offers(At::Current, wallet.account());
                let newest = offers.iter().map(|offer| offer.sequence).max()?;
                tx(TxType::OFFER_CANCEL).with(f::OFFER_SEQUENCE, newest)
            }
            Act::Tickets(count) => tx(TxType::TICKET_CREATE).with(f::TICKET_COUNT, count),
            Act::UsesTicket => {
                let objects = world.account_objects(At::Current, wallet.account());
                let ticket = objects.iter().find_map(|(_, entry)| entry.u32(f::TICKET_SEQUENCE))?;
                tx(TxType::ACCOUNT_SET).with(f::SEQUENCE, 0_u32).with(f::TICKET_SEQUENCE, ticket)
            }
            Act::Elsewhere { gives_xrp, millionths: count } => {
                offer(asset(gives_xrp, count), token(millionths(2 * count)))
            }
            Act::Completed { gives_xrp, millionths: count } => {
                offer(token(millionths(2 * count)), asset(gives_xrp, count))
                    .with(f::FLAGS, flags::TF_IMMEDIATE_OR_CANCEL)
            }
            Act::Pool { deposits, drops } => tx(if deposits { POOL_IN } else { POOL_OUT })
                .with(f::FLAGS, SINGLE_ASSET)
                .with(f::ASSET, Asset::Xrp)
                .with(f::ASSET2, Asset::Issued { currency: Currency::RLUSD, issuer: issuer.account() })
                .with(f::AMOUNT, xrp(drops)),
        })
    }
}

/// The transaction of a body.
pub(crate) fn signed_by(
    keys: &KeyPair,
    body: Object,
    sequence: u32,
    fee_drops: i64,
) -> Option<ledger::SignedTx> {
    let body = if body.contains(f::SEQUENCE) { body } else { body.with(f::SEQUENCE, sequence) };
    let body = body
        .with(f::ACCOUNT, keys.account())
        .with(f::FEE, Drops::new(fee_drops).ok()?)
        .with(f::NETWORK_ID, NETWORK_ID);
    Some(ledger::sign_object(&body, keys).ok()?.1)
}

fn token_code() -> Currency {
    let mut code = [0; 20];
    code[12..15].copy_from_slice(b"TKN");
    Currency(code)
}

/// What such a program does in the world of a seed, by time: nothing at all in most.
pub(crate) fn draw(chance: &mut Chance, minutes: u32) -> Vec<(Duration, Act)> {
    if !chance.once_in(WORLDS_EVERY) {
        return Vec::new();
    }
    let mut acts = Vec::new();
    for _ in 0..=chance.below(3) {
        let at = Duration::from_millis(chance.below(u64::from(minutes) * 60_000));
        let later = at + Duration::from_millis(1 + chance.below(300_000));
        let some = i64::try_from(1_000_000 + chance.below(4_000_000)).unwrap_or(1_000_000);
        let (one, two) = (chance.once_in(2), chance.once_in(2));
        match chance.below(8) {
            0 | 1 => acts.push((at, Act::Offer { drops: some, sells: one, crosses: two })),
            2 | 3 => acts.push((at, Act::Cancel)),
            4 => acts.extend([(at, Act::Tickets(1 + u32::from(two))), (later, Act::UsesTicket)]),
            5 => {
                // Set up before anybody looks, so that whoever sees it completed has seen nothing of the rest.
                acts.push((
                    if two { Duration::ZERO } else { at },
                    Act::Elsewhere { gives_xrp: one, millionths: some },
                ));
                let part = if chance.once_in(2) { some } else { some / 3 };
                acts.push((later, Act::Completed { gives_xrp: one, millionths: part }));
            }
            _ => acts.extend([
                (at, Act::Pool { deposits: true, drops: some }),
                (later, Act::Pool { deposits: false, drops: some / 2 }),
            ]),
        }
    }
    acts.sort_by_key(|(at, _)| *at);
    acts
}

/// One world in so many has such a program.
const WORLDS_EVERY: u64 = 3;
