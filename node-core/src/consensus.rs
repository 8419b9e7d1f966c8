//! The Raft group of a cluster: in which order entries are taken in, and by whom.
//!
//! [openraft] decides; this module gives it a disk, a state
//! ([`Agreed`](covey_logic::agreed::Agreed)), the fabric as a network, and a keeper that chooses the
//! voters. Each cluster that a node was ever in has a folder of its own: the group of a cluster that
//! it left stays there as it was.
//!
//! # Invariants
//!
//! - **G1 One group.** A group is founded by the founder of its cluster alone, once; everybody else
//!   is let in by its leader.
//! - **G2 Durable.** Nothing is acknowledged before a majority of the voters has it on disk.
//! - **G3 Never silent.** A wish ends by its deadline: done, refused, not begun, or unknown.
//! - **G4 No needless elections.** Who does not see a majority of the voters stands for nothing, so
//!   that a node that was cut off or slept comes back without raising the term.
//! - **G5 An identity is a disk.** A node whose file is gone has another number in the group, and
//!   counts as new.
//! - **G7 What was damaged is not believed.** A store that does not hold what was written is set aside
//!   and the others fill an empty one; where there are no others, nothing is set aside unasked.
//! - **G6 As if there were one.** Wishes and reads of all members are linearizable.
//!
//! Checked by `consensus/tests.rs`, by seeds in `consensus/tests/linear.rs`, and on real processes in
//! `tests/cluster/{agreement,histories}.rs`.
//!
//! [openraft]: https://docs.rs/openraft

mod agreement;
mod answers;
mod batch;
mod calls;
mod clock;
mod copies;
mod disk;
mod error;
mod follow;
mod group;
mod keeper;
mod leaving;
mod log;
mod network;
mod packet;
mod recovery;
mod state;
#[cfg(test)]
mod tests;
mod trouble;
mod types;
mod view;

pub use agreement::Agreement;
pub use calls::Carrier;
pub use error::{ConsensusError, ProposeError};
pub use follow::Beginning;
pub use group::Group;
pub use keeper::{Notes, Surroundings, Thresholds};
pub use recovery::{Recovery, RecoveryError};
pub use trouble::{SetAsideError, Trouble};
pub use types::Lineage;
pub use view::{GroupView, RaftMemberView, Standing};
