//! Why an agent is where it is, why it is nowhere, and where it would go.

use crate::{
    agent::Phase,
    ids::{Name, NodeId},
    replica::PresenceKey,
    supervision::{
        Choice, Hold, Place, Wanted, decision::without, placement::Candidate, scene::Scene,
    },
};

/// Where an agent may run, and why it does not if it should.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Every member as a place, the best first.
    pub places: Vec<Place>,
    /// What keeps it from running; nothing if it runs, or is not wanted.
    pub holds: Vec<Hold>,
}

/// Where an agent would go if its node were lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refuge {
    /// Which agent.
    pub name: Name,
    /// Where it would go; none if nowhere, or if chance decides.
    pub to: Option<NodeId>,
    /// What keeps it from going anywhere, or decides.
    pub holds: Vec<Hold>,
}

impl Scene<'_> {
    /// Why an agent is where it is, or nowhere.
    #[must_use]
    pub fn explain(&self, wanted: &Wanted<'_>, settled: bool) -> Explanation {
        let mut places = self.places(wanted);
        let rank = |place: &Place| {
            (place.excluded.is_empty(), std::cmp::Reverse(place.beside), place.merit, place.node)
        };
        places.sort_by_key(|place| std::cmp::Reverse(rank(place)));
        Explanation { places, holds: self.waits(wanted, settled) }
    }

    /// What keeps an agent that should run from running; `settled`: whether this node has heard the
    /// others.
    #[must_use]
    pub fn waits(&self, wanted: &Wanted<'_>, settled: bool) -> Vec<Hold> {
        match self.holder(&wanted.name).map(|(_, status)| status.phase) {
            Some(Phase::Failed) => return vec![Hold::Failed],
            Some(Phase::BackingOff) => return vec![Hold::BackingOff],
            Some(
                Phase::Starting
                | Phase::Running
                | Phase::Migrating
                | Phase::Arriving
                | Phase::Stopping
                | Phase::Finished,
            ) => return Vec::new(),
            None if !wanted.intent.run => return Vec::new(),
            None => {}
        }
        let mut holds = self.holds(wanted);
        match self.choose(wanted, false) {
            Choice::Nowhere(hold) => holds.push(hold),
            _ if !holds.is_empty() => {}
            Choice::Node(node) if self.lacks_place(wanted, node) => holds.push(Hold::Unpaid(node)),
            Choice::Node(node) => holds.push(match self.tenures.refused(&wanted.name) {
                Some(holder) if node == self.me => Hold::Tenure(holder),
                _ => Hold::Starts(node),
            }),
            Choice::Assign(_) => holds.push(Hold::Steward(self.me)),
        }
        if !settled {
            holds.push(Hold::Settling);
        }
        holds
    }

    /// Where each agent of a node would go if the node were lost.
    #[must_use]
    pub fn refuges(&self, node: NodeId) -> Vec<Refuge> {
        let candidates = without(self.candidates, node);
        let mut tally = self.tally.clone();
        let held = self.tables.replica.presences(node).filter_map(|(key, _)| match key {
            PresenceKey::Agent(name) => Some(name),
            PresenceKey::Summary
            | PresenceKey::Views
            | PresenceKey::Breaches
            | PresenceKey::Moved(_)
            | PresenceKey::Kept(_)
            | PresenceKey::Moves
            | PresenceKey::Claim(_)
            | PresenceKey::Joined { .. } => None,
        });
        let mut refuges = Vec::new();
        for name in held {
            let here = self.holder(name).is_some_and(|(holder, _)| holder == node);
            let Some(wanted) = self.wanted(name).filter(|wanted| wanted.intent.run && here) else {
                continue;
            };
            let scene = Scene { candidates: &candidates, tally: &tally, ..*self };
            let refuge = scene.refuge(&wanted);
            if let Some(to) = refuge.to {
                tally.assign(name, to);
            }
            refuges.push(refuge);
        }
        refuges
    }

    fn refuge(&self, wanted: &Wanted<'_>) -> Refuge {
        let side = self.side();
        let minority =
            wanted.spec.class == crate::agent::Class::MajorityOnly && !side.is_majority();
        let (to, hold) = match self.choose(wanted, true) {
            _ if minority => (None, Some(Hold::Minority(side))),
            Choice::Node(node) => (Some(node), None),
            Choice::Assign(nodes) => match nodes[..] {
                [node] => (Some(node), None),
                _ => (None, Some(Hold::AnyOf(nodes))),
            },
            Choice::Nowhere(hold) => (None, Some(hold)),
        };
        Refuge { name: wanted.name.clone(), to, holds: hold.into_iter().collect() }
    }

    /// What keeps an agent from running, as a sentence.
    #[must_use]
    pub fn sentence(&self, hold: &Hold) -> String {
        let title =
            |node: &NodeId| self.candidate(*node).map_or_else(|| node.short(), Candidate::title);
        match hold {
            Hold::Settling => "this node has not heard from the others yet".to_owned(),
            Hold::Dependency(name) => format!("it waits for {name}, which it needs, to run"),
            Hold::Unknown(name) => format!("it waits for {name}, and there is no such agent"),
            Hold::Near(name) => format!("it waits for {name}, which it stays near, to run"),
            Hold::Earlier(name) => format!("{name} of its group starts before it"),
            Hold::FailedSibling(name) => {
                format!("{name} of its group used up its restarts")
            }
            Hold::Minority(side) => format!(
                "{} of {} members are in sight, and it runs where more than half are",
                side.seen, side.members
            ),
            Hold::Margin(left) => format!(
                "a lost member may still run it; it starts in {} s at the latest",
                left.as_secs() + 1
            ),
            Hold::NoQuorum(voters) => format!(
                "{} of the {} voters that it takes to say that nobody else runs it are in sight",
                voters.have, voters.need
            ),
            Hold::Tenure(Some(node)) => {
                format!("{} may still run it; it starts when the lease of that ends", title(node))
            }
            Hold::Tenure(None) => "another node may still run it".to_owned(),
            Hold::NoPin => "it runs on a chosen node alone, and none was chosen".to_owned(),
            Hold::PinAway(node) => {
                format!("it runs on {} alone, which may not run it", title(node))
            }
            Hold::Awaited(node) => format!("{} is on its way", title(node)),
            Hold::Steward(node) => format!("{} is to choose its node", title(node)),
            Hold::Nowhere => "every node is excluded by a rule".to_owned(),
            Hold::Unpaid(node) => format!(
                "a minute at {} is to be set aside first, which takes a majority and its owner's \
                 credits",
                title(node)
            ),
            Hold::Starts(node) => format!("{} is to start it", title(node)),
            Hold::AnyOf(nodes) => {
                let titles: Vec<String> = nodes.iter().map(title).collect();
                format!("chance decides among {}", titles.join(", "))
            }
            Hold::BackingOff => "it ended, and starts again after a while".to_owned(),
            Hold::Failed => "it used up its restarts, until a person restarts it".to_owned(),
        }
    }
}
