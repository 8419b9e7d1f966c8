//! Which exclusive agents this node may run, and until when, as the group grants it.
//!
//! A tenure is a lease (Gray and Cheriton, *Leases*, 1989): the group measures it from the moment at
//! which it took the grant in, this node from the moment at which it asked, which is earlier. So the
//! agent has ended here before it may begin elsewhere.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    agent::AgentSpec,
    agreed::{PATIENCE, Tidings, Voters},
    ids::{Epoch, Name, NodeId},
    supervision::Losses,
    time::Instant,
};

/// What this node asked of the group, and what it was granted.
#[derive(Clone, Debug, Default)]
pub struct Tenures {
    asked: BTreeMap<Name, Tenure>,
    /// Who has what this node was refused, as far as that is known.
    refused: BTreeMap<Name, Option<NodeId>>,
    voters: Voters,
}

/// One claim of this node on an agent.
#[derive(Clone, Copy, Debug)]
struct Tenure {
    /// Tells it apart from every other.
    claim: Epoch,
    /// How long the agent takes to end.
    ending: Duration,
    /// The fencing token, and until when, if it was granted.
    granted: Option<(u64, Instant)>,
}

impl Tenures {
    /// How long a lease lasts: its node tries to renew it for so long, and then ends the agent.
    #[must_use]
    pub fn lease(spec: &AgentSpec) -> Duration {
        PATIENCE + Self::ending(spec)
    }

    fn ending(spec: &AgentSpec) -> Duration {
        spec.stop_grace() + Losses::KILL
    }

    /// The token under which this node may run an agent, with time enough to end it.
    #[must_use]
    pub fn token(&self, name: &Name, now: Instant) -> Option<u64> {
        let tenure = self.asked.get(name)?;
        let (token, until) = tenure.granted?;
        (now + tenure.ending < until).then_some(token)
    }

    /// Whether this node asked for an agent, and the group did not say that it is over.
    #[must_use]
    pub fn is_asked(&self, name: &Name) -> bool {
        self.asked.contains_key(name)
    }

    /// Whether this node was granted an agent and did not give it back, however long ago.
    #[must_use]
    pub fn was_granted(&self, name: &Name) -> bool {
        self.asked.get(name).is_some_and(|tenure| tenure.granted.is_some())
    }

    /// The voters in sight.
    #[must_use]
    pub fn voters(&self) -> Voters {
        self.voters
    }

    /// Whether this node was refused an agent when it last asked, and who has it.
    #[must_use]
    pub fn refused(&self, name: &Name) -> Option<Option<NodeId>> {
        self.refused.get(name).copied()
    }

    /// The voters in sight changed.
    pub(super) fn see(&mut self, voters: Voters) {
        self.voters = voters;
    }

    /// This node asks for an agent.
    pub(super) fn ask(&mut self, spec: &AgentSpec, claim: Epoch) {
        let tenure = Tenure { claim, ending: Self::ending(spec), granted: None };
        self.asked.insert(spec.name.clone(), tenure);
    }

    /// The group answered, or a lease is over; whether that concerns a claim that stands.
    pub(super) fn on_tidings(&mut self, name: &Name, claim: Epoch, tidings: Tidings) -> bool {
        let Some(tenure) = self.asked.get_mut(name).filter(|tenure| tenure.claim == claim) else {
            return false;
        };
        match tidings {
            Tidings::Granted { token, until } => {
                tenure.granted = Some((token, until));
                self.refused.remove(name);
            }
            Tidings::Over { holder } => {
                self.asked.remove(name);
                self.refused.insert(name.clone(), holder);
            }
        }
        true
    }

    /// This node gives an agent back; the claim that it had.
    pub(super) fn release(&mut self, name: &Name) -> Option<Epoch> {
        self.refused.remove(name);
        self.asked.remove(name).map(|tenure| tenure.claim)
    }

    /// Nothing that was granted counts any more: the clock stood still for who knows how long.
    pub(super) fn distrust(&mut self) {
        for (_, until) in self.asked.values_mut().filter_map(|tenure| tenure.granted.as_mut()) {
            *until = Instant::default();
        }
    }

    /// The agents that have to end by now.
    pub(super) fn lapsed(&self, now: Instant) -> impl Iterator<Item = &Name> {
        let granted = self.asked.iter().filter(|(_, tenure)| tenure.granted.is_some());
        granted.map(|(name, _)| name).filter(move |name| self.token(name, now).is_none())
    }

    /// When the next agent has to end.
    pub(super) fn next_lapse(&self, now: Instant) -> Option<Instant> {
        let ends = |tenure: &Tenure| Some(tenure.granted?.1.ago(tenure.ending));
        self.asked.values().filter_map(ends).filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::{Builtin, Runtime};

    #[test]
    fn token_ends_while_the_agent_can_still_be_ended() {
        let mut tenures = granted(7, 60_000);
        let name = spec().name;
        let ending = Tenures::lease(&spec()) - PATIENCE;
        let last = at(60_000).ago(ending);

        assert_eq!(tenures.token(&name, last.ago(Duration::from_millis(1))), Some(7));
        assert_eq!(tenures.token(&name, last), None);
        assert_eq!(tenures.next_lapse(at(0)), Some(last));
        assert_eq!(tenures.lapsed(last).collect::<Vec<_>>(), [&name]);
        tenures.on_tidings(&name, CLAIM, Tidings::Granted { token: 7, until: at(90_000) });
        assert_eq!(tenures.lapsed(last).count(), 0, "it was renewed");
    }

    #[test]
    fn tidings_of_another_claim_change_nothing() {
        let (mut tenures, name) = (granted(7, 60_000), spec().name);

        let stale = tenures.on_tidings(&name, Epoch(2), Tidings::Over { holder: None });

        assert!(!stale);
        assert_eq!(tenures.token(&name, at(0)), Some(7));
    }

    #[test]
    fn refusal_is_remembered_until_the_agent_is_granted_or_given_up() {
        let (mut tenures, name) = (granted(7, 60_000), spec().name);
        let holder = Some(NodeId([9; 32]));

        assert!(tenures.on_tidings(&name, CLAIM, Tidings::Over { holder }));
        assert_eq!((tenures.refused(&name), tenures.is_asked(&name)), (Some(holder), false));
        tenures.ask(&spec(), CLAIM);
        assert_eq!(tenures.refused(&name), Some(holder), "asking is no answer");
        tenures.on_tidings(&name, CLAIM, Tidings::Granted { token: 8, until: at(60_000) });
        assert_eq!(tenures.refused(&name), None);
        assert_eq!(tenures.release(&name), Some(CLAIM));
        assert_eq!((tenures.was_granted(&name), tenures.release(&name)), (false, None));
    }

    /// A clock that stood still says nothing of leases; a renewal does.
    #[test]
    fn nothing_granted_counts_after_the_clock_stood_still() {
        let (mut tenures, name) = (granted(7, 60_000), spec().name);

        tenures.distrust();

        assert_eq!(tenures.token(&name, at(0)), None);
        assert!(tenures.was_granted(&name), "it has to be ended, and given back");
        assert_eq!(tenures.lapsed(at(0)).count(), 1);
        tenures.on_tidings(&name, CLAIM, Tidings::Granted { token: 7, until: at(60_000) });
        assert_eq!(tenures.token(&name, at(0)), Some(7));
    }

    #[test]
    fn voters_agree_once_something_was_heard_of_them() {
        let mut tenures = Tenures::default();
        assert!(!tenures.voters().agree());

        tenures.see(Voters { have: 2, need: 2 });

        assert!(tenures.voters().agree());
    }

    const CLAIM: Epoch = Epoch(3);

    /// An agent that was asked for and granted under `token`.
    fn granted(token: u64, until_ms: u64) -> Tenures {
        let mut tenures = Tenures::default();
        tenures.ask(&spec(), CLAIM);
        let granted = Tidings::Granted { token, until: at(until_ms) };
        assert!(tenures.on_tidings(&spec().name, CLAIM, granted));
        tenures
    }

    fn spec() -> AgentSpec {
        AgentSpec::new(Name::new("main").unwrap(), Runtime::Builtin { agent: Builtin::Echo })
    }

    fn at(ms: u64) -> Instant {
        Instant(ms * 1_000)
    }
}
