//! What was said on a ticket, as portal and desk show it.

use crate::{
    channel::ChannelKind,
    domain::{At, Direction, Language},
};

/// The messages of a ticket, oldest first, with the place where their files are had.
#[derive(Clone)]
pub struct Conversation {
    pub messages: Vec<Spoken>,
    /// `/desk/files` or `/track/files`.
    pub files_at: &'static str,
}

/// One message.
#[derive(Clone)]
pub struct Spoken {
    /// Names its place on the page: `#m-…`.
    pub id: String,
    pub direction: Direction,
    /// The sender's or officer's name; empty where it is not shown.
    pub author: String,
    pub channel: ChannelKind,
    /// How it came to the front desk, such as `call`.
    pub way: Option<Way>,
    pub at: At,
    pub subject: Option<String>,
    /// What is newly written.
    pub text: String,
    /// Everything, where that is more: shown on demand.
    pub whole: Option<String>,
    pub files: Vec<File>,
    /// The notices that carried it, for staff; empty on the portal.
    pub deliveries: Vec<Delivery>,
}

impl Spoken {
    /// Whether it says which way it came; which way ours went is told by its deliveries.
    pub fn says_way(&self) -> bool {
        self.direction == Direction::Inbound
    }

    /// The name of the channel's or way's word: family and name.
    pub fn by(&self) -> (&'static str, &'static str) {
        match self.way {
            Some(way) => ("way", way.as_str()),
            None => ("channel", self.channel.as_str()),
        }
    }
}

crate::domain::ticket::named! {
    /// How a message came to the front desk.
    Way { Visit = "visit", Call = "call", Letter = "letter", Fax = "fax" }
}

/// A file on a message.
#[derive(Clone)]
pub struct File {
    pub id: String,
    pub name: String,
    /// As sniffed from its content.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// Why there is no content: the key of a text, such as `attachment-too-big`.
    pub missing: Option<String>,
}

impl File {
    /// Whether the page offers a player.
    pub fn is_voice(&self) -> bool {
        self.missing.is_none() && self.content_type.starts_with("audio/")
    }
}

crate::domain::ticket::named! {
    /// How far a notice has come.
    DeliveryState {
        Queued = "queued",
        Sent = "sent",
        /// An attempt failed; another one will be made.
        Retrying = "retrying",
        GivenUp = "given_up",
        /// It must not be sent.
        Withheld = "withheld",
        /// A delivery report said that it did not arrive.
        Bounced = "bounced",
    }
}

/// One notice on its way.
#[derive(Clone)]
pub struct Delivery {
    pub state: DeliveryState,
    /// The recipient's address, masked.
    pub to: String,
    pub channel: ChannelKind,
    pub at: At,
    /// The send error's code, or why it was withheld.
    pub code: Option<String>,
}

impl Delivery {
    /// The family of words that explains `code`.
    pub fn family(&self) -> &'static str {
        if self.state == DeliveryState::Withheld { "withheld" } else { "send" }
    }

    /// Whether somebody should look at it.
    pub fn is_trouble(&self) -> bool {
        matches!(self.state, DeliveryState::GivenUp | DeliveryState::Bounced)
    }
}

impl Conversation {
    pub fn sample(language: Language, files_at: &'static str, staff: bool) -> Self {
        let mut messages = vec![Self::question(language, staff), Self::answer(language, staff)];
        if staff {
            messages.push(Self::note(language));
        }
        messages.push(Self::voice());
        Self { messages, files_at }
    }

    fn question(language: Language, staff: bool) -> Spoken {
        Spoken {
            id: "1".into(),
            direction: Direction::Inbound,
            author: "مريم الشمري".into(),
            channel: ChannelKind::Email,
            way: None,
            at: At(1_795_418_000_000_000),
            subject: staff.then(|| "السلة الغذائية".into()),
            text: "السلام عليكم\nلم تصلنا السلة الغذائية منذ شهرين، والأولاد صغار ووالدهم مريض. رقم الملف 4471.\nأرجو النظر في الأمر، جزاكم الله خيرًا.".into(),
            whole: staff.then(|| "السلام عليكم\nلم تصلنا السلة…\n\n> On Monday, Al-Birr wrote:\n> شكرًا لتواصلكم".into()),
            files: vec![
                File { id: "f1".into(), name: "بطاقة العائلة.jpg".into(), content_type: "image/jpeg".into(), size: 412_000, missing: None },
                File {
                    id: "f2".into(),
                    name: "video.mp4".into(),
                    content_type: "video/mp4".into(),
                    size: 88_000_000,
                    missing: Some("attachment-too-big".into()),
                },
            ],
            deliveries: Vec::new(),
        }
        .in_words_of(language)
    }

    fn answer(language: Language, staff: bool) -> Spoken {
        let delivery = |state, code: Option<&str>| Delivery {
            state,
            to: "m…@example.org".into(),
            channel: ChannelKind::Email,
            at: At(1_795_421_600_000_000),
            code: code.map(str::to_owned),
        };
        Spoken {
            id: "2".into(),
            direction: Direction::Outbound,
            author: "أحمد العتيبي".into(),
            channel: ChannelKind::Email,
            way: None,
            at: At(1_795_421_600_000_000),
            subject: None,
            text: "حياكم الله. هل تغيّر عنوان السكن بعد شهر رجب؟".into(),
            whole: None,
            files: Vec::new(),
            deliveries: if staff {
                vec![delivery(DeliveryState::Sent, None), delivery(DeliveryState::GivenUp, Some("rejected"))]
            } else {
                Vec::new()
            },
        }
        .in_words_of(language)
    }

    fn note(language: Language) -> Spoken {
        Spoken {
            id: "3".into(),
            direction: Direction::Note,
            author: "أحمد العتيبي".into(),
            channel: ChannelKind::Desk,
            way: None,
            at: At(1_795_422_000_000_000),
            subject: None,
            text: "الملف 4471 محدّث في شعبان، والمندوب لم يجد أحدًا.".into(),
            whole: None,
            files: Vec::new(),
            deliveries: Vec::new(),
        }
        .in_words_of(language)
    }

    fn voice() -> Spoken {
        Spoken {
            id: "4".into(),
            direction: Direction::Inbound,
            author: "مريم الشمري".into(),
            channel: ChannelKind::Desk,
            way: Some(Way::Call),
            at: At(1_795_425_000_000_000),
            subject: None,
            text: "نعم، انتقلنا إلى حي النهضة. Tel. +966551234567".into(),
            whole: None,
            files: vec![File { id: "f3".into(), name: "voice.ogg".into(), content_type: "audio/ogg".into(), size: 61_000, missing: None }],
            deliveries: Vec::new(),
        }
    }
}

impl Spoken {
    /// In the English samples the officer writes English; the sender's words stay Arabic, as they will.
    fn in_words_of(mut self, language: Language) -> Self {
        if language == Language::En && self.direction != Direction::Inbound {
            self.author = "Ahmad Al-Otaibi".into();
            self.text = match self.direction {
                Direction::Note => "File 4471 was updated in Shaban; the driver found nobody at home.".into(),
                _ => "Thank you. Did you move house after the month of Rajab?".into(),
            };
        }
        self
    }
}
