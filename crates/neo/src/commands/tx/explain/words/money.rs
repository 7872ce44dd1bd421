//! Amounts and accounts for people. Never shows what a document could use to write on the terminal: names of currencies
//! are letters and digits, all else is our own text.

use ledger::{Amount, Asset, Currency};
use units::Exact;

/// Digits a number may have before it is written with an exponent.
const DIGITS_MAX: usize = 30;

/// A number as people write it; a very long one with an exponent.
pub fn number(value: &Exact) -> String {
    let plain = value.to_string();
    if plain.len() <= DIGITS_MAX {
        return plain;
    }
    let (mantissa, exponent) = value.parts();
    format!("{mantissa}e{exponent}")
}

/// A change, with its sign.
pub fn signed(value: &Exact) -> String {
    let sign = if value.is_negative() { "" } else { "+" };
    format!("{sign}{}", number(value))
}

/// A number and what it is of.
pub fn amount(amount: &Amount) -> String {
    let value = match amount {
        Amount::Xrp(drops) => Exact::from_drops(*drops),
        Amount::Issued { value, .. } => Exact::from(*value),
        Amount::Mpt { value, .. } => Exact::new((*value).into(), 0),
    };
    format!("{} {}", number(&value), asset(&amount.asset()))
}

/// What an asset is called, in short.
pub fn asset(asset: &Asset) -> String {
    match asset {
        Asset::Xrp => "XRP".to_owned(),
        Asset::Issued { currency, .. } => currency_name(currency),
        Asset::Mpt(id) => format!("of token {}…", &id.to_string()[..8]),
    }
}

/// What an asset is called, in full.
pub fn title(asset: &Asset) -> String {
    match asset {
        Asset::Xrp => "XRP".to_owned(),
        Asset::Issued { currency, issuer } => format!("{} issued by {issuer}", currency_name(currency)),
        Asset::Mpt(id) => format!("Token {id}, in units"),
    }
}

/// A name in letters where the code spells one, else the code.
fn currency_name(currency: &Currency) -> String {
    let bytes = currency.as_bytes();
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
    let spelled = &bytes[..end];
    if spelled.len() > 3 && spelled.iter().all(u8::is_ascii_alphanumeric) {
        return spelled.iter().copied().map(char::from).collect();
    }
    let code = currency.to_string();
    if code.starts_with("03") && code.len() == 40 { format!("LP tokens {}…", &code[..8]) } else { code }
}
