//! Portal, desk, interface.
pub mod pages;
pub mod settings;
