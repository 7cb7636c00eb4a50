//! The only SQL.
pub mod settings;
