//! A form filled in a real browser.
