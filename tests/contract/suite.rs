//! What every channel promises, whatever its network: the words are in `src/channel/mod.rs`.

use async_trait::async_trait;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tawasul::{
    channel::{Channel, Event, Inbound, InboundMessage, InboundSink, NotTaken, OutThread, Outbound, SendError, Sent, Taken},
    domain::{
        Address, At, Language, NoticeId, World,
        world::fixed::{FixedClock, Seeded},
    },
};
use tokio_util::sync::CancellationToken;

/// A channel with its stand-in network.
#[async_trait]
pub trait Rig: Sync {
    fn channel(&self) -> Arc<dyn Channel>;

    /// The channel and its settings as `Debug` shows them.
    fn shown(&self) -> String;

    /// The secrets in its settings; none may ever be shown.
    fn secrets(&self) -> Vec<String>;

    /// An address that the channel reaches.
    fn near(&self) -> Address;

    /// An address of another network.
    fn far(&self) -> Address;

    /// What the program does before it sends, where the recipient sees that: the portal's page shows what was promised, and
    /// nothing travels.
    async fn promised(&self, _outbound: &Outbound) {}

    /// What the recipient sees, copies that they would know as copies counted once: id and text.
    async fn seen(&self) -> Vec<Seen>;

    /// Makes the network fail so at the next attempt. `false`: this network never fails so.
    fn fail_next(&self, failure: Failure) -> bool;

    /// Brings a message in, the way it comes in real life, until `sink` has taken it. A network that is polled takes its
    /// time: the next look, and the pause after a refusal; [`PATIENCE`] is the most.
    async fn bring_in(&self, text: &str, sink: Arc<Basket>);
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    pub id: String,
    pub text: String,
}

/// How a network can fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// Asks to slow down for a while.
    Busy,
    /// Has a temporary trouble.
    Down,
    /// Refuses this message for good.
    Refuses,
    /// The recipient wants no more.
    Stopped,
    /// Takes the message and never answers.
    Silent,
}

impl Failure {
    const ALL: [Failure; 5] = [Failure::Busy, Failure::Down, Failure::Refuses, Failure::Silent, Failure::Stopped];

    /// The code of the error it must become, and whether another attempt makes sense.
    fn meaning(self) -> (&'static str, bool) {
        match self {
            Failure::Busy => ("throttled", true),
            Failure::Down => ("unreachable", true),
            Failure::Refuses => ("rejected", false),
            Failure::Stopped => ("stopped", false),
            Failure::Silent => ("uncertain", true),
        }
    }
}

/// A sink that keeps what it takes, and refuses the first few as a full store would.
#[derive(Default)]
pub struct Basket {
    state: Mutex<Basketful>,
}

#[derive(Default)]
struct Basketful {
    refuse: usize,
    offered: usize,
    taken: Vec<Inbound>,
}

impl Basket {
    pub fn refusing(refuse: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(Basketful { refuse, ..Basketful::default() }) })
    }

    pub fn taken(&self) -> Vec<Inbound> {
        self.state.lock().unwrap().taken.clone()
    }
}

#[async_trait]
impl InboundSink for Basket {
    async fn deliver(&self, inbound: Inbound) -> Result<Taken, NotTaken> {
        let mut state = self.state.lock().unwrap();
        state.offered += 1;
        if state.offered <= state.refuse {
            return Err(NotTaken("full".into()));
        }
        state.taken.push(inbound);
        Ok(Taken::Quarantined)
    }
}

/// Arabic with marks, isolates, emoji of several code points, mixed directions, and longer than any packet.
pub fn long_text() -> String {
    let line = "السَّلامُ عليكم، أنا \u{2068}فاطمة\u{2069} من فرع الشمال؛ تأخّرت السلّة 🧺 منذ ٣ أسابيع (رقم 12-B) 👩‍👧‍👦🇸🇦\n";
    line.repeat(60).trim_end().to_owned()
}

pub fn world() -> World {
    World { clock: FixedClock::at(NOW), chance: Seeded::new(4711) }
}

/// The longest that a channel may take to bring a message in, or to end when told to: a polled one waits between its looks, and
/// longer after a refusal.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub const NOW: At = At(1_790_000_000_000_000);

/// The whole contract. `Stopped` comes last, because a channel may close the road for good after it.
pub async fn run(rig: &dyn Rig) {
    the_address_decides_who_sends(rig).await;
    a_notice_sent_twice_is_one_to_the_recipient(rig).await;
    a_long_arabic_text_arrives_whole(rig).await;
    a_message_comes_in_whole_and_can_be_known_again(rig).await;
    what_the_store_refused_comes_again(rig).await;
    receiving_ends_when_told_to(rig).await;
    every_failure_has_its_meaning(rig).await;
    no_secret_is_shown(rig);
}

async fn the_address_decides_who_sends(rig: &dyn Rig) {
    let channel = rig.channel();
    assert!(channel.reaches(&rig.near()));
    assert!(!channel.reaches(&rig.far()));
}

async fn a_notice_sent_twice_is_one_to_the_recipient(rig: &dyn Rig) {
    let notice = notice(rig, "وصلنا طلبك");
    let first = send(rig, &notice).await.expect("sent");
    let second = rig.channel().send(&notice).await.expect("sent again");
    assert_eq!(first, second, "the same notice has the same name on the network at every attempt");
    assert_eq!(rig.seen().await.iter().filter(|seen| seen.text.contains("وصلنا طلبك")).count(), 1);
    let other = send(rig, &self::notice(rig, "وصلنا طلبك الثاني")).await.expect("sent");
    assert!(first.external_id.is_none() || first != other, "two notices have two names");
}

async fn a_long_arabic_text_arrives_whole(rig: &dyn Rig) {
    let text = long_text();
    if rig.channel().capabilities().text_limit.is_some_and(|limit| limit < text.chars().count()) {
        return;
    }
    send(rig, &notice(rig, &text)).await.expect("sent");
    assert!(rig.seen().await.iter().any(|seen| seen.text.contains(&text)), "the text arrives as it was written");
}

async fn a_message_comes_in_whole_and_can_be_known_again(rig: &dyn Rig) {
    let text = long_text();
    let basket = Basket::refusing(0);
    bring_in(rig, &text, &basket).await;
    let taken = basket.taken();
    assert_eq!(taken.len(), 1);
    let inbound = &taken[0];
    assert_eq!(inbound.channel, rig.channel().kind());
    assert!(!inbound.keys.is_empty() && inbound.keys.iter().all(|key| !key.0.is_empty()), "a key to know a copy by");
    assert!(!inbound.raw.bytes.is_empty(), "the bytes as they came");
    let message = message(inbound);
    assert_eq!(message.text, text);
    assert!(message.text.contains(&message.fresh));
    let spelled = message.sender.address.to_string();
    assert_eq!(spelled.parse::<Address>().as_ref(), Ok(&message.sender.address), "the address reads back as itself");
    assert_eq!(message.language.or_else(|| Language::of_text(&message.text)), Some(Language::Ar));
    assert!(!format!("{inbound:?}").contains("فاطمة"), "nothing personal in Debug");
}

async fn what_the_store_refused_comes_again(rig: &dyn Rig) {
    let basket = Basket::refusing(2);
    bring_in(rig, "لم يُحفظ في المرة الأولى", &basket).await;
    let texts: Vec<String> = basket.taken().iter().map(|inbound| message(inbound).text.clone()).collect();
    assert_eq!(texts, ["لم يُحفظ في المرة الأولى"]);
}

/// Told before it began, and told while it looks or waits between two looks.
async fn receiving_ends_when_told_to(rig: &dyn Rig) {
    for pause in [None, Some(Duration::from_millis(300))] {
        let stop = CancellationToken::new();
        if pause.is_none() {
            stop.cancel();
        }
        let receiving = tokio::spawn({
            let (channel, stop) = (rig.channel(), stop.clone());
            async move { channel.receive(Basket::refusing(0), stop).await }
        });
        tokio::time::sleep(pause.unwrap_or_default()).await;
        stop.cancel();
        let ended = tokio::time::timeout(PATIENCE, receiving).await;
        ended.expect("receive goes on after stop").expect("receive ends well");
    }
}

async fn every_failure_has_its_meaning(rig: &dyn Rig) {
    for failure in Failure::ALL {
        if !rig.fail_next(failure) {
            continue;
        }
        let notice = notice(rig, "تجربة");
        let error = send(rig, &notice).await.expect_err("the network failed");
        assert_eq!((error.code(), error.retry()), failure.meaning(), "{failure:?}");
        hides_secrets(rig, &format!("{error} {error:?}"));
        if error.retry() {
            rig.channel().send(&notice).await.expect("the second attempt");
            assert_eq!(rig.seen().await.iter().filter(|seen| seen.id == notice.notice.to_string()).count(), 1, "{failure:?}");
        }
    }
    let lost = Outbound { to: rig.far(), ..notice(rig, "إلى غير عنوان") };
    let error = rig.channel().send(&lost).await.expect_err("not ours to send");
    assert!(matches!(error, SendError::Invalid { .. }) && !error.retry(), "{error:?}");
}

fn no_secret_is_shown(rig: &dyn Rig) {
    hides_secrets(rig, &rig.shown());
    hides_secrets(rig, &format!("{:?}", rig.channel().health()));
}

fn hides_secrets(rig: &dyn Rig, shown: &str) {
    for secret in rig.secrets() {
        assert!(!shown.contains(&secret), "a secret is shown in: {}", shown.replace(&secret, "***"));
    }
}

/// Sends as the program does: what is sent was promised before.
async fn send(rig: &dyn Rig, notice: &Outbound) -> Result<Sent, SendError> {
    rig.promised(notice).await;
    rig.channel().send(notice).await
}

async fn bring_in(rig: &dyn Rig, text: &str, basket: &Arc<Basket>) {
    let brought = tokio::time::timeout(PATIENCE, rig.bring_in(text, basket.clone())).await;
    assert!(brought.is_ok(), "nothing came in within {} s", PATIENCE.as_secs());
}

fn message(inbound: &Inbound) -> &InboundMessage {
    match &inbound.event {
        Event::Message(message) => message,
        Event::Unreadable { reason } => panic!("unreadable: {reason}"),
        Event::Receipt(receipt) => panic!("a receipt: {receipt:?}"),
    }
}

/// A notice to the near address; each call another one.
fn notice(rig: &dyn Rig, text: &str) -> Outbound {
    let mut bytes = [0; 16];
    #[allow(clippy::disallowed_methods, reason = "a test has no World")]
    getrandom::fill(&mut bytes).expect("chance");
    Outbound {
        notice: NoticeId(uuid::Builder::from_random_bytes(bytes).into_uuid()),
        to: rig.near(),
        account: None,
        language: Language::Ar,
        subject: "تواصل".into(),
        text: text.into(),
        personal: false,
        from_name: "جمعية البر".into(),
        thread: OutThread::default(),
        attachments: Vec::new(),
        staff: None,
    }
}
