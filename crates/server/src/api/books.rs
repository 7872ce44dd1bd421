//! `book_offers`, and the same page as a snapshot in `subscribe`.

use ledger::{AccountId, Asset, Currency, JsonStyle};
use serde_json::{Value, json};
use sim::world::{At, BookOffer};

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, state};
use crate::embedded::{EmbeddedLedger, bare_amount};
use crate::limits::{BOOK_OFFERS_DEFAULT, BOOK_OFFERS_MAX};

/// The best offers that give one asset for another; there is no marker.
pub(crate) fn book_offers(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let (at, mut answer) = state::lookup(ledger, params)?;
    let [pays, gets] = sides(params)?;
    if let Some(taker) = params.get("taker") {
        let text = taker.as_str().ok_or_else(|| ApiError::expected("taker", "string"))?;
        text.parse::<AccountId>().map_err(|_| ApiError::bad_field("taker"))?;
    }
    // There are no permissioned domains here: their books are empty.
    let domain = match params.get("domain") {
        None => false,
        Some(id) if id.as_str().is_some_and(|text| text.parse::<ledger::Hash256>().is_ok()) => true,
        Some(_) => return Err(ApiError::domain_malformed().saying("Unable to parse domain.")),
    };
    if pays == gets {
        return Err(ApiError::bad_market());
    }
    let limit = params.limit(1, BOOK_OFFERS_DEFAULT, BOOK_OFFERS_MAX)?;
    let offers = match domain {
        true => Vec::new(),
        false => ledger.world().book_offers(at, &pays, &gets, limit as usize),
    };
    answer.insert("offers".into(), offers.iter().map(offer_json).collect());
    Ok(answer)
}

/// The validated page a `subscribe` with `snapshot` gives.
pub(crate) fn book_page(ledger: &EmbeddedLedger, gets: Asset, pays: Asset) -> Vec<Value> {
    let offers = ledger.world().book_offers(At::Validated, &pays, &gets, BOOK_OFFERS_DEFAULT as usize);
    offers.iter().map(offer_json).collect()
}

/// What a taker pays and gets, checked in the server's order and told in its words.
fn sides(params: Params<'_>) -> Result<[Asset; 2], ApiError> {
    let mut sides = [Asset::Xrp; 2];
    let names = ["taker_pays", "taker_gets"];
    for name in names {
        if !params.has(name) {
            return Err(ApiError::missing(name));
        }
    }
    for (name, side) in names.into_iter().zip(&mut sides) {
        let fields = match params.get(name) {
            None => return Err(ApiError::missing(&format!("{name}.currency"))),
            Some(value) => value.as_object().ok_or_else(|| ApiError::expected(name, "object"))?,
        };
        *side = side_asset(name, params.of(fields))?;
    }
    Ok(sides)
}

fn side_asset(name: &str, fields: Params<'_>) -> Result<Asset, ApiError> {
    let is_pays = name == "taker_pays";
    let bad_currency = if is_pays { ApiError::src_cur_malformed() } else { ApiError::dst_amt_malformed() };
    let bad_issuer = || if is_pays { ApiError::src_isr_malformed() } else { ApiError::dst_isr_malformed() };
    let field = |part: &str| format!("{name}.{part}");
    let currency = fields.get("currency").ok_or_else(|| ApiError::missing(&field("currency")))?;
    let text = currency.as_str().ok_or_else(|| ApiError::expected(&field("currency"), "string"))?;
    let currency: Currency = text
        .parse()
        .map_err(|_| bad_currency.saying(format!("Invalid field '{}', bad currency.", field("currency"))))?;
    let issuer = match fields.get("issuer") {
        None => None,
        Some(value) => {
            let text = value.as_str().ok_or_else(|| ApiError::expected(&field("issuer"), "string"))?;
            let bad =
                |what: &str| bad_issuer().saying(format!("Invalid field '{}', {what}.", field("issuer")));
            let issuer: AccountId = text.parse().map_err(|_| bad("bad issuer"))?;
            if issuer == AccountId::ONE {
                return Err(bad("bad issuer account one"));
            }
            Some(issuer).filter(|issuer| *issuer != AccountId::ZERO)
        }
    };
    match (currency.is_xrp(), issuer) {
        (true, Some(_)) => Err(bad_issuer()
            .saying(format!("Unneeded field '{}' for XRP currency specification.", field("issuer")))),
        (false, None) => {
            Err(bad_issuer().saying(format!("Invalid field '{}', expected non-XRP issuer.", field("issuer"))))
        }
        _ => Asset::new(currency, issuer).map_err(|_| bad_issuer()),
    }
}

fn offer_json(offer: &BookOffer) -> Value {
    let mut json = offer.entry.to_json_as(JsonStyle::Server);
    let Some(map) = json.as_object_mut() else {
        return json;
    };
    map.insert("index".into(), offer.index.to_string().into());
    map.insert("quality".into(), json!(offer.quality.to_string()));
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
