//! How often somebody may try a door.

use governor::{Quota, RateLimiter, clock::DefaultClock, state::keyed::DashMapStateStore};
use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// What is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Throttle {
    SignInAccount,
    SignInNetwork,
    TrackTicket,
    TrackNetwork,
    /// A form handed in.
    SubmitNetwork,
}

type Limiter = RateLimiter<String, DashMapStateStore<String>, DefaultClock>;

/// One counter for each thing tried and each who tries; in memory, for this process.
pub struct Throttles {
    sign_in_account: Limiter,
    sign_in_network: Limiter,
    track_ticket: Limiter,
    track_network: Limiter,
    submit_network: Limiter,
    calls: AtomicU32,
}

/// `burst` at once, then one each `every`.
fn limiter(burst: u32, every: Duration) -> Limiter {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(every).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(burst);
    RateLimiter::keyed(quota)
}

impl Default for Throttles {
    fn default() -> Self {
        Self {
            sign_in_account: limiter(10, Duration::from_secs(60)),
            sign_in_network: limiter(30, Duration::from_secs(10)),
            track_ticket: limiter(10, Duration::from_secs(120)),
            track_network: limiter(60, Duration::from_secs(5)),
            submit_network: limiter(30, Duration::from_secs(10)),
            calls: AtomicU32::new(0),
        }
    }
}

impl Throttles {
    /// Whether `who` may try once more now; counts the try.
    pub fn allow(&self, what: Throttle, who: &str) -> bool {
        let limiter = match what {
            Throttle::SignInAccount => &self.sign_in_account,
            Throttle::SignInNetwork => &self.sign_in_network,
            Throttle::TrackTicket => &self.track_ticket,
            Throttle::TrackNetwork => &self.track_network,
            Throttle::SubmitNetwork => &self.submit_network,
        };
        if self.calls.fetch_add(1, Ordering::Relaxed) % 4096 == 4095 {
            limiter.retain_recent();
        }
        let who: String = who.chars().take(100).collect();
        limiter.check_key(&who).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_closes_for_who_tries_too_often_and_for_nobody_else() {
        let throttles = Throttles::default();
        let tries = (0..20).filter(|_| throttles.allow(Throttle::SignInAccount, "ali")).count();
        assert_eq!(tries, 10);
        assert!(throttles.allow(Throttle::SignInAccount, "omar"));
    }
}
