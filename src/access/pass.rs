//! Passes: what a sender's browser keeps to show that it proved a ticket, so that reference and PIN are asked for once.
//!
//! A pass names the ticket and its end, and carries a keyed hash over both and the PIN: nothing is stored, nobody can make
//! one, and it holds neither the PIN nor anything personal.

use super::{Access, AccessError};
use crate::{
    domain::{At, Pin, Reference, Ticket},
    store::StoreError,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use std::time::Duration;

/// What a pass opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pass {
    /// The tracking page.
    Track,
    /// The page with reference and PIN, for the browser that sent the form.
    Receipt,
}

impl Pass {
    pub fn lasts(self) -> Duration {
        match self {
            Pass::Track => Duration::from_secs(3600),
            Pass::Receipt => Duration::from_secs(15 * 60),
        }
    }

    fn what(self) -> &'static str {
        match self {
            Pass::Track => "track",
            Pass::Receipt => "receipt",
        }
    }
}

/// What the hash is taken over. A new PIN ends every pass.
fn value(reference: Reference, ends: i64, pin: &Pin) -> String {
    format!("{reference}.{ends}.{}", pin.as_str())
}

/// A pass taken apart: `reference.end.hash`, the end in seconds since 1970.
fn read(pass: &str) -> Option<(Reference, i64, Vec<u8>)> {
    let mut parts = pass.split('.');
    let (reference, ends, hash) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = parts.next().is_none() && pass.len() < 100;
    whole.then_some((reference.parse().ok()?, ends.parse().ok()?, BASE64.decode(hash).ok()?))
}

impl Access {
    /// A new pass for a ticket whose PIN was shown to be known.
    pub fn pass(&self, pass: Pass, reference: Reference, pin: &Pin) -> Result<String, AccessError> {
        let ends = self.now().plus(pass.lasts()).micros() / 1_000_000;
        let hash: [u8; 16] = self.store.vault().token(pass.what(), value(reference, ends, pin).as_bytes()).map_err(StoreError::from)?;
        Ok(format!("{reference}.{ends}.{}", BASE64.encode(hash)))
    }

    /// The ticket that a pass opens; `None` when it is forged, has ended, or is for something else.
    pub async fn open_pass(&self, pass: Pass, text: &str) -> Result<Option<Ticket>, AccessError> {
        let Some((reference, ends, hash)) = read(text) else { return Ok(None) };
        if At(ends.saturating_mul(1_000_000)) <= self.now() {
            return Ok(None);
        }
        let ticket = self.store.read().await?.ticket(reference).await?;
        Ok(ticket.filter(|t| self.store.vault().proves(pass.what(), value(reference, ends, &t.pin).as_bytes(), &hash)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_whole_parts_are_a_pass() {
        assert!(read("26-004183-4.1795418000.AAAAAAAAAAAAAAAAAAAAAA").is_some());
        for bad in ["", "26-004183-4", "26-004183-4.x.AAAA", "26-004183-5.1.AAAA", "26-004183-4.1.AAAA.AAAA", "26-004183-4.1.%"] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
