//! Enums that carry their kind as a field in JSON, which postcard cannot express.
//!
//! They travel and are stored as JSON text. These are the values that outlive a version (what an
//! agent is, what happened), and in JSON a field that a later version adds does not make the older
//! values unreadable.

use serde::{Deserialize as _, Deserializer, Serialize, Serializer, de::DeserializeOwned};

/// Writes `value` as it is for people, and as JSON text on the wire.
///
/// # Errors
///
/// Those of the serialiser.
pub fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    use serde::ser::Error as _;
    if serializer.is_human_readable() {
        return value.serialize(serializer);
    }
    let text = serde_json::to_string(value).map_err(S::Error::custom)?;
    serializer.serialize_str(&text)
}

/// Reads what [`serialize`] wrote.
///
/// # Errors
///
/// Those of the deserialiser, and text that is not the JSON of a `T`.
pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    use serde::de::Error as _;
    if deserializer.is_human_readable() {
        return T::deserialize(deserializer);
    }
    let text = String::deserialize(deserializer)?;
    serde_json::from_str(&text).map_err(D::Error::custom)
}
