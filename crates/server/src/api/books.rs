//! `book_offers`, and the same page as a snapshot in `subscribe`.

use ledger::{Asset, JsonStyle};
use serde_json::{Map, Value};
use sim::world::{At, BookOffer};

use super::Answer;
use super::account::{asked, name_ledger};
use super::forms::issued_text;
use super::params::{Params, book};
use crate::embedded::{EmbeddedLedger, bare_amount};
use crate::limits::{BOOK_OFFERS_DEFAULT, BOOK_OFFERS_MAX};

/// The best offers that give one asset for another; there is no marker.
pub(crate) fn book_offers(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let (gets, pays) = book(params)?;
    let limit = params.limit(1, BOOK_OFFERS_DEFAULT, BOOK_OFFERS_MAX)?;
    let at = asked(ledger, params)?;
    let offers = ledger.world().book_offers(at, &pays, &gets, limit as usize);
    let mut answer = Map::new();
    answer.insert("offers".into(), offers.iter().map(offer_json).collect());
    name_ledger(ledger, at, &mut answer);
    Ok(answer)
}

/// The validated page a `subscribe` with `snapshot` gives.
pub(crate) fn book_page(ledger: &EmbeddedLedger, gets: Asset, pays: Asset) -> Vec<Value> {
    let offers = ledger.world().book_offers(At::Validated, &pays, &gets, BOOK_OFFERS_DEFAULT as usize);
    offers.iter().map(offer_json).collect()
}

fn offer_json(offer: &BookOffer) -> Value {
    let mut json = offer.entry.to_json_as(JsonStyle::Server);
    let Some(map) = json.as_object_mut() else {
        return json;
    };
    map.insert("index".into(), offer.index.to_string().into());
    map.insert("quality".into(), issued_text(&offer.quality).into());
    if let Some(funds) = &offer.owner_funds {
        map.insert("owner_funds".into(), bare_amount(funds).into());
    }
    if let Some(funded) = &offer.taker_gets_funded {
        map.insert("taker_gets_funded".into(), funded.to_json());
    }
    if let Some(funded) = &offer.taker_pays_funded {
        map.insert("taker_pays_funded".into(), funded.to_json());
    }
    json
}
