//! An explanation for people: who paid what to whom, what each offer did, the fee apart. Never shows what a document
//! could use to write on the terminal: names of currencies are letters and digits, all else is our own text.

use super::record::Record;
use ledger::meta::Delta;
use ledger::{
    AccountId, Amount, Asset, Currency, EntryType, OfferChange, OfferStatus, TxType, balance_changes,
    fields as f, offer_changes,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use units::Exact;

/// Currency and issuer; `None` for XRP.
type Money = Option<(Currency, AccountId)>;

/// Several lines, without the last line's end.
pub fn of(record: &Record) -> String {
    let mut out = heading(record);
    let payments = payments(record);
    if !payments.is_empty() {
        out.push_str("\nWho paid what:\n");
        payments.iter().for_each(|line| _ = writeln!(out, "  {line}"));
    }
    let offers = offer_changes(&record.meta, record.tx.as_ref(), record.parent_close);
    if !offers.is_empty() {
        out.push_str("\nOffers:\n");
        offers.iter().for_each(|offer| _ = writeln!(out, "  {}", offer_words(offer)));
    }
    if payments.is_empty() && offers.is_empty() {
        out.push_str("\nNo balance but for the fee, and no offer, was changed.\n");
    }
    if !record.unknown.is_empty() {
        let _ = writeln!(out, "\nNot understood (newer than this program): {} names.", record.unknown.len());
    }
    out.truncate(out.trim_end().len());
    out
}

fn heading(record: &Record) -> String {
    let tx = record.tx.as_ref();
    let code = tx.and_then(|tx| tx.u32(f::TRANSACTION_TYPE)).and_then(|code| u16::try_from(code).ok());
    let name = code.map_or_else(|| "A transaction".to_owned(), |code| TxType(code).to_string());
    let mut out = match tx.and_then(|tx| tx.account(f::ACCOUNT)) {
        Some(account) => format!("{name} of {account}: "),
        None => format!("{name}: "),
    };
    let success = record.meta.result.is_success();
    let _ = writeln!(
        out,
        "{} ({})",
        letters(&record.result),
        if success { "done" } else { "not done; only the fee was taken" }
    );
    if let Some(hash) = record.hash {
        let _ = writeln!(out, "Hash {hash}");
    }
    if let Some(index) = record.ledger_index {
        let _ = writeln!(out, "Ledger {index}");
    }
    if record.validated == Some(false) {
        out.push_str("NOT VALIDATED: this may still change\n");
    }
    if let (Some(fee), Some(payer)) = (record.fee(), record.fee_payer()) {
        let _ = writeln!(out, "Fee {} XRP, paid by {payer}", Exact::from_drops(fee));
    }
    if let Some(delivered) = &record.meta.delivered_amount {
        let _ = writeln!(out, "Delivered {}", amount(delivered));
    }
    out
}

/// Who paid and who received, under a line for each kind of money.
fn payments(record: &Record) -> Vec<String> {
    let pools = pools(record);
    let name = |account: &AccountId| {
        if pools.contains(account) { format!("{account} (pool)") } else { account.to_string() }
    };
    let mut lines = Vec::new();
    for (money, changes) in movements(record) {
        let (payers, receivers): (Vec<_>, Vec<_>) = changes.iter().partition(|(_, by)| by.is_negative());
        match &money {
            None => lines.push("XRP".to_owned()),
            Some((currency, issuer)) => lines.push(format!("{} issued by {issuer}", currency_name(currency))),
        }
        match (&payers[..], &receivers[..]) {
            ([(payer, paid)], [(receiver, got)]) if paid.abs() == *got => {
                lines.push(format!("  {} paid {got} to {}", name(payer), name(receiver)));
            }
            ([(payer, paid)], []) if money.is_some() => {
                lines.push(format!("  {} gave back {} to the issuer", name(payer), paid.abs()));
            }
            ([], [(receiver, got)]) if money.is_some() => {
                lines.push(format!("  {} received {got} from the issuer", name(receiver)));
            }
            _ => {
                lines.extend(payers.iter().map(|(who, by)| format!("  {} paid {}", name(who), by.abs())));
                lines.extend(receivers.iter().map(|(who, by)| format!("  {} received {by}", name(who))));
            }
        }
    }
    lines
}

/// Changes of every holder, the fee apart; of a trust line only the side that holds.
fn movements(record: &Record) -> BTreeMap<Money, Vec<(AccountId, Exact)>> {
    let fee = record.fee().zip(record.fee_payer());
    let holders = holders(record);
    let mut all: BTreeMap<Money, Vec<(AccountId, Exact)>> = BTreeMap::new();
    for changes in balance_changes(&record.meta) {
        let account = changes.account;
        for change in changes.balances {
            let by = match (change.delta, change.line) {
                (Delta::Xrp(drops), _) => match fee {
                    Some((fee, payer)) if payer == account => {
                        &Exact::from_drops(drops) + &Exact::from_drops(fee)
                    }
                    _ => Exact::from_drops(drops),
                },
                (Delta::Issued(value), Some((currency, issuer)))
                    if holders.contains(&(account, currency, issuer)) =>
                {
                    value
                }
                (Delta::Issued(_), _) => continue,
            };
            if !by.is_zero() {
                all.entry(change.line).or_default().push((account, by));
            }
        }
    }
    all
}

/// Which side of each touched trust line holds, after the transaction or, where nothing is left, before.
fn holders(record: &Record) -> BTreeSet<(AccountId, Currency, AccountId)> {
    let lines = record.meta.nodes.iter().filter(|node| node.is(EntryType::RIPPLE_STATE));
    let holder = |node: &ledger::AffectedNode| {
        let fields = node.fields.as_ref()?;
        let side = |field| fields.amount(field).and_then(|limit| limit.asset().issuer());
        let (low, high) = (side(f::LOW_LIMIT)?, side(f::HIGH_LIMIT)?);
        let balance = fields.amount(f::BALANCE)?;
        let before = node.previous.as_ref().and_then(|previous| previous.amount(f::BALANCE));
        let sign =
            if balance.is_zero() { before.map_or(0, |amount| amount.signum()) } else { balance.signum() };
        let currency = balance.asset().currency()?;
        Some(if sign < 0 { (high, currency, low) } else { (low, currency, high) })
    };
    lines.filter_map(holder).collect()
}

/// Accounts of liquidity pools among those touched.
fn pools(record: &Record) -> BTreeSet<AccountId> {
    let roots = record.meta.nodes.iter().filter(|node| node.is(EntryType::ACCOUNT_ROOT));
    roots
        .filter_map(|node| {
            node.fields.as_ref().filter(|fields| fields.contains(f::AMMID))?.account(f::ACCOUNT)
        })
        .collect()
}

fn offer_words(offer: &OfferChange) -> String {
    let whole = format!("{} for {}", amount(&offer.taker_gets), amount(&offer.taker_pays));
    let traded = format!("gave {} for {}", amount(&offer.filled_gets), amount(&offer.filled_pays));
    let left = format!("{} for {}", amount(&offer.remaining_gets), amount(&offer.remaining_pays));
    let has_traded = !offer.filled_gets.is_zero() || !offer.filled_pays.is_zero();
    let did = match offer.status {
        OfferStatus::Created => format!("placed: offers {whole}"),
        OfferStatus::PartiallyFilled => format!("{traded}; still offers {left}"),
        OfferStatus::Filled => format!("{traded}, and is filled"),
        OfferStatus::Unfunded if has_traded => {
            format!("{traded}; the rest ({left}) was removed for want of funds")
        }
        OfferStatus::Unfunded => format!("removed for want of funds ({whole})"),
        OfferStatus::Cancelled => format!("cancelled by its owner ({whole})"),
        OfferStatus::Replaced => format!("replaced by its owner ({whole})"),
        OfferStatus::Expired => format!("removed because it had expired ({whole})"),
        OfferStatus::Removed => format!("removed ({whole})"),
    };
    format!("offer {} of {}: {did}", offer.sequence, offer.account)
}

fn amount(amount: &Amount) -> String {
    match amount {
        Amount::Xrp(drops) => format!("{} XRP", Exact::from_drops(*drops)),
        Amount::Issued { value, currency, .. } => format!("{value} {}", currency_name(currency)),
        Amount::Mpt { value, .. } => format!("{value} {}", Asset::to_string(&amount.asset())),
    }
}

/// A name in letters where the code spells one, else the code.
fn currency_name(currency: &Currency) -> String {
    let bytes = currency.as_bytes();
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
    let spelled = &bytes[..end];
    if spelled.len() > 3 && spelled.iter().all(u8::is_ascii_alphanumeric) {
        return spelled.iter().copied().map(char::from).collect();
    }
    let code = currency.to_string();
    if code.starts_with("03") && code.len() == 40 { format!("LP token {}", &code[..10]) } else { code }
}

/// Letters and digits of a name that came from outside.
fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(64).collect()
}
