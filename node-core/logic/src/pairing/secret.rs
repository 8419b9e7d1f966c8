//! A secret that two nodes share, proven to each other and never sent.

use super::{Proof, SecretId, Transcript};

/// What is derived from the secret of an invite or from a join key.
#[derive(Clone)]
pub(super) struct Secret {
    id: SecretId,
    key: [u8; 32],
}

/// Whose proof it is: a proof that comes back to its maker proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Who asks to join.
    Joiner,
    /// Who is asked.
    Host,
}

impl Secret {
    /// Of the secret in an invite.
    pub(super) fn of_invite(secret: [u8; 16]) -> Self {
        Self::of_key(blake3::derive_key("covey pairing 1 invite", &secret))
    }

    /// Of a join key; white space around it, such as the end of a line in a file, does not count.
    pub(super) fn of_join_key(text: &str) -> Self {
        Self::of_key(blake3::derive_key("covey pairing 1 join key", text.trim().as_bytes()))
    }

    fn of_key(key: [u8; 32]) -> Self {
        let mut id = [0; 16];
        let hash = blake3::derive_key("covey pairing 1 secret id", &key);
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self { id: SecretId(id), key }
    }

    /// Names the secret and says nothing of it.
    pub(super) const fn id(&self) -> SecretId {
        self.id
    }

    /// Proves, as `side`, that its maker knows the secret and means this pairing.
    pub(super) fn prove(&self, side: Side, transcript: &Transcript) -> Proof {
        Proof { secret: self.id, mac: *self.mac(side, transcript).as_bytes() }
    }

    /// Whether `proof` is one that `side` made with this secret over `transcript`.
    pub(super) fn confirms(&self, side: Side, transcript: &Transcript, proof: &Proof) -> bool {
        // `blake3::Hash` compares in constant time.
        proof.secret == self.id && self.mac(side, transcript) == blake3::Hash::from(proof.mac)
    }

    fn mac(&self, side: Side, transcript: &Transcript) -> blake3::Hash {
        let tag: &[u8] = match side {
            Side::Joiner => b"joiner",
            Side::Host => b"host",
        };
        blake3::keyed_hash(&self.key, &[tag, &transcript.bytes()].concat())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Secret").field(&self.id).finish()
    }
}
