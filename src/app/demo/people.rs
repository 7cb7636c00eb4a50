//! The people of the invented town: names, ways to write, addresses in ranges that belong to nobody.

use super::{
    dice::Dice,
    texts::{Shared, Topic},
};

/// How somebody comes to us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    Email,
    Portal,
    Visit,
    Call,
    Letter,
    Webhook,
    Sandbox,
}

impl Way {
    /// Of a hundred people.
    const SHARES: [(Way, u64); 7] =
        [(Way::Email, 29), (Way::Portal, 28), (Way::Visit, 9), (Way::Call, 10), (Way::Letter, 3), (Way::Webhook, 9), (Way::Sandbox, 12)];

    /// The name of its channel in the texts.
    pub fn channel(self) -> &'static str {
        match self {
            Way::Email => "email",
            Way::Portal => "portal",
            Way::Visit | Way::Call | Way::Letter => "desk",
            Way::Webhook => "webhook",
            Way::Sandbox => "sandbox",
        }
    }

    fn any(dice: &Dice) -> Way {
        let mut left = dice.roll(1, 100);
        for (way, share) in Way::SHARES {
            if left <= share {
                return way;
            }
            left -= share;
        }
        Way::Portal
    }
}

/// Somebody who writes.
#[derive(Clone)]
pub(super) struct Person {
    /// Tells people apart; their addresses are made from it.
    pub number: u64,
    pub name: String,
    pub way: Way,
    /// `foreign`, `urdu`, `stranger`, or empty.
    pub sort: String,
}

impl Person {
    pub fn new(number: u64, topic: &Topic, shared: &Shared, dice: &Dice) -> Self {
        let way = std::iter::repeat_with(|| Way::any(dice))
            .take(200)
            .find(|way| topic.channels.is_empty() || topic.channels.iter().any(|c| c == way.channel()))
            .unwrap_or(Way::Portal);
        Self { number, name: name(topic, shared, dice), way, sort: topic.people.clone() }
    }

    /// `05 0000 0…`: a block that no operator gives out.
    pub fn phone(&self) -> String {
        format!("tel:+9665000{:05}", 100 + self.number)
    }

    /// In a domain that is reserved for examples (RFC 2606).
    pub fn mail(&self) -> String {
        let domain = ["example.org", "example.com", "example.net"][usize::try_from(self.number % 3).unwrap_or(0)];
        format!(
            "{}{}@{domain}",
            ["abu", "um", "salem", "noor", "oasis", "alwaha", "hope"][usize::try_from(self.number % 7).unwrap_or(0)],
            self.number
        )
    }

    pub fn sandbox(&self) -> String {
        format!("sandbox:{}", self.number)
    }
}

fn name(topic: &Topic, shared: &Shared, dice: &Dice) -> String {
    match topic.people.as_str() {
        "foreign" => dice.text(&shared.foreigners),
        "urdu" => dice.text(&shared.urdu),
        "stranger" => dice.text(&shared.strangers),
        _ => match dice.roll(1, 10) {
            1..=2 => format!("أم {}", dice.text(&shared.children)),
            3 => format!("أبو {}", dice.text(&shared.children)),
            4..=6 => format!("{} {}", dice.text(&shared.women), dice.text(&shared.families)),
            7 => format!("{} بنت {} {}", dice.text(&shared.women), dice.text(&shared.men), dice.text(&shared.families)),
            _ => format!("{} {} {}", dice.text(&shared.men), dice.text(&shared.men), dice.text(&shared.families)),
        },
    }
}
