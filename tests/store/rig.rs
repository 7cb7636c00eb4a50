//! A store on a database of its own, with a clock that stands still, and the samples that the tests begin with.

use super::support::postgres;
use futures_util::future::BoxFuture;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tawasul::{
    domain::{
        Address, At, Bilingual, ChannelKind, ContactId, Direction, Key, Language, MessageId, NoticeId, PersonId, Pin, Priority, Role,
        Scheme, Status, Ticket, TicketId, World, world::fixed,
    },
    store::{
        Access, Store, StoreError, Tx,
        contacts::{Contact, KnownAddress},
        messages::Message,
        notices::{Audience, Notice, NoticeContent, NoticeState},
        people::{Account, Origin},
        settings::Settings,
    },
    vault::Vault,
};

/// Runs an `async fn(&Rig)` as two tests, one on each database.
macro_rules! both {
    ($name:ident) => {
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$name(&crate::rig::Rig::sqlite().await).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgresql() {
                let Some(rig) = crate::rig::Rig::postgresql().await else { return };
                super::$name(&rig).await;
            }
        }
    };
}

/// One transaction through the store: `save!(rig, tx => …)`, where the block answers a `Result<_, StoreError>`.
macro_rules! save {
    ($rig:expr, $tx:ident => $work:expr) => {{
        use futures_util::FutureExt as _;
        $rig.write(move |$tx| async move { $work }.boxed()).await
    }};
}

/// 2026-03-01T06:00:00Z.
pub const START: At = At(1_772_344_800_000_000);

pub struct Rig {
    pub store: Arc<Store>,
    pub clock: Arc<fixed::FixedClock>,
    pub folder: tempfile::TempDir,
    pub url: String,
    pub key_file: String,
}

impl Rig {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("tawasul.db").display());
        Self::on(folder, url).await
    }

    /// `None` where PostgreSQL is not installed.
    pub async fn postgresql() -> Option<Self> {
        Some(Self::on(tempfile::tempdir().unwrap(), postgres::fresh_database()?).await)
    }

    async fn on(folder: tempfile::TempDir, url: String) -> Self {
        let clock = fixed::FixedClock::at(START);
        let world = world(&clock);
        let vault = Vault::generate(world.clone());
        let key_file = vault.key_file().to_string();
        let store = Store::open(&settings(&folder, &url), vault, world, Access::Exclusive).await.unwrap();
        Self { store, clock, folder, url, key_file }
    }

    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite")
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("tawasul.db")
    }

    pub fn blobs(&self) -> PathBuf {
        self.folder.path().join("blobs")
    }

    /// Another store on the same database, as a second process would open it.
    pub async fn open(&self, key_file: &str, access: Access) -> Result<Arc<Store>, StoreError> {
        let world = world(&self.clock);
        let vault = Vault::parse(key_file, world.clone()).unwrap();
        Store::open(&settings(&self.folder, &self.url), vault, world, access).await
    }

    /// Closes the store and opens it anew with these keys.
    pub async fn reopened(&self, key_file: &str) -> Arc<Store> {
        self.store.close().await;
        self.open(key_file, Access::Exclusive).await.unwrap()
    }

    pub async fn write<T, F>(&self, work: F) -> T
    where
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, StoreError>> + Send + 'static,
        T: Send + 'static,
    {
        self.store.write(work).await.unwrap()
    }

    pub async fn read(&self) -> Tx {
        self.store.read().await.unwrap()
    }

    pub fn now(&self) -> At {
        self.store.world().now()
    }

    pub fn pass(&self, seconds: u64) -> At {
        self.clock.advance(Duration::from_secs(seconds));
        self.now()
    }

    /// A member of staff with this key.
    pub async fn officer(&self, key: &str) -> PersonId {
        let (key, now) = (self::key(key), self.now());
        save!(self, tx => tx.save_person(Account { key: &key, role: Role::Officer, name: &Bilingual::new("سارة", "Sara"), email: None, site: None, origin: Origin::File }, now).await)
    }

    /// A contact who writes from this mail address.
    pub async fn sender(&self, name: &str, mail: &str) -> KnownAddress {
        let contact =
            Contact { id: ContactId::new(self.store.world()), name: Some(name.to_owned()), stakeholder: None, language: Language::Ar };
        let (address, now) = (Address::mail(mail).unwrap(), self.now());
        save!(self, tx => {
            tx.insert_contact(&contact, now).await?;
            Ok(tx.insert_address(contact.id, &address, 0, now).await?.expect("the address is new"))
        })
    }

    /// A ticket as [`Rig::drafted`], saved.
    pub async fn ticket(&self, owner: PersonId, sender: &KnownAddress) -> Ticket {
        self.saved(self.drafted(owner, sender).await).await
    }

    pub async fn saved(&self, ticket: Ticket) -> Ticket {
        let saved = ticket.clone();
        save!(self, tx => tx.insert_ticket(&ticket).await);
        saved
    }

    /// A plain new ticket of this owner, not saved yet.
    pub async fn drafted(&self, owner: PersonId, sender: &KnownAddress) -> Ticket {
        let now = self.now();
        Ticket {
            id: TicketId::new(self.store.world()),
            reference: self.store.reserve_reference(2026).await.unwrap(),
            pin: Pin::new(self.store.world()),
            status: Status::New,
            kind: key("complaint"),
            priority: Priority::Normal,
            language: Language::Ar,
            channel: ChannelKind::Email,
            account: "main".into(),
            site: None,
            department: key("care"),
            owner,
            contact: sender.contact,
            address: sender.id,
            confidential: false,
            subject: None,
            fields: Default::default(),
            conversation: None,
            reasons: Vec::new(),
            opened_by: None,
            created_at: now,
            updated_at: now,
            due_at: now.plus(Duration::from_secs(86_400)),
            answered_at: None,
            resolved_at: None,
            closed_at: None,
        }
    }

    /// An inbound message that is saved on the ticket; `name` is the sender's.
    pub async fn said(&self, ticket: &Ticket, body: &str, name: Option<&str>) -> Message {
        let message = self.message(ticket, body);
        let (saved, confidential) = (message.clone(), ticket.confidential);
        let (subject, name) = (ticket.subject.clone(), name.map(str::to_owned));
        save!(self, tx => tx.insert_message(&message, confidential, subject.as_deref(), name.as_deref()).await);
        saved
    }

    pub fn message(&self, ticket: &Ticket, body: &str) -> Message {
        Message {
            id: MessageId::new(self.store.world()),
            ticket: ticket.id,
            direction: Direction::Inbound,
            channel: ticket.channel,
            account: ticket.account.clone(),
            person: None,
            address: None,
            external_id: None,
            body: body.to_owned(),
            fresh: None,
            sent_at: None,
            created_at: self.now(),
        }
    }

    /// A notice to a mail address that is due now, not saved yet.
    pub fn notice(&self, ticket: Option<TicketId>, to: &str) -> Notice {
        let now = self.now();
        Notice {
            id: NoticeId::new(self.store.world()),
            ticket,
            message: None,
            kind: "acknowledgement".into(),
            audience: Audience::Sender,
            person: None,
            address: None,
            to: Some(Address::mail(to).unwrap()),
            channel: Some(ChannelKind::Email),
            account: Some("main".into()),
            language: Language::Ar,
            content: NoticeContent { subject: "تأكيد".into(), text: "وصلتنا رسالتك".into(), token: None },
            personal: false,
            state: NoticeState::Pending,
            reason: None,
            attempts: 0,
            next_at: now,
            external_id: None,
            fallback_of: None,
            created_at: now,
            finished_at: None,
            reference: None,
        }
    }

    pub async fn promised(&self, notice: &Notice) -> NoticeId {
        let (id, notice) = (notice.id, notice.clone());
        save!(self, tx => tx.insert_notice(&notice).await);
        id
    }
}

pub fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

pub fn sandbox(value: &str) -> Address {
    Address::new(Scheme::Sandbox, value).unwrap()
}

fn settings(folder: &tempfile::TempDir, url: &str) -> Settings {
    Settings { url: url.to_owned().into(), blobs: folder.path().join("blobs").display().to_string() }
}

/// The given clock, and chance that no other world of this test binary has.
pub fn world(clock: &Arc<fixed::FixedClock>) -> World {
    static SEED: AtomicU64 = AtomicU64::new(1);
    World { clock: clock.clone(), chance: fixed::Seeded::new(SEED.fetch_add(1, Ordering::Relaxed) << 32) }
}
