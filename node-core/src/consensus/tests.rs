//! Whole groups in one process: real files and real time, and a network that can be cut.

mod calls;
mod changes;
mod damage;
mod leaving;
mod linear;
mod links;
mod recovery;
mod sim;
mod storage;
mod troubles;
mod waiting;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use bytes::Bytes;
use covey_logic::{
    ClusterId, Name, NodeId, Wall,
    agreed::{Agreed, Entry, Granted, Key},
    certificate::Role,
    coordination::{Act, Coordination, Done, Holder, Place, Refused},
};
use tempfile::TempDir;
use tokio::{sync::watch, time::Instant};

use super::{
    Carrier, Group, GroupView, Lineage, Notes, ProposeError, Standing, Surroundings, Thresholds,
};

const PATIENCE: Duration = Duration::from_secs(20);
const CLUSTER: Lineage = Lineage { cluster: ClusterId([9; 32]), number: 0 };

/// K83: one node is a group at once, and its restart has everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn group_of_one_agrees_at_once_and_remembers() {
    let mut site = Site::new();
    site.start(0, 1).await;

    assert_eq!(site.add(0, 5).await, Ok(Done::Counted { value: 5 }));
    site.stop(0).await;
    site.start(0, 1).await;

    assert_eq!(site.add(0, 1).await, Ok(Done::Counted { value: 6 }));
}

/// Few entries may be long: the log does not grow until there are five thousand of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn log_of_long_entries_is_left_out_up_to_a_snapshot() {
    let mut site = Site::new();
    site.start(0, 1).await;
    let long = || Act::Write { variable: name("long"), value: "x".repeat(64_000), expected: None };
    site.act(0, long()).await.unwrap();
    let entry = site.group(0).log.bytes();
    assert!(entry > 64_000, "{entry}");

    for _ in 0..2 * Group::LOG_BYTES / 64_000 {
        site.act(0, long()).await.unwrap();
    }

    site.until("its start is left out", |site| site.group(0).log.bytes() <= Group::LOG_BYTES).await;
    site.stop(0).await;
    site.start(0, 1).await;
    assert_eq!(site.add(0, 1).await, Ok(Done::Counted { value: 1 }));
}

/// K84, K85: two nodes have one voter, three have three once the newcomers have proven themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn voters_follow_the_members() {
    let mut site = Site::new();
    site.two().await;
    assert_eq!(site.view(0).unwrap().voters_needed, 1);

    site.start(2, 3).await;
    site.until("three vote", |site| site.voters(0).len() == 3).await;

    assert_eq!(site.add(2, 1).await, Ok(Done::Counted { value: 1 }), "from any member");
    assert_eq!(site.view(0).unwrap().voters_needed, 2);
}

/// D2, K89: the leader is cut off; the others go on, it refuses, and nothing acknowledged is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_of_the_leader_loses_nothing() {
    let mut site = Site::new();
    site.three().await;
    for _ in 0..20 {
        site.add(1, 1).await.unwrap();
    }
    let leader = site.leader().unwrap();
    let other = (leader + 1) % 3;

    site.isolate(leader);
    let begun = Instant::now();
    site.until("the others lead themselves", |site| {
        site.view(other).is_some_and(|view| view.leader.is_some_and(|led| led != id(leader)))
    })
    .await;
    let value = site.add(other, 1).await;
    println!("writes go on {} ms after the leader was cut off", begun.elapsed().as_millis());

    assert_eq!(value, Ok(Done::Counted { value: 21 }));
    let refused = site.add(leader, 1).await;
    assert!(matches!(refused, Err(ProposeError::NoQuorum { have: 1, need: 2 })), "{refused:?}");
    site.join(leader);
    site.until("the old leader follows", |site| site.count(leader) == 21).await;
    assert_eq!(site.add(leader, 1).await, Ok(Done::Counted { value: 22 }));
}

/// D3: without a majority the answer comes at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wish_without_a_majority_is_refused_at_once() {
    let mut site = Site::new();
    site.three().await;
    site.add(0, 1).await.unwrap();
    site.stop(1).await;
    site.stop(2).await;

    let begun = Instant::now();
    let refused = site.add(0, 1).await;

    assert_eq!(refused, Err(ProposeError::NoQuorum { have: 1, need: 2 }));
    // Its deadline is ten seconds.
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    site.start(1, 3).await;
    site.until("a majority is back", |site| site.view(0).unwrap().voters_seen == 2).await;
    assert_eq!(site.add(0, 1).await, Ok(Done::Counted { value: 2 }));
}

/// K88: who was cut off does not raise the term.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_was_cut_off_does_not_raise_the_term() {
    let mut site = Site::new();
    site.three().await;
    let leader = site.leader().unwrap();
    let cut = (leader + 1) % 3;
    let term = site.view(leader).unwrap().term;

    site.isolate(cut);
    tokio::time::sleep(Duration::from_secs(3)).await;
    site.join(cut);
    site.add(cut, 1).await.unwrap();

    assert_eq!(site.view(leader).unwrap().term, term);
}

/// K86: a voter that stays away is replaced if there is a spare, and keeps its place if not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_voter_is_replaced_by_a_spare() {
    let mut site = Site::new();
    site.four().await;
    let dead = (site.leader().unwrap() + 1) % 3;
    let here = site.leader().unwrap();

    site.stop(dead).await;

    // While both sets of voters must agree, all four vote (Ongaro, 2014, section 4.3).
    site.until("the spare votes instead", |site| {
        let voters = site.voters(here);
        voters.contains(&id(3)) && !voters.contains(&id(dead))
    })
    .await;
    assert_eq!(site.voters(here).len(), 3);
    assert_eq!(site.add(3, 1).await, Ok(Done::Counted { value: 1 }));
}

/// A node may wish nothing in another's name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wish_in_the_name_of_another_node_is_refused() {
    let mut site = Site::new();
    site.three().await;
    let other = (site.leader().unwrap() + 1) % 3;
    let act = Act::Add { counter: name("hits"), by: 1 };
    let actor = id(site.leader().unwrap());
    let entry = Entry { actor, at: Wall(0), key: None, clock: 0, wish: act.into() };

    let refused = site.group(other).hand_in(entry, PATIENCE).await;

    assert_eq!(refused, Err(ProposeError::Forbidden));
}

/// K93: who was away for longer than the log reaches gets a snapshot.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_was_away_for_long_gets_a_snapshot() {
    let mut site = Site::new();
    site.three().await;
    let away = (site.leader().unwrap() + 1) % 3;
    let here = (away + 1) % 3;
    site.stop(away).await;
    for _ in 0..70 {
        let adds = (0..100).map(|_| site.add(here, 1));
        let done: Vec<_> = futures::future::join_all(adds).await;
        assert!(done.iter().all(Result::is_ok), "{:?}", done.iter().find(|done| done.is_err()));
    }

    site.start(away, 3).await;

    site.until("it has all of it", |site| site.count(away) == 7_000).await;
}

/// K87: a node whose file is lost comes back as a learner under another number, and votes again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_whose_file_is_lost_is_filled_again() {
    let mut site = Site::new();
    site.three().await;
    site.add(0, 3).await.unwrap();
    let lost = (site.leader().unwrap() + 1) % 3;
    site.stop(lost).await;
    site.lose(lost);

    site.start(lost, 3).await;

    site.until("it has everything", |site| site.count(lost) == 3).await;
    site.until("it votes in the place of its old number", |site| {
        let view = site.view(lost).unwrap();
        view.standing == Standing::Voter && view.members.len() == 3
    })
    .await;
}

/// K97: the lease of a holder whose node died ends, and the next in line holds the lock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lock_of_a_dead_holder_passes_on() {
    let mut site = Site::new();
    site.three().await;
    let dead = (site.leader().unwrap() + 1) % 3;
    let next = (dead + 1) % 3;
    let lock = |node: usize| Act::Acquire {
        place: door(),
        holder: holder(node),
        permits: 1,
        lease: Duration::from_secs(2),
        wait: true,
    };
    let Ok(Done::Held { token }) = site.act(dead, lock(dead)).await else { panic!("not held") };
    assert_eq!(site.act(next, lock(next)).await, Ok(Done::Waits { ahead: 0 }));

    site.stop(dead).await;

    let begun = Instant::now();
    site.until("the next holds it", |site| {
        let held = |agreed: &Agreed| {
            let seats = agreed.coordination().place(&door());
            seats.is_some_and(|seats| seats.holds[0].holder.node == id(next))
        };
        site.group(next).look_here(held).0
    })
    .await;
    println!("the lock passed on after {} ms", begun.elapsed().as_millis());
    let stale = site.act(next, Act::Renew { place: door(), token }).await;
    assert_eq!(stale, Err(Refused::Fenced { place: door(), token }.into()));
}

/// A wish that is repeated under its key is done once, whichever member is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeated_wish_is_done_once_by_any_member() {
    let mut site = Site::new();
    site.three().await;
    let act = Act::Add { counter: name("hits"), by: 1 };

    for node in 0..3 {
        let done = site.group(node).propose(act.clone(), Key::new("once"), PATIENCE).await;
        assert_eq!(done, Ok(Granted::Coordination(Done::Counted { value: 1 })));
    }
}

/// What is read is never older than what was acknowledged, whichever member is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_see_what_was_acknowledged() {
    let mut site = Site::new();
    site.three().await;

    for value in 1..=30 {
        let node = value % 3;
        site.add(node, 1).await.unwrap();
        let other = (node + 1) % 3;
        let seen = site.group(other).look(PATIENCE, |agreed| hits(agreed.coordination()));
        assert_eq!(seen.await.unwrap().0, i64::try_from(value).unwrap());
    }
}

/// Nodes in one process, each with its file.
struct Site {
    folder: TempDir,
    switch: Arc<Switch>,
    groups: BTreeMap<usize, Arc<Group>>,
    around: BTreeMap<usize, watch::Sender<Surroundings>>,
    members: BTreeSet<usize>,
    thresholds: Thresholds,
}

/// Who reaches whom.
#[derive(Debug, Default)]
struct Switch {
    ports: Mutex<BTreeMap<NodeId, Weak<Group>>>,
    cut: Mutex<BTreeSet<NodeId>>,
    /// In sight of all, and gets nothing.
    mute: Mutex<BTreeSet<NodeId>>,
}

#[derive(Debug)]
struct Port {
    switch: Arc<Switch>,
    from: NodeId,
}

impl Carrier for Port {
    fn carry(&self, to: NodeId, message: Bytes) -> bool {
        let cut = self.switch.cut.lock().unwrap();
        let port = self.switch.ports.lock().unwrap().get(&to).and_then(Weak::upgrade);
        let mute = self.switch.mute.lock().unwrap().contains(&to);
        if mute || cut.contains(&to) || cut.contains(&self.from) {
            // A cut cable says nothing.
            return true;
        }
        let Some(group) = port else { return false };
        let from = self.from;
        tokio::spawn(async move { group.arrived(from, &message) });
        true
    }
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (switch, groups, around, members) = Default::default();
        let thresholds =
            Thresholds { probation: Duration::from_secs(1), absence: Duration::from_secs(3) };
        Self { folder, switch, groups, around, members, thresholds }
    }

    /// Two nodes: one votes, the other learns.
    async fn two(&mut self) {
        self.start(0, 1).await;
        self.start(1, 2).await;
        self.until_learns(1).await;
    }

    /// Four nodes: three vote, the fourth learns.
    async fn four(&mut self) {
        self.three().await;
        self.start(3, 4).await;
        self.until_learns(3).await;
    }

    async fn until_learns(&self, node: usize) {
        let learns =
            |site: &Self| site.view(node).is_some_and(|view| view.standing == Standing::Learner);
        self.until("it holds everything", learns).await;
    }

    /// Three nodes that all vote.
    async fn three(&mut self) {
        for node in 0..3 {
            self.start(node, node + 1).await;
        }
        self.until("three vote", |site| site.voters(0).len() == 3).await;
        self.until("all know", |site| (0..3).all(|node| site.voters(node).len() == 3)).await;
    }

    async fn start(&mut self, node: usize, members: usize) {
        self.start_in(CLUSTER, node, members).await;
    }

    /// Starts a node that takes this group for its cluster's.
    async fn start_in(&mut self, of: Lineage, node: usize, members: usize) {
        self.members = (0..members).collect();
        let (sender, around) = watch::channel(Surroundings::default());
        self.around.insert(node, sender);
        let port = Arc::new(Port { switch: Arc::clone(&self.switch), from: id(node) });
        let path = self.path_in(of, node);
        let parts = (port as Arc<dyn Carrier>, around);
        let group = Group::open_with(&path, (of, id(node)), parts, self.thresholds);
        let group = group.await.unwrap();
        self.switch.ports.lock().unwrap().insert(id(node), Arc::downgrade(&group));
        self.groups.insert(node, group);
        self.look_around();
    }

    async fn stop(&mut self, node: usize) {
        self.switch.ports.lock().unwrap().remove(&id(node));
        let group = self.groups.remove(&node).unwrap();
        group.close().await;
        self.around.remove(&node);
        self.look_around();
    }

    fn lose(&self, node: usize) {
        std::fs::remove_dir_all(self.path(node)).unwrap();
    }

    fn path(&self, node: usize) -> std::path::PathBuf {
        self.path_in(CLUSTER, node)
    }

    fn path_in(&self, of: Lineage, node: usize) -> std::path::PathBuf {
        self.folder.path().join(format!("{node}-{}", of.number))
    }

    fn isolate(&self, node: usize) {
        self.switch.cut.lock().unwrap().insert(id(node));
        self.look_around();
    }

    fn mute(&self, node: usize) {
        self.switch.mute.lock().unwrap().insert(id(node));
    }

    fn join(&self, node: usize) {
        self.switch.cut.lock().unwrap().remove(&id(node));
        self.look_around();
    }

    /// What the detector of each would say.
    fn look_around(&self) {
        let cut = self.switch.cut.lock().unwrap();
        for (node, around) in &self.around {
            let sees = |other: usize| {
                other != *node
                    && self.groups.contains_key(&other)
                    && !cut.contains(&id(other))
                    && !cut.contains(&id(*node))
            };
            around.send_replace(Surroundings {
                members: self.members.iter().map(|node| (id(*node), Role::Admin)).collect(),
                alive: self
                    .members
                    .iter()
                    .filter(|other| sees(**other))
                    .map(|other| id(*other))
                    .collect(),
                founder: *node == 0,
                notes: Notes::Compared,
                lineage: 0,
            });
        }
    }

    fn group(&self, node: usize) -> &Arc<Group> {
        &self.groups[&node]
    }

    fn view(&self, node: usize) -> Option<GroupView> {
        self.groups.get(&node).map(|group| group.view())
    }

    fn voters(&self, node: usize) -> Vec<NodeId> {
        let members = self.view(node).map(|view| view.members).unwrap_or_default();
        let votes = |standing| matches!(standing, Standing::Voter | Standing::Leader);
        members
            .into_iter()
            .filter(|member| votes(member.standing))
            .map(|member| member.node)
            .collect()
    }

    fn leader(&self) -> Option<usize> {
        let leads =
            |node: &usize| self.view(*node).is_some_and(|view| view.standing == Standing::Leader);
        (0..3).find(leads)
    }

    fn count(&self, node: usize) -> i64 {
        self.group(node).look_here(|agreed| hits(agreed.coordination())).0
    }

    async fn act(&self, node: usize, act: Act) -> Result<Done, ProposeError> {
        let granted = self.group(node).propose(act, None, Duration::from_secs(10)).await?;
        let Granted::Coordination(done) = granted else { panic!("{granted:?}") };
        Ok(done)
    }

    async fn add(&self, node: usize, by: i64) -> Result<Done, ProposeError> {
        self.act(node, Act::Add { counter: name("hits"), by }).await
    }

    async fn until(&self, what: &str, done: impl Fn(&Self) -> bool) {
        // A member proves itself for half a minute.
        let end = Instant::now() + PATIENCE + Duration::from_secs(60);
        while !done(self) {
            assert!(Instant::now() < end, "not in time: {what}: {:#?}", self.view(0));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn hits(state: &Coordination) -> i64 {
    state.counter(&name("hits")).value
}

fn door() -> Place {
    Place::lock(name("door"))
}

fn holder(node: usize) -> Holder {
    Holder { node: id(node), session: name("main") }
}

fn id(node: usize) -> NodeId {
    NodeId([u8::try_from(node + 1).unwrap(); 32])
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}
