//! One call of an agent for a task.

use std::time::Duration;

use covey_logic::balancer::{AttemptEnd, Errand, Settlement};

use crate::{
    comms::{Call, CallError, CallReply},
    handle::Messages,
};

/// Calls the agent; how the attempt ended. Nothing if this node stops: whoever is steward next
/// takes the call up.
pub(super) async fn run(messages: Messages, errand: Errand) -> Option<Settlement> {
    let Errand { task, attempt, agent, key, method, params, left } = errand;
    let timeout = Duration::from_nanos(left);
    let call = Call::new(agent.clone(), method, params.into_bytes().into(), timeout);
    let call = Call { key: Some(key.into()), ..call };
    let end = end(messages.call(call).await)?;
    Some(Settlement { task, attempt, agent, end })
}

fn end(result: Result<CallReply, CallError>) -> Option<AttemptEnd> {
    let error = match result {
        Ok(CallReply { value, took, .. }) => {
            let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            return Some(match String::from_utf8(value.into()) {
                Ok(value) => AttemptEnd::Done { value, took_us },
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
