//! What is measured, and the alerts that come of it.

use crate::{
    ids::NodeId,
    monitor::{AlertCommand, AlertView, Breach, Monitor, Rule, Subject},
    node::{CommandError, Node, machine::alert_scene},
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

    /// Does what a person wants of the alerts of a rule and a subject.
    pub(super) fn on_alert(
        &mut self,
        (now, actor): (Now, NodeId),
        of: (Rule, Subject),
        command: &AlertCommand,
    ) -> Result<(), CommandError> {
        let scene = alert_scene!(self, now);
        let found = Monitor::on_command(actor, of, command, scene, &mut self.out);
        if found { Ok(()) } else { Err(CommandError::NoAlert) }
    }

    /// Every alert that is held: the last of each rule and subject.
    #[must_use]
    pub fn alerts(&self, now: Wall) -> Vec<AlertView> {
        Monitor::view(&self.replica, now)
    }
}
