//! What the doors need of a node; a running node is one, and so is the double of the tests.

use std::sync::Arc;

use covey_logic::{
    Command, Epoch, Name, NodeId, Outcome, Wall,
    event::EventRecord,
    node::CandidateView,
};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use ts_rs::TS;

use crate::{Views, control::UiError};

/// An answer that takes a while.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, UiError>>;

/// A node as the doors see it.
pub trait Backend: Send + Sync + 'static {
    /// Its id.
    fn id(&self) -> NodeId;

    /// The time on its wall clock.
    fn now(&self) -> Wall;

    /// Everything people see; marked as changed at each step that changed it.
    fn views(&self) -> watch::Receiver<Arc<Views>>;

    /// Carries out a command of `actor`'s user.
    fn command(&self, actor: NodeId, command: Command) -> Answer<'_, Outcome>;

    /// Why an agent is where it is: every member as a place for it.
    fn explain(&self, name: Name) -> Answer<'_, Vec<CandidateView>>;

    /// Sends an agent a message, wherever it runs, and waits for the answer.
    fn call(&self, call: AgentCall) -> Answer<'_, CallReply>;

    /// The newest lines that an agent wrote, oldest first, from the node that runs or ran it.
    fn logs(&self, name: Name, lines: usize) -> Answer<'_, Vec<LogLine>>;

    /// Stored events of all nodes.
    fn query_events(&self, query: EventQuery) -> Answer<'_, EventPage>;

    /// Who holds a name, and for which life.
    fn lookup(&self, name: &Name) -> Option<(NodeId, Epoch)>;

    /// Says hello to whoever listens at `address` in the lobby, and tells who that is.
    fn dial_address(&self, address: String) -> Answer<'_, NodeId>;

    /// Where strangers reach the lobby.
    fn lobby_addresses(&self) -> Vec<String>;
}

/// A message for an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentCall {
    /// Which agent.
    pub name: Name,
    /// What is asked of it.
    pub method: String,
    /// Its parameters.
    pub params: serde_json::Value,
    /// How long to wait for the answer.
    pub timeout: std::time::Duration,
}

/// The answer of an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct CallReply {
    /// What it said.
    pub value: serde_json::Value,
    /// The node it runs on.
    pub node: NodeId,
    /// From the call to the answer.
    pub took: std::time::Duration,
}

/// A line that an agent wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogLine {
    /// Its place among the lines its node kept of the agent; goes up.
    #[ts(type = "number")]
    pub seq: u64,
    /// When it was written, by the clock of the node that ran the agent.
    #[ts(type = "number")]
    pub at: Wall,
    /// Where it was written.
    pub stream: LogStream,
    /// The line without its end.
    pub text: String,
}

/// Where a line of an agent comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LogStream {
    /// Its standard error.
    Stderr,
    /// The node that runs it.
    Host,
}

/// Which stored events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct EventQuery {
    /// Only of these kinds, as [`Fact`](covey_logic::event::Fact) is tagged.
    pub kinds: Option<Vec<String>>,
    /// Only those this node saw.
    #[ts(type = "string")]
    pub origin: Option<NodeId>,
    /// Only those of this agent or name.
    #[ts(type = "string")]
    pub name: Option<Name>,
    /// Only those whose JSON has this text in it, in any case.
    pub text: Option<String>,
    /// Only from this moment on.
    #[ts(type = "number")]
    pub since: Option<Wall>,
    /// Only before this moment.
    #[ts(type = "number")]
    pub until: Option<Wall>,
    /// Only those before this place, as [`EventPage::next`] gave it.
    pub before: Option<String>,
    /// How many at most; 100 if none is said, 1,000 at most.
    pub limit: Option<u32>,
}

/// Stored events, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventPage {
    /// The events.
    pub events: Vec<Arc<EventRecord>>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}
