//! The desk: an officer's day, under /desk.

use super::Web;
use axum::Router;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Web>> {
    Router::new()
}
