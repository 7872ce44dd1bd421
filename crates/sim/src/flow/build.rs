//! From what is asked to the strands that may bring it: the ways of a payment, those of an offer, and for one between
//! two issued currencies the way through XRP. Never looks at liquidity.

use ledger::{AccountId, Asset, flags};

use super::book::BookStep;
use super::path;
use super::quality::Quality;
use super::strand::{DirectStep, Step, Strand, XrpStep};
use super::{Purpose, Request};
use crate::pool::liquidity::Liquidity;
use crate::state::{View, money};
use crate::ter::{
    Outcome, TEC_NO_ISSUER, TEC_PATH_DRY, TEM_BAD_PATH_LOOP, TER_NO_ACCOUNT, TER_NO_AUTH, TER_NO_LINE,
    TER_NO_RIPPLE,
};

/// Every strand of the request.
///
/// # Errors
/// The result of the first check that the default path fails.
pub fn strands(view: &View, request: &Request) -> Outcome<Vec<Strand>> {
    if request.purpose == Purpose::Payment {
        return path::strands(view, request);
    }
    let mut all = vec![strand(view, request, false)?];
    let through_xrp = request.purpose.is_crossing() && !request.send.is_xrp() && !request.deliver.is_xrp();
    if through_xrp {
        // A way that cannot be built is left out: it is only a second one.
        all.extend(strand(view, request, true));
    }
    Ok(all)
}

/// The accounts and books of a way, then its steps.
fn strand(view: &View, request: &Request, through_xrp: bool) -> Outcome<Strand> {
    let mut steps = Vec::new();
    let mut at = request.source;
    if let Asset::Issued { currency, issuer } = request.send {
        let same = request.send == request.deliver;
        let stops_at_issuer = issuer != at && !(same && issuer == request.destination);
        if stops_at_issuer {
            steps.push(direct(at, issuer, currency, request));
            at = issuer;
        }
    } else {
        steps.push(Step::Xrp(XrpStep {
            account: at,
            is_last: false,
            reserve_change: reserve_change(view, request),
            cache: None,
        }));
    }
    if request.send != request.deliver || request.purpose.is_crossing() {
        let middle = through_xrp.then_some(Asset::Xrp);
        let chain: Vec<Asset> =
            [Some(request.send), middle, Some(request.deliver)].into_iter().flatten().collect();
        for pair in chain.windows(2) {
            let [paid, got] = pair else { continue };
            steps.push(Step::Book(book(view, (*paid, *got), request, through_xrp)));
        }
        at = request.deliver.issuer().unwrap_or(at);
    }
    match request.deliver {
        Asset::Issued { currency, .. } if at != request.destination => {
            steps.push(direct(at, request.destination, currency, request));
        }
        Asset::Issued { .. } | Asset::Mpt(_) => {}
        Asset::Xrp => steps.push(Step::Xrp(XrpStep {
            account: request.destination,
            is_last: true,
            reserve_change: 0,
            cache: None,
        })),
    }
    let last = steps.len().saturating_sub(1);
    if let Some(Step::Direct(step)) = steps.get_mut(last) {
        step.is_last = true;
    }
    let strand = Strand { steps };
    check(view, &strand, request)?;
    Ok(strand)
}

pub(super) fn direct(
    source: AccountId,
    destination: AccountId,
    currency: ledger::Currency,
    request: &Request,
) -> Step {
    Step::Direct(DirectStep {
        source,
        destination,
        currency,
        is_last: false,
        crossing: request.purpose.is_crossing(),
        cache: None,
    })
}

pub(super) fn book(
    view: &View,
    (paid, got): (Asset, Asset),
    request: &Request,
    through_xrp: bool,
) -> BookStep {
    BookStep {
        pool: pool(view, (paid, got), request),
        pool_used: false,
        paid,
        got,
        source: request.source,
        destination: request.destination,
        purpose: request.purpose,
        is_default_path: !through_xrp,
        threshold: request.limit.or(Some(Quality(u64::MAX))).filter(|_| request.purpose.is_crossing()),
        met: 0,
        inactive: false,
        cache: None,
    }
}

/// The pool of a pair, where there is one with liquidity.
fn pool(view: &View, (paid, got): (Asset, Asset), request: &Request) -> Option<Liquidity> {
    let amm = view.amm(&paid, &got).filter(|amm| !amm.supply.is_zero())?;
    Some(Liquidity {
        account: amm.account,
        fee_units: amm.fee_of(request.source, view.rules.parent_close_time),
        initial: money::pool_holds(view, amm.account, &paid, &got)?,
        multi_path: false,
        pieces: 0,
    })
}

/// An offer that will open a trust line may dig one object deeper into the reserve.
fn reserve_change(view: &View, request: &Request) -> i32 {
    let Asset::Issued { currency, issuer } = request.deliver else {
        return 0;
    };
    let has_line = view.line(request.source, issuer, currency).is_some();
    if request.purpose == Purpose::Payment || has_line { 0 } else { -1 }
}

fn check(view: &View, strand: &Strand, request: &Request) -> Outcome<()> {
    let alone = strand.steps.len() == 1;
    let mut before: Option<&Step> = None;
    for step in &strand.steps {
        match step {
            Step::Direct(direct) => check_direct(view, direct, before, (alone, false), request)?,
            Step::Book(book) => check_book(view, book, before)?,
            Step::Xrp(xrp) => {
                view.account(xrp.account).ok_or(TER_NO_ACCOUNT)?;
            }
        }
        before = Some(step);
    }
    Ok(())
}

pub(super) fn check_book(view: &View, book: &BookStep, before: Option<&Step>) -> Outcome<()> {
    for asset in [book.paid, book.got] {
        if asset.issuer().is_some_and(|issuer| view.account(issuer).is_none()) {
            return Err(TEC_NO_ISSUER);
        }
    }
    let (Some(Step::Direct(direct)), Asset::Issued { currency, issuer }) = (before, book.paid) else {
        return Ok(());
    };
    let line = view.line(direct.source, issuer, currency).ok_or(TER_NO_LINE)?;
    let no_ripple = if issuer > direct.source { flags::LSF_HIGH_NO_RIPPLE } else { flags::LSF_LOW_NO_RIPPLE };
    if line.flags & no_ripple != 0 { Err(TER_NO_RIPPLE) } else { Ok(()) }
}

pub(super) fn check_direct(
    view: &View,
    step: &DirectStep,
    before: Option<&Step>,
    (alone, looped): (bool, bool),
    request: &Request,
) -> Outcome<()> {
    let (source, destination, currency) = (step.source, step.destination, step.currency);
    let root = view.account(source).ok_or(TER_NO_ACCOUNT)?;
    if !alone {
        check_freeze(view, step)?;
    }
    if let Some(Step::Direct(previous)) = before {
        check_rippling(view, previous.source, source, destination, currency)?;
    }
    if looped {
        return Err(TEM_BAD_PATH_LOOP);
    }
    if request.purpose.is_crossing() {
        return Ok(());
    }
    let line = view.line(source, destination, currency).ok_or(TER_NO_LINE)?;
    let (auth, no_ripple) = if source > destination {
        (flags::LSF_HIGH_AUTH, flags::LSF_HIGH_NO_RIPPLE)
    } else {
        (flags::LSF_LOW_AUTH, flags::LSF_LOW_NO_RIPPLE)
    };
    if root.flags & flags::LSF_REQUIRE_AUTH != 0 && line.flags & auth == 0 && line.balance.is_zero() {
        return Err(TER_NO_AUTH);
    }
    if matches!(before, Some(Step::Book(_))) && line.flags & no_ripple != 0 {
        return Err(TER_NO_RIPPLE);
    }
    let (owed, limit) = if destination == line.low {
        (line.balance, line.low_limit)
    } else {
        (line.balance.negate(), line.high_limit)
    };
    // `owed` is what the destination holds: it can take no more than its limit once the source has nothing left.
    if !owed.is_negative() && owed >= limit {
        return Err(TEC_PATH_DRY);
    }
    Ok(())
}

fn check_freeze(view: &View, step: &DirectStep) -> Outcome<()> {
    let (source, destination, currency) = (step.source, step.destination, step.currency);
    if money::is_globally_frozen(view, destination) {
        return Err(TER_NO_LINE);
    }
    let pool = view.account(destination).and_then(|root| root.amm_id);
    if pool.is_some_and(|pool| money::is_pool_frozen(view, source, &pool)) {
        return Err(TER_NO_LINE);
    }
    let Some(line) = view.line(source, destination, currency) else {
        return Ok(());
    };
    let by_destination = if destination > source { flags::LSF_HIGH_FREEZE } else { flags::LSF_LOW_FREEZE };
    let deep = flags::LSF_HIGH_DEEP_FREEZE | flags::LSF_LOW_DEEP_FREEZE;
    if line.flags & (by_destination | deep) != 0 { Err(TER_NO_LINE) } else { Ok(()) }
}

/// Money may pass through an account unless it blocks rippling on both lines.
fn check_rippling(
    view: &View,
    from: AccountId,
    through: AccountId,
    to: AccountId,
    currency: ledger::Currency,
) -> Outcome<()> {
    let blocks = |peer: AccountId| -> Outcome<bool> {
        let line = view.line(peer, through, currency).ok_or(TER_NO_LINE)?;
        let flag = if through > peer { flags::LSF_HIGH_NO_RIPPLE } else { flags::LSF_LOW_NO_RIPPLE };
        Ok(line.flags & flag != 0)
    };
    if blocks(from)? && blocks(to)? { Err(TER_NO_RIPPLE) } else { Ok(()) }
}
