//! What the cluster agreed to change, in words.

use covey_logic::{
    NodeId,
    coordination::{Absence, Fate, Holder, Kind, Place},
    economics::Account,
    event::{Excerpt, Fact, Parting, SessionFate},
};

use super::Names;

/// A change, and who wished it.
pub(super) fn change(fact: &Fact, actor: Option<NodeId>, names: &Names) -> String {
    let by = actor.map_or_else(String::new, |actor| format!(", by {}", names.of(actor)));
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are what a node saw")]
    match fact {
        Fact::PlaceTaken { place, holder, token } => taken((place, holder, *token), names),
        Fact::PlaceLeft { place, holder, token, how } => {
            left((place, holder, *token), (*how, &by), names)
        }
        Fact::BarrierEnded { barrier, generation, parties, fate } => match fate {
            Fate::Opened => format!("{barrier} opened for {parties}, generation {generation}"),
            Fate::Broken { by, cause } => {
                let cause = match cause {
                    Absence::TimedOut => "waited no longer",
                    Absence::Left => "gave up",
                    Absence::NodeLost => "was lost with its node",
                    Absence::Interrupted => "ended it",
                };
                format!("{barrier} broke in generation {generation}: {} {cause}", who(by, names))
            }
        },
        Fact::CounterMade { counter } => format!("the counter {counter} is there{by}"),
        Fact::CounterRemoved { counter, value } => {
            format!("the counter {counter} was removed at {value}{by}")
        }
        Fact::VariableChanged { variable, old, new, version, was: _ } => {
            let old = old.as_ref().map_or("nothing", Excerpt::as_str);
            match new {
                Some(new) => {
                    format!("{variable} is {} (was {old}), version {version}{by}", new.as_str())
                }
                None => format!("{variable} was removed (was {old}), version {version}{by}"),
            }
        }
        Fact::QuestionSettled { question, answer } => {
            format!("{question} is settled to {}{by}", answer.as_str())
        }
        Fact::QuestionReopened { question, answer } => {
            format!("{question} may be settled anew (was {}){by}", answer.as_str())
        }
        Fact::CreditsIssued { .. }
        | Fact::AuctionOpened { .. }
        | Fact::AuctionClosed { .. }
        | Fact::AuctionCancelled { .. } => traded(fact, &by, names),
        Fact::AgentUnpaid { name, why } => {
            format!(
                "{name} has no place any more, as its next minute is not paid: {}",
                why.as_str()
            )
        }
        Fact::ChangesOmitted { name, count } => {
            let whose = name.as_ref().map_or_else(String::new, |name| format!(" of {name}"));
            match count {
                Some(count) => format!("{count} changes{whose} were left out within a minute"),
                None => format!(
                    "there are too many changes{whose}: the rest of the minute's are left out"
                ),
            }
        }
        Fact::SessionStarted { session, protocol, participants, subject } => {
            let subject = match subject.as_str() {
                "" => String::new(),
                subject => format!(": {subject}"),
            };
            format!("session {session} began, {protocol} with {participants}{subject}{by}")
        }
        Fact::SessionEnded { session, protocol: _, fate, words } => {
            session_end(*session, *fate, words.as_str())
        }
        _ => String::new(),
    }
}

/// What became of credits and auctions.
fn traded(fact: &Fact, by: &str, names: &Names) -> String {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are told elsewhere")]
    match fact {
        Fact::CreditsIssued { to, amount } => {
            format!("{} has {amount} new credits{by}", account(to, names))
        }
        Fact::AuctionOpened { auction, auction_kind, lot, seller } => {
            let seller = account(seller, names);
            format!("auction {auction} ({auction_kind}) of {} by {seller} is open", lot.as_str())
        }
        Fact::AuctionClosed { auction, lot, winner: Some(winner), price, seller, .. } => {
            let (winner, price) = (account(winner, names), price.unwrap_or_default());
            let seller = account(seller, names);
            let lot = lot.as_str();
            format!("auction {auction}: {winner} got {lot} and paid {price} credits to {seller}")
        }
        Fact::AuctionClosed { auction, lot, winner: None, .. } => {
            format!("auction {auction}: nobody got {}", lot.as_str())
        }
        Fact::AuctionCancelled { auction, lot, reason, .. } => {
            let why = if reason.as_str().is_empty() { "no reason given" } else { reason.as_str() };
            format!("auction {auction} of {} was cancelled{by}: {why}", lot.as_str())
        }
        _ => String::new(),
    }
}

/// Whose account it is, for people.
pub(in crate::cli) fn account(account: &Account, names: &Names) -> String {
    match account {
        Account::Owner(node) => names.of(*node),
        Account::Agent(name) => name.to_string(),
        Account::Issue | Account::Fees | Account::Escrow => account.to_string(),
    }
}

fn session_end(session: u64, fate: SessionFate, words: &str) -> String {
    let how = match fate {
        SessionFate::Settled => "settled",
        SessionFate::Unsettled => "ended unsettled",
        SessionFate::NoQuorum => "had no quorum",
        SessionFate::Aborted => "was aborted",
        SessionFate::OverBudget => "went over its budget",
        SessionFate::Expired => "expired",
        SessionFate::Cancelled => "was cancelled",
    };
    match words {
        "" => format!("session {session} {how}"),
        words => format!("session {session} {how}: {words}"),
    }
}

/// A seat, who has or had it, and under which token.
type Seat<'a> = (&'a Place, &'a Holder, u64);

fn taken((place, holder, token): Seat<'_>, names: &Names) -> String {
    let (node, who) = (names.of(holder.node), who(holder, names));
    match place.kind {
        Kind::Agent => format!("{node} was granted the agent {} under token {token}", place.name),
        Kind::Names => format!("{node} was granted the lease on its names under token {token}"),
        Kind::Election => format!("{who} leads {} in term {token}", place.name),
        Kind::Lock | Kind::Semaphore => format!("{who} holds {place} under token {token}"),
    }
}

fn left((place, holder, token): Seat<'_>, (how, by): (Parting, &str), names: &Names) -> String {
    let how = match how {
        Parting::Released => "gave up".to_owned(),
        Parting::Expired => "lost, as its lease ended,".to_owned(),
        Parting::Revoked => format!("was made to give up{by},"),
    };
    // What a node takes for itself: of its claims the token tells one from another.
    let who = match place.kind {
        Kind::Agent | Kind::Names => names.of(holder.node),
        Kind::Lock | Kind::Election | Kind::Semaphore => who(holder, names),
    };
    let what = match place.kind {
        Kind::Names => "the lease on its names".to_owned(),
        Kind::Agent | Kind::Lock | Kind::Election | Kind::Semaphore => place.to_string(),
    };
    format!("{who} {how} {what}, token {token}")
}

fn who(holder: &Holder, names: &Names) -> String {
    format!("{} on {}", holder.session, names.of(holder.node))
}
