//! What the operator said, and what follows from it: an announced withdrawal is no other writer, capital that was booked
//! as external counts as capital, and books are brought to the ledger. Never explains a change that nobody announced.

use super::apply::Place;
use super::{Engine, Phase};
use crate::evidence::Evidence;
use crate::explain::Explanation;
use crate::input::{Announced, Notice, Reclassified, notice_note};
use crate::record::{Asset, CapitalKind, CapitalRow, Cause, Record};
use crate::step::{Level, Step};
use ledger::{Hash256, TxType};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use units::Exact;

/// What was said and is not used up.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Notices {
    announced: Vec<Announced>,
    reclassified: Vec<Reclassified>,
    /// Numbers that were told: a recovery is told again what its session was told at its start.
    told: BTreeSet<u32>,
    pub is_realigning: bool,
}

impl Engine {
    pub(super) fn on_notices(&mut self, notices: &[Notice], out: &mut Step) {
        for notice in notices {
            match notice {
                Notice::Announced(announced) => {
                    if self.notices.told.insert(announced.number) {
                        self.notices.announced.push(announced.clone());
                    }
                }
                Notice::Capital(event) => {
                    if self.notices.told.insert(event.number) {
                        self.notices.reclassified.push(event.clone());
                    }
                }
                Notice::Realign => self.notices.is_realigning |= self.phase == Phase::Fresh,
            }
        }
        if self.phase != Phase::Fresh {
            self.book_reclassified(out);
        }
    }

    /// Capital that was booked as external: net deposits change, and no balance does.
    pub(super) fn book_reclassified(&mut self, out: &mut Step) {
        for event in std::mem::take(&mut self.notices.reclassified) {
            let signed = match event.kind {
                CapitalKind::Deposit => event.value_rlusd.clone(),
                CapitalKind::Withdrawal => -&event.value_rlusd,
            };
            self.session.net_deposits = &self.session.net_deposits + &signed;
            let (kind, asset) = (event.kind.as_str(), event.asset.as_str());
            out.log(
                Level::Info,
                "capital",
                format!("{kind} {} {asset} was booked as external", event.amount),
            );
            out.records.push(Record::CapitalEvent(CapitalRow {
                at: self.now(),
                ledger_index: event.ledger_index,
                kind: event.kind,
                asset: event.asset,
                amount: event.amount,
                value_rlusd: Some(event.value_rlusd),
                tx_hash: Some(event.tx_hash),
                note: notice_note(event.number),
            }));
        }
    }

    /// Whether a transaction that another program signed with our key is a withdrawal that was announced; each
    /// announcement stands for one.
    pub(super) fn take_announced(&mut self, evidence: &Evidence, place: Place) -> Option<Announced> {
        let at = self.notices.announced.iter().position(|announced| {
            place.at <= announced.until
                && announced.destination.is_none_or(|to| evidence.destination == Some(to))
                && pays(evidence, announced)
        })?;
        Some(self.notices.announced.remove(at))
    }

    /// Books what an announced payment took out as a withdrawal.
    pub(super) fn book_withdrawal(
        &mut self,
        announced: &Announced,
        mut explanation: Explanation,
        hash: Hash256,
        place: Place,
        out: &mut Step,
    ) -> Explanation {
        for change in explanation.changes.iter_mut().filter(|change| change.cause.is_external()) {
            change.cause = Cause::Withdrawal;
            let note = notice_note(announced.number);
            self.capital(change, Some(hash), &note, place.index, place.at, out);
        }
        explanation
    }
}

/// A payment that took exactly this out of the wallet, and nothing else but its fee.
fn pays(evidence: &Evidence, announced: &Announced) -> bool {
    let xrp = evidence.root.as_ref().map_or_else(Exact::zero, |root| {
        Exact::from_drops(root.after.saturating_sub(root.before).saturating_add(evidence.fee))
    });
    let rlusd = evidence
        .line
        .as_ref()
        .map_or_else(Exact::zero, |line| &Exact::from(line.after) - &Exact::from(line.before));
    let out = -&announced.amount;
    let wanted = match announced.asset {
        Asset::Xrp => (out, Exact::zero()),
        Asset::Rlusd => (Exact::zero(), out),
    };
    evidence.tx_type == TxType::PAYMENT && evidence.result.is_success() && (xrp, rlusd) == wanted
}
