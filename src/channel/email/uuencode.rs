//! Files in a text body between `begin 644 name` and `end` (POSIX `uuencode`): they become attachments and leave the text.

/// At most so many files are taken out of one text.
const FILES: usize = 100;
/// The longest line of data: a length letter and 60 letters, with room for a checksum.
const LINE: usize = 90;

/// A file that stood in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// Empty when it has none.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The text without the files in it, and the files. `None` when there are none.
pub fn take_out(text: &str) -> Option<(String, Vec<File>)> {
    if !text.starts_with("begin ") && !text.contains("\nbegin ") {
        return None;
    }
    let mut kept = String::with_capacity(text.len());
    let mut files = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if files.len() < FILES
            && let Some((file, after)) = file_at(rest)
        {
            files.push(file);
            rest = after;
            continue;
        }
        let (line, after) = line_of(rest);
        kept.push_str(line);
        rest = after;
    }
    (!files.is_empty()).then_some((kept, files))
}

/// The first file in bytes that are said to be encoded so.
pub fn decode_file(bytes: &[u8]) -> Option<Vec<u8>> {
    take_out(&String::from_utf8_lossy(bytes)).and_then(|(_, files)| files.into_iter().next()).map(|file| file.bytes)
}

/// The first line with its end, and what follows it.
fn line_of(text: &str) -> (&str, &str) {
    text.split_at(text.find('\n').map_or(text.len(), |at| at + 1))
}

/// The file that begins at the beginning, and the text after it. A file whose end is missing must reach to the end of
/// the text.
fn file_at(text: &str) -> Option<(File, &str)> {
    let (first, mut rest) = line_of(text);
    let name = name_in(first)?;
    let blank_from = text.len() - text.trim_end().len();
    let mut bytes = Vec::new();
    loop {
        let (line, after) = line_of(rest);
        let line = line.trim_end_matches(['\r', '\n']);
        if line == "end" {
            break (!bytes.is_empty()).then_some((File { name, bytes }, after));
        }
        if rest.len() <= blank_from {
            break (!bytes.is_empty()).then_some((File { name, bytes }, ""));
        }
        decode_line(line, &mut bytes)?;
        rest = after;
    }
}

/// `begin`, three or four octal digits, a name, which may be missing.
fn name_in(line: &str) -> Option<String> {
    let rest = line.strip_prefix("begin ")?.trim();
    let (mode, name) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_mode = (3..=4).contains(&mode.len()) && mode.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    is_mode.then(|| name.trim().to_owned())
}

/// Adds what a line stands for; `None` when it is no such line. Blanks at its end may have been cut off on the way.
fn decode_line(line: &str, decoded: &mut Vec<u8>) -> Option<()> {
    let (length, data) = line.as_bytes().split_first()?;
    let length = usize::from(value(*length)?);
    let letters = length.div_ceil(3) * 4;
    if line.len() > LINE || data.len() > letters + 2 || data.len() + 4 < letters {
        return None;
    }
    let end = decoded.len() + length;
    for group in 0..letters / 4 {
        let at = |place: usize| data.get(group * 4 + place).map_or(Some(0), |letter| value(*letter)).map(u32::from);
        let bits = at(0)? << 18 | at(1)? << 12 | at(2)? << 6 | at(3)?;
        decoded.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
    decoded.truncate(end);
    Some(())
}

/// The six bits of a letter; the blank and the backquote are both zero.
fn value(letter: u8) -> Option<u8> {
    (b' '..=b'`').contains(&letter).then(|| (letter - b' ') & 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAT: &str = "begin 644 cat.txt\n#0V%T\n`\nend\n";

    #[test]
    fn files_leave_the_text() {
        let file = File { name: "cat.txt".into(), bytes: b"Cat".to_vec() };
        assert_eq!(take_out(&format!("before\n\n{CAT}after")), Some(("before\n\nafter".into(), vec![file.clone()])));
        assert_eq!(take_out(&CAT.replace('\n', "\r\n")), Some((String::new(), vec![file.clone()])));
        assert_eq!(take_out("x\nbegin 0644 cat.txt\n#0V%T\n"), Some(("x\n".into(), vec![file])));
        assert_eq!(
            take_out("begin 644\n#0V%T\nend\n").map(|(_, files)| files),
            Some(vec![File { name: String::new(), bytes: b"Cat".to_vec() }])
        );
        assert_eq!(decode_file(CAT.as_bytes()), Some(b"Cat".to_vec()));
    }

    #[test]
    fn prose_stays() {
        for text in [
            "begin 644 cat.txt\nthis is prose, no data\nend\n",
            "begin the day\n",
            "We\nbegin 644\n",
            "begin 999 x\n#0V%T\nend\n",
            "begin 644 empty\nend\n",
        ] {
            assert_eq!(take_out(text), None, "{text}");
        }
    }
}
