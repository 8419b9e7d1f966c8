//! Lines of bounded length from a pipe.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

/// Reads lines; of a longer one it keeps the beginning.
#[derive(Debug)]
pub(super) struct Lines<R> {
    from: BufReader<R>,
    max: usize,
}

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    /// Whether the line was longer.
    pub(super) cut: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(from: R, max: usize) -> Self {
        Self { from: BufReader::new(from), max }
    }

    /// The next line; none at the end. A line that the end cuts short counts.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        let mut line = Line { bytes: Vec::new(), cut: false };
        let mut begun = false;
        loop {
            let chunk = self.from.fill_buf().await?;
            if chunk.is_empty() {
                return Ok(begun.then_some(line));
            }
            begun = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let length = end.unwrap_or(chunk.len());
            let room = self.max - line.bytes.len();
            line.cut |= length > room;
            line.bytes.extend(chunk.iter().take(length.min(room)));
            self.from.consume(end.map_or(length, |end| end + 1));
            if end.is_some() {
                if line.bytes.last() == Some(&b'\r') {
                    line.bytes.pop();
                }
                return Ok(Some(line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Lines};

    #[tokio::test]
    async fn long_line_is_cut_and_the_next_one_whole() {
        let mut lines = Lines::new(&b"abcdef\n\r\nxyz"[..], 4);
        let line = |text: &str, cut| Some(Line { bytes: text.as_bytes().to_vec(), cut });

        assert_eq!(lines.next().await.unwrap(), line("abcd", true));
        assert_eq!(lines.next().await.unwrap(), line("", false));
        assert_eq!(lines.next().await.unwrap(), line("xyz", false));
        assert_eq!(lines.next().await.unwrap(), None);
    }
}
