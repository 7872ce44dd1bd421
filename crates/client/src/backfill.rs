//! What an account's history says about ledgers the stream did not give: `account_tx`, all pages, only
//! validated transactions, and only when the server answers about the very range asked.

use std::collections::BTreeMap;

use ledger::AccountId;
use serde_json::{Value, json};
use units::LedgerIndex;

use crate::answers::HistoryPage;
use crate::connection::Connection;
use crate::error::ClientError;
use crate::limits::{PAGE_TRANSACTIONS, PAGES_MAX};
use crate::types::{ClosedLedger, ValidatedTx};

/// An account's part of `from..=to`.
#[derive(Clone, Debug, PartialEq)]
pub struct Backfill {
    /// Whose history.
    pub account: AccountId,
    /// First ledger covered.
    pub from: LedgerIndex,
    /// Last ledger covered.
    pub to: LedgerIndex,
    /// The ledgers with transactions that touched the account, ascending; `complete` is `false` in each.
    pub ledgers: Vec<ClosedLedger>,
}

impl Connection {
    /// Reads the account's history of `from..=to`. Errors with [`ClientError::ShortRange`] when the server answers about
    /// less than that (after its restart, for instance), and with [`ClientError::Hole`] when its `complete_ledgers` do not
    /// hold all of it: `account_tx` answers about a range without a word of the ledgers that are missing in it. Either is
    /// no proof of anything.
    pub async fn backfill(
        &mut self,
        account: &AccountId,
        from: LedgerIndex,
        to: LedgerIndex,
    ) -> Result<Backfill, ClientError> {
        // Asked first: what the server has not got now it may have got while it answered.
        let held = self.server_info().await?.complete_ledgers;
        match self.backfill_by(account, from, to, PAGE_TRANSACTIONS).await {
            // Of ledgers that it has not got, a server may also refuse to speak (`lgrIdxMalformed`).
            Ok(_) | Err(ClientError::Refused { .. }) if !held.contains(from, to) => {
                Err(ClientError::Hole { from, to })
            }
            found => found,
        }
    }

    /// What `account_tx` says of the range, with pages of another size; whether the server has all of it is not asked.
    pub async fn backfill_by(
        &mut self,
        account: &AccountId,
        from: LedgerIndex,
        to: LedgerIndex,
        page: u32,
    ) -> Result<Backfill, ClientError> {
        let mut found = BTreeMap::new();
        let mut marker: Option<Value> = None;
        for _ in 0..PAGES_MAX {
            let mut params = json!({
                "account": account.to_string(), "ledger_index_min": from.get(), "ledger_index_max": to.get(),
                "forward": true, "binary": false, "limit": page,
            });
            if let Some(marker) = &marker {
                params["marker"] = marker.clone();
            }
            let answer = self.request("account_tx", params).await?;
            let page = HistoryPage::read(answer, from, to)?;
            let by_place =
                page.transactions.into_iter().map(|tx| ((tx.ledger_index, tx.transaction_index), tx));
            found.extend(by_place);
            marker = page.marker;
            if marker.is_none() {
                return Ok(Backfill { account: *account, from, to, ledgers: grouped(found)? });
            }
        }
        Err(ClientError::Bound("pages of one account history"))
    }
}

type Found = BTreeMap<(LedgerIndex, u32), ValidatedTx>;

fn grouped(found: Found) -> Result<Vec<ClosedLedger>, ClientError> {
    let mut ledgers: Vec<ClosedLedger> = Vec::new();
    for ((index, _), tx) in found {
        match ledgers.last_mut() {
            Some(ledger) if ledger.index == index => ledger.transactions.push(tx),
            _ => ledgers.push(ClosedLedger {
                index,
                hash: tx
                    .ledger_hash
                    .ok_or_else(|| ClientError::bad("account_tx", "ledger_hash", "missing"))?,
                close_time: tx
                    .close_time
                    .ok_or_else(|| ClientError::bad("account_tx", "close_time_iso", "missing"))?,
                fees: None,
                txn_count: None,
                transactions: vec![tx],
                complete: false,
            }),
        }
    }
    Ok(ledgers)
}
