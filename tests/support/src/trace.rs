//! The record of a run: a hash of all that happened and, on request, its text on standard error.

use std::{
    fmt::{self, Debug, Write as _},
    io::Write as _,
};

use covey_logic::{Effect, Input, wire};

/// Everything that went into and came out of every node, in order.
///
/// Equal seeds give equal hashes, or something in the code under test depends on more than its
/// inputs. FNV-1a, 64 bits (Fowler, Noll, Vo): nobody attacks it, and it needs no crate.
#[derive(Clone, Debug)]
pub struct Trace {
    hash: u64,
    told: bool,
    kept: bool,
}

impl Trace {
    /// An empty trace; one that is `told` also writes each line to standard error.
    #[must_use]
    pub fn new(told: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, told, kept: true }
    }

    /// A trace that stays empty.
    #[must_use]
    pub fn none() -> Self {
        Self { kept: false, ..Self::new(false) }
    }

    /// The hash of everything so far.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// An input that `machine` handles.
    pub(crate) fn input(&mut self, at: u64, machine: usize, input: &Input) {
        if !self.kept {
            return;
        }
        self.mark(at, machine, b'>');
        if let Input::Message { from, message } = input {
            self.bytes(&from.0);
            self.bytes(&wire::encode(message));
        } else if let Input::Published { from, publication } = input {
            self.bytes(&from.0);
            self.bytes(&wire::encode(publication));
        } else {
            self.debug(input);
        }
        self.line(at, machine, ">", input);
    }

    /// An effect that `machine` wants.
    pub(crate) fn effect(&mut self, at: u64, machine: usize, effect: &Effect) {
        if !self.kept {
            return;
        }
        self.mark(at, machine, b'<');
        if let Effect::Send { to, message } = effect {
            self.bytes(&to.0);
            self.bytes(&wire::encode(message));
        } else if let Effect::Publish(publication) = effect {
            self.bytes(&wire::encode(publication));
        } else if let Effect::Append { records, .. } = effect {
            self.bytes(&wire::encode(records));
        } else {
            self.debug(effect);
        }
        self.line(at, machine, "<", effect);
    }

    /// Something that the world does to `machine`.
    pub(crate) fn note(&mut self, at: u64, machine: usize, what: &dyn Debug) {
        if !self.kept {
            return;
        }
        self.mark(at, machine, b'!');
        self.debug(what);
        self.line(at, machine, "!", what);
    }

    fn mark(&mut self, at: u64, machine: usize, kind: u8) {
        self.bytes(&at.to_le_bytes());
        self.bytes(&machine.to_le_bytes());
        self.bytes(&[kind]);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn debug(&mut self, what: &dyn Debug) {
        // Writing to a hash never fails.
        write!(Hashed(self), "{what:?}").unwrap_or_default();
    }

    fn line(&self, at: u64, machine: usize, kind: &str, what: &dyn Debug) {
        if self.told {
            let line = format!("{} ms n{machine} {kind} {what:?}\n", Millis(at));
            // A trace nobody can read is no reason to stop the run.
            std::io::stderr().write_all(line.as_bytes()).unwrap_or_default();
        }
    }
}

struct Hashed<'a>(&'a mut Trace);

impl fmt::Write for Hashed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.bytes(text.as_bytes());
        Ok(())
    }
}

/// Microseconds, shown in milliseconds.
struct Millis(u64);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>6}.{:03}", self.0 / 1_000, self.0 % 1_000)
    }
}
