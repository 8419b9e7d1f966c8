//! The auctions, and how acts change them.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    economics::{
        Account, Ledger, Party, Wished,
        auction::{
            Act, Auction, Done, KINDS, Kind, Offer, Options, Outcome, Phase, Qualification,
            Refused, Rules, Taken, Tally, Terms, room::Room,
        },
    },
    event::{Excerpt, Fact},
    ids::Name,
};

/// The auctions that are open, and the last that are over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Auctions {
    /// The number of the last.
    last: u64,
    open: BTreeMap<u64, Auction>,
    over: BTreeMap<u64, Auction>,
    /// What is over, in the order of ending.
    ended: std::collections::VecDeque<u64>,
}

impl Auctions {
    /// Auctions that are open at a time.
    pub const CAPACITY: usize = 10_000;
    /// Auctions that are over and still shown; of older ones the event of their end is left.
    pub const KEPT: usize = 1_000;
    /// The longest that is said of a lot, or of why it is taken back, in bytes.
    pub const MAX_TEXT: usize = 256;
    /// Bids are taken this long at least.
    pub const SHORTEST: Duration = Duration::from_millis(10);
    /// And this long at most.
    pub const LONGEST: Duration = Duration::from_hours(30 * 24);
    /// Nodes that say whom they asked, and agents that each names: the first are noted.
    pub const TALLIES: usize = 1_000;
    const SILENT: usize = 32;

    /// Carries out an act.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn apply(
        &mut self,
        ledger: &mut Ledger,
        wished: &Wished,
        act: Act,
        facts: &mut Vec<Fact>,
    ) -> Result<Done, Refused> {
        match act {
            Act::Create { seller, terms } => self.create(ledger, wished, (&seller, terms), facts),
            Act::Offer { auction, offers } => {
                if offers.len() > Act::MOST {
                    return Err(Refused::Full { capacity: Act::MOST });
                }
                let take = |(party, offer): (Party, Offer)| {
                    self.offer(ledger, wished, (auction, &party, &offer), facts)
                };
                Ok(Done::Offered(offers.into_iter().map(take).collect()))
            }
            Act::Proceed { auction, phase } => {
                self.is_due(wished.clock, auction, phase)?;
                Ok(Done::Proceeded { phase: self.proceed(ledger, wished, auction, facts) })
            }
            Act::Close { auction, seller } => {
                self.sells(ledger, wished, (auction, &seller))?;
                ledger.speaks(wished.by, &seller);
                Ok(Done::Proceeded { phase: self.proceed(ledger, wished, auction, facts) })
            }
            Act::Cancel { auction, seller, reason } => {
                within("a reason", reason.len(), Self::MAX_TEXT)?;
                self.sells(ledger, wished, (auction, &seller))?;
                ledger.speaks(wished.by, &seller);
                self.cancel(ledger, wished, (auction, reason), facts)
            }
            Act::Asked { auction, asked, silent } => {
                self.note_asked(wished, auction, (asked, silent))
            }
        }
    }

    /// An auction that is open, or was over not long ago.
    #[must_use]
    pub fn get(&self, auction: u64) -> Option<&Auction> {
        self.open.get(&auction).or_else(|| self.over.get(&auction))
    }

    /// The auctions that are open, in the order of opening.
    pub fn open(&self) -> impl DoubleEndedIterator<Item = (u64, &Auction)> {
        self.open.iter().map(|(number, auction)| (*number, auction))
    }

    /// Those that are over and still shown, in the order of opening.
    pub fn over(&self) -> impl DoubleEndedIterator<Item = (u64, &Auction)> {
        self.over.iter().map(|(number, auction)| (*number, auction))
    }

    fn create(
        &mut self,
        ledger: &mut Ledger,
        wished: &Wished,
        (seller, terms): (&Party, Terms),
        facts: &mut Vec<Fact>,
    ) -> Result<Done, Refused> {
        let kind = check(&terms)?;
        let account = ledger.account_of(wished.by, seller)?;
        if self.open.len() >= Self::CAPACITY {
            return Err(Refused::Full { capacity: Self::CAPACITY });
        }
        let options = Options::new(kind, &terms.options)?;
        let nanos = u64::try_from(terms.duration.as_nanos()).unwrap_or(u64::MAX);
        let closes = wished.clock.saturating_add(nanos);
        let rules = Rules::open(kind, &options, (wished.clock, closes))?;
        // The seller is paid at the end whatever happens, so its account is there from the beginning.
        ledger.open(&account)?;
        ledger.speaks(wished.by, seller);
        self.last = self.last.saturating_add(1);
        let (auction, lot) = (self.last, Excerpt::of(&terms.lot));
        let (kind, seller) = (kind.name.to_owned(), account.clone());
        facts.push(Fact::AuctionOpened { auction, auction_kind: kind, lot, seller });
        let opened = Auction {
            lot: terms.lot,
            seller: account,
            by: wished.by,
            opened: wished.clock,
            at: wished.at,
            ended: 0,
            phase: Phase::Open,
            qualification: terms.qualification,
            solicits: terms.solicits,
            asked: Vec::new(),
            rules,
            outcome: None,
            reason: None,
        };
        self.open.insert(auction, opened);
        Ok(Done::Opened { auction })
    }

    fn offer(
        &mut self,
        ledger: &mut Ledger,
        wished: &Wished,
        (number, party, offer): (u64, &Party, &Offer),
        facts: &mut Vec<Fact>,
    ) -> Result<Taken, Refused> {
        let bidder = ledger.account_of(wished.by, party)?;
        let Some(auction) = self.open.get_mut(&number) else {
            return Err(self.missing(number, offer));
        };
        if auction.seller == bidder {
            return Err(Refused::OwnAuction { auction: number, account: bidder });
        }
        if !auction.qualification.admits(&bidder) {
            return Err(Refused::NotQualified { auction: number, account: bidder });
        }
        let rules = auction.rules.mechanism_mut();
        if rules.closes() <= wished.clock {
            return Err(late(number, rules.phase(), offer));
        }
        let seller = auction.seller.clone();
        let mut room = Room { ledger, wished, auction: number, seller: &seller };
        let (taken, outcome) = rules.take(&mut room, &bidder, offer)?;
        ledger.speaks(wished.by, party);
        if let Some(outcome) = outcome {
            self.end(wished, number, outcome, facts);
        }
        Ok(taken)
    }

    /// Goes on: the phase it is in then.
    fn proceed(
        &mut self,
        ledger: &mut Ledger,
        wished: &Wished,
        number: u64,
        facts: &mut Vec<Fact>,
    ) -> Phase {
        let Some(auction) = self.open.get_mut(&number) else { return Phase::Cancelled };
        let seller = auction.seller.clone();
        let mut room = Room { ledger, wished, auction: number, seller: &seller };
        match auction.rules.mechanism_mut().proceed(&mut room) {
            Some(outcome) => self.end(wished, number, outcome, facts),
            None => {
                auction.phase = auction.rules.mechanism().phase();
                auction.phase
            }
        }
    }

    fn cancel(
        &mut self,
        ledger: &mut Ledger,
        wished: &Wished,
        (number, reason): (u64, String),
        facts: &mut Vec<Fact>,
    ) -> Result<Done, Refused> {
        let Some(mut auction) = self.open.remove(&number) else {
            return Err(Refused::NoAuction { auction: number });
        };
        let account = auction.seller.clone();
        let mut room = Room { ledger, wished, auction: number, seller: &account };
        auction.outcome = Some(auction.rules.mechanism_mut().refund(&mut room));
        auction.phase = Phase::Cancelled;
        auction.ended = wished.clock;
        let (lot, kind) =
            (Excerpt::of(&auction.lot), auction.rules.mechanism().kind().name.to_owned());
        let why = Excerpt::of(&reason);
        facts.push(Fact::AuctionCancelled {
            auction: number,
            auction_kind: kind,
            lot,
            reason: why,
        });
        auction.reason = Some(reason);
        self.keep(number, auction);
        Ok(Done::Proceeded { phase: Phase::Cancelled })
    }

    fn note_asked(
        &mut self,
        wished: &Wished,
        number: u64,
        (asked, mut silent): (u32, Vec<Name>),
    ) -> Result<Done, Refused> {
        let Some(auction) = self.open.get_mut(&number) else {
            return Err(self.gone(number));
        };
        silent.truncate(Self::SILENT);
        auction.asked.retain(|tally| tally.node != wished.by);
        if auction.asked.len() >= Self::TALLIES {
            return Err(Refused::Full { capacity: Self::TALLIES });
        }
        auction.asked.push(Tally { node: wished.by, asked, silent });
        Ok(Done::Noted)
    }

    fn end(
        &mut self,
        wished: &Wished,
        number: u64,
        outcome: Outcome,
        facts: &mut Vec<Fact>,
    ) -> Phase {
        let Some(mut auction) = self.open.remove(&number) else { return Phase::Cancelled };
        auction.phase = if outcome.sale.is_some() { Phase::Sold } else { Phase::Unsold };
        auction.ended = wished.clock;
        facts.push(Fact::AuctionClosed {
            auction: number,
            auction_kind: auction.rules.mechanism().kind().name.to_owned(),
            lot: Excerpt::of(&auction.lot),
            seller: auction.seller.clone(),
            winner: outcome.sale.as_ref().map(|sale| sale.winner.clone()),
            price: outcome.sale.as_ref().map(|sale| sale.price),
        });
        auction.outcome = Some(outcome);
        let phase = auction.phase;
        self.keep(number, auction);
        phase
    }

    fn keep(&mut self, number: u64, auction: Auction) {
        self.over.insert(number, auction);
        self.ended.push_back(number);
        if self.ended.len() > Self::KEPT
            && let Some(oldest) = self.ended.pop_front()
        {
            self.over.remove(&oldest);
        }
    }

    fn is_due(&self, now: u64, number: u64, phase: Phase) -> Result<(), Refused> {
        let auction = self.open.get(&number).ok_or_else(|| self.gone(number))?;
        if auction.phase != phase {
            return Err(Refused::Over { auction: number, phase: auction.phase });
        }
        let due = auction.due();
        if due > now {
            let wait_ms = due.saturating_sub(now).div_ceil(1_000_000);
            return Err(Refused::TooEarly { auction: number, wait_ms });
        }
        Ok(())
    }

    fn sells(
        &self,
        ledger: &Ledger,
        wished: &Wished,
        (number, seller): (u64, &Party),
    ) -> Result<(), Refused> {
        let account = ledger.account_of(wished.by, seller)?;
        let auction = self.open.get(&number).ok_or_else(|| self.gone(number))?;
        if auction.seller != account {
            return Err(Refused::NotSeller { auction: number, account });
        }
        if auction.phase != Phase::Open {
            return Err(Refused::Opening { auction: number });
        }
        Ok(())
    }

    fn missing(&self, number: u64, offer: &Offer) -> Refused {
        match (self.over.get(&number), offer) {
            (Some(over), Offer::Reveal { .. }) if over.phase != Phase::Cancelled => {
                Refused::RevealLate { auction: number }
            }
            (Some(_) | None, _) => self.gone(number),
        }
    }

    fn gone(&self, auction: u64) -> Refused {
        match self.over.get(&auction) {
            Some(over) => Refused::Over { auction, phase: over.phase },
            None => Refused::NoAuction { auction },
        }
    }
}

/// Why an offer comes too late in a phase that is over, but for the word of its steward.
fn late(auction: u64, phase: Phase, offer: &Offer) -> Refused {
    match (phase, offer) {
        (Phase::Revealing, _) => Refused::RevealLate { auction },
        (_, Offer::Reveal { .. }) => Refused::RevealEarly { auction },
        (_, Offer::Bid(_) | Offer::Accept(_) | Offer::Commit(_)) => Refused::Late { auction },
    }
}

fn check(terms: &Terms) -> Result<&'static Kind, Refused> {
    let kind = KINDS.iter().find(|kind| kind.name == terms.kind);
    let kind = kind.ok_or_else(|| Refused::NoKind { kind: Excerpt::of(&terms.kind).into() })?;
    within("what is sold", terms.lot.len(), Auctions::MAX_TEXT)?;
    within("the list of bidders", terms.qualification.bidders.len(), Qualification::MOST)?;
    if terms.duration < Auctions::SHORTEST || terms.duration > Auctions::LONGEST {
        let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let (least_ms, most_ms) = (ms(Auctions::SHORTEST), ms(Auctions::LONGEST));
        return Err(Refused::Duration { least_ms, most_ms });
    }
    Ok(kind)
}

fn within(what: &str, count: usize, most: usize) -> Result<(), Refused> {
    if count > most { Err(Refused::TooLong { what: what.to_owned(), most }) } else { Ok(()) }
}

impl Auction {
    /// When it goes on by itself, by the group's clock in nanoseconds.
    #[must_use]
    pub fn due(&self) -> u64 {
        self.rules.mechanism().due()
    }

    /// The commitment of `account` that is still to be opened, if there is one.
    #[must_use]
    pub fn unopened(&self, account: &Account) -> Option<[u8; 32]> {
        self.rules.mechanism().unopened(account)
    }
}
