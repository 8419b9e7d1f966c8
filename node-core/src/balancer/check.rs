//! What an answer has to fit to be one.

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// A JSON Schema that answers are held against, in a time that grows with both alone: it refers to
/// nothing, not even to itself. A few lines of references that branch take longer than anybody waits
/// for, and one that goes round has no end.
#[derive(Debug)]
pub(crate) struct Check(Validator);

impl Check {
    /// Reads a schema; why it is none, if so.
    ///
    /// # Errors
    ///
    /// In words.
    pub(crate) fn new(schema: &Value) -> Result<Self, String> {
        if let Some(reference) = reference(schema) {
            return Err(format!("it refers to something, by {reference}"));
        }
        // Patterns come from whoever submits: each is matched in a time that grows with the text
        // alone.
        let options = jsonschema::options().with_pattern_options(PatternOptions::regex());
        options.build(schema).map(Self).map_err(|error| error.to_string())
    }

    /// Whether an answer, as JSON, fits; why it does not.
    ///
    /// # Errors
    ///
    /// In words.
    pub(crate) fn fits(&self, answer: &str) -> Result<(), String> {
        let answer: Value = serde_json::from_str(answer).map_err(|error| error.to_string())?;
        self.0.validate(&answer).map_err(|error| error.to_string())
    }
}

/// The keyword by which a schema, or a part of it, refers to another.
fn reference(schema: &Value) -> Option<&'static str> {
    const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];
    match schema {
        Value::Object(fields) => REFERENCES
            .into_iter()
            .find(|reference| fields.contains_key(*reference))
            .or_else(|| fields.values().find_map(reference)),
        Value::Array(parts) => parts.iter().find_map(reference),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answer_fits_or_it_is_said_why_not() {
        let check = Check::new(&json!({ "properties": { "page": { "const": 7 } } })).unwrap();

        assert_eq!(check.fits(r#"{"page": 7}"#), Ok(()));
        let why = check.fits(r#"{"page": 8}"#).unwrap_err();
        assert!(why.contains('7'), "{why}");
        assert!(check.fits("no json").is_err());
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        for schema in [
            json!({ "type": "nothing" }),
            json!({ "pattern": "(" }),
            json!({ "$ref": "http://example.com/schema" }),
            json!({ "$ref": "file:///etc/passwd" }),
            json!({ "allOf": [{ "$ref": "#" }] }),
            json!({ "properties": { "next": { "$dynamicRef": "#node" } } }),
            json!(7),
        ] {
            assert!(Check::new(&schema).is_err(), "{schema}");
        }
    }
}
