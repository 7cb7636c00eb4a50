//! A submission server that keeps the mails it is given and fails as it is told.

use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream, tcp::OwnedWriteHalf},
};

/// One failure, which happens when the conversation next comes to its step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// Another answer to the step: `Greeting`, `Auth`, `Mail`, `Rcpt`, `Data` or `End` of the mail.
    Answer(At, &'static str),
    /// Silence at the step.
    Hang(At),
    /// The connection breaks at the step.
    Cut(At),
    /// The whole mail is kept, and the connection breaks before that is said.
    KeptAndCut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Greeting,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// After the whole mail was sent.
    End,
}

/// A mail that was accepted.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub from: String,
    pub to: Vec<String>,
    pub raw: Vec<u8>,
    /// What was said to sign in.
    pub auth: Option<String>,
}

/// Whether the initial response of XOAUTH2 is good.
type Judge = Arc<dyn Fn(&str) -> bool + Send + Sync>;

#[derive(Default)]
struct State {
    judge: Option<Judge>,
    mails: Vec<Accepted>,
    mishaps: VecDeque<Mishap>,
    connections: usize,
}

pub struct SmtpSink {
    pub port: u16,
    state: Arc<Mutex<State>>,
    serving: tokio::task::JoinHandle<()>,
}

impl SmtpSink {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = state.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { port, state, serving }
    }

    pub fn mishap(&self, mishap: Mishap) {
        self.state.lock().unwrap().mishaps.push_back(mishap);
    }

    /// From now on nobody sends without XOAUTH2 as `user`, with a token that `good` finds good.
    pub fn demand_tokens(&self, user: &str, good: impl Fn(&str) -> bool + Send + Sync + 'static) {
        let before = format!("user={user}\u{1}auth=Bearer ");
        self.state.lock().unwrap().judge = Some(Arc::new(move |said: &str| {
            let said = STANDARD.decode(said).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
            said.strip_prefix(&before).and_then(|rest| rest.strip_suffix("\u{1}\u{1}")).is_some_and(&good)
        }));
    }

    pub fn mails(&self) -> Vec<Accepted> {
        self.state.lock().unwrap().mails.clone()
    }

    pub fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Says the usual, or what was scripted; `None` when the connection has to end.
async fn answer(write: &mut OwnedWriteHalf, state: &Mutex<State>, at: At, usual: &str) -> Option<bool> {
    let (line, usual) =
        match due(state, |mishap| matches!(mishap, Mishap::Answer(step, _) | Mishap::Hang(step) | Mishap::Cut(step) if *step == at)) {
            None => (usual, true),
            Some(Mishap::Answer(_, line)) => (line, false),
            Some(Mishap::Cut(_) | Mishap::KeptAndCut) => return None,
            Some(Mishap::Hang(_)) => std::future::pending().await,
        };
    write.write_all(format!("{line}\r\n").as_bytes()).await.ok()?;
    Some(usual)
}

/// The next mishap, if its turn has come.
fn due(state: &Mutex<State>, is_due: impl FnOnce(&Mishap) -> bool) -> Option<Mishap> {
    let mut state = state.lock().unwrap();
    if state.mishaps.front().is_some_and(is_due) { state.mishaps.pop_front() } else { None }
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let _ = converse(&mut read, &mut write, &state).await;
    let _ = write.shutdown().await;
}

async fn converse<R: AsyncReadExt + AsyncBufReadExt + Unpin>(read: &mut R, write: &mut OwnedWriteHalf, state: &Mutex<State>) -> Option<()> {
    answer(write, state, At::Greeting, "220 sink ready").await?;
    let (mut from, mut to, mut auth) = (String::new(), Vec::new(), None);
    let judge = state.lock().unwrap().judge.clone();
    loop {
        let line = read_line(read).await?;
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let angle =
            || line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(String::new(), |(inside, _)| inside.to_owned());
        match word.as_str() {
            "EHLO" if judge.is_some() => say(write, "250-sink\r\n250-8BITMIME\r\n250 AUTH XOAUTH2").await?,
            "EHLO" => say(write, "250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN").await?,
            "AUTH" if judge.as_ref().is_some_and(|good| !line.strip_prefix("AUTH XOAUTH2 ").is_some_and(|said| good(said))) => {
                // Why not, in JSON; the client has to answer with nothing before it is told.
                say(write, "334 eyJzdGF0dXMiOiI0MDEifQ==").await?;
                let nothing = read_line(read).await?;
                say(write, if nothing.is_empty() { "535 5.7.3 Authentication unsuccessful" } else { "501 5.5.2 no" }).await?;
            }
            "AUTH" => {
                auth = Some(line.clone());
                answer(write, state, At::Auth, "235 welcome").await?;
            }
            "MAIL" if judge.is_some() && auth.is_none() => say(write, "530 5.7.57 Client not authenticated").await?,
            "MAIL" => {
                (from, to) = (angle(), Vec::new());
                answer(write, state, At::Mail, "250 ok").await?;
            }
            "RCPT" => {
                to.push(angle());
                answer(write, state, At::Rcpt, "250 ok").await?;
            }
            "DATA" => {
                if answer(write, state, At::Data, "354 go on").await? {
                    let raw = read_mail(read).await?;
                    let mail = Accepted { from: from.clone(), to: to.clone(), raw, auth: auth.clone() };
                    if due(state, |mishap| *mishap == Mishap::KeptAndCut).is_some() {
                        state.lock().unwrap().mails.push(mail);
                        return None;
                    }
                    if answer(write, state, At::End, "250 taken").await? {
                        state.lock().unwrap().mails.push(mail);
                    }
                }
            }
            "QUIT" => {
                say(write, "221 bye").await?;
                return None;
            }
            _ => say(write, "250 ok").await?,
        }
    }
}

async fn say(write: &mut OwnedWriteHalf, line: &str) -> Option<()> {
    write.write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

async fn read_line<R: AsyncBufReadExt + Unpin>(read: &mut R) -> Option<String> {
    let mut line = Vec::new();
    (read.read_until(b'\n', &mut line).await.ok()? > 0).then(|| String::from_utf8_lossy(&line).trim_end().to_owned())
}

async fn read_mail<R: AsyncBufReadExt + Unpin>(read: &mut R) -> Option<Vec<u8>> {
    let mut raw = Vec::new();
    loop {
        let mut line = Vec::new();
        if read.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        if line == b".\r\n" {
            return Some(raw);
        }
        raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
