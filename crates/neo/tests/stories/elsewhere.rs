//! What another program set up with our key before, and a stranger completes: it is in the ledger long before the engine
//! is, and nothing of it is a fill.

use crate::people::{Who, offer, rlusd, token, xrp};
use crate::stage::play;
use crate::wallet::movements;

#[test]
fn an_offer_for_another_asset_that_a_stranger_takes_is_anothers_and_ends_the_session() {
    for (gives, first, moves) in [
        // A third of it.
        (xrp("3"), xrp("1"), "other_writer -1.000000 0"),
        (rlusd("3"), rlusd("1"), "other_writer 0.000000 -1"),
    ] {
        play(async |stage| {
            stage.sends(Who::Wallet, &offer(gives, token("6")));
            stage.closes(1).await;
            stage.session_quotes_beside(1).await;
            stage.sends(Who::Taker, &offer(token("2"), first));
            stage.session_ends().await;
            assert_eq!(stage.halts(), ["1|closed|foreign_transaction"]);
            assert_eq!(stage.offers_of(Who::Wallet).len(), 1, "it is not ours to take down");
            let moved = movements(&stage.proven()[0]);
            assert!(moved.contains(&moves.to_owned()), "{moved:?}");
            assert_eq!(stage.rows("SELECT count(*) FROM fills"), ["0"]);
        });
    }
}

#[test]
fn the_same_while_the_engine_was_dead_is_explained_too() {
    play(async |stage| {
        stage.sends(Who::Wallet, &offer(xrp("3"), token("6")));
        stage.closes(1).await;
        stage.session_quotes_beside(1).await;
        stage.session_is_killed().await;
        stage.sends(Who::Taker, &offer(token("6"), xrp("3")));
        stage.closes(2).await;
        stage.session_quotes().await;
        stage.session_is_stopped().await;
        assert_eq!(stage.halts(), ["1|closed|foreign_transaction", "2|closed|interrupted_sigterm"]);
        let moved = movements(&stage.proven()[0]);
        assert!(moved.contains(&"other_writer -3.000000 0".to_owned()), "{moved:?}");
    });
}
