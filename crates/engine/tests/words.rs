//! The words that stand in the database for assets, causes, accounts and kinds of capital, and which account each cause
//! moves against the wallet. Whoever reads the tables later depends on them.

use engine::{Account, Asset, CapitalKind, Cause};

/// Cause, and the account on the other side.
const CAUSES: &str = "
    genesis              genesis
    fill                 market
    fee                  network_fees
    ledger_rounding      rounding
    transfer_fee         transfer_fees
    deposit              owner
    withdrawal           owner
    clawback             external
    amm                  external
    other_writer         external
    accepted_divergence  unexplained
    realignment          realigned
";

#[test]
fn every_cause_has_its_word_and_its_account() {
    let causes = [
        Cause::Genesis,
        Cause::Fill,
        Cause::Fee,
        Cause::LedgerRounding,
        Cause::TransferFee,
        Cause::Deposit,
        Cause::Withdrawal,
        Cause::Clawback,
        Cause::Amm,
        Cause::OtherWriter,
        Cause::AcceptedDivergence,
        Cause::Realignment,
    ];
    let rows: Vec<Vec<&str>> = CAUSES
        .lines()
        .map(|line| line.split_whitespace().collect())
        .filter(|words: &Vec<&str>| !words.is_empty())
        .collect();
    let seen: Vec<Vec<&str>> =
        causes.iter().map(|cause| vec![cause.as_str(), cause.counter_account().as_str()]).collect();
    assert_eq!(seen, rows);
    assert_eq!(Account::Wallet.as_str(), "wallet");
}

#[test]
fn assets_and_kinds_of_capital_have_their_words() {
    assert_eq!([Asset::Xrp, Asset::Rlusd].map(Asset::as_str), ["XRP", "RLUSD"]);
    let kinds = [CapitalKind::Deposit, CapitalKind::Withdrawal].map(CapitalKind::as_str);
    assert_eq!(kinds, ["deposit", "withdrawal"]);
}
