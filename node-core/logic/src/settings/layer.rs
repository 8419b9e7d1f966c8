//! Which of the values that are set for a node counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ids::{Name, NodeId},
    settings::{Held, Mark, Place, SCHEMA, Scope, Setting, Settings, Value, Values},
    time::Wall,
};

/// Where a value comes from; a later layer counts more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SettingLayer")]
pub enum Layer {
    /// Nobody set it.
    Default,
    /// The settings file or the command line of the node.
    File,
    /// Agreed for all nodes.
    Cluster,
    /// Agreed for this node.
    Node,
    /// Set on the running node; gone when it stops.
    Runtime,
}

/// Everything that a node's settings follow from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// Which node.
    pub me: NodeId,
    /// What its settings file and its command line say.
    pub file: &'a BTreeMap<Name, String>,
    /// What the cluster agreed on.
    pub agreed: &'a Settings,
    /// What was set on the running node.
    pub runtime: &'a BTreeMap<Name, Held>,
}

/// A value, and who set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The value.
    pub value: Value,
    /// Where it comes from.
    pub layer: Layer,
    /// Who set it and when, if a person did while the node ran.
    pub by: Option<(NodeId, Wall)>,
    /// The version of the settings that set it, if that was agreed.
    pub version: Option<u64>,
}

impl Sources<'_> {
    /// The value of every setting.
    #[must_use]
    pub fn values(&self) -> Values {
        let mut values = Values::default();
        for setting in SCHEMA {
            values.set(setting.key, self.resolve(setting).value);
        }
        values
    }

    /// The value of one setting.
    #[must_use]
    pub fn resolve(&self, setting: &Setting) -> Resolved {
        let default = Resolved {
            value: setting.kind.default(),
            layer: Layer::Default,
            by: None,
            version: None,
        };
        self.layers(setting).pop().unwrap_or(default)
    }

    /// The values that are set for this node, the one that counts last; none that the setting does
    /// not take.
    #[must_use]
    pub fn layers(&self, setting: &Setting) -> Vec<Resolved> {
        let key = setting.name();
        let resolved = |layer: Layer, text: &str, mark: Option<&Mark>| {
            let value = setting.kind.parse(text).ok()?;
            let agreed = matches!(layer, Layer::Cluster | Layer::Node);
            let version = mark.filter(|_| agreed).map(|mark| mark.version);
            Some(Resolved { value, layer, by: mark.map(|mark| (mark.by, mark.at)), version })
        };
        let held = |layer, held: Option<&Held>| {
            held.and_then(|held| resolved(layer, &held.value, Some(&held.mark)))
        };
        let cluster = held(Layer::Cluster, self.agreed.value(Place::Cluster, &key));
        if setting.scope == Scope::Cluster {
            return cluster.into_iter().collect();
        }
        [
            self.file.get(&key).and_then(|text| resolved(Layer::File, text, None)),
            cluster,
            held(Layer::Node, self.agreed.value(Place::Node(self.me), &key)),
            held(Layer::Runtime, self.runtime.get(&key)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
