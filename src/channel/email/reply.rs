//! Which part of a mail is newly written: without quoted history, signature and "Sent from my …".
//!
//! In a first form, on plain text only. When nothing would be left, everything is: a complaint is never emptied.

/// The newly written part of `text`.
pub fn newly_written(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut fresh: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = bare(lines[at]);
        if line.starts_with('>') {
            at += 1;
        } else if let Some(length) = attribution(&lines[at..]) {
            at += length;
            let quoted = lines[at..].iter().map(|line| bare(line)).find(|line| !line.is_empty()).is_some_and(|line| line.starts_with('>'));
            if !quoted {
                break;
            }
        } else if is_divider(line)
            || begins_header_block(&lines[at..])
            || begins_signature(&lines[at..], at == 0 || lines[at - 1].trim().is_empty())
        {
            break;
        } else {
            if !is_device_line(line) {
                fresh.push(lines[at]);
            }
            at += 1;
        }
    }
    while fresh.last().is_some_and(|line| is_rule(bare(line))) {
        fresh.pop();
    }
    let fresh = super::visible::tidy(&fresh.join("\n"));
    if fresh.is_empty() { text.trim().to_owned() } else { fresh }
}

/// A line without surrounding white space and without the invisible marks that mail programs put around names.
fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{061C}')
    })
}

/// How many lines the attribution at the beginning takes: "On …, … wrote:" and "في … كتب …:". Mail programs break them
/// over up to four lines.
fn attribution(lines: &[&str]) -> Option<usize> {
    let opens = ["On ", "في ", "بتاريخ ", "يوم ", "Am ", "Le "];
    if !opens.iter().any(|opening| bare(lines[0]).starts_with(opening)) {
        return None;
    }
    let mut whole = String::new();
    for (at, line) in lines.iter().take(4).enumerate() {
        let line = bare(line);
        if line.is_empty() || line.starts_with('>') {
            return None;
        }
        whole.push(' ');
        whole.push_str(line);
        if let Some(said) = whole.strip_suffix(':').map(bare) {
            let dated = said.chars().any(char::is_numeric);
            let ends = ["wrote", "كتب", "كتبت", "schrieb", "a écrit"].iter().any(|word| said.ends_with(word));
            let names = said.contains('@') && ["wrote", "كتب", "كتابة", "schrieb", "écrit"].iter().any(|word| said.contains(word));
            return (whole.chars().count() < 400 && ((dated && ends) || names)).then_some(at + 1);
        }
    }
    None
}

/// "-----Original Message-----" and its like, in both languages.
fn is_divider(line: &str) -> bool {
    let words = line.trim_matches(['-', '_', '=', ' ', '\u{2014}']);
    words.len() + 4 <= line.len()
        && [
            "Original Message",
            "Original message",
            "Forwarded message",
            "Forwarded Message",
            "الرسالة الأصلية",
            "رسالة أصلية",
            "رسالة معاد توجيهها",
            "رسالة مُعاد توجيهها",
            "الرسالة المعاد توجيهها",
        ]
        .contains(&words)
}

/// The header lines that Outlook and others put above what they quote: who, and at least two of when, to whom, about what.
fn begins_header_block(lines: &[&str]) -> bool {
    let is_any = |line: &str, names: &[&str]| {
        let line = bare(line).trim_start_matches('*');
        names
            .iter()
            .any(|name| line.strip_prefix(name).is_some_and(|rest| rest.trim_start_matches(['*', ' ', '\u{00A0}']).starts_with(':')))
    };
    is_any(lines[0], &["From", "من", "المرسل"])
        && lines[1..]
            .iter()
            .take(10)
            .filter(|line| {
                is_any(
                    line,
                    &[
                        "Sent",
                        "Date",
                        "To",
                        "Cc",
                        "Subject",
                        "تاريخ الإرسال",
                        "تم الإرسال",
                        "التاريخ",
                        "تاريخ",
                        "إلى",
                        "الى",
                        "نسخة",
                        "نسخة إلى",
                        "الموضوع",
                    ],
                )
            })
            .count()
            >= 2
}

/// `-- ` on a line of its own (RFC 3676 §4.3); without the space, which many programs drop, only after an empty line and
/// near the end.
fn begins_signature(lines: &[&str], after_gap: bool) -> bool {
    match lines[0] {
        "-- " => true,
        "--" => after_gap && lines.iter().filter(|line| !line.trim().is_empty() && !line.starts_with('>')).count() <= 12,
        _ => false,
    }
}

fn is_device_line(line: &str) -> bool {
    const OPENINGS: [&str; 14] = [
        "Sent from my ",
        "Sent from Mail for",
        "Sent from Outlook",
        "Sent from Yahoo",
        "Get Outlook for",
        "أرسلت من ",
        "أُرسلت من ",
        "أرسل من ",
        "أُرسل من ",
        "مرسل من ",
        "تم الإرسال من ",
        "تم إرسالها من ",
        "الحصول على Outlook",
        "احصل على Outlook",
    ];
    const DEVICES: [&str; 12] =
        ["iphone", "ipad", "android", "samsung", "galaxy", "outlook", "yahoo", "huawei", "mail", "الآيفون", "هاتفي", "جوالي"];
    let lowered = line.to_lowercase();
    line.chars().count() < 80
        && OPENINGS.iter().any(|opening| line.starts_with(opening))
        && DEVICES.iter().any(|device| lowered.contains(device))
}

fn is_rule(line: &str) -> bool {
    line.is_empty() || (line.len() >= 5 && line.chars().all(|c| matches!(c, '_' | '-' | '=' | '*' | '\u{2500}' | '\u{2014}')))
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

    proptest! {
        #[test]
        fn something_written_is_never_emptied(text in "(?s)(.|On |wrote:|> |-- |\n|من: |إلى: ){0,40}") {
            prop_assert_eq!(newly_written(&text).trim().is_empty(), text.trim().is_empty() || super::super::visible::tidy(&text).trim().is_empty());
        }
    }
}
