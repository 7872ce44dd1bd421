//! Square roots by Newton's iteration from a fixed parabola, as the server takes them: the same steps give the same last
//! digit. Never iterates without end: it stops as soon as a value comes back.

use units::UnitsError;

use super::{Calc, Number};

impl Calc {
    /// The square root of a number that is not negative.
    ///
    /// # Errors
    /// [`UnitsError::DivisionByZero`], which no number above zero gives.
    pub fn root2(self, number: Number) -> Result<Number, UnitsError> {
        if number == Number::ONE || number.is_zero() {
            return Ok(number);
        }
        if number.signum() < 0 {
            return Err(UnitsError::Underflow);
        }
        let scale = number.exponent + 16;
        let scale = if scale % 2 == 0 { scale } else { scale + 1 };
        let scaled = Number { exponent: number.exponent - scale, ..number };
        let whole = |value: i64| Number::new(value, 0);
        // 18 + 144 f - 60 f^2, over 105: near the root everywhere between 0 and 1.
        let slope = self.add(self.mul(whole(-60), scaled), whole(144));
        let mut root = self.div(self.add(self.mul(slope, scaled), whole(18)), whole(105))?;
        let (mut before, mut before_that) = (Number::ZERO, Number::ZERO);
        while root != before && root != before_that {
            before_that = before;
            before = root;
            root = self.div(self.add(root, self.div(scaled, root)?), whole(2))?;
        }
        Ok(Number { exponent: root.exponent + scale / 2, ..root })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DOWN, NEAREST};
    use super::*;

    #[test]
    fn roots_of_squares_and_of_two() {
        let square = Number::new(144, 0);
        assert_eq!(NEAREST.root2(square), Ok(Number::new(12, 0)));
        assert_eq!(DOWN.root2(Number::new(2, 0)), Ok(Number::new(1_414_213_562_373_095, -15)));
        assert!(NEAREST.root2(Number::new(-1, 0)).is_err());
    }
}
