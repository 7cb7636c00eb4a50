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
            per_staff_hourly: 300,
        }
    }
}
