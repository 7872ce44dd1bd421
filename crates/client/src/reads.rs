//! Reads of ledger state: an account, its trust lines, its offers, one side of a book; each says which
//! ledger it is about. Pages are followed on one ledger. Never mixes two ledgers in one read.

use ledger::{AccountId, Amount, Asset, Currency, Hash256};
use serde_json::{Value, json};
use units::{Drops, IssuedValue, LedgerIndex, LedgerTime};

use crate::ask::{LedgerSpec, asset_json};
use crate::connection::Connection;
use crate::error::ClientError;
use crate::fields::Fields;
use crate::limits::{BOOK_OFFERS_MAX, PAGE_OBJECTS, PAGES_MAX};

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

/// An account, from `account_info`.
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

impl Connection {
    /// Asks `account_info`.
    pub async fn account_info(
        &mut self,
        account: &AccountId,
        at: LedgerSpec,
    ) -> Result<Pinned<AccountInfo>, ClientError> {
        let params = json!({"account": account.to_string(), "ledger_index": at.json()});
        let answer = self.request("account_info", params).await?;
        let data = Fields::of("account_info", &answer).object("account_data")?;
        let info = AccountInfo {
            account: data.account("Account")?,
            balance: data.drops("Balance")?,
            sequence: data.u32("Sequence")?,
            owner_count: data.u32("OwnerCount")?,
            flags: data.u32("Flags")?,
            ticket_count: data.u32_or_none("TicketCount")?.unwrap_or(0),
            previous_txn_id: data.parsed_or_none("PreviousTxnID")?,
        };
        pinned("account_info", &answer, at, info)
    }

    /// Asks `account_lines`, all pages of one ledger.
    pub async fn account_lines(
        &mut self,
        account: &AccountId,
        at: LedgerSpec,
    ) -> Result<Pinned<Vec<TrustLine>>, ClientError> {
        self.paged("account_lines", "lines", account, at, trust_line).await
    }

    /// Asks `account_offers`, all pages of one ledger.
    pub async fn account_offers(
        &mut self,
        account: &AccountId,
        at: LedgerSpec,
    ) -> Result<Pinned<Vec<AccountOffer>>, ClientError> {
        self.paged("account_offers", "offers", account, at, account_offer).await
    }

    /// Asks `book_offers`: offers that give `taker_gets` for `taker_pays`, best first, at most
    /// [`BOOK_OFFERS_MAX`] (there is no marker).
    pub async fn book_offers(
        &mut self,
        taker_gets: &Asset,
        taker_pays: &Asset,
        at: LedgerSpec,
    ) -> Result<Pinned<Vec<BookOffer>>, ClientError> {
        let params = json!({
            "taker_gets": asset_json(taker_gets), "taker_pays": asset_json(taker_pays),
            "ledger_index": at.json(), "limit": BOOK_OFFERS_MAX,
        });
        let answer = self.request("book_offers", params).await?;
        let offers = Fields::of("book_offers", &answer).array("offers")?;
        let offers = offers.iter().map(book_offer).collect::<Result<Vec<_>, _>>()?;
        pinned("book_offers", &answer, at, offers)
    }

    async fn paged<T>(
        &mut self,
        command: &'static str,
        list: &str,
        account: &AccountId,
        at: LedgerSpec,
        read: fn(&Value) -> Result<T, ClientError>,
    ) -> Result<Pinned<Vec<T>>, ClientError> {
        let mut at = at;
        let mut items = Vec::new();
        let mut marker: Option<Value> = None;
        for _ in 0..PAGES_MAX {
            let mut params =
                json!({"account": account.to_string(), "ledger_index": at.json(), "limit": PAGE_OBJECTS});
            if let Some(marker) = &marker {
                params["marker"] = marker.clone();
            }
            let answer = self.request(command, params).await?;
            for item in Fields::of(command, &answer).array(list)? {
                items.push(read(item)?);
            }
            let page = pinned(command, &answer, at, ())?;
            marker = answer.get("marker").filter(|marker| !marker.is_null()).cloned();
            if marker.is_none() {
                return Ok(Pinned {
                    index: page.index,
                    hash: page.hash,
                    validated: page.validated,
                    value: items,
                });
            }
            if page.validated {
                at = LedgerSpec::Index(page.index);
            }
        }
        Err(ClientError::Bound("pages of one read"))
    }
}

/// Which ledger an answer is about; an error when it is not the one asked for.
fn pinned<T>(
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
