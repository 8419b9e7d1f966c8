//! From machines that are off to one cluster, as people would.

use std::time::Duration;

use covey_logic::{Command, certificate::Role};

use crate::world::{Setup, World};

impl World {
    /// How long pairing may take in a quiet world.
    const PAIRING_LIMIT: Duration = Duration::from_secs(30);

    /// A cluster of `machines` nodes that asked and were accepted; half of them admins.
    ///
    /// # Panics
    ///
    /// If they do not become one cluster within half a minute.
    #[must_use]
    pub fn cluster(setup: Setup) -> Self {
        let calm = Setup { weather: crate::network::Weather::CALM, ..setup.clone() };
        let mut world = Self::new(calm);
        world.boot_all();
        world.pair_all();
        world.network.weather = setup.weather;
        world.setup = setup;
        world
    }

    /// Starts every machine.
    pub fn boot_all(&mut self) {
        (0..self.setup.machines).for_each(|index| self.boot(index));
    }

    /// Every node asks the first, whose user accepts each.
    ///
    /// # Panics
    ///
    /// If they do not become one cluster within half a minute.
    pub fn pair_all(&mut self) {
        let machines = self.setup.machines;
        let host = self.id(0);
        for index in 1..machines {
            self.meet(index);
            self.command(index, Command::Ask { peer: host });
            let node = self.id(index);
            let asked = self.run_until(Self::PAIRING_LIMIT, |world| {
                let requests = world.node(0).map(|n| n.pairing().requests).unwrap_or_default();
                requests.iter().any(|request| request.node == node)
            });
            assert!(asked, "n{index} asks and n0 does not show it");
            let role = if index % 2 == 0 { Role::Admin } else { Role::Operator };
            self.command(0, Command::Accept { node, role });
        }
        assert!(
            self.run_until(Self::PAIRING_LIMIT, Self::one_cluster),
            "{machines} nodes do not become one cluster: {:?}",
            self.live().map(|(_, process)| process.node.status()).collect::<Vec<_>>()
        );
        self.run_for(Duration::from_secs(2));
    }

    /// Whether every node sees every node alive.
    #[must_use]
    pub fn one_cluster(&self) -> bool {
        let machines = u32::try_from(self.setup.machines).unwrap_or(u32::MAX);
        let mut live = self.live();
        live.all(|(_, process)| process.node.status().nodes_alive == machines)
    }

    fn meet(&mut self, index: usize) {
        let host = self.id(0);
        let met = self.run_until(Self::PAIRING_LIMIT, |world| {
            let nearby = world.node(index).map(|n| n.pairing().nearby).unwrap_or_default();
            nearby.iter().any(|near| near.node == host)
        });
        assert!(met, "n{index} does not find n0");
    }
}
