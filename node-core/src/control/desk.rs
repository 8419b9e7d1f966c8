//! The door for agents: what they may ask of their node, which is what the cluster agrees on.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use covey_logic::Name;
use futures::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Agrees, UiError,
    coordination::{self, Asks},
};
use crate::{
    guard::Guard,
    handle::Primitives,
    host::{Asked, Declined, Desk},
    settings::NodeSettings,
};

/// Answers agents with what the commands of the control interface would, by the same names.
#[derive(Clone, Debug)]
pub(crate) struct AgentDesk {
    primitives: Primitives,
    settings: NodeSettings,
    guard: Guard,
}

impl Desk for AgentDesk {
    fn ask(&self, agent: Name, method: &str, params: Bytes) -> BoxFuture<'_, Asked> {
        let method = method.to_owned();
        Box::pin(async move { self.answer(agent, &method, &params).await })
    }
}

impl Asks for AgentDesk {
    fn primitives(&self) -> Arc<dyn Agrees> {
        Arc::new(self.primitives.clone())
    }

    fn lease(&self) -> Duration {
        self.settings.values().lock_lease
    }
}

impl AgentDesk {
    pub(crate) fn new(primitives: Primitives, settings: NodeSettings, guard: Guard) -> Self {
        Self { primitives, settings, guard }
    }

    async fn answer(&self, agent: Name, method: &str, params: &[u8]) -> Asked {
        // Agents ask under their own names; a rate counts each, or all with them.
        self.guard
            .admit(Some(&agent), method)
            .await
            .map_err(|refused| declined(&UiError::from(refused)))?;
        match method {
            "lease.acquire" => {
                let mut asked: coordination::AcquireLease = read(params)?;
                asked.session = own(asked.session, agent)?;
                answer(coordination::acquire(self, asked).await)
            }
            "lease.renew" => answer(coordination::renew(self, read(params)?).await),
            "lease.release" => answer(coordination::release(self, read(params)?).await),
            "lease.watch" => answer(coordination::watch_lease(self, read(params)?).await),
            "barrier.wait" => {
                let mut asked: coordination::WaitAtBarrier = read(params)?;
                asked.session = own(asked.session, agent)?;
                answer(coordination::wait_at_barrier(self, asked).await)
            }
            "counter.add" => answer(coordination::add(self, read(params)?).await),
            "counter.get" => answer(coordination::counter(self, read(params)?).await),
            "variable.register" => answer(coordination::register(self, read(params)?).await),
            "variable.set" => answer(coordination::set(self, read(params)?).await),
            "variable.get" => answer(coordination::variable(self, read(params)?).await),
            "variable.watch" => answer(coordination::watch_variable(self, read(params)?).await),
            "variable.remove" => answer(coordination::remove(self, read(params)?).await),
            "decision.propose" => answer(coordination::decide(self, read(params)?).await),
            "decision.get" => answer(coordination::decision(self, read(params)?).await),
            _ => Err(Declined::unknown(method)),
        }
    }
}

/// An agent holds what it holds, and waits, under its own name and no other.
fn own(said: Option<Name>, agent: Name) -> Result<Option<Name>, Declined> {
    match said {
        Some(session) if session != agent => {
            Err(Declined::unfit(&format!("the session of an agent is its name, {agent}")))
        }
        Some(_) | None => Ok(Some(agent)),
    }
}

fn read<T: DeserializeOwned>(params: &[u8]) -> Result<T, Declined> {
    let params = if params.is_empty() { b"{}" } else { params };
    serde_json::from_slice(params).map_err(|error| Declined::unfit(&error.to_string()))
}

fn answer<T: Serialize>(result: Result<T, UiError>) -> Asked {
    match result {
        Ok(reply) => Ok(super::to_json(&reply).to_string().into()),
        Err(error) => Err(declined(&error)),
    }
}

fn declined(error: &UiError) -> Declined {
    Declined {
        code: Declined::FAILED,
        message: error.to_string(),
        data: super::to_json(error).to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agent_holds_nothing_under_the_name_of_another() {
        let name = |text: &str| Name::new(text).unwrap();

        assert_eq!(own(None, name("me")).unwrap(), Some(name("me")));
        assert_eq!(own(Some(name("me")), name("me")).unwrap(), Some(name("me")));
        assert!(own(Some(name("you")), name("me")).is_err());
    }
}
