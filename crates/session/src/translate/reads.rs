//! A full read pinned at one ledger, as the engine takes it.

use super::book::{quality_of, sided};
use super::pool;
use super::{TranslateError, Translator};
use client::{BookOffer as ClientOffer, Snapshot};
use engine::{
    AccountFacts, BookOffer, BookSnapshot, LedgerHeader, OwnOffer, Side, SnapshotOffer, TruthRead,
    TruthReason,
};
use ledger::keylet;
use units::{Drops, IssuedValue, LedgerTime};

/// `lsfGlobalFreeze` (ledger documentation, "AccountRoot Flags"): all lines of the issuer, and no line says so.
const GLOBAL_FREEZE: u32 = 0x0040_0000;

impl Translator {
    /// A full read. From then on the owners in its order book are the ones whose funds are followed.
    ///
    /// # Errors
    /// [`TranslateError::Read`] when an offer of the book is not of the pair that was asked for.
    pub fn truth(
        &mut self,
        read: &Snapshot,
        close_time: LedgerTime,
        source: TruthReason,
    ) -> Result<TruthRead, TranslateError> {
        let book = self.book_snapshot(read)?;
        self.owners.extend(book.bids.iter().chain(&book.asks).map(|offer| offer.offer.owner));
        self.pool = read.pool.as_ref().and_then(pool::Followed::of);
        let line = read.lines.iter().find(|line| {
            line.peer == self.identity.quote_issuer && line.currency == self.identity.quote_currency
        });
        let all_frozen = read.quote_issuer.as_ref().is_some_and(|issuer| issuer.flags & GLOBAL_FREEZE != 0);
        let own = read.offers.iter().filter_map(|offer| {
            let (side, legs) = sided(&self.identity, offer.taker_gets, offer.taker_pays)?;
            Some(OwnOffer { sequence: offer.sequence, side, legs, expiration: offer.expiration })
        });
        Ok(TruthRead {
            index: read.index,
            hash: read.hash,
            close_time,
            account: AccountFacts {
                sequence: read.account.sequence,
                owner_count: read.account.owner_count,
                xrp: read.account.balance,
                rlusd: line.map_or(IssuedValue::ZERO, |line| line.balance),
                previous_txn_id: read.account.previous_txn_id,
                frozen: line.is_some_and(|line| line.freeze_peer) || all_frozen,
            },
            offers: own.collect(),
            tickets: read.tickets.clone(),
            book,
            pool: self.pool.as_ref().map(pool::Followed::pool),
            source,
        })
    }

    /// The header of a ledger that was only read, with the costs in force.
    pub fn header_of(&self, read: &TruthRead) -> LedgerHeader {
        LedgerHeader {
            index: read.index,
            hash: read.hash,
            close_time: read.close_time,
            reserve_base_drops: self.fees.reserve_base,
            reserve_inc_drops: self.fees.reserve_inc,
            fee_base_drops: self.fees.fee_base,
        }
    }

    fn book_snapshot(&self, read: &Snapshot) -> Result<BookSnapshot, TranslateError> {
        let side = |offers: &[ClientOffer], wanted: Side| -> Result<Vec<SnapshotOffer>, TranslateError> {
            offers.iter().map(|offer| self.snapshot_offer(read.index.get(), offer, wanted)).collect()
        };
        Ok(BookSnapshot { bids: side(&read.book.bids, Side::Buy)?, asks: side(&read.book.asks, Side::Sell)? })
    }

    fn snapshot_offer(
        &self,
        index: u32,
        offer: &ClientOffer,
        wanted: Side,
    ) -> Result<SnapshotOffer, TranslateError> {
        let refuse = |why: &str| TranslateError::Read {
            index,
            why: format!("offer {} of {}: {why}", offer.sequence, offer.account),
        };
        let (side, legs) = sided(&self.identity, offer.taker_gets, offer.taker_pays)
            .filter(|(side, _)| *side == wanted)
            .ok_or_else(|| refuse("not of the pair and side asked for"))?;
        let (mut owner_rlusd, mut owner_xrp) = (None, None);
        if let Some(funds) = &offer.owner_funds {
            match side {
                Side::Buy => {
                    owner_rlusd = Some(funds.parse().map_err(|_| refuse("owner_funds is no amount"))?)
                }
                Side::Sell => {
                    owner_xrp = Some(funds.parse::<Drops>().map_err(|_| refuse("owner_funds is no amount"))?)
                }
            }
        }
        let book_offer = BookOffer {
            id: keylet::offer(&offer.account, offer.sequence),
            owner: offer.account,
            sequence: offer.sequence,
            side,
            legs,
            quality: Some(quality_of(offer.book_directory)),
            expiration: offer.expiration,
        };
        Ok(SnapshotOffer { offer: book_offer, owner_rlusd, owner_xrp })
    }
}
