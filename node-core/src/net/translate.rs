//! The only place where libp2p's peer ids meet node ids: both are the same Ed25519 public key.

use covey_logic::NodeId;
use libp2p::{
    PeerId,
    identity::{Keypair, PublicKey, ed25519},
};

/// Multihash code of a digest that is the key itself, as it is for all Ed25519 keys.
const IDENTITY: u64 = 0;

/// The node that proves itself with `peer`'s key, or nothing if that is no Ed25519 key.
pub(super) fn node_of(peer: &PeerId) -> Option<NodeId> {
    let hash = peer.as_ref();
    if hash.code() != IDENTITY {
        return None;
    }
    let key = PublicKey::try_decode_protobuf(hash.digest()).ok()?;
    key.try_into_ed25519().ok().map(|key| NodeId(key.to_bytes()))
}

/// The peer that `node` is to libp2p, or nothing if its bytes are no key.
pub(super) fn peer_of(node: NodeId) -> Option<PeerId> {
    let key = ed25519::PublicKey::try_from_bytes(&node.0).ok()?;
    Some(PublicKey::from(key).to_peer_id())
}

/// The pair of keys of a secret, or nothing if libp2p does not take it.
pub(super) fn keypair(mut secret: [u8; 32]) -> Option<Keypair> {
    Keypair::ed25519_from_bytes(&mut secret).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_id_and_peer_id_are_one_key() {
        let pair = keypair([7; 32]).unwrap();
        let peer = pair.public().to_peer_id();

        let node = node_of(&peer).unwrap();

        assert_eq!(peer_of(node), Some(peer));
        assert_eq!(node.0, pair.public().try_into_ed25519().unwrap().to_bytes());
    }

    #[test]
    fn peer_with_another_kind_of_key_is_no_node() {
        let hashed = PeerId::random();

        assert_eq!(node_of(&hashed), None);
    }
}
