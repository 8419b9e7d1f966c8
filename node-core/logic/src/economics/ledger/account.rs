//! Whose credits they are.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use ts_rs::TS;

use crate::ids::{Epoch, Name, NodeId};

/// An account. It reads `issue`, `fees`, `escrow`, `owner/NODE` or `agent/NAME`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, TS)]
#[ts(type = "string")]
pub enum Account {
    /// Where credits come from; below nought by what was issued.
    Issue,
    /// What auctions withheld from who broke their rules.
    Fees,
    /// What is held, until it is captured or released.
    Escrow,
    /// The owner's of a node.
    Owner(NodeId),
    /// An agent's, wherever it runs.
    Agent(Name),
}

/// Text that is no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected issue, fees, escrow, owner/NODE or agent/NAME")]
pub struct AccountError;

/// An account as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What it holds.
    pub balance: i64,
    /// What postings that are kept no more came to.
    pub(super) forward: i64,
    /// Postings that are kept and concern it.
    pub(super) kept: u32,
    /// Which life of an agent spoke for it last, and on which node.
    pub(super) life: Option<Life>,
}

/// A life of an agent, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// Which.
    pub epoch: Epoch,
    /// On which node.
    pub node: NodeId,
}

impl Account {
    /// Whether somebody may be paid into it by name.
    pub(super) fn is_payable(&self) -> bool {
        !matches!(self, Self::Issue | Self::Escrow)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issue => f.write_str("issue"),
            Self::Fees => f.write_str("fees"),
            Self::Escrow => f.write_str("escrow"),
            Self::Owner(node) => write!(f, "owner/{node}"),
            Self::Agent(name) => write!(f, "agent/{name}"),
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner(node) => write!(f, "owner/{node:?}"),
            Self::Issue | Self::Fees | Self::Escrow | Self::Agent(_) => fmt::Display::fmt(self, f),
        }
    }
}

impl FromStr for Account {
    type Err = AccountError;

    fn from_str(text: &str) -> Result<Self, AccountError> {
        match text {
            "issue" => return Ok(Self::Issue),
            "fees" => return Ok(Self::Fees),
            "escrow" => return Ok(Self::Escrow),
            _ => {}
        }
        match text.split_once('/') {
            Some(("owner", node)) => node.parse().ok().map(Self::Owner),
            Some(("agent", name)) => Name::new(name).ok().map(Self::Agent),
            _ => None,
        }
        .ok_or(AccountError)
    }
}

/// An account where nobody reads it: an owner's id takes half the bytes of its digits.
#[derive(Serialize, Deserialize)]
enum Compact {
    Issue,
    Fees,
    Escrow,
    Owner(NodeId),
    Agent(Name),
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        match self {
            Self::Issue => Compact::Issue,
            Self::Fees => Compact::Fees,
            Self::Escrow => Compact::Escrow,
            Self::Owner(node) => Compact::Owner(*node),
            Self::Agent(name) => Compact::Agent(name.clone()),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
            return text.parse().map_err(D::Error::custom);
        }
        Ok(match Compact::deserialize(deserializer)? {
            Compact::Issue => Self::Issue,
            Compact::Fees => Self::Fees,
            Compact::Escrow => Self::Escrow,
            Compact::Owner(node) => Self::Owner(node),
            Compact::Agent(name) => Self::Agent(name),
        })
    }
}
