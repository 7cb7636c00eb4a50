//! The vital signs as gauges in Prometheus' text format
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use crate::{casework::VitalSigns, channel::AccountHealth, domain::At};
use std::fmt::Write;

/// One line: its labels and its value.
type Line<'a> = (Vec<(&'static str, &'a str)>, f64);

/// Appends the gauges. `Err`: the database did not answer, and only what needs none is known.
pub fn write(text: &mut String, signs: &Result<VitalSigns, VitalSigns>) {
    let up = f64::from(u8::from(signs.is_ok()));
    gauge(text, "tawasul_database_up", "Whether the database answers.", vec![(Vec::new(), up)]);
    let (Ok(known) | Err(known)) = signs;
    accounts(text, known);
    if let Ok(signs) = signs {
        stored(text, signs);
    }
}

fn lines(signs: &VitalSigns, value: fn(&AccountHealth, At) -> Option<f64>) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for (channel, health) in &signs.accounts {
        let labels = vec![("channel", channel.as_str()), ("account", health.account.as_str())];
        lines.extend(value(health, signs.now).map(|value| (labels, value)));
    }
    lines
}

fn accounts(text: &mut String, signs: &VitalSigns) {
    let trouble = lines(signs, |health, _| Some(f64::from(u8::from(health.trouble.is_some()))));
    gauge(text, "tawasul_channel_trouble", "Whether an account of a channel is in trouble now.", trouble);
    let moment = lines(signs, |health, _| health.last_success.map(|at| at.micros() as f64 / 1e6));
    gauge(text, "tawasul_channel_last_success_timestamp_seconds", "When the network last answered us well.", moment);
    let age = lines(signs, |health, now| health.last_success.map(|at| now.since(at).as_secs_f64()));
    gauge(text, "tawasul_channel_last_success_age_seconds", "How long ago that was.", age);
}

fn stored(text: &mut String, signs: &VitalSigns) {
    let received = signs.last_received.iter();
    let lag = received.map(|(channel, at)| (vec![("channel", channel.as_str())], signs.now.since(*at).as_secs_f64())).collect();
    gauge(text, "tawasul_channel_last_received_age_seconds", "How long ago a channel last took a message in.", lag);
    let quarantined = signs.quarantined.iter().map(|(channel, count)| (vec![("channel", channel.as_str())], *count as f64)).collect();
    gauge(text, "tawasul_inbox_quarantined", "Messages that wait for a person.", quarantined);
    gauge(text, "tawasul_outbox_pending", "Notices that wait to be sent.", vec![(Vec::new(), signs.pending as f64)]);
    let waiting = signs.oldest.map_or(0.0, |oldest| signs.now.since(oldest).as_secs_f64());
    gauge(text, "tawasul_outbox_oldest_age_seconds", "How long the oldest of them waits; 0 when none does.", vec![(Vec::new(), waiting)]);
    gauge(text, "tawasul_outbox_dead", "Notices that were given up and wait for a person.", vec![(Vec::new(), signs.dead as f64)]);
}

fn gauge(text: &mut String, name: &str, about: &str, lines: Vec<Line<'_>>) {
    let _ = writeln!(text, "# HELP {name} {about}\n# TYPE {name} gauge");
    for (labels, value) in lines {
        let labels: Vec<String> = labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
