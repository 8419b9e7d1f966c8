//! A call as its caller saw it.

/// One call of an object. Times are of one clock, in any unit.
#[derive(Clone, Debug)]
pub struct Call<O, R> {
    /// What was asked.
    pub op: O,
    /// When it began.
    pub begun: u64,
    /// When it ended, and with which answer; nothing if nobody learned that.
    pub ended: Option<(u64, R)>,
}

impl<O, R> Call<O, R> {
    /// A call that began and was not heard of since.
    #[must_use]
    pub fn begun(op: O, begun: u64) -> Self {
        Self { op, begun, ended: None }
    }

    /// The moment by which it was done, if it is known that it was.
    pub(super) fn end(&self) -> Option<u64> {
        self.ended.as_ref().map(|(at, _)| *at)
    }

    pub(super) fn answer(&self) -> Option<&R> {
        self.ended.as_ref().map(|(_, answer)| answer)
    }
}
