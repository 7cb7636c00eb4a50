//! `winmail.dat` (application/ms-tnef), in which Outlook hides the files of a mail, and sometimes its text: \[MS-OXTNEF\].
//!
//! Every length in it is a claim: what reaches beyond the end ends the reading, and what was read so far counts.

use super::charset;

/// The first bytes (§2.1.3.1.1), little-endian.
const SIGNATURE: u32 = 0x223E_9F78;
/// At most so many files, and properties of one object.
const FILES: usize = 500;
const PROPERTIES: usize = 5_000;
/// The longest text that is unpacked, in bytes.
const UNPACKED: usize = 16 << 20;

/// What was in it.
#[derive(Default, Debug)]
pub struct Opened {
    pub text: Option<String>,
    pub html: Option<String>,
    pub rtf: Option<Vec<u8>>,
    pub files: Vec<File>,
}

/// A file in it. Without a name it has what the type tells.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct File {
    pub name: Option<String>,
    pub content_type: Option<String>,
    pub content_id: bool,
    pub bytes: Vec<u8>,
}

/// Opens it. `None` when it is something else.
pub fn open(raw: &[u8]) -> Option<Opened> {
    let mut rest = Cursor(raw);
    if rest.u32()? != SIGNATURE {
        return None;
    }
    rest.u16()?;
    let mut reading = Reading::default();
    while let Some(()) = reading.attribute(&mut rest) {}
    Some(reading.opened())
}

/// The attributes (§2.1.3.1): for a message level 1, for a file level 2.
mod attribute {
    pub const BODY: u32 = 0x0002_800C;
    pub const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
    pub const CODEPAGE: u32 = 0x0006_9007;
    pub const FILE_BEGINS: u32 = 0x0006_9002;
    pub const FILE_NAME: u32 = 0x0001_8010;
    pub const FILE_DATA: u32 = 0x0006_800F;
    pub const FILE_PROPERTIES: u32 = 0x0006_9005;
}

/// The properties (\[MS-OXPROPS\]) that matter here.
mod property {
    pub const BODY: u16 = 0x1000;
    pub const RTF: u16 = 0x1009;
    pub const HTML: u16 = 0x1013;
    pub const DISPLAY_NAME: u16 = 0x3001;
    pub const DATA: u16 = 0x3701;
    pub const SHORT_NAME: u16 = 0x3704;
    pub const LONG_NAME: u16 = 0x3707;
    pub const MIME_TAG: u16 = 0x370E;
    pub const CONTENT_ID: u16 = 0x3712;
    pub const INTERNET_CODEPAGE: u16 = 0x3FDE;
}

#[derive(Default)]
struct Reading {
    /// Of the eight-bit texts in it.
    codepage: Option<String>,
    opened: Opened,
    /// The best name of the file that is being read.
    named: u8,
    /// Whether there are too many files: what belongs to those is passed over.
    beyond: bool,
}

impl Reading {
    /// Reads one attribute; `None` at the end.
    fn attribute(&mut self, rest: &mut Cursor<'_>) -> Option<()> {
        let _level = rest.u8()?;
        let id = rest.u32()?;
        let length = rest.length()?;
        // The last one may have been cut off.
        let data = rest.take(length).unwrap_or_else(|| rest.all());
        let _checksum = rest.u16();
        match id {
            _ if self.beyond => {}
            attribute::CODEPAGE => self.codepage = Cursor(data).u32().map(|page| format!("windows-{page}")),
            attribute::BODY => self.opened.text = Some(self.text(data)),
            attribute::MESSAGE_PROPERTIES => self.message_properties(data),
            attribute::FILE_BEGINS => {
                self.named = 0;
                self.beyond = self.opened.files.len() >= FILES;
                if !self.beyond {
                    self.opened.files.push(File::default());
                }
            }
            attribute::FILE_NAME => self.name(1, self.text(data)),
            attribute::FILE_DATA => {
                if let Some(file) = self.opened.files.last_mut() {
                    file.bytes = data.to_vec();
                }
            }
            attribute::FILE_PROPERTIES => self.file_properties(data),
            _ => {}
        }
        Some(())
    }

    fn message_properties(&mut self, data: &[u8]) {
        let mut html: Option<Vec<u8>> = None;
        let mut codepage = None;
        each_property(data, |property| match (property.id, &property.value) {
            (property::BODY, value) => self.opened.text = Some(self.string(value)),
            (property::HTML, Value::Bytes(bytes) | Value::Text8(bytes)) => html = Some(bytes.to_vec()),
            (property::HTML, value) => self.opened.html = Some(self.string(value)),
            (property::RTF, Value::Bytes(bytes)) => self.opened.rtf = unpack(bytes),
            (property::INTERNET_CODEPAGE, Value::Number(page)) => codepage = Some(codepage_name(*page)),
            _ => {}
        });
        if let Some(bytes) = html {
            let declared = charset::in_html(&bytes).or(codepage).or_else(|| self.codepage.clone());
            self.opened.html = Some(charset::decode(&bytes, declared.as_deref()).into_owned());
        }
    }

    fn file_properties(&mut self, data: &[u8]) {
        let mut names: Vec<(u8, String)> = Vec::new();
        let Some(mut file) = self.opened.files.pop() else { return };
        each_property(data, |property| match (property.id, &property.value) {
            (property::LONG_NAME, value) => names.push((4, self.string(value))),
            (property::DISPLAY_NAME, value) => names.push((3, self.string(value))),
            (property::SHORT_NAME, value) => names.push((2, self.string(value))),
            (property::MIME_TAG, value) => {
                file.content_type = Some(self.string(value).to_ascii_lowercase()).filter(|kind| kind.contains('/'))
            }
            (property::CONTENT_ID, _) => file.content_id = true,
            (property::DATA, Value::Bytes(bytes)) if file.bytes.is_empty() => file.bytes = bytes.to_vec(),
            _ => {}
        });
        self.opened.files.push(file);
        for (rank, name) in names {
            self.name(rank, name);
        }
    }

    /// Names the file, unless a better name is known: the long one, the shown one, the one of eight letters, the title.
    fn name(&mut self, rank: u8, name: String) {
        if rank > self.named
            && !name.trim().is_empty()
            && let Some(file) = self.opened.files.last_mut()
        {
            file.name = Some(name);
            self.named = rank;
        }
    }

    fn text(&self, bytes: &[u8]) -> String {
        let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        charset::decode(bytes, self.codepage.as_deref()).into_owned()
    }

    fn string(&self, value: &Value<'_>) -> String {
        match value {
            Value::Text16(bytes) => {
                let units = bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).take_while(|unit| *unit != 0);
                char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect()
            }
            Value::Text8(bytes) | Value::Bytes(bytes) => self.text(bytes),
            Value::Number(_) | Value::Other => String::new(),
        }
    }

    fn opened(mut self) -> Opened {
        self.opened.files.retain(|file| !file.bytes.is_empty() || file.name.is_some());
        self.opened.text = self.opened.text.filter(|text| !text.trim().is_empty());
        self.opened.html = self.opened.html.filter(|html| !html.trim().is_empty());
        self.opened
    }
}

fn codepage_name(page: u32) -> String {
    format!("cp{page}")
}

struct Property<'a> {
    id: u16,
    value: Value<'a>,
}

enum Value<'a> {
    Text8(&'a [u8]),
    Text16(&'a [u8]),
    Bytes(&'a [u8]),
    Number(u32),
    Other,
}

/// Hands each property of a list (§2.1.3.4) to `with`, until the list ends or can't be followed.
fn each_property<'a>(data: &'a [u8], mut with: impl FnMut(Property<'a>)) {
    let mut rest = Cursor(data);
    let count = rest.length().unwrap_or(0).min(PROPERTIES);
    for _ in 0..count {
        let Some(property) = property(&mut rest) else { return };
        with(property);
    }
}

fn property<'a>(rest: &mut Cursor<'a>) -> Option<Property<'a>> {
    let kind = rest.u16()?;
    let id = rest.u16()?;
    if id >= 0x8000 {
        // A name: a GUID, then a number or a text.
        rest.take(16)?;
        match rest.u32()? {
            0 => rest.take(4)?,
            _ => rest.padded()?,
        };
    }
    let many = kind & 0x1000 != 0;
    let kind = kind & 0x0FFF;
    let size = match kind {
        0x02 | 0x03 | 0x04 | 0x0A | 0x0B => 4,
        0x05 | 0x06 | 0x07 | 0x14 | 0x40 => 8,
        0x48 => 16,
        0x0D | 0x1E | 0x1F | 0x102 => 0,
        _ => return None,
    };
    // Those of a variable length are always counted.
    let count = if many || size == 0 { rest.length()? } else { 1 };
    let mut value = Value::Other;
    for _ in 0..count {
        value = match (kind, size) {
            (_, 4) => Value::Number(rest.u32()?),
            (0x0D, _) => Value::Bytes(rest.padded()?.get(16..)?),
            (0x1E, 0) => Value::Text8(rest.padded()?),
            (0x1F, 0) => Value::Text16(rest.padded()?),
            (0x102, 0) => Value::Bytes(rest.padded()?),
            _ => {
                rest.take(size)?;
                Value::Other
            }
        };
    }
    Some(Property { id, value })
}

/// What is left to read; all numbers are little-endian.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn all(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }

    /// A length, so many bytes, and what fills them up to a multiple of four.
    fn padded(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        let taken = self.take(length)?;
        let padding = (4 - length % 4) % 4;
        self.0 = self.0.get(padding..).unwrap_or_default();
        Some(taken)
    }
}

/// What the window holds before anything was written (\[MS-OXRTFCP\] §2.1.3.1.1).
const PREFILLED: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// Unpacks compressed RTF (\[MS-OXRTFCP\] §2.2).
fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut rest = Cursor(packed);
    let _packed_size = rest.u32()?;
    let size = rest.length()?.min(UNPACKED);
    let kind = rest.u32()?;
    let _crc = rest.u32()?;
    match kind {
        0x414C_454D => return rest.0.get(..size.min(rest.0.len())).map(<[u8]>::to_vec),
        0x7546_5A4C => {}
        _ => return None,
    }
    let mut window = [b' '; 4_096];
    window[..PREFILLED.len()].copy_from_slice(PREFILLED);
    let mut at = PREFILLED.len();
    let mut unpacked = Vec::with_capacity(size.min(64 << 10));
    while let Some(flags) = rest.u8() {
        for bit in 0..8 {
            let Some(first) = rest.u8().filter(|_| unpacked.len() < size) else { return Some(unpacked) };
            let (from, length) = if flags >> bit & 1 == 0 {
                window[at] = first;
                (at, 1)
            } else {
                let Some(second) = rest.u8() else { return Some(unpacked) };
                let reference = u16::from_be_bytes([first, second]);
                let from = usize::from(reference >> 4);
                // A reference to where we are is the end.
                if from == at {
                    return Some(unpacked);
                }
                (from, usize::from(reference & 0x0F) + 2)
            };
            for step in 0..length {
                let byte = window[(from + step) % window.len()];
                window[at] = byte;
                at = (at + 1) % window.len();
                unpacked.push(byte);
            }
        }
    }
    Some(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
        let sum = data.iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        [&[level][..], &id.to_le_bytes(), &u32::try_from(data.len()).unwrap().to_le_bytes(), data, &sum.to_le_bytes()].concat()
    }

    fn variable(kind: u16, id: u16, data: &[u8]) -> Vec<u8> {
        let padding = vec![0; (4 - data.len() % 4) % 4];
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        [&kind.to_le_bytes()[..], &id.to_le_bytes(), &1u32.to_le_bytes(), &length, data, &padding].concat()
    }

    fn utf_16(text: &str) -> Vec<u8> {
        text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
    }

    fn winmail() -> Vec<u8> {
        let named = [
            &0x001Eu16.to_le_bytes()[..],
            &0x8001u16.to_le_bytes(),
            &[7; 16],
            &1u32.to_le_bytes(),
            &6u32.to_le_bytes(),
            b"a\0b\0\0\0\0\0",
            &1u32.to_le_bytes(),
            &2u32.to_le_bytes(),
            b"x\0\0\0",
        ]
        .concat();
        let properties =
            [&3u32.to_le_bytes()[..], &named, &variable(0x1F, 0x1000, &utf_16("نص الرسالة")), &[0x03, 0, 0xDE, 0x3F, 0xE8, 4, 0, 0]]
                .concat();
        let file =
            [&2u32.to_le_bytes()[..], &variable(0x1F, 0x3707, &utf_16("تقرير طويل.pdf")), &variable(0x1E, 0x370E, b"application/pdf\0")]
                .concat();
        [
            &SIGNATURE.to_le_bytes()[..],
            &[1, 0],
            &attribute(1, attribute::CODEPAGE, &1256u32.to_le_bytes()),
            &attribute(1, attribute::MESSAGE_PROPERTIES, &properties),
            &attribute(2, attribute::FILE_BEGINS, &[0; 14]),
            &attribute(2, attribute::FILE_NAME, b"\xCA\xDE.pdf\0"),
            &attribute(2, attribute::FILE_DATA, b"%PDF-1.4"),
            &attribute(2, attribute::FILE_PROPERTIES, &file),
            &attribute(2, attribute::FILE_BEGINS, &[0; 14]),
            &attribute(2, attribute::FILE_NAME, b"\xCA\xDE.txt\0"),
            &attribute(2, attribute::FILE_DATA, b"second"),
        ]
        .concat()
    }

    #[test]
    fn text_and_files_are_found() {
        let opened = open(&winmail()).unwrap();
        assert_eq!(opened.text.as_deref(), Some("نص الرسالة"));
        let seen: Vec<_> =
            opened.files.iter().map(|file| (file.name.as_deref().unwrap(), file.content_type.as_deref(), file.bytes.as_slice())).collect();
        assert_eq!(seen, [("تقرير طويل.pdf", Some("application/pdf"), &b"%PDF-1.4"[..]), ("تق.txt", None, b"second")]);
        assert!(open(b"PK\x03\x04").is_none() && open(b"").is_none());
    }

    #[test]
    fn whatever_is_cut_or_changed_is_read_as_far_as_it_goes() {
        let whole = winmail();
        for end in 0..whole.len() {
            let _ = open(&whole[..end]);
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] = 0xFF;
            let _ = open(&changed);
        }
        let many = [&SIGNATURE.to_le_bytes()[..], &[1, 0], &attribute(2, attribute::FILE_BEGINS, &[]).repeat(100_000)].concat();
        assert!(open(&many).unwrap().files.is_empty());
    }

    #[test]
    fn packed_text_is_unpacked() {
        // The example of [MS-OXRTFCP] §4.1.1.
        let packed = b"\x2d\x00\x00\x00\x2b\x00\x00\x00LZFu\xf1\xc5\xc7\xa7\x03\x00\x0a\x00rcpg125\x42\x32\x0a\xf3 hel\x09\x00 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        assert_eq!(unpack(packed).as_deref(), Some(&b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"[..]));
        assert_eq!(unpack(b"\0\0\0\0\x03\0\0\0MELA\0\0\0\0abcd").as_deref(), Some(&b"abc"[..]));
    }
}
