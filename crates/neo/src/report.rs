//! A session's figures out of the database: one reading, two forms (for people and for programs).

use engine::{Figures, HaltReason};
use serde_json::{Value, json};
use std::fmt::Write as _;
use store::{ReadError, Reader, SessionRow, Tally};
use units::{Exact, LedgerTime, MicroBps};

/// Fields of the document that only closing figures can fill.
const FROM_FIGURES: [&str; 15] = [
    "ledgers",
    "seconds",
    "requotes",
    "accidental_takes",
    "take_spread_bps",
    "markout_bps",
    "toxic_pct",
    "fills_per_minute",
    "distance_to_touch_bps",
    "mode_seconds",
    "pnl_rlusd",
    "pnl_against_holding_rlusd",
    "fees_xrp",
    "truth",
    "unverified",
];

/// Everything a report of one session says.
pub struct Report {
    row: SessionRow,
    figures: Option<Figures>,
    /// What the rows say, where there are no closing figures.
    tally: Option<Tally>,
    facts: Value,
    anomalies: std::collections::BTreeMap<String, i64>,
}

impl Report {
    /// Reads one session.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn load(reader: &Reader, session_id: i64) -> Result<Report, ReadError> {
        let row = reader.session(session_id)?;
        let facts: Value = serde_json::from_str(&row.facts).unwrap_or(Value::Null);
        let figures: Option<Figures> = serde_json::from_value(facts["figures"].clone()).ok();
        let tally = if figures.is_some() { None } else { Some(reader.tally(session_id)?) };
        Ok(Report { row, figures, tally, facts, anomalies: reader.anomalies(session_id)? })
    }

    /// Adds the figures of the checkpoints of the run that made the session.
    pub fn set_checkpoints(&mut self, checkpoints: Option<store::CheckpointAggregate>) {
        if let (Some(aggregate), Some(facts)) = (checkpoints, self.facts.as_object_mut()) {
            facts.insert("checkpoints".to_owned(), json!(aggregate));
        }
    }

    /// Why the session ended, when it did for one of the known reasons.
    pub fn halt_reason(&self) -> Option<HaltReason> {
        self.row.halt_reason.as_deref()?.parse().ok()
    }

    /// Offers and transactions whose end was not seen, with the time at which the ledger lets go of them.
    fn unverified(&self) -> Vec<Value> {
        let rows = self.facts["unverified"].as_array().map(Vec::as_slice).unwrap_or_default();
        let expiry = |row: &Value| row["expires_at"].as_u64().and_then(|time| u32::try_from(time).ok());
        rows.iter()
            .map(|row| json!({"sequence": row["sequence"], "expires_at": expiry(row).map(|time| LedgerTime(time).to_iso())}))
            .collect()
    }

    /// The document that programs read.
    pub fn json(&self) -> Value {
        let mut document = self.document();
        if let (Some(tally), Some(fields)) = (&self.tally, document.as_object_mut()) {
            // Not observed is null, never 0.
            for name in FROM_FIGURES {
                fields.insert(name.to_owned(), Value::Null);
            }
            let counted = json!({"orders": tally.orders, "fills": tally.fills, "buys": tally.buys, "sells": tally.sells,
                                 "volume_rlusd": tally.volume_rlusd.to_string(), "vw_spread_bps": text(tally.vw_spread_bps.as_ref())});
            fields.extend(counted.as_object().cloned().unwrap_or_default());
        }
        document
    }

    fn document(&self) -> Value {
        let row = &self.row;
        let figures = self.figures.clone().unwrap_or_default();
        let modes = figures.mode_seconds;
        let markouts: serde_json::Map<String, Value> = figures
            .markouts
            .iter()
            .map(|m| (format!("{}_ledgers", m.ledgers), json!({"mean": bps(m.mean_bps), "fills": m.fills})))
            .collect();
        let anomalies: serde_json::Map<String, Value> =
            self.anomalies.iter().map(|(kind, n)| (kind.clone(), (*n).into())).collect();
        json!({
            "format": 1,
            "session_id": row.session_id, "status": row.status, "halt_reason": row.halt_reason,
            "halt_detail": row.halt_detail, "closed_by": row.closed_by, "network": row.network,
            "config_hash": row.config_hash, "started_at": row.started_at, "ended_at": row.ended_at,
            "ledgers": figures.ledgers, "seconds": figures.seconds, "orders": figures.orders,
            "requotes": figures.requotes, "fills": figures.fills, "buys": figures.buys, "sells": figures.sells,
            "accidental_takes": figures.accidental_takes, "volume_rlusd": figures.volume_rlusd.to_string(),
            "vw_spread_bps": bps(figures.vw_spread_bps), "take_spread_bps": bps(figures.take_spread_bps), "markout_bps": markouts,
            "toxic_pct": figures.toxic_share.map(|share| Exact::new(share.get().into(), -8).to_fixed(2)),
            "fills_per_minute": Exact::new(figures.fills_per_minute_milli.into(), -3).to_string(),
            "distance_to_touch_bps": {"p50": bps(figures.distance_p50_bps), "p95": bps(figures.distance_p95_bps)},
            "mode_seconds": {"active": modes.active, "reduce_only": modes.reduce_only, "degraded": modes.degraded,
                             "halted": modes.halted, "held": modes.held},
            "start": balances(&row.starting_xrp, &row.starting_rlusd, &row.starting_value),
            "end": balances(&row.ending_xrp, &row.ending_rlusd, &row.ending_value),
            "pnl_rlusd": text(figures.pnl_rlusd.as_ref()),
            "pnl_against_holding_rlusd": text(figures.pnl_against_holding_rlusd.as_ref()),
            "fees_xrp": figures.fees_drops.to_xrp_string(),
            "truth": {"delta_xrp": Exact::from_drops(figures.truth_delta_xrp).to_string(),
                      "delta_rlusd": figures.truth_delta_rlusd.to_string(),
                      "unexplained": unexplained(&figures),
                      "unexplained_xrp": Exact::from_drops(figures.unexplained_xrp).to_string(),
                      "unexplained_rlusd": figures.unexplained_rlusd.to_string(),
                      "checks": figures.truth_checks, "verified": self.facts["verified"]},
            "unverified": self.unverified(),
            "anomalies": anomalies,
            "checkpoints": self.facts.get("checkpoints").cloned().filter(|c| !c.is_null()).unwrap_or_else(no_checkpoints),
            "journal_digest": row.journal_digest,
        })
    }

    /// The summary that people read.
    pub fn text(&self, heading: &str) -> String {
        let mut out = String::new();
        let row = &self.row;
        let Some(figures) = &self.figures else {
            let _ = writeln!(out, "\n  {heading} · {}", row.status);
            let until =
                row.ended_at.as_deref().map_or("no end is known".to_owned(), |at| format!("ended {at}"));
            let _ =
                writeln!(out, "  started {} · {until} · no closing figures{}\n", row.started_at, detail(row));
            if let Some(tally) = &self.tally {
                line(&mut out, "fills", &tallied(tally));
            }
            line(&mut out, "XRP", &moved(&row.starting_xrp, &row.ending_xrp, 6));
            line(&mut out, "RLUSD", &moved(&row.starting_rlusd, &row.ending_rlusd, 6));
            return out;
        };
        let _ = writeln!(out, "\n  {heading}");
        let _ = writeln!(out, "  {}\n", ended(row, figures));
        line(&mut out, "fills", &fills(figures));
        line(&mut out, "quality", &quality(figures));
        line(&mut out, "quotes", &quotes(figures));
        line(&mut out, "XRP", &moved(&row.starting_xrp, &row.ending_xrp, 6));
        line(&mut out, "RLUSD", &moved(&row.starting_rlusd, &row.ending_rlusd, 6));
        line(&mut out, "value", &value(row, figures));
        line(&mut out, "books", &books(figures, &self.facts));
        for left in self.unverified() {
            let until = left["expires_at"]
                .as_str()
                .map_or(String::new(), |time| format!(", the ledger lets go of it at {time}"));
            line(&mut out, "not seen", &format!("the end of offer {}{until}", left["sequence"]));
        }
        if !self.anomalies.is_empty() {
            let kinds: Vec<String> = self.anomalies.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
            line(&mut out, "anomalies", &kinds.join(", "));
        }
        if let Some(digest) = &row.journal_digest {
            line(
                &mut out,
                "journal",
                &format!("{}…  decide it again: neo replay {}", cut(digest, 16), row.session_id),
            );
        }
        out
    }
}

fn line(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "  {name:<10}{text}");
}

fn cut(text: &str, length: usize) -> &str {
    text.get(..length).unwrap_or(text)
}

/// Why, how long, and the numbers behind a reason that is not an ordinary end.
fn ended(row: &SessionRow, figures: &Figures) -> String {
    let reason = row.halt_reason.as_deref().unwrap_or(&row.status);
    let span = crate::duration::format(figures.seconds);
    let ordinary = row
        .halt_reason
        .as_deref()
        .and_then(|r| r.parse::<HaltReason>().ok())
        .is_some_and(|r| r.strength() == 0);
    let why = if ordinary { String::new() } else { detail(row).replacen(" · ", "\n  ", 1) };
    format!("{reason} after {span} of ledger time, {} ledgers{why}", figures.ledgers)
}

fn detail(row: &SessionRow) -> String {
    row.halt_detail
        .as_deref()
        .filter(|detail| !detail.is_empty())
        .map_or(String::new(), |detail| format!(" · {detail}"))
}

fn fills(figures: &Figures) -> String {
    let taken = match figures.accidental_takes {
        0 => String::new(),
        n => format!(", {n} by taking"),
    };
    format!(
        "{} ({} bought, {} sold{taken}) · {} RLUSD · {}/min",
        figures.fills,
        figures.buys,
        figures.sells,
        figures.volume_rlusd.to_fixed(2),
        Exact::new(figures.fills_per_minute_milli.into(), -3).to_fixed(2)
    )
}

/// Of a session without closing figures.
fn tallied(tally: &Tally) -> String {
    let spread = tally.vw_spread_bps.as_ref().map_or("–".to_owned(), |bps| crate::view::signed_at(bps, 2));
    format!(
        "{} ({} bought, {} sold) of {} orders · {} RLUSD · spread {spread} bps",
        tally.fills,
        tally.buys,
        tally.sells,
        tally.orders,
        tally.volume_rlusd.to_fixed(2)
    )
}

fn quality(figures: &Figures) -> String {
    let signed_bps =
        |bps: Option<MicroBps>| bps.map_or("–".to_owned(), |b| crate::view::signed_at(&in_bps(b), 2));
    let markouts: Vec<String> =
        figures.markouts.iter().map(|m| format!("{} ({})", signed_bps(m.mean_bps), m.ledgers)).collect();
    let toxic = figures.toxic_share.map_or("–".to_owned(), |s| Exact::new(s.get().into(), -8).to_fixed(0));
    let takes = figures
        .take_spread_bps
        .map_or(String::new(), |_| format!(" · takes {} bps", signed_bps(figures.take_spread_bps)));
    format!(
        "spread {} bps · markout {} ledgers · {toxic} % toxic{takes}",
        signed_bps(figures.vw_spread_bps),
        markouts.join(", ")
    )
}

fn quotes(figures: &Figures) -> String {
    let distance = figures.distance_p50_bps.map_or("–".to_owned(), |bps| in_bps(bps).to_fixed(1));
    format!(
        "{} orders, {} requotes · {distance} bps from touch · fees {} XRP",
        figures.orders,
        figures.requotes,
        figures.fees_drops.to_xrp_string()
    )
}

fn moved(from: &Option<String>, to: &Option<String>, places: u16) -> String {
    let read = |text: &Option<String>| text.as_deref().and_then(|t| t.parse::<Exact>().ok());
    match (read(from), read(to)) {
        (Some(from), Some(to)) => {
            format!(
                "{} → {}  ({})",
                from.to_fixed(places),
                to.to_fixed(places),
                crate::view::signed_at(&(&to - &from), places)
            )
        }
        (None, None) => "–".to_owned(),
        (from, to) => {
            let shown =
                |amount: Option<Exact>| amount.map_or("–".to_owned(), |amount| amount.to_fixed(places));
            format!("{} → {}", shown(from), shown(to))
        }
    }
}

fn value(row: &SessionRow, figures: &Figures) -> String {
    let against = figures
        .pnl_against_holding_rlusd
        .as_ref()
        .map_or(String::new(), |pnl| format!(" · {} against holding", crate::view::signed_at(pnl, 4)));
    format!("{} RLUSD{against}", worth(row, figures))
}

/// What it was worth and is worth, the profit and loss between, and apart from it what came in and went out.
fn worth(row: &SessionRow, figures: &Figures) -> String {
    let read = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Exact>().ok());
    let (Some(from), Some(to)) = (read(&row.starting_value), read(&row.ending_value)) else {
        return moved(&row.starting_value, &row.ending_value, 4);
    };
    let gained = figures.pnl_rlusd.as_ref().map_or(String::new(), |pnl| {
        let capital = &(&to - &from) - pnl;
        let apart = match capital.is_zero() {
            true => String::new(),
            false => format!(" and {} capital", crate::view::signed_at(&capital, 4)),
        };
        format!("  ({}{apart})", crate::view::signed_at(pnl, 4))
    });
    format!("{} → {}{gained}", from.to_fixed(4), to.to_fixed(4))
}

fn books(figures: &Figures, facts: &Value) -> String {
    let gone = if facts["verified"] == Value::Bool(true) { "offers gone" } else { "end not verified" };
    format!(
        "off by {} XRP, {} RLUSD in {} checks · {} unexplained · {gone}",
        Exact::from_drops(figures.truth_delta_xrp),
        figures.truth_delta_rlusd,
        figures.truth_checks,
        unexplained(figures)
    )
}

/// The figures of a run too short for a checkpoint.
fn no_checkpoints() -> Value {
    json!({"n": 0, "p50": null, "p95": null, "max": null})
}

/// `0`, or both amounts with their units.
fn unexplained(figures: &Figures) -> String {
    if figures.unexplained_xrp.is_zero() && figures.unexplained_rlusd.is_zero() {
        return "0".to_owned();
    }
    format!("{} XRP and {} RLUSD", Exact::from_drops(figures.unexplained_xrp), figures.unexplained_rlusd)
}

fn in_bps(bps: MicroBps) -> Exact {
    Exact::new(bps.get().into(), -6)
}

fn bps(value: Option<MicroBps>) -> Value {
    value.map_or(Value::Null, |v| v.to_string().into())
}

fn text(value: Option<&Exact>) -> Value {
    value.map_or(Value::Null, |v| v.to_string().into())
}

fn balances(xrp: &Option<String>, rlusd: &Option<String>, value: &Option<String>) -> Value {
    json!({"xrp": xrp, "rlusd": rlusd, "value": value})
}
