//! The ledger's state, and its reads.

use super::*;

#[derive(Debug, Clone)]
pub struct Offer {
    pub side: Side,
    pub legs: Legs,
    pub expiration: u32,
}

/// The ledger, and a queue of what was submitted.
#[derive(Debug, Clone)]
pub struct World {
    pub index: u32,
    pub close_time: u32,
    pub xrp: Drops,
    pub rlusd: IssuedValue,
    pub sequence: u32,
    pub offers: BTreeMap<u32, Offer>,
    /// Tickets we own.
    pub tickets: BTreeSet<u32>,
    pub last_txn: Hash256,
    pub queue: Vec<(Intent, SignedIntent)>,
    /// Best bid and ask of others.
    pub touch: (String, String),
    /// Own transactions of the ledger being made.
    pub own: Vec<OwnTx>,
    pub book: Vec<BookChange>,
    /// Own transactions of all ledgers.
    pub history: Vec<OwnLedger>,
    pub counter: u32,
    pub last_touch: Option<(String, String)>,
    /// The liquidity pool of the pair.
    pub pool: Option<engine::Pool>,
}

impl World {
    pub fn new() -> World {
        World {
            index: 100,
            close_time: 800_000_000,
            xrp: Drops::from_xrp(60),
            rlusd: value("85.2"),
            sequence: 1000,
            offers: BTreeMap::new(),
            tickets: BTreeSet::new(),
            last_txn: Hash256([1; 32]),
            queue: vec![],
            touch: ("1.4190".to_owned(), "1.4210".to_owned()),
            own: vec![],
            book: vec![],
            history: vec![],
            counter: 0,
            last_touch: None,
            pool: None,
        }
    }

    pub fn header(&self) -> LedgerHeader {
        LedgerHeader {
            index: LedgerIndex(self.index),
            hash: Hash256(sha512_half(&[&self.index.to_be_bytes()]).0),
            close_time: LedgerTime(self.close_time),
            reserve_base_drops: Drops::from_xrp(1),
            reserve_inc_drops: drops(200_000),
            fee_base_drops: drops(10),
        }
    }

    pub fn other(&self, side: Side) -> BookOffer {
        let text = if side == Side::Buy { &self.touch.0 } else { &self.touch.1 };
        let price: units::Price = text.parse().unwrap();
        let base = Drops::from_xrp(500);
        BookOffer {
            id: Hash256([side as u8 + 40; 32]),
            owner: OTHER,
            sequence: 1 + side as u32,
            side,
            legs: Legs { quote: price.value_of(base, Rounding::HalfEven).unwrap(), base },
            quality: None,
            expiration: None,
        }
    }

    pub fn book_offer(&self, sequence: u32, offer: &Offer) -> BookOffer {
        BookOffer {
            id: offer_id(sequence),
            owner: US,
            sequence,
            side: offer.side,
            legs: offer.legs,
            quality: None,
            expiration: Some(LedgerTime(offer.expiration)),
        }
    }

    pub fn truth(&self, source: TruthSource) -> TruthRead {
        let line = |offer| SnapshotOffer { offer, owner_rlusd: None, owner_xrp: None };
        let mut book = BookSnapshot::default();
        for side in Side::BOTH {
            let own = self.offers.iter().filter(|(_, o)| o.side == side).map(|(s, o)| self.book_offer(*s, o));
            let lines = own.chain([self.other(side)]).map(line);
            match side {
                Side::Buy => book.bids.extend(lines),
                Side::Sell => book.asks.extend(lines),
            }
        }
        TruthRead {
            index: LedgerIndex(self.index),
            hash: self.header().hash,
            close_time: LedgerTime(self.close_time),
            account: AccountFacts {
                sequence: self.sequence,
                owner_count: self.owner_count(),
                xrp: self.xrp,
                rlusd: self.rlusd,
                previous_txn_id: Some(self.last_txn),
                frozen: false,
            },
            offers: self
                .offers
                .iter()
                .map(|(sequence, o)| OwnOffer {
                    sequence: *sequence,
                    side: o.side,
                    legs: o.legs,
                    expiration: Some(LedgerTime(o.expiration)),
                })
                .collect(),
            tickets: self.tickets.iter().copied().collect(),
            book,
            pool: self.pool,
            source,
        }
    }

    /// The trust line, offers and tickets.
    pub fn owner_count(&self) -> u32 {
        1 + self.offers.len() as u32 + self.tickets.len() as u32
    }

    pub fn start(&self, carried: Option<CarriedBooks>, duration: Option<u32>) -> Input {
        let since = carried.as_ref().map_or(u32::MAX, |c| c.at.get());
        Input::Start(Box::new(StartInput {
            header: self.header(),
            truth: self.truth(TruthSource::Start),
            carried,
            missed: self.history.iter().filter(|l| l.index.get() > since).cloned().collect(),
            accept_divergence: false,
            duration_seconds: duration,
        }))
    }

    pub fn backfill(&self, from: LedgerIndex) -> BackfillInput {
        BackfillInput {
            from,
            header: self.header(),
            complete: true,
            ledgers: self.history.iter().filter(|l| l.index >= from).cloned().collect(),
            truth: self.truth(TruthSource::Backfill),
        }
    }
}

pub fn offer_id(sequence: u32) -> Hash256 {
    sha512_half(&[b"offer", &sequence.to_be_bytes()])
}
