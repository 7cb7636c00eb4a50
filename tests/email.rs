//! The mail corpus: a file per quirk in `tests/fixtures/email`, named by the quirk, and what we make of it.

use proptest::prelude::*;
use tawasul::{
    channel::{
        Automatic, Content, InboundAttachment, InboundMessage, OutThread, Outbound,
        email::{
            inbound::{self, Account},
            parse::{self, Unreadable},
            render,
        },
    },
    domain::{Address, At, Language, NoticeId},
};

const RECEIVED: At = At(1_770_100_000_000_000);

fn own() -> [Address; 2] {
    [Address::mail("office@example.org").unwrap(), Address::mail("riyadh@example.org").unwrap()]
}

fn read_bytes(raw: &[u8]) -> Result<InboundMessage, Unreadable> {
    inbound::message(raw, &Account { mailbox: "office", own: &own(), received: RECEIVED })
}

fn read(quirk: &str) -> InboundMessage {
    let path = format!("{}/tests/fixtures/email/{quirk}.eml", env!("CARGO_MANIFEST_DIR"));
    read_bytes(&std::fs::read(&path).unwrap()).unwrap()
}

fn bytes(attachment: &InboundAttachment) -> &[u8] {
    match &attachment.content {
        Content::Bytes(bytes) => bytes,
        Content::Kept { .. } => unreachable!("mail carries its files"),
        Content::Missing { reason } => panic!("missing: {reason}"),
    }
}

#[test]
fn windows_1256_is_read_in_names_subjects_and_bodies() {
    let mail = read("windows_1256");
    assert_eq!(mail.sender.name.as_deref(), Some("فاطمة الزهراء"));
    assert_eq!(mail.sender.address.value(), "fatimah@example.com");
    assert_eq!(mail.subject.as_deref(), Some("شكوى من تأخر السلة"));
    assert_eq!(mail.text, "السلام عليكم\nلم تصلنا السلة الغذائية منذ شهرين، ونحن أسرة من سبعة.");
    assert_eq!((mail.fresh.as_str(), mail.language, mail.automatic), (mail.text.as_str(), Some(Language::Ar), None));
    assert_eq!(mail.external_id.as_deref(), Some("win1256@example.com"));
    assert_eq!(mail.sent_at.unwrap().rfc3339(), "2026-02-03T07:15:00Z");
}

#[test]
fn a_subject_split_inside_a_character_is_one_text() {
    let mail = read("subject_split_inside_a_character");
    assert_eq!(mail.subject.as_deref(), Some("طلب مساعدة عاجلة لأسرة محتاجة"));
    assert_eq!(mail.text, "نحتاج مساعدة عاجلة");
}

#[test]
fn bytes_beyond_ascii_without_any_encoding_are_utf_8() {
    let mail = read("utf8_without_encoding");
    assert_eq!((mail.sender.name.as_deref(), mail.subject.as_deref()), (Some("علي عمر"), Some("طلب بلا ترميز")));
    assert_eq!(mail.text, "نص عربي بلا ترميز");
}

#[test]
fn html_alone_becomes_text() {
    let mail = read("html_only");
    for part in ["السلام عليكم ورحمة الله", "أرجو الإفادة عن طلبي، المرفق هنا <https://example.com/doc>", "الاسم", "علي"]
    {
        assert!(mail.text.contains(part), "{part}\n{}", mail.text);
    }
    assert!(!mail.text.contains("margin"));
    assert!(mail.attachments.is_empty());
}

#[test]
fn replies_are_cut_to_what_is_new_and_the_whole_stays() {
    let outlook = read("outlook_reply_arabic");
    assert_eq!(outlook.fresh, "شكراً لكم، وصلتني السلة أمس وكانت ناقصة.\n\nمع التحية\nنورة");
    assert!(outlook.text.contains("26-004183-7"));
    assert_eq!(outlook.thread.answers, ["0195abcd000070008000000000000001@example.org", "first@example.com"]);

    let gmail = read("gmail_reply_arabic");
    assert_eq!(gmail.fresh, "وصلتني الرسالة، وعندي سؤال: متى الموعد؟");
    assert!(gmail.text.contains("26-004183-7"));
    assert_eq!(gmail.thread.tokens, ["Zm9vYmFyYmF6cXV4MTIz"]);
    assert_eq!(gmail.automatic, None);

    let html = read("gmail_reply_html_only");
    assert_eq!(html.fresh, "Yes, please close it.");
    assert!(html.text.contains("Do you still need help?"));
    assert_eq!(html.language, Some(Language::En));
}

#[test]
fn machines_are_known_by_their_marks() {
    for (quirk, automatic) in [
        ("out_of_office", Automatic::AutoReply),
        ("delivery_report", Automatic::Bounce),
        ("mailing_list", Automatic::Bulk),
        ("own_address", Automatic::Own),
    ] {
        assert_eq!(read(quirk).automatic, Some(automatic), "{quirk}");
    }
    for (field, automatic) in [
        ("Auto-Submitted: no", None),
        ("Auto-Submitted: auto-generated; owner-email=\"x\"", Some(Automatic::AutoReply)),
        ("X-Auto-Response-Suppress: All", Some(Automatic::AutoReply)),
        ("X-Auto-Response-Suppress: DR, RN", None),
        ("X-Autoreply: yes", Some(Automatic::AutoReply)),
        ("Precedence: junk", Some(Automatic::Bulk)),
        ("precedence: first-class", None),
        ("List-Unsubscribe: <https://example.net>", Some(Automatic::Bulk)),
        ("Return-Path: <>", Some(Automatic::AutoReply)),
        ("Return-Path: <ali@example.com>", None),
        ("Content-Type: multipart/report; report-type=\"Delivery-Status\"; boundary=x", Some(Automatic::Bounce)),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=x", Some(Automatic::AutoReply)),
    ] {
        let mail = read_bytes(format!("From: ali@example.com\r\n{field}\r\nSubject: x\r\n\r\ntext\r\n").as_bytes()).unwrap();
        assert_eq!(mail.automatic, automatic, "{field}");
    }
    for (sender, automatic) in [
        ("mailer-daemon@x.sa", Some(Automatic::Bounce)),
        ("postmaster@x.sa", None),
        ("RIYADH@example.org", Some(Automatic::Own)),
        ("post@x.sa", None),
    ] {
        let mail = read_bytes(format!("From: {sender}\r\nSubject: x\r\n\r\ntext\r\n").as_bytes()).unwrap();
        assert_eq!(mail.automatic, automatic, "{sender}");
    }
}

#[test]
fn a_delivery_report_keeps_the_report_and_the_returned_mail() {
    let mail = read("delivery_report");
    assert!(mail.text.contains("could not be delivered"));
    let types: Vec<_> = mail.attachments.iter().map(|file| file.content_type.as_deref().unwrap()).collect();
    assert_eq!(types, ["message/delivery-status", "message/rfc822"]);
    assert_eq!(mail.attachments[1].name.as_deref(), Some("Case 26-004183-7.eml"));
    assert!(String::from_utf8_lossy(bytes(&mail.attachments[0])).contains("Final-Recipient: rfc822; gone@example.com"));
}

#[test]
fn a_mail_without_an_id_is_told_by_its_place_alone() {
    let account = Account { mailbox: "office", own: &own(), received: RECEIVED };
    let raw = std::fs::read(format!("{}/tests/fixtures/email/no_message_id.eml", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let event = inbound::event(raw.into(), &account, 77, 5);
    assert_eq!(event.keys.iter().map(|key| key.0.as_str()).collect::<Vec<_>>(), ["uid:office:77:5"]);
    assert_eq!(read("no_message_id").external_id, None);
    for empty in ["Message-ID:", "Message-ID: <>", "Message-ID: < >"] {
        let event = inbound::event(format!("From: a@b.sa\r\n{empty}\r\n\r\nx\r\n").into_bytes().into(), &account, 77, 6);
        assert_eq!(event.keys.len(), 1, "{empty}");
    }
}

#[test]
fn files_keep_their_names_and_their_bytes() {
    let mail = read("attachments_rfc2231");
    assert_eq!(mail.text, "انظر الصورة صورة البيت");
    let seen: Vec<_> =
        mail.attachments.iter().map(|file| (file.name.as_deref().unwrap(), file.content_type.as_deref().unwrap(), file.inline)).collect();
    assert_eq!(
        seen,
        [
            ("photo.png", "image/png", true),
            ("تقرير اجتماعي.pdf", "application/pdf", false),
            ("قائمة.txt", "text/plain", false),
            ("رسالة سابقة.eml", "message/rfc822", false),
        ]
    );
    assert_eq!(bytes(&mail.attachments[1]), b"%PDF-1.4 test");
    assert_eq!(bytes(&mail.attachments[2]), [0xde, 0xc7, 0xc6, 0xe3, 0xc9], "in its own charset");
    let attached = String::from_utf8_lossy(bytes(&mail.attachments[3])).into_owned();
    assert!(attached.starts_with("From: other@example.com\r\n") && attached.contains("Content-Type: message/rfc822"), "{attached}");
}

#[test]
fn a_signed_address_is_found_wherever_the_mail_was_sent_to() {
    let mail = read("signed_address_delivered");
    assert_eq!(mail.thread.tokens, ["ABCdef_0123-456789"]);
    assert_eq!(mail.thread.answers, ["b@example.org", "a@example.org"]);
    assert_eq!(mail.sender.address.value(), "noreply@ministry.example");
    assert_eq!(mail.sender.also.iter().map(Address::value).collect::<Vec<_>>(), ["desk@ministry.example"]);
    for address in [
        "office+short@example.org",
        "office+0123456789abcdef@example.com",
        "office+0123456789abcde!@example.org",
        "xoffice+0123456789abcdef@example.org",
    ] {
        let mail = read_bytes(format!("From: a@b.sa\r\nTo: {address}\r\n\r\nx\r\n").as_bytes()).unwrap();
        assert_eq!(mail.thread.tokens, Vec::<String>::new(), "{address}");
    }
}

#[test]
fn the_sender_is_looked_for_in_every_field_that_may_name_one() {
    assert_eq!(read("no_from").sender.address.value(), "secretary@example.com");
    for (head, sender) in [
        ("From: not an address\r\nReply-To: ali@example.com", "ali@example.com"),
        ("From: \"ali@example.com\"", "ali@example.com"),
        ("From: <ali@example.com> (Ali)", "ali@example.com"),
        ("From: Group: ali@example.com, b@example.com;", "ali@example.com"),
        ("Return-Path: <ali@example.com>", "ali@example.com"),
        ("From: 'Ali' <'ali@example.com'>", "ali@example.com"),
    ] {
        let mail = read_bytes(format!("{head}\r\nSubject: x\r\n\r\nx\r\n").as_bytes());
        assert_eq!(mail.map(|mail| mail.sender.address.value().to_owned()), Ok(sender.to_owned()), "{head}");
    }
    assert_eq!(read_bytes(b"Subject: x\r\n\r\nx").err(), Some(Unreadable::NoSender));
    assert_eq!(read_bytes(b"From: undisclosed\r\nSubject: x\r\n\r\nx").err(), Some(Unreadable::NoSender));
    assert_eq!(read_bytes(b"").err(), Some(Unreadable::NoHeader));
    let own_reply = read_bytes(b"From: a@b.sa\r\nReply-To: office@example.org\r\n\r\nx").unwrap();
    assert!(own_reply.sender.also.is_empty());
}

#[test]
fn a_broken_structure_does_not_hide_the_text() {
    assert!(read("boundary_never_comes").text.contains("This text stands where a part should be."));
}

#[test]
fn what_is_too_much_is_cut_and_said() {
    let many: String = (0..300).map(|n| format!("--x\r\nContent-Type: application/pdf; name=\"{n}.pdf\"\r\n\r\nx\r\n")).collect();
    let mail = read_bytes(format!("From: a@b.sa\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n{many}--x--\r\n").as_bytes()).unwrap();
    assert_eq!(mail.attachments.len(), parse::ATTACHMENTS + 1);
    let last = &mail.attachments[parse::ATTACHMENTS];
    assert_eq!(last.name.as_deref(), Some("+100"));
    assert!(matches!(last.content, Content::Missing { reason: "attachment-too-many" }));

    let long = "نص ".repeat(600_000);
    let mail = read_bytes(format!("From: a@b.sa\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{long}").as_bytes()).unwrap();
    assert_eq!(mail.text.chars().count(), 1 << 20);
    assert_eq!(bytes(&mail.attachments[0]).len(), long.trim().len());

    let heavy =
        format!("From: a@b.sa\r\nSubject: heavy\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n{}", "--x\r\n\r\n".repeat(300_000));
    let mail = read_bytes(heavy.as_bytes()).unwrap();
    assert_eq!((mail.subject.as_deref(), mail.text.as_str()), (Some("heavy"), ""));
    assert_eq!(bytes(&mail.attachments[0]), heavy.as_bytes());
}

fn outbound(subject: &str, text: &str) -> Outbound {
    Outbound {
        notice: NoticeId("0195abcd-0000-7000-8000-000000000001".parse().unwrap()),
        to: Address::mail("ali@example.com").unwrap(),
        account: None,
        language: Language::Ar,
        subject: subject.into(),
        text: text.into(),
        personal: false,
        from_name: "جمعية \"المثال\"، فرع الرياض\r\nX: y".into(),
        thread: OutThread::default(),
        attachments: vec![],
        staff: None,
    }
}

fn rendered(outbound: &Outbound) -> String {
    String::from_utf8(render::render(outbound, "office@example.org", RECEIVED).unwrap().bytes).unwrap()
}

#[test]
fn an_answer_is_readable_in_its_direction_and_cannot_be_broken_out_of() {
    let mail =
        outbound("تم", "فقرة <script>alert('x')</script> & \"اقتباس\"\nسطر\n\nانظر (https://example.org/a?b=1&c=<x>)، و https:// فقط");
    let raw = render::render(&mail, "office@example.org", RECEIVED).unwrap().bytes;
    let html = mail_parser::MessageParser::default().parse(&raw).unwrap().body_html(0).unwrap().into_owned();
    for part in [
        "<html lang=\"ar\" dir=\"rtl\">",
        "font-size:18px",
        "<p dir=\"auto\"",
        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;اقتباس&quot;<br>",
        "<a href=\"https://example.org/a?b=1&amp;c=\" dir=\"ltr\" style=\"color:#0b57d0\">",
        "https:// فقط",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    assert!(!html.contains("<script"));
    let english = rendered(&Outbound { language: Language::En, ..mail });
    assert!(english.contains("Date: Tue, 03 Feb 2026"), "{english}");
}

#[test]
fn only_what_nobody_wrote_by_hand_is_marked_as_automatic() {
    let mut mail = outbound("x", "y");
    assert!(rendered(&mail).contains("Auto-Submitted: auto-generated\r\n"));
    mail.thread.in_reply_to = Some("a@b.sa".into());
    assert!(rendered(&mail).contains("Auto-Submitted: auto-replied\r\n"));
    mail.personal = true;
    let raw = rendered(&mail);
    assert!(!raw.contains("Auto-Submitted") && !raw.contains("X-Auto-Response-Suppress"));
    assert!(raw.contains("Message-ID: <0195abcd000070008000000000000001@example.org>\r\n"));
}

#[test]
fn ids_that_are_no_ids_stay_out_of_the_header() {
    let mut mail = outbound("x", "y");
    mail.thread.in_reply_to = Some("a@b.sa>\r\nBcc: <thief@example.com".into());
    mail.thread.references = (0..300).map(|n| format!("{n}@b.sa")).chain(["two words@b.sa".into(), "عربي@b.sa".into()]).collect();
    let read = parse::read(rendered(&mail).as_bytes()).unwrap();
    assert_eq!((read.in_reply_to.len(), read.references.len()), (0, 100));
    assert_eq!((read.references[0].as_str(), read.references[99].as_str()), ("0@b.sa", "299@b.sa"));
    mail.thread.token = Some("t".repeat(64));
    assert!(parse::read(rendered(&mail).as_bytes()).unwrap().reply_to.is_empty(), "an address that is too long is left out");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(raw in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read_bytes(&raw);
    }

    #[test]
    fn any_pieces_of_mail_are_read_or_refused(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60)) {
        let _ = read_bytes(pieces.concat().as_bytes());
    }

    #[test]
    fn mails_with_bytes_changed_are_read_or_refused(which in 0..QUIRKS.len(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..30)) {
        let mut raw = std::fs::read(format!("{}/tests/fixtures/email/{}.eml", env!("CARGO_MANIFEST_DIR"), QUIRKS[which])).unwrap();
        for (place, byte) in changes {
            let at = place.index(raw.len());
            raw[at] = byte;
        }
        let _ = read_bytes(&raw);
    }

    #[test]
    fn what_is_rendered_is_read_back(subject in "\\PC{0,80}", text in "(\\PC{0,60}\n){0,6}", name in "(?s).{0,40}") {
        let mail = Outbound { from_name: name, ..outbound(&subject, &text) };
        let read = parse::read(&render::render(&mail, "office@example.org", RECEIVED).unwrap().bytes).unwrap();
        prop_assert_eq!(read.from.len(), 1);
        prop_assert_eq!(&read.from[0].address, "office@example.org");
        prop_assert_eq!(read.to.len(), 1);
        let spaceless = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect::<String>();
        prop_assert_eq!(spaceless(&read.text), spaceless(&text));
    }
}

const QUIRKS: [&str; 6] =
    ["attachments_rfc2231", "delivery_report", "gmail_reply_arabic", "html_only", "windows_1256", "signed_address_delivered"];

const PIECES: &[&str] = &[
    "From: a@b.sa\r\n",
    "Content-Type: multipart/mixed; boundary=x\r\n",
    "Content-Type: multipart/alternative; boundary=\"y\"\r\n",
    "Content-Type: message/rfc822\r\n",
    "Content-Type: multipart/digest; boundary=x\r\n",
    "Content-Type: text/html; charset=windows-1256\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "Content-Disposition: attachment; filename*0*=utf-8''%D8; filename*1*=%AA\r\n",
    "Subject: =?utf-8?B?2YU=?=\r\n",
    "References: <a@b> <c@d>\r\n",
    "\r\n",
    "\n",
    "--x\r\n",
    "--y\r\n",
    "--x--\r\n",
    "--y--",
    "--",
    "2YXYsdit2KjYpw==\r\n",
    "=D9=85=\r\n",
    "<blockquote><table><tr><td>",
    "> quoted\r\n",
    "On 3 Feb, a@b.sa wrote:\r\n",
    ":",
    "\u{0}",
    "(",
];
