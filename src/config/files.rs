//! The folder of the configuration, and the built-in files that stand in for what it does not have.

use super::{
    nearest::nearest,
    source::{Origin, Place, Source, Sources},
    tree::Node,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The folder that is read when none is named.
const USUAL: &str = "config";

const KNOWN: [&str; 4] = ["tawasul.toml", "organization.toml", "routing.toml", "calendar.toml"];

const BUILT_IN: [(&str, &str); 3] = [
    ("organization.toml", include_str!("../../config/organization.toml")),
    ("routing.toml", include_str!("../../config/routing.toml")),
    ("calendar.toml", include_str!("../../config/calendar.toml")),
];

macro_rules! kinds {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("../../config/kinds/", $name)))),*] };
}

/// In the order in which they are offered.
const BUILT_IN_KINDS: [(&str, &str); 10] = kinds![
    "complaint.toml",
    "inquiry.toml",
    "aid-request.toml",
    "report-of-need.toml",
    "volunteer.toml",
    "suggestion.toml",
    "dispute.toml",
    "compensation.toml",
    "appointment.toml",
    "personal-data.toml",
];

/// The files that were found. `None` as a text: it is there and cannot be read, which has been noted.
pub(super) struct Folder {
    dir: Option<PathBuf>,
    texts: BTreeMap<String, Option<String>>,
}

/// One file as a tree.
pub(super) struct Parsed {
    pub tree: Node,
    pub built_in: bool,
}

impl Folder {
    /// Reads every file of the folder that has a meaning here.
    pub fn open(dir: Option<&Path>, sources: &mut Sources) -> Self {
        let found = match dir {
            Some(dir) if !dir.is_dir() => {
                let hint = "name the folder that holds tawasul.toml, or leave --config out to run with what is built in";
                sources.wrong_file(dir.display().to_string(), "there is no such folder", hint);
                None
            }
            Some(dir) => Some(dir.to_owned()),
            None => Some(PathBuf::from(USUAL)).filter(|dir| dir.is_dir()),
        };
        let mut folder = Self { dir: found.clone(), texts: BTreeMap::new() };
        let Some(dir) = found else { return folder };
        let found = names(&dir, sources);
        for name in &found {
            if KNOWN.contains(&name.as_str()) {
                folder.take(name, sources);
            } else if let Some(meant) =
                nearest(name, KNOWN).filter(|meant| name != "tawasul.example.toml" && !found.iter().any(|f| f == meant))
            {
                let file = dir.join(name).display().to_string();
                sources.wrong_file(file, "this file is never read", format!("did you mean `{meant}`? Rename it"));
            }
        }
        for name in names(&dir.join("kinds"), sources) {
            folder.take(&format!("kinds/{name}"), sources);
        }
        folder
    }

    fn take(&mut self, name: &str, sources: &mut Sources) {
        let Some(dir) = &self.dir else { return };
        let path = dir.join(name);
        let text = match std::fs::read(&path) {
            Ok(bytes) => decoded(bytes, &path, name, sources),
            Err(error) => {
                let hint = "let the service's user read it";
                sources.wrong_file(path.display().to_string(), format!("cannot be read: {error}"), hint);
                None
            }
        };
        self.texts.insert(name.to_owned(), text);
    }

    fn display(&self, name: &str) -> String {
        self.dir.as_ref().map_or_else(|| name.to_owned(), |dir| dir.join(name).display().to_string())
    }

    /// `tawasul.toml`, or an empty tree.
    pub fn service(&self, sources: &mut Sources) -> Node {
        let name = "tawasul.toml";
        let text = self.texts.get(name).cloned().flatten().unwrap_or_default();
        let source = sources.add(Source { name: self.display(name), text: text.clone(), origin: Origin::File, secretive: true });
        Node::parse(source, &text, sources).unwrap_or_else(|| Node::empty(source))
    }

    /// One of the other files, or the built-in one in its place; nothing when it is there and cannot be read.
    pub fn parse(&self, name: &str, sources: &mut Sources) -> Option<Parsed> {
        match self.texts.get(name) {
            Some(text) => self.parse_text(name, text.as_deref()?, Origin::File, sources),
            None => {
                let (_, text) = BUILT_IN.iter().find(|(file, _)| *file == name)?;
                self.parse_text(name, text, Origin::BuiltIn, sources)
            }
        }
    }

    /// The files of kinds: the built-in ones in their order, each with the folder's file of the same name in its place, then the
    /// folder's others by name.
    pub fn kinds(&self, sources: &mut Sources) -> Vec<Parsed> {
        let mut kinds = Vec::new();
        for (file, built_in) in BUILT_IN_KINDS {
            let name = format!("kinds/{file}");
            let (text, origin) = match self.texts.get(&name) {
                Some(text) => (text.as_deref(), Origin::File),
                None => (Some(built_in), Origin::BuiltIn),
            };
            kinds.extend(text.and_then(|text| self.parse_text(&name, text, origin, sources)));
        }
        let further = self.texts.iter().filter(|(name, _)| {
            name.strip_prefix("kinds/").is_some_and(|file| BUILT_IN_KINDS.iter().all(|(built_in, _)| *built_in != file))
        });
        for (name, text) in further {
            kinds.extend(text.as_deref().and_then(|text| self.parse_text(name, text, Origin::File, sources)));
        }
        kinds
    }

    fn parse_text(&self, name: &str, text: &str, origin: Origin, sources: &mut Sources) -> Option<Parsed> {
        let shown = if origin == Origin::File { self.display(name) } else { format!("built-in {name}") };
        let source = sources.add(Source { name: shown, text: text.to_owned(), origin, secretive: false });
        let tree = Node::parse(source, text, sources)?;
        Some(Parsed { tree, built_in: origin == Origin::BuiltIn })
    }
}

/// The TOML files of a folder by name; none when there is no such folder.
fn names(dir: &Path, sources: &mut Sources) -> Vec<String> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            let hint = "let the service's user read it";
            sources.wrong_file(dir.display().to_string(), format!("cannot be read: {error}"), hint);
            return Vec::new();
        }
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".toml") && !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

/// The text of a file, without a byte order mark; a mistake when it is not UTF-8.
fn decoded(mut bytes: Vec<u8>, path: &Path, name: &str, sources: &mut Sources) -> Option<String> {
    if bytes.starts_with("\u{FEFF}".as_bytes()) {
        bytes.drain(..3);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let source =
                sources.add(Source { name: path.display().to_string(), text, origin: Origin::File, secretive: name == "tawasul.toml" });
            sources.wrong(
                Place { source, start: good, end: good + 1 },
                "this is not UTF-8 text",
                "save the file as UTF-8 (not windows-1256)",
            );
            None
        }
    }
}
