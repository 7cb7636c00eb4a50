//! A signed-in IMAP connection, protected as the settings say.

use super::{
    imap::guard::Guarded,
    oauth::xoauth2,
    settings::{Server, Tls},
    trouble::{self, Trouble},
};
use async_imap::{Authenticator, Client, Session};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use secrecy::{ExposeSecret, SecretString};
use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

/// The longest that one command may take. A server that is silent longer is given up, as is its connection.
pub const COMMAND: Duration = Duration::from_secs(60);
/// The longest that connecting to one address may take.
pub const CONNECT: Duration = Duration::from_secs(20);

/// Either kind of stream.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug> Wire for T {}

pub type Mailserver = Session<Guarded<Box<dyn Wire>>>;

/// The operating system's root certificates, read once when first needed.
#[derive(Default)]
pub struct Roots(OnceLock<Arc<ClientConfig>>);

impl Roots {
    pub fn config(&self) -> Result<Arc<ClientConfig>, String> {
        if let Some(config) = self.0.get() {
            return Ok(config.clone());
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err("this machine has no root certificates: install ca-certificates".to_owned());
        }
        let config = trusting(roots)?;
        Ok(self.0.get_or_init(|| config).clone())
    }

    /// For what needs a configuration and no protection.
    pub fn none() -> Result<Arc<ClientConfig>, String> {
        trusting(RootCertStore::empty())
    }
}

fn trusting(roots: RootCertStore) -> Result<Arc<ClientConfig>, String> {
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// What proves who signs in.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    Password(&'a str),
    /// An access token, by XOAUTH2.
    Token(&'a SecretString),
}

/// Connects and signs in as `user`.
///
/// # Errors
/// [`Trouble`], in words without secrets.
pub async fn open(server: &Server, user: &str, credential: Credential<'_>, roots: &Roots) -> Result<Mailserver, Trouble> {
    let place = format!("{}:{}", server.host, server.port);
    let tcp = connect(server, &place).await?;
    let client = match server.tls {
        Tls::None => greet(Box::new(tcp)).await?,
        Tls::Implicit => greet(Box::new(protect(tcp, server, &place, roots).await?)).await?,
        Tls::Starttls => {
            let mut plain = greet(Box::new(tcp)).await?;
            let switch = plain.run_command_and_check_ok("STARTTLS", None);
            within("STARTTLS", switch).await?.map_err(|_| Trouble::NoStartTls(place.clone()))?;
            // What the server sent before the switch is dropped with the client: nobody may smuggle answers in.
            Client::new(Guarded::new(Box::new(protect(plain.into_inner().into_inner(), server, &place, roots).await?) as Box<dyn Wire>))
        }
    };
    sign_in(client, user, credential, &place).await
}

async fn connect(server: &Server, place: &str) -> Result<TcpStream, Trouble> {
    let host = server.host.trim_start_matches('[').trim_end_matches(']');
    let addresses = timeout(CONNECT, lookup_host((host, server.port))).await;
    let addresses: Vec<_> = match addresses {
        Ok(Ok(addresses)) => addresses.collect(),
        _ => return Err(Trouble::Name(host.to_owned())),
    };
    let mut reason = "it has no address".to_owned();
    for address in addresses {
        match timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => {
                let _ = tcp.set_nodelay(true);
                return Ok(tcp);
            }
            Ok(Err(error)) => reason = trouble::words(&error),
            Err(_) => reason = "no answer in time".to_owned(),
        }
    }
    Err(Trouble::NoConnection(place.to_owned(), reason))
}

async fn protect<S: Wire>(plain: S, server: &Server, place: &str, roots: &Roots) -> Result<tokio_rustls::client::TlsStream<S>, Trouble> {
    let broken = |reason: String| Trouble::Tls(place.to_owned(), reason);
    let name = ServerName::try_from(server.host.clone()).map_err(|_| broken("imap.host is not a host name".to_owned()))?;
    let config = roots.config().map_err(broken)?;
    let shaken = within("the TLS handshake", TlsConnector::from(config).connect(name, plain)).await?;
    shaken.map_err(|error| broken(trouble::words(&error)))
}

async fn greet(wire: Box<dyn Wire>) -> Result<Client<Guarded<Box<dyn Wire>>>, Trouble> {
    let mut client = Client::new(Guarded::new(wire));
    match within("the greeting", client.read_response()).await? {
        Ok(Some(_)) => Ok(client),
        Ok(None) => Err(Trouble::Lost),
        Err(error) => Err(Trouble::of_imap("the greeting", &error.into())),
    }
}

async fn sign_in(
    client: Client<Guarded<Box<dyn Wire>>>,
    user: &str,
    credential: Credential<'_>,
    place: &str,
) -> Result<Mailserver, Trouble> {
    let (signed_in, secret) = match credential {
        Credential::Token(token) => {
            let token = token.expose_secret();
            let once = xoauth2::Once(xoauth2::response(user, token));
            (within("AUTHENTICATE", client.authenticate("XOAUTH2", once)).await?, token)
        }
        Credential::Password(password) if user.is_ascii() && password.is_ascii() => {
            (within("LOGIN", client.login(user, password)).await?, password)
        }
        // A quoted string is ASCII (RFC 9051 §4.3); PLAIN is UTF-8 (RFC 4616).
        Credential::Password(password) => {
            (within("AUTHENTICATE", client.authenticate("PLAIN", Plain(format!("\0{user}\0{password}")))).await?, password)
        }
    };
    let place = place.to_owned();
    signed_in.map_err(|(error, _)| match (Trouble::of_imap("the sign-in", &error), credential) {
        (Trouble::Refused(_, said), Credential::Password(_)) => Trouble::SignIn(place, trouble::without(&said, &[secret, user])),
        (Trouble::Refused(_, said), Credential::Token(_)) => Trouble::TokenRefused(place, trouble::without(&said, &[secret, user])),
        (other, _) => other,
    })
}

struct Plain(String);

impl Authenticator for Plain {
    type Response = String;

    fn process(&mut self, _: &[u8]) -> String {
        std::mem::take(&mut self.0)
    }
}

/// Runs a command for at most [`COMMAND`]: the IMAP library itself waits for ever.
///
/// # Errors
/// [`Trouble::Silence`]; the connection can't be used any more.
pub async fn within<T>(command: &'static str, run: impl Future<Output = T>) -> Result<T, Trouble> {
    timeout(COMMAND, run).await.map_err(|_| Trouble::Silence { command, limit: COMMAND })
}
