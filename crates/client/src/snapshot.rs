//! Everything about an account and a book at one validated ledger. Never mixes two ledgers: when the
//! ledger moves on meanwhile and the server cannot serve the older one, all of it is read again.

use ledger::{AccountId, Asset, Hash256};
use units::LedgerIndex;

use crate::answers::{AccountInfo, AccountOffer, AmmInfo, BookOffer, Pinned, TrustLine};
use crate::ask::LedgerSpec;
use crate::connection::Connection;
use crate::error::ClientError;
use crate::limits::SNAPSHOT_TRIES;

/// Both sides of a book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookSides {
    /// Offers that give the base asset, best first.
    pub asks: Vec<BookOffer>,
    /// Offers that give the quote asset, best first.
    pub bids: Vec<BookOffer>,
}

/// A full read at one validated ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The ledger all of it is from.
    pub index: LedgerIndex,
    /// Its hash.
    pub hash: Hash256,
    /// The account.
    pub account: AccountInfo,
    /// Its trust lines.
    pub lines: Vec<TrustLine>,
    /// Its offers.
    pub offers: Vec<AccountOffer>,
    /// Numbers of its tickets.
    pub tickets: Vec<u32>,
    /// The book.
    pub book: BookSides,
    /// The liquidity pool of the pair; `None` where there is none.
    pub pool: Option<AmmInfo>,
    /// Who issues the quote asset, whose flags reach every line; `None` where it is XRP.
    pub quote_issuer: Option<AccountInfo>,
}

impl Connection {
    /// Reads both sides of a book at one ledger; an error when the answers are of two.
    pub async fn book(
        &mut self,
        base: &Asset,
        quote: &Asset,
        at: LedgerSpec,
    ) -> Result<Pinned<BookSides>, ClientError> {
        let asks = self.book_offers(base, quote, at).await?;
        let at = if asks.validated { LedgerSpec::Index(asks.index) } else { at };
        let bids = self.book_offers(quote, base, at).await?;
        if (bids.index, bids.validated) != (asks.index, asks.validated) || bids.hash != asks.hash {
            return Err(another_ledger());
        }
        let value = BookSides { asks: asks.value, bids: bids.value };
        Ok(Pinned { index: asks.index, hash: asks.hash, validated: asks.validated, value })
    }

    /// Reads account, lines, offers and book of one validated ledger; at most [`SNAPSHOT_TRIES`] times.
    pub async fn snapshot(
        &mut self,
        account: &AccountId,
        base: &Asset,
        quote: &Asset,
    ) -> Result<Snapshot, ClientError> {
        for attempt in 1..=SNAPSHOT_TRIES {
            match self.snapshot_once(account, base, quote).await {
                Err(error) if error.is_refused("lgrNotFound") => {
                    tracing::debug!(attempt, "the ledger moved on during a snapshot");
                }
                done => return done,
            }
        }
        Err(ClientError::SnapshotMoved(SNAPSHOT_TRIES))
    }

    async fn snapshot_once(
        &mut self,
        account: &AccountId,
        base: &Asset,
        quote: &Asset,
    ) -> Result<Snapshot, ClientError> {
        let first = self.account_info(account, LedgerSpec::Validated).await?;
        let hash = match (first.validated, first.hash) {
            (true, Some(hash)) => hash,
            _ => {
                return Err(ClientError::bad("account_info", "validated", "not a validated ledger"));
            }
        };
        let at = LedgerSpec::Index(first.index);
        let lines = same(self.account_lines(account, at).await?, first.index, hash)?;
        let offers = same(self.account_offers(account, at).await?, first.index, hash)?;
        let tickets = self.tickets(account, &first.value, at).await?;
        let tickets = tickets.map_or(Ok(Vec::new()), |read| same(read, first.index, hash))?;
        let book = same(self.book(base, quote, at).await?, first.index, hash)?;
        let pool = match self.amm_info(base, quote, at).await? {
            Some(pool) => Some(same(pool, first.index, hash)?),
            None => None,
        };
        let quote_issuer = match quote {
            Asset::Issued { issuer, .. } => {
                Some(same(self.account_root(issuer, at).await?, first.index, hash)?)
            }
            _ => None,
        };
        let account = first.value;
        Ok(Snapshot { index: first.index, hash, account, lines, offers, tickets, book, pool, quote_issuer })
    }

    /// The account's tickets, where it has any; an error when they are not as many as the account says.
    async fn tickets(
        &mut self,
        account: &AccountId,
        info: &AccountInfo,
        at: LedgerSpec,
    ) -> Result<Option<Pinned<Vec<u32>>>, ClientError> {
        if info.ticket_count == 0 {
            return Ok(None);
        }
        let tickets = self.account_tickets(account, at).await?;
        if u32::try_from(tickets.value.len()) != Ok(info.ticket_count) {
            return Err(ClientError::bad("account_objects", "account_objects", "not the tickets it counts"));
        }
        Ok(Some(tickets))
    }
}

/// The value, when it is from that validated ledger.
fn same<T>(read: Pinned<T>, index: LedgerIndex, hash: Hash256) -> Result<T, ClientError> {
    if read.index != index || !read.validated || read.hash.is_some_and(|other| other != hash) {
        return Err(another_ledger());
    }
    Ok(read.value)
}

fn another_ledger() -> ClientError {
    ClientError::bad("pinned read", "ledger_index", "another ledger than the one asked for")
}
