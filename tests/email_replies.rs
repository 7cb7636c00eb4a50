//! Answers as mail programs send them, a file per quirk in `tests/fixtures/email`, and what of them is newly written.

use tawasul::channel::email::parse::{self, Mail};

/// The mail with its line ends as they are on disk, with LF alone and with CRLF alone.
fn read(quirk: &str) -> [Mail; 3] {
    let raw = std::fs::read_to_string(format!("{}/tests/fixtures/email/{quirk}.eml", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let lf = raw.replace("\r\n", "\n");
    [raw, lf.replace('\n', "\r\n"), lf].map(|raw| parse::read(raw.as_bytes()).unwrap())
}

#[test]
fn what_is_newly_written_is_told_from_history_and_signature() {
    for (quirk, fresh) in [
        ("reply_gmail_arabic_marks_around_the_date", "نعم، وصلتني السلة."),
        ("reply_outlook_desktop_html_only", "السلام عليكم،\n\nلم يصلني شيء حتى الآن."),
        ("reply_outlook_phone_french", "Bonjour,\n\nOui, je viens demain."),
        ("reply_apple_german_inline_answers", "Guten Tag,\n\nMorgen um zehn.\n\nJa."),
        ("reply_thunderbird_answer_below", "Yes, we do, since the flat is cold."),
        ("reply_yahoo_arabic", "شكراً، استلمت المبلغ."),
        ("reply_samsung_turkish", "Evet, aldım."),
        ("reply_hotmail_line_above_history", "Please call me after five."),
        ("reply_gmail_urdu", "جی ہاں، مجھے راشن مل گیا۔"),
        ("reply_gmail_persian", "بله، رسید."),
        ("reply_spanish_original_message", "Sí, lo necesito."),
        ("signature_by_its_shape", "أشكو من تأخر السلة الغذائية شهرين.\nرقم ملفي 1234567890 وجوالي 0500000000"),
        ("footer_of_lawyers_arabic", "أرجو معاملة شكواي بسرية، وعدم ذكر اسمي."),
        ("footer_of_a_list", "Who can help with a wheelchair in Riyadh?"),
        ("plain_part_says_nothing", "Two months ago I asked for a heater.\n\nNobody has answered."),
        ("plain_part_hides_what_the_html_marks", "Thank you, it came."),
        ("reply_above_the_line_of_a_ticket_system", "It still leaks."),
        ("html_with_a_hidden_preheader", "Heater\n\nIt is broken <https://example.net/photo>.\n\n1. No heat\n2. No light"),
    ] {
        for mail in read(quirk) {
            assert_eq!(mail.fresh, fresh, "{quirk}");
        }
    }
}

#[test]
fn what_is_not_new_stays_in_the_whole_text() {
    for (quirk, old) in [
        ("reply_gmail_arabic_marks_around_the_date", "هل وصلت السلة؟"),
        ("reply_outlook_desktop_html_only", "هل وصلت السلة؟"),
        ("reply_thunderbird_answer_below", "+966 50 000 0000"),
        ("reply_hotmail_line_above_history", "When may we call?"),
        ("footer_of_lawyers_arabic", "intended solely"),
        ("plain_part_hides_what_the_html_marks", "Did the heater come?"),
    ] {
        for mail in read(quirk) {
            assert!(mail.text.contains(old), "{quirk}\n{}", mail.text);
        }
    }
}

#[test]
fn what_is_passed_on_is_the_matter_itself() {
    for (quirk, passed_on) in
        [("forward_kept_whole", "رصيدكم 500 ريال.\n\n-- \nخدمة العملاء"), ("forward_told_by_its_subject", "Your balance is 500.")]
    {
        for mail in read(quirk) {
            assert!(mail.fresh == mail.text && mail.fresh.ends_with(passed_on), "{quirk}\n{}", mail.fresh);
        }
    }
}
