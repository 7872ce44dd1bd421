//! Fee levels: what a transaction pays, in 256ths of what one of its type costs at least (XRP Ledger documentation,
//! "Transaction Cost", fee levels). Whole numbers only; a result too large for its type is the largest one.

use units::Drops;

/// The level of a transaction that pays the base cost.
pub(super) const BASE_LEVEL: u64 = 256;

/// `value * times / over`, rounded down; `None` when it is larger than any level or nothing is divided by.
pub(super) fn scaled(value: u64, times: u64, over: u64) -> Option<u64> {
    let product = u128::from(value) * u128::from(times);
    product.checked_div(u128::from(over)).and_then(|quotient| u64::try_from(quotient).ok())
}

/// The level of a transaction that pays `fee` where its type costs `base`. Where it costs nothing, every fee counts as
/// one drop more than nothing.
pub(super) fn paid(fee: Drops, base: Drops) -> u64 {
    let (fee, base) = match base.get() {
        0 => (fee.get().saturating_add(1), 1),
        base => (fee.get(), base),
    };
    match (u64::try_from(fee), u64::try_from(base)) {
        (Ok(fee), Ok(base)) => scaled(fee, BASE_LEVEL, base).unwrap_or(u64::MAX),
        _ => 0,
    }
}

/// What a level costs in drops, rounded down.
pub(super) fn drops(level: u64, base: Drops) -> Drops {
    let base = u64::try_from(base.get()).unwrap_or(0);
    let drops = scaled(level, base, BASE_LEVEL).and_then(|drops| i64::try_from(drops).ok());
    drops.and_then(|drops| Drops::new(drops).ok()).unwrap_or(Drops::MAX)
}

/// What a level costs in drops, such that paying it reaches the level.
pub(super) fn drops_to_reach(level: u64, base: Drops) -> Drops {
    let rounded = drops(level, base);
    if base.is_zero() || paid(rounded, base) >= level {
        return rounded;
    }
    rounded.saturating_add(Drops::new(1).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_fees_and_back() {
        let drops_of = |count| Drops::new(count).unwrap();
        for (fee, base, level) in [
            (10, 10, 256),
            (12, 10, 307),
            (30, 10, 768),
            (20_000, 10, 512_000),
            (200_000, 200_000, 256),
            (0, 10, 0),
            (-1, 10, 0),
            (0, 0, 256),
            (9, 0, 2_560),
        ] {
            assert_eq!(paid(drops_of(fee), drops_of(base)), level, "{fee} of {base}");
        }
        // The recorded server's costs after six and seven transactions where five were expected.
        assert_eq!(drops(128_000 * 36 / 25, drops_of(10)), drops_of(7_200));
        assert_eq!(drops(128_000 * 49 / 25, drops_of(10)), drops_of(9_800));
        assert_eq!(drops(u64::MAX, Drops::MAX), Drops::MAX);
        for level in [256, 257, 281, 282, 128_001, 184_320] {
            let cost = drops_to_reach(level, drops_of(10));
            assert!(paid(cost, drops_of(10)) >= level);
            assert!(paid(drops_of(cost.get() - 1), drops_of(10)) < level);
        }
        assert_eq!(scaled(u64::MAX, u64::MAX, 1), None);
        assert_eq!(scaled(1, 1, 0), None);
    }
}
