//! What a diagnosis is made from.

use covey_logic::{NodeId, pairing::KeyMatch};

use super::machine::{Firewall, Machine};
use crate::{
    Views,
    net::{Evidence, SourceKind, SourceReport, SourceState},
    options::Unusable,
};

/// What the settings ask for, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Whether there is a join key.
    pub(crate) join_key: bool,
    /// Settings that were left out.
    pub(crate) unusable: Vec<Unusable>,
}

/// Everything that is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    /// What the networks show.
    pub(crate) evidence: &'a Evidence,
    /// What the node shows.
    pub(crate) views: &'a Views,
    /// What the settings ask for.
    pub(crate) asked: &'a Asked,
    /// What the machine shows.
    pub(crate) machine: &'a Machine,
}

impl Facts<'_> {
    /// What people call a node.
    pub(super) fn name(&self, node: NodeId) -> String {
        let member = self.views.nodes.iter().find(|row| row.id == node).map(|row| &row.name);
        let nearby = || self.views.pairing.nearby.iter().find(|row| row.node == node);
        let name = member.or_else(|| nearby().map(|row| &row.name));
        let short = || node.to_string().chars().take(8).collect();
        name.filter(|name| !name.is_empty()).map_or_else(short, |name| format!("“{name}”"))
    }

    /// How each way of finding nodes fares; the join key lets in whom the others find.
    pub(super) fn sources(&self) -> Vec<SourceReport> {
        let mut sources = self.evidence.sources.clone();
        let same = |key: &KeyMatch| *key == KeyMatch::Same;
        let found = self.views.pairing.nearby.iter().filter(|near| same(&near.join_key)).count();
        sources.push(SourceReport {
            kind: SourceKind::JoinKey,
            target: String::new(),
            state: match (self.asked.join_key, found) {
                (false, _) => SourceState::Off,
                (true, 0) => SourceState::Nobody,
                (true, _) => SourceState::Found,
            },
            tried_ms_ago: None,
            found: u32::try_from(found).unwrap_or(u32::MAX),
            error: None,
        });
        sources
    }

    /// The ports of the lobby and the fabric as they are, or as they were wanted.
    pub(super) fn ports(&self) -> String {
        let ports = self.evidence.ports.iter().map(|port| port.has.unwrap_or(port.wanted));
        ports.map(|port| port.to_string()).collect::<Vec<_>>().join(" and ")
    }

    /// How to let something pass the firewall of this machine.
    pub(super) fn opening(&self, protocol: &str, ports: &str) -> String {
        let each = |order: &dyn Fn(&str) -> String| {
            let orders: Vec<_> = ports.split(" and ").map(order).collect();
            orders.join(" and ")
        };
        match self.machine.firewall {
            Some(Firewall::Ufw) => {
                format!(": {}", each(&|port| format!("`sudo ufw allow {port}/{protocol}`")))
            }
            Some(Firewall::Firewalld) => format!(
                ": {}",
                each(&|port| format!(
                    "`sudo firewall-cmd --permanent --add-port={port}/{protocol}`"
                )) + ", then `sudo firewall-cmd --reload`"
            ),
            None => String::new(),
        }
    }
}
