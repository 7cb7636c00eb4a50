//! Whether the service is well: /healthz, /readyz, /metrics.

use super::Web;
use axum::Router;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Web>> {
    Router::new()
}
