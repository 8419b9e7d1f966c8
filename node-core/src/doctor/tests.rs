//! Each cause is named, and nothing is called well that was not seen.

use std::net::{IpAddr, Ipv4Addr};

use covey_logic::{
    ClusterId, NodeId, Wall,
    agent::Programs,
    certificate::Role,
    node::{NodeState, NodeView, ProblemView, StatusView},
    pairing::{FoundBy, KeyMatch, NearbyView, PairingView},
};

use super::{machine::Firewall, *};
use crate::{
    Views,
    net::{
        CheckFailure, Evidence, InterfaceAddress, MulticastCheck, Network, PeerAnswer, PeerCheck,
        PortReport, Reached, SourceKind, SourceReport, SourceState, Twin,
    },
    options::Unusable,
};

const OTHER: NodeId = NodeId([2; 32]);
const LAN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// What is known of a healthy pair; each test breaks one thing.
struct Case {
    evidence: Evidence,
    views: Views,
    asked: Asked,
    machine: Machine,
}

impl Case {
    fn examine(&self) -> DoctorReport {
        let Self { evidence, views, asked, machine } = self;
        examine(&Facts { evidence, views, asked, machine })
    }

    /// The check that a broken thing must show in; all others are as well as before.
    #[track_caller]
    fn only(&self, kind: CheckKind, verdict: Verdict) -> CheckView {
        let report = self.examine();
        for check in &report.checks {
            let expected = if check.kind == kind { verdict } else { Verdict::Ok };
            assert_eq!(check.verdict, expected, "{check:#?}");
        }
        let check = report.checks.into_iter().find(|check| check.kind == kind).unwrap();
        let bad = verdict > Verdict::Ok;
        assert_eq!(check.fix.is_some(), bad, "what is wrong can be mended: {check:#?}");
        assert!(!bad || !check.evidence.is_empty(), "and was seen: {check:#?}");
        assert_eq!(report.verdict, verdict.max(Verdict::Ok));
        check
    }

    fn peer(&mut self) -> &mut PeerCheck {
        &mut self.evidence.peers[0]
    }

    fn answer(&mut self) -> &mut PeerAnswer {
        self.peer().result.as_mut().unwrap()
    }
}

#[test]
fn healthy_pair_is_well() {
    for check in healthy().examine().checks {
        assert_eq!((check.verdict, &check.fix), (Verdict::Ok, &None), "{check:#?}");
    }
}

#[test]
fn lone_node_knows_what_it_cannot_know() {
    let mut case = healthy();
    case.evidence.peers.clear();
    case.views.nodes.truncate(1);

    let report = case.examine();

    assert_eq!(report.verdict, Verdict::Ok);
    let unknown = [CheckKind::Firewall, CheckKind::OneWay, CheckKind::Members, CheckKind::Version]
        .into_iter()
        .chain([CheckKind::Clock]);
    for kind in unknown {
        let check = report.checks.iter().find(|check| check.kind == kind).unwrap();
        assert_eq!(check.verdict, Verdict::Unknown, "{check:#?}");
    }
}

#[test]
fn unplugged_cable_is_named() {
    let mut case = healthy();
    case.evidence.interfaces[0].up = false;

    let check = case.only(CheckKind::Interface, Verdict::Fail);

    assert_eq!(check.evidence, ["eth0 is down or unplugged."]);
}

#[test]
fn blocked_multicast_is_named_with_its_interface() {
    let mut case = healthy();
    let other = MulticastCheck {
        interface: "wlan0".to_owned(),
        ip: Ipv4Addr::new(10, 0, 1, 1),
        heard: false,
        error: Some("operation not permitted".to_owned()),
    };
    case.evidence.multicast.as_mut().unwrap().push(other);

    let some = case.only(CheckKind::Multicast, Verdict::Warn);
    case.evidence.multicast.as_mut().unwrap().remove(0);
    let all = case.only(CheckKind::Multicast, Verdict::Fail);

    assert!(some.evidence[0].contains("wlan0") && some.evidence[0].contains("not permitted"));
    assert_eq!(some.evidence, all.evidence);
}

#[test]
fn multicast_that_comes_from_nobody_is_named() {
    let mut case = healthy();
    case.peer().announced = false;

    let check = case.only(CheckKind::Multicast, Verdict::Warn);

    assert!(check.fix.unwrap().contains("isolation"));
}

#[test]
fn multicast_that_is_off_is_wrong_only_where_nothing_else_looks() {
    let mut case = healthy();
    case.evidence.multicast = None;
    case.only(CheckKind::Multicast, Verdict::Warn);

    case.evidence.sources.push(source(SourceKind::Dns, "nodes.lan", SourceState::Found));

    case.only(CheckKind::Multicast, Verdict::Unknown);
}

#[test]
fn taken_port_is_named_with_its_holder() {
    let mut case = healthy();
    case.evidence.ports[0].has = Some(40_000);
    case.machine.holders = vec![(4_700, "nginx (process 12)".to_owned())];

    let check = case.only(CheckKind::Port, Verdict::Warn);

    assert_eq!(
        check.evidence[0],
        "Port 4700 is taken by nginx (process 12), so the lobby listens on port 40000."
    );
}

#[test]
fn firewall_of_this_machine_is_named_with_the_order_that_opens_it() {
    let mut case = healthy();
    case.answer().reached = Some((Reached::Open, Reached::Silent));
    case.machine.firewall = Some(Firewall::Ufw);

    let check = case.only(CheckKind::Firewall, Verdict::Fail);

    assert_eq!(check.evidence, ["“heron” got no answer from TCP port 4701 (fabric)."]);
    assert!(check.fix.unwrap().contains("`sudo ufw allow 4701/tcp`"));
}

#[test]
fn one_way_path_is_named() {
    let mut case = healthy();
    case.views.nodes.truncate(1);
    case.peer().result = Err(CheckFailure::Unreachable);

    let report = case.examine();

    let check = report.checks.iter().find(|check| check.kind == CheckKind::OneWay).unwrap();
    assert_eq!(check.verdict, Verdict::Fail);
    assert_eq!(
        check.evidence,
        ["02020202 is announced by multicast at 10.0.0.2, but no connection to it can be opened."]
    );
}

#[test]
fn member_behind_a_closed_fabric_port_is_named() {
    let mut case = healthy();
    case.views.nodes[1].state = NodeState::Down;

    let check = case.only(CheckKind::Members, Verdict::Fail);

    assert!(check.evidence[0].contains("“heron” answers strangers"));
}

/// K2, K9: who is in another cluster, or has another key, is not connected, and is told why.
#[test]
fn other_clusters_and_other_keys_are_named() {
    let mut case = healthy();
    case.views.pairing.nearby.push(nearby(KeyMatch::None));
    case.only(CheckKind::OtherCluster, Verdict::Ok);
    case.views.pairing.nearby.push(nearby(KeyMatch::Other));

    let check = case.only(CheckKind::OtherCluster, Verdict::Warn);

    assert!(check.evidence[1].contains("another join key"), "{check:?}");
}

#[test]
fn lone_node_beside_a_cluster_is_told_to_ask() {
    let mut case = healthy();
    case.views.nodes.truncate(1);
    case.views.pairing.nearby.push(nearby(KeyMatch::None));

    let report = case.examine();

    let check = report.checks.iter().find(|check| check.kind == CheckKind::OtherCluster).unwrap();
    assert_eq!(check.verdict, Verdict::Warn);
    assert!(check.fix.as_ref().unwrap().contains("covey ask"));
}

#[test]
fn versions_that_differ_and_those_too_far_apart_are_told_apart() {
    let mut case = healthy();
    case.answer().version = "0.9.0".to_owned();
    case.views.nodes[1].version = "0.9.0".to_owned();
    case.only(CheckKind::Version, Verdict::Warn);

    case.evidence.other_versions.push(OTHER);

    case.only(CheckKind::Version, Verdict::Fail);
}

#[test]
fn clock_that_is_off_is_named_and_our_own_if_all_others_agree() {
    let mut case = healthy();
    case.answer().clock_ms = -8_000;
    let check = case.only(CheckKind::Clock, Verdict::Warn);
    assert_eq!(check.evidence, ["The clock of “heron” is 8 s behind this one."]);

    case.answer().clock_ms = 300_000;
    let second = case.evidence.peers[0].clone();
    case.evidence.peers.push(PeerCheck { node: NodeId([3; 32]), ..second });
    let check = case.only(CheckKind::Clock, Verdict::Fail);

    assert_eq!(check.title, "The clock of this machine is wrong");
}

#[test]
fn writer_whose_clock_is_refused_is_named() {
    let mut case = healthy();
    let problem = ProblemView::ClockAhead { node: OTHER, name: "heron".to_owned() };
    case.views.status.problems.push(problem);

    case.only(CheckKind::Clock, Verdict::Fail);
}

#[test]
fn second_machine_with_our_identity_is_named() {
    let mut case = healthy();
    let address = "10.0.0.9:4700".to_owned();
    case.evidence.twin = Some(Twin { address, up_ms: 600_000, later: false });

    let check = case.only(CheckKind::Identity, Verdict::Fail);

    assert!(check.evidence[0].contains("10.0.0.9:4700") && check.evidence[0].contains("10 min"));
}

#[test]
fn setting_that_was_left_out_is_named() {
    let mut case = healthy();
    let (key, reason) = ("peers".to_owned(), "it is no list".to_owned());
    case.asked.unusable.push(Unusable { key, reason });

    case.only(CheckKind::Settings, Verdict::Warn);
}

/// K6: a seed that leads nowhere is told of.
#[test]
fn seed_that_leads_nowhere_is_named() {
    let mut case = healthy();
    let mut seed = source(SourceKind::Address, "nowhere.lan", SourceState::Failing);
    seed.error = Some("the name is not known".to_owned());
    case.evidence.sources.push(seed);

    let check = case.only(CheckKind::Source, Verdict::Warn);

    assert_eq!(check.evidence, ["nowhere.lan: the name is not known."]);
}

#[test]
fn node_that_looks_for_nobody_is_told() {
    let mut case = healthy();
    case.evidence.sources[0].state = SourceState::Off;

    case.only(CheckKind::Source, Verdict::Fail);
}

#[test]
fn join_key_is_told_of_among_the_sources() {
    let mut case = healthy();
    case.asked.join_key = true;
    case.views.pairing.nearby.push(nearby(KeyMatch::Same));

    let sources = case.examine().sources;

    let key = sources.iter().find(|source| source.kind == SourceKind::JoinKey).unwrap();
    assert_eq!((key.state, key.found), (SourceState::Found, 1));
}

fn healthy() -> Case {
    let port = |network, port| PortReport { network, wanted: port, has: Some(port) };
    let answer = PeerAnswer {
        version: "0.1.0".to_owned(),
        clock_ms: 2,
        round_trip_ms: 1,
        reached: Some((Reached::Open, Reached::Open)),
    };
    let evidence = Evidence {
        interfaces: vec![InterfaceAddress {
            interface: "eth0".to_owned(),
            ip: LAN.into(),
            up: true,
        }],
        multicast: Some(vec![MulticastCheck {
            interface: "eth0".to_owned(),
            ip: LAN,
            heard: true,
            error: None,
        }]),
        multicast_error: None,
        ports: vec![port(Network::Lobby, 4_700), port(Network::Fabric, 4_701)],
        sources: vec![source(SourceKind::Mdns, "", SourceState::Found)],
        peers: vec![PeerCheck {
            node: OTHER,
            address: Some(IpAddr::from([10, 0, 0, 2])),
            announced: true,
            result: Ok(answer),
        }],
        other_versions: Vec::new(),
        twin: None,
    };
    let views = Views {
        status: status(),
        nodes: vec![node(NodeId([1; 32]), "otter"), node(OTHER, "heron")],
        agents: Vec::new(),
        pairing: PairingView::default(),
        events: Vec::new(),
        traffic: Vec::new(),
    };
    Case { evidence, views, asked: Asked::default(), machine: Machine::default() }
}

fn source(kind: SourceKind, target: &str, state: SourceState) -> SourceReport {
    let found = u32::from(state == SourceState::Found);
    let target = target.to_owned();
    SourceReport { kind, target, state, tried_ms_ago: Some(1), found, error: None }
}

fn nearby(join_key: KeyMatch) -> NearbyView {
    NearbyView {
        node: NodeId([7; 32]),
        name: "stranger".to_owned(),
        cluster: ClusterId([9; 32]),
        cluster_name: "other".to_owned(),
        members: 3,
        version: "0.1.0".to_owned(),
        os: "linux".to_owned(),
        by: FoundBy::Mdns,
        join_key,
        seen: Wall(1),
    }
}

fn node(id: NodeId, name: &str) -> NodeView {
    NodeView {
        id,
        name: name.to_owned(),
        this: id != OTHER,
        role: Role::Operator,
        state: NodeState::Alive,
        since: Wall(1),
        version: "0.1.0".to_owned(),
        os: "linux".to_owned(),
        arch: "x86_64".to_owned(),
        cpus: 4,
        memory_mib: 8_192,
        cpu_percent: 10,
        used_mib: 1_000,
        messages_per_s: 0,
        agents: 1,
        ask: None,
        disk: covey_logic::replica::DiskState::Sound,
        labels: std::collections::BTreeMap::new(),
        programs: Programs::Own,
        addresses: Vec::new(),
        started: None,
        link: None,
        scheduling: None,
        seen_by: Vec::new(),
    }
}

fn status() -> StatusView {
    StatusView {
        node: NodeId([1; 32]),
        name: "otter".to_owned(),
        cluster: ClusterId([8; 32]),
        cluster_name: "otter".to_owned(),
        role: Role::Admin,
        version: "0.1.0".to_owned(),
        nodes_alive: 2,
        nodes_known: 2,
        agents_running: 0,
        agents_known: 0,
        converged: 2,
        messages_per_s: 0,
        writable: true,
        problems: Vec::new(),
    }
}
