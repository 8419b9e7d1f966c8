//! A node with agents of its own enters another cluster.

use std::time::Duration;

use covey_logic::{Command, Name, agent::AgentSpec, certificate::Role, event::Fact};
use covey_sim::{
    World,
    invariant::{Violation, converged, events, one_copy, one_winner},
    workload,
};

use crate::{
    harness::{each_seed, name, runs_everywhere, settle_to, setup, want},
    pairing::ask,
};

/// K95: the joiner's agents come along; what the cluster has under the same name stands, and the
/// joiner tells; what was removed there is no reason to leave an agent behind.
#[test]
fn joiner_brings_its_agents_but_for_those_that_the_cluster_has_for_every_seed() {
    each_seed("joining", 0..100, |seed| {
        let mut world = World::new(setup(seed, 2));
        world.boot_all();
        world.run_for(Duration::from_secs(1));
        let [both, lone, gone] = ["both", "lone", "gone"].map(name);
        want(&mut world, 0, of("host", &both));
        want(&mut world, 0, of("host", &gone));
        let removed = world.ask(0, Command::RemoveAgent { name: gone.clone() });
        assert!(matches!(removed, Some(Ok(_))), "seed {seed}: {removed:?}");
        for name in [&both, &lone, &gone] {
            want(&mut world, 1, of("joiner", name));
        }
        let request = ask(&mut world);

        world.command(0, Command::Accept { node: request.node, role: Role::Operator });

        assert!(world.run_until(Duration::from_secs(10), World::one_cluster), "seed {seed}");
        settle_to(&mut world, Duration::from_secs(30), rules)?;
        for (name, whose) in [(&both, "host"), (&lone, "joiner"), (&gone, "joiner")] {
            if !runs_everywhere(&world, name) {
                return Err(Violation::new("K95", format!("{name} does not run")));
            }
            for index in 0..2 {
                let found = world.agent(index, name).map(|agent| agent.capabilities);
                assert_eq!(found, Some(vec![whose.to_owned()]), "seed {seed}: {name} at {index}");
            }
        }
        assert_eq!(conflicts(&world), [both], "seed {seed}");
        Ok(())
    });
}

/// Every rule but the one about promises: those of the cluster that was left bind nobody.
fn rules(world: &World) -> Result<(), Violation> {
    converged::check(world)?;
    one_winner::check(world)?;
    one_copy::check(world)?;
    events::check(world)
}

/// An agent that says whose it is.
fn of(whose: &str, name: &Name) -> AgentSpec {
    AgentSpec { capabilities: vec![whose.to_owned()], ..workload::spec(name.clone()) }
}

/// The agents that the second node says it could not bring.
fn conflicts(world: &World) -> Vec<Name> {
    let (me, node) = (world.id(1), world.node(1).unwrap());
    let own = node.recent_events().filter(|event| event.origin == me);
    let conflict = |fact: &Fact| {
        if let Fact::AgentConflicted { name } = fact { Some(name.clone()) } else { None }
    };
    own.filter_map(|event| conflict(&event.fact)).collect()
}
