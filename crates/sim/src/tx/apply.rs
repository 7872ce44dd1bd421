//! What holds for every transaction: network, sequence, last ledger, fee, signer; the fee and the sequence that are used
//! up whatever else happens; and what a `tec` leaves behind. Never knows what a type does.

use ledger::meta::TxMeta;
use ledger::tx::format::is_pseudo;
use ledger::{Amount, Hash256, Object, ResultCode, SeqProxy, TxType, fields as f};
use units::Drops;

use super::{
    Tx, account_set, amm_bid, amm_create, amm_delete, amm_deposit, amm_vote, amm_withdraw, clawback, common,
    offer_cancel, offer_create, payment, ticket_create, trust_set,
};
use crate::flow::offers;
use crate::state::metadata::{self, Changes};
use crate::state::view::Action;
use crate::state::{Entries, Entry, Rules, View};
use crate::ter::*;
use crate::world::Fees;

/// What applying a transaction gave.
pub struct Applied {
    /// Its result.
    pub result: ResultCode,
    /// Whether it is in the ledger: the state has changed.
    pub applied: bool,
    /// Its metadata, when it was applied to a ledger that closes. The index within the ledger is not set yet.
    pub meta: Option<TxMeta>,
    /// The entries it changed.
    pub touched: Vec<Hash256>,
    /// Drops it burned.
    pub burned: Drops,
}

/// What a type's effect gives: its result, and what a payment delivered where that differs from its amount.
pub struct Done {
    /// The result.
    pub result: ResultCode,
    /// Delivered, when less than asked.
    pub delivered: Option<Amount>,
}

impl Done {
    /// A result alone.
    pub const fn with(result: ResultCode) -> Done {
        Done { result, delivered: None }
    }
}

/// What an effect may need to know of the transaction's common part.
pub struct Context<'t> {
    /// The transaction.
    pub tx: &'t Tx,
    /// The sender's XRP before the fee.
    pub balance_before: Drops,
}

/// The pool transactions and clawback, by their published codes.
const CLAWBACK: TxType = TxType(30);
const AMM_CLAWBACK: TxType = TxType(31);
const AMM_CREATE: TxType = TxType(35);
const AMM_DEPOSIT: TxType = TxType(36);
const AMM_WITHDRAW: TxType = TxType(37);
const AMM_VOTE: TxType = TxType(38);
const AMM_BID: TxType = TxType(39);
const AMM_DELETE: TxType = TxType(40);

/// What a transaction of a type must burn: opening a pool costs the reserve of one object.
pub fn base_fee(tx_type: TxType, fees: &Fees) -> Drops {
    if tx_type == AMM_CREATE { fees.reserve_increment } else { fees.base_fee }
}

/// Applies a transaction to the state.
pub fn apply(entries: &mut Entries, tx: &Tx, rules: Rules) -> Applied {
    // Nothing in the open ledger is final: it has no metadata.
    let (applied, changes) = outcome(entries, tx, rules, !rules.open);
    for (key, entry) in changes {
        match entry {
            Some(entry) => entries.insert(key, entry),
            None => entries.remove(&key),
        };
    }
    applied
}

/// What applying it would give: its result, and its metadata where it would be in the ledger.
pub fn dry_run(entries: &Entries, tx: &Tx, rules: Rules) -> (ResultCode, Option<TxMeta>) {
    let (applied, _) = outcome(entries, tx, rules, true);
    (applied.result, applied.meta)
}

type NewEntries = std::collections::BTreeMap<Hash256, Option<std::sync::Arc<Entry>>>;

fn outcome(entries: &Entries, tx: &Tx, rules: Rules, with_meta: bool) -> (Applied, NewEntries) {
    let refused = |result| {
        let none = Applied { result, applied: false, meta: None, touched: Vec::new(), burned: Drops::ZERO };
        (none, NewEntries::new())
    };
    if let Err(result) = preflight(tx, &rules) {
        return refused(result);
    }
    let view = View::new(entries, rules);
    let claimed = match common::preclaim(&view, tx).and_then(|()| preclaim(&view, tx)) {
        Ok(()) => TES_SUCCESS,
        Err(result) if result.is_tec() && !rules.retry => result,
        Err(result) => return refused(result),
    };
    let burned = view.account(tx.account).map_or(Drops::ZERO, |root| tx.fee.min(root.balance));
    let Some(outcome) = perform(&view, tx, claimed) else {
        return refused(TEF_INTERNAL);
    };
    let (view, done) = outcome;
    let keeps = done.result.is_success() || done.result.is_tec();
    let waits =
        done.result.is_tec() && rules.retry && done.result != TEC_KILLED && done.result != TEC_EXPIRED;
    if !keeps || waits {
        return refused(done.result);
    }
    let changes = if with_meta { metadata::derive(view, tx.hash) } else { metadata::without_nodes(view) };
    let Changes { nodes, entries } = changes;
    let touched = entries.keys().copied().collect();
    let meta = TxMeta {
        result: done.result,
        index: 0,
        nodes,
        delivered_amount: done.delivered,
        other: done
            .delivered
            .map_or_else(Object::new, |amount| Object::new().with(f::DELIVERED_AMOUNT, amount)),
    };
    let meta = with_meta.then_some(meta);
    (Applied { result: done.result, applied: true, meta, touched, burned }, entries)
}

/// Whether a transaction whose bytes are well formed would burn its fee: the result that it would not.
pub fn likely(view: &View, tx: &Tx) -> Outcome<()> {
    match common::preclaim(view, tx).and_then(|()| preclaim(view, tx)) {
        Err(result) if !result.is_tec() => Err(result),
        _ => Ok(()),
    }
}

/// Takes fee and sequence and runs the effect; after a `tec` only fee, sequence and (killed offers) dead offers stay.
fn perform<'a>(fresh: &View<'a>, tx: &Tx, claimed: ResultCode) -> Option<(View<'a>, Done)> {
    let balance_before = fresh.account(tx.account)?.balance;
    let mut paid = fresh.clone();
    pay(&mut paid, tx).ok()?;
    if claimed != TES_SUCCESS {
        return Some((paid, Done::with(claimed)));
    }
    let mut view = paid.clone();
    let done = effect(&mut view, &Context { tx, balance_before });
    // What was deleted of a pool before there was too much of it stays deleted.
    if !done.result.is_tec() || done.result == TEC_INCOMPLETE {
        return Some((view, done));
    }
    if done.result == TEC_KILLED {
        for key in untouched_deleted_offers(&view) {
            offers::delete(&mut paid, &key);
        }
    }
    Some((paid, Done::with(done.result)))
}

/// Offers the effect deleted without trading them.
fn untouched_deleted_offers(view: &View) -> Vec<Hash256> {
    let deleted = view.items().iter().filter(|(_, item)| item.action == Action::Erase);
    let untouched = deleted.filter(|(key, item)| match (view.base().get(key), item.entry.as_ref()) {
        (Some(Entry::Offer(before)), Entry::Offer(last)) => before.taker_pays == last.taker_pays,
        _ => false,
    });
    untouched.map(|(key, _)| *key).collect()
}

fn effect(view: &mut View, context: &Context) -> Done {
    match context.tx.tx_type {
        TxType::PAYMENT => payment::effect(view, context),
        TxType::OFFER_CREATE => offer_create::effect(view, context),
        TxType::OFFER_CANCEL => offer_cancel::effect(view, context),
        TxType::TRUST_SET => trust_set::effect(view, context),
        TxType::ACCOUNT_SET => account_set::effect(view, context),
        TxType::TICKET_CREATE => ticket_create::effect(view, context),
        AMM_CREATE => amm_create::effect(view, context),
        AMM_DEPOSIT => amm_deposit::effect(view, context),
        AMM_WITHDRAW => amm_withdraw::effect(view, context),
        AMM_VOTE => amm_vote::effect(view, context),
        AMM_BID => amm_bid::effect(view, context),
        AMM_DELETE => amm_delete::effect(view, context),
        CLAWBACK => clawback::effect(view, context),
        AMM_CLAWBACK => clawback::effect_pool(view, context),
        _ => Done::with(TEM_UNKNOWN),
    }
}

fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    match tx.tx_type {
        TxType::PAYMENT => payment::preclaim(view, tx),
        TxType::OFFER_CREATE => offer_create::preclaim(view, tx),
        TxType::OFFER_CANCEL => offer_cancel::preclaim(view, tx),
        TxType::TRUST_SET => trust_set::preclaim(view, tx),
        TxType::ACCOUNT_SET => account_set::preclaim(view, tx),
        AMM_CREATE => amm_create::preclaim(view, tx),
        AMM_DEPOSIT => amm_deposit::preclaim(view, tx),
        AMM_WITHDRAW => amm_withdraw::preclaim(view, tx),
        AMM_VOTE => amm_vote::preclaim(view, tx),
        AMM_BID => amm_bid::preclaim(view, tx),
        AMM_DELETE => amm_delete::preclaim(view, tx),
        CLAWBACK => clawback::preclaim(view, tx),
        AMM_CLAWBACK => clawback::preclaim_pool(view, tx),
        _ => Ok(()),
    }
}

/// Checks that need no state.
pub fn preflight(tx: &Tx, rules: &Rules) -> Outcome<()> {
    common::preflight(tx, rules)?;
    match tx.tx_type {
        TxType::PAYMENT => payment::preflight(tx),
        TxType::OFFER_CREATE => offer_create::preflight(tx),
        TxType::OFFER_CANCEL => offer_cancel::preflight(tx),
        TxType::TRUST_SET => trust_set::preflight(tx),
        TxType::ACCOUNT_SET => account_set::preflight(tx),
        TxType::TICKET_CREATE => ticket_create::preflight(tx),
        AMM_CREATE => amm_create::preflight(tx),
        AMM_DEPOSIT => amm_deposit::preflight(tx),
        AMM_WITHDRAW => amm_withdraw::preflight(tx),
        AMM_VOTE => amm_vote::preflight(tx),
        AMM_BID => amm_bid::preflight(tx),
        AMM_DELETE => amm_delete::preflight(tx),
        CLAWBACK => clawback::preflight(tx),
        AMM_CLAWBACK => clawback::preflight_pool(tx),
        tx_type if is_pseudo(tx_type) => Ok(()),
        _ => Err(TEM_UNKNOWN),
    }
}

/// Burns the fee (all there is, when there is less) and uses up the sequence or the ticket.
fn pay(view: &mut View, tx: &Tx) -> Outcome<()> {
    let root = view.account_mut(tx.account).ok_or(TER_NO_ACCOUNT)?;
    root.balance = root.balance.saturating_sub(tx.fee.min(root.balance));
    if root.account_txn_id.is_some() {
        root.account_txn_id = Some(tx.hash);
    }
    match tx.sequence {
        SeqProxy::Sequence(number) => {
            root.sequence = number.checked_add(1).ok_or(TEF_INTERNAL)?;
            Ok(())
        }
        SeqProxy::Ticket(number) => ticket_create::spend(view, tx.account, number),
    }
}
