//! The value and the parameters of a MIME field (RFC 2045 §5.1, RFC 2231), with or without the quotation marks and
//! semicolons that should be there.
//!
//! Pieces of a parameter are put together before they are decoded, since programs cut inside an Arabic letter.

use super::{address::Closing, charset, transfer, words};
use mail_parser::{Attribute, ContentType};

/// At most so many parameters, and pieces of one.
const PARAMETERS: usize = 500;

/// Reads a field such as `Content-Type` or `Content-Disposition`. Names come in small letters, and the value, too.
/// `beside` is the charset that the mail names elsewhere.
pub fn read(value: &[u8], beside: Option<&str>) -> ContentType<'static> {
    let value = words::unfold(value);
    let (head, mut rest) = head(&value);
    let mut given: Vec<Given> = Vec::new();
    while let Some((parameter, after)) = next(rest) {
        given.extend(parameter);
        rest = after;
        if given.len() >= PARAMETERS {
            break;
        }
    }
    let (kind, subtype) = match head.split_once('/') {
        Some((kind, subtype)) => (kind.trim().to_owned(), Some(subtype.trim().to_owned()).filter(|subtype| !subtype.is_empty())),
        None => (head, None),
    };
    let attributes: Vec<Attribute<'static>> =
        assemble(given, beside).into_iter().map(|(name, value)| Attribute { name: name.into(), value: value.into() }).collect();
    ContentType { c_type: kind.into(), c_subtype: subtype.map(Into::into), attributes: (!attributes.is_empty()).then_some(attributes) }
}

/// A parameter, or a piece of one.
struct Given {
    name: String,
    /// Its place, when it is a piece.
    piece: Option<u32>,
    /// Whether it is percent-encoded.
    extended: bool,
    value: Vec<u8>,
}

/// What stands before the parameters, without comments, and the parameters. The first semicolon may be missing.
fn head(value: &[u8]) -> (String, &[u8]) {
    let mut kept = Vec::new();
    let mut closing = Closing::default();
    let (mut at, mut blank) = (0, false);
    while let Some(byte) = value.get(at) {
        blank |= matches!(byte, b' ' | b'\t');
        match byte {
            b';' => break,
            b'(' => match closing.comment_end(value, at) {
                Some(end) => {
                    at = end;
                    continue;
                }
                None => kept.push(*byte),
            },
            b'=' if blank => {
                // The last word was the name of a parameter.
                let begin = kept.iter().rposition(u8::is_ascii_whitespace).unwrap_or(0);
                let name = kept.len() - begin - 1;
                kept.truncate(begin);
                return (plain_head(&kept), &value[at.saturating_sub(name)..]);
            }
            _ => kept.push(*byte),
        }
        at += 1;
    }
    (plain_head(&kept), &value[at..])
}

/// In small letters, without what stands behind the first word. Blanks may stand around the slash (RFC 2045 §5.1).
fn plain_head(kept: &[u8]) -> String {
    let text = String::from_utf8_lossy(kept).to_ascii_lowercase();
    let mut plain = String::new();
    for word in text.split_whitespace() {
        if !(plain.is_empty() || plain.ends_with('/') || word.starts_with('/')) {
            break;
        }
        plain.extend(word.chars().filter(|c| !c.is_control() && *c != '"' && *c != '\''));
    }
    plain.chars().take(200).collect()
}

/// The next parameter, if this is one, and what follows it. `None` at the end.
fn next(rest: &[u8]) -> Option<(Option<Given>, &[u8])> {
    let begin = rest.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != b';' && *byte != b',')?;
    let rest = &rest[begin..];
    let end = rest.iter().position(|byte| matches!(byte, b'=' | b';' | b':' | b'"')).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    if !matches!(after.first(), Some(b'=' | b':')) {
        // A word without a value, or something in quotation marks that nothing names.
        let skip = if after.first() == Some(&b'"') { 1 } else { 0 };
        return Some((None, &after[skip..]));
    }
    let after = after[1..].trim_ascii_start();
    let (value, after) = if after.first() == Some(&b'"') { quoted(&after[1..]) } else { bare(after, is_name(name)) };
    Some((given(name, value), after))
}

fn is_name(name: &[u8]) -> bool {
    name.to_ascii_lowercase().windows(4).any(|part| part == b"name")
}

fn given(name: &[u8], value: Vec<u8>) -> Option<Given> {
    let name = String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase();
    // Words before it belong to nothing.
    let name = name.split_whitespace().next_back()?;
    let mut marks = name.split('*');
    let base = marks.next().filter(|base| !base.is_empty())?.to_owned();
    let (mut piece, mut extended) = (None, false);
    for mark in marks {
        match mark.parse::<u32>() {
            Ok(number) => piece = Some(number),
            Err(_) => extended = true,
        }
    }
    Some(Given { name: base, piece, extended, value })
}

/// A value up to the quotation mark that closes it: one behind which the next parameter or the end comes. A backslash
/// quotes only a quotation mark or itself, since it may also stand in a path.
fn quoted(rest: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut value = Vec::new();
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        match (byte, rest.get(at + 1)) {
            (b'\\', Some(next @ (b'"' | b'\\'))) => {
                value.push(*next);
                at += 2;
                continue;
            }
            (b'"', _) if closes(&rest[at + 1..]) => return (value, &rest[at + 1..]),
            _ => value.push(*byte),
        }
        at += 1;
    }
    // Never closed: up to the next semicolon.
    let end = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
    let after = rest.iter().position(|byte| *byte == b';').unwrap_or(rest.len());
    value.truncate(end);
    (value, &rest[after..])
}

fn closes(after: &[u8]) -> bool {
    let after = after.get(..80).unwrap_or(after).trim_ascii_start();
    let word = after.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'*' | b'_')).count();
    after.is_empty() || matches!(after.first(), Some(b';' | b',' | b'(')) || (word > 0 && after.get(word) == Some(&b'='))
}

/// A value without quotation marks, up to the semicolon, or to the next parameter when that is missing.
fn bare(rest: &[u8], is_name: bool) -> (Vec<u8>, &[u8]) {
    let mut end = rest.iter().position(|byte| *byte == b';').unwrap_or(rest.len());
    // A blank, a word and an equals sign begin another parameter; other blanks belong to a file's name.
    let (mut word_begin, mut encoded) = (None, false);
    for (at, byte) in rest[..end].iter().enumerate() {
        match byte {
            b' ' | b'\t' => (word_begin, encoded) = (Some(at), false),
            b'?' => encoded = true,
            b'=' if !encoded && word_begin.is_some_and(|begin| at > begin + 1) => {
                end = word_begin.unwrap_or(end);
                break;
            }
            b'(' if !is_name && at > 0 && rest[at - 1].is_ascii_whitespace() => {
                return (rest[..at].trim_ascii().to_vec(), &rest[end..]);
            }
            _ => {}
        }
    }
    let value = rest[..end].trim_ascii();
    (value.strip_suffix(b"\"").unwrap_or(value).to_vec(), &rest[end..])
}

/// The parameters in the order in which they came, pieces put together. What is extended goes before what is not; of two
/// alike the first counts.
fn assemble(given: Vec<Given>, beside: Option<&str>) -> Vec<(String, String)> {
    let mut named: Vec<(String, Vec<Given>)> = Vec::new();
    for parameter in given {
        match named.iter_mut().find(|(name, _)| *name == parameter.name) {
            Some((_, pieces)) => pieces.push(parameter),
            None => named.push((parameter.name.clone(), vec![parameter])),
        }
    }
    named.into_iter().map(|(name, pieces)| (name, value_of(pieces, beside))).collect()
}

fn value_of(mut given: Vec<Given>, beside: Option<&str>) -> String {
    let plain = given.iter().position(|one| one.piece.is_none() && !one.extended).map(|at| given.remove(at));
    given.retain(|one| one.piece.is_some() || one.extended);
    given.sort_by_key(|one| one.piece);
    given.dedup_by_key(|one| one.piece);
    let extended = joined(&given, beside);
    match (extended, plain) {
        (Some(text), None) => text,
        (Some(text), Some(_)) if !text.contains('\u{FFFD}') && !text.is_empty() => text,
        (text, Some(plain)) => Some(words::decode(&plain.value, beside)).filter(|plain| !plain.is_empty()).or(text).unwrap_or_default(),
        (None, None) => String::new(),
    }
}

/// RFC 2231 §3, §4: the first piece names charset and language between apostrophes.
fn joined(pieces: &[Given], beside: Option<&str>) -> Option<String> {
    let first = pieces.first()?;
    let mut charset: Option<String> = None;
    let mut bytes = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let mut value = piece.value.as_slice();
        let mut marks = value.splitn(3, |byte| *byte == b'\'');
        if at == 0
            && piece.extended
            && let (Some(name), Some(_), Some(text)) = (marks.next(), marks.next(), marks.next())
        {
            charset = Some(String::from_utf8_lossy(name).into_owned());
            value = text;
        }
        if piece.extended {
            push_unescaped(value, &mut bytes);
        } else {
            bytes.extend_from_slice(value);
        }
    }
    show_percent(&mut bytes);
    // Some encode the pieces as words instead.
    if !first.extended || words::find(&bytes, b"=?").is_some() {
        return Some(words::decode(&bytes, beside));
    }
    Some(charset::decode(&bytes, charset.as_deref().filter(|name| !name.is_empty()).or(beside)).into_owned())
}

/// Adds the bytes with each `%XX` made the byte it stands for. In pieces that were cut inside, the rest stands in the
/// next one.
fn push_unescaped(text: &[u8], bytes: &mut Vec<u8>) {
    for byte in text {
        bytes.push(*byte);
        if let [.., b'%', high, low] = bytes.as_slice()
            && let Some(code) = transfer::hex_pair(&[*high, *low])
        {
            bytes.truncate(bytes.len() - 3);
            // A percent sign that was encoded itself begins no code.
            bytes.push(if code == b'%' { PERCENT } else { code });
        }
    }
}

/// Stands for an encoded percent sign while its neighbours are read; no text has this byte.
const PERCENT: u8 = 0x00;

fn show_percent(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| **byte == PERCENT).for_each(|byte| *byte = b'%');
}

/// Text with each `%XX` made the byte it stands for, when what comes out is UTF-8 beyond ASCII: some programs name files
/// so, without saying it.
pub fn unescaped(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    push_unescaped(text.as_bytes(), &mut bytes);
    show_percent(&mut bytes);
    String::from_utf8(bytes).ok().filter(|text| !text.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(value: &str, name: &str) -> Option<String> {
        read(value.as_bytes(), None).attribute(name).map(str::to_owned)
    }

    #[test]
    fn names_in_pieces_are_one_name() {
        for (value, expected) in [
            ("attachment;\r\n filename*0*=utf-8''%D8;\r\n filename*1*=%AA.pdf", "ت.pdf"),
            ("attachment; filename*0*=UTF-8'ar'%D; filename*1*=8%AA; filename*2=\".pdf\"", "ت.pdf"),
            ("x/y; filename*1*=%CA.txt; filename*0*=windows-1256''%CA", "تت.txt"),
            ("attachment; filename*0=\"a\"; filename*1=\"b\"", "ab"),
            ("attachment; filename*0=\"=?utf-8?B?2Ko=?=\"; filename*1=\".pdf\"", "ت.pdf"),
            ("attachment; filename*=utf-8''%D8%AA%25.pdf; filename=\"x.pdf\"", "ت%.pdf"),
            ("attachment; filename=\"x.pdf\"; filename*=utf-8''%D8%AA.pdf", "ت.pdf"),
            ("attachment; filename*=\"utf-8''%D8%AA.pdf\"", "ت.pdf"),
            ("attachment; filename*=report.pdf", "report.pdf"),
            ("attachment; filename*10*=k; filename*2*=c; filename*0*=''a; filename*1*=b", "abck"),
        ] {
            assert_eq!(parameter(value, "filename").as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn names_are_read_without_the_marks_that_should_be_there() {
        for (value, expected) in [
            ("attachment; filename=\"a;b.pdf\"", "a;b.pdf"),
            ("attachment; filename=my file.pdf; size=3", "my file.pdf"),
            ("attachment; filename=my file.pdf size=3", "my file.pdf"),
            ("attachment; filename=\"my \"big\" file.pdf\"; x=y", "my \"big\" file.pdf"),
            ("attachment; filename=\"C:\\docs\\a.pdf\"", "C:\\docs\\a.pdf"),
            ("attachment; filename=\"a \\\"b\\\".pdf\"", "a \"b\".pdf"),
            ("attachment; filename=\"a.pdf", "a.pdf"),
            ("attachment; filename=\"a.pdf; size=3", "a.pdf"),
            ("attachment; filename = \"a.pdf\" ;", "a.pdf"),
            ("attachment filename=\"a.pdf\"", "a.pdf"),
            ("attachment; FileName=a(1).pdf", "a(1).pdf"),
            ("attachment; filename==?utf-8?B?2Ko=?=", "ت"),
            ("attachment; filename=\"=?utf-8?Q?=D8=AA_=D8=AA.pdf?=\"", "ت ت.pdf"),
            ("attachment; filename=\"ت.pdf\"", "ت.pdf"),
        ] {
            assert_eq!(parameter(value, "filename").as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn types_and_charsets_are_read() {
        for (value, kind, charset) in [
            ("text/plain; charset=utf-8", "text/plain", "utf-8"),
            ("Text/Plain;charset=\"utf-8\";format=flowed", "text/plain", "utf-8"),
            ("text/plain charset=utf-8", "text/plain", "utf-8"),
            ("text/plain; charset=utf-8 format=flowed", "text/plain", "utf-8"),
            ("text/plain; charset:utf-8", "text/plain", "utf-8"),
            ("text (x) / plain ; charset=us-ascii (Plain)", "text/plain", "us-ascii"),
            ("\"text/plain\"; charset = utf-8", "text/plain", "utf-8"),
            ("text/plain Content-Transfer-Encoding: 8bit;charset=utf-8", "text/plain", "utf-8"),
            ("text/plain;; ;charset=utf-8;charset=x", "text/plain", "utf-8"),
            ("text/plain; =; x; \"y\"; charset=utf-8", "text/plain", "utf-8"),
        ] {
            let read = read(value.as_bytes(), None);
            assert_eq!(format!("{}/{}", read.ctype(), read.subtype().unwrap()), kind, "{value}");
            assert_eq!(read.attribute("charset"), Some(charset), "{value}");
        }
        let boundary = |value: &str| parameter(value, "boundary");
        assert_eq!(boundary("multipart/mixed; boundary=\"a b:c;d=e\"").as_deref(), Some("a b:c;d=e"));
        assert_eq!(boundary("multipart/mixed; boundary=----=_x(1)?").as_deref(), Some("----=_x(1)?"));
        assert_eq!(read(b"", None).ctype(), "");
        assert_eq!(unescaped("%D8%AA 1.pdf").as_deref(), Some("ت 1.pdf"));
        assert_eq!((unescaped("100%25.pdf"), unescaped("100%"), unescaped("%FF")), (None, None, None));
    }
}
