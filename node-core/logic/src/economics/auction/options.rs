//! What can be chosen in an auction of a kind: whole numbers with a name, a unit and bounds.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    credits::Credits,
    economics::auction::{Kind, Refused},
};

/// One option of a kind. The command line, the panel's form and the documentation are made from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionSpec {
    /// Its name.
    pub name: &'static str,
    /// What its number counts.
    pub unit: Unit,
    /// What it is if nobody says; none: it has to be given.
    pub default: Option<u64>,
    /// The least that it may be.
    pub least: u64,
    /// The most.
    pub most: u64,
    /// What it does, in a sentence.
    pub doc: &'static str,
}

/// What the number of an option counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "AuctionUnit")]
pub enum Unit {
    /// Credits.
    Credits,
    /// Milliseconds.
    Ms,
}

impl OptionSpec {
    /// An amount of credits that may be left out.
    #[must_use]
    pub const fn credits(name: &'static str, default: Option<u64>, doc: &'static str) -> Self {
        let least = if let Some(least @ 0) = default { least } else { 1 };
        let most = (1 << 53) - 1;
        Self { name, unit: Unit::Credits, default, least, most, doc }
    }

    /// A span of time.
    #[must_use]
    pub const fn ms(
        name: &'static str,
        default: u64,
        (least, most): (u64, u64),
        doc: &'static str,
    ) -> Self {
        Self { name, unit: Unit::Ms, default: Some(default), least, most, doc }
    }
}

/// What was chosen, complete and within bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options(BTreeMap<&'static str, u64>);

impl Options {
    /// Completes what was given for a kind.
    ///
    /// # Errors
    ///
    /// [`Refused::NoOption`] and [`Refused::OptionBounds`].
    pub fn new(kind: &Kind, given: &BTreeMap<String, u64>) -> Result<Self, Refused> {
        let known = |name: &String| kind.options.iter().any(|option| option.name == name);
        if let Some(option) = given.keys().find(|name| !known(name)) {
            return Err(Refused::NoOption { kind: kind.name.to_owned(), option: option.clone() });
        }
        let mut chosen = BTreeMap::new();
        for option in kind.options {
            let value = given.get(option.name).copied().or(option.default);
            let bounds = option.least..=option.most;
            let Some(value) = value.filter(|value| bounds.contains(value)) else {
                return Err(Refused::OptionBounds {
                    option: option.name.to_owned(),
                    value: given.get(option.name).copied().unwrap_or_default(),
                    least: option.least,
                    most: option.most,
                });
            };
            chosen.insert(option.name, value);
        }
        Ok(Self(chosen))
    }

    /// Credits that an option says.
    #[must_use]
    pub fn credits(&self, name: &str) -> Credits {
        self.0.get(name).and_then(|some| Credits::new(*some).ok()).unwrap_or_default()
    }

    /// A span that an option says, in nanoseconds.
    #[must_use]
    pub fn nanos(&self, name: &str) -> u64 {
        let ms = self.0.get(name).copied().unwrap_or_default();
        u64::try_from(Duration::from_millis(ms).as_nanos()).unwrap_or(u64::MAX)
    }
}
