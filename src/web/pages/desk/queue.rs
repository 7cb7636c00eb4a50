//! `GET /desk?filter=…&q=…&cursor=…`: the tickets that wait.

use crate::{
    channel::ChannelKind,
    domain::{At, Language, Priority, Status},
    web::pages::{Frame, Place, Viewer},
};
use askama::Template;

#[derive(Clone, Template)]
#[template(path = "desk/queue.html")]
pub struct Queue {
    pub frame: Frame,
    pub viewer: Viewer,
    pub filter: Filter,
    /// The filters in order, with counts where they are known.
    pub tabs: Vec<Tab>,
    /// What was searched for; empty for nothing.
    pub search: String,
    pub rows: Vec<QueueRow>,
    /// Where the next page begins.
    pub next: Option<String>,
}

crate::domain::ticket::named! {
    /// Which tickets are listed.
    Filter {
        Open = "open",
        Mine = "mine",
        /// Nobody has begun.
        New = "new",
        Waiting = "waiting",
        Resolved = "resolved",
        All = "all",
    }
}

#[derive(Clone)]
pub struct Tab {
    pub filter: Filter,
    pub count: Option<u64>,
}

/// A ticket on the list.
#[derive(Clone)]
pub struct QueueRow {
    pub reference: String,
    /// Its subject or the beginning of its text; `None` for a confidential ticket.
    pub title: Option<String>,
    /// The sender's name; `None` for a confidential or anonymous ticket.
    pub sender: Option<String>,
    pub kind: String,
    pub channel: ChannelKind,
    pub department: String,
    pub owner: Option<String>,
    pub status: Status,
    pub priority: Priority,
    pub opened: At,
    pub due: Option<At>,
    pub overdue: bool,
    /// The sender wrote last: somebody should answer.
    pub unanswered: bool,
}

impl Queue {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t("queue-title")
    }

    /// How many the chosen filter has, in words, when it is known.
    pub fn counted(&self) -> Option<String> {
        let tab = self.tabs.iter().find(|tab| tab.filter == self.filter)?;
        let count = i64::try_from(tab.count?).ok()?;
        Some(self.frame.t1("count-tickets", "count", count))
    }

    pub fn here(&self) -> Place {
        Place::Queue
    }

    pub fn sample(language: Language) -> Self {
        let ar = language == Language::Ar;
        let row = QueueRow {
            reference: "26-004183-4".to_owned(),
            title: Some("السلة الغذائية: لم تصلنا السلة الغذائية منذ شهرين، والأولاد صغار".to_owned()),
            sender: Some("مريم الشمري".to_owned()),
            kind: if ar { "شكوى" } else { "Complaint" }.to_owned(),
            channel: ChannelKind::Email,
            department: if ar { "إدارة المساعدات" } else { "Aid Department" }.to_owned(),
            owner: Some(if ar { "أحمد العتيبي" } else { "Ahmad Al-Otaibi" }.to_owned()),
            status: Status::InProgress,
            priority: Priority::Normal,
            opened: At(1_795_418_000_000_000),
            due: Some(At(1_795_698_000_000_000)),
            overdue: false,
            unanswered: true,
        };
        let secret = QueueRow {
            reference: "26-004190-6".to_owned(),
            title: None,
            sender: None,
            priority: Priority::Emergency,
            owner: None,
            status: Status::New,
            overdue: true,
            unanswered: false,
            ..row.clone()
        };
        let english = QueueRow {
            reference: "26-004177-1".to_owned(),
            title: Some("Question about the winter clothing programme".to_owned()),
            sender: Some("Yusuf Rahman".to_owned()),
            channel: ChannelKind::Portal,
            status: Status::WaitingSender,
            unanswered: false,
            ..row.clone()
        };
        Self {
            frame: Frame::sample(language, "/desk?filter=open"),
            viewer: Viewer::sample(language),
            filter: Filter::Open,
            tabs: Filter::ALL
                .iter()
                .zip([Some(14), Some(3), Some(1), Some(4), None, None])
                .map(|(f, count)| Tab { filter: *f, count })
                .collect(),
            search: String::new(),
            rows: vec![row, secret, english],
            next: Some("c2".to_owned()),
        }
    }

    pub fn sample_empty(language: Language) -> Self {
        Self { rows: Vec::new(), next: None, search: "السلة".to_owned(), ..Self::sample(language) }
    }
}
