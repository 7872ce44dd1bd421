//! The ledger's own multiplication and division of amounts, to the last digit.
//!
//! Follows the documented behaviour of the reference server's `STAmount` with `fixUniversalNumber`,
//! `fixReducedOffersV1` and `V2` in force: crossing offers goes through these, and a difference in
//! the last digit would be a different ledger.

use crate::{Drops, IssuedValue, Rounding, UnitsError};

/// An amount as arithmetic sees it: XRP in drops, or an issued value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StAmount {
    /// XRP.
    Native(Drops),
    /// An issued currency.
    Issued(IssuedValue),
}

/// Which kind of amount a result is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Drops.
    Native,
    /// An issued value.
    Issued,
}

/// How strictly the last digit is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// As `mulRound`/`divRound`: rounding up always adds, rounding down may still round to nearest.
    Loose,
    /// As `mulRoundStrict`/`divRoundStrict`: exactly in the direction named.
    Strict,
}

impl StAmount {
    /// The kind.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            StAmount::Native(_) => Kind::Native,
            StAmount::Issued(_) => Kind::Issued,
        }
    }

    /// Whether it is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        match self {
            StAmount::Native(drops) => drops.is_zero(),
            StAmount::Issued(value) => value.is_zero(),
        }
    }

    /// Magnitude scaled to at least 16 digits, exponent, and sign.
    fn scaled(self) -> (u128, i32, bool) {
        match self {
            StAmount::Issued(v) => (v.mantissa().unsigned_abs().into(), v.exponent(), v.is_negative()),
            StAmount::Native(drops) => {
                let (mut magnitude, mut exponent) = (u128::from(drops.get().unsigned_abs()), 0);
                while magnitude != 0 && magnitude < u128::from(IssuedValue::MANTISSA_MIN.unsigned_abs()) {
                    magnitude *= 10;
                    exponent -= 1;
                }
                (magnitude, exponent, drops.get() < 0)
            }
        }
    }

    const fn zero(kind: Kind) -> StAmount {
        match kind {
            Kind::Native => StAmount::Native(Drops::ZERO),
            Kind::Issued => StAmount::Issued(IssuedValue::ZERO),
        }
    }
}

/// `a * b`, to the nearest (`multiply`).
///
/// # Errors
/// [`UnitsError::Overflow`] outside the kind's range.
pub fn multiply(a: StAmount, b: StAmount, kind: Kind) -> Result<StAmount, UnitsError> {
    if a.is_zero() || b.is_zero() {
        return Ok(StAmount::zero(kind));
    }
    let ((m1, e1, n1), (m2, e2, n2)) = (a.scaled(), b.scaled());
    build(kind, m1.checked_mul(m2).ok_or(UnitsError::Overflow)?, e1 + e2, n1 != n2, Rounding::HalfEven)
}

/// `a / b`, to 17 digits plus five in the next, then to the nearest (`divide`).
///
/// # Errors
/// [`UnitsError`] for a zero divisor or a result out of range.
pub fn divide(a: StAmount, b: StAmount, kind: Kind) -> Result<StAmount, UnitsError> {
    if b.is_zero() {
        return Err(UnitsError::DivisionByZero);
    }
    if a.is_zero() {
        return Ok(StAmount::zero(kind));
    }
    let ((m1, e1, n1), (m2, e2, n2)) = (a.scaled(), b.scaled());
    let quotient = m1.checked_mul(TEN_17).ok_or(UnitsError::Overflow)? / m2 + 5;
    build(kind, quotient, e1 - e2 - 17, n1 != n2, Rounding::HalfEven)
}

/// `a * b` rounded away from zero when `up`, else towards it (`mulRound`, `mulRoundStrict`).
///
/// # Errors
/// [`UnitsError::Overflow`] outside the kind's range.
pub fn mul_round(
    a: StAmount,
    b: StAmount,
    kind: Kind,
    up: bool,
    strictness: Strictness,
) -> Result<StAmount, UnitsError> {
    if a.is_zero() || b.is_zero() {
        return Ok(StAmount::zero(kind));
    }
    let ((m1, e1, n1), (m2, e2, n2)) = (a.scaled(), b.scaled());
    let negative = n1 != n2;
    let addend = if negative == up { 0 } else { TEN_14 - 1 };
    let amount = m1.checked_mul(m2).and_then(|p| p.checked_add(addend)).ok_or(UnitsError::Overflow)? / TEN_14;
    finish(kind, amount, e1 + e2 + 14, negative, up, strictness, MULTIPLICATION)
}

/// `a / b` rounded away from zero when `up`, else towards it (`divRound`, `divRoundStrict`).
///
/// # Errors
/// [`UnitsError`] for a zero divisor or a result out of range.
pub fn div_round(
    a: StAmount,
    b: StAmount,
    kind: Kind,
    up: bool,
    strictness: Strictness,
) -> Result<StAmount, UnitsError> {
    if b.is_zero() {
        return Err(UnitsError::DivisionByZero);
    }
    if a.is_zero() {
        return Ok(StAmount::zero(kind));
    }
    let ((m1, e1, n1), (m2, e2, n2)) = (a.scaled(), b.scaled());
    let negative = n1 != n2;
    let addend = if negative == up { 0 } else { m2 - 1 };
    let amount = m1.checked_mul(TEN_17).and_then(|p| p.checked_add(addend)).ok_or(UnitsError::Overflow)? / m2;
    finish(kind, amount, e1 - e2 - 17, negative, up, strictness, DIVISION)
}

/// The exchange rate of an offer as the ledger stores it in a book directory: `paid / got`, the
/// exponent plus 100 in the top byte and the mantissa below (`getRate`). 0 when there is none.
#[must_use]
pub fn rate(taker_gets: StAmount, taker_pays: StAmount) -> u64 {
    match divide(taker_pays, taker_gets, Kind::Issued) {
        Ok(StAmount::Issued(v)) if v.is_positive() => {
            let exponent = u64::from((v.exponent() + 100).unsigned_abs());
            exponent << 56 | v.mantissa().unsigned_abs()
        }
        _ => 0,
    }
}

/// The amount that a stored exchange rate stands for.
///
/// # Errors
/// [`UnitsError`] when the bits are no rate.
pub fn rate_amount(rate: u64) -> Result<StAmount, UnitsError> {
    if rate == 0 {
        return Ok(StAmount::Issued(IssuedValue::ZERO));
    }
    let exponent = i32::try_from(rate >> 56).map_err(|_| UnitsError::Overflow)? - 100;
    IssuedValue::from_parts(i128::from(rate & 0x00FF_FFFF_FFFF_FFFF), exponent).map(StAmount::Issued)
}

/// An issued value times `numerator / denominator` (`mulRatio`): transfer fees are charged with it.
///
/// The quotient is taken to 18 digits, cut, and then brought to 16 by rounding to the nearest; only when something was
/// cut and the direction is away from zero does one unit of the last place come on top. So "down" can end above the
/// exact quotient: a recorded payment of 100 at 1 % delivered 99.00990099009901.
///
/// # Errors
/// [`UnitsError`] for a zero denominator or a result out of range.
pub fn mul_ratio(
    value: IssuedValue,
    numerator: u32,
    denominator: u32,
    up: bool,
) -> Result<IssuedValue, UnitsError> {
    if denominator == 0 {
        return Err(UnitsError::DivisionByZero);
    }
    let negative = value.is_negative();
    let den = u128::from(denominator);
    let product = u128::from(value.mantissa().unsigned_abs()) * u128::from(numerator);
    let (mut low, mut remainder, mut exponent) = (product / den, product % den, value.exponent());
    if remainder != 0 {
        let room = RATIO_DIGITS.saturating_sub(digits_up(low));
        let factor = 10_u128.pow(room);
        exponent -= i32::try_from(room).map_err(|_| UnitsError::Overflow)?;
        let scaled = remainder * factor;
        low = low * factor + scaled / den;
        remainder = scaled % den;
    }
    let mut cut = remainder != 0;
    let excess = digits_up(low).saturating_sub(RATIO_DIGITS);
    if excess > 0 {
        let factor = 10_u128.pow(excess);
        exponent += i32::try_from(excess).map_err(|_| UnitsError::Overflow)?;
        cut |= low % factor != 0;
        low /= factor;
    }
    let magnitude = i128::try_from(low).map_err(|_| UnitsError::Overflow)?;
    let signed = if negative { -magnitude } else { magnitude };
    let result = IssuedValue::from_parts_rounded(signed, exponent, Rounding::HalfEven)?;
    if !cut || up == negative {
        return Ok(result);
    }
    let step = if negative { -1 } else { 1 };
    if result.is_zero() {
        let least = IssuedValue::MIN_POSITIVE;
        return Ok(if negative { least.negate() } else { least });
    }
    let mantissa = i128::from(result.mantissa()) + step;
    IssuedValue::from_parts_rounded(mantissa, result.exponent(), Rounding::HalfEven)
}

/// Decimal digits of a mantissa of 64 bits, all of them usable.
const RATIO_DIGITS: u32 = 18;

/// The logarithm to the base of ten, rounded up; 0 for nothing.
fn digits_up(value: u128) -> u32 {
    match value.checked_ilog10() {
        None => 0,
        Some(log) if 10_u128.pow(log) == value => log,
        Some(log) => log + 1,
    }
}

/// Drops times `numerator / denominator`, rounded as named (`mulRatio` of XRP).
///
/// # Errors
/// [`UnitsError`] for a zero denominator or a result out of range.
pub fn mul_ratio_drops(
    drops: Drops,
    numerator: u32,
    denominator: u32,
    up: bool,
) -> Result<Drops, UnitsError> {
    let direction = if up { Rounding::Up } else { Rounding::Down };
    let result =
        direction.divide(i128::from(drops.get()) * i128::from(numerator), i128::from(denominator))?;
    Drops::new(i64::try_from(result).map_err(|_| UnitsError::Overflow)?)
}

const TEN_14: u128 = 100_000_000_000_000;
const TEN_17: u128 = 100_000_000_000_000_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Multiplication,
    Division,
}
use Operation::{Division as DIVISION, Multiplication as MULTIPLICATION};

/// The common tail of the rounding operations: one pre-rounding when away from zero, then the
/// amount's own canonical form under the operation's rounding mode.
fn finish(
    kind: Kind,
    amount: u128,
    exponent: i32,
    negative: bool,
    up: bool,
    strictness: Strictness,
    operation: Operation,
) -> Result<StAmount, UnitsError> {
    let (mut amount, mut exponent) = (amount, exponent);
    if negative != up {
        let strict_tail = strictness == Strictness::Strict && operation == MULTIPLICATION;
        (amount, exponent) = pre_round(kind, amount, exponent, strict_tail.then_some(up));
    }
    // Only the strict forms name a mode for the last step.
    let mode = match strictness {
        Strictness::Loose => Rounding::HalfEven,
        Strictness::Strict if up != negative => Rounding::Up,
        Strictness::Strict => Rounding::Down,
    };
    let result = build(kind, amount, exponent, negative, mode)?;
    if up && !negative && result.is_zero() {
        return Ok(match kind {
            Kind::Native => StAmount::Native(Drops::new(1)?),
            Kind::Issued => StAmount::Issued(IssuedValue::MIN_POSITIVE),
        });
    }
    Ok(result)
}

/// `canonicalizeRound` (`strict` none) and `canonicalizeRoundStrict`: brings the amount to its
/// final number of digits, adding before the last division.
fn pre_round(kind: Kind, amount: u128, exponent: i32, strict: Option<bool>) -> (u128, i32) {
    let (mut amount, mut exponent) = (amount, exponent);
    match kind {
        Kind::Native if exponent < 0 => {
            let (mut loops, mut remainder) = (0, false);
            while exponent < -1 {
                remainder |= amount % 10 != 0;
                amount /= 10;
                exponent += 1;
                loops += 1;
            }
            amount += match strict {
                None => {
                    if loops >= 2 {
                        9
                    } else {
                        10
                    }
                }
                Some(up) => {
                    if remainder && up {
                        10
                    } else {
                        9
                    }
                }
            };
            (amount / 10, exponent + 1)
        }
        Kind::Issued if amount > MANTISSA_MAX => {
            while amount > 10 * MANTISSA_MAX {
                amount /= 10;
                exponent += 1;
            }
            (amount.div_ceil(10), exponent + 1)
        }
        _ => (amount, exponent),
    }
}

const MANTISSA_MAX: u128 = IssuedValue::MANTISSA_MAX.unsigned_abs() as u128;

/// An amount of the kind from magnitude, exponent and sign under a rounding mode.
fn build(
    kind: Kind,
    magnitude: u128,
    exponent: i32,
    negative: bool,
    mode: Rounding,
) -> Result<StAmount, UnitsError> {
    let magnitude = i128::try_from(magnitude).map_err(|_| UnitsError::Overflow)?;
    let signed = if negative { -magnitude } else { magnitude };
    if kind == Kind::Issued {
        return IssuedValue::from_parts_rounded(signed, exponent, mode).map(StAmount::Issued);
    }
    let drops = if exponent >= 0 {
        let factor =
            u32::try_from(exponent).ok().and_then(|e| 10_i128.checked_pow(e)).ok_or(UnitsError::Overflow)?;
        signed.checked_mul(factor).ok_or(UnitsError::Overflow)?
    } else {
        match 10_i128.checked_pow(exponent.unsigned_abs()) {
            Some(factor) => mode.divide(signed, factor)?,
            // Below 10^-38 drops: only the direction is left.
            None => match mode {
                Rounding::Up if signed > 0 => 1,
                Rounding::Down if signed < 0 => -1,
                _ => 0,
            },
        }
    };
    Drops::new(i64::try_from(drops).map_err(|_| UnitsError::Overflow)?).map(StAmount::Native)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iou(text: &str) -> StAmount {
        StAmount::Issued(text.parse().unwrap())
    }

    fn xrp(drops: i64) -> StAmount {
        StAmount::Native(Drops::new(drops).unwrap())
    }

    /// Rates read off a real server's book directories (recording `replace_crosses`): the offer's
    /// amounts and the low eight bytes of its directory.
    #[test]
    fn rates_of_recorded_directories() {
        for (gets, pays, expected) in [
            (iou("49"), xrp(20_000_000), 0x5A0E_8039_2863_AC69_u64),
            (xrp(50_000_000), iou("125"), 0x4F08_E1BC_9BF0_4000),
            (xrp(50_000_000), iou("120"), 0x4F08_86C9_8B76_0000),
            (iou("11.5"), xrp(5_000_000), 0x5A0F_7253_2575_4DEA),
        ] {
            assert_eq!(rate(gets, pays), expected, "{gets:?} {pays:?}");
            assert_eq!(rate_amount(expected).map(|_| ()), Ok(()));
        }
    }

    #[test]
    fn rounding_goes_where_it_says() {
        let third = div_round(iou("1"), iou("3"), Kind::Issued, true, Strictness::Strict).unwrap();
        assert_eq!(third, iou("0.3333333333333334"));
        let third = div_round(iou("1"), iou("3"), Kind::Issued, false, Strictness::Strict).unwrap();
        assert_eq!(third, iou("0.3333333333333333"));
        assert_eq!(mul_round(iou("0.5"), xrp(3), Kind::Native, true, Strictness::Strict), Ok(xrp(2)));
        assert_eq!(mul_round(iou("0.5"), xrp(3), Kind::Native, false, Strictness::Strict), Ok(xrp(1)));
        assert_eq!(mul_round(iou("1e-50"), xrp(1), Kind::Native, true, Strictness::Loose), Ok(xrp(1)));
        assert_eq!(divide(iou("1"), iou("0"), Kind::Issued), Err(UnitsError::DivisionByZero));
        let one_percent = mul_ratio("100".parse().unwrap(), 1_010_000_000, 1_000_000_000, true).unwrap();
        assert_eq!(one_percent.to_string(), "101");
        let delivered = mul_ratio("100".parse().unwrap(), 1_000_000_000, 1_010_000_000, false).unwrap();
        assert_eq!(delivered.to_string(), "99.00990099009901", "as recorded");
    }
}
