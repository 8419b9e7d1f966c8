//! What is told within a minute, where much may happen: some of each name, and some of all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::Name;

/// What was told within a minute, by a clock in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minute {
    began: u64,
    told: u32,
    /// Of each name, how many were told and how many left out.
    names: BTreeMap<Name, (u32, u64)>,
    /// Left out, of names that are not counted apart.
    others: u64,
}

/// What becomes of one more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is told.
    Told,
    /// It is the first that is left out, of one name or of all that are not counted apart: that is
    /// told.
    FirstOmitted(Option<Name>),
    /// It is left out.
    Omitted,
}

impl Minute {
    /// Events of one name that are told within a minute: thirty turns of a lock.
    pub const MOST_OF_ONE: u32 = 60;
    /// Events of all names that are told within a minute: every node keeps each for a month.
    pub const MOST: u32 = 1_000;
    const LENGTH: u64 = 60_000_000_000;

    /// Begins anew if the minute is over at `clock`; what it left out, of which name and how many.
    pub fn advance(&mut self, clock: u64) -> Vec<(Option<Name>, u64)> {
        if clock < self.ends() {
            return Vec::new();
        }
        let over = std::mem::take(self);
        self.began = clock;
        let named = over.names.into_iter().filter(|(_, (_, omitted))| *omitted > 0);
        let named = named.map(|(name, (_, omitted))| (Some(name), omitted));
        named.chain((over.others > 0).then_some((None, over.others))).collect()
    }

    /// When it is over.
    #[must_use]
    pub fn ends(&self) -> u64 {
        self.began.saturating_add(Self::LENGTH)
    }

    /// Whether something was left out.
    #[must_use]
    pub fn omits(&self) -> bool {
        self.others > 0 || self.names.values().any(|(_, omitted)| *omitted > 0)
    }

    /// Counts one more of `name`.
    pub fn count(&mut self, name: Name) -> Verdict {
        let full = self.told >= Self::MOST;
        if full && !self.names.contains_key(&name) {
            self.others += 1;
            return if self.others == 1 { Verdict::FirstOmitted(None) } else { Verdict::Omitted };
        }
        let (told, omitted) = self.names.entry(name.clone()).or_default();
        if !full && *told < Self::MOST_OF_ONE {
            *told += 1;
            self.told += 1;
            return Verdict::Told;
        }
        *omitted += 1;
        if *omitted == 1 { Verdict::FirstOmitted(Some(name)) } else { Verdict::Omitted }
    }
}
