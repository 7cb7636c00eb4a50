//! The key file of the vault: created at the first start, readable by its owner only.

use crate::{
    domain::World,
    vault::{Vault, settings::Settings},
};
use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The vault, and the key file if it was made just now.
pub(super) struct Keys {
    pub vault: Vault,
    pub made: Option<PathBuf>,
}

/// The vault of the configured keys. Without any, a new key is made and kept; only for a new database (the store refuses
/// a key that does not belong to it).
pub(super) fn open(settings: &Settings, world: &World) -> anyhow::Result<Keys> {
    if let Some(keys) = &settings.keys {
        return Ok(Keys { vault: Vault::parse(keys.expose_secret(), world.clone())?, made: None });
    }
    let path = Path::new(&settings.key_file);
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let mode = std::fs::metadata(path)?.permissions().mode();
            if mode & 0o077 != 0 {
                bail!("the key file {} can be read by others; do `chmod 600 {}`", path.display(), path.display());
            }
            let vault = Vault::parse(&text, world.clone()).with_context(|| format!("the key file {}", path.display()))?;
            Ok(Keys { vault, made: None })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let vault = Vault::generate(world.clone());
            create(path, &vault)?;
            Ok(Keys { vault, made: Some(path.to_owned()) })
        }
        Err(error) => Err(error).with_context(|| format!("the key file {} can't be read", path.display())),
    }
}

fn create(path: &Path, vault: &Vault) -> anyhow::Result<()> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        crate::store::create_private_folder(folder).with_context(|| format!("the folder {} can't be made", folder.display()))?;
    }
    write_new(path, vault)
}

fn write_new(path: &Path, vault: &Vault) -> anyhow::Result<()> {
    let failed = || format!("the key file {} can't be written", path.display());
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).with_context(failed)?;
    file.write_all(vault.key_file().as_bytes()).with_context(failed)?;
    file.sync_all().with_context(failed)?;
    sync_folder(path);
    Ok(())
}

/// Puts the keys of `vault` in the place of the file's, at once or not at all.
pub(super) fn replace(settings: &Settings, vault: &Vault) -> anyhow::Result<()> {
    if settings.keys.is_some() {
        bail!("the keys come from the environment: take the new key over there by hand; `vault rotate-key` works with a key file");
    }
    let path = Path::new(&settings.key_file);
    let beside = PathBuf::from(format!("{}.new", path.display()));
    let _ = std::fs::remove_file(&beside);
    write_new(&beside, vault)?;
    std::fs::rename(&beside, path).with_context(|| format!("the key file {} can't be replaced", path.display()))?;
    sync_folder(path);
    Ok(())
}

/// So that the name survives a power cut too.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}
