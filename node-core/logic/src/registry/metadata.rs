//! What owners say of their names: fields with one value or several.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::registry::MetadataError;

/// Fields by name.
pub type Metadata = BTreeMap<String, Values>;

/// Fields of one name: each is an entry of the index.
const MAX_FIELDS: usize = 32;
/// Bytes of a field's name.
const MAX_FIELD_LEN: usize = 64;
/// Bytes of all fields and values of one name: it fits a gossip message many times over.
const MAX_SIZE: usize = 4_096;

/// Checks what every node would have to hold.
///
/// # Errors
///
/// The first rule that `metadata` breaks.
pub fn check(metadata: &Metadata) -> Result<(), MetadataError> {
    if metadata.len() > MAX_FIELDS {
        return Err(MetadataError::TooManyFields { count: metadata.len(), max: MAX_FIELDS });
    }
    let odd = |field: &&String| {
        field.is_empty() || field.len() > MAX_FIELD_LEN || field.chars().any(char::is_control)
    };
    if let Some(field) = metadata.keys().find(odd) {
        return Err(MetadataError::Field { field: field.clone() });
    }
    let size = size_of(metadata);
    if size > MAX_SIZE {
        return Err(MetadataError::TooBig { size, max: MAX_SIZE });
    }
    Ok(())
}

/// Bytes of all fields and values.
#[must_use]
pub fn size_of(metadata: &Metadata) -> usize {
    let of = |(field, values): (&String, &Values)| {
        field.len() + values.0.iter().map(String::len).sum::<usize>()
    };
    metadata.iter().map(of).sum()
}

/// The values of a field; in JSON one value is a string and any other number of them a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Values(pub Vec<String>);

impl From<&str> for Values {
    fn from(value: &str) -> Self {
        Self(vec![value.to_owned()])
    }
}

impl From<String> for Values {
    fn from(value: String) -> Self {
        Self(vec![value])
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] if serializer.is_human_readable() => serializer.serialize_str(one),
            values => values.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            One(String),
            Many(Vec<String>),
        }
        if !deserializer.is_human_readable() {
            return Vec::deserialize(deserializer).map(Self);
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::One(value) => Self(vec![value]),
            Either::Many(values) => Self(values),
        })
    }
}
