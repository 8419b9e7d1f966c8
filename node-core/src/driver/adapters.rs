//! What agent messages need of the networks and of the host.

use std::time::Duration;

use bytes::Bytes;
use covey_logic::{
    Epoch, Input, Name, NodeId,
    agreed::{Agreed, Denied, Granted},
    guard::{Drawn, Portion, Quota, Standing},
};
use futures::future::BoxFuture;
use tokio::time::Instant;

use super::Tenancy;
use crate::{
    archive::Archives,
    comms::{Agents, Comms, Fault, LogLine, LogStream, Message, Unsent, Wire},
    consensus::{Agreement, Carrier, ProposeError},
    guard::Draws,
    host::{self, CallError, Host, HostEvent},
    market::Vault,
    monitor::Monitor,
    net::{self, Net, SendError},
    store::{self, Store},
};

/// Agent messages between the agents of this node and its fabric.
pub(crate) type NodeComms = Comms<Host, Net>;

/// What a node is made of beside the loop; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) net: Net,
    pub(crate) store: Store,
    pub(crate) host: Host,
    pub(crate) comms: NodeComms,
    pub(crate) agreement: Agreement,
    pub(crate) archives: Archives,
    pub(crate) tenancy: Tenancy,
    pub(crate) vault: Vault,
    pub(crate) monitor: Monitor,
}

impl Carrier for Net {
    fn carry(&self, to: NodeId, message: Bytes) -> bool {
        self.send_to_group(to, message).is_ok()
    }
}

impl Draws for Agreement {
    fn draw(&self, portion: Portion, timeout: Duration) -> BoxFuture<'_, Option<Drawn>> {
        Box::pin(async move {
            match self.group()?.propose(portion, None, timeout).await {
                Ok(Granted::Drawn(drawn)) => Some(drawn),
                // The group is there, and counts too many rates.
                Err(ProposeError::Refused(Denied::Undrawn(_))) => {
                    Some(Drawn { count: 0, next: timeout })
                }
                Ok(_) | Err(_) => None,
            }
        })
    }

    fn standing(&self, key: &str, quota: &Quota) -> Option<Standing> {
        let group = self.group()?;
        let clock = group.clock_here();
        let look = |agreed: &Agreed| agreed.quotas().standing(key, quota, clock);
        Some(group.look_here(look).0)
    }
}

impl Wire for Net {
    fn send(&self, to: NodeId, frame: Bytes) -> Result<(), Unsent> {
        self.send_frame(to, frame).map_err(|error| match error {
            SendError::NotConnected => Unsent::NotConnected,
            // No body is near the longest frame, so that neither is any frame.
            SendError::Busy | SendError::TooLong(_) => Unsent::Busy,
        })
    }
}

/// What the networks learnt of members, as the store keeps it.
pub(super) fn to_store(book: Vec<net::KnownAddresses>) -> Vec<store::KnownAddresses> {
    book.into_iter().map(|known| (known.node, known.lobby, known.fabric)).collect()
}

/// What the store kept of members, as the networks take it.
pub(super) fn from_store(book: &[store::KnownAddresses]) -> Vec<net::KnownAddresses> {
    let known = |(node, lobby, fabric): &store::KnownAddresses| net::KnownAddresses {
        node: *node,
        lobby: lobby.clone(),
        fabric: fabric.clone(),
    };
    book.iter().map(known).collect()
}

impl Agents for Host {
    async fn call(
        &self,
        (name, epoch): (&Name, Epoch),
        message: Message,
        deadline: Instant,
    ) -> Result<Bytes, Fault> {
        let Message { method, params, key, answered } = message;
        let call = host::Call { method, params, deadline, key, answered };
        Self::call(self, name, epoch, call).await.map_err(|error| match error {
            CallError::Unknown | CallError::StaleEpoch | CallError::Stopping => Fault::NotHere,
            CallError::Busy => Fault::Busy,
            CallError::Crashed => Fault::Crashed,
            CallError::TimedOut => Fault::TimedOut,
            CallError::TooBig { .. } => Fault::TooBig,
            CallError::NotJson => Fault::NotJson,
            CallError::Agent { code, message, data } => Fault::Agent { code, message, data },
        })
    }

    fn logs(&self, name: &Name, lines: usize) -> Vec<LogLine> {
        let line = |line: host::LogLine| LogLine {
            seq: line.seq,
            at: line.at,
            stream: match line.stream {
                host::Stream::Stderr => LogStream::Stderr,
                host::Stream::Log => LogStream::Log,
                host::Stream::Host => LogStream::Host,
            },
            text: line.text,
        };
        Self::logs(self, name, lines).into_iter().map(line).collect()
    }
}

impl From<HostEvent> for Input {
    fn from(event: HostEvent) -> Self {
        match event {
            HostEvent::Started { name, epoch } => Self::AgentStarted { name, epoch },
            HostEvent::Warm { name, epoch } => Self::AgentWarm { name, epoch },
            HostEvent::Suspended { name, epoch, result } => {
                Self::AgentSuspended { name, epoch, result }
            }
            HostEvent::Snapshot { name, epoch, state } => {
                Self::AgentSnapshot { name, epoch, state }
            }
            HostEvent::Exited { name, epoch, exit } => Self::AgentExited { name, epoch, exit },
        }
    }
}
