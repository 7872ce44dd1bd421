//! A replacement that the ledger refuses with a `tec`: it burns its fee and changes nothing else, so the offer that it was
//! to replace is still there. (rippled undoes a transaction that ends in a `tec`, the cancelling of `OfferSequence` too: of
//! 277 such in the recordings of rippled 3.1.1, 200 tecKILLED, 42 tecUNFUNDED_OFFER, 28 tecEXPIRED, 6
//! tecINSUF_RESERVE_OFFER and a tecNO_ISSUER, none took an old offer away.)

use crate::people::{Who, claw_back};
use crate::stage::{Order, play_with};
use engine::Side;

#[test]
fn a_replacement_without_funds_leaves_the_old_offer_and_it_is_cancelled_by_itself() {
    play_with(4, &[("momentum_threshold_bps", "10000")], async |stage| {
        stage.session_quotes().await;
        let old = stage.ours(Side::Buy);
        // The market falls: the bid is to be replaced by a lower one. The issuer is quicker, and takes all RLUSD back.
        stage.maker_quotes("1.412", "1.422");
        stage.closes(1).await;
        stage.sends_beside_ours(Who::Issuer, &claw_back(Who::Wallet, "85.2"), Order::BeforeOurs);
        stage.closes(1).await;
        assert_eq!(stage.ours(Side::Buy), old, "it still rests");
        stage.session_ends().await;
        let refused = stage.rows(&format!(
            "SELECT n.status, n.cancel_reason, o.status FROM orders n JOIN orders o ON n.replaces = o.order_id
             WHERE o.offer_sequence = {old}"
        ));
        assert_eq!(refused, ["unfunded|tecUNFUNDED_OFFER|cancelled"]);
        assert_eq!(
            stage.submission_against(old),
            "cancel|tesSUCCESS|validated_tes|tesSUCCESS and replace|tesSUCCESS|validated_tec|tecUNFUNDED_OFFER"
        );
        assert_eq!(stage.fills(), [""; 0]);
        stage.proven();
    });
}

#[test]
fn a_replacement_that_came_too_late_leaves_the_old_offer_and_it_is_cancelled_by_itself() {
    // Ledgers of ten seconds and offers of sixty: what waits for six ledgers is dead when its turn comes.
    let settings = [
        ("momentum_threshold_bps", "10000"),
        ("offer_ttl_seconds", "60"),
        ("offer_refresh_seconds", "20"),
        ("last_ledger_offset", "8"),
    ];
    play_with(10, &settings, async |stage| {
        stage.session_quotes().await;
        let old = stage.ours(Side::Sell);
        let now = stage.newest();
        stage.goes_wrong(&format!(
            "seed: 1\nfaults: [{{fault: queued_then_validated, ledgers: 6, tx_type: OfferCreate, from_ledger: {now}, to_ledger: {}}}]",
            now + 1
        ));
        stage.maker_quotes("1.418", "1.428");
        stage.closes(10).await;
        stage.session_is_stopped().await;
        let refused = stage.rows(&format!(
            "SELECT n.status, n.cancel_reason FROM orders n JOIN orders o ON n.replaces = o.order_id
             WHERE o.offer_sequence = {old} ORDER BY n.offer_sequence"
        ));
        assert_eq!(refused.first().map(String::as_str), Some("expired|tecEXPIRED"), "{refused:?}");
        assert_eq!(stage.order(old), "cancelled|too_aggressive|1");
        assert_eq!(stage.fills(), [""; 0]);
        stage.proven();
    });
}
