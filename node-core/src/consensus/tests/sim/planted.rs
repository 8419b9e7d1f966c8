//! Bugs planted around the group: the checks must find each.

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::consensus::tests) enum Planted {
    /// The disk acknowledges what it writes a while later.
    EarlyAcknowledgement,
    /// Who believes to lead answers a read from what it holds, and asks nobody.
    StaleLeader,
    /// A wish that the leader has on its own disk is taken for done.
    LeaderAlone,
}
