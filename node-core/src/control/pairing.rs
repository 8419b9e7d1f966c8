//! Commands about joining and letting join.

use std::time::Duration;

use covey_logic::{Command, NodeId, Outcome, Wall, certificate::Role};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Cause, Control, InviteLink, UiError};

/// Asks a node nearby to be let into its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Whom.
    #[ts(type = "string")]
    pub node: NodeId,
}

/// No longer asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {}

/// Lets a stranger who asked into the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// Whom.
    #[ts(type = "string")]
    pub node: NodeId,
    /// As what; [`Accept::DEFAULT_ROLE`] if nothing is said.
    #[serde(default = "default_role")]
    #[ts(optional, as = "Option<Role>")]
    pub role: Role,
}

impl Accept {
    /// What a node is admitted as: a worker could start and stop nothing from its own window, an
    /// admin could admit others.
    pub const DEFAULT_ROLE: Role = Role::Operator;
}

fn default_role() -> Role {
    Accept::DEFAULT_ROLE
}

/// Says no to a stranger who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    /// Whom.
    #[ts(type = "string")]
    pub node: NodeId,
}

/// Says hello to whoever listens at an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Dial {
    /// `192.168.1.7:4100`, or a multiaddress.
    pub address: String,
}

/// Who listens at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Dialled {
    /// The node.
    #[ts(type = "string")]
    pub node: NodeId,
}

/// Makes a single-use invite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// What it admits as; [`Accept::DEFAULT_ROLE`] if nothing is said.
    #[serde(default = "default_role")]
    #[ts(optional, as = "Option<Role>")]
    pub role: Role,
    /// How long it can be used, in milliseconds: as `invites.age` is set if nothing is said, as
    /// `invites.longest` is at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub ttl_ms: Option<u64>,
}

/// An invite; its link is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct InviteMade {
    /// What to send to the other machine.
    pub link: String,
    /// Names the invite in lists.
    pub id: String,
    /// When it ends by itself.
    #[ts(type = "number")]
    pub expires: Wall,
}

/// Takes an invite back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RevokeInvite {
    /// As [`InviteMade::id`] names it.
    pub id: String,
}

/// Enters the cluster that an invite is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// As [`InviteMade::link`] gave it.
    pub link: String,
}

/// How long a node that was found may take to say hello.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) async fn ask(control: &Control, request: Ask) -> Result<(), UiError> {
    control.done(Command::Ask { peer: request.node }).await
}

pub(super) async fn withdraw(control: &Control, _: Withdraw) -> Result<(), UiError> {
    control.done(Command::Withdraw).await
}

pub(super) async fn accept(control: &Control, request: Accept) -> Result<(), UiError> {
    control.done(Command::Accept { node: request.node, role: request.role }).await
}

pub(super) async fn refuse(control: &Control, request: Refuse) -> Result<(), UiError> {
    control.done(Command::Refuse { node: request.node }).await
}

pub(super) async fn dial(control: &Control, request: Dial) -> Result<Dialled, UiError> {
    Ok(Dialled { node: control.backend().dial_address(request.address).await? })
}

pub(super) async fn invite(control: &Control, request: Invite) -> Result<InviteMade, UiError> {
    let values = control.backend().values();
    let age = values.invite_age.min(values.longest_invite);
    let ttl = request.ttl_ms.map_or(age, Duration::from_millis);
    if ttl.is_zero() || ttl > values.longest_invite {
        let value = ttl.as_millis().to_string();
        return Err(Cause::Invalid { field: "ttl_ms".into(), value }.into());
    }
    let addresses = control.backend().lobby_addresses();
    if addresses.is_empty() {
        return Err(Cause::Unreachable { place: "the lobby of this node".into() }.into());
    }
    let made = control.backend().now();
    match control.command(Command::Invite { role: request.role, ttl }).await? {
        Outcome::Invite { secret, id } => {
            let link = InviteLink { host: control.backend().id(), secret, addresses }.to_string();
            let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
            Ok(InviteMade { link, id, expires: Wall(made.0.saturating_add(ttl_ms)) })
        }
        other @ (Outcome::Done
        | Outcome::Names(_)
        | Outcome::Name(_)
        | Outcome::Merged(_)
        | Outcome::Reported(_)) => Err(super::core::unexpected(&other)),
    }
}

pub(super) async fn revoke_invite(control: &Control, request: RevokeInvite) -> Result<(), UiError> {
    control.done(Command::Uninvite { id: request.id }).await
}

/// Finds the host of the invite at one of its addresses, waits for its hello, and uses the invite.
pub(super) async fn join(control: &Control, request: Join) -> Result<(), UiError> {
    let InviteLink { host, secret, addresses } = request
        .link
        .parse()
        .map_err(|error: super::LinkError| Cause::BadLink { reason: error.to_string() })?;
    let mut failure = None;
    for address in addresses {
        match control.backend().dial_address(address.clone()).await {
            Ok(node) if node == host => {
                failure = None;
                break;
            }
            Ok(_) => failure = Some(Cause::Unreachable { place: address }.into()),
            Err(error) => failure = Some(error),
        }
    }
    if let Some(error) = failure {
        return Err(error);
    }
    let mut views = control.backend().views();
    let nearby =
        views.wait_for(|views| views.pairing.nearby.iter().any(|nearby| nearby.node == host));
    match tokio::time::timeout(HELLO_TIMEOUT, nearby).await {
        Ok(Ok(_)) => {}
        Ok(Err(_)) => return Err(Cause::Stopping.into()),
        Err(_) => return Err(Cause::Unreachable { place: host.to_string() }.into()),
    }
    control.done(Command::UseInvite { host, secret }).await
}
