//! Tests of pairing through its public API.
