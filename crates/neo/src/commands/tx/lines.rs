//! One document a line in, one a line out, for as long as lines come. Never holds more than one line, and never keeps
//! an answer back while it waits for the next document.

use super::document::{self, DOCUMENT_BYTES_MAX};
use super::{Answer, Refusal};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

/// How much is read ahead.
pub const BUFFER_BYTES: usize = 256 * 1024;

/// How many lines there were, and how many were bad.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines read.
    pub lines: u64,
    /// Lines answered with an error.
    pub bad: u64,
}

/// Answers every line. Fails when stdin or stdout does, never for what a line says.
pub fn pump<R: Read, W: Write>(mut input: BufReader<R>, output: W, answer: Answer) -> io::Result<Tally> {
    let mut output = BufWriter::with_capacity(BUFFER_BYTES, output);
    let mut bytes = Vec::new();
    let mut tally = Tally::default();
    while let Some(within_bounds) = next_line(&mut input, &mut bytes)? {
        let answered =
            if within_bounds { document::text(&bytes).and_then(answer) } else { Err(document::too_long()) };
        tally.lines += 1;
        tally.bad += u64::from(answered.is_err());
        let line = answered.unwrap_or_else(|refusal: Refusal| refusal.to_json());
        output.write_all(line.as_bytes())?;
        output.write_all(b"\n")?;
        if !input.buffer().contains(&b'\n') {
            output.flush()?;
        }
    }
    output.flush()?;
    Ok(tally)
}

/// The next line without its end; false for one that is too long (it is skipped), `None` at the end of the input.
fn next_line<R: BufRead>(input: &mut R, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    let bound = u64::try_from(DOCUMENT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    if input.by_ref().take(bound).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Some(true));
    }
    let within_bounds = line.len() <= DOCUMENT_BYTES_MAX;
    if !within_bounds {
        input.skip_until(b'\n')?;
    }
    Ok(Some(within_bounds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(text: &str) -> Result<String, Refusal> {
        if text.is_empty() { Err(Refusal::new("nothing")) } else { Ok(text.to_owned()) }
    }

    #[test]
    fn a_line_in_is_a_line_out() {
        let mut long = vec![b' '; DOCUMENT_BYTES_MAX + 2];
        long.extend_from_slice(b"\nlast");
        let input = [b"one\r\n\n\xFF\n".as_slice(), &long].concat();
        let mut out = Vec::new();
        let tally = pump(BufReader::with_capacity(7, input.as_slice()), &mut out, echo).unwrap();
        assert_eq!(tally, Tally { lines: 5, bad: 3 });
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!((lines[0], lines[4]), ("one", "last"));
        for (line, word) in [(1, "nothing"), (2, "UTF-8"), (3, "longer")] {
            assert!(lines[line].contains(word) && lines[line].contains("\"error\""), "{}", lines[line]);
        }
    }
}
