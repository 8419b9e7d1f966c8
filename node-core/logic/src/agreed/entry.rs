//! What is proposed to the group, and what comes of it.

use serde::{Deserialize, Serialize};

use crate::{
    balancer,
    coordination::{Act, Done, Refused},
    economics,
    guard::{Drawn, Portion, RateReset, Undrawn},
    holding,
    ids::NodeId,
    sessions, settings,
    time::Wall,
};

/// One wish, as it stands in the log. Kinds of wishes and answers are told apart by their place in
/// their lists, so new ones come last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The node whose user wishes it.
    pub actor: NodeId,
    /// When it was wished, by that node's clock.
    pub at: Wall,
    /// Ties a repeated wish to its first answer, if the wisher gave one.
    pub key: Option<Key>,
    /// The group's clock, in nanoseconds, which goes no faster than time; the leader sets it.
    pub clock: u64,
    /// What is wished.
    pub wish: Wish,
}

/// An idempotency key: what a wisher calls one wish, so that asking again, on whichever node, does
/// not do it twice. Two wishers must not choose the same: a UUID serves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// The longest key, in bytes: a UUID with some room.
    pub const MAX_LEN: usize = 64;

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A key of 1 to [`Self::MAX_LEN`] bytes; nothing if `text` is not.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (1..=Self::MAX_LEN).contains(&text.len()).then(|| Self(text.to_owned()))
    }
}

/// A change, by the service that it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wish {
    /// Of a primitive.
    Coordination(Act),
    /// Of the settings.
    Settings(settings::Act),
    /// Of a portion of a rate.
    Portion(Portion),
    /// Of names that one node holds at a time.
    Names(holding::Act),
    /// For a rate to begin anew.
    ResetRate(RateReset),
    /// Of accounts and auctions.
    Economics(economics::Act),
    /// Of sessions.
    Sessions(sessions::Act),
    /// Of tasks.
    Tasks(balancer::Act),
}

/// What a wish did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Granted {
    /// To a primitive.
    Coordination(Done),
    /// To the settings.
    Settings(settings::Done),
    /// Of a rate.
    Drawn(Drawn),
    /// To names.
    Names(holding::Done),
    /// A rate begins anew, by the wish of this number.
    RateReset(u64),
    /// To accounts or an auction.
    Economics(economics::Done),
    /// To sessions.
    Sessions(sessions::Done),
    /// To tasks.
    Tasks(balancer::Done),
}

/// Why a wish was refused, alike on every node. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Denied {
    /// By a primitive.
    #[error(transparent)]
    Coordination(#[from] Refused),
    /// By the settings.
    #[error(transparent)]
    Settings(#[from] settings::Refused),
    /// By the rates.
    #[error(transparent)]
    Undrawn(#[from] Undrawn),
    /// By the names.
    #[error(transparent)]
    Names(#[from] holding::Refused),
    /// By the ledger or an auction.
    #[error(transparent)]
    Economics(#[from] economics::Refused),
    /// By the sessions.
    #[error(transparent)]
    Sessions(#[from] sessions::Refused),
    /// By the tasks.
    #[error(transparent)]
    Tasks(#[from] balancer::Refused),
}

/// What became of an entry; a refused one changed nothing.
pub type Outcome = Result<Granted, Denied>;

impl Entry {
    /// The leader takes it in, while the clock of the group is at `clock`.
    pub fn taken_in(&mut self, clock: u64) {
        self.clock = clock;
        if let Wish::Portion(portion) = &mut self.wish {
            portion.clock = clock;
        }
    }
}

impl Wish {
    /// Whether a member may ask for it: some are for the group's leader alone to say.
    #[must_use]
    pub fn is_open_to(&self, member: NodeId) -> bool {
        match self {
            Self::Coordination(act) => act.is_open_to(member),
            Self::Settings(_)
            | Self::Portion(_)
            | Self::Names(_)
            | Self::ResetRate(_)
            | Self::Economics(_)
            | Self::Sessions(_)
            | Self::Tasks(_) => true,
        }
    }
}

impl From<Act> for Wish {
    fn from(act: Act) -> Self {
        Self::Coordination(act)
    }
}

impl From<Portion> for Wish {
    fn from(portion: Portion) -> Self {
        Self::Portion(portion)
    }
}

impl From<RateReset> for Wish {
    fn from(reset: RateReset) -> Self {
        Self::ResetRate(reset)
    }
}

impl From<settings::Act> for Wish {
    fn from(act: settings::Act) -> Self {
        Self::Settings(act)
    }
}

impl From<holding::Act> for Wish {
    fn from(act: holding::Act) -> Self {
        Self::Names(act)
    }
}

impl From<economics::Act> for Wish {
    fn from(act: economics::Act) -> Self {
        Self::Economics(act)
    }
}

impl From<sessions::Act> for Wish {
    fn from(act: sessions::Act) -> Self {
        Self::Sessions(act)
    }
}

impl From<balancer::Act> for Wish {
    fn from(act: balancer::Act) -> Self {
        Self::Tasks(act)
    }
}
