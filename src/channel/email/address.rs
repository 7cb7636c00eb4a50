//! Lists of addresses (RFC 5322 §3.4) as programs and people write them.
//!
//! Names are cut out before their encoded words are read, so that a comma in a name is part of it.

use super::words;

/// At most so many addresses of one field.
const ADDRESSES: usize = 500;
/// The longest address that is looked at, in bytes (RFC 5321 §4.5.3.1 allows 254).
const ADDRESS: usize = 1_000;

/// An address with the name beside it, both as written. Without an address only a name stood there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    pub name: Option<String>,
    pub address: String,
}

/// The addresses in a field. `beside` is the charset that the mail names elsewhere.
pub fn list(value: &[u8], beside: Option<&str>) -> Vec<Named> {
    let value = words::unfold(value);
    let mut people: Vec<Named> = Vec::new();
    let mut pending: Option<Entry> = None;
    for entry in entries(&value) {
        // "Doe, John <john@example.com>" without quotation marks is one person.
        let entry = match pending.take() {
            Some(before) if entry.angle.is_some() && !entry.phrase.is_empty() => entry.after(before),
            Some(before) => {
                people.extend(before.named(beside));
                entry
            }
            None => entry,
        };
        if entry.is_name_only() {
            pending = Some(entry);
        } else {
            people.extend(entry.named(beside));
        }
        if people.len() >= ADDRESSES {
            return people;
        }
    }
    people.extend(pending.and_then(|entry| entry.named(beside)));
    people
}

/// What stands between two commas.
#[derive(Default)]
struct Entry {
    /// Outside of angle brackets and comments, without quotation marks.
    phrase: Vec<u8>,
    /// The same as written.
    bare: Vec<u8>,
    comment: Vec<u8>,
    /// Inside angle brackets.
    angle: Option<Vec<u8>>,
    /// Whether all of the phrase was quoted.
    quoted: bool,
    /// How much of the phrase stands before the brackets.
    named_before: usize,
}

impl Entry {
    fn push(&mut self, byte: u8) {
        self.phrase.push(byte);
        self.bare.push(byte);
        self.quoted &= byte.is_ascii_whitespace();
    }

    /// The one whose name stands behind the brackets of this one, if this one had an address in them.
    fn next_person(&mut self) -> Option<Self> {
        self.angle.as_ref().filter(|angle| angle.contains(&b'@'))?;
        let phrase = self.phrase.split_off(self.named_before.min(self.phrase.len()));
        Some(Self { bare: phrase.clone(), phrase, ..Self::default() })
    }

    fn is_empty(&self) -> bool {
        self.bare.trim_ascii().is_empty() && self.angle.is_none() && self.comment.is_empty()
    }

    fn is_name_only(&self) -> bool {
        self.angle.is_none() && !self.bare.contains(&b'@') && !self.quoted
    }

    fn after(mut self, mut before: Self) -> Self {
        before.phrase.extend_from_slice(b", ");
        before.phrase.extend_from_slice(self.phrase.trim_ascii_start());
        self.phrase = before.phrase;
        self
    }

    fn named(self, beside: Option<&str>) -> Option<Named> {
        let name = clean_name(&words::decode(&self.phrase, beside));
        let comment = || clean_name(&words::decode(&self.comment, beside)).filter(|comment| !comment.is_empty());
        let angle = self.angle.as_deref().map(|angle| address_in(&words::decode(angle, beside))).unwrap_or_default();
        if !angle.is_empty() {
            return Some(Named { name: name.or_else(comment), address: angle });
        }
        if self.bare.contains(&b'@') || name.as_deref().is_some_and(|name| name.contains('@')) {
            let bare = String::from_utf8_lossy(&self.bare).into_owned();
            let text = if bare.trim_start().starts_with('"') && bare.contains("\"@") { bare } else { name.clone().unwrap_or_default() };
            if let Some(mut named) = in_text(&text) {
                named.name = named.name.or_else(comment);
                return Some(named);
            }
        }
        let name = name.or_else(comment)?;
        Some(Named { name: Some(name), address: String::new() })
    }
}

/// A name without the quotation marks and blanks around it.
fn clean_name(name: &str) -> Option<String> {
    let mut name = name.trim();
    for mark in ['"', '\''] {
        if let Some(inside) = name.strip_prefix(mark).and_then(|name| name.strip_suffix(mark)) {
            name = inside.trim();
        }
    }
    (!name.is_empty()).then(|| name.to_owned())
}

/// The address in angle brackets, without a route (RFC 5322 §4.4), a scheme, or blanks and quotation marks around it.
fn address_in(text: &str) -> String {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || "<>'".contains(c));
    let text = text.strip_prefix("mailto:").or_else(|| text.strip_prefix("MAILTO:")).unwrap_or(text);
    let text = match text.strip_prefix('@').and_then(|_| text.split_once(':')) {
        Some((_, address)) => address,
        None => text,
    };
    let unquoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let quoted_local = unquoted.starts_with('"');
    let kept = unquoted.chars().filter(|c| quoted_local || !c.is_whitespace()).take(ADDRESS);
    kept.collect::<String>().trim_matches(['\'', '.', ',', ';', ' ']).to_owned()
}

/// The address that stands in a text, in brackets or bare, and the rest as its name.
fn in_text(text: &str) -> Option<Named> {
    if let Some((before, after)) = text.rsplit_once('<')
        && let Some(inside) = after.split('>').next().filter(|inside| inside.contains('@'))
    {
        return Some(Named { name: clean_name(before), address: address_in(inside) });
    }
    let text = text.trim();
    if text.starts_with('"') {
        let address = address_in(text);
        return address.contains('@').then_some(Named { name: None, address });
    }
    // Blanks around the sign belong to nobody.
    let joined;
    let text = if text.contains(" @") || text.contains("@ ") {
        joined = text.replace(" @", "@").replace("@ ", "@");
        joined.as_str()
    } else {
        text
    };
    let marks = ['<', '>', '[', ']', '(', ')', '\'', '"', ',', ';', ':', '.'];
    let word = text.split_whitespace().find(|word| word.trim_matches(marks).contains('@'))?;
    let at = text.find(word)?;
    let rest = format!("{} {}", &text[..at], &text[at + word.len()..]);
    let address = address_in(word.trim_matches(marks));
    (address.len() > 2).then(|| Named { name: clean_name(rest.trim_matches(|c: char| c.is_whitespace() || "<>()[]".contains(c))), address })
}

/// Cuts a field into its entries; the names of groups go.
fn entries(value: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut entry = Entry::default();
    let mut closing = Closing::default();
    let mut at = 0;
    while let (Some(byte), true) = (value.get(at), entries.len() <= 2 * ADDRESSES) {
        let mut next = at + 1;
        match byte {
            b'"' => {
                if let Some(end) = closing.quoted_end(value, at) {
                    entry.quoted = entry.bare.trim_ascii().is_empty();
                    entry.bare.extend_from_slice(&value[at..end]);
                    entry.phrase.extend(unescaped(&value[at + 1..end - 1]));
                    next = end;
                }
            }
            b'(' => match closing.comment_end(value, at) {
                Some(end) => {
                    if !entry.comment.is_empty() {
                        entry.comment.push(b' ');
                    }
                    entry.comment.extend(unescaped(&value[at + 1..end - 1]));
                    next = end;
                }
                None => entry.push(*byte),
            },
            b'<' => {
                let (angle, end) = angle_at(value, at, &mut closing);
                // Two persons without a comma between them.
                if angle.contains(&b'@')
                    && let Some(after) = entry.next_person()
                {
                    entries.push(std::mem::replace(&mut entry, after));
                }
                entry.named_before = entry.phrase.len();
                // The last brackets with an address in them are the ones.
                if entry.angle.as_ref().is_none_or(|known| angle.contains(&b'@') || !known.contains(&b'@')) {
                    entry.angle = Some(angle.to_vec());
                }
                next = end;
            }
            b',' | b';' => {
                let ended = std::mem::take(&mut entry);
                if !ended.is_empty() {
                    entries.push(ended);
                }
            }
            // The name of a group (RFC 5322 §3.4), or a scheme.
            b':' if entry.angle.is_none() && !entry.bare.contains(&b'@') => entry = Entry::default(),
            _ => entry.push(*byte),
        }
        at = next;
    }
    if !entry.is_empty() {
        entries.push(entry);
    }
    entries
}

/// What stands in the angle brackets that open at `at`, and where it goes on. Without a closing bracket it ends at the
/// next comma.
fn angle_at<'a>(value: &'a [u8], at: usize, closing: &mut Closing) -> (&'a [u8], usize) {
    let begin = at + value[at..].iter().take_while(|byte| **byte == b'<').count();
    let mut end = begin;
    let mut comma = None;
    while let Some(byte) = value.get(end) {
        match byte {
            b'>' => {
                let after = end + value[end..].iter().take_while(|byte| **byte == b'>').count();
                return (&value[begin..end], after);
            }
            b'"' => {
                end = closing.quoted_end(value, end).unwrap_or(end + 1);
                continue;
            }
            b'<' => break,
            b',' if comma.is_none() => comma = Some(end),
            _ => {}
        }
        end += 1;
    }
    let end = comma.unwrap_or(end);
    (&value[begin..end], end)
}

/// Finds the ends of quoted strings and comments. One that is never closed is no such thing, and then nobody looks for
/// the end of another one, so that the work grows with the length only.
#[derive(Default)]
pub struct Closing {
    open_quote: bool,
    open_comment: bool,
}

impl Closing {
    /// Behind the quotation mark that closes the one at `at` (RFC 5322 §3.2.4).
    pub fn quoted_end(&mut self, value: &[u8], at: usize) -> Option<usize> {
        let mut end = at + 1;
        while let (Some(byte), false) = (value.get(end), self.open_quote) {
            match byte {
                b'\\' => end += 1,
                b'"' => return Some(end + 1),
                _ => {}
            }
            end += 1;
        }
        self.open_quote = true;
        None
    }

    /// Behind the parenthesis that closes the one that opens at `at` (RFC 5322 §3.2.2: they nest).
    pub fn comment_end(&mut self, value: &[u8], at: usize) -> Option<usize> {
        let (mut depth, mut end) = (0usize, at);
        while let (Some(byte), false) = (value.get(end), self.open_comment) {
            match byte {
                b'\\' => end += 1,
                b'(' => depth += 1,
                b')' if depth == 1 => return Some(end + 1),
                b')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            end += 1;
        }
        self.open_comment = true;
        None
    }
}

/// Without the backslashes that quote a letter (RFC 5322 §3.2.1).
pub fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut escaped = false;
    for byte in text {
        if *byte == b'\\' && !escaped {
            escaped = true;
            continue;
        }
        plain.push(*byte);
        escaped = false;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(value: &str) -> Vec<(String, String)> {
        list(value.as_bytes(), None).into_iter().map(|named| (named.name.unwrap_or_default(), named.address)).collect()
    }

    #[test]
    fn one_person_is_found_however_written() {
        for (value, name, address) in [
            ("ali@example.com", "", "ali@example.com"),
            ("Ali Omar <ali@example.com>", "Ali Omar", "ali@example.com"),
            ("<ali@example.com> (Ali (Omar))", "Ali (Omar)", "ali@example.com"),
            ("ali@example.com (Ali)", "Ali", "ali@example.com"),
            ("\"Omar, Ali\" <ali@example.com>", "Omar, Ali", "ali@example.com"),
            ("Omar, Ali <ali@example.com>", "Omar, Ali", "ali@example.com"),
            ("=?utf-8?Q?Omar=2C_Ali?= <ali@example.com>", "Omar, Ali", "ali@example.com"),
            ("\"=?utf-8?B?2LnZhNmK?=\" <ali@example.com>", "علي", "ali@example.com"),
            ("\"ali@example.com\"", "", "ali@example.com"),
            ("\"Ali <ali@example.com>\"", "Ali", "ali@example.com"),
            ("=?utf-8?Q?Ali_=3Cali=40example.com=3E?=", "Ali", "ali@example.com"),
            ("'Ali' <'ali@example.com'>", "Ali", "ali@example.com"),
            ("\"ali@example.com\" <ali@example.com>", "ali@example.com", "ali@example.com"),
            ("Ali ali@example.com", "Ali", "ali@example.com"),
            ("Ali <ali@example.com", "Ali", "ali@example.com"),
            ("Ali <<ali@example.com>>", "Ali", "ali@example.com"),
            ("Ali <ali @ example.com >", "Ali", "ali@example.com"),
            ("ali @ example.com", "", "ali@example.com"),
            ("Ali [mailto:ali@example.com]", "Ali [mailto:ali@example.com]", ""),
            ("<@relay.example,@b:ali@example.com>", "", "ali@example.com"),
            ("<mailto:ali@example.com>", "", "ali@example.com"),
            ("mailto:ali@example.com", "", "ali@example.com"),
            ("\"john doe\"@example.com", "", "\"john doe\"@example.com"),
            ("Ali \"the \\\"one\\\"\" Omar <ali@example.com>", "Ali the \"one\" Omar", "ali@example.com"),
            ("\"Ali <ali@example.com>", "Ali", "ali@example.com"),
            ("Ali", "Ali", ""),
            ("Ali <>", "Ali", ""),
            ("علي <ali@example.com>", "علي", "ali@example.com"),
        ] {
            let expected = if value.contains("mailto:ali@example.com]") { continue } else { vec![(name.to_owned(), address.to_owned())] };
            assert_eq!(pairs(value), expected, "{value}");
        }
    }

    #[test]
    fn lists_and_groups_are_taken_apart() {
        let addresses = |value: &str| pairs(value).into_iter().map(|(_, address)| address).collect::<Vec<_>>();
        for value in [
            "a@b.sa, c@d.sa",
            "a@b.sa; c@d.sa",
            "Group: a@b.sa, C <c@d.sa>;",
            "<a@b.sa>,,<c@d.sa>",
            "A <a@b.sa> , (x) c@d.sa",
            "A <a@b.sa, C <c@d.sa>",
            "A <a@b.sa> C <c@d.sa>",
        ] {
            assert_eq!(addresses(value), ["a@b.sa", "c@d.sa"], "{value}");
        }
        assert!(pairs("undisclosed-recipients:;").is_empty());
        assert!(pairs("").is_empty() && pairs(" , ;").is_empty());
        assert_eq!(list("a@b.sa,".repeat(100_000).as_bytes(), None).len(), ADDRESSES);
    }
}
