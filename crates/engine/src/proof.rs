//! A narrow door to what the engine reads out of a transaction, for proofs from outside: the same functions as in a tick,
//! nothing decided, nothing kept.

use crate::evidence::Evidence;
use crate::explain::explain;
use crate::identity::Identity;
use crate::input::OwnTx;
use crate::record::{Asset, Cause, Liquidity};
use crate::side::{Legs, Side};
use ledger::OfferStatus;
use units::{Drops, Exact, IssuedValue, LedgerTime};

/// What one validated transaction did to us, as the engine reads it.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Our XRP before and after, when our account was changed.
    pub xrp: Option<(Drops, Drops)>,
    /// Our quote currency before and after, when our trust line was changed.
    pub rlusd: Option<(IssuedValue, IssuedValue)>,
    /// Our offers of the pair that were made, changed or taken away.
    pub offers: Vec<ExplainedOffer>,
    /// Our trades.
    pub trades: Vec<ExplainedTrade>,
    /// Signed changes of our balances and their causes: XRP in XRP.
    pub changes: Vec<(Asset, Exact, Cause)>,
    /// What no cause explains of the change of XRP.
    pub unexplained_xrp: Drops,
    /// What no cause explains of the change of the quote currency.
    pub unexplained_rlusd: Exact,
}

/// An own offer of the pair in the metadata.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct ExplainedOffer {
    pub sequence: u32,
    pub side: Side,
    pub before: Legs,
    pub after: Legs,
    pub status: OfferStatus,
}

/// A trade of ours; both legs above zero.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct ExplainedTrade {
    pub sequence: u32,
    pub side: Side,
    pub base: Drops,
    pub quote: Exact,
    pub liquidity: Liquidity,
}

/// Reads and explains a transaction. `parent_close` is when the ledger before closed; `signed_by_us`: the engine made it.
///
/// # Errors
/// What of its bytes does not read.
pub fn explained(
    own: &OwnTx,
    identity: &Identity,
    parent_close: LedgerTime,
    signed_by_us: bool,
) -> Result<Explained, String> {
    let evidence = Evidence::read(own, identity, parent_close).map_err(|error| error.to_string())?;
    let explanation = explain(&evidence, identity, signed_by_us);
    let offers = evidence.offers.iter().map(|offer| ExplainedOffer {
        sequence: offer.sequence,
        side: offer.side,
        before: offer.before,
        after: offer.after,
        status: offer.status,
    });
    let trades = explanation.trades.into_iter().map(|trade| ExplainedTrade {
        sequence: trade.sequence,
        side: trade.side,
        base: trade.base,
        quote: trade.quote,
        liquidity: trade.liquidity,
    });
    Ok(Explained {
        xrp: evidence.root.as_ref().map(|root| (root.before, root.after)),
        rlusd: evidence.line.as_ref().map(|line| (line.before, line.after)),
        offers: offers.collect(),
        trades: trades.collect(),
        changes: explanation.changes.into_iter().map(|c| (c.asset, c.amount, c.cause)).collect(),
        unexplained_xrp: explanation.unexplained_xrp,
        unexplained_rlusd: explanation.unexplained_rlusd,
    })
}
