//! What a header field says: folded lines joined, encoded words (RFC 2047) and bare bytes beyond ASCII made text.
//!
//! Words are joined before their bytes become text, since programs cut inside a letter, and even inside a group of
//! base64. Delimiters that are not quite right are taken for what they were meant to be.

use super::{
    charset,
    transfer::{self, Transfer},
};
use std::borrow::Cow;

/// The longest name of a charset, with its language (RFC 2231 §5), in bytes.
const CHARSET: usize = 80;
/// The longest encoded text of one word, in bytes. RFC 2047 §2 allows 75 for all of it.
const ENCODED: usize = 16 << 10;

/// The text of a field's value. `beside` is the charset that the mail names elsewhere: bare bytes are most likely in it.
pub fn decode(value: &[u8], beside: Option<&str>) -> String {
    let value = unfold(value);
    let mut text = String::with_capacity(value.len());
    let mut words: Vec<Word<'_>> = Vec::new();
    let (mut rest, mut plain) = (value.as_ref(), value.as_ref());
    // Where in `plain` the search goes on.
    let mut seen = 0;
    while let Some(at) = find(&plain[seen..], b"=?").map(|at| at + seen) {
        let Some((word, after)) = word_at(&plain[at..]) else {
            seen = at + 2;
            continue;
        };
        let between = &plain[..at];
        if !(words.is_empty() || between.trim_ascii().is_empty()) {
            flush(&mut words, &mut text);
        }
        if words.is_empty() {
            push_plain(between, beside, &mut text);
        }
        words.push(word);
        (rest, plain, seen) = (after, after, 0);
    }
    flush(&mut words, &mut text);
    push_plain(rest, beside, &mut text);
    text
}

/// A value on one line: line ends and NULs go, the blanks of folding stay.
pub fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    let value = value.trim_ascii();
    if value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return Cow::Owned(value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n' | 0)).collect());
    }
    Cow::Borrowed(value)
}

fn push_plain(bytes: &[u8], beside: Option<&str>, text: &mut String) {
    if !bytes.is_empty() {
        // It is only a hint: what is UTF-8 is that.
        let beside = beside.filter(|_| std::str::from_utf8(bytes).is_err());
        text.push_str(&charset::decode(bytes, beside));
    }
}

/// An encoded word, not decoded yet.
struct Word<'a> {
    charset: &'a [u8],
    base64: bool,
    encoded: &'a [u8],
}

/// Decodes the words in a row and forgets them.
fn flush(words: &mut Vec<Word<'_>>, text: &mut String) {
    let mut rest = words.as_slice();
    while let Some(first) = rest.first() {
        let alike = rest.iter().take_while(|word| word.charset.eq_ignore_ascii_case(first.charset)).count();
        let (row, after) = rest.split_at(alike);
        let name = String::from_utf8_lossy(first.charset);
        text.push_str(&charset::decode(&bytes_of(row), Some(name.as_ref())));
        rest = after;
    }
    words.clear();
}

/// The bytes of words in the same charset. A group of base64 that one word leaves open goes on in the next one.
fn bytes_of(row: &[Word<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    for word in row {
        if !word.base64 {
            close(&mut open, &mut bytes);
            let spaced: Vec<u8> = word.encoded.iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect();
            transfer::unescape(&spaced, &mut bytes);
            continue;
        }
        open.extend(word.encoded.iter().filter(|byte| !byte.is_ascii_whitespace()));
        if word.encoded.ends_with(b"=") || open.len().is_multiple_of(4) {
            close(&mut open, &mut bytes);
        }
    }
    close(&mut open, &mut bytes);
    bytes
}

fn close(open: &mut Vec<u8>, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&transfer::decode(Transfer::Base64, open, false));
    open.clear();
}

/// The encoded word at the beginning, `=?charset?encoding?text?=`, and what follows it.
fn word_at(value: &[u8]) -> Option<(Word<'_>, &[u8])> {
    let inside = value.strip_prefix(b"=?")?;
    let end = inside.iter().take(CHARSET).position(|byte| *byte == b'?' || *byte == b' ')?;
    let (charset, inside) = inside.split_at(end);
    let charset = charset.split(|byte| *byte == b'*').next()?;
    let base64 = match inside.get(1)? {
        b'b' | b'B' => true,
        b'q' | b'Q' => false,
        _ => return None,
    };
    let inside = inside.get(2..)?.strip_prefix(b"?")?;
    let near = inside.get(..ENCODED).unwrap_or(inside);
    let (encoded, end) = if base64 { base64_text(near) } else { q_text(near)? };
    Some((Word { charset, base64, encoded }, inside.get(end..)?))
}

/// The text up to `?=`, or as far as it is base64 when that is missing; and where the word is over.
fn base64_text(inside: &[u8]) -> (&[u8], usize) {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let letters = inside.iter().take_while(|byte| is_letter(byte)).count();
    // A blank only belongs to it when the delimiter follows: else it ends a word that was never closed.
    let spaced = inside.iter().take_while(|byte| is_letter(byte) || matches!(byte, b' ' | b'\t')).count();
    if inside.get(spaced..).is_some_and(|rest| rest.starts_with(b"?=")) {
        return (&inside[..spaced], spaced + 2);
    }
    match &inside[letters..] {
        [b'?', ..] => (&inside[..letters], letters + 1),
        // The sign that closes may have been taken for padding: nothing is lost by that.
        [] | [b' ', ..] => (&inside[..letters], letters),
        // Bytes that don't belong there, up to the delimiter.
        _ => match find(inside, b"?=") {
            Some(end) if find(&inside[..end], b"=?").is_none() => (&inside[..end], end + 2),
            _ => (&inside[..letters], letters),
        },
    }
}

/// The text up to `?=`, which a question mark before an encoded byte is not; or to the end, when nothing else begins
/// before it. And where the word is over.
fn q_text(inside: &[u8]) -> Option<(&[u8], usize)> {
    let mut from = 0;
    while let Some(at) = find(&inside[from..], b"?=").map(|at| at + from) {
        let after = &inside[at + 2..];
        let is_code = after.get(..2).is_some_and(|digits| digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F')));
        // Then the real end comes soon, and before any blank.
        let another = find(after.get(..80).unwrap_or(after), b"?=").map(|end| &after[..end]);
        if is_code && another.is_some_and(|text| find(text, b"=?").is_none() && !text.contains(&b' ')) {
            from = at + 1;
            continue;
        }
        return Some((&inside[..at], at + 2));
    }
    let unclosed = inside.strip_suffix(b"?").unwrap_or(inside);
    (inside.len() < ENCODED && find(inside, b"=?").is_none()).then_some((unclosed, inside.len()))
}

/// Where `needle` occurs first.
pub fn find(haystack: &[u8], needle: &[u8; 2]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = haystack.get(from..)?.iter().position(|byte| *byte == needle[0]) {
        if haystack.get(from + at + 1) == Some(&needle[1]) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> String {
        decode(value.as_bytes(), None)
    }

    #[test]
    fn encoded_words_are_read_as_they_were_meant() {
        for (value, expected) in [
            ("=?utf-8?B?2YXYsdit2KjYpw==?=", "مرحبا"),
            ("=?UTF-8*ar?b?2YXYsdit2KjYpw?=", "مرحبا"),
            ("Re: =?utf-8?Q?=D9=85=D8=B1?= x", "Re: مر x"),
            ("=?utf-8?Q?a_b?= =?utf-8?Q?_c?=\r\n =?iso-8859-1?Q?=E9?=", "a b cé"),
            // Cut inside a letter, with either encoding, and inside a group.
            ("=?utf-8?B?2YXYsQ==?= =?utf-8?B?2K3Y?=\r\n =?utf-8?Q?=A8=D8=A7?=", "مرحبا"),
            ("=?utf-8?B?2YXYsd?= =?utf-8?B?it2KjYpw?=", "مرحبا"),
            // Delimiters and blanks where they don't belong.
            ("=?utf-8?Q?hello world?=", "hello world"),
            ("Re:=?utf-8?Q?a?=b", "Re:ab"),
            ("=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
            ("=?utf-8?Q?Why?=20not?=", "Why? not"),
            ("=?utf-8?Q?Why??= =?utf-8?Q?=20so?=", "Why? so"),
            ("=?utf-8?B?2YXY\r\n sdit2KjYpw==?=", "مرحبا"),
            ("=?utf-8?B?2YXYsdit2KjYpw==", "مرحبا"),
            ("=?utf-8?B?2YXYsdit2KjYpw==?", "مرحبا"),
            ("=?utf-8?B?2YXYsdit2KjYpw== and more", "مرحبا and more"),
            ("=?utf-8?Q?=D9=85", "م"),
            ("=?windows-1256?B?48fH?=", "ماا"),
            ("=?x-unknown?Q?=D9=85?=", "م"),
            ("=??Q?=D9=85?=", "م"),
            // None at all.
            ("a =? b ?= c", "a =? b ?= c"),
            ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
            ("1 =?2", "1 =?2"),
            ("two  blanks", "two  blanks"),
            ("", ""),
        ] {
            assert_eq!(text(value), expected, "{value}");
        }
    }

    #[test]
    fn bare_bytes_are_read() {
        assert_eq!(text("طلب"), "طلب");
        assert_eq!(decode(b"\xD8\xCE", Some("windows-1256")), "طخ");
        assert_eq!(decode(b"\xE1\xE1\xE3\xD3\xC7\xDA\xCF\xC9 =?utf-8?Q?=D9=85?=", None), "للمساعدة م");
        assert_eq!(decode(b"Gr\xFC\xDFe", None), "Grüße");
    }
}
