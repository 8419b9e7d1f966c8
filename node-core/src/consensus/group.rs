//! One node's part in the group of its cluster.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use covey_logic::{
    ClusterId, NodeId,
    agreed::{Agreed, Chronicle, Entry, Granted, Key, Voters, Wish},
    balancer,
    certificate::Role,
    coordination::Lease,
    event::EventRecord,
};
use openraft::{Config, ServerState, SnapshotPolicy};
use tokio::{sync::watch, time::Instant};

use super::{
    batch::{Reads, Writes},
    calls::{CallError, Calls, Carrier},
    clock::LeaderClock,
    disk::Disk,
    error::{ConsensusError, ProposeError},
    keeper::{Keeper, Surroundings, Thresholds},
    log::Log,
    network::{HEARD, Links},
    packet::{Answer, Question},
    state::{End, State},
    types::{Lineage, Metrics, Raft, RaftId},
    view::{GroupView, RaftMemberView, Standing},
};
use crate::{clock, entropy};

/// One node's part in the group of its cluster. It ends when it is closed.
pub struct Group {
    pub(super) me: NodeId,
    pub(super) id: RaftId,
    pub(super) raft: Raft,
    pub(super) disk: Disk,
    pub(super) log: Log,
    writes: Writes,
    reads: Reads,
    pub(super) calls: Arc<Calls>,
    pub(super) around: watch::Receiver<Surroundings>,
    pub(super) state: State,
    /// Tells this node's wishes apart that came without a key: a number of this process, and one
    /// of each wish.
    process: u64,
    wishes: AtomicU64,
    /// Where the log ended when this part began: what it waited for before, it waits for no more.
    pub(super) began: End,
    /// Whether it leads and is about to lead no more.
    pub(super) yields: AtomicBool,
    /// Who leads: it changes seldom, and many wait for that.
    leader: watch::Receiver<Option<RaftId>>,
    /// The clock of the group, while this node leads.
    clock: LeaderClock,
    /// Since when each lease runs, as far as this node saw, and how long it lasts.
    leases: Mutex<Leases>,
}

/// Leases with since when they run, and how long they last.
pub(super) type Leases = BTreeMap<Lease, (Instant, Duration)>;

/// The voters, and how many of them are in sight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quorum {
    pub(super) have: u32,
    pub(super) need: u32,
}

impl Quorum {
    pub(super) fn holds(self) -> bool {
        self.have >= self.need
    }
}

impl Group {
    /// How often a leader says that it leads: some 300 bytes to and from each member.
    const HEARTBEAT: Duration = Duration::from_millis(150);
    /// How long nobody may say so before a voter stands: two heartbeats at least, and apart by
    /// chance, so that two seldom stand at once (Ongaro and Ousterhout, 2014, section 5.2).
    pub(super) const ELECTION: (Duration, Duration) =
        (Duration::from_millis(300), Duration::from_millis(600));
    /// A leader that no majority has answered for so long refuses wishes: another may lead by now.
    pub(super) const ACK_TIMEOUT: Duration = Duration::from_millis(1_500);
    /// Entries between two snapshots, and how many stay in the log behind one: who was away for
    /// fewer needs no snapshot.
    const SNAPSHOT_AFTER: u64 = 5_000;
    const LOG_KEPT: u64 = 1_000;
    /// A log of so many bytes is left out up to a snapshot, however few entries it has.
    pub(super) const LOG_BYTES: usize = 64 * 1024 * 1024;
    /// Between two looks for a leader.
    const LOOK_INTERVAL: Duration = Duration::from_millis(20);
    /// How long one piece of a snapshot may take.
    const SNAPSHOT_TIMEOUT: Duration = Duration::from_secs(5);

    /// Opens this node's part in a group, whose store is in the folder at `path`. Where it stands
    /// in the group follows from what `around` says, and when that changes from the thresholds.
    ///
    /// # Errors
    ///
    /// See [`ConsensusError`].
    pub async fn open(
        path: &Path,
        (of, me): (Lineage, NodeId),
        carrier: Arc<dyn Carrier>,
        (around, thresholds): (watch::Receiver<Surroundings>, watch::Receiver<Thresholds>),
    ) -> Result<Arc<Self>, ConsensusError> {
        let (disk, mut loaded) = Disk::open(path).await?;
        let id = loaded.id;
        let state = State::new(disk.clone(), &mut loaded).map_err(|source| {
            ConsensusError::Damaged { path: path.to_owned(), what: "the state", source }
        })?;
        let kept = (id, Log::new(disk, &mut loaded), state);
        let tuning = (thresholds, Self::config());
        Self::start(kept, (of, me), (carrier, around), tuning).await
    }

    /// Goes on with what a disk held: this node's number, its log, and its state.
    pub(super) async fn start(
        (id, log, state): (RaftId, Log, State),
        (of, me): (Lineage, NodeId),
        (carrier, around): (Arc<dyn Carrier>, watch::Receiver<Surroundings>),
        (thresholds, config): (watch::Receiver<Thresholds>, Config),
    ) -> Result<Arc<Self>, ConsensusError> {
        let calls = Arc::new(Calls::new(carrier, of)?);
        let links = Links { calls: Arc::clone(&calls), disk: log.disk().clone() };
        let raft = Raft::new(id, Arc::new(config), links, log.clone(), state.clone()).await;
        let raft = raft.map_err(|error| ConsensusError::Raft(error.to_string()))?;
        // Until a majority is seen; the keeper looks after it.
        raft.runtime_config().elect(false);
        let (process, wishes) = (u64::from_be_bytes(entropy::bytes()?), AtomicU64::new(0));
        let leader = follow_leader(raft.metrics());
        let yields = AtomicBool::new(false);
        let (writes, reads) = (Writes::new(raft.clone(), around.clone()), Reads::new(raft.clone()));
        let group = Arc::new(Self {
            me,
            id,
            raft,
            disk: log.disk().clone(),
            log,
            writes,
            reads,
            calls,
            around,
            began: state.began(),
            state,
            process,
            wishes,
            yields,
            leader,
            clock: LeaderClock::default(),
            leases: Mutex::default(),
        });
        drop(tokio::spawn(Keeper::new(&group, thresholds).run()));
        Ok(group)
    }

    /// The same, with thresholds that stay as they are.
    #[cfg(test)]
    pub(super) async fn open_with(
        path: &Path,
        who: (Lineage, NodeId),
        (carrier, around): (Arc<dyn Carrier>, watch::Receiver<Surroundings>),
        thresholds: Thresholds,
    ) -> Result<Arc<Self>, ConsensusError> {
        Self::open(path, who, carrier, (around, watch::channel(thresholds).1)).await
    }

    pub(super) fn config() -> Config {
        let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Config {
            cluster_name: "covey".to_owned(),
            heartbeat_interval: ms(Self::HEARTBEAT),
            election_timeout_min: ms(Self::ELECTION.0),
            election_timeout_max: ms(Self::ELECTION.1),
            install_snapshot_timeout: ms(Self::SNAPSHOT_TIMEOUT),
            snapshot_policy: SnapshotPolicy::LogsSinceLast(Self::SNAPSHOT_AFTER),
            max_in_snapshot_log_to_keep: Self::LOG_KEPT,
            // Below the longest message of the fabric, 4 MiB, with the longest entries.
            max_payload_entries: 16,
            snapshot_max_chunk_size: 1024 * 1024,
            ..Config::default()
        }
    }

    /// Ends this node's part; its file stays.
    pub async fn close(&self) {
        if let Err(error) = self.raft.shutdown().await {
            tracing::warn!(%error, "the group ended by a panic");
        }
        self.disk.close().await;
    }

    /// Whether it takes nothing in any more: its disk failed.
    pub(super) fn has_stopped(&self) -> bool {
        self.raft.metrics().borrow().running_state.is_err()
    }

    /// Whether this node was let in, and has what there is.
    pub(super) fn is_filled(&self) -> bool {
        let view = self.view();
        view.standing != Standing::Outside && view.leader.is_some() && view.applied == view.last
    }

    /// Of which cluster.
    #[must_use]
    pub fn cluster(&self) -> ClusterId {
        self.of().cluster
    }

    /// Which group it is.
    #[must_use]
    pub fn of(&self) -> Lineage {
        self.calls.of()
    }

    /// Has the group carry a wish out, and waits for what came of it: it is on the disks of a
    /// majority. From any member. Repeated under the same key it is done once.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`]; at the deadline at the latest, and at once if no majority is in sight.
    pub async fn propose(
        &self,
        wish: impl Into<Wish>,
        key: Option<Key>,
        timeout: Duration,
    ) -> Result<Granted, ProposeError> {
        let wish = wish.into();
        let role = self.around.borrow().members.get(&self.me).copied();
        let issues = matches!(&wish, Wish::Economics(act) if act.is_issue());
        let own = issues || matches!(wish, Wish::Settings(_) | Wish::ResetRate(_) | Wish::Tasks(_));
        if own && role < Some(needs(&wish)) {
            return Err(ProposeError::Forbidden);
        }
        // So that it is done once, however often it is handed on.
        let key = key.or_else(|| self.fresh_key());
        let entry = Entry { actor: self.me, at: clock::wall(), key, clock: 0, wish };
        self.hand_in(entry, timeout).await
    }

    /// A key that no other wish has.
    pub(crate) fn fresh_key(&self) -> Option<Key> {
        let number = self.wishes.fetch_add(1, Ordering::Relaxed);
        Key::new(&format!("{:016x}-{number}", self.process))
    }

    /// Finds the leader, and has it take the entry in.
    pub(super) async fn hand_in(
        &self,
        entry: Entry,
        timeout: Duration,
    ) -> Result<Granted, ProposeError> {
        let deadline = Instant::now() + timeout;
        let mut handed_on = false;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let metrics = self.raft.metrics().borrow().clone();
            self.agrees(&metrics)
                .map_err(|error| if handed_on { ProposeError::Unknown } else { error })?;
            if left.is_zero() {
                return Err(if handed_on { ProposeError::Unknown } else { ProposeError::NoLeader });
            }
            match leader_of(&metrics) {
                Some((id, _)) if id == self.id => match self.lead(entry.clone(), left).await {
                    Err(ProposeError::NoLeader) => {}
                    result => return result,
                },
                Some((id, node)) => {
                    let question = Question::Propose(entry.clone());
                    let asked = self.calls.ask((node, Some(id)), question, left);
                    let mut leader = self.leader.clone();
                    let answer = tokio::select! {
                        answer = asked => answer,
                        // Whoever led may never answer; its successor does it once, by its key.
                        _ = leader.wait_for(|leader| *leader != Some(id)) => {
                            Err(CallError::TimedOut)
                        }
                    };
                    match answer {
                        Ok(Answer::Proposed(Err(
                            ProposeError::NoLeader | ProposeError::NoQuorum { .. },
                        ))) => {}
                        // Done once, by its key, however often it is handed on.
                        Ok(Answer::Proposed(Err(ProposeError::Unknown)))
                        | Err(CallError::TimedOut) => handed_on = true,
                        Ok(Answer::Proposed(result)) => return result,
                        Ok(_) | Err(CallError::NotConnected | CallError::Elsewhere) => {}
                    }
                }
                None => {}
            }
            tokio::time::sleep(Self::LOOK_INTERVAL.min(left)).await;
        }
    }

    /// Looks at what is agreed, once this node has taken in everything that was acknowledged
    /// anywhere before now; and how many wishes that are.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`]; [`ProposeError::Unknown`] cannot be, as nothing changes.
    pub async fn look<T>(
        &self,
        timeout: Duration,
        look: impl FnOnce(&Agreed) -> T,
    ) -> Result<(T, u64), ProposeError> {
        let deadline = Instant::now() + timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let metrics = self.raft.metrics().borrow().clone();
            self.agrees(&metrics)?;
            if left.is_zero() {
                return Err(ProposeError::NoLeader);
            }
            let index = match leader_of(&metrics) {
                Some((id, _)) if id == self.id => self.read_index(left).await.ok(),
                Some((id, node)) => {
                    match self.calls.ask((node, Some(id)), Question::Index, left).await {
                        Ok(Answer::Index(index)) => index.ok(),
                        Ok(_) | Err(_) => None,
                    }
                }
                None => None,
            };
            let mut applied = self.state.applied();
            if let Some(index) = index
                && tokio::time::timeout_at(deadline, applied.wait_for(|at| *at >= index))
                    .await
                    .is_ok()
            {
                return Ok(self.look_here(look));
            }
            tokio::time::sleep(Self::LOOK_INTERVAL.min(left)).await;
        }
    }

    /// Looks at what this node has taken in so far, and how many wishes that were.
    pub fn look_here<T>(&self, look: impl FnOnce(&Agreed) -> T) -> (T, u64) {
        self.state.read(|agreed| (look(agreed), agreed.revision()))
    }

    /// The leases that run, as far as this node saw.
    pub(super) fn leases(&self) -> MutexGuard<'_, Leases> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// In how long a lease ends unless it is renewed, counted from when this node heard that it was
    /// last: never too short. None if it has not heard of it.
    #[must_use]
    pub fn lease_left(&self, lease: &Lease) -> Option<Duration> {
        let (since, span) = *self.leases().get(lease)?;
        Some(span.saturating_sub(since.elapsed()))
    }

    /// Where the clock of the group is at least, in nanoseconds: where the last entry that this node
    /// took in had it, and the time since then.
    #[must_use]
    pub fn clock_here(&self) -> u64 {
        self.state.clock()
    }

    /// The changes of primitives after the one numbered `known`, as events.
    pub(crate) fn changes_after(&self, known: u64) -> Vec<EventRecord> {
        let Lineage { cluster, number } = self.of();
        let origin = Chronicle::origin(cluster, number);
        self.state.read(|agreed| agreed.chronicle().after(known, origin))
    }

    /// How many wishes this node took in, and as they become more.
    #[must_use]
    pub fn revision(&self) -> watch::Receiver<u64> {
        self.state.revision()
    }

    /// The index of the last entry of the log that this node took in.
    pub(super) fn applied(&self) -> u64 {
        *self.state.applied().borrow()
    }

    /// The voters in sight, and how many of them agree: a leader that they do not answer sees too few.
    #[must_use]
    pub fn voters(&self) -> Voters {
        let metrics = self.raft.metrics().borrow().clone();
        let quorum = self.quorum(&metrics);
        match self.agrees(&metrics) {
            Ok(()) => Voters { have: quorum.have, need: quorum.need.max(1) },
            Err(ProposeError::NoQuorum { have, need }) => Voters { have, need },
            Err(_) => Voters::default(),
        }
    }

    /// The group as this node sees it.
    #[must_use]
    pub fn view(&self) -> GroupView {
        let metrics = self.raft.metrics().borrow().clone();
        let quorum = self.quorum(&metrics);
        let members = metrics.membership_config.membership();
        let voters: BTreeSet<RaftId> = members.voter_ids().collect();
        let leader = leader_of(&metrics);
        let standing = |id: RaftId| {
            if leader.is_some_and(|(leader, _)| leader == id) {
                Standing::Leader
            } else if voters.contains(&id) {
                Standing::Voter
            } else {
                Standing::Learner
            }
        };
        let last = metrics.last_log_index.unwrap_or(0);
        let behind = |id: RaftId| {
            let matched = (*metrics.replication.as_ref()?.get(&id)?).map_or(0, |at| at.index);
            Some(last.saturating_sub(matched))
        };
        let mut seen: Vec<RaftMemberView> = members
            .nodes()
            .map(|(id, peer)| RaftMemberView {
                node: peer.node(),
                standing: standing(*id),
                seen: self.sees(*id, peer.node()),
                behind: behind(*id),
            })
            .collect();
        seen.sort_by_key(|member| member.node);
        let inside = members.get_node(&self.id).is_some();
        GroupView {
            cluster: self.cluster(),
            standing: if inside { standing(self.id) } else { Standing::Outside },
            leader: leader.map(|(_, node)| node),
            term: metrics.current_term,
            applied: metrics.last_applied.map_or(0, |id| id.index),
            last,
            voters_seen: quorum.have,
            voters_needed: quorum.need,
            members: seen,
            stopped: metrics.running_state.err().map(|error| error.to_string()),
        }
    }

    /// As the leader.
    pub(super) async fn lead(
        &self,
        mut entry: Entry,
        timeout: Duration,
    ) -> Result<Granted, ProposeError> {
        if self.yields.load(Ordering::Relaxed) {
            return Err(ProposeError::NoLeader);
        }
        let term = self.raft.metrics().borrow().current_term;
        let reached = || self.state.read(Agreed::clock);
        entry.taken_in(self.clock.now(term, reached));
        let written = tokio::time::timeout(timeout, self.writes.write(entry)).await;
        written.unwrap_or(Err(ProposeError::Unknown))
    }

    /// The index of an entry that is no older than this question, as the leader.
    pub(super) async fn read_index(&self, timeout: Duration) -> Result<u64, ProposeError> {
        let index = tokio::time::timeout(timeout, self.reads.index()).await;
        index.ok().flatten().ok_or(ProposeError::NoLeader)
    }

    /// Whether a majority of the voters is in sight, and answers if this node leads; a group that
    /// has no voters yet may have some soon.
    pub(super) fn agrees(&self, metrics: &Metrics) -> Result<(), ProposeError> {
        if let Err(fatal) = &metrics.running_state {
            return Err(ProposeError::Stopped { reason: fatal.to_string() });
        }
        let quorum = self.quorum(metrics);
        let mute = metrics.state == ServerState::Leader
            && quorum.need > 1
            && metrics
                .millis_since_quorum_ack
                .is_some_and(|ms| u128::from(ms) > (Self::ACK_TIMEOUT - HEARD).as_millis());
        if quorum.holds() && !mute {
            return Ok(());
        }
        let have = if mute { quorum.have.min(quorum.need - 1) } else { quorum.have };
        Err(ProposeError::NoQuorum { have, need: quorum.need })
    }

    /// Whether a member is there: its node is up, and did not say that its part of the group is gone.
    pub(super) fn sees(&self, id: RaftId, node: NodeId) -> bool {
        id == self.id || self.around.borrow().alive.contains(&node) && !self.calls.is_replaced(id)
    }

    /// The voters in sight of all there are; in a change of voters the set that lacks most.
    pub(super) fn quorum(&self, metrics: &Metrics) -> Quorum {
        let members = metrics.membership_config.membership();
        let seen =
            |id: &RaftId| members.get_node(id).is_some_and(|peer| self.sees(*id, peer.node()));
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let sets = members.get_joint_config().iter().map(|voters| Quorum {
            have: count(voters.iter().filter(|id| seen(id)).count()),
            need: if voters.is_empty() { 0 } else { count(voters.len() / 2 + 1) },
        });
        let lacking = |quorum: &Quorum| quorum.need.saturating_sub(quorum.have);
        sets.max_by_key(lacking).unwrap_or(Quorum { have: 0, need: 0 })
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("node", &self.me)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The least role that may wish it.
pub(super) fn needs(wish: &Wish) -> Role {
    match wish {
        Wish::Coordination(act) if act.is_forced() => Role::Operator,
        Wish::Tasks(balancer::Act::Choose { .. }) => Role::Operator,
        Wish::Coordination(_) | Wish::Portion(_) | Wish::Names(_) | Wish::Tasks(_) => Role::Worker,
        Wish::Settings(_) | Wish::ResetRate(_) => Role::Operator,
        Wish::Economics(act) if act.is_issue() => Role::Admin,
        Wish::Sessions(act) if act.is_forced() => Role::Operator,
        Wish::Economics(_) | Wish::Sessions(_) => Role::Worker,
    }
}

/// Who leads, for as long as the group runs.
fn follow_leader(mut metrics: watch::Receiver<Metrics>) -> watch::Receiver<Option<RaftId>> {
    let (sender, leader) = watch::channel(metrics.borrow_and_update().current_leader);
    drop(tokio::spawn(async move {
        while metrics.changed().await.is_ok() {
            let now = metrics.borrow_and_update().current_leader;
            sender.send_if_modified(|leader| std::mem::replace(leader, now) != now);
        }
    }));
    leader
}

/// The leader that a node knows of, and which node it is.
pub(super) fn leader_of(metrics: &Metrics) -> Option<(RaftId, NodeId)> {
    let leader = metrics.current_leader?;
    let peer = metrics.membership_config.membership().get_node(&leader)?;
    Some((leader, peer.node()))
}
