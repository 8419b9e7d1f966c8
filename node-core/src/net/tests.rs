//! Nets on loopback, with real sockets; multicast stays off.

mod fabric;
mod lobby;
mod stranger;
mod support;
