//! The real router, in process, over a database of its own: for tests of what other systems call.

use axum::{
    Router,
    body::Body,
    http::{Request, Response},
};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tawasul::{
    access::Access,
    casework::Casework,
    channel::{Channel, portal::PortalChannel, sandbox::Sandbox, webhook::WebhookChannel},
    config::{self, Config},
    domain::{
        Address, At, World,
        world::fixed::{FixedClock, Seeded},
    },
    intake::Intake,
    outbox::Outbox,
    routing::Rules,
    store::{
        self, Store, StoreError,
        people::{Account, Origin},
    },
    vault::Vault,
    web::{self, Web},
};
use tower::ServiceExt;

/// The moment at which every interface begins: a Monday morning in Riyadh.
pub const BEGINNING: At = At(1_795_500_000_000_000);

/// An office with its built-in configuration, and the doors to it.
pub struct Interface {
    pub router: Router,
    pub store: Arc<Store>,
    pub casework: Casework,
    pub access: Arc<Access>,
    pub sandbox: Arc<Sandbox>,
    pub clock: Arc<FixedClock>,
    /// A token with both scopes.
    pub token: String,
    _folder: tempfile::TempDir,
}

/// What was answered.
pub struct Answer {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {} {}", self.status, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a readable header"))
    }

    /// Fails, showing the answer, unless it has this status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:?}\n{}", self.headers, self.text());
        self
    }
}

impl Interface {
    /// Over a SQLite file. `service`: the lines of `tawasul.toml`.
    pub async fn lite(service: &str) -> Self {
        Self::start(service, None, true).await
    }

    /// Over an empty PostgreSQL database.
    pub async fn pg(service: &str, url: &str) -> Self {
        Self::start(service, Some(url), true).await
    }

    /// With no staff in the database, so that nobody can own a ticket and every message needs a person.
    pub async fn deserted(service: &str) -> Self {
        Self::start(service, None, false).await
    }

    async fn start(service: &str, url: Option<&str>, staffed: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = configured(&folder, service);
        let clock = FixedClock::at(BEGINNING);
        let world = World { clock: clock.clone(), chance: Seeded::new(11) };
        let sqlite = format!("sqlite://{}", folder.path().join("tawasul.db").display());
        let settings =
            store::settings::Settings { url: url.unwrap_or(&sqlite).into(), blobs: folder.path().join("blobs").display().to_string() };
        let vault = Vault::generate(world.clone());
        let store = Store::open(&settings, vault, world.clone(), store::Access::Exclusive).await.expect("the database opens");
        if staffed {
            hire(&store, &config).await;
        }
        let sandbox = Sandbox::new();
        let webhooks = WebhookChannel::new(&config.webhooks, world).expect("the webhooks are set up rightly");
        let channels: Vec<Arc<dyn Channel>> = vec![sandbox.clone(), PortalChannel::new(), webhooks.clone()];
        let outbox = Outbox::new(store.clone(), channels, Some(webhooks.clone()), config.outbox, Vec::new(), config.office.name.clone());
        let casework = Casework::new(store.clone(), outbox, Arc::new(config.office), config.calendar, "http://localhost:8080");
        let access = Arc::new(Access::new(store.clone()));
        let router = web::router(Arc::new(Web {
            casework: casework.clone(),
            intake: Intake::new(store.clone(), casework.clone(), Rules::new(config.rules)),
            access: access.clone(),
            webhooks: Some(webhooks),
            settings: config.server,
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            secure: false,
            demo: None,
        }));
        let token = issue(&access, "crm", &["tickets:read", "tickets:write"]).await;
        Self { router, store, casework, access, sandbox, clock, token, _folder: folder }
    }

    /// A new token with these scopes.
    pub async fn token(&self, name: &str, scopes: &[&str]) -> String {
        issue(&self.access, name, scopes).await
    }

    pub fn now(&self) -> At {
        use tawasul::domain::Clock;
        self.clock.now()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response: Response<Body> = self.router.clone().oneshot(request).await.expect("the router answers");
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a whole body").to_vec();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    /// With the token that has both scopes.
    pub async fn get(&self, path: &str) -> Answer {
        self.get_as(&self.token, path).await
    }

    pub async fn get_as(&self, token: &str, path: &str) -> Answer {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_as(&self.token, path, body, &[]).await
    }

    pub async fn post_as(&self, token: &str, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header("authorization", format!("Bearer {token}")).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    /// Sends every notice that is due.
    pub async fn dispatch(&self) {
        while self.casework.outbox().send_due().await.expect("the outbox is read") > 0 {}
    }

    pub fn wait(&self, span: Duration) {
        self.clock.advance(span);
    }
}

async fn issue(access: &Access, name: &str, scopes: &[&str]) -> String {
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    access.issue_token(name, &scopes).await.expect("a token")
}

fn configured(folder: &tempfile::TempDir, service: &str) -> Config {
    let config = folder.path().join("config");
    std::fs::create_dir(&config).expect("a folder");
    std::fs::write(config.join("tawasul.toml"), service).expect("a file");
    config::load(Some(&config), std::iter::empty()).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

async fn hire(store: &Store, config: &Config) {
    let (staff, now) = (config.office.staff.clone(), store.world().now());
    let hired: Result<(), StoreError> = store
        .write(move |tx| {
            Box::pin(async move {
                for one in staff {
                    let email = one.email.as_deref().and_then(|email| Address::mail(email).ok());
                    tx.save_person(
                        Account {
                            key: &one.key,
                            role: one.role,
                            name: &one.name,
                            email: email.as_ref(),
                            site: one.site.as_ref(),
                            origin: Origin::File,
                        },
                        now,
                    )
                    .await?;
                }
                Ok(())
            })
        })
        .await;
    hired.expect("the staff is known");
}
