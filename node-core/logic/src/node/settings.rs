//! What the settings change in a node.

use std::time::Duration;

use crate::{event_store::Retention, node::Node, settings::Values, time::Now};

impl Node {
    /// Goes on with these settings.
    pub(super) fn on_settings(&mut self, now: Now, values: Values) {
        self.pairing.set_ask_by_itself(now, values.ask_by_itself);
        let weight = u8::try_from(values.weight).unwrap_or(u8::MAX);
        let share = (weight, values.max_agents, values.market_ask);
        let machine = &mut self.machine;
        if (machine.weight, machine.max_agents, machine.ask) != share {
            (machine.weight, machine.max_agents, machine.ask) = share;
            self.say_summary();
        }
        let retention =
            Retention { age: values.event_age, bytes: u64::from(values.event_mib) << 20 };
        if self.events.retention() != retention {
            self.events.on_retention(now, retention);
        }
        self.monitor.set_spans((values.alert_node_lost, values.alert_clear_after));
        self.settings = values;
    }

    /// A member's share of the time in which all tell their loads once: at fifty a second, a hundred
    /// members tell theirs every two seconds, which is as often as they are sampled.
    pub(super) fn load_turn(&self) -> Duration {
        Duration::from_secs(1) / self.settings.loads_per_s.max(1)
    }
}
