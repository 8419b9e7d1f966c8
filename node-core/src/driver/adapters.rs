//! What agent messages need of the networks and of the host.

use std::time::Duration;

use bytes::Bytes;
use covey_logic::{Epoch, Input, Name, NodeId};

use crate::{
    comms::{Agents, Comms, Fault, LogLine, Unsent, Wire},
    host::{self, Host, HostEvent},
    net::{Net, SendError},
};

/// Agent messages between the agents of this node and its fabric.
pub(crate) type NodeComms = Comms<Host, Net>;

impl Wire for Net {
    fn send(&self, to: NodeId, frame: Bytes) -> Result<(), Unsent> {
        self.send_frames(to, frame).map_err(|error| match error {
            SendError::NotConnected => Unsent::NotConnected,
            // No body is near the longest frame, so that neither is any frame.
            SendError::Busy | SendError::TooLong(_) => Unsent::Busy,
        })
    }
}

impl Agents for Host {
    async fn call(
        &self,
        (name, epoch): (&Name, Epoch),
        method: &str,
        params: Bytes,
        timeout: Duration,
    ) -> Result<Bytes, Fault> {
        let call = host::Call { method: method.to_owned(), params, timeout };
        Self::call(self, name, epoch, call).await.map_err(|_| Fault::NotHere)
    }

    fn logs(&self, _name: &Name, _lines: usize) -> Vec<LogLine> {
        Vec::new()
    }
}

impl From<HostEvent> for Input {
    fn from(event: HostEvent) -> Self {
        match event {
            HostEvent::Started { name, epoch } => Self::AgentStarted { name, epoch },
            HostEvent::Exited { name, epoch, exit } => Self::AgentExited { name, epoch, exit },
        }
    }
}
