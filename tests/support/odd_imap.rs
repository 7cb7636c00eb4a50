//! An IMAP server that answers as it is told: for what no honest server does.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

pub struct OddImap {
    pub port: u16,
    /// How many connections there were.
    pub connections: Arc<AtomicUsize>,
    serving: AbortHandle,
}

/// What is sent in answer to a command: `{tag}` stands for the command's tag. `None`: what an empty, honest mailbox says.
pub type Answer = fn(command: &str) -> Option<Vec<u8>>;

impl OddImap {
    pub async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = connections.clone();
        let serving = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                open.spawn(serve(stream, answer));
            }
        });
        Self { port, connections, serving: serving.abort_handle() }
    }
}

impl Drop for OddImap {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(stream: TcpStream, answer: Answer) {
    let mut stream = BufReader::new(stream);
    let _ = stream.write_all(b"* OK ready\r\n").await;
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        let said = match answer(command) {
            Some(said) => replaced(&said, tag),
            None => honest(tag, command),
        };
        if stream.write_all(&said).await.is_err() {
            return;
        }
        line.clear();
    }
}

fn replaced(said: &[u8], tag: &str) -> Vec<u8> {
    let mark = b"{tag}";
    match said.windows(mark.len()).position(|window| window == mark) {
        Some(at) => [&said[..at], tag.as_bytes(), &said[at + mark.len()..]].concat(),
        None => said.to_vec(),
    }
}

fn honest(tag: &str, command: &str) -> Vec<u8> {
    let before = match command.split(' ').next().unwrap_or_default() {
        "CAPABILITY" => "* CAPABILITY IMAP4rev1 IDLE\r\n",
        "SELECT" | "EXAMINE" => "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 2] ok\r\n",
        "IDLE" => return b"+ idling\r\n".to_vec(),
        "LOGOUT" => "* BYE\r\n",
        "UID" if command.contains("SEARCH") => "* SEARCH 1\r\n",
        "UID" if command.contains("RFC822.SIZE") => "* 1 FETCH (UID 1 RFC822.SIZE 60 INTERNALDATE \"03-Feb-2026 10:15:00 +0300\")\r\n",
        "UID" if command.contains("BODY.PEEK[]") => "* 1 FETCH (UID 1 BODY[] {41}\r\nFrom: a@example.com\r\nSubject: Mail\r\n\r\nOne)\r\n",
        _ => "",
    };
    format!("{before}{tag} OK done\r\n").into_bytes()
}
