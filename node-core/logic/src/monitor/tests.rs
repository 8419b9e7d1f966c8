//! What is measured, kept and worth an alert.

mod histogram;
mod judge;
mod recorder;
mod watch;
