//! Portal, desk, interface.
pub mod settings;
