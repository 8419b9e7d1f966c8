//! The envelope around the opening of a sealed bid, between a person's program and its node.
//!
//! The program makes a key pair for one envelope. What it agrees on with the node's public key (ECDH
//! on P-256, SP 800-56A section 6.2.2.2), hashed with a label, is the AES-256-GCM key (SP 800-38D)
//! that seals the opening; the commitment is authenticated with it. Browsers have all of it as
//! `WebCrypto`, and P-256 is the one curve that each of them has.

use aes_gcm::{
    Aes256Gcm, Key, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use covey_logic::{
    Credits,
    ids::{hex, unhex},
};
use p256::{PublicKey, SecretKey, ecdh::diffie_hellman, elliptic_curve::sec1::ToEncodedPoint as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use ts_rs::TS;

use crate::entropy::{self, EntropyError};

/// A sealed opening. Everything is in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SealedOpening {
    /// The public key that was made for it: a point of P-256, uncompressed, 65 bytes.
    pub key: String,
    /// The nonce of the cipher, 12 bytes, which its key never sees again.
    pub iv: String,
    /// The ciphertext with its tag: the opening as JSON.
    pub sealed: String,
}

/// What it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Opening {
    pub(super) amount: Credits,
    pub(super) nonce: String,
}

/// Why an opening was not sealed, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Ask the node for its key again.
    #[error("that is no public key of P-256")]
    NotAKey,
    /// It was made for another key or another commitment, or it was changed on the way.
    #[error("the envelope cannot be opened")]
    Unreadable,
    /// There is no way to make a key.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// The longest ciphertext: the opening takes some 120 bytes, and the tag 16.
const MAX_SEALED: usize = 512;

/// Seals the opening of `commitment` so that the node with the public key `key` can read it.
///
/// # Errors
///
/// See [`SealError`].
pub fn seal(
    key: &str,
    commitment: &[u8; 32],
    (amount, nonce): (Credits, &[u8; 32]),
) -> Result<SealedOpening, SealError> {
    let ours = fresh_secret()?;
    let cipher = cipher(&ours, &public(key)?);
    let iv: [u8; 12] = entropy::bytes()?;
    let opening = Opening { amount, nonce: hex(nonce) };
    let text = crate::control::to_json(&opening).to_string();
    let payload = Payload { msg: text.as_bytes(), aad: commitment };
    let sealed = cipher.encrypt(Nonce::from_slice(&iv), payload);
    let sealed = sealed.ok().ok_or(SealError::Unreadable)?;
    Ok(SealedOpening { key: public_of(&ours), iv: hex(&iv), sealed: hex(&sealed) })
}

/// Reads what [`seal`] sealed.
pub(super) fn unseal(
    secret: &SecretKey,
    commitment: &[u8; 32],
    it: &SealedOpening,
) -> Result<Opening, SealError> {
    let iv: [u8; 12] = unhex(&it.iv).ok_or(SealError::Unreadable)?;
    let sealed = bytes(&it.sealed).ok_or(SealError::Unreadable)?;
    let cipher = cipher(secret, &public(&it.key)?);
    let payload = Payload { msg: &sealed, aad: commitment };
    let text = cipher.decrypt(Nonce::from_slice(&iv), payload).ok();
    let opening = text.and_then(|text| serde_json::from_slice(&text).ok());
    opening.ok_or(SealError::Unreadable)
}

pub(super) fn public_of(secret: &SecretKey) -> String {
    hex(secret.public_key().to_encoded_point(false).as_bytes())
}

pub(super) fn fresh_secret() -> Result<SecretKey, EntropyError> {
    loop {
        // All but one in 2^32 numbers of 32 bytes are keys.
        if let Ok(secret) = SecretKey::from_slice(&entropy::bytes::<32>()?) {
            return Ok(secret);
        }
    }
}

fn public(text: &str) -> Result<PublicKey, SealError> {
    let point: [u8; 65] = unhex(text).ok_or(SealError::NotAKey)?;
    PublicKey::from_sec1_bytes(&point).ok().ok_or(SealError::NotAKey)
}

fn cipher(secret: &SecretKey, public: &PublicKey) -> Aes256Gcm {
    let shared = diffie_hellman(secret.to_nonzero_scalar(), public.as_affine());
    let mut hasher = Sha256::new();
    hasher.update(b"covey sealed opening 1\n");
    hasher.update(shared.raw_secret_bytes());
    let key: [u8; 32] = hasher.finalize().into();
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(key))
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if text.len() > 2 * MAX_SEALED || !text.len().is_multiple_of(2) {
        return None;
    }
    let digits = text.as_bytes().chunks_exact(2);
    digits.map(|pair| unhex::<1>(std::str::from_utf8(pair).ok()?).map(|[byte]| byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opening_is_read_with_the_key_and_commitment_that_it_was_sealed_for() {
        let (ours, others) = (fresh_secret().unwrap(), fresh_secret().unwrap());
        let amount = Credits::new(31_415).unwrap();

        let it = seal(&public_of(&ours), &[7; 32], (amount, &[9; 32])).unwrap();

        let read = unseal(&ours, &[7; 32], &it).unwrap();
        assert_eq!(read, Opening { amount, nonce: hex(&[9; 32]) });
        assert!(unseal(&others, &[7; 32], &it).is_err());
        assert!(unseal(&ours, &[8; 32], &it).is_err());
        let written = crate::control::to_json(&it).to_string();
        assert!(!written.contains("31415"), "{written}");
    }
}
