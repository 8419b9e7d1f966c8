//! What people see of moves.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ids::NodeId,
    moving::{Failure, Moves, PlanPhase, PlannedMove, is_leaving, queue::current, scheduling_of},
    replica::{Presence, PresenceKey},
    supervision::{Supervision, Tables},
    time::Wall,
};

/// A node that takes no agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SchedulingView {
    /// Whether an operator said so.
    pub cordoned: bool,
    /// Whether it is about to stop.
    pub leaving: bool,
    /// The drain it is in.
    pub drain: Option<DrainView>,
}

/// A node that hands its agents over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DrainView {
    /// Until when; those that are left are then stopped and started elsewhere.
    #[ts(type = "number")]
    pub until: Wall,
    /// Agents that it still holds.
    pub left: u32,
    /// Agents that went elsewhere.
    pub moved: u32,
    /// Agents whose hand-off failed at last try, and why; twenty at most.
    pub failed: Vec<Failure>,
}

/// Planned moves and how far they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanView {
    /// Whether they are done.
    pub phase: PlanPhase,
    /// Between two moves, in milliseconds.
    #[ts(type = "number")]
    pub interval_ms: u64,
    /// When the first was due.
    #[ts(type = "number")]
    pub started: Wall,
    /// Every move, in order.
    pub moves: Vec<PlannedMoveView>,
}

/// A planned move and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlannedMoveView {
    /// The move.
    #[serde(flatten)]
    #[ts(flatten)]
    pub planned: PlannedMove,
    /// What came of it.
    pub state: MoveState,
    /// Why it failed.
    pub reason: Option<String>,
}

/// What came of a planned move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MoveState {
    /// The agent runs where it was.
    Waiting,
    /// It is on its way.
    Moving,
    /// It runs where it was planned.
    Done,
    /// It runs where it was, and is not tried again.
    Failed,
    /// It runs elsewhere, or nowhere.
    Overtaken,
}

/// Whether and why a node takes no agents; nothing for one that does.
#[must_use]
pub(crate) fn scheduling_view(node: NodeId, tables: Tables<'_>) -> Option<SchedulingView> {
    let said = scheduling_of(tables, node);
    let leaving = is_leaving(tables, node);
    let held = tables.replica.presences(node);
    let left = held.filter(|(key, _)| matches!(key, PresenceKey::Agent(_))).count();
    let drain = said.drain_until.filter(|_| said.cordoned).map(|until| {
        let drained = moves_of(node, tables).and_then(|moves| moves.drained.as_ref());
        let drained = drained.filter(|drained| drained.until == until);
        DrainView {
            until,
            left: u32::try_from(left).unwrap_or(u32::MAX),
            moved: drained.map_or(0, |drained| drained.moved),
            failed: drained.map(|drained| drained.failed.clone()).unwrap_or_default(),
        }
    });
    (said.cordoned || leaving).then_some(SchedulingView { cordoned: said.cordoned, leaving, drain })
}

/// The planned moves; nothing if there never were any.
#[must_use]
pub(crate) fn plan_view(supervision: &Supervision, tables: Tables<'_>) -> Option<PlanView> {
    let plan = current(tables)?;
    let view = |planned: &PlannedMove| {
        let failures = moves_of(planned.from, tables).and_then(|moves| moves.plan.as_ref());
        let failures = failures.filter(|(id, _)| *id == plan.id).map(|(_, failed)| failed);
        let failure = failures.and_then(|failed| failed.iter().find(|it| it.name == planned.name));
        let holder = supervision.holder(&planned.name, tables).map(|(node, _)| node);
        let state = match (holder, failure) {
            (Some(node), _) if node == planned.to => MoveState::Done,
            (Some(node), Some(_)) if node == planned.from => MoveState::Failed,
            (Some(node), None) if node == planned.from => {
                let arrives = supervision.arrives_at(&planned.name, tables);
                if arrives == Some(planned.to) { MoveState::Moving } else { MoveState::Waiting }
            }
            _ => MoveState::Overtaken,
        };
        let reason = failure.filter(|_| state == MoveState::Failed).map(|it| it.reason.clone());
        PlannedMoveView { planned: planned.clone(), state, reason }
    };
    let moves = plan.moves.iter().map(view).collect();
    Some(PlanView {
        phase: plan.phase,
        interval_ms: plan.interval_ms,
        started: plan.started,
        moves,
    })
}

fn moves_of<'a>(node: NodeId, tables: Tables<'a>) -> Option<&'a Moves> {
    match tables.replica.presence(node, &PresenceKey::Moves)? {
        Presence::Moves(moves) => Some(moves),
        Presence::Summary(_)
        | Presence::Agent(_)
        | Presence::Claim(_)
        | Presence::Views(_)
        | Presence::Breaches(_)
        | Presence::Moved(_)
        | Presence::Kept(_) => None,
    }
}
