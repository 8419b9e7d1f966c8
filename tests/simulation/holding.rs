//! Names that one node holds at a time: the nodes' part, against what stands in for the group.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use covey_logic::{
    Command, CommandError, Name, Outcome,
    registry::{Backend, NameCommand},
};
use covey_sim::{
    World,
    dice::Dice,
    invariant::{self, Violation, one_holder},
    planted::Planted,
};

use crate::harness::{each_seed, first_failure, name, register, settle_to, setup};

/// The longest that the lease of a node that is gone keeps its names, with some asking.
const FREE: Duration = Duration::from_secs(15);
/// Between two looks: far below the second that lies between the two ends of a lease.
const LOOK: Duration = Duration::from_millis(20);

/// In whatever parts the cluster falls, whoever stands still, sleeps or dies, whatever the clocks on
/// the wall say, and for however long.
#[test]
fn name_never_has_two_holders_for_every_seed() {
    each_seed("holding::name_never_has_two_holders", 0..1_000, |seed| {
        let mut scene = Scene::new(seed, 5);
        scene.trouble(seed)?;
        scene.calm()
    });
}

/// The smaller side has let go of the name when the larger side is granted it.
#[test]
fn larger_side_is_granted_it_after_the_smaller_side_let_go() {
    each_seed("holding::larger_side_is_granted", 0..1_000, |seed| {
        let mut scene = Scene::new(seed, 3);
        let one = scene.names[0].clone();
        let first = scene.granted(0, &one);

        let cut = scene.world.isolate(&[0]);
        let end = scene.world.now() + FREE;
        let mut second = None;
        while scene.world.now() < end && second.is_none() {
            scene.world.command(1, register(&one));
            scene.watch(Duration::from_millis(200))?;
            second = scene.world.believes(1, &one);
        }
        scene.world.mend(cut);

        assert!(second > first, "seed {seed}: {first:?}, then {second:?}");
        scene.calm()
    });
}

/// The machine stood still past its lease; its name is another's when it goes on.
#[test]
fn node_that_stood_still_does_not_hold_it_when_it_goes_on() {
    each_seed("holding::node_that_stood_still", 0..1_000, |seed| {
        let mut scene = Scene::new(seed, 3);
        let one = scene.names[0].clone();
        let first = scene.granted(0, &one);

        scene.world.freeze(0);
        scene.watch(FREE)?;
        let second = scene.granted(1, &one);
        scene.world.thaw(0);
        scene.watch(Duration::from_secs(5))?;

        assert!(second > first, "seed {seed}: {first:?}, then {second:?}");
        assert_eq!(scene.world.believes(0, &one), None, "seed {seed}");
        scene.calm()
    });
}

/// What a node held before it was killed is free as soon as it has started anew.
#[test]
fn later_life_of_a_node_holds_nothing_and_keeps_nothing_from_others() {
    each_seed("holding::later_life_of_a_node", 0..1_000, |seed| {
        let mut scene = Scene::new(seed, 3);
        let one = scene.names[0].clone();
        scene.granted(2, &one);

        scene.world.kill(2);
        scene.world.boot(2);
        let free = scene
            .world
            .run_until(Duration::from_secs(3), |world| world.holdings().get(&one).is_none());

        assert!(free, "seed {seed}: {:?}", scene.world.holdings().get(&one));
        scene.calm()
    });
}

#[test]
fn minority_is_refused_at_once() {
    each_seed("holding::minority_is_refused", 0..200, |seed| {
        let mut scene = Scene::new(seed, 3);
        let (one, other) = (scene.names[0].clone(), scene.names[1].clone());
        scene.granted(0, &one);
        let cut = scene.world.isolate(&[0]);
        scene.watch(Duration::from_secs(10))?;

        let begun = scene.world.now();
        let refused = scene.world.ask(0, register(&other));
        let took = scene.world.now() - begun;
        let gone = scene.world.believes(0, &one);
        scene.world.mend(cut);

        let why = CommandError::NoQuorum { have: 1, need: 2 };
        assert_eq!(refused, Some(Ok(Outcome::Names(vec![Err(why)]))), "seed {seed}");
        assert!(took < Duration::from_millis(50), "seed {seed}: {took:?}");
        assert_eq!(gone, None, "seed {seed}");
        scene.calm()
    });
}

/// Names that nodes hold by themselves are brought before the group: of two sides that each had one
/// holder, one is told that it lost.
#[test]
fn names_move_to_the_group_and_back() {
    each_seed("holding::names_move_to_the_group", 0..300, |seed| {
        let mut scene = Scene::new(seed, 3);
        scene.keep(Backend::Replicated);
        let names = scene.names.clone();
        for (machine, name) in names.iter().enumerate().take(3) {
            let done = scene.world.ask(machine, register(name));
            assert_eq!(done, Some(Ok(Outcome::Names(vec![Ok(())]))), "seed {seed}");
        }

        scene.keep(Backend::Consensus);
        scene.watch(Duration::from_secs(5))?;
        let held: Vec<bool> = (0..3)
            .map(|machine| scene.world.believes(machine, &names[machine]).is_some())
            .collect();
        scene.calm()?;
        scene.keep(Backend::Replicated);
        scene.watch(Duration::from_secs(5))?;

        assert_eq!(held, [true; 3], "seed {seed}");
        let left = scene.world.holdings().iter().count();
        assert_eq!(left, 0, "seed {seed}: the group keeps none");
        for (machine, name) in names.iter().enumerate().take(3) {
            let owner = scene.world.node(0).and_then(|node| node.registry().owner(name));
            let (node, token) = owner.map(|owner| (owner.node, owner.token)).unzip();
            assert_eq!((node, token), (Some(scene.world.id(machine)), Some(None)), "seed {seed}");
        }
        Ok(())
    });
}

#[test]
fn holder_that_ignores_its_lease_is_found() {
    let found = first_failure(0..20, |seed| {
        let mut scene = Scene::new(seed, 5);
        scene.world.plant(Planted::EndlessLease);
        scene.trouble(seed)
    });

    assert!(found.is_some_and(|(_, why)| why.starts_with("one holder")));
}

/// A cluster with a group, of which the default namespace is kept by consensus.
struct Scene {
    world: World,
    names: Vec<Name>,
    /// The last holder of each name that was seen, and its token.
    last: BTreeMap<Name, (usize, u64, u64)>,
}

impl Scene {
    fn new(seed: u64, machines: usize) -> Self {
        let mut world = World::cluster(setup(seed, machines));
        world.found_group();
        world.run_for(Duration::from_secs(1));
        let names = ["a", "b", "c"].map(name).to_vec();
        let mut scene = Self { world, names, last: BTreeMap::new() };
        scene.keep(Backend::Consensus);
        scene
    }

    fn keep(&mut self, backend: Backend) {
        let namespace = "default".to_owned();
        let set = Command::Name(NameCommand::SetBackend { namespace, backend });
        assert_eq!(self.world.ask(0, set), Some(Ok(Outcome::Done)));
        let all = self.world.run_until(Duration::from_secs(5), |world| {
            world.live().all(|(_, it)| it.node.registry().backend("default") == backend)
        });
        assert!(all, "every node hears what keeps the names");
    }

    /// Has a machine granted a name, and gives its token.
    fn granted(&mut self, machine: usize, name: &Name) -> Option<u64> {
        let mut token = None;
        let end = self.world.now() + FREE;
        while token.is_none() && self.world.now() < end {
            drop(self.world.ask(machine, register(name)));
            token = self.world.believes(machine, name);
        }
        assert!(token.is_some(), "n{machine} is granted {name}");
        token
    }

    /// Everything goes wrong for a while, while all want all names.
    fn trouble(&mut self, seed: u64) -> Result<(), Violation> {
        let mut dice = Dice::new(seed, 12);
        for _ in 0..3 {
            let side: Vec<_> = (0..5).filter(|_| dice.chance(400)).collect();
            let cut = self.world.isolate(&side);
            let [frozen, killed, asleep, jumps] = [(); 4].map(|()| dice.index(5));
            if dice.chance(500) {
                self.world.freeze(frozen);
            }
            if dice.chance(300) {
                self.world.kill(killed);
            }
            let (sleeps, stood) = (dice.chance(300), dice.chance(500));
            if sleeps {
                self.world.sleep(asleep, dice.chance(500));
            }
            if dice.chance(500) {
                let ms = i64::try_from(dice.below(60_000)).unwrap_or(0) - 30_000;
                self.world.jump_clock(jumps, ms);
            }
            let span = Duration::from_micros(dice.log_micros(500_000, 30_000_000));
            self.want_all(&mut dice, span)?;
            self.world.thaw(frozen);
            if sleeps {
                self.world.wake_up(asleep, stood);
            }
            self.world.mend(cut);
            self.world.boot(killed);
            let span = Duration::from_millis(dice.below(6_000));
            self.want_all(&mut dice, span)?;
        }
        Ok(())
    }

    /// Nodes claim names and give them up.
    fn want_all(&mut self, dice: &mut Dice, span: Duration) -> Result<(), Violation> {
        let end = self.world.now() + span;
        while self.world.now() < end {
            let machine = dice.index(5);
            let some = self.names[dice.index(3)].clone();
            let command = match dice.below(4) {
                0 => Command::Deregister { names: vec![some] },
                1 => Command::Register {
                    names: self.names.iter().map(|name| (name.clone(), BTreeMap::new())).collect(),
                },
                _ => register(&some),
            };
            self.world.command(machine, command);
            self.watch(Duration::from_micros(dice.log_micros(20_000, 1_000_000)))?;
        }
        Ok(())
    }

    /// Runs for a while in which each name has one holder at most, under tokens that grow.
    fn watch(&mut self, span: Duration) -> Result<(), Violation> {
        let end = self.world.now() + span;
        while self.world.now() < end {
            self.world.run_for(LOOK);
            for (name, (machine, token)) in one_holder::check_now(&self.world, &self.names)? {
                let life = self.world.machine(machine).disk.incarnation.0;
                let now = (machine, life, token);
                let last = self.last.insert(name.clone(), now);
                let grows = last.is_none_or(|last| last == now || last.2 < token);
                if !grows {
                    let found = format!("{name} is held as {now:?} after {last:?}");
                    return Err(Violation::new("tokens grow", found));
                }
            }
        }
        Ok(())
    }

    /// All goes well again: all know the same, and a name that is free is granted to whoever asks.
    fn calm(&mut self) -> Result<(), Violation> {
        self.world.heal();
        settle_to(&mut self.world, Duration::from_secs(40), |world| {
            invariant::agreement::check(world)?;
            invariant::converged::check(world)?;
            invariant::watched::check(world)?;
            one_holder::check(world)
        })?;
        let held: BTreeSet<Name> =
            self.world.holdings().iter().map(|(name, _)| name.clone()).collect();
        for one in self.names.clone().into_iter().filter(|name| !held.contains(name)) {
            let done = self.world.ask(1, register(&one));
            if done != Some(Ok(Outcome::Names(vec![Ok(())]))) {
                return Err(Violation::new("a free name is granted", format!("{one}: {done:?}")));
            }
        }
        Ok(())
    }
}
