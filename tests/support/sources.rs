//! The Rust files of a folder, read into memory, for the tests that judge the source itself.

use std::path::{Path, PathBuf};

/// One Rust file: its path inside the folder (with `/`), and what it says.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// All `.rs` files below `folder`, sorted by path; none when the folder does not exist.
pub fn below(folder: &Path) -> Vec<Source> {
    let mut sources: Vec<Source> = files_below(folder)
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .map(|file| Source {
            path: file.strip_prefix(folder).expect("lies below the folder").to_string_lossy().replace('\\', "/"),
            text: std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())),
        })
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries
        .map(|entry| entry.expect("an entry of the folder").path())
        .flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] })
        .collect()
}
