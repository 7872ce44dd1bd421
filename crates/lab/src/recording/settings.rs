//! How the recorded server's queue was set up. A recording does not say it: where its costs rose and where its queue did
//! not empty, the settings are read off these two numbers; everywhere else they are a standalone server's own.

use super::document::{Document, Step};
use sim::world::QueueSettings;

/// The settings under which the recorded costs and the size of the next ledger come out.
pub(super) fn of(document: &Document) -> QueueSettings {
    let standard = QueueSettings::standalone();
    let base = document.server.base_fee_drops.to_string();
    let base = base.trim_matches('"');
    let steps: Vec<&Step> = document.all_steps().collect();
    let Some((at, expected)) =
        steps.iter().enumerate().find_map(|(at, step)| Some((at, expected(step, base)?)))
    else {
        return standard;
    };
    let grown = steps.get(at).zip(steps.get(at + 1)).and_then(|(full, next)| grown(full, next));
    let increase = grown.and_then(|(size, next)| percent(size, next, &standard));
    QueueSettings {
        minimum_txn_in_ledger: expected,
        normal_consensus_increase_percent: increase.unwrap_or(standard.normal_consensus_increase_percent),
        ..standard
    }
}

/// The expected size of the ledger in which the cost of a plain transaction first rose: the one transaction more than
/// expected raises it.
fn expected(step: &Step, base: &str) -> Option<u32> {
    let mut applied = 0_u32;
    for sent in &step.txs {
        applied += u32::from(sent.submit.applied);
        let is_plain =
            sent.tx_json.get("TransactionType").and_then(|kind| kind.as_str()) != Some("AMMCreate");
        if is_plain && sent.submit.applied && sent.submit.open_ledger_cost != base {
            return applied.checked_sub(1);
        }
    }
    None
}

/// Sizes of a full ledger and of the one that was filled from the queue after it, when that left some behind.
fn grown(full: &Step, next: &Step) -> Option<(u32, u32)> {
    let size = |step: &Step| u32::try_from(step.ledger.tx_order.len()).ok();
    let in_queue = full.txs.iter().filter(|sent| sent.submit.queued && sent.ledger_index.is_some()).count();
    let is_all_there = next.txs.is_empty() && in_queue > next.ledger.tx_order.len();
    is_all_there.then_some((size(full)?, size(next)?))
}

/// By how much more than its transactions, in percent, a ledger of `size` let the next one have, which took one more than
/// that: the usual percentage when it fits, else the smallest that does.
fn percent(size: u32, next: u32, standard: &QueueSettings) -> Option<u32> {
    let allowed = u64::from(next.checked_sub(1)?);
    let fits = |percent: &u32| u64::from(size) * (100 + u64::from(*percent)) / 100 == allowed;
    std::iter::once(standard.normal_consensus_increase_percent).chain(0..=1_000).find(fits)
}
