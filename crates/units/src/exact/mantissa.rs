//! The digits of an [`super::Exact`]: 128 bits where they are enough, which they nearly always are, and a big integer where not.
//! Never rounds, never wraps: what does not fit any more becomes big.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use std::fmt;

/// Powers of ten that 128 bits hold: up to 10^38.
const POWERS: [i128; 39] = {
    let mut powers = [1; 39];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// An integer of any size. Equal values are equal structures: big only where 128 bits do not do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Mantissa {
    Small(i128),
    Big(BigInt),
}

impl Default for Mantissa {
    fn default() -> Self {
        Mantissa::Small(0)
    }
}

impl From<BigInt> for Mantissa {
    fn from(value: BigInt) -> Self {
        value.to_i128().map_or(Mantissa::Big(value), Mantissa::Small)
    }
}

impl Mantissa {
    pub fn is_zero(&self) -> bool {
        *self == Mantissa::Small(0)
    }

    pub fn is_negative(&self) -> bool {
        match self {
            Mantissa::Small(value) => *value < 0,
            Mantissa::Big(value) => value.is_negative(),
        }
    }

    pub fn to_big(&self) -> BigInt {
        match self {
            Mantissa::Small(value) => BigInt::from(*value),
            Mantissa::Big(value) => value.clone(),
        }
    }

    pub fn negated(&self) -> Mantissa {
        match self {
            Mantissa::Small(value) => value.checked_neg().map(Mantissa::Small),
            Mantissa::Big(_) => None,
        }
        .unwrap_or_else(|| Mantissa::from(-self.to_big()))
    }

    pub fn abs(&self) -> Mantissa {
        if self.is_negative() { self.negated() } else { self.clone() }
    }

    /// Times ten to the `zeros`, in 128 bits; `None` where they do not do.
    pub fn shifted(&self, zeros: u32) -> Option<i128> {
        match self {
            Mantissa::Small(value) => value.checked_mul(power_of_ten(zeros)?),
            Mantissa::Big(_) => None,
        }
    }

    /// The same of any size.
    pub fn shifted_big(&self, zeros: u32) -> BigInt {
        self.to_big() * BigInt::from(10).pow(zeros)
    }

    /// Without zeros at the end, and how many were taken.
    pub fn lowest(self) -> (Mantissa, i32) {
        match self {
            Mantissa::Small(value) => {
                let (value, taken) = lowest(value);
                (Mantissa::Small(value), taken)
            }
            Mantissa::Big(mut value) => {
                let (ten, mut taken) = (BigInt::from(10), 0);
                loop {
                    let (quotient, remainder) = value.div_rem(&ten);
                    if !remainder.is_zero() || quotient.is_zero() {
                        return (Mantissa::from(value), taken);
                    }
                    (value, taken) = (quotient, taken + 1);
                }
            }
        }
    }

    /// Decimal digits without the sign; one for zero.
    pub fn digits(&self) -> usize {
        match self {
            Mantissa::Small(value) => value.unsigned_abs().checked_ilog10().map_or(1, |log| log as usize + 1),
            Mantissa::Big(value) => value.abs().to_string().len(),
        }
    }

    /// Writes the digits without the sign, in parts of the caller's choice.
    pub fn with_digits(&self, write: impl FnOnce(&str) -> fmt::Result) -> fmt::Result {
        match self {
            Mantissa::Small(value) => {
                let mut digits = [0; 39];
                write(decimal(value.unsigned_abs(), &mut digits))
            }
            Mantissa::Big(value) => write(&value.abs().to_string()),
        }
    }
}

/// 10^`exponent` in 128 bits.
pub(super) fn power_of_ten(exponent: u32) -> Option<i128> {
    POWERS.get(usize::try_from(exponent).ok()?).copied()
}

/// Zeros at the end taken off; in 64 bits as soon as that does, where a division takes a tenth of the time.
fn lowest(mut value: i128) -> (i128, i32) {
    let mut taken = 0;
    if value == 0 {
        return (0, 0);
    }
    loop {
        if let Ok(mut small) = i64::try_from(value) {
            while small % 10 == 0 {
                (small, taken) = (small / 10, taken + 1);
            }
            return (i128::from(small), taken);
        }
        if value % 10 != 0 {
            return (value, taken);
        }
        (value, taken) = (value / 10, taken + 1);
    }
}

fn decimal(mut value: u128, digits: &mut [u8; 39]) -> &str {
    let mut at = digits.len();
    let mut put = |digit: u8| {
        at -= 1;
        if let Some(place) = digits.get_mut(at) {
            *place = b'0' + digit;
        }
    };
    while u64::try_from(value).is_err() {
        put((value % 10) as u8);
        value /= 10;
    }
    let mut value = value as u64;
    loop {
        put((value % 10) as u8);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    digits.get(at..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default()
}
