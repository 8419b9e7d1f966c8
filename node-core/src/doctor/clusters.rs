//! Who the others are: their clusters, keys, versions, clocks, and whether one of them is us.

use std::{collections::BTreeMap, time::Duration};

use covey_logic::{hlc::Clock, node::ProblemView, pairing::KeyMatch};

use super::{CheckKind, CheckView, Facts, Verdict};
use crate::net::CheckFailure;

/// Which nodes nearby belong to other clusters, or hold another key.
pub(super) fn others(facts: &Facts<'_>) -> CheckView {
    let kind = CheckKind::OtherCluster;
    let nearby = &facts.views.pairing.nearby;
    if nearby.is_empty() {
        return CheckView::new(kind, Verdict::Ok, "No node of another cluster is nearby");
    }
    let belongs = nearby.iter().map(|near| {
        let (name, cluster) = (facts.name(near.node), &near.cluster_name);
        let with =
            if near.members == 1 { "1 member" } else { &format!("{} members", near.members) };
        let key = match near.join_key {
            KeyMatch::Other => " It was started with another join key than this node.",
            KeyMatch::Same => " It has the join key of this node.",
            KeyMatch::None => "",
        };
        format!("{name} belongs to the cluster “{cluster}” with {with}.{key}")
    });
    let evidence: Vec<_> = belongs.collect();
    if nearby.iter().any(|near| near.join_key == KeyMatch::Other) {
        return CheckView::new(kind, Verdict::Warn, "A node nearby has another join key")
            .seen(evidence)
            .fixed_by(
                "Give both the same join key and start them again, or let the one in by hand: \
                 `covey ask NAME` there or here, and accept on the other.",
            );
    }
    if facts.views.nodes.len() > 1 {
        let title = "Nodes of other clusters are nearby, and are not connected";
        return CheckView::new(kind, Verdict::Ok, title).seen(evidence);
    }
    CheckView::new(kind, Verdict::Warn, "Nodes nearby belong to other clusters")
        .seen(evidence)
        .fixed_by("Ask one of them to let this node in: `covey ask NAME`, or the Cluster page.")
}

/// Whether everyone speaks one version.
pub(super) fn versions(facts: &Facts<'_>) -> CheckView {
    let kind = CheckKind::Version;
    let ours = &facts.views.status.version;
    let mut apart: Vec<_> = facts.evidence.other_versions.clone();
    let speaks = |failure| move |peer: &&crate::net::PeerCheck| peer.result == Err(failure);
    let unread = facts.evidence.peers.iter().filter(speaks(CheckFailure::Version));
    apart.extend(unread.map(|peer| peer.node));
    apart.sort_unstable();
    apart.dedup();
    let mut told = BTreeMap::new();
    for peer in &facts.evidence.peers {
        if let Ok(answer) = &peer.result {
            told.insert(peer.node, &answer.version);
        }
    }
    told.extend(facts.views.pairing.nearby.iter().map(|near| (near.node, &near.version)));
    told.extend(facts.views.nodes.iter().filter(|row| !row.this).map(|row| (row.id, &row.version)));
    let differs = told.iter().filter(|(_, version)| !version.is_empty() && *version != &ours);
    let differing: Vec<_> = differs
        .map(|(node, version)| format!("{} has version {version}.", facts.name(*node)))
        .collect();
    let own = format!("This node has version {ours}.");
    if !apart.is_empty() {
        let unread = apart.iter().map(|node| {
            format!("{} speaks a version that is not understood here.", facts.name(*node))
        });
        return CheckView::new(kind, Verdict::Fail, "A node speaks another version")
            .seen(unread.chain(differing).chain([own]))
            .fixed_by("Update Covey on the older of the two machines.");
    }
    if !differing.is_empty() {
        return CheckView::new(kind, Verdict::Warn, "Versions differ")
            .seen(differing.into_iter().chain([own]))
            .fixed_by("They understand each other; update the older ones when it suits.");
    }
    if told.is_empty() {
        return CheckView::new(kind, Verdict::Unknown, "There is no version to compare with")
            .seen([own]);
    }
    CheckView::new(kind, Verdict::Ok, "Everyone has the same version").seen([own])
}

/// Clocks that differ by more are told of: people see times of several machines side by side.
const CLOCK_WARN: Duration = Duration::from_secs(5);

/// Whether the clocks agree.
pub(super) fn clocks(facts: &Facts<'_>) -> CheckView {
    let kind = CheckKind::Clock;
    let fix = "Let the system set its clock from the network, on Linux by `sudo timedatectl \
               set-ntp true`.";
    let refused = facts.views.status.problems.iter().filter_map(|problem| {
        #[expect(clippy::wildcard_enum_match_arm, reason = "one kind of problem matters here")]
        match problem {
            ProblemView::ClockAhead { node, .. } => Some(format!(
                "What {} says is refused: its clock runs more than a minute ahead.",
                facts.name(*node)
            )),
            _ => None,
        }
    });
    let mut evidence: Vec<_> = refused.collect();
    let mut worst = if evidence.is_empty() { Verdict::Ok } else { Verdict::Fail };
    let (mut asked, mut ahead, mut behind) = (0, 0, 0);
    for peer in &facts.evidence.peers {
        let Ok(answer) = &peer.result else { continue };
        asked += 1;
        let off = Duration::from_millis(answer.clock_ms.unsigned_abs());
        if off <= CLOCK_WARN {
            continue;
        }
        if answer.clock_ms > 0 {
            ahead += 1;
        } else {
            behind += 1;
        }
        worst = worst.max(if off > Clock::MAX_AHEAD { Verdict::Fail } else { Verdict::Warn });
        let way = if answer.clock_ms > 0 { "ahead of" } else { "behind" };
        let name = facts.name(peer.node);
        evidence.push(format!("The clock of {name} is {} {way} this one.", span(off)));
    }
    if evidence.is_empty() {
        return match asked {
            0 => CheckView::new(kind, Verdict::Unknown, "There is no clock to compare with")
                .seen(["No other node answers.".to_owned()]),
            more => CheckView::new(kind, Verdict::Ok, "The clocks agree").seen([format!(
                "{more} {} within {} of this one.",
                if more == 1 { "clock is" } else { "clocks are" },
                span(CLOCK_WARN)
            )]),
        };
    }
    // Two others that agree with each other and not with us are probably right.
    let alone = asked > 1 && (ahead == asked || behind == asked);
    let title = if alone { "The clock of this machine is wrong" } else { "Clocks differ" };
    CheckView::new(kind, worst, title).seen(evidence).fixed_by(fix)
}

/// Whether another machine runs with this node's identity.
pub(super) fn identity(facts: &Facts<'_>) -> CheckView {
    let kind = CheckKind::Identity;
    let Some(twin) = &facts.evidence.twin else {
        return CheckView::new(kind, Verdict::Ok, "No other machine has this node's identity");
    };
    let up = span(Duration::from_millis(twin.up_ms));
    CheckView::new(kind, Verdict::Fail, "Another machine has this node's identity")
        .seen([format!(
            "The machine at {} proved that it holds this node's key; it had been running for {up}.",
            twin.address
        )])
        .fixed_by(
            "The data folder was copied. Stop Covey there, delete the file `identity` and the \
             database `covey.db` in its data folder, and start it again: it becomes a node of its \
             own.",
        )
}

fn span(time: Duration) -> String {
    let s = time.as_secs();
    match s {
        0..=119 => format!("{s} s"),
        120..=7_199 => format!("{} min", s / 60),
        _ => format!("{} h", s / 3_600),
    }
}
