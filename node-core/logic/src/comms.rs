//! Where messages for a name go.
//!
//! A route is published whenever the owner of a name changes; the shell keeps the routes in a table
//! that callers read without asking the node, because agent messages must not wait for it.
//!
//! # Not here
//!
//! Who owns a name: `registry`. The bytes: the shell's fabric.

mod machine;
mod route;

pub use machine::Comms;
pub use route::Route;
