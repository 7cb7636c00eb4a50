//! Which part of a mail is newly written: without quoted history, signature and "Sent from my …".
//!
//! Lines are taken or left as they are, in their order; only where a program has forgotten the line end above "On … wrote:"
//! is a line cut. When nothing would be left, everything is: a complaint is never emptied. Work grows with the length
//! alone.
//!
//! `lines` says what one line is; `attribution`, `headers` and `signature` know what several lines are, with the words from
//! `words`. To teach it a language, add an entry there.

mod attribution;
mod headers;
mod index;
mod languages;
mod lines;
mod signature;
mod words;

use super::visible::{self, Page, Part};
use attribution::Attribution;
use lines::{Line, Lines, plain};

/// The body of a mail in its two forms.
#[derive(Clone, Copy, Debug, Default)]
pub struct Body<'a> {
    /// Tidy plain text, see [`visible::tidy`].
    pub plain: Option<&'a str>,
    pub html: Option<&'a str>,
    /// Tells whether the mail passes another one on, which then is its matter.
    pub subject: Option<&'a str>,
}

/// What a mail says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The whole visible text.
    pub text: String,
    /// Only what is newly written.
    pub fresh: String,
}

/// At most so many lines of a mail are looked at as the beginning of its signature.
const DELIMITERS: u8 = 20;

/// The newly written part of `text`.
pub fn newly_written(text: &str) -> String {
    cut(text, &[], false).fresh
}

impl Body<'_> {
    /// Reads the plain text where there is any that says something, else what the HTML shows. Where the lines of the plain
    /// text tell nothing about history, the structure of the HTML does.
    pub fn read(&self) -> Read {
        let forwards = self.subject.is_some_and(headers::says_forward);
        let Some(plain) = self.plain.filter(|plain| self.html.is_none() || is_meant(plain)) else {
            let page = self.html.map(visible::page).unwrap_or_default();
            let fresh = cut(&page.text, &page.parts, forwards).fresh;
            return Read { text: page.text, fresh };
        };
        let found = cut(plain, &[], forwards);
        let better = match self.html {
            Some(html) if !found.history && !forwards && is_marked(html) => as_in_html(plain, &visible::page(html)),
            _ => None,
        };
        Read { text: plain.to_owned(), fresh: better.filter(|better| better.len() < found.fresh.len()).unwrap_or(found.fresh) }
    }
}

/// Whether plain text beside HTML says more than that there is HTML.
fn is_meant(text: &str) -> bool {
    if text.trim().is_empty() || text.len() > 600 {
        return !text.trim().is_empty();
    }
    let said = plain(text);
    !words::NO_HTML.iter().any(|(whose, what)| said.contains(whose) && said.contains(what))
}

/// Whether it is worth to read the HTML for its structure: parts of the marks that `visible` knows.
fn is_marked(html: &str) -> bool {
    const MARKS: [&str; 13] = [
        "quote",
        "QUOTE",
        "gmail_",
        "moz-",
        "ignature",
        "RplyFwdMsg",
        "appendonsend",
        "border-top:solid",
        "reference-message",
        "stopSpelling",
        "data-marker",
        "Reply",
        "SRC_BODY",
    ];
    MARKS.iter().any(|mark| html.contains(mark))
}

/// The beginning of the plain text that has the same letters as what is newly written in the HTML, if it is one.
fn as_in_html(plain: &str, page: &Page) -> Option<String> {
    if page.parts.is_empty() && !page.text.contains("\n>") {
        return None;
    }
    let cut = cut(&page.text, &page.parts, false);
    if !cut.history {
        return None;
    }
    let mut letters = plain.char_indices().filter(|(_, c)| c.is_alphanumeric());
    let mut end = None;
    for wanted in cut.fresh.chars().filter(|c| c.is_alphanumeric()) {
        let (at, _) = letters.next().filter(|(_, c)| *c == wanted)?;
        end = Some(at);
    }
    let line = plain.get(end?..)?.find('\n').map_or(plain.len(), |length| end.unwrap_or_default() + length);
    let next = letters.next().map_or(plain.len(), |(at, _)| at);
    (next >= line).then(|| visible::tidy(plain.get(..line).unwrap_or_default()))
}

/// What is left of a text.
struct Cut {
    fresh: String,
    /// History was found.
    history: bool,
}

fn cut(text: &str, parts: &[(usize, Part)], forwards: bool) -> Cut {
    let lines = Lines::new(text, parts);
    let mut reader = Reader::new(&lines, forwards);
    reader.read();
    let history = reader.history;
    let (before, mut kept) = (reader.kept.len(), reader.kept);
    if !reader.passed_on {
        signature::take_off(&mut kept);
    }
    let mut fresh = text_of(&kept);
    if fresh.is_empty() && before > 0 {
        fresh = text_of(lines.all.get(..reader.written).unwrap_or_default());
    }
    if fresh.is_empty() {
        fresh = visible::tidy(text);
    }
    if fresh.is_empty() {
        fresh = text.trim().to_owned();
    }
    Cut { fresh, history }
}

fn text_of(lines: &[Line<'_>]) -> String {
    let length = lines.iter().map(|line| line.raw.len() + 1).sum();
    let mut text = String::with_capacity(length);
    for line in lines {
        text.push_str(line.raw);
        text.push('\n');
    }
    visible::tidy(&text)
}

/// Goes through the lines from top to bottom and keeps what is newly written.
struct Reader<'l, 'a> {
    lines: &'l Lines<'a>,
    attributions: Vec<Attribution>,
    /// The first attribution that is not above the line.
    next: usize,
    kept: Vec<Line<'a>>,
    /// The subject says that the mail passes another one on.
    forwards: bool,
    /// Another mail is passed on, and kept.
    passed_on: bool,
    history: bool,
    /// Lines above the first history.
    written: usize,
    signature: bool,
    /// Lines that may still begin a signature; who draws more of them draws separators.
    delimiters: u8,
    /// Something other than blank lines was kept.
    began: bool,
}

impl<'l, 'a> Reader<'l, 'a> {
    fn new(lines: &'l Lines<'a>, forwards: bool) -> Self {
        let attributions = attribution::all(lines);
        Reader {
            lines,
            attributions,
            next: 0,
            kept: Vec::new(),
            forwards,
            passed_on: false,
            history: false,
            written: lines.all.len(),
            signature: false,
            delimiters: DELIMITERS,
            began: false,
        }
    }

    fn read(&mut self) {
        let mut at = 0;
        while let Some(line) = self.lines.get(at) {
            at = match self.step(at, line) {
                Some(next) => next,
                None => break,
            };
        }
    }

    /// Reads what begins in a line, and says where to go on; `None` when nothing below is newly written.
    fn step(&mut self, at: usize, line: &Line<'a>) -> Option<usize> {
        while self.attributions.get(self.next).is_some_and(|found| found.begin < at) {
            self.next += 1;
        }
        if line.part == Part::Signature {
            return Some(at + 1);
        }
        if line.is_blank() {
            self.kept.push(*line);
            return Some(at + 1);
        }
        if self.begins_forward(at, line) {
            return self.pass_on(at);
        }
        if let Some(found) = self.attributions.get(self.next).copied().filter(|found| found.begin == at) {
            return self.attributed(found, line);
        }
        if line.is_quote() || (line.part == Part::Attribution && self.lines.quote_follows(at + 1)) {
            self.saw_history(at);
            return Some(at + 1);
        }
        if headers::is_divider(line) || headers::begins_block(self.lines, at) {
            if self.forwards || !self.began {
                return self.pass_on(at);
            }
            self.saw_history(at);
            return None;
        }
        self.write(at, line);
        Some(at + 1)
    }

    fn write(&mut self, at: usize, line: &Line<'a>) {
        let lines = self.lines;
        let ends = |at: usize| {
            lines.get(at).is_some_and(headers::is_divider)
                || headers::begins_block(lines, at)
                || self.attributions.binary_search_by_key(&at, |found| found.begin).is_ok()
        };
        if self.signature || self.is_rest_of_quote(at, line) || signature::is_device(line) {
            return;
        }
        if self.began && self.delimiters > 0 && signature::may_begin(line) {
            self.signature = signature::begins(lines, at, ends);
            self.delimiters -= 1;
            if self.signature {
                return;
            }
        }
        self.began = true;
        self.kept.push(*line);
    }

    /// Where history begins, and signatures end.
    fn saw_history(&mut self, at: usize) {
        self.written = self.written.min(at);
        (self.history, self.signature) = (true, false);
    }

    fn begins_forward(&self, at: usize, line: &Line<'a>) -> bool {
        if line.part == Part::Forwarded {
            return true;
        }
        // Within a quotation it belongs to the history.
        let within = line.is_quote()
            && at.checked_sub(1).and_then(|above| self.lines.get(above)).is_some_and(|above| above.is_quote() || self.history);
        !within && headers::is_forward(line)
    }

    fn pass_on(&mut self, at: usize) -> Option<usize> {
        self.kept.extend(self.lines.all.get(at..).unwrap_or_default());
        self.passed_on = true;
        None
    }

    fn attributed(&mut self, found: Attribution, line: &Line<'a>) -> Option<usize> {
        if let Some(written) =
            line.bare.get(..found.after).map(|written| written.trim_end_matches(['-', ' '])).filter(|written| !written.is_empty())
        {
            self.kept.push(Line::new(written, Part::Written));
            self.began = true;
        }
        let drawn = self.lines.next(found.end).filter(|(_, line)| line.bare.starts_with("| ")).map(|(at, _)| at);
        if let Some(drawn) = drawn {
            self.saw_history(found.begin);
            let length = self.lines.all.get(drawn..).unwrap_or_default().iter().take_while(|line| line.bare.starts_with('|')).count();
            return Some(drawn + length);
        }
        if self.lines.quote_follows(found.end) {
            self.saw_history(found.begin);
            return Some(found.end);
        }
        if !self.began {
            return self.pass_on(found.begin);
        }
        self.saw_history(found.begin);
        None
    }

    /// Long lines of a quotation are broken, and what is behind the break has no mark: a link, or the end of a sentence.
    fn is_rest_of_quote(&self, at: usize, line: &Line<'a>) -> bool {
        let above = at.checked_sub(1).and_then(|above| self.lines.get(above)).filter(|above| above.is_quote());
        let Some(above) = above else {
            return false;
        };
        let open = |opening: &str, closing: char| {
            above.bare.rfind(opening).is_some_and(|at| above.bare.get(at..).is_some_and(|rest| !rest.contains(closing)))
        };
        let broken = (open("(http", ')') || open("<http", '>')) && !line.bare.contains(' ');
        let link = line.bare.starts_with("(http") || line.bare.starts_with("<http");
        let sentence = above.bare.chars().count() >= 60
            && !above.bare.ends_with(['?', ':'])
            && line.bare.chars().count() <= 60
            && line.bare.starts_with(char::is_lowercase)
            && self.lines.get(at + 1).is_none_or(|below| below.is_blank() || below.is_quote());
        broken || sentence || (link && self.lines.get(at + 1).is_some_and(Line::is_quote))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn history_is_cut_and_what_was_written_stays() {
        for (text, fresh) in [
            ("شكراً لكم\n\nOn Tue, Feb 3, 2026 at 10:15 AM Office <office@example.org>\nwrote:\n\n> old\n> older", "شكراً لكم"),
            (
                "وصلني\n\nفي الثلاثاء، 3 فبراير 2026 في 10:15 ص تمت كتابة ما يلي بواسطة \u{202A}Office\u{202C}\u{200F} <\u{200F}office@example.org\u{200F}>:\n\n> قديم",
                "وصلني",
            ),
            ("جديد\n\nفي ٣ فبراير ٢٠٢٦ كتب:\nكلام قديم بلا علامة", "جديد"),
            ("Yes\n\n-----Original Message-----\nFrom: x\nold", "Yes"),
            (
                "تم\n\n________________________________\nمن: المكتب <office@example.org>\nتاريخ الإرسال: 3 فبراير 2026\nإلى: علي\nالموضوع: طلب\n\nقديم",
                "تم",
            ),
            ("Done\n\n*From:* Office\n*Sent:* Monday\n*To:* Ali\n*Subject:* Aid\n\nold", "Done"),
            ("أولاً\n> سؤال؟\nجواب\n> سؤال آخر؟\nجواب آخر", "أولاً\nجواب\nجواب آخر"),
            ("أعلى\n\nOn 3 Feb 2026, Office wrote:\n> سؤال؟\nوهذا جوابي", "أعلى\n\nوهذا جوابي"),
            ("نص\n-- \nعلي\nهاتف", "نص"),
            ("نص\n\nSent from my iPhone", "نص"),
            ("نص\n\nأرسلت من الـ iPhone الخاص بي", "نص"),
            ("> only quoted\n> lines", "> only quoted\n> lines"),
            ("---------- Forwarded message ---------\nFrom: x\n\nنص محوّل", "---------- Forwarded message ---------\nFrom: x\n\nنص محوّل"),
        ] {
            assert_eq!(newly_written(text), fresh, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_history_stays() {
        for text in [
            "في 3 فبراير كتبت إليكم ما يلي:\nأحتاج سلة غذائية",
            "On Monday I wrote:\nplease help",
            "من: علي\nأحتاج مساعدة",
            "أسعار:\n--\nخبز",
            "أرسلت من قبل طلباً ولم يصل رد",
            "From here on I need help\nTo be honest",
        ] {
            assert!(newly_written(text).lines().count() >= 2 || newly_written(text) == text, "{text}");
            assert!(newly_written(text).ends_with(text.lines().last().unwrap()), "{text}");
        }
    }

    #[test]
    fn answers_between_and_below_quotations_are_kept() {
        for (text, fresh) in [
            ("On 3 Feb 2026, Office wrote:\n> question\n\nanswer", "answer"),
            ("> question one?\n\nanswer one\n\n> question two?\n\nanswer two\n\n-- \nAli", "answer one\n\nanswer two"),
            ("Hello,\n\n2026-02-03 10:15 GMT+03:00 Office <office@example.org>:\n> one\nyes\n> two\nno", "Hello,\n\nyes\nno"),
            ("Done\n\nOn 3 Feb 2026, Office wrote:\n| old\n| older\n\nbelow", "Done\n\nbelow"),
            ("> a long line of the quotation that was broken by some program at\nits end\n> and goes on\n\nanswer", "answer"),
            ("Visit us\n>>> sale <<<\nnow", "Visit us\n>>> sale <<<\nnow"),
        ] {
            assert_eq!(newly_written(text), fresh, "{text}");
        }
    }

    #[test]
    fn what_is_passed_on_is_kept_whole() {
        for text in [
            "للاطلاع\n\n---------- Forwarded message ---------\nمن: المكتب <office@example.org>\nDate: 3 Feb 2026\n\nنص\n> قديم\n-- \nعلي",
            "FYI\n\nBegin forwarded message:\n\n> From: Office\n> Subject: Aid\n>\n> text",
            "FYI\n\n> Begin forwarded message:\n>\n> From: Office\n>\n> text",
            "From: Office <office@example.org>\nSent: Tuesday\nTo: Ali\nSubject: Aid\n\ntext",
        ] {
            assert_eq!(newly_written(text), text, "{text}");
        }
        let text = "انظر أدناه\n\nمن: المكتب <office@example.org>\nتاريخ الإرسال: 3 فبراير 2026\nإلى: علي\nالموضوع: طلب\n\nنص";
        let fresh = |subject| Body { plain: Some(text), html: None, subject }.read().fresh;
        assert_eq!(fresh(Some("FW: طلب")), text);
        assert_eq!(fresh(Some("RE: طلب")), "انظر أدناه");
        let history = "Yes\n\n-----Original Message-----\nFYI\n---------- Forwarded message ----------\nold";
        assert_eq!(newly_written(history), "Yes", "what was passed on before is history");
    }

    #[test]
    fn a_mail_of_signatures_and_history_alone_is_kept() {
        for text in
            ["Sent from my iPhone", "-- \nAli", "On 3 Feb 2026, Office wrote:\n> old", "> old", "-----Original Message-----", "________"]
        {
            assert_eq!(newly_written(text), text, "{text}");
        }
        assert_eq!(newly_written("Sent from my iPhone\n\nOn 3 Feb 2026, Office wrote:\n> old"), "Sent from my iPhone");
    }

    fn fresh_of_html(html: &str) -> String {
        Body { html: Some(html), ..Body::default() }.read().fresh
    }

    #[test]
    fn the_marks_of_mail_programs_tell_what_is_old() {
        for (program, html) in [
            (
                "Gmail",
                "<div dir=ltr>Yes</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=ltr class=gmail_attr>Office sagte:<br></div><blockquote class=gmail_quote>old</blockquote></div>",
            ),
            (
                "Gmail's signature",
                "<div>Yes</div><span class=\"gmail_signature_prefix\">-- </span><br><div class=\"gmail_signature\">Ali</div>",
            ),
            (
                "Outlook on the web",
                "<div>Yes</div><div id=appendonsend></div><hr><div id=divRplyFwdMsg><b>Fra</b> Office</div><div>old</div>",
            ),
            (
                "Outlook",
                "<div class=WordSection1><p class=MsoNormal>Yes<o:p></o:p></p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in'><p class=MsoNormal><b>X:</b> Office</p></div><p class=MsoNormal>old</p></div>",
            ),
            (
                "Outlook on phones",
                "<div>Yes</div><div id=ms-outlook-mobile-signature>Hent Outlook</div><div id=mail-editor-reference-message-container>old</div>",
            ),
            (
                "Apple",
                "<div>Yes<br><br><div id=AppleMailSignature dir=ltr>Ali</div><div dir=ltr><br><blockquote type=cite>old</blockquote></div></div>",
            ),
            (
                "Yahoo",
                "<div class=ydp1yahoo-style-wrap>Yes</div><div id=yahoo_quoted_1 class=ydp2yahoo_quoted><div>Office:</div><div>old</div></div>",
            ),
            (
                "Thunderbird",
                "Yes<div class=moz-cite-prefix>Office a dit<br></div><blockquote type=cite cite='mid:x'>old</blockquote><div class=moz-signature>-- <br>Ali</div>",
            ),
            ("Hotmail", "<div>Yes<br><hr id=stopSpelling>From: Office<br>old</div>"),
            (
                "Proton",
                "<div>Yes</div><div class='protonmail_signature_block'>Sent with x</div><div class=protonmail_quote>Office:<blockquote>old</blockquote></div>",
            ),
            (
                "Zimbra",
                "<div>Yes</div><hr id=zwchr data-marker=__DIVIDER__><div data-marker=__HEADERS__>Office</div><div data-marker=__QUOTED_TEXT__>old</div>",
            ),
            ("GMX", "<div>Yes</div><div name=quote style='border-left:2px solid'>Office<div>old</div></div>"),
            ("Zoho", "<div>Yes</div><div class=zmail_extra>---- Office ----<div>old</div></div>"),
            ("Samsung", "Yes<div id=composer_signature>Samsung</div><div id=quoted_header>--------</div>old"),
        ] {
            assert_eq!(fresh_of_html(html), "Yes", "{program}");
        }
        let between = "<div class=gmail_quote><div class=gmail_attr>Office:</div><blockquote class=gmail_quote>one?</blockquote><div>answer</div><blockquote class=gmail_quote>two?</blockquote></div>";
        assert_eq!(fresh_of_html(between), "answer");
        let forward = "<div>See</div><div class=gmail_quote><div class=gmail_attr>---------- Forwarded message ---------<br>From: Office</div>matter</div>";
        assert!(fresh_of_html(forward).ends_with("matter"));
        assert_eq!(fresh_of_html("<div id=Signature>Ali</div>"), "Ali", "never empty");
    }

    #[test]
    fn the_html_tells_what_the_plain_text_does_not() {
        let html = "<div>Yes, please <b>do</b>.</div><div class=gmail_quote><div class=gmail_attr>Office dixit</div><blockquote>old</blockquote></div>";
        let read = Body { plain: Some("Yes, please *do*.\n\nOffice dixit\nold"), html: Some(html), subject: None }.read();
        assert_eq!((read.fresh.as_str(), read.text.as_str()), ("Yes, please *do*.", "Yes, please *do*.\n\nOffice dixit\nold"));
        let other = Body { plain: Some("Something else\nold"), html: Some(html), subject: None }.read();
        assert_eq!(other.fresh, "Something else\nold");
        let stub = Body { plain: Some("Your mail program does not support HTML."), html: Some(html), subject: None }.read();
        assert_eq!((stub.fresh.as_str(), stub.text.contains("> old")), ("Yes, please do.", true));
    }

    #[test]
    fn long_mails_are_read_in_time() {
        #[allow(clippy::disallowed_methods, reason = "a test of how long it takes")]
        let begun = std::time::Instant::now();
        for unit in [
            "> q\n",
            "On 3 Feb 2026 at 10:15, Ali <a@b.example> wrote:\n",
            "x wrote:\n",
            "--\nx\n",
            "From: a\nx\n",
            "Re: ",
            "> (http\nx\n",
            "____\nx@y.example http://x\n",
        ] {
            newly_written(&unit.repeat(100_000));
        }
        newly_written(&"x".repeat(1 << 20));
        newly_written(&format!("> q\n{}:\n> x", "On wrote 2026 ".repeat(80_000)));
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }

    fn is_made_of(fresh: &str, text: &str) -> bool {
        let mut lines = text.lines();
        fresh.lines().all(|line| line.is_empty() || lines.any(|other| other.trim() == line.trim() || other.trim().starts_with(line.trim())))
    }

    const HISTORIES: [&str; 6] = [
        "On Tue, Feb 3, 2026 at 10:15 AM Office <office@example.org>\nwrote:\n\n> old\n> older",
        "في الثلاثاء، 3 فبراير 2026 في 10:15 ص تمت كتابة ما يلي بواسطة Office <office@example.org>:\n\n> قديم",
        "________________________________\nFrom: Office <office@example.org>\nSent: Tuesday, February 3, 2026 10:15 AM\nTo: Ali\nSubject: Aid\n\nold",
        "________________________________\nمن: المكتب <office@example.org>\nتاريخ الإرسال: الثلاثاء، 3 فبراير 2026\nإلى: علي\nالموضوع: طلب\n\nقديم",
        "-----Original Message-----\nold",
        "Am 03.02.2026 um 10:15 schrieb Office:\n> alt",
    ];

    proptest! {
        #[test]
        fn what_is_kept_are_lines_of_the_mail_in_their_order(text in "(?s)(.|On |wrote:|> |-- |\n|\nمن: |إلى: |a@b.example|2026 10:15 |--){0,60}") {
            let fresh = newly_written(&text);
            prop_assert!(is_made_of(&fresh, &super::super::visible::tidy(&text)) || fresh == text.trim(), "{:?} {:?}", text, fresh);
        }

        #[test]
        fn history_below_a_mail_changes_nothing(lines in proptest::collection::vec("[a-zA-Z\u{627}-\u{64A}][a-zA-Z\u{627}-\u{64A}0-9 ,.]{0,60}", 1..8), which in 0..HISTORIES.len()) {
            let text = lines.join("\n");
            prop_assert_eq!(newly_written(&format!("{text}\n\n{}", HISTORIES[which])), newly_written(&text));
        }

        #[test]
        fn any_body_is_read(plain in "(?s)(.|<div>|\n> |wrote:){0,40}", html in "(?s)(.|<div|class=gmail_quote>|</div>|<blockquote>|<br>|&nbsp;|<!--|<style>){0,60}") {
            let read = Body { plain: Some(&plain), html: Some(&html), subject: Some("Fwd: x") }.read();
            prop_assert_eq!(read.fresh.trim().is_empty(), read.text.trim().is_empty());
        }

        #[test]
        fn something_written_is_never_emptied(text in "(?s)(.|On |wrote:|> |-- |\n|من: |إلى: ){0,40}") {
            prop_assert_eq!(newly_written(&text).trim().is_empty(), text.trim().is_empty() || super::super::visible::tidy(&text).trim().is_empty());
        }
    }
}
