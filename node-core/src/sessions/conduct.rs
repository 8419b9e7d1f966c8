//! One session, as its steward conducts it.

use std::{collections::BTreeSet, future::pending, sync::Arc, time::Duration};

use covey_logic::{
    Name,
    agreed::{Denied, Granted},
    sessions::{Act, End, Failure, Heard, Problem, Refused, Said, Session, protocol},
};
use futures::{
    StreamExt as _,
    future::{BoxFuture, join_all},
    stream::FuturesUnordered,
};
use serde_json::json;
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout_at},
};

use super::follow::pause;
use crate::{
    comms::{Call, CallError},
    consensus::{Group, ProposeError},
    driver::NodeComms,
};

/// What comes so soon after a first answer is handed in with it: an agent on another node answers
/// within half of that, and a commit takes as long.
const GATHER: Duration = Duration::from_millis(1);
/// Between two tries to reach a participant.
const RETRY_PAUSE: Duration = Duration::from_millis(200);
/// How long an agent that nobody knows may take to be heard of.
const UNKNOWN_FOR: Duration = Duration::from_secs(1);
/// How long a proposal may take.
const AGREE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the participants may take to be told what came out.
const TELL_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest text of an agent's error that is kept, in bytes.
const MAX_MESSAGE: usize = 200;

/// What it takes to conduct a session.
pub(super) struct Conduct {
    pub(super) group: Arc<Group>,
    pub(super) comms: NodeComms,
    pub(super) id: u64,
}

/// Where a session stands.
struct Stand {
    round: u32,
    awaited: Vec<Name>,
    method: &'static str,
    params: serde_json::Value,
    left: Duration,
    over: bool,
}

type Asked = BoxFuture<'static, (u32, Heard)>;

/// Conducts a session from where it stands until it is over.
pub(super) async fn conduct(conduct: Conduct, mut changes: watch::Receiver<u64>) {
    let mut calls: FuturesUnordered<Asked> = FuturesUnordered::new();
    let mut asked = BTreeSet::new();
    let (mut round, mut heard) = (0, Vec::new());
    loop {
        changes.mark_unchanged();
        let Some(stand) = conduct.stand() else { return };
        if stand.over {
            return conduct.tell().await;
        }
        if round != stand.round {
            calls.clear();
            heard.clear();
            round = stand.round;
        }
        let until = Instant::now() + stand.left;
        for agent in &stand.awaited {
            if asked.insert((round, agent.clone())) {
                calls.push(conduct.ask(&stand, agent.clone(), until));
            }
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            Some((of, one)) = calls.next() => {
                if of == round {
                    heard.push(one);
                }
                gather(&mut calls, (round, &mut heard)).await;
                if !conduct.hand_in(round, &mut heard).await {
                    pause().await;
                }
            }
            () = sleep_until(until) => conduct.time(round).await,
        }
        if !heard.is_empty() && !conduct.hand_in(round, &mut heard).await {
            pause().await;
        }
    }
}

/// Waits a moment for those that answer together.
async fn gather(calls: &mut FuturesUnordered<Asked>, (round, heard): (u32, &mut Vec<Heard>)) {
    let end = Instant::now() + GATHER;
    while let Ok(Some((of, one))) = timeout_at(end, calls.next()).await {
        if of == round {
            heard.push(one);
        }
    }
}

impl Conduct {
    /// Where the session stands, as this node knows; nothing if it knows none.
    fn stand(&self) -> Option<Stand> {
        let clock = self.group.clock_here();
        let look = |session: &Session| {
            let (method, params) = session.question();
            Stand {
                round: session.round,
                awaited: session.awaited().map(|place| place.agent.clone()).collect(),
                method,
                params,
                left: Duration::from_nanos(session.round_deadline.saturating_sub(clock)),
                over: session.end.is_some(),
            }
        };
        self.group.look_here(|agreed| agreed.sessions().get(self.id).map(look)).0
    }

    fn ask(&self, stand: &Stand, agent: Name, until: Instant) -> Asked {
        let asking = Asking {
            comms: self.comms.clone(),
            key: format!("session/{}/{}", self.id, stand.round),
            method: stand.method,
            params: stand.params.to_string().into(),
            until,
        };
        let round = stand.round;
        Box::pin(async move {
            let said = asking.answer(&agent).await;
            (round, Heard { agent, said })
        })
    }

    /// Has the log take what was heard, and forgets it then; whether that was so.
    async fn hand_in(&self, round: u32, heard: &mut Vec<Heard>) -> bool {
        if heard.is_empty() {
            return true;
        }
        let act = Act::Hear { session: self.id, round, heard: heard.clone() };
        match self.propose(act).await {
            Ok(_) | Err(ProposeError::Refused(_)) => {
                heard.clear();
                true
            }
            Err(error) => {
                tracing::debug!(session = self.id, %error, "answers not handed in yet");
                false
            }
        }
    }

    /// Says that the time of a round is up; by the group's clock it may not be, quite.
    async fn time(&self, round: u32) {
        let said = self.propose(Act::Time { session: self.id, round }).await;
        match said {
            Ok(_) => {}
            Err(ProposeError::Refused(Denied::Sessions(Refused::TooEarly))) => pause().await,
            Err(error) => {
                tracing::debug!(session = self.id, %error, "end of a round not agreed on yet");
                pause().await;
            }
        }
    }

    async fn propose(&self, act: Act) -> Result<Granted, ProposeError> {
        self.group.propose(act, None, AGREE_TIMEOUT).await
    }

    /// Tells the participants what came out, if the protocol has it so; those that cannot be reached
    /// hear nothing.
    async fn tell(&self) {
        let look = |session: &Session| {
            let described = protocol(&session.plan.protocol)?;
            let Some(End::Finished { settled, words, result }) = &session.end else { return None };
            let result: serde_json::Value = serde_json::from_str(result).unwrap_or_default();
            let params = json!({
                "session": session.id, "protocol": session.plan.protocol,
                "settled": settled, "words": words, "result": result,
            });
            let names: Vec<_> = session.places.iter().map(|place| place.agent.clone()).collect();
            described.tells.then_some((names, params.to_string()))
        };
        let (told, _) =
            self.group.look_here(|agreed| agreed.sessions().get(self.id).and_then(look));
        let Some((names, params)) = told else { return };
        let key: Arc<str> = format!("session/{}/end", self.id).into();
        let notice = |name: Name| {
            let call = Call::new(name, "session.ended", params.clone().into(), TELL_TIMEOUT);
            self.comms.call(Call { key: Some(Arc::clone(&key)), answered: false, ..call })
        };
        let told = join_all(names.into_iter().map(notice)).await;
        let lost = told.iter().filter(|told| told.is_err()).count();
        if lost > 0 {
            tracing::debug!(session = self.id, lost, "participants not told what came out");
        }
    }
}

/// One participant that is asked until it answers.
struct Asking {
    comms: NodeComms,
    key: String,
    method: &'static str,
    params: bytes::Bytes,
    until: Instant,
}

impl Asking {
    /// What it says; silence is for the round's end to tell.
    async fn answer(&self, agent: &Name) -> Said {
        let (began, mut reused) = (Instant::now(), 0_u32);
        loop {
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return pending().await;
            }
            let key = match reused {
                0 => self.key.clone(),
                reused => format!("{}/{reused}", self.key),
            };
            let call = Call::new(agent.clone(), self.method, self.params.clone(), left);
            match self.comms.call(Call { key: Some(key.into()), ..call }).await {
                Ok(reply) if reply.value.len() > Session::MAX_WORD => {
                    let problem = Problem::Long { most: Session::MAX_WORD };
                    return Said::Nothing(Failure::Malformed { problem });
                }
                Ok(reply) => {
                    let word = String::from_utf8_lossy(&reply.value).into_owned();
                    return Said::Word { epoch: reply.epoch, node: reply.node, word };
                }
                Err(CallError::Agent { mut message, .. }) => {
                    message.truncate(message.floor_char_boundary(MAX_MESSAGE));
                    return Said::Nothing(Failure::Declined { message });
                }
                Err(CallError::Stopped { .. }) => return Said::Nothing(Failure::Gone),
                Err(CallError::Unknown { .. }) if began.elapsed() > UNKNOWN_FOR => {
                    return Said::Nothing(Failure::Gone);
                }
                // A session of a group before this one had the number.
                Err(CallError::KeyReused { .. }) => reused += 1,
                Err(error) => {
                    tracing::debug!(%agent, %error, "participant is asked again");
                }
            }
            sleep(RETRY_PAUSE.min(left)).await;
        }
    }
}
