//! A Covey node: how it happens what `covey_logic` decides.
//!
//! The driver opens the data folder, starts the networks ([`net`]), the store ([`store`]) and the
//! runtimes ([`host`]), and runs the one event loop ([`driver`]) that feeds a
//! [`covey_logic::Node`] and does what it says. What a program or a person may ask of it is a
//! [`NodeHandle`]; [`control`] puts that behind typed commands, over HTTP and over the desktop's
//! IPC.
//!
//! `net`, `store` and `host` never import each other; only the driver joins them.

pub mod archive;
mod balancer;
mod chronicle;
pub mod cli;
pub mod clock;
pub mod comms;
pub mod consensus;
pub mod control;
pub mod doctor;
pub mod driver;
pub mod entropy;
mod guard;
pub mod handle;
pub mod host;
pub mod logging;
pub mod market;
pub mod monitor;
pub mod net;
pub mod options;
mod sessions;
pub mod settings;
mod sharded;
mod stewardship;
pub mod store;
pub mod volume;

pub use handle::{NodeHandle, Views};
pub use options::Options;
