//! The listener: HTTP/1.1 connections, no more at once than are set, and none that stays without asking or listening.
//!
//! Beyond the most, those who come wait in the system's queue until somebody leaves. Not here: how long an answer may take
//! (`shell`), and how much a body may hold (the routes).

use super::network;
use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{
    body::Incoming,
    server::conn::http1::{Builder, Connection},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Sleep,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// What connections may do.
#[derive(Clone)]
pub(super) struct Limits {
    /// At once.
    pub most: usize,
    /// From the end of one answer, or the beginning, to the end of the next request's head.
    pub head: Duration,
    /// Without taking anything of an answer.
    pub stall: Duration,
    /// Networks (CIDR) that may have all of them; any other has a quarter at most.
    pub trusted: Vec<String>,
}

/// One network may have one part of so many.
const SHARE: usize = 4;
/// After the system gave no connection, such as for want of file descriptors.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves until `stop`, then lets what was asked be answered.
///
/// # Errors
/// None, once it listens.
pub(super) async fn serve(router: Router, listener: TcpListener, limits: Limits, stop: CancellationToken) -> io::Result<()> {
    let places = Places::new(&limits);
    let ending = GracefulShutdown::new();
    loop {
        let (stream, peer, place) = tokio::select! {
            next = places.next(&listener) => next,
            () = stop.cancelled() => break,
        };
        let connection = ending.watch(connection(stream, peer, router.clone(), &limits));
        tokio::spawn(async move {
            // What breaks off here broke off there.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    ending.shutdown().await;
    Ok(())
}

type Answering = Pin<Box<dyn Future<Output = Result<axum::response::Response, Infallible>> + Send>>;

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: &Limits,
) -> Connection<TokioIo<Flowing>, impl hyper::service::HttpService<Incoming, ResBody = Body, Error = Infallible, Future = Answering> + use<>>
{
    let answer = move |request: Request<Incoming>| -> Answering {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        Box::pin(router.clone().oneshot(request))
    };
    let stream = TokioIo::new(Flowing { stream, stall: limits.stall, stalled: None });
    Builder::new().timer(TokioTimer::new()).header_read_timeout(limits.head).serve_connection(stream, service_fn(answer))
}

/// Room for connections: for all together, and for each network.
struct Places {
    free: Arc<Semaphore>,
    share: usize,
    trusted: Vec<String>,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

/// A place that is taken; given back when dropped.
struct Place {
    network: Option<String>,
    taken: Arc<Mutex<HashMap<String, usize>>>,
    _free: OwnedSemaphorePermit,
}

impl Places {
    fn new(limits: &Limits) -> Self {
        let free = Arc::new(Semaphore::new(limits.most.clamp(1, Semaphore::MAX_PERMITS)));
        Self { free, share: limits.most.div_ceil(SHARE), trusted: limits.trusted.clone(), taken: Arc::default() }
    }

    /// The next connection that there is room for.
    async fn next(&self, listener: &TcpListener) -> (TcpStream, SocketAddr, Place) {
        loop {
            let Ok(free) = self.free.clone().acquire_owned().await else { std::future::pending().await };
            match listener.accept().await {
                Ok((stream, peer)) => {
                    // Answers are written whole; waiting for more to send with them only delays.
                    let _ = stream.set_nodelay(true);
                    if let Some(place) = self.take(peer, free) {
                        return (stream, peer, place);
                    }
                    metrics::counter!("tawasul_connections_refused_total").increment(1);
                }
                Err(error) if of_the_peer(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "the listener could not take a connection");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// `None` when the network has its share.
    fn take(&self, peer: SocketAddr, free: OwnedSemaphorePermit) -> Option<Place> {
        let network = network::to_be_counted(peer.ip(), &self.trusted);
        if let Some(network) = &network {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            let of_it = taken.entry(network.clone()).or_default();
            if *of_it >= self.share {
                return None;
            }
            *of_it += 1;
        }
        Some(Place { network, taken: self.taken.clone(), _free: free })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(network) = self.network.take() else { return };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_it) = taken.get_mut(&network) {
            *of_it -= 1;
            if *of_it == 0 {
                taken.remove(&network);
            }
        }
    }
}

/// Whether only this one connection failed, by its other end.
fn of_the_peer(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

/// A stream that breaks off when its other end takes nothing for too long.
struct Flowing {
    stream: TcpStream,
    stall: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Flowing {
    fn watched<T>(&mut self, cx: &mut Context<'_>, step: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if step.is_ready() {
            self.stalled = None;
            return step;
        }
        let stall = self.stall;
        ready!(self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(stall))).as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Flowing {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Flowing {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let step = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watched(cx, step)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, pieces: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let step = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.watched(cx, step)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        time::timeout,
    };

    const SHORT: Duration = Duration::from_millis(300);
    const LONG: Duration = Duration::from_secs(20);
    const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

    struct Served {
        address: SocketAddr,
        stop: CancellationToken,
        task: tokio::task::JoinHandle<io::Result<()>>,
    }

    async fn served(most: usize, head: Duration) -> Served {
        let large = vec![b'x'; 64 << 20];
        let slowly = || async {
            tokio::time::sleep(SHORT).await;
            "slow"
        };
        let whose = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
        let router = Router::new()
            .route("/", get(whose))
            .route("/slow", get(slowly))
            .route("/large", get(move || std::future::ready(large.clone())));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let limits = Limits { most, head, stall: SHORT, trusted: vec!["127.0.0.1".to_owned()] };
        Served { address, task: tokio::spawn(serve(router, listener, limits, stop.clone())), stop }
    }

    impl Served {
        async fn connect(&self) -> TcpStream {
            TcpStream::connect(self.address).await.unwrap()
        }
    }

    async fn said(stream: &mut TcpStream) -> String {
        let mut bytes = [0; 4096];
        let length = timeout(LONG, stream.read(&mut bytes)).await.unwrap().unwrap();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    }

    #[tokio::test]
    async fn who_does_not_ask_in_time_is_cut_off_before_a_request_and_after_one() {
        let served = served(10, SHORT).await;
        let mut slow = served.connect().await;
        slow.write_all(b"GET / HT").await.unwrap();
        let mut idle = served.connect().await;
        idle.write_all(ASK).await.unwrap();
        assert!(said(&mut idle).await.contains(&idle.local_addr().unwrap().to_string()), "the handler knows who asks");
        let cut_off = said(&mut slow).await;
        assert!(cut_off.is_empty() || cut_off.starts_with("HTTP/1.1 408"), "{cut_off}");
        assert_eq!(said(&mut idle).await, "");
    }

    #[tokio::test]
    async fn beyond_the_most_one_waits_until_another_leaves() {
        let served = served(1, LONG).await;
        let mut first = served.connect().await;
        first.write_all(ASK).await.unwrap();
        assert!(said(&mut first).await.starts_with("HTTP/1.1 200"));
        let mut second = served.connect().await;
        second.write_all(ASK).await.unwrap();
        assert!(timeout(SHORT, second.read_u8()).await.is_err(), "there is no room yet");
        drop(first);
        assert!(said(&mut second).await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn one_network_never_has_all_the_places() {
        let limits = Limits { most: 8, head: LONG, stall: LONG, trusted: vec!["10.0.0.0/8".to_owned()] };
        let places = Places::new(&limits);
        let take = |peer: &str| places.take(peer.parse().unwrap(), places.free.clone().try_acquire_owned().unwrap());
        let (one, two) = (take("[2001:db8::1]:1"), take("[2001:db8::2]:1"));
        assert!(one.is_some() && two.is_some() && take("[2001:db8::3]:1").is_none());
        let _proxied: Vec<_> = (1..5).map(|port| take(&format!("10.0.0.1:{port}")).unwrap()).collect();
        drop(one);
        assert!(take("[2001:db8::3]:1").is_some(), "given back");
        drop(two);
        assert!(!places.taken.lock().unwrap().contains_key("2001:db8::/64"), "nobody is remembered");
    }

    #[tokio::test]
    async fn who_takes_nothing_of_an_answer_is_cut_off() {
        let served = served(1, LONG).await;
        let mut deaf = served.connect().await;
        deaf.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut next = served.connect().await;
        next.write_all(ASK).await.unwrap();
        assert!(said(&mut next).await.starts_with("HTTP/1.1 200"), "its place is free again");
        drop(deaf);
    }

    #[tokio::test]
    async fn at_the_end_what_was_asked_is_answered_and_nobody_else_is_waited_for() {
        let served = served(10, LONG).await;
        let (idle, mut asked) = (served.connect().await, served.connect().await);
        asked.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        tokio::time::sleep(SHORT / 3).await;
        served.stop.cancel();
        assert!(said(&mut asked).await.ends_with("slow"));
        timeout(SHORT * 5, served.task).await.unwrap().unwrap().unwrap();
        drop(idle);
    }
}
