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
    Gate::Pass
}

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
        Request { to, automatic: None, own: false, closed: None, lately: 0, hourly: 5 }
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
}
