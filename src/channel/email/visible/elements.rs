//! The elements of HTML, by how they stand in the text.

/// An element's name: its first eight letters, in lower case, as a number.
pub type Key = u64;

/// The key of a name in any case.
pub const fn key(name: &[u8]) -> Key {
    let (mut key, mut rest, mut left) = (0, name, 8);
    while let [letter, others @ ..] = rest {
        if left == 0 {
            break;
        }
        key = key << 8 | letter.to_ascii_lowercase() as u64;
        (rest, left) = (others, left - 1);
    }
    key
}

const fn keys<const N: usize>(names: [&str; N]) -> [Key; N] {
    let mut keys = [0; N];
    let mut at = 0;
    while at < N {
        keys[at] = key(names[at].as_bytes());
        at += 1;
    }
    keys
}

/// How an element stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Inline,
    /// Begins and ends a line.
    Block,
    /// An empty line around it.
    Spaced,
    Quote,
    List,
    Item,
    Row,
    Cell,
    Table,
    Preformatted,
    Link,
    Image,
    Break,
    Rule,
    /// Without an end tag, and not seen.
    Void,
}

/// In the order in which mails use them.
const KINDS: [(Kind, &[Key]); 16] = [
    (Kind::Inline, &keys(["span", "font", "b", "strong", "i", "em", "u", "o:p"])),
    (Kind::Block, &keys(["div", "body", "html", "head", "center", "tbody", "thead", "tfoot", "caption", "form", "section", "article"])),
    (Kind::Spaced, &keys(["p", "h1", "h2", "h3", "h4", "h5", "h6"])),
    (Kind::Break, &keys(["br"])),
    (Kind::Cell, &keys(["td", "th"])),
    (Kind::Row, &keys(["tr"])),
    (Kind::Table, &keys(["table"])),
    (Kind::Link, &keys(["a"])),
    (Kind::Image, &keys(["img", "area"])),
    (Kind::Item, &keys(["li"])),
    (Kind::List, &keys(["ul", "ol", "menu", "dir"])),
    (Kind::Quote, &keys(["blockquote"])),
    (Kind::Preformatted, &keys(["pre", "listing", "xmp", "plaintext"])),
    (Kind::Rule, &keys(["hr"])),
    (Kind::Void, &keys(["meta", "link", "input", "col", "wbr", "base", "param", "source", "embed", "track"])),
    (
        Kind::Block,
        &keys([
            "header",
            "footer",
            "dl",
            "dt",
            "dd",
            "option",
            "optgroup",
            "address",
            "aside",
            "details",
            "summary",
            "dialog",
            "fieldset",
            "figure",
            "figcaption",
            "hgroup",
            "legend",
            "main",
            "nav",
            "search",
        ]),
    ),
];

/// How the element with this key stands in the text; one that is not known does as if it were not there.
pub fn kind(name: Key) -> Kind {
    KINDS.iter().find(|(_, names)| names.contains(&name)).map_or(Kind::Inline, |(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_known_by_the_beginning_of_their_names() {
        for (name, known) in [
            ("DIV", Kind::Block),
            ("blockquote", Kind::Quote),
            ("figcaption", Kind::Block),
            ("h3", Kind::Spaced),
            ("unknown", Kind::Inline),
            ("", Kind::Inline),
        ] {
            assert_eq!(kind(key(name.as_bytes())), known, "{name}");
        }
    }
}
