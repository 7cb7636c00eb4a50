//! Pictures and papers that the people of the story send: real files, drawn here.

use super::dice::Dice;
use bytes::Bytes;

/// The content of a file with this name.
pub(super) fn paper(name: &str, dice: &Dice) -> Bytes {
    if name.ends_with(".pdf") { pdf(dice.roll(100_000, 999_999)) } else { png(dice) }
}

/// The media type of a file with this name.
pub(super) fn media_type(name: &str) -> &'static str {
    if name.ends_with(".pdf") { "application/pdf" } else { "image/png" }
}

const WIDTH: u32 = 96;
const HEIGHT: u32 = 64;

/// A picture of a few hills in the evening (PNG, W3C Recommendation 24 June 2025: 8-bit RGB, one uncompressed block).
fn png(dice: &Dice) -> Bytes {
    let (dune, sun) = (dice.roll(20, 44), dice.roll(10, 80));
    let mut rows = Vec::new();
    for y in 0..u64::from(HEIGHT) {
        rows.push(0); // no filter
        for x in 0..u64::from(WIDTH) {
            let hill = dune + (x * (WIDTH as u64 - x)) / 160;
            let near_sun = x.abs_diff(sun).pow(2) + y.abs_diff(14).pow(2) < 60;
            rows.extend(if near_sun {
                [250, 214, 120]
            } else if y > 74 - hill.min(70) {
                [196, 154, 98]
            } else {
                [108 + u8::try_from(y).unwrap_or(0), 150, 190]
            });
        }
    }
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [&WIDTH.to_be_bytes()[..], &HEIGHT.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    for (kind, content) in [(b"IHDR", header), (b"IDAT", stored(&rows)), (b"IEND", Vec::new())] {
        picture.extend(u32::try_from(content.len()).unwrap_or(0).to_be_bytes());
        let begin = picture.len();
        picture.extend(kind);
        picture.extend(content);
        picture.extend(crc32(&picture[begin..]).to_be_bytes());
    }
    picture.into()
}

/// A zlib stream without compression (RFC 1950, RFC 1951 §3.2.4).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut chunks = bytes.chunks(0xFFFF).peekable();
    while let Some(chunk) = chunks.next() {
        let length = u16::try_from(chunk.len()).unwrap_or(0);
        stream.push(u8::from(chunks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(chunk);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    stream.extend((b << 16 | a).to_be_bytes());
    stream
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

/// A page with a number on it (PDF 1.4).
fn pdf(number: u64) -> Bytes {
    let drawn = format!("BT /F1 20 Tf 72 740 Td (Nada Al-Khair Society - sample paper) Tj 0 -40 Td (No. {number}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{drawn}\nendstream", drawn.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut paper = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(paper.len());
        paper += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let table = paper.len();
    paper += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    paper.extend(places.iter().map(|place| format!("{place:010} 00000 n \n")));
    paper += &format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    paper.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_what_they_are_called() {
        let dice = Dice::new(3);
        for (name, kind) in [("a.pdf", "application/pdf"), ("b.png", "image/png")] {
            assert_eq!(infer::get(&paper(name, &dice)).map(|found| found.mime_type()), Some(kind));
            assert_eq!(media_type(name), kind);
        }
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
