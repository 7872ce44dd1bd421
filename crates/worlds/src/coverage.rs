//! Which faults of the reliability page's catalogue a world can have, by their numbers, and how often each was met: the
//! table at the end of a campaign. Counts are of faults that struck, not of faults that were drawn.

use std::collections::BTreeMap;
use std::fmt::Write;

/// How often each fault is to be met in a whole campaign (test plan, row 7).
pub const WANTED: u64 = 1_000;
/// Seeds of a whole campaign.
pub const CAMPAIGN: u64 = 20_000;

/// Number in the catalogue, and the word under which it is counted. Of groups A to E those are missing that no session
/// can meet here: migrations, backups and other programs at the files (6, 13, 24, 29, 31 to 36, 38 to 41: `store` and
/// `neo`), a search for one transaction (64: a session asks for none), names and certificates (67, 68), a clock on the
/// wall (106 to 108: the loop has none).
pub const ROWS: &[(&str, &str)] = &[
    ("1", "process: killed with nothing under way"),
    ("2", "process: killed with an intent written and not sent"),
    ("3", "process: killed with a submission not answered"),
    ("4, 7", "process: killed in a write"),
    ("5", "process: killed while the tables are made"),
    ("1 to 4", "recovery: begun at a checkpoint"),
    ("11, 110", "process: suspended for minutes"),
    ("110", "process: suspended for hours"),
    ("12", "process: a signal"),
    ("12", "process: two signals"),
    ("14, 92", "wallet: a sequence used by another program"),
    ("14", "wallet: an offer placed by another program"),
    ("14", "wallet: the market taken by another program"),
    ("14", "wallet: an offer of ours taken down by another program"),
    ("14", "wallet: tickets made by another program"),
    ("14", "wallet: a ticket of ours used by another program"),
    ("14", "wallet: an offer of another program taken by a stranger"),
    ("14", "wallet: into the pool by another program"),
    ("16-18", "power cut between two steps"),
    ("16-18", "power cut in a write"),
    ("20", "disk: a sync fails once"),
    ("21", "disk: every sync fails from then on"),
    ("22", "disk: a write fails"),
    ("22", "disk: writes fail from then on"),
    ("23", "disk: full"),
    ("25", "disk: a read fails"),
    ("26", "damage: a bit of the database flipped"),
    ("27", "damage: a bit of the log flipped"),
    ("28", "damage: the log cut short"),
    ("30", "damage: the log gone"),
    ("37", "disk: slow"),
    ("66", "process: away for hours"),
    ("42, 70", "server: reset"),
    ("42, 71", "server: drop"),
    ("43", "server: half_open"),
    ("44", "server: silent_subscription"),
    ("45", "server: threshold"),
    ("45, 47", "server: load"),
    ("46", "server: too_slow"),
    ("47", "server: slow_down"),
    ("47", "server: too_busy"),
    ("48, 74", "server: cut"),
    ("48", "server: partial_json"),
    ("48", "server: service_unavailable"),
    ("49", "server: huge_frame"),
    ("50", "server: deep_json"),
    ("51", "server: unknown_message"),
    ("51, 102", "server: unknown_field"),
    ("52", "server: missing_field"),
    ("53", "server: duplicate"),
    ("54", "server: ledger_gap"),
    ("54, 56", "server: delay"),
    ("55", "server: ledger_backwards"),
    ("56, 57", "server: reorder"),
    ("57", "server: wrong_id"),
    ("58", "server: provisional_result_changes"),
    ("59", "server: other_network"),
    ("60", "server: stale_node"),
    ("61", "server: history_gap"),
    ("62", "server: amendment_blocked"),
    ("63", "server: two_nodes_disagree"),
    ("65", "server: lying_node"),
    ("66", "server: endpoint_down"),
    ("69", "server: delayed_request"),
    ("72", "server: lost_request"),
    ("72", "server: lost_submit"),
    ("73", "server: no_peers"),
    ("75", "server: restarting"),
    ("90", "server: queued_then_dropped"),
    ("90", "server: queued_then_validated"),
    ("91", "server: cannot_queue"),
    ("94", "server: fee_spike"),
    ("103", "server: stalled_validation"),
    ("76", "ledger: several fills of an offer in one ledger"),
    ("77", "ledger: a fill of the whole offer"),
    ("78", "ledger: filled, then cancelled, in one ledger"),
    ("79", "ledger: filled in the ledger of its replacement"),
    ("81", "ledger: expired and swept by a stranger"),
    ("82", "ledger: unfunded and swept by a stranger"),
    ("83", "ledger: partly filled, then unfunded"),
    ("85", "ledger: filled by a payment"),
    ("86", "ledger: filled beside the pool"),
    ("87", "ledger: a tec of ours"),
    ("93", "intent: expired"),
    ("97", "wallet: frozen by the issuer"),
    ("97", "wallet: deeply frozen by the issuer"),
    ("97", "wallet: all lines frozen by the issuer"),
    ("98", "wallet: clawback of a part"),
    ("98", "wallet: clawback of everything"),
    ("99", "wallet: the trust line gone"),
    ("100", "wallet: deposit of XRP"),
    ("100", "wallet: deposit of RLUSD"),
    ("105", "wallet: a transfer fee set by the issuer"),
];

/// The table: every fault with how often it was met, and after `worlds` seeds how often a whole campaign would; then
/// what else was counted, and which faults have not been met often enough yet.
pub fn table(counts: &BTreeMap<String, u64>, worlds: u64) -> String {
    let mut text = String::new();
    let met = |word: &str| counts.get(word).copied().unwrap_or(0);
    let in_all = |times: u64| times.saturating_mul(CAMPAIGN) / worlds.max(1);
    let _ = writeln!(text, "{:>9} {:>12} {:>14}  fault", "number", "met", "in 20,000");
    for (number, word) in ROWS {
        let times = met(word);
        let _ = writeln!(text, "{number:>9} {times:>12} {:>14}  {word}", in_all(times));
    }
    let known = |word: &str| ROWS.iter().any(|(_, row)| *row == word);
    for (word, times) in counts.iter().filter(|(word, _)| !known(word)) {
        let _ = writeln!(text, "{:>9} {times:>12} {:>14}  {word}", "", "");
    }
    let mut rare: Vec<(u64, &str)> =
        ROWS.iter().map(|(_, word)| (met(word), *word)).filter(|(times, _)| *times < WANTED).collect();
    rare.sort_unstable();
    if rare.is_empty() {
        let _ = writeln!(text, "every fault was met at least {WANTED} times");
    } else {
        let _ = writeln!(text, "not met {WANTED} times yet ({} of {}):", rare.len(), ROWS.len());
        for (times, word) in rare {
            let _ = writeln!(text, "{:>9} {times:>12} {:>14}  {word}", "", in_all(times));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rare_is_named_with_what_a_campaign_would_meet() {
        let mut counts: BTreeMap<String, u64> =
            ROWS.iter().map(|(_, word)| ((*word).to_owned(), WANTED)).collect();
        assert!(table(&counts, 10).contains("every fault was met at least 1000 times"));
        counts.insert("server: drop".to_owned(), 3);
        counts.insert("twice, and the same".to_owned(), 7);
        let text = table(&counts, 100);
        assert!(text.contains("not met 1000 times yet (1 of"), "{text}");
        assert!(text.trim_end().ends_with("3            600  server: drop"), "{text}");
        assert!(text.contains("7                 twice, and the same"), "{text}");
    }

    #[test]
    fn no_word_is_listed_twice() {
        let words: std::collections::BTreeSet<&str> = ROWS.iter().map(|(_, word)| *word).collect();
        assert_eq!(words.len(), ROWS.len());
    }
}
