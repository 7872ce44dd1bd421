//! Offers, pools, escrows, channels, and what is new or gone, in plain words. Never repeats what another part said.

use super::money::{amount, asset, number, signed};
use super::{LINE_MAX, MORE_MAX, short};
use ledger::meta::{
    ChannelChange, EntryChange, EscrowChange, MptRole, NodeAction, PoolChange, TxMeta, created_entries,
    deleted_entries, mpt_changes,
};
use ledger::{AccountId, OfferChange, OfferStatus, TxRecord};
use std::collections::BTreeMap;
use units::{Drops, Exact, LedgerTime};

/// A trading fee of one hundredth, in 1/100,000: the most a pool may ask.
const FEE_MAX: u32 = 1_000;

/// Two lines an offer: which, and what became of it.
pub fn offers(changes: &[OfferChange]) -> Vec<String> {
    let mut lines = Vec::new();
    for offer in changes.iter().take(MORE_MAX) {
        let (ended, what) = offer_words(offer);
        lines.push(format!("{} of {}: {ended}", offer.sequence, offer.account));
        lines.push(format!("  {what}"));
    }
    if changes.len() > MORE_MAX {
        lines.push(format!("… and {} more offers", changes.len() - MORE_MAX));
    }
    lines
}

fn offer_words(offer: &OfferChange) -> (&'static str, String) {
    let whole = format!("{} for {}", amount(&offer.taker_gets), amount(&offer.taker_pays));
    let traded = format!("gave {} for {}", amount(&offer.filled_gets), amount(&offer.filled_pays));
    let has_traded = !offer.filled_gets.is_zero() || !offer.filled_pays.is_zero();
    let offered = format!("offered {whole}");
    match offer.status {
        OfferStatus::Created => ("placed", format!("offers {whole}")),
        OfferStatus::PartiallyFilled => ("traded in part, the rest stands", traded),
        OfferStatus::Filled => ("filled", traded),
        OfferStatus::Unfunded if has_traded => ("traded in part, the rest removed for want of funds", traded),
        OfferStatus::Unfunded => ("removed for want of funds", offered),
        OfferStatus::Cancelled => ("cancelled by its owner", offered),
        OfferStatus::Replaced => ("replaced by its owner", offered),
        OfferStatus::Expired => ("removed, it had expired", offered),
        OfferStatus::Removed => ("removed", offered),
    }
}

/// A line or a few for each pool.
pub fn pools(pools: &[PoolChange]) -> Vec<String> {
    pools.iter().flat_map(pool_words).collect()
}

fn pool_words(pool: &PoolChange) -> Vec<String> {
    let did = match pool.action {
        Some(NodeAction::Created) => " (new)",
        Some(NodeAction::Deleted) => " (closed)",
        _ => "",
    };
    let moved: Vec<String> =
        pool.assets.iter().map(|held| format!("{} {}", signed(&held.change()), asset(&held.asset))).collect();
    let fee = pool.implied_fee().filter(|fee| !fee.is_negative() && *fee <= whole(FEE_MAX));
    let fee = fee.map(|fee| format!(" (fee about {} %)", percent(&fee))).unwrap_or_default();
    let head = format!("Pool {}{did}: ", pool.account);
    let moved = format!("{}{fee}", moved.join(", "));
    let mut lines = match moved.as_str() {
        "" => vec![head.trim_end_matches(": ").to_owned()],
        moved if head.len() + moved.len() <= LINE_MAX => vec![head + moved],
        moved => vec![head.trim_end().to_owned(), format!("  {moved}")],
    };
    if let Some((before, after)) = &pool.lp_tokens {
        let value = |amount: &ledger::Amount| amount.value().map_or_else(Exact::zero, Exact::from);
        let by = signed(&(&value(after) - &value(before)));
        lines.push(format!("  shares in the pool (LP tokens): {by}, now {}", number(&value(after))));
    }
    if let Some(fee) = pool.trading_fee {
        let was = pool.trading_fee_before.map(|fee| format!(", before {} %", percent(&whole(fee.into()))));
        lines.push(format!("  trading fee {} %{}", percent(&whole(fee.into())), was.unwrap_or_default()));
    }
    if pool.votes_changed {
        lines.push("  the votes on its fee changed".to_owned());
    }
    if let Some((account, slot)) = pool.auction_slot.as_ref().and_then(|slot| Some((slot.account?, slot))) {
        lines.push(format!("  {account} won its auction for the reduced fee"));
        if let Some(end) = slot.expiration {
            lines.push(format!("  until {}", LedgerTime(end).to_iso()));
        }
    }
    lines
}

fn whole(units: u32) -> Exact {
    Exact::new(units.into(), 0)
}

/// 1/100,000 as percent.
fn percent(fee: &Exact) -> String {
    let text = fee.scaled(-3).to_fixed(3);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What was locked and released.
pub fn escrows(changes: &[EscrowChange]) -> Vec<String> {
    let mut lines = Vec::new();
    for escrow in changes {
        let what = amount(&escrow.amount);
        let (done, rest) = if escrow.locked {
            (format!("{} locked {what}", escrow.account), format!("for {}", escrow.destination))
        } else if escrow.released_to == Some(escrow.account) && escrow.account != escrow.destination {
            (format!("{what} went back to {}", escrow.account), String::new())
        } else if let Some(to) = escrow.released_to {
            (format!("{what} of {}", escrow.account), format!("went to {to}"))
        } else {
            (format!("{what} of {}", escrow.account), "is released".to_owned())
        };
        joined(&mut lines, done, &rest);
    }
    lines
}

/// What went into channels and out of them.
pub fn channels(changes: &[ChannelChange]) -> Vec<String> {
    let mut lines = Vec::new();
    for channel in changes {
        lines.push(format!("{} to {}", channel.account, channel.destination));
        let part = |drops: Drops, word: &str| {
            (!drops.is_zero()).then(|| format!("{} XRP {word}", number(&Exact::from_drops(drops))))
        };
        let opened = channel.action == NodeAction::Created;
        let parts = [
            part(channel.added, if opened { "put into a new channel" } else { "added" }),
            part(channel.paid, "paid out"),
            part(channel.returned, "returned"),
            if channel.action == NodeAction::Deleted {
                Some("closed".to_owned())
            } else {
                part(channel.left, "left")
            },
        ];
        lines.push(format!("  {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", ")));
    }
    lines
}

/// What issuers of multi-purpose tokens issued or took back, and what is locked.
pub fn tokens(meta: &TxMeta) -> Vec<String> {
    let mut lines = Vec::new();
    for change in mpt_changes(meta) {
        let (id, by, locked) = (change.id, change.change(), change.locked_change());
        let did = match (change.role, by, locked) {
            (MptRole::Issuer, 0, _) | (MptRole::Holder, _, 0) => continue,
            (MptRole::Issuer, 1.., _) => format!("{by} more in issue"),
            (MptRole::Issuer, ..) => format!("{} fewer in issue", by.unsigned_abs()),
            (MptRole::Holder, _, 1..) => format!("{locked} of {} locked", change.account),
            (MptRole::Holder, ..) => format!("{} of {} unlocked", locked.unsigned_abs(), change.account),
        };
        lines.push(format!("Token {id}"));
        lines.push(format!("  {did}"));
    }
    lines
}

/// Entries that are new or gone, but for those that another part told of.
pub fn entries(record: &TxRecord) -> Vec<String> {
    let mut lines = Vec::new();
    for (word, changes) in [("new", created_entries(&record.meta)), ("gone", deleted_entries(&record.meta))] {
        let mut counts: BTreeMap<(&str, Option<AccountId>), usize> = BTreeMap::new();
        let kinds: Vec<(String, EntryChange)> = changes
            .into_iter()
            .filter_map(|entry| Some((kind(record.entry_type_name(&entry))?, entry)))
            .collect();
        for (kind, entry) in &kinds {
            *counts.entry((kind.as_str(), entry.owner)).or_default() += 1;
        }
        for ((kind, owner), count) in counts.iter().take(MORE_MAX) {
            let many = if *count == 1 { kind.to_string() } else { format!("{count} × {kind}") };
            let whose = owner.map(|owner| format!(" of {owner}")).unwrap_or_default();
            lines.push(format!("{word:<4} {many}{whose}"));
        }
        if counts.len() > MORE_MAX {
            lines.push(format!("… and {} more that are {word}", counts.len() - MORE_MAX));
        }
    }
    lines
}

/// What people call a kind of entry; `None` for what is told elsewhere or is only the ledger's own book-keeping.
fn kind(name: String) -> Option<String> {
    Some(match name.as_str() {
        "AMM" | "DirectoryNode" | "Escrow" | "Offer" | "PayChannel" => return None,
        "AccountRoot" => "account".to_owned(),
        "RippleState" => "trust line".to_owned(),
        "NFTokenPage" => "page of NFTs".to_owned(),
        "NFTokenOffer" => "NFT offer".to_owned(),
        "MPToken" => "holding of a token".to_owned(),
        "MPTokenIssuance" => "token".to_owned(),
        "SignerList" => "list of signers".to_owned(),
        "DepositPreauth" => "permission to deposit".to_owned(),
        "Check" | "Credential" | "Oracle" | "Ticket" | "Vault" | "Loan" => name.to_lowercase(),
        _ => short(&name),
    })
}

/// One line, or two where it would be too long.
fn joined(lines: &mut Vec<String>, first: String, rest: &str) {
    if first.len() + rest.len() < LINE_MAX {
        lines.push(format!("{first} {rest}").trim_end().to_owned());
    } else {
        lines.push(first);
        lines.push(format!("  {rest}"));
    }
}
