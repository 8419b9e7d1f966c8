//! Nodes around one log, with bidders that do not give up.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use covey_logic::{
    Credits, NodeId, Wall,
    agreed::{Agreed, Entry, Granted, Key, Outcome},
    economics::{
        self, Account, Act, Party,
        auction::{self, Offer, Phase, Taken},
        ledger,
    },
    event::Fact,
    supervision::placement::steward,
};
use covey_sim::{dice::Dice, invariant::Violation};

/// Every kind, by its name.
pub(super) const KINDS: [&str; 4] = ["english", "dutch", "first_price", "vickrey"];
pub(super) const NODES: usize = 4;
const MILLISECOND: u64 = 1_000_000;
pub(super) const SECOND: u64 = 1_000 * MILLISECOND;
/// Faults end then; what is open ends by itself afterwards.
pub(super) const STORM_ENDS: u64 = 20 * SECOND;
const END: u64 = 120 * SECOND;
const ISSUED: u64 = 5_000;

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Storm {
    /// Of a thousand questions or answers, how many get lost.
    pub(super) lost: u32,
    /// How often a node dies or is cut off, on the average, in milliseconds; nought: never.
    pub(super) every_ms: u64,
    /// After how many entries of the auction its steward dies.
    pub(super) dies: Option<usize>,
    pub(super) planted: Option<Planted>,
}

/// A fault that must be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Planted {
    /// Who repeats a wish takes another key.
    FreshKeys,
    /// A steward that died has no successor.
    NoSuccessor,
    /// Nodes take entries in by their own clocks.
    OwnClock,
}

impl Storm {
    pub(super) fn everything() -> Self {
        Self { lost: 150, every_ms: 700, dies: None, planted: None }
    }

    pub(super) fn some() -> Self {
        Self { lost: 50, every_ms: 0, dies: None, planted: None }
    }
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: NodeId,
    up: bool,
    reaches: bool,
    /// What it took in.
    agreed: Agreed,
    applied: usize,
    /// How far its clock is off, where that is a planted fault.
    skew: u64,
    /// Whom it sees.
    sees: BTreeSet<usize>,
}

/// What a bidder or a seller wants, until it is answered.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    by: usize,
    act: Act,
    tries: u64,
    answered: Option<Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// A node looks what is due.
    Look(usize),
    /// A wish is made or made again.
    Ask(usize),
    /// It arrives.
    Arrive(usize, u64),
    /// Its answer does.
    Answer(usize),
    /// What a steward says arrives.
    Said(usize, usize),
    /// A node takes the log in.
    Follow(usize),
    /// Bidders do something.
    Trade,
    /// Something fails.
    Fail,
    /// It is mended.
    Mend(usize),
}

pub(super) struct Bazaar {
    pub(super) dice: Dice,
    storm: Storm,
    pub(super) now: u64,
    turns: BinaryHeap<std::cmp::Reverse<(u64, u64, Turn)>>,
    count: u64,
    pub(super) nodes: Vec<Node>,
    pub(super) truth: Agreed,
    log: Vec<Entry>,
    /// Of which wanted thing each entry is, and whether it did it.
    done: Vec<(Option<usize>, bool)>,
    pub(super) wanted: Vec<Wanted>,
    said: Vec<Act>,
    /// Of each sealed bid: what opens it.
    pub(super) sealed: BTreeMap<(u64, usize), (Credits, [u8; 32])>,
    pub(super) trades: bool,
    pub(super) kind: Option<&'static str>,
    killed: bool,
}

impl Bazaar {
    pub(super) fn new(seed: u64, storm: Storm) -> Self {
        let node = |place: usize| Node {
            id: NodeId([u8::try_from(place + 1).unwrap_or(u8::MAX); 32]),
            up: true,
            reaches: true,
            agreed: Agreed::default(),
            applied: 0,
            skew: 0,
            sees: (0..NODES).collect(),
        };
        let mut new = Self {
            dice: Dice::new(seed, 21),
            storm,
            now: 0,
            turns: BinaryHeap::new(),
            count: 0,
            nodes: (0..NODES).map(node).collect(),
            truth: Agreed::default(),
            log: Vec::new(),
            done: Vec::new(),
            wanted: Vec::new(),
            said: Vec::new(),
            sealed: BTreeMap::new(),
            trades: false,
            kind: None,
            killed: false,
        };
        if storm.planted == Some(Planted::OwnClock) {
            for (place, node) in (0..).zip(&mut new.nodes) {
                node.skew = place * 300 * MILLISECOND;
            }
        }
        for node in 0..NODES {
            let to = Account::Owner(new.nodes[node].id);
            let amount = credits(ISSUED);
            new.want(node, ledger::Act::Issue { to, amount }.into());
            new.after(0, Turn::Look(node));
            new.after(0, Turn::Follow(node));
        }
        if storm.every_ms > 0 {
            new.after(0, Turn::Fail);
        }
        if storm.planted != Some(Planted::NoSuccessor) {
            // Members see each other again when all is quiet.
            for node in 0..NODES {
                new.after(STORM_ENDS + 5 * SECOND, Turn::Mend(node));
            }
        }
        new
    }

    /// Everyone does anything.
    pub(super) fn mixed_traffic(&mut self) {
        self.trades = true;
        self.after(SECOND / 2, Turn::Trade);
    }

    /// One auction, in which everyone but its seller bids.
    pub(super) fn one_auction(&mut self, kind: &str) {
        self.kind = KINDS.into_iter().find(|known| *known == kind);
        self.after(SECOND / 2, Turn::Trade);
    }

    /// How many entries there are.
    pub(super) fn entries(&self) -> usize {
        self.log.len()
    }

    /// Runs to the end, and looks after every entry.
    pub(super) fn run(&mut self) -> Result<(), Violation> {
        while let Some(std::cmp::Reverse((at, _, turn))) = self.turns.pop() {
            if at > END {
                break;
            }
            self.now = at;
            let before = self.log.len();
            self.take(turn);
            if self.log.len() > before {
                self.look_at_books()?;
                self.kill_the_steward();
            }
        }
        Ok(())
    }

    /// At the end nothing is open or held, all nodes have the same, and what was acknowledged is there
    /// once.
    pub(super) fn all_is_over(&mut self) -> Result<(), Violation> {
        for node in 0..NODES {
            self.follow(node, usize::MAX);
        }
        let economics = self.truth.economics();
        let open = economics.auctions().open().count();
        let holds = economics.ledger().holds().count();
        if open + holds > 0 {
            return Err(violation("everything ends", format!("{open} auctions, {holds} holds")));
        }
        for node in &self.nodes {
            if node.agreed.economics() != economics {
                return Err(violation("all nodes are alike", format!("{:?}", node.id)));
            }
        }
        self.look_at_acknowledged()?;
        let told = self.truth.chronicle().after(0, NodeId([0; 32]));
        let mut ended = BTreeMap::<u64, u32>::new();
        for event in told {
            if let Fact::AuctionClosed { auction, .. } | Fact::AuctionCancelled { auction, .. } =
                event.fact
            {
                *ended.entry(auction).or_default() += 1;
            }
        }
        match ended.iter().find(|(_, times)| **times != 1) {
            Some((auction, times)) => {
                Err(violation("one outcome", format!("auction {auction} ended {times} times")))
            }
            None => Ok(()),
        }
    }

    /// $1 and $2, and that what is paid is what the outcome says.
    fn look_at_books(&self) -> Result<(), Violation> {
        let economics = self.truth.economics();
        if !economics.ledger().is_balanced() {
            return Err(violation("$1, $2", format!("after entry {}", self.log.len())));
        }
        for (number, it) in economics.auctions().over() {
            let Some(sale) = it.outcome.as_ref().and_then(|outcome| outcome.sale.as_ref()) else {
                continue;
            };
            if sale.price > sale.bid {
                return Err(violation("nobody pays more than was bid", format!("{number}")));
            }
        }
        Ok(())
    }

    /// What an asker was told was done once in the log.
    fn look_at_acknowledged(&self) -> Result<(), Violation> {
        let mut times = vec![0_usize; self.wanted.len()];
        for (number, did) in &self.done {
            if let Some(number) = number {
                times[*number] += usize::from(*did);
            }
        }
        for (wanted, done) in self.wanted.iter().zip(times) {
            let Some(answer) = &wanted.answered else { continue };
            let once = usize::from(changed(answer));
            if done < once || done > 1 {
                let what = format!("{:?} was done {done} times: {answer:?}", wanted.act);
                return Err(violation("acknowledged is done once", what));
            }
        }
        Ok(())
    }

    fn take(&mut self, turn: Turn) {
        match turn {
            Turn::Look(node) => self.look(node),
            Turn::Ask(number) => self.ask(number),
            Turn::Arrive(number, tries) => self.arrive(number, tries),
            Turn::Answer(number) => self.answer(number),
            Turn::Said(node, number) => {
                if self.reaches(node) {
                    let act = self.said[number].clone();
                    drop(self.agree((node, None), None, act));
                }
            }
            Turn::Follow(node) => {
                let most = self.dice.index(100);
                self.follow(node, most);
                let delay = self.dice.log_micros(1_000, 300_000) * 1_000;
                self.after(delay, Turn::Follow(node));
            }
            Turn::Trade => self.trade(),
            Turn::Fail => self.fail(),
            Turn::Mend(node) => {
                self.nodes[node].up = true;
                self.nodes[node].reaches = true;
                self.sight();
            }
        }
    }

    /// A node proposes what it finds due, if it holds itself for the steward.
    fn look(&mut self, node: usize) {
        let delay = self.dice.micros(5_000, 100_000) * 1_000;
        self.after(delay, Turn::Look(node));
        if !self.nodes[node].up {
            return;
        }
        let clock = self.now;
        let due = self.nodes[node].agreed.economics().due(clock);
        for (key, act) in due.acts {
            let seen = self.nodes[node].sees.iter().map(|place| self.nodes[*place].id);
            if steward(&key, seen) == Some(self.nodes[node].id) && !self.lost() {
                let number = self.said.len();
                self.said.push(act);
                let delay = self.dice.log_micros(200, 200_000) * 1_000;
                self.after(delay, Turn::Said(node, number));
            }
        }
    }

    fn ask(&mut self, number: usize) {
        /// Whoever was not answered asks so often.
        const TRIES: u64 = 400;

        let wanted = &mut self.wanted[number];
        if wanted.answered.is_some() || wanted.tries >= TRIES {
            return;
        }
        wanted.tries += 1;
        let tries = wanted.tries;
        let again = self.dice.micros(50_000, 400_000) * 1_000;
        self.after(again, Turn::Ask(number));
        if self.nodes[self.wanted[number].by].up && !self.lost() {
            let delay = self.dice.log_micros(200, 200_000) * 1_000;
            self.after(delay, Turn::Arrive(number, tries));
        }
    }

    fn arrive(&mut self, number: usize, tries: u64) {
        let Wanted { by, act, .. } = self.wanted[number].clone();
        if !self.reaches(by) {
            return;
        }
        let fresh = self.storm.planted == Some(Planted::FreshKeys);
        let key = if fresh { format!("{number}-{tries}") } else { format!("{number}-") };
        let outcome = self.agree((by, Some(number)), Key::new(&key), act);
        if !self.lost() && self.wanted[number].answered.is_none() {
            self.wanted[number].answered = Some(outcome);
            let delay = self.dice.log_micros(200, 200_000) * 1_000;
            self.after(delay, Turn::Answer(number));
        }
    }

    /// Who committed opens the bid as soon as it may.
    fn answer(&mut self, number: usize) {
        let Wanted { by, act, answered, .. } = self.wanted[number].clone();
        let Act::Auction(auction::Act::Offer { auction, offers }) = act else { return };
        let Some((_, Offer::Commit(_))) = offers.first() else { return };
        let committed = answered.as_ref().is_some_and(changed);
        // Some never open.
        if committed && !self.dice.chance(150) {
            let (amount, nonce) = self.sealed[&(auction, by)];
            self.offer_when(by, (auction, Phase::Revealing), Offer::Reveal { amount, nonce });
        }
    }

    /// Makes an offer some while after now, as a bidder that waits for the phase would.
    fn offer_when(&mut self, by: usize, (auction, phase): (u64, Phase), offer: Offer) {
        let economics = self.truth.economics();
        let Some(it) = economics.auctions().get(auction) else { return };
        let due = if it.phase == phase { self.now } else { it.due().max(self.now) };
        let delay = due - self.now + self.dice.micros(1_000, 900_000) * 1_000;
        let offers = vec![(Party::Owner, offer)];
        self.want_after(delay, by, auction::Act::Offer { auction, offers }.into());
    }

    fn follow(&mut self, node: usize, most: usize) {
        let follower = &mut self.nodes[node];
        if !follower.up && most < usize::MAX {
            return;
        }
        for entry in self.log.iter().skip(follower.applied).take(most) {
            let mut entry = entry.clone();
            entry.clock += follower.skew;
            drop(follower.agreed.apply(entry));
            follower.applied += 1;
        }
    }

    fn agree(
        &mut self,
        (node, wanted): (usize, Option<usize>),
        key: Option<Key>,
        act: Act,
    ) -> Outcome {
        let (actor, at) = (self.nodes[node].id, Wall(self.now / MILLISECOND));
        let entry = Entry { actor, at, key, clock: self.now, wish: act.into() };
        let known = entry.key.clone();
        let outcome = self.truth.apply(entry.clone());
        // An answer that is remembered is no deed.
        let repeated = known.is_some() && self.log.iter().any(|entry| entry.key == known);
        self.log.push(entry);
        self.done.push((wanted, !repeated && changed(&outcome)));
        outcome
    }

    fn fail(&mut self) {
        if self.now > STORM_ENDS {
            return;
        }
        let next = self.dice.micros(1, self.storm.every_ms * 2_000) * 1_000;
        self.after(next, Turn::Fail);
        let node = self.dice.index(NODES);
        if self.dice.chance(500) {
            self.nodes[node].up = false;
        } else {
            self.nodes[node].reaches = false;
        }
        self.sight();
        if self.storm.planted == Some(Planted::NoSuccessor) {
            // It stays the steward of all others, and comes back no more.
            for other in &mut self.nodes {
                other.sees.insert(node);
            }
            return;
        }
        let delay = self.dice.micros(200_000, 4_000_000) * 1_000;
        self.after(delay, Turn::Mend(node));
    }

    /// Whoever would proceed with the first auction dies, for a while.
    fn kill_the_steward(&mut self) {
        if self.killed || self.storm.dies != Some(self.log.len()) {
            return;
        }
        self.killed = true;
        let up = (0..NODES).filter(|node| self.nodes[*node].up);
        let chosen = steward("auction/1", up.map(|node| self.nodes[node].id));
        if let Some(node) = (0..NODES).find(|node| Some(self.nodes[*node].id) == chosen) {
            self.nodes[node].up = false;
            self.sight();
            let delay = self.dice.micros(1_000_000, 9_000_000) * 1_000;
            self.after(delay, Turn::Mend(node));
        }
    }

    /// Members see who is there; some of them late, so two may be stewards, or none.
    fn sight(&mut self) {
        let up: BTreeSet<usize> =
            (0..NODES).filter(|node| self.nodes[*node].up && self.nodes[*node].reaches).collect();
        for node in 0..NODES {
            if self.now > STORM_ENDS || !self.dice.chance(200) {
                self.nodes[node].sees = up.clone();
                self.nodes[node].sees.insert(node);
            }
        }
    }

    fn reaches(&self, node: usize) -> bool {
        self.nodes[node].up && self.nodes[node].reaches
    }

    fn lost(&mut self) -> bool {
        self.now < STORM_ENDS && self.dice.chance(self.storm.lost)
    }

    pub(super) fn want(&mut self, by: usize, act: Act) {
        self.want_after(0, by, act);
    }

    pub(super) fn want_after(&mut self, delay: u64, by: usize, act: Act) {
        let number = self.wanted.len();
        self.wanted.push(Wanted { by, act, tries: 0, answered: None });
        self.after(delay, Turn::Ask(number));
    }

    pub(super) fn after(&mut self, delay: u64, turn: Turn) {
        self.count += 1;
        self.turns.push(std::cmp::Reverse((self.now + delay, self.count, turn)));
    }
}

/// Whether something was done.
fn changed(outcome: &Outcome) -> bool {
    match outcome {
        Ok(Granted::Economics(economics::Done::Auction(auction::Done::Offered(results)))) => {
            results.iter().any(|result: &Result<Taken, _>| result.is_ok())
        }
        Ok(_) => true,
        Err(_) => false,
    }
}

pub(super) fn credits(amount: u64) -> Credits {
    Credits::new(amount).unwrap_or_default()
}

fn violation(rule: &'static str, what: String) -> Violation {
    Violation::new(rule, what)
}
