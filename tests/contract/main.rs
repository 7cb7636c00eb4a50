//! The contract of the channels: one suite that every channel runs, each with a stand-in for its network.
//!
//! To add a channel: a file here with its [`suite::Rig`], and one test that calls [`suite::run`].

#[path = "../receiver/mod.rs"]
mod receiver;
mod sandbox;
mod suite;
mod webhook;

#[tokio::test]
async fn the_sandbox_keeps_the_contract() {
    suite::run(&sandbox::SandboxRig::new()).await;
}

#[tokio::test]
async fn the_webhook_keeps_the_contract_towards_its_sources() {
    suite::run(&webhook::WebhookRig::answering_senders().await).await;
}

#[tokio::test]
async fn the_webhook_keeps_the_contract_towards_its_targets() {
    suite::run(&webhook::WebhookRig::telling_targets().await).await;
}
