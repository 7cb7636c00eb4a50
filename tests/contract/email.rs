//! E-mail between a real Dovecot, which is polled, and a submission server that fails on demand.

use super::{
    suite::{Basket, Failure, Rig, Seen, world},
    support::{
        dovecot::{Dovecot, PASSWORD},
        recorder::MemoryBookmarks,
        smtp_sink::{At as Step, Mishap, SmtpSink},
        tokens::MemoryTokens,
    },
};
use async_trait::async_trait;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tawasul::{
    channel::{
        Channel,
        email::{EmailChannel, parse, settings::Settings},
    },
    domain::{Address, NoticeId, Scheme},
};
use tokio_util::sync::CancellationToken;

pub struct EmailRig {
    channel: Arc<EmailChannel>,
    settings: Settings,
    dovecot: Dovecot,
    sink: SmtpSink,
    count: AtomicU32,
}

impl EmailRig {
    /// `None` where there is no Dovecot.
    pub async fn new() -> Option<Self> {
        let (dovecot, sink) = (Dovecot::start(&["office"])?, SmtpSink::start().await);
        let password = PASSWORD.replace('"', "\\\"");
        let settings: Settings = toml::from_str(&format!(
            "[[mailboxes]]\nname = \"office\"\naddress = \"office@example.org\"\npoll_interval = \"100ms\"\n\
             imap = {{ host = \"127.0.0.1\", port = {}, tls = false, user = \"office\", password = \"{password}\" }}\n\
             smtp = {{ host = \"127.0.0.1\", port = {}, tls = \"none\", password = \"{password}\" }}\n",
            dovecot.port, sink.port
        ))
        .expect("settings");
        let channel = EmailChannel::new(settings.clone(), MemoryBookmarks::new(), MemoryTokens::new(), world()).expect("a channel");
        Some(Self { channel, settings, dovecot, sink, count: AtomicU32::new(0) })
    }
}

#[async_trait]
impl Rig for EmailRig {
    fn channel(&self) -> Arc<dyn Channel> {
        self.channel.clone()
    }

    fn shown(&self) -> String {
        format!("{:?}", self.settings)
    }

    fn secrets(&self) -> Vec<String> {
        vec![PASSWORD.into(), PASSWORD.escape_debug().to_string(), "huda@example.com".into()]
    }

    fn near(&self) -> Address {
        Address::mail("huda@example.com").expect("an address")
    }

    fn far(&self) -> Address {
        Address::new(Scheme::Tel, "0551234567").expect("an address")
    }

    /// A reader knows a copy by its Message-ID, which is made from the notice's id; a copy must then say the same.
    async fn seen(&self) -> Vec<Seen> {
        let mut seen: Vec<Seen> = Vec::new();
        for mail in self.sink.mails() {
            let read = parse::read(&mail.raw).expect("a mail that can be read");
            let notice = read.message_id.as_deref().and_then(|id| id.split('@').next()?.parse().ok()).map(NoticeId);
            let this = Seen { id: notice.expect("the notice's id").to_string(), text: read.text };
            match seen.iter().find(|other| other.id == this.id) {
                Some(copy) => assert_eq!(*copy, this),
                None => seen.push(this),
            }
        }
        seen
    }

    /// A recipient who wants no more has no words in SMTP: servers refuse such mail like any other.
    fn fail_next(&self, failure: Failure) -> bool {
        self.sink.mishap(match failure {
            Failure::Busy => Mishap::Answer(Step::Rcpt, "450 4.2.0 <huda@example.com> greylisted"),
            Failure::Down => Mishap::Cut(Step::Rcpt),
            Failure::Refuses => Mishap::Answer(Step::Rcpt, "550 5.1.1 <huda@example.com> unknown"),
            Failure::Silent => Mishap::KeptAndCut,
            Failure::Stopped => return false,
        });
        true
    }

    async fn bring_in(&self, text: &str, sink: Arc<Basket>) {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        let head = format!(
            "From: =?utf-8?B?2YHYp9i32YXYqQ==?= <huda@example.com>\r\nTo: office@example.org\r\nSubject: Mail {number}\r\n\
             Message-ID: <m{number}@example.com>\r\nDate: Tue, 3 Feb 2026 10:15:00 +0300\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        );
        self.dovecot.deliver_mail("office", format!("{head}{}\r\n", text.replace('\n', "\r\n")).as_bytes());
        let stop = CancellationToken::new();
        let receiving = tokio::spawn({
            let (channel, sink, stop) = (self.channel.clone(), sink.clone(), stop.clone());
            async move { channel.receive(sink, stop).await }
        });
        while sink.taken().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stop.cancel();
        receiving.await.expect("receive ends well");
    }
}
