//! Who raises an alert and clears it, and when.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::{Acknowledged, Alert, AlertView, Breach, Muted, Quiet, Rule, Subject, alert::key};
use crate::{
    certificate::Role,
    event::Fact,
    ids::NodeId,
    membership::{Membership, PeerState, Roster},
    outbox::{Happened, Outbox},
    replica::{Presence, PresenceKey, Replica, Shared, SharedKey},
    settings::Values,
    supervision::placement,
    time::{Instant, Now, Wall},
};

/// What a node's measures told it, and for how long members are away.
#[derive(Debug)]
pub struct Monitor {
    me: NodeId,
    said: Vec<Breach>,
    /// Members that are up again or down since, and which of both; only those that were ever lost.
    away: BTreeMap<NodeId, Absence>,
    /// How long a member is down before that is an alert, and how long it is up before that ends.
    spans: (Duration, Duration),
}

/// A member that is down, or was a moment ago.
#[derive(Clone, Copy, Debug)]
struct Absence {
    down: bool,
    since: Instant,
}

/// What alerts are decided from.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The moment.
    pub now: Now,
    /// What all nodes hold alike.
    pub replica: &'a Replica,
    /// Who is a member.
    pub roster: &'a Roster,
    /// Who is up.
    pub membership: &'a Membership,
}

/// What a person wants of the alerts of a rule and a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertCommand {
    /// Nobody is to be told of them, until then or until somebody says otherwise.
    Mute(Option<Wall>),
    /// People are told of them again.
    Unmute,
    /// Somebody looks after the one that is active.
    Acknowledge,
}

/// Why there should be an alert.
#[derive(Clone, Copy, Debug)]
struct Evidence {
    episode: u64,
    value: Option<i64>,
}

type Key = (Rule, Subject);

impl Monitor {
    /// Breaches that a node says at most: so many at once tell no more than fewer.
    pub const MAX_BREACHES: usize = 256;

    /// One that measured nothing yet.
    #[must_use]
    pub fn new(me: NodeId) -> Self {
        let values = Values::default();
        let spans = (values.alert_node_lost, values.alert_clear_after);
        Self { me, said: Vec::new(), away: BTreeMap::new(), spans }
    }

    /// How long a member is down before that is an alert, and how long it is up before that ends.
    pub fn set_spans(&mut self, spans: (Duration, Duration)) {
        self.spans = spans;
    }

    /// This node measured, and found these breaches: says them, and decides what it is the steward
    /// of.
    pub fn on_measured(&mut self, mut found: Vec<Breach>, scene: Scene<'_>, out: &mut Outbox) {
        found.sort();
        found.truncate(Self::MAX_BREACHES);
        if found != self.said {
            let said = (!found.is_empty()).then(|| Presence::Breaches(Arc::new(found.clone())));
            out.happened(Happened::PresenceSaid(PresenceKey::Breaches, said));
            self.said = found;
        }
        self.note_away(scene);
        self.decide(scene, out);
    }

    /// What a person wants of a rule and a subject; false if there is no such alert, or none that
    /// is active to acknowledge.
    pub fn on_command(
        actor: NodeId,
        (rule, subject): Key,
        command: &AlertCommand,
        scene: Scene<'_>,
        out: &mut Outbox,
    ) -> bool {
        let Some(alert) = alert(scene.replica, rule, &subject) else { return false };
        let mut quiet = quiet(scene.replica, rule, &subject).cloned().unwrap_or_default();
        let fact = match command {
            AlertCommand::Mute(until) => {
                quiet.muted = Some(Muted { by: actor, until: *until });
                Fact::AlertMuted { rule, subject: subject.clone(), until: *until }
            }
            AlertCommand::Unmute => {
                quiet.muted = None;
                Fact::AlertUnmuted { rule, subject: subject.clone() }
            }
            AlertCommand::Acknowledge if !alert.is_active() => return false,
            AlertCommand::Acknowledge => {
                let episode = alert.episode;
                let said = Acknowledged { by: actor, at: scene.now.wall, episode };
                quiet.acknowledged = Some(said);
                Fact::AlertAcknowledged { rule, subject: subject.clone() }
            }
        };
        let key = SharedKey::Quiet(rule, subject);
        out.happened(Happened::SharedSaid(key, Shared::Quiet(Arc::new(quiet))));
        out.happened(Happened::Fact(Some(actor), fact));
        true
    }

    /// Every alert, those that are active first, the latest of each first.
    #[must_use]
    pub fn view(replica: &Replica, now: Wall) -> Vec<AlertView> {
        let mut rows: Vec<AlertView> = alerts(replica)
            .map(|((rule, subject), alert)| {
                let quiet = quiet(replica, rule, subject);
                AlertView::new((rule, subject), alert, quiet, now)
            })
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.cleared.is_none(), row.raised)));
        rows
    }

    /// Takes note of who is down. A member that this node never held alive in its life is awaited,
    /// and lost only once it is.
    fn note_away(&mut self, scene: Scene<'_>) {
        let now = scene.now.at;
        let members = scene.roster.members();
        self.away.retain(|node, _| members.contains(node));
        for node in members {
            let down = scene.membership.state(node) == PeerState::Down;
            match self.away.get_mut(&node) {
                Some(absence) if absence.down != down => *absence = Absence { down, since: now },
                None if down => {
                    self.away.insert(node, Absence { down, since: now });
                }
                Some(_) | None => {}
            }
        }
        let (_, up_for) = self.spans;
        self.away.retain(|_, absence| absence.down || now.since(absence.since) <= up_for);
    }

    /// Raises and clears what this node is the steward of.
    fn decide(&self, scene: Scene<'_>, out: &mut Outbox) {
        let able = |(node, role): &(NodeId, Role)| {
            *role != Role::Observer && (*node == self.me || scene.membership.is_present(*node))
        };
        let able: Vec<NodeId> = scene.roster.iter().filter(able).map(|(node, _)| node).collect();
        let evidence = self.evidence(scene);
        let active = alerts(scene.replica).filter(|(_, alert)| alert.is_active());
        let active: BTreeMap<Key, &Alert> =
            active.map(|((rule, subject), alert)| ((rule, subject.clone()), alert)).collect();
        let keys: BTreeSet<&Key> = evidence.keys().chain(active.keys()).collect();
        for (rule, subject) in keys {
            // A node is not asked about its own loss.
            let able = able
                .iter()
                .copied()
                .filter(|node| *rule != Rule::NodeLost || subject.node() != Some(*node));
            if placement::steward(&key(*rule, subject), able) != Some(self.me) {
                continue;
            }
            let of = (*rule, subject.clone());
            match (evidence.get(&of), active.get(&of)) {
                (Some(found), None) => raise(scene, of, *found, out),
                (None, Some(alert)) if !self.stays(*rule, subject, scene) => {
                    clear(scene, of, alert, out);
                }
                (Some(_), Some(_)) | (None, _) => {}
            }
        }
    }

    /// Whether a member that was lost is not up for long enough, or is not heard of by one that
    /// began anew.
    fn stays(&self, rule: Rule, subject: &Subject, scene: Scene<'_>) -> bool {
        let node = subject.node().filter(|_| rule == Rule::NodeLost);
        node.is_some_and(|node| {
            let unseen = scene.membership.state(node) == PeerState::Unseen
                && scene.roster.role(node).is_some();
            unseen || self.away.contains_key(&node)
        })
    }

    /// What there should be alerts of: what members that are up say, and who is down.
    fn evidence(&self, scene: Scene<'_>) -> BTreeMap<Key, Evidence> {
        let mut found: BTreeMap<Key, Evidence> = BTreeMap::new();
        for (node, _) in scene.roster.iter() {
            if node != self.me && !scene.membership.is_present(node) {
                continue;
            }
            let said = scene.replica.presence(node, &PresenceKey::Breaches);
            let Some(Presence::Breaches(said)) = said else { continue };
            for breach in said.iter() {
                let evidence = Evidence { episode: breach.since.0, value: Some(breach.value) };
                let key = (breach.rule, breach.subject.clone());
                let held = found.entry(key).or_insert(evidence);
                // Two nodes may measure one agent while a split heals: the first counts.
                if evidence.episode < held.episode {
                    *held = evidence;
                }
            }
        }
        let (down_for, _) = self.spans;
        for (node, absence) in &self.away {
            if absence.down && scene.now.at.since(absence.since) >= down_for {
                let life = scene.membership.peer(*node).map_or(0, |peer| peer.sign.incarnation.0);
                let evidence = Evidence { episode: life, value: None };
                found.insert((Rule::NodeLost, Subject::Node(*node)), evidence);
            }
        }
        found
    }
}

fn raise(scene: Scene<'_>, (rule, subject): Key, found: Evidence, out: &mut Outbox) {
    let Evidence { episode, value } = found;
    let severity = rule.severity();
    let alert = Alert { episode, severity, value, raised: scene.now.wall, cleared: None };
    let key = SharedKey::Alert(rule, subject.clone());
    out.happened(Happened::SharedSaid(key, Shared::Alert(Arc::new(alert))));
    out.fact(Fact::AlertRaised { rule, subject, severity, value, episode });
}

fn clear(scene: Scene<'_>, (rule, subject): Key, alert: &Alert, out: &mut Outbox) {
    let cleared = Alert { cleared: Some(scene.now.wall), ..alert.clone() };
    let key = SharedKey::Alert(rule, subject.clone());
    out.happened(Happened::SharedSaid(key, Shared::Alert(Arc::new(cleared))));
    let (raised, episode) = (alert.raised, alert.episode);
    out.fact(Fact::AlertCleared { rule, subject, raised, episode });
}

/// Every alert that is held.
fn alerts(replica: &Replica) -> impl Iterator<Item = ((Rule, &Subject), &Alert)> {
    let least = Subject::Node(NodeId([0; 32]));
    // What people said of alerts comes after them.
    let keys =
        SharedKey::Alert(Rule::NodeLost, least.clone())..=SharedKey::Quiet(Rule::NodeLost, least);
    replica.shared().range(keys).filter_map(|entry| match entry {
        (SharedKey::Alert(rule, subject), Shared::Alert(alert)) => {
            Some(((*rule, subject), &**alert))
        }
        _ => None,
    })
}

fn alert<'a>(replica: &'a Replica, rule: Rule, subject: &Subject) -> Option<&'a Alert> {
    let value = replica.shared().get(&SharedKey::Alert(rule, subject.clone()))?;
    if let Shared::Alert(alert) = value { Some(alert) } else { None }
}

fn quiet<'a>(replica: &'a Replica, rule: Rule, subject: &Subject) -> Option<&'a Quiet> {
    let value = replica.shared().get(&SharedKey::Quiet(rule, subject.clone()))?;
    if let Shared::Quiet(quiet) = value { Some(quiet) } else { None }
}
