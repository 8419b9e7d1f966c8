//! What a node keeps on disk: its profile, the shared values, the events, the addresses it knew.
//!
//! One SQLite database in write-ahead mode. One task holds the one connection that writes; it
//! commits what is queued together, and tells of an append only when its commit is on disk. Readers
//! have connections of their own and never wait for it.
//!
//! # Invariants
//!
//! - **S1 Whole.** The records of one append are on disk all or none.
//! - **S2 Ordered.** What a later append says replaces what an earlier one said, and is never on
//!   disk without it.
//! - **S3 Honest.** An append is acknowledged after its commit was synced. Once one has failed, every
//!   later one fails, until the disk takes all of them in their order: then all are acknowledged.
//! - **S5 Contiguous.** Of each node's events those from its first to its last are on disk, without
//!   gaps; old ones go from the first on.
//! - **S4 Careful.** A damaged database, or one of a later Covey, is refused and left as it is.
//! - **S6 Never again.** An incarnation and the number of an event are in the keepsake beside the
//!   database before anyone hears of them, so that a node whose database is lost repeats none.
//!
//! # Not here
//!
//! The lock that keeps two nodes out of one folder, and what to do with a damaged database: the
//! driver.

mod aside;
mod error;
mod events;
mod expire;
mod follow;
mod keepsake;
mod load;
mod open;
mod query;
mod rows;
mod schema;
mod seal;
mod sound;
mod survey;
#[cfg(test)]
mod tests;
mod writer;

pub use aside::{SetAside, SetAsideError, set_aside};
pub use error::{Damage, ReadError, StoreError, StoreTrouble};
pub use follow::{Followed, Gap, NotAPosition, Position};
pub use open::{Edge, KnownAddresses, Loaded, Store};
pub use query::{Cursor, EventPage, EventQuery, NotACursor, Order};
pub use survey::{EventCheck, EventStatistics, OriginStatistics};
pub use writer::StoreEvent;
