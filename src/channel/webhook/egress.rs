//! The way out: one HTTP POST to an address that people configured, and no further than they may send us.
//!
//! Guarded: no redirects, no proxy from the environment, only public addresses (checked when the connection is made, so
//! that a name cannot point elsewhere a second later), bounded in time, and at most 4 KiB of the answer are read.
//! No error text holds the URL: paths often carry a token.

use super::network::is_public;
use reqwest::{
    Client, Response, StatusCode, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{HeaderMap, RETRY_AFTER},
    redirect::Policy,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::{error::Error, net::IpAddr, net::SocketAddr, sync::Arc, time::Duration};

/// So much of an answer is read, in bytes, so that the connection can be used again; nothing of it is kept.
const ANSWER_LIMIT: usize = 4 * 1024;

const USER_AGENT: &str = concat!("tawasul/", env!("CARGO_PKG_VERSION"));

/// How long is waited.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For name, connection and TLS together.
    pub connect: Duration,
    /// For everything, the answer included.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(20) }
    }
}

/// Where requests may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Public addresses, over TLS.
    Public,
    /// Any address, with or without TLS.
    Anywhere,
}

/// What the receiver said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub status: StatusCode,
    /// The header Retry-After as it came.
    pub retry_after: Option<String>,
}

/// Why there was no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EgressError {
    #[error("the address is in a private network")]
    PrivateAddress,
    #[error("an address on the internet must begin with https://")]
    PlainText,
    #[error("no connection: {0}")]
    NoConnection(String),
    /// The request may have arrived.
    #[error("no answer: {0}")]
    NoAnswer(String),
    #[error("no request could be made: {0}")]
    Unusable(String),
}

/// The guarded client.
#[derive(Clone, Debug)]
pub struct Egress {
    client: Client,
    reach: Reach,
}

impl Egress {
    /// `tls`: whom to trust; by default the machine's own root certificates.
    ///
    /// # Errors
    /// [`EgressError::Unusable`] when TLS cannot be set up.
    pub fn new(tls: Option<ClientConfig>, reach: Reach, patience: Patience) -> Result<Self, EgressError> {
        let tls = match tls {
            Some(tls) => tls,
            None => machine_trust().map_err(|error| EgressError::Unusable(error.to_string()))?,
        };
        let client = Client::builder()
            .use_preconfigured_tls(tls)
            .dns_resolver(Arc::new(Guard(reach)))
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(patience.connect)
            .timeout(patience.total)
            .user_agent(USER_AGENT)
            .build()
            .map_err(|error| EgressError::Unusable(words(&error.without_url())))?;
        Ok(Self { client, reach })
    }

    /// What speaks against the address before anything is asked of the network.
    pub fn objection(&self, url: &Url) -> Option<EgressError> {
        match self.reach {
            Reach::Anywhere => None,
            Reach::Public if literal(url).is_some_and(|address| !is_public(address)) => Some(EgressError::PrivateAddress),
            Reach::Public if url.scheme() != "https" => Some(EgressError::PlainText),
            Reach::Public => None,
        }
    }

    /// Posts `body` as JSON.
    ///
    /// # Errors
    /// [`EgressError`]; an answer of any status is no error.
    pub async fn post(&self, url: &Url, headers: HeaderMap, body: String) -> Result<Answer, EgressError> {
        if let Some(objection) = self.objection(url) {
            return Err(objection);
        }
        let request = self.client.post(url.clone()).header("content-type", "application/json").headers(headers).body(body);
        let response = request.send().await.map_err(failure)?;
        let answer = Answer {
            status: response.status(),
            retry_after: response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned),
        };
        drain(response).await;
        Ok(answer)
    }
}

/// The IP address that stands in the URL itself; for those the resolver is never asked.
fn literal(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Reads what little there is of the body. The status is known by then, so that a break here changes nothing.
async fn drain(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read >= ANSWER_LIMIT {
            return;
        }
    }
}

fn failure(error: reqwest::Error) -> EgressError {
    let error = error.without_url();
    if causes(&error).any(|cause| cause.is::<PrivateAddress>()) {
        EgressError::PrivateAddress
    } else if error.is_connect() {
        EgressError::NoConnection(words(&error))
    } else if error.is_builder() {
        EgressError::Unusable(words(&error))
    } else if error.is_timeout() {
        EgressError::NoAnswer("the time is over".into())
    } else {
        EgressError::NoAnswer(words(&error))
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error: &&'a (dyn Error + 'static)| error.source())
}

/// The innermost cause: the outer ones only say that a request failed.
fn words(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Resolves names, and leaves out the addresses that may not be reached.
struct Guard(Reach);

#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the name leads into a private network")]
struct PrivateAddress;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let known = !found.is_empty();
            let allowed: Vec<SocketAddr> = found.into_iter().filter(|at| reach == Reach::Anywhere || is_public(at.ip())).collect();
            if known && allowed.is_empty() {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// TLS by ring, trusting the machine's root certificates; those that cannot be read are left out.
fn machine_trust() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn every_spelling_of_a_literal_address_is_seen() {
        for spelling in ["http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/", "http://0177.0.0.1:8080/x"] {
            assert_eq!(literal(&url(spelling)), Some(IpAddr::from([127, 0, 0, 1])), "{spelling}");
        }
        assert_eq!(literal(&url("http://[::1]:9/")), "::1".parse().ok());
        assert_eq!(literal(&url("http://[::ffff:10.0.0.1]/")), "::ffff:10.0.0.1".parse().ok());
        assert_eq!(literal(&url("https://example.org/127.0.0.1")), None);
    }

    #[tokio::test]
    async fn neither_an_address_nor_a_name_leads_inside() {
        let egress = Egress::new(None, Reach::Public, Patience::default()).unwrap();
        for inside in
            ["http://127.0.0.1:9/", "http://[::1]:9/", "https://localhost:9/", "https://169.254.169.254/latest", "http://127.1:9/"]
        {
            let answer = egress.post(&url(inside), HeaderMap::new(), String::new()).await;
            assert_eq!(answer, Err(EgressError::PrivateAddress), "{inside}");
        }
        assert_eq!(egress.objection(&url("http://example.org/")), Some(EgressError::PlainText));
        assert_eq!(egress.objection(&url("https://example.org/")), None);
    }

    #[tokio::test]
    async fn what_goes_wrong_never_shows_the_address() {
        let egress = Egress::new(None, Reach::Anywhere, Patience::default()).unwrap();
        let error = egress.post(&url("http://127.0.0.1:9/token-4711?key=secret"), HeaderMap::new(), String::new()).await.unwrap_err();
        assert!(matches!(error, EgressError::NoConnection(_)), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("4711") && !shown.contains("secret"), "{shown}");
    }
}
