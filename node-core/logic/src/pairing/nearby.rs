//! The nodes that were heard of in the lobby, and how each answered to being asked.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use crate::{
    ids::{ClusterId, NodeId},
    time::{Instant, Now, Wall},
};

use super::{FoundBy, Hello, KeyMatch, NearbyView, SecretId, Standing};

/// Nodes that said hello within the last minute.
#[derive(Debug, Default)]
pub(super) struct Nearby {
    neighbours: BTreeMap<NodeId, Neighbour>,
}

/// One node that said hello.
#[derive(Debug)]
pub(super) struct Neighbour {
    pub(super) hello: Hello,
    by: FoundBy,
    seen: Now,
    /// When it was last greeted by this node, or else met.
    pub(super) greeted: Instant,
    /// When it and this node last proved their membership to each other, or tried to.
    pub(super) proven: Option<Instant>,
    /// How often in a row it did not let this node in.
    pub(super) failures: u32,
    /// Until when this node does not ask it by itself.
    pub(super) held_until: Instant,
}

impl Nearby {
    /// More than the nodes of a large LAN; 256 hellos of at most 300 bytes are 75 KiB.
    const CAPACITY: usize = 256;
    /// Three hellos missed.
    const TIMEOUT: Duration = Duration::from_secs(60);
    /// How often a neighbour is asked whether it is still there.
    const GREET_INTERVAL: Duration = Duration::from_secs(20);
    /// The longest a node waits before it asks a neighbour by itself again.
    const MAX_HOLD: Duration = Duration::from_hours(1);

    /// Takes a hello in. A full list makes room by its oldest knock, and then by its oldest
    /// finding; who knocks displaces nobody who was found.
    pub(super) fn hear(&mut self, now: Now, node: NodeId, by: FoundBy, hello: Hello) {
        let hello = hello.tidied();
        if let Some(neighbour) = self.neighbours.get_mut(&node) {
            neighbour.hello = hello;
            neighbour.seen = now;
            if by != FoundBy::Knocked {
                neighbour.by = by;
            }
            return;
        }
        if self.neighbours.len() >= Self::CAPACITY && !self.make_room(by) {
            return;
        }
        let neighbour = Neighbour {
            hello,
            by,
            seen: now,
            greeted: now.at,
            proven: None,
            failures: 0,
            held_until: now.at,
        };
        self.neighbours.insert(node, neighbour);
    }

    fn make_room(&mut self, by: FoundBy) -> bool {
        let last = self
            .neighbours
            .iter()
            .min_by_key(|(_, neighbour)| (neighbour.by != FoundBy::Knocked, neighbour.seen.at))
            .filter(|(_, last)| by != FoundBy::Knocked || last.by == FoundBy::Knocked)
            .map(|(node, _)| *node);
        last.and_then(|node| self.neighbours.remove(&node)).is_some()
    }

    /// Notes that discovery found a neighbour that may only have knocked before.
    pub(super) fn find(&mut self, node: NodeId, by: FoundBy) {
        if let Some(neighbour) = self.neighbours.get_mut(&node) {
            neighbour.by = by;
        }
    }

    pub(super) fn get(&self, node: NodeId) -> Option<&Neighbour> {
        self.neighbours.get(&node)
    }

    pub(super) fn get_mut(&mut self, node: NodeId) -> Option<&mut Neighbour> {
        self.neighbours.get_mut(&node)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (NodeId, &Neighbour)> {
        self.neighbours.iter().map(|(node, neighbour)| (*node, neighbour))
    }

    /// Forgets who was not heard for a minute.
    pub(super) fn sweep(&mut self, at: Instant) {
        self.neighbours.retain(|_, neighbour| neighbour.gone_at() > at);
    }

    /// The neighbours outside `cluster` that are to be greeted. Who only knocked is not: it greets
    /// this node itself, as long as it is there.
    pub(super) fn due(&self, at: Instant, cluster: ClusterId) -> Vec<(NodeId, FoundBy)> {
        self.iter()
            .filter(|(_, neighbour)| neighbour.is_greeted(cluster))
            .filter(|(_, neighbour)| neighbour.greeted + Self::GREET_INTERVAL <= at)
            .map(|(node, neighbour)| (node, neighbour.by))
            .collect()
    }

    pub(super) fn next_timeout(&self, cluster: Option<ClusterId>) -> Option<Instant> {
        let gone = self.neighbours.values().map(Neighbour::gone_at);
        let greet = self
            .neighbours
            .values()
            .filter(|neighbour| cluster.is_some_and(|cluster| neighbour.is_greeted(cluster)))
            .map(|neighbour| neighbour.greeted + Self::GREET_INTERVAL);
        gone.chain(greet).min()
    }

    /// The nodes that one in `standing` can be paired with, as people see them: neither its members,
    /// whose last hello may be from before they joined, nor who says that it belongs to its cluster.
    pub(super) fn view(
        &self,
        standing: Option<&Standing>,
        key: Option<SecretId>,
    ) -> Vec<NearbyView> {
        let belongs = |node: NodeId, neighbour: &Neighbour| {
            standing.is_some_and(|standing| {
                standing.members.contains(&node) || neighbour.hello.cluster == standing.cluster()
            })
        };
        self.iter()
            .filter(|(node, neighbour)| !belongs(*node, neighbour))
            .map(|(node, neighbour)| neighbour.view(node, key))
            .collect()
    }
}

impl Neighbour {
    /// After so many failures in a row this node no longer holds back for the sake of another that
    /// says it has the join key: some thirty seconds, long enough for a host that is at work.
    const PATIENCE: u32 = 5;

    fn is_greeted(&self, cluster: ClusterId) -> bool {
        self.hello.cluster != cluster && self.by != FoundBy::Knocked
    }

    fn gone_at(&self) -> Instant {
        self.seen.at + Nearby::TIMEOUT
    }

    /// It did not let this node in: the next attempt waits twice as long, and `jitter` more.
    pub(super) fn hold(&mut self, at: Instant, jitter: Duration) {
        self.failures = self.failures.saturating_add(1);
        let wait = Duration::from_secs(1_u64 << self.failures.min(12)).min(Nearby::MAX_HOLD);
        self.held_until = at + wait + jitter;
    }

    /// It cannot be trusted, or will not have this node: minutes pass before the next attempt.
    pub(super) fn bar(&mut self, at: Instant) {
        self.failures = self.failures.max(8);
        self.hold(at, Duration::ZERO);
    }

    /// Whether it may yet let this node in.
    pub(super) const fn promising(&self) -> bool {
        self.failures < Self::PATIENCE
    }

    fn view(&self, node: NodeId, key: Option<SecretId>) -> NearbyView {
        let join_key = match (self.hello.join_key, key) {
            (Some(theirs), Some(ours)) if theirs == ours => KeyMatch::Same,
            (Some(_), Some(_)) => KeyMatch::Other,
            (None, _) | (_, None) => KeyMatch::None,
        };
        NearbyView {
            node,
            name: self.hello.name.clone(),
            cluster: self.hello.cluster,
            cluster_name: self.hello.cluster_name.clone(),
            members: self.hello.members,
            version: self.hello.version.clone(),
            os: self.hello.os.clone(),
            by: self.by,
            join_key,
            seen: self.seen.wall,
        }
    }
}

impl Hello {
    /// The longest name that is kept of a stranger, in characters.
    pub(super) const MAX_NAME_LEN: usize = 40;
    /// The longest version or operating system that is kept of a stranger, in characters.
    const MAX_WORD_LEN: usize = 24;

    /// Without what a stranger could disturb a screen with: length, control characters, and marks
    /// that change the direction of the text around them.
    pub(super) fn tidied(self) -> Self {
        Self {
            name: tidy(&self.name, Self::MAX_NAME_LEN),
            cluster_name: tidy(&self.cluster_name, Self::MAX_NAME_LEN),
            version: tidy(&self.version, Self::MAX_WORD_LEN),
            os: tidy(&self.os, Self::MAX_WORD_LEN),
            ..self
        }
    }

    /// Orders clusters by who joins whom: one of several members comes before a lone node, and an
    /// older one before a younger. Two nodes that ask each other agree on it.
    pub(super) fn seniority(&self) -> (bool, Wall, ClusterId) {
        (self.members < 2, self.founded, self.cluster)
    }

    /// Orders clusters by which to choose: most members, then oldest, then smallest id.
    pub(super) fn appeal(&self) -> (Reverse<u16>, Wall, ClusterId) {
        (Reverse(self.members), self.founded, self.cluster)
    }
}

/// At most `len` printable characters of `text`.
pub(super) fn tidy(text: &str, len: usize) -> String {
    let turns = |c| matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !c.is_control() && !turns(*c)).take(len).collect()
}

/// The addresses that are kept of a node: at most 16, each at most 256 bytes.
pub(super) fn tidy_addresses(addresses: Vec<String>) -> Vec<String> {
    addresses.into_iter().filter(|address| address.len() <= 256).take(16).collect()
}
