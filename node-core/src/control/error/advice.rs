//! What to do about refusals of what the cluster agrees on.

use covey_logic::{
    economics::{self, auction, ledger, rent},
    sessions,
};

/// What to do about a refusal of the ledger or an auction.
pub(super) fn in_market(refused: &economics::Refused) -> &'static str {
    use auction::Refused as Auction;
    let refused = match refused {
        economics::Refused::Ledger(refused)
        | economics::Refused::Auction(Auction::Ledger(refused)) => {
            return in_ledger(refused);
        }
        economics::Refused::Rent(refused) => return in_rent(refused),
        economics::Refused::Auction(refused) => refused,
    };
    match refused {
        Auction::Ledger(refused) => in_ledger(refused),
        Auction::NoAuction { .. } | Auction::Over { .. } => "Look at the list of auctions.",
        Auction::NoKind { .. } | Auction::NoOption { .. } => "See the kinds of auctions.",
        Auction::OptionBounds { .. } | Auction::Duration { .. } | Auction::TooLong { .. } => {
            "Choose another value."
        }
        Auction::Late { .. } | Auction::RevealLate { .. } => "It is too late for that.",
        Auction::TooEarly { .. } | Auction::RevealEarly { .. } => "Come again then.",
        Auction::NotOfKind { .. } => "Offer what auctions of this kind take.",
        Auction::NotSeller { .. } | Auction::Opening { .. } => "Wait until it comes to its end.",
        Auction::OwnAuction { .. } | Auction::NotQualified { .. } | Auction::NotCapable { .. } => {
            "Leave it to those who may bid."
        }
        Auction::TooLow { .. } => "Bid more, or leave it.",
        Auction::Leads { .. } | Auction::Committed { .. } | Auction::Revealed { .. } => {
            "Nothing is left to do."
        }
        Auction::PriceAbove { .. } => "Wait until it falls, or offer more.",
        Auction::NotCommitted { .. } => "Only those who made a sealed bid open one.",
        Auction::FalseReveal { .. } => "Open what was committed, with its nonce.",
        Auction::Full { .. } => "Come again when some are over.",
    }
}

fn in_rent(refused: &rent::Refused) -> &'static str {
    use rent::Refused as Rent;
    match refused {
        Rent::Ledger(refused) => in_ledger(refused),
        Rent::NoOrder { .. } => "Start the agent again, with pay.",
        Rent::TooDear { .. } => "Offer more, or wait for a lower ask.",
        Rent::Placed { .. } | Rent::NoMinute { .. } => "Nothing is left to do.",
        Rent::Full { .. } => "Remove agents that pay first.",
    }
}

fn in_ledger(refused: &ledger::Refused) -> &'static str {
    use ledger::Refused as Ledger;
    match refused {
        Ledger::NoAmount | Ledger::Beyond { .. } | Ledger::Span { .. } => "Choose another value.",
        Ledger::Insufficient { .. } => "Have credits paid in, or ask for less.",
        Ledger::IssueFull { .. } => "Issue less.",
        Ledger::NotPayable { .. } | Ledger::SameAccount { .. } => "Name another account.",
        Ledger::EarlierLife { .. } | Ledger::NotItsNode { .. } => {
            "Only the life of the agent that runs acts for it."
        }
        Ledger::NoHold { .. } | Ledger::Ended { .. } => "See the holds that are open.",
        Ledger::NotForYou { .. } | Ledger::OfAuction { .. } => "Leave it to whom it is for.",
        Ledger::OfTask { .. } => "It ends with the task: wait for it, or cancel it.",
        Ledger::OfRent { .. } => "It ends with the minute: wait for it, or stop the agent.",
        Ledger::TooEarly { .. } => "Come again then.",
        Ledger::Full { .. } => "Empty some first.",
    }
}

/// What to do about a refusal of a session.
pub(super) fn in_session(reason: &sessions::Refused) -> &'static str {
    use sessions::Refused;
    match reason {
        Refused::UnknownProtocol { .. } => "See the list of protocols.",
        Refused::UnknownSession { .. } => "See the list of sessions.",
        Refused::Over { .. } | Refused::AssessedTwice { .. } => "What is there stays.",
        Refused::TooManySessions { .. } => "Wait until one ends, or give it a higher priority.",
        Refused::TooFewParticipants { .. } => "Name more participants.",
        Refused::TooManyParticipants { .. } => "Name fewer participants.",
        Refused::NamedTwice { .. } => "Name each once.",
        Refused::TooLong => "Say less.",
        Refused::Times { .. } => "Choose times within the bounds.",
        Refused::Option { .. } => "Look at the protocol's options.",
        Refused::Stranger { .. } => "Only participants may speak.",
        Refused::SaidTwice { .. } => "The first word counts.",
        Refused::WrongRound { .. } | Refused::NotAsked { .. } => "Look at what is asked.",
        Refused::Late { .. } | Refused::GivenUp { .. } => "Answer sooner the next time.",
        Refused::NotYours { .. } | Refused::OldLife { .. } => {
            "Speak on the node that runs the agent."
        }
        Refused::Malformed { .. } => "Answer in the form that was asked for.",
        Refused::TooEarly | Refused::StillRuns { .. } => "Wait until it is over.",
    }
}
