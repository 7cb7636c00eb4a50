//! Cuts HTML into tags and text, one pass from front to back, whatever it looks like.
//!
//! As browsers do it (HTML §13.2.5), but where they would swallow the rest of a mail because something is not closed, the
//! rest stays. Not here: what a tag means (`render.rs`).

/// A piece of HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// With its references still in it.
    Text(&'a str),
    /// A section in which references are no references.
    Literal(&'a str),
    Open {
        name: &'a str,
        attributes: &'a str,
    },
    Close {
        name: &'a str,
    },
}

/// Elements whose content is never shown.
const UNSEEN: [&str; 9] = ["script", "style", "title", "xml", "iframe", "template", "noframes", "noembed", "object"];

/// The pieces of `html`. Comments and elements that are never shown are left out.
pub struct Tokens<'a> {
    html: &'a str,
    at: usize,
    /// Which ends were looked for and do not come any more, so that nobody looks again.
    missing: Missing,
}

#[derive(Default)]
struct Missing {
    comment: bool,
    section: bool,
    tag: bool,
    double: bool,
    single: bool,
    unseen: [bool; UNSEEN.len()],
}

impl<'a> Tokens<'a> {
    pub fn new(html: &'a str) -> Self {
        Tokens { html, at: 0, missing: Missing::default() }
    }

    fn rest(&self) -> &'a str {
        self.html.get(self.at..).unwrap_or_default()
    }

    /// Hands out `length` bytes and goes on behind `skipped` more.
    fn take(&mut self, length: usize, skipped: usize) -> &'a str {
        let taken = self.html.get(self.at..self.at + length).unwrap_or_default();
        self.at += length + skipped;
        taken
    }

    /// The text up to the next `<`; at least one byte, so that a `<` which opens nothing is text.
    fn text(&mut self) -> Token<'a> {
        let rest = self.rest();
        let skipped = usize::from(rest.starts_with('<'));
        let length = rest.get(skipped..).and_then(|rest| rest.find('<')).map_or(rest.len(), |at| at + skipped);
        Token::Text(self.take(length, 0))
    }

    fn markup(&mut self) -> Option<Token<'a>> {
        let rest = self.rest();
        match rest.as_bytes().get(1).copied() {
            Some(b'a'..=b'z' | b'A'..=b'Z') => self.open(),
            Some(b'/') => self.close(),
            Some(b'!') if rest.starts_with("<![CDATA[") => self.section(),
            Some(b'!') if rest.starts_with("<!--") => self.comment(),
            Some(b'!' | b'?') => self.declaration(),
            _ => Some(self.text()),
        }
    }

    fn comment(&mut self) -> Option<Token<'a>> {
        let rest = self.rest();
        // `<!-->` and `<!--->` are comments without content.
        for short in ["<!-->", "<!--->"] {
            if rest.starts_with(short) {
                self.at += short.len();
                return None;
            }
        }
        let end = if self.missing.comment { None } else { rest.find("-->") };
        match end {
            Some(end) => {
                self.at += end + 3;
                None
            }
            None => {
                self.missing.comment = true;
                self.declaration()
            }
        }
    }

    fn declaration(&mut self) -> Option<Token<'a>> {
        match self.next_greater() {
            Some(end) => {
                self.at += end + 1;
                None
            }
            None => Some(self.text()),
        }
    }

    fn section(&mut self) -> Option<Token<'a>> {
        const OPENING: usize = "<![CDATA[".len();
        let end = if self.missing.section { None } else { self.rest().find("]]>") };
        match end {
            Some(end) => {
                self.at += OPENING;
                Some(Token::Literal(self.take(end - OPENING, 3)))
            }
            None => {
                self.missing.section = true;
                self.declaration()
            }
        }
    }

    fn next_greater(&mut self) -> Option<usize> {
        let end = if self.missing.tag { None } else { self.rest().find('>') };
        self.missing.tag |= end.is_none();
        end
    }

    fn close(&mut self) -> Option<Token<'a>> {
        let rest = self.rest();
        if rest.as_bytes().get(2).is_some_and(u8::is_ascii_alphabetic) {
            let end = self.next_greater();
            let tag = self.take(end.unwrap_or(rest.len()), usize::from(end.is_some()));
            return Some(Token::Close { name: name(tag.get(2..).unwrap_or_default()) });
        }
        self.declaration()
    }

    fn open(&mut self) -> Option<Token<'a>> {
        let rest = self.rest();
        if self.missing.tag {
            return Some(self.text());
        }
        let tag = name(rest.get(1..).unwrap_or_default());
        if is_address(tag) {
            return Some(self.text());
        }
        let Some(end) = self.tag_end(1 + tag.len()) else {
            return Some(self.text());
        };
        let attributes = rest.get(1 + tag.len()..end).unwrap_or_default();
        self.at += end + 1;
        match UNSEEN.iter().position(|unseen| unseen.eq_ignore_ascii_case(tag)) {
            Some(_) if attributes.ends_with('/') => None,
            Some(which) => {
                self.skip(which);
                None
            }
            None => Some(Token::Open { name: tag, attributes }),
        }
    }

    /// Where the tag that begins here ends; a `>` within quotes does not end it.
    fn tag_end(&mut self, from: usize) -> Option<usize> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let (mut at, mut value) = (from, false);
        while let Some(byte) = bytes.get(at).copied() {
            match byte {
                b'>' => return Some(at),
                b'=' => value = true,
                b'"' | b'\'' if value => {
                    value = false;
                    let missing = if byte == b'"' { &mut self.missing.double } else { &mut self.missing.single };
                    let end = if *missing { None } else { rest.get(at + 1..).and_then(|rest| rest.find(char::from(byte))) };
                    *missing |= end.is_none();
                    at += end.map_or(0, |end| end + 1);
                }
                _ => value &= byte.is_ascii_whitespace(),
            }
            at += 1;
        }
        // The quotes do not fit together: from here on none of them is believed.
        (self.missing.double, self.missing.single) = (true, true);
        let end = rest.get(from..).and_then(|rest| rest.find('>')).map(|at| from + at);
        self.missing.tag |= end.is_none();
        end
    }

    /// Goes behind the end tag of an element that is never shown. Without an end tag its content is read as if the tag were
    /// not there.
    fn skip(&mut self, which: usize) {
        let (Some(element), Some(missing)) = (UNSEEN.get(which), self.missing.unseen.get_mut(which)) else {
            return;
        };
        if *missing {
            return;
        }
        let rest = self.html.get(self.at..).unwrap_or_default();
        let end = rest.match_indices("</").find(|(at, _)| {
            rest.get(at + 2..at + 2 + element.len()).is_some_and(|name| name.eq_ignore_ascii_case(element))
                && !rest.as_bytes().get(at + 2 + element.len()).is_some_and(u8::is_ascii_alphanumeric)
        });
        match end {
            Some((end, _)) => self.at += end,
            None => *missing = true,
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while let Some(first) = self.html.as_bytes().get(self.at) {
            if *first != b'<' {
                return Some(self.text());
            }
            if let Some(token) = self.markup() {
                return Some(token);
            }
        }
        None
    }
}

/// The name at the beginning of a tag.
fn name(tag: &str) -> &str {
    let length = tag.bytes().take_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'>')).count();
    tag.get(..length).unwrap_or_default()
}

/// `<ali@example.com>` and `<https://…>` are no tags, but text that someone forgot to escape.
fn is_address(name: &str) -> bool {
    name.len() < 256 && (name.contains('@') || name.ends_with("http:") || name.ends_with("https:") || name.starts_with("mailto:"))
}

/// The attributes of a tag: names and values as written, values without their quotes.
pub struct Attributes<'a>(pub &'a str);

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let rest = self.0.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let length = rest.bytes().take_while(|byte| !byte.is_ascii_whitespace() && *byte != b'=' && *byte != b'/').count();
        let length = if length == 0 && rest.starts_with('=') { 1 } else { length };
        let (name, rest) = rest.split_at_checked(length)?;
        if name.is_empty() {
            return None;
        }
        let Some(value) = rest.trim_ascii_start().strip_prefix('=').map(str::trim_ascii_start) else {
            self.0 = rest;
            return Some((name, ""));
        };
        let quoted = value.chars().next().filter(|quote| matches!(quote, '"' | '\'')).and_then(|quote| value.get(1..)?.split_once(quote));
        let (value, rest) = quoted.unwrap_or_else(|| {
            let end = value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len());
            value.split_at_checked(end).unwrap_or((value, ""))
        });
        self.0 = rest;
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(html: &str) -> String {
        Tokens::new(html)
            .map(|token| match token {
                Token::Text(text) => text.to_owned(),
                Token::Literal(text) => format!("[{text}]"),
                Token::Open { name, attributes } => format!("({name}{attributes})"),
                Token::Close { name } => format!("(/{name})"),
            })
            .collect()
    }

    #[test]
    fn tags_and_text_are_told_apart_as_browsers_do_it() {
        for (html, tokens) in [
            ("a<b>c</b >d", "a(b)c(/b)d"),
            ("1 < 2 <3", "1 < 2 <3"),
            ("<a href=\"x>y\" title=it's>z", "(a href=\"x>y\" title=it's)z"),
            ("a<!-- b --><!-->c<!--->d", "acd"),
            ("<!--[if mso]>a<![endif]-->b<!--[if !mso]><!-->c<!--<![endif]-->d<![if !mso]>e<![endif]>", "bcde"),
            ("a<!-- never <b>closed", "aclosed"),
            ("<style>p{}</style>a<SCRIPT>if(1<2){'</b>'}</Script >b<title/>c", "(/style)a(/Script)bc"),
            ("<style>p{} a", "p{} a"),
            ("<![CDATA[a<b&amp;]]>c", "[a<b&amp;]c"),
            ("<ali@example.com> <https://example.com/a>", "<ali@example.com> <https://example.com/a>"),
            ("<o:p></o:p><br/>", "(o:p)(/o:p)(br/)"),
            ("<a href=\"never closed>text", "(a href=\"never closed)text"),
            ("text<a href", "text<a href"),
            ("</ x>a</", "a</"),
            ("<?xml version='1.0'?>a", "a"),
        ] {
            assert_eq!(shape(html), tokens, "{html}");
        }
    }

    #[test]
    fn attributes_are_read_with_and_without_quotes() {
        let read: Vec<_> = Attributes(" a=\"1 2\" B='3' c=4/5 hidden d = 6 =x e=\"open").collect();
        assert_eq!(read, [("a", "1 2"), ("B", "3"), ("c", "4/5"), ("hidden", ""), ("d", "6"), ("=", ""), ("x", ""), ("e", "\"open")]);
    }
}
