//! The rules of sessions, entry by entry.

mod allocation;
mod contract_net;
mod engine;
mod refusals;
mod seeds;
mod votes;
mod weighted;

use serde_json::{Value, json};

use super::{
    Act, Done, End, Failure, Heard, Mark, Outcome, Plan, Refused, Said, Seat, Session, Sessions,
};
use crate::{
    event::Fact,
    ids::{Epoch, Name, NodeId},
    time::Wall,
};

const STEWARD: NodeId = NodeId([1; 32]);
const OTHER: NodeId = NodeId([2; 32]);
const MS: u64 = 1_000_000;

/// Sessions after a log.
#[derive(Clone, Default)]
struct Log {
    value: Sessions,
    facts: Vec<Fact>,
    revision: u64,
    clock: u64,
}

impl Log {
    fn apply(&mut self, actor: NodeId, act: Act) -> Outcome {
        self.revision += 1;
        let (revision, clock) = (self.revision, self.clock);
        let mark = Mark { revision, actor, at: Wall(clock / MS), clock };
        self.value.apply(mark, act, &mut self.facts)
    }

    fn start(&mut self, plan: Plan) -> u64 {
        let Done::Started { session } = self.apply(STEWARD, Act::Start(Box::new(plan))).unwrap()
        else {
            panic!("a session starts");
        };
        session
    }

    /// The steward hands words in, in one entry.
    fn hear(&mut self, session: u64, words: &[(&str, Value)]) -> Outcome {
        let round = self.session(session).round;
        let heard = words.iter().map(|(agent, word)| heard(agent, word)).collect();
        self.apply(STEWARD, Act::Hear { session, round, heard })
    }

    fn fail(&mut self, session: u64, agent: &str, failure: Failure) -> Outcome {
        let round = self.session(session).round;
        let heard = vec![Heard { agent: name(agent), said: Said::Nothing(failure) }];
        self.apply(STEWARD, Act::Hear { session, round, heard })
    }

    fn say(&mut self, node: NodeId, session: u64, agent: &str, word: &Value) -> Outcome {
        let (agent, epoch, word) = (name(agent), Epoch(1), word.to_string());
        self.apply(node, Act::Say { session, round: None, agent, epoch, word })
    }

    fn time(&mut self, session: u64) -> Outcome {
        let round = self.session(session).round;
        self.apply(STEWARD, Act::Time { session, round })
    }

    fn session(&self, session: u64) -> &Session {
        self.value.get(session).unwrap()
    }

    /// What a protocol came to: whether it settled, and its result.
    fn result(&self, session: u64) -> (bool, Value) {
        match self.session(session).end.clone() {
            Some(End::Finished { settled, result, .. }) => {
                (settled, serde_json::from_str(&result).unwrap())
            }
            other => panic!("it came to a result: {other:?}"),
        }
    }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn heard(agent: &str, word: &Value) -> Heard {
    let (epoch, node, word) = (Epoch(1), OTHER, word.to_string());
    Heard { agent: name(agent), said: Said::Word { epoch, node, word } }
}

/// A plan for participants `a`, `b`, and so on.
fn plan(protocol: &str, participants: usize, options: &[(&str, &str)]) -> Plan {
    let mut plan = Plan::new(protocol, agents(participants).map(name).collect());
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    plan.options = options.iter().map(own).collect();
    plan
}

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

fn agents(count: usize) -> impl Iterator<Item = &'static str> + Clone {
    NAMES.into_iter().take(count)
}

fn ballot(option: &str) -> Value {
    json!({ "option": option })
}
