//! Rows of the double-entry inventory ledger and of capital. Every movement names its cause.

use crate::side::OrderId;
use ledger::Hash256;
use serde::{Deserialize, Serialize};
use units::{Exact, LedgerIndex, LedgerTime};

/// What a movement moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Asset {
    /// XRP; amounts in XRP.
    Xrp,
    /// RLUSD.
    Rlusd,
}

impl Asset {
    /// `XRP` or `RLUSD`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Asset::Xrp => "XRP",
            Asset::Rlusd => "RLUSD",
        }
    }
}

/// Why a balance moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cause {
    /// The first books of a wallet.
    Genesis,
    /// A fill.
    Fill,
    /// The network fee of an own transaction.
    Fee,
    /// The ledger's rounding of the trust line to 16 digits, against the legs of the offer.
    LedgerRounding,
    /// The issuer's transfer fee.
    TransferFee,
    /// An incoming payment.
    Deposit,
    /// An outgoing payment that was announced.
    Withdrawal,
    /// What the issuer took back (ledger documentation, "Clawing Back Tokens").
    Clawback,
    /// Into a pool or out of it, by our key elsewhere or by the issuer's clawback from the pool.
    Amm,
    /// Any other change by a transaction that was signed elsewhere with our key.
    OtherWriter,
    /// A difference that the operator accepted at a start.
    AcceptedDivergence,
    /// What `neo realign` changed the books by.
    Realignment,
}

impl Cause {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Cause::Genesis => "genesis",
            Cause::Fill => "fill",
            Cause::Fee => "fee",
            Cause::LedgerRounding => "ledger_rounding",
            Cause::TransferFee => "transfer_fee",
            Cause::Deposit => "deposit",
            Cause::Withdrawal => "withdrawal",
            Cause::Clawback => "clawback",
            Cause::Amm => "amm",
            Cause::OtherWriter => "other_writer",
            Cause::AcceptedDivergence => "accepted_divergence",
            Cause::Realignment => "realignment",
        }
    }

    /// Whether it is a change by somebody else's hand that is no trade; what can turn out to be capital.
    #[must_use]
    pub const fn is_external(self) -> bool {
        matches!(self, Cause::Clawback | Cause::Amm | Cause::OtherWriter)
    }

    /// The account on the other side of the wallet.
    #[must_use]
    pub const fn counter_account(self) -> Account {
        match self {
            Cause::Genesis => Account::Genesis,
            Cause::Fill => Account::Market,
            Cause::Fee => Account::NetworkFees,
            Cause::LedgerRounding => Account::Rounding,
            Cause::TransferFee => Account::TransferFees,
            Cause::Deposit | Cause::Withdrawal => Account::Owner,
            Cause::Clawback | Cause::Amm | Cause::OtherWriter => Account::External,
            Cause::AcceptedDivergence => Account::Unexplained,
            Cause::Realignment => Account::Realigned,
        }
    }
}

/// An account of the inventory ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Account {
    /// Our balance.
    Wallet,
    /// Where the first books came from.
    Genesis,
    /// The other side of our trades.
    Market,
    /// Burned by the network.
    NetworkFees,
    /// Lost or won by the ledger's rounding.
    Rounding,
    /// Burned for the issuer.
    TransferFees,
    /// Whoever owns the capital.
    Owner,
    /// Changes made elsewhere.
    External,
    /// Nobody knows.
    Unexplained,
    /// Nobody knows, and the operator took the ledger's word for it.
    Realigned,
}

impl Account {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Account::Wallet => "wallet",
            Account::Genesis => "genesis",
            Account::Market => "market",
            Account::NetworkFees => "network_fees",
            Account::Rounding => "rounding",
            Account::TransferFees => "transfer_fees",
            Account::Owner => "owner",
            Account::External => "external",
            Account::Unexplained => "unexplained",
            Account::Realigned => "realigned",
        }
    }
}

/// A movement: `amount` (above zero) goes to `debit` and comes from `credit`; one of the two is the wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementRow {
    /// The ledger.
    pub ledger_index: LedgerIndex,
    /// When it closed.
    pub at: LedgerTime,
    /// The transaction; `None` for opening movements.
    pub tx_hash: Option<Hash256>,
    /// What moved.
    pub asset: Asset,
    /// How much, above zero: XRP in XRP.
    pub amount: Exact,
    /// Who has more.
    pub debit: Account,
    /// Who has less.
    pub credit: Account,
    /// Why.
    pub cause: Cause,
    /// The order of a fill.
    pub order_id: Option<OrderId>,
}

impl MovementRow {
    /// The change of our balance: above zero when the wallet has more.
    #[must_use]
    pub fn wallet_change(&self) -> Exact {
        if self.debit == Account::Wallet { self.amount.clone() } else { -&self.amount }
    }
}

/// Deposit or withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CapitalKind {
    /// Money came in.
    Deposit,
    /// Money went out.
    Withdrawal,
}

impl CapitalKind {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            CapitalKind::Deposit => "deposit",
            CapitalKind::Withdrawal => "withdrawal",
        }
    }
}

/// A deposit or withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapitalRow {
    /// When.
    pub at: LedgerTime,
    /// Which ledger.
    pub ledger_index: LedgerIndex,
    /// In or out.
    pub kind: CapitalKind,
    /// What.
    pub asset: Asset,
    /// How much, above zero.
    pub amount: Exact,
    /// Its worth in RLUSD; `None` when no mid was ever seen.
    pub value_rlusd: Option<Exact>,
    /// The transaction; `None` for the first books.
    pub tx_hash: Option<Hash256>,
    /// Where it came from.
    pub note: String,
}
