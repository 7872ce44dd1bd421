//! Money that comes and goes beside our trades, and others who hold our key.

use crate::people::{Who, allow, cancel, claw_back, offer, pay, rlusd, xrp};
use crate::stage::play;
use crate::wallet::movements;
use engine::Side;

/// `asfGlobalFreeze` (ledger documentation, "AccountSet Flags").
const GLOBAL_FREEZE: u32 = 7;
/// `asfRequireDest` (the same page).
const REQUIRE_DESTINATION_TAG: u32 = 1;

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
        // Its worth rose by what came in, and that is no gain: the fees are all there is.
        let shown = stage.neo(&["session", "show", "1"]).ended(0).stdout;
        let value = shown.lines().find(|line| line.trim_start().starts_with("value")).unwrap();
        assert!(value.contains("(-0.0001 and +14.2250 capital)"), "{shown}");
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
        assert!(moved.contains(&"other_writer -2.500000 0".to_owned()), "{moved:?}");
    });
}

#[test]
fn a_withdrawal_that_was_announced_is_capital_and_trading_goes_on() {
    play(async |stage| {
        stage.session_quotes().await;
        stage.session_is_stopped().await;
        stage.neo(&["capital", "expect", "2.5", "XRP", "--within", "1h"]).ended(0);
        stage.session_quotes().await;
        let worth = |stage: &crate::stage::Stage| {
            let sql = "SELECT total_value_rlusd, net_deposits_rlusd_cum FROM valuation_snapshots ORDER BY id DESC LIMIT 1";
            let row = stage.rows(sql).remove(0);
            let (value, net) = row.split_once('|').unwrap();
            (value.parse::<units::Exact>().unwrap(), net.parse::<units::Exact>().unwrap())
        };
        let before = worth(stage);
        let paid = stage.sends(Who::Wallet, &pay(Who::Genesis, xrp("2.5")));
        stage.closes(3).await;
        // 2.5 XRP at 1.42: net deposits fall by all of it, and the total by that and the fee of ten drops.
        let after = worth(stage);
        assert_eq!((&after.1 - &before.1).to_string(), "-3.55");
        assert_eq!((&after.0 - &before.0).to_string(), "-3.5500142");
        let events = stage.rows("SELECT session_id, kind, asset, amount, value_rlusd, note FROM capital_events WHERE tx_hash IS NOT NULL");
        assert_eq!(events, ["2|withdrawal|XRP|2.500000|3.55|notice 1"]);

        // It stood for one payment only.
        stage.sends(Who::Wallet, &pay(Who::Genesis, xrp("2.5")));
        stage.session_ends().await;
        assert_eq!(stage.halts(), ["1|closed|interrupted_sigterm", "2|closed|foreign_transaction"]);
        let moved = movements(&stage.proven()[1]);
        assert!(moved.contains(&"withdrawal -2.500000 0".to_owned()), "{moved:?}");
        assert!(moved.contains(&"other_writer -2.500000 0".to_owned()), "{moved:?}");
        let listed = stage.neo(&["capital", "list", "--json"]).ended(0).json();
        assert_eq!(listed["notices"][0]["done_by"], 2, "{listed}");
        assert_eq!(listed["events"][2]["tx_hash"], paid.to_string(), "{listed}");
    });
}

#[test]
fn a_withdrawal_while_nobody_is_there_is_announced_before_the_recovery() {
    play(async |stage| {
        stage.session_quotes().await;
        stage.session_is_killed().await;
        stage.sends(Who::Wallet, &pay(Who::Issuer, rlusd("10.25")));
        stage.closes(2).await;
        let issuer = Who::Issuer.keys().account().to_string();
        stage.neo(&["capital", "expect", "10.25", "RLUSD", "--to", &issuer]).ended(0);
        stage.session_quotes().await;
        stage.session_is_stopped().await;
        assert_eq!(stage.halts(), ["1|closed|recovered_after_crash", "2|closed|interrupted_sigterm"]);
        let moved = movements(&stage.proven()[0]);
        assert!(moved.contains(&"withdrawal 0.000000 -10.25".to_owned()), "{moved:?}");
    });
}

#[test]
fn a_withdrawal_that_nobody_announced_is_said_to_be_one_afterwards() {
    play(async |stage| {
        stage.session_quotes().await;
        let paid = stage.sends(Who::Wallet, &pay(Who::Genesis, xrp("2.5"))).to_string();
        stage.session_ends().await;
        let neo = |args: &[&str]| stage.neo(&[args, &["--tx", &paid]].concat());
        assert!(neo(&["capital", "deposit"]).ended(4).stderr.contains("that is no deposit"));
        neo(&["capital", "withdraw", "--note", "to the cold wallet"]).ended(0);
        assert!(neo(&["capital", "withdraw"]).ended(4).stderr.contains("notice 1 says so already"));
        let net = |stage: &crate::stage::Stage| {
            let sql = "SELECT net_deposits_rlusd_cum FROM valuation_snapshots ORDER BY id DESC LIMIT 1";
            stage.rows(sql).remove(0).parse::<units::Exact>().unwrap()
        };
        let before = net(stage);
        stage.session_quotes().await;
        assert_eq!((&net(stage) - &before).to_string(), "-3.55");
        stage.session_is_stopped().await;
        let events = stage.rows("SELECT session_id, kind, asset, amount, value_rlusd, note FROM capital_events WHERE note LIKE 'notice%'");
        assert_eq!(events, ["2|withdrawal|XRP|2.500000|3.55|notice 1"]);
        stage.proven();
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
        assert!(moved.contains(&"clawback 0.000000 -20.125".to_owned()), "{moved:?}");
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

#[test]
fn an_offer_of_another_program_at_a_price_beyond_all_prices_is_taken_down_and_proven_too() {
    // A drop for so much that no price can tell it, and RLUSD for less than any: nobody takes either.
    let high = || offer(xrp("0.000001"), rlusd("1000000000"));
    let low = || offer(rlusd("0.000000000000001"), xrp("1"));
    for body in [high(), low()] {
        play(async |stage| {
            stage.session_quotes().await;
            stage.sends(Who::Wallet, &body);
            stage.session_ends().await;
            assert_eq!(stage.halts(), ["1|closed|foreign_transaction"]);
            assert_eq!(stage.offers_of(Who::Wallet), [], "it is taken down");
            stage.proven();
        });
    }
}

#[test]
fn an_issuer_that_freezes_all_lines_ends_the_session_although_no_line_of_ours_says_so() {
    play(async |stage| {
        stage.session_quotes().await;
        stage.sends(Who::Issuer, &allow(GLOBAL_FREEZE));
        stage.session_ends().await;
        assert_eq!(stage.halts(), ["1|closed|issuer_freeze"]);
        assert_eq!(stage.offers_of(Who::Wallet), []);
        stage.proven();
    });
}

#[test]
fn another_program_that_changes_the_account_itself_ends_the_session_by_a_name_of_its_own() {
    play(async |stage| {
        stage.session_quotes().await;
        stage.sends(Who::Wallet, &allow(REQUIRE_DESTINATION_TAG));
        stage.session_ends().await;
        assert_eq!(stage.halts(), ["1|closed|account_changed"]);
        assert_eq!(stage.offers_of(Who::Wallet), [], "ours are taken down");
        stage.proven();
    });
}
