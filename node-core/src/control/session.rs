//! Commands about sessions.

mod convenes;

use std::{collections::BTreeMap, time::Duration};

use covey_logic::{
    Name,
    agreed::Key,
    sessions::{
        Act, Done, Failing, Feedback, PROTOCOLS, Plan, Priority, ProtocolView, SessionRow,
        SessionView,
    },
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub(crate) use convenes::Calls;
pub use convenes::Convenes;

use super::{Cause, UiError};

/// Begins a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct StartSession {
    /// By which protocol; see the list of protocols.
    pub protocol: String,
    /// What it is about, for the participants and for people; 1,024 bytes at most.
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    pub subject: String,
    /// Options of the protocol, as text.
    #[serde(default)]
    #[ts(optional, as = "Option<BTreeMap<String, String>>")]
    pub options: BTreeMap<String, String>,
    /// Who takes part; none: those that can do all of `capabilities`.
    #[ts(optional, type = "string[]")]
    pub participants: Option<Vec<Name>>,
    /// What those who take part can do.
    pub capabilities: Option<Vec<String>>,
    /// Who takes the place of one that fails, with `failing` at `replace`.
    #[serde(default)]
    #[ts(optional, type = "string[]")]
    pub spares: Vec<Name>,
    /// How long an answer may take, in milliseconds: 10,000 if nothing is said.
    #[ts(optional, type = "number")]
    pub answer_ms: Option<u64>,
    /// How long all may take, in milliseconds: 60,000 if nothing is said.
    #[ts(optional, type = "number")]
    pub time_ms: Option<u64>,
    /// How many of a hundred participants must answer for a result.
    pub quorum_percent: Option<u8>,
    /// What happens when a participant fails: the session goes on if nothing is said.
    pub failing: Option<Failing>,
    /// How many messages may be sent and taken in all.
    pub messages: Option<u32>,
    /// Which of the places for sessions it may take.
    pub priority: Option<Priority>,
    /// On whose behalf, beside this node.
    #[ts(optional, type = "string")]
    pub session: Option<Name>,
    /// Words to find it by.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub tags: Vec<String>,
    /// The field of knowledge that it is about: `general` if nothing is said.
    #[ts(optional, type = "string")]
    pub domain: Option<Name>,
    /// A key that makes it safe to ask again.
    pub key: Option<String>,
    /// How long to wait for its end, in milliseconds: not at all if nothing is said.
    #[ts(optional, type = "number")]
    pub wait_ms: Option<u64>,
}

/// A session that began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SessionStarted {
    /// Its number.
    #[ts(type = "number")]
    pub session: u64,
    /// As it was once it was over, or the wait was; none if nothing was waited for.
    pub view: Option<SessionView>,
}

/// Reads a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct GetSession {
    /// Which.
    #[ts(type = "number")]
    pub session: u64,
}

/// Waits until a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct WaitForSession {
    /// Which.
    #[ts(type = "number")]
    pub session: u64,
    /// How long, in milliseconds: 60,000 if nothing is said, 3,600,000 at most.
    #[ts(optional, type = "number")]
    pub wait_ms: Option<u64>,
}

/// Reads all sessions: those that run, and those that are over and kept, the last first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListSessions {}

/// Ends a session without a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CancelSession {
    /// Which.
    #[ts(type = "number")]
    pub session: u64,
    /// Why, for those who wait; 256 bytes at most.
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    pub reason: String,
}

/// Has an agent of this node say something in a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct SayInSession {
    /// In which.
    #[ts(type = "number")]
    pub session: u64,
    /// In which round; none: in the one that it is in.
    pub round: Option<u32>,
    /// Who; an agent that speaks for itself leaves it out.
    #[ts(optional, type = "string")]
    pub agent: Option<Name>,
    /// What, in the form that the protocol asks for.
    #[ts(type = "unknown")]
    pub word: serde_json::Value,
}

/// Says how well a participant did in a session that is over: later weights follow from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AssessParticipant {
    /// In which.
    #[ts(type = "number")]
    pub session: u64,
    /// Who.
    #[ts(type = "string")]
    pub agent: Name,
    /// How right it was, in percent.
    pub accuracy: u8,
    /// How little it took, in percent.
    pub efficiency: u8,
}

/// Reads the protocols that there are, with their options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListProtocols {}

/// The longest that a command waits.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

pub(super) async fn start(
    calls: &impl Calls,
    request: StartSession,
) -> Result<SessionStarted, UiError> {
    let wait = wait(request.wait_ms, Duration::ZERO)?;
    let key = match &request.key {
        Some(text) => Some(Key::new(text).ok_or_else(|| invalid("key", text))?),
        None => None,
    };
    let sessions = calls.sessions();
    let plan = plan(&*sessions, request).await?;
    let done = sessions.agree(Act::Start(Box::new(plan)), key).await?;
    let Done::Started { session } = done else { return Err(invalid("key", &format!("{done:?}"))) };
    let view = if wait.is_zero() { None } else { sessions.session(session, wait).await? };
    Ok(SessionStarted { session, view })
}

pub(super) async fn get(calls: &impl Calls, request: GetSession) -> Result<SessionView, UiError> {
    let session = request.session;
    found(session, calls.sessions().session(session, Duration::ZERO).await?)
}

pub(super) async fn wait_for(
    calls: &impl Calls,
    request: WaitForSession,
) -> Result<SessionView, UiError> {
    let wait = wait(request.wait_ms, Duration::from_mins(1))?;
    found(request.session, calls.sessions().session(request.session, wait).await?)
}

pub(super) async fn list(calls: &impl Calls, _: ListSessions) -> Result<Vec<SessionRow>, UiError> {
    calls.sessions().sessions().await
}

pub(super) async fn cancel(calls: &impl Calls, request: CancelSession) -> Result<(), UiError> {
    let CancelSession { session, reason } = request;
    calls.sessions().agree(Act::Cancel { session, reason }, None).await.map(drop)
}

pub(super) async fn say(calls: &impl Calls, request: SayInSession) -> Result<(), UiError> {
    let SayInSession { session, round, agent, word } = request;
    let reason = || "an agent speaks: say which".to_owned();
    let agent = agent.ok_or_else(|| Cause::BadArguments { reason: reason() })?;
    let sessions = calls.sessions();
    let seat = sessions.own_seat(&agent);
    let epoch = seat.ok_or_else(|| Cause::NotRunningHere { name: agent.clone() })?.epoch;
    let act = Act::Say { session, round, agent, epoch, word: word.to_string() };
    sessions.agree(act, None).await.map(drop)
}

pub(super) async fn assess(calls: &impl Calls, request: AssessParticipant) -> Result<(), UiError> {
    let AssessParticipant { session, agent, accuracy, efficiency } = request;
    let feedback = Feedback { accuracy, efficiency };
    calls.sessions().agree(Act::Assess { session, agent, feedback }, None).await.map(drop)
}

pub(super) async fn protocols(
    _: &impl Calls,
    _: ListProtocols,
) -> Result<Vec<ProtocolView>, UiError> {
    Ok(PROTOCOLS.iter().map(ProtocolView::from).collect())
}

async fn plan(sessions: &dyn Convenes, request: StartSession) -> Result<Plan, UiError> {
    let names = match (request.participants, request.capabilities) {
        (Some(names), None) => names,
        (None, Some(all)) => sessions.capable(all).await?,
        (Some(_), Some(_)) | (None, None) => {
            let reason = "either participants or capabilities".to_owned();
            return Err(Cause::BadArguments { reason }.into());
        }
    };
    let all = names.iter().chain(&request.spares).cloned().collect();
    if let Some(name) = sessions.unknown(all).await? {
        return Err(Cause::NoAgent { name }.into());
    }
    let seats: Vec<_> = names.iter().map(|name| sessions.seat(name)).collect();
    let mut plan = Plan::new(&request.protocol, Vec::new());
    plan.participants = names.into_iter().zip(seats).collect();
    plan.subject = request.subject;
    plan.options = request.options;
    plan.spares = request.spares;
    plan.time_ms = request.time_ms.unwrap_or(plan.time_ms);
    // An answer may take no longer than all.
    plan.answer_ms = request.answer_ms.unwrap_or_else(|| plan.answer_ms.min(plan.time_ms));
    plan.quorum_percent = request.quorum_percent;
    plan.failing = request.failing.unwrap_or_default();
    plan.messages = request.messages;
    plan.priority = request.priority.unwrap_or_default();
    plan.requester = request.session;
    plan.tags = request.tags;
    plan.domain = request.domain.unwrap_or(plan.domain);
    Ok(plan)
}

fn found(session: u64, view: Option<SessionView>) -> Result<SessionView, UiError> {
    let unknown = || covey_logic::sessions::Refused::UnknownSession { session };
    view.ok_or_else(|| Cause::SessionRefused { reason: Box::new(unknown()) }.into())
}

fn wait(ms: Option<u64>, otherwise: Duration) -> Result<Duration, UiError> {
    let wait = ms.map_or(otherwise, Duration::from_millis);
    let long = || invalid("wait_ms", &wait.as_millis().to_string());
    if wait <= LONGEST_WAIT { Ok(wait) } else { Err(long()) }
}

fn invalid(field: &str, value: &str) -> UiError {
    Cause::Invalid { field: field.to_owned(), value: value.to_owned() }.into()
}
