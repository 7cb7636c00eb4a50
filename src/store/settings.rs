//! Where the data lies (`[storage]` in `tawasul.toml`).

use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `sqlite://PATH` or `postgres://…`.
    pub url: secrecy::SecretString,
    /// The folder of the attachments.
    pub blobs: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { url: "sqlite://data/tawasul.db".into(), blobs: "data/blobs".into() }
    }
}
