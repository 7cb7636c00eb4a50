//! One service to a SQLite file: an advisory lock on a file beside it, released by the system when the process ends.

use super::StoreError;
use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
};

/// Held as long as it lives.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the database at `path`.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process holds it.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        let beside = PathBuf::from(format!("{}.lock", path.display()));
        let failed = |e: std::io::Error| StoreError::Folder(beside.display().to_string(), e.to_string());
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&beside).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse(path.display().to_string())),
            Err(std::fs::TryLockError::Error(e)) => Err(failed(e)),
        }
    }
}
