//! With whom each machine gossips: gossipsub's mesh, in which each message travels several times.

use std::collections::BTreeSet;

/// The mesh of every machine.
///
/// Gossipsub has each peer choose six others (`mesh_n`), who take it into theirs, so that a mesh
/// holds six to twelve. Here each machine chooses three, by a hash of the pair, and is chosen by
/// some three others: six on average, alike for every run of a seed.
#[derive(Debug)]
pub(crate) struct Meshes(Vec<Mesh>);

#[derive(Clone, Debug, Default)]
struct Mesh {
    /// Connected machines, the most preferred first.
    connected: BTreeSet<(u64, usize)>,
    /// Those that chose this machine.
    chosen_by: BTreeSet<usize>,
}

impl Meshes {
    /// How many each machine chooses.
    const CHOSEN: usize = 3;

    pub(crate) fn new(machines: usize) -> Self {
        Self(vec![Mesh::default(); machines])
    }

    /// Two machines are connected.
    pub(crate) fn join(&mut self, one: usize, other: usize) {
        for (here, there) in [(one, other), (other, one)] {
            self.change(here, |mesh| mesh.connected.insert((preference(here, there), there)));
        }
    }

    /// Two machines are not connected any more.
    pub(crate) fn part(&mut self, one: usize, other: usize) {
        for (here, there) in [(one, other), (other, one)] {
            self.change(here, |mesh| mesh.connected.remove(&(preference(here, there), there)));
        }
    }

    /// The mesh of a machine.
    pub(crate) fn of(&self, machine: usize) -> Vec<usize> {
        let Some(mesh) = self.0.get(machine) else { return Vec::new() };
        let chosen: Vec<usize> = mesh.chosen().collect();
        let by = mesh.chosen_by.iter().copied().filter(|other| !chosen.contains(other));
        by.chain(chosen.iter().copied()).collect()
    }

    /// Everyone a machine is connected with.
    pub(crate) fn connected(&self, machine: usize) -> Vec<usize> {
        let connected = self.0.get(machine).into_iter().flat_map(|mesh| &mesh.connected);
        connected.map(|(_, other)| *other).collect()
    }

    fn change(&mut self, machine: usize, change: impl FnOnce(&mut Mesh) -> bool) {
        let Some(mesh) = self.0.get_mut(machine) else { return };
        let before: Vec<usize> = mesh.chosen().collect();
        if !change(mesh) {
            return;
        }
        let after: Vec<usize> = mesh.chosen().collect();
        for other in before.iter().filter(|other| !after.contains(other)) {
            if let Some(mesh) = self.0.get_mut(*other) {
                mesh.chosen_by.remove(&machine);
            }
        }
        for other in after.iter().filter(|other| !before.contains(other)) {
            if let Some(mesh) = self.0.get_mut(*other) {
                mesh.chosen_by.insert(machine);
            }
        }
    }
}

impl Mesh {
    fn chosen(&self) -> impl Iterator<Item = usize> + '_ {
        self.connected.iter().take(Meshes::CHOSEN).map(|(_, other)| *other)
    }
}

/// How much `here` likes `there`: the finaliser of `SplitMix64` over both.
fn preference(here: usize, there: usize) -> u64 {
    let words = [here, there].map(|index| u64::try_from(index).unwrap_or(u64::MAX));
    words.into_iter().fold(0, |sum, word| {
        let mut z = (sum ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}
