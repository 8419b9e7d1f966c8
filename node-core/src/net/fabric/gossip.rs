//! What members say to everyone: signed, checked, and passed on only when both hold.

use std::time::Duration;

use covey_logic::{
    NodeId,
    wire::{self, Publication},
};
use libp2p::{
    gossipsub::{
        Behaviour, ConfigBuilder, IdentTopic, Message, MessageAcceptance, MessageAuthenticity,
        MessageId, PublishError, ValidationMode,
    },
    identity::Keypair,
};

use crate::net::{limits::MAX_PUBLICATION, translate::node_of};

/// Room for the signature and the names around a publication.
const ENVELOPE: usize = 1024;
/// How often the mesh mends itself.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// A member that was left out of a mesh may come back soon: it has perhaps only restarted.
const PRUNE_BACKOFF: Duration = Duration::from_secs(5);
/// Peers outside the mesh that hear at each heartbeat which messages there were.
const ANNOUNCED_TO: usize = 3;
/// Bytes of a message's id.
const ID_LEN: usize = 20;

/// Gossip over our topics.
pub(super) fn behaviour(
    key: &Keypair,
) -> Result<Behaviour, Box<dyn std::error::Error + Send + Sync>> {
    let config = ConfigBuilder::default()
        .heartbeat_interval(HEARTBEAT)
        .heartbeat_initial_delay(Duration::ZERO)
        .prune_backoff(PRUNE_BACKOFF)
        .unsubscribe_backoff(Duration::from_secs(1))
        // In a cluster of a LAN's size everyone is one hop away; the mesh repairs what that loses.
        .flood_publish(true)
        // Anti-entropy finds what both lost, so a few announcements do: by default a quarter of all
        // peers hear of every message from every peer, which grows with the square of their number.
        .gossip_factor(0.0)
        .gossip_lazy(ANNOUNCED_TO)
        .max_transmit_size(MAX_PUBLICATION + ENVELOPE)
        .validation_mode(ValidationMode::Strict)
        .validate_messages()
        .message_id_fn(id_of)
        .build()?;
    let mut gossip = Behaviour::new(MessageAuthenticity::Signed(key.clone()), config)?;
    gossip.subscribe(&replica())?;
    gossip.subscribe(&events())?;
    Ok(gossip)
}

/// Publishes; what cannot be is lost, as gossip may be.
pub(super) fn publish(gossip: &mut Behaviour, publication: &Publication) {
    let topic = match publication {
        Publication::Delta(_) => replica(),
        Publication::Events(_) | Publication::EventNews(_) => events(),
    };
    let bytes = wire::encode(publication);
    let length = bytes.len();
    match gossip.publish(topic, bytes) {
        // Alone, or said already.
        Ok(_) | Err(PublishError::NoPeersSubscribedToTopic | PublishError::Duplicate) => {}
        Err(PublishError::MessageTooLarge) => {
            tracing::warn!(bytes = length, "publication too large for gossip");
        }
        Err(
            error @ (PublishError::AllQueuesFull(_)
            | PublishError::SigningError(_)
            | PublishError::TransformFailed(_)),
        ) => tracing::debug!(%error, "publication lost"),
    }
}

/// What a message says and who signed it, or nothing if it is not to be believed; and whether to
/// pass it on.
///
/// The author must be a member itself: a member that has not heard of a revocation yet passes on
/// what a revoked one says.
pub(super) fn check(
    message: &Message,
    allowed: impl FnOnce(NodeId) -> bool,
) -> (MessageAcceptance, Option<(NodeId, Publication)>) {
    let author = message.source.as_ref().and_then(node_of).filter(|node| allowed(*node));
    let Some(author) = author else { return (MessageAcceptance::Ignore, None) };
    match wire::decode(&message.data) {
        Ok(publication) => (MessageAcceptance::Accept, Some((author, publication))),
        // A later version may be meant for others.
        Err(wire::DecodeError::Version(_)) => (MessageAcceptance::Ignore, None),
        Err(wire::DecodeError::Empty | wire::DecodeError::Garbled) => {
            tracing::debug!(peer = ?author, "publication cannot be read");
            (MessageAcceptance::Reject, None)
        }
    }
}

fn replica() -> IdentTopic {
    IdentTopic::new("covey/replica/1")
}

fn events() -> IdentTopic {
    IdentTopic::new("covey/events/1")
}

/// Names a message by its author and content, so that the same thing said twice travels once.
fn id_of(message: &Message) -> MessageId {
    let mut hasher = blake3::Hasher::new();
    if let Some(author) = message.source {
        hasher.update(&author.to_bytes());
    }
    hasher.update(&message.data);
    let hash = hasher.finalize();
    MessageId::new(hash.as_bytes().get(..ID_LEN).unwrap_or_default())
}
