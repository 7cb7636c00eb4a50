//! How the web side listens (`[server]` in `tawasul.toml`).

use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Address and port; port 0 takes a free one.
    pub listen: std::net::SocketAddr,
    /// As people outside reach it, such as `https://tawasul.example.org`; links in notices are made from it. Default: the
    /// address it listens on.
    pub public_url: Option<String>,
    /// Networks (CIDR) of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    /// Connections at once; who comes beyond them waits. A network that is no proxy has at most a quarter of them. The system
    /// must allow the process more open files than that (`ulimit -n`); usual are 1,024.
    pub max_connections: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { listen: ([127, 0, 0, 1], 8080).into(), public_url: None, trusted_proxies: Vec::new(), max_connections: 800 }
    }
}
