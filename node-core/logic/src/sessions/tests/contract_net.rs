//! Contract net: awards, refusals, no deals.

use serde_json::{Value, json};

use super::{Log, plan};

#[test]
fn cheapest_bid_is_awarded_and_equal_ones_to_who_is_listed_first() {
    let mut log = Log::default();
    let deal = log.start(plan("contract_net", 3, &[]));
    log.hear(deal, &[("c", bid(7)), ("b", bid(7)), ("a", bid(9))]).unwrap();
    log.hear(deal, &[("b", json!({ "accept": true }))]).unwrap();

    let (settled, result) = log.result(deal);
    assert!(settled && result["winner"] == "b" && result["price"] == 7, "{result}");
}

#[test]
fn next_best_is_asked_after_a_refusal_and_after_silence() {
    let mut log = Log::default();
    let deal = log.start(plan("contract_net", 3, &[("award", "highest_price")]));
    log.hear(deal, &[("a", bid(9)), ("b", bid(7)), ("c", bid(5))]).unwrap();
    log.hear(deal, &[("a", json!({ "accept": false, "reason": "busy" }))]).unwrap();
    log.clock = log.session(deal).round_deadline;
    log.time(deal).unwrap();
    log.hear(deal, &[("c", json!({ "accept": true }))]).unwrap();

    let (settled, result) = log.result(deal);
    assert!(settled && result["winner"] == "c", "{result}");
    assert_eq!(result["refusals"], json!({ "a": "busy", "b": "no answer" }));
}

#[test]
fn no_deal_has_its_reason() {
    let decline = || json!({ "decline": "no time" });
    let mut log = Log::default();
    let nobody = log.start(plan("contract_net", 2, &[]));
    log.hear(nobody, &[("a", decline()), ("b", decline())]).unwrap();
    let dear = log.start(plan("contract_net", 2, &[("limit", "5")]));
    log.hear(dear, &[("a", bid(6)), ("b", decline())]).unwrap();
    let refused = log.start(plan("contract_net", 1, &[]));
    log.hear(refused, &[("a", bid(6))]).unwrap();
    log.hear(refused, &[("a", json!({ "accept": false }))]).unwrap();

    let reasons = [nobody, dear, refused].map(|session| log.result(session).1["reason"].clone());
    assert_eq!(reasons, ["no_bids", "none_within_limit", "all_refused"]);
}

fn bid(price: u64) -> Value {
    json!({ "price": price })
}
