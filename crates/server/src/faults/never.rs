//! Whether a fault of a script can strike at all: a filter that no request and no message passes is a mistake of whoever
//! wrote the script, and would start a healthy server. Decides nothing that strikes.

use super::decide::{Event, matches};
use super::kind::{MessageKind, Place, What};
use super::script::{Rule, When};

/// What is told of a fault that can never strike: the keys that rule everything out, and what it strikes without them.
pub(super) fn why(rule: &Rule) -> Option<String> {
    if rule.what == What::TwoNodesDisagree && rule.when.node == Some(1) {
        return Some("node: it is the second node that parts from the first: 2, or none".into());
    }
    if rule.when.connection == Some(0) && !can_be_http(&rule.what) {
        return Some(format!(
            "connection: over HTTP (0) {} never strikes; another number, or none",
            rule.what.name()
        ));
    }
    if rule.what.is_condition() || strikes(rule) {
        return None;
    }
    let bare = |when: When| Rule { line: rule.line, when, what: rule.what.clone() };
    let without = |change: fn(&mut When)| {
        let mut when = rule.when.clone();
        change(&mut when);
        strikes(&bare(when))
    };
    let given = [
        ("method", rule.when.method.is_some(), without(|when| when.method = None)),
        ("message", rule.when.message.is_some(), without(|when| when.message = None)),
        ("tx_type", rule.when.tx_type.is_some(), without(|when| when.tx_type = None)),
    ];
    let guilty: Vec<&str> =
        given.iter().filter(|(_, is_given, helps)| *is_given && *helps).map(|row| row.0).collect();
    let all: Vec<&str> = given.iter().filter(|(_, is_given, _)| *is_given).map(|row| row.0).collect();
    let guilty = if guilty.is_empty() { all } else { guilty };
    Some(format!("{}: this fault never strikes so; {}", guilty.join(", "), hint(rule, &guilty)))
}

/// Whether it can strike where there are no streams and one answer ends all.
fn can_be_http(what: &What) -> bool {
    !what.needs_websocket() && !matches!(what, What::LedgerGap { .. } | What::LedgerBackwards { .. })
}

/// What would strike.
fn hint(rule: &Rule, guilty: &[&str]) -> String {
    match guilty {
        ["message", "tx_type"] => {
            "with `tx_type` it strikes submit, its answer, transaction and proposed".into()
        }
        ["method", "message"] => {
            "with `method` it strikes requests and their answers (`message: response`)".into()
        }
        _ => format!("{} strikes {}", rule.what.name(), what_it_strikes(&rule.what)),
    }
}

/// The requests and messages a kind strikes, in words.
fn what_it_strikes(what: &What) -> String {
    let of_requests = what.strikes(Place::Request);
    let names = |list: Vec<&'static str>, all: usize| match list.len() {
        len if len == all => "of every command".to_owned(),
        _ => list.join(", "),
    };
    let fitting = |message| -> Vec<&'static str> {
        SAMPLES.into_iter().filter(|method| what.fits(message, method)).collect()
    };
    if of_requests {
        return format!("requests {}", names(fitting(None), SAMPLES.len()));
    }
    let mut parts = Vec::new();
    let answers = fitting(Some(MessageKind::Response));
    if !answers.is_empty() {
        parts.push(format!("answers {}", names(answers, SAMPLES.len())));
    }
    let streams = STREAMS.into_iter().filter(|kind| what.fits(Some(*kind), ""));
    parts.extend(streams.map(|kind| format!("messages {}", kind.name())));
    parts.join(", ")
}

/// Whether any request or message passes its filters.
fn strikes(rule: &Rule) -> bool {
    let when = &rule.when;
    let methods: Vec<&str> = when.method.as_deref().map_or(SAMPLES.to_vec(), |method| vec![method]);
    let asked = methods.iter().flat_map(|method| {
        [(Place::Request, None, *method), (Place::Message, Some(MessageKind::Response), *method)]
    });
    // Over HTTP (connection 0) there are no streams.
    let streams = STREAMS.into_iter().filter(|_| when.connection != Some(0));
    let told = streams.map(|kind| (Place::Message, Some(kind), ""));
    asked.chain(told).any(|(place, message, method)| {
        let has_tx =
            method == "submit" || matches!(message, Some(MessageKind::Transaction | MessageKind::Proposed));
        let tx_type = when.tx_type.as_deref().filter(|_| has_tx).unwrap_or_default();
        let (connection, node) = (when.connection.unwrap_or(1), when.node.unwrap_or(1));
        matches(rule, &Event { place, connection, node, ledger: when.from_ledger, message, method, tx_type })
    })
}

/// Commands that some kind treats differently, and one that none does.
const SAMPLES: [&str; 7] =
    ["submit", "tx", "account_tx", "ledger", "transaction_entry", "account_info", "ping"];
/// Messages of streams.
const STREAMS: [MessageKind; 4] =
    [MessageKind::LedgerClosed, MessageKind::Transaction, MessageKind::Proposed, MessageKind::Other];
