//! Durations of ledger time as people write them: `90s`, `30m`, `2h`, `1h30m`.

/// The longest session that can be asked for: a year.
const SECONDS_MAX: u64 = 366 * 86_400;

/// Whole seconds of a duration text.
///
/// # Errors
/// A sentence for the user when the text is no duration, zero, or longer than a year.
pub fn parse(text: &str) -> Result<u32, String> {
    let usage = || "a duration such as 90s, 30m, 2h or 1h30m".to_owned();
    let mut total: u64 = 0;
    let mut digits = String::new();
    for character in text.chars() {
        if character.is_ascii_digit() && digits.len() < 9 {
            digits.push(character);
            continue;
        }
        let number: u64 = digits.parse().map_err(|_| usage())?;
        digits.clear();
        total += number
            * match character {
                's' => 1,
                'm' => 60,
                'h' => 3_600,
                'd' => 86_400,
                _ => return Err(usage()),
            };
    }
    if !digits.is_empty() {
        return Err(usage());
    }
    match total {
        0 => Err(usage()),
        1..=SECONDS_MAX => u32::try_from(total).map_err(|_| usage()),
        _ => Err("at most a year".to_owned()),
    }
}

/// The shortest such text of a number of seconds: `1h30m`, `45s`.
#[must_use]
pub fn format(seconds: u32) -> String {
    let parts =
        [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let shown: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if shown.is_empty() { "0s".to_owned() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_table() {
        for (text, seconds) in [("90s", 90), ("30m", 1_800), ("2h", 7_200), ("1h30m", 5_400), ("1d", 86_400)]
        {
            assert_eq!(parse(text), Ok(seconds), "{text}");
        }
        for text in ["", "0s", "10", "m", "-5m", "1.5h", "5x", "999999999d", "2h30"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        assert_eq!(format(5_445), "1h30m45s");
        assert_eq!(format(0), "0s");
    }
}
