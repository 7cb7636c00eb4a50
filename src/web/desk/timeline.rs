//! The timeline of a ticket in words: what is stored as keys and ids gets its names here.

use super::SignedIn;
use crate::{
    casework::{Audience, History, INTERFACE, Notice, NoticeState, TicketView},
    domain::{Actor, Address, ChannelKind, EventKind, Key, Language, event::EventData},
    i18n::{Value, text, text_with, words},
    web::{Web, pages::desk::Happening},
};

/// Everything that happened, and the notices that no message carried, in order. What only stands on the tracking page did not
/// travel and is left out.
pub fn timeline(web: &Web, at: &SignedIn, view: &TicketView) -> Vec<Happening> {
    let language = at.visit.language;
    let events = view.history.iter().map(|entry| event(web, language, entry));
    let notices =
        view.notices.iter().filter(|n| n.message.is_none() && n.audience != Audience::System && n.channel != Some(ChannelKind::Portal));
    let mut all: Vec<Happening> = events.chain(notices.filter_map(|n| notice(language, n))).collect();
    all.sort_by_key(|happening| happening.at);
    all
}

fn event(web: &Web, language: Language, entry: &History) -> Happening {
    let event = &entry.event;
    let mut data = EventData::new();
    if let Some(channel) = event.data.get("channel") {
        data.insert("channel".to_owned(), words::word(language, "channel", channel));
    }
    if let Some(key) = event.data.get("department") {
        let known = Key::parse(key).ok().and_then(|key| web.casework.office().department(&key));
        data.insert("department".to_owned(), known.map_or(key.as_str(), |department| department.name.get(language)).to_owned());
    }
    if let Some(person) = &entry.to {
        data.insert("to".to_owned(), person.name.get(language).to_owned());
    }
    if let Some(address) = event.data.get("address") {
        data.insert("address".to_owned(), address.clone());
    }
    let interface = event.data.get(INTERFACE).map(|name| ("name", Value::from(name.as_str())));
    let who = match (event.actor, &entry.person, interface) {
        (Actor::Sender, ..) => text(language, "actor-sender"),
        (Actor::Person(_), Some(person), Some(name)) => {
            text_with(language, "actor-through", &[("who", person.name.get(language).into()), name])
        }
        (Actor::Person(_), Some(person), None) => person.name.get(language).to_owned(),
        (_, _, Some(name)) => text_with(language, "actor-interface", &[name]),
        _ => text(language, "actor-system"),
    };
    Happening { at: event.at, who, what: words::event(language, event.kind, &data), detail: detail(language, event.kind, &event.data) }
}

/// What somebody wrote about it, or the network's answer in words.
fn detail(language: Language, kind: EventKind, data: &EventData) -> Option<String> {
    if let Some(cause) = data.get("cause") {
        return Some(words::word(language, "cause", cause));
    }
    let reason = data.get("reason").filter(|reason| !reason.trim().is_empty())?;
    Some(if kind == EventKind::NoticeFailed { words::word(language, "send", reason) } else { reason.clone() })
}

fn notice(language: Language, notice: &Notice) -> Option<Happening> {
    let (kind, detail) = match notice.state {
        NoticeState::Sent => (EventKind::NoticeSent, None),
        NoticeState::Withheld => {
            (EventKind::NoticeWithheld, notice.reason.as_deref().map(|reason| words::word(language, "withheld", reason)))
        }
        // Given up is an event of its own; what waits has not happened.
        NoticeState::Dead | NoticeState::Pending => return None,
    };
    let mut data = EventData::new();
    if let Some(to) = &notice.to {
        data.insert("address".to_owned(), Address::masked(to));
    }
    if let Some(channel) = notice.channel {
        data.insert("channel".to_owned(), words::word(language, "channel", channel.as_str()));
    }
    let at = notice.finished_at.unwrap_or(notice.created_at);
    Some(Happening { at, who: text(language, "actor-system"), what: words::event(language, kind, &data), detail })
}
