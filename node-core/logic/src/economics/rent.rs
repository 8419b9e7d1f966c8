//! What agents pay for where they run: their placement, by the minute.
//!
//! Who wants an agent run for pay gives an **order**: the most that its owner pays for a minute. The
//! steward of the agent, which placed it where the standing ask was lowest, **awards** it to that
//! node at the second price, and the first minute is set aside. At the end of each minute it says
//! whether the agent ran there: then the minute is paid, and the next one set aside; if not, it goes
//! back. Where a place ends within a minute, what was run of it is paid, in whole credits rounded
//! down. An agent whose next minute nobody can pay has no place from there on.
//!
//! The log knows who gave the order, so nobody's credits are promised by another. Whether an agent ran
//! is the word of its steward, which is trusted as a member; and no minute is paid for more than a
//! minute of the group's clock.

mod act;
mod error;
mod machine;
mod rounds;

pub use act::{Act, Done, Site};
pub use error::Refused;
pub use machine::{Order, Rental, Rents};
pub use rounds::{Tenant, Tenants};
