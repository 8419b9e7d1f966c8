//! What is measured, and the alerts that come of it.

use crate::{
    monitor::{AlertView, Breach, Monitor},
    node::{Node, machine::alert_scene},
    time::{Now, Wall},
};

impl Node {
    /// Takes in what was found past its bounds; a node that does not know yet who is there, or what
    /// they decided, raises nothing and clears nothing.
    pub(super) fn on_measured(&mut self, now: Now, found: Vec<Breach>) {
        if self.supervision.is_settled() {
            let scene = alert_scene!(self, now);
            self.monitor.on_measured(found, scene, &mut self.out);
        }
    }

    /// Every alert that is held: the last of each rule and subject.
    #[must_use]
    pub fn alerts(&self, now: Wall) -> Vec<AlertView> {
        Monitor::view(&self.replica, now)
    }
}
