//! Reads of ledger state: an account, its trust lines, its offers, one side of a book. Pages are followed on one
//! ledger. Never mixes two ledgers in one read.

use ledger::{AccountId, Asset};
use serde_json::{Value, json};

use crate::answers::{AccountInfo, AccountOffer, AmmInfo, BookOffer, Page, Pinned, TrustLine, tickets_page};
use crate::ask::{LedgerSpec, asset_json};
use crate::connection::Connection;
use crate::error::ClientError;
use crate::limits::{BOOK_OFFERS_MAX, PAGE_OBJECTS, PAGES_MAX};

impl Connection {
    /// Asks `account_info`.
    pub async fn account_info(
        &mut self,
        account: &AccountId,
        at: LedgerSpec,
    ) -> Result<Pinned<AccountInfo>, ClientError> {
        let params = json!({"account": account.to_string(), "ledger_index": at.json()});
        let answer = self.request("account_info", params).await?;
        AccountInfo::read(&answer, at)
    }

    /// Asks `ledger_entry` for an account root: the entry itself, nothing the server works out of it.
    pub async fn account_root(
        &mut self,
        account: &AccountId,
        at: LedgerSpec,
    ) -> Result<Pinned<AccountInfo>, ClientError> {
        let params = json!({"account_root": account.to_string(), "ledger_index": at.json()});
        let answer = self.request("ledger_entry", params).await?;
        AccountInfo::read_entry(&answer, at)
    }

    /// Asks `account_lines`, all pages of one ledger.
    pub async fn account_lines(
        &mut self,
        account: &AccountId,
        at: LedgerSpec,
    ) -> Result<Pinned<Vec<TrustLine>>, ClientError> {
        self.paged("account_lines", account, None, at, TrustLine::read_page).await
    }

    /// Asks `account_offers`, all pages of one ledger.
    pub async fn account_offers(
        &mut self,
        account: &AccountId,
        at: LedgerSpec,
    ) -> Result<Pinned<Vec<AccountOffer>>, ClientError> {
        self.paged("account_offers", account, None, at, AccountOffer::read_page).await
    }

    /// Asks `account_objects` for the account's tickets, all pages of one ledger: their numbers, in the server's order.
    pub async fn account_tickets(
        &mut self,
        account: &AccountId,
        at: LedgerSpec,
    ) -> Result<Pinned<Vec<u32>>, ClientError> {
        let tickets = self.paged("account_objects", account, Some("ticket"), at, tickets_page).await?;
        let value = tickets.value.into_iter().flatten().collect();
        Ok(Pinned { index: tickets.index, hash: tickets.hash, validated: tickets.validated, value })
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
        BookOffer::read_all(&answer, at)
    }

    /// Asks `amm_info`; `None` when the pair has no pool.
    pub async fn amm_info(
        &mut self,
        base: &Asset,
        quote: &Asset,
        at: LedgerSpec,
    ) -> Result<Option<Pinned<AmmInfo>>, ClientError> {
        let params = json!({
            "asset": asset_json(base), "asset2": asset_json(quote), "ledger_index": at.json(),
        });
        match self.request("amm_info", params).await {
            Ok(answer) => AmmInfo::read(&answer, base, quote, at).map(Some),
            Err(error) if error.is_refused("actNotFound") => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn paged<T>(
        &mut self,
        command: &'static str,
        account: &AccountId,
        kind: Option<&str>,
        at: LedgerSpec,
        read: fn(&Value, LedgerSpec) -> Result<Page<T>, ClientError>,
    ) -> Result<Pinned<Vec<T>>, ClientError> {
        let mut at = at;
        let mut items = Vec::new();
        let mut marker: Option<Value> = None;
        for _ in 0..PAGES_MAX {
            let mut params =
                json!({"account": account.to_string(), "ledger_index": at.json(), "limit": PAGE_OBJECTS});
            if let Some(kind) = kind {
                params["type"] = kind.into();
            }
            if let Some(marker) = &marker {
                params["marker"] = marker.clone();
            }
            let answer = self.request(command, params).await?;
            let Page { items: page, marker: next } = read(&answer, at)?;
            items.extend(page.value);
            marker = next;
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
