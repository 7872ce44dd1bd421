//! The names of the commands a real server knows. Carries out nothing.

/// Commands that are answered here, in words or by a refusal of their own; those of the administrator and those with
/// nothing to work on are listed beside [`super::call`].
const ANSWERED: [&str; 38] = [
    "account_channels",
    "account_currencies",
    "account_info",
    "account_lines",
    "account_nfts",
    "account_objects",
    "account_offers",
    "account_tx",
    "amm_info",
    "book_changes",
    "book_offers",
    "channel_authorize",
    "deposit_authorized",
    "feature",
    "fee",
    "gateway_balances",
    "ledger",
    "ledger_accept",
    "ledger_closed",
    "ledger_current",
    "ledger_data",
    "ledger_entry",
    "noripple_check",
    "ping",
    "random",
    "server_definitions",
    "server_info",
    "server_state",
    "sign",
    "sign_for",
    "simulate",
    "submit",
    "submit_multisigned",
    "subscribe",
    "transaction_entry",
    "tx",
    "unsubscribe",
    "version",
];

/// Every command that is not `unknownCmd`.
pub(crate) fn commands() -> impl Iterator<Item = &'static str> {
    [&ANSWERED[..], &super::NOT_HERE, &super::FOR_ADMINISTRATORS].into_iter().flatten().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the two places that carry commands out name, read from their text, is listed here, and the other way round.
    #[test]
    fn every_command_carried_out_is_listed() {
        let arms = |text: &'static str| -> Vec<&'static str> {
            let names = text.lines().filter(|line| line.contains("=> ")).filter_map(|line| {
                line.trim_start().strip_prefix('"').map(|_| line.split("=>").next().unwrap_or_default())
            });
            names.flat_map(|arm| arm.split('"').skip(1).step_by(2)).collect()
        };
        let mut written = arms(include_str!("mod.rs"));
        written.extend(arms(include_str!("../serve/requests.rs")));
        assert!(written.len() > 35, "{written:?}");
        for name in &written {
            assert!(commands().any(|command| command == *name), "{name}");
        }
        for name in ANSWERED.iter().filter(|name| **name != "submit_multisigned") {
            assert!(written.contains(name), "{name}");
        }
    }
}
