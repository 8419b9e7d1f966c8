//! One call of an agent for a task.

use std::time::Duration;

use covey_logic::balancer::{AttemptEnd, Errand, Settlement};

use super::Check;
use crate::{
    comms::{Call, CallError, CallReply},
    handle::Messages,
};

/// Calls the agent; how the attempt ended. Nothing if this node stops: whoever is steward next
/// takes the call up.
pub(super) async fn run(messages: Messages, errand: Errand) -> Option<Settlement> {
    let Errand { task, attempt, agent, key, method, params, check, left } = errand;
    let timeout = Duration::from_nanos(left);
    let call = Call::new(agent.clone(), method, params.into_bytes().into(), timeout);
    let call = Call { key: Some(key.into()), ..call };
    let end = checked(end(messages.call(call).await)?, check).await;
    Some(Settlement { task, attempt, agent, end })
}

/// An answer that does not fit what the task asks of it is none.
async fn checked(end: AttemptEnd, check: Option<String>) -> AttemptEnd {
    let (AttemptEnd::Done { value, .. }, Some(check)) = (&end, check) else { return end };
    let value = value.clone();
    // Reading a schema and a large answer may take a while.
    let fits = tokio::task::spawn_blocking(move || {
        let schema = serde_json::from_str(&check).map_err(|error| error.to_string())?;
        Check::new(&schema)?.fits(&value)
    });
    match fits.await.unwrap_or_else(|error| Err(error.to_string())) {
        Ok(()) => end,
        Err(why) => AttemptEnd::Failed { reason: format!("the answer does not fit: {why}") },
    }
}

fn end(result: Result<CallReply, CallError>) -> Option<AttemptEnd> {
    let error = match result {
        Ok(CallReply { value, took, node, .. }) => {
            let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            return Some(match String::from_utf8(value.into()) {
                Ok(value) => AttemptEnd::Done { value, took_us, node },
                Err(error) => AttemptEnd::Failed { reason: error.to_string() },
            });
        }
        Err(error) => error,
    };
    let reason = error.to_string();
    Some(match error {
        CallError::NodeStopped => return None,
        CallError::Agent { .. }
        | CallError::TooBig { .. }
        | CallError::NotJson
        | CallError::KeyReused { .. }
        | CallError::BadKey => AttemptEnd::Failed { reason },
        CallError::Lost { .. } | CallError::Crashed { .. } | CallError::TimedOut { .. } => {
            AttemptEnd::Lost { reason }
        }
        CallError::Unknown { .. }
        | CallError::Stopped { .. }
        | CallError::Unreachable { .. }
        | CallError::Busy { .. }
        | CallError::Guarded(_)
        | CallError::Refused => AttemptEnd::Untaken { reason },
    })
}

#[cfg(test)]
mod tests {
    use covey_logic::{Name, NodeId};

    use super::*;

    #[tokio::test]
    async fn answer_that_does_not_fit_is_a_failure() {
        let done = |value: &str| AttemptEnd::Done {
            value: value.to_owned(),
            took_us: 1,
            node: NodeId([1; 32]),
        };
        let check = || Some(r#"{"const": 42}"#.to_owned());

        assert_eq!(checked(done("42"), check()).await, done("42"));
        assert_eq!(checked(done("41"), None).await, done("41"));
        let failed = checked(done("41"), check()).await;
        assert!(matches!(failed, AttemptEnd::Failed { .. }), "{failed:?}");
    }

    #[test]
    fn only_what_an_agent_may_have_done_counts_as_an_attempt() {
        let (name, node) = (Name::new("a").unwrap(), NodeId([1; 32]));
        let untaken = |error| matches!(end(Err(error)), Some(AttemptEnd::Untaken { .. }));
        let lost = |error| matches!(end(Err(error)), Some(AttemptEnd::Lost { .. }));

        assert!(untaken(CallError::Busy { name: name.clone() }));
        assert!(untaken(CallError::Unreachable { name: name.clone(), node: None }));
        assert!(lost(CallError::Crashed { name: name.clone(), node }));
        assert!(lost(CallError::TimedOut { name, node }));
        assert!(lost(CallError::Lost { node }));
        assert_eq!(end(Err(CallError::NodeStopped)), None);
    }
}
