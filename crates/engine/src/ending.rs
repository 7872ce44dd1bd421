//! How own offers end: the one classifier, from what validated metadata says of an offer and what is known of its line.
//! Never guesses: what no transaction proves is not yet provable.

use crate::side::Side;
use ledger::OfferStatus;
use serde::{Deserialize, Serialize};

/// How an own offer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Ending {
    /// All of it traded.
    Filled,
    /// A part of it traded, the rest was removed.
    PartlyFilledThenRemoved,
    /// Our OfferCancel took it, or one that somebody signed with our key.
    Cancelled,
    /// Our OfferCreate that named it took its place.
    Replaced,
    /// Its time was over; whoever met it swept it away.
    Expired,
    /// Its owner had nothing left of what it gives.
    Unfunded,
    /// The ledger took it for unfunded, for its line was frozen (ledger documentation, "Freezes": a frozen balance funds
    /// no offer; under a deep freeze nothing is received either).
    Frozen,
    /// A new offer of ours met it; the ledger removes the older one.
    SelfCrossed,
    /// It never came to the book: its transaction was refused, or can be in no ledger any more.
    NeverPlaced,
    /// It is not there and nothing proves why.
    NotYetProvable,
}

impl Ending {
    /// All of them.
    pub const ALL: [Ending; 10] = [
        Ending::Filled,
        Ending::PartlyFilledThenRemoved,
        Ending::Cancelled,
        Ending::Replaced,
        Ending::Expired,
        Ending::Unfunded,
        Ending::Frozen,
        Ending::SelfCrossed,
        Ending::NeverPlaced,
        Ending::NotYetProvable,
    ];

    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Ending::Filled => "filled",
            Ending::PartlyFilledThenRemoved => "partly_filled_then_removed",
            Ending::Cancelled => "cancelled",
            Ending::Replaced => "replaced",
            Ending::Expired => "expired",
            Ending::Unfunded => "unfunded",
            Ending::Frozen => "frozen",
            Ending::SelfCrossed => "self_crossed",
            Ending::NeverPlaced => "never_placed",
            Ending::NotYetProvable => "not_yet_provable",
        }
    }
}

/// What is known of an offer that metadata shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    /// What its node says.
    pub status: OfferStatus,
    pub side: Side,
    /// Some of it traded, in this transaction or before.
    pub has_traded: bool,
    /// Our trust line is frozen.
    pub is_frozen: bool,
    /// XRP above the reserve is left.
    pub has_xrp: bool,
}

/// How it ended, and of a partly filled one what took the rest; `None` while it rests.
pub(crate) fn classify(shown: Shown) -> Option<(Ending, Option<Ending>)> {
    let removal = match shown.status {
        OfferStatus::Created | OfferStatus::PartiallyFilled => return None,
        OfferStatus::Filled => return Some((Ending::Filled, None)),
        OfferStatus::Cancelled => Ending::Cancelled,
        OfferStatus::Replaced => Ending::Replaced,
        OfferStatus::Expired => Ending::Expired,
        // A bid gives what is frozen. An ask gives XRP: with some left, only a deep freeze can have taken it.
        OfferStatus::Unfunded if shown.is_frozen && (shown.side == Side::Buy || shown.has_xrp) => {
            Ending::Frozen
        }
        OfferStatus::Unfunded => Ending::Unfunded,
        OfferStatus::Removed => Ending::SelfCrossed,
    };
    Some(rest_of(shown.has_traded, removal))
}

/// An ending of what did not trade.
pub(crate) fn rest_of(has_traded: bool, removal: Ending) -> (Ending, Option<Ending>) {
    if has_traded { (Ending::PartlyFilledThenRemoved, Some(removal)) } else { (removal, None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Status in the metadata, side, traded, frozen, XRP left: ending, and what took the rest.
    const TABLE: &str = "
        created          buy  - - x  -
        partially-filled sell t - x  -
        partially-filled buy  t f x  -
        filled           buy  t - x  filled
        filled           sell t f -  filled
        cancelled        buy  - - x  cancelled
        cancelled        sell t - x  partly_filled_then_removed cancelled
        cancelled        buy  - f x  cancelled
        replaced         sell - - x  replaced
        replaced         buy  t - x  partly_filled_then_removed replaced
        expired          buy  - - x  expired
        expired          sell t f x  partly_filled_then_removed expired
        unfunded         buy  - - x  unfunded
        unfunded         buy  - f x  frozen
        unfunded         buy  t f -  partly_filled_then_removed frozen
        unfunded         sell - - -  unfunded
        unfunded         sell - f -  unfunded
        unfunded         sell - f x  frozen
        unfunded         sell t - -  partly_filled_then_removed unfunded
        removed          sell - - x  self_crossed
        removed          buy  t - x  partly_filled_then_removed self_crossed
    ";

    #[test]
    fn by_table() {
        let statuses = [
            OfferStatus::Created,
            OfferStatus::PartiallyFilled,
            OfferStatus::Filled,
            OfferStatus::Cancelled,
            OfferStatus::Replaced,
            OfferStatus::Expired,
            OfferStatus::Unfunded,
            OfferStatus::Removed,
        ];
        for row in TABLE.lines().map(str::trim).filter(|row| !row.is_empty()) {
            let words: Vec<&str> = row.split_whitespace().collect();
            let status = statuses.into_iter().find(|status| status.to_string() == words[0]).unwrap();
            let side = if words[1] == "buy" { Side::Buy } else { Side::Sell };
            let shown = Shown {
                status,
                side,
                has_traded: words[2] == "t",
                is_frozen: words[3] == "f",
                has_xrp: words[4] == "x",
            };
            let told =
                classify(shown).map(|(ending, removal)| (ending.as_str(), removal.map(Ending::as_str)));
            let wanted = (words[5] != "-").then(|| (words[5], words.get(6).copied()));
            assert_eq!(told, wanted, "{row}");
        }
    }

    #[test]
    fn each_has_a_word_of_its_own() {
        let mut words: Vec<_> = Ending::ALL.iter().map(|ending| ending.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), 10);
    }
}
