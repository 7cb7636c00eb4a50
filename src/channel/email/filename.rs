//! File names in several encoded pieces (RFC 2231 §3, §4), put together before they are decoded.
//!
//! The parser decodes piece by piece, and some programs cut inside an Arabic letter.

use mail_parser::decoders::charsets::map::charset_decoder;
use std::collections::BTreeMap;

/// At most so many pieces are put together.
const PIECES: u32 = 200;

/// The name in a `Content-Disposition` or `Content-Type` field that has it in pieces; `None` when there are none.
pub fn in_pieces(field: &[u8]) -> Option<String> {
    let field = String::from_utf8_lossy(field).replace(['\r', '\n'], "");
    let mut pieces: BTreeMap<u32, (bool, String)> = BTreeMap::new();
    for parameter in field.split(';').skip(1) {
        let Some((key, value)) = parameter.split_once('=') else { continue };
        let key = key.trim().to_ascii_lowercase();
        let Some(number) = key.strip_prefix("filename*").or_else(|| key.strip_prefix("name*")) else { continue };
        let encoded = number.ends_with('*');
        let Ok(number) = number.trim_end_matches('*').parse::<u32>() else { continue };
        if number < PIECES {
            pieces.entry(number).or_insert_with(|| (encoded, value.trim().trim_matches('"').to_owned()));
        }
    }
    let (_, first) = pieces.get(&0)?;
    let mut parts = first.splitn(3, '\'');
    let (charset, _, start) = (parts.next()?.to_owned(), parts.next()?, parts.next()?.to_owned());
    pieces.insert(0, (true, start));
    Some(decode(&charset, pieces.into_values()))
}

fn decode(charset: &str, pieces: impl Iterator<Item = (bool, String)>) -> String {
    let mut bytes: Vec<u8> = Vec::new();
    let mut encoded: Vec<u8> = Vec::new();
    for (is_encoded, piece) in pieces {
        if is_encoded {
            encoded.extend_from_slice(piece.as_bytes());
        } else {
            unescape(&encoded, &mut bytes);
            encoded.clear();
            bytes.extend_from_slice(piece.as_bytes());
        }
    }
    unescape(&encoded, &mut bytes);
    match charset_decoder(charset.as_bytes()) {
        Some(decoder) => decoder(&bytes),
        None => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

fn unescape(encoded: &[u8], bytes: &mut Vec<u8>) {
    let digit = |at: usize| encoded.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    let mut at = 0;
    while let Some(byte) = encoded.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high * 16 + low);
                at += 3;
            }
            _ => {
                bytes.push(*byte);
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cut_inside_a_letter_are_one_name() {
        let name = |field: &str| in_pieces(field.as_bytes());
        assert_eq!(name("attachment;\r\n filename*0*=utf-8''%D8;\r\n filename*1*=%AA.pdf").as_deref(), Some("ت.pdf"));
        assert_eq!(name("attachment; filename*0*=UTF-8'ar'%D; filename*1*=8%AA; filename*2=\".pdf\"").as_deref(), Some("ت.pdf"));
        assert_eq!(name("x/y; name*1*=%CA.txt; name*0*=windows-1256''%CA").as_deref(), Some("تت.txt"));
        assert_eq!(name("attachment; filename*0=\"a\"; filename*1=\"b\""), None);
        assert_eq!(name("attachment; filename=\"a;b\""), None);
    }
}
