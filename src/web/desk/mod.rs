//! The desk: an officer's day, under /desk.
//!
//! Architecture invariants
//! - Every handler but those of `door` takes [`SignedIn`]: there is no page of the desk without a session.
//! - Who may see or do what is asked of `casework` and `access`; a handler never decides it.
//!
//! Not here: what the pages show (`pages::desk`), and what an act does (`casework`).

mod account;
mod acts;
mod door;
mod entry;
mod people;
mod queue;
mod signed_in;
mod stuck;
mod ticket;
mod timeline;

use super::Web;
use axum::{
    Router,
    routing::{get, post},
};
use signed_in::SignedIn;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/desk", get(queue::show))
        .route("/desk/", get(queue::show))
        .route("/desk/sign-in", get(door::show).post(door::sign_in))
        .route("/desk/sign-out", post(door::sign_out))
        .route("/desk/welcome/{token}", get(door::welcome).post(door::set_password))
        .route("/desk/tickets/{reference}", get(ticket::show))
        .route("/desk/tickets/{reference}/{act}", post(acts::perform).get(acts::back))
        .route("/desk/files/{id}", get(ticket::file))
        .route("/desk/new", get(entry::open).post(entry::log))
        .route("/desk/new/slip", get(entry::slip))
        .route("/desk/people", get(people::show))
        .route("/desk/people/{key}/invite", post(people::invite))
        .route("/desk/inbox", get(stuck::inbox))
        .route("/desk/inbox/{id}/replay", post(stuck::replay))
        .route("/desk/inbox/{id}/raw", get(stuck::raw))
        .route("/desk/outbox", get(stuck::outbox))
        .route("/desk/outbox/{id}/resend", post(stuck::resend))
        .route("/desk/account", get(account::show))
        .route("/desk/account/password", post(account::password))
        .route("/desk/account/absence", post(account::absence))
        .route("/desk/account/language", post(account::language))
}
