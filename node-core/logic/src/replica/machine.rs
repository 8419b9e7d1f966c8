//! Stub.
/// Stub.
#[derive(Debug)]
pub struct Replica;
/// Stub.
#[derive(Debug)]
pub struct Presences;
