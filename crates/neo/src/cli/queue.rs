//! `--transaction-queue KEY=VALUE,...`: the section `[transaction_queue]` of a real server's configuration, in its words.
//! Reads and checks; decides nothing.

use sim::world::QueueSettings;

/// The settings with what the text changes of a standalone server's own. Bounds follow the real server's: a section that
/// it refuses is refused.
///
/// # Errors
/// A sentence about the first key or value that is wrong.
pub fn parse(text: &str) -> Result<QueueSettings, String> {
    let mut settings = QueueSettings::standalone();
    let mut seen: Vec<&str> = Vec::new();
    for pair in text.split(',') {
        let (key, value) = pair.split_once('=').ok_or_else(|| format!("`{pair}` is not KEY=VALUE"))?;
        let (key, value) = (key.trim(), value.trim());
        if seen.contains(&key) {
            return Err(format!("{key} is there twice"));
        }
        seen.push(key);
        let Some(row) = ROWS.iter().find(|row| row.key == key) else {
            let known: Vec<&str> = ROWS.iter().map(|row| row.key).collect();
            return Err(format!("unknown key `{key}`; the known ones are {}", known.join(", ")));
        };
        let number = value.parse().ok().filter(|number| (row.min..=row.max).contains(number));
        let number: u32 =
            number.ok_or_else(|| format!("{key}: a whole number from {} to {}", row.min, row.max))?;
        (row.set)(&mut settings, number);
    }
    match settings.maximum_txn_in_ledger {
        Some(most) if most < settings.minimum_txn_in_ledger => Err(format!(
            "maximum_txn_in_ledger {most} is below minimum_txn_in_ledger {}",
            settings.minimum_txn_in_ledger
        )),
        _ => Ok(settings),
    }
}

/// A key, its bounds, and what it sets.
struct Row {
    key: &'static str,
    min: u32,
    max: u32,
    set: fn(&mut QueueSettings, u32),
}

const fn row(key: &'static str, min: u32, max: u32, set: fn(&mut QueueSettings, u32)) -> Row {
    Row { key, min, max, set }
}

/// Far more than an open ledger takes here.
const MANY: u32 = 1_000_000;
const ROWS: [Row; 11] = [
    row("minimum_txn_in_ledger", 1, MANY, |queue, number| queue.minimum_txn_in_ledger = number),
    row("target_txn_in_ledger", 1, MANY, |queue, number| queue.target_txn_in_ledger = number),
    row("maximum_txn_in_ledger", 1, MANY, |queue, number| queue.maximum_txn_in_ledger = Some(number)),
    row("maximum_txn_per_account", 1, MANY, |queue, number| queue.maximum_txn_per_account = number),
    row("ledgers_in_queue", 1, 10_000, |queue, number| queue.ledgers_in_queue = number),
    row("minimum_queue_size", 1, MANY, |queue, number| queue.minimum_queue_size = number),
    row("retry_sequence_percent", 0, 1_000_000, |queue, number| queue.retry_sequence_percent = number),
    row("minimum_escalation_multiplier", 1, 1_000_000_000, |queue, number| {
        queue.minimum_escalation_multiplier = u64::from(number);
    }),
    row("normal_consensus_increase_percent", 0, 1_000, |queue, number| {
        queue.normal_consensus_increase_percent = number;
    }),
    row("slow_consensus_decrease_percent", 0, 100, |queue, number| {
        queue.slow_consensus_decrease_percent = number;
    }),
    row("minimum_last_ledger_buffer", 0, 1_000, |queue, number| queue.minimum_last_ledger_buffer = number),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_a_standalone_servers() {
        let small = parse("minimum_txn_in_ledger=5, normal_consensus_increase_percent=0").unwrap();
        let wanted = QueueSettings {
            minimum_txn_in_ledger: 5,
            normal_consensus_increase_percent: 0,
            ..QueueSettings::standalone()
        };
        assert_eq!(small, wanted);
    }

    #[test]
    fn every_key_sets_its_own() {
        for row in &ROWS {
            let value = row.max.min(777);
            let set = parse(&format!("{}={value}", row.key));
            // The largest expected size must not be below the smallest.
            let set =
                set.or_else(|_| parse(&format!("minimum_txn_in_ledger=1,{}={value}", row.key))).unwrap();
            let shown = format!("{set:?}");
            let wanted = [format!("{}: {value}", row.key), format!("{}: Some({value})", row.key)];
            assert!(wanted.iter().any(|wanted| shown.contains(wanted)), "{} in {shown}", row.key);
        }
    }

    #[test]
    fn refusals_by_table() {
        for (text, why) in [
            ("", "`` is not KEY=VALUE"),
            ("minimum_txn_in_ledger", "`minimum_txn_in_ledger` is not KEY=VALUE"),
            ("minimum_txn_in_ledger=0", "minimum_txn_in_ledger: a whole number from 1 to 1000000"),
            ("minimum_txn_in_ledger=x", "minimum_txn_in_ledger: a whole number from 1 to 1000000"),
            ("ledgers_in_queue=1,ledgers_in_queue=2", "ledgers_in_queue is there twice"),
            (
                "minimum_txn_in_ledger=9,maximum_txn_in_ledger=8",
                "maximum_txn_in_ledger 8 is below minimum_txn_in_ledger 9",
            ),
        ] {
            assert_eq!(parse(text), Err(why.to_owned()), "{text}");
        }
        assert!(parse("txn=1").unwrap_err().starts_with("unknown key `txn`; the known ones are minimum_txn"));
    }
}
