//! The one gate before every automatic message: who never gets one, and who has had enough.

use crate::domain::{Address, Scheme};

/// What is known when an automatic message is promised.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub to: &'a Address,
    /// Why the message that it answers forbids an automatic answer (RFC 3834 §2).
    pub automatic: Option<&'static str>,
    /// Whether it is one of our own addresses.
    pub own: bool,
    /// Whether the address has stopped our messages, or mail to it came back.
    pub closed: Option<&'static str>,
    /// Automatic messages promised to the address in the last hour.
    pub lately: i64,
    /// The most that are allowed.
    pub hourly: i64,
    /// The same for all addresses of its domain together; `None` where the domain says nothing.
    pub domain: Option<Rate>,
}

/// How many went out in the last hour, and how many may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    pub lately: i64,
    pub hourly: i64,
}

/// The gate's answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    Pass,
    /// Not sent; the name of the reason, as in the i18n keys `withheld-…`.
    Withhold(&'static str),
}

pub fn gate(request: Request<'_>) -> Gate {
    if request.own {
        return Gate::Withhold("own");
    }
    if let Some(reason) = request.automatic.or(request.closed) {
        return Gate::Withhold(reason);
    }
    if request.to.scheme() == Scheme::Mailto && is_no_reply(request.to.value()) {
        return Gate::Withhold("no_reply");
    }
    // Receivers of webhooks are programs that asked for every event.
    if request.to.scheme() != Scheme::WebhookTarget && request.lately >= request.hourly {
        return Gate::Withhold("rate");
    }
    // A peer that answers each of our messages from another address ends here.
    if request.domain.is_some_and(|domain| domain.lately >= domain.hourly) {
        return Gate::Withhold("domain_rate");
    }
    Gate::Pass
}

/// The domain under which mail addresses are counted together; whoever has it can make as many addresses and hosts below it
/// as they like. `None` for what is no mail address.
pub fn mail_domain(address: &Address) -> Option<String> {
    let (_, host) = address.value().rsplit_once('@').filter(|_| address.scheme() == Scheme::Mailto)?;
    let labels: Vec<&str> = host.split('.').collect();
    // Countries give out domains below such labels: `example.org.sa`.
    let country = |top: &str, below: &str| top.len() == 2 && SECOND_LEVEL.contains(&below);
    let kept = match labels.as_slice() {
        [.., below, top] if country(top, below) => 3,
        _ => 2,
    };
    Some(labels[labels.len().saturating_sub(kept)..].join("."))
}

/// Labels below a country's own, under which others register theirs.
const SECOND_LEVEL: [&str; 12] = ["com", "org", "net", "gov", "edu", "sch", "med", "pub", "ac", "co", "mil", "or"];

/// Whether everybody has addresses there: of a provider of mailboxes thousands write who have nothing to do with each other.
pub fn is_public(domain: &str) -> bool {
    let name = domain.split('.').next().unwrap_or("");
    PUBLIC.contains(&domain) || IN_MANY_COUNTRIES.contains(&name)
}

/// Providers under one name.
const PUBLIC: [&str; 22] = [
    "gmail.com",
    "googlemail.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "msn.com",
    "windowslive.com",
    "ymail.com",
    "rocketmail.com",
    "aol.com",
    "proton.me",
    "protonmail.com",
    "pm.me",
    "zoho.com",
    "mail.com",
    "mail.ru",
    "fastmail.com",
    "tutanota.com",
    "tuta.com",
    "hey.com",
    "maktoob.com",
    "saudi.net.sa",
];

/// Providers with a domain for each country, such as `yahoo.co.uk` and `outlook.sa`.
const IN_MANY_COUNTRIES: [&str; 6] = ["hotmail", "outlook", "live", "yahoo", "gmx", "yandex"];

/// Local parts that nobody reads (RFC 2142 and custom): an answer to them comes back, or starts a loop.
fn is_no_reply(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or("");
    let plain: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
    matches!(plain.as_str(), "noreply" | "donotreply" | "dontreply" | "mailerdaemon" | "postmaster" | "bounce" | "bounces" | "abuse")
        || plain.starts_with("noreply")
        || plain.starts_with("donotreply")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(to: &Address) -> Request<'_> {
        Request { to, automatic: None, own: false, closed: None, lately: 0, hourly: 5, domain: None }
    }

    #[test]
    fn machines_lists_and_ourselves_get_nothing() {
        let person = Address::mail("ali@example.org").unwrap();
        assert_eq!(gate(request(&person)), Gate::Pass);
        assert_eq!(gate(Request { automatic: Some("auto_reply"), ..request(&person) }), Gate::Withhold("auto_reply"));
        assert_eq!(gate(Request { own: true, ..request(&person) }), Gate::Withhold("own"));
        assert_eq!(gate(Request { closed: Some("stopped"), ..request(&person) }), Gate::Withhold("stopped"));
        assert_eq!(gate(Request { lately: 5, ..request(&person) }), Gate::Withhold("rate"));
        for robot in ["no-reply@x.sa", "NoReply.orders@x.sa", "do_not_reply@x.sa", "MAILER-DAEMON@x.sa"] {
            assert_eq!(gate(request(&Address::mail(robot).unwrap())), Gate::Withhold("no_reply"), "{robot}");
        }
        assert_eq!(gate(request(&Address::mail("noor@x.sa").unwrap())), Gate::Pass);
    }

    #[test]
    fn all_addresses_of_a_domain_are_counted_together() {
        let person = Address::mail("ali@example.org").unwrap();
        let full = |lately| Request { domain: Some(Rate { lately, hourly: 8 }), ..request(&person) };
        assert_eq!(gate(full(7)), Gate::Pass);
        assert_eq!(gate(full(8)), Gate::Withhold("domain_rate"));
    }

    #[test]
    fn a_domain_is_what_its_owner_can_make_addresses_under() {
        for (address, domain) in [
            ("a@example.org", "example.org"),
            ("a@h17.mx.example.org", "example.org"),
            ("a@albir.org.sa", "albir.org.sa"),
            ("a@mail.albir.org.sa", "albir.org.sa"),
            ("a@moe.gov.sa", "moe.gov.sa"),
            ("a@example.sa", "example.sa"),
            ("a@localhost", "localhost"),
        ] {
            assert_eq!(mail_domain(&Address::mail(address).unwrap()).as_deref(), Some(domain), "{address}");
        }
        assert_eq!(mail_domain(&Address::phone("0551234567", "966").unwrap()), None);
    }

    #[test]
    fn providers_of_mailboxes_are_known_in_every_country() {
        for domain in ["gmail.com", "hotmail.com", "outlook.sa", "yahoo.co.uk", "icloud.com", "live.com", "yahoo.com"] {
            assert!(is_public(domain), "{domain}");
        }
        for domain in ["example.org", "albir.org.sa", "moe.gov.sa", "gmail.example.org"] {
            assert!(!is_public(domain), "{domain}");
        }
    }
}
