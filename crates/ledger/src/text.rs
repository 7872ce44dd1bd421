//! Text from outside in a message of ours: bounded, and nothing in it that moves a cursor, colours, hides, or turns the
//! reading direction. Decides nothing about what a text means.

/// At most `max` characters of a text and then an ellipsis, those that are not for reading as `\u{..}`, line breaks as
/// `\n`.
#[must_use]
pub fn printable(text: &str, max: usize) -> String {
    let mut shown = String::new();
    for (place, character) in text.chars().enumerate() {
        if place == max {
            shown.push('…');
            break;
        }
        match character {
            '\n' => shown.push_str("\\n"),
            c if is_unreadable(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// Control characters, zero-width and direction characters, and the two separators of lines (Unicode, "Bidirectional
/// Algorithm").
#[must_use]
pub fn is_unreadable(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_table() {
        for (text, shown) in [
            ("plain – ok", "plain – ok"),
            ("two\nlines", "two\\nlines"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\rb\tc", "a\\u{d}b\\u{9}c"),
            ("x\u{202e}y", "x\\u{202e}y"),
            ("0123456789abcdefXYZ", "0123456789abcdef…"),
        ] {
            assert_eq!(printable(text, 16), shown);
        }
    }
}
