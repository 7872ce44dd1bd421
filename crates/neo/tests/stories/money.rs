//! Money that comes and goes beside our trades, and others who hold our key.

use crate::people::{Who, cancel, claw_back, offer, pay, rlusd, xrp};
use crate::stage::play;
use crate::wallet::movements;
use engine::Side;

#[test]
fn a_deposit_of_each_asset_in_mid_session_is_booked_and_no_profit() {
    play(async |stage| {
        stage.session_quotes().await;
        stage.sends(Who::Genesis, &pay(Who::Wallet, xrp("5")));
        stage.sends(Who::Issuer, &pay(Who::Wallet, rlusd("7.125")));
        stage.closes(2).await;
        let deposits = stage.rows("SELECT kind, asset, amount, value_rlusd FROM capital_events WHERE tx_hash IS NOT NULL ORDER BY asset");
        assert_eq!(deposits, ["deposit|RLUSD|7.125|7.125", "deposit|XRP|5.000000|7.1"]);
        stage.session_is_stopped().await;
        assert_eq!(stage.halts(), ["1|closed|interrupted_sigterm"]);
        let moved = movements(&stage.proven()[0]);
        assert!(moved.contains(&"deposit 5.000000 7.125".to_owned()), "{moved:?}");
    });
}

#[test]
fn a_withdrawal_that_nobody_announced_is_booked_as_anothers_and_ends_the_session() {
    play(async |stage| {
        stage.session_quotes().await;
        stage.sends(Who::Wallet, &pay(Who::Genesis, xrp("2.5")));
        stage.session_ends().await;
        assert_eq!(stage.halts(), ["1|closed|foreign_transaction"]);
        assert_eq!(stage.offers_of(Who::Wallet), [], "ours are taken down");
        let moved = movements(&stage.proven()[0]);
        assert!(moved.contains(&"external -2.500000 0".to_owned()), "{moved:?}");
    });
}

#[test]
fn what_the_issuer_claws_back_is_booked_as_its_and_ends_the_session() {
    play(async |stage| {
        stage.session_quotes().await;
        stage.sends(Who::Issuer, &claw_back(Who::Wallet, "20.125"));
        stage.session_ends().await;
        assert_eq!(stage.halts(), ["1|closed|issuer_freeze"]);
        let moved = movements(&stage.proven()[0]);
        assert!(moved.contains(&"external 0.000000 -20.125".to_owned()), "{moved:?}");
    });
}

#[test]
fn another_program_that_trades_with_our_key_ends_the_session_and_nothing_of_it_stays() {
    play(async |stage| {
        stage.session_quotes().await;
        let sell = stage.ours(Side::Sell);
        // It cancels our ask and places one of its own.
        stage.sends(Who::Wallet, &cancel(sell));
        stage.sends(Who::Wallet, &offer(xrp("2"), rlusd("40")));
        stage.session_ends().await;
        assert_eq!(stage.halts(), ["1|closed|foreign_transaction"]);
        assert_eq!(stage.offers_of(Who::Wallet), [], "its offer is taken down too");
        assert_eq!(stage.order(sell), "cancelled||1");
        let moved = movements(&stage.proven()[0]);
        assert_eq!(moved, ["fee -0.000060 0"], "six fees, nothing else");
    });
}
