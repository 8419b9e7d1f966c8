//! Counts the processes of agents over all hosts: what runs, whatever any node says.

use std::{
    collections::BTreeMap,
    fs::{self, DirEntry},
    path::Path,
};

use crate::Node;

/// The process of one life of an agent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgentProcess {
    /// The id of the node that started it.
    pub node: String,
    /// Which life of the agent it is.
    pub epoch: u64,
    /// The process.
    pub pid: u32,
}

/// The processes of `agent` that any of `nodes` started and that still run.
#[must_use]
pub fn processes_of(agent: &str, nodes: &[Node]) -> Vec<AgentProcess> {
    all_processes(nodes).remove(agent).unwrap_or_default()
}

/// The processes of every agent that any of `nodes` started and that still run.
#[must_use]
pub fn all_processes(nodes: &[Node]) -> BTreeMap<String, Vec<AgentProcess>> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut found: BTreeMap<String, Vec<AgentProcess>> = BTreeMap::new();
    for entry in entries {
        if let Some((agent, process)) = agent_process(&entry)
            && nodes.iter().any(|known| known.id() == process.node)
        {
            found.entry(agent).or_default().push(process);
        }
    }
    found.values_mut().for_each(|processes| processes.sort());
    found
}

fn agent_process(entry: &DirEntry) -> Option<(String, AgentProcess)> {
    let pid = entry.file_name().to_str()?.parse().ok()?;
    let mut environment = environment(&entry.path())?;
    let agent = environment.remove("COVEY_AGENT")?;
    if !leads_its_group(&entry.path()) {
        return None;
    }
    let node = environment.remove("COVEY_NODE")?;
    let epoch = environment.get("COVEY_EPOCH")?.parse().ok()?;
    Some((agent, AgentProcess { node, epoch, pid }))
}

/// Of a process that is gone or belongs to the kernel, there is none.
fn environment(process: &Path) -> Option<BTreeMap<String, String>> {
    let bytes = fs::read(process.join("environ")).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let pairs = text.split('\0').filter_map(|pair| pair.split_once('='));
    Some(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// Children of an agent inherit its environment; the agent itself leads the group.
fn leads_its_group(process: &Path) -> bool {
    let Ok(stat) = fs::read_to_string(process.join("stat")) else { return false };
    // The name, in parentheses, may hold anything; then: state, parent, group.
    let Some((before, after)) = stat.rsplit_once(") ") else { return false };
    let (state, group) = (after.split(' ').next(), after.split(' ').nth(2));
    state != Some("Z") && group.is_some() && group == before.split(' ').next()
}
