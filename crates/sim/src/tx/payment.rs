//! Payment: XRP from account to account (making the account when it is new), or anything else through the flow engine,
//! over the default path and the payment's own.

use ledger::object::{PathStep, Value};
use ledger::{AccountId, Amount, Asset, fields as f, flags};
use units::LedgerIndex;

use super::Tx;
use super::apply::{Context, Done};
use super::offer_cancel::UNIVERSAL;
use super::offer_create::is_xrp_look_alike;
use crate::amount;
use crate::flow::{self, Pair, Purpose, Quality, Request};
use crate::state::{AccountRoot, Entry, View, index};
use crate::ter::*;

const ALLOWED: u32 =
    UNIVERSAL | flags::TF_NO_RIPPLE_DIRECT | flags::TF_PARTIAL_PAYMENT | flags::TF_LIMIT_QUALITY;

/// Checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    if tx.flags & !ALLOWED != 0 {
        return Err(TEM_INVALID_FLAG);
    }
    let asked = tx.amount(f::AMOUNT).ok_or(TEM_MALFORMED)?;
    let destination = tx.object.account(f::DESTINATION).ok_or(TEM_MALFORMED)?;
    let send_max = tx.amount(f::SEND_MAX);
    let send = source_asset(tx, &asked);
    let has_paths = tx.object.contains(f::PATHS);
    if destination == AccountId::ZERO {
        return Err(TEM_DST_NEEDED);
    }
    if asked.signum() <= 0 || send_max.is_some_and(|max| max.signum() <= 0) {
        return Err(TEM_BAD_AMOUNT);
    }
    let currencies = [asked.asset().currency(), send.currency()];
    if currencies.into_iter().flatten().any(is_xrp_look_alike) {
        return Err(TEM_BAD_CURRENCY);
    }
    if tx.account == destination && asked.asset().currency() == send.currency() && !has_paths {
        return Err(TEM_REDUNDANT);
    }
    if asked.asset().is_xrp() && send.is_xrp() {
        check_plain_xrp(tx, send_max.is_some(), has_paths)?;
    }
    check_deliver_min(tx, &asked)?;
    let is_mpt = |amount: Amount| matches!(amount, Amount::Mpt { .. });
    if is_mpt(asked) || send_max.is_some_and(is_mpt) {
        return Err(TEM_DISABLED);
    }
    Ok(())
}

fn check_plain_xrp(tx: &Tx, has_max: bool, has_paths: bool) -> Outcome<()> {
    if has_max {
        return Err(TEM_BAD_SEND_XRP_MAX);
    }
    if has_paths {
        return Err(TEM_BAD_SEND_XRP_PATHS);
    }
    for (flag, result) in [
        (flags::TF_PARTIAL_PAYMENT, TEM_BAD_SEND_XRP_PARTIAL),
        (flags::TF_LIMIT_QUALITY, TEM_BAD_SEND_XRP_LIMIT),
        (flags::TF_NO_RIPPLE_DIRECT, TEM_BAD_SEND_XRP_NO_DIRECT),
    ] {
        if tx.has(flag) {
            return Err(result);
        }
    }
    Ok(())
}

fn check_deliver_min(tx: &Tx, asked: &Amount) -> Outcome<()> {
    let Some(least) = tx.amount(f::DELIVER_MIN) else {
        return Ok(());
    };
    let fits = tx.has(flags::TF_PARTIAL_PAYMENT)
        && least.signum() > 0
        && least.compare(asked).is_some_and(|order| order.is_le());
    if fits { Ok(()) } else { Err(TEM_BAD_AMOUNT) }
}

/// What is sent: SendMax's asset, or the amount's as issued by the sender.
fn source_asset(tx: &Tx, asked: &Amount) -> Asset {
    match (tx.amount(f::SEND_MAX), asked.asset()) {
        (Some(max), _) => max.asset(),
        (None, Asset::Issued { currency, .. }) => Asset::Issued { currency, issuer: tx.account },
        (None, other) => other,
    }
}

/// Checks against the state before the fee.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    let asked = tx.amount(f::AMOUNT).ok_or(TEM_MALFORMED)?;
    let destination = tx.object.account(f::DESTINATION).ok_or(TEM_MALFORMED)?;
    let Some(root) = view.account(destination) else {
        let Amount::Xrp(drops) = asked else {
            return Err(TEC_NO_DST);
        };
        if view.rules.open && tx.has(flags::TF_PARTIAL_PAYMENT) {
            return Err(TEL_NO_DST_PARTIAL);
        }
        return if drops < view.rules.fees.reserve(0) { Err(TEC_NO_DST_INSUF_XRP) } else { Ok(()) };
    };
    let needs_tag = root.flags & flags::LSF_REQUIRE_DEST_TAG != 0;
    if needs_tag && !tx.object.contains(f::DESTINATION_TAG) {
        return Err(TEC_DST_TAG_NEEDED);
    }
    let paths = paths(tx);
    let are_too_many = paths.len() > PATHS_MAX || paths.iter().any(|path| path.len() > PATH_STEPS_MAX);
    if view.rules.open && are_too_many { Err(TEL_BAD_PATH_COUNT) } else { Ok(()) }
}

/// Paths that a server takes into its open ledger at most, and steps of one (documentation, "Paths": six of eight).
const PATHS_MAX: usize = 6;
/// See [`PATHS_MAX`].
const PATH_STEPS_MAX: usize = 8;

/// The payment's own paths.
fn paths(tx: &Tx) -> &[Vec<PathStep>] {
    match tx.object.get(f::PATHS) {
        Some(Value::PathSet(paths)) => paths,
        _ => &[],
    }
}

/// Moves the money.
pub fn effect(view: &mut View, context: &Context) -> Done {
    match pay(view, context) {
        Ok(done) => done,
        Err(result) => Done::with(result),
    }
}

fn pay(view: &mut View, context: &Context) -> Outcome<Done> {
    let tx = context.tx;
    let asked = tx.amount(f::AMOUNT).ok_or(TEM_MALFORMED)?;
    let destination = tx.object.account(f::DESTINATION).ok_or(TEM_MALFORMED)?;
    let plain = tx.amount(f::SEND_MAX).is_none();
    let deposit_auth = view
        .account(destination)
        .is_some_and(|root| root.flags & flags::LSF_DEPOSIT_AUTH != 0 && destination != tx.account);
    open_or_touch(view, destination);
    match asked {
        Amount::Xrp(drops) if plain => {
            pay_xrp(view, context, destination, drops, deposit_auth)?;
            Ok(Done::with(TES_SUCCESS))
        }
        _ if deposit_auth => Err(TEC_NO_PERMISSION),
        _ => pay_through_flow(view, tx, destination, &asked),
    }
}

/// A new account begins with the index of the ledger it is made in; one that exists counts as changed.
fn open_or_touch(view: &mut View, destination: AccountId) {
    if view.account_mut(destination).is_some() {
        return;
    }
    let LedgerIndex(sequence) = view.rules.ledger_index;
    view.insert(index::account(destination), Entry::Account(AccountRoot::new(destination, sequence)));
}

fn pay_xrp(
    view: &mut View,
    context: &Context,
    destination: AccountId,
    drops: units::Drops,
    deposit_auth: bool,
) -> Outcome<()> {
    let tx = context.tx;
    let sender = view.account(tx.account).ok_or(TEF_INTERNAL)?;
    let must_keep = view.rules.fees.reserve(sender.owner_count).max(tx.fee);
    let needed = drops.checked_add(must_keep).map_err(|_| TEC_UNFUNDED_PAYMENT)?;
    if context.balance_before < needed {
        return Err(TEC_UNFUNDED_PAYMENT);
    }
    let base = view.rules.fees.reserve(0);
    let receiver = view.account(destination).ok_or(TEF_INTERNAL)?;
    if receiver.amm_id.is_some() {
        return Err(TEC_NO_PERMISSION);
    }
    if deposit_auth && (drops > base || receiver.balance > base) {
        return Err(TEC_NO_PERMISSION);
    }
    let sent = view.account_mut(tx.account).ok_or(TEF_INTERNAL)?;
    sent.balance = sent.balance.checked_sub(drops).map_err(|_| TEF_INTERNAL)?;
    let got = view.account_mut(destination).ok_or(TEF_INTERNAL)?;
    got.balance = got.balance.checked_add(drops).map_err(|_| TEF_INTERNAL)?;
    Ok(())
}

fn pay_through_flow(view: &mut View, tx: &Tx, destination: AccountId, asked: &Amount) -> Outcome<Done> {
    let number = |amount: &Amount| amount::number(amount).map_err(|_| TEF_EXCEPTION);
    let wanted = number(asked)?;
    let send = source_asset(tx, asked);
    let send_max = tx.amount(f::SEND_MAX).map(|max| number(&max)).transpose()?;
    // Without SendMax the sender gives no more than the amount itself, in currency of its own or another's issue.
    let budget = send_max.or(Some(wanted));
    let limit =
        tx.has(flags::TF_LIMIT_QUALITY).then(|| budget.map(|paid| Quality::of(Pair { paid, got: wanted })));
    let request = Request {
        source: tx.account,
        destination,
        send,
        deliver: asked.asset(),
        amount: wanted,
        send_max: budget,
        limit: limit.flatten(),
        partial: tx.has(flags::TF_PARTIAL_PAYMENT),
        purpose: Purpose::Payment,
        paths: paths(tx).to_vec(),
        no_default: tx.has(flags::TF_NO_RIPPLE_DIRECT),
    };
    let mut sandbox = view.payment_sandbox();
    let flowed = flow::flow(&mut sandbox, &request);
    view.accept_payment(sandbox);
    if flowed.result != TES_SUCCESS {
        return Err(if is_retry(flowed.result) { TEC_PATH_DRY } else { flowed.result });
    }
    let delivered = amount::of_asset(flowed.got, &asked.asset()).map_err(|_| TEF_EXCEPTION)?;
    if delivered == *asked {
        return Ok(Done::with(TES_SUCCESS));
    }
    if tx
        .amount(f::DELIVER_MIN)
        .is_some_and(|least| delivered.compare(&least).is_none_or(|order| order.is_lt()))
    {
        return Err(TEC_PATH_PARTIAL);
    }
    Ok(Done { result: TES_SUCCESS, delivered: Some(delivered) })
}
