//! The contract of the channels: one suite that every channel runs, each with a stand-in for its network.
//!
//! To add a channel: a file here with its [`suite::Rig`], and one test that calls [`suite::run`].

mod email;
mod portal;
#[path = "../receiver/mod.rs"]
mod receiver;
mod sandbox;
mod suite;
#[path = "../support/mod.rs"]
mod support;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_portal_keeps_the_contract() {
    let rig = portal::PortalRig::new().await;
    suite::run(&rig).await;
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e_mail_keeps_the_contract() {
    let Some(rig) = email::EmailRig::new().await else { return };
    suite::run(&rig).await;
}

/// A channel that is forgotten here would keep no contract.
#[test]
fn every_channel_there_is_has_a_rig() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let channels = std::fs::read_dir(folder.join("src/channel")).expect("the channels").filter_map(|entry| {
        let path = entry.expect("an entry").path();
        path.is_dir().then(|| path.file_name().expect("a name").to_string_lossy().into_owned())
    });
    for channel in channels {
        assert!(folder.join(format!("tests/contract/{channel}.rs")).is_file(), "tests/contract has no rig for the channel {channel}");
    }
}
