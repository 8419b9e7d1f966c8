//! Resource allocation: what there is, is shared max–min fair by progressive filling (Bertsekas and
//! Gallager, *Data Networks*, 1992, section 6.5.2), in whole units.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Finish, Next, Protocol, Question, Table, Tally, TallyRow, read};
use crate::{
    ids::Name,
    sessions::{Field, FieldKind, Options, Problem, Refused},
};

/// An allocation of resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sessions) struct Allocation {
    resources: Vec<(String, u64)>,
    agents: Vec<Name>,
    weights: Vec<u64>,
    /// What each place asked for, of each resource in turn; none: it did not answer.
    demands: Vec<Option<Vec<u64>>>,
    /// What each place got, once it is over.
    shares: Vec<Vec<u64>>,
}

/// What a participant answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    demands: BTreeMap<String, u64>,
}

impl Protocol for Allocation {
    const NAME: &'static str = "allocation";
    const VERSION: u32 = 1;
    const DOC: &'static str = "Participants say how much they want of each resource; nobody gets more \
        than that, no more is given than there is, and whoever gets less than wanted gets no less, by \
        weight, than anybody who could give.";
    const PLACES: (usize, usize) = (1, 50);
    const QUORUM: u8 = 0;
    const TELLS: bool = true;
    const OPTIONS: &'static [Field] = &[
        Field {
            name: "resources",
            kind: FieldKind::Amounts { least: 1, most: 10, greatest: u64::MAX },
            default: "",
            doc: "How many whole units there are of each, like cpu=8, memory=64.",
        },
        Field {
            name: "weights",
            kind: FieldKind::Amounts { least: 1, most: 50, greatest: 1_000 },
            default: "",
            doc: "The share of a participant beside the others, like planner=2; 1 if nobody says.",
        },
    ];

    fn begin(options: &Options, table: &Table<'_>) -> Result<Self, Refused> {
        let resources = options.amounts("resources");
        let refused =
            |option: &str, problem| Refused::Option { option: option.to_owned(), problem };
        if resources.is_empty() {
            return Err(refused("resources", Problem::Missing));
        }
        let given: BTreeMap<_, _> = options.amounts("weights").into_iter().collect();
        let known = |name: &&String| table.agents.iter().any(|agent| agent.as_str() == **name);
        if given.keys().any(|name| !known(&name)) {
            return Err(refused("weights", Problem::Unknown));
        }
        let weight = |agent: &Name| given.get(agent.as_str()).copied().unwrap_or(1);
        Ok(Self {
            resources,
            agents: table.agents.to_vec(),
            weights: table.agents.iter().map(weight).collect(),
            demands: vec![None; table.agents.len()],
            shares: Vec::new(),
        })
    }

    fn question(&self) -> Question {
        let resources: serde_json::Map<_, _> =
            self.resources.iter().map(|(name, there)| (name.clone(), (*there).into())).collect();
        Question {
            phase: "demands",
            method: "session.demand",
            whom: (0..self.demands.len()).collect(),
            body: json!({ "resources": resources }),
        }
    }

    fn take(&mut self, place: usize, word: &str) -> Result<(), Problem> {
        let Word { mut demands } = read(word)?;
        let wanted = |(name, _): &(String, u64)| demands.remove(name).unwrap_or(0);
        let wanted = self.resources.iter().map(wanted).collect();
        if let Some(choices) = (!demands.is_empty())
            .then(|| self.resources.iter().map(|(name, _)| name.clone()).collect())
        {
            return Err(Problem::NoChoice { choices });
        }
        if let Some(slot) = self.demands.get_mut(place) {
            *slot = Some(wanted);
        }
        Ok(())
    }

    fn next(&mut self, awaited: &[usize]) -> Next {
        if !awaited.is_empty() {
            return Next::Wait;
        }
        let by_resource: Vec<Vec<u64>> = self
            .resources
            .iter()
            .enumerate()
            .map(|(resource, (_, there))| fill(*there, &self.wanted(resource), &self.weights))
            .collect();
        let of = |place| by_resource.iter().map(|shares| at(shares, place)).collect();
        self.shares = (0..self.agents.len()).map(of).collect();
        Next::End(self.finish())
    }

    fn tally(&self) -> Tally {
        let row = |(resource, (name, there)): (usize, &(String, u64))| {
            let given = self.shares.iter().map(|shares| at(shares, resource));
            TallyRow { label: name.clone(), amount: given.sum(), of: *there }
        };
        Tally {
            unit: "units given".to_owned(),
            rows: self.resources.iter().enumerate().map(row).collect(),
            threshold: None,
        }
    }

    fn remark(&self, place: usize) -> String {
        let Some(Some(demands)) = self.demands.get(place) else { return String::new() };
        let given = self.shares.get(place);
        let one = |(resource, (name, _)): (usize, &(String, u64))| {
            let wanted = at(demands, resource);
            match given {
                Some(given) => format!("{name} {} of {wanted}", at(given, resource)),
                None => format!("wants {wanted} {name}"),
            }
        };
        self.resources.iter().enumerate().map(one).collect::<Vec<_>>().join(", ")
    }

    fn agreed(&self, _place: usize) -> Option<bool> {
        None
    }
}

impl Allocation {
    fn wanted(&self, resource: usize) -> Vec<u64> {
        let of = |demands: &Option<Vec<u64>>| {
            demands.as_ref().map_or(0, |demands| at(demands, resource))
        };
        self.demands.iter().map(of).collect()
    }

    fn finish(&self) -> Finish {
        let named = |shares: &[u64]| -> serde_json::Map<_, _> {
            let resources = self.resources.iter().zip(shares);
            resources.map(|((name, _), share)| (name.clone(), (*share).into())).collect()
        };
        let shares: serde_json::Map<_, _> = self
            .agents
            .iter()
            .zip(&self.shares)
            .map(|(agent, shares)| (agent.to_string(), named(shares).into()))
            .collect();
        let given = self.tally().rows;
        let words: Vec<_> =
            given.iter().map(|row| format!("{} {} of {}", row.label, row.amount, row.of)).collect();
        let settled = self.demands.iter().any(Option::is_some);
        let words = if settled {
            format!("given: {}", words.join(", "))
        } else {
            "nobody said what it wants".to_owned()
        };
        Finish { settled, words, result: json!({ "shares": shares }) }
    }
}

fn at(list: &[u64], index: usize) -> u64 {
    list.get(index).copied().unwrap_or(0)
}

/// Shares `there` units: whoever wants no more than its equal part by weight gets that, as often as
/// there is somebody; of what is left each gets its part rounded down, and those with least for their
/// weight one more, the first in turn, until nothing is left.
fn fill(there: u64, wanted: &[u64], weights: &[u64]) -> Vec<u64> {
    let mut given = vec![0_u64; wanted.len()];
    let mut left = there;
    let mut active: Vec<usize> = (0..wanted.len()).filter(|&place| at(wanted, place) > 0).collect();
    loop {
        let weight: u128 = active.iter().map(|&place| u128::from(at(weights, place))).sum();
        let part = |place: usize| u128::from(left) * u128::from(at(weights, place));
        let (content, hungry): (Vec<usize>, Vec<usize>) = active
            .iter()
            .partition(|&&place| u128::from(at(wanted, place)) * weight <= part(place));
        if content.is_empty() {
            for &place in &active {
                let share = part(place).checked_div(weight).unwrap_or(0);
                give(&mut given, place, u64::try_from(share).unwrap_or(u64::MAX));
            }
            break;
        }
        for &place in &content {
            give(&mut given, place, at(wanted, place));
            left -= at(wanted, place);
        }
        active = hungry;
    }
    left -= active.iter().map(|&place| at(&given, place)).sum::<u64>();
    give_rest(left, &mut given, (&active, weights));
    given
}

/// What rounding left: fewer units than there are places that want more.
fn give_rest(left: u64, given: &mut [u64], (active, weights): (&[usize], &[u64])) {
    let mut order = active.to_vec();
    // By what each has for its weight: a/v < b/w if a·w < b·v.
    order.sort_by(|&one, &other| {
        let for_weight = |place: usize, weight: usize| {
            u128::from(at(given, place)) * u128::from(at(weights, weight))
        };
        for_weight(one, other).cmp(&for_weight(other, one)).then(one.cmp(&other))
    });
    for place in order.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        give(given, place, 1);
    }
}

fn give(given: &mut [u64], place: usize, units: u64) {
    if let Some(slot) = given.get_mut(place) {
        *slot += units;
    }
}
