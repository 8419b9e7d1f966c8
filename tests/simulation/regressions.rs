//! Seeds that failed once, each named for what it found.
