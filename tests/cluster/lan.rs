//! Finding, pairing.

use std::time::{Duration, Instant};
