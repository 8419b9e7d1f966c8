//! How a stranger becomes a member: ask and accept, invite, join key, admission.
//!
//! Two screens show the same code, derived from both keys and both nonces. The joiner commits to its
//! nonce before it hears the host's, and reveals it after; so someone in the middle, who must choose
//! a nonce of his own on each side before he knows the other, cannot search for one that makes the
//! two codes equal (short authentication strings, after Vaudenay, *Secure Communications over
//! Insecure Channels Based on Short Authenticated Strings*, CRYPTO 2005). An invite and a join key
//! are secrets that are proven over the same transcript, never sent.
//!
//! # Invariants
//!
//! - **P1 Asked first.** A certificate goes only to a stranger whom a person accepted, or who proved
//!   a secret that this node holds; an invite admits once.
//! - **P2 Same code.** Both sides derive the code from the same transcript, or show different codes.
//! - **P3 Bounded.** A stranger holds at most one request; requests, nearby nodes and invites are
//!   bounded, and each ends by itself.
//!
//! # Not here
//!
//! Who is up: `membership`. How bytes travel: the lobby in the shell.

mod answering;
mod asking;
mod choosing;
mod code;
mod door;
mod invite;
mod machine;
mod message;
mod nearby;
mod output;
mod secret;
mod settings;
mod standing;
#[cfg(test)]
mod tests;
mod view;
mod words;

pub use code::{Code, Transcript};
pub use machine::Pairing;
pub use message::{
    Commitment, Found, FoundBy, Hello, LobbyAnswer, LobbyFailure, LobbyRequest, Nonce, Proof,
    Referral, Refusal, SecretId,
};
pub use output::PairingOutput;
pub use settings::{PairingSettings, PairingSettingsError};
pub use standing::Standing;
pub use view::{AskPhase, AskView, InviteView, KeyMatch, NearbyView, PairingView, RequestView};
