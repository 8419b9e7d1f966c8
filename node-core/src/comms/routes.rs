//! Where names lead, read by callers on every thread while the driver writes.

use std::sync::{PoisonError, RwLock};

use covey_logic::{Name, comms::Route};

use crate::sharded::{NameMap, Sharded};

/// The table of routes.
#[derive(Debug, Default)]
pub struct Routes(Sharded<RwLock<NameMap<Route>>>);

impl Routes {
    /// Where messages for `name` go.
    #[must_use]
    pub fn get(&self, name: &Name) -> Option<Route> {
        self.0.of(name).read().unwrap_or_else(PoisonError::into_inner).get(name).copied()
    }

    /// Messages for `name` go to `route` from here on, or nowhere.
    pub(crate) fn set(&self, name: Name, route: Option<Route>) {
        let mut shard = self.0.of(&name).write().unwrap_or_else(PoisonError::into_inner);
        match route {
            Some(route) => shard.insert(name, route),
            None => shard.remove(&name),
        };
    }
}
