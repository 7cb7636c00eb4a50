//! What people see: one typed context for each page, drawn by a template in `../templates`.
//!
//! Architecture invariants
//! - Pure: a context holds all that its page shows; nothing here asks a store, a clock or the network.
//! - Pages work without any script, and carry neither inline style nor inline script (the content security policy needs no
//!   `unsafe-inline`).
//! - What people wrote stands in `dir="auto"`, references and telephone numbers in `<bdi dir="ltr">`.
//!
//! To add a page: a context with a [`Frame`], a template that extends `portal.html` or `desk.html`, its texts in both
//! languages, `sample()`, and a line in [`samples`]. To see all pages in a browser:
//! `OUT=folder cargo test pages_to_files -- --ignored`.
//!
//! Not here: handlers, sessions, form parsing (`web::portal`, `web::desk`).

pub mod assets;
pub mod conversation;
pub mod demo;
pub mod desk;
pub mod form;
pub mod frame;
pub mod portal;

pub use conversation::{Conversation, Delivery, DeliveryState, File, Spoken};
pub use form::{Choice, Faults, KeptFile, Line};
pub use frame::{Contact, Done, Flash, Frame, Place, Viewer};

use crate::domain::Language;
use askama::DynTemplate;

/// Every page with its sample, by name; some pages several times, where they look different.
pub fn samples(language: Language) -> Vec<(&'static str, Box<dyn DynTemplate>)> {
    let mut all = portal::samples(language);
    all.extend(desk::samples(language));
    all.extend(demo::samples(language));
    all
}

#[cfg(test)]
mod tests;
