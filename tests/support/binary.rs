//! The program itself, as its users run it: in a folder with a `config/`, on a free port, ended by a signal.
//!
//! Its functions wait without async: a test that also runs a server of its own needs `#[tokio::test(flavor = "multi_thread")]`.

use super::process::{self, Finished, Watched, exit_code};
use std::{path::Path, process::Command, time::Duration};

/// How long a start may take before a test gives up; a slow machine running several builds needs most of it.
const START: Duration = Duration::from_secs(60);
/// How long a stop may take: what the program promises to those who run it.
const STOP: Duration = Duration::from_secs(10);

/// The folder that one installation lives in; `config/tawasul.toml` and what it stores under `data/`. Removed when dropped.
pub struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    /// An installation with this `tawasul.toml`; listen on `127.0.0.1:0` to get a free port.
    pub fn new(tawasul_toml: &str) -> Self {
        let home = Self { folder: tempfile::Builder::new().prefix("tawasul-home-").tempdir().expect("a temporary folder") };
        home.write("config/tawasul.toml", tawasul_toml);
        home
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the installation, such as `config/kinds/aid.toml`.
    pub fn write(&self, file: &str, text: &str) {
        let file = self.path().join(file);
        std::fs::create_dir_all(file.parent().expect("inside the home")).expect("a folder");
        std::fs::write(file, text).expect("a file");
    }

    /// Runs a command to its end, such as `&["ticket", "list", "--json"]`.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        process::run(self.command(arguments), START)
    }

    /// Runs `serve` and waits for the address that it prints.
    pub fn serve(&self) -> Served {
        Served::start(self.command(&["serve"]))
    }

    /// The program with these arguments, for tests that add to its environment. Nothing of the caller's own configuration
    /// reaches it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tawasul"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TAWASUL_")) {
            command.env_remove(name);
        }
        command.args(arguments).current_dir(self.path());
        command
    }
}

/// A running server. Dropping it asks it to end.
pub struct Served {
    pub process: Watched,
    /// The first `http://` address that it printed, without the slash at the end.
    pub url: String,
}

impl Served {
    pub fn start(command: Command) -> Self {
        let mut process = Watched::start(command);
        let url = process.line(START, http_url);
        Self { process, url }
    }

    /// Asks it to end (SIGTERM); fails unless it does so within 10 seconds and with code 0. Answers what it printed.
    pub fn stop(mut self) -> Finished {
        self.process.signal("TERM");
        let finished = self.finished();
        assert_eq!(finished.code, 0, "after SIGTERM it ended with a failure: {finished:#?}");
        finished
    }

    /// Ends it without a chance to tidy up (SIGKILL), as a power cut would. Answers what it printed.
    pub fn kill(mut self) -> Finished {
        self.process.signal("KILL");
        self.finished()
    }

    fn finished(&mut self) -> Finished {
        let status = self.process.ended_within(STOP);
        let status = status.unwrap_or_else(|| panic!("still running after {STOP:?}\n{}", self.process.printed()));
        Finished { code: exit_code(status), output: self.process.output.text(), errors: self.process.errors.text() }
    }
}

fn http_url(line: &str) -> Option<String> {
    let url = &line[line.find("http://")?..];
    let end = url.find(|character: char| character.is_whitespace() || "\"'<>,".contains(character)).unwrap_or(url.len());
    Some(url[..end].trim_end_matches('/').to_owned())
}
