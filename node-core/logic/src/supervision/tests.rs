//! Placement and the restart rule; whole clusters are tested in the simulator.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    agent::{
        AgentSpec, Builtin, ExitReason, Intent, Placement, Programs, RestartPolicy, RestartRule,
        Runtime,
    },
    certificate::Role,
    ids::{Name, NodeId},
    replica::Summary,
    supervision::{
        Restarts, Verdict, base_of,
        placement::{Candidate, Exclusion, Sight, exclusions, highest},
    },
    time::Instant,
};

/// K61: the same members give the same place a thousand times, in whatever order each node knows
/// them.
#[test]
fn every_node_chooses_the_same_place_whatever_the_order() {
    let summaries = summaries(5);
    let mut places = candidates(&summaries);
    let first = choose(&spec("a"), &places);

    for ask in 0..1_000 {
        places.rotate_left(1);
        if ask % 7 == 0 {
            places.reverse();
        }
        assert_eq!(choose(&spec("a"), &places), first);
    }
}

/// K63: of four members and a fifth, the fifth gets a fifth of the agents, and nothing else changes.
#[test]
fn node_that_joins_takes_its_share_and_no_other_agent_moves() {
    let (four, five) = (summaries(4), summaries(5));
    let (before, after) = (candidates(&four), candidates(&five));
    let newcomer = after[4].node;
    let mut moved = 0;

    for n in 0..1_000 {
        let spec = spec(&format!("agent-{n}"));
        let (old, new) = (choose(&spec, &before), choose(&spec, &after));
        if old != new {
            assert_eq!(new, Some(newcomer));
            moved += 1;
        }
    }

    assert!((150..250).contains(&moved), "{moved} of 1,000 moved; a fifth was expected");
}

#[test]
fn shares_follow_the_weights() {
    let mut summaries = summaries(3);
    for ((_, summary), weight) in summaries.iter_mut().zip([5, 10, 20]) {
        summary.weight = weight;
    }
    let places = candidates(&summaries);
    let mut counts = [0_u32; 3];

    for n in 0..10_000 {
        let chosen = choose(&spec(&format!("agent-{n}")), &places).unwrap();
        counts[places.iter().position(|place| place.node == chosen).unwrap()] += 1;
    }

    for (count, share) in counts.into_iter().zip([10_000 / 7, 20_000 / 7, 40_000 / 7]) {
        assert!(count.abs_diff(share) * 10 < share, "{counts:?}; {share} was expected");
    }
}

#[test]
fn greater_weight_moves_agents_to_its_node_alone() {
    let before = summaries(4);
    let mut after = before.clone();
    after[2].1.weight = 30;
    let (before, after) = (candidates(&before), candidates(&after));

    for n in 0..1_000 {
        let spec = spec(&format!("agent-{n}"));
        let (old, new) = (choose(&spec, &before), choose(&spec, &after));
        assert!(old == new || new == Some(after[2].node));
    }
}

#[test]
fn ten_thousand_agents_are_spread_within_five_percent() {
    let summaries = summaries(3);
    let places = candidates(&summaries);
    let mut counts = BTreeMap::new();

    for n in 0..10_000 {
        *counts.entry(choose(&spec(&format!("agent-{n}")), &places)).or_insert(0_u32) += 1;
    }

    assert!(counts.values().all(|count| (3_167..=3_500).contains(count)), "{counts:?}");
}

#[test]
fn nobody_is_chosen_when_every_node_is_down() {
    let summaries = summaries(3);
    let mut places = candidates(&summaries);
    places.iter_mut().for_each(|place| place.sight = Sight::Away);

    assert_eq!(choose(&spec("a"), &places), None);
}

#[test]
fn replica_is_found_by_its_canonical_number_alone() {
    assert_eq!(base_of(&Name::new("lab/a.12").unwrap()), Some(Name::new("lab/a").unwrap()));
    for text in ["a", "a.", "a.0", "a.01", "a.x"] {
        assert_eq!(base_of(&Name::new(text).unwrap()), None, "{text}");
    }
}

#[test]
fn program_of_another_user_stays_off_a_node_that_allows_none() {
    let summaries = summaries(2);
    let places = candidates(&summaries);
    let intent = Intent { owner: places[0].node, ..intent() };
    let runtime = Runtime::Process {
        command: vec!["true".to_owned()],
        env: BTreeMap::new(),
        files: Vec::new(),
    };
    let spec = AgentSpec { runtime, ..spec("a") };

    assert_eq!(exclusions(&spec, &intent, &places[0]), []);
    assert_eq!(exclusions(&spec, &intent, &places[1]), [Exclusion::Programs]);
}

#[test]
fn constraints_name_what_does_not_fit() {
    let summaries = summaries(1);
    let places = candidates(&summaries);
    let placement = Placement {
        os: vec!["macos".to_owned()],
        arch: vec!["aarch64".to_owned()],
        labels: BTreeMap::from([("gpu".to_owned(), "yes".to_owned())]),
        capabilities: vec!["camera".to_owned()],
        free_memory_mib: 64,
        free_cpu_percent: 50,
        ..Placement::default()
    };
    let spec = AgentSpec { placement, ..spec("a") };
    let place = Candidate { cordoned: true, agents: Summary::MAX_AGENTS, ..places[0] };

    assert_eq!(
        exclusions(&spec, &intent(), &place),
        [
            Exclusion::Cordoned,
            Exclusion::Full(Summary::MAX_AGENTS),
            Exclusion::Os("linux".to_owned()),
            Exclusion::Arch("x86_64".to_owned()),
            Exclusion::Label("gpu".to_owned(), "yes".to_owned()),
            Exclusion::Capability("camera".to_owned()),
            Exclusion::Memory { free: 0, needed: 64 },
            Exclusion::Cpu { idle: 0, needed: 50 },
        ]
    );
}

#[test]
fn backoff_doubles_until_the_intensity_is_used_up() {
    let rule = RestartRule { max_restarts: 3, backoff_ms: 100, ..RestartRule::default() };
    let mut restarts = Restarts::default();
    let crash = ExitReason::Exited { code: 1 };

    let verdicts: Vec<Verdict> =
        (0..4).map(|n| restarts.on_exit(Instant(n), &rule, &crash)).collect();

    let wait = |ms| Verdict::Restart(Duration::from_millis(ms));
    assert_eq!(verdicts, [wait(100), wait(200), wait(400), Verdict::Park]);
}

#[test]
fn end_before_the_window_is_forgotten() {
    let rule = RestartRule { max_restarts: 1, window_ms: 1_000, ..RestartRule::default() };
    let mut restarts = Restarts::default();
    let crash = ExitReason::Exited { code: 1 };
    restarts.on_exit(Instant(0), &rule, &crash);

    let inside = restarts.clone().on_exit(Instant(999_999), &rule, &crash);
    let outside = restarts.on_exit(Instant(1_000_000), &rule, &crash);

    assert_eq!(inside, Verdict::Park);
    assert!(matches!(outside, Verdict::Restart(_)));
}

#[test]
fn transient_agent_finishes_after_a_clean_exit_only() {
    let rule = RestartRule { policy: RestartPolicy::Transient, ..RestartRule::default() };
    let mut restarts = Restarts::default();

    let clean = restarts.on_exit(Instant(0), &rule, &ExitReason::Exited { code: 0 });
    let crashed = restarts.on_exit(Instant(0), &rule, &ExitReason::Killed { signal: 9 });

    assert_eq!(clean, Verdict::Finish);
    assert!(matches!(crashed, Verdict::Restart(_)));
}

fn summaries(count: u8) -> Vec<(NodeId, Summary)> {
    (1..=count)
        .map(|n| {
            let node = NodeId([n; 32]);
            let (os, arch) = ("linux".to_owned(), "x86_64".to_owned());
            (node, Summary { os, arch, programs: Programs::Own, ..Summary::unheard(node) })
        })
        .collect()
}

fn candidates(summaries: &[(NodeId, Summary)]) -> Vec<Candidate<'_>> {
    summaries
        .iter()
        .map(|(node, summary)| Candidate {
            node: *node,
            role: Role::Worker,
            sight: Sight::Present,
            cordoned: false,
            agents: 0,
            summary: Some(summary),
        })
        .collect()
}

fn choose(spec: &AgentSpec, places: &[Candidate<'_>]) -> Option<NodeId> {
    highest(&spec.name, (spec, &intent()), places)
}

fn spec(name: &str) -> AgentSpec {
    AgentSpec::new(Name::new(name).unwrap(), Runtime::Builtin { agent: Builtin::Echo })
}

fn intent() -> Intent {
    Intent { run: true, generation: 0, pin: None, owner: NodeId([1; 32]) }
}
