//! Logs to standard error: references and ids, never people.

use super::cli::{Cli, Command, LogFormat};
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// What other crates log is kept down: at their finer levels some log the commands they send, passwords included.
const QUIET: &str = "async_imap=info,lettre=info,sqlx=warn,hyper=info,h2=info,rustls=info,reqwest=info";

/// A message that waits for a person belongs to the demo's story.
const IN_DEMO: &str = ",tawasul::intake=off";

pub(super) fn start(cli: &Cli) {
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
