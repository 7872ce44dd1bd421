//! Bytes that no WebSocket library would write: half a frame, and a frame of hundreds of mebibytes (RFC 6455, 5.2).

use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Where the first half of a text ends, between two characters.
pub(in crate::serve) fn half(text: &str) -> usize {
    (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The head of a frame of text and the first bytes of its content, and no more.
pub(in crate::serve) async fn write_cut<S: AsyncWrite + Unpin>(
    stream: &mut S,
    text: &str,
    bytes: usize,
) -> std::io::Result<()> {
    stream.write_all(&head(text.len())).await?;
    stream.write_all(text.as_bytes().get(..bytes).unwrap_or_default()).await?;
    stream.flush().await
}

/// A whole frame of so many mebibytes of blanks.
pub(in crate::serve) async fn write_huge<S: AsyncWrite + Unpin>(
    stream: &mut S,
    mebibytes: u32,
) -> std::io::Result<()> {
    stream.write_all(&head((mebibytes as usize) << 20)).await?;
    let blanks = vec![b' '; 1 << 20];
    for _ in 0..mebibytes {
        stream.write_all(&blanks).await?;
    }
    stream.flush().await
}

/// The head of a final frame of text from a server, which masks nothing.
fn head(length: usize) -> Vec<u8> {
    let mut head = vec![0x81];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 126 => head.push(short),
        (_, Ok(middle)) => {
            head.push(126);
            head.extend(middle.to_be_bytes());
        }
        _ => {
            head.push(127);
            head.extend((length as u64).to_be_bytes());
        }
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_by_length() {
        assert_eq!(head(5), [0x81, 5]);
        assert_eq!(head(125), [0x81, 125]);
        assert_eq!(head(126), [0x81, 126, 0, 126]);
        assert_eq!(head(65_535), [0x81, 126, 255, 255]);
        assert_eq!(head(65_536), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!((half("abcd"), half("é"), half("")), (2, 0, 0));
    }
}
