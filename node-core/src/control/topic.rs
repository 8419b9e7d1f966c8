//! What can be watched.

use covey_logic::Name;
use serde::Deserialize;
use serde_json::Value;

use super::{Cause, UiError};

/// Something that can be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topic {
    /// This node and its cluster, one row.
    Status,
    /// Every member.
    Nodes,
    /// Every agent.
    Agents,
    /// Pairing, one row.
    Pairing,
    /// Agent messages between this node and the others.
    Traffic,
    /// What happens: the newest events, then each as it is learnt. Rows are never removed.
    Events,
    /// What an agent writes: the newest lines, then each as it is written. Rows are never removed.
    Logs {
        /// Which agent.
        name: Name,
    },
    /// Every change of names and groups from here on, in order, or a row that says that some are
    /// missing. Rows are never removed.
    Names {
        /// How the names begin; all if it is empty.
        prefix: String,
    },
    /// Every version of the settings from here on, or after one, in order. The snapshot has those
    /// that are remembered; rows are never removed.
    Settings {
        /// After which; none: from here on.
        after: Option<u64>,
    },
}

impl Topic {
    /// The name of the topic on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Nodes => "nodes",
            Self::Agents => "agents",
            Self::Pairing => "pairing",
            Self::Traffic => "traffic",
            Self::Events => "events",
            Self::Logs { .. } => "logs",
            Self::Names { .. } => "names",
            Self::Settings { .. } => "settings",
        }
    }

    /// The parameters of the topic on the wire.
    #[must_use]
    pub fn params(&self) -> Value {
        match self {
            Self::Logs { name } => serde_json::json!({ "name": name }),
            Self::Names { prefix } => serde_json::json!({ "prefix": prefix }),
            Self::Settings { after } => serde_json::json!({ "after": after }),
            Self::Status
            | Self::Nodes
            | Self::Agents
            | Self::Pairing
            | Self::Traffic
            | Self::Events => serde_json::json!({}),
        }
    }

    pub(super) fn read(topic: &str, params: Value) -> Result<Self, UiError> {
        let refusal = || Cause::UnknownTopic { topic: topic.to_owned() };
        if topic == "logs" {
            let LogsParams { name } = serde_json::from_value(params).ok().ok_or_else(refusal)?;
            return Ok(Self::Logs { name });
        }
        if topic == "names" {
            let params = if params.is_null() { serde_json::json!({}) } else { params };
            let NamesParams { prefix } = serde_json::from_value(params).ok().ok_or_else(refusal)?;
            return Ok(Self::Names { prefix });
        }
        if topic == "settings" {
            let params = if params.is_null() { serde_json::json!({}) } else { params };
            let SettingsParams { after } =
                serde_json::from_value(params).ok().ok_or_else(refusal)?;
            return Ok(Self::Settings { after });
        }
        let empty = params.is_null() || params.as_object().is_some_and(serde_json::Map::is_empty);
        [Self::Status, Self::Nodes, Self::Agents, Self::Pairing, Self::Traffic, Self::Events]
            .into_iter()
            .find(|candidate| candidate.name() == topic && empty)
            .ok_or_else(|| refusal().into())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogsParams {
    name: Name,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamesParams {
    #[serde(default)]
    prefix: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsParams {
    #[serde(default)]
    after: Option<u64>,
}
