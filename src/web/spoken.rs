//! What was said on a ticket, from the view that `casework` gives to what pages show.

use super::pages::{Conversation, Delivery, DeliveryState, File, Spoken, conversation::Way};
use crate::{
    casework::{Attachment, MessageView, Notice, NoticeState, TicketView},
    channel::Undelivered,
    domain::{Address, ChannelKind, Direction, Language, Scheme},
};

/// Who reads it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    Sender,
    Staff,
}

pub(super) fn conversation(view: &TicketView, language: Language, reader: Reader) -> Conversation {
    let messages = view.messages.iter().enumerate().map(|(place, message)| spoken(view, message, place, language, reader)).collect();
    let files_at = if reader == Reader::Staff { "/desk/files" } else { "/track/files" };
    Conversation { messages, files_at }
}

fn spoken(view: &TicketView, said: &MessageView, place: usize, language: Language, reader: Reader) -> Spoken {
    let (message, staff) = (&said.message, reader == Reader::Staff);
    let way = (message.channel == ChannelKind::Desk).then(|| message.account.parse::<Way>().ok()).flatten();
    let author = match (message.direction, &said.author) {
        (Direction::Inbound, _) => view.contact.name.clone().filter(|_| staff).unwrap_or_default(),
        (_, Some(person)) => person.name.get(language).to_owned(),
        (_, None) => String::new(),
    };
    Spoken {
        id: (place + 1).to_string(),
        direction: message.direction,
        author,
        channel: message.channel,
        way,
        at: message.created_at,
        subject: view.ticket.subject.clone().filter(|_| place == 0),
        text: message.fresh.clone().unwrap_or_else(|| message.body.clone()),
        whole: message.fresh.as_ref().map(|_| message.body.clone()).filter(|_| staff),
        files: said.files.iter().map(file).collect(),
        deliveries: if staff { said.notices.iter().map(delivery).collect() } else { Vec::new() },
    }
}

fn file(file: &Attachment) -> File {
    let missing = match (&file.missing, file.blob) {
        (Some(key), _) => Some(key.clone()),
        (None, None) => Some("attachment-unavailable".to_owned()),
        (None, Some(_)) => None,
    };
    File { id: file.id.to_string(), name: file.name.clone(), content_type: file.content_type.clone(), size: file.size, missing }
}

fn delivery(notice: &Notice) -> Delivery {
    let state = match notice.state {
        NoticeState::Pending if notice.attempts == 0 => DeliveryState::Queued,
        NoticeState::Pending => DeliveryState::Retrying,
        NoticeState::Sent => DeliveryState::Sent,
        NoticeState::Dead if came_back(notice) => DeliveryState::Bounced,
        NoticeState::Dead => DeliveryState::GivenUp,
        NoticeState::Withheld => DeliveryState::Withheld,
    };
    Delivery {
        state,
        // The tracking page has no address that says anything.
        to: notice.to.as_ref().filter(|to| to.scheme() != Scheme::Portal).map(Address::masked).unwrap_or_default(),
        channel: notice.channel.unwrap_or(ChannelKind::Portal),
        at: notice.finished_at.unwrap_or(notice.created_at),
        code: notice.reason.clone().filter(|_| state != DeliveryState::Sent),
    }
}

/// Whether the network took it first and gave it back.
fn came_back(notice: &Notice) -> bool {
    notice.reason.as_deref().is_some_and(|code| code.parse::<Undelivered>().is_ok())
}
