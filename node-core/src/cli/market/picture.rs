//! Credits and auctions, as text.

use covey_logic::{
    Name,
    economics::{
        Account,
        auction::{AuctionView, BidRow, BidState, Cause, KindView, Outcome, Picture, Unit},
        ledger::{AccountView, Audit, HoldView, Statement},
    },
};

use crate::cli::{
    out::table,
    words::{Names, account, at},
};

pub(super) fn list(auctions: &[AuctionView], names: &Names) -> String {
    if auctions.is_empty() {
        return "There are no auctions. Open one with `covey auction create`.".to_owned();
    }
    let row = |it: &AuctionView| {
        let leads = it.leader.as_ref().map_or_else(String::new, |leader| account(leader, names));
        vec![
            it.auction.to_string(),
            it.kind.clone(),
            it.lot.clone(),
            account(&it.seller, names),
            it.phase.to_string(),
            left(it.due_in_ms),
            it.bids.to_string(),
            it.asks.map_or_else(String::new, |asks| asks.to_string()),
            sold(it.outcome.as_ref(), names).unwrap_or(leads),
        ]
    };
    let titles = ["AUCTION", "KIND", "LOT", "SELLER", "IS", "LEFT", "BIDS", "ASKS", "LEADS"];
    table(&titles, &auctions.iter().map(row).collect::<Vec<_>>())
}

pub(super) fn auction(it: &AuctionView, names: &Names) -> String {
    let mut parts = vec![format!(
        "Auction {} ({}) of {} by {} is {}.\n{}",
        it.auction,
        it.kind,
        it.lot,
        account(&it.seller, names),
        it.phase,
        it.rule,
    )];
    if let Some(due) = it.due_in_ms {
        parts.push(format!("It goes on in {}.", left(Some(due))));
    }
    if let Some(picture) = &it.picture {
        parts.push(drawn(picture, names));
    }
    let asked: u32 = it.asked.iter().map(|tally| tally.asked).sum();
    let silent: Vec<&str> =
        it.asked.iter().flat_map(|tally| &tally.silent).map(|name| name.as_str()).collect();
    if asked > 0 {
        let silent = if silent.is_empty() { "none".to_owned() } else { silent.join(", ") };
        parts.push(format!("{asked} agents were asked; without an answer: {silent}."));
    }
    if let Some(outcome) = &it.outcome {
        parts.push(ended(outcome, names));
    }
    parts.join("\n\n")
}

fn drawn(picture: &Picture, names: &Names) -> String {
    match picture {
        Picture::Ladder { reserve, increment, buy_now, extended, rows } => {
            let buy =
                buy_now.map_or_else(String::new, |price| format!(", {price} takes it at once"));
            let moved = if *extended > 0 {
                format!("; the end moved {extended} times")
            } else {
                String::new()
            };
            let terms = format!("Reserve {reserve}, steps of {increment}{buy}{moved}.");
            format!("{terms}\n\n{}", bids(rows, names))
        }
        Picture::Clock { start, floor, step, interval_ms, price, falls_in_ms, taken, .. } => {
            let interval = left(Some(*interval_ms));
            let next = falls_in_ms.map_or_else(
                || "it falls no more".to_owned(),
                |ms| format!("it falls in {}", left(Some(ms))),
            );
            let terms = format!(
                "From {start} to {floor} by {step} every {interval}; the price is {price}, {next}."
            );
            match taken {
                Some(taken) => format!("{terms}\n\n{}", bids(std::slice::from_ref(taken), names)),
                None => terms,
            }
        }
        Picture::Envelopes { reserve, deposit, reveal_ms, rows } => {
            let window = left(Some(*reveal_ms));
            let terms = format!("Reserve {reserve}, deposit {deposit}, opened within {window}.");
            format!("{terms}\n\n{}", bids(rows, names))
        }
    }
}

fn bids(rows: &[BidRow], names: &Names) -> String {
    let row = |row: &BidRow| {
        vec![
            row.place.to_string(),
            account(&row.bidder, names),
            row.amount.map_or_else(|| "sealed".to_owned(), |amount| amount.to_string()),
            left(Some(row.after_ms)),
            state(row.state).to_owned(),
        ]
    };
    if rows.is_empty() {
        return "Nobody has bid.".to_owned();
    }
    table(&["BID", "OF", "CREDITS", "AFTER", "IS"], &rows.iter().map(row).collect::<Vec<_>>())
}

fn ended(outcome: &Outcome, names: &Names) -> String {
    let mut parts = vec![match &outcome.sale {
        Some(sale) => {
            format!("{} bid {} and pays {}.", account(&sale.winner, names), sale.bid, sale.price)
        }
        None => "Nobody got the lot.".to_owned(),
    }];
    let row = |flow: &covey_logic::economics::auction::Flow| {
        let cause = match flow.cause {
            Cause::Payment => "payment",
            Cause::Refund => "refund",
            Cause::Forfeit => "forfeit: not opened",
        };
        let (from, to) = (account(&flow.from, names), account(&flow.to, names));
        vec![cause.to_owned(), from, to, flow.amount.to_string()]
    };
    if !outcome.flows.is_empty() {
        let rows: Vec<_> = outcome.flows.iter().map(row).collect();
        parts.push(table(&["FOR", "FROM", "TO", "CREDITS"], &rows));
    }
    parts.join("\n\n")
}

fn sold(outcome: Option<&Outcome>, names: &Names) -> Option<String> {
    let sale = outcome?.sale.as_ref()?;
    Some(format!("{} for {}", account(&sale.winner, names), sale.price))
}

fn state(state: BidState) -> &'static str {
    match state {
        BidState::Leads => "leads",
        BidState::Outbid => "outbid",
        BidState::Won => "won",
        BidState::Sealed => "sealed",
        BidState::Revealed => "open",
        BidState::BelowReserve => "below the reserve",
        BidState::Forfeited => "forfeited",
        BidState::Returned => "given back",
    }
}

pub(super) fn kinds(kinds: &[KindView]) -> String {
    let part = |kind: &KindView| {
        let row = |option: &covey_logic::economics::auction::OptionView| {
            let unit = match option.unit {
                Unit::Credits => "credits",
                Unit::Ms => "ms",
            };
            let default = option.default.map_or_else(|| "required".to_owned(), |it| it.to_string());
            vec![option.name.clone(), unit.to_owned(), default, option.doc.clone()]
        };
        let rows: Vec<_> = kind.options.iter().map(row).collect();
        let options = table(&["OPTION", "IN", "IF UNSAID", ""], &rows);
        format!("{}\n{}\n{}\n\n{options}", kind.name, kind.summary, kind.rule)
    };
    kinds.iter().map(part).collect::<Vec<_>>().join("\n\n")
}

pub(super) fn accounts(accounts: &[AccountView], names: &Names) -> String {
    let row = |it: &AccountView| {
        let whose = match &it.account {
            Account::Owner(node) => names.of(*node),
            Account::Agent(_) => it.node.map_or_else(String::new, |node| names.of(node)),
            Account::Issue | Account::Fees | Account::Escrow => String::new(),
        };
        vec![it.account.to_string(), whose, it.balance.to_string(), it.held.to_string()]
    };
    table(&["ACCOUNT", "NODE", "CREDITS", "HELD"], &accounts.iter().map(row).collect::<Vec<_>>())
}

pub(super) fn holds(holds: &[HoldView], names: &Names) -> String {
    if holds.is_empty() {
        return "Nothing is held.".to_owned();
    }
    let row = |it: &HoldView| {
        let end =
            within((it.auction, it.task), it.rent.as_ref()).unwrap_or_else(|| left(it.ends_in_ms));
        let to = it.to.as_ref().map_or_else(String::new, |to| account(to, names));
        vec![it.hold.to_string(), account(&it.from, names), to, it.amount.to_string(), end]
    };
    let rows: Vec<_> = holds.iter().map(row).collect();
    table(&["HOLD", "OF", "FOR", "CREDITS", "ENDS WITH"], &rows)
}

/// What a hold or a posting is part of.
fn within((auction, task): (Option<u64>, Option<u64>), rent: Option<&Name>) -> Option<String> {
    let auction = auction.map(|number| format!("auction {number}"));
    let task = task.map(|number| format!("task {number}"));
    auction.or(task).or_else(|| rent.map(|agent| format!("a minute of {agent}")))
}

pub(super) fn statement(statement: &Statement, names: &Names) -> String {
    let row = |line: &covey_logic::economics::ledger::Line| {
        let within = within((line.auction, line.task), line.rent.as_ref());
        let within = within.map(|within| format!(", {within}"));
        vec![
            line.posting.to_string(),
            at(line.at),
            format!("{}{}", line.why.as_str(), within.unwrap_or_default()),
            account(&line.other, names),
            format!("{:+}", line.change),
            line.balance.to_string(),
        ]
    };
    let rows: Vec<_> = statement.lines.iter().map(row).collect();
    let lines = if rows.is_empty() {
        "Nothing changed it since.".to_owned()
    } else {
        table(&["POSTING", "AT", "FOR", "WITH", "CHANGE", "BALANCE"], &rows)
    };
    format!(
        "{}\nBrought forward: {}\n\n{lines}\n\nBalance: {}",
        statement.account, statement.brought_forward, statement.balance
    )
}

pub(super) fn audit(audit: &Audit) -> String {
    let Audit { accounts, postings, posted, holds, issued, held, faults } = audit;
    let sum = format!(
        "{issued} credits are issued, {held} of them held in {holds} holds; {accounts} accounts were \
         recomputed from {postings} of {posted} postings and what they bring forward."
    );
    if faults.is_empty() {
        return format!("{sum}\nThe books are right.");
    }
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    format!("{sum}\nThe books are WRONG:\n{}", faults.join("\n"))
}

fn left(ms: Option<u64>) -> String {
    match ms {
        None => String::new(),
        Some(ms) if ms < 10_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        Some(ms) if ms < 600_000 => format!("{} s", ms / 1_000),
        Some(ms) => format!("{} min", ms / 60_000),
    }
}
