//! Agents without a node.

use std::time::Duration;

use bytes::Bytes;
use covey_logic::{
    Epoch, Name, Wall,
    registry::{MemberView, Metadata, NameCommand},
};
use futures::future::BoxFuture;

use super::double::{OTHER, ready};
use crate::{
    comms::{Call, CallReply, Handle},
    control::{Cause, Sends, UiError, backend::Answer},
};

/// Agents that answer with what they are asked; one, `late`, does not answer in time.
#[derive(Clone, Copy)]
pub(super) struct Agents;

impl Agents {
    fn answer(call: Call) -> Result<CallReply, UiError> {
        let late = call.name.as_str() == "late";
        if late { Err(Cause::NoAnswer.into()) } else { Ok(reply(call.params)) }
    }
}

fn reply(value: Bytes) -> CallReply {
    CallReply { value, node: OTHER, epoch: Epoch(4), took: Duration::from_micros(7) }
}

impl Sends for Agents {
    fn call(&self, call: Call) -> Answer<'_, CallReply> {
        Box::pin(async move { Self::answer(call) })
    }

    fn call_all(&self, calls: Vec<Call>) -> BoxFuture<'_, Vec<Result<CallReply, UiError>>> {
        Box::pin(async move { calls.into_iter().map(Self::answer).collect() })
    }

    fn submit(&self, _: Call) -> Result<Handle, UiError> {
        Ok(Handle([1; 8]))
    }

    fn ending(
        &self,
        handle: Handle,
        wait: Duration,
    ) -> Answer<'_, Option<Result<CallReply, UiError>>> {
        if handle == Handle([0; 8]) {
            return Box::pin(
                async move { Err(Cause::NoCall { handle: handle.to_string() }.into()) },
            );
        }
        ready((!wait.is_zero()).then(|| Ok(reply(Bytes::from_static(b"7")))))
    }

    fn capable(&self, capabilities: Vec<String>) -> Answer<'_, Vec<Name>> {
        ready(capabilities.iter().map(|name| Name::new(name).unwrap()).collect())
    }

    fn members(&self, _: Name) -> Answer<'_, Vec<MemberView>> {
        let member = |agent: Option<&str>| MemberView {
            node: OTHER,
            agent: agent.map(|agent| Name::new(agent).unwrap()),
            epoch: Epoch(1),
            metadata: Metadata::default(),
            since: Wall(1),
        };
        ready(vec![member(Some("adder")), member(Some("late")), member(None)])
    }

    fn change_group(&self, _: NameCommand) -> Answer<'_, ()> {
        ready(())
    }
}
