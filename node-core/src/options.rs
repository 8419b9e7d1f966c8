//! To be written.

/// Stub.
#[derive(Debug)]
pub struct Options;
