//! `tawasul demo`: the whole service with an invented charity in it and three months behind it, to play with. Nothing leaves
//! this machine.
//!
//! Architecture invariants
//! - Everything in it came through the real intake and casework, at a clock that stood in the past and is released before
//!   anybody is let in; keys come from real chance.
//! - Its networks end in this process (`network.rs`); its data lie in a folder of their own (`office.rs`).
//!
//! To add a matter that people write about: a `[[topic]]` in `texts/`.

mod clock;
mod dice;
mod letters;
mod network;
mod office;
mod papers;
mod people;
mod phones;
mod plan;
mod stage;
mod summary;
mod telling;
mod texts;

use super::{
    cli,
    compose::{self, Service},
    life,
};
use crate::{
    channel::webhook::signature::Secrets,
    domain::{Address, At, Pin, Reference, Role, Status, World},
    store::{
        self,
        desk::{Filter, Scope},
    },
    web::demo::Player,
};
use anyhow::Context;
use clock::DemoClock;
use dice::Dice;
use futures_util::future::try_join_all;
use letters::Post;
use network::DemoNetwork;
use office::Home;
use phones::Phones;
use std::{
    io::Write,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};
use telling::Telling;
use texts::Texts;
use tracing::{instrument::WithSubscriber, subscriber::NoSubscriber};

/// The same stories every time.
const SEED: u64 = 0x5EED_0A51;
/// The first of them begin so many days before the demo.
const DAYS: u64 = 110;
/// Everybody's; twelve characters at least.
const PASSWORD: &str = "demo-demo-demo";

/// Runs the demo until the process is asked to end.
pub(super) async fn run(arguments: cli::Demo) -> anyhow::Result<()> {
    // First, so that a signal at any time leaves no folder behind.
    let mut ended = std::pin::pin!(life::end_signal()?);
    let real = compose::real_world();
    let home = Home::open(arguments.data, &real)?;
    let listener = if arguments.once { None } else { Some(listen(arguments.listen).await?) };
    let address = listener.as_ref().map_or(Ok(arguments.listen), tokio::net::TcpListener::local_addr)?;
    let url = format!("http://{address}");
    let started = tokio::time::Instant::now();
    let service = tokio::select! {
        service = prepare(&home, address, &url, &real) => service?,
        () = &mut ended => return Ok(()),
    };
    let Some(listener) = listener else {
        let summary = summary::Summary::of(&service, started.elapsed().as_secs_f64()).await?;
        println!("{}", serde_json::to_string(&summary)?);
        service.store.close().await;
        return Ok(());
    };
    welcome(&service, &url).await?;
    life::live(service, listener, &url, ended).await
}

async fn listen(address: SocketAddr) -> anyhow::Result<tokio::net::TcpListener> {
    let failed = || format!("can't listen on {address}; is something else using it? Name another with --listen, such as 127.0.0.1:0");
    tokio::net::TcpListener::bind(address).await.with_context(failed)
}

/// The service with the charity in it, the story told, the clock released.
async fn prepare(home: &Home, address: SocketAddr, url: &str, real: &World) -> anyhow::Result<Service> {
    let (config, secret) = home.configure(address, real)?;
    let end = real.now();
    let begin = end.minus(Duration::from_secs(DAYS * 86_400));
    let told = home.is_told();
    let clock = if told { DemoClock::released(real.clock.clone()) } else { DemoClock::at(begin, real.clock.clone()) };
    let world = World { clock: clock.clone(), chance: real.chance.clone() };
    let store = compose::open_store(&config, &world, store::Access::Fleeting).await?;
    let (phones, webhooks) = (Arc::new(Phones::default()), Arc::new(OnceLock::new()));
    let networks = DemoNetwork::all(&phones, &world, &webhooks);
    let mut service = compose::compose_with(config, store, url, networks).await?;
    if let Some(real) = &service.webhooks {
        let _ = webhooks.set(real.clone());
    }
    if !told {
        open_doors(&service).await?;
        // What goes wrong in the past is part of the story; it need not alarm anybody now.
        tell(&service, clock.clone(), &secret, end).with_subscriber(NoSubscriber::new()).await?;
        home.told()?;
    }
    clock.release();
    phones.remember(&service.store).await?;
    let players = players(&service);
    let stage = stage::Stage { phones, store: service.store.clone(), intake: service.intake.clone(), players };
    service.demo = Some(Arc::new(stage));
    Ok(service)
}

/// Everybody can sign in with the demo's password.
async fn open_doors(service: &Service) -> anyhow::Result<()> {
    let people = service.store.read().await?.people().await?;
    try_join_all(people.iter().map(|person| service.access.set_password(person.id, PASSWORD))).await?;
    Ok(())
}

async fn tell(service: &Service, clock: Arc<DemoClock>, secret: &str, end: At) -> anyhow::Result<()> {
    let (texts, dice) = (Texts::read()?, Dice::new(SEED));
    let stories = plan::stories(&texts, service.casework.calendar(), end, &dice);
    let post = Post {
        webhooks: service.webhooks.clone().context("the demo has a webhook source")?,
        secrets: Secrets::parse(secret)?,
        own: vec![Address::mail(network::MAILBOX_ADDRESS)?],
        quoted: texts.shared.quoted.replace("{weekday}", "الأحد"),
        dice,
    };
    let staff = service.store.read().await?.people().await?;
    let references = vec![None; stories.len()];
    let mut telling = Telling { service, clock, post, staff, stories, references, serial: 0 };
    telling.tell(end).await?;
    telling.poison(end).await
}

fn players(service: &Service) -> Vec<Player> {
    let office = service.casework.office();
    let player = |officer: &crate::domain::office::Officer| {
        Some(Player {
            name: officer.name.clone(),
            role: officer.role,
            department: office.departments_of(&officer.key).next().map(|department| department.name.clone()),
            email: officer.email.clone()?,
            password: PASSWORD.to_owned(),
        })
    };
    office.staff.iter().filter_map(player).collect()
}

/// Says on standard output where it is, who can sign in, and what can be tracked.
async fn welcome(service: &Service, url: &str) -> anyhow::Result<()> {
    let office = service.casework.office();
    let tracked = tracked(service).await?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "Tawasul {}: {}", env!("CARGO_PKG_VERSION"), office.name.ar)?;
    writeln!(out, "Everybody in it is made up, and nothing leaves this machine.\n")?;
    writeln!(out, "  portal      {url}/")?;
    writeln!(out, "  desk        {url}/desk")?;
    writeln!(out, "  both sides  {url}/demo\n")?;
    writeln!(out, "Sign in at the desk with the password {PASSWORD}:")?;
    for role in [Role::Officer, Role::Supervisor, Role::Clerk, Role::Admin] {
        if let Some(officer) = office.staff.iter().find(|officer| officer.role == role) {
            writeln!(
                out,
                "  {:<11} {:<24} {}",
                role.as_str(),
                officer.email.as_deref().unwrap_or_default(),
                officer.name.get(crate::domain::Language::En)
            )?;
        }
    }
    writeln!(out, "\nTrack at {url}/track:")?;
    for (reference, pin, status) in tracked {
        writeln!(out, "  {reference}  PIN {}  ({status})", pin.as_str())?;
    }
    writeln!(out, "\nCtrl-C ends it.")?;
    out.flush()?;
    Ok(())
}

/// Two tickets of the portal that are worth a look: one that waits for an answer, one that is settled.
async fn tracked(service: &Service) -> anyhow::Result<Vec<(Reference, Pin, Status)>> {
    let mut read = service.store.read().await?;
    let mut tracked = Vec::new();
    for status in [Status::WaitingSender, Status::Resolved] {
        let filter = Filter { status: Some(status), ..Filter::default() };
        let rows = read.list_tickets(&Scope { all: true, ..Scope::default() }, &filter, 50).await?;
        let portal = rows.iter().find(|row| row.channel == crate::domain::ChannelKind::Portal);
        if let Some(row) = portal.or(rows.first())
            && let Some(ticket) = read.ticket(row.reference).await?
        {
            tracked.push((ticket.reference, ticket.pin, status));
        }
    }
    Ok(tracked)
}
