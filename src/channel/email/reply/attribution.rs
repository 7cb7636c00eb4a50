//! The line above a quotation that says who wrote it, and when: known by its shape, not by whole sentences.
//!
//! It holds a date, a time or an address, often one of the words for "wrote", and ends with a colon or stands above a
//! quotation. Programs break it over up to six lines, so it is looked for from its end backwards.

use super::{
    index::{ON, WROTE, WROTE_JOINED, WROTE_LAST, is_spaceless},
    lines::{Line, Lines, bare, plain},
};

/// Lines of one attribution, its bytes and its words, at most.
const LINES: usize = 6;
const BYTES: usize = 600;
const WORDS: usize = 60;

/// An attribution: its first line, and the line behind its last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribution {
    pub begin: usize,
    pub end: usize,
    /// How many bytes of the first line (its `bare` form) stand before it: a program that forgot the line end.
    pub after: usize,
}

/// The attributions of a text, from top to bottom.
pub fn all(lines: &Lines<'_>) -> Vec<Attribution> {
    let mut found: Vec<Attribution> = Vec::new();
    for (at, line) in lines.all.iter().enumerate() {
        if line.bare.len() > BYTES || line.is_blank() || line.is_quote() {
            continue;
        }
        let Some(ending) = Ending::of(lines, at, line.bare) else {
            continue;
        };
        let from = found.last().map_or(0, |last| last.end);
        found.extend(ending_at(lines, at, ending, from));
    }
    found
}

/// How the last line of what may be an attribution ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Colon,
    /// With "wrote", or with an address.
    Word,
    /// With dashes behind it.
    Dashes,
}

impl Ending {
    /// Cheap, for every line is asked: whether it is worth to look closer.
    fn of(lines: &Lines<'_>, at: usize, line: &str) -> Option<Self> {
        let undashed = line.trim_end_matches(['-', '_', '*', ' ']);
        if let Some(said) = undashed.strip_suffix([':', '\u{FF1A}']) {
            let said = said.trim_end_matches([' ', '\u{A0}', '*']);
            let above = || at.checked_sub(1).and_then(|above| lines.get(above)).is_some_and(|above| ends_with_verb(above.bare));
            return (said.ends_with(['>', ')', ']']) || said.contains('@') || ends_with_verb(said) || holds_verb(said) || above())
                .then_some(Ending::Colon);
        }
        if line.ends_with("--") {
            return ends_with_verb(undashed).then_some(Ending::Dashes);
        }
        let likely = line.contains('@') || lines.quote_follows(at + 1);
        (likely && (undashed.ends_with(['>', ')']) || ends_with_verb(undashed))).then_some(Ending::Word)
    }
}

/// Whether the last word of a line is a word for "wrote", or the end of one.
fn ends_with_verb(line: &str) -> bool {
    if line.ends_with(is_spaceless) {
        return WROTE_JOINED.iter().any(|word| line.ends_with(word));
    }
    line.split_whitespace().next_back().is_some_and(|word| word.len() < 40 && WROTE_LAST.contains(plain(word).as_str()))
}

/// Whether a word for "wrote" stands somewhere in a line.
fn holds_verb(line: &str) -> bool {
    verb(&plain(line)) != Verb::None
}

fn ending_at(lines: &Lines<'_>, last: usize, ending: Ending, from: usize) -> Option<Attribution> {
    let quoted = lines.quote_follows(last + 1) || lines.next(last + 1).is_some_and(|(_, line)| line.bare.starts_with("| "));
    let mut joined = String::new();
    let mut found: Option<(usize, Claim)> = None;
    for at in (from.max((last + 1).saturating_sub(LINES))..=last).rev() {
        let line = lines.get(at)?;
        if joined.len() + line.bare.len() > BYTES || (line.is_quote() && at != last) {
            break;
        }
        // Only a line that can't be anything else stands above an empty one.
        if line.is_blank() && !at.checked_sub(1).and_then(|above| lines.get(above)).is_some_and(is_beginning) {
            break;
        }
        joined = format!("{} {joined}", line.bare);
        let claim = Claim::of(&joined, ending, quoted);
        if claim.words > WORDS {
            break;
        }
        if claim.holds(quoted) && found.is_none_or(|(_, before)| claim.completes(&before, line.bare)) {
            found = Some((at, claim));
        }
        if found.is_some_and(|(_, claim)| claim.opens && claim.timed) {
            break;
        }
    }
    let (begin, claim) = found?;
    let after = if claim.opens || begin != last || !quoted { 0 } else { shared(lines.get(begin)?.bare) };
    Some(Attribution { begin, end: last + 1, after })
}

/// A line that begins with "On" and has a date and a time, but nobody's words.
fn is_beginning(line: &Line<'_>) -> bool {
    line.bare.len() < 120 && {
        let claim = Claim::of(line.bare, Ending::Word, false);
        claim.opens && claim.timed && claim.words <= 14
    }
}

fn ends_sentence(line: &str) -> bool {
    line.ends_with(['!', '?', '\u{61F}', ':', '\u{3002}']) || (line.ends_with('.') && line.split_whitespace().count() > 4)
}

/// Where an attribution begins within a line that begins with something else.
fn shared(line: &str) -> usize {
    let opens = |at: usize| line.get(at..).is_some_and(|rest| Claim::of(rest, Ending::Colon, false).opens);
    line.match_indices("On ")
        .map(|(at, _)| at)
        .filter(|at| line.get(..*at).is_some_and(|before| before.ends_with([' ', '-'])))
        .find(|at| opens(*at))
        .unwrap_or(0)
}

/// What speaks for a line being an attribution.
#[derive(Clone, Copy, Debug, Default)]
struct Claim {
    /// It begins with "On", "في" and so on, with a date, or with "wrote".
    opens: bool,
    dated: bool,
    timed: bool,
    numbered: bool,
    address: bool,
    /// It ends with an address.
    ends_with_address: bool,
    verb: Verb,
    words: usize,
    first_person: bool,
    dashed: bool,
    colon: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Verb {
    #[default]
    None,
    /// With a name behind it.
    Inside,
    Last,
}

impl Claim {
    /// Whether a line above what is enough still belongs to it: it begins as such lines do, or brings the date.
    fn completes(&self, before: &Claim, line: &str) -> bool {
        let dates = self.dated && !before.dated || self.timed && !before.timed;
        (self.opens && self.numbered && (!before.opens || dates)) || (dates && !ends_sentence(line))
    }

    fn of(text: &str, ending: Ending, quoted: bool) -> Self {
        let text = bare(text).trim_start_matches(['*', '-', '_', ' ', '\u{2014}', '\u{2013}']).trim_end_matches(['*', '-', '_', ' ']);
        let colon = text.ends_with([':', '\u{FF1A}']);
        let text = plain(text.trim_end_matches([':', '\u{FF1A}', ' ', '\u{A0}', '*']));
        let dates = Dates::of(&text);
        let (address, opens) = (has_address(&text), opens(&text));
        let ends_with_address =
            address && text.split_whitespace().next_back().is_some_and(|word| word.contains('@') || word == ">" || word.ends_with(">>"));
        let (dated, timed) = (dates.year || dates.time, dates.year && dates.time);
        // Only then it matters whether a word stands before the name.
        let inside = colon && (ends_with_address || ((opens || address) && timed) || (quoted && dated));
        let proven = dates.number || address || quoted || ending == Ending::Dashes;
        let verb = match (proven && ends_with_phrase(&text), inside) {
            (true, _) => Verb::Last,
            (false, true) => verb(&text),
            (false, false) => Verb::None,
        };
        Claim {
            opens,
            dated,
            timed,
            numbered: dates.number,
            address,
            ends_with_address,
            verb,
            words: text.split_whitespace().count(),
            first_person: ["i wrote", "we wrote", "i have written", "i said", "i sent", "we sent", "ich schrieb", "j'ai écrit"]
                .iter()
                .any(|said| text.ends_with(said)),
            dashed: ending == Ending::Dashes,
            colon,
        }
    }

    fn holds(&self, quoted: bool) -> bool {
        if self.first_person && !quoted {
            return false;
        }
        if self.dashed {
            return self.verb == Verb::Last && (self.words <= 8 || self.dated);
        }
        match self.verb {
            Verb::Last if !self.colon && !quoted => self.opens && self.timed && self.address,
            Verb::Last => self.dated || self.address || (quoted && (self.words <= 8 || self.numbered)),
            Verb::Inside => {
                (self.colon && self.ends_with_address && (self.numbered || quoted))
                    || (self.colon && self.timed && (self.opens || (self.address && self.words <= 20)))
                    || (self.colon && quoted && self.dated)
            }
            Verb::None => self.ends_with_address && self.dated && (self.colon || quoted) && (quoted || self.opens || self.timed),
        }
    }
}

fn opens(text: &str) -> bool {
    let text = text.trim_start_matches(['"', '\'', '(', '[']);
    // Chinese does without the space.
    text.starts_with(|c: char| c.is_ascii_digit())
        || ON
            .beginning(text)
            .chain(WROTE.beginning(text))
            .any(|word| text.get(word.len()..).is_some_and(|rest| rest.starts_with([' ', ':'])))
        || (text.starts_with(is_spaceless) && text.chars().nth(1).is_some_and(|c| c.is_ascii_digit()))
}

#[derive(Clone, Copy, Default)]
struct Dates {
    year: bool,
    time: bool,
    number: bool,
}

impl Dates {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut dates = Dates::default();
        let mut at = 0;
        while at < bytes.len() {
            let length = bytes.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
            if length == 0 {
                at += 1;
                continue;
            }
            let number = bytes.get(at..at + length).unwrap_or_default();
            dates.number = true;
            // Years of our calendar, the Islamic, the Persian and the Buddhist one.
            dates.year |= length == 4 && [&b"19"[..], b"20", b"14", b"13", b"25"].iter().any(|century| number.starts_with(century));
            let between = bytes.get(at + length).copied().unwrap_or_default();
            let minutes = bytes.get(at + length + 1..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
            dates.time |= length <= 2 && minutes == 2 && matches!(between, b':' | b'h');
            // `17.50`, but not the day and month of `18.04.17`.
            dates.time |= length <= 2
                && minutes == 2
                && between == b'.'
                && text.get(..at).is_some_and(|before| before.ends_with("kl ") || before.ends_with("kl. ") || before.ends_with("klo "));
            // Days with two digits for the year: `3/2/26`.
            dates.year |= is_short_date(bytes.get(at..).unwrap_or_default());
            at += length;
        }
        dates
    }
}

/// `3/2/26`, `03.02.26`, `3-2-2026`.
fn is_short_date(bytes: &[u8]) -> bool {
    let mut numbers = bytes.split(|byte| matches!(byte, b'/' | b'.' | b'-'));
    let is = |part: Option<&[u8]>| {
        let part = part.unwrap_or_default();
        let digits = part.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (digits, digits == part.len())
    };
    let (day, month, year) = (is(numbers.next()), is(numbers.next()), is(numbers.next()));
    (1..=2).contains(&day.0) && day.1 && (1..=2).contains(&month.0) && month.1 && (2..=4).contains(&year.0)
}

fn has_address(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        text.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || "._+-=".contains(c)))
            && text.get(at + 1..).is_some_and(|after| after.starts_with(char::is_alphanumeric))
    })
}

/// Whether a text (lower case) ends with a word for "wrote", or with several.
fn ends_with_phrase(text: &str) -> bool {
    if text.ends_with(is_spaceless) {
        return WROTE_JOINED.iter().any(|word| text.ends_with(word));
    }
    let mut words = text.char_indices().rev().filter(|(_, c)| !c.is_alphanumeric()).take(8).map(|(at, c)| at + c.len_utf8());
    words.any(|at| text.get(at..).is_some_and(|rest| WROTE.beginning(rest).any(|phrase| phrase == rest)))
        || WROTE.beginning(text).any(|phrase| phrase == text)
}

/// Where a word for "wrote" stands in the text (lower case).
fn verb(text: &str) -> Verb {
    let mut found = Verb::None;
    for word in WROTE_JOINED.iter().filter(|_| text.contains(is_spaceless)) {
        match text.rfind(word) {
            Some(at) if at + word.len() == text.len() => return Verb::Last,
            Some(_) => found = Verb::Inside,
            None => {}
        }
    }
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if !before.is_alphanumeric() && c.is_alphabetic() {
            let rest = text.get(at..).unwrap_or_default();
            for phrase in WROTE.beginning(rest) {
                match rest.get(phrase.len()..) {
                    Some("") => return Verb::Last,
                    Some(after) if !after.starts_with(char::is_alphanumeric) => found = Verb::Inside,
                    _ => {}
                }
            }
        }
        before = c;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that the only attribution of a text takes.
    fn found(text: &str) -> Vec<(usize, usize)> {
        all(&Lines::new(text, &[])).iter().map(|found| (found.begin, found.end)).collect()
    }

    #[test]
    fn attributions_are_known_in_many_languages() {
        for line in [
            "On Tue, Feb 3, 2026 at 10:15 AM Office <office@example.org> wrote:",
            "On Tuesday, February 3, 2026 at 10:15:31 AM GMT+3, Office <office@example.org> wrote:",
            "On 03/02/2026 10:15, Office wrote:",
            "On 3 Feb 2026, at 10:15, Office <office@example.org> wrote:",
            "*On Tue, Feb 3, 2026 at 10:15, Office <office@example.org> wrote:*",
            "Office <office@example.org> wrote on Tue, 3 Feb 2026 at 10:15:",
            "2026-02-03 10:15 GMT+03:00 Office <office@example.org>:",
            "2026/2/3 Office <office@example.org>:",
            "في الثلاثاء، 3 فبراير 2026 في 10:15 ص تمت كتابة ما يلي بواسطة \u{202A}Office\u{202C}\u{200F} <\u{200F}\u{202A}office@example.org\u{202C}\u{200F}>:\u{200F}",
            "في ٣ فبراير ٢٠٢٦، الساعة ١٠:١٥ ص، كتب مكتب الشكاوى <office@example.org>:",
            "في ثلاثاء، ٣ فبراير ٢٠٢٦ في ١٠:١٥ كتب Office <office@example.org>:",
            "بتاريخ الثلاثاء، 3 فبراير 2026 كتب Office <office@example.org>:",
            "كتب \u{202A}Office\u{202C}\u{200F} <\u{202A}office@example.org\u{202C}\u{200F}> في الثلاثاء، 3 فبراير 2026 في 10:15 ص:",
            "كتب \u{202B}المكتب\u{202C} في ٣\u{200F}/٢\u{200F}/٢٠٢٦ ١٠:١٥ ص:",
            "Le mar. 3 févr. 2026 à 10:15, Office <office@example.org> a écrit :",
            "Le 03/02/2026 à 10:15, Office a écrit\u{A0}:",
            "Am Di., 3. Feb. 2026 um 10:15 Uhr schrieb Office <office@example.org>:",
            "Am 03.02.2026 um 10:15 schrieb Office:",
            "Am 03.02.26 um 10:15 schrieb Max Mustermann:",
            "El mar, 3 feb 2026 a las 10:15, Office (<office@example.org>) escribió:",
            "Em ter., 3 de fev. de 2026 às 10:15, Office <office@example.org> escreveu:",
            "Il giorno mar 3 feb 2026 alle ore 10:15 Office <office@example.org> ha scritto:",
            "Il 03/02/2026 10:15, Office ha scritto:",
            "Op di 3 feb 2026 om 10:15 schreef Office <office@example.org>:",
            "Op 3 feb. 2026 om 10:15 heeft Office <office@example.org> het volgende geschreven:",
            "Office <office@example.org>, 3 Şub 2026 Sal, 10:15 tarihinde şunu yazdı:",
            "3 Şub 2026 Sal 10:15 tarihinde Office <office@example.org> şunları yazdı:",
            "در تاریخ سه‌شنبه ۳ فوریهٔ ۲۰۲۶ ساعت ۱۰:۱۵ Office <office@example.org> نوشت:",
            "3 فروری 2026 کو 10:15 پر Office <office@example.org> نے لکھا:",
            "wt., 3 lut 2026 o 10:15 Office <office@example.org> napisał(a):",
            "W dniu 3.02.2026 o 10:15, Office pisze:",
            "út 3. 2. 2026 v 10:15 odesílatel Office <office@example.org> napsal:",
            "ut 3. 2. 2026 o 10:15 Office <office@example.org> napísal(a):",
            "Den tis 3 feb. 2026 kl 10:15 skrev Office <office@example.org>:",
            "tir. 3. feb. 2026 kl. 10.15 skrev Office <office@example.org>:",
            "ti 3. helmik. 2026 klo 10.15 Office (office@example.org) kirjoitti:",
            "вт, 3 февр. 2026 г. в 10:15, Office <office@example.org>:",
            "03.02.2026 10:15, Office пишет:",
            "вт, 3 лют. 2026 р. о 10:15 Office <office@example.org> пише:",
            "На вт, 3.02.2026 г. в 10:15 Office <office@example.org> написа:",
            "Office <office@example.org> ezt írta (időpont: 2026. febr. 3., K, 10:15):",
            "mar., 3 feb. 2026 la 10:15, Office <office@example.org> a scris:",
            "Στις Τρί 3 Φεβ 2026 στις 10:15 π.μ., ο χρήστης Office <office@example.org> έγραψε:",
            "Office <office@example.org> 于2026年2月3日周二 10:15写道：",
            "在 2026年2月3日，10:15，Office <office@example.org> 写道：",
            "Office <office@example.org> 於 2026年2月3日 週二 上午10:15寫道：",
            "2026年2月3日(火) 10:15 Office <office@example.org>:",
            "2026/02/03 10:15、Officeのメール:",
            "2026년 2월 3일 (화) 오전 10:15, Office <office@example.org>님이 작성:",
            "\u{202B}בתאריך יום ג׳, 3 בפבר׳ 2026 ב-10:15 מאת \u{202A}Office\u{202C}\u{200F} <\u{202A}office@example.org\u{202C}\u{200F}>:\u{200F}",
            "ในวันที่ อ. 3 ก.พ. 2026 เวลา 10:15 Office <office@example.org> เขียนว่า:",
            "Vào Th 3, 3 thg 2, 2026 vào lúc 10:15 Office <office@example.org> đã viết:",
            "Pada Sel, 3 Feb 2026 pukul 10.15 Office <office@example.org> menulis:",
            "मंगल, 3 फ़र॰ 2026 को 10:15 am बजे को Office <office@example.org> ने लिखा:",
            "মঙ্গল, ৩ ফেব, ২০২৬ এ ১০:১৫ AM টায় Office <office@example.org> লিখেছেন:",
            "---- On Tue, 03 Feb 2026 10:15:00 +0300 office@example.org wrote ----",
            "At 2/3/2026 10:15 PM, you wrote:",
            "суббота, 14 марта 2026 г. пользователь Office написал:",
            "Office (office@example.org) wrote:",
            "In message <1234@example.org>, Office <office@example.org> writes:",
            "Max Mustermann <office@example.org> schrieb am Fr., 28. Apr. 2026 um 11:53 Uhr:",
            "雨州 <office@example.org> 在 2026年2月28日 周六 19:47 写道：",
            "30 серп. 2026 р. 20:45 \"Office\" office@example.org пише:",
            "Sent from Samsung MobileOffice <office@example.org> wrote:",
        ] {
            assert_eq!(found(&format!("Yes\n\n{line}\n\nold")), [(2, 3)], "{line}");
        }
    }

    #[test]
    fn attributions_are_known_when_they_are_wrapped() {
        for (lines, count) in [
            ("On Tue, Feb 3, 2026 at 10:15 AM Office <office@example.org>\nwrote:", 2),
            ("On Tue, Feb 3, 2026 at 10:15 AM Office <\na-very-long-address-of-an-office@example.org> wrote:", 2),
            ("On Feb 3, 2026,\nat 10:15,\nOffice <office@example.org> wrote:", 3),
            (
                "في الثلاثاء، 3 فبراير 2026 في 10:15 ص تمت كتابة ما يلي بواسطة\n\u{202A}Office\u{202C}\u{200F} <\u{200F}office@example.org\u{200F}>:",
                2,
            ),
            ("Le mar. 3 févr. 2026 à 10:15,\nOffice <office@example.org>\na écrit :", 3),
            ("tir. 3. feb. 2026 kl. 10:15 skrev Office <office@example.org\n>:", 2),
            ("Am Di., 3. Feb. 2026 um 10:15 Uhr schrieb Office\n<office@example.org>:", 2),
            ("On Wed, Dec 9, Office\n<office@example.org>\nwrote:", 3),
        ] {
            assert_eq!(found(&format!("Yes\n\n{lines}\n> old")), [(2, 2 + count)], "{lines}");
            // The line above has no empty line below it, and is no part of it.
            assert_eq!(found(&format!("I can do that.\n{lines}\n> old")), [(1, 1 + count)], "{lines}");
        }
    }

    #[test]
    fn a_sentence_that_speaks_of_writing_is_no_attribution() {
        for text in [
            "On Monday I wrote:\nplease help",
            "في 3 فبراير كتبت إليكم ما يلي:\nأحتاج سلة غذائية",
            "He wrote:\nplease help",
            "My phone: 0500000000\nMy address: ali@example.com\nplease wrote",
            "Please answer to ali@example.com:\nthanks",
            "The office sent me on 3 February the following things:\nbread",
            "كتب لي المكتب ما يلي:\nلا يوجد",
            "I wrote to office@example.org twice",
            "كتب الموظف في 3 فبراير 2026:\nلا يوجد",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
