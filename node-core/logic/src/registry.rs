//! Names: who owns each, out of the claims that nodes make, and how they are found.
//!
//! A name is a claim of one node. Its owner is a pure function of the claims of the nodes that are
//! present (`entry::Claims::owner`): the higher fencing epoch, then the earlier claim (the
//! incumbent stays), then the smaller node id. So two halves of a split cluster that claimed one name
//! agree as soon as they see each other's claims, without a vote; the loser is told who won and why,
//! and withdraws. A [`Backend`] for each namespace says how far its claims travel.
//!
//! # Invariants
//!
//! - **N1 One winner.** Nodes that hold the same claims and see the same nodes name the same owner.
//! - **N2 Withdrawn.** A node that sees a better claim than its own withdraws its own.
//! - **N3 Own life only.** A claim counts only while its node is present in the incarnation that
//!   made it, or while its lease runs if the group granted it, and one made for an agent only while
//!   that agent runs.
//! - **N4 Exact index.** What a search finds is what reading every name would find, at any moment.
//! - **N5 In order.** A watcher sees every change of a name in order, or is told what it missed.
//!
//! `registry/tests` and `tests/simulation/registry.rs` check all five.
//!
//! # Not here
//!
//! How claims travel: `replica`. What the group grants: `holding`. What runs under a name:
//! `supervision`.

mod asking;
mod backend;
mod changes;
mod claiming;
mod command;
mod entry;
mod error;
mod granted;
mod group;
mod index;
mod machine;
mod metadata;
mod namespace;
mod query;
mod settling;
#[cfg(test)]
mod tests;
mod view;
mod waits;

pub use backend::Backend;
pub use changes::{Changes, MAX_CHANGES_PAGE};
pub use command::{NameCommand, NameOutcome};
pub use entry::Precedence;
pub use error::{MetadataError, NameError, QueryError};
pub use group::Groups;
pub use index::Index;
pub use machine::Registry;
pub use metadata::{Metadata, Values, check, size_of};
pub use query::{Query, Term};
pub use view::{
    ChangeKind, ChangeView, Count, HeldView, MemberView, NameState, NameView, NamespaceView,
    NodeNames, Page,
};
