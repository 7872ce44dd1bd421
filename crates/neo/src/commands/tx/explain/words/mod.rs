//! An explanation for people: how it ended, what it cost, who paid what to whom, and what became of offers, pools and
//! the rest. Lines of at most 80 columns. Never shows what a document could use to write on the terminal.

mod money;
mod payments;
mod rest;

use ledger::flags::TF_PARTIAL_PAYMENT;
use ledger::meta::{channel_changes, escrow_changes, pool_changes};
use ledger::text::printable;
use ledger::{TxRecord, fields as f};
use std::fmt::Write as _;
use units::Exact;

/// How many rows of one kind are shown before the rest is counted.
const MORE_MAX: usize = 25;
/// How much of a name that came from outside is shown.
const NAME_MAX: usize = 60;
/// The widest line, less what stands before it.
const LINE_MAX: usize = 77;
/// The widest line.
const COLUMNS_MAX: usize = 80;

/// Several lines, without the last line's end.
pub fn of(record: &TxRecord) -> String {
    let mut out = String::new();
    heading(record).lines().for_each(|line| folded(line, &mut out));
    let pools = pool_changes(&record.meta);
    let escrows = escrow_changes(&record.meta);
    let parts = [
        ("Who paid what", payments::lines(record, &pools, !escrows.is_empty())),
        ("Pools", rest::pools(&pools)),
        ("Offers", rest::offers(&record.offer_changes())),
        ("Escrows", rest::escrows(&escrows)),
        ("Payment channels", rest::channels(&channel_changes(&record.meta))),
        ("Tokens", rest::tokens(&record.meta)),
        ("New and gone", rest::entries(record)),
    ];
    let is_quiet = parts.iter().all(|(_, lines)| lines.is_empty());
    for (title, lines) in parts.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        let _ = writeln!(out, "\n{title}:");
        lines.iter().for_each(|line| folded(&format!("  {line}"), &mut out));
    }
    if is_quiet {
        out.push_str("\nNo balance but for the fee, and no offer, was changed.\n");
    }
    if !record.unknown.is_empty() {
        out.push_str("\nNot understood (newer than this program):\n");
        record.unknown.iter().take(MORE_MAX).for_each(|name| _ = writeln!(out, "  {}", short(name)));
        if record.unknown.len() > MORE_MAX {
            let _ = writeln!(out, "  … and {} more", record.unknown.len() - MORE_MAX);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn heading(record: &TxRecord) -> String {
    let tx = record.tx.as_ref();
    let mut out = type_name(record);
    if let Some(account) = tx.and_then(|tx| tx.account(f::ACCOUNT)) {
        let _ = write!(out, " of {account}");
    }
    let done = if record.meta.result.is_success() { "done" } else { "failed" };
    let ended = format!("{done} ({})", short(&record.result));
    let joint = if out.len() + ended.len() < LINE_MAX { ": " } else { "\n" };
    let _ = writeln!(out, "{joint}{ended}");
    if record.simulated {
        out.push_str("ONLY TRIED by the server: it was not sent, and nothing has changed\n");
    } else if record.validated == Some(false) {
        out.push_str("NOT VALIDATED: this may still change\n");
    }
    if let Some(hash) = record.hash {
        let _ = writeln!(out, "Hash {hash}");
    }
    if let Some(other) = record.other_hash() {
        let _ = writeln!(out, "NOT THE SAME: the transaction shown has {other}");
    }
    if let Some(index) = record.ledger_index {
        let _ = write!(out, "Ledger {index}, place {}", record.meta.index);
        let _ = writeln!(
            out,
            "{}",
            record.close_time.map(|t| format!(", closed {}", t.to_iso())).unwrap_or_default()
        );
    }
    fee(record, &mut out);
    if let Some(batch) = record.meta.other.hash256(f::PARENT_BATCH_ID) {
        let _ = writeln!(out, "Part of batch {batch}");
    }
    if let Some(delivered) = record.delivered() {
        let _ = writeln!(out, "Delivered {}{}", money::amount(&delivered), partial(record));
    }
    out
}

/// A line, going on further in where it is too long; never broken within a word.
fn folded(line: &str, out: &mut String) {
    let columns = |text: &str| text.chars().count();
    if columns(line) <= COLUMNS_MAX {
        let _ = writeln!(out, "{line}");
        return;
    }
    let indent = line.len().saturating_sub(line.trim_start().len());
    let mut width = indent;
    let mut shown = " ".repeat(indent);
    for word in line.split_whitespace() {
        let is_first = shown.trim_end().is_empty();
        if !is_first && width.saturating_add(columns(word)).saturating_add(1) > COLUMNS_MAX {
            let _ = writeln!(out, "{shown}");
            width = indent.saturating_add(4).saturating_add(columns(word));
            shown = format!("{:1$}{word}", "", indent.saturating_add(4));
            continue;
        }
        if !is_first {
            shown.push(' ');
            width = width.saturating_add(1);
        }
        shown.push_str(word);
        width = width.saturating_add(columns(word));
    }
    let _ = writeln!(out, "{shown}");
}

/// A name that came from outside.
fn short(name: &str) -> String {
    printable(name, NAME_MAX).chars().take(NAME_MAX).collect()
}

fn type_name(record: &TxRecord) -> String {
    record.type_name().map_or_else(|| "Transaction".to_owned(), |name| short(&name))
}

fn fee(record: &TxRecord, out: &mut String) {
    let Some(paid) = record.fee_paid() else { return };
    if paid.fee.is_zero() {
        out.push_str("No fee of its own\n");
        return;
    }
    let fee = money::number(&Exact::from_drops(paid.fee));
    let who = if paid.by_delegate {
        format!("{}, who acted for the sender", paid.payer)
    } else {
        paid.payer.to_string()
    };
    let even = if record.meta.result.is_success() { "" } else { ", all the same" };
    let _ = writeln!(out, "Fee {fee} XRP, paid by {who}{even}");
}

/// That a payment delivered less than it named, where it did.
fn partial(record: &TxRecord) -> String {
    let named = record.tx.as_ref().filter(|tx| tx.u32(f::FLAGS).unwrap_or(0) & TF_PARTIAL_PAYMENT != 0);
    match named.and_then(|tx| tx.amount(f::AMOUNT)).filter(|named| record.delivered() != Some(*named)) {
        Some(named) => format!(" (in part: up to {} was asked)", money::amount(&named)),
        None => String::new(),
    }
}
