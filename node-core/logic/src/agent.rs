//! What an agent is: its specification, what is wanted of it, and what one life of it is doing.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ids::{Epoch, Name, NodeId},
    time::Wall,
};

/// Everything a node needs to run an agent; the same on every node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct AgentSpec {
    /// The name it is called by; unique in the cluster.
    #[ts(type = "string")]
    pub name: Name,
    /// What runs it.
    #[serde(with = "crate::wire::tagged")]
    #[ts(as = "Runtime")]
    pub runtime: Runtime,
    /// What it can do, for look-up by capability.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Whether and how fast it is started again.
    #[serde(default)]
    pub restart: RestartRule,
    /// Where it may run.
    #[serde(default)]
    pub placement: Placement,
    /// What it may use.
    #[serde(default)]
    pub limits: Limits,
}

/// What runs an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Runtime {
    /// Code inside the node.
    Builtin {
        /// Which of the agents that come with Covey.
        agent: Builtin,
    },
    /// Any program that speaks JSON-RPC 2.0 on its standard input and output, one line a message.
    Process {
        /// The program and its arguments; a relative program is looked up among `files`, then in
        /// the search path.
        command: Vec<String>,
        /// Environment variables beside the node's own few.
        #[serde(default)]
        env: BTreeMap<String, String>,
        /// Files put into the agent's working folder before it starts.
        #[serde(default)]
        files: Vec<SpecFile>,
    },
}

/// The agents that come with Covey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Builtin {
    /// Answers `echo` with its parameters.
    Echo,
    /// Counts: `add {by}` and `get`.
    Counter,
    /// Counts seconds by itself, and logs a line each ten: `get`.
    Ticker,
}

/// A file that travels with a specification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SpecFile {
    /// Relative path with `/`, without `..`.
    pub path: String,
    /// The contents, base64 in JSON.
    #[serde(with = "blob")]
    #[ts(type = "string")]
    pub contents: Arc<[u8]>,
    /// Whether it may be run.
    #[serde(default)]
    pub executable: bool,
}

/// When an agent that ended is started again, after Erlang's supervisors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default, rename_all = "snake_case")]
pub struct RestartRule {
    /// Which ends call for a start.
    pub policy: RestartPolicy,
    /// Restarts allowed within `window_ms`; one more and the agent is parked as failed.
    pub max_restarts: u32,
    /// The sliding window, in milliseconds.
    #[ts(type = "number")]
    pub window_ms: u64,
    /// The wait before the first restart, in milliseconds; it doubles up to thirty seconds.
    #[ts(type = "number")]
    pub backoff_ms: u64,
}

impl Default for RestartRule {
    fn default() -> Self {
        Self {
            policy: RestartPolicy::Permanent,
            max_restarts: 5,
            window_ms: 60_000,
            backoff_ms: 100,
        }
    }
}

/// Which ends of an agent call for a start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RestartPolicy {
    /// Every end.
    #[default]
    Permanent,
    /// An end that is not a clean exit.
    Transient,
    /// None.
    Temporary,
}

/// Where an agent may run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default, rename_all = "snake_case")]
pub struct Placement {
    /// Operating systems it can run on (`linux`, `macos`, `windows`); empty: any.
    pub os: Vec<String>,
    /// Architectures it can run on (`x86_64`, `aarch64`); empty: any.
    pub arch: Vec<String>,
    /// Labels a node must have, with these values.
    pub labels: BTreeMap<String, String>,
}

/// What an agent may use; the host ends an agent that goes past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default, rename_all = "snake_case")]
pub struct Limits {
    /// Resident memory of the whole process group, in MiB.
    pub memory_mib: u32,
    /// The longest time one message may take, in milliseconds.
    #[ts(type = "number")]
    pub handle_ms: u64,
    /// Messages that wait; one more is refused as busy.
    pub mailbox: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_mib: 512, handle_ms: 60_000, mailbox: 1_024 }
    }
}

/// What the cluster wants of an agent; replaced as a whole, so that a stop does not send the files
/// again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Whether it should run.
    pub run: bool,
    /// Goes up when a running agent must be started afresh.
    pub generation: u64,
    /// The node it runs on while that is up, if a person chose one.
    pub pin: Option<NodeId>,
    /// The node whose user started it.
    pub owner: NodeId,
}

/// What one life of an agent is doing on the node that reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Which life.
    pub epoch: Epoch,
    /// The [`Intent::generation`] it was started for.
    pub generation: u64,
    /// What it is doing.
    pub phase: Phase,
    /// When the phase began.
    pub since: Wall,
    /// Restarts on this node since a person last started it.
    pub restarts: u32,
    /// How the last life ended, if one did.
    pub last_exit: Option<Exit>,
}

/// The states of an agent on its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The host was told to start it.
    Starting,
    /// It takes messages.
    Running,
    /// It ended and waits for its restart.
    BackingOff,
    /// The host was told to stop it.
    Stopping,
    /// It ended as it should, and its restart policy asks for no more.
    Finished,
    /// It used up its restarts; it stays parked until a person restarts it.
    Failed,
}

/// How a life of an agent ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exit {
    /// Why.
    #[serde(with = "crate::wire::tagged")]
    #[ts(as = "ExitReason")]
    pub reason: ExitReason,
    /// The last lines it wrote, oldest first.
    pub tail: Vec<String>,
}

impl Exit {
    /// Lines kept of the last output: enough for a stack trace.
    pub const MAX_TAIL_LINES: usize = 20;
}

/// Why a life of an agent ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ExitReason {
    /// It was told to stop.
    Stopped,
    /// It ended by itself with this code; 0 is a clean exit.
    Exited {
        /// The exit code.
        code: i32,
    },
    /// A signal ended it.
    Killed {
        /// The signal's number.
        signal: i32,
    },
    /// It could not be started.
    NotStarted {
        /// What the operating system said.
        error: String,
    },
    /// It used more memory than allowed.
    OverMemory {
        /// Its resident memory, in MiB.
        used_mib: u32,
        /// The limit, in MiB.
        limit_mib: u32,
    },
    /// One message took longer than allowed.
    OverTime {
        /// The limit, in milliseconds.
        #[ts(type = "number")]
        limit_ms: u64,
    },
    /// It wrote something that is no JSON-RPC message.
    Garbled {
        /// The line, cut to 200 characters.
        line: String,
    },
}

impl ExitReason {
    /// Whether the agent did what it was meant to do.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        matches!(self, Self::Stopped | Self::Exited { code: 0 })
    }
}

/// Which programs of others a node runs; its owner says so, and every other node respects it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Programs {
    /// Only what this node's own user started.
    #[default]
    Own,
    /// What any operator or admin of the cluster started.
    Cluster,
}

/// A specification that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// Name a program.
    #[error("the command is empty")]
    NoCommand,
    /// Send fewer or smaller files.
    #[error("files of {size} bytes in all are more than the {max} that may travel with an agent")]
    TooBig {
        /// Bytes in all.
        size: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Use a relative path inside the agent's folder.
    #[error("{path:?} leaves the agent's folder")]
    Path {
        /// The offending path.
        path: String,
    },
    /// Choose a value within the bounds.
    #[error("{field} is {value}, which is not within {min} to {max}")]
    OutOfBounds {
        /// Which field.
        field: &'static str,
        /// What was asked.
        value: u64,
        /// The least allowed.
        min: u64,
        /// The most allowed.
        max: u64,
    },
}

impl AgentSpec {
    /// Bytes of files that may travel with one agent.
    pub const MAX_FILES_SIZE: usize = 1 << 20;

    /// Checks everything that does not depend on a node.
    ///
    /// # Errors
    ///
    /// The first rule that `self` breaks.
    pub fn check(&self) -> Result<(), SpecError> {
        if let Runtime::Process { command, files, .. } = &self.runtime {
            if command.first().is_none_or(String::is_empty) {
                return Err(SpecError::NoCommand);
            }
            let size = files.iter().map(|file| file.contents.len() + file.path.len()).sum();
            if size > Self::MAX_FILES_SIZE {
                return Err(SpecError::TooBig { size, max: Self::MAX_FILES_SIZE });
            }
            if let Some(file) = files.iter().find(|file| !is_inside(&file.path)) {
                return Err(SpecError::Path { path: file.path.clone() });
            }
        }
        let bounds = [
            ("limits.memory_mib", u64::from(self.limits.memory_mib), 1, 1 << 20),
            ("limits.handle_ms", self.limits.handle_ms, 1, 86_400_000),
            ("limits.mailbox", u64::from(self.limits.mailbox), 1, 65_536),
            ("restart.max_restarts", u64::from(self.restart.max_restarts), 0, 1_000),
            ("restart.window_ms", self.restart.window_ms, 1_000, 86_400_000),
            ("restart.backoff_ms", self.restart.backoff_ms, 1, 60_000),
        ];
        bounds
            .into_iter()
            .find(|(_, value, min, max)| value < min || value > max)
            .map_or(Ok(()), |(field, value, min, max)| {
                Err(SpecError::OutOfBounds { field, value, min, max })
            })
    }

    /// How long a stop may take before the host kills it: what one message may take, five seconds
    /// at most.
    #[must_use]
    pub fn stop_grace(&self) -> Duration {
        Duration::from_millis(self.limits.handle_ms.min(5_000))
    }
}

fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':', '\0'])
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Bytes as base64 for people and as they are on the wire.
mod blob {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error as _};

    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    pub(super) fn serialize<S: Serializer>(
        bytes: &Arc<[u8]>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            encode(bytes).serialize(serializer)
        } else {
            serializer.serialize_bytes(bytes)
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<[u8]>, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            decode(&text).map(Arc::from).ok_or_else(|| D::Error::custom("expected base64"))
        } else {
            Vec::<u8>::deserialize(deserializer).map(Arc::from)
        }
    }

    fn encode(bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
        for chunk in bytes.chunks(3) {
            let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for (i, shift) in [18, 12, 6, 0].into_iter().enumerate() {
                let digit =
                    DIGITS.get((bits >> shift & 63) as usize).copied().map_or('=', char::from);
                text.push(if i <= chunk.len() { digit } else { '=' });
            }
        }
        text
    }

    fn decode(text: &str) -> Option<Vec<u8>> {
        let digits = text.trim_end_matches('=');
        if !text.len().is_multiple_of(4) || text.len() - digits.len() > 2 {
            return None;
        }
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
        for chunk in digits.as_bytes().chunks(4) {
            let mut bits = 0_u32;
            for digit in chunk {
                let value = DIGITS.iter().position(|d| d == digit)?;
                bits = bits << 6 | u32::try_from(value).ok()?;
            }
            bits <<= 6 * (4 - chunk.len());
            let [_, high, middle, low] = bits.to_be_bytes();
            bytes.extend([high, middle, low].into_iter().take(chunk.len() - 1));
        }
        Some(bytes)
    }

    #[cfg(test)]
    mod tests {
        use super::{decode, encode};

        #[test]
        fn base64_follows_rfc_4648_section_10() {
            for (bytes, text) in [
                ("", ""),
                ("f", "Zg=="),
                ("fo", "Zm8="),
                ("foo", "Zm9v"),
                ("foob", "Zm9vYg=="),
                ("fooba", "Zm9vYmE="),
            ] {
                assert_eq!(encode(bytes.as_bytes()), text);
                assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
            }
            assert_eq!(decode("Zg="), None);
            assert_eq!(decode("Z!=="), None);
        }
    }
}
