//! Content transfer encodings (RFC 2045 §6), undone as far as they can be: what is damaged is read around, what is not
//! encoded at all is left as it is.

use std::borrow::Cow;

/// How a part says that its bytes are encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transfer {
    /// 7bit, 8bit, binary, none, or a name that nobody knows.
    Plain,
    Base64,
    QuotedPrintable,
    Uuencode,
}

impl Transfer {
    /// The encoding that a field names, whatever stands around the name.
    pub fn named(value: &str) -> Self {
        let name: String = value
            .trim_start_matches(|c: char| !c.is_ascii_alphanumeric())
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
            .filter(char::is_ascii_alphanumeric)
            .take(30)
            .collect::<String>()
            .to_ascii_lowercase();
        match name.as_str() {
            "base64" | "b64" | "xbase64" => Self::Base64,
            "quotedprintable" | "qp" | "quoted" => Self::QuotedPrintable,
            "xuuencode" | "uuencode" | "xuue" | "xuu" | "uue" => Self::Uuencode,
            _ => Self::Plain,
        }
    }
}

/// The bytes without their encoding. Behind the end of base64 there may be a line that a mailing list put there: it is
/// kept as it stands in a text only.
pub fn decode(transfer: Transfer, bytes: &[u8], is_text: bool) -> Cow<'_, [u8]> {
    match transfer {
        Transfer::Plain => Cow::Borrowed(bytes),
        // What is too short to be anything else is kept as it came.
        Transfer::Base64 => Some(base64(bytes, is_text)).filter(|decoded| !decoded.is_empty()).unwrap_or(Cow::Borrowed(bytes)),
        Transfer::QuotedPrintable => quoted_printable(bytes),
        Transfer::Uuencode => super::uuencode::decode_file(bytes).map_or(Cow::Borrowed(bytes), Cow::Owned),
    }
}

const NOT: u8 = 0xFF;
const PAD: u8 = 0xFE;
const SPACE: u8 = 0xFD;

/// What each byte is in base64 (RFC 2045 §6.8).
const SEXTETS: [u8; 256] = sextets();

const fn sextets() -> [u8; 256] {
    let mut table = [NOT; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut at = 0;
    let mut value = 0u8;
    while at < 64 {
        table[alphabet[at] as usize] = value;
        at += 1;
        value += 1;
    }
    table[b'=' as usize] = PAD;
    table[b' ' as usize] = SPACE;
    table[b'\t' as usize] = SPACE;
    table[b'\r' as usize] = SPACE;
    table[b'\n' as usize] = SPACE;
    table
}

/// Bytes that are no base64 are left out; several encoded pieces in a row are joined. What looks like prose was never
/// encoded.
fn base64(bytes: &[u8], is_text: bool) -> Cow<'_, [u8]> {
    if !is_base64(bytes) {
        return Cow::Borrowed(bytes);
    }
    let mut decoded = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    let (mut group, mut held) = (0u32, 0u32);
    let mut rest = bytes;
    let mut line_begins = false;
    while let Some((byte, after)) = rest.split_first() {
        if held == 0
            && let Some((bits, after)) = whole_group(rest)
        {
            decoded.extend_from_slice(&bits.to_be_bytes()[1..]);
            rest = after;
            continue;
        }
        match SEXTETS[usize::from(*byte)] {
            SPACE => {}
            NOT if line_begins && held == 0 && is_prose(rest) => {
                if is_text {
                    decoded.extend_from_slice(rest);
                }
                return Cow::Owned(decoded);
            }
            NOT => {}
            PAD => {
                flush(&mut decoded, group, held);
                (group, held) = (0, 0);
            }
            sextet => {
                group = group << 6 | u32::from(sextet);
                held += 1;
                if held == 4 {
                    decoded.extend_from_slice(&group.to_be_bytes()[1..]);
                    (group, held) = (0, 0);
                }
            }
        }
        line_begins = *byte == b'\n';
        rest = after;
    }
    flush(&mut decoded, group, held);
    Cow::Owned(decoded)
}

/// The bits of four letters in a row, and what follows them.
fn whole_group(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (letters, after) = bytes.split_first_chunk::<4>()?;
    let [a, b, c, d] = letters.map(|letter| u32::from(SEXTETS[usize::from(letter)]));
    ((a | b | c | d) < 64).then_some((a << 18 | b << 12 | c << 6 | d, after))
}

/// The whole bytes of a group that was not filled.
fn flush(decoded: &mut Vec<u8>, group: u32, held: u32) {
    match held {
        2 => decoded.push(u8::try_from(group >> 4 & 0xFF).unwrap_or_default()),
        3 => decoded.extend_from_slice(&(group >> 2).to_be_bytes()[2..]),
        _ => {}
    }
}

/// Looks at the beginning: an encoded part has hardly any spaces between words, and not many bytes that don't belong.
fn is_base64(bytes: &[u8]) -> bool {
    let (mut good, mut foreign, mut words) = (0usize, 0usize, 0usize);
    let mut spaces = 0;
    let mut after_letter = false;
    let is_likely = |good: usize, foreign: usize, words: usize| foreign * 4 <= good && words * 20 <= good;
    for (at, byte) in bytes.iter().enumerate().take(4_096) {
        match SEXTETS[usize::from(*byte)] {
            // What comes behind the end may be anything.
            PAD if good % 4 > 1
                && bytes.get(at + 1).is_none_or(|next| matches!(next, b'=' | b'\r' | b'\n'))
                && is_likely(good, foreign, words) =>
            {
                return true;
            }
            NOT => foreign += 1,
            SPACE if *byte == b' ' => spaces += 1,
            SPACE => (after_letter, spaces) = (false, 0),
            _ => {
                // Spaces at the end of a line are harmless.
                words += usize::from(after_letter && spaces == 1);
                (after_letter, spaces) = (true, 0);
                good += 1;
            }
        }
    }
    is_likely(good, foreign, words)
}

/// Whether what comes after the end of base64 is meant to be read: words with spaces between them, or a line drawn.
fn is_prose(rest: &[u8]) -> bool {
    let sample = &rest[..rest.len().min(400)];
    let foreign = sample.iter().filter(|byte| SEXTETS[usize::from(**byte)] == NOT || **byte == b' ').count();
    foreign * 10 > sample.len()
}

/// Quoted-printable (RFC 2045 §6.7): an equals sign that begins no code stays, white space at the end of a line goes.
fn quoted_printable(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut decoded = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let ends = line.last() == Some(&b'\n');
        let text = line.trim_ascii_end();
        match text.strip_suffix(b"=") {
            // A soft break, or an equals sign cut off at the end of the mail.
            Some(text) => unescape(text, &mut decoded),
            None => {
                unescape(text, &mut decoded);
                if ends {
                    decoded.extend_from_slice(if line.ends_with(b"\r\n") { b"\r\n" } else { b"\n" });
                }
            }
        }
    }
    Cow::Owned(decoded)
}

/// Adds the bytes with each `=XX` made the byte it stands for.
pub fn unescape(text: &[u8], decoded: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == b'=') {
        decoded.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        match hex_pair(rest.get(1..3).unwrap_or_default()) {
            Some(byte) => {
                decoded.push(byte);
                rest = &rest[3..];
            }
            None => {
                decoded.push(b'=');
                rest = &rest[1..];
            }
        }
    }
    decoded.extend_from_slice(rest);
}

/// The byte that two hexadecimal digits stand for.
pub fn hex_pair(digits: &[u8]) -> Option<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    match digits {
        [high, low] => Some(digit(high)? * 16 + digit(low)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(transfer: Transfer, bytes: &str) -> String {
        String::from_utf8_lossy(&decode(transfer, bytes.as_bytes(), true)).into_owned()
    }

    #[test]
    fn damaged_base64_is_read_around() {
        for (encoded, decoded) in [
            ("2YXYsdit2KjYpw==", "مرحبا"),
            ("2YXY\r\nsdit2KjYpw", "مرحبا"),
            ("2YXYsdit2KjYp", "مرحب\u{FFFD}"),
            ("YQ==Yg==\nYw==", "abc"),
            ("YWJjZGVmZ2hpamtsbW5vcA!", "abcdefghijklmnop"),
            ("YWJj-ZGVmZ2hpamtsbW5vcA==", "abcdefghijklmnop"),
            ("", ""),
            ("not encoded, but said to be", "not encoded, but said to be"),
            ("مرحبا", "مرحبا"),
        ] {
            assert_eq!(text(Transfer::Base64, encoded), decoded, "{encoded}");
        }
        let footer = format!("{}==\n_______________\nlist mailing list, a@b.sa\n", "YWJj".repeat(60) + "YQ");
        assert_eq!(decode(Transfer::Base64, footer.as_bytes(), false).len(), 181);
        assert!(text(Transfer::Base64, &footer).ends_with("abca_______________\nlist mailing list, a@b.sa\n"));
    }

    #[test]
    fn broken_quoted_printable_keeps_what_is_no_code() {
        for (encoded, decoded) in [
            ("=D9=85=D8=B1", "مر"),
            ("=d9=85", "م"),
            ("a=\r\nb= \t\r\nc", "abc"),
            ("1+1=2 \r\nx", "1+1=2\r\nx"),
            ("a=", "a"),
            ("a=4", "a=4"),
            ("a==3Db", "a==b"),
        ] {
            assert_eq!(text(Transfer::QuotedPrintable, encoded), decoded, "{encoded}");
        }
    }

    #[test]
    fn names_are_known_whatever_stands_around_them() {
        for (value, transfer) in [
            (" Base64", Transfer::Base64),
            ("base-64", Transfer::Base64),
            ("\"base64\";", Transfer::Base64),
            ("quoted-printable (x)", Transfer::QuotedPrintable),
            ("Quoted_Printable", Transfer::QuotedPrintable),
            ("8bit", Transfer::Plain),
            ("x-unknown", Transfer::Plain),
        ] {
            assert_eq!(Transfer::named(value), transfer, "{value}");
        }
    }
}
