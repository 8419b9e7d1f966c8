//! What time it is in the world, as a machine's runtime counts on from when it was last told.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;

/// The world's time, in microseconds, asked inside a machine; a clone is the same clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock(Arc<Mutex<Told>>);

#[derive(Clone, Copy, Debug, Default)]
struct Told {
    world: u64,
    /// When that was, if time goes on.
    at: Option<Instant>,
}

impl Clock {
    /// It is this time in the world now, and time goes on.
    pub(super) fn set(&self, world: u64) {
        *self.0.lock().unwrap() = Told { world, at: Some(Instant::now()) };
    }

    /// It is this time in the world, whatever the machine's own clock does.
    pub(super) fn stop(&self, world: u64) {
        *self.0.lock().unwrap() = Told { world, at: None };
    }

    pub(super) fn now(&self) -> u64 {
        let Told { world, at } = *self.0.lock().unwrap();
        let since = at.map_or(Duration::ZERO, |at| at.elapsed());
        world + u64::try_from(since.as_micros()).unwrap()
    }
}
