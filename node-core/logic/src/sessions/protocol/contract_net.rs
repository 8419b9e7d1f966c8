//! Contract net (Smith, "The Contract Net Protocol", 1980): a task is announced, participants bid,
//! and the best bid is awarded to who then accepts.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Finish, Next, Protocol, Question, Table, Tally, TallyRow, Threshold, read};
use crate::{
    ids::Name,
    sessions::{Field, FieldKind, Options, Problem, Refused},
};

/// A negotiation by contract net.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sessions) struct ContractNet {
    highest: bool,
    limit: Option<u64>,
    agents: Vec<Name>,
    answers: Vec<Option<Answer>>,
    /// The places in the order in which they are offered the award; empty while bids come in.
    ranking: Vec<usize>,
    /// Who of these is offered it.
    offered: usize,
    accepted: bool,
    /// Who did not accept, and why.
    refusals: Vec<(usize, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Answer {
    Bid { price: u64, terms: String },
    Declined(String),
}

/// What a participant answers to the announcement.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum BidWord {
    Bid {
        price: u64,
        #[serde(default)]
        terms: String,
    },
    Declined {
        decline: String,
    },
}

/// What a participant answers to the award.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptWord {
    accept: bool,
    #[serde(default)]
    reason: String,
}

impl Protocol for ContractNet {
    const NAME: &'static str = "contract_net";
    const VERSION: u32 = 1;
    const DOC: &'static str = "A task is announced and participants bid a price and terms; the best \
        bid is awarded, and its bidder accepts or refuses. After a refusal the next best is asked; \
        there may be no deal.";
    const PLACES: (usize, usize) = (1, 50);
    const QUORUM: u8 = 0;
    const TELLS: bool = true;
    const OPTIONS: &'static [Field] = &[
        Field {
            name: "award",
            kind: FieldKind::Choice(&["lowest_price", "highest_price"]),
            default: "lowest_price",
            doc: "Which bid is best; of equal ones that of the participant listed first.",
        },
        Field {
            name: "limit",
            kind: FieldKind::Whole { least: 0, most: u64::MAX, unit: "" },
            default: "",
            doc: "The highest price that is awarded, or with `highest_price` the lowest.",
        },
    ];

    fn begin(options: &Options, table: &Table<'_>) -> Result<Self, Refused> {
        Ok(Self {
            highest: options.text("award") == "highest_price",
            limit: options.whole("limit"),
            agents: table.agents.to_vec(),
            answers: vec![None; table.agents.len()],
            ranking: Vec::new(),
            offered: 0,
            accepted: false,
            refusals: Vec::new(),
        })
    }

    fn question(&self) -> Question {
        match self.candidate() {
            None => Question {
                phase: "bidding",
                method: "session.offer",
                whom: (0..self.answers.len()).collect(),
                body: json!({ "award": self.rule(), "limit": self.limit }),
            },
            Some((place, price, terms)) => Question {
                phase: "awarding",
                method: "session.accept",
                whom: vec![place],
                body: json!({ "price": price, "terms": terms }),
            },
        }
    }

    fn take(&mut self, place: usize, word: &str) -> Result<(), Problem> {
        if self.ranking.is_empty() {
            let answer = match read(word)? {
                BidWord::Bid { price, terms } => Answer::Bid { price, terms },
                BidWord::Declined { decline } => Answer::Declined(decline),
            };
            if let Some(slot) = self.answers.get_mut(place) {
                *slot = Some(answer);
            }
            return Ok(());
        }
        let AcceptWord { accept, reason } = read(word)?;
        if accept {
            self.accepted = true;
        } else {
            self.refusals.push((place, reason));
        }
        Ok(())
    }

    fn next(&mut self, awaited: &[usize]) -> Next {
        if !awaited.is_empty() {
            return Next::Wait;
        }
        if self.accepted {
            return Next::End(self.deal());
        }
        if self.ranking.is_empty() {
            self.ranking = self.rank();
        } else {
            self.give_up_offered();
            self.offered += 1;
        }
        if self.candidate().is_some() { Next::Ask } else { Next::End(self.no_deal()) }
    }

    fn tally(&self) -> Tally {
        let bids =
            self.agents.iter().zip(&self.answers).filter_map(|(agent, answer)| match answer {
                Some(Answer::Bid { price, .. }) => Some((agent, *price)),
                Some(Answer::Declined(_)) | None => None,
            });
        let bids: Vec<_> = bids.collect();
        let of = bids.iter().map(|(_, price)| *price).chain(self.limit).max().unwrap_or(0);
        let row = |(agent, amount): &(&Name, u64)| TallyRow {
            label: agent.to_string(),
            amount: *amount,
            of,
        };
        let label = if self.highest { "at least" } else { "at most" };
        Tally {
            unit: "price".to_owned(),
            rows: bids.iter().map(row).collect(),
            threshold: self.limit.map(|amount| Threshold { label: label.to_owned(), amount }),
        }
    }

    fn remark(&self, place: usize) -> String {
        let won = self.accepted && self.candidate().is_some_and(|(won, ..)| won == place);
        let refused = self.refusals.iter().find(|(refused, _)| *refused == place);
        let bid = match self.answers.get(place) {
            Some(Some(Answer::Bid { price, terms })) if terms.is_empty() => format!("bids {price}"),
            Some(Some(Answer::Bid { price, terms })) => format!("bids {price}: {terms}"),
            Some(Some(Answer::Declined(reason))) => format!("declines: {reason}"),
            Some(None) | None => return String::new(),
        };
        match refused {
            Some((_, reason)) => format!("{bid}; refuses the award: {reason}"),
            None if won => format!("{bid}; accepts the award"),
            None => bid,
        }
    }

    fn agreed(&self, _place: usize) -> Option<bool> {
        None
    }
}

impl ContractNet {
    fn rule(&self) -> &'static str {
        if self.highest { "highest_price" } else { "lowest_price" }
    }

    fn price(&self, place: usize) -> Option<u64> {
        match self.answers.get(place)? {
            Some(Answer::Bid { price, .. }) => Some(*price),
            Some(Answer::Declined(_)) | None => None,
        }
    }

    /// Who is offered the award, at which price and terms.
    fn candidate(&self) -> Option<(usize, u64, &str)> {
        let place = *self.ranking.get(self.offered)?;
        match self.answers.get(place)? {
            Some(Answer::Bid { price, terms }) => Some((place, *price, terms)),
            Some(Answer::Declined(_)) | None => None,
        }
    }

    /// The bids within the limit, the best first.
    fn rank(&self) -> Vec<usize> {
        let within = |price: u64| match self.limit {
            Some(limit) if self.highest => price >= limit,
            Some(limit) => price <= limit,
            None => true,
        };
        let mut bids: Vec<(u64, usize)> = (0..self.answers.len())
            .filter_map(|place| self.price(place).map(|price| (price, place)))
            .filter(|(price, _)| within(*price))
            .collect();
        bids.sort_unstable_by_key(|&(price, place)| {
            (if self.highest { u64::MAX - price } else { price }, place)
        });
        bids.into_iter().map(|(_, place)| place).collect()
    }

    /// Whoever was offered the award and said nothing has refused it.
    fn give_up_offered(&mut self) {
        if let Some(&place) = self.ranking.get(self.offered)
            && self.refusals.iter().all(|(refused, _)| *refused != place)
        {
            self.refusals.push((place, "no answer".to_owned()));
        }
    }

    fn deal(&self) -> Finish {
        let (place, price, terms) = self.candidate().unwrap_or_default();
        let winner = self.agents.get(place);
        let name = winner.map(Name::to_string).unwrap_or_default();
        Finish {
            settled: true,
            words: format!("awarded to {name} at {price}"),
            result: json!({
                "winner": winner, "price": price, "terms": terms, "refusals": self.refused(),
            }),
        }
    }

    fn no_deal(&self) -> Finish {
        let bids = (0..self.answers.len()).filter(|&place| self.price(place).is_some()).count();
        let (reason, words) = match (bids, self.ranking.len()) {
            (0, _) => ("no_bids", "no deal: nobody bid".to_owned()),
            (bids, 0) => ("none_within_limit", format!("no deal: none of {bids} within the limit")),
            (_, offers) => ("all_refused", format!("no deal: all {offers} refused the award")),
        };
        Finish {
            settled: false,
            words,
            result: json!({ "winner": null, "reason": reason, "refusals": self.refused() }),
        }
    }

    fn refused(&self) -> serde_json::Map<String, serde_json::Value> {
        let named = |(place, reason): &(usize, String)| {
            self.agents.get(*place).map(|agent| (agent.to_string(), reason.as_str().into()))
        };
        self.refusals.iter().filter_map(named).collect()
    }
}
