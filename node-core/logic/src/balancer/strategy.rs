//! Who gets the next task.
//!
//! A strategy is one file beside the others and one line in the list below: its name on the wire,
//! on the command line and in the panel, and what is said of it, follow from that.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Chance, Slot, Worker};
use crate::{credits::Credits, ids::Name};

/// An agent as a strategy sees it.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Its name.
    pub name: &'a Name,
    /// What is known of it.
    pub worker: &'a Worker,
    /// Tasks it was chosen for since it is in the pool.
    pub assigned: u64,
    /// The number of the choice that last fell on it: of two that are alike, who was chosen longer
    /// ago comes first.
    pub turn: u64,
}

/// Chooses among those who may take a task.
pub trait Strategy: fmt::Debug + Send {
    /// One may take tasks, and is like this; said again whenever it changes.
    fn offer(&mut self, slot: Slot, standing: Standing<'_>);

    /// One takes no more tasks for now.
    fn withdraw(&mut self, slot: Slot);

    /// Who takes the next task; none if nobody may.
    fn choose(&mut self, chance: &mut Chance) -> Option<Slot>;

    /// Who takes the next task, for which `most` is paid at most, and at which price. Nobody, where
    /// nothing is asked: the log takes no task that pays then.
    fn award(&mut self, most: Credits) -> Award {
        let _ = most;
        Award::Nobody
    }
}

/// What came of offers for one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Award {
    /// It has a taker.
    Won {
        /// Who.
        slot: Slot,
        /// What is paid once the task is done.
        price: Credits,
    },
    /// All ask for more than is paid.
    TooDear {
        /// The lowest ask.
        least: Credits,
    },
    /// Nobody asks for anything.
    Nobody,
}

/// Makes the list of strategies, and what follows from it.
macro_rules! strategies {
    ($($(#[$mark:meta])? $kind:ident $module:ident $label:literal;)*) => {
        $(mod $module;)*

        /// Which strategy. Told apart in the log by its place in the list, so a new one comes last.
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum StrategyKind {
            $($(#[$mark])? #[doc = $label] $kind,)*
        }

        impl StrategyKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// Its word on the wire and on the command line.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($module),)*
                }
            }

            /// What it does, in a sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$kind => $module::ABOUT,)*
                }
            }

            /// Its name for people.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$kind => $label,)*
                }
            }

            /// One that knows nobody yet.
            #[must_use]
            pub fn build(self) -> Box<dyn Strategy> {
                match self {
                    $(Self::$kind => Box::<$module::Chooser>::default(),)*
                }
            }
        }
    };
}

strategies! {
    RoundRobin round_robin "Round robin";
    LeastLoaded least_loaded "Least loaded";
    #[default] PowerOfTwo power_of_two "Power of two choices";
    Capability capability "Most specialised";
    Performance performance "By performance";
    Auction auction "By auction";
}

impl StrategyKind {
    /// The one that `word` names.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

impl fmt::Display for StrategyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
