//! How fast signed webhooks are taken in durably, beside the least that durability costs: the same server framework and the
//! same SQLite settings, one row and one commit for each request.
//!
//! The load comes from a second process (this program again), so that the CPU time is the server's alone. `cargo bench --bench
//! webhook_intake`; about ten seconds.

#![allow(clippy::disallowed_methods, reason = "a measurement reads the real clock")]

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/support/interface.rs"]
mod interface;
#[path = "webhook_intake/load.rs"]
mod load;

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use interface::Interface;
use load::{Figures, SECRET};
use sqlx::{
    ConnectOptions, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{net::SocketAddr, path::Path, process::Command};

const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// Of each measurement.
const SECONDS: f64 = 1.5;

/// One line of the table.
struct Measured {
    figures: Figures,
    /// Of the server, in microseconds.
    cpu: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    match arguments.iter().position(|argument| argument == load::ARGUMENT) {
        Some(at) => runtime.block_on(load::run(&arguments[at + 1..])),
        // Run among the tests, that it compiles is enough.
        None if !arguments.iter().any(|argument| argument == "--bench") => {}
        None => runtime.block_on(compare()),
    }
}

async fn compare() {
    println!("{:<13} {:>11} {:>10} {:>12} {:>9} {:>9}", "", "connections", "requests/s", "CPU µs/req", "p50 ms", "p99 ms");
    let office = Interface::lite(&format!("[webhooks]\nsources = [{{ name = \"crm\", secret = \"{SECRET}\" }}]\n")).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let intake = serve(office.router.clone()).await;
    let insert = serve(insert_only(folder.path()).await).await;
    for connections in CONNECTIONS {
        let baseline = measured(insert, connections).await;
        let taken = measured(intake, connections).await;
        show("insert only", connections, &baseline);
        show("intake", connections, &taken);
        println!(
            "{:<13} {connections:>11} {:>10.2} {:>12.2}\n",
            "ratio",
            taken.figures.per_second / baseline.figures.per_second,
            taken.cpu / baseline.cpu
        );
    }
}

fn show(name: &str, connections: usize, Measured { figures, cpu }: &Measured) {
    println!("{name:<13} {connections:>11} {:>10.0} {cpu:>12.0} {:>9.2} {:>9.2}", figures.per_second, figures.p50, figures.p99);
}

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn measured(address: SocketAddr, connections: usize) -> Measured {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args([load::ARGUMENT, &address.to_string(), &connections.to_string(), &SECONDS.to_string()]);
    let before = cpu_seconds();
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("waited").expect("the load runs");
    let cpu = cpu_seconds() - before;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let figures = Figures::read(&String::from_utf8_lossy(&output.stdout));
    Measured { cpu: cpu * 1e6 / figures.requests, figures }
}

/// User and system time of this process: fields 14 and 15 of `/proc/self/stat`, in ticks of 10 ms (proc(5)).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

async fn insert_only(folder: &Path) -> Router {
    let options = SqliteConnectOptions::new()
        .filename(folder.join("baseline.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.expect("a database");
    sqlx::query("CREATE TABLE message (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT").execute(&pool).await.expect("a table");
    Router::new().route("/webhooks/in/crm", post(insert)).with_state(pool)
}

async fn insert(State(pool): State<SqlitePool>, body: Bytes) -> StatusCode {
    match sqlx::query("INSERT INTO message (body) VALUES ($1)").bind(body.as_ref()).execute(&pool).await {
        Ok(_) => StatusCode::CREATED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
