//! Auctions of real nodes: whoever is their steward dies, and amounts stay secret until their time.

use std::{fs, path::Path, time::Duration};

use covey_cluster::{Cluster, Node, Tap, builtin, eventually};
use serde_json::{Value, json};

use crate::agreement::await_voters;

const PATIENCE: Duration = Duration::from_secs(60);
const KINDS: [&str; 4] = ["english", "dutch", "first_price", "vickrey"];

/// E2: in an auction of each kind each node dies once, so its steward and its seller do as well; it
/// ends in one way on all nodes, and is paid once.
#[test]
fn auction_ends_once_whichever_node_dies() {
    let Some(cluster) = funded(3) else { return };
    let mut cluster = cluster;

    for kind in KINDS {
        for lost in 0..3 {
            let (seller, other) = ((lost + 1) % 3, (lost + 2) % 3);
            let before = balances(&cluster.nodes[seller]);
            let auction = open(&cluster.nodes[seller], kind);
            match kind {
                "english" => {
                    bid(&cluster.nodes[lost], auction, 50);
                    bid(&cluster.nodes[other], auction, 60);
                }
                "dutch" => {}
                _ => {
                    seal(&cluster.nodes[lost], auction, 70);
                    seal(&cluster.nodes[other], auction, 60);
                }
            }

            cluster.nodes[lost].kill();
            if kind == "dutch" {
                accept(&cluster.nodes[other], auction);
            }
            cluster.nodes[lost].start();

            let over = await_over(&cluster, auction);
            let sale = &over["outcome"]["sale"];
            let id = |node: usize| format!("owner/{}", cluster.nodes[node].id());
            let (winner, price) = match kind {
                "first_price" => (lost, 70),
                "vickrey" => (lost, 60),
                "english" => (other, 60),
                _ => (other, sale["price"].as_i64().unwrap()),
            };
            println!("{kind}, {} died: {sale}", cluster.nodes[lost].name());
            assert_eq!(sale["winner"], id(winner), "{kind}: {over:#}");
            assert_eq!(sale["price"], price, "{kind}: {over:#}");
            let after = balances(&cluster.nodes[seller]);
            assert_eq!(after[&id(seller)], before[&id(seller)].as_i64().unwrap() + price);
            assert_eq!(after[&id(winner)], before[&id(winner)].as_i64().unwrap() - price);
            for node in &cluster.nodes {
                assert_eq!(node.get("ledger.audit", &json!({}))["faults"], json!([]));
                assert_eq!(balances(node), after, "{kind}: all nodes are alike");
            }
        }
    }
}

/// An agent pays for where it runs: it goes to the node that asks least, at the price of the next; its
/// node dies, and is paid nothing for the minute in which it did; the next is paid what was run there.
#[test]
fn place_of_an_agent_is_paid_where_it_ran() {
    let Some(mut cluster) = funded(3) else { return };
    for (ask, node) in [0, 500, 1_000].iter().zip(&cluster.nodes) {
        node.does(&["setting", "set", &format!("market.ask={ask}"), "--node", node.name()]);
    }
    let owner = |node: usize| format!("owner/{}", cluster.nodes[node].id());
    let (payer, lost, last) = (owner(0), owner(1), owner(2));
    let before = balances(&cluster.nodes[0]);
    let mut spec = builtin("render", "ticker");
    spec["placement"] = json!({ "strategy": "auction", "pay_per_minute": 600 });
    let start = json!({ "spec": spec });
    eventually("asks are heard", PATIENCE, || {
        let ask = |node: usize| cluster.nodes[0].member(cluster.nodes[node].id())["ask"].clone();
        let (none, low, high) = (ask(0), ask(1).as_u64(), ask(2).as_u64());
        let heard = none.is_null() && low < high && high > Some(999);
        if heard { Ok(()) } else { Err(format!("{none}, {low:?}, {high:?}")) }
    });

    cluster.nodes[0].get("agent.start", &start);

    let rent = runs_on(&cluster, 1);
    assert!((60..600).contains(&rent), "what the next asks, by its load: {rent}");
    cluster.nodes[1].kill();
    assert_eq!(runs_on(&cluster, 2), 600, "nobody else asks");
    eventually("it ran for three seconds there", PATIENCE, || {
        let seconds = cluster.nodes[0].call("render", "get", PATIENCE);
        let seconds = seconds.map_err(|refused| refused.text)?["value"].clone();
        if seconds.as_u64() >= Some(3) { Ok(()) } else { Err(seconds.to_string()) }
    });
    cluster.nodes[0].get("agent.stop", &json!({ "name": "render" }));
    eventually("the last minute is settled", PATIENCE, || {
        let held = cluster.nodes[2].get("ledger.audit", &json!({}))["held"].clone();
        if held == 0 { Ok(()) } else { Err(format!("{held} are held")) }
    });

    let after = balances(&cluster.nodes[2]);
    let change = |of: &str| after[of].as_i64().unwrap() - before[of].as_i64().unwrap();
    let paid = change(&last);
    assert!((20..600).contains(&paid), "ten credits a second: {paid}");
    assert_eq!((change(&payer), change(&lost)), (-paid, 0));
    assert_eq!(cluster.nodes[0].get("ledger.audit", &json!({}))["faults"], json!([]));
}

/// What a minute costs, once the agent runs on a node.
fn runs_on(cluster: &Cluster, node: usize) -> u64 {
    let there = Value::from(cluster.nodes[node].id());
    let (rent, _) = eventually("the agent runs where it is asked least for", PATIENCE, || {
        let agent = cluster.nodes[0].agent("render");
        let runs = agent["node"] == there && agent["phase"] == "running";
        agent["rent"].as_u64().filter(|_| runs).ok_or_else(|| agent.to_string())
    });
    rent
}

/// E4: what is bid under seal is on no disk, in no log, in no event, in no answer and on no wire, not
/// even a node's own loopback, before it is opened; afterwards it is everywhere, so the search finds
/// what is there.
#[test]
fn sealed_amount_is_nowhere_before_it_is_opened() {
    const AMOUNT: u64 = 271_828_182_845;
    let Some(cluster) = funded(2) else { return };
    let [seller, bidder] = [&cluster.nodes[0], &cluster.nodes[1]];
    seller.does(&["ledger", "issue", &format!("owner/{}", bidder.id()), "1000000000000"]);
    let terms = json!({
        "kind": "vickrey", "lot": "a vase", "duration_ms": 300_000, "options": { "reveal": 20_000 },
    });
    let auction = seller.get("auction.create", &terms)["auction"].as_u64().unwrap();
    let feeds: Vec<_> = cluster.nodes.iter().map(|node| node.watch("events")).collect();

    let taps = tap(&cluster);
    seal(bidder, auction, AMOUNT);
    let view = bidder.get("auction.get", &json!({ "auction": auction }));
    assert_eq!(view["picture"]["rows"][0]["state"], "sealed", "{view:#}");
    let found = search(&cluster, auction, AMOUNT, taps);
    assert_eq!(found, Vec::<String>::new(), "before it is opened");
    let view = bidder.get("auction.get", &json!({ "auction": auction }));
    assert_eq!(view["phase"], "open", "the search was in time: {view:#}");

    let taps = tap(&cluster);
    seller.does(&["auction", "close", &auction.to_string()]);
    await_over(&cluster, auction);
    let found = search(&cluster, auction, AMOUNT, taps);
    for place in ["group", "auction.get", "wire"] {
        assert!(found.iter().any(|found| found.contains(place)), "{place}: {found:?}");
    }
    drop(feeds);
}

/// Agents on all nodes are asked at once, bid, and open what they sealed; who does not answer is named.
#[test]
fn agents_of_all_nodes_bid_when_they_are_asked() {
    let Some(cluster) = funded(3) else { return };
    let seller = &cluster.nodes[0];
    for (place, node) in cluster.nodes.iter().enumerate() {
        let name = format!("bidder-{place}");
        let mut spec = builtin(&name, "bidder");
        spec["capabilities"] = json!(["render"]);
        start(seller, &spec, node);
        seller.does(&["ledger", "issue", &format!("agent/{name}"), "1000"]);
        let worth = json!({ "lot": "a job", "credits": 100 * (place + 1) });
        let value = json!({ "name": name, "method": "value", "params": worth });
        seller.get("agent.call", &value);
    }
    let mut mute = builtin("mute", "echo");
    mute["capabilities"] = json!(["render"]);
    start(seller, &mute, &cluster.nodes[1]);

    // In the English one it follows from who leads when the others have had enough: the second has at
    // 200, so the last bid is above 150, the first that it cannot outbid, and no more than a step above
    // its own last.
    for (kind, prices) in [
        ("english", 151..=250),
        ("dutch", 300..=300),
        ("first_price", 225..=225),
        ("vickrey", 200..=200),
    ] {
        let options = match kind {
            "dutch" => json!({ "start": 400, "step": 50, "interval": 200 }),
            "english" => json!({ "reserve": 1, "increment": 50 }),
            _ => json!({}),
        };
        let terms = json!({
            "kind": kind, "lot": "a job", "duration_ms": 4_000, "options": options,
            "capability": "render", "solicit": true,
        });
        let auction = seller.get("auction.create", &terms)["auction"].as_u64().unwrap();

        let over = await_over(&cluster, auction);

        println!("{kind}: {}", over["outcome"]["sale"]);
        assert_eq!(over["outcome"]["sale"]["winner"], "agent/bidder-2", "{over:#}");
        let price = over["outcome"]["sale"]["price"].as_u64().unwrap();
        assert!(prices.contains(&price), "{over:#}");
        let asked = over["asked"].as_array().unwrap();
        let silent: Vec<&Value> =
            asked.iter().flat_map(|tally| tally["silent"].as_array().unwrap()).collect();
        assert_eq!(asked.iter().filter_map(|it| it["asked"].as_u64()).sum::<u64>(), 4, "{over:#}");
        assert_eq!(silent, [&json!("mute")]);
    }
}

/// Starts an agent on a node, and waits until it runs there.
fn start(asks: &Node, spec: &Value, place: &Node) {
    asks.get("agent.start", &json!({ "spec": spec, "pin": place.id() }));
    let name = spec["name"].as_str().unwrap();
    eventually("an agent runs", PATIENCE, || {
        let agent = place.agent(name);
        let there = agent["phase"] == "running" && agent["node"] == place.id();
        if there { Ok(()) } else { Err(agent.to_string()) }
    });
}

/// A cluster in which each owner has a hundred thousand credits.
fn funded(size: u8) -> Option<Cluster> {
    let cluster = Cluster::of_admins(size)?;
    await_voters(&cluster, if size < 3 { 1 } else { size.into() });
    for node in &cluster.nodes {
        cluster.nodes[0].does(&["ledger", "issue", &format!("owner/{}", node.id()), "100000"]);
    }
    Some(cluster)
}

fn open(seller: &Node, kind: &str) -> u64 {
    let options = match kind {
        "dutch" => json!({ "start": 100, "floor": 40, "step": 10, "interval": 500 }),
        "english" => json!({ "increment": 5 }),
        _ => json!({ "reveal": 30_000 }),
    };
    // A node that was killed is back by then.
    let duration_ms = if kind == "dutch" { 30_000 } else { 6_000 };
    let terms = json!({
        "kind": kind, "lot": format!("a {kind} vase"), "duration_ms": duration_ms,
        "options": options,
    });
    let opened = eventually("an auction is open", PATIENCE, || {
        seller.ask("auction.create", &terms).map_err(|refused| refused.text)
    });
    opened.0["auction"].as_u64().unwrap()
}

fn bid(node: &Node, auction: u64, amount: u32) {
    let key = format!("bid-{auction}-{amount}");
    let asked = json!({ "auction": auction, "amount": amount, "key": key });
    eventually("a bid is taken", PATIENCE, || {
        node.ask("auction.bid", &asked).map_err(|refused| refused.text)
    });
}

fn accept(node: &Node, auction: u64) {
    let asked = json!({ "auction": auction, "most": 100, "key": format!("accept-{auction}") });
    eventually("the lot is taken", PATIENCE, || {
        node.ask("auction.accept", &asked).map_err(|refused| refused.text)
    });
}

fn seal(node: &Node, auction: u64, amount: u64) {
    node.does(&["auction", "seal", &auction.to_string(), &amount.to_string()]);
}

/// The auction when it is over, alike on all nodes.
fn await_over(cluster: &Cluster, auction: u64) -> Value {
    let asked = json!({ "auction": auction });
    let (over, _) = eventually("an auction is over", PATIENCE, || {
        let views: Vec<Value> =
            cluster.nodes.iter().flat_map(|node| node.ask("auction.get", &asked)).collect();
        let first = views.first().cloned().unwrap_or_default();
        let alike = views.len() == cluster.nodes.len() && views.iter().all(|view| *view == first);
        let over = ["sold", "unsold"].contains(&first["phase"].as_str().unwrap_or_default());
        if alike && over { Ok(first) } else { Err(format!("{views:#?}")) }
    });
    over
}

/// Every account and what it holds.
fn balances(node: &Node) -> Value {
    let (accounts, _) = eventually("accounts are told", PATIENCE, || {
        node.ask("ledger.accounts", &json!({})).map_err(|refused| refused.text)
    });
    let rows = accounts.as_array().unwrap().iter();
    rows.map(|row| (row["account"].as_str().unwrap().to_owned(), row["balance"].clone())).collect()
}

fn tap(cluster: &Cluster) -> Vec<Tap> {
    cluster.nodes.iter().map(|node| Tap::on(&cluster.lan, node.host())).collect()
}

/// Where an amount is found: in files and logs of all nodes, in their answers, in what they told, and
/// in what went over their wires meanwhile.
fn search(cluster: &Cluster, auction: u64, amount: u64, taps: Vec<Tap>) -> Vec<String> {
    let mut found = Vec::new();
    let text = amount.to_string();
    for (node, tap) in cluster.nodes.iter().zip(taps) {
        if node.log().contains(&text) {
            found.push(format!("{}: log", node.name()));
        }
        let mut files = Vec::new();
        walk(&node.data(), &mut files);
        for file in files {
            let bytes = fs::read(&file).unwrap_or_default();
            if forms(amount).iter().any(|form| contains(&bytes, form)) {
                found.push(file.display().to_string());
            }
        }
        let asked = [
            ("auction.get", json!({ "auction": auction })),
            ("auction.list", json!({})),
            ("ledger.accounts", json!({})),
            ("ledger.holds", json!({})),
            ("ledger.export", json!({})),
            ("event.query", json!({ "limit": 1_000 })),
            ("coordination.get", json!({})),
        ];
        for (command, arguments) in asked {
            if node.get(command, &arguments).to_string().contains(&text) {
                found.push(format!("{}: {command}", node.name()));
            }
        }
        let heard = tap.heard();
        assert!(contains(&heard, b"auction.get"), "the tap of {} hears", node.name());
        if forms(amount).iter().any(|form| contains(&heard, form)) {
            found.push(format!("{}: wire", node.name()));
        }
    }
    found
}

/// An amount as text, as eight bytes in either order, and as postcard writes it.
fn forms(amount: u64) -> Vec<Vec<u8>> {
    let mut varint = Vec::new();
    let mut rest = amount;
    while rest > 0x7f {
        varint.push((rest & 0x7f | 0x80).try_into().unwrap());
        rest >>= 7;
    }
    varint.push(rest.try_into().unwrap());
    vec![
        amount.to_string().into_bytes(),
        amount.to_be_bytes().to_vec(),
        amount.to_le_bytes().to_vec(),
        varint,
    ]
}

fn contains(bytes: &[u8], form: &[u8]) -> bool {
    let Some((first, rest)) = form.split_first() else { return false };
    let mut left = bytes;
    while let Some(at) = left.iter().position(|byte| byte == first) {
        left = &left[at + 1..];
        if left.starts_with(rest) {
            return true;
        }
    }
    false
}

fn walk(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}
