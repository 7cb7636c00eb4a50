//! Where the key lies (`[vault]` in `tawasul.toml`).

use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The key file; created at the first start, readable by its owner only.
    pub key_file: String,
    /// The keys themselves, as the key file holds them; for platforms that hand secrets over in the environment.
    pub keys: Option<secrecy::SecretString>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { key_file: "data/vault.key".into(), keys: None }
    }
}
