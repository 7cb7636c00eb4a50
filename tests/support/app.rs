//! The whole service in this process, on a SQLite database of its own, behind a real listener; with a clock that moves only
//! when told to.

use super::http::{Answer, Visitor};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tawasul::{
    access::Access,
    casework::Casework,
    channel::{Channel, portal::PortalChannel, sandbox::Sandbox},
    config::{self, Config},
    domain::{At, Key, World, world::fixed},
    intake::Intake,
    outbox::Outbox,
    routing::Rules,
    store::{Access as Opening, Store, inbox::InboxState, notices::NoticeState},
    vault::Vault,
    web::{self, Web},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Monday 2 March 2026, ten in the morning in Riyadh.
pub const START: At = At(1_772_434_800_000_000);
/// The password of everybody whom [`TestApp::member`] signs in.
pub const PASSWORD: &str = "a sentence that is easy to remember";

pub struct TestApp {
    pub store: Arc<Store>,
    pub outbox: Outbox,
    pub casework: Casework,
    pub intake: Intake,
    pub access: Arc<Access>,
    pub clock: Arc<fixed::FixedClock>,
    pub sandbox: Arc<Sandbox>,
    pub base: String,
    stop: CancellationToken,
    server: JoinHandle<std::io::Result<()>>,
    _folder: tempfile::TempDir,
}

impl TestApp {
    /// The built-in office.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let empty = folder.path().join("config");
        std::fs::create_dir(&empty).expect("an empty configuration");
        let mut config = config::load(Some(&empty), std::iter::empty()).expect("the built-in configuration");
        config.storage.url = format!("sqlite://{}", folder.path().join("tawasul.db").display()).into();
        config.storage.blobs = folder.path().join("blobs").display().to_string();
        change(&mut config);
        let clock = fixed::FixedClock::at(START);
        let world = World { clock: clock.clone(), chance: fixed::Seeded::new(11) };
        let store = Store::open(&config.storage, Vault::generate(world.clone()), world, Opening::Exclusive).await.expect("the store");
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("bound"));
        let sandbox = Sandbox::new();
        let channels: Vec<Arc<dyn Channel>> = vec![PortalChannel::new(), sandbox.clone()];
        let outbox = Outbox::new(store.clone(), channels, None, config.outbox.clone(), Vec::new(), config.office.name.clone());
        let office = Arc::new(config.office.clone());
        let casework = Casework::new(store.clone(), outbox.clone(), office, config.calendar.clone(), &base);
        casework.keep_staff().await.expect("the staff");
        let intake = Intake::new(store.clone(), casework.clone(), Rules::new(config.rules.clone()));
        let access = Arc::new(Access::new(store.clone()));
        let web = Web {
            casework: casework.clone(),
            intake: intake.clone(),
            access: access.clone(),
            webhooks: None,
            settings: config.server.clone(),
            metrics: metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder().handle(),
            secure: false,
            demo: None,
        };
        let stop = CancellationToken::new();
        let server = tokio::spawn(web::serve(Arc::new(web), listener, stop.clone()));
        Self { store, outbox, casework, intake, access, clock, sandbox, base, stop, server, _folder: folder }
    }

    /// Somebody who comes to the portal.
    pub fn visitor(&self) -> Visitor {
        Visitor::of(&self.base)
    }

    /// A member of staff, signed in.
    pub async fn member(&self, key: &str) -> Visitor {
        let person = self.store.read().await.unwrap().person_by_key(&Key::parse(key).unwrap()).await.unwrap().expect("on the staff");
        self.access.set_password(person.id, PASSWORD).await.unwrap();
        let visitor = self.visitor();
        visitor.post_form("/desk/sign-in", &[("email", key), ("password", PASSWORD), ("next", "/desk")]).await.expect(303);
        visitor
    }

    /// Sends everything that is due.
    pub async fn send_notices(&self) {
        while self.outbox.send_due().await.expect("the outbox can be read") > 0 {}
    }

    /// Ends it, and fails if a notice is still owed to anybody or a message waits in quarantine.
    pub async fn end(self) {
        self.send_notices().await;
        self.clock.advance(Duration::from_secs(86_400));
        self.send_notices().await;
        let mut read = self.store.read().await.unwrap();
        for state in [NoticeState::Pending, NoticeState::Dead] {
            let left = read.list_notices(Some(state), 100).await.unwrap();
            let kinds: Vec<&str> = left.iter().map(|notice| notice.kind.as_str()).collect();
            assert!(kinds.is_empty(), "notices left {}: {kinds:?}", state.as_str());
        }
        let stuck = read.list_inbox(Some(InboxState::Quarantined), 100).await.unwrap();
        assert!(stuck.is_empty(), "in quarantine: {stuck:?}");
        drop(read);
        self.stop.cancel();
        self.server.abort();
        self.store.close().await;
    }
}

/// The text between two others.
pub fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let after = text.split_once(start).unwrap_or_else(|| panic!("no {start:?} in {text}")).1;
    after.split_once(end).unwrap_or_else(|| panic!("no {end:?} after {start:?}")).0
}

/// The nonce that was drawn with a page's form.
pub fn nonce(page: &Answer) -> String {
    between(&page.text(), "name=\"nonce\" value=\"", "\"").to_owned()
}
