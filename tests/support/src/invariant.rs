//! What must hold, one property a file. Each looks at the whole world from outside and says what it
//! found, or nothing.

pub mod agreement;
pub mod contiguous;
pub mod converged;
pub mod durable;
pub mod events;
pub mod one_copy;
pub mod one_holder;
pub mod one_winner;
pub mod watched;

use std::fmt;

use crate::world::World;

/// A property that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which property.
    pub invariant: &'static str,
    /// What was found.
    pub found: String,
}

impl Violation {
    /// What was found against `invariant`.
    #[must_use]
    pub fn new(invariant: &'static str, found: String) -> Self {
        Self { invariant, found }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.found)
    }
}

impl std::error::Error for Violation {}

/// A property.
pub type Invariant = fn(&World) -> Result<(), Violation>;

/// Every property that holds once faults have ended and the cluster had time to settle.
pub const ALL: [Invariant; 7] = [
    agreement::check,
    converged::check,
    one_winner::check,
    one_copy::check,
    durable::check,
    events::check,
    watched::check,
];

/// Checks every property.
///
/// # Errors
///
/// The first that does not hold.
pub fn check(world: &World) -> Result<(), Violation> {
    ALL.iter().try_for_each(|invariant| invariant(world))
}
