//! Making and deleting trust lines: the entry, its place in both directories, and who pays its reserve. Never moves an
//! existing balance.

use ledger::{AccountId, Currency, Hash256, flags};
use units::IssuedValue;
use units::stamount::StAmount;

use super::{DirectoryKind, Entry, Thread, TrustLine, View, directory, index};
use crate::ter::{Outcome, TEC_NO_TARGET, TEF_INTERNAL};

/// What a new line is set to by the account that pays for it.
#[derive(Debug, Clone, Copy)]
pub struct NewLine {
    /// Who sets the line and pays its reserve.
    pub owner: AccountId,
    /// The other side.
    pub peer: AccountId,
    /// The currency.
    pub currency: Currency,
    /// How much the owner is willing to hold.
    pub limit: IssuedValue,
    /// What the owner holds from the start.
    pub balance: IssuedValue,
    /// Qualities in and out; `None` for the default.
    pub quality: (Option<u32>, Option<u32>),
    /// The owner authorises the peer.
    pub authorized: bool,
    /// The owner blocks rippling.
    pub no_ripple: bool,
    /// The owner freezes.
    pub freeze: bool,
    /// The owner deep-freezes.
    pub deep_freeze: bool,
}

/// The flags of one side: (reserve, authorised, no ripple, freeze, deep freeze).
pub const fn side_flags(is_low: bool) -> [u32; 5] {
    use flags::{LSF_HIGH_AUTH, LSF_HIGH_DEEP_FREEZE, LSF_HIGH_FREEZE, LSF_HIGH_NO_RIPPLE, LSF_HIGH_RESERVE};
    use flags::{LSF_LOW_AUTH, LSF_LOW_DEEP_FREEZE, LSF_LOW_FREEZE, LSF_LOW_NO_RIPPLE, LSF_LOW_RESERVE};
    if is_low {
        [LSF_LOW_RESERVE, LSF_LOW_AUTH, LSF_LOW_NO_RIPPLE, LSF_LOW_FREEZE, LSF_LOW_DEEP_FREEZE]
    } else {
        [LSF_HIGH_RESERVE, LSF_HIGH_AUTH, LSF_HIGH_NO_RIPPLE, LSF_HIGH_FREEZE, LSF_HIGH_DEEP_FREEZE]
    }
}

/// Makes a line.
pub fn create(view: &mut View, new: NewLine) -> Outcome<()> {
    let is_low = new.owner < new.peer;
    let (low, high) = if is_low { (new.owner, new.peer) } else { (new.peer, new.owner) };
    let key = view.keys().line(low, high, new.currency);
    let low_node = directory::add(view, index::owner_directory(low), key, DirectoryKind::Owner(low));
    let high_node = directory::add(view, index::owner_directory(high), key, DirectoryKind::Owner(high));
    let peer_flags = view.account(new.peer).ok_or(TEC_NO_TARGET)?.flags;
    let [reserve, auth, no_ripple, freeze, deep] = side_flags(is_low);
    let chosen =
        [(new.authorized, auth), (new.no_ripple, no_ripple), (new.freeze, freeze), (new.deep_freeze, deep)];
    let mut line_flags = chosen.iter().filter(|(set, _)| *set).fold(reserve, |all, (_, flag)| all | flag);
    if peer_flags & flags::LSF_DEFAULT_RIPPLE == 0 {
        line_flags |= side_flags(!is_low)[2];
    }
    let (none, nothing) = (IssuedValue::ZERO, (None, None));
    let entry = TrustLine {
        low,
        high,
        currency: new.currency,
        balance: if is_low { new.balance } else { new.balance.negate() },
        low_limit: if is_low { new.limit } else { none },
        high_limit: if is_low { none } else { new.limit },
        flags: line_flags,
        low_node,
        high_node,
        low_quality: if is_low { new.quality } else { nothing },
        high_quality: if is_low { nothing } else { new.quality },
        thread: Thread::default(),
    };
    view.adjust_owner_count(new.owner, 1);
    view.insert(key, Entry::Line(entry));
    Ok(())
}

/// The line that comes to be because `from` sends to `to`, who has none.
pub fn open_for_credit(
    view: &mut View,
    from: AccountId,
    to: AccountId,
    currency: Currency,
    value: IssuedValue,
) -> Outcome<()> {
    let receiver = view.account(to).ok_or(TEF_INTERNAL)?;
    let no_ripple = receiver.flags & flags::LSF_DEFAULT_RIPPLE == 0;
    create(
        view,
        NewLine {
            owner: to,
            peer: from,
            currency,
            limit: IssuedValue::ZERO,
            balance: value,
            quality: (None, None),
            authorized: false,
            no_ripple,
            freeze: false,
            deep_freeze: false,
        },
    )?;
    view.note_credit((from, to, currency), StAmount::Issued(value), StAmount::Issued(IssuedValue::ZERO));
    Ok(())
}

/// Deletes a line: from both directories and the state.
pub fn delete(view: &mut View, key: &Hash256) {
    let Some(Entry::Line(line)) = view.get(key) else {
        return;
    };
    let (low, high, low_node, high_node) = (line.low, line.high, line.low_node, line.high_node);
    directory::remove(view, index::owner_directory(low), low_node, *key);
    directory::remove(view, index::owner_directory(high), high_node, *key);
    view.erase(key);
}

/// Whether nothing but a balance could make `side` need the line: no limit, no quality, no freeze, and NoRipple as its
/// account has it by default.
pub fn is_default_side(view: &View, key: &Hash256, side: AccountId) -> bool {
    let Some(Entry::Line(line)) = view.get(key) else {
        return false;
    };
    let is_low = side == line.low;
    let [_, _, no_ripple, freeze, _] = side_flags(is_low);
    let (limit, quality) =
        if is_low { (line.low_limit, line.low_quality) } else { (line.high_limit, line.high_quality) };
    let default_ripple = view.account(side).is_some_and(|root| root.flags & flags::LSF_DEFAULT_RIPPLE != 0);
    (line.flags & no_ripple != 0) != default_ripple
        && line.flags & freeze == 0
        && limit.is_zero()
        && quality.0.unwrap_or(0) == 0
        && quality.1.unwrap_or(0) == 0
}
