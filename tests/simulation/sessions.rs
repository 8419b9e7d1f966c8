//! Sessions, whose steward is killed at each step: the log decides, whoever is steward.
//!
//! The group is stood in for by one log. Each node takes it in as late as the seed says, and knows
//! as late who is up; so there may be two stewards for a while, or none. Agents answer what they think
//! at that moment, but the same to the same key while they live; messages and proposals get lost.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use covey_logic::{
    Epoch, Name, NodeId, Wall,
    event::Fact,
    sessions::{Act, End, Heard, Mark, Noted, Plan, Said, Session, Sessions, Standing},
};
use covey_sim::{dice::Dice, invariant::Violation};
use serde_json::{Value, json};

use crate::harness::{each_seed, first_failure, name};

const NODES: usize = 3;
const AGENTS: [&str; 5] = ["a", "b", "c", "d", "e"];
const MS: u64 = 1_000_000;
/// After so many steps, a session that has not ended never will.
const MOST_STEPS: usize = 2_000;

/// K1, K2: one end, the same on all nodes, and no word that was taken is lost or counts twice. Each
/// seed is for one protocol.
#[test]
fn session_ends_once_whichever_step_its_steward_is_killed_at_for_every_seed() {
    each_seed("sessions::session_ends_once", 0..500, |seed| {
        let protocols = ["vote", "weighted", "contract_net", "allocation"];
        let protocol = protocols[usize::try_from(seed % 4).unwrap_or(0)];
        let mut whole = Scene::new(seed, protocol, Planted::Nothing);
        whole.run(None)?;
        for step in 0..whole.steps {
            Scene::new(seed, protocol, Planted::Nothing).run(Some(step))?;
        }
        Ok(())
    });
}

#[test]
fn steward_that_begins_anew_instead_of_going_on_is_found() {
    let found = first_failure(0..50, |seed| {
        (0..40).try_for_each(|step| Scene::new(seed, "vote", Planted::BeginsAnew).run(Some(step)))
    });

    assert!(found.is_some());
}

/// A fault that must be found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Planted {
    Nothing,
    /// Who becomes steward has the session begin again, as a coordinator without a log would.
    BeginsAnew,
}

/// A node's part.
#[derive(Default)]
struct Node {
    copy: Sessions,
    /// How much of the log it has taken in.
    taken: usize,
    up: bool,
    /// Whom it holds to be up.
    sees: BTreeSet<usize>,
    /// Whom it asked in this life, in which round.
    asked: BTreeSet<(u32, Name)>,
    heard: Vec<(u32, Heard)>,
    /// Whether it was steward.
    leads: bool,
}

/// What is on its way.
enum Travelling {
    Question { to: usize, from: usize, round: u32 },
    Answer { to: usize, agent: usize, round: u32, word: String, life: u64 },
    Proposal { from: usize, act: Act },
}

struct Scene {
    dice: Dice,
    nodes: Vec<Node>,
    log: Vec<(Mark, Act)>,
    truth: Sessions,
    facts: Vec<Fact>,
    session: u64,
    clock: u64,
    travelling: VecDeque<Travelling>,
    /// What each agent said under which key, in its life.
    said: BTreeMap<(usize, u32), String>,
    lives: [u64; 5],
    /// Words that were acknowledged.
    taken: Vec<(u32, Name, String)>,
    planted: Planted,
    steps: usize,
}

impl Scene {
    fn new(seed: u64, protocol: &str, planted: Planted) -> Self {
        let node = || Node { up: true, sees: (0..NODES).collect(), ..Node::default() };
        let mut scene = Self {
            dice: Dice::new(seed, 31),
            nodes: (0..NODES).map(|_| node()).collect(),
            log: Vec::new(),
            truth: Sessions::default(),
            facts: Vec::new(),
            session: 1,
            clock: MS,
            travelling: VecDeque::new(),
            said: BTreeMap::new(),
            lives: [1; 5],
            taken: Vec::new(),
            planted,
            steps: 0,
        };
        let mut plan = Plan::new(protocol, AGENTS.map(name).to_vec());
        if protocol == "allocation" {
            plan.options = [("resources".to_owned(), "cpu=7".to_owned())].into();
        }
        scene.land(0, Act::Start(Box::new(plan)));
        scene
    }

    /// Goes on until all nodes know the end; whoever is steward after `kill` steps is killed then,
    /// and comes back.
    fn run(&mut self, kill: Option<usize>) -> Result<(), Violation> {
        let mut back = None;
        while self.steps < MOST_STEPS && !self.all_know() {
            if kill == Some(self.steps) {
                back = Some(self.kill());
            }
            if let Some(node) = back
                && kill.is_some_and(|kill| self.steps == kill + 60)
            {
                self.boot(node);
            }
            self.step();
            self.steps += 1;
        }
        self.check()
    }

    /// One thing happens: a node looks, something arrives, an agent moves, or time passes.
    fn step(&mut self) {
        self.clock += MS * (1 + self.dice.below(100));
        let node = self.dice.index(NODES);
        match self.dice.below(4) {
            0 | 1 => self.look(node),
            2 => {
                let place = self.dice.index(self.travelling.len());
                if let Some(one) = self.travelling.remove(place)
                    && !self.dice.chance(100)
                {
                    self.arrive(one);
                }
            }
            _ => {
                self.follow(node);
                if self.dice.chance(20) {
                    // Another life: it thinks anew.
                    let agent = self.dice.index(AGENTS.len());
                    self.lives[agent] += 1;
                    self.said.retain(|(who, _), _| *who != agent);
                }
            }
        }
    }

    /// A node takes some of the log in, and hears who is up.
    fn follow(&mut self, node: usize) {
        if !self.nodes[node].up {
            return;
        }
        let upto = self.log.len();
        let from = self.nodes[node].taken;
        let more = self.dice.index(upto - from + 1);
        for (mark, act) in &self.log[from..from + more] {
            drop(self.nodes[node].copy.apply(*mark, act.clone(), &mut Vec::new()));
        }
        self.nodes[node].taken += more;
        if self.dice.chance(300) {
            self.nodes[node].sees = (0..NODES).filter(|other| self.nodes[*other].up).collect();
        }
    }

    /// What a node does if it holds itself for the steward: asks, hands in, and tells the time.
    fn look(&mut self, node: usize) {
        self.follow(node);
        let here = &self.nodes[node];
        // The one that comes first of those it sees, from the session's place on.
        let leads = here.up && here.sees.iter().min() == Some(&node);
        let begins = leads && !std::mem::replace(&mut self.nodes[node].leads, leads);
        if !leads {
            return;
        }
        let Some(session) = self.nodes[node].copy.get(self.session).cloned() else { return };
        if session.end.is_some() {
            return;
        }
        if self.planted == Planted::BeginsAnew && begins && !session.journal.is_empty() && node > 0
        {
            self.session += 1_000;
            self.land(node, Act::Start(Box::new(session.plan)));
            return;
        }
        let round = session.round;
        for place in session.places.iter().filter(|place| place.standing == Standing::Awaited) {
            if self.nodes[node].asked.insert((round, place.agent.clone())) || self.dice.chance(50) {
                let to = AGENTS.iter().position(|agent| *agent == place.agent.as_str());
                let question = Travelling::Question { to: to.unwrap_or(0), from: node, round };
                self.travelling.push_back(question);
            }
        }
        let heard: Vec<Heard> = std::mem::take(&mut self.nodes[node].heard)
            .into_iter()
            .filter(|(of, _)| *of == round)
            .map(|(_, heard)| heard)
            .collect();
        if !heard.is_empty() {
            let act = Act::Hear { session: self.session, round, heard };
            self.travelling.push_back(Travelling::Proposal { from: node, act });
        }
        if self.clock >= session.round_deadline {
            let act = Act::Time { session: self.session, round };
            self.travelling.push_back(Travelling::Proposal { from: node, act });
        }
    }

    fn arrive(&mut self, one: Travelling) {
        match one {
            Travelling::Question { to, from, round } => {
                let session = self.truth.get(self.session).cloned();
                let Some(session) = session.filter(|it| it.round == round) else { return };
                let fresh = self.think(&session);
                let word = self.said.entry((to, round)).or_insert(fresh).clone();
                let life = self.lives[to];
                self.travelling.push_back(Travelling::Answer {
                    to: from,
                    agent: to,
                    round,
                    word,
                    life,
                });
            }
            Travelling::Answer { to, agent, round, word, life } if self.nodes[to].up => {
                let (epoch, node) = (Epoch(life), NodeId([9; 32]));
                let said = Said::Word { epoch, node, word };
                let heard = Heard { agent: name(AGENTS[agent]), said };
                self.nodes[to].heard.push((round, heard));
            }
            // Under way already, it lands also if who proposed it was killed, and perhaps twice.
            Travelling::Proposal { from, act } => {
                self.land(from, act.clone());
                if self.dice.chance(200) {
                    self.land(from, act);
                }
            }
            Travelling::Answer { .. } => {}
        }
    }

    /// What an agent thinks at this moment.
    fn think(&mut self, session: &Session) -> String {
        let number = self.dice.below(9);
        let word: Value = match session.question().0 {
            "session.vote" => json!({ "option": if number < 5 { "approve" } else { "reject" } }),
            "session.weigh" => json!({ "vote": number * 12 }),
            "session.offer" => json!({ "price": number }),
            "session.accept" => json!({ "accept": number < 5 }),
            _ => json!({ "demands": { "cpu": number } }),
        };
        word.to_string()
    }

    fn land(&mut self, by: usize, act: Act) {
        let revision = if matches!(act, Act::Start(_)) {
            self.session
        } else {
            self.log.len() as u64 + 10_000
        };
        let actor = NodeId([u8::try_from(by).unwrap_or(0); 32]);
        let mark = Mark { revision, actor, at: Wall(self.clock / MS), clock: self.clock };
        let before = self.words();
        drop(self.truth.apply(mark, act.clone(), &mut self.facts));
        self.log.push((mark, act));
        let after = self.words();
        self.taken.extend(after.into_iter().skip(before.len()));
    }

    fn words(&self) -> Vec<(u32, Name, String)> {
        let journal = self.truth.get(self.session).map(|session| session.journal.clone());
        let said = journal.into_iter().flatten().filter_map(|note| {
            let Noted::Said { agent, word, .. } = note.what else { return None };
            Some((note.round, agent, word))
        });
        said.collect()
    }

    /// Kills whoever is the steward by its own lights, or the first that is up.
    fn kill(&mut self) -> usize {
        let leader = (0..NODES).find(|node| self.nodes[*node].leads && self.nodes[*node].up);
        let node = leader.unwrap_or(0);
        self.nodes[node].up = false;
        node
    }

    /// It comes back with its disk.
    fn boot(&mut self, node: usize) {
        let old = std::mem::take(&mut self.nodes[node]);
        let sees = (0..NODES).collect();
        self.nodes[node] =
            Node { copy: old.copy, taken: old.taken, up: true, sees, ..Node::default() };
    }

    fn all_know(&self) -> bool {
        let over = |sessions: &Sessions| {
            sessions.get(self.session).is_some_and(|session| session.end.is_some())
        };
        over(&self.truth) && self.nodes.iter().filter(|node| node.up).all(|node| over(&node.copy))
    }

    fn check(&self) -> Result<(), Violation> {
        let wrong = |what: &str| Err(Violation::new("one end", what.to_owned()));
        let Some(session) = self.truth.get(self.session) else { return wrong("it is lost") };
        let Some(End::Finished { .. } | End::NoQuorum { .. } | End::Expired) = &session.end else {
            return wrong(&format!("it ended with {:?}", session.end));
        };
        for node in self.nodes.iter().filter(|node| node.up) {
            if node.copy.get(self.session).map(|copy| &copy.end) != Some(&session.end) {
                return wrong("another end on one node");
            }
        }
        if self.words() != self.taken {
            return wrong("words that were taken are not those that are there");
        }
        let mut speakers: Vec<_> = self.taken.iter().map(|(round, who, _)| (round, who)).collect();
        speakers.sort();
        speakers.dedup();
        if speakers.len() != self.taken.len() {
            return wrong("a word counts twice");
        }
        if self.facts.len() != 2 {
            return wrong(&format!("{} facts are told", self.facts.len()));
        }
        Ok(())
    }
}
