//! Addresses within this site: what may follow, and how values stand in them.

use std::fmt::Write;

/// Everything but unreserved characters as `%XX` (RFC 3986 §2.1): for a query's value, and for a file name by RFC 8187.
pub(super) fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// A path of this very site, or `otherwise`. Browsers read `//host`, `/\host` and paths with control characters as other sites.
pub(super) fn local<'a>(next: &'a str, otherwise: &'a str) -> &'a str {
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain && next.starts_with('/') && !next.starts_with("//") && next.len() <= 2000 { next } else { otherwise }
}

/// A path of the desk, or its first page.
pub(super) fn in_desk(next: &str) -> &str {
    let next = local(next, "/desk");
    let within = next.strip_prefix("/desk").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    if within && !next.contains("..") { next } else { "/desk" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for good in ["/", "/track?reference=26-004183-4", "/desk/tickets/26-004183-4"] {
            assert_eq!(local(good, "/x"), good);
        }
        for bad in ["", "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "/a\r\nb"] {
            assert_eq!(local(bad, "/x"), "/x", "{bad:?}");
        }
    }

    #[test]
    fn after_sign_in_one_stays_in_the_desk() {
        assert_eq!(in_desk("/desk?filter=mine"), "/desk?filter=mine");
        for elsewhere in ["/", "/deskx", "/desk/../track", "//desk"] {
            assert_eq!(in_desk(elsewhere), "/desk", "{elsewhere}");
        }
    }

    #[test]
    fn arabic_stands_percent_encoded() {
        assert_eq!(encoded("هوية 1.pdf"), "%D9%87%D9%88%D9%8A%D8%A9%201.pdf");
    }
}
