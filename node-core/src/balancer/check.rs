//! What an answer has to fit to be one.

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// A JSON Schema that answers are held against. It is read whole: what it refers to is in it.
#[derive(Debug)]
pub(crate) struct Check(Validator);

impl Check {
    /// Reads a schema; why it is none, if so.
    ///
    /// # Errors
    ///
    /// In words.
    pub(crate) fn new(schema: &Value) -> Result<Self, String> {
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
            json!(7),
        ] {
            assert!(Check::new(&schema).is_err(), "{schema}");
        }
    }
}
