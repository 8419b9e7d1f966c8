//! Judging one peer.

/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct Phi;
/// Stub.
#[derive(Clone, Copy, Debug)]
pub enum PeerState {
    /// x
    A,
}
