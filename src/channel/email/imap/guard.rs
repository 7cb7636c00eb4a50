//! Between a mail server and the IMAP library: what a server may send, so that one that lies can't exhaust us.
//!
//! The library makes room for as many bytes as a literal announces, reads a line again from its beginning whenever more of
//! it comes, and follows parentheses by recursion. So the bytes are looked at before it gets them.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The largest literal (RFC 9051 §4.3), in bytes: a mail that is fetched, and some more.
const LITERAL: u64 = 51 << 20;
/// The longest line without its literals, in bytes: an answer to SEARCH may name some ten thousand mails.
const LINE: u64 = 512 << 10;
/// What is sent in answer to one command, in bytes.
const ANSWER: u64 = 80 << 20;
/// Parentheses that are open at the same time; what we ask for needs two.
const OPEN: u32 = 64;

/// What a server did that no honest one does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Excess {
    #[error("it announced {0} bytes at once")]
    Literal(u64),
    #[error("it sent a line without end")]
    Line,
    #[error("it sent more than was asked for")]
    Answer,
    #[error("it opened too many parentheses")]
    Nesting,
}

/// Where in the server's answer we are.
#[derive(Debug, Default)]
struct Scan {
    /// Bytes of a literal that are still to come.
    literal: u64,
    line: u64,
    answer: u64,
    open: u32,
    quoted: bool,
    escaped: bool,
    /// The number within `{…}` at the end of what we saw of the line.
    size: Size,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Size {
    #[default]
    None,
    Digits(u64),
    /// `{12}`, so that a line end now begins a literal.
    Closed(u64),
}

impl Scan {
    fn see(&mut self, mut bytes: &[u8]) -> Result<(), Excess> {
        self.answer = self.answer.saturating_add(bytes.len() as u64);
        if self.answer > ANSWER {
            return Err(Excess::Answer);
        }
        while !bytes.is_empty() {
            let skipped = usize::try_from(self.literal).map_or(bytes.len(), |literal| literal.min(bytes.len()));
            self.literal -= skipped as u64;
            bytes = &bytes[skipped..];
            let Some((byte, rest)) = bytes.split_first() else { break };
            self.step(*byte)?;
            bytes = rest;
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<(), Excess> {
        self.line += 1;
        if self.line > LINE {
            return Err(Excess::Line);
        }
        self.size = match (self.size, byte) {
            (_, b'{') => Size::Digits(0),
            (Size::Digits(size), b'0'..=b'9') => Size::Digits(size.saturating_mul(10).saturating_add(u64::from(byte - b'0'))),
            (Size::Digits(size), b'+' | b'-') => Size::Digits(size),
            (Size::Digits(size), b'}') => Size::Closed(size),
            (Size::Closed(size), b'\r') => Size::Closed(size),
            (Size::Closed(size), b'\n') => {
                if size > LITERAL {
                    return Err(Excess::Literal(size));
                }
                (self.literal, self.quoted) = (size, false);
                Size::None
            }
            (_, b'\n') => {
                (self.line, self.open, self.quoted, self.escaped) = (0, 0, false, false);
                Size::None
            }
            _ => Size::None,
        };
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.quoted => self.escaped = true,
            b'"' => self.quoted = !self.quoted,
            b'(' | b'[' if !self.quoted => self.open += 1,
            b')' | b']' if !self.quoted => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        if self.open > OPEN { Err(Excess::Nesting) } else { Ok(()) }
    }
}

/// A stream that breaks off when the server goes beyond measure.
#[derive(Debug)]
pub struct Guarded<S> {
    inner: S,
    scan: Scan,
}

impl<S> Guarded<S> {
    pub fn new(inner: S) -> Self {
        Self { inner, scan: Scan::default() }
    }

    /// What was sent before a change of protection is not looked at again.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = polled
            && let Err(excess) = self.scan.see(&buffer.filled()[before..])
        {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, excess)));
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.scan.answer = 0;
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(pieces: &[&[u8]]) -> Result<Scan, Excess> {
        let mut scan = Scan::default();
        pieces.iter().try_for_each(|piece| scan.see(piece))?;
        Ok(scan)
    }

    #[test]
    fn an_honest_answer_passes() {
        let answer = b"* 1 FETCH (UID 1 BODY[] {12}\r\n((((\r\n{9999}\r\n)\r\n* 2 FETCH (UID 2)\r\na1 OK (\"(\\\"(\") done\r\n";
        let scan = seen(&[answer]).unwrap();
        assert_eq!((scan.open, scan.literal, scan.line, scan.quoted), (0, 0, 0, false));
        let byte_by_byte: Vec<&[u8]> = answer.chunks(1).collect();
        assert_eq!(seen(&byte_by_byte).unwrap().line, 0);
    }

    #[test]
    fn a_lie_about_a_size_an_endless_line_and_deep_nesting_break_off() {
        assert_eq!(seen(&[b"* 1 FETCH (BODY[] {4294967295}\r\n"]).unwrap_err(), Excess::Literal(4_294_967_295));
        assert!(matches!(seen(&[b"* {99999999999999999999999999}\r\n"]).unwrap_err(), Excess::Literal(_)));
        let page = [b'x'; 1 << 16];
        assert_eq!(seen(&[&page[..]; 9]).unwrap_err(), Excess::Line);
        assert_eq!(seen(&[b"* 1 FETCH (BODYSTRUCTURE ", &[b'('; 100]]).unwrap_err(), Excess::Nesting);
        let ok = b"* OK still here\r\n".repeat(1 << 10);
        assert_eq!(seen(&vec![&ok[..]; 6_000]).unwrap_err(), Excess::Answer);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_in_which_pieces_bytes_come(text in "[{}()\\[\\]\"\\\\0-9a\r\n]{0,200}", cut in 0usize..200) {
            let bytes = text.as_bytes();
            let (left, right) = bytes.split_at(cut.min(bytes.len()));
            let (whole, parts) = (seen(&[bytes]), seen(&[left, right]));
            prop_assert_eq!(whole.map(|scan| (scan.literal, scan.line, scan.open)), parts.map(|scan| (scan.literal, scan.line, scan.open)));
        }
    }
}
