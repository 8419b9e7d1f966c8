//! Verbs about what comes along to another cluster, and what was left behind.

use covey_logic::{Wall, coordination::Scope};

use super::{
    CliError,
    client::Client,
    out::{Out, table},
    words,
};
use crate::{
    archive::{Archive, ArchiveRow, ArchivedGroup, ArchivedKind, JoinPlan, Listed, Replayed},
    control::{GetArchive, ListArchives, ReplayArchive},
};

/// Whether anything but events comes along or stays behind.
pub(super) fn matters(plan: &JoinPlan) -> bool {
    plan.others > 0 || rows(plan).iter().any(|(_, listed, _)| listed.count > 0)
}

type Row<'a> = (&'static str, &'a Listed, &'static str);

fn rows(plan: &JoinPlan) -> [Row<'_>; 9] {
    const COMES: &str = "come along";
    const STAYS: &str = "stay behind";
    const ARCHIVED: &str = "are archived";
    [
        ("Agents of yours", &plan.agents, "come along, if it is let in as an operator"),
        ("Variables of this node alone", &plan.locals, COMES),
        ("Agents of others", &plan.foreign_agents, STAYS),
        ("Settings", &plan.settings, ARCHIVED),
        ("Locks, elections and semaphores", &plan.places, ARCHIVED),
        ("Barriers", &plan.barriers, ARCHIVED),
        ("Counters", &plan.counters, ARCHIVED),
        ("Variables", &plan.variables, ARCHIVED),
        ("Settled questions", &plan.decisions, ARCHIVED),
    ]
}

/// The plan in lines.
pub(super) fn plan(plan: &JoinPlan) -> String {
    let mut lines = vec![format!("Joining leaves the cluster {}:", plan.cluster_name)];
    for (what, listed, fate) in rows(plan).into_iter().filter(|(_, listed, _)| listed.count > 0) {
        let Listed { count, names } = listed;
        let more = usize::try_from(*count).is_ok_and(|count| count > names.len());
        let more = if more { ", …" } else { "" };
        lines.push(format!("  {what} ({count}) {fate}: {}{more}", names.join(", ")));
    }
    lines.push(format!("  Events of this node ({}) come along", plan.events));
    if plan.others > 0 {
        lines.push(format!("  Other members ({}) go on without this node", plan.others));
    }
    lines.push(
        "What the other cluster has under the same name stands; conflicts are told as events."
            .to_owned(),
    );
    lines.join("\n")
}

pub(super) async fn list(client: &Client, out: &Out) -> Result<(), CliError> {
    let archives = client.ask(&ListArchives {}).await?;
    out.result(&archives, || {
        if archives.is_empty() {
            return "This node left nothing behind.".to_owned();
        }
        let row = |row: &ArchiveRow| {
            let ArchiveRow { id, cluster_name, others, path } = row;
            vec![
                id.0.to_string(),
                words::at(*id),
                cluster_name.clone(),
                others.to_string(),
                path.clone(),
            ]
        };
        let rows: Vec<_> = archives.iter().map(row).collect();
        table(&["ARCHIVE", "LEFT", "CLUSTER", ">OTHERS", "FILE"], &rows)
    });
    Ok(())
}

pub(super) async fn show(client: &Client, out: &Out, id: u64) -> Result<(), CliError> {
    let archive = client.ask(&GetArchive { id: Wall(id) }).await?;
    out.result(&archive, || text(&archive));
    Ok(())
}

fn text(archive: &Archive) -> String {
    let Archive { left, belongings, group } = archive;
    let agents: Vec<_> = belongings.agents.iter().map(|spec| spec.name.to_string()).collect();
    let mut lines = vec![
        format!("Left the cluster {} at {}.", belongings.cluster_name, words::at(*left)),
        format!("Agents of this node's user: {}.", listed(&agents)),
    ];
    if group.is_none() {
        lines.push("Its part of the group could not be read.".to_owned());
    }
    let none = ArchivedGroup::default();
    let rows = contents(archive, group.as_ref().unwrap_or(&none));
    if !rows.is_empty() {
        lines.push(String::new());
        lines.push(table(&["KIND", "SCOPE", "NAME", "VALUE"], &rows));
    }
    lines.join("\n")
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn contents(archive: &Archive, group: &ArchivedGroup) -> Vec<Vec<String>> {
    let row = |kind: &str, scope: Scope, name: String, value: &str| {
        vec![kind.to_owned(), scope.to_string(), name, value.to_owned()]
    };
    let all = Scope::Cluster;
    let settings = group.settings.iter().map(|change| {
        row("setting", all, change.key.to_string(), change.value.as_deref().unwrap_or_default())
    });
    let places = group.places.iter().map(|held| {
        let tokens: Vec<_> = held.holds.iter().map(|hold| hold.token.to_string()).collect();
        row("held", all, held.place.to_string(), &format!("token {}", tokens.join(", ")))
    });
    let barriers = group.barriers.iter().map(|there| {
        row(
            "barrier",
            all,
            there.name.to_string(),
            &format!("{} of {}", there.arrived.len(), there.parties),
        )
    });
    let counters = group.counters.iter().chain(&archive.belongings.counters);
    let counters =
        counters.map(|there| row("counter", there.scope, there.name.to_string(), &there.value));
    let variables = group.variables.iter().chain(&archive.belongings.variables);
    let variables = variables.map(|there| {
        let value = there.value.as_deref().unwrap_or("several writes");
        row("variable", there.scope, there.name.to_string(), value)
    });
    let decisions =
        group.decisions.iter().map(|it| row("question", all, it.question.to_string(), &it.value));
    settings
        .chain(places)
        .chain(barriers)
        .chain(counters)
        .chain(variables)
        .chain(decisions)
        .collect()
}

pub(super) async fn replay(client: &Client, out: &Out, id: u64) -> Result<(), CliError> {
    let replayed = client.ask(&ReplayArchive { id: Wall(id) }).await?;
    out.result(&replayed, || outcome(&replayed));
    Ok(())
}

fn outcome(replayed: &Replayed) -> String {
    let Replayed { made, there, conflicts } = replayed;
    let mut lines = vec![format!(
        "{} made, {} there already, {} conflicts",
        made.len(),
        there.len(),
        conflicts.len()
    )];
    if !conflicts.is_empty() {
        let rows: Vec<_> = conflicts
            .iter()
            .map(|conflict| {
                let value =
                    |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
                vec![
                    kind(conflict.kind).to_owned(),
                    conflict.name.to_string(),
                    value(&conflict.archived),
                    value(&conflict.there),
                    conflict.reason.clone(),
                ]
            })
            .collect();
        lines.push(table(&["CONFLICT", "NAME", "ARCHIVED", "HERE", "WHY"], &rows));
    }
    lines.join("\n")
}

fn kind(kind: ArchivedKind) -> &'static str {
    match kind {
        ArchivedKind::Setting => "setting",
        ArchivedKind::Counter => "counter",
        ArchivedKind::Variable => "variable",
        ArchivedKind::Decision => "question",
    }
}
