//! What other systems post: /webhooks/in/{source}.

use super::Web;
use axum::Router;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Web>> {
    Router::new()
}
