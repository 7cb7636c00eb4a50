//! What a reader sees of a mail's body, as plain text.

use html2text::render::TextDecorator;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The longest text that is shown, in characters; longer ones are cut here and kept whole as an attachment.
pub const LONGEST: usize = 1 << 20;
/// HTML with more tags than this goes through a simpler reader whose work grows with the length only.
const TAGS: usize = 20_000;
/// Tags open at the same time, above which the same holds.
const NESTING: usize = 200;
/// Lines are not broken for a screen; this only keeps the renderer's work in bounds.
const WIDTH: usize = 2_000;

/// The visible text of an HTML body. Links keep their targets, quotations become lines that begin with `> `.
pub fn html_text(html: &str) -> String {
    let html: String = if html.len() > 4 * LONGEST { html.chars().take(LONGEST).collect() } else { html.to_owned() };
    if is_simple(&html) {
        // A rule would be drawn over the whole width, and says nothing.
        let ruled = html.replace("<hr", "<br").replace("<HR", "<br");
        let config = html2text::config::with_decorator(Plain::default()).raw_mode(true).no_link_wrapping().unicode_strikeout(false);
        if let Ok(Ok(text)) = catch_unwind(AssertUnwindSafe(|| config.string_from_read(ruled.as_bytes(), WIDTH))) {
            return tidy(&text);
        }
    }
    tidy(&mail_parser::decoders::html::html_to_text(&html))
}

fn is_simple(html: &str) -> bool {
    let (mut tags, mut open, mut deepest) = (0usize, 0usize, 0usize);
    let bytes = html.as_bytes();
    for (at, _) in html.match_indices('<') {
        tags += 1;
        match bytes.get(at + 1) {
            Some(b'/') => open = open.saturating_sub(1),
            Some(b) if b.is_ascii_alphabetic() && !is_void(&bytes[at + 1..]) => open += 1,
            _ => {}
        }
        deepest = deepest.max(open);
    }
    tags <= TAGS && deepest <= NESTING
}

/// Whether the tag at the beginning has no end tag (HTML §13.1.2), or usually is written without one.
fn is_void(tag: &[u8]) -> bool {
    let name: Vec<u8> = tag.iter().take(8).take_while(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    [&b"br"[..], b"hr", b"img", b"meta", b"link", b"input", b"col", b"wbr", b"area", b"base", b"p", b"li"].contains(&name.as_slice())
}

/// Text without control characters, with plain line ends, at most one empty line in a row and none at the edges.
pub fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut tidied = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.split('\n') {
        let line: String = line.chars().filter(|c| *c == '\t' || !c.is_control()).collect();
        let line = if line == "-- " { line.as_str() } else { line.trim_end() };
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty <= 1 {
            tidied.push_str(line);
            tidied.push('\n');
        }
    }
    tidied.trim_matches(['\n', ' ', '\t']).to_owned()
}

/// One line for a heading or a name: no control characters, none that turn or isolate the direction of what follows.
pub fn line(text: &str) -> String {
    let turned = |c: &char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let clean: String = text.chars().filter(|c| !turned(c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Decorates as little as can be read without the decoration.
#[derive(Clone, Default)]
struct Plain {
    targets: Vec<String>,
}

impl TextDecorator for Plain {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        self.targets.push(url.to_owned());
        (String::new(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        match self.targets.pop() {
            Some(url) if url.starts_with("https://") || url.starts_with("http://") => format!(" <{url}>"),
            _ => String::new(),
        }
    }

    fn decorate_em_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_superscript_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_superscript_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _: &str, title: &str) -> (String, ()) {
        (title.to_owned(), ())
    }

    fn header_prefix(&self, _: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "- ".to_owned()
    }

    fn ordered_item_prefix(&self, number: i64) -> String {
        format!("{number}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_the_text_that_one_sees() {
        let html = "<html><head><style>p{color:red}</style><title>x</title></head><body><p>السلام <b>عليكم</b></p><table><tr><td>أ</td><td>ب</td></tr></table>\
                    <p>انظر <a href=\"https://example.org/a\">هنا</a></p><hr><ul><li>واحد</li></ul><script>alert(1)</script><blockquote>قديم</blockquote></body></html>";
        let text = html_text(html);
        for part in ["السلام عليكم", "انظر هنا <https://example.org/a>", "- واحد", "> قديم", "أ", "ب"] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        for part in ["alert", "color", "──", "**"] {
            assert!(!text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn html_without_end_is_read_in_time() {
        for tag in [
            "<div>",
            "<b>",
            "<blockquote>",
            "<table><tr><td>",
            "<p>",
            "<li>",
            "<hr>",
            "<",
            "<a href='https://x.sa'>",
            "<ul><li>",
            "<p><font>",
        ] {
            html_text(&tag.repeat(100_000));
            #[allow(clippy::disallowed_methods, reason = "a test of how long it takes")]
            let begun = std::time::Instant::now();
            html_text(&tag.repeat(9_000));
            assert!(begun.elapsed().as_secs() < 8, "{tag} {:?}", begun.elapsed());
        }
    }

    #[test]
    fn headings_carry_nothing_that_turns_the_line() {
        assert_eq!(line(" a\r\nBcc:\tb \u{202E}gpj\u{2069} "), "a Bcc: b gpj");
    }
}
