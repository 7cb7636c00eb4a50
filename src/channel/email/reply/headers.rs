//! What mail programs put above an older message: a line with words between dashes, or some fields of its header.

use super::{
    index,
    lines::{Line, Lines, plain},
    words::{ABOVE, Field},
};

/// Lines of a block of header fields, with what is wrapped, at most.
const LINES: usize = 16;

/// Whether a line such as `-----Original Message-----` stands here, or what ticket systems write.
pub fn is_divider(line: &Line<'_>) -> bool {
    let text = line.unquoted();
    if text.len() > 160 || text.len() < 6 {
        return false;
    }
    match between_dashes(text) {
        Some(words) if index::ORIGINAL.contains(words.as_str()) => true,
        _ => is_above(text),
    }
}

fn is_above(text: &str) -> bool {
    if !["line", "LINE", "Zeile", "ligne", "línea", "سطر", "above"].iter().any(|word| text.contains(word)) {
        return false;
    }
    let text = plain(text);
    ABOVE.iter().any(|above| text.contains(above))
}

/// Whether a message that is passed on begins here.
pub fn is_forward(line: &Line<'_>) -> bool {
    let text = line.unquoted();
    if text.len() > 160 || text.len() < 6 {
        return false;
    }
    let words = match between_dashes(text) {
        Some(words) => words,
        None => match text.strip_suffix([':', '\u{FF1A}']) {
            Some(words) => plain(words.trim_end()),
            None => return false,
        },
    };
    index::FORWARDED.contains(words.as_str()) || words.starts_with("forwarded by ")
}

/// Whether a subject says that a message is passed on.
pub fn says_forward(subject: &str) -> bool {
    let prefix = subject.split([':', '\u{FF1A}']).next().unwrap_or_default();
    let prefix = prefix.trim_matches(|c: char| c.is_whitespace() || c == '[');
    if prefix.len() == subject.len() || prefix.len() > 40 {
        return false;
    }
    index::FORWARD.contains(plain(prefix).as_str())
}

/// The words of a line that has dashes or their like on at least one side.
fn between_dashes(text: &str) -> Option<String> {
    let is_dash =
        |c: char| matches!(c, '-' | '_' | '=' | '*' | '~' | '\u{2014}' | '\u{2013}' | '\u{2500}' | '#' | '>' | '<' | ' ' | ':' | '\u{A0}');
    if !text.starts_with(is_dash) && !text.ends_with(is_dash) {
        return None;
    }
    let words = text.trim_matches(is_dash);
    let dashes = text.chars().take_while(|c| is_dash(*c)).filter(|c| *c != ' ').count()
        + text.chars().rev().take_while(|c| is_dash(*c)).filter(|c| *c != ' ' && *c != ':').count();
    (dashes >= 2 && !words.is_empty()).then(|| plain(words))
}

/// Whether a block of header fields begins in this line: who wrote, and when, to whom or about what.
pub fn begins_block(lines: &Lines<'_>, at: usize) -> bool {
    let Some((line, first)) = lines.get(at).and_then(|line| Some((line, line.field?))) else {
        return false;
    };
    if first == Field::Further {
        return false;
    }
    let (mut kinds, mut seen) = ([false; 5], 0);
    let mut evidence = has_evidence(line.bare);
    if is_on_one_line(line.bare) {
        return true;
    }
    kinds[first as usize] = true;
    let mut wrapped = 0;
    let mut next = at + 1;
    while next < at + LINES {
        let Some((place, line)) = lines.next(next) else {
            break;
        };
        // One empty line between the fields is bad HTML made text; two are the end.
        if place > next + 2 || seen > 8 {
            break;
        }
        match line.field {
            Some(field) => {
                if let Some(kind) = kinds.get_mut(field as usize) {
                    *kind = true;
                }
                evidence = evidence || has_evidence(line.bare);
                seen += 1;
                wrapped = 0;
            }
            None if place == next && wrapped < 3 && line.bare.len() < 300 => wrapped += 1,
            None => break,
        }
        next = place + 1;
    }
    let [from, sent, to, subject, _] = kinds;
    let count = [from, sent, to, subject].iter().filter(|kind| **kind).count();
    count >= 3 && (from || sent || evidence) || (count == 2 && evidence && (from || sent) && (sent || subject || to))
}

/// Whether a field holds an address or a time, which people do not write behind a colon so often.
fn has_evidence(text: &str) -> bool {
    text.contains('@') || has_time(text)
}

fn has_time(text: &str) -> bool {
    text.as_bytes().windows(4).any(|four| matches!(four, [b'0'..=b'9', b':', b'0'..=b'9', b'0'..=b'9']))
}

/// Whether more fields follow in the value of the first one, with an address and a time.
fn is_on_one_line(text: &str) -> bool {
    let Some((_, value)) =
        text.split_once([':', '\u{FF1A}']).filter(|(_, value)| value.len() < 600 && value.contains('@') && has_time(value))
    else {
        return false;
    };
    value.match_indices([':', '\u{FF1A}']).any(|(colon, _)| {
        let before = value.get(..colon).unwrap_or_default().trim_end_matches([' ', '*']);
        before.rsplit([' ', '*']).next().is_some_and(|word| index::field(&plain(word)).is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::email::visible::Part;

    fn begins(text: &str) -> bool {
        begins_block(&Lines::new(text, &[]), 0)
    }

    #[test]
    fn blocks_of_fields_are_known_in_many_languages() {
        for block in [
            "From: Office <office@example.org>\nSent: Tuesday, February 3, 2026 10:15 AM\nTo: Ali\nSubject: Aid",
            "*From:* Office\n*Sent:* Tuesday\n*To:* Ali\n*Subject:* Aid",
            "  *From:* office@example.org [mailto:\n  office@example.org]\n  *Sent:* Tuesday\n  *To:* Ali",
            "> From: Office\n> Date: Tuesday\n> To: Ali",
            "Date: Tue, 3 Feb 2026 10:15:00 +0300\nTo: ali@example.com",
            "From: Office\n\nSent: Tuesday\n\nTo: Ali\n\nSubject: Aid",
            "From: Office <office@example.org> Date: Tue, 3 Feb 2026 10:15 To: Ali",
            "من: المكتب <office@example.org>\nتاريخ الإرسال: الثلاثاء، 3 فبراير 2026\nإلى: علي\nالموضوع: طلب",
            "\u{200F}من: المكتب\n\u{200F}تم الإرسال: الثلاثاء\n\u{200F}إلى: علي\n\u{200F}الموضوع: طلب",
            "De : Office <office@example.org>\nEnvoyé : mardi 3 février 2026 10:15\nÀ : Ali\nObjet : Aide",
            "De: Office\nEnviado el: martes\nPara: Ali\nAsunto: Ayuda",
            "De: Office\nEnviada em: terça-feira\nPara: Ali\nAssunto: Ajuda",
            "Von: Office\nGesendet: Dienstag, 3. Februar 2026 10:15\nAn: Ali\nBetreff: Hilfe",
            "Da: Office\nInviato: martedì\nA: Ali\nOggetto: Aiuto",
            "Van: Office\nVerzonden: dinsdag\nAan: Ali\nOnderwerp: Hulp",
            "Kimden: Office\nGönderildi: Salı\nKime: Ali\nKonu: Yardım",
            "از: Office\nتاریخ: سه‌شنبه\nبه: علی\nموضوع: کمک",
            "Od: Office\nWysłano: wtorek\nDo: Ali\nTemat: Pomoc",
            "Fra: Office\nSendt: tirsdag\nTil: Ali\nEmne: Hjælp",
            "Från: Office\nSkickat: tisdag\nTill: Ali\nÄmne: Hjälp",
            "От: Office\nОтправлено: вторник\nКому: Ali\nТема: Помощь",
            "发件人: Office\n发送时间: 2026年2月3日\n收件人: Ali\n主题: 帮助",
            "差出人：Office\n送信日時：2026年2月3日\n宛先：Ali\n件名：助け",
            "보낸 사람: Office\n보낸 날짜: 2026년\n받는 사람: Ali\n제목: 도움",
            "מאת: Office\nנשלח: יום שלישי\nאל: Ali\nנושא: עזרה",
        ] {
            assert!(begins(block), "{block}");
        }
    }

    #[test]
    fn what_people_write_with_colons_is_no_block() {
        for text in [
            "From: Riyadh\nTo: Jeddah\nI need a ticket",
            "من: علي\nأحتاج مساعدة",
            "الموضوع: طلب سلة\nالسلام عليكم",
            "To: the office\nI need help",
            "Date: 3 February\nPlace: Riyadh",
            "From here on I need help\nTo be honest",
        ] {
            assert!(!begins(text), "{text}");
        }
    }

    #[test]
    fn dividers_and_forwards_are_known_by_their_words() {
        let line = |text| Line::new(text, Part::Written);
        for text in [
            "-----Original Message-----",
            "---- الرسالة الأصلية ----",
            "-------- Ursprüngliche Nachricht --------",
            "________ Message d'origine ________",
            "##- Please type your reply above this line -##",
            "> -----Original Message-----",
        ] {
            assert!(is_divider(&line(text)), "{text}");
        }
        for text in [
            "---------- Forwarded message ---------",
            "Begin forwarded message:",
            "---------- رسالة معاد توجيهها ---------",
            "-------- Weitergeleitete Nachricht --------",
            "Début du message réexpédié :",
            "بدء الرسالة المعاد توجيهها:",
        ] {
            assert!(is_forward(&line(text)), "{text}");
            assert!(!is_divider(&line(text)), "{text}");
        }
        for text in ["Original Message", "--- my list ---", "This is the original message", "----", "- forwarded message"] {
            assert!(!is_divider(&line(text)) && !is_forward(&line(text)), "{text}");
        }
        for (subject, forward) in [
            ("Fwd: Aid", true),
            ("FW: Aid", true),
            ("إعادة توجيه: طلب", true),
            ("WG: Hilfe", true),
            ("Re: Fwd: Aid", false),
            ("Aid", false),
            ("Fwd", false),
        ] {
            assert_eq!(says_forward(subject), forward, "{subject}");
        }
    }
}
