//! The configuration as its users meet it: folders, variables, mistakes.

mod defaults;
mod example;
mod layers;
mod mistakes;

use super::{Config, Mistakes, load};

/// Loads a folder with these files under these variables; the folder is called `config` in every mistake.
fn loaded(files: &[(&str, &str)], env: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    load(Some(folder.path()), env).map_err(|mistakes: Mistakes| {
        assert!(!mistakes.is_empty() && mistakes.iter().count() == mistakes.len());
        mistakes.to_string().replace(&folder.path().display().to_string(), "config")
    })
}

fn service(text: &str) -> Result<Config, String> {
    loaded(&[("tawasul.toml", text)], &[])
}
