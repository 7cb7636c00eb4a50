//! The invented charity's configuration: real files in the demo's folder, read as any other.

use super::letters::SOURCE;
use crate::{
    config::{self, Config},
    domain::World,
    store::create_private_folder,
};
use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

const FILES: [(&str, &str); 3] = [
    ("organization.toml", include_str!("../../../config/demo/organization.toml")),
    ("routing.toml", include_str!("../../../config/demo/routing.toml")),
    ("kinds/confidential-report.toml", include_str!("../../../config/demo/kinds/confidential-report.toml")),
];

/// The folder that a demo lives in. A temporary one goes away with it.
pub(super) struct Home {
    pub path: PathBuf,
    temporary: bool,
}

impl Home {
    /// # Errors
    /// In words, when the folder can't be made, or holds something else.
    pub fn open(given: Option<PathBuf>, world: &World) -> anyhow::Result<Self> {
        let temporary = given.is_none();
        let path = given.unwrap_or_else(|| std::env::temp_dir().join(format!("tawasul-demo-{}", world.token::<9>())));
        let path = std::path::absolute(&path).with_context(|| format!("the folder {}", path.display()))?;
        let home = Self { path, temporary };
        let occupied = fs::read_dir(&home.path).is_ok_and(|mut entries| entries.next().is_some());
        if occupied && !home.mark().exists() {
            bail!("{} holds something that is no demo; name an empty folder with --data, or leave --data out", home.path.display());
        }
        create_private_folder(&home.path).with_context(|| format!("the folder {} can't be made", home.path.display()))?;
        Ok(home)
    }

    /// A file that is there once the whole story was told.
    fn mark(&self) -> PathBuf {
        self.path.join("demo")
    }

    /// Whether the story was told into it before.
    pub fn is_told(&self) -> bool {
        self.mark().exists()
    }

    pub fn told(&self) -> anyhow::Result<()> {
        fs::write(self.mark(), "The data of `tawasul demo`: everybody and everything in it is made up.\n").context("the demo's folder")
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let path = self.path.join("config").join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text).with_context(|| format!("the file {} can't be written", path.display()))
    }

    /// The configuration, with the secret that the town's app signs with. Nothing of the environment has a part in it.
    pub fn configure(&self, listen: SocketAddr, world: &World) -> anyhow::Result<(Config, String)> {
        let secret = format!("whsec_{}", STANDARD.encode(world.bytes::<32>()));
        for (name, text) in FILES {
            self.write(name, text)?;
        }
        self.write("tawasul.toml", &service(&self.path, listen, &secret))?;
        let config = config::load(Some(&self.path.join("config")), std::iter::empty());
        Ok((config.map_err(|mistakes| anyhow::anyhow!("{mistakes}"))?, secret))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.temporary
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(folder = %self.path.display(), %error, "the demo's folder could not be removed");
        }
    }
}

fn service(home: &Path, listen: SocketAddr, secret: &str) -> String {
    let quoted = |text: String| toml::Value::String(text).to_string();
    let inside = |name: &str| home.join(name).display().to_string();
    format!(
        "[server]\nlisten = \"{listen}\"\n\n[storage]\nurl = {}\nblobs = {}\n\n[vault]\nkey_file = {}\n\n\
         [[webhooks.sources]]\nname = \"{SOURCE}\"\nsecret = \"{secret}\"\n",
        quoted(format!("sqlite://{}", inside("tawasul.db"))),
        quoted(inside("blobs")),
        quoted(inside("vault.key")),
    )
}
