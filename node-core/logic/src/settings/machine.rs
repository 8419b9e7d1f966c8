//! What is set, and how entries change it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::{
    ids::Name,
    settings::{
        Act, Change, Done, Edit, Held, How, Mark, Outcome, Place, Problem, Refused, Scope, Version,
        setting,
    },
};

/// What the cluster agreed to set, and its last versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    values: BTreeMap<(Place, Name), Held>,
    /// The oldest first.
    versions: VecDeque<Version>,
    /// The last version that is not remembered any more.
    forgotten: u64,
}

/// What is set at each place, without who set it.
type Texts = BTreeMap<(Place, Name), String>;

impl Settings {
    /// Values that are set, over all places.
    pub const CAPACITY: usize = 2_000;
    /// Changes in one act.
    pub const CHANGES: usize = 100;
    /// Versions that are remembered, unless their edits together are more than [`Self::EDITS`].
    pub const HISTORY: usize = 100;
    /// Edits that are remembered, over all versions but the last: five megabytes at most,
    /// if each were as long as can be.
    pub const EDITS: usize = 4_000;
    /// Bytes of a value: some ten rules of rates.
    pub const MAX_LEN: usize = 512;

    /// Carries out an act of the entry that `mark` names, which is later than every one before.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn apply(&mut self, mark: Mark, act: Act) -> Outcome {
        let (Act::Change { expected, .. }
        | Act::RollBack { expected, .. }
        | Act::Reset { expected }) = act;
        let version = self.version();
        if expected.is_some_and(|expected| expected != version) {
            return Err(Refused::Conflict { version });
        }
        let (wanted, how) = match act {
            Act::Change { changes, .. } => (self.with(changes)?, How::Changed),
            Act::RollBack { to, .. } => (self.as_of(to)?, How::RolledBack { to }),
            Act::Reset { .. } => (Texts::new(), How::Reset),
        };
        if wanted.len() > Self::CAPACITY {
            return Err(Refused::Full { capacity: Self::CAPACITY });
        }
        Ok(self.become_version(mark, how, &wanted))
    }

    /// The last version; nought before the first.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.versions.back().map_or(self.forgotten, |version| version.mark.version)
    }

    /// The versions that are remembered, the oldest first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = &Version> {
        self.versions.iter()
    }

    /// What is set at each place.
    pub fn values(&self) -> impl Iterator<Item = (Place, &Name, &Held)> {
        self.values.iter().map(|((place, key), held)| (*place, key, held))
    }

    /// What a setting is set to at a place.
    #[must_use]
    pub fn value(&self, place: Place, key: &Name) -> Option<&Held> {
        self.values.get(&(place, key.clone()))
    }

    /// What differs between two versions: `old` in the first, `new` in the second.
    ///
    /// # Errors
    ///
    /// [`Refused::NoVersion`].
    pub fn diff(&self, from: u64, to: u64) -> Result<Vec<Edit>, Refused> {
        Ok(edits(&self.as_of(from)?, &self.as_of(to)?))
    }

    /// Checks changes as every node does, and that this Covey knows their keys, which only the node
    /// does where they are made.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn check(changes: &[Change]) -> Result<(), Refused> {
        let unknown = changes.iter().find(|change| setting(change.key.as_str()).is_none());
        if let Some(Change { key, .. }) = unknown {
            return Err(Refused::Unknown { key: key.clone() });
        }
        Self::default().with(changes.to_vec()).map(drop)
    }

    fn texts(&self) -> Texts {
        self.values.iter().map(|(at, held)| (at.clone(), held.value.clone())).collect()
    }

    /// What would be set after `changes`.
    fn with(&self, changes: Vec<Change>) -> Result<Texts, Refused> {
        if changes.is_empty() {
            return Err(Refused::Nothing);
        }
        if changes.len() > Self::CHANGES {
            return Err(Refused::Full { capacity: Self::CHANGES });
        }
        let (mut texts, mut seen) = (self.texts(), BTreeSet::new());
        for Change { key, place, value } in changes {
            if !seen.insert((place, key.clone())) {
                return Err(Refused::Twice { key });
            }
            let Some(value) = value else {
                texts.remove(&(place, key));
                continue;
            };
            let value = checked(&key, place, value)?;
            texts.insert((place, key), value);
        }
        Ok(texts)
    }

    /// What was set after `version`.
    fn as_of(&self, version: u64) -> Result<Texts, Refused> {
        let known = version == self.forgotten
            || self.versions.iter().any(|there| there.mark.version == version);
        if !known {
            return Err(Refused::NoVersion { version });
        }
        let mut texts = self.texts();
        for later in self.versions.iter().rev().take_while(|later| later.mark.version > version) {
            for Edit { place, key, old, .. } in &later.edits {
                let at = (*place, key.clone());
                match old {
                    Some(old) => texts.insert(at, old.clone()),
                    None => texts.remove(&at),
                };
            }
        }
        Ok(texts)
    }

    fn become_version(&mut self, mark: Mark, how: How, wanted: &Texts) -> Done {
        let edits = edits(&self.texts(), wanted);
        let changed = u32::try_from(edits.len()).unwrap_or(u32::MAX);
        if edits.is_empty() {
            return Done { version: self.version(), changed };
        }
        for Edit { place, key, new, .. } in &edits {
            let at = (*place, key.clone());
            match new {
                Some(value) => self.values.insert(at, Held { value: value.clone(), mark }),
                None => self.values.remove(&at),
            };
        }
        self.versions.push_back(Version { mark, how, edits });
        self.forget();
        Done { version: mark.version, changed }
    }

    fn forget(&mut self) {
        let mut edits: usize = self.versions.iter().map(|version| version.edits.len()).sum();
        while self.versions.len() > 1
            && (self.versions.len() > Self::HISTORY || edits > Self::EDITS)
            && let Some(oldest) = self.versions.pop_front()
        {
            edits -= oldest.edits.len();
            self.forgotten = oldest.mark.version;
        }
    }
}

/// The value as it is kept, if it may be set there.
fn checked(key: &Name, place: Place, value: String) -> Result<String, Refused> {
    let refused = |value, problem| Err(Refused::Invalid { key: key.clone(), value, problem });
    if value.len() > Settings::MAX_LEN {
        let end = value.floor_char_boundary(Settings::MAX_LEN);
        let shown = value.get(..end).unwrap_or_default().to_owned();
        return refused(shown, Problem::Long { capacity: Settings::MAX_LEN });
    }
    let Some(setting) = setting(key.as_str()) else { return Ok(value) };
    if setting.scope == Scope::Cluster && place != Place::Cluster {
        return Err(Refused::NotHere { key: key.clone() });
    }
    match setting.kind.parse(&value) {
        Ok(value) => Ok(value.to_string()),
        Err(problem) => refused(value, problem),
    }
}

/// What differs, by place and key.
fn edits(old: &Texts, new: &Texts) -> Vec<Edit> {
    let at: BTreeSet<&(Place, Name)> = old.keys().chain(new.keys()).collect();
    let edit = |at: &(Place, Name)| {
        let (old, new) = (old.get(at).cloned(), new.get(at).cloned());
        (old != new).then(|| Edit { place: at.0, key: at.1.clone(), old, new })
    };
    at.into_iter().filter_map(edit).collect()
}
