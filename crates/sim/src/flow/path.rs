//! The ways of a payment: the default one and those it names, each from accounts and books to steps, as the reference
//! server normalizes them (XRP Ledger documentation, "Paths": path specifications, implied steps, default paths). Never
//! looks at liquidity.

use std::collections::BTreeSet;

use ledger::object::PathStep;
use ledger::{AccountId, Asset, Currency};

use super::Request;
use super::build::{book, check_book, check_direct, direct};
use super::strand::{Step, Strand, XrpStep};
use crate::state::View;
use crate::ter::{Outcome, TEM_BAD_PATH, TEM_BAD_PATH_LOOP, TEM_RIPPLE_EMPTY, TER_NO_ACCOUNT, is_malformed};

/// Every way that can be built, the default one first; of equal ones the first.
///
/// # Errors
/// A malformed way's result; without a way of the payment's own, what is wrong with the default one; and what is wrong
/// with the last of them when none can be built.
pub fn strands(view: &View, request: &Request) -> Outcome<Vec<Strand>> {
    let mut all: Vec<Strand> = Vec::new();
    let mut add = |strand: Strand| {
        if !all.iter().any(|known| known.goes_as(&strand)) {
            all.push(strand);
        }
    };
    let mut last_failure = TEM_RIPPLE_EMPTY;
    if !request.no_default {
        match strand(view, request, &[]) {
            Ok(strand) => add(strand),
            Err(result) if is_malformed(result) || request.paths.is_empty() => return Err(result),
            Err(_) => {}
        }
    }
    for path in &request.paths {
        match strand(view, request, path) {
            Ok(strand) => add(strand),
            Err(result) if is_malformed(result) => return Err(result),
            Err(result) => last_failure = result,
        }
    }
    if all.is_empty() { Err(last_failure) } else { Ok(all) }
}

/// A currency in somebody's hands; XRP is nobody's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Issue {
    currency: Currency,
    account: AccountId,
}

const XRP: Issue = Issue { currency: Currency::XRP, account: AccountId::ZERO };

impl Issue {
    fn of(asset: &Asset) -> Option<Self> {
        match asset {
            Asset::Xrp => Some(XRP),
            Asset::Issued { currency, issuer } => Some(Self { currency: *currency, account: *issuer }),
            Asset::Mpt(_) => None,
        }
    }

    fn asset(self) -> Asset {
        match self.currency == Currency::XRP {
            true => Asset::Xrp,
            false => Asset::Issued { currency: self.currency, issuer: self.account },
        }
    }

    /// XRP has no issuer, everything else has one.
    fn is_consistent(self) -> bool {
        (self.currency == Currency::XRP) == (self.account == AccountId::ZERO)
    }
}

/// One way.
fn strand(view: &View, request: &Request, path: &[PathStep]) -> Outcome<Strand> {
    let send = Issue::of(&request.send).ok_or(TEM_BAD_PATH)?;
    let deliver = Issue::of(&request.deliver).ok_or(TEM_BAD_PATH)?;
    let nobody = [request.source, request.destination].contains(&AccountId::ZERO);
    let marks = [request.source, request.destination, send.account, deliver.account];
    let is_odd =
        nobody || marks.contains(&AccountId::ONE) || !send.is_consistent() || !deliver.is_consistent();
    if is_odd || path.iter().any(is_bad) {
        return Err(TEM_BAD_PATH);
    }
    let nodes = normal(request, path, send, deliver);
    let mut builder = Builder {
        view,
        request,
        steps: Vec::new(),
        seen_direct: [BTreeSet::new(), BTreeSet::new()],
        seen_books: BTreeSet::new(),
    };
    builder.all(&nodes, send.currency)?;
    Ok(Strand { steps: builder.steps })
}

/// Whether a step of a path says what no step can.
fn is_bad(step: &PathStep) -> bool {
    let is_xrp = |currency: Currency| currency == Currency::XRP;
    match (step.account, step.currency, step.issuer) {
        (None, None, None) => true,
        (Some(_), None, None) | (None, _, _) => {
            let named = [step.account, step.issuer].into_iter().flatten();
            // Currency and issuer together are never XRP: an issuer of it is refused already.
            let mixed = step.issuer.is_some() && step.currency.is_some_and(is_xrp);
            mixed || named.into_iter().any(|name| [AccountId::ZERO, AccountId::ONE].contains(&name))
        }
        (Some(_), _, _) => true,
    }
}

/// The path with what it implies: the payer, the issuer of what is sent, the book into what is delivered, its issuer, the
/// receiver.
fn normal(request: &Request, path: &[PathStep], send: Issue, deliver: Issue) -> Vec<PathStep> {
    let account = |account| PathStep { account: Some(account), ..PathStep::default() };
    let mut nodes = vec![PathStep {
        account: Some(request.source),
        currency: Some(send.currency),
        issuer: Some(if send.currency == Currency::XRP { AccountId::ZERO } else { request.source }),
    }];
    let begins_there = path.first().is_some_and(|first| first.account == Some(send.account));
    if send.account != request.source && !begins_there {
        nodes.push(account(send.account));
    }
    nodes.extend_from_slice(path);
    let last_currency = nodes.iter().rev().find_map(|node| node.currency);
    if last_currency != Some(deliver.currency) {
        nodes.push(PathStep {
            account: None,
            currency: Some(deliver.currency),
            issuer: Some(deliver.account),
        });
    }
    let ends_at = |nodes: &[PathStep], wanted| nodes.last().is_some_and(|last| last.account == Some(wanted));
    if !ends_at(&nodes, deliver.account) && request.destination != deliver.account {
        nodes.push(account(deliver.account));
    }
    if !ends_at(&nodes, request.destination) {
        nodes.push(account(request.destination));
    }
    nodes
}

/// Steps so far, and what they have touched: a way never comes twice to the same account in a currency, nor out of the
/// same book.
struct Builder<'v, 'a, 'r> {
    view: &'v View<'a>,
    request: &'r Request,
    steps: Vec<Step>,
    seen_direct: [BTreeSet<Issue>; 2],
    seen_books: BTreeSet<Issue>,
}

impl Builder<'_, '_, '_> {
    /// The nodes two by two. The step into a book is made with the node before it, so none is made out of it.
    fn all(&mut self, nodes: &[PathStep], currency: Currency) -> Outcome<()> {
        let pairs = nodes.len().saturating_sub(1);
        if pairs == 0 {
            return Err(TEM_BAD_PATH);
        }
        let mut at =
            if currency == Currency::XRP { XRP } else { Issue { currency, account: self.request.source } };
        for (place, pair) in nodes.windows(2).enumerate() {
            let [from, to] = pair else { continue };
            let (mut from, to) = (*from, *to);
            let is_last = place + 1 == pairs;
            at.account = from.account.or(from.issuer).unwrap_or(at.account);
            if let Some(currency) = from.currency {
                at.currency = currency;
                if currency == Currency::XRP {
                    at.account = AccountId::ZERO;
                }
            }
            match (from.account, to.account) {
                (Some(here), Some(there)) => {
                    if at.currency != Currency::XRP && at.account != here && at.account != there {
                        self.direct(here, at.account, at.currency, false)?;
                        from = PathStep { account: Some(at.account), ..PathStep::default() };
                    }
                }
                (Some(here), None) => {
                    if at.account != here {
                        self.direct(here, at.account, at.currency, false)?;
                        from = PathStep { account: Some(at.account), ..PathStep::default() };
                    }
                }
                (None, Some(there)) => {
                    self.out_of_book(at, there, is_last)?;
                    continue;
                }
                (None, None) => {}
            }
            self.step(from, to, at, is_last)?;
        }
        Ok(())
    }

    fn out_of_book(&mut self, at: Issue, there: AccountId, is_last: bool) -> Outcome<()> {
        if at.account == there || there == AccountId::ZERO {
            return Ok(());
        }
        match (at == XRP, is_last) {
            (true, false) => Err(TEM_BAD_PATH),
            (true, true) => self.xrp(there, false),
            (false, _) => self.direct(at.account, there, at.currency, false),
        }
    }

    fn step(&mut self, from: PathStep, to: PathStep, at: Issue, is_last: bool) -> Outcome<()> {
        match (from.account, to.account) {
            (Some(payer), _) if self.steps.is_empty() && from.currency == Some(Currency::XRP) => {
                self.xrp(payer, false)
            }
            (Some(here), Some(receiver)) if is_last && here == AccountId::ZERO => self.xrp(receiver, true),
            (Some(here), Some(there)) => self.direct(here, there, at.currency, is_last),
            (None, Some(_)) => Err(TEM_BAD_PATH),
            (_, None) => {
                let currency = to.currency.unwrap_or(at.currency);
                let account = to.issuer.unwrap_or(at.account);
                let out = if currency == Currency::XRP { XRP } else { Issue { currency, account } };
                self.book(at, out)
            }
        }
    }

    fn xrp(&mut self, account: AccountId, is_last: bool) -> Outcome<()> {
        if account == AccountId::ZERO {
            return Err(TEM_BAD_PATH);
        }
        self.view.account(account).ok_or(TER_NO_ACCOUNT)?;
        if !self.steps.is_empty() && !is_last {
            return Err(TEM_BAD_PATH);
        }
        let [seen_from, seen_to] = &mut self.seen_direct;
        let seen = if is_last { seen_from } else { seen_to };
        if !seen.insert(XRP) {
            return Err(TEM_BAD_PATH_LOOP);
        }
        self.steps.push(Step::Xrp(XrpStep { account, is_last, reserve_change: 0, cache: None }));
        Ok(())
    }

    fn direct(&mut self, from: AccountId, to: AccountId, currency: Currency, is_last: bool) -> Outcome<()> {
        if from == AccountId::ZERO || to == AccountId::ZERO || from == to {
            return Err(TEM_BAD_PATH);
        }
        let Step::Direct(mut step) = direct(from, to, currency, self.request) else {
            return Err(TEM_BAD_PATH);
        };
        step.is_last = is_last;
        let (issue, next) = (Issue { currency, account: from }, Issue { currency, account: to });
        let before = self.steps.last();
        let alone = before.is_none() && is_last;
        // The order of the checks decides which of several faults is told.
        let looped = {
            let out_of_other = match before {
                Some(Step::Book(book)) => Issue::of(&book.got) != Some(issue),
                _ => false,
            };
            let [froms, tos] = &self.seen_direct;
            (self.seen_books.contains(&issue) && out_of_other)
                || froms.contains(&issue)
                || tos.contains(&next)
        };
        check_direct(self.view, &step, before, (alone, looped), self.request)?;
        let [froms, tos] = &mut self.seen_direct;
        froms.insert(issue);
        tos.insert(next);
        self.steps.push(Step::Direct(step));
        Ok(())
    }

    fn book(&mut self, paid: Issue, got: Issue) -> Outcome<()> {
        if paid == got || !paid.is_consistent() || !got.is_consistent() {
            return Err(TEM_BAD_PATH);
        }
        let was_there = self.seen_direct.iter().any(|seen| seen.contains(&got));
        if !self.seen_books.insert(got) || was_there {
            return Err(TEM_BAD_PATH_LOOP);
        }
        let step = book(self.view, (paid.asset(), got.asset()), self.request, false);
        check_book(self.view, &step, self.steps.last())?;
        self.steps.push(Step::Book(step));
        Ok(())
    }
}
