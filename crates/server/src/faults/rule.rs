//! One fault of the file: its keys and values as a rule of the script. Collects what is wrong, and gives no rule then.

use ledger::text::printable;
use ledger::{ResultCode, TxType};

use super::kind::{KINDS, KindRow, Lie, Span, What};
use super::never;
use super::script::{MessageFilter, Rule, When};
use super::yaml::{Fields, SHOWN, unknown_name};
use crate::api::commands;

/// Reads one fault; what is wrong is collected.
pub(super) struct Reader<'a> {
    /// As it is written.
    pub(super) fields: Fields,
    /// What is wrong so far.
    pub(super) wrong: &'a mut Vec<String>,
}

impl Reader<'_> {
    /// The fault, unless it is wrong.
    pub(super) fn rule(&mut self) -> Option<Rule> {
        let line = self.fields.line;
        let Some((kind_line, kind)) = self.text("fault") else {
            self.wrong.push(format!("line {line}: this entry has no `fault`: the name of what is to happen"));
            return None;
        };
        let Some(row) = KINDS.iter().find(|row| row.name == kind) else {
            self.wrong.push(unknown_name("fault", kind_line, &kind, KINDS.iter().map(|row| row.name)));
            return None;
        };
        self.unknown_keys(row);
        let when = self.when();
        let what = self.what(row.name)?;
        if matches!(what, What::StalledValidation { .. }) && self.text("to_ledger").is_some() {
            self.say(line, "to_ledger", "no ledger closes meanwhile: say how long with `closes`");
        }
        let rule = Rule { line, when, what };
        if rule.when.from_ledger <= rule.when.to_ledger
            && let Some(why) = never::why(&rule)
        {
            self.wrong.push(format!("line {line}: {why}"));
        }
        Some(rule)
    }

    fn unknown_keys(&mut self, row: &KindRow) {
        for (key, line, _) in &self.fields.pairs {
            if !row.keys().any(|known| known == key) {
                let message = unknown_name("key", *line, key, row.keys());
                self.wrong.push(format!("{message} (a fault of kind {} does not have it)", row.name));
            }
        }
    }

    fn when(&mut self) -> When {
        let from_ledger = self.number("from_ledger", 0, u32::MAX).unwrap_or(0);
        let to_ledger = self.number("to_ledger", 0, u32::MAX).unwrap_or(u32::MAX);
        if from_ledger > to_ledger {
            let line = self.line_of("to_ledger");
            self.say(
                line,
                "to_ledger",
                &format!("{to_ledger} is before from_ledger: a number from {from_ledger} on, or none"),
            );
        }
        if let (Some((every, _)), Some((line, _))) = (self.text("every"), self.text("per_mille")) {
            self.say(
                line,
                "per_mille",
                &format!("beside `every` of line {every}: one of the two says which are struck"),
            );
        }
        let tx_type = self.named("tx_type", |name| TxType::by_name(name).is_some(), "a transaction type");
        let message = self.text("message").and_then(|(line, name)| {
            let found = MessageFilter::by_name(&name);
            if found.is_none() {
                self.say(line, "message", &format!("one of {}", MessageFilter::NAMES));
            }
            found
        });
        When {
            from_ledger,
            to_ledger,
            connection: self.number("connection", 0, u32::MAX).map(u64::from),
            node: self.number("node", 1, 2).and_then(|node| u8::try_from(node).ok()),
            every: self.number("every", 1, u32::MAX).unwrap_or(1),
            per_mille: self.number("per_mille", 1, 1_000).unwrap_or(1_000),
            times: self.number("times", 1, u32::MAX),
            method: self.method(),
            tx_type,
            message,
        }
    }

    fn what(&mut self, kind: &str) -> Option<What> {
        let what = match kind {
            "drop" => What::Drop,
            "duplicate" => What::Duplicate { copies: self.number("copies", 1, 100).unwrap_or(1) },
            "delay" => What::Delay(self.span()?),
            "reorder" => What::Reorder { window: self.number("window", 2, 1_000).unwrap_or(4) },
            "cut" => What::Cut,
            "reset" => What::Reset,
            "half_open" => What::HalfOpen,
            "wrong_id" => What::WrongId,
            "partial_json" => What::PartialJson,
            "service_unavailable" => What::ServiceUnavailable,
            "huge_frame" => What::HugeFrame { mebibytes: self.number("mebibytes", 1, 4_095).unwrap_or(200) },
            "deep_json" => What::DeepJson { depth: self.number("depth", 1, 1_000_000).unwrap_or(100_000) },
            "unknown_message" => What::UnknownMessage,
            "unknown_field" => What::UnknownField,
            "missing_field" => {
                let field = self.text("field").map(|(_, field)| field);
                What::MissingField { field: field.or_else(|| self.needs("field"))? }
            }
            "ledger_gap" => What::LedgerGap { ledgers: self.number("ledgers", 1, 100_000).unwrap_or(1) },
            "ledger_backwards" => {
                What::LedgerBackwards { ledgers: self.number("ledgers", 1, 1_000).unwrap_or(1) }
            }
            "silent_subscription" => What::SilentSubscription,
            "lost_request" => What::LostRequest,
            "delayed_request" => {
                What::DelayedRequest { ledgers: self.number("ledgers", 1, 100_000).unwrap_or(1) }
            }
            "lost_submit" => What::LostSubmit,
            "queued_then_dropped" => What::QueuedThenDropped,
            "queued_then_validated" => {
                What::QueuedThenValidated { ledgers: self.number("ledgers", 1, 100_000).unwrap_or(1) }
            }
            other => return self.what_else(other),
        };
        Some(what)
    }

    /// The rest of the kinds.
    fn what_else(&mut self, kind: &str) -> Option<What> {
        let what = match kind {
            "cannot_queue" => What::CannotQueue,
            "slow_down" => What::SlowDown,
            "too_busy" => What::TooBusy,
            "no_peers" => What::NoPeers,
            "not_found" => What::NotFound,
            "threshold" => What::Threshold,
            "too_slow" => What::TooSlow,
            "load" => {
                let warn_at = self.number("warn_at", 1, u32::MAX).unwrap_or(8_000);
                let close_at = self.number("close_at", 1, u32::MAX).unwrap_or(u32::MAX);
                if close_at < warn_at {
                    let line = self.line_of("close_at");
                    let what =
                        format!("{close_at} comes before warn_at: a number from {warn_at} on, or none");
                    self.say(line, "close_at", &what);
                }
                What::Load { warn_at, close_at }
            }
            "provisional_result_changes" => {
                let is_result = |name: &str| ResultCode::by_name(name).is_some();
                let result = self.named("result", is_result, "a result code");
                What::ProvisionalResultChanges {
                    result: result.unwrap_or_else(|| "tecUNFUNDED_OFFER".into()),
                }
            }
            "other_network" => {
                What::OtherNetwork { network_id: self.number("network_id", 0, u32::MAX).unwrap_or(1) }
            }
            "history_gap" => {
                let (first, last) = (self.number("first", 1, u32::MAX), self.number("last", 1, u32::MAX));
                let first = first.or_else(|| self.needs("first"))?;
                let last = last.or_else(|| self.needs("last"))?;
                if first > last {
                    let line = self.line_of("last");
                    self.say(line, "last", &format!("{last} is before first: a number from {first} on"));
                }
                What::HistoryGap { first, last }
            }
            "amendment_blocked" => What::AmendmentBlocked,
            "fee_spike" => What::FeeSpike { factor: self.number("factor", 2, 1_000_000).unwrap_or(1_000) },
            "lying_node" => What::LyingNode { lie: self.lie()? },
            "restarting" => What::Restarting,
            "stale_node" => What::StaleNode,
            "two_nodes_disagree" => What::TwoNodesDisagree,
            "endpoint_down" => What::EndpointDown,
            "stalled_validation" => {
                let closes = self.number("closes", 1, 100_000);
                What::StalledValidation { closes: closes.or_else(|| self.needs("closes"))? }
            }
            _ => return None,
        };
        Some(what)
    }

    fn span(&mut self) -> Option<Span> {
        match (self.number("messages", 1, 2_000), self.number("ledgers", 1, 100_000)) {
            (Some(messages), None) => Some(Span::Messages(messages)),
            (None, Some(ledgers)) => Some(Span::Ledgers(ledgers)),
            (None, None) => self.needs("messages` or `ledgers"),
            (Some(_), Some(_)) => {
                self.say(self.fields.line, "delay", "either messages or ledgers");
                None
            }
        }
    }

    fn lie(&mut self) -> Option<Lie> {
        let Some((line, name)) = self.text("lie") else { return self.needs("lie") };
        let lie = match name.as_str() {
            "metadata" => Lie::Metadata,
            "result" => Lie::Result,
            "balance" => Lie::Balance,
            _ => {
                self.say(line, "lie", "one of metadata, result or balance");
                return None;
            }
        };
        Some(lie)
    }

    /// A command that a server knows; others are never asked.
    fn method(&mut self) -> Option<String> {
        let (line, name) = self.text("method")?;
        if !commands().any(|command| command == name) {
            self.wrong.push(unknown_name("method", line, &name, commands()));
        }
        Some(name)
    }

    fn line_of(&self, key: &str) -> u64 {
        self.text(key).map_or(self.fields.line, |(line, _)| line)
    }

    fn text(&self, key: &str) -> Option<(u64, String)> {
        let found = self.fields.pairs.iter().find(|(name, _, _)| name == key);
        found.map(|(_, line, value)| (*line, value.clone()))
    }

    fn named(&mut self, key: &str, is: impl Fn(&str) -> bool, what: &str) -> Option<String> {
        let (line, name) = self.text(key)?;
        if !is(&name) {
            self.say(line, key, &format!("{} is no name of {what}", printable(&name, SHOWN)));
        }
        Some(name)
    }

    fn number(&mut self, key: &str, min: u32, max: u32) -> Option<u32> {
        let (line, text) = self.text(key)?;
        let number = text.parse().ok().filter(|number| (min..=max).contains(number));
        if number.is_none() {
            self.say(line, key, &format!("a whole number from {min} to {max}"));
        }
        number
    }

    fn say(&mut self, line: u64, key: &str, what: &str) {
        self.wrong.push(format!("line {line}: {key}: {what}"));
    }

    fn needs<T>(&mut self, key: &str) -> Option<T> {
        self.wrong.push(format!("line {}: this fault needs `{key}`", self.fields.line));
        None
    }
}
