//! What people ask of moves: each command changes a shared value, which the nodes concerned follow.

use std::{sync::Arc, time::Duration};

use crate::{
    event::Fact,
    ids::NodeId,
    moving::{Moving, Plan, PlanPhase, PlannedMove, queue::current, scheduling_of},
    node::CommandError,
    outbox::{Happened, Outbox},
    replica::{Scheduling, Shared, SharedKey},
    supervision::Tables,
    time::Wall,
};

/// What a person wants of planned moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rebalance {
    /// Do these moves, one each interval; they take the place of those planned before.
    Start {
        /// The moves, in order.
        moves: Vec<PlannedMove>,
        /// The time between two.
        interval: Duration,
    },
    /// Begin no further move.
    Pause,
    /// Go on where the pause began.
    Resume,
    /// Begin no further move, and forget the plan.
    Abort,
}

impl Moving {
    /// The longest time between two planned moves.
    const MAX_INTERVAL: Duration = Duration::from_hours(1);

    /// Says whether `node` takes agents; that it does ends a drain.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoNode`].
    pub fn ask_cordon(
        actor: NodeId,
        (node, cordoned): (NodeId, bool),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        known(node, tables)?;
        let before = scheduling_of(tables, node);
        let drain_until = before.drain_until.filter(|_| cordoned);
        let scheduling = Scheduling { cordoned, drain_until };
        if scheduling != before {
            schedule(node, scheduling, out);
            out.happened(Happened::Fact(Some(actor), Fact::NodeCordoned { node, cordoned }));
        }
        Ok(())
    }

    /// Has `node` hand its agents over for so long, and then stop those that are left.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoNode`], or [`CommandError::Invalid`] for longer than [`Self::MAX_DRAIN`].
    pub fn ask_drain(
        actor: NodeId,
        (node, deadline): (NodeId, Duration),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        known(node, tables)?;
        if deadline > Self::MAX_DRAIN {
            let value = format!("{} s", deadline.as_secs());
            return Err(CommandError::Invalid { field: "deadline", value });
        }
        let span = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
        let until = Wall(tables.now.wall.0.saturating_add(span));
        schedule(node, Scheduling { cordoned: true, drain_until: Some(until) }, out);
        out.happened(Happened::Fact(Some(actor), Fact::DrainAsked { node, until }));
        Ok(())
    }

    /// Has planned moves done, paused, resumed or ended.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoPlan`], or [`CommandError::Invalid`] for too many moves, none, or too slow
    /// ones.
    pub fn ask_rebalance(
        actor: NodeId,
        wish: Rebalance,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let now = tables.now.wall;
        let plan = match wish {
            Rebalance::Start { moves, interval } => {
                let invalid = |field, value| Err(CommandError::Invalid { field, value });
                if moves.is_empty() || moves.len() > Plan::MAX_MOVES {
                    return invalid("moves", moves.len().to_string());
                }
                if interval > Self::MAX_INTERVAL {
                    return invalid("interval", format!("{} s", interval.as_secs()));
                }
                Plan {
                    id: out.random_below(u64::MAX - 1) + 1,
                    moves,
                    started: now,
                    interval_ms: u64::try_from(interval.as_millis()).unwrap_or(u64::MAX),
                    phase: PlanPhase::Running,
                    paused: None,
                }
            }
            Rebalance::Pause => {
                let plan = in_phase(PlanPhase::Running, tables)?;
                Plan { phase: PlanPhase::Paused, paused: Some(now), ..plan }
            }
            Rebalance::Resume => {
                let plan = in_phase(PlanPhase::Paused, tables)?;
                let paused = plan.paused.map_or(0, |at| now.0.saturating_sub(at.0));
                let started = Wall(plan.started.0.saturating_add(paused));
                Plan { started, phase: PlanPhase::Running, paused: None, ..plan }
            }
            Rebalance::Abort => {
                let plan = current(tables).filter(|plan| plan.phase != PlanPhase::Aborted);
                let plan = plan.ok_or(CommandError::NoPlan)?.clone();
                Plan { phase: PlanPhase::Aborted, ..plan }
            }
        };
        let moves = u32::try_from(plan.moves.len()).unwrap_or(u32::MAX);
        let fact = Fact::RebalanceSet { phase: plan.phase, moves };
        out.happened(Happened::Fact(Some(actor), fact));
        let value = Shared::Rebalance(Arc::new(plan));
        out.happened(Happened::SharedSaid(SharedKey::Rebalance, value));
        Ok(())
    }
}

fn in_phase(phase: PlanPhase, tables: Tables<'_>) -> Result<Plan, CommandError> {
    current(tables).filter(|plan| plan.phase == phase).cloned().ok_or(CommandError::NoPlan)
}

fn known(node: NodeId, tables: Tables<'_>) -> Result<(), CommandError> {
    tables.roster.role(node).map(drop).ok_or(CommandError::NoNode { node })
}

fn schedule(node: NodeId, scheduling: Scheduling, out: &mut Outbox) {
    let value = Shared::Scheduling(Arc::new(scheduling));
    out.happened(Happened::SharedSaid(SharedKey::Scheduling(node), value));
}
