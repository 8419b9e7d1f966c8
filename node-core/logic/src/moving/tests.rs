//! One end of a hand-off at a time.
