//! What happens while no engine runs: it is found in the ledger's history, and belongs to the session that placed the order.

use crate::people::{Who, rlusd, take, xrp};
use crate::stage::play;
use engine::Side;
use platform::signals::Signal;

/// Twenty-six hours.
const A_DAY_MINUTES: u32 = 26 * 60;

#[test]
fn dead_for_a_day_while_offers_fill_the_fills_are_the_dead_sessions() {
    play(async |stage| {
        stage.session_quotes().await;
        let (buy, sell) = (stage.ours(Side::Buy), stage.ours(Side::Sell));
        stage.session_is_killed().await;
        // A little of the ask is taken at once, all of the bid a little later; the rest of the ask dies by time, and
        // a day later somebody sweeps it.
        stage.sends(Who::Taker, &take(rlusd("4.275"), xrp("3")));
        stage.closes(10).await;
        stage.sends(Who::Taker, &take(xrp("100"), rlusd("141.6")));
        stage.closes(1).await;
        stage.nobody_is_there_for(A_DAY_MINUTES);
        stage.sends(Who::Taker, &take(rlusd("14.25"), xrp("10")));
        stage.closes(1).await;

        stage.session_quotes().await;
        stage.session_is_stopped().await;
        assert_eq!(stage.halts(), ["1|closed|recovered_after_crash", "2|closed|interrupted_sigterm"]);
        assert_eq!(
            stage.fills(),
            [format!("1|sell|{sell}|3.000000|4.26596409082067"), format!("1|buy|{buy}|10.573955|15")]
        );
        assert_eq!(
            (stage.order(sell), stage.order(buy)),
            ("expired|expired|0".to_owned(), "filled||0".to_owned())
        );
        stage.proven();
    });
}

#[test]
fn a_session_that_had_no_time_to_see_its_offers_gone_is_credited_with_what_they_still_traded() {
    play(async |stage| {
        stage.session_quotes().await;
        let sell = stage.ours(Side::Sell);
        // The window is closed: cancels are sent, and nobody waits for them. None arrives.
        let now = stage.newest();
        stage.goes_wrong(&format!(
            "seed: 1\nfaults: [{{fault: lost_submit, from_ledger: {now}, to_ledger: {}}}]",
            now + 9
        ));
        stage.signal(Signal::ConsoleClose);
        stage.session_ends().await;
        assert_eq!(stage.halts(), ["1|closed|interrupted_console_close"]);
        stage.sends(Who::Taker, &take(rlusd("4.275"), xrp("3")));
        stage.closes(10).await;

        stage.session_starts();
        stage.closes(6).await;
        stage.session_is_stopped().await;
        assert_eq!(stage.fills(), [format!("1|sell|{sell}|3.000000|4.26596409082067")]);
        assert_eq!(stage.anomalies(), [""; 0]);
        stage.proven();
    });
}
