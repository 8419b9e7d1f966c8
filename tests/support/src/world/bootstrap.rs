//! From machines that are off to one cluster, as people would.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use covey_logic::{
    Command, Wall,
    agent::Programs,
    certificate::{Certificate, Role},
    hlc::Stamp,
    node::Profile,
    replica::{Shared, SharedKey},
};
use ed25519_dalek::SigningKey;

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

    /// A cluster whose machines are off and hold on their disks what they held when they were last on
    /// together: what takes a thousand people a thousand clicks is there at once.
    #[must_use]
    pub fn grown(setup: Setup) -> Self {
        let mut world = Self::new(setup);
        let issued = Wall(Self::EPOCH_MS);
        let key = world.machine(0).key.clone();
        let founder =
            Certificate::found(&SigningKey::from_bytes(&world.dice.bytes()), world.id(0), issued);
        let mut shared = BTreeMap::new();
        let mut certificates = Vec::new();
        for (serial, machine) in (1..).zip(&world.machines) {
            let role = if machine.index % 2 == 0 { Role::Admin } else { Role::Operator };
            let certificate = match machine.index {
                0 => founder.clone(),
                _ => founder.issue(&key, (machine.id, role), (serial, issued, None)),
            };
            let stamp = Stamp { wall: issued, counter: 0, node: machine.id };
            let value = Shared::Member(Arc::new(certificate.clone()));
            shared.insert(SharedKey::Member(machine.id), (stamp, value));
            certificates.push(certificate);
        }
        for (machine, certificate) in world.machines.iter_mut().zip(certificates) {
            machine.disk.shared.clone_from(&shared);
            machine.disk.profile = Some(Profile {
                name: format!("machine {}", machine.index),
                labels: BTreeMap::new(),
                programs: Programs::Own,
                certificate,
                cluster_name: "grown".to_owned(),
                founded: issued,
            });
        }
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
