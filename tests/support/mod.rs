//! What the tests of the whole share: real and pretended servers around the service.
#![allow(dead_code)]

pub mod dovecot;
pub mod recorder;
pub mod smtp_sink;
