//! Answers about ledger state: an account, its trust lines, its offers, one side of a book; each says which ledger it
//! is about. Never takes an answer about another ledger than the one asked for.

use ledger::{AccountId, Amount, Currency, Hash256};
use serde_json::Value;
use units::{Drops, IssuedValue, LedgerIndex, LedgerTime};

use super::fields::Fields;
use crate::ask::LedgerSpec;
use crate::error::ClientError;

/// Something read from one ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Pinned<T> {
    /// The ledger it was read from.
    pub index: LedgerIndex,
    /// That ledger's hash; `None` for the open one.
    pub hash: Option<Hash256>,
    /// Whether that ledger is validated: otherwise this is preliminary.
    pub validated: bool,
    /// What was read.
    pub value: T,
}

/// An account, from `account_info` or from its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountInfo {
    /// The account.
    pub account: AccountId,
    /// All its XRP, reserve included.
    pub balance: Drops,
    /// The next sequence number.
    pub sequence: u32,
    /// Objects it owns (each holds reserve).
    pub owner_count: u32,
    /// Flags of the account root.
    pub flags: u32,
    /// Tickets it holds.
    pub ticket_count: u32,
    /// The transaction that changed it last, where the server says it.
    pub previous_txn_id: Option<Hash256>,
}

/// A trust line, from `account_lines`, seen from the account asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustLine {
    /// The other side.
    pub peer: AccountId,
    /// Of which currency.
    pub currency: Currency,
    /// Positive: the account holds what the peer issued.
    pub balance: IssuedValue,
    /// How much the account accepts.
    pub limit: IssuedValue,
    /// How much the peer accepts.
    pub limit_peer: IssuedValue,
    /// The peer froze this line.
    pub freeze_peer: bool,
    /// The peer froze this line deeply.
    pub deep_freeze_peer: bool,
    /// The peer authorised this line.
    pub peer_authorized: bool,
}

/// One of the account's own offers, from `account_offers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountOffer {
    /// Sequence or ticket of the transaction that placed it: its identity.
    pub sequence: u32,
    /// What remains to be given.
    pub taker_gets: Amount,
    /// What remains to be paid for it.
    pub taker_pays: Amount,
    /// Flags of the offer object.
    pub flags: u32,
    /// From this close time on it is dead.
    pub expiration: Option<LedgerTime>,
}

/// An offer in a book, from `book_offers`, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookOffer {
    /// Whose.
    pub account: AccountId,
    /// Its sequence.
    pub sequence: u32,
    /// What remains to be given.
    pub taker_gets: Amount,
    /// What remains to be paid for it.
    pub taker_pays: Amount,
    /// What the owner can give; only where it is less than `taker_gets`.
    pub taker_gets_funded: Option<Amount>,
    /// What that costs.
    pub taker_pays_funded: Option<Amount>,
    /// What the owner holds of `taker_gets`, as the server gives it; only on its first offer in the book.
    pub owner_funds: Option<String>,
    /// Directory of its quality (the last 8 bytes are the quality).
    pub book_directory: Hash256,
    /// From this close time on it is dead.
    pub expiration: Option<LedgerTime>,
    /// Flags of the offer object.
    pub flags: u32,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Pinned<Vec<T>>,
    /// Where the next one begins; `None` on the last.
    pub marker: Option<Value>,
}

impl AccountInfo {
    /// Reads an `account_info` answer.
    pub fn read(answer: &Value, asked: LedgerSpec) -> Result<Pinned<Self>, ClientError> {
        Self::of("account_info", "account_data", answer, asked)
    }

    /// Reads a `ledger_entry` answer about an account root.
    pub fn read_entry(answer: &Value, asked: LedgerSpec) -> Result<Pinned<Self>, ClientError> {
        Self::of("ledger_entry", "node", answer, asked)
    }

    fn of(
        method: &'static str,
        object: &'static str,
        answer: &Value,
        asked: LedgerSpec,
    ) -> Result<Pinned<Self>, ClientError> {
        let data = Fields::of(method, answer).object(object)?;
        let info = Self {
            account: data.account("Account")?,
            balance: data.drops("Balance")?,
            sequence: data.u32("Sequence")?,
            owner_count: data.u32("OwnerCount")?,
            flags: data.u32("Flags")?,
            ticket_count: data.u32_or_none("TicketCount")?.unwrap_or(0),
            previous_txn_id: data.parsed_or_none("PreviousTxnID")?,
        };
        pinned(method, answer, asked, info)
    }
}

impl TrustLine {
    /// Reads a page of an `account_lines` answer.
    pub fn read_page(answer: &Value, asked: LedgerSpec) -> Result<Page<Self>, ClientError> {
        page("account_lines", "lines", answer, asked, trust_line)
    }
}

impl AccountOffer {
    /// Reads a page of an `account_offers` answer.
    pub fn read_page(answer: &Value, asked: LedgerSpec) -> Result<Page<Self>, ClientError> {
        page("account_offers", "offers", answer, asked, account_offer)
    }
}

impl BookOffer {
    /// Reads a `book_offers` answer, which has one page only.
    pub fn read_all(answer: &Value, asked: LedgerSpec) -> Result<Pinned<Vec<Self>>, ClientError> {
        Ok(page("book_offers", "offers", answer, asked, book_offer)?.items)
    }

    /// Reads the books of a `subscribe` answer with a snapshot: those under `offers`, `asks` and `bids`, in this order.
    pub fn read_snapshot(answer: &Value) -> Result<Vec<Self>, ClientError> {
        let fields = Fields::of("subscribe", answer);
        let mut all = Vec::new();
        for side in ["offers", "asks", "bids"].into_iter().filter(|side| fields.get(side).is_some()) {
            for offer in fields.array(side)? {
                all.push(book_offer(offer)?);
            }
        }
        Ok(all)
    }
}

/// Reads a page of an `account_objects` answer: the number of each ticket on it, `None` for anything else.
pub(crate) fn tickets_page(answer: &Value, asked: LedgerSpec) -> Result<Page<Option<u32>>, ClientError> {
    page("account_objects", "account_objects", answer, asked, |object| {
        let fields = Fields::of("account object", object);
        match fields.text("LedgerEntryType")? {
            "Ticket" => fields.u32("TicketSequence").map(Some),
            _ => Ok(None),
        }
    })
}

fn page<T>(
    of: &'static str,
    list: &str,
    answer: &Value,
    asked: LedgerSpec,
    read: fn(&Value) -> Result<T, ClientError>,
) -> Result<Page<T>, ClientError> {
    let items = Fields::of(of, answer).array(list)?.iter().map(read).collect::<Result<_, _>>()?;
    let marker = answer.get("marker").filter(|marker| !marker.is_null()).cloned();
    Ok(Page { items: pinned(of, answer, asked, items)?, marker })
}

/// Which ledger an answer is about; an error when it is not the one asked for.
pub(super) fn pinned<T>(
    of: &'static str,
    answer: &Value,
    asked: LedgerSpec,
    value: T,
) -> Result<Pinned<T>, ClientError> {
    let fields = Fields::of(of, answer);
    let index = match fields.u32_or_none("ledger_index")? {
        Some(index) => LedgerIndex(index),
        None => fields.index("ledger_current_index")?,
    };
    let validated = fields.flag("validated");
    let right = match asked {
        LedgerSpec::Index(wanted) => index == wanted,
        LedgerSpec::Validated => validated,
        LedgerSpec::Current => true,
    };
    if !right {
        return Err(fields.bad("ledger_index", "another ledger than the one asked for"));
    }
    Ok(Pinned { index, hash: fields.parsed_or_none("ledger_hash")?, validated, value })
}

fn trust_line(json: &Value) -> Result<TrustLine, ClientError> {
    let fields = Fields::of("trust line", json);
    Ok(TrustLine {
        peer: fields.account("account")?,
        currency: fields.parsed("currency")?,
        balance: fields.issued("balance")?,
        limit: fields.issued("limit")?,
        limit_peer: fields.issued("limit_peer")?,
        freeze_peer: fields.flag("freeze_peer"),
        deep_freeze_peer: fields.flag("deep_freeze_peer"),
        peer_authorized: fields.flag("peer_authorized"),
    })
}

fn account_offer(json: &Value) -> Result<AccountOffer, ClientError> {
    let fields = Fields::of("account offer", json);
    Ok(AccountOffer {
        sequence: fields.u32("seq")?,
        taker_gets: fields.amount("taker_gets")?,
        taker_pays: fields.amount("taker_pays")?,
        flags: fields.u32("flags")?,
        expiration: fields.u32_or_none("expiration")?.map(LedgerTime),
    })
}

fn book_offer(json: &Value) -> Result<BookOffer, ClientError> {
    let fields = Fields::of("book offer", json);
    let amount_or_none = |field: &str| fields.get(field).map(|_| fields.amount(field)).transpose();
    Ok(BookOffer {
        account: fields.account("Account")?,
        sequence: fields.u32("Sequence")?,
        taker_gets: fields.amount("TakerGets")?,
        taker_pays: fields.amount("TakerPays")?,
        taker_gets_funded: amount_or_none("taker_gets_funded")?,
        taker_pays_funded: amount_or_none("taker_pays_funded")?,
        owner_funds: fields.text_or_none("owner_funds").map(str::to_owned),
        book_directory: fields.hash("BookDirectory")?,
        expiration: fields.u32_or_none("Expiration")?.map(LedgerTime),
        flags: fields.u32("Flags")?,
    })
}
