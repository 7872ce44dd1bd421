//! Draws from a seed: SplitMix64, so that a run repeats on every machine. Never asked for secrets.

/// A source of draws. Equal seeds give equal draws.
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// The draws of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Draw {
        Draw(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678_9ABC_DEF1)
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end` (0 when `end` is 0).
    pub fn below(&mut self, end: u64) -> u64 {
        self.bits().checked_rem(end).unwrap_or(0)
    }

    /// A place in a list of `len`.
    pub fn at(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// A number from `first` to `last`, both possible.
    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// True once in `n`.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of them; the default of the type for none.
    pub fn one_of<T: Copy + Default>(&mut self, all: &[T]) -> T {
        all.get(self.at(all.len())).copied().unwrap_or_default()
    }

    /// A number of drops whose magnitude, not whose value, is even: from 1 to below `10^digits_max`.
    pub fn drops(&mut self, digits_max: u32) -> i64 {
        let digits = self.below(digits_max.into());
        let magnitude = 10_u64.pow(u32::try_from(digits).unwrap_or(0));
        i64::try_from(self.between(magnitude, magnitude * 10 - 1)).unwrap_or(1)
    }
}
