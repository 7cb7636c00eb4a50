//! Message-IDs (RFC 5322 §3.6.4) in the forms in which programs hand them on.

use super::words;

/// At most so many ids of a thread are looked at.
const IDS: usize = 500;
/// The longest id, in bytes.
const LONGEST: usize = 900;

/// The ids in a field, in order, without brackets. What is not in brackets counts only when nothing is, and when it has
/// an at sign: `In-Reply-To` may also be a sentence (RFC 822 §4.6.2).
pub fn list(value: &[u8]) -> Vec<String> {
    let text = text(value);
    let bracketed: Vec<String> = brackets(&text).filter_map(clean).take(IDS).collect();
    if !bracketed.is_empty() {
        return bracketed;
    }
    let bare = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '"' | '(' | ')'));
    bare.filter(|word| word.contains('@')).filter_map(clean).take(IDS).collect()
}

/// The id of a mail itself, with or without brackets.
pub fn own(value: &[u8]) -> Option<String> {
    let text = text(value);
    // Whatever stands between the outer brackets, if it is one word.
    let whole = text.trim().strip_prefix('<').and_then(|text| text.strip_suffix('>'));
    let whole = whole.filter(|id| !id.contains(char::is_whitespace) && !id.contains("><"));
    whole.and_then(clean).or_else(|| brackets(&text).find_map(clean)).or_else(|| {
        let bare = text.trim().trim_matches(['<', '>']);
        // Comments and words beside it are no id.
        let mut words = bare.split_whitespace();
        let first = words.next()?;
        match words.next() {
            None => clean(first),
            Some(_) => bare.split_whitespace().find(|word| word.contains('@')).and_then(clean),
        }
    })
}

fn text(value: &[u8]) -> String {
    if value.windows(2).any(|two| two == b"=?") {
        return words::decode(value, None);
    }
    String::from_utf8_lossy(&words::unfold(value)).into_owned()
}

/// What stands behind each opening bracket, up to the closing one; without one, the first word.
fn brackets(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').skip(1).filter_map(|piece| match piece.split_once('>') {
        Some((id, _)) => (id.contains('@') || !id.trim().contains(' ')).then_some(id),
        None => piece.split_whitespace().next(),
    })
}

/// Without the blanks that folding put into it.
fn clean(id: &str) -> Option<String> {
    if id.len() > 2 * LONGEST {
        return None;
    }
    let id: String = id.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let id = id.trim_matches(['<', '>', ',', ';']);
    let id = id.strip_prefix('"').and_then(|id| id.strip_suffix('"')).unwrap_or(id);
    (1..=LONGEST).contains(&id.len()).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_however_they_are_strung_together() {
        for (value, expected) in [
            ("<a@b> <c@d>", vec!["a@b", "c@d"]),
            ("<a@b><c@d>", vec!["a@b", "c@d"]),
            ("<a@b>,\r\n\t<c@d>", vec!["a@b", "c@d"]),
            ("<a@\r\n b> <c@d x", vec!["a@b", "c@d"]),
            ("<a@b <c@d>", vec!["a@b", "c@d"]),
            ("a@b c@d", vec!["a@b", "c@d"]),
            ("Your message of Tuesday \"x\" <a@b>", vec!["a@b"]),
            ("Your message of Tuesday", vec![]),
            ("=?us-ascii?Q?=3Ca=40b=3E?=", vec!["a@b"]),
            ("<no-domain>", vec!["no-domain"]),
            ("<\"a\"@b>", vec!["\"a\"@b"]),
            ("<> < >", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(list(value.as_bytes()), expected, "{value}");
        }
        assert_eq!(list("<a@b> ".repeat(100_000).as_bytes()).len(), IDS);
    }

    #[test]
    fn an_id_of_its_own_may_stand_bare() {
        for (value, expected) in [
            ("<a@b>", Some("a@b")),
            (" a@b ", Some("a@b")),
            ("ABC123", Some("ABC123")),
            ("<a b@c>", Some("ab@c")),
            ("<a@b> (added by x@y)", Some("a@b")),
            ("id a@b", Some("a@b")),
            ("no id here", None),
            ("<a<b>c@d>", Some("a<b>c@d")),
            ("<a@b><c@d>", Some("a@b")),
            ("<>", None),
            ("", None),
        ] {
            assert_eq!(own(value.as_bytes()).as_deref(), expected, "{value}");
        }
    }
}
