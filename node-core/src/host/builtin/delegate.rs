//! An agent that takes part in sessions, and decides by how busy its machine is.

use std::{collections::BTreeMap, thread};

use bytes::Bytes;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{no_method, parse};
use crate::host::call::CallError;

/// What every question of a session holds, as far as it matters here.
#[derive(Deserialize)]
struct Question<T> {
    body: T,
}

#[derive(Deserialize)]
struct Options {
    options: Vec<String>,
}

#[derive(Deserialize)]
struct Resources {
    resources: BTreeMap<String, u64>,
}

/// Answers a question of a session.
pub(super) fn answer(method: &str, params: &Bytes) -> Result<Bytes, CallError> {
    let busy = busy_percent().ok_or_else(unknown_load)?;
    let answer = match method {
        "session.vote" => vote(&body::<Options>(params)?.options, busy),
        "session.weigh" => json!({ "vote": 100 - busy, "reason": words(busy) }),
        "session.offer" if busy >= 100 => json!({ "decline": words(busy) }),
        "session.offer" => json!({ "price": busy + 1, "terms": words(busy) }),
        "session.accept" => json!({ "accept": busy < 100, "reason": words(busy) }),
        "session.demand" => demand(body::<Resources>(params)?.resources, busy),
        "session.ended" => Value::Null,
        _ => return Err(no_method(method)),
    };
    Ok(answer.to_string().into())
}

fn body<T: DeserializeOwned>(params: &Bytes) -> Result<T, CallError> {
    parse::<Question<T>>(params).map(|question| question.body)
}

/// For the first option while half of the machine is idle, else for the last.
fn vote(options: &[String], busy: u64) -> Value {
    let option = if busy < 50 { options.first() } else { options.last() };
    match option {
        Some(option) => json!({ "option": option, "reason": words(busy) }),
        None => json!({ "abstain": true }),
    }
}

/// As large a part of everything as its machine is idle, and one unit at least.
fn demand(resources: BTreeMap<String, u64>, busy: u64) -> Value {
    let part = |there: u64| {
        let part = u128::from(there) * u128::from(100 - busy) / 100;
        u64::try_from(part).unwrap_or(there).max(1)
    };
    let demands: BTreeMap<_, _> =
        resources.into_iter().map(|(name, there)| (name, part(there))).collect();
    json!({ "demands": demands })
}

fn unknown_load() -> CallError {
    CallError::agent(-32_000, "its machine does not say how busy it is".to_owned())
}

fn words(busy: u64) -> String {
    format!("its machine was {busy} % busy within the last minute")
}

/// How busy the machine was within the last minute, from 0 to 100: the programs that ran or waited
/// for a processor, of as many as there are processors.
fn busy_percent() -> Option<u64> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let busy = sysinfo::System::load_average().ok()?.one * 100.0;
    let percent = whole(busy) / u64::try_from(processors).unwrap_or(u64::MAX).max(1);
    Some(percent.min(100))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded and not negative; a float beyond u64 becomes its greatest value"
)]
fn whole(number: f64) -> u64 {
    number.round().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_bids_and_demands_by_how_busy_its_machine_is() {
        let options = ["approve", "reject"].map(ToOwned::to_owned);
        let resources = || BTreeMap::from([("cpu".to_owned(), 8), ("gpu".to_owned(), 1)]);

        assert_eq!(vote(&options, 49)["option"], "approve");
        assert_eq!(vote(&options, 50)["option"], "reject");
        assert_eq!(demand(resources(), 50), json!({ "demands": { "cpu": 4, "gpu": 1 } }));
        assert_eq!(demand(resources(), 100), json!({ "demands": { "cpu": 1, "gpu": 1 } }));
    }

    #[test]
    fn answers_questions_in_the_form_that_they_ask_for() {
        let params =
            Bytes::from(r#"{"session":1,"body":{"options":["a","b"],"resources":{"r":4}}}"#);

        for method in ["session.vote", "session.weigh", "session.offer", "session.accept"] {
            assert!(answer(method, &params).is_ok(), "{method}");
        }
        assert!(answer("session.demand", &params).is_ok());
        assert!(answer("echo", &params).is_err());
    }
}
