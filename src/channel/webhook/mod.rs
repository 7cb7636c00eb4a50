//! The generic webhook: any system can hand in a message and be told of events, signed after Standard Webhooks.

pub mod egress;
pub mod network;
pub mod settings;
pub mod signature;
