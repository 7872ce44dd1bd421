//! `neo capital`: what the operator says about money that came or went. It only writes down what was said; the engine
//! books what follows at its next start.

use crate::cli::{CapitalCommand, CapitalOfArgs, CapitalPlace, ExpectArgs, Money};
use crate::commands::session::read_failure;
use crate::exit::{Exit, Failure, Outcome};
use crate::text::printable_line;
use engine::{Asset, CapitalKind, Reclassified};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};
use store::{ExternalChange, NewNotice, NoticeRow, OpenError, OpenMode, Reader, Store};

/// Longest note that is kept, in characters.
const NOTE_MAX: usize = 200;

/// Runs the command.
pub fn run(command: &CapitalCommand) -> Outcome {
    match command {
        CapitalCommand::Expect(args) => expect(args),
        CapitalCommand::Deposit(args) => reclassify(args, CapitalKind::Deposit),
        CapitalCommand::Withdraw(args) => reclassify(args, CapitalKind::Withdrawal),
        CapitalCommand::List(place) => list(place),
    }
}

fn expect(args: &ExpectArgs) -> Outcome {
    args.asset.holds(&args.amount).map_err(Failure::usage)?;
    let asset = asset_of(args.asset);
    let notice = NewNotice::Expect {
        asset,
        amount: args.amount.clone(),
        destination: args.to,
        within_seconds: args.within,
    };
    let reader = reader(&args.place)?;
    let number = write(&args.place, &reader, None, notice, args.note.clone())?;
    let to = args.to.map_or("anybody".to_owned(), |to| to.to_string());
    let within = crate::duration::format(args.within);
    let said = format!(
        "Notice {number}: a payment of exactly {} {} to {to} within {within} is a withdrawal. The next session is told.",
        args.amount,
        asset.as_str()
    );
    let document = json!({"notice": number, "kind": "expect", "asset": asset.as_str(), "amount": args.amount.to_string(),
                          "to": args.to.map(|to| to.to_string()), "within_seconds": args.within});
    answer(&args.place, &said, document)
}

fn reclassify(args: &CapitalOfArgs, kind: CapitalKind) -> Outcome {
    let reader = reader(&args.place)?;
    let tx_hash = args.tx.to_string();
    let changes = reader.external_changes(&tx_hash).map_err(|error| read_failure(&error))?;
    let change = pick(&changes, kind).map_err(|why| Failure::refused(format!("{tx_hash}: {why}")))?;
    let said_before = reader.notices().map_err(|error| read_failure(&error))?;
    if let Some(before) =
        said_before.iter().find(|notice| notice.tx_hash.as_deref() == Some(tx_hash.as_str()))
    {
        return Err(Failure::refused(format!("{tx_hash}: notice {} says so already", before.notice_id)));
    }
    let value = match (change.asset, args.price.as_ref().or(change.mid.as_ref())) {
        (Asset::Rlusd, _) => change.amount.clone(),
        (Asset::Xrp, Some(price)) => &change.amount * price,
        (Asset::Xrp, None) => {
            return Err(Failure::refused(format!(
                "{tx_hash}: no middle of the book was seen before it; say what an XRP was worth with --price"
            )));
        }
    };
    let event = Reclassified {
        number: 0,
        kind,
        asset: change.asset,
        amount: change.amount.clone(),
        value_rlusd: value.clone(),
        tx_hash: args.tx,
        ledger_index: change.ledger_index,
    };
    let world = Some(change.world_id.clone());
    let number = write(&args.place, &reader, world, NewNotice::Capital(event), args.note.clone())?;
    let (word, asset) = (kind.as_str(), change.asset.as_str());
    let said = format!(
        "Notice {number}: {} {asset} of ledger {} were a {word}, worth {value} RLUSD. The next session of this ledger history \
         books it: net deposits change by that much, no balance does.",
        change.amount, change.ledger_index
    );
    let document = json!({"notice": number, "kind": word, "asset": asset, "amount": change.amount.to_string(),
                          "value_rlusd": value.to_string(), "tx_hash": tx_hash, "session_id": change.session_id});
    answer(&args.place, &said, document)
}

/// The one change that can have been meant.
fn pick(changes: &[ExternalChange], kind: CapitalKind) -> Result<&ExternalChange, String> {
    let wanted = kind == CapitalKind::Withdrawal;
    match changes {
        [] => Err("nothing of it is booked as external, so there is nothing to say about it".to_owned()),
        [change] if change.is_out == wanted => Ok(change),
        [change] if change.is_out => Err(format!("it took {} out: that is no deposit", change.amount)),
        [change] => Err(format!("it brought {} in: that is no withdrawal", change.amount)),
        _ => Err("it changed both assets: a trade, not capital".to_owned()),
    }
}

fn list(place: &CapitalPlace) -> Outcome {
    let reader = reader(place)?;
    let events = reader.capital_events().map_err(|error| read_failure(&error))?;
    let notices = reader.notices().map_err(|error| read_failure(&error))?;
    let open: Vec<&NoticeRow> = notices.iter().filter(|notice| notice.done_by.is_none()).collect();
    if place.json {
        let events: Vec<Value> = events
            .iter()
            .map(|e| {
                json!({"session_id": e.session_id, "kind": e.kind, "asset": e.asset, "amount": e.amount,
                       "value_rlusd": e.value_rlusd, "tx_hash": e.tx_hash, "ledger_index": e.ledger_index,
                       "note": e.note, "created_at": e.created_at})
            })
            .collect();
        let notices: Vec<Value> = notices
            .iter()
            .map(|n| {
                json!({"notice": n.notice_id, "kind": n.kind, "asset": n.asset, "amount": n.amount, "to": n.destination,
                       "value_rlusd": n.value_rlusd, "tx_hash": n.tx_hash, "note": n.note, "created_at": n.created_at,
                       "seconds_left": n.seconds_left(now_unix()), "done_by": n.done_by})
            })
            .collect();
        crate::out::line(&json!({"format": 1, "events": events, "notices": notices}).to_string())?;
        return Ok(Exit::Done);
    }
    for e in &events {
        let value = e.value_rlusd.as_deref().unwrap_or("?");
        let line = format!(
            "session {:>4}  {}  {:<10} {:>16} {:<5}  worth {value} RLUSD  {}",
            e.session_id.unwrap_or(0),
            e.created_at,
            e.kind,
            e.amount,
            e.asset,
            e.note.as_deref().unwrap_or("")
        );
        crate::out::line(&printable_line(&line))?;
    }
    for n in &open {
        let state = match n.seconds_left(now_unix()) {
            Some(0) => "never came, and is expected no longer".to_owned(),
            Some(left) => format!("expected for {} more", crate::duration::format(left)),
            None => "the next session of its ledger history books it".to_owned(),
        };
        let line =
            format!("notice {:>3}  {:<10} {:>16} {:<5}  {state}", n.notice_id, n.kind, n.amount, n.asset);
        crate::out::line(&printable_line(&line))?;
    }
    crate::out::line(&format!("{} capital events, {} notices not booked", events.len(), open.len()))?;
    Ok(Exit::Done)
}

fn asset_of(money: Money) -> Asset {
    match money {
        Money::Xrp => Asset::Xrp,
        Money::Rlusd => Asset::Rlusd,
    }
}

fn reader(place: &CapitalPlace) -> Result<Reader, Failure> {
    Reader::open(&place.db).map_err(|error| read_failure(&error))
}

/// Writes a notice, which needs the database for itself.
fn write(
    place: &CapitalPlace,
    reader: &Reader,
    world: Option<String>,
    notice: NewNotice,
    note: Option<String>,
) -> Result<u32, Failure> {
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE_MAX) {
        return Err(Failure::usage(format!("--note: at most {NOTE_MAX} characters")));
    }
    let identity = reader.identity().map_err(|error| read_failure(&error))?;
    let store =
        Store::open(&place.db, &identity, OpenMode::MustExist).map_err(|error| open_failure(&error))?;
    let number = store.add_notice(world, notice, note, now_unix());
    store.close();
    number.map_err(|error| Failure::failed(error.to_string()))
}

/// How a database that is not given ends a command of an operator.
pub fn open_failure(error: &OpenError) -> Failure {
    match error {
        OpenError::Refused(refused) => Failure::refused(format!("{refused}; nothing was written")),
        other => Failure::failed(format!("{other}; nothing was written")),
    }
}

fn answer(place: &CapitalPlace, said: &str, mut document: Value) -> Outcome {
    if place.json {
        document["format"] = 1.into();
        crate::out::line(&document.to_string())?;
    } else {
        crate::out::line(said)?;
    }
    Ok(Exit::Done)
}

fn now_unix() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
