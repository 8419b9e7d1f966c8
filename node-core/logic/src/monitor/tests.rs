//! What is measured, kept and worth an alert.

mod histogram;
mod recorder;
mod watch;
