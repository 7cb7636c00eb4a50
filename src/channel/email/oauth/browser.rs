//! Sign-in in a browser that comes back to this machine (RFC 8252 §7.3, with PKCE, RFC 7636). When the browser runs elsewhere, it
//! ends at an address that it cannot reach; that address is pasted instead.

use super::{
    Tokens, answer,
    login::LoginError,
    provider::{Provider, ProviderError},
    settings,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Url;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use zeroize::Zeroizing;

/// How long the person may take.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How long one visitor of our address may take to say what he wants, and how much of it is read, in bytes.
const VISIT: (Duration, usize) = (Duration::from_secs(3), 16 << 10);

/// A sign-in that waits for its browser.
pub struct Waiting {
    /// The page to be opened.
    pub address: String,
    listener: TcpListener,
    redirect: String,
    state: String,
    verifier: Zeroizing<String>,
}

/// What an address says that came back.
enum Said {
    Code(SecretString),
    Denied(String),
    /// It is not about this sign-in.
    Nothing,
}

impl Waiting {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// [`LoginError::Listen`].
    pub async fn begin(provider: &Provider, authorize: &Url) -> Result<Self, LoginError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|_| LoginError::Listen)?;
        let port = listener.local_addr().map_err(|_| LoginError::Listen)?.port();
        let redirect = format!("http://127.0.0.1:{port}/");
        let (state, verifier) = (provider.world.token::<16>(), Zeroizing::new(provider.world.token::<32>()));
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let mut address = authorize.clone();
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.oauth.client_id)
            .append_pair("redirect_uri", &redirect)
            .append_pair("scope", &provider.oauth.scope())
            .append_pair("state", &state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if provider.oauth.provider == settings::Provider::Google {
            // Else Google gives a refresh token at the very first sign-in only.
            address.query_pairs_mut().append_pair("access_type", "offline").append_pair("prompt", "consent");
        }
        Ok(Self { address: address.into(), listener, redirect, state, verifier })
    }

    /// Waits for the browser, or for its last address in `pasted`, and asks for the tokens.
    ///
    /// # Errors
    /// [`LoginError`]: nobody came in time, the person said no, or the provider did.
    pub async fn wait(&self, provider: &Provider, pasted: &mut mpsc::Receiver<String>) -> Result<Tokens, LoginError> {
        let code = timeout(PATIENCE, self.code(pasted)).await.map_err(|_| LoginError::Expired)??;
        provider.of_code(&code, &self.redirect, &self.verifier).await.map_err(|error| match error {
            ProviderError::Unintelligible => LoginError::NotLasting,
            error if error.is_end_of_grant() => LoginError::Expired,
            error => LoginError::Provider(error),
        })
    }

    async fn code(&self, pasted: &mut mpsc::Receiver<String>) -> Result<SecretString, LoginError> {
        loop {
            let said = tokio::select! {
                Ok((visitor, _)) = self.listener.accept() => self.serve(visitor).await,
                Some(line) = pasted.recv() => self.said(line.trim()),
                else => return Err(LoginError::Listen),
            };
            match said {
                Said::Code(code) => return Ok(code),
                Said::Denied(code) if code == "access_denied" => return Err(LoginError::Denied),
                Said::Denied(code) => return Err(LoginError::Provider(ProviderError::Refused(answer::Refusal { code, number: None }))),
                Said::Nothing => {}
            }
        }
    }

    async fn serve(&self, mut visitor: TcpStream) -> Said {
        let target = timeout(VISIT.0, target(&mut visitor)).await.ok().flatten();
        let said = target.map_or(Said::Nothing, |target| self.said(&target));
        let (status, words) = match said {
            Said::Code(_) => {
                ("200 OK", "تم. يمكنكم إغلاق هذه الصفحة والعودة إلى الطرفية.\nDone. You can close this page and go back to the terminal.\n")
            }
            Said::Denied(_) => ("200 OK", "لم يتم تسجيل الدخول.\nThe sign-in did not take place.\n"),
            Said::Nothing => ("404 Not Found", ""),
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{words}",
            words.len()
        );
        let _ = timeout(VISIT.0, visitor.write_all(answer.as_bytes())).await;
        said
    }

    /// Reads an address that came back: `/?code=…&state=…`, or with its host. Only one with our state is about this sign-in.
    fn said(&self, target: &str) -> Said {
        let Some((_, query)) = target.split_once('?') else { return Said::Nothing };
        let query = query.split('#').next().unwrap_or_default();
        let Ok(url) = Url::parse(&format!("http://127.0.0.1/?{query}")) else { return Said::Nothing };
        let of = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
        if !of("state").is_some_and(|state| bool::from(state.as_bytes().ct_eq(self.state.as_bytes()))) {
            return Said::Nothing;
        }
        match (of("code"), of("error")) {
            (Some(code), _) if !code.is_empty() => Said::Code(code.into()),
            (_, Some(error)) => Said::Denied(answer::code(&error)),
            _ => Said::Nothing,
        }
    }
}

/// The target of a request's first line.
async fn target(visitor: &mut TcpStream) -> Option<Zeroizing<String>> {
    let mut head = Zeroizing::new(vec![0; VISIT.1]);
    let mut length = 0;
    while !head[..length].contains(&b'\n') {
        match visitor.read(&mut head[length..]).await {
            Ok(read @ 1..) => length += read,
            _ => return None,
        }
    }
    let line = std::str::from_utf8(&head[..length]).ok()?.lines().next()?;
    let mut words = line.split(' ');
    (words.next()? == "GET").then(|| words.next())?.map(|target| Zeroizing::new(target.to_owned()))
}
