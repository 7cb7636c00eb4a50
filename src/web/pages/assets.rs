//! The static files, compiled in, each under a name that carries a hash of its content: served with
//! `Cache-Control: public, max-age=31536000, immutable`.

use sha2::{Digest, Sha256};
use std::{fmt::Write, sync::OnceLock};

/// One static file.
#[derive(Debug)]
pub struct Asset {
    /// As templates name it, such as `tawasul.css`.
    pub name: &'static str,
    /// As it is served under `/static/`, such as `tawasul-1f0c22a9b3d4.css`.
    pub hashed_name: String,
    pub content_type: &'static str,
    pub bytes: &'static [u8],
}

/// Where the static files are served.
pub const FOLDER: &str = "/static";

/// All static files; constant data, hashed once.
pub fn all() -> &'static [Asset] {
    static ALL: OnceLock<Vec<Asset>> = OnceLock::new();
    ALL.get_or_init(|| {
        vec![
            asset("tawasul.css", "text/css; charset=utf-8", include_bytes!("../static/tawasul.css")),
            asset("logo.svg", "image/svg+xml", include_bytes!("../static/logo.svg")),
            asset("icons.svg", "image/svg+xml", include_bytes!("../static/icons.svg")),
        ]
    })
}

/// The file that is served under this name.
pub fn find(hashed_name: &str) -> Option<&'static Asset> {
    all().iter().find(|asset| asset.hashed_name == hashed_name)
}

/// The address of a file by its plain name; the plain name itself when there is none.
pub fn url(name: &str) -> String {
    let hashed = all().iter().find(|asset| asset.name == name).map_or(name, |asset| &asset.hashed_name);
    format!("{FOLDER}/{hashed}")
}

fn asset(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let hash = Sha256::digest(bytes).iter().take(6).fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    });
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    Asset { name, hashed_name: format!("{stem}-{hash}.{extension}"), content_type, bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_by_the_name_that_pages_use() {
        let url = url("tawasul.css");
        let hashed = url.strip_prefix("/static/").unwrap();
        assert!(hashed.starts_with("tawasul-") && hashed.len() == "tawasul-.css".len() + 12, "{url}");
        assert_eq!(find(hashed).unwrap().content_type, "text/css; charset=utf-8");
        assert!(find("tawasul.css").is_none());
    }
}
