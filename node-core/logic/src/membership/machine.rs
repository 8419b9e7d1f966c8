//! Stub.
/// Stub.
#[derive(Debug)]
pub struct Membership;
impl Membership {
    /// x
    pub const SILENCE_TIMEOUT: std::time::Duration = std::time::Duration::from_millis(6_500);
}
