//! What stands below what was written: signatures, the lines of phones, the footers of lawyers, lists and virus scanners.
//!
//! Only at the end and only when it is short: what may be the matter itself stays.

use super::{
    index,
    languages::LANGUAGES,
    lines::{Line, Lines, plain},
    words::{ADVERTS, DEVICES, FOOTERS},
};

/// Lines of a signature that are not blank, at most.
const LINES: usize = 12;
/// Lines from the end among which a footer may begin.
const FOOTER: usize = 60;

/// Whether a line is one that signatures begin with.
pub fn may_begin(line: &Line<'_>) -> bool {
    let is_made_of = |sign: char| line.bare.chars().all(|c| c == sign);
    line.bare.len() >= 2 && (is_made_of('-') || is_made_of('_'))
}

/// Whether a signature begins in this line, which may begin one: `-- ` (RFC 3676 §4.3), or its like when what follows is
/// short. `ends` tells where something else begins.
pub fn begins(lines: &Lines<'_>, at: usize, ends: impl Fn(usize) -> bool) -> bool {
    let Some(line) = lines.get(at) else {
        return false;
    };
    if line.raw == "-- " || line.raw == "--\u{A0}" {
        return true;
    }
    let above = at.checked_sub(1).and_then(|above| lines.get(above)).map_or("", |line| line.bare);
    let below = region(lines, at + 1, ends);
    if line.bare.len() <= 4 {
        return (above.is_empty() || above.ends_with(['.', '!', '?', '\u{61F}', ','])) && below.is_some_and(|below| is_short(&below, 100));
    }
    let reachable = |below: &[Line<'_>]| above.is_empty() && below.iter().filter(|line| contact(line.bare).is_some()).count() >= 2;
    below.is_some_and(|below| is_short(&below, 120) && (is_footer(&below) || reachable(&below)))
}

/// The lines from `at` to the end of the text, or to where `ends`; `None` when they are too many for a signature.
fn region<'a>(lines: &Lines<'a>, at: usize, ends: impl Fn(usize) -> bool) -> Option<Vec<Line<'a>>> {
    let mut below = Vec::new();
    let mut next = at;
    while let Some((place, line)) = lines.next(next) {
        if line.is_quote() || ends(place) {
            break;
        }
        if below.len() == LINES {
            return None;
        }
        below.push(*line);
        next = place + 1;
    }
    Some(below)
}

fn is_short(lines: &[Line<'_>], longest: usize) -> bool {
    !lines.is_empty() && lines.iter().all(|line| line.bare.chars().count() <= longest && !line.bare.ends_with(['?', '\u{61F}']))
}

/// A line such as "Sent from my iPhone".
pub fn is_device(line: &Line<'_>) -> bool {
    if line.bare.len() > 240 || !may_be_device(line.bare) {
        return false;
    }
    let text = plain(line.bare.trim_start_matches('<').trim_matches(['*', '_', '[', ']', '.', '\u{60C}', '!', ' ', '-', '(', ')']));
    let (text, link) = text.split_once(['<', '(']).map_or((text.as_str(), false), |(text, link)| (text, link.starts_with("http")));
    let text = text.trim();
    if text.split_whitespace().count() > 12 || text.contains('@') {
        return false;
    }
    let device = || DEVICES.iter().any(|device| text.contains(device));
    index::devices(text).any(|(opening, closing)| {
        text.strip_prefix(opening).and_then(|rest| rest.strip_suffix(closing)).is_some_and(|rest| {
            let rest = rest.trim();
            let words = rest.split_whitespace().count();
            let brief = words <= 6
                && opening.is_ascii()
                && !opening.is_empty()
                && !rest.contains([',', '.', ';'])
                && has_capital(line.bare, opening, rest);
            words <= 8 && (link || brief || device()) && (words > 0 || !closing.is_empty() || opening.contains("outlook"))
        })
    })
}

/// Whether the first word or the end of a line is one of those that such lines have.
fn may_be_device(line: &str) -> bool {
    let line = line.trim_start_matches(['*', '_', '[', ' ', '-', '(', '<']);
    let head = line.get(..line.char_indices().nth(20).map_or(line.len(), |(at, _)| at)).unwrap_or_default();
    index::devices(&plain(head))
        .any(|(opening, closing)| !opening.is_empty() || line.trim_end_matches(['.', '*', ' ', '!']).ends_with(closing))
}

/// Whether what follows the opening begins with a capital or with "my": the name of a program or a device.
fn has_capital(line: &str, opening: &str, rest: &str) -> bool {
    let own = ["my ", "mon ", "mi ", "mein ", "mijn ", "il mio ", "meu ", "min ", "mio "].iter().any(|own| rest.starts_with(own));
    own || line.split_whitespace().nth(opening.split_whitespace().count()).is_some_and(|word| word.starts_with(char::is_uppercase))
}

/// Takes signatures and footers off the end of what was written.
pub fn take_off(kept: &mut Vec<Line<'_>>) {
    trim(kept);
    take_off_footers(kept);
    let length = kept.len();
    if let Some(at) = closing(kept).or_else(|| card(kept)) {
        kept.truncate(at);
        trim(kept);
        // Some put the lawyers above their name.
        take_off_footers(kept);
    }
    if kept.len() < length {
        trim(kept);
    }
}

/// Takes blank lines and rules off the end.
fn trim(kept: &mut Vec<Line<'_>>) {
    while kept.last().is_some_and(|line| line.is_blank() || line.is_rule()) {
        kept.pop();
    }
}

fn take_off_footers(kept: &mut Vec<Line<'_>>) {
    for _ in 0..LINES {
        let Some(at) = last_paragraph(kept) else {
            break;
        };
        if at == 0 || !is_footer(kept.get(at..).unwrap_or_default()) {
            break;
        }
        kept.truncate(at);
        trim(kept);
    }
    if let Some(at) = notice(kept) {
        kept.truncate(at);
        trim(kept);
    }
}

fn last_paragraph(kept: &[Line<'_>]) -> Option<usize> {
    let from = kept.len().saturating_sub(FOOTER);
    kept.get(from..)?.iter().rposition(Line::is_blank).map(|at| from + at + 1)
}

fn joined(lines: &[Line<'_>]) -> String {
    let mut text = String::new();
    for line in lines.iter().take(FOOTER) {
        let line = line.bare.get(..line.bare.char_indices().nth(2_000).map_or(line.bare.len(), |(at, _)| at)).unwrap_or_default();
        text.push_str(line);
        text.push(' ');
    }
    plain(&text)
}

fn is_footer(lines: &[Line<'_>]) -> bool {
    let text = joined(lines);
    let hits = FOOTERS.iter().filter(|word| text.contains(*word)).count();
    let linked = text.contains("http") || text.contains("www.");
    hits >= 2 || (hits == 1 && linked) || (text.len() < 400 && ADVERTS.iter().any(|word| text.contains(word))) || is_confidential(&text, 3)
}

/// Lawyers need many words for it; people who ask for confidence do not.
fn is_confidential(text: &str, least: usize) -> bool {
    text.chars().count() > 100
        && LANGUAGES.iter().any(|language| language.confidential.iter().filter(|word| text.contains(*word)).count() >= least)
}

/// Where a footer with a heading of its own begins: "Confidentiality notice", "إخلاء مسؤولية".
fn notice(kept: &[Line<'_>]) -> Option<usize> {
    const HEADINGS: [&str; 14] = [
        "confidentiality notice",
        "confidentiality note",
        "confidentiality",
        "disclaimer",
        "legal notice",
        "legal disclaimer",
        "notice of confidentiality",
        "email disclaimer",
        "إخلاء مسؤولية",
        "إخلاء المسؤولية",
        "تنبيه",
        "إشعار السرية",
        "vertraulichkeitshinweis",
        "avis de confidentialité",
    ];
    let from = kept.len().saturating_sub(FOOTER);
    let at = kept.iter().skip(from).position(|line| {
        let head = line.bare.get(..line.bare.char_indices().nth(40).map_or(line.bare.len(), |(at, _)| at)).unwrap_or_default();
        let head = plain(head.trim_start_matches(['*', '_', '-', ' ', '[', '(']));
        HEADINGS.iter().any(|heading| {
            head.strip_prefix(heading).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '*', '-', '.', ' ', '/', ']']))
        })
    })? + from;
    (at > 0 && is_confidential(&joined(kept.get(at..)?), 2)).then_some(at)
}

/// Where the closing words begin, with nothing below them but a name, what its bearer is and how to reach him.
fn closing(kept: &[Line<'_>]) -> Option<usize> {
    let mut below = Vec::new();
    for (at, line) in kept.iter().enumerate().rev().take(2 * LINES) {
        if line.is_blank() || line.is_rule() {
            continue;
        }
        if line.bare.len() <= 120 {
            let words = plain(line.bare.trim_matches(|c: char| !c.is_alphanumeric() && c != '(' && c != ')'));
            // A greeting with a name alone is the end of the letter, not yet a signature.
            let named = below.len() >= 2 && below.last().is_some_and(is_name);
            let closes = named && (index::REGARDS.contains(words.as_str()) || index::THANKS.contains(words.as_str()));
            if closes && at > 0 && is_short(&below, 100) {
                return Some(at);
            }
        }
        if below.len() == LINES || is_sentence(line) {
            return None;
        }
        below.push(*line);
    }
    None
}

fn is_sentence(line: &Line<'_>) -> bool {
    let words = line.bare.split_whitespace().count();
    (words > 6 && line.bare.ends_with(['.', '!', '\u{3002}'])) || words > 14 || line.bare.ends_with(['?', '\u{61F}', ':'])
}

/// A few words without numbers.
fn is_name(line: &Line<'_>) -> bool {
    let words = line.bare.split_whitespace().count();
    (1..=4).contains(&words)
        && line.bare.chars().count() <= 40
        && !line.bare.chars().any(|c| c.is_numeric() || matches!(c, '@' | '/' | ':' | '?' | '\u{61F}' | '!'))
        && line.bare.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_lowercase())
}

/// How someone can be reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Contact {
    Mail,
    Web,
    Phone,
}

fn contact(text: &str) -> Option<Contact> {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    if text.contains('@') {
        Some(Contact::Mail)
    } else if text.contains("http") || text.contains("www.") {
        Some(Contact::Web)
    } else if digits >= 7 && text.chars().count() <= 60 {
        Some(Contact::Phone)
    } else {
        None
    }
}

/// Where a last paragraph begins that is a name with two ways to reach it, one of them not a phone number.
fn card(kept: &[Line<'_>]) -> Option<usize> {
    let at = last_paragraph(kept)?;
    let lines = kept.get(at..)?;
    let above = kept.get(..at)?.iter().rev().find(|line| !line.is_blank())?;
    let contacts: Vec<Contact> = lines.iter().filter_map(|line| contact(line.bare)).collect();
    let reachable =
        contacts.iter().any(|contact| *contact != Contact::Phone) && contacts.iter().any(|contact| Some(contact) != contacts.first());
    ((3..=LINES).contains(&lines.len())
        && reachable
        && lines.first().is_some_and(is_name)
        && is_short(lines, 60)
        && !lines.iter().any(is_sentence)
        && !above.bare.ends_with([':', '\u{FF1A}']))
    .then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::email::visible::Part;

    #[test]
    fn the_lines_of_phones_and_programs_are_known() {
        for text in [
            "Sent from my iPhone",
            "Sent from my Verizon Wireless BlackBerry",
            "Sent from Mail for Windows",
            "Sent from Outlook for Android<https://aka.ms/x>",
            "Get Outlook for iOS<https://aka.ms/x>",
            "Get Outlook for iOS",
            "Sent from Yahoo Mail on Android",
            "Sent via the Samsung Galaxy S24, an AT&T 5G smartphone",
            "أُرسلت من الـ iPhone",
            "أرسلت من الـ iPhone الخاص بي",
            "تم الإرسال من هاتف Samsung Galaxy",
            "تم الإرسال من Yahoo Mail على Android",
            "أُرسلت من هاتفي الذكي",
            "مرسل من جوالي",
            "الحصول على Outlook لـ Android",
            "Envoyé de mon iPhone",
            "Envoyé depuis mon smartphone Samsung Galaxy.",
            "Von meinem iPhone gesendet",
            "Von meinem Samsung Galaxy Smartphone gesendet.",
            "Gesendet von Mail für Windows 10",
            "Enviado desde mi iPhone",
            "Enviado do meu iPhone",
            "Inviato da iPhone",
            "Verzonden vanaf mijn iPhone",
            "iPhone'umdan gönderildi",
            "Wysłane z iPhone'a",
            "Odesláno z iPhonu",
            "Sendt fra min iPhone",
            "Skickat från min iPhone",
            "Lähetetty iPhonesta",
            "Отправлено с iPhone",
            "Отправлено из мобильной Почты Mail.ru Android",
            "发自我的 iPhone",
            "從我的 iPhone 傳送",
            "iPhoneから送信",
            "나의 iPhone에서 보냄",
            "נשלח מה-iPhone שלי",
            "(sent from a phone)",
            "<<sent by galaxy>>",
            "Sent from my cell, please excuse any typos.",
            "From My Iphone 6",
        ] {
            assert!(is_device(&Line::new(text, Part::Written)), "{text}");
        }
    }

    #[test]
    fn what_people_say_of_sending_is_no_line_of_a_phone() {
        for text in [
            "Sent from my desk, is much easier then my mobile phone.",
            "أرسلت من قبل طلباً ولم يصل رد",
            "أرسلت من شهرين طلب مساعدة عن طريق الجوال ولم يتم الرد علي حتى الآن",
            "Sent from the office without a stamp",
            "Sent",
            "I sent from my iPhone",
            "From my mobile I can not open the page of the office any more since the day before yesterday",
            "From my side it is settled",
            "Enviado",
            "من جهازي في العمل لا أستطيع الدخول",
        ] {
            assert!(!is_device(&Line::new(text, Part::Written)), "{text}");
        }
    }

    fn left(text: &str) -> String {
        let lines = Lines::new(text, &[]);
        let mut kept = lines.all.clone();
        take_off(&mut kept);
        kept.iter().map(|line| line.raw).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn signatures_and_footers_are_taken_off_the_end() {
        for (text, expected) in [
            ("Yes.\n\nBest regards,\nAli Omar\nExample Ltd\nTel. 0112345678", "Yes."),
            ("نعم\n\nمع التحية،\nعلي عمر\nمدير المشتريات\nجوال: 0500000000", "نعم"),
            ("Ja.\n\nMit freundlichen Grüßen\nMax Muster\nMuster GmbH", "Ja."),
            ("Yes.\n\nAli Omar\nali@example.com\n(555) 123-4567\nwww.example.com", "Yes."),
            (
                "Yes.\n\nThis e-mail and any attachments are confidential and intended only for the intended recipient. If you received this e-mail in error, notify the sender and delete it.",
                "Yes.",
            ),
            (
                "نعم\n\nإخلاء مسؤولية: هذه الرسالة ومرفقاتها سرية وموجهة إلى المرسل إليه فقط، وإذا وصلتك هذه الرسالة بالخطأ فيرجى إبلاغ المرسل وحذفها فوراً من جهازك.",
                "نعم",
            ),
            ("Yes.\n\nPlease consider the environment before printing this e-mail.", "Yes."),
            ("Yes.\n\nVirus-free. www.avast.com", "Yes."),
            ("Yes.\n\nTo unsubscribe from this group, see https://groups.example.org", "Yes."),
            ("Yes.\n\n________________________________", "Yes."),
        ] {
            assert_eq!(left(text), expected, "{text}");
        }
    }

    #[test]
    fn what_may_be_the_matter_itself_stays() {
        for text in [
            "نعم\n\nمع التحية\nنورة",
            "Yes.\n\nThank you",
            "رقم الهوية 1000000000\nالجوال 0500000000",
            "بياناتي:\n\nعلي عمر\nali@example.com\n0500000000\nwww.example.com",
            "أرجو التعامل مع شكواي بسرية تامة وعدم الإفصاح عن اسمي لأي شخص كان في الفرع، فقد سبق أن تضررت من ذلك كثيراً والله المستعان على كل حال.",
            "I ask you to keep this confidential.\n\nI do not want it disclosed to the branch, since I was threatened by the people who work there, and I am afraid for my children.",
            "Regards to all.\nI still need the basket that was promised to us two months ago.",
        ] {
            assert_eq!(left(text), text, "{text}");
        }
    }
}
