//! The signs of health.

use crate::{matter, opened, support::interface::Interface};
use std::time::Duration;

#[tokio::test]
async fn it_lives_and_is_ready_until_the_database_stays_silent() {
    let office = Interface::lite("").await;
    assert_eq!(office.get("/healthz").await.expect(200).text(), "ok");
    assert_eq!(office.get("/readyz").await.expect(200).json()["status"], "ready");
    office.store.close().await;
    office.wait(Duration::from_secs(2));
    office.get("/readyz").await.expect(200);
    office.wait(Duration::from_secs(4));
    assert_eq!(office.get("/readyz").await.expect(503).json()["database"], "does not answer");
    office.get("/healthz").await.expect(200);
    assert!(office.get("/metrics").await.expect(200).text().contains("\ntawasul_database_up 0\n"));
}

#[tokio::test]
async fn the_figures_tell_of_channels_and_queues_and_of_no_person() {
    let office = Interface::lite("").await;
    let reference = opened(&office, &matter()).await;
    office.wait(Duration::from_secs(90));
    let answer = office.get("/metrics").await.expect(200);
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let figures = answer.text();
    for line in [
        "tawasul_database_up 1",
        "tawasul_channel_trouble{channel=\"portal\",account=\"web\"} 0",
        "tawasul_channel_last_received_age_seconds{channel=\"api\"} 90",
        "tawasul_outbox_pending 1",
        "tawasul_outbox_oldest_age_seconds 90",
        "tawasul_outbox_dead 0",
        "# TYPE tawasul_inbox_quarantined gauge",
    ] {
        assert!(figures.lines().any(|shown| shown == line), "{line}\n{figures}");
    }
    for personal in ["khalid", "خالد", reference.as_str()] {
        assert!(!figures.contains(personal), "{figures}");
    }
    let deserted = Interface::deserted("").await;
    deserted.post("/api/v1/tickets", &matter()).await.expect(202);
    assert!(deserted.get("/metrics").await.text().contains("tawasul_inbox_quarantined{channel=\"api\"} 1"));
}
