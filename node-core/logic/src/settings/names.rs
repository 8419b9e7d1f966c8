//! A choice among names.

use std::{fmt, str::FromStr};

use crate::ids::Name;

/// Names, and beginnings of names that end in `*`, with commas between: `ticker, shop/*`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(Vec<Pattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Whole(Name),
    Beginning(String),
}

/// It is no such choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoNames;

impl Names {
    /// None of them.
    pub const NONE: Self = Self(Vec::new());

    /// Whether `name` is among them.
    #[must_use]
    pub fn has(&self, name: &Name) -> bool {
        self.0.iter().any(|pattern| match pattern {
            Pattern::Whole(whole) => whole == name,
            Pattern::Beginning(beginning) => name.as_str().starts_with(beginning),
        })
    }
}

impl FromStr for Names {
    type Err = NoNames;

    fn from_str(text: &str) -> Result<Self, NoNames> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Pattern {
    type Err = NoNames;

    fn from_str(word: &str) -> Result<Self, NoNames> {
        let Some(beginning) = word.strip_suffix('*') else {
            return Name::new(word).map(Self::Whole).map_err(|_no_name| NoNames);
        };
        // Whatever ends it must make it a name.
        let is_one = beginning.is_empty() || Name::new(&format!("{beginning}x")).is_ok();
        is_one.then(|| Self::Beginning(beginning.to_owned())).ok_or(NoNames)
    }
}

/// As it is read.
impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, pattern) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            match pattern {
                Pattern::Whole(name) => name.fmt(f)?,
                Pattern::Beginning(beginning) => write!(f, "{beginning}*")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for NoNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is names, or beginnings of names with a star, like ticker, shop/*")
    }
}
