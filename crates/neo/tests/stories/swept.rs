//! Offers of ours that a stranger's transaction takes away without a trade: dead by time, or without funds.

use crate::people::{Who, claw_back, rlusd, take, xrp};
use crate::stage::play;
use engine::Side;

#[test]
fn an_expired_offer_that_a_stranger_sweeps_is_expired_and_no_fill() {
    play(async |stage| {
        stage.session_quotes().await;
        let sell = stage.ours(Side::Sell);
        // Nothing that we send arrives any more, so nothing is refreshed and the offers die.
        let now = stage.newest();
        stage.goes_wrong(&format!(
            "seed: 1\nfaults: [{{fault: lost_submit, from_ledger: {now}, to_ledger: {}}}]",
            now + 46
        ));
        stage.closes(46).await;
        // The taker reaches past our dead ask to the maker's.
        stage.sends(Who::Taker, &take(rlusd("14.25"), xrp("10")));
        stage.closes(1).await;
        assert_eq!(stage.order(sell), "expired|expired|0");
        stage.session_is_stopped().await;
        assert_eq!(stage.fills(), [""; 0]);
        stage.proven();
    });
}

#[test]
fn an_offer_that_lost_its_funds_and_is_swept_by_a_stranger_is_unfunded_and_no_fill() {
    play(async |stage| {
        stage.session_quotes().await;
        let buy = stage.ours(Side::Buy);
        stage.session_is_killed().await;
        // While nobody is there the issuer takes back what our bid would pay with, and somebody sells.
        stage.sends(Who::Issuer, &claw_back(Who::Wallet, "85.2"));
        stage.closes(1).await;
        stage.sends(Who::Taker, &take(xrp("10"), rlusd("14.14")));
        stage.closes(1).await;
        stage.session_starts();
        stage.closes(4).await;
        stage.session_is_stopped().await;
        assert_eq!(stage.halts(), ["1|closed|issuer_freeze", "2|closed|interrupted_sigterm"]);
        assert_eq!(stage.order(buy), "unfunded|unfunded|0");
        assert_eq!(stage.fills(), [""; 0]);
        stage.proven();
    });
}
