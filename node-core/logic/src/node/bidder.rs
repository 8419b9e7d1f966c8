//! The default bidder: what this node asks for work by auction.

use crate::{balancer::Strain, credits::Ask};

/// What a node that is like this asks for a second of an agent's work, where it asks `idle`
/// thousandths of a credit when it has nothing to do; nothing if that is nought.
///
/// Busy processors add as much again, in proportion, and a full memory half of it. It is a mild
/// rule, since what a busy node takes longer is measured with its agents and asked for by that: the
/// ask tells apart nodes whose agents are as fast.
pub(super) fn ask(idle: u32, strain: Strain) -> Option<Ask> {
    let percent = 100 + u64::from(strain.cpu_percent) + u64::from(strain.memory_percent) / 2;
    let asked = u64::from(idle) * percent / 100;
    Ask::new(u32::try_from(asked).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busier_node_asks_for_more() {
        let asks = |idle, cpu_percent, memory_percent| {
            ask(idle, Strain { cpu_percent, memory_percent }).map(Ask::get)
        };

        assert_eq!(asks(1_000, 0, 0), Some(1_000));
        assert_eq!(asks(1_000, 50, 0), Some(1_500));
        assert_eq!(asks(1_000, 100, 100), Some(2_500));
        assert_eq!(asks(0, 100, 100), None, "it takes no work");
        assert_eq!(asks(u32::MAX, 100, 0), Some(u32::MAX));
    }
}
