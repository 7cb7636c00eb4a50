//! Whether the service is well: /healthz (the process lives), /readyz (it can work), /metrics (how it is doing).
//!
//! Nothing personal is in any of them: accounts are named as the configuration names them.

mod exposition;

use super::Web;
use crate::{casework::VitalSigns, domain::At};
use axum::{
    Extension, Json, Router,
    extract::State,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::IntoResponse,
    routing::get,
};
use serde::Serialize;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The database is asked at most so often.
const GLANCE: Duration = Duration::from_secs(1);
/// An answer of the database holds so long: one slow look does not take the service out of its balancer.
const TRUST: Duration = Duration::from_secs(5);
/// The longest wait for the database.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest wait for the figures of /metrics.
const SCRAPE_PATIENCE: Duration = Duration::from_secs(5);

pub fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/healthz", get(|| async { ([(CACHE_CONTROL, "no-store")], "ok") }))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .layer(Extension(Arc::new(Readiness::default())))
}

/// When the database was last asked, and when it last answered.
#[derive(Default)]
struct Readiness(Mutex<Looks>);

#[derive(Clone, Copy, Default)]
struct Looks {
    asked: Option<At>,
    answered: Option<At>,
}

impl Looks {
    /// Whether the last answer is recent enough to need no other.
    fn fresh(self, now: At) -> bool {
        self.asked.is_some_and(|asked| now.since(asked) < GLANCE)
    }

    fn ready(self, now: At) -> bool {
        self.answered.is_some_and(|answered| now.since(answered) < TRUST)
    }
}

impl Readiness {
    fn looks(&self) -> Looks {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, now: At, answered: bool) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        looks.asked = Some(now);
        looks.answered = if answered { Some(now) } else { looks.answered };
    }
}

#[derive(Serialize)]
struct Ready {
    status: &'static str,
    database: &'static str,
}

async fn ready(State(web): State<Arc<Web>>, Extension(readiness): Extension<Arc<Readiness>>) -> impl IntoResponse {
    let world = web.casework.world();
    if !readiness.looks().fresh(world.now()) {
        let answered = tokio::time::timeout(PATIENCE, web.casework.answers()).await;
        readiness.note(world.now(), matches!(answered, Ok(Ok(()))));
    }
    let (status, body) = match readiness.looks().ready(world.now()) {
        true => (StatusCode::OK, Ready { status: "ready", database: "answers" }),
        false => (StatusCode::SERVICE_UNAVAILABLE, Ready { status: "not ready", database: "does not answer" }),
    };
    (status, [(CACHE_CONTROL, "no-store")], Json(body))
}

async fn figures(State(web): State<Arc<Web>>) -> impl IntoResponse {
    let mut text = web.metrics.render();
    let signs = match tokio::time::timeout(SCRAPE_PATIENCE, web.casework.vital_signs()).await {
        Ok(Ok(signs)) => Ok(signs),
        _ => Err(VitalSigns { now: web.casework.world().now(), accounts: web.casework.accounts(), ..VitalSigns::default() }),
    };
    exposition::write(&mut text, &signs);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")], text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> At {
        At(0).plus(Duration::from_secs(seconds))
    }

    #[test]
    fn one_slow_look_does_not_make_it_unready_and_a_lasting_silence_does() {
        let readiness = Readiness::default();
        assert!(!readiness.looks().ready(at(100)) && !readiness.looks().fresh(at(100)));
        readiness.note(at(100), true);
        assert!(readiness.looks().fresh(at(100)) && !readiness.looks().fresh(at(101)));
        readiness.note(at(102), false);
        assert!(readiness.looks().ready(at(104)));
        readiness.note(at(105), false);
        assert!(!readiness.looks().ready(at(105)));
        readiness.note(at(106), true);
        assert!(readiness.looks().ready(at(106)));
    }
}
