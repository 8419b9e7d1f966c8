//! Frames between nodes: a version, a postcard head, and the body as it is.

use bytes::Bytes;
use covey_logic::{Epoch, guard::Turn, wire::DecodeError};
use serde::{Deserialize, Serialize};

use super::Fault;

/// The version of the frames; a change that an older node cannot read raises it.
const VERSION: u8 = 1;

/// What a frame says of its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Head<'a> {
    /// A call; the body is the parameters.
    Call {
        /// Ties the answer to it; counted by the caller.
        id: u64,
        /// Whom.
        name: &'a str,
        /// Which life.
        epoch: Epoch,
        /// What it should do.
        method: &'a str,
        /// How long the caller still waits, in milliseconds.
        left_ms: u32,
    },
    /// The answer to a call; the body is the value.
    Value {
        /// Which call.
        id: u64,
    },
    /// There is no value.
    Fault {
        /// Which request.
        id: u64,
        /// Why.
        fault: Fault,
    },
    /// A request for the last lines an agent wrote.
    Logs {
        /// Ties the answer to it.
        id: u64,
        /// Which agent.
        name: &'a str,
        /// How many at most.
        lines: u32,
    },
    /// The answer to `Logs`; the body is the lines, in postcard.
    Lines {
        /// Which request.
        id: u64,
    },
    /// The breaker of the sender for an agent turned. A node that does not know it drops it, and
    /// finds out by failures of its own.
    Turn {
        /// Which agent.
        name: &'a str,
        /// To what.
        turn: Turn,
    },
    /// A call with a key, or one that is not answered; the body is the parameters. A node that does
    /// not know it drops it, and the caller hears nothing in time.
    Keyed {
        /// Ties the answer to it; counted by the caller.
        id: u64,
        /// Whom.
        name: &'a str,
        /// Which life.
        epoch: Epoch,
        /// What it should do.
        method: &'a str,
        /// How long the caller still waits, in milliseconds.
        left_ms: u32,
        /// What the caller names it by.
        key: Option<&'a str>,
        /// Whether it is answered.
        answered: bool,
    },
    /// A question to the node itself, which is the body; answered as a call is.
    Ask {
        /// Ties the answer to it.
        id: u64,
    },
}

/// The bytes of a frame, or nothing for a head that cannot be serialised, which there is none of.
pub(super) fn encode(head: &Head<'_>, body: &[u8]) -> Option<Bytes> {
    let mut frame = Vec::with_capacity(HEAD_CAPACITY + body.len());
    frame.push(VERSION);
    let mut frame = postcard::to_extend(head, frame).ok()?;
    frame.extend_from_slice(body);
    Some(frame.into())
}

/// Room for the head of most calls.
const HEAD_CAPACITY: usize = 96;

/// Takes a frame apart; the body shares its memory.
pub(super) fn decode(frame: &Bytes) -> Result<(Head<'_>, Bytes), DecodeError> {
    let (version, rest) = frame.split_first().ok_or(DecodeError::Empty)?;
    if *version != VERSION {
        return Err(DecodeError::Version(*version));
    }
    match postcard::take_from_bytes(rest) {
        Ok((head, body)) => Ok((head, frame.slice_ref(body))),
        Err(_) => Err(DecodeError::Garbled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_keeps_head_and_body() {
        let head =
            Head::Call { id: 7, name: "echo", epoch: Epoch(3), method: "echo", left_ms: 1_000 };

        let frame = encode(&head, b"[1]").unwrap();

        assert_eq!(decode(&frame), Ok((head, Bytes::from_static(b"[1]"))));
    }

    #[test]
    fn version_1_of_a_call_keeps_its_bytes() {
        let head = Head::Call { id: 300, name: "a", epoch: Epoch(2), method: "b", left_ms: 5 };

        let frame = encode(&head, b"{}").unwrap();

        assert_eq!(&frame[..], [1, 0, 0xac, 2, 1, b'a', 2, 1, b'b', 5, b'{', b'}']);
    }

    #[test]
    fn any_bytes_decode_or_are_refused() {
        let whole = encode(&Head::Fault { id: 1, fault: Fault::Busy }, b"").unwrap();
        for cut in 0..whole.len() {
            assert!(decode(&whole.slice(..cut)).is_err(), "{cut}");
        }
        for first in 0..=255 {
            for second in 0..=255 {
                let bytes = Bytes::copy_from_slice(&[1, first, second, 0xff, 0xff]);
                drop(decode(&bytes));
            }
        }
    }
}
