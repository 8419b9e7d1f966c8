//! Stub.
/// Stub.
#[derive(Debug)]
pub struct EventStore;
impl EventStore {
    /// Recent events.
    pub const RECENT_CAPACITY: usize = 2_000;
}
