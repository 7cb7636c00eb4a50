//! The MIME structure of a mail, read with bounded work whatever the bytes are.
//!
//! The parser follows attached mails to any depth, and what it builds is freed by recursion; it also looks through the
//! rest of the mail once for each multipart. A mail made for it could exhaust the stack, the memory or the processor.
//! So a mail is weighed first, and attached mails are made opaque: they are kept as attachments, which is all we want
//! of them.
//!
//! Not here: what the parts mean (`parse.rs`), HTML (`visible.rs`).

use mail_parser::{Encoding, Message, MessageParser, MessagePart, PartType, decoders};
use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// At most so many multiparts. Ordinary mail has fewer than ten.
const MULTIPARTS: usize = 500;
/// Multiparts times bytes, the number of bytes the parser may have to look at.
const WORK: usize = 4 << 30;
/// At most so many delimiters `--` and lines with a colon: each may begin a part or a header field.
const DELIMITERS: usize = 200_000;
const FIELDS: usize = 300_000;
/// The first bytes of a mail that is too heavy, in which its header is looked for.
const HEADER: usize = 256 << 10;

/// How much of a mail was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    Whole,
    /// Too heavy or too broken: only the header. The body has to be kept as it is.
    HeaderOnly,
}

/// Reads `raw` and hands the structure to `with`. `None` when not even a header field was found.
pub fn read<T>(raw: &[u8], with: impl FnOnce(&Message<'_>, Depth) -> T) -> Option<T> {
    let opaque = close_attached_mails(raw);
    let parser = MessageParser::default();
    if is_light(raw)
        && let Ok(Some(message)) = catch_unwind(AssertUnwindSafe(|| parser.parse(opaque.as_ref())))
    {
        return Some(with(&message, Depth::Whole));
    }
    let head = raw.get(..HEADER).unwrap_or(raw);
    let message = catch_unwind(AssertUnwindSafe(|| parser.parse_headers(head))).ok().flatten()?;
    Some(with(&message, Depth::HeaderOnly))
}

fn is_light(raw: &[u8]) -> bool {
    let (mut multiparts, mut delimiters, mut fields) = (0usize, 0usize, 0usize);
    for line in raw.split(|b| *b == b'\n') {
        let mut colon = false;
        let mut before = 0;
        for (at, byte) in line.iter().enumerate() {
            match byte {
                b'-' if before == b'-' => delimiters += 1,
                b':' => colon = true,
                b'/' if at >= 9 && line[at - 9..at].eq_ignore_ascii_case(b"multipart") => multiparts += 1,
                _ => {}
            }
            before = *byte;
        }
        fields += usize::from(colon);
    }
    multiparts <= MULTIPARTS && multiparts.saturating_mul(raw.len()) <= WORK && delimiters <= DELIMITERS && fields <= FIELDS
}

/// A subtype that makes the parser descend, and what its first letter becomes to hide it: once for the small and once for
/// the capital letter, so that text comes back as it was.
struct Descending {
    subtype: &'static [u8; 6],
    small: u8,
    capital: u8,
}

const DESCENDING: [Descending; 3] = [
    Descending { subtype: b"rfc822", small: 1, capital: 2 },
    Descending { subtype: b"global", small: 3, capital: 4 },
    Descending { subtype: b"digest", small: 5, capital: 6 },
];

/// The same bytes, with the first letter of `/rfc822`, `/global` and `/digest` hidden, so that no part is taken for a mail
/// that must be parsed. Every offset stays what it was.
fn close_attached_mails(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut closed = Cow::Borrowed(raw);
    for (at, word) in raw.windows(6).enumerate() {
        let Some(found) = DESCENDING.iter().find(|descending| word.eq_ignore_ascii_case(descending.subtype)) else { continue };
        if follows_slash(&raw[..at]) {
            closed.to_mut()[at] = if word[0].is_ascii_uppercase() { found.capital } else { found.small };
        }
    }
    closed
}

/// Whether the text ends in `/`, white space and comments aside (RFC 2045 §5.1 allows both around the slash).
fn follows_slash(before: &[u8]) -> bool {
    let mut depth = 0usize;
    for (seen, byte) in before.iter().rev().enumerate() {
        match byte {
            _ if seen > 256 => return true,
            b')' => depth += 1,
            b'(' => depth = depth.saturating_sub(1),
            b'/' if depth == 0 => return true,
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ if depth > 0 => {}
            _ => return false,
        }
    }
    false
}

/// Text as it was before [`read`] hid letters in it.
pub fn unhide(text: &str) -> String {
    let shown = |c: char| {
        let hidden = |mark: u8| c == char::from(mark);
        DESCENDING.iter().find(|d| hidden(d.small) || hidden(d.capital)).map_or(c, |d| {
            let letter = char::from(d.subtype[0]);
            if hidden(d.small) { letter } else { letter.to_ascii_uppercase() }
        })
    };
    text.chars().map(shown).collect()
}

/// The decoded content of a part, byte for byte as it was sent. `None` when it can't be decoded.
pub fn content(part: &MessagePart<'_>, raw: &[u8]) -> Option<Vec<u8>> {
    let encoded = raw.get(part.offset_body as usize..part.offset_end as usize);
    match (part.encoding, &part.body) {
        (Encoding::None, _) => encoded.map(<[u8]>::to_vec),
        (_, PartType::Binary(bytes) | PartType::InlineBinary(bytes)) => Some(bytes.to_vec()),
        (Encoding::Base64, _) => decoders::base64::base64_decode(encoded?),
        (Encoding::QuotedPrintable, _) => decoders::quoted_printable::quoted_printable_decode(encoded?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attached_mails_are_closed_in_every_spelling_and_text_comes_back() {
        for spelling in [
            "message/rfc822",
            "Message/RFC822",
            "message / rfc822",
            "message/(why (not)) Rfc822",
            "multipart/Digest",
            "message/\r\n global",
        ] {
            let closed = close_attached_mails(spelling.as_bytes());
            assert_ne!(closed.as_ref(), spelling.as_bytes(), "{spelling}");
            assert_eq!(unhide(std::str::from_utf8(&closed).unwrap()), spelling);
        }
        for other in ["rfc822; a@b.sa", "global", "a digest", "rfc/82"] {
            assert_eq!(close_attached_mails(other.as_bytes()).as_ref(), other.as_bytes());
        }
    }

    #[test]
    fn a_mail_of_mails_without_end_neither_exhausts_the_stack_nor_the_time() {
        let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(200_000);
        assert_eq!(read(nested.as_bytes(), |_, depth| depth), Some(Depth::Whole));
        let digests = "Content-Type: multipart/digest; boundary=x\r\n\r\n--x\r\n\r\n".repeat(100_000);
        assert_eq!(read(digests.as_bytes(), |_, depth| depth), Some(Depth::HeaderOnly));
        let parts = format!("Content-Type: multipart/mixed; boundary=x\r\n\r\n{}", "--x\r\n\r\n".repeat(1_000_000));
        assert_eq!(read(parts.as_bytes(), |_, depth| depth), Some(Depth::HeaderOnly));
    }
}
