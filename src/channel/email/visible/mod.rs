//! What a reader sees of a mail's body, as plain text.
//!
//! HTML goes `tokens` → `render`, with `elements`, `entities`, `link` and `style`: one pass, work that grows with the length alone.

mod elements;
mod entities;
mod link;
mod render;
mod style;
mod tokens;

use render::Hidden;
use std::borrow::Cow;

/// The longest text that is shown, in characters; longer ones are cut here and kept whole as an attachment.
pub const LONGEST: usize = 1 << 20;

/// Whose words a line holds, as far as the structure of the HTML tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// Nothing says otherwise.
    #[default]
    Written,
    /// The line above a quotation: who wrote it, and when.
    Attribution,
    /// What was written before.
    History,
    Signature,
    /// What is passed on.
    Forwarded,
}

/// The visible text of an HTML body.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Tidy, see [`tidy`]. Links keep their targets, quotations are lines that begin with `> `.
    pub text: String,
    /// Where (byte of `text`, the beginning of a line) another part begins; before the first all is [`Part::Written`].
    pub parts: Vec<(usize, Part)>,
    /// Something was left out because it is not shown.
    hid: bool,
}

/// The visible text of an HTML body, and whose words are where.
pub fn page(html: &str) -> Page {
    let page = render::page(html, Hidden::Dropped);
    // A mail of which nothing would be left was not meant to be empty.
    if page.text.is_empty() && page.hid { render::page(html, Hidden::Shown) } else { page }
}

/// The visible text of an HTML body. Links keep their targets, quotations become lines that begin with `> `.
pub fn html_text(html: &str) -> String {
    page(html).text
}

/// Text without control characters, with plain line ends, at most one empty line in a row and none at the edges.
pub fn tidy(text: &str) -> String {
    let text = if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) };
    let text = text.trim_start_matches(['\n', ' ', '\t']);
    let mut tidied = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.split('\n') {
        let begin = tidied.len();
        if line.contains(is_unseen) {
            tidied.extend(line.chars().filter(|c| !is_unseen(*c)));
        } else {
            tidied.push_str(line);
        }
        let written = tidied.get(begin..).unwrap_or_default();
        let length = if written == "-- " { 3 } else { written.trim_end().len() };
        tidied.truncate(begin + length);
        empty = if length == 0 { empty + 1 } else { 0 };
        if empty <= 1 {
            tidied.push('\n');
        }
    }
    tidied.truncate(tidied.trim_end_matches(['\n', ' ', '\t']).len());
    // A first line of nothing but control characters leaves its line end.
    match tidied.find(|c| !matches!(c, '\n' | ' ' | '\t')) {
        Some(0) | None => tidied,
        Some(begin) => tidied.split_off(begin),
    }
}

fn is_unseen(c: char) -> bool {
    c.is_control() && c != '\t'
}

/// One line for a heading or a name: no control characters, none that turn or isolate the direction of what follows.
pub fn line(text: &str) -> String {
    let turned = |c: &char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let clean: String = text.chars().filter(|c| !turned(c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
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
