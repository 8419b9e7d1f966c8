//! The way to others and back: interfaces, multicast, firewalls, members that are not reached.

use covey_logic::node::NodeState;

use super::{CheckKind, CheckView, Facts, Verdict};
use crate::net::{CheckFailure, PeerCheck, Reached, SourceKind, SourceState};

/// Whether this machine is on a network.
pub(super) fn interfaces(facts: &Facts<'_>) -> CheckView {
    let kind = CheckKind::Interface;
    let (up, down): (Vec<_>, Vec<_>) =
        facts.evidence.interfaces.iter().partition(|address| address.up);
    if up.is_empty() {
        let unplugged =
            down.iter().map(|address| format!("{} is down or unplugged.", address.interface));
        let mut evidence: Vec<_> = unplugged.collect();
        evidence.dedup();
        if evidence.is_empty() {
            evidence.push("No interface but loopback has an address.".to_owned());
        }
        return CheckView::new(kind, Verdict::Fail, "This machine is on no network")
            .seen(evidence)
            .fixed_by(
                "Plug the cable in or join the wireless network. The node notices by itself and \
                 need not be started again.",
            );
    }
    let has = up.iter().map(|address| format!("{} has {}.", address.interface, address.ip));
    CheckView::new(kind, Verdict::Ok, "This machine is on a network").seen(has)
}

/// Whether multicast passes, on every interface.
pub(super) fn multicast(facts: &Facts<'_>) -> CheckView {
    let kind = CheckKind::Multicast;
    let Some(checks) = &facts.evidence.multicast else {
        let by_hand = facts.evidence.sources.iter().any(|source| {
            matches!(source.kind, SourceKind::Address | SourceKind::Dns)
                && source.state != SourceState::Failing
        });
        let verdict = if by_hand { Verdict::Unknown } else { Verdict::Warn };
        let check = CheckView::new(kind, verdict, "Multicast is switched off")
            .seen(["The settings say `mdns = false`.".to_owned()]);
        return if by_hand {
            check
        } else {
            check.fixed_by(
                "Take `mdns = false` out of covey.toml, or name a node under `peers` or `dns`.",
            )
        };
    };
    let way_round = "A node can always be reached by its address: `covey join ADDRESS`, or `peers` \
                     in covey.toml.";
    let opening = facts.opening("udp", "5353");
    let fix = format!(
        "Let UDP port 5353 from and to 224.0.0.251 pass this machine's firewall{opening}. {way_round}"
    );
    let started = |source: &&crate::net::SourceReport| source.kind == SourceKind::Mdns;
    let not_started = facts.evidence.sources.iter().find(started).and_then(|s| s.error.clone());
    if let Some(error) = facts.evidence.multicast_error.clone().or(not_started) {
        return CheckView::new(kind, Verdict::Fail, "Multicast cannot be listened to")
            .seen([format!("The system says: {error}.")])
            .fixed_by(fix);
    }
    let (passes, blocked): (Vec<_>, Vec<_>) = checks.iter().partition(|check| check.heard);
    if !blocked.is_empty() {
        let verdict = if passes.is_empty() { Verdict::Fail } else { Verdict::Warn };
        let lost = blocked.iter().map(|check| match &check.error {
            Some(error) => format!(
                "{} ({}): nothing could be sent to 224.0.0.251: {error}.",
                check.interface, check.ip
            ),
            None => format!(
                "{} ({}): what was sent to 224.0.0.251 did not come back.",
                check.interface, check.ip
            ),
        });
        return CheckView::new(kind, verdict, "Multicast is blocked on this machine")
            .seen(lost)
            .fixed_by(fix);
    }
    let answered = facts.evidence.peers.iter().filter(|peer| is_elsewhere(peer));
    let unannounced = answered.clone().filter(|peer| peer.result.is_ok() && !peer.announced);
    let count = unannounced.count();
    if count > 0 && !facts.evidence.peers.iter().any(|peer| peer.announced) {
        return CheckView::new(kind, Verdict::Warn, "Multicast does not come through from others")
            .seen([format!(
                "{count} {} found in other ways, and none is announced by multicast.",
                if count == 1 { "node was" } else { "nodes were" }
            )])
            .fixed_by(format!(
                "Switch the isolation of clients off at the access point or switch, unless those \
                 nodes have `mdns = false` or are on another network. {way_round}"
            ));
    }
    if checks.is_empty() {
        return CheckView::new(kind, Verdict::Unknown, "Multicast could not be tried")
            .seen(["No interface is up.".to_owned()]);
    }
    let heard = passes
        .iter()
        .map(|check| format!("{} ({}): what was sent came back.", check.interface, check.ip));
    CheckView::new(kind, Verdict::Ok, "Multicast passes").seen(heard)
}

fn is_elsewhere(peer: &PeerCheck) -> bool {
    peer.address.is_some_and(|ip| !ip.is_loopback())
}

/// Whether others reach this machine's ports.
pub(super) fn firewall(facts: &Facts<'_>) -> CheckView {
    let kind = CheckKind::Firewall;
    let mut blocked = Vec::new();
    let mut open = Vec::new();
    for peer in facts.evidence.peers.iter().filter(|peer| is_elsewhere(peer)) {
        let Ok(answer) = &peer.result else { continue };
        let Some((lobby, fabric)) = answer.reached else { continue };
        let name = facts.name(peer.node);
        let mut shut = Vec::new();
        for (port, reached) in facts.evidence.ports.iter().zip([lobby, fabric]) {
            let number = port.has.unwrap_or(port.wanted);
            match reached {
                Reached::Open => {}
                Reached::Refused => {
                    shut.push(format!(
                        "{name} was refused at TCP port {number} ({}).",
                        port.network
                    ));
                }
                Reached::Silent => {
                    let network = port.network;
                    shut.push(format!("{name} got no answer from TCP port {number} ({network})."));
                }
            }
        }
        if shut.is_empty() {
            open.push(format!("{name} reached both ports of this machine."));
        }
        blocked.extend(shut);
    }
    if !blocked.is_empty() {
        let ports = facts.ports();
        let verdict = if open.is_empty() { Verdict::Fail } else { Verdict::Warn };
        let opening = facts.opening("tcp", &ports);
        return CheckView::new(kind, verdict, "A firewall keeps others out of this machine")
            .seen(blocked.into_iter().chain(open))
            .fixed_by(format!(
                "Let TCP and UDP ports {ports} pass this machine's firewall{opening}."
            ));
    }
    if open.is_empty() {
        return CheckView::new(kind, Verdict::Unknown, "Nobody could try this machine's ports")
            .seen(["No other machine that answers was found.".to_owned()]);
    }
    CheckView::new(kind, Verdict::Ok, "Others reach this machine").seen(open)
}

/// Whether this machine reaches those it hears.
pub(super) fn one_way(facts: &Facts<'_>) -> CheckView {
    let kind = CheckKind::OneWay;
    let mut lost = Vec::new();
    let mut reached = 0;
    for peer in &facts.evidence.peers {
        let name = facts.name(peer.node);
        let at = peer.address.map_or_else(String::new, |ip| format!(" at {ip}"));
        match &peer.result {
            Ok(_) => reached += 1,
            Err(CheckFailure::Unreachable) if peer.announced => lost.push(format!(
                "{name} is announced by multicast{at}, but no connection to it can be opened."
            )),
            Err(CheckFailure::Silent) => {
                lost.push(format!("{name}{at} takes a connection and does not answer."));
            }
            // Not there at the moment, or told under its version.
            Err(CheckFailure::Unreachable | CheckFailure::Version) => {}
        }
    }
    if !lost.is_empty() {
        let verdict = if reached == 0 { Verdict::Fail } else { Verdict::Warn };
        return CheckView::new(kind, verdict, "Some nodes are heard and cannot be reached")
            .seen(lost)
            .fixed_by(
                "Let TCP and UDP ports 4700 and 4701, or those its settings name, pass the \
                 firewall of that machine; `covey doctor` there says more.",
            );
    }
    match reached {
        0 => CheckView::new(kind, Verdict::Unknown, "No other node is heard")
            .seen(["Nobody is announced, and nobody answers.".to_owned()]),
        1 => CheckView::new(kind, Verdict::Ok, "Whoever is heard is reached")
            .seen(["1 node answers.".to_owned()]),
        more => CheckView::new(kind, Verdict::Ok, "Whoever is heard is reached")
            .seen([format!("{more} nodes answer.")]),
    }
}

/// Whether members are connected.
pub(super) fn members(facts: &Facts<'_>) -> CheckView {
    let kind = CheckKind::Members;
    let others: Vec<_> = facts.views.nodes.iter().filter(|row| !row.this).collect();
    if others.is_empty() {
        return CheckView::new(kind, Verdict::Unknown, "This node is alone in its cluster")
            .seen(["It has no other members to connect to.".to_owned()]);
    }
    let answers = |node| {
        let check = facts.evidence.peers.iter().find(|peer| peer.node == node);
        check.is_some_and(|peer| peer.result.is_ok())
    };
    let (mut shut, mut gone, mut connected) = (Vec::new(), Vec::new(), 0);
    for row in &others {
        let name = facts.name(row.id);
        match row.state {
            NodeState::Alive => connected += 1,
            // They said so.
            NodeState::Left | NodeState::Sleeping => {}
            NodeState::Waking => gone.push(format!("{name} has woken up and is catching up.")),
            NodeState::Suspect | NodeState::Down | NodeState::Unseen if answers(row.id) => {
                shut.push(format!("{name} answers strangers, but members cannot connect to it."));
            }
            NodeState::Suspect => gone.push(format!("{name} has not been heard from lately.")),
            NodeState::Down => gone.push(format!("{name} is down.")),
            NodeState::Unseen => {
                gone.push(format!("{name} was not heard from since this node started."));
            }
        }
    }
    if !shut.is_empty() {
        return CheckView::new(kind, Verdict::Fail, "A member is there and cannot be connected")
            .seen(shut.into_iter().chain(gone))
            .fixed_by(
                "Let its fabric port (4701, or `fabric_port` in its covey.toml), TCP and UDP, pass \
                 the firewalls of both machines.",
            );
    }
    if !gone.is_empty() {
        return CheckView::new(kind, Verdict::Warn, "Not all members are there").seen(gone).fixed_by(
            "Start Covey there, or look after its network; a machine that never comes back is put \
             out with `covey revoke NAME`.",
        );
    }
    CheckView::new(kind, Verdict::Ok, "All members are connected")
        .seen([format!("{connected} of {} others are alive.", others.len())])
}
