//! Hands mails to a mailbox's submission server, and says exactly how far it came when that fails.
//!
//! The steps are taken one by one, because the answer to the same broken connection differs: before the mail is handed
//! over it is certain that nobody got it, afterwards it is not.
//!
//! A connection that was signed in with a token is used only as long as that token is the newest.

use super::{
    connection::{COMMAND, CONNECT},
    oauth::{
        keeper::{Access, Keeper, TokenTrouble},
        xoauth2,
    },
    render::Rendered,
    settings::{Server, Tls},
    trouble,
};
use crate::channel::SendError;
use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, TlsParameters},
    commands::{Data, Mail, Rcpt},
    extension::{ClientId, Extension, MailBodyParameter, MailParameter},
};
use secrecy::ExposeSecret;
use std::{
    error::Error as _,
    io,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// Connections that wait for the next mail: how many, and how long. Servers close idle ones after minutes (RFC 5321
/// §4.5.3.2.7).
const IDLE: (usize, Duration) = (4, Duration::from_secs(30));
/// The slowest line that is waited for, in bytes per second.
const SLOWEST: u64 = 32 << 10;
/// SMTP names no time when it asks to wait. The caller's own back-off is longer after the first attempts.
const WAIT: Duration = Duration::from_secs(1);

/// One mailbox's way out.
pub struct Submission {
    server: Server,
    user: String,
    /// The name we greet with: the domain of the mailbox.
    hello: ClientId,
    tls: OnceLock<TlsParameters>,
    keeper: Option<Arc<Keeper>>,
    idle: Mutex<Vec<Idle>>,
}

/// A connection that waits for the next mail.
struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
    /// Of the token that signed in.
    generation: Option<i64>,
}

/// How far a mail came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Connect,
    SignIn,
    /// MAIL, RCPT, DATA: nothing handed over yet.
    Envelope,
    /// The mail itself: from here on it may have arrived.
    Body,
}

/// What went wrong at a step.
enum Failure {
    Silence,
    Smtp(Error),
}

impl Submission {
    /// `address` is the mailbox's own.
    pub fn new(server: Server, address: &str, keeper: Option<Arc<Keeper>>) -> Self {
        let domain = address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        let user = server.user.clone().unwrap_or_else(|| address.to_owned());
        Self { server, user, hello: ClientId::Domain(domain.to_owned()), tls: OnceLock::new(), keeper, idle: Mutex::default() }
    }

    /// Sends one mail.
    ///
    /// # Errors
    /// [`SendError`]; no text in it carries the password or the recipient.
    pub async fn send(&self, mail: &Rendered) -> Result<(), SendError> {
        let (mut connection, generation) = self.signed_in().await?;
        match self.hand_over(&mut connection, mail).await {
            Ok(()) => {
                self.keep(connection, generation);
                Ok(())
            }
            Err(error) => {
                let _ = timeout(Duration::from_secs(1), connection.abort()).await;
                Err(error)
            }
        }
    }

    async fn hand_over(&self, connection: &mut AsyncSmtpConnection, mail: &Rendered) -> Result<(), SendError> {
        let options = mail_options(connection, mail)?;
        let explain = |step, failure| self.explain(step, failure, mail);
        let from = Mail::new(mail.envelope.from().cloned(), options);
        within(COMMAND, connection.command(from)).await.map_err(|failure| explain(Step::Envelope, failure))?;
        for recipient in mail.envelope.to() {
            let to = Rcpt::new(recipient.clone(), Vec::new());
            within(COMMAND, connection.command(to)).await.map_err(|failure| explain(Step::Envelope, failure))?;
        }
        within(COMMAND, connection.command(Data)).await.map_err(|failure| explain(Step::Envelope, failure))?;
        let limit = 2 * COMMAND + Duration::from_secs(mail.bytes.len() as u64 / SLOWEST);
        within(limit, connection.message(&mail.bytes)).await.map_err(|failure| explain(Step::Body, failure))?;
        Ok(())
    }

    // ── connections ──

    /// A connection that may send, with the generation of the token that it signed in with. With a token that is refused, once
    /// more with a new one.
    async fn signed_in(&self) -> Result<(AsyncSmtpConnection, Option<i64>), SendError> {
        let access = match &self.keeper {
            Some(keeper) => Some(keeper.access().await.map_err(no_token)?),
            None => None,
        };
        let generation = access.as_ref().map(|access| access.generation);
        if let Some(connection) = self.reuse(generation).await {
            return Ok((connection, generation));
        }
        let mut connection = self.connect().await?;
        let refused = match self.sign_in(&mut connection, access.as_ref()).await {
            Err(refused @ SendError::Misconfigured { .. }) => refused,
            signed_in => return signed_in.map(|()| (connection, generation)),
        };
        let (Some(keeper), Some(generation)) = (&self.keeper, generation) else { return Err(refused) };
        let Some(access) = keeper.after(generation).await.map_err(no_token)? else { return Err(refused) };
        connection = self.connect().await?;
        self.sign_in(&mut connection, Some(&access)).await?;
        Ok((connection, Some(access.generation)))
    }

    async fn reuse(&self, generation: Option<i64>) -> Option<AsyncSmtpConnection> {
        loop {
            let Idle { mut connection, since, generation: of } = self.idle().pop()?;
            let usable = of == generation && since.elapsed() < IDLE.1;
            if usable && timeout(Duration::from_secs(5), connection.test_connected()).await == Ok(true) {
                return Some(connection);
            }
            let _ = timeout(Duration::from_secs(1), connection.abort()).await;
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection, generation: Option<i64>) {
        let mut idle = self.idle();
        if idle.len() < IDLE.0 && !connection.has_broken() {
            idle.push(Idle { connection, since: Instant::now(), generation });
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let host = self.server.host.trim_start_matches('[').trim_end_matches(']');
        let at_once = match self.server.tls {
            Tls::Implicit => Some(self.tls_parameters(host)?),
            Tls::Starttls | Tls::None => None,
        };
        let explain = |step, failure| self.explain_without_mail(step, failure);
        let connecting = AsyncSmtpConnection::connect_tokio1((host, self.server.port), Some(CONNECT), &self.hello, at_once, None);
        let mut connection = within(COMMAND, connecting).await.map_err(|failure| explain(Step::Connect, failure))?;
        if self.server.tls == Tls::Starttls {
            if !connection.can_starttls() {
                return Err(SendError::Misconfigured { detail: "the server does not offer STARTTLS: use tls = \"implicit\"".to_owned() });
            }
            let switch = connection.starttls(self.tls_parameters(host)?, &self.hello);
            within(COMMAND, switch).await.map_err(|failure| explain(Step::Connect, failure))?;
        }
        Ok(connection)
    }

    async fn sign_in(&self, connection: &mut AsyncSmtpConnection, access: Option<&Access>) -> Result<(), SendError> {
        match (access, &self.server.password) {
            (Some(access), _) => self.show_token(connection, access).await?,
            (None, Some(password)) => {
                let credentials = Credentials::new(self.user.clone(), password.expose_secret().to_owned());
                let sign_in = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
                within(COMMAND, sign_in).await.map_err(|failure| self.explain_without_mail(Step::SignIn, failure))?;
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// Signs in by XOAUTH2, in steps of our own: the server's reason comes only after its second challenge was answered.
    async fn show_token(&self, connection: &mut AsyncSmtpConnection, access: &Access) -> Result<(), SendError> {
        if !connection.server_info().supports_auth_mechanism(Mechanism::Xoauth2) {
            return Err(SendError::Unreachable { detail: "the server does not offer XOAUTH2".to_owned() });
        }
        let token = access.token.expose_secret();
        let explain = |failure| self.judge(Step::SignIn, failure, &[token]);
        let said = within(COMMAND, connection.command(xoauth2::Auth::new(&self.user, token))).await.map_err(explain)?;
        if said.has_code(334) {
            within(COMMAND, connection.command("\r\n")).await.map_err(explain)?;
            return Err(SendError::Misconfigured { detail: "the server refused the sign-in by token".to_owned() });
        }
        Ok(())
    }

    fn tls_parameters(&self, host: &str) -> Result<TlsParameters, SendError> {
        if let Some(known) = self.tls.get() {
            return Ok(known.clone());
        }
        let built = TlsParameters::new(host.to_owned())
            .map_err(|_| SendError::Misconfigured { detail: "TLS can't be set up: are root certificates installed?".to_owned() })?;
        Ok(self.tls.get_or_init(|| built).clone())
    }

    // ── what an error means ──

    fn explain(&self, step: Step, failure: Failure, mail: &Rendered) -> SendError {
        let recipients: Vec<&str> = mail.envelope.to().iter().map(AsRef::as_ref).collect();
        self.judge(step, failure, &recipients)
    }

    fn explain_without_mail(&self, step: Step, failure: Failure) -> SendError {
        self.judge(step, failure, &[])
    }

    fn judge(&self, step: Step, failure: Failure, personal: &[&str]) -> SendError {
        let error = match failure {
            Failure::Silence if step == Step::Body => return SendError::Uncertain { detail: "no answer in time".to_owned() },
            Failure::Silence => return SendError::Unreachable { detail: "no answer in time".to_owned() },
            Failure::Smtp(error) => error,
        };
        let detail = self.words(&error, personal);
        let code = error.status().map(u16::from);
        match code {
            Some(421 | 450..=452) => SendError::Throttled { after: WAIT },
            Some(400..=499) => SendError::Unreachable { detail },
            // RFC 4954 §6: sign-in needed, too weak or refused.
            Some(530 | 534 | 535 | 538) => SendError::Misconfigured { detail },
            Some(_) if matches!(step, Step::SignIn | Step::Connect) => SendError::Misconfigured { detail },
            Some(code) => SendError::Rejected { code: code.to_string(), detail },
            None if step == Step::Body => SendError::Uncertain { detail },
            None if step == Step::SignIn && error.is_client() => SendError::Misconfigured { detail },
            None if names_certificate(&error) => SendError::Misconfigured { detail },
            None => SendError::Unreachable { detail },
        }
    }

    /// The server's or the system's words, without the password and without the recipient.
    fn words(&self, error: &Error, personal: &[&str]) -> String {
        let words = match error.source() {
            Some(source) => match source.downcast_ref::<io::Error>() {
                Some(error) => trouble::words(error),
                None => source.to_string(),
            },
            None => error.to_string(),
        };
        let password = self.server.password.as_ref().map_or("", |password| password.expose_secret());
        let secrets: Vec<&str> = personal.iter().copied().chain([password, self.user.as_str()]).collect();
        let words = trouble::without(&words, &secrets);
        words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect::<String>().trim().to_owned()
    }
}

/// Nothing was handed over: it can be tried again.
fn no_token(trouble: TokenTrouble) -> SendError {
    let detail = trouble.to_string();
    if trouble.wants_a_person() { SendError::Misconfigured { detail } } else { SendError::Unreachable { detail } }
}

/// Addresses and bytes beyond ASCII need extensions (RFC 6531, RFC 6152).
fn mail_options(connection: &AsyncSmtpConnection, mail: &Rendered) -> Result<Vec<MailParameter>, SendError> {
    let server = connection.server_info();
    let mut options = Vec::new();
    let addresses = mail.envelope.to().iter().chain(mail.envelope.from());
    if addresses.into_iter().any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(SendError::Invalid { detail: "the server does not take addresses beyond ASCII".to_owned() });
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    if !mail.bytes.is_ascii() {
        if !server.supports_feature(Extension::EightBitMime) {
            return Err(SendError::Invalid { detail: "the server does not take mails beyond ASCII".to_owned() });
        }
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(options)
}

async fn within<T>(limit: Duration, run: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    match timeout(limit, run).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(Failure::Smtp(error)),
        Err(_) => Err(Failure::Silence),
    }
}

/// A certificate that we don't trust stays so until a person does something.
fn names_certificate(error: &Error) -> bool {
    let mut source = error.source();
    while let Some(inner) = source {
        let refused =
            inner.downcast_ref::<io::Error>().and_then(io::Error::get_ref).and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if matches!(refused, Some(rustls::Error::InvalidCertificate(_) | rustls::Error::UnsupportedNameType)) {
            return true;
        }
        source = inner.source();
    }
    false
}
