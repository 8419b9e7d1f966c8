//! A weighted vote: what a participant says counts by its weight and its confidence.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Finish, Next, Protocol, Question, Table, Tally, TallyRow, Threshold, percent, read};
use crate::{
    ids::Name,
    sessions::{Field, FieldKind, History, Options, Problem, Refused},
};

/// A weighted vote.
///
/// A word adds weight × confidence × vote to the support, of all weight there is: who does not answer
/// supports nothing. Weights follow from the log's history of earlier sessions when it begins, and stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sessions) struct Weighted {
    threshold: u64,
    early: bool,
    seats: Vec<Seat>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seat {
    agent: Name,
    /// In thousandths.
    weight: u64,
    /// In words, how it came to be.
    basis: String,
    ballot: Option<Ballot>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Ballot {
    /// How much it is for it, in percent.
    vote: u64,
    /// In percent.
    confidence: u64,
    reason: String,
}

/// What a participant answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    vote: Value,
    #[serde(default = "full")]
    confidence: u64,
    #[serde(default)]
    reason: String,
}

const fn full() -> u64 {
    100
}

/// Support in percent of all weight from which on it is called so.
const BANDS: [(u64, &str); 3] = [(70, "strong approve"), (50, "approve"), (30, "neutral")];

impl Protocol for Weighted {
    const NAME: &'static str = "weighted";
    const VERSION: u32 = 1;
    const DOC: &'static str = "Each participant says how much it is for the subject and how sure it \
        is; its word counts by a weight that follows from how it did before, and nobody has more than \
        half of all weight.";
    const PLACES: (usize, usize) = (1, 50);
    const QUORUM: u8 = 50;
    const TELLS: bool = false;
    const OPTIONS: &'static [Field] = &[
        Field {
            name: "weights",
            kind: FieldKind::Choice(&["expertise", "performance", "equal"]),
            default: "expertise",
            doc: "What weights follow from: how a participant agreed, answered and was assessed, in \
                this domain and elsewhere; how it was assessed last; or nothing.",
        },
        Field {
            name: "threshold",
            kind: FieldKind::Whole { least: 1, most: 100, unit: "%" },
            default: "60",
            doc: "How much support it takes, of all weight.",
        },
        Field {
            name: "early",
            kind: FieldKind::Choice(&["yes", "no"]),
            default: "yes",
            doc: "Whether it ends once no word that may still come can change what it is called.",
        },
    ];

    fn begin(options: &Options, table: &Table<'_>) -> Result<Self, Refused> {
        let mut seats: Vec<Seat> =
            table.agents.iter().map(|agent| Seat::new(agent, options, table)).collect();
        cap(&mut seats);
        Ok(Self {
            threshold: options.whole("threshold").unwrap_or(60),
            early: options.text("early") == "yes",
            seats,
        })
    }

    fn question(&self) -> Question {
        Question {
            phase: "voting",
            method: "session.weigh",
            whom: (0..self.seats.len()).collect(),
            body: json!({ "threshold": self.threshold }),
        }
    }

    fn take(&mut self, place: usize, word: &str) -> Result<(), Problem> {
        let Word { vote, confidence, reason } = read(word)?;
        let vote = match &vote {
            Value::Number(number) => number.as_u64().ok_or(Problem::NotWhole)?,
            Value::String(word) => match word.as_str() {
                "approve" => 100,
                "neutral" => 50,
                "reject" => 0,
                _ => return Err(unknown_vote()),
            },
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return Err(unknown_vote());
            }
        };
        if vote > 100 || confidence > 100 {
            return Err(Problem::Outside { least: 0, most: 100 });
        }
        if let Some(seat) = self.seats.get_mut(place) {
            seat.ballot = Some(Ballot { vote, confidence, reason });
        }
        Ok(())
    }

    fn next(&mut self, awaited: &[usize]) -> Next {
        let decided = awaited.is_empty() || self.early && self.is_decided(awaited);
        if decided { Next::End(self.finish()) } else { Next::Wait }
    }

    fn tally(&self) -> Tally {
        let row = |label: &str, amount| TallyRow { label: label.to_owned(), amount, of: 1_000 };
        let spoken = self.seats.iter().filter(|seat| seat.ballot.is_some());
        let spoken = spoken.map(|seat| seat.weight).sum::<u64>() * 1_000;
        Tally {
            unit: "‰ of all weight".to_owned(),
            rows: vec![
                row("support", self.support() * 1_000 / self.most().max(1)),
                row("weight that spoke", spoken / self.weight().max(1)),
            ],
            threshold: Some(Threshold {
                label: format!("{} % support", self.threshold),
                amount: self.threshold * 10,
            }),
        }
    }

    fn remark(&self, place: usize) -> String {
        let Some(seat) = self.seats.get(place) else { return String::new() };
        let weight = format!("weight {} ({})", thousandths(seat.weight), seat.basis);
        let Some(ballot) = &seat.ballot else { return weight };
        let said = format!("{} % for it, {} % sure; {weight}", ballot.vote, ballot.confidence);
        match ballot.reason.as_str() {
            "" => said,
            reason => format!("{said}: {reason}"),
        }
    }

    fn agreed(&self, place: usize) -> Option<bool> {
        let ballot = self.seats.get(place)?.ballot.as_ref()?;
        let settled = self.settles(self.support());
        (ballot.vote != 50).then_some((ballot.vote > 50) == settled)
    }
}

impl Weighted {
    fn weight(&self) -> u64 {
        self.seats.iter().map(|seat| seat.weight).sum()
    }

    /// The support if all were for it, and sure.
    fn most(&self) -> u64 {
        self.weight() * 10_000
    }

    fn support(&self) -> u64 {
        self.seats.iter().map(Seat::support).sum()
    }

    fn settles(&self, support: u64) -> bool {
        support * 100 >= self.threshold * self.most()
    }

    fn band(&self, support: u64) -> &'static str {
        let reached = |(percent, _): &&(u64, _)| support * 100 >= percent * self.most();
        BANDS.iter().find(reached).map_or("reject", |(_, word)| word)
    }

    /// Whether it is called the same, whatever those that are awaited say: support only grows.
    fn is_decided(&self, awaited: &[usize]) -> bool {
        let weight = |place: &usize| self.seats.get(*place).map_or(0, |seat| seat.weight);
        let low = self.support();
        let high = low + awaited.iter().map(weight).sum::<u64>() * 10_000;
        self.band(low) == self.band(high) && self.settles(low) == self.settles(high)
    }

    fn finish(&self) -> Finish {
        let support = self.support();
        let (settled, band) = (self.settles(support), self.band(support));
        let sure = self
            .seats
            .iter()
            .filter_map(|seat| seat.ballot.as_ref().map(|ballot| seat.weight * ballot.confidence));
        let confidence = sure.sum::<u64>() * 10 / self.weight().max(1);
        let thousandths = support * 1_000 / self.most().max(1);
        let weights: serde_json::Map<_, _> =
            self.seats.iter().map(|seat| (seat.agent.to_string(), seat.weight.into())).collect();
        Finish {
            settled,
            words: format!(
                "{band}: support {} of all weight, {} % needed",
                percent(thousandths),
                self.threshold
            ),
            result: json!({
                "decision": band, "support_permille": thousandths,
                "confidence_permille": confidence, "threshold_percent": self.threshold,
                "weights_permille": weights,
            }),
        }
    }
}

impl Seat {
    fn new(agent: &Name, options: &Options, table: &Table<'_>) -> Self {
        let (weight, basis) = match options.text("weights") {
            "equal" => (1_000, "equal".to_owned()),
            "performance" => {
                let performance = table.history.of(agent).performance();
                (scaled(performance), format!("performance {}", percent(performance)))
            }
            _ => expertise(agent, table.history, table.domain),
        };
        Self { agent: agent.clone(), weight, basis, ballot: None }
    }

    fn support(&self) -> u64 {
        self.ballot.as_ref().map_or(0, |ballot| self.weight * ballot.confidence * ballot.vote)
    }
}

/// 0.3 accuracy + 0.2 consistency + 0.3 domain + 0.2 performance.
fn expertise(agent: &Name, history: &History, domain: &Name) -> (u64, String) {
    let record = history.of(agent);
    let [accuracy, consistency, known, performance] =
        [record.accuracy(), record.consistency(), record.in_domain(domain), record.performance()];
    let score = (accuracy * 3 + consistency * 2 + known * 3 + performance * 2) / 10;
    let basis = format!(
        "accuracy {}, consistency {}, domain {}, performance {}",
        percent(accuracy),
        percent(consistency),
        percent(known),
        percent(performance)
    );
    (scaled(score), basis)
}

/// The weight of a score, both in thousandths: from 0.8 on 2·x^0.7, from 0.6 on 1.5·x, from 0.4 on
/// 1.2·x, and else x; from 0.1 to 3.
fn scaled(score: u64) -> u64 {
    let score = score.min(1_000);
    let weight = match score {
        800.. => 2 * power_seven_tenths(score),
        600.. => score * 15 / 10,
        400.. => score * 12 / 10,
        _ => score,
    };
    weight.clamp(100, 3_000)
}

/// The greatest y with y^10 ≤ x^7, all in thousandths up to 1,000: whole numbers alone, so that all
/// nodes come to the same.
fn power_seven_tenths(x: u64) -> u64 {
    let wanted = u128::from(x).pow(7) * 10_u128.pow(9);
    let (mut low, mut high) = (0_u64, 1_000_u64);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if u128::from(middle).pow(10) <= wanted { low = middle } else { high = middle - 1 }
    }
    low
}

/// Nobody has more than half of all weight, once the greatest was cut: it gets as much as all others
/// have. Who is alone has all of it.
fn cap(seats: &mut [Seat]) {
    let all: u64 = seats.iter().map(|seat| seat.weight).sum();
    let Some(greatest) = seats.iter_mut().max_by_key(|seat| seat.weight) else { return };
    let others = all - greatest.weight;
    if others > 0 && greatest.weight > others {
        greatest.basis.push_str(", cut to half of all");
        greatest.weight = others;
    }
}

fn unknown_vote() -> Problem {
    let choices = ["approve", "neutral", "reject", "0 to 100"];
    Problem::NoChoice { choices: choices.map(ToOwned::to_owned).to_vec() }
}

fn thousandths(number: u64) -> String {
    format!("{}.{:03}", number / 1_000, number % 1_000)
}
