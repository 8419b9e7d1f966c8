//! What the cluster agrees on, as text.

use covey_logic::coordination::{
    BarrierView, CounterView, DecisionView, Kind, PlaceView, VariableRow,
};

use crate::{
    cli::{out::table, words::Names},
    consensus::{GroupView, RaftMemberView, Recovery, Standing},
    handle::CoordinationView,
};

pub(super) fn text(view: &CoordinationView, names: &Names) -> String {
    let Some(group) = &view.group else {
        return "This node takes no part in a group: its log says why.".to_owned();
    };
    let mut parts = vec![summary(group, names)];
    let mut part = |titles: &[&str], rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            parts.push(table(titles, &rows));
        }
    };
    let members = group.members.iter().map(|member| row(member, names));
    part(&["MEMBER", "IS", "SEEN", "BEHIND"], members.collect());
    let places = view.places.iter().flat_map(|place| holds(place, names));
    part(&["HELD", "IS A", "HOLDER", "TOKEN", "IN LINE"], places.collect());
    part(&["BARRIER", "THERE", "OF"], view.barriers.iter().map(barrier).collect());
    part(&["COUNTER", "SCOPE", "VALUE", "VERSION"], view.counters.iter().map(counter).collect());
    let variables = view.variables.iter().map(|row| variable(row, names));
    part(&["VARIABLE", "SCOPE", "MERGED BY", "BYTES", "VERSION", "BY"], variables.collect());
    let decisions = view.decisions.iter().map(|row| decision(row, names));
    part(&["QUESTION", "SETTLED TO", "VERSION", "BY"], decisions.collect());
    parts.join("\n\n")
}

fn summary(group: &GroupView, names: &Names) -> String {
    if let Some(why) = &group.stopped {
        return format!("The group has stopped on this node: {why}");
    }
    let GroupView { voters_seen, voters_needed, term, applied, last, .. } = group;
    let leader = match group.leader {
        Some(leader) => format!("{} leads in term {term}", names.of(leader)),
        None => format!("nobody is known to lead (term {term})"),
    };
    let sight = if voters_seen >= voters_needed {
        format!("{voters_seen} voters in sight, {voters_needed} needed")
    } else {
        format!("NO QUORUM: {voters_seen} voters in sight, {voters_needed} needed")
    };
    format!("{leader}; {sight}; entry {applied} of {last} taken in here")
}

fn row(member: &RaftMemberView, names: &Names) -> Vec<String> {
    let is = match member.standing {
        Standing::Outside => "outside",
        Standing::Learner => "learner",
        Standing::Voter => "voter",
        Standing::Leader => "leader",
    };
    let seen = if member.seen { "yes" } else { "no" };
    let behind = member.behind.map_or_else(|| "–".to_owned(), |behind| behind.to_string());
    vec![names.of(member.node), is.to_owned(), seen.to_owned(), behind]
}

/// A row a holding; who stands in line is counted in the first.
fn holds(view: &PlaceView, names: &Names) -> Vec<Vec<String>> {
    let kind = match view.place.kind {
        Kind::Lock => "lock".to_owned(),
        Kind::Election => "election".to_owned(),
        Kind::Agent => "agent".to_owned(),
        Kind::Names => "names".to_owned(),
        Kind::Semaphore => format!("semaphore of {}", view.permits),
    };
    let row = |(place, hold): (usize, &covey_logic::coordination::HoldView)| {
        let holder = format!("{} on {}", hold.holder.session, names.of(hold.holder.node));
        let line = if place == 0 { view.line.len().to_string() } else { String::new() };
        let name = match view.place.named_node() {
            Some(node) => names.of(node),
            None => view.place.name.to_string(),
        };
        vec![name, kind.clone(), holder, hold.token.to_string(), line]
    };
    view.holds.iter().enumerate().map(row).collect()
}

fn barrier(view: &BarrierView) -> Vec<String> {
    vec![view.name.to_string(), view.arrived.len().to_string(), view.parties.to_string()]
}

fn counter(view: &CounterView) -> Vec<String> {
    let (scope, version) = (view.scope.to_string(), view.version.to_string());
    vec![view.name.to_string(), scope, view.value.clone(), version]
}

fn variable(view: &VariableRow, names: &Names) -> Vec<String> {
    let (bytes, version) = (view.bytes.to_string(), view.version.to_string());
    let strategy = view.strategy.map_or_else(|| "–".to_owned(), |strategy| strategy.to_string());
    let merged = match view.writes {
        1 => strategy,
        writes => format!("{strategy}, of {writes} writes"),
    };
    let (name, scope) = (view.name.to_string(), view.scope.to_string());
    vec![name, scope, merged, bytes, version, names.of(view.by)]
}

fn decision(view: &DecisionView, names: &Names) -> Vec<String> {
    let value: String = view.value.chars().take(40).collect();
    vec![view.question.to_string(), value, view.version.to_string(), names.of(view.by)]
}

/// What a recovery by force would keep and lose.
pub(super) fn recovery(recovery: &Recovery, names: &Names) -> String {
    let Recovery { voters_seen, voters_needed, lost, revision, unconfirmed } = recovery;
    let lost: Vec<String> = lost.iter().map(|node| names.of(*node)).collect();
    format!(
        "{voters_seen} of the {voters_needed} voters that it takes to agree are in sight.\n\
         Kept: the {revision} changes that this node holds; {unconfirmed} of them are not known to be \
         agreed on.\n\
         Lost: what {} acknowledged while this node was not connected.",
        lost.join(", ")
    )
}
