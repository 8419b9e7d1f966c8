//! Every metric there is: what it is called, of what it is, and in which unit.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a metric is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "MetricOf")]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// A node and its machine.
    Node,
    /// An agent, on the node that holds it.
    Agent,
}

/// In which unit its values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "MetricUnit")]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Of a hundred.
    Percent,
    /// Bytes.
    Bytes,
    /// Bytes in a second.
    BytesPerSecond,
    /// So many in a second.
    PerSecond,
    /// So many.
    Count,
    /// Milliseconds.
    Milliseconds,
}

/// How its values come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One each second.
    Value,
    /// From a histogram of the times in which agents answered: so many of 10,000 were as quick.
    Quantile(u32),
}

/// Makes the enum and what is told of each out of the one list.
macro_rules! metrics {
    ($($variant:ident $name:literal $of:ident $unit:ident $kind:expr, $doc:literal;)*) => {
        /// A metric. Its place in the list is its number on disk and between nodes.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Metric {
            $(#[doc = $doc] $variant,)*
        }

        impl Metric {
            /// Every metric.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// What it is called.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it is of.
            #[must_use]
            pub fn of(self) -> Of {
                match self { $(Self::$variant => Of::$of,)* }
            }

            /// The unit of its values.
            #[must_use]
            pub fn unit(self) -> Unit {
                match self { $(Self::$variant => Unit::$unit,)* }
            }

            /// How its values come about.
            #[must_use]
            pub fn kind(self) -> Kind {
                match self { $(Self::$variant => $kind,)* }
            }

            /// What it is, in a sentence.
            #[must_use]
            pub fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

metrics! {
    Cpu "cpu" Node Percent Kind::Value,
        "Busy time of all processors of the machine.";
    Memory "memory" Node Bytes Kind::Value,
        "Memory in use on the machine.";
    MemoryShare "memory_share" Node Percent Kind::Value,
        "Memory in use on the machine, of all it has.";
    DiskFree "disk_free" Node Bytes Kind::Value,
        "Room on the volume of the data folder.";
    DiskShare "disk_share" Node Percent Kind::Value,
        "What is taken of the volume of the data folder.";
    DiskRead "disk_read" Node BytesPerSecond Kind::Value,
        "What the machine reads from its disks; on Linux alone.";
    DiskWrite "disk_write" Node BytesPerSecond Kind::Value,
        "What the machine writes to its disks; on Linux alone.";
    NetworkIn "network_in" Node BytesPerSecond Kind::Value,
        "What the machine receives, loopback aside; on Linux alone.";
    NetworkOut "network_out" Node BytesPerSecond Kind::Value,
        "What the machine sends, loopback aside; on Linux alone.";
    ProcessCpu "process_cpu" Node Percent Kind::Value,
        "Processor time of Covey itself, of one processor; on Linux alone.";
    ProcessMemory "process_memory" Node Bytes Kind::Value,
        "Resident memory of Covey itself; on Linux alone.";
    Agents "agents" Node Count Kind::Value,
        "Agents that the node runs.";
    Messages "messages" Node PerSecond Kind::Value,
        "Messages that agents of the node dealt with, well or not.";
    Errors "errors" Node PerSecond Kind::Value,
        "Messages to agents of the node that failed: an error, no answer in time, or none at all.";
    ClockOffset "clock_offset" Node Milliseconds Kind::Value,
        "How far the others' clocks are ahead of the node's, in the middle; by asking them.";
    LatencyP50 "latency_p50" Node Milliseconds Kind::Quantile(5_000),
        "Half of the messages to agents of the node were answered within this.";
    LatencyP95 "latency_p95" Node Milliseconds Kind::Quantile(9_500),
        "95 of 100 messages to agents of the node were answered within this.";
    LatencyP99 "latency_p99" Node Milliseconds Kind::Quantile(9_900),
        "99 of 100 messages to agents of the node were answered within this.";
    AgentCpu "agent_cpu" Agent Percent Kind::Value,
        "Processor time of the agent's processes, of one processor; on Linux, of programs alone.";
    AgentMemory "agent_memory" Agent Bytes Kind::Value,
        "Resident memory of the agent's processes; of programs alone.";
    AgentMailbox "agent_mailbox" Agent Count Kind::Value,
        "Messages that wait in the agent's mailbox or are in its hand.";
    AgentMessages "agent_messages" Agent PerSecond Kind::Value,
        "Messages that the agent dealt with, well or not.";
    AgentErrors "agent_errors" Agent PerSecond Kind::Value,
        "Messages to the agent that failed: an error, no answer in time, or none at all.";
    AgentRestarts "agent_restarts" Agent Count Kind::Value,
        "How often the agent ended unasked on this node since the node started.";
    AgentLatencyP50 "agent_latency_p50" Agent Milliseconds Kind::Quantile(5_000),
        "Half of the messages to the agent were answered within this.";
    AgentLatencyP95 "agent_latency_p95" Agent Milliseconds Kind::Quantile(9_500),
        "95 of 100 messages to the agent were answered within this.";
    AgentLatencyP99 "agent_latency_p99" Agent Milliseconds Kind::Quantile(9_900),
        "99 of 100 messages to the agent were answered within this.";
}

impl Unit {
    /// As people write it.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Percent => "%",
            Self::Bytes => "B",
            Self::BytesPerSecond => "B/s",
            Self::PerSecond => "/s",
            Self::Count => "",
            Self::Milliseconds => "ms",
        }
    }
}

impl std::str::FromStr for Metric {
    type Err = UnknownMetric;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|metric| metric.name() == name);
        found.ok_or_else(|| UnknownMetric { name: name.to_owned() })
    }
}

/// There is no metric of this name: `covey metrics list` names those there are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no metric {name}")]
pub struct UnknownMetric {
    /// What was asked for.
    pub name: String,
}
