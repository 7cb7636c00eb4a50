//! Notices: promise, dispatch, retry.
pub mod settings;
