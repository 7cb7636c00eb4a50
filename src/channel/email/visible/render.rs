//! From the pieces of an HTML body to lines of text, in one pass and without a tree.
//!
//! What is open is kept in a stack of bounded depth; each entry knows what its end takes back. Not here: what is a tag
//! (`tokens.rs`), what attributes say (`style.rs`), how an element stands (`elements.rs`).

use super::{
    Page, Part,
    elements::{Key, Kind, key, kind},
    entities::reference,
    link::Said,
    style::{Extent, Look},
    tokens::{Token, Tokens},
};
use std::{borrow::Cow, fmt::Write};

/// Elements open at the same time of which we keep account; those within are read, but what they say about themselves is not
/// heeded.
const DEPTH: usize = 4_096;
/// An end tag looks so far up for its beginning.
const REACH: usize = 128;
/// Marks of quotation, and steps of nested lists, that a line shows at most.
const SHOWN: usize = 10;

/// What is done with elements that are not shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    Dropped,
    Shown,
}

/// The text of `html`.
pub fn page(html: &str, hidden: Hidden) -> Page {
    let mut render = Render { show_hidden: hidden == Hidden::Shown, was_empty: true, ..Render::default() };
    render.text.reserve(html.len() / 4);
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) if render.sees_nothing() => render.hid |= !text.trim_ascii().is_empty(),
            Token::Text(text) => render.text(text, true),
            Token::Literal(text) => render.text(text, false),
            Token::Open { name, attributes } => render.open(name, attributes),
            Token::Close { name } => render.close(name),
        }
    }
    render.finish()
}

/// An element that is open, and what its end takes back.
#[derive(Clone, Copy)]
struct Open {
    name: Key,
    kind: Kind,
    /// Whose words stood before it.
    part: Part,
    tiny: bool,
    preformatted: bool,
    hidden: bool,
    quote: bool,
}

/// Whether an element that is open is meant.
type Test = fn(&Open) -> bool;

struct Link<'a> {
    href: Cow<'a, str>,
    /// Where its text begins.
    at: usize,
}

#[derive(Default)]
struct Render<'a> {
    text: String,
    parts: Vec<(usize, Part)>,
    open: Vec<Open>,
    /// Elements open beyond `DEPTH`.
    beyond: usize,
    /// For each list that is open, the number of its next item; `None` for one without numbers.
    lists: Vec<Option<u32>>,
    link: Option<Link<'a>>,
    said: Said,

    hidden: u32,
    show_hidden: bool,
    /// Whether text was left out because it is not shown.
    hid: bool,
    tiny: bool,
    preformatted: bool,
    quotes: usize,
    part: Part,
    /// What everything from here on is.
    rest: Option<Part>,

    /// Where the line begins.
    line: usize,
    /// The line has its marks of quotation, and text from `bare` on.
    begun: bool,
    bare: usize,
    before_was_empty: bool,
    /// The line before was empty, or there was none.
    was_empty: bool,
    /// The line holds something that is seen as an empty line.
    held: bool,
    /// An empty line is to come before the next text.
    gap: bool,
    space: bool,
    cell: bool,
    marker: Option<Option<u32>>,
    /// Quotation of the line before.
    quoted: usize,
}

impl<'a> Render<'a> {
    fn sees_nothing(&self) -> bool {
        (self.hidden > 0 || self.tiny) && !self.show_hidden
    }

    // ── lines ──

    fn begin_line(&mut self) {
        if self.gap && !self.was_empty {
            self.empty_line();
        }
        (self.gap, self.held, self.space, self.cell) = (false, false, false, false);
        let part = self.rest.unwrap_or(self.part);
        if self.parts.last().map_or(Part::Written, |(_, last)| *last) != part {
            self.parts.push((self.line, part));
        }
        for _ in 0..self.quotes.min(SHOWN) {
            self.text.push_str("> ");
        }
        for _ in 1..self.lists.len().clamp(1, SHOWN) {
            self.text.push_str("  ");
        }
        match self.marker.take() {
            Some(Some(number)) => _ = write!(self.text, "{number}. "),
            Some(None) => self.text.push_str("- "),
            None => {}
        }
        self.before_was_empty = self.was_empty;
        (self.begun, self.was_empty, self.quoted, self.bare) = (true, false, self.quotes, self.text.len());
    }

    fn empty_line(&mut self) {
        if !self.was_empty {
            for at in 0..self.quotes.min(self.quoted).min(SHOWN) {
                self.text.push_str(if at == 0 { ">" } else { " >" });
            }
            self.text.push('\n');
            self.line = self.text.len();
        }
        (self.was_empty, self.held, self.gap) = (true, false, false);
    }

    /// Ends the line, if anything stands on it.
    fn end_line(&mut self) {
        if self.begun {
            let written = self.text.get(self.bare..).unwrap_or_default();
            if written.trim_end_matches([' ', '\t']).is_empty() {
                self.text.truncate(self.line);
                self.begun = false;
                self.was_empty = self.before_was_empty;
                (self.space, self.cell) = (false, false);
                return self.empty_line();
            }
            // The line above a signature keeps its space (RFC 3676 §4.3).
            if self.space && written == "--" {
                self.text.push(' ');
            } else {
                self.text.truncate(self.text.trim_end_matches([' ', '\t']).len());
            }
            self.text.push('\n');
            self.line = self.text.len();
            self.begun = false;
        } else if self.held {
            self.empty_line();
        }
        (self.space, self.cell, self.held) = (false, false, false);
    }

    fn break_line(&mut self) {
        if self.sees_nothing() {
            return;
        }
        if self.begun { self.end_line() } else { self.empty_line() }
    }

    fn block(&mut self, gap: bool) {
        if self.sees_nothing() {
            return;
        }
        self.end_line();
        self.gap |= gap;
    }

    // ── text ──

    fn put(&mut self, text: &str) {
        if !self.begun {
            self.begin_line();
        } else if self.cell {
            self.text.push('\t');
        } else if self.space {
            self.text.push(' ');
        }
        (self.cell, self.space) = (false, false);
        self.text.push_str(text);
    }

    fn text(&mut self, text: &str, references: bool) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let plain = bytes.get(at..).unwrap_or_default().iter().take_while(|byte| is_plain(**byte)).count();
            if plain > 0 {
                self.put(text.get(at..at + plain).unwrap_or_default());
                at += plain;
                continue;
            }
            let rest = text.get(at..).unwrap_or_default();
            let Some(c) = rest.chars().next() else {
                return;
            };
            let found = if c == '&' && references { rest.get(1..).and_then(|after| reference(after, false)) } else { None };
            let (c, length) = found.map_or((c, c.len_utf8()), |(found, length)| (found, length + 1));
            // A reference to a line end is white space like any other.
            self.character(if found.is_some() && c == '\r' { ' ' } else { c });
            at += length;
        }
    }

    fn character(&mut self, c: char) {
        match c {
            '\n' if self.preformatted => self.break_line(),
            '\r' if self.preformatted => {}
            ' ' | '\t' if self.preformatted && (self.begun || c == ' ') => {
                let space = if c == '\t' { "\t" } else { " " };
                self.put(space);
            }
            ' ' | '\t' | '\n' | '\r' | '\u{C}' => self.space |= self.begun,
            // It holds lines open that would be empty, and is a space otherwise.
            '\u{A0}' | '\u{2007}' | '\u{202F}' => {
                self.held |= !self.begun;
                self.space |= self.begun;
            }
            // Fills the lines below a subject in lists of mails.
            '\u{200B}' | '\u{AD}' | '\u{34F}' | '\u{2060}' | '\u{FEFF}' => {}
            '\u{200C}' | '\u{200D}' if !self.begun || self.space => {}
            c if c.is_control() => {}
            c => self.put(c.encode_utf8(&mut [0; 4])),
        }
    }

    // ── tags ──

    fn open(&mut self, name: &str, attributes: &'a str) {
        let name = key(name.as_bytes());
        let mut kind = kind(name);
        match kind {
            Kind::Break => return self.break_line(),
            Kind::Void => return,
            _ => {}
        }
        let look = Look::of(attributes);
        if let Some(Extent::Rest(part)) = look.part {
            self.block(false);
            self.rest = self.rest.or(Some(part));
        }
        match kind {
            Kind::Rule => return self.block(false),
            Kind::Image => return self.image(&look),
            Kind::Quote if look.indented => kind = Kind::Block,
            Kind::Spaced if look.tight => kind = Kind::Block,
            _ => {}
        }
        self.close_implied(kind);
        if self.open.len() >= DEPTH {
            self.beyond += 1;
            return self.block(kind != Kind::Inline);
        }
        self.stand(kind, name, &look);
        self.open.push(Open {
            name,
            kind,
            part: self.part,
            tiny: self.tiny,
            preformatted: self.preformatted,
            hidden: look.hidden,
            quote: kind == Kind::Quote,
        });
        self.hidden += u32::from(look.hidden);
        self.quotes += usize::from(kind == Kind::Quote);
        self.tiny = look.tiny.unwrap_or(self.tiny);
        self.preformatted = look.preformatted.unwrap_or(self.preformatted || kind == Kind::Preformatted);
        if let Some(Extent::Element(part)) = look.part {
            self.end_line();
            self.part = part;
        } else if kind == Kind::Quote && self.part == Part::Attribution {
            self.part = Part::Written;
        }
        if kind == Kind::Link && !self.sees_nothing() {
            self.link = look.href.map(|href| Link { href, at: self.text.len() });
        }
    }

    /// What an element does to the line when it begins.
    fn stand(&mut self, kind: Kind, name: Key, look: &Look<'_>) {
        match kind {
            Kind::Inline | Kind::Link | Kind::Image | Kind::Break | Kind::Rule | Kind::Void => {}
            Kind::Cell => {
                self.cell = self.begun;
                self.space = false;
            }
            Kind::List => {
                self.block(self.lists.is_empty());
                self.lists.push((name == key(b"ol")).then_some(look.start.unwrap_or(1)));
            }
            Kind::Item => {
                self.block(false);
                if !look.hidden && !self.sees_nothing() {
                    self.marker = Some(None);
                    if let Some(Some(number)) = self.lists.last_mut() {
                        self.marker = Some(Some(*number));
                        *number = number.saturating_add(1);
                    }
                }
            }
            Kind::Block | Kind::Row | Kind::Table | Kind::Quote => self.block(false),
            Kind::Spaced | Kind::Preformatted => self.block(true),
        }
    }

    /// Ends what may lack its end tag (HTML §13.1.2.4).
    fn close_implied(&mut self, kind: Kind) {
        let (ends, until): (Test, Test) = match kind {
            Kind::Inline | Kind::Image | Kind::Break | Kind::Rule | Kind::Void => return,
            Kind::Link => (|open| open.kind == Kind::Link, |open| open.kind != Kind::Inline),
            Kind::Item => (|open| open.kind == Kind::Item, |open| matches!(open.kind, Kind::List | Kind::Cell | Kind::Table)),
            Kind::Cell => (|open| open.kind == Kind::Cell, |open| matches!(open.kind, Kind::Row | Kind::Table)),
            Kind::Row => (|open| open.kind == Kind::Row, |open| open.kind == Kind::Table),
            // A paragraph ends where a block begins.
            _ => (
                |open| open.name == key(b"p"),
                |open| !matches!(open.kind, Kind::Inline | Kind::Link | Kind::Spaced | Kind::Block) || open.name == key(b"div"),
            ),
        };
        if let Some(at) = self.find(ends, until) {
            self.pop_until(at);
        }
    }

    fn find(&self, wanted: impl Fn(&Open) -> bool, until: impl Fn(&Open) -> bool) -> Option<usize> {
        for (at, open) in self.open.iter().enumerate().rev().take(REACH) {
            if wanted(open) {
                return Some(at);
            }
            if until(open) {
                return None;
            }
        }
        None
    }

    fn close(&mut self, name: &str) {
        let name = key(name.as_bytes());
        let kind = kind(name);
        if kind == Kind::Break {
            return self.break_line();
        }
        if matches!(kind, Kind::Rule | Kind::Void | Kind::Image) {
            return;
        }
        if self.beyond > 0 {
            self.beyond -= 1;
            return self.block(false);
        }
        let is_inline = matches!(kind, Kind::Inline | Kind::Link);
        let in_table =
            matches!(kind, Kind::Table | Kind::Row | Kind::Cell) || [key(b"tbody"), key(b"thead"), key(b"tfoot")].contains(&name);
        let stops = |open: &Open| match open.kind {
            Kind::Inline | Kind::Link => false,
            Kind::Table => !in_table || name != open.name,
            Kind::Cell => is_inline || !in_table,
            _ => is_inline,
        };
        match self.find(|open| open.name == name, stops) {
            Some(at) => self.pop_until(at),
            // Only this one begins anew when it is not open (HTML §13.2.6.4.7).
            None if name == key(b"p") => self.block(true),
            None => {}
        }
    }

    fn pop_until(&mut self, at: usize) {
        while self.open.len() > at {
            let Some(open) = self.open.pop() else {
                return;
            };
            self.end(open);
        }
    }

    fn end(&mut self, open: Open) {
        match open.kind {
            Kind::Link => self.end_link(),
            Kind::Inline | Kind::Cell | Kind::Image | Kind::Break | Kind::Rule | Kind::Void => {}
            Kind::Spaced | Kind::Preformatted => self.block(true),
            Kind::List => {
                self.block(self.lists.len() == 1);
                self.lists.pop();
            }
            Kind::Item => {
                self.block(false);
                self.marker = None;
            }
            Kind::Block | Kind::Quote | Kind::Row | Kind::Table => self.block(false),
        }
        if self.part != open.part {
            self.end_line();
        }
        // Below a quotation the line that leads it in is over, and someone may have answered.
        self.part = if open.quote && open.part == Part::Attribution { Part::Written } else { open.part };
        if open.quote
            && let Some(around) = self.open.last_mut()
            && self.part == Part::Written
            && around.part == Part::Attribution
        {
            around.part = Part::Written;
        }
        (self.tiny, self.preformatted) = (open.tiny, open.preformatted);
        self.hidden -= u32::from(open.hidden);
        self.quotes -= usize::from(open.quote);
    }

    fn end_link(&mut self) {
        let Some(link) = self.link.take() else {
            return;
        };
        let shown = self.text.get(link.at..).unwrap_or_default();
        if let Some(address) = self.said.new_address(&link.href, shown) {
            let address = format!("<{address}>");
            self.space = self.begun;
            self.put(&address);
        }
    }

    fn image(&mut self, look: &Look<'_>) {
        let Some(alt) = look.alt.as_deref().filter(|_| !look.hidden && !self.sees_nothing()) else {
            return;
        };
        let alt = alt.trim();
        if !alt.is_empty() {
            self.text(alt, false);
        }
    }

    fn finish(mut self) -> Page {
        self.pop_until(0);
        self.end_line();
        let end = self.text.trim_end_matches(['\n', ' ', '\t']).len();
        self.text.truncate(end);
        Page { text: self.text, parts: self.parts, hid: self.hid }
    }
}

/// Bytes that are text as they are: neither white space nor a reference nor the beginning of a character that is looked at.
fn is_plain(byte: u8) -> bool {
    !matches!(byte, 0..=b' ' | b'&' | 0x7F | 0xC2 | 0xCD | 0xE2 | 0xEF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(html: &str) -> String {
        page(html, Hidden::Dropped).text
    }

    #[test]
    fn blocks_stand_as_one_sees_them() {
        for (html, expected) in [
            ("a<br>b<br/>c", "a\nb\nc"),
            ("<div>a</div><div>b</div>c", "a\nb\nc"),
            ("<div>a<br></div><div><br></div><div>b</div>", "a\n\nb"),
            ("<p>a</p><p>b</p>\n\n<p>&nbsp;</p><p>c</p>", "a\n\nb\n\nc"),
            (
                "<p class=MsoNormal>a</p><p class=MsoNormal>b</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>c</p>",
                "a\nb\n\nc",
            ),
            ("<p style='margin:0cm 0cm .0001pt'>a</p><p style=\"margin: 0\">b</p>", "a\nb"),
            ("<h1>a</h1>b<hr>c", "a\n\nb\nc"),
            ("a \n b&nbsp;&nbsp;c\t<b> d</b>", "a b c d"),
            ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e", "- a\n- b\n  - c\n- d\n\ne"),
            ("<ol start=3><li><p>a</p></li><li>b</li></ol>", "3. a\n\n4. b"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><th>c<th>d</table>e", "a\tb\nc\td\ne"),
            ("<table><tr><td><table><tr><td>a</td></tr></table></td><td><p>b</p></td></tr></table>", "a\n\nb"),
            ("<pre>\n a\n  b\tc\n</pre>d", " a\n  b\tc\n\nd"),
            ("<div style='white-space:pre-wrap'>a\n\n  b</div>", "a\n\n  b"),
            ("a<blockquote>b<br><br>c<blockquote>d</blockquote></blockquote>e", "a\n> b\n>\n> c\n> > d\ne"),
            ("a<blockquote style=\"margin:0 0 0 40px;border:none;padding:0px\">b</blockquote>", "a\nb"),
            ("<div>-- </div><div>Ali</div>", "-- \nAli"),
            ("x<div>--&nbsp;<br>Ali</div>", "x\n-- \nAli"),
            ("<select><option>a<option>b</select>", "a\nb"),
            ("<dl><dt>a<dd>b</dl>", "a\nb"),
        ] {
            assert_eq!(text(html).trim_start_matches('\n'), expected.trim_start_matches('\n'), "{html}");
        }
    }

    #[test]
    fn what_is_not_shown_is_left_out() {
        for html in [
            "<div style='display:none'>no</div>yes",
            "<div style='DISPLAY : NONE !important'>no<div>no</div></div>yes",
            "<span hidden>no</span>yes",
            "<span style='font-size:0px'>no</span>yes",
            "<div style='max-height:0;overflow:hidden'>no</div>yes",
            "<div style='visibility:hidden'>no</div>yes",
            "<span style='opacity:0'>no</span>yes",
            "<div class='preheader'>no</div>yes",
            "<!-- no --><style>no</style><script>no</script><title>no</title>yes",
            "<!--[if mso]><table><tr><td>no</td></tr></table><![endif]--><!--[if !mso]><!-->yes<!--<![endif]-->",
            "<head><style>no</style><meta name=x></head><body>yes",
            "<xml><o:OfficeDocumentSettings>no</o:OfficeDocumentSettings></xml>yes",
            "<img src=x alt=no style='display:none'>yes",
        ] {
            assert_eq!(text(html), "yes", "{html}");
        }
        assert_eq!(text("<td style='font-size:0'><span style='font-size:14px'>yes</span>no</td>"), "yes");
        assert_eq!(text("<div style='mso-hide:all'>yes</div>"), "yes", "hidden in Outlook alone, which has it in a comment");
        assert_eq!(super::super::html_text("<div hidden>only</div>"), "only", "never empty");
    }

    #[test]
    fn links_say_where_they_lead_when_their_text_does_not() {
        for (html, expected) in [
            ("<a href='https://example.org/a'>here</a>.", "here <https://example.org/a>."),
            ("<a href='https://example.org/'>example.org</a>", "example.org"),
            ("<a href='https://www.example.org/a'>https://example.org/a</a>", "https://example.org/a"),
            ("<a href='mailto:ali@example.com?subject=x'>Ali</a>", "Ali <ali@example.com>"),
            ("<a href='mailto:ali@example.com'>ali@example.com</a>", "ali@example.com"),
            ("<a href='tel:0500000000'>call</a> <a href='#top'>top</a> <a href='javascript:x'>x</a> <a>y</a>", "call top x y"),
            ("<a href='https://example.org/a'><img alt='Logo'></a>", "Logo <https://example.org/a>"),
            ("<a href='https://example.org/a'><img></a>", ""),
            (
                "<a href='https://example.org/?a=1&amp;b=2'>a<a href='https://example.org/b'>b</a>",
                "a <https://example.org/?a=1&b=2>b <https://example.org/b>",
            ),
            ("<a href='https://example.org/a'>one</a> <a href='https://example.org/a'>two</a>", "one <https://example.org/a> two"),
            ("<img alt='A&amp;B'>", "A&B"),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
    }

    #[test]
    fn letters_stay_as_they_are() {
        for (html, expected) in [
            ("<p dir=rtl>السلام&nbsp;عليكم \u{200F}(علي)\u{200F}</p>", "السلام عليكم \u{200F}(علي)\u{200F}"),
            ("می\u{200C}خواهم 👩\u{200D}👧", "می\u{200C}خواهم 👩\u{200D}👧"),
            ("\u{200C}&zwnj;&nbsp;&#847;&zwnj; &shy;\u{FEFF}a\u{200B}b", "ab"),
            ("1 &lt; 2 &amp;&amp; 3 &gt 2 &copy; &#x623;&#128; &unknown; &", "1 < 2 && 3 > 2 © أ€ &unknown; &"),
            ("<![CDATA[a &amp; b]]>", "a &amp; b"),
            ("Ali <ali@example.com> <https://example.com>", "Ali <ali@example.com> <https://example.com>"),
        ] {
            assert_eq!(text(html), expected, "{html:?}");
        }
    }

    #[test]
    fn tags_that_do_not_fit_together_lose_nothing() {
        for (html, expected) in [
            ("<b>a<div>b</b>c</div>d", "a\nbc\nd"),
            ("<table><tr><td>a</div></td><td>b</table>c", "a\tb\nc"),
            ("<p>a<p>b<div>c</p>d", "a\n\nb\n\nc\n\nd"),
            ("</div></p></td>a", "a"),
            ("<div style='display:none'><td>no</div>no</td></div>yes", "yes"),
            ("a<blockquote>b</div>c</blockquote>d", "a\n> bc\nd"),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
        let deep = format!("{}a{}b", "<div><blockquote>".repeat(5_000), "</blockquote></div>".repeat(5_000));
        assert!(text(&deep).ends_with("\nb"), "what was beyond the depth is closed again");
    }

    #[test]
    fn parts_begin_where_the_marks_stand() {
        let page = page(
            "<div>a</div><div class=gmail_quote><div class=gmail_attr>b:</div><blockquote>c</blockquote><div>d</div></div><div id=Signature>e</div>f",
            Hidden::Dropped,
        );
        let parts: Vec<_> = page.parts.iter().map(|(at, part)| (page.text[*at..].lines().next().unwrap(), *part)).collect();
        assert_eq!(parts, [("b:", Part::Attribution), ("> c", Part::Written), ("e", Part::Signature), ("f", Part::Written)]);
    }

    proptest! {
        #[test]
        fn any_html_is_read(html in "(?s)(.|<div|<p>|</p>|<td>|<a href=x>|</a>|<b>|</b>|<blockquote>|</blockquote>|<li>|<ul>|style='display:none'|class=gmail_quote|>|<!--|-->|&nbsp;|&#|<pre>|\n| ){0,60}") {
            let read = page(&html, Hidden::Shown);
            prop_assert!(read.parts.iter().all(|(at, _)| read.text.is_char_boundary(*at) || *at >= read.text.len()));
            prop_assert!(!read.text.contains("\n\n\n") && read.text == read.text.trim_end());
        }

        #[test]
        fn text_without_markup_is_kept(words in proptest::collection::vec("[a-z\u{627}-\u{64A}0-9.,]{1,10}", 0..30)) {
            prop_assert_eq!(text(&words.join(" ")), words.join(" "));
            let divs: String = words.iter().map(|word| format!("<div><span>{word}</span></div>")).collect();
            prop_assert_eq!(text(&divs), words.join("\n"));
        }
    }
}
