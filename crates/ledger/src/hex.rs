//! Hexadecimal text as the ledger writes it: upper case, two digits a byte. Never allocates for fixed sizes it
//! cannot fill and never panics on odd or foreign characters.

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// Upper-case hexadecimal of `bytes`.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 0x0F)]));
    }
    text
}

/// Bytes of a hexadecimal text of either case; `None` for an odd length or any other character.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let mut bytes = vec![0; digits.len() / 2];
    fill(&mut bytes, digits).then_some(bytes)
}

/// Exactly `N` bytes of a hexadecimal text; `None` when it has another length or another character.
pub fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N.checked_mul(2)? {
        return None;
    }
    let mut out = [0_u8; N];
    fill(&mut out, text.as_bytes()).then_some(out)
}

/// The bytes of twice as many digits; `false` where one is none. Looks at all of them before it says so, which is
/// quicker than to ask at each.
fn fill(bytes: &mut [u8], digits: &[u8]) -> bool {
    let mut seen = 0;
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let (high, low) = (NIBBLES[usize::from(pair[0])], NIBBLES[usize::from(pair[1])]);
        seen |= high | low;
        *byte = high << 4 | low & 0x0F;
    }
    seen & NO_NIBBLE == 0
}

/// What no digit has: the upper half of the byte.
const NO_NIBBLE: u8 = 0xF0;

/// The value of each digit.
static NIBBLES: [u8; 256] = {
    let mut nibbles = [NO_NIBBLE; 256];
    let mut value = 0;
    while value < 16 {
        let digit = DIGITS[value as usize];
        nibbles[digit as usize] = value;
        nibbles[digit.to_ascii_lowercase() as usize] = value;
        value += 1;
    }
    nibbles
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_refusals() {
        assert_eq!(encode(&[0x00, 0xAB, 0xff]), "00ABFF");
        assert_eq!(decode("00abFF"), Some(vec![0, 0xAB, 0xFF]));
        for bad in ["0", "0g", "é", "€€"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
        assert_eq!(decode_array::<2>("00FF"), Some([0, 255]));
        assert_eq!(decode_array::<2>("00F"), None);
    }
}
