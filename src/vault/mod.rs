//! Seals and opens personal data.
pub mod settings;
