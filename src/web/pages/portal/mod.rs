//! The public pages: write to us, keep the number, follow it up.

mod home;
mod receipt;
mod submit;
mod track;
mod trouble;

pub use home::{Home, KindCard};
pub use receipt::Receipt;
pub(super) use submit::languages;
pub use submit::{Submit, Typed};
pub use track::{Standing, Step, Track, TrackLogin, Unsent};
pub use trouble::{Trouble, TroublePage};

use crate::domain::Language;
use askama::DynTemplate;

pub(super) fn samples(language: Language) -> Vec<(&'static str, Box<dyn DynTemplate>)> {
    vec![
        ("home", Box::new(Home::sample(language))),
        ("submit", Box::new(Submit::sample(language))),
        ("submit-faults", Box::new(Submit::sample_with_faults(language))),
        ("receipt", Box::new(Receipt::sample(language))),
        ("track-login", Box::new(TrackLogin::sample(language))),
        ("track-again", Box::new(TrackLogin::sample_again(language))),
        ("track", Box::new(Track::sample(language))),
        ("track-resolved", Box::new(Track::sample_resolved(language))),
        ("trouble", Box::new(TroublePage::sample(language))),
    ]
}
