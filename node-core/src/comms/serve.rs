//! The called side: frames of peers.

use std::{
    sync::{Arc, atomic::Ordering},
    task::{Context, Waker},
    time::Duration,
};

use bytes::Bytes;
use covey_logic::{Epoch, Name, NodeId, guard::Heard};
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    Agents, Comms, Fault, LogLine, MAX_BODY_LEN, MAX_LOG_LINES, Message, Unsent, Wire,
    frame::{self, Head},
    link::{Admitted, Answer, Link},
    window::{Ending, Entered, Turn},
};

/// A call of a peer on its way to an agent.
struct Served {
    from: NodeId,
    id: u64,
    to: (Name, Epoch),
    message: Message,
    until: Instant,
    _admitted: Admitted,
}

/// How long a call under a key is handled at least: whoever repeats it takes it up where it is.
const KEYED_TIMEOUT: Duration = Duration::from_mins(1);

/// The pause before an answer is tried again on a link whose queue is full: about what a full queue
/// takes to drain.
const FULL_PAUSE: Duration = Duration::from_millis(2);

/// The most bytes a line takes beside its text: three numbers of ten bytes at most, and the stream.
const LOG_LINE_OVERHEAD: usize = 31;

/// How long an answer without a deadline of its own is tried.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

impl<A: Agents, W: Wire> Comms<A, W> {
    /// Takes what a peer sent, in order. Never blocks, and never fails for what a peer can send.
    pub(crate) fn deliver(&self, from: NodeId, frames: Vec<Bytes>) {
        let link = self.link(from);
        for frame in frames {
            link.received.fetch_add(1, Ordering::Relaxed);
            if let Err(error) = self.take_frame(from, &link, &frame) {
                tracing::debug!(peer = ?from, %error, "frame refused");
            }
        }
    }

    fn take_frame(
        &self,
        from: NodeId,
        link: &Arc<Link>,
        frame: &Bytes,
    ) -> Result<(), Box<dyn std::error::Error>> {
        match frame::decode(frame)? {
            (Head::Call { id, name, epoch, method, left_ms }, params) => {
                let message = message(method, &params, (None, true));
                self.take_call((from, id, link), (name.parse()?, epoch), message, left_ms);
            }
            (Head::Keyed { id, name, epoch, method, left_ms, key, answered }, params) => {
                let message = message(method, &params, (key, answered));
                self.take_call((from, id, link), (name.parse()?, epoch), message, left_ms);
            }
            (Head::Value { id }, value) => link.answer(id, Answer::Value(value)),
            (Head::Fault { id, fault }, _) => link.answer(id, Answer::Fault(fault)),
            (Head::Logs { id, name, lines }, _) => {
                self.serve_logs((from, id), name.parse()?, lines);
            }
            (Head::Ask { id }, asked) => self.serve_question((from, id), &asked),
            (Head::Turn { name, turn }, _) => {
                // Who may not call knows nothing of calls.
                if link.may_call.load(Ordering::Relaxed) {
                    self.shared.guard.hear(&name.parse()?, Heard { from, turn });
                }
            }
            (Head::Lines { id }, body) => {
                link.answer(id, Answer::Lines(postcard::from_bytes(&body)?));
            }
        }
        Ok(())
    }

    fn take_call(
        &self,
        (from, id, link): (NodeId, u64, &Arc<Link>),
        to: (Name, Epoch),
        message: Message,
        left_ms: u32,
    ) {
        let fault = if !link.may_call.load(Ordering::Relaxed) {
            Fault::Refused
        } else if let Some(_admitted) = link.admit(message.params.len()) {
            let until = Instant::now() + Duration::from_millis(left_ms.into());
            self.begin(self.clone().serve(Served { from, id, to, message, until, _admitted }));
            return;
        } else {
            Fault::Busy
        };
        self.refuse(from, id, fault);
    }

    /// Does at once what takes no time, and the rest in a task of its own.
    fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut work = Box::pin(work);
        let mut nobody = Context::from_waker(Waker::noop());
        if work.as_mut().poll(&mut nobody).is_pending() {
            drop(self.shared.runtime.spawn(work));
        }
    }

    async fn serve(self, served: Served) {
        let Served { from, id, to: (name, epoch), message, until, _admitted } = served;
        let result = self.take((&name, epoch), message, until).await;
        let result = result.and_then(|value| {
            if value.len() > MAX_BODY_LEN { Err(Fault::TooBig) } else { Ok(value) }
        });
        let frame = match &result {
            Ok(value) => frame::encode(&Head::Value { id }, value),
            Err(fault) => frame::encode(&Head::Fault { id, fault: fault.clone() }, &[]),
        };
        if let Some(frame) = frame {
            self.answer(from, frame, until).await;
        }
    }

    /// Hands a message to an agent here, for as long as the caller waits; one with a key only if it
    /// was not handed over before.
    pub(super) async fn take(
        &self,
        to: (&Name, Epoch),
        message: Message,
        until: Instant,
    ) -> Result<Bytes, Fault> {
        let Some(key) = message.key.clone() else {
            let answer = self.shared.agents.call(to, message, until);
            return timeout_at(until, answer).await.unwrap_or(Err(Fault::TimedOut));
        };
        let ending = match self.shared.window.enter(to.0, &key, &message) {
            Entered::Reused => return Err(Fault::KeyReused),
            Entered::Again(ending) => ending,
            Entered::First(turn, ending) => {
                self.begin(self.clone().keep(turn, (to.0.clone(), to.1), message, until));
                ending
            }
        };
        ended(ending, until).await
    }

    /// Handles the first call under a key, also when its caller waits no longer.
    async fn keep(self, turn: Turn, to: (Name, Epoch), message: Message, until: Instant) {
        let until = until.max(Instant::now() + KEYED_TIMEOUT);
        let answer = self.shared.agents.call((&to.0, to.1), message, until);
        turn.settle(timeout_at(until, answer).await.unwrap_or(Err(Fault::TimedOut)));
    }

    /// Refuses without taking: the refusal itself may be lost on a full link, and then the peer's
    /// deadline ends the call.
    fn refuse(&self, to: NodeId, id: u64, fault: Fault) {
        let frame = frame::encode(&Head::Fault { id, fault }, &[]);
        if frame.is_none_or(|frame| self.send(to, frame).is_err()) {
            tracing::debug!(peer = ?to, "refusal not sent");
        }
    }

    fn serve_logs(&self, (from, id): (NodeId, u64), name: Name, lines: u32) {
        let link = self.link(from);
        let Some(admitted) = link.admit(0) else { return self.refuse(from, id, Fault::Busy) };
        let lines = usize::try_from(lines.min(MAX_LOG_LINES)).unwrap_or_default();
        let comms = self.clone();
        drop(self.shared.runtime.spawn(async move {
            let lines = newest(comms.shared.agents.logs(&name, lines));
            let body = postcard::to_allocvec(&lines).ok();
            let frame = body.and_then(|body| frame::encode(&Head::Lines { id }, &body));
            if let Some(frame) = frame {
                comms.answer(from, frame, Instant::now() + ANSWER_TIMEOUT).await;
            }
            drop(admitted);
        }));
    }

    fn serve_question(&self, (from, id): (NodeId, u64), asked: &Bytes) {
        let link = self.link(from);
        let Some(admitted) = link.admit(asked.len()) else {
            return self.refuse(from, id, Fault::Busy);
        };
        let asked = Bytes::copy_from_slice(asked);
        let comms = self.clone();
        drop(self.shared.runtime.spawn(async move {
            let answer = match comms.shared.questions.get() {
                Some(questions) => questions.answer(asked).await,
                None => None,
            };
            let answer = answer.filter(|answer| answer.len() <= MAX_BODY_LEN);
            let frame = match &answer {
                Some(answer) => frame::encode(&Head::Value { id }, answer),
                None => frame::encode(&Head::Fault { id, fault: Fault::NotHere }, &[]),
            };
            if let Some(frame) = frame {
                comms.answer(from, frame, Instant::now() + ANSWER_TIMEOUT).await;
            }
            drop(admitted);
        }));
    }

    /// Sends an answer, and waits for room until `until` if the link is full.
    async fn answer(&self, to: NodeId, frame: Bytes, until: Instant) {
        loop {
            match self.send(to, frame.clone()) {
                Ok(()) => {
                    self.link(to).sent.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Err(Unsent::Busy) if Instant::now() < until => sleep(FULL_PAUSE).await,
                Err(unsent) => {
                    tracing::debug!(peer = ?to, ?unsent, "answer not sent");
                    return;
                }
            }
        }
    }
}

fn message(method: &str, params: &[u8], (key, answered): (Option<&str>, bool)) -> Message {
    Message {
        method: method.into(),
        // Frames share a large read buffer, which a slow agent must not hold on to.
        params: Bytes::copy_from_slice(params),
        key: key.map(Into::into),
        answered,
    }
}

/// How a call under a key ended, if it does in time.
async fn ended(mut ending: Ending, until: Instant) -> Result<Bytes, Fault> {
    match timeout_at(until, ending.wait_for(Option::is_some)).await {
        Ok(Ok(result)) => result.clone().unwrap_or(Err(Fault::TimedOut)),
        // Whoever handled it was dropped: its node stops.
        Ok(Err(_)) => Err(Fault::Crashed),
        Err(_) => Err(Fault::TimedOut),
    }
}

/// The newest of `lines` that fit in a frame, oldest first.
fn newest(mut lines: Vec<LogLine>) -> Vec<LogLine> {
    let mut room = MAX_BODY_LEN;
    let kept = lines
        .iter()
        .rev()
        .take_while(|line| {
            room = room.saturating_sub(line.text.len() + LOG_LINE_OVERHEAD);
            room > 0
        })
        .count();
    lines.drain(..lines.len() - kept);
    lines
}
