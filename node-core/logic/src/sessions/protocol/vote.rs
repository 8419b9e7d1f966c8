//! A vote: each participant has one ballot, and an option that enough are for wins.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Finish, Next, Protocol, Question, Table, Tally, TallyRow, Threshold, pointless, read};
use crate::{
    ids::Name,
    sessions::{Field, FieldKind, Options, Problem, Refused},
};

/// A vote.
///
/// How many ballots it takes is counted on all participants, not on those who answer; abstaining is
/// an answer that is for no option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sessions) struct Vote {
    options: Vec<String>,
    rule: Rule,
    first_wins: bool,
    early: bool,
    agents: Vec<Name>,
    ballots: Vec<Option<Ballot>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Rule {
    Majority,
    SuperMajority,
    Unanimous,
    Plurality,
    Percent(u64),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Ballot {
    /// Which option; none: it abstains.
    option: Option<usize>,
    reason: String,
}

/// What a participant answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    option: Option<String>,
    #[serde(default)]
    abstain: bool,
    #[serde(default)]
    reason: String,
}

impl Protocol for Vote {
    const NAME: &'static str = "vote";
    const VERSION: u32 = 1;
    const DOC: &'static str = "Each participant has one ballot; the option that enough of all \
        participants are for wins. With the rule `unanimous` any dissent or absence blocks.";
    const PLACES: (usize, usize) = (1, 50);
    const QUORUM: u8 = 50;
    const TELLS: bool = false;
    const OPTIONS: &'static [Field] = &[
        Field {
            name: "options",
            kind: FieldKind::Texts { least: 2, most: 10 },
            default: "approve, reject",
            doc: "What can be voted for.",
        },
        Field {
            name: "rule",
            kind: FieldKind::Choice(&[
                "majority",
                "super_majority",
                "unanimous",
                "plurality",
                "percent",
            ]),
            default: "majority",
            doc: "Who must be for the winner: more than half of the participants, two thirds, all, \
                more than for any other, or `percent` of them.",
        },
        Field {
            name: "percent",
            kind: FieldKind::Whole { least: 1, most: 100, unit: "%" },
            default: "",
            doc: "How many of a hundred participants, with the rule `percent`.",
        },
        Field {
            name: "ties",
            kind: FieldKind::Choice(&["nobody", "first"]),
            default: "nobody",
            doc: "Who wins if several options have most ballots, and enough: nobody, or the one that \
                is listed first.",
        },
        Field {
            name: "early",
            kind: FieldKind::Choice(&["yes", "no"]),
            default: "yes",
            doc: "Whether it ends once no ballot that may still come can change the winner.",
        },
    ];

    fn begin(options: &Options, table: &Table<'_>) -> Result<Self, Refused> {
        let percent = options.whole("percent");
        let rule = match options.text("rule") {
            "super_majority" => Rule::SuperMajority,
            "unanimous" => Rule::Unanimous,
            "plurality" => Rule::Plurality,
            "percent" => Rule::Percent(percent.ok_or_else(|| Refused::Option {
                option: "percent".to_owned(),
                problem: Problem::Missing,
            })?),
            _ => Rule::Majority,
        };
        if percent.is_some() && !matches!(rule, Rule::Percent(_)) {
            return Err(pointless("percent"));
        }
        Ok(Self {
            options: options.list("options"),
            rule,
            first_wins: options.text("ties") == "first",
            early: options.text("early") == "yes",
            agents: table.agents.to_vec(),
            ballots: vec![None; table.agents.len()],
        })
    }

    fn question(&self) -> Question {
        Question {
            phase: "voting",
            method: "session.vote",
            whom: (0..self.ballots.len()).collect(),
            body: json!({ "options": self.options }),
        }
    }

    fn take(&mut self, place: usize, word: &str) -> Result<(), Problem> {
        let Word { option, abstain, reason } = read(word)?;
        let index = |wanted: &str| self.options.iter().position(|option| option == wanted);
        let option = match option.as_deref() {
            None if abstain => None,
            None => return Err(Problem::Missing),
            Some(_) if abstain => return Err(Problem::Pointless),
            Some(wanted) => Some(
                index(wanted).ok_or_else(|| Problem::NoChoice { choices: self.options.clone() })?,
            ),
        };
        if let Some(ballot) = self.ballots.get_mut(place) {
            *ballot = Some(Ballot { option, reason });
        }
        Ok(())
    }

    fn next(&mut self, awaited: &[usize]) -> Next {
        let decided = awaited.is_empty() || self.early && self.is_decided(awaited.len());
        if decided { Next::End(self.finish()) } else { Next::Wait }
    }

    fn tally(&self) -> Tally {
        let of = self.ballots.len() as u64;
        let rows = self.options.iter().zip(self.counts());
        let rows = rows.map(|(label, count)| TallyRow { label: label.clone(), amount: count, of });
        let threshold = Threshold { label: self.rule.in_words(), amount: self.needed() };
        Tally {
            unit: "ballots".to_owned(),
            rows: rows.collect(),
            threshold: (self.rule != Rule::Plurality).then_some(threshold),
        }
    }

    fn remark(&self, place: usize) -> String {
        let Some(Some(ballot)) = self.ballots.get(place) else { return String::new() };
        let option = ballot.option.and_then(|option| self.options.get(option));
        let option = option.map_or("abstains", String::as_str);
        match ballot.reason.as_str() {
            "" => option.to_owned(),
            reason => format!("{option}: {reason}"),
        }
    }

    fn agreed(&self, place: usize) -> Option<bool> {
        let winner = self.winner(&self.counts())?;
        let ballot = self.ballots.get(place)?.as_ref()?;
        Some(ballot.option? == winner)
    }
}

impl Vote {
    fn counts(&self) -> Vec<u64> {
        let of = |option| {
            let for_it = |ballot: &&Ballot| ballot.option == Some(option);
            self.ballots.iter().flatten().filter(for_it).count() as u64
        };
        (0..self.options.len()).map(of).collect()
    }

    /// How many ballots the winner takes at least.
    fn needed(&self) -> u64 {
        let all = self.ballots.len() as u64;
        match self.rule {
            Rule::Majority => all / 2 + 1,
            Rule::SuperMajority => (all * 2).div_ceil(3),
            Rule::Unanimous => all,
            Rule::Plurality => 1,
            Rule::Percent(percent) => (all * percent).div_ceil(100).max(1),
        }
    }

    /// The option that wins if nothing more comes.
    fn winner(&self, counts: &[u64]) -> Option<usize> {
        let most = *counts.iter().max()?;
        if most < self.needed() {
            return None;
        }
        let first = counts.iter().position(|count| *count == most)?;
        let alone = counts.iter().filter(|count| **count == most).count() == 1;
        (alone || self.first_wins).then_some(first)
    }

    /// Whether so many ballots more cannot change who wins.
    fn is_decided(&self, more: usize) -> bool {
        let (counts, more) = (self.counts(), more as u64);
        let Some(winner) = self.winner(&counts) else {
            return counts.iter().all(|count| count + more < self.needed());
        };
        let Some(most) = counts.get(winner).copied() else { return false };
        let stays_below = |(option, count): (usize, &u64)| {
            let reached = count + more;
            option == winner
                || reached < most
                || reached == most && self.first_wins && winner < option
        };
        counts.iter().enumerate().all(stays_below)
    }

    fn finish(&self) -> Finish {
        let counts = self.counts();
        let winner = self.winner(&counts).and_then(|winner| self.options.get(winner));
        let most = counts.iter().max().copied().unwrap_or_default();
        let of = |wanted: &dyn Fn(usize, Option<&Ballot>) -> bool| -> Vec<&Name> {
            let places = self.agents.iter().zip(&self.ballots).enumerate();
            let found = places.filter(|(place, (_, ballot))| wanted(*place, ballot.as_ref()));
            found.map(|(_, (agent, _))| agent).collect()
        };
        let leader = counts.iter().position(|count| *count == most);
        let absent = of(&|_, ballot| ballot.is_none());
        let abstained = of(&|_, ballot| ballot.is_some_and(|ballot| ballot.option.is_none()));
        let dissent = of(&|_, ballot| {
            ballot.and_then(|ballot| ballot.option).is_some_and(|option| Some(option) != leader)
        });
        let all = self.ballots.len();
        let words = match winner {
            Some(winner) => format!("{winner}, with {most} of {all} ballots"),
            None if self.rule == Rule::Unanimous => format!(
                "not unanimous: {} against, {} abstained, {} did not answer",
                dissent.len(),
                abstained.len(),
                absent.len()
            ),
            None if most >= self.needed() => format!("a tie at {most} of {all} ballots"),
            None => {
                format!("no option has the {} of {all} ballots that it takes", self.needed())
            }
        };
        let counts: serde_json::Map<_, _> =
            self.options.iter().cloned().zip(counts.iter().map(|&count| count.into())).collect();
        let result = json!({
            "winner": winner, "counts": counts, "needed": self.needed(), "eligible": all,
            "dissent": dissent, "abstained": abstained, "absent": absent,
        });
        Finish { settled: winner.is_some(), words, result }
    }
}

impl Rule {
    fn in_words(self) -> String {
        match self {
            Self::Majority => "more than half".to_owned(),
            Self::SuperMajority => "two thirds".to_owned(),
            Self::Unanimous => "all".to_owned(),
            Self::Plurality => "more than any other".to_owned(),
            Self::Percent(percent) => format!("{percent} %"),
        }
    }
}
