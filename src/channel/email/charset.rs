//! From bytes to text, whatever charset a mail names, and whether or not it is the right one.
//!
//! What is valid UTF-8 is UTF-8, whatever single-byte charset was named: no other text looks like it by chance. What a
//! mail calls ASCII, Latin or nothing and is not UTF-8 is weighed letter by letter: old Arabic programs named Latin.

use mail_parser::decoders::{
    base64::base64_decode,
    charsets::{DecoderFnc, map::charset_decoder},
};
use std::borrow::Cow;

/// What a name of a charset stands for.
#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    Utf7,
    Utf16(Option<Order>),
    /// ASCII, Latin-1 and their like, which programs also name when they know nothing.
    Western(DecoderFnc),
    /// One byte a letter, told apart from UTF-8 by validity.
    Single(DecoderFnc),
    /// More bytes a letter; what is valid in it may be valid UTF-8, too.
    Multi(DecoderFnc),
    Hz,
    Iso2022Kr,
    Unknown,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Big,
    Little,
}

impl Charset {
    fn named(name: &str) -> Self {
        let name = name.trim_matches(|c: char| c.is_whitespace() || c.is_control() || "\"'<>=;,".contains(c));
        let name = name.split([';', ',', ' ', '"']).next().unwrap_or_default();
        // The longest registered name has 45 bytes.
        if name.is_empty() || name.len() > 45 {
            return Self::Unknown;
        }
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        match plain.as_str() {
            "utf8" | "utf8mb4" | "unicode11utf8" | "unicode20utf8" | "xunicode20utf8" | "cp65001" | "65001" | "xutf8" | "csutf8"
            | "utf8bom" | "windows65001" => Self::Utf8,
            "utf7" | "unicode11utf7" | "csutf7" | "cp65000" | "xunicode20utf7" => Self::Utf7,
            "utf16" | "ucs2" | "unicode" | "csunicode" | "iso10646ucs2" | "csutf16" => Self::Utf16(None),
            "utf16le" | "ucs2le" | "unicodefeff" | "csutf16le" => Self::Utf16(Some(Order::Little)),
            "utf16be" | "ucs2be" | "unicodefffe" | "csutf16be" => Self::Utf16(Some(Order::Big)),
            "hzgb2312" | "hz" => Self::Hz,
            "iso2022kr" | "csiso2022kr" => Self::Iso2022Kr,
            "usascii" | "ascii" | "ansix341968" | "ansix34" | "iso646us" | "iso88591" | "latin1" | "l1" | "iso885915" | "latin9"
            | "windows1252" | "cp1252" | "win1252" | "ibm819" | "cp819" | "ansi" => {
                charset_decoder(name.as_bytes()).or_else(|| charset_decoder(b"windows-1252")).map_or(Self::Unknown, Self::Western)
            }
            _ => Self::tabled(name, &plain),
        }
    }

    fn tabled(name: &str, plain: &str) -> Self {
        let Some(decoder) = charset_decoder(name.as_bytes()).or_else(|| charset_decoder(alias(plain)?.as_bytes())) else {
            return Self::Unknown;
        };
        let multi = ["gb", "big5", "euc", "iso2022", "jis", "ks", "cp9", "ms9", "windows9", "windows31j", "chinese", "korean", "csiso2022"];
        match plain {
            "replacement" | "iso2022cn" | "iso2022cnext" => Self::Unknown,
            _ if multi.iter().any(|part| plain.contains(part)) => Self::Multi(decoder),
            _ => Self::Single(decoder),
        }
    }
}

/// The registered name for a name, without its punctuation, that programs use as well.
fn alias(plain: &str) -> Option<&'static str> {
    let number = plain.strip_prefix("windows").or_else(|| plain.strip_prefix("win")).or_else(|| plain.strip_prefix("ansi"));
    let number = number.or_else(|| plain.strip_prefix("xcp")).or_else(|| plain.strip_prefix("cp")).or_else(|| plain.strip_prefix("ibm"));
    Some(match number.unwrap_or(plain) {
        "1250" => "windows-1250",
        "1251" => "windows-1251",
        "1253" => "windows-1253",
        "1254" => "windows-1254",
        "1255" => "windows-1255",
        "1256" | "msarab" | "xwindows1256" | "arab" => "windows-1256",
        "1257" => "windows-1257",
        "1258" => "windows-1258",
        "874" | "tis620" | "iso885911" => "tis-620",
        "932" | "31j" | "shiftjis" | "xsjis" | "sjis" | "mskanji" | "943" | "943c" => "shift_jis",
        "936" | "gb231280" | "euccn" | "xeuccn" | "xgbk" | "1386" => "gbk",
        "949" | "uhc" | "ksc56011987" | "ksc5601" | "xwindows949" => "euc-kr",
        "950" | "xbig5" | "big5hkscs" => "big5",
        "51932" | "eucjp" | "ujis" => "euc-jp",
        "50220" | "50221" | "50222" | "iso2022jp1" | "iso2022jp2" | "iso2022jp3" | "iso2022jpms" => "iso-2022-jp",
        "20866" | "878" => "koi8-r",
        "21866" => "koi8-u",
        "28591" => "iso-8859-1",
        "28592" | "iso88592" => "iso-8859-2",
        "28595" | "iso88595" => "iso-8859-5",
        "28596" | "iso88596" | "iso885961987" | "1089" | "708" | "asmo708" => "iso-8859-6",
        "28597" | "iso88597" => "iso-8859-7",
        "28598" | "iso88598" | "iso88598i" => "iso-8859-8",
        "28599" | "iso88599" => "iso-8859-9",
        "850" => "ibm850",
        "866" => "ibm866",
        _ => return None,
    })
}

/// The text that the bytes are. `declared` is what the mail says, if it says something. Never fails: what can't be read
/// becomes U+FFFD.
pub fn decode<'a>(bytes: &'a [u8], declared: Option<&str>) -> Cow<'a, str> {
    let charset = declared.map_or(Charset::Unknown, Charset::named);
    if let Some(text) = by_mark(bytes) {
        return text;
    }
    if let Charset::Utf16(order) = charset
        && (!bytes.is_ascii() || bytes.contains(&0))
    {
        return Cow::Owned(utf_16(bytes, order.unwrap_or_else(|| likely_order(bytes))));
    }
    if bytes.is_ascii() {
        return ascii(bytes, charset);
    }
    match (charset, std::str::from_utf8(bytes)) {
        // Two letters of three bytes each are no accident, those of two bytes may be one.
        (Charset::Multi(decoder), Ok(text)) if text.chars().filter(|c| c.len_utf8() > 2).take(2).count() < 2 => {
            Cow::Owned(Some(decoder(bytes)).filter(|decoded| !decoded.contains('\u{FFFD}')).unwrap_or_else(|| text.to_owned()))
        }
        (Charset::Multi(decoder), Err(_)) => Cow::Owned(decoder(bytes)),
        (_, Ok(text)) => Cow::Borrowed(text),
        (Charset::Single(decoder), Err(_)) => Cow::Owned(single(bytes, decoder)),
        (Charset::Western(decoder), Err(_)) => guess(bytes, decoder, 4),
        (Charset::Utf8, Err(_)) => guess(bytes, mixed, 1),
        (_, Err(_)) => guess(bytes, windows_1252, 4),
    }
}

/// The text, when a byte order mark says what it is.
fn by_mark(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        [0xFF, 0xFE, rest @ ..] if rest.len() > 1 => Some(Cow::Owned(utf_16(rest, Order::Little))),
        [0xFE, 0xFF, rest @ ..] if rest.len() > 1 => Some(Cow::Owned(utf_16(rest, Order::Big))),
        _ => None,
    }
}

/// Seven-bit bytes: ASCII, or one of the charsets that hide in it.
fn ascii(bytes: &[u8], charset: Charset) -> Cow<'_, str> {
    match charset {
        Charset::Utf7 => Cow::Owned(utf_7(bytes)),
        Charset::Hz => Cow::Owned(shifted(bytes, b"~{", b"~}", b"gbk")),
        Charset::Iso2022Kr => Cow::Owned(shifted(bytes, b"\x0E", b"\x0F", b"euc-kr").replace("\u{1B}$)C", "")),
        Charset::Multi(decoder) if bytes.contains(&0x1B) => Cow::Owned(decoder(bytes)),
        _ if bytes.contains(&0x1B) && bytes.windows(3).any(|escape| escape == b"\x1B$B" || escape == b"\x1B$@") => {
            Cow::Owned(by_table(b"iso-2022-jp", bytes))
        }
        _ => std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed),
    }
}

/// The bytes between two shifts, with the eighth bit set, are those of another charset (RFC 1843, RFC 1557).
fn shifted(bytes: &[u8], into: &[u8], back: &[u8], charset: &[u8]) -> String {
    let mut plain = Vec::with_capacity(bytes.len());
    let (mut at, mut high) = (0, false);
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        if rest.starts_with(if high { back } else { into }) {
            at += if high { back.len() } else { into.len() };
            high = !high;
            continue;
        }
        let inside = high && (0x21..=0x7E).contains(byte);
        plain.push(if inside { byte | 0x80 } else { *byte });
        at += 1;
    }
    charset_decoder(charset).map_or_else(|| String::from_utf8_lossy(&plain).into_owned(), |decoder| decoder(&plain))
}

/// UTF-7 (RFC 2152).
fn utf_7(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(plus) = rest.iter().position(|byte| *byte == b'+') {
        text.push_str(&String::from_utf8_lossy(&rest[..plus]));
        rest = &rest[plus + 1..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'+' || **byte == b'/').count();
        let (shifted, after) = rest.split_at(length);
        if shifted.is_empty() {
            text.push('+');
        } else {
            let padding = &b"==="[..(4 - length % 4) % 4];
            // A last group of one letter holds no whole byte.
            let whole = if length % 4 == 1 { shifted[..length - 1].to_vec() } else { [shifted, padding].concat() };
            text.push_str(&utf_16(&base64_decode(&whole).unwrap_or_default(), Order::Big));
        }
        rest = after.strip_prefix(b"-").unwrap_or(after);
    }
    text.push_str(&String::from_utf8_lossy(rest));
    text
}

fn utf_16(bytes: &[u8], order: Order) -> String {
    let units = bytes.chunks_exact(2).map(|pair| match (pair, order) {
        ([high, low], Order::Big) | ([low, high], Order::Little) => u16::from_be_bytes([*high, *low]),
        _ => 0xFFFD,
    });
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).filter(|c| *c != '\u{FEFF}').collect()
}

/// In Latin and in Arabic text the upper byte is nearly always 0 or 6.
fn likely_order(bytes: &[u8]) -> Order {
    let upper = |place: usize| bytes.iter().skip(place).step_by(2).take(2_000).filter(|byte| matches!(**byte, 0 | 6)).count();
    if upper(1) > upper(0) { Order::Little } else { Order::Big }
}

fn windows_1252(bytes: &[u8]) -> String {
    by_table(b"windows-1252", bytes)
}

fn by_table(name: &[u8], bytes: &[u8]) -> String {
    charset_decoder(name).map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decoder| decoder(bytes))
}

/// The named single-byte charset, unless it can't be: there are bytes without a letter in it.
fn single(bytes: &[u8], decoder: DecoderFnc) -> String {
    let text = decoder(bytes);
    if !text.contains('\u{FFFD}') {
        return text;
    }
    if is_mostly_utf_8(bytes, 4) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    match arabic(bytes) {
        Some(name) => by_table(name, bytes),
        None => text,
    }
}

/// What bytes are that no name explains. `trust`: so many whole UTF-8 letters outweigh one broken one.
fn guess(bytes: &[u8], western: fn(&[u8]) -> String, trust: usize) -> Cow<'_, str> {
    if is_mostly_utf_8(bytes, trust) {
        return String::from_utf8_lossy(bytes);
    }
    Cow::Owned(match arabic(bytes).or_else(|| cyrillic(bytes)) {
        Some(name) => by_table(name, bytes),
        None => western(bytes),
    })
}

/// Western text in which something else was pasted as UTF-8.
fn mixed(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push_str(&windows_1252(chunk.invalid()));
        }
    }
    text
}

/// Whether a text is UTF-8 that was damaged or cut.
fn is_mostly_utf_8(bytes: &[u8], trust: usize) -> bool {
    let (mut whole, mut broken) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    // The last letter may be cut in two.
    let cut = bytes.utf8_chunks().last().is_some_and(|chunk| chunk.invalid().len() > 1 || chunk.invalid().first() >= Some(&0xC2));
    whole > 0 && (broken - usize::from(cut && broken > 0)) * trust <= whole
}

/// How often a byte is each letter of Arabic, in windows-1256 and in ISO-8859-6, in rough parts of a hundred; what is no
/// letter there counts against it.
const WINDOWS_1256: [i8; 128] = weights(&[
    (0xD8, 1),
    (0xD9, 1),
    (0xDA, 4),
    (0xDB, 1),
    (0xDC, 1),
    (0xDD, 3),
    (0xDE, 2),
    (0xDF, 3),
    (0xE1, 12),
    (0xE3, 6),
    (0xE4, 6),
    (0xE5, 5),
    (0xE6, 6),
    (0xEC, 2),
    (0xED, 7),
    (0xA1, 1),
    (0xBA, 0),
    (0xBF, 1),
    (0xF0, -2),
    (0xF1, -2),
    (0xF3, -2),
    (0xF5, -2),
    (0xF6, -2),
    (0xF8, -2),
    (0xFA, -2),
    (0x81, 1),
    (0x8D, 1),
    (0x90, 1),
    (0x98, 1),
    (0xA0, 0),
]);
const ISO_8859_6: [i8; 128] = weights(&[
    (0xD7, 1),
    (0xD8, 1),
    (0xD9, 4),
    (0xDA, 1),
    (0xE0, 1),
    (0xE1, 3),
    (0xE2, 2),
    (0xE3, 3),
    (0xE4, 12),
    (0xE5, 6),
    (0xE6, 6),
    (0xE7, 5),
    (0xE8, 6),
    (0xE9, 2),
    (0xEA, 7),
    (0xAC, 1),
    (0xBB, 0),
    (0xBF, 1),
    (0xEB, -2),
    (0xEC, -2),
    (0xED, -2),
    (0xEE, -2),
    (0xEF, -2),
    (0xF0, -2),
    (0xF1, -2),
    (0xF2, -2),
    (0xA0, 0),
]);
/// The letters that stand at the same place in both.
const IN_BOTH: [(u8, i8); 22] = [
    (0xC1, 1),
    (0xC2, 1),
    (0xC3, 2),
    (0xC4, 1),
    (0xC5, 1),
    (0xC6, 1),
    (0xC7, 12),
    (0xC8, 4),
    (0xC9, 3),
    (0xCA, 5),
    (0xCB, 1),
    (0xCC, 2),
    (0xCD, 2),
    (0xCE, 1),
    (0xCF, 3),
    (0xD0, 1),
    (0xD1, 5),
    (0xD2, 1),
    (0xD3, 3),
    (0xD4, 2),
    (0xD5, 2),
    (0xD6, 1),
];

const fn weights(others: &[(u8, i8)]) -> [i8; 128] {
    with(with([-6; 128], &IN_BOTH), others)
}

const fn with(mut weights: [i8; 128], letters: &[(u8, i8)]) -> [i8; 128] {
    let mut at = 0;
    while at < letters.len() {
        weights[letters[at].0 as usize - 128] = letters[at].1;
        at += 1;
    }
    weights
}

/// How many bytes beyond ASCII are looked at to guess by.
const SAMPLE: usize = 20_000;

/// The Arabic charset that the bytes are in, if they are: words of letters beyond ASCII, as frequent as in Arabic.
fn arabic(bytes: &[u8]) -> Option<&'static [u8]> {
    let high = high_in_words(bytes)?;
    let weigh = |weights: &[i8; 128]| high.iter().map(|byte| i64::from(weights[usize::from(*byte & 0x7F)])).sum::<i64>();
    let (windows, iso) = (weigh(&WINDOWS_1256), weigh(&ISO_8859_6));
    let enough = i64::try_from(high.len()).unwrap_or(i64::MAX).saturating_mul(2);
    // Hardly anybody writes ISO-8859-6 without naming it: it has to fit clearly better, and without a letter that is none of it.
    let fits = |weights: &[i8; 128]| high.iter().all(|byte| weights[usize::from(*byte & 0x7F)] > -6);
    let fits_better = !fits(&WINDOWS_1256) || (high.len() >= 8 && iso * 4 > windows * 5);
    if iso > enough && fits(&ISO_8859_6) && fits_better {
        return Some(b"iso-8859-6");
    }
    (windows > enough).then_some(b"windows-1256")
}

/// windows-1251 or KOI8-R: nearly all letters are the small ones, in the upper or in the lower half.
fn cyrillic(bytes: &[u8]) -> Option<&'static [u8]> {
    let high = high_in_words(bytes).filter(|high| high.len() >= 6)?;
    let share = |range: std::ops::RangeInclusive<u8>| high.iter().filter(|byte| range.contains(byte)).count() * 10 > high.len() * 6;
    if share(0xE0..=0xFF) {
        Some(b"windows-1251")
    } else if share(0xC0..=0xDF) {
        Some(b"koi8-r")
    } else {
        None
    }
}

/// The bytes beyond ASCII, when most of them stand beside each other, as they do in a script of its own.
fn high_in_words(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_high = |byte: Option<&u8>| byte.is_some_and(|byte| *byte >= 0x80);
    let mut beside = 0;
    let mut high = Vec::new();
    for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| **byte >= 0x80).take(SAMPLE) {
        beside += usize::from(is_high(bytes.get(at + 1)) || (at > 0 && is_high(bytes.get(at - 1))));
        high.push(*byte);
    }
    (high.len() >= 2 && beside * 4 > high.len() * 3).then_some(high)
}

/// The charset that an HTML text names in a `meta` tag near its beginning (HTML §13.2.3.2).
pub fn in_html(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..4_096).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    head.match_indices("<meta").find_map(|(at, _)| {
        let tag = head[at..].split('>').next().unwrap_or_default();
        let value = tag.split_once("charset")?.1.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
        let name: String = value.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_:.".contains(*c)).take(45).collect();
        (!name.is_empty()).then_some(name)
    })
}

/// Whether a name says nothing about bytes beyond ASCII: none, ASCII, or a name that nobody knows.
pub fn says_nothing(declared: Option<&str>) -> bool {
    match declared.map_or(Charset::Unknown, Charset::named) {
        Charset::Unknown => true,
        Charset::Western(_) => declared.is_some_and(|name| name.to_ascii_lowercase().contains("ascii")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO_1256: &[u8] = b"\xC7\xE1\xD3\xE1\xC7\xE3 \xDA\xE1\xED\xDF\xE3";
    const HELLO_8859_6: &[u8] = b"\xC7\xE4\xD3\xE4\xC7\xE5 \xD9\xE4\xEA\xE3\xE5";

    #[test]
    fn arabic_is_read_under_whatever_name() {
        for declared in [None, Some("us-ascii"), Some("iso-8859-1"), Some("utf-8"), Some("x-unknown"), Some("windows-1252")] {
            assert_eq!(decode(HELLO_1256, declared), "السلام عليكم", "{declared:?}");
            assert_eq!(decode(HELLO_8859_6, declared), "السلام عليكم", "{declared:?}");
            assert_eq!(decode("السلام عليكم".as_bytes(), declared), "السلام عليكم", "{declared:?}");
        }
        for name in ["windows-1256", "Windows1256", "CP1256", "x-cp1256", "win-1256", "\"windows-1256\"", "cp-1256", "ansi-1256"] {
            assert_eq!(decode(b"\xD8\xCE", Some(name)), "طخ", "{name}");
            assert_eq!(decode("طلب".as_bytes(), Some(name)), "طلب", "{name}");
        }
        assert_eq!(decode(HELLO_8859_6, Some("iso-8859-6")), "السلام عليكم");
        assert_eq!(decode(b"\xC7\xE1\xD3\xE1\xC7\xE3 \x93\xDA\xE1\xED\xDF\xE3\x94", Some("iso-8859-6")), "السلام “عليكم”");
    }

    #[test]
    fn other_languages_stay_what_they_are() {
        assert_eq!(decode(b"Gr\xFC\xDFe aus K\xF6ln", None), "Grüße aus Köln");
        assert_eq!(decode(b"d\xE9j\xE0 \xE9t\xE9 cr\xE9\xE9e", Some("utf-8")), "déjà été créée");
        assert_eq!(decode(b"\x93quoted\x94", Some("iso-8859-1")), "“quoted”");
        assert_eq!(decode(b"\xE4\xF6\xFC\xDF\xA4", Some("iso-8859-15")), "äöüß€");
        assert_eq!(decode(b"\xE9 \xC3\xA9 \xE8 \xE0", Some("utf-8")), "é é è à");
        assert_eq!(decode(b"\xCF\xF0\xE8\xE2\xE5\xF2, \xEC\xE8\xF0", None), "Привет, мир");
        assert_eq!(decode(b"\xF0\xD2\xC9\xD7\xC5\xD4 \xCD\xC9\xD2", None), "Привет мир");
        assert_eq!(decode(b"\xC4\xE3\xBA\xC3", Some("gb2312")), "你好");
        assert_eq!(decode("你好".as_bytes(), Some("gb2312")), "你好");
        assert_eq!(decode(b"\x1B$B%O%m!<\x1B(B", Some("iso-2022-jp")), "ハロー");
        assert_eq!(decode(b"\x1B$B%O%m!<\x1B(B", None), "ハロー");
        assert_eq!(decode(b"~{<:Ky2;~}.", Some("hz-gb-2312")), "己所不.");
        assert_eq!(decode(b"\x1B$)C\x0E>H3g\x0F!", Some("iso-2022-kr")), "안녕!");
    }

    #[test]
    fn utf_of_every_width_is_read() {
        assert_eq!(decode(b"+BkUGMQYtBigGJw-!", Some("utf-7")), "مرحبا!");
        assert_eq!(decode(b"1 +- 1, Hi Mom +Jjo--", Some("UTF-7")), "1 + 1, Hi Mom ☺-");
        let big: Vec<u8> = "طلب 1".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let little: Vec<u8> = "طلب 1".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&big, Some("utf-16")), "طلب 1");
        assert_eq!(decode(&little, Some("utf-16")), "طلب 1");
        assert_eq!(decode(&little, Some("utf-16le")), "طلب 1");
        assert_eq!(decode(&[b"\xFF\xFE", little.as_slice()].concat(), None), "طلب 1");
        assert_eq!(decode(b"plain", Some("utf-16")), "plain");
        assert_eq!(decode(b"\xEF\xBB\xBFx", None), "x");
    }

    #[test]
    fn damaged_utf_8_loses_only_what_is_damaged() {
        assert_eq!(decode(b"\xD8\xB7\xD9\x84\xD8\xA8 \xFF \xD8\xB7\xD9\x84", Some("utf-8")), "طلب \u{FFFD} طل");
        assert_eq!(decode(b"\xD8\xB7\xD9\x84\xD8", Some("utf-8")), "طل\u{FFFD}");
    }

    #[test]
    fn html_names_its_charset() {
        assert_eq!(in_html(b"<html><META http-equiv=\"x\" content=\"text/html; charset=windows-1256\">").as_deref(), Some("windows-1256"));
        assert_eq!(in_html(b"<meta name=x><meta charset='utf-8'/>").as_deref(), Some("utf-8"));
        assert_eq!(in_html(b"<p>charset=utf-8"), None);
        assert!(says_nothing(None) && says_nothing(Some("us-ascii")) && says_nothing(Some("x-y")) && !says_nothing(Some("utf-8")));
    }
}
