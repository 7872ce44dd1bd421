//! A sequence is stuck: the cancel goes by ticket, whatever becomes of the transaction before it.

use crate::people::{Who, rlusd, take, xrp};
use crate::stage::{Stage, play_with};
use engine::Side;

/// The usual pool; only what is too near is requoted.
const POOL: &[(&str, &str)] =
    &[("ticket_pool", "2"), ("momentum_threshold_bps", "10000"), ("requote_tolerance_passive_bps", "1000")];

/// Both sides rest and the pool is full; then the market moves up, and what is to replace our ask meets this fault.
async fn the_replacement_meets(stage: &mut Stage, fault: &str) -> u32 {
    stage.session_quotes().await;
    stage.closes(1).await;
    assert_eq!(tickets(stage), 2);
    let sell = stage.ours(Side::Sell);
    let now = stage.newest();
    stage.goes_wrong(&format!(
        "seed: 1\nfaults: [{{{fault}, tx_type: OfferCreate, from_ledger: {now}, to_ledger: {}}}]",
        now + 2
    ));
    stage.maker_quotes("1.418", "1.428");
    stage.closes(1).await;
    sell
}

/// Tickets of ours on the ledger.
fn tickets(stage: &Stage) -> usize {
    stage.tickets_of(Who::Wallet).len()
}

/// What was sent by ticket: what for, and what became of it.
fn by_ticket(stage: &Stage) -> Vec<String> {
    stage.rows("SELECT intent, outcome FROM submissions WHERE ticket IS NOT NULL AND sequence IS NULL")
}

#[test]
fn a_replacement_is_dropped_from_the_queue_and_the_cancel_goes_by_ticket() {
    play_with(4, POOL, async |stage| {
        let sell = the_replacement_meets(stage, "fault: queued_then_dropped").await;
        stage.closes(2).await;
        assert_eq!(stage.order(sell), "open||0");
        assert_eq!(by_ticket(stage), ["cancel|"], "on its way");
        stage.closes(1).await;
        assert_eq!(stage.order(sell), "cancelled|too_aggressive|1");
        assert_eq!(tickets(stage), 1);
        stage.closes(6).await;
        assert_eq!(tickets(stage), 2, "the pool is filled up");
        assert_ne!(stage.ours(Side::Sell), sell, "and the ask is there again");
        stage.session_is_stopped().await;
        assert_eq!(
            stage.submission_against(sell),
            "cancel|tesSUCCESS|validated_tes|tesSUCCESS and replace|terQUEUED|expired_proved|"
        );
        assert_eq!(by_ticket(stage), ["cancel|validated_tes"]);
        assert_eq!((stage.fills(), stage.anomalies()), (vec![], vec![]));
        assert_eq!(tickets(stage), 2, "they outlive the session");
        stage.proven();
    });
}

#[test]
fn a_late_replacement_goes_before_the_cancel_by_ticket_which_then_finds_nothing() {
    play_with(4, POOL, async |stage| {
        let sell = the_replacement_meets(stage, "fault: queued_then_validated, ledgers: 2").await;
        stage.closes(3).await;
        let new = stage.ours(Side::Sell);
        assert_ne!(new, sell, "in one ledger sequences apply before tickets");
        assert_eq!(stage.order(sell), "replaced|too_aggressive|1");
        assert_eq!(by_ticket(stage), ["cancel|validated_tes"]);
        stage.sends(Who::Taker, &take(rlusd("142.9"), xrp("100")));
        stage.closes(2).await;
        stage.session_is_stopped().await;
        assert_eq!(stage.fills().len(), 1, "{:?}", stage.fills());
        assert!(stage.fills()[0].contains(&format!("|sell|{new}|")));
        assert_eq!(stage.anomalies(), [""; 0]);
        stage.proven();
    });
}

#[test]
fn a_session_that_is_killed_leaves_its_tickets_to_the_next() {
    play_with(4, POOL, async |stage| {
        stage.session_quotes().await;
        stage.closes(1).await;
        let before = stage.tickets_of(Who::Wallet);
        assert_eq!(before.len(), 2);
        stage.session_is_killed().await;
        stage.closes(2).await;
        let sell = the_replacement_meets(stage, "fault: queued_then_dropped").await;
        assert_eq!(stage.tickets_of(Who::Wallet), before, "they are there already");
        stage.closes(3).await;
        assert_eq!(stage.order(sell), "cancelled|too_aggressive|1");
        stage.session_is_stopped().await;
        // The bid's, at the end, went past the stuck sequence as well.
        assert_eq!(by_ticket(stage), ["cancel|validated_tes", "cancel|validated_tes"]);
        assert_eq!(stage.rows("SELECT count(*) FROM submissions WHERE intent = 'ticket_create'")[0], "1");
        stage.proven();
    });
}
