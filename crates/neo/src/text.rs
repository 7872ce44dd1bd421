//! Text from outside on its way to a terminal: nothing in it may move the cursor, colour, reorder or forge a line.

/// The text with control and direction characters escaped; line breaks stay, because only we write them.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => shown.push('\n'),
            c if c.is_control() || is_invisible(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// The same for a value that must stay on one line.
pub fn printable_line(text: &str) -> String {
    printable(text).replace('\n', "\\n")
}

/// Zero-width and direction characters (Unicode, "Bidirectional Algorithm").
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_table() {
        for (text, shown) in [
            ("plain – ok", "plain – ok"),
            ("two\nlines", "two\nlines"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\rb\tc", "a\\u{d}b\\u{9}c"),
            ("x\u{202e}y", "x\\u{202e}y"),
        ] {
            assert_eq!(printable(text), shown);
        }
        assert_eq!(printable_line("a\nb"), "a\\nb");
    }
}
