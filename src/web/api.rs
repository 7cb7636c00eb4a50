//! The REST interface under /api/v1.

use super::Web;
use axum::Router;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Web>> {
    Router::new()
}

/// The description of the interface.
pub fn openapi() -> String {
    String::new()
}
