//! The kinds of values a key can have, and how their text is read. Never accepts what is no plain decimal: NaN,
//! infinities and hexadecimal are refused by name.

use super::shown::shown_text;
use serde::{Deserialize, Serialize};
use std::fmt;
use units::{Drops, Exact, IssuedValue, MicroBps};

/// Characters of a value that a message shows.
const SHOWN_MAX: usize = 40;

/// A decimal with at most six places, held in millionths: percents and factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millionths(pub i64);

impl Millionths {
    /// One.
    pub const ONE: Millionths = Millionths(1_000_000);

    /// The number of millionths.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Millionths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Exact::new(self.0.into(), -6).fmt(f)
    }
}

/// How often something is done, in the unit of its key; zero is never. A negative number is read as zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Interval(pub u32);

impl Interval {
    /// The number of units; zero is never.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Which price our quotes are measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnchorMode {
    /// The middle of the order book without our own offers.
    ClobMid,
    /// The pool's price.
    Amm,
    /// The pool's price held near the middle of the book; the middle when they are too far apart.
    CappedAmm,
}

/// What the drift guard does when it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DriftGuard {
    /// Nothing; it is not evaluated.
    Off,
    /// It halts the session.
    Halt,
}

/// A value that has a text form and, when it is a number, a place on the number line for its bounds.
pub(super) trait ConfigValue: Sized {
    /// What a wrong text should have been.
    const EXPECTED: &'static str;
    /// From text.
    fn read(text: &str) -> Result<Self, String>;
    /// To the shortest text that reads back as the same value.
    fn write(&self) -> String;
    /// As a number, for bounds.
    fn number(&self) -> Option<Exact>;
}

fn decimal(text: &str, places: i32) -> Result<i64, String> {
    let exact: Exact = text.parse().map_err(|_| format!("`{}` is not a decimal number", shown(text)))?;
    let too_precise = || format!("`{}` has more than {places} decimal places or is too large", shown(text));
    i64::try_from(exact.scaled(places).to_i128().ok_or_else(too_precise)?).map_err(|_| too_precise())
}

/// A value or a key in a message.
pub(super) fn shown(text: &str) -> String {
    shown_text(text, SHOWN_MAX)
}

impl ConfigValue for MicroBps {
    const EXPECTED: &'static str = "decimal, at most 6 places";
    fn read(text: &str) -> Result<Self, String> {
        decimal(text, 6).map(MicroBps)
    }
    fn write(&self) -> String {
        self.to_string()
    }
    fn number(&self) -> Option<Exact> {
        Some(Exact::new(self.get().into(), -6))
    }
}

impl ConfigValue for Millionths {
    const EXPECTED: &'static str = "decimal, at most 6 places";
    fn read(text: &str) -> Result<Self, String> {
        decimal(text, 6).map(Millionths)
    }
    fn write(&self) -> String {
        self.to_string()
    }
    fn number(&self) -> Option<Exact> {
        Some(Exact::new(self.0.into(), -6))
    }
}

impl ConfigValue for IssuedValue {
    const EXPECTED: &'static str = "decimal, at most 6 places";
    fn read(text: &str) -> Result<Self, String> {
        let micro = decimal(text, 6)?;
        IssuedValue::from_parts(micro.into(), -6).map_err(|_| format!("`{}` is too large", shown(text)))
    }
    fn write(&self) -> String {
        self.to_plain_string()
    }
    fn number(&self) -> Option<Exact> {
        Some(Exact::from(*self))
    }
}

impl ConfigValue for Drops {
    const EXPECTED: &'static str = "whole number of drops";
    fn read(text: &str) -> Result<Self, String> {
        Drops::new(decimal(text, 0)?).map_err(|_| format!("`{}` is too large", shown(text)))
    }
    fn write(&self) -> String {
        self.to_string()
    }
    fn number(&self) -> Option<Exact> {
        Some(Exact::new(self.get().into(), 0))
    }
}

impl ConfigValue for u32 {
    const EXPECTED: &'static str = "whole number, not negative";
    fn read(text: &str) -> Result<Self, String> {
        let whole = decimal(text, 0)?;
        u32::try_from(whole).map_err(|_| format!("`{}` is not between 0 and {}", shown(text), u32::MAX))
    }
    fn write(&self) -> String {
        self.to_string()
    }
    fn number(&self) -> Option<Exact> {
        Some(Exact::new((*self).into(), 0))
    }
}

impl ConfigValue for Interval {
    const EXPECTED: &'static str = "whole number; a negative one is read as 0";
    fn read(text: &str) -> Result<Self, String> {
        let units = decimal(text, 0)?.max(0);
        u32::try_from(units).map(Interval).map_err(|_| format!("`{}` is too large", shown(text)))
    }
    fn write(&self) -> String {
        self.0.to_string()
    }
    fn number(&self) -> Option<Exact> {
        Some(Exact::new(self.0.into(), 0))
    }
}

impl ConfigValue for AnchorMode {
    const EXPECTED: &'static str = "clob_mid, amm or capped_amm";
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "clob_mid" => Ok(AnchorMode::ClobMid),
            "amm" => Ok(AnchorMode::Amm),
            "capped_amm" => Ok(AnchorMode::CappedAmm),
            "blend" | "microprice" => {
                Err(format!("`{text}` is not there yet; use clob_mid, amm or capped_amm"))
            }
            other => Err(format!("`{}` is no anchor mode; use clob_mid, amm or capped_amm", shown(other))),
        }
    }
    fn write(&self) -> String {
        match self {
            AnchorMode::ClobMid => "clob_mid",
            AnchorMode::Amm => "amm",
            AnchorMode::CappedAmm => "capped_amm",
        }
        .to_owned()
    }
    fn number(&self) -> Option<Exact> {
        None
    }
}

impl ConfigValue for DriftGuard {
    const EXPECTED: &'static str = "off or halt";
    fn read(text: &str) -> Result<Self, String> {
        match text {
            // A YAML reader may turn an unquoted `off` into `false`.
            "off" | "false" => Ok(DriftGuard::Off),
            "halt" => Ok(DriftGuard::Halt),
            other => Err(format!("`{}` is neither off nor halt", shown(other))),
        }
    }
    fn write(&self) -> String {
        match self {
            DriftGuard::Off => "off".to_owned(),
            DriftGuard::Halt => "halt".to_owned(),
        }
    }
    fn number(&self) -> Option<Exact> {
        None
    }
}
