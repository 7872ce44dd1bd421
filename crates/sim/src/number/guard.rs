//! Sixteen decimal digits beyond a mantissa, and whether anything lay beyond those. Never holds a number itself.

use units::Rounding;

/// The digits cut off a mantissa, the last one cut first.
pub struct Guard {
    digits: u64,
    more: bool,
    negative: bool,
}

const HALF: u64 = 0x5000_0000_0000_0000;

impl Guard {
    /// No digits yet; they will be of a number of this sign.
    pub const fn new(negative: bool) -> Guard {
        Guard { digits: 0, more: false, negative }
    }

    /// Takes the last digit off a mantissa.
    pub fn drop_digit(&mut self, mantissa: &mut u128, exponent: &mut i32) {
        // Below ten: the digit fits.
        self.push(u64::try_from(*mantissa % 10).unwrap_or(0));
        *mantissa /= 10;
        *exponent = exponent.saturating_add(1);
    }

    fn push(&mut self, digit: u64) {
        self.more |= self.digits & 0xF != 0;
        self.digits = self.digits >> 4 | digit << 60;
    }

    /// Takes digits off until the exponent is `target`, if it is below.
    pub fn align(&mut self, mantissa: &mut u128, exponent: &mut i32, target: i32) {
        while *exponent < target {
            if *mantissa == 0 && self.digits == 0 {
                *exponent = target;
                return;
            }
            self.drop_digit(mantissa, exponent);
        }
    }

    /// Gives the first digit back.
    pub fn pop(&mut self) -> u8 {
        let digit = self.digits >> 60;
        self.digits <<= 4;
        u8::try_from(digit).unwrap_or(0)
    }

    /// Whether the mode asks for one more unit of `mantissa`'s last place (one less in a difference).
    pub fn says_one_more(&self, mode: Rounding, mantissa: u128) -> bool {
        let something = self.digits != 0 || self.more;
        match mode {
            Rounding::TowardsZero => false,
            Rounding::Down => self.negative && something,
            Rounding::Up => !self.negative && something,
            Rounding::HalfEven if self.digits == HALF && !self.more => !mantissa.is_multiple_of(2),
            Rounding::HalfEven => self.digits >= HALF,
        }
    }
}
