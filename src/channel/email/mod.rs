//! Settings of the channel.
pub mod settings;
