//! Channels: how messages come in and notices go out. One folder a network, one contract for all.
//!
//! Architecture invariants
//! - A channel never touches the store and never another channel. It hands what it received to an [`InboundSink`] and
//!   is handed an [`Outbound`] to send.
//! - [`InboundSink::deliver`] returns only after commit. Only then is the network told that the message was received
//!   (mail flagged, offset advanced, HTTP 2xx).
//! - Parsing and rendering are pure functions in files of their own.
//!
//! To add another one: a folder with `settings.rs`, `parse.rs`, `render.rs` and the [`Channel`] itself; name it once in
//! `app`; run it through the contract suite in `tests/contract`.

pub mod email;
pub mod portal;
pub mod sandbox;
pub mod webhook;

use crate::domain::{Address, At, Key, Language, MessageId, NoticeId, PersonId, StakeholderGroup, ticket::named};
use async_trait::async_trait;
use bytes::Bytes;
use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

pub use crate::domain::ChannelKind;

// ───────────────────────────── in ─────────────────────────────

/// Something that came in, with all that is needed to take it in exactly once.
#[derive(Clone, Debug)]
pub struct Inbound {
    pub channel: ChannelKind,
    /// Which of our own accounts received it: the mailbox's name, the webhook source, the bot.
    pub account: String,
    /// Any of these seen before on this channel means: a redelivery. At least one; what is unique only within an account
    /// names the account.
    pub keys: Vec<DedupeKey>,
    pub raw: Raw,
    pub event: Event,
}

/// A name for one message of one network, under which a second copy of it is recognised.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DedupeKey(pub String);

/// The bytes as received, kept sealed and compressed.
#[derive(Clone)]
pub struct Raw {
    /// Media type, such as `message/rfc822` or `application/json`.
    pub content_type: &'static str,
    pub bytes: Bytes,
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.content_type, self.bytes.len())
    }
}

/// What came in.
#[derive(Clone, Debug)]
pub enum Event {
    Message(Box<InboundMessage>),
    /// What became of messages of ours.
    Receipt(Box<Receipt>),
    /// The raw bytes could not be understood by the adapter: kept, quarantined, shown to a person.
    Unreadable {
        reason: String,
    },
}

/// A message in the one form that all channels share.
#[derive(Clone)]
pub struct InboundMessage {
    pub sender: Sender,
    pub subject: Option<String>,
    /// Everything that is visible, as plain text.
    pub text: String,
    /// Only what is newly written, without quoted history and signature. Equal to `text` where the channel has no quoting.
    pub fresh: String,
    /// As the channel knows it; otherwise it is judged from the text.
    pub language: Option<Language>,
    pub attachments: Vec<InboundAttachment>,
    /// The kind of ticket asked for, when the channel knows.
    pub kind: Option<Key>,
    /// Answers to the fields of the kind's form.
    pub fields: BTreeMap<String, String>,
    pub site: Option<Key>,
    pub thread: Thread,
    /// The message's own name on its network: Message-ID, webhook-id …
    pub external_id: Option<String>,
    /// When the sender sent it, by their own clock.
    pub sent_at: Option<At>,
    /// Why no automatic answer may be given, when the network says so (RFC 3834 §2).
    pub automatic: Option<Automatic>,
    /// The member of staff who typed it in for the sender.
    pub entered_by: Option<PersonId>,
}

impl fmt::Debug for InboundMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundMessage")
            .field("sender", &self.sender.address)
            .field("attachments", &self.attachments.len())
            .finish_non_exhaustive()
    }
}

/// Who wrote it, as the channel knows them.
#[derive(Clone)]
pub struct Sender {
    pub address: Address,
    /// Other ways to reach them that they gave themselves, the preferred first.
    pub also: Vec<Address>,
    pub name: Option<String>,
    pub group: Option<StakeholderGroup>,
}

/// What ties a message to an earlier one.
#[derive(Clone, Debug, Default)]
pub struct Thread {
    /// Secret proofs that the message answers one of ours: the token of a signed reply address.
    pub tokens: Vec<String>,
    /// External ids this answers, nearest first (In-Reply-To, then References from the last to the first).
    pub answers: Vec<String>,
    /// A conversation of this sender on this channel; later messages in it join its open ticket.
    pub conversation: Option<String>,
    /// The sender proved this ticket by reference and PIN.
    pub proven: Option<crate::domain::TicketId>,
}

/// A machine wrote it, or it came over a list: never answered automatically.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Automatic {
    /// Auto-Submitted, X-Auto-Response-Suppress, out-of-office and the like.
    AutoReply,
    /// A delivery report, of whatever action and form (RFC 3464).
    Bounce,
    /// A mailing list or bulk mail.
    Bulk,
    /// It came from one of our own addresses.
    Own,
}

impl Automatic {
    pub fn as_str(self) -> &'static str {
        match self {
            Automatic::AutoReply => "auto_reply",
            Automatic::Bounce => "bounce",
            Automatic::Bulk => "bulk",
            Automatic::Own => "own",
        }
    }

    /// Whether nobody wrote it. People write over lists, too: what they say counts, only no program may answer it.
    pub fn is_a_machines(self) -> bool {
        self != Automatic::Bulk
    }
}

/// A network's word on what became of messages of ours. Anybody can write such a word: it counts only for a message that it
/// names by what only its recipient and the networks on the way can know.
#[derive(Clone)]
pub struct Receipt {
    /// External ids that it names, those of the messages it is about first.
    pub about: Vec<String>,
    /// Tokens of our signed reply addresses that it shows.
    pub tokens: Vec<String>,
    pub recipients: Vec<Reported>,
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("recipients", &self.recipients.len()).finish_non_exhaustive()
    }
}

/// What became of the message to one recipient.
#[derive(Clone)]
pub struct Reported {
    /// As we wrote it and as the network changed it on the way; none when the report doesn't say.
    pub addresses: Vec<Address>,
    pub fate: Fate,
    /// Why it failed or is late.
    pub reason: Undelivered,
    /// The network's own words, in one short line without addresses.
    pub detail: String,
}

named! {
    /// How far a message got (the actions of RFC 3464 §2.3.3).
    Fate {
        Delivered = "delivered",
        /// Passed on to a network that gives no word.
        Relayed = "relayed",
        /// Passed on to the members of a list.
        Expanded = "expanded",
        /// Still being tried; nothing to do.
        Delayed = "delayed",
        /// Given up.
        Failed = "failed",
    }
}

named! {
    /// Why a message did not arrive: a closed list, so that there are words for each.
    Undelivered {
        NoSuchMailbox = "no_such_mailbox",
        DomainNotFound = "domain_not_found",
        /// The mailbox exists and is switched off.
        Suspended = "suspended",
        MailboxFull = "mailbox_full",
        TooBig = "too_big",
        /// Taken for spam, or we for spammers.
        Blocked = "blocked",
        /// Refused by a rule of theirs.
        Policy = "policy",
        /// Tried in vain for too long.
        Expired = "expired",
        Loop = "loop",
        Other = "undelivered",
    }
}

impl Undelivered {
    /// Whether the address itself is no good, so that the next message to it would fail as well.
    pub fn is_of_the_address(self) -> bool {
        matches!(self, Undelivered::NoSuchMailbox | Undelivered::DomainNotFound | Undelivered::Suspended)
    }
}

/// A file that came with a message.
#[derive(Clone)]
pub struct InboundAttachment {
    /// As the sender named it; made safe by intake.
    pub name: Option<String>,
    /// As the sender declared it; the content is sniffed by intake.
    pub content_type: Option<String>,
    pub inline: bool,
    pub content: Content,
}

#[derive(Clone)]
pub enum Content {
    Bytes(Bytes),
    /// Already stored, such as a file of a form.
    Kept {
        blob: crate::domain::BlobId,
        size: u64,
    },
    /// It could not be had; the reason as an i18n key (`attachment-too-big` …). Never hides the text.
    Missing {
        reason: &'static str,
    },
}

/// Where channels hand in what they received. Implemented by `intake`.
#[async_trait]
pub trait InboundSink: Send + Sync {
    /// Takes the event in. Returns after the commit that holds the raw bytes and all that follows from them; what cannot
    /// be processed is quarantined and still counts as taken in.
    ///
    /// # Errors
    /// [`NotTaken`]: nothing was stored. The network must not be told that it was received.
    async fn deliver(&self, inbound: Inbound) -> Result<Taken, NotTaken>;
}

/// The store is away or full; ask the network to deliver again.
#[derive(Debug, thiserror::Error)]
#[error("not stored: {0}")]
pub struct NotTaken(pub String);

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Stored and processed.
    Accepted(Accepted),
    /// Seen before; nothing changed. Carries what became of the first copy.
    Duplicate(Option<Accepted>),
    /// Stored, and waiting for a person.
    Quarantined,
}

/// The ticket that a message became or joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub reference: crate::domain::Reference,
    /// Only for a ticket that this very message opened.
    pub pin: Option<crate::domain::Pin>,
    pub message: MessageId,
    pub opened: bool,
}

/// Where a polled channel remembers how far it has read, so that a restart does not begin from the first message.
/// A bookmark only saves work: what is delivered twice because one was lost is recognised by its dedupe keys.
#[async_trait]
pub trait Bookmarks: Send + Sync {
    /// The value last saved for this account; `None` when there is none.
    ///
    /// # Errors
    /// [`NotTaken`]: it can't be read now. That is no first start: what came since the last one must not be passed over.
    async fn load(&self, channel: ChannelKind, account: &str) -> Result<Option<String>, NotTaken>;

    /// Remembers `value` for this account in place of the one before.
    ///
    /// # Errors
    /// [`NotTaken`]: nothing was stored; the earlier value stays.
    async fn save(&self, channel: ChannelKind, account: &str, value: &str) -> Result<(), NotTaken>;
}

// ───────────────────────────── out ─────────────────────────────

/// One message to one address, rendered, ready to go.
#[derive(Clone)]
pub struct Outbound {
    /// Stable over all attempts: the network's idempotency key is made from it.
    pub notice: NoticeId,
    pub to: Address,
    /// Our account to send from (the mailbox the conversation came in by); `None`: the channel's first.
    pub account: Option<String>,
    pub language: Language,
    pub subject: String,
    /// Plain text; user text already stands between isolates (U+2068, U+2069).
    pub text: String,
    /// Whether a person wrote it for this recipient; everything else is marked as automatic (RFC 3834 §5).
    pub personal: bool,
    /// The name shown beside our address, such as the charity's.
    pub from_name: String,
    pub thread: OutThread,
    pub attachments: Vec<OutAttachment>,
    /// The recipient's member of staff, for channels that show buttons.
    pub staff: Option<PersonId>,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("notice", &self.notice).field("to", &self.to).finish_non_exhaustive()
    }
}

/// What ties an outgoing message to the conversation.
#[derive(Clone, Debug, Default)]
pub struct OutThread {
    /// External id of the message this answers.
    pub in_reply_to: Option<String>,
    /// The external ids of the whole conversation on this channel, oldest first.
    pub references: Vec<String>,
    /// The token that proves an answer to this message; a mailbox makes its reply address from it.
    pub token: Option<String>,
    /// The conversation id that the channel gave on the way in.
    pub conversation: Option<String>,
}

#[derive(Clone)]
pub struct OutAttachment {
    pub name: String,
    pub content_type: String,
    pub bytes: Bytes,
}

/// The network took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The message's name on the network; answers are recognised by it.
    pub external_id: Option<String>,
}

/// Why a message could not be sent: a closed list, so that retry, metrics and words are decided once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The network asks us to slow down.
    #[error("the network asks to wait {} s", after.as_secs())]
    Throttled { after: Duration },
    /// No connection, a time-out before anything was handed over, or a temporary refusal.
    #[error("could not be reached: {detail}")]
    Unreachable { detail: String },
    /// Refused for good, with the network's own code.
    #[error("refused ({code}): {detail}")]
    Rejected { code: String, detail: String },
    /// This message can't be sent on this network at all (no such address, too large).
    #[error("cannot be sent: {detail}")]
    Invalid { detail: String },
    /// Our side is set up wrongly (password, token, certificate).
    #[error("the channel is not set up rightly: {detail}")]
    Misconfigured { detail: String },
    /// The recipient does not want our messages.
    #[error("the recipient has stopped our messages")]
    Stopped,
    /// It may have arrived: the connection broke after it was handed over.
    #[error("handed over, but no answer: {detail}")]
    Uncertain { detail: String },
}

impl SendError {
    /// Stable code for metrics, the database and i18n keys.
    pub fn code(&self) -> &'static str {
        match self {
            SendError::Throttled { .. } => "throttled",
            SendError::Unreachable { .. } => "unreachable",
            SendError::Rejected { .. } => "rejected",
            SendError::Invalid { .. } => "invalid",
            SendError::Misconfigured { .. } => "misconfigured",
            SendError::Stopped => "stopped",
            SendError::Uncertain { .. } => "uncertain",
        }
    }

    /// Whether another attempt at the same address makes sense. What is uncertain is tried again: a copy is better than a
    /// family that hears nothing; mail keeps its Message-ID, so that most readers drop the copy.
    pub fn retry(&self) -> bool {
        matches!(
            self,
            SendError::Throttled { .. } | SendError::Unreachable { .. } | SendError::Misconfigured { .. } | SendError::Uncertain { .. }
        )
    }
}

/// A network, both ways.
#[async_trait]
pub trait Channel: Send + Sync {
    fn kind(&self) -> ChannelKind;

    fn capabilities(&self) -> Capabilities;

    /// Whether this channel can send to the address.
    fn reaches(&self, address: &Address) -> bool;

    /// Polls the network until `stop`, handing every message to `sink`. Networks that push return at once. Never ends by
    /// an error: it reconnects with back-off, and reports its state through [`Channel::health`].
    async fn receive(&self, sink: Arc<dyn InboundSink>, stop: CancellationToken);

    /// Hands one message to the network.
    ///
    /// # Errors
    /// [`SendError`], which says whether to try again.
    async fn send(&self, outbound: &Outbound) -> Result<Sent, SendError>;

    /// The event anew from raw bytes that were kept, to process a message again after a mend. `account` is the one it came in by.
    fn reread(&self, account: &str, raw: Raw, received_at: At) -> Event;

    /// The state of each account, for the health page and the metrics.
    fn health(&self) -> Vec<AccountHealth>;
}

/// What a network can do, for those who render.
#[derive(Clone, Copy, Debug, Default)]
pub struct Capabilities {
    /// Has a subject line.
    pub subject: bool,
    /// Carries files.
    pub attachments: bool,
    /// The longest text, in characters; `None` for no limit.
    pub text_limit: Option<usize>,
}

/// How an account of ours is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountHealth {
    pub account: String,
    /// When the network last answered us well.
    pub last_success: Option<At>,
    /// What is wrong now, in the network's words, without anything personal or secret.
    pub trouble: Option<String>,
}
