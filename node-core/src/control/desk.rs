//! The door for agents: what they may ask of their node, which is what the cluster agrees on,
//! messages to other agents, and sessions with them.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use covey_logic::{Epoch, Name};
use futures::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Agrees, Cause, Sends, Trades, UiError,
    coordination::{self, Asks},
    market::{self, Trader},
    message::{self, Posts},
    session::{self, Calls, Convenes},
    task,
};
use crate::{
    guard::Guard,
    handle::{Convener, Messages, Primitives, Workload},
    host::{Asked, Asker, Declined, Desk},
    market::{Market, Trading},
    settings::NodeSettings,
};

/// Answers agents with what the commands of the control interface would, by the same names.
#[derive(Debug)]
pub(crate) struct AgentDesk {
    primitives: Primitives,
    market: Market,
    settings: NodeSettings,
    guard: Guard,
    /// What sends messages, begins sessions and takes tasks; there once the node has started.
    opened: OnceLock<(Convener, Workload)>,
}

/// The market in the name of an agent.
struct Stall(Arc<Trader>);

impl market::Asks for Stall {
    fn market(&self) -> Arc<dyn Trades> {
        Arc::clone(&self.0) as Arc<dyn Trades>
    }
}

impl Desk for AgentDesk {
    fn ask(&self, agent: Asker, method: &str, params: Bytes) -> BoxFuture<'_, Asked> {
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
    pub(crate) fn new(
        primitives: Primitives,
        market: Market,
        settings: NodeSettings,
        guard: Guard,
    ) -> Self {
        Self { primitives, market, settings, guard, opened: OnceLock::new() }
    }

    /// Agents can send messages, begin sessions and submit tasks from here on; only the first word
    /// counts.
    pub(crate) fn open(&self, convener: Convener, workload: Workload) {
        self.opened.get_or_init(|| (convener, workload));
    }

    async fn answer(&self, asker: Asker, method: &str, params: &[u8]) -> Asked {
        let agent = asker.name.clone();
        // Agents ask under their own names; a rate counts each, or all with them.
        self.guard
            .admit(Some(&agent), method)
            .await
            .map_err(|refused| declined(&UiError::from(refused)))?;
        if let Some((convener, workload)) = self.opened.get() {
            let post = Post { desk: self, messages: convener.messages(), convener };
            if let Some(answer) = post.answer(&agent, method, params).await {
                return answer;
            }
            let life = (agent.clone(), asker.epoch);
            let asked = on_tasks(workload, life, (method, params)).await;
            if let Some(answer) = asked.transpose() {
                return answer?;
            }
        }
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
            _ => self.trade(asker, method, params).await,
        }
    }

    /// What an agent asks of the market is in its own name, in the life that asks.
    async fn trade(&self, asker: Asker, method: &str, params: &[u8]) -> Asked {
        let (market, trading) = (self.market.clone(), Trading::Agent(asker));
        let stall = &Stall(Arc::new(Trader { market, trading }));
        match method {
            "auction.create" => answer(market::create(stall, read(params)?).await),
            "auction.bid" => answer(market::bid(stall, read(params)?).await),
            "auction.accept" => answer(market::accept(stall, read(params)?).await),
            "auction.commit" => {
                let asked: market::CommitBid = read(params)?;
                if asked.opening.is_some() {
                    // The node opens bids of its user; an agent opens its own.
                    let reason = "an agent keeps its opening to itself".to_owned();
                    return Err(declined(&Cause::BadQuery { reason }.into()));
                }
                answer(market::commit(stall, asked).await)
            }
            "auction.reveal" => answer(market::reveal(stall, read(params)?).await),
            "auction.close" => answer(market::close(stall, read(params)?).await),
            "auction.cancel" => answer(market::cancel(stall, read(params)?).await),
            "auction.list" => answer(market::list(stall, read(params)?).await),
            "auction.get" => answer(market::get(stall, read(params)?).await),
            "auction.kinds" => answer(market::kinds(stall, read(params)?).await),
            "ledger.statement" => answer(market::statement(stall, read(params)?).await),
            "ledger.transfer" => answer(market::transfer(stall, read(params)?).await),
            "ledger.hold" => answer(market::hold(stall, read(params)?).await),
            "ledger.capture" => answer(market::capture(stall, read(params)?).await),
            "ledger.release" => answer(market::release(stall, read(params)?).await),
            _ => Err(Declined::unknown(method)),
        }
    }
}

/// What agents send each other: on behalf of whoever sends it.
struct Post<'a> {
    desk: &'a AgentDesk,
    messages: &'a Messages,
    convener: &'a Convener,
}

impl Calls for Post<'_> {
    fn sessions(&self) -> Arc<dyn Convenes> {
        Arc::new(self.convener.clone())
    }
}

impl Posts for Post<'_> {
    fn messages(&self) -> Arc<dyn Sends> {
        Arc::new(self.messages.clone())
    }

    fn call_timeout(&self) -> Duration {
        self.desk.settings.values().call_timeout
    }
}

impl Post<'_> {
    /// Nothing if it is no message.
    async fn answer(&self, agent: &Name, method: &str, params: &[u8]) -> Option<Asked> {
        self.try_answer(agent.clone(), method, params)
            .await
            .unwrap_or_else(|declined| Some(Err(declined)))
    }

    async fn try_answer(
        &self,
        agent: Name,
        method: &str,
        params: &[u8],
    ) -> Result<Option<Asked>, Declined> {
        Ok(Some(match method {
            "agent.call" => {
                let mut asked: message::CallAgent = read(params)?;
                asked.session = own(asked.session, agent)?;
                answer(message::call(self, asked).await)
            }
            "agent.notify" => {
                let mut asked: message::NotifyAgent = read(params)?;
                asked.session = own(asked.session, agent)?;
                answer(message::notify(self, asked).await)
            }
            "agent.broadcast" => {
                let mut asked: message::Broadcast = read(params)?;
                asked.session = own(asked.session, agent)?;
                answer(message::broadcast(self, asked).await)
            }
            "agent.submit" => {
                let mut asked: message::SubmitCall = read(params)?;
                asked.call.session = own(asked.call.session, agent)?;
                answer(message::submit(self, asked).await)
            }
            "agent.result" => answer(message::result(self, read(params)?).await),
            "topic.publish" => {
                let mut asked: message::Publish = read(params)?;
                asked.session = own(asked.session, agent)?;
                answer(message::publish(self, asked).await)
            }
            "topic.subscribe" => {
                let mut asked: message::Subscribe = read(params)?;
                asked.agent = own(asked.agent, agent)?;
                answer(message::subscribe(self, asked).await)
            }
            "topic.unsubscribe" => {
                let mut asked: message::Unsubscribe = read(params)?;
                asked.agent = own(asked.agent, agent)?;
                answer(message::unsubscribe(self, asked).await)
            }
            "session.start" => {
                let mut asked: session::StartSession = read(params)?;
                asked.session = own(asked.session, agent)?;
                answer(session::start(self, asked).await)
            }
            "session.say" => {
                let mut asked: session::SayInSession = read(params)?;
                asked.agent = own(asked.agent, agent)?;
                answer(session::say(self, asked).await)
            }
            "session.get" => answer(session::get(self, read(params)?).await),
            "session.wait" => answer(session::wait_for(self, read(params)?).await),
            _ => return Ok(None),
        }))
    }
}

/// What agents ask about tasks: they submit and pay for them under their own names, and cancel their
/// own alone. Nothing if it is about something else.
async fn on_tasks(
    workload: &Workload,
    (agent, epoch): (Name, Epoch),
    (method, params): (&str, &[u8]),
) -> Result<Option<Asked>, Declined> {
    Ok(Some(match method {
        "task.submit" => {
            let mut asked: task::SubmitTasks = read(params)?;
            asked.session = own(asked.session, agent.clone())?;
            answer(task::submit_to(workload, asked, Some((agent, epoch))).await)
        }
        "task.cancel" => {
            let task::CancelTasks { tasks } = read(params)?;
            answer(task::cancel_own(workload, &agent, tasks).await)
        }
        "task.get" => answer(task::get_from(workload, read(params)?).await),
        "task.wait" => answer(task::wait_for(workload, read(params)?).await),
        _ => return Ok(None),
    }))
}

/// An agent holds what it holds, and waits, under its own name and no other.
fn own(said: Option<Name>, agent: Name) -> Result<Option<Name>, Declined> {
    match said {
        Some(session) if session != agent => {
            Err(Declined::unfit(&format!("an agent acts under its own name, {agent}")))
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
