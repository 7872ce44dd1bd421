//! What one validated transaction did to us, read from its bytes: own offers, own balances, the account's chain.
//! Never decides by the type of transaction that an offer traded: only the offer's own node says so.

use crate::elsewhere::Elsewhere;
use crate::identity::Identity;
use crate::input::{Input, OwnTx};
use crate::side::{Legs, Side};
use ledger::flags::TF_FULLY_CANONICAL_SIG;
use ledger::keylet;
use ledger::{
    AccountId, AffectedNode, Amount, EntryType, FieldId, Hash256, NodeAction, Object, OfferStatus,
    ResultCode, TxMeta, TxType, fields as f, offer_changes,
};
use units::{Drops, Exact, IssuedValue, LedgerIndex, LedgerTime};

/// `lsfLowFreeze`, `lsfHighFreeze`, `lsfLowDeepFreeze`, `lsfHighDeepFreeze` (ledger documentation, "RippleState").
const LOW_FREEZE: u32 = 0x0040_0000 | 0x0200_0000;
const HIGH_FREEZE: u32 = 0x0080_0000 | 0x0400_0000;

/// `Escrow` and `PayChannel` (ledger documentation, "Ledger Entry Types").
const ESCROW: EntryType = EntryType(117);
const PAY_CHANNEL: EntryType = EntryType(120);

/// `SetRegularKey`, `SignerListSet`, `DelegateSet` (published transaction types).
const SETS_ACCOUNT: [TxType; 3] = [TxType(5), TxType(12), TxType(64)];
/// What an `AccountSet` sets (ledger documentation, "AccountSet Fields").
const SETTINGS: [FieldId; 10] = [
    f::SET_FLAG,
    f::CLEAR_FLAG,
    f::DOMAIN,
    f::EMAIL_HASH,
    f::MESSAGE_KEY,
    f::NF_TOKEN_MINTER,
    f::TICK_SIZE,
    f::TRANSFER_RATE,
    f::WALLET_LOCATOR,
    f::WALLET_SIZE,
];

/// The own transactions of a ledger, read before their turn: what a replay does in another thread, and nothing that the
/// engine would read otherwise.
#[derive(Debug)]
pub struct ReadAhead {
    pub(crate) index: LedgerIndex,
    pub(crate) parent_close: LedgerTime,
    pub(crate) own: Result<Vec<Evidence>, EvidenceError>,
}

impl ReadAhead {
    /// Reads the own transactions of an input that is a ledger with some. `parent_close` is when the ledger before closed,
    /// as far as the caller knows: where the engine knows otherwise, it reads them again.
    #[must_use]
    pub fn of(input: &Input, identity: &Identity, parent_close: LedgerTime) -> Option<ReadAhead> {
        match input {
            Input::Ledger(ledger) if !ledger.own.is_empty() => Some(ReadAhead {
                index: ledger.header.index,
                parent_close,
                own: Evidence::read_all(&ledger.own, identity, parent_close),
            }),
            _ => None,
        }
    }
}

/// Why bytes are no evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EvidenceError {
    /// The transaction does not read.
    #[error("transaction {hash}: {reason}")]
    Unreadable { hash: Hash256, reason: String },
}

/// What one transaction did to us.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub hash: Hash256,
    pub tx_type: TxType,
    pub signer: AccountId,
    /// Sequence or ticket.
    pub sequence: u32,
    pub result: ResultCode,
    pub fee: Drops,
    /// It set what may sign for its account, or what the account lets happen to it.
    pub changes_account: bool,
    /// Of the transaction, or of the escrow or payment channel that it pays out of.
    pub destination: Option<AccountId>,
    pub offers: Vec<OfferEvidence>,
    /// What other entries of ours did or may have done.
    pub elsewhere: Elsewhere,
    /// Our AccountRoot is among the affected nodes, with the transaction that touched it before. Also where nothing in it
    /// changed: an entry of ours that goes threads its owner, and that node has no fields (server source, `threadOwners`).
    pub thread: Option<Option<Hash256>>,
    pub root: Option<RootChange>,
    pub line: Option<LineChange>,
    /// Our tickets that it made.
    pub tickets_made: Vec<u32>,
    /// Our tickets that it used.
    pub tickets_gone: Vec<u32>,
}

/// What it did to one own offer of our pair.
#[derive(Debug, Clone)]
pub(crate) struct OfferEvidence {
    pub sequence: u32,
    /// Index of its entry.
    pub node: Hash256,
    pub side: Side,
    pub before: Legs,
    pub after: Legs,
    pub status: OfferStatus,
    pub expiration: Option<LedgerTime>,
}

impl OfferEvidence {
    /// RLUSD that traded, exact.
    pub fn traded_quote(&self) -> Exact {
        &Exact::from(self.before.quote) - &Exact::from(self.after.quote)
    }

    /// Drops that traded.
    pub fn traded_base(&self) -> Drops {
        self.before.base.saturating_sub(self.after.base)
    }

    /// Whether anything of it traded. A created or untouched offer never did.
    pub fn has_traded(&self) -> bool {
        self.status != OfferStatus::Created
            && (!self.traded_base().is_zero() || !self.traded_quote().is_zero())
    }
}

/// What it did to our AccountRoot.
#[derive(Debug, Clone)]
pub(crate) struct RootChange {
    pub before: Drops,
    pub after: Drops,
    pub sequence: u32,
    pub owner_count: u32,
}

/// What it did to our trust line, seen from us.
#[derive(Debug, Clone)]
pub(crate) struct LineChange {
    pub before: IssuedValue,
    pub after: IssuedValue,
    pub frozen: bool,
}

impl Evidence {
    /// Reads the transactions of a ledger, in their order there; the first that does not read is the error.
    pub fn read_all(
        own: &[OwnTx],
        identity: &Identity,
        parent_close: LedgerTime,
    ) -> Result<Vec<Evidence>, EvidenceError> {
        let mut sorted: Vec<_> = own.iter().collect();
        sorted.sort_by_key(|tx| tx.index);
        sorted.into_iter().map(|tx| Evidence::read(tx, identity, parent_close)).collect()
    }

    /// Reads a transaction. `parent_close` is the close time of the ledger before: it tells expired from unfunded.
    pub fn read(
        own: &OwnTx,
        identity: &Identity,
        parent_close: LedgerTime,
    ) -> Result<Evidence, EvidenceError> {
        let refuse = |reason: String| EvidenceError::Unreadable { hash: own.hash, reason };
        let tx = Object::from_bytes(&own.tx_blob).map_err(|e| refuse(e.to_string()))?;
        let meta = TxMeta::from_bytes(&own.meta_blob).map_err(|e| refuse(e.to_string()))?;
        let need = |name: &str| refuse(format!("field `{name}` is missing"));
        let code = tx.u32(f::TRANSACTION_TYPE).and_then(|c| u16::try_from(c).ok());
        let sequence = tx.u32(f::SEQUENCE).ok_or_else(|| need("Sequence"))?;
        let our_root = keylet::account_root(&identity.account);
        let tx_type = TxType(code.ok_or_else(|| need("TransactionType"))?);
        let is_ours = |node: &AffectedNode| node.index == our_root || root_change(node, identity).is_some();
        Ok(Evidence {
            hash: own.hash,
            tx_type,
            signer: tx.account(f::ACCOUNT).ok_or_else(|| need("Account"))?,
            sequence: if sequence == 0 { tx.u32(f::TICKET_SEQUENCE).unwrap_or(0) } else { sequence },
            result: meta.result,
            fee: tx.amount(f::FEE).and_then(|fee| fee.drops()).ok_or_else(|| need("Fee"))?,
            changes_account: meta.result.is_success() && sets_account(tx_type, &tx),
            destination: tx.account(f::DESTINATION).or_else(|| destination_of_entry(&meta)),
            offers: own_offers(&meta, &tx, identity, parent_close),
            elsewhere: Elsewhere::read(&meta, identity),
            thread: meta.nodes.iter().find(|node| is_ours(node)).map(|node| node.previous_txn_id),
            root: meta.nodes.iter().find_map(|node| root_change(node, identity)),
            line: meta.nodes.iter().find_map(|node| line_change(node, identity)),
            tickets_made: tickets(&meta, identity, NodeAction::Created),
            tickets_gone: tickets(&meta, identity, NodeAction::Deleted),
        })
    }
}

/// Whether a transaction is about its own account. An `AccountSet` that sets nothing only uses up its sequence.
fn sets_account(tx_type: TxType, tx: &Object) -> bool {
    let flags = tx.u32(f::FLAGS).unwrap_or(0) & !TF_FULLY_CANONICAL_SIG;
    SETS_ACCOUNT.contains(&tx_type)
        || (tx_type == TxType::ACCOUNT_SET
            && (flags != 0 || SETTINGS.iter().any(|field| tx.contains(*field))))
}

/// Whom an escrow or a payment channel pays: its entry says it, the transaction that pays out of it does not.
fn destination_of_entry(meta: &TxMeta) -> Option<AccountId> {
    let mut entries = meta.nodes.iter().filter(|node| node.is(ESCROW) || node.is(PAY_CHANNEL));
    entries.find_map(|node| node.fields.as_ref()?.account(f::DESTINATION))
}

/// Numbers of our tickets with which this happened (ledger documentation, "Ticket": one is made and deleted, never
/// changed).
fn tickets(meta: &TxMeta, identity: &Identity, action: NodeAction) -> Vec<u32> {
    let nodes = meta.nodes.iter().filter(|node| node.is(EntryType::TICKET) && node.action == action);
    let fields = nodes.filter_map(|node| node.fields.as_ref());
    let ours = fields.filter(|fields| fields.account(f::ACCOUNT) == Some(identity.account));
    ours.filter_map(|fields| fields.u32(f::TICKET_SEQUENCE)).collect()
}

fn own_offers(
    meta: &TxMeta,
    tx: &Object,
    identity: &Identity,
    parent_close: LedgerTime,
) -> Vec<OfferEvidence> {
    let changes = offer_changes(meta, Some(tx), Some(parent_close)).into_iter();
    changes
        .filter(|change| change.account == identity.account)
        .filter_map(|change| {
            let (side, before) = legs(identity, change.taker_gets, change.taker_pays)?;
            let (_, after) = legs(identity, change.remaining_gets, change.remaining_pays)?;
            Some(OfferEvidence {
                sequence: change.sequence,
                node: change.index,
                side,
                before,
                after,
                status: change.status,
                expiration: change.expiration,
            })
        })
        .collect()
}

/// Side and legs of an offer of our pair; `None` for any other pair.
fn legs(identity: &Identity, gets: Amount, pays: Amount) -> Option<(Side, Legs)> {
    let ours = |amount: Amount| match amount {
        Amount::Issued { value, currency, issuer }
            if currency == identity.quote_currency && issuer == identity.quote_issuer =>
        {
            Some(value)
        }
        Amount::Issued { .. } | Amount::Xrp(_) | Amount::Mpt { .. } => None,
    };
    match (gets.drops(), pays.drops()) {
        (None, Some(base)) => Some((Side::Buy, Legs { quote: ours(gets)?, base })),
        (Some(base), None) => Some((Side::Sell, Legs { quote: ours(pays)?, base })),
        (None, None) | (Some(_), Some(_)) => None,
    }
}

fn root_change(node: &AffectedNode, identity: &Identity) -> Option<RootChange> {
    let fields = node.fields.as_ref().filter(|_| node.is(EntryType::ACCOUNT_ROOT))?;
    if fields.account(f::ACCOUNT)? != identity.account {
        return None;
    }
    let after = fields.amount(f::BALANCE)?.drops()?;
    let before = match node.action {
        NodeAction::Created => Drops::ZERO,
        NodeAction::Modified | NodeAction::Deleted => {
            let previous = node.previous.as_ref();
            previous.and_then(|p| p.amount(f::BALANCE)).and_then(|amount| amount.drops()).unwrap_or(after)
        }
    };
    Some(RootChange {
        before,
        after,
        sequence: fields.u32(f::SEQUENCE)?,
        owner_count: fields.u32(f::OWNER_COUNT).unwrap_or(0),
    })
}

fn line_change(node: &AffectedNode, identity: &Identity) -> Option<LineChange> {
    let fields = node.fields.as_ref().filter(|_| node.is(EntryType::RIPPLE_STATE))?;
    let party = |field| fields.amount(field).and_then(|limit| limit.asset().issuer());
    let (low, high) = (party(f::LOW_LIMIT)?, party(f::HIGH_LIMIT)?);
    let balance = fields.amount(f::BALANCE)?;
    let we_are_low = low == identity.account && high == identity.quote_issuer;
    let we_are_high = high == identity.account && low == identity.quote_issuer;
    if !(we_are_low || we_are_high) || balance.asset().currency() != Some(identity.quote_currency) {
        return None;
    }
    let ours = |value: IssuedValue| if we_are_low { value } else { value.negate() };
    let after = balance.value()?;
    let before = match node.action {
        NodeAction::Created => IssuedValue::ZERO,
        NodeAction::Modified | NodeAction::Deleted => {
            let previous = node.previous.as_ref();
            previous.and_then(|p| p.amount(f::BALANCE)).and_then(|amount| amount.value()).unwrap_or(after)
        }
    };
    let freeze = if we_are_low { HIGH_FREEZE } else { LOW_FREEZE };
    Some(LineChange {
        before: ours(before),
        after: ours(after),
        frozen: fields.u32(f::FLAGS).unwrap_or(0) & freeze != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::{AccountId, Currency};
    use serde_json::json;

    #[test]
    fn an_account_that_is_only_threaded_is_a_link_of_its_chain() {
        let us = Identity {
            network_id: 0,
            account: AccountId([7; 20]),
            quote_currency: Currency::RLUSD,
            quote_issuer: AccountId([9; 20]),
        };
        let tx = Object::new()
            .with(f::TRANSACTION_TYPE, TxType(30))
            .with(f::ACCOUNT, us.quote_issuer)
            .with(f::FEE, Drops::new(10).unwrap())
            .with(f::SEQUENCE, 5_u32);
        let node = |index: Hash256| {
            json!({"ModifiedNode": {
                "LedgerEntryType": "AccountRoot", "LedgerIndex": index.to_string(),
                "PreviousTxnID": "AB".repeat(32), "PreviousTxnLgrSeq": 7,
            }})
        };
        let read = |account: AccountId| {
            let meta = json!({
                "TransactionIndex": 0, "TransactionResult": "tesSUCCESS",
                "AffectedNodes": [node(keylet::account_root(&account))],
            });
            let meta_blob = TxMeta::from_json(&meta).unwrap().to_bytes().unwrap();
            let own = OwnTx { hash: Hash256([1; 32]), index: 0, tx_blob: tx.to_bytes().unwrap(), meta_blob };
            Evidence::read(&own, &us, LedgerTime(0)).unwrap()
        };
        let ours = read(us.account);
        assert_eq!(ours.thread, Some(Some(Hash256([0xAB; 32]))));
        assert!(ours.root.is_none(), "nothing in it changed");
        assert_eq!(read(AccountId([8; 20])).thread, None);
    }

    #[test]
    fn a_line_is_frozen_by_the_other_side_alone() {
        // Flags of "RippleState" in the ledger's documentation: whose side froze it.
        const LOW: [u32; 2] = [0x0040_0000, 0x0200_0000];
        const HIGH: [u32; 2] = [0x0080_0000, 0x0400_0000];
        let (us, issuer) = (AccountId([7; 20]), AccountId([9; 20]));
        let line = |low: AccountId, high: AccountId, flags: u32| {
            let amount =
                |issuer| Amount::Issued { value: IssuedValue::ZERO, currency: Currency::RLUSD, issuer };
            let fields = Object::new()
                .with(f::BALANCE, amount(AccountId::ONE))
                .with(f::LOW_LIMIT, amount(low))
                .with(f::HIGH_LIMIT, amount(high))
                .with(f::FLAGS, flags);
            let node = AffectedNode {
                action: NodeAction::Modified,
                entry_type: EntryType::RIPPLE_STATE,
                index: Hash256::ZERO,
                fields: Some(fields),
                previous: None,
                previous_txn_id: None,
                previous_txn_lgr_seq: None,
            };
            let identity = Identity {
                network_id: 0,
                account: us,
                quote_currency: Currency::RLUSD,
                quote_issuer: if low == us { high } else { low },
            };
            line_change(&node, &identity).unwrap().frozen
        };
        for (low, high, theirs, ours) in [(us, issuer, HIGH, LOW), (AccountId([1; 20]), us, LOW, HIGH)] {
            for flags in theirs {
                assert!(line(low, high, 65_536 | flags), "{flags:#x}");
            }
            for flags in ours {
                assert!(!line(low, high, 65_536 | flags), "{flags:#x}");
            }
            assert!(!line(low, high, 65_536));
        }
    }
}
