//! States in pieces: no message is so long that it holds others up, and no more is under way than
//! the receiver has room for.

use std::sync::Arc;

use crate::{
    agent::AgentState,
    ids::NodeId,
    moving::{Move, TransferId},
    node::Effect,
    outbox::Outbox,
    wire::Message,
};

/// Bytes of a state in one message: 2 ms of a gigabit link.
const PIECE: usize = 256 << 10;
/// Bytes under way that the receiver has not confirmed: a gigabit link with 30 ms there and back.
const WINDOW: usize = 4 << 20;

/// A state on its way out.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) to: NodeId,
    id: TransferId,
    state: AgentState,
    sent: usize,
    /// The most that was ever sent: the receiver may have it whatever was lost since.
    reached: usize,
    confirmed: usize,
    begun: bool,
}

impl Sending {
    pub(super) fn new(to: NodeId, id: TransferId, state: AgentState) -> Self {
        Self { to, id, state, sent: 0, reached: 0, confirmed: 0, begun: false }
    }

    /// Sends as much as the window allows.
    pub(super) fn go_on(&mut self, out: &mut Outbox) {
        while !self.begun || (self.sent < self.state.len() && self.sent < self.confirmed + WINDOW) {
            self.begun = true;
            let end = (self.sent + PIECE).min(self.state.len());
            let bytes = self.state.0.get(self.sent..end).unwrap_or_default();
            let piece = Move::Piece {
                id: self.id,
                at: length(self.sent),
                total: length(self.state.len()),
                bytes: AgentState(Arc::from(bytes)),
            };
            send(self.to, piece, out);
            self.sent = end;
            self.reached = self.reached.max(end);
        }
    }

    /// The receiver has this many bytes.
    pub(super) fn on_got(&mut self, bytes: u32, out: &mut Outbox) {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX).min(self.state.len());
        self.confirmed = self.confirmed.max(bytes);
        self.go_on(out);
    }

    /// The receiver has these bytes and waits for more: what was sent after them is lost.
    pub(super) fn on_lacks(&mut self, after: u32, out: &mut Outbox) {
        let after = usize::try_from(after).unwrap_or(usize::MAX).min(self.state.len());
        self.sent = after;
        self.begun = after > 0;
        self.on_got(length(after), out);
    }

    /// How many bytes the receiver has, as far as it said.
    pub(super) fn confirmed(&self) -> usize {
        self.confirmed
    }

    /// Whether the receiver may have all of it.
    pub(super) fn may_be_whole(&self) -> bool {
        self.begun && self.reached == self.state.len()
    }
}

/// A state on its way in.
#[derive(Debug, Default)]
pub(super) struct Receiving(Vec<u8>);

/// What a piece made of a state.
pub(super) enum Taken {
    /// There is more to come; this many bytes are here.
    Part(u32),
    /// It is whole.
    Whole(AgentState),
    /// It is longer than a state may be.
    TooLong,
}

impl Receiving {
    /// How many bytes are here.
    pub(super) fn got(&self) -> u32 {
        length(self.0.len())
    }

    /// Takes a piece over if it continues what is here.
    pub(super) fn take(&mut self, at: u32, total: u32, bytes: &[u8]) -> Taken {
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        if total > AgentState::MAX_LEN || self.0.len() + bytes.len() > total {
            return if total > AgentState::MAX_LEN {
                Taken::TooLong
            } else {
                Taken::Part(self.got())
            };
        }
        if at == self.got() {
            self.0.extend_from_slice(bytes);
        }
        if self.0.len() == total {
            return Taken::Whole(std::mem::take(&mut self.0).into());
        }
        Taken::Part(self.got())
    }
}

pub(super) fn send(to: NodeId, what: Move, out: &mut Outbox) {
    out.effect(Effect::Send { to, message: Message::Move(what) });
}

/// A fresh name of a transfer.
pub(super) fn transfer(out: &mut Outbox) -> TransferId {
    TransferId(out.random_below(u64::MAX))
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
