//! The configuration: built-in defaults, the files of one folder and the environment, checked as a whole before anything starts.
//!
//! Architecture invariants
//! - Every mistake of every file is reported at once, with its place and what to do; see [`Mistakes`].
//! - A secret is never shown, neither in a message nor in an excerpt (`source.rs`).
//! - Each module owns its settings; here they are only gathered. What cannot be said by a type is checked in `checks`.
//!
//! To add a section to `tawasul.toml`: one line in `sections!` below, its keys in `keys.rs` (a test says which are
//! missing), and its rules in `checks/service.rs`.
//!
//! Not here: what is edited in the desk lives in the database; the files are how it starts.

mod checks;
mod environment;
mod example;
mod files;
mod keys;
mod mending;
mod mistake;
mod nearest;
mod office;
mod reading;
mod source;
mod tree;

#[cfg(test)]
mod tests;

pub use example::example;
pub use mistake::{Excerpt, Mistake, Mistakes};

use crate::{
    domain::{Office, calendar::Calendar},
    routing::rule::Rule,
};
use std::path::Path;

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident: $settings:ty),* $(,)?) => {
        /// Everything the service was told, read and checked.
        #[derive(Clone, Debug)]
        pub struct Config {
            $($(#[$doc])* pub $name: $settings,)*
            /// Sites, departments, staff and kinds.
            pub office: Office,
            /// In order; the first that fits decides.
            pub rules: Vec<Rule>,
            pub calendar: Calendar,
        }

        /// `tawasul.toml`.
        #[derive(Clone, Debug, Default, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        struct Service {
            $($name: $settings,)*
        }

        impl Service {
            fn with(self, office: Office, rules: Vec<Rule>, calendar: Calendar) -> Config {
                Config { $($name: self.$name,)* office, rules, calendar }
            }
        }
    };
}

sections! {
    server: crate::web::settings::Settings,
    storage: crate::store::settings::Settings,
    vault: crate::vault::settings::Settings,
    outbox: crate::outbox::settings::Settings,
    email: crate::channel::email::settings::Settings,
    webhooks: crate::channel::webhook::settings::Settings,
}

/// Reads the configuration: built-in defaults, then the files of `dir` (without one: of `config/` in the working directory,
/// when it exists), then the environment.
///
/// # Errors
/// All [`Mistakes`] of all files and variables.
pub fn load(dir: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<Config, Mistakes> {
    let mut sources = source::Sources::default();
    let folder = files::Folder::open(dir, &mut sources);

    let mut service_tree = folder.service(&mut sources);
    environment::overlay(&mut service_tree, env, &mut sources);
    let service = mending::read_all::<Service>("tawasul", &mut service_tree, &mut sources);
    if let Some(service) = &service {
        checks::service::check(service, &service_tree, &mut sources);
    }

    let gathered = office::gather(&folder, &mut sources);
    let rules = office::rules(&folder, gathered.as_ref(), service.as_ref(), &mut sources);
    let calendar = office::calendar(&folder, &mut sources);

    match (Mistakes::of(sources.mistakes), service, gathered, rules, calendar) {
        (None, Some(service), Some(gathered), Some(rules), Some(calendar)) => Ok(service.with(gathered.office, rules, calendar)),
        (Some(mistakes), ..) => Err(mistakes),
        (None, ..) => Err(Mistakes::unreadable()),
    }
}
