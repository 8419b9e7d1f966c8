//! Pictures for people.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ids::{Name, NodeId},
    settings::{
        Edit, How, Kind, Layer, Level, Place, Resolved, SCHEMA, Scope, Setting, Settings, Sources,
        Version, setting, write_span,
    },
    time::Wall,
};

/// A setting, what it is on one node, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SettingView {
    /// What it is called.
    pub key: String,
    /// What it does, in a sentence.
    pub doc: String,
    /// Where it may be set.
    pub scope: Scope,
    /// Which values it takes.
    pub kind: KindView,
    /// Its value if nobody sets it.
    pub default: String,
    /// Its value on this node.
    pub value: String,
    /// Where that comes from.
    pub layer: Layer,
    /// Everything that is set for this node, the one that counts last.
    pub layers: Vec<LayerView>,
    /// The nodes for which it is set apart.
    pub nodes: Vec<LayerView>,
}

/// Which values a setting takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(rename = "SettingKind")]
pub enum KindView {
    /// `true` or `false`.
    Toggle,
    /// A whole number.
    Count {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
        /// Of what.
        unit: String,
    },
    /// A time, as `30s` or `10m`.
    Span {
        /// The shortest.
        least: String,
        /// The longest.
        most: String,
    },
    /// One of some words.
    Choice {
        /// Which.
        of: Vec<String>,
    },
    /// Rates, as `agent.call:* 100/s burst 200; variable.set 10/m cluster`.
    Rates,
    /// Names, and beginnings of names with a star, as `ticker, shop/*`.
    Names,
}

/// A value that is set somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "SettingLayerView")]
pub struct LayerView {
    /// Where.
    pub layer: Layer,
    /// For which node, if it is agreed for one.
    #[ts(type = "string | null")]
    pub node: Option<NodeId>,
    /// What to.
    pub value: String,
    /// The node whose user set it, unless a file did.
    #[ts(type = "string | null")]
    pub by: Option<NodeId>,
    /// When.
    #[ts(type = "number | null")]
    pub at: Option<Wall>,
    /// The version that set it, if it is agreed.
    #[ts(type = "number | null")]
    pub version: Option<u64>,
}

/// A key that this Covey does not know: a newer node set it, and it has no effect here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "SettingStranger")]
pub struct StrangerView {
    /// Which key.
    #[ts(type = "string")]
    pub key: Name,
    /// For whom.
    pub place: Place,
    /// What it is set to.
    pub value: String,
}

/// A version of the settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "SettingsVersion")]
pub struct VersionView {
    /// Its number.
    #[ts(type = "number")]
    pub version: u64,
    /// The node whose user made it.
    #[ts(type = "string")]
    pub by: NodeId,
    /// When.
    #[ts(type = "number")]
    pub at: Wall,
    /// How it came about.
    pub how: How,
    /// What it changed.
    pub edits: Vec<EditView>,
}

/// A setting that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "SettingEdit")]
pub struct EditView {
    /// Which.
    #[ts(type = "string")]
    pub key: Name,
    /// For whom.
    pub place: Place,
    /// What it was set to; none: it was not set.
    pub old: Option<String>,
    /// What it is set to; none: it is not set.
    pub new: Option<String>,
}

impl SettingView {
    /// The picture of a setting on a node.
    #[must_use]
    pub fn new(setting: &Setting, sources: Sources<'_>) -> Self {
        let resolved = sources.resolve(setting);
        let layers = sources.layers(setting).into_iter().map(|there| {
            LayerView::new(&there, (there.layer == Layer::Node).then_some(sources.me))
        });
        Self {
            key: setting.key.to_owned(),
            doc: setting.doc.to_owned(),
            scope: setting.scope,
            kind: KindView::from(&setting.kind),
            default: setting.kind.default().to_string(),
            value: resolved.value.to_string(),
            layer: resolved.layer,
            layers: layers.collect(),
            nodes: nodes(setting, sources.agreed),
        }
    }

    /// The pictures of all settings on a node.
    #[must_use]
    pub fn all(sources: Sources<'_>) -> Vec<Self> {
        SCHEMA.iter().map(|setting| Self::new(setting, sources)).collect()
    }
}

fn nodes(setting: &Setting, agreed: &Settings) -> Vec<LayerView> {
    let view = |(place, key, held): (Place, &Name, &super::Held)| {
        let Place::Node(node) = place else { return None };
        (key.as_str() == setting.key).then(|| LayerView {
            layer: Layer::Node,
            node: Some(node),
            value: held.value.clone(),
            by: Some(held.mark.by),
            at: Some(held.mark.at),
            version: Some(held.mark.version),
        })
    };
    agreed.values().filter_map(view).collect()
}

impl LayerView {
    fn new(there: &Resolved, node: Option<NodeId>) -> Self {
        let (by, at) = there.by.unzip();
        let Resolved { layer, version, value, .. } = there;
        Self { layer: *layer, node, value: value.to_string(), by, at, version: *version }
    }
}

impl StrangerView {
    /// The keys that this Covey does not know.
    #[must_use]
    pub fn all(agreed: &Settings) -> Vec<Self> {
        let strange = agreed.values().filter(|(_, key, _)| setting(key.as_str()).is_none());
        strange
            .map(|(place, key, held)| Self { key: key.clone(), place, value: held.value.clone() })
            .collect()
    }
}

impl From<&Kind> for KindView {
    fn from(kind: &Kind) -> Self {
        match kind {
            Kind::Toggle { .. } => Self::Toggle,
            Kind::Count { least, most, unit, .. } => {
                Self::Count { least: *least, most: *most, unit: (*unit).to_owned() }
            }
            Kind::Span { least, most, .. } => {
                Self::Span { least: write_span(*least), most: write_span(*most) }
            }
            Kind::Rates { .. } => Self::Rates,
            Kind::Names { .. } => Self::Names,
            Kind::Level { .. } => {
                Self::Choice { of: Level::ALL.map(|level| level.word().to_owned()).to_vec() }
            }
        }
    }
}

impl From<&Version> for VersionView {
    fn from(version: &Version) -> Self {
        let Version { mark, how, edits } = version;
        let edits = edits.iter().map(EditView::from).collect();
        Self { version: mark.version, by: mark.by, at: mark.at, how: *how, edits }
    }
}

impl From<&Edit> for EditView {
    fn from(edit: &Edit) -> Self {
        let Edit { place, key, old, new } = edit.clone();
        Self { key, place, old, new }
    }
}
