//! What can be typed about credits and auctions.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use covey_logic::{Credits, Name, economics::Account};

use crate::cli::words::parse_span;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AuctionVerb {
    /// Open an auction in which this node's user sells
    Create(CreateArgs),
    /// Bid, for all to see (english)
    Bid {
        /// The number of the auction
        auction: u64,
        /// How many credits
        #[arg(value_parser = credits)]
        amount: Credits,
    },
    /// Take the lot at the price of the moment (dutch)
    Accept {
        /// The number of the auction
        auction: u64,
        /// The most to pay
        #[arg(long, value_name = "CREDITS", value_parser = credits)]
        most: Credits,
    },
    /// Make a sealed bid, which this node opens by itself in time (`first_price`, `vickrey`)
    ///
    /// The amount does not leave this program but in an envelope that the node reads when bids are
    /// opened.
    Seal {
        /// The number of the auction
        auction: u64,
        /// How many credits
        #[arg(value_parser = credits)]
        amount: Credits,
        /// Keep the opening to oneself: print the nonce, and open the bid with `reveal`
        #[arg(long)]
        by_hand: bool,
    },
    /// Open a sealed bid that was made by hand
    Reveal {
        /// The number of the auction
        auction: u64,
        /// How many credits it was
        #[arg(value_parser = credits)]
        amount: Credits,
        /// What `seal --by-hand` printed
        nonce: String,
    },
    /// End an auction of one's own before its time
    Close {
        /// The number of the auction
        auction: u64,
    },
    /// Take the lot back; all that is held is free
    Cancel {
        /// The number of the auction
        auction: u64,
        /// Why
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Auctions that are open, and the last that are over
    #[command(visible_alias = "ls")]
    List,
    /// One auction with its bids, and how it ended
    Show {
        /// The number of the auction
        auction: u64,
    },
    /// The kinds of auctions, and what can be chosen in each
    Kinds,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  covey auction create english 'an hour of a GPU' --for 60s --set reserve=50 --set increment=5
  covey auction create dutch 'a slot at noon' --for 30s --set start=100 --set step=5
  covey auction create vickrey 'a batch job' --for 20s --cap render --solicit")]
pub(in crate::cli) struct CreateArgs {
    /// The kind, as `covey auction kinds` lists them
    pub(in crate::cli) kind: String,
    /// What is sold, in words
    pub(in crate::cli) lot: String,
    /// How long bids are taken
    #[arg(long = "for", value_name = "SPAN", value_parser = parse_span)]
    pub(in crate::cli) duration: Duration,
    /// An option of the kind, as `name=number`
    #[arg(long, value_name = "OPTION", value_parser = option)]
    pub(in crate::cli) set: Vec<(String, u64)>,
    /// Only agents with this capability may bid
    #[arg(long = "cap", value_name = "CAPABILITY")]
    pub(in crate::cli) capability: Option<Name>,
    /// Only these accounts may bid
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    pub(in crate::cli) bidder: Vec<Account>,
    /// Have every node ask its agents that may bid
    #[arg(long)]
    pub(in crate::cli) solicit: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LedgerVerb {
    /// Who has how many credits
    Accounts,
    /// What an account's balance is made of
    Statement {
        /// `owner/NODE`, `agent/NAME`, `fees`, `escrow` or `issue`; this node's own if left out
        #[arg(value_parser = account)]
        account: Option<Account>,
        /// How many of the newest changes
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Put new credits into an account
    Issue {
        /// Which account
        #[arg(value_parser = account)]
        to: Account,
        /// How many credits
        #[arg(value_parser = credits)]
        amount: Credits,
    },
    /// Give credits of this node's user to another account
    Transfer {
        /// Which account
        #[arg(value_parser = account)]
        to: Account,
        /// How many credits
        #[arg(value_parser = credits)]
        amount: Credits,
    },
    /// Set credits of this node's user aside for another account
    Hold {
        /// For which account
        #[arg(value_parser = account)]
        to: Account,
        /// How many credits
        #[arg(value_parser = credits)]
        amount: Credits,
        /// For how long; what was not taken then goes back
        #[arg(long = "for", value_name = "SPAN", value_parser = parse_span)]
        span: Duration,
    },
    /// Take of what is held for this node's user; the rest goes back
    Capture {
        /// The number of the hold
        hold: u64,
        /// How many credits; all, if left out
        #[arg(value_parser = credits)]
        amount: Option<Credits>,
    },
    /// Let go of what is held for this node's user
    Release {
        /// The number of the hold
        hold: u64,
    },
    /// Credits that are set aside, and until when
    Holds,
    /// Recompute every balance, and say what is wrong
    Audit,
    /// Every posting that is kept, with what caused it
    Export {
        /// How
        #[arg(long, value_enum, default_value_t = LedgerFormat::Csv)]
        format: LedgerFormat,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LedgerFormat {
    /// A row a posting
    Csv,
    /// A posting a line, as JSON
    Ndjson,
}

pub(in crate::cli) fn credits(text: &str) -> Result<Credits, String> {
    let amount =
        text.parse().map_err(|_no_number: std::num::ParseIntError| "expected whole credits")?;
    Credits::new(amount).map_err(|error| error.to_string())
}

fn account(text: &str) -> Result<Account, String> {
    text.parse().map_err(|error: covey_logic::economics::ledger::AccountError| error.to_string())
}

fn option(text: &str) -> Result<(String, u64), String> {
    let parts = text.split_once('=').and_then(|(name, value)| Some((name, value.parse().ok()?)));
    let (name, value) = parts.ok_or("expected name=number")?;
    Ok((name.to_owned(), value))
}
