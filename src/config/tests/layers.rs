//! Defaults < files < environment.

use super::{loaded, service};
use crate::domain::span::Span;
use secrecy::ExposeSecret;
use std::time::Duration;

#[test]
fn a_file_goes_over_the_defaults_and_a_variable_over_the_file() {
    let file = "[server]\nlisten = \"127.0.0.1:1\"\npublic_url = \"https://a.example.org\"\n[outbox]\nattempts = 3\n";
    let config = loaded(
        &[("tawasul.toml", file)],
        &[
            ("TAWASUL_SERVER__LISTEN", "0.0.0.0:2"),
            ("TAWASUL_OUTBOX__FIRST_RETRY", "100ms"),
            ("TAWASUL_SERVER__TRUSTED_PROXIES", "[\"::1\"]"),
            ("HOME", "/"),
        ],
    )
    .unwrap();
    assert_eq!(config.server.listen.to_string(), "0.0.0.0:2");
    assert_eq!(config.server.public_url.as_deref(), Some("https://a.example.org"));
    assert_eq!(config.server.trusted_proxies, ["::1"]);
    assert_eq!((config.outbox.attempts, config.outbox.first_retry), (3, Span(Duration::from_millis(100))));
    assert_eq!(config.outbox.per_address_hourly, 20);
}

#[test]
fn a_whole_mailbox_can_come_from_the_environment() {
    let password = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(password.path(), "12345\n").unwrap();
    let config = loaded(
        &[],
        &[
            ("TAWASUL_EMAIL__MAILBOXES__0__NAME", "2"),
            ("TAWASUL_EMAIL__MAILBOXES__0__ADDRESS", "care@example.org"),
            ("TAWASUL_EMAIL__MAILBOXES__0__IMAP__HOST", "localhost"),
            ("TAWASUL_EMAIL__MAILBOXES__0__IMAP__PORT", "143"),
            ("TAWASUL_EMAIL__MAILBOXES__0__IMAP__TLS", "none"),
            ("TAWASUL_EMAIL__MAILBOXES__0__IMAP__USER", "care"),
            ("TAWASUL_EMAIL__MAILBOXES__0__IMAP__PASSWORD_FILE", password.path().to_str().unwrap()),
            ("TAWASUL_EMAIL__MAILBOXES__0__SMTP", "{ host = \"localhost\", port = 26, tls = \"none\" }"),
            ("TAWASUL_EMAIL__MAILBOXES__0__SMTP__PORT", "25"),
        ],
    )
    .unwrap();
    let mailbox = &config.email.mailboxes[0];
    assert_eq!((mailbox.name.as_str(), mailbox.imap.port, mailbox.smtp.port), ("2", 143, 25));
    assert_eq!(mailbox.imap.password.as_ref().unwrap().expose_secret(), "12345");
}

#[test]
fn a_variable_fills_one_key_of_a_list_in_the_file() {
    let file = "[[webhooks.sources]]\nname = \"a\"\nsecret = \"whsec_cmVwbGFjZS10aGlzLWJ5LWEtc2VjcmV0LW9mLXlvdXJz\"\n[[webhooks.sources]]\nname = \"b\"\n";
    let secret = "whsec_cmVwbGFjZS10aGlzLWJ5LWEtc2VjcmV0LW9mLXlvdXJz whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let config = loaded(&[("tawasul.toml", file)], &[("TAWASUL_WEBHOOKS__SOURCES__1__SECRET", secret)]).unwrap();
    assert_eq!(config.webhooks.sources[1].secret.expose_secret(), secret);
}

#[test]
fn a_key_whose_name_ends_in_file_is_not_read_from_a_file() {
    let config = loaded(&[], &[("TAWASUL_VAULT__KEY_FILE", "/nowhere/vault.key")]).unwrap();
    assert_eq!(config.vault.key_file, "/nowhere/vault.key");
}

#[test]
fn variables_of_the_command_line_and_empty_ones_are_not_looked_at() {
    let env = [("TAWASUL_CONFIG", "x"), ("TAWASUL_LOG", "debug"), ("TAWASUL_SERVER__PUBLIC_URL", "")];
    assert_eq!(loaded(&[], &env).unwrap().server.public_url, None);
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    assert_eq!(service("\u{FEFF}[outbox]\nattempts = 2\n").unwrap().outbox.attempts, 2);
}
