//! A real Chromium, without a window, driven through chromedriver: for pages as people see them.
//!
//! Chromium is started here and not by chromedriver, so that both are watched and neither outlives the test.

use super::process::{self, Watch, Watched};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::{
    ops::Deref,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const START: Duration = Duration::from_secs(60);

/// No sandbox: tests open our own pages only, and containers seldom allow it. The rest keeps Chromium from calling home.
const ARGUMENTS: [&str; 13] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    "--window-size=1280,900",
];

/// A browser with an empty profile; use it as a `fantoccini::Client`. Dropping it ends it.
pub struct Browser {
    client: Client,
    _chromedriver: Watched,
    _chromium: Watched,
}

impl Browser {
    /// One that asks for pages in Arabic; `None`, after saying so, where Chromium or its driver is not installed.
    pub async fn start() -> Option<Self> {
        Self::start_with(&["--lang=ar", "--accept-lang=ar"]).await
    }

    /// One with further arguments of Chromium's command line, such as `--accept-lang=en` or `--blink-settings=scriptEnabled=false`.
    pub async fn start_with(arguments: &[&str]) -> Option<Self> {
        let (Some(chromium), Some(chromedriver)) = (process::program("chromium"), process::program("chromedriver")) else {
            process::skipped("Chromium with its driver");
            return None;
        };
        let profile = tempfile::Builder::new().prefix("tawasul-browser-").tempdir().expect("a temporary folder").keep();
        let mut chromium = start_chromium(&chromium, &profile, arguments);
        let debugger = format!("127.0.0.1:{}", debugging_port(&mut chromium, &profile));
        let mut command = Command::new(chromedriver);
        command.arg("--port=0");
        let mut chromedriver = Watched::start(command);
        let port =
            chromedriver.line(START, |line| line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok());
        let client = connect(port, &debugger).await;
        Some(Self { client, _chromedriver: chromedriver, _chromium: chromium })
    }

    /// Saves what is seen as `target/tmp/screenshots/NAME.png`, for a person to look at.
    pub async fn picture(&self, name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        std::fs::create_dir_all(&folder).expect("a folder for screenshots");
        let file = folder.join(format!("{name}.png"));
        std::fs::write(&file, self.client.screenshot().await.expect("a screenshot")).expect("a file");
        file
    }
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

fn start_chromium(program: &Path, profile: &Path, arguments: &[&str]) -> Watched {
    let mut command = Command::new(program);
    command.args(ARGUMENTS).args(arguments).arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
    Watched::start_with(Watch { command, farewell: "TERM", folder: Some(profile) })
}

/// Chromium writes the port that it took into its profile.
fn debugging_port(chromium: &mut Watched, profile: &Path) -> u16 {
    let port = process::waited(START, || {
        assert!(chromium.ended().is_none(), "Chromium ended at its start\n{}", chromium.printed());
        std::fs::read_to_string(profile.join("DevToolsActivePort")).ok()?.lines().next()?.parse().ok()
    });
    port.unwrap_or_else(|| panic!("Chromium does not answer\n{}", chromium.printed()))
}

async fn connect(port: u16, debugger: &str) -> Client {
    let options = json!({ "goog:chromeOptions": { "debuggerAddress": debugger } });
    let capabilities = options.as_object().expect("an object").clone();
    ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
        .expect("chromedriver opens a session")
}
