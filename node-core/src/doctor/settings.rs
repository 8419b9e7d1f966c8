//! What the settings ask for, and whether it can be had.

use super::{CheckKind, CheckView, Facts, Verdict};
use crate::net::{Network, SourceState};

/// Whether the ports are those wanted.
pub(super) fn ports(facts: &Facts<'_>) -> CheckView {
    let kind = CheckKind::Port;
    let mut verdict = Verdict::Ok;
    let mut evidence = Vec::new();
    let mut fix = None;
    for port in &facts.evidence.ports {
        let network = port.network;
        let Some(has) = port.has else {
            verdict = Verdict::Fail;
            evidence.push(format!("The {network} listens nowhere."));
            fix = Some(
                "Set `listen` in covey.toml to an address of this machine, or take it out."
                    .to_owned(),
            );
            continue;
        };
        if port.wanted == 0 || port.wanted == has {
            evidence.push(format!("The {network} listens on port {has}."));
            continue;
        }
        verdict = verdict.max(Verdict::Warn);
        let holder = facts.machine.holders.iter().find(|(taken, _)| *taken == port.wanted);
        let by = holder.map_or_else(String::new, |(_, holder)| format!(" by {holder}"));
        let wanted = port.wanted;
        evidence
            .push(format!("Port {wanted} is taken{by}, so the {network} listens on port {has}."));
        let key = match network {
            Network::Lobby => "lobby_port",
            Network::Fabric => "fabric_port",
        };
        fix.get_or_insert_with(|| {
            format!(
                "Stop the other program, or choose a fixed port with `{key}` in covey.toml and open \
                 it in the firewall. Until then, whoever types this machine's address must add the \
                 port."
            )
        });
    }
    let title = match verdict {
        Verdict::Unknown | Verdict::Ok => "The ports are free for Covey",
        Verdict::Warn => "A port is taken by another program",
        Verdict::Fail => "A network listens nowhere",
    };
    let check = CheckView::new(kind, verdict, title).seen(evidence);
    match fix {
        Some(fix) => check.fixed_by(fix),
        None => check,
    }
}

/// Whether the settings can be used.
pub(super) fn settings(facts: &Facts<'_>) -> CheckView {
    let kind = CheckKind::Settings;
    let unusable: Vec<_> = facts.asked.unusable.iter().collect();
    if unusable.is_empty() {
        return CheckView::new(kind, Verdict::Ok, "The settings can be used");
    }
    let left_out = unusable
        .iter()
        .map(|setting| format!("`{}` was left out: {}.", setting.key, setting.reason));
    CheckView::new(kind, Verdict::Warn, "Some settings cannot be used")
        .seen(left_out)
        .fixed_by("Mend them in covey.toml in the data folder, and start the node again.")
}

/// Whether anything looks for others at all.
pub(super) fn sources(facts: &Facts<'_>) -> CheckView {
    let kind = CheckKind::Source;
    let sources = &facts.evidence.sources;
    let failing: Vec<_> = sources
        .iter()
        .filter(|source| source.state == SourceState::Failing && !source.target.is_empty())
        .map(|source| {
            let error = source.error.as_deref().unwrap_or("it does not work");
            format!("{}: {error}.", source.target)
        })
        .collect();
    if !failing.is_empty() {
        let found = sources.iter().any(|source| source.state == SourceState::Found);
        let verdict = if found { Verdict::Warn } else { Verdict::Fail };
        return CheckView::new(kind, verdict, "Some places from the settings lead nowhere")
            .seen(failing)
            .fixed_by(
                "Correct them under `peers` or `dns` in covey.toml, or start the node that should \
                 be there. They are tried again all the time.",
            );
    }
    let looks = |state: SourceState| !matches!(state, SourceState::Off | SourceState::Failing);
    if !sources.iter().any(|source| looks(source.state)) {
        return CheckView::new(kind, Verdict::Fail, "Nothing looks for other nodes")
            .seen(["Every way of finding nodes is switched off.".to_owned()])
            .fixed_by("Set `mdns = true` in covey.toml, or name a node under `peers` or `dns`.");
    }
    let shows = sources.iter().filter(|source| source.found > 0).count();
    CheckView::new(kind, Verdict::Ok, "Others are looked for")
        .seen([format!("{shows} of {} ways show a node at the moment.", sources.len())])
}
