//! Logs to standard error: references and ids, never people.

use super::cli::{Cli, Command, LogFormat};
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// What other crates log is kept down: at their finer levels some log the commands they send, passwords included.
const QUIET: &str = "async_imap=info,lettre=info,sqlx=warn,hyper=info,h2=info,rustls=info,reqwest=info";

/// A message that waits for a person belongs to the demo's story.
const IN_DEMO: &str = ",tawasul::intake=off";

/// A panic's own words may repeat what it stumbled over, such as somebody's text: only the place is logged, and the way there
/// when RUST_BACKTRACE asks for it.
fn panics_without_their_words() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let way = std::backtrace::Backtrace::capture();
        match way.status() {
            std::backtrace::BacktraceStatus::Captured => tracing::error!(place, "a panic\n{way}"),
            _ => tracing::error!(place, "a panic"),
        }
    }));
}

pub(super) fn start(cli: &Cli) {
    panics_without_their_words();
    let demo = if matches!(cli.command, Command::Demo(_)) { IN_DEMO } else { "" };
    let filter = |level: &str| format!("{level},{QUIET}{demo}").parse::<Targets>();
    let filter = filter(&cli.log).or_else(|_| {
        eprintln!("warning: `{}` is no log filter; `info` is used", cli.log);
        filter("info")
    });
    let registry = tracing_subscriber::registry().with(filter.unwrap_or_default());
    let done = match cli.log_format {
        LogFormat::Text => registry.with(fmt::layer().with_writer(std::io::stderr).with_target(false)).try_init(),
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init(),
    };
    if let Err(error) = done {
        eprintln!("warning: nothing is logged: {error}");
    }
}
