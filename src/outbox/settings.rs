//! How notices are sent (`[outbox]` in `tawasul.toml`).

use crate::domain::span::Span;
use serde::Deserialize;
use std::time::Duration;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The pause before the second attempt; it doubles each time, with jitter.
    pub first_retry: Span,
    /// The longest pause between attempts.
    pub longest_retry: Span,
    /// Given up after so many attempts at one address.
    pub attempts: u32,
    /// At most so many automatic notices to one sender's address an hour.
    pub per_address_hourly: u32,
    /// At most so many automatic notices to senders of one mail domain an hour: a peer that answers from another address each
    /// time is not talked to for ever.
    pub per_domain_hourly: u32,
    /// The same for a provider where everybody has a mailbox, such as gmail.com.
    pub per_provider_hourly: u32,
    /// At most so many automatic notices to one member of staff an hour.
    pub per_staff_hourly: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            first_retry: Span(Duration::from_secs(20)),
            longest_retry: Span(Duration::from_secs(3600)),
            attempts: 60,
            per_address_hourly: 20,
            per_domain_hourly: 8,
            per_provider_hourly: 600,
            per_staff_hourly: 300,
        }
    }
}
