//! The composition root: the only place that names every concrete type, reads the clock, the random source and the
//! environment, and decides how the process lives and ends.

mod bookmarks;
mod cli;
mod commands;
mod compose;
mod demo;
mod keys;
mod life;
mod mailbox_tokens;
mod polling;
mod telemetry;
mod world;

use clap::Parser;
use std::process::ExitCode;

/// Runs the program; the exit code is 0 only when all went well. Errors go to standard error in a sentence.
pub fn run() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    telemetry::start(&cli);
    // Only fails when a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the runtime can't start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
