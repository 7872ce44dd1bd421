//! The engine's records as rows: movements, truth checks, snapshots, anomalies, state. Amounts go in as exact decimal
//! text; never computes one.

use engine::{
    AnomalyRow, Asset, CapitalRow, CircuitBreakerRow, InventoryRow, MarketRow, MovementRow, TruthRow,
    ValuationRow,
};
use rusqlite::params;
use units::{Drops, Exact, LedgerTime};

use crate::rows::Context;

type Done = rusqlite::Result<()>;

pub(crate) fn movement(context: &Context<'_>, row: &MovementRow) -> Done {
    let sql = "INSERT INTO inventory_ledger (session_id, ledger_index, tx_hash, cause, asset, debit, credit, amount,
                 order_id, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    context.run(
        sql,
        params![
            context.session_id,
            row.ledger_index.get(),
            text(row.tx_hash),
            row.cause.as_str(),
            row.asset.as_str(),
            row.debit.as_str(),
            row.credit.as_str(),
            amount(row.asset, &row.amount),
            row.order_id.map(|id| context.order(id)),
            row.at.to_iso()
        ],
    )?;
    Ok(())
}

pub(crate) fn truth(context: &Context<'_>, row: &TruthRow) -> Done {
    let sql = "INSERT INTO inventory_truth_snapshots (session_id, ledger_index, source, internal_xrp, internal_rlusd,
                 ledger_xrp, ledger_rlusd, delta_xrp, delta_rlusd, status, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    context.run(
        sql,
        params![
            context.session_id,
            row.ledger_index.get(),
            row.source.as_str(),
            row.internal_xrp.to_xrp_string(),
            row.internal_rlusd.to_string(),
            row.ledger_xrp.map(Drops::to_xrp_string),
            text(row.ledger_rlusd),
            row.delta_xrp.map(Drops::to_xrp_string),
            text(row.delta_rlusd.as_ref()),
            row.status.as_str(),
            row.at.to_iso()
        ],
    )?;
    Ok(())
}

pub(crate) fn market(context: &Context<'_>, row: &MarketRow) -> Done {
    let sql =
        "INSERT INTO market_snapshots (session_id, ledger_index, best_bid, best_ask, mid_price, spread_bps,
                 reference_price, bid_depth_rlusd, ask_depth_rlusd, own_bid, own_ask, bid_distance_bps,
                 ask_distance_bps, bid_ahead_rlusd, ask_ahead_rlusd, created_at, reference_source, pool_price,
                 pool_fee, anchor_divergence_bps)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";
    context.run(
        sql,
        params![
            context.session_id,
            row.ledger_index.get(),
            text(row.best_bid),
            text(row.best_ask),
            text(row.mid),
            text(row.spread_bps),
            text(row.reference),
            text(row.bid_depth_rlusd.as_ref()),
            text(row.ask_depth_rlusd.as_ref()),
            text(row.own_bid),
            text(row.own_ask),
            text(row.bid_distance_bps),
            text(row.ask_distance_bps),
            text(row.bid_ahead_rlusd.as_ref()),
            text(row.ask_ahead_rlusd.as_ref()),
            row.at.to_iso(),
            row.reference_source.map(|source| source.as_str()),
            text(row.pool_price),
            row.pool_fee,
            text(row.anchor_divergence_bps)
        ],
    )?;
    Ok(())
}

pub(crate) fn inventory(context: &Context<'_>, row: &InventoryRow) -> Done {
    let sql = "INSERT INTO inventory_snapshots (session_id, ledger_index, xrp_balance, rlusd_balance,
                 xrp_value_in_rlusd, total_value_in_rlusd, xrp_pct, drift_pct, skew_tier, drift_velocity_pct_per_min,
                 created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    context.run(
        sql,
        params![
            context.session_id,
            row.ledger_index.get(),
            row.xrp_balance.to_xrp_string(),
            row.rlusd_balance.to_string(),
            text(row.xrp_value_in_rlusd.as_ref()),
            text(row.total_value_in_rlusd.as_ref()),
            text(row.xrp_pct.as_ref()),
            text(row.drift_pct.as_ref()),
            (!row.skew_tier.is_empty()).then_some(&row.skew_tier),
            text(row.drift_velocity_pct_per_min.as_ref()),
            row.at.to_iso()
        ],
    )?;
    Ok(())
}

pub(crate) fn valuation(context: &Context<'_>, row: &ValuationRow) -> Done {
    let sql = "INSERT INTO valuation_snapshots (session_id, ledger_index, total_value_rlusd, net_deposits_rlusd_cum,
                 created_at)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    context.run(
        sql,
        params![
            context.session_id,
            row.ledger_index.get(),
            row.total_value_rlusd.to_string(),
            row.net_deposits_rlusd_cum.to_string(),
            row.at.to_iso()
        ],
    )?;
    Ok(())
}

/// An anomaly that was seen before is updated with its outcome.
pub(crate) fn anomaly(context: &Context<'_>, row: &AnomalyRow) -> Done {
    let order_id = row.order_id.map(|id| context.order(id));
    let detected_at = row.detected_at.to_iso();
    let found = context.run(
        "UPDATE reconciler_anomaly_log SET action_taken = ?4, last_status = ?5, cancel_tx_hash = ?6
         WHERE session_id = ?1 AND order_id IS ?2 AND detected_at = ?3 AND offer_sequence IS ?7",
        params![
            context.session_id,
            order_id,
            detected_at,
            row.action_taken,
            row.last_status.map(|status| status.as_str()),
            text(row.cancel_tx_hash),
            row.offer_sequence
        ],
    )?;
    if found > 0 {
        return Ok(());
    }
    let sql = "INSERT INTO reconciler_anomaly_log (session_id, detected_at, order_id, side, quantity_rlusd,
                 xrp_equivalent, age_seconds, last_status, offer_sequence, cancel_tx_hash, action_taken, mid_price)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    context.run(
        sql,
        params![
            context.session_id,
            detected_at,
            order_id,
            row.side.map(|side| side.as_str()),
            text(row.quantity_rlusd),
            row.xrp_equivalent.map(Drops::to_xrp_string),
            row.age_seconds,
            row.last_status.map(|status| status.as_str()),
            row.offer_sequence,
            text(row.cancel_tx_hash),
            row.action_taken,
            text(row.mid_price)
        ],
    )?;
    Ok(())
}

pub(crate) fn capital(context: &Context<'_>, row: &CapitalRow) -> Done {
    let sql = "INSERT INTO capital_events (session_id, kind, asset, amount, value_rlusd, tx_hash, ledger_index, note,
                 created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    context.run(
        sql,
        params![
            context.session_id,
            row.kind.as_str(),
            row.asset.as_str(),
            amount(row.asset, &row.amount),
            text(row.value_rlusd.as_ref()),
            text(row.tx_hash),
            row.ledger_index.get(),
            row.note,
            row.at.to_iso()
        ],
    )?;
    Ok(())
}

pub(crate) fn circuit_breaker(context: &Context<'_>, row: &CircuitBreakerRow) -> Done {
    let sql = "INSERT INTO circuit_breaker_events (session_id, ledger_index, source, from_mode, to_mode, halt_reason,
                 detail, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    context.run(
        sql,
        params![
            context.session_id,
            row.ledger_index.get(),
            row.source,
            row.from.as_str().to_ascii_lowercase(),
            row.to.as_str().to_ascii_lowercase(),
            row.halt.map(|reason| reason.as_str()),
            row.detail,
            row.at.to_iso()
        ],
    )?;
    Ok(())
}

pub(crate) fn state(context: &Context<'_>, key: &str, value: &str) -> Done {
    let sql = "INSERT INTO engine_state (key, value, updated_at) VALUES (?1, ?2, ?3)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
    context.run(sql, (key, value, LedgerTime::to_iso(context.at)))?;
    Ok(())
}

/// XRP with its six places, RLUSD with the digits it has.
fn amount(asset: Asset, amount: &Exact) -> String {
    match asset {
        Asset::Xrp => amount.to_fixed(6),
        Asset::Rlusd => amount.to_string(),
    }
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}
