//! The load: signed messages of different senders over so many connections that stay open.

use crate::interface::BEGINNING;
use serde_json::json;
use std::time::{Duration, Instant};
use tawasul::channel::webhook::signature::{Secrets, sign};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Makes this program the load: followed by address, connections and seconds.
pub const ARGUMENT: &str = "--load";

/// What was measured.
pub struct Figures {
    pub requests: f64,
    pub per_second: f64,
    /// In milliseconds.
    pub p50: f64,
    pub p99: f64,
}

impl Figures {
    /// Reads what [`run`] printed.
    pub fn read(text: &str) -> Self {
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [requests, per_second, p50, p99] = numbers[..] else { panic!("not figures: {text}") };
        Self { requests, per_second, p50, p99 }
    }
}

/// Sends until the time is over and prints the figures.
pub async fn run(arguments: &[String]) {
    let (address, connections, seconds) = (&arguments[0], &arguments[1], &arguments[2]);
    let (connections, seconds): (usize, f64) = (connections.parse().expect("a number"), seconds.parse().expect("a number"));
    let begin = Instant::now();
    let end = begin + Duration::from_secs_f64(seconds);
    let senders = (0..connections).map(|number| tokio::spawn(one_connection(address.clone(), number, end)));
    let mut waits = Vec::new();
    for sender in senders.collect::<Vec<_>>() {
        waits.extend(sender.await.expect("a connection"));
    }
    let took = begin.elapsed().as_secs_f64();
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    println!("{} {} {} {}", waits.len(), waits.len() as f64 / took, at(0.5), at(0.99));
}

/// The milliseconds that each request took.
async fn one_connection(address: String, number: usize, end: Instant) -> Vec<f64> {
    let secrets = Secrets::parse(SECRET).expect("a secret");
    let stream = TcpStream::connect(&address).await.expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let mut stream = BufReader::new(stream);
    let (mut waits, mut count) = (Vec::new(), 0);
    // Ids of different runs differ, so that nothing is a repeat.
    let run = std::process::id();
    while Instant::now() < end {
        let request = request(&secrets, &address, &format!("{run}-{number}-{count}"));
        let sent = Instant::now();
        stream.get_mut().write_all(&request).await.expect("sent");
        let status = answer(&mut stream).await;
        waits.push(sent.elapsed().as_secs_f64() * 1e3);
        assert_eq!(status, 201);
        count += 1;
    }
    waits
}

fn request(secrets: &Secrets, address: &str, id: &str) -> Vec<u8> {
    let text = "السلام عليكم ورحمة الله، تقدمت بطلب مساعدة لإيجار المنزل قبل شهر ولم يصلني رد حتى الآن، وأرجو إفادتي بموعد الصرف.";
    let sender = json!({ "name": "عبدالله بن صالح", "address": format!("mailto:{id}@example.org"), "language": "ar" });
    let body = json!({ "sender": sender, "kind": "complaint", "subject": "تأخر المساعدة", "text": text }).to_string();
    let seconds = BEGINNING.micros() / 1_000_000;
    let signature = sign(secrets, id, seconds, body.as_bytes());
    let head = format!(
        "POST /webhooks/in/crm HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nwebhook-id: {id}\r\n\
         webhook-timestamp: {seconds}\r\nwebhook-signature: {signature}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// Reads one whole answer; gives its status.
async fn answer(stream: &mut BufReader<TcpStream>) -> u16 {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok()).unwrap_or(0);
    stream.read_exact(&mut vec![0; length]).await.expect("a body");
    head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}
