//! Stub.
/// Stub.
#[derive(Debug)]
pub struct Comms;
