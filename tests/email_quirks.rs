//! Mail as damaged or unusual as programs make it: a file per quirk in `tests/fixtures/email`, and what is read in each.

use serde_json::{Map, Value};
use tawasul::channel::email::{inspect, parse};

fn described(quirk: &str, raw: &[u8]) -> Value {
    let mut described = inspect::describe(quirk, raw);
    if let Some(fields) = described.as_object_mut() {
        fields.remove("file");
        // What of it is new is proved elsewhere.
        fields.remove("reply");
        fields
            .retain(|_, value| !matches!(value, Value::Null | Value::Bool(false)) && value.as_array().is_none_or(|list| !list.is_empty()));
    }
    described
}

fn bytes(quirk: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/email/{quirk}.eml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn each_quirk_is_read_as_it_was_meant() {
    let read: Map<String, Value> = QUIRKS.iter().map(|quirk| ((*quirk).to_owned(), described(quirk, &bytes(quirk)))).collect();
    insta::assert_json_snapshot!("quirks", read);
}

/// Text files keep the line ends they came with.
#[test]
fn each_quirk_means_the_same_with_either_line_end() {
    let without_sizes = |mut described: Value| {
        for file in described["attachments"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            file.retain(|key, _| key != "size" && key != "sha256");
        }
        described
    };
    for quirk in QUIRKS.iter().filter(|quirk| **quirk != "line_ends_of_old_macs") {
        let raw = bytes(quirk);
        let crlf: Vec<u8> =
            raw.iter().flat_map(|byte| if *byte == b'\n' { &b"\r\n"[..] } else { std::slice::from_ref(byte) }).copied().collect();
        assert_eq!(without_sizes(described(quirk, &crlf)), without_sizes(described(quirk, &raw)), "{quirk} with CRLF");
    }
}

/// Wherever the connection broke, what came is read.
#[test]
fn each_quirk_is_read_cut_anywhere() {
    for quirk in QUIRKS {
        let raw = bytes(quirk);
        for end in 0..raw.len() {
            let _ = parse::read(&raw[..end]);
        }
    }
}

const HEAD: &str = "From: ali@example.com\r\nSubject: x\r\n";

/// Mails made to exhaust whoever reads them, and a text that has to be found in each all the same.
fn heavy() -> Vec<(&'static str, String, &'static str)> {
    let deep: String = (0..1_000).map(|at| format!("Content-Type: multipart/mixed; boundary=\"{at}\"\r\n\r\n--{at}\r\n")).collect();
    let parts: String = (0..10_000).map(|at| format!("--x\r\nContent-Type: application/pdf; name={at}.pdf\r\n\r\nx\r\n")).collect();
    let many = "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nfound\r\n";
    let field = |name: &str, value: String| format!("{name}: {value}\r\n\r\nfound");
    vec![
        ("a thousand multiparts in each other", format!("{deep}\r\nfound"), "found"),
        ("ten thousand parts", format!("{many}{parts}--x--\r\n"), "found"),
        ("a hundred thousand parts", format!("{many}{}", "--x\r\n\r\n".repeat(100_000)), "found"),
        ("delimiters that are none", format!("{many}{}", "--y\r\n".repeat(200_000)), "found"),
        ("attached mails in each other", "Content-Type: message/rfc822\r\n\r\n".repeat(50_000), ""),
        ("fifty thousand answers", field("Subject", format!("{}x", "Re: ".repeat(50_000))), "found"),
        ("a MiB of address", field("To", "a@example.com, ".repeat(70_000)), "found"),
        ("quotation marks that never close", field("To", "\"\\".repeat(500_000)), "found"),
        ("comments that never close", field("Date", "(\\)".repeat(300_000)), "found"),
        ("brackets that never close", field("References", "<\"".repeat(500_000)), "found"),
        ("words that never close", field("Subject", "=?utf-8?Q?a ".repeat(80_000)), "found"),
        ("words in base64 that never close", field("Subject", "=?utf-8?B?a! ".repeat(80_000)), "found"),
        ("words that close and go on", field("Subject", format!("=?utf-8?Q?{}", "?=AA".repeat(250_000))), "found"),
        ("parameters without end", field("Content-Type", format!("text/plain; {}", "a*0*=%d8;".repeat(100_000))), "found"),
        ("parameters with open quotation marks", field("Content-Type", format!("text/plain; {}", "x=\"".repeat(300_000))), "found"),
        ("fields without end", format!("{}\r\nfound", "X: y\r\n".repeat(200_000)), "found"),
        ("lines between fields that are none", format!("{}\r\nfound", format!("{}X-A: y\r\n", "none\r\n".repeat(49)).repeat(2_000)), ""),
        ("a hundred thousand quoted lines", format!("\r\nfound\r\n{}", "> old\r\n".repeat(100_000)), "found"),
        ("files in the text that never end", format!("\r\nfound\r\n{}", "begin 644 x\r\n#0V%T\r\n".repeat(50_000)), "found"),
        (
            "a file in the text that ends in empty lines",
            format!("\r\nfound\r\nbegin 644 x\r\n{}{}", "`\r\n".repeat(300_000), "\r\n".repeat(2_000_000)),
            "found",
        ),
        ("a type of equals signs", field("Content-Type", "=".repeat(4_000_000)), "found"),
        ("a parameter of equals signs", field("Content-Type", format!("text/plain; x=a {}", "=".repeat(4_000_000))), "found"),
        ("base64 of padding", format!("Content-Transfer-Encoding: base64\r\n\r\nZm91bmQ=\r\n{}", "=\r\n".repeat(200_000)), "found"),
    ]
}

/// Two seconds are promised, on a machine and in a build that are faster than those of a test.
#[test]
fn what_is_made_to_be_slow_is_read_in_time_and_nothing_is_lost() {
    for (what, mail, text) in heavy() {
        let raw = format!("{HEAD}{mail}");
        #[allow(clippy::disallowed_methods, reason = "a test of how long it takes")]
        let begun = std::time::Instant::now();
        let read = parse::read(raw.as_bytes()).unwrap();
        assert!(begun.elapsed().as_secs() < 20, "{what}: {:?}", begun.elapsed());
        assert!(read.text.contains(text), "{what}: {:?}", read.text.get(..200));
        assert_eq!(read.from[0].address, "ali@example.com", "{what}");
    }
}

const QUIRKS: &[&str] = &[
    "header_raw_windows_1256",
    "header_raw_without_any_charset",
    "header_words_with_bad_delimiters",
    "from_several_people",
    "from_only_a_name",
    "from_with_the_address_in_the_name",
    "message_id_twice",
    "message_id_without_brackets",
    "message_id_folded_inside",
    "references_run_together",
    "date_in_arabic_digits",
    "date_with_two_digits_and_a_comment",
    "header_with_a_line_that_is_no_field",
    "begins_with_a_mailbox_line",
    "begins_with_a_byte_order_mark",
    "line_ends_of_old_macs",
    "nuls_in_text_and_header",
    "charset_latin_that_is_windows_1256",
    "charset_ascii_that_is_utf_8",
    "charset_windows_1256_that_is_utf_8",
    "charset_utf_8_that_is_windows_1256",
    "charset_iso_8859_6",
    "charset_utf_7",
    "charset_utf_16_without_a_mark",
    "charset_in_a_meta_tag_only",
    "charset_that_nobody_knows",
    "base64_with_junk_in_it",
    "base64_cut_off",
    "base64_that_is_none",
    "quoted_printable_broken",
    "multipart_never_closed",
    "multipart_with_a_delimiter_of_another_name",
    "multipart_delimiter_with_blanks_and_quotes",
    "multipart_inside_with_the_same_delimiter",
    "texts_in_a_row",
    "text_with_a_name_alone",
    "alternative_with_a_file_inside",
    "related_with_an_image",
    "attached_mails",
    "parts_that_are_kept",
    "pgp_signed",
    "pgp_encrypted",
    "uuencoded_files_in_the_text",
    "yenc_is_left",
    "flowed",
    "flowed_with_delsp",
    "names_of_files",
    "winmail_dat_with_files",
    "winmail_dat_with_the_text",
    "winmail_dat_that_is_none",
];
