//! Paths of random payments: through assets and accounts, sensible or not. Never looks at what the ledger would say.

use ledger::object::{PathStep, Value};
use ledger::{Asset, Currency};

use super::acts::{account, person};
use super::draw::Draw;
use super::scene::Scene;

/// One to three paths of one to three steps: through an asset, or through somebody who may ripple.
pub fn some(scene: &Scene, draw: &mut Draw) -> Value {
    let (none, count) = (PathStep { account: None, currency: None, issuer: None }, draw.between(1, 3));
    let mut step = || {
        if draw.once_in(4) {
            return PathStep { account: Some(account(scene, person(scene, draw))), ..none };
        }
        match scene.assets.get(draw.at(scene.assets.len())) {
            Some(Asset::Issued { currency, issuer }) => {
                PathStep { currency: Some(*currency), issuer: Some(*issuer), ..none }
            }
            _ => PathStep { currency: Some(Currency::XRP), ..none },
        }
    };
    let paths = (0..count).map(|long| (0..=long % 3).map(|_| step()).collect()).collect();
    Value::PathSet(paths)
}
