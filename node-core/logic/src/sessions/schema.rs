//! The options of protocols: which there are, and how their text is read.

use std::collections::BTreeMap;

use crate::sessions::{Problem, Refused};

/// An option of a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is called.
    pub name: &'static str,
    /// Which values it takes.
    pub kind: FieldKind,
    /// Its value if nobody says; empty: none.
    pub default: &'static str,
    /// What it does, in a sentence.
    pub doc: &'static str,
}

/// Which values an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// One of these.
    Choice(&'static [&'static str]),
    /// A whole number.
    Whole {
        /// The least.
        least: u64,
        /// The most.
        most: u64,
        /// Of what, for people.
        unit: &'static str,
    },
    /// So many texts, separated by commas.
    Texts {
        /// The fewest.
        least: usize,
        /// The most.
        most: usize,
    },
    /// So many amounts from 1 up by name, like `cpu=8, memory=64`.
    Amounts {
        /// The fewest.
        least: usize,
        /// The most.
        most: usize,
        /// The greatest amount.
        greatest: u64,
    },
}

/// Options that were checked, with those that nobody gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options(BTreeMap<String, String>);

impl Options {
    /// Checks options against a schema.
    ///
    /// # Errors
    ///
    /// [`Refused::Option`].
    pub fn new(schema: &[Field], given: &BTreeMap<String, String>) -> Result<Self, Refused> {
        let refused =
            |option: &str, problem| Refused::Option { option: option.to_owned(), problem };
        let known = |key: &&String| schema.iter().any(|field| field.name == **key);
        if let Some(key) = given.keys().find(|key| !known(key)) {
            return Err(refused(key, Problem::Unknown));
        }
        let mut all = BTreeMap::new();
        for field in schema {
            let text = given.get(field.name).map_or(field.default, |text| text.trim());
            if !text.is_empty() {
                field.kind.check(text).map_err(|problem| refused(field.name, problem))?;
            } else if given.contains_key(field.name) && !field.default.is_empty() {
                return Err(refused(field.name, Problem::Missing));
            }
            all.insert(field.name.to_owned(), text.to_owned());
        }
        Ok(Self(all))
    }

    /// All of them, as text.
    #[must_use]
    pub fn texts(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// One as it is; empty if it has no value.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// One as a number, if it has a value.
    #[must_use]
    pub fn whole(&self, name: &str) -> Option<u64> {
        self.text(name).parse().ok()
    }

    /// One as texts.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        parts(self.text(name)).map(ToOwned::to_owned).collect()
    }

    /// One as amounts by name, in the order in which they were given.
    #[must_use]
    pub fn amounts(&self, name: &str) -> Vec<(String, u64)> {
        parts(self.text(name))
            .filter_map(|part| amount(part).ok())
            .map(|(name, amount)| (name.to_owned(), amount))
            .collect()
    }
}

impl FieldKind {
    fn check(self, text: &str) -> Result<(), Problem> {
        match self {
            Self::Choice(choices) if choices.contains(&text) => Ok(()),
            Self::Choice(choices) => {
                let choices = choices.iter().map(|&choice| choice.to_owned()).collect();
                Err(Problem::NoChoice { choices })
            }
            Self::Whole { least, most, .. } => within(whole(text)?, (least, most)),
            Self::Texts { least, most } => {
                let texts: Vec<_> = parts(text).collect();
                check_parts(&texts, (least, most))
            }
            Self::Amounts { least, most, greatest } => {
                let amounts = parts(text).map(amount).collect::<Result<Vec<_>, _>>()?;
                let names: Vec<_> = amounts.iter().map(|(name, _)| *name).collect();
                check_parts(&names, (least, most))?;
                amounts.iter().try_for_each(|(_, amount)| within(*amount, (1, greatest)))
            }
        }
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn whole(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_not: std::num::ParseIntError| Problem::NotWhole)
}

fn within(number: u64, (least, most): (u64, u64)) -> Result<(), Problem> {
    if (least..=most).contains(&number) { Ok(()) } else { Err(Problem::Outside { least, most }) }
}

fn amount(part: &str) -> Result<(&str, u64), Problem> {
    let (name, amount) = part.split_once('=').ok_or(Problem::NoAmount)?;
    let name = name.trim();
    if name.is_empty() {
        return Err(Problem::NoAmount);
    }
    Ok((name, whole(amount.trim())?))
}

/// The most bytes of one part.
const MAX_PART: usize = 64;

fn check_parts(parts: &[&str], (least, most): (usize, usize)) -> Result<(), Problem> {
    if !(least..=most).contains(&parts.len()) {
        return Err(Problem::Parts { least, most });
    }
    if parts.iter().any(|part| part.len() > MAX_PART) {
        return Err(Problem::Long { most: MAX_PART });
    }
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    if sorted.array_windows().any(|[one, next]| one == next) {
        return Err(Problem::Twice);
    }
    Ok(())
}
