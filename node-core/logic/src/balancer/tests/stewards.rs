//! Stewards that are lost, doubled and late, and agents that die: what the log makes of it.
//!
//! The log stands in for the group. Each steward has taken in a part of it; agents remember calls
//! by their keys as nodes do, and write effects under them.

use std::collections::{BTreeMap, BTreeSet};

use super::{NODE, agent, new_task, queue};
use crate::{
    agreed::{Agreed, Entry, Granted, Wish},
    balancer::{
        Able, Act, AttemptEnd, Chance, Dispatcher, Ending, Errand, Limits, NewTask, Pay,
        Settlement, StrategyKind, TaskState,
    },
    credits::{Ask, Credits},
    economics::{Account, ledger},
    ids::{Name, NodeId},
    time::Wall,
};

const STEP: u64 = 50_000_000;
const AGENTS: usize = 4;
/// What whoever submits has, and what a task pays at most.
const FUNDS: u64 = 1_000;
const MOST: u64 = 5;

#[test]
fn every_task_ends_once_whatever_dies_for_every_seed() {
    let mut doubled = 0;
    for seed in 1..=500 {
        let mut world = World::new(seed);

        world.trouble();
        world.calm();

        let kept = world.check(seed);
        doubled += usize::from(world.begun.values().any(|times| *times > 1));
        assert!(kept > 0, "seed {seed}");
    }
    // The faults are real: without the keys effects would have been doubled.
    assert!(doubled > 50, "{doubled}");
}

/// One part of the cluster that may be steward.
struct Steward {
    dispatcher: Dispatcher,
    /// What it took in, and how many entries that is.
    agreed: Agreed,
    known: usize,
    believes: bool,
    /// The calls whose answers it waits for.
    waits: Vec<Errand>,
    /// What it has not told yet.
    ends: Vec<Settlement>,
}

/// A call that an agent remembers by its key.
enum Call {
    Runs { ends: u64 },
    Answered(String),
}

struct World {
    chance: Chance,
    clock: u64,
    log: Vec<Entry>,
    /// All of the log.
    truth: Agreed,
    stewards: Vec<Steward>,
    calls: BTreeMap<(Name, String), Call>,
    effects: BTreeMap<String, String>,
    /// How often each was begun to be done.
    begun: BTreeMap<String, u32>,
    accepted: BTreeSet<u64>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            chance: Chance::new(seed),
            clock: 0,
            log: Vec::new(),
            truth: Agreed::default(),
            stewards: Vec::new(),
            calls: BTreeMap::new(),
            effects: BTreeMap::new(),
            begun: BTreeMap::new(),
            accepted: BTreeSet::new(),
        };
        let (to, amount) = (Account::Owner(NODE), Credits::new(FUNDS).unwrap());
        world.propose(Wish::Economics(ledger::Act::Issue { to, amount }.into()));
        let strategy = Some(StrategyKind::Auction);
        world.propose(Act::Choose { queue: None, strategy }.into());
        (0..3).for_each(|number| world.stewards.push(Steward::new(seed * 3 + number)));
        world
    }

    fn trouble(&mut self) {
        for _ in 0..120 {
            if self.chance.below(4) == 0 && self.accepted.len() < 40 {
                self.submit();
            }
            let one = self.chance.below(3);
            match self.chance.below(12) {
                // Lost with all it waits for; its successor knows what the log says.
                0 => {
                    let seed = self.chance.draw();
                    self.stewards[one] = Steward::new(seed);
                }
                1 => self.stewards[one].believes ^= true,
                2 | 3 => self.kill_agent(),
                _ => {}
            }
            for number in 0..3 {
                let slow = self.chance.below(3) == 0;
                self.go(number, !slow);
            }
            self.step();
        }
    }

    fn calm(&mut self) {
        for _ in 0..3_000 {
            for number in 0..3 {
                self.stewards[number].believes = number == 0;
                self.go(number, true);
            }
            self.step();
            if self.truth.tasks().open() == 0 {
                return;
            }
        }
    }

    fn submit(&mut self) {
        let pay =
            (self.chance.below(3) > 0).then(|| Pay { most: Credits::new(MOST).unwrap(), by: None });
        let new = NewTask { attempts: 100, pay, ..new_task("a") };
        let count = 1 + self.chance.below(4);
        let done = self.propose(Act::Submit(vec![new; count]).into());
        let Granted::Tasks(done) = done else { panic!("{done:?}") };
        self.accepted.extend(done.ids());
    }

    /// After each entry the books are right, whoever proposed what and how often.
    fn propose(&mut self, wish: Wish) -> Granted {
        let at = Wall(self.log.len() as u64);
        let entry = Entry { actor: NODE, at, key: None, clock: self.clock, wish };
        let done = self.truth.apply(entry.clone()).unwrap();
        assert_eq!(self.truth.audit().faults, []);
        self.log.push(entry);
        done
    }

    /// A steward takes in what it heard, and does what follows.
    fn go(&mut self, number: usize, hears: bool) {
        if hears {
            let known = self.stewards[number].known;
            for entry in &self.log[known..] {
                self.stewards[number].agreed.apply(entry.clone()).unwrap();
            }
            self.stewards[number].known = self.log.len();
        }
        self.listen(number);
        let able = |number: usize| Able {
            agent: agent(number),
            node: owner(number),
            extra: 0,
            strain: None,
            ask: Ask::new(1_000 + 500 * u32::try_from(number).unwrap()),
        };
        let able: Vec<Able> = (0..AGENTS).map(able).collect();
        let steward = &mut self.stewards[number];
        let mine = steward.believes.then(|| (queue("a"), able)).into_iter().collect();
        let limits = Limits { in_flight: 3, ..Limits::default() };
        let round = steward.dispatcher.round(steward.agreed.tasks(), self.clock, &mine, limits);
        steward.waits.retain(|errand| !round.dropped.contains(&errand.task));
        for errand in round.errands {
            self.call(&errand);
            self.stewards[number].waits.push(errand);
        }
        // What is proposed may be lost on its way, and then it is proposed again.
        if self.chance.below(5) > 0 && !round.choices.is_empty() {
            self.propose(Act::Assign { choices: round.choices, most: 3 }.into());
        }
        if self.chance.below(3) > 0 {
            let ends = self.stewards[number].ends.clone();
            if !ends.is_empty() {
                self.propose(Act::Settle(ends).into());
            }
            // Told twice at times.
            if self.chance.below(3) > 0 {
                self.stewards[number].ends.clear();
            }
        }
    }

    /// The first call under a key is begun; others join it.
    fn call(&mut self, errand: &Errand) {
        let id = (errand.agent.clone(), errand.key.clone());
        if !self.calls.contains_key(&id) {
            *self.begun.entry(errand.key.clone()).or_default() += 1;
            let ends = self.clock + STEP * (1 + self.chance.draw() % 6);
            self.calls.insert(id, Call::Runs { ends });
        }
    }

    /// What a steward hears of its calls.
    fn listen(&mut self, number: usize) {
        let waits = std::mem::take(&mut self.stewards[number].waits);
        for errand in waits {
            let end = match self.calls.get(&(errand.agent.clone(), errand.key.clone())) {
                Some(Call::Runs { .. }) => {
                    self.stewards[number].waits.push(errand);
                    continue;
                }
                Some(Call::Answered(value)) => {
                    let node = (0..AGENTS).find(|number| agent(*number) == errand.agent);
                    let node = owner(node.unwrap());
                    AttemptEnd::Done { value: value.clone(), took_us: 1_000, node }
                }
                None => AttemptEnd::Lost { reason: "it ended".to_owned() },
            };
            let Errand { task, attempt, agent, .. } = errand;
            self.stewards[number].ends.push(Settlement { task, attempt, agent, end });
        }
    }

    /// An agent dies with what it has, and lives again; some of it had its effect.
    fn kill_agent(&mut self) {
        let name = agent(self.chance.below(AGENTS));
        let running = |((at, _), call): (&(Name, String), &Call)| {
            *at == name && matches!(call, Call::Runs { .. })
        };
        let lost: Vec<_> =
            self.calls.iter().filter(|entry| running(*entry)).map(|(id, _)| id.clone()).collect();
        for id in lost {
            if self.chance.below(2) == 0 {
                self.effect(&id);
            }
            self.calls.remove(&id);
        }
    }

    /// As `docs/tasks.md` asks of an agent: under the key, if nothing is there.
    fn effect(&mut self, (name, key): &(Name, String)) -> String {
        let effect = self.effects.entry(key.clone()).or_insert_with(|| format!("\"{name}\""));
        effect.clone()
    }

    fn step(&mut self) {
        self.clock += STEP;
        let over = |call: &Call| matches!(call, Call::Runs { ends } if *ends <= self.clock);
        let over: Vec<_> =
            self.calls.iter().filter(|(_, call)| over(call)).map(|(id, _)| id.clone()).collect();
        for id in over {
            let effect = self.effect(&id);
            self.calls.insert(id, Call::Answered(effect));
        }
    }

    /// How many tasks were done: all of them, each with the effect that stands.
    fn check(&self, seed: u64) -> usize {
        let tasks = self.truth.tasks();
        assert_eq!(tasks.open(), 0, "seed {seed}: {:?}", tasks.lines().next());
        for id in &self.accepted {
            let task = tasks.get(*id).unwrap_or_else(|| panic!("seed {seed}: {id} is lost"));
            let TaskState::Over { ending: Ending::Done { value }, .. } = &task.state else {
                panic!("seed {seed}: {id} is {:?}", task.state)
            };
            let effect = self.effects.get(&task.call_key(*id));
            assert_eq!(effect, Some(value), "seed {seed}: {id}");
        }
        assert_eq!(self.effects.len(), self.accepted.len(), "seed {seed}");
        self.check_pay(seed);
        self.accepted.len()
    }

    /// Every task that pays was paid for once, its price and no more; nothing is held any more.
    fn check_pay(&self, seed: u64) {
        let ledger = self.truth.economics().ledger();
        let mut paid: BTreeMap<u64, (u32, Credits)> = BTreeMap::new();
        let mut spent = 0;
        for posting in ledger.postings().filter(|it| matches!(it.why, ledger::Why::Captured(_))) {
            let (times, sum) = paid.entry(posting.within.task.unwrap()).or_default();
            (*times, *sum) = (*times + 1, posting.amount);
            let pays = posting.credit != Account::Owner(NODE);
            spent += if pays { posting.amount.signed() } else { 0 };
        }
        for id in &self.accepted {
            let task = self.truth.tasks().get(*id).unwrap();
            let price = task.price().filter(|price| !price.is_zero());
            assert_eq!(paid.remove(id), price.map(|price| (1, price)), "seed {seed}: {id}");
            assert!(price.is_none() == task.wanted.pay.is_none(), "seed {seed}: {task:?}");
        }
        assert!(paid.is_empty(), "seed {seed}: {paid:?}");
        assert_eq!(ledger.balance(&Account::Escrow), 0, "seed {seed}");
        let left = i64::try_from(FUNDS).unwrap() - spent;
        assert_eq!(ledger.balance(&Account::Owner(NODE)), left, "seed {seed}");
    }
}

impl Steward {
    fn new(seed: u64) -> Self {
        Self {
            dispatcher: Dispatcher::new(seed),
            agreed: Agreed::default(),
            known: 0,
            believes: seed.is_multiple_of(3),
            waits: Vec::new(),
            ends: Vec::new(),
        }
    }
}

/// Whose node an agent runs on.
fn owner(number: usize) -> NodeId {
    NodeId([2 + u8::try_from(number).unwrap(); 32])
}
