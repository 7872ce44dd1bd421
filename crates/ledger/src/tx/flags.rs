//! Transaction flags and account-set flags, by their published names and values (`server_definitions`). Never a name
//! of our own: 0x00040000 is FillOrKill, whatever some bots call it.

/// Any transaction: the signature must be canonical (always enforced today).
pub const TF_FULLY_CANONICAL_SIG: u32 = 0x8000_0000;
/// Any transaction: part of a batch.
pub const TF_INNER_BATCH_TXN: u32 = 0x4000_0000;

/// OfferCreate: do not consume offers of exactly equal quality. Better ones and the pool are still taken.
pub const TF_PASSIVE: u32 = 0x0001_0000;
/// OfferCreate: what is not traded at once is not placed.
pub const TF_IMMEDIATE_OR_CANCEL: u32 = 0x0002_0000;
/// OfferCreate: all or nothing, at once.
pub const TF_FILL_OR_KILL: u32 = 0x0004_0000;
/// OfferCreate: give all of TakerGets even when more than TakerPays comes in.
pub const TF_SELL: u32 = 0x0008_0000;
/// OfferCreate: in the open and in a permissioned book.
pub const TF_HYBRID: u32 = 0x0010_0000;

/// Payment: do not use the default path.
pub const TF_NO_RIPPLE_DIRECT: u32 = 0x0001_0000;
/// Payment: less than Amount may arrive.
pub const TF_PARTIAL_PAYMENT: u32 = 0x0002_0000;
/// Payment: no path worse than Amount to SendMax.
pub const TF_LIMIT_QUALITY: u32 = 0x0004_0000;

/// TrustSet: authorize the other party.
pub const TF_SETF_AUTH: u32 = 0x0001_0000;
/// TrustSet: block rippling between lines of the same currency.
pub const TF_SET_NO_RIPPLE: u32 = 0x0002_0000;
/// TrustSet: allow rippling.
pub const TF_CLEAR_NO_RIPPLE: u32 = 0x0004_0000;
/// TrustSet: freeze the line.
pub const TF_SET_FREEZE: u32 = 0x0010_0000;
/// TrustSet: unfreeze the line.
pub const TF_CLEAR_FREEZE: u32 = 0x0020_0000;
/// TrustSet: deep-freeze the line.
pub const TF_SET_DEEP_FREEZE: u32 = 0x0040_0000;
/// TrustSet: end the deep freeze.
pub const TF_CLEAR_DEEP_FREEZE: u32 = 0x0080_0000;

/// AccountSet: incoming payments need a destination tag.
pub const ASF_REQUIRE_DEST: u32 = 1;
/// AccountSet: trust lines to us need our authorization.
pub const ASF_REQUIRE_AUTH: u32 = 2;
/// AccountSet: XRP is not wanted here (a hint).
pub const ASF_DISALLOW_XRP: u32 = 3;
/// AccountSet: the master key no longer signs.
pub const ASF_DISABLE_MASTER: u32 = 4;
/// AccountSet: never freeze again.
pub const ASF_NO_FREEZE: u32 = 6;
/// AccountSet: freeze everything we issue.
pub const ASF_GLOBAL_FREEZE: u32 = 7;
/// AccountSet: rippling on our lines by default.
pub const ASF_DEFAULT_RIPPLE: u32 = 8;
/// AccountSet: deposits need authorization.
pub const ASF_DEPOSIT_AUTH: u32 = 9;
/// AccountSet: we may claw back what we issue.
pub const ASF_ALLOW_TRUST_LINE_CLAWBACK: u32 = 16;

/// Ledger entry Offer: placed with tfPassive.
pub const LSF_PASSIVE: u32 = 0x0001_0000;
/// Ledger entry Offer: placed with tfSell.
pub const LSF_SELL: u32 = 0x0002_0000;
/// Ledger entry RippleState: counts towards the low account's reserve.
pub const LSF_LOW_RESERVE: u32 = 0x0001_0000;
/// Ledger entry RippleState: counts towards the high account's reserve.
pub const LSF_HIGH_RESERVE: u32 = 0x0002_0000;
/// Ledger entry RippleState: authorized by the low account.
pub const LSF_LOW_AUTH: u32 = 0x0004_0000;
/// Ledger entry RippleState: authorized by the high account.
pub const LSF_HIGH_AUTH: u32 = 0x0008_0000;
/// Ledger entry RippleState: the low account blocks rippling.
pub const LSF_LOW_NO_RIPPLE: u32 = 0x0010_0000;
/// Ledger entry RippleState: the high account blocks rippling.
pub const LSF_HIGH_NO_RIPPLE: u32 = 0x0020_0000;
/// Ledger entry RippleState: frozen by the low account.
pub const LSF_LOW_FREEZE: u32 = 0x0040_0000;
/// Ledger entry RippleState: frozen by the high account.
pub const LSF_HIGH_FREEZE: u32 = 0x0080_0000;
/// Ledger entry RippleState: one side is a pool.
pub const LSF_AMM_NODE: u32 = 0x0100_0000;
/// Ledger entry RippleState: deep-frozen by the low account.
pub const LSF_LOW_DEEP_FREEZE: u32 = 0x0200_0000;
/// Ledger entry RippleState: deep-frozen by the high account.
pub const LSF_HIGH_DEEP_FREEZE: u32 = 0x0400_0000;
/// Ledger entry AccountRoot: rippling by default.
pub const LSF_DEFAULT_RIPPLE: u32 = 0x0080_0000;
/// Ledger entry AccountRoot: everything it issues is frozen.
pub const LSF_GLOBAL_FREEZE: u32 = 0x0040_0000;
/// Ledger entry AccountRoot: it can never freeze.
pub const LSF_NO_FREEZE: u32 = 0x0020_0000;
/// Ledger entry AccountRoot: the master key no longer signs.
pub const LSF_DISABLE_MASTER: u32 = 0x0010_0000;
/// Ledger entry AccountRoot: XRP is not wanted.
pub const LSF_DISALLOW_XRP: u32 = 0x0008_0000;
/// Ledger entry AccountRoot: trust lines need authorization.
pub const LSF_REQUIRE_AUTH: u32 = 0x0004_0000;
/// Ledger entry AccountRoot: incoming payments need a tag.
pub const LSF_REQUIRE_DEST_TAG: u32 = 0x0002_0000;
/// Ledger entry AccountRoot: deposits need authorization.
pub const LSF_DEPOSIT_AUTH: u32 = 0x0100_0000;
/// Ledger entry AccountRoot: it may claw back what it issues.
pub const LSF_ALLOW_TRUST_LINE_CLAWBACK: u32 = 0x8000_0000;
