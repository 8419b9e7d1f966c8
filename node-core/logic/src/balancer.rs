//! Tasks: work that is given to whichever agent can do it.
//!
//! A task names the capabilities that it takes, and all tasks that take the same are one queue.
//! What was submitted, who works on what, and how it ended follow from the log of the group
//! ([`Tasks`]): a task is accepted when it is in the log, and ends once. Which agent works on a
//! task is agreed on before that agent hears of it, so that whoever is steward of the queue next
//! asks the same agent again and not a second one. A [`Pool`] chooses the agent, by one of the
//! [`StrategyKind`]s.
//!
//! # Invariants
//!
//! - **W1 Kept.** A task that was accepted ends as done, failed, expired or cancelled, and stays
//!   open until then.
//! - **W2 Once.** It ends once, whatever is proposed twice or late; of two submissions under one
//!   key there is one task.
//! - **W3 One at a time.** An attempt begins only when the one before is over, and there are no
//!   more than was allowed.
//! - **W4 Counted at once.** A task is in flight at its agent from the choice on; nobody has more
//!   than the limit.
//! - **W5 Bounded.** Tasks, bytes and agents have bounds, and who is refused for it is told.
//! - **W6 Paid once.** What an open task pays at most is held from its submission on. Its end pays
//!   the price that was agreed on to who did it, and gives the rest back; any other end gives all
//!   back.
//!
//! Checked by `balancer/tests`, there by seeds with stewards and agents that are lost at any
//! moment, and on real processes by `tests/cluster/tasks.rs`.
//!
//! # Not here
//!
//! Who calls the agents: `covey_node::balancer`. What an agent has to do so that nothing is done
//! twice when it dies in the middle: `docs/tasks.md`.

mod act;
mod apply;
mod chance;
mod dispatch;
mod ewma;
mod pace;
mod pay;
mod pool;
mod preview;
mod queue;
mod ranked;
mod record;
mod strategy;
mod task;
mod tasks;
#[cfg(test)]
mod tests;
mod view;
mod worker;

pub use act::{Act, Assignment, AttemptEnd, Done, Refused, Settlement};
pub use apply::Mark;
pub use chance::Chance;
pub use dispatch::{Able, Dispatcher, Errand, Round, worker};
pub use ewma::PeakEwma;
pub use pace::Pace;
pub use pay::{Bill, Pay};
pub use pool::{NoChoice, Pool, Slot};
pub use preview::{PreviewView, ShareView};
pub use queue::{NoQueue, Queue};
pub use record::Record;
pub use strategy::{Award, Standing, Strategy, StrategyKind};
pub use task::{Ending, NewTask, Priority, Task, TaskState};
pub use tasks::{Line, Tasks};
pub use view::{
    AgentLoadView, BalancerView, QueueView, StrategyView, Stuck, TaskFilter, TaskPage, TaskPhase,
    TaskView,
};
pub use worker::{Bid, Limits, Strain, Worker};
