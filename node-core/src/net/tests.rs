//! Nets on loopback, with real sockets; multicast stays off.

#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::needless_pass_by_value,
    reason = "a test looks for one event among all that come"
)]

mod fabric;
mod lobby;
mod sources;
mod stranger;
mod support;
