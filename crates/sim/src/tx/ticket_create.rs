//! TicketCreate: sets sequences aside. At most 250 tickets an account; each counts for the reserve.

use ledger::{AccountId, fields as f};

use super::Tx;
use super::apply::{Context, Done};
use super::offer_cancel::UNIVERSAL;
use crate::state::{DirectoryKind, Entry, Thread, Ticket, View, directory, index};
use crate::ter::*;

/// Tickets an account may hold.
const TICKETS_MAX: u32 = 250;
/// `tecDIR_FULL`: more tickets than an account may hold.
const TOO_MANY: ledger::ResultCode = TEC_DIR_FULL;

/// Checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    if tx.flags & !UNIVERSAL != 0 {
        return Err(TEM_INVALID_FLAG);
    }
    match tx.number(f::TICKET_COUNT) {
        Some(1..=TICKETS_MAX) => Ok(()),
        _ => Err(TEM_INVALID_COUNT),
    }
}

/// Sets the tickets aside.
pub fn effect(view: &mut View, context: &Context) -> Done {
    let tx = context.tx;
    let count = tx.number(f::TICKET_COUNT).unwrap_or(0);
    let Some(root) = view.account(tx.account) else {
        return Done::with(TEF_INTERNAL);
    };
    let (first, owned, held) = (root.sequence, root.owner_count, root.ticket_count.unwrap_or(0));
    if held + count > TICKETS_MAX {
        return Done::with(TOO_MANY);
    }
    if context.balance_before < view.rules.fees.reserve(owned + count) {
        return Done::with(TEC_INSUFFICIENT_RESERVE);
    }
    for sequence in first..first.saturating_add(count) {
        let key = index::ticket(tx.account, sequence);
        let root = index::owner_directory(tx.account);
        let owner_node = directory::add(view, root, key, DirectoryKind::Owner(tx.account));
        let ticket = Ticket { account: tx.account, sequence, owner_node, thread: Thread::default() };
        view.insert(key, Entry::Ticket(ticket));
    }
    if let Some(root) = view.account_mut(tx.account) {
        root.ticket_count = Some(held + count);
        root.sequence = first.saturating_add(count);
    }
    view.adjust_owner_count(tx.account, i32::try_from(count).unwrap_or(i32::MAX));
    Done::with(TES_SUCCESS)
}

/// Uses a ticket up.
pub fn spend(view: &mut View, account: AccountId, sequence: u32) -> Outcome<()> {
    let key = index::ticket(account, sequence);
    let node = view.ticket(&key).ok_or(TEF_NO_TICKET)?.owner_node;
    directory::remove(view, index::owner_directory(account), node, key);
    let root = view.account_mut(account).ok_or(TEF_INTERNAL)?;
    root.ticket_count = root.ticket_count.and_then(|held| held.checked_sub(1)).filter(|left| *left > 0);
    view.adjust_owner_count(account, -1);
    view.erase(&key);
    Ok(())
}
