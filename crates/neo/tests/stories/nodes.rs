//! Nodes that do not know: what they do not say is never taken for something that happened.

use crate::people::{Who, rlusd, take, xrp};
use crate::stage::play;
use engine::Side;

#[test]
fn a_stale_node_that_has_not_got_our_offers_is_not_believed_and_the_fill_is_found_later() {
    play(async |stage| {
        // The node behind the second connection stays at this ledger, in which we have no offers yet.
        let before = stage.newest() + 1;
        stage.goes_wrong(&format!(
            "seed: 1\nfaults:\n  - {{fault: stale_node, from_ledger: {before}, to_ledger: {}, connection: 2}}\n  \
             - {{fault: reset, connection: 1, from_ledger: {}}}\n",
            before + 20,
            before + 8,
        ));
        stage.session_quotes().await;
        let sell = stage.ours(Side::Sell);
        while stage.newest() < before + 10 {
            stage.closes(1).await;
        }
        stage.sends(Who::Taker, &take(rlusd("4.275"), xrp("3")));
        stage.closes(6).await;
        // For it our offers never were; for us they are what the last validated ledger said.
        assert_eq!(stage.order(sell), "open||0");
        assert_eq!((stage.fills(), stage.anomalies()), (vec![], vec![]));
        stage.closes(20).await;
        assert_eq!(stage.fills(), [format!("1|sell|{sell}|3.000000|4.26596409082067")]);
        stage.session_is_stopped().await;
        assert_eq!(stage.halts(), ["1|closed|interrupted_sigterm"]);
        assert_eq!(stage.anomalies(), [""; 0]);
        stage.proven();
    });
}

#[test]
fn a_range_that_the_node_has_not_got_is_asked_for_until_it_comes_and_never_guessed() {
    play(async |stage| {
        stage.session_quotes().await;
        let sell = stage.ours(Side::Sell);
        // Two ledgers are told by nobody, and for six the node has not got them either. In the first we trade.
        let now = stage.newest();
        stage.goes_wrong(&format!(
            "seed: 1\nfaults:\n  - {{fault: ledger_gap, ledgers: 2, from_ledger: {gap}, times: 1}}\n  \
             - {{fault: history_gap, first: {gap}, last: {}, from_ledger: {gap}, to_ledger: {}}}\n",
            now + 2,
            now + 7,
            gap = now + 1,
        ));
        stage.sends(Who::Taker, &take(rlusd("142.5"), xrp("100")));
        stage.closes(6).await;
        assert_eq!(stage.order(sell), "open||0", "nobody has shown how it went");
        assert_eq!((stage.fills(), stage.anomalies()), (vec![], vec![]));
        // It is asked again every ten ledgers.
        stage.closes(10).await;
        assert_eq!(stage.order(sell), "filled||0");
        assert_eq!(stage.fills(), [format!("1|sell|{sell}|10.548612|15")]);
        stage.session_is_stopped().await;
        assert_eq!(stage.anomalies(), [""; 0]);
        stage.proven();
    });
}
