//! Settings: what there is to set, and what the cluster agreed to set it to.
//!
//! The schema says of each setting what it does, which values it takes and where it may be set. What
//! is set for all nodes or for one follows from the log ([`Settings::apply`]); a node puts its own
//! file below that and what was set on it while it runs above, and takes the highest ([`Sources`]).
//!
//! # Invariants
//!
//! - **T1 All or nothing.** Of the changes in one act either every one is made or none, and what
//!   the act changed is one version.
//! - **T2 Alike.** A value that this version of Covey knows is checked by its schema on every node
//!   alike, whoever proposed it. A key that it does not know is kept, shown and never applied: a
//!   newer node set it. So the bounds of a key never change; other bounds take another key.
//! - **T3 Back.** Every version that is remembered can be returned to, in one step.
//! - **T4 Bounded.** Keys, values, changes in an act and versions have bounds, and who is refused for
//!   one is told.
//! - **T5 Effective.** What is in the schema has an effect, and a test for each shows it.
//!
//! T1–T4 are checked by `settings/tests`, T5 by `node-core/src/settings/tests`.
//!
//! # Not here
//!
//! What takes effect outside the node, what is set on a running node alone, and changes that wait
//! for a majority: `covey_node::settings`.

mod act;
mod error;
mod kind;
mod layer;
mod machine;
mod names;
mod schema;
mod span;
#[cfg(test)]
mod tests;
mod version;
mod view;

pub use act::{Act, Change, Done, Outcome, Place};
pub use error::{Problem, Refused};
pub use kind::{Kind, Level, Value};
pub use layer::{Layer, Resolved, Sources};
pub use machine::Settings;
pub use names::{Names, NoNames};
pub use schema::{SCHEMA, Scope, Setting, Values, setting};
pub use span::{parse_span, write_span};
pub use version::{Edit, Held, How, Mark, Version};
pub use view::{EditView, KindView, LayerView, SettingView, StrangerView, VersionView};
