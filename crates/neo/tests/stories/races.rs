//! Two things in one ledger, in both orders: a fill and our cancel, a fill and our replacement. The order is the ledger's to
//! choose; what happened is in the metadata alone.

use crate::people::{Who, rlusd, take, xrp};
use crate::stage::{Order, Stage, play, play_with};
use engine::Side;

/// Without it a move of the market would take an offer down instead of replacing it.
const NO_MOMENTUM: &[(&str, &str)] = &[("momentum_threshold_bps", "10000")];

/// Both sides rest; then the maker goes, and without a middle the engine takes both down: its cancels are on their way.
async fn our_cancels_are_on_their_way(stage: &mut Stage) -> u32 {
    stage.session_quotes().await;
    let sell = stage.ours(Side::Sell);
    stage.maker_leaves();
    stage.closes(1).await;
    sell
}

/// Both sides rest; then the market moves up, and the engine's replacement of its ask is on its way.
async fn our_replacement_is_on_its_way(stage: &mut Stage) -> u32 {
    stage.session_quotes().await;
    let sell = stage.ours(Side::Sell);
    stage.maker_quotes("1.418", "1.428");
    stage.closes(1).await;
    sell
}

#[test]
fn a_whole_fill_then_our_cancel_in_one_ledger_is_a_fill_and_the_cancels_success_is_not_believed() {
    play(async |stage| {
        let sell = our_cancels_are_on_their_way(stage).await;
        stage.sends_beside_ours(Who::Taker, &take(rlusd("142.5"), xrp("100")), Order::BeforeOurs);
        stage.closes(1).await;
        stage.session_is_stopped().await;
        assert_eq!(stage.order(sell), "filled|book_empty|0");
        assert_eq!(stage.submission_against(sell), "cancel|tesSUCCESS|validated_tes|tesSUCCESS");
        assert_eq!(stage.fills(), [format!("1|sell|{sell}|10.548612|15")]);
        assert_eq!(stage.anomalies(), [""; 0]);
        stage.proven();
    });
}

#[test]
fn a_part_filled_then_our_cancel_in_one_ledger_is_the_part_and_the_rest_is_cancelled() {
    play(async |stage| {
        let sell = our_cancels_are_on_their_way(stage).await;
        stage.sends_beside_ours(Who::Taker, &take(rlusd("4.275"), xrp("3")), Order::BeforeOurs);
        stage.closes(1).await;
        stage.session_is_stopped().await;
        assert_eq!(stage.order(sell), "cancelled|book_empty|1");
        assert_eq!(stage.fills(), [format!("1|sell|{sell}|3.000000|4.26596409082067")]);
        stage.proven();
    });
}

#[test]
fn our_cancel_then_a_taker_in_one_ledger_is_a_cancel_and_no_fill() {
    play(async |stage| {
        let sell = our_cancels_are_on_their_way(stage).await;
        stage.sends_beside_ours(Who::Taker, &take(rlusd("142.5"), xrp("100")), Order::AfterOurs);
        stage.closes(1).await;
        stage.session_is_stopped().await;
        assert_eq!(stage.order(sell), "cancelled|book_empty|1");
        assert_eq!(stage.submission_against(sell), "cancel|tesSUCCESS|validated_tes|tesSUCCESS");
        assert_eq!(stage.fills(), [""; 0]);
        stage.proven();
    });
}

#[test]
fn a_replacement_whose_old_offer_was_just_filled_rests_and_the_fill_is_the_old_ones() {
    play_with(4, NO_MOMENTUM, async |stage| {
        let old = our_replacement_is_on_its_way(stage).await;
        stage.sends_beside_ours(Who::Taker, &take(rlusd("142.5"), xrp("100")), Order::BeforeOurs);
        stage.closes(1).await;
        let new = stage.ours(Side::Sell);
        assert_ne!(new, old);
        stage.session_is_stopped().await;
        assert_eq!(stage.order(old), "filled|too_aggressive|0");
        assert_eq!(stage.submission_against(old), "replace|tesSUCCESS|validated_tes|tesSUCCESS");
        assert_eq!(stage.fills(), [format!("1|sell|{old}|10.548612|15")]);
        stage.proven();
    });
}

#[test]
fn a_replacement_then_a_taker_in_one_ledger_leaves_nothing_of_the_old_offer_to_take() {
    play_with(4, NO_MOMENTUM, async |stage| {
        let old = our_replacement_is_on_its_way(stage).await;
        // Up to 1.423: the old offer would be taken, the new one asks for more.
        stage.sends_beside_ours(Who::Taker, &take(rlusd("142.3"), xrp("100")), Order::AfterOurs);
        stage.closes(1).await;
        let new = stage.ours(Side::Sell);
        assert_ne!(new, old);
        stage.session_is_stopped().await;
        assert_eq!(stage.order(old), "replaced|too_aggressive|1");
        assert_eq!(stage.fills(), [""; 0]);
        stage.proven();
    });
}

#[test]
fn a_replacement_that_is_itself_taken_in_its_first_ledger_is_a_fill_of_the_new_offer() {
    play_with(4, NO_MOMENTUM, async |stage| {
        let old = our_replacement_is_on_its_way(stage).await;
        stage.sends_beside_ours(Who::Taker, &take(rlusd("4.278"), xrp("3")), Order::AfterOurs);
        stage.closes(1).await;
        let new = stage.ours(Side::Sell);
        stage.session_is_stopped().await;
        assert_eq!(stage.order(old), "replaced|too_aggressive|1");
        assert_eq!(stage.fills(), [format!("1|sell|{new}|3.000000|4.27496205561534")]);
        stage.proven();
    });
}
