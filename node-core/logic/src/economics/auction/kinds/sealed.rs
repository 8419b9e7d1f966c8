//! What both sealed kinds share: commitments first, openings afterwards.
//!
//! A bidder first commits to a hash that says nothing of the amount, with a deposit that is the same
//! for all. When no more commitments are taken, each opens its own within a window: then its amount
//! is held in place of the deposit. Who does not forfeits the deposit.

use std::{collections::BTreeMap, marker::PhantomData};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    credits::Credits,
    economics::{
        Account,
        auction::{
            BidRow, BidState, Kind, Mechanism, Offer, OptionSpec, Options, Outcome, Phase, Picture,
            Refused, Taken, room::Room,
        },
    },
};

/// The options of both.
pub(super) const OPTIONS: &[OptionSpec] = &[
    OptionSpec::credits("reserve", Some(0), "The least that the lot is sold for."),
    OptionSpec::credits(
        "deposit",
        Some(10),
        "What each bidder leaves with a sealed bid, and \
        forfeits by not opening it.",
    ),
    OptionSpec::ms(
        "reveal",
        10_000,
        (100, 86_400_000),
        "How long bids are opened once no more are \
        taken.",
    ),
];

/// What a bidder does in both.
pub(super) const OFFERS: &[&str] = &["commit", "reveal"];

/// What is the same for all sealed bids: a person's program computes it as well as a browser.
///
/// It is the SHA-256 of five lines of text, each ended by a line feed: `covey sealed bid 1`, the
/// number of the auction, the account of the bidder, the amount, and the 32 bytes of the nonce as
/// 64 hexadecimal digits in lower case. The nonce must be random: it alone keeps the amount secret.
#[must_use]
pub fn commitment(auction: u64, bidder: &Account, amount: Credits, nonce: &[u8; 32]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(format!("covey sealed bid 1\n{auction}\n{bidder}\n{amount}\n"));
    hasher.update(crate::ids::hex(nonce));
    hasher.update("\n");
    hasher.finalize().into()
}

/// How much the winner pays, by its own bid, the next, if there is one, and the reserve.
type Price = fn(Credits, Option<Credits>, Credits) -> Credits;

/// What tells one sealed kind from another.
#[expect(unnameable_types, reason = "kinds are named, each in its own file")]
pub trait Pricing {
    /// The kind.
    const KIND: &'static Kind;

    /// What the winner pays for its bid, by the next, if there is one, and the reserve.
    fn price(bid: Credits, next: Option<Credits>, reserve: Credits) -> Credits;
}

/// One auction of a sealed kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(unnameable_types, reason = "kinds are named, each in its own file")]
pub struct SealedBids<P>(Sealed, PhantomData<P>);

impl<P: Pricing> Mechanism for SealedBids<P> {
    fn kind(&self) -> &'static Kind {
        P::KIND
    }

    fn open(options: &Options, opened: u64, closes: u64) -> Result<Self, Refused> {
        Ok(Self(Sealed::new(options, opened, closes), PhantomData))
    }

    fn take(
        &mut self,
        room: &mut Room<'_>,
        bidder: &Account,
        offer: &Offer,
    ) -> Result<(Taken, Option<Outcome>), Refused> {
        self.0.take(P::KIND, room, (bidder, offer))
    }

    fn phase(&self) -> Phase {
        self.0.phase()
    }

    fn closes(&self) -> u64 {
        self.0.closes()
    }

    fn due(&self) -> u64 {
        self.0.due()
    }

    fn proceed(&mut self, room: &mut Room<'_>) -> Option<Outcome> {
        self.0.proceed(room, P::price)
    }

    fn refund(&mut self, room: &mut Room<'_>) -> Outcome {
        self.0.refund(room)
    }

    fn asks(&self, _clock: u64) -> Option<Credits> {
        None
    }

    fn bids(&self) -> u64 {
        self.0.bids()
    }

    fn unopened(&self, account: &Account) -> Option<[u8; 32]> {
        self.0.unopened(account)
    }

    fn picture(&self, _clock: u64) -> Picture {
        self.0.picture()
    }
}

/// The bids of one auction, whatever is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sealed {
    reserve: Credits,
    deposit: Credits,
    reveal: u64,
    opened: u64,
    /// When the phase it is in is over.
    closes: u64,
    revealing: bool,
    /// In the order of commitments.
    envelopes: Vec<Envelope>,
    /// Where the one of each bidder is among them.
    places: BTreeMap<Account, usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Envelope {
    bidder: Account,
    commitment: [u8; 32],
    at: u64,
    seal: Seal,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Seal {
    /// Whose deposit is held.
    Closed { hold: u64 },
    /// Whose amount is held.
    Open { amount: Credits, hold: u64 },
    /// Below the reserve.
    Below { amount: Credits },
    /// Not opened in time.
    Forfeited,
    /// Given back unopened.
    Returned,
    /// Open, and paid or given back.
    Done { amount: Credits, won: bool },
}

impl Sealed {
    /// Envelopes of one auction.
    const CAPACITY: usize = 500;

    pub(super) fn new(options: &Options, opened: u64, closes: u64) -> Self {
        Self {
            reserve: options.credits("reserve"),
            deposit: options.credits("deposit").max(Credits::ONE),
            reveal: options.nanos("reveal"),
            opened,
            closes,
            revealing: false,
            envelopes: Vec::new(),
            places: BTreeMap::new(),
        }
    }

    pub(super) fn take(
        &mut self,
        kind: &Kind,
        room: &mut Room<'_>,
        (bidder, offer): (&Account, &Offer),
    ) -> Result<(Taken, Option<Outcome>), Refused> {
        let taken = match offer {
            Offer::Commit(commitment) => self.commit(room, bidder, *commitment)?,
            Offer::Reveal { amount, nonce } => self.open(room, bidder, (*amount, nonce))?,
            Offer::Bid(_) | Offer::Accept(_) => return Err(kind.refuses(offer)),
        };
        Ok((taken, None))
    }

    pub(super) fn phase(&self) -> Phase {
        if self.revealing { Phase::Revealing } else { Phase::Open }
    }

    pub(super) fn closes(&self) -> u64 {
        self.closes
    }

    /// At once when everyone has opened: nothing can change any more.
    pub(super) fn due(&self) -> u64 {
        let done = self.revealing && !self.envelopes.iter().any(Envelope::is_closed);
        if done { 0 } else { self.closes }
    }

    pub(super) fn proceed(&mut self, room: &mut Room<'_>, price: Price) -> Option<Outcome> {
        if self.revealing || self.envelopes.is_empty() {
            return Some(self.settle(room, price));
        }
        self.revealing = true;
        self.closes = room.clock().saturating_add(self.reveal);
        None
    }

    pub(super) fn refund(&mut self, room: &mut Room<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        for envelope in &mut self.envelopes {
            if let Seal::Closed { hold } | Seal::Open { hold, .. } = envelope.seal {
                room.refund(&mut outcome, hold);
                envelope.seal = Seal::Returned;
            }
        }
        outcome
    }

    pub(super) fn bids(&self) -> u64 {
        self.envelopes.len() as u64
    }

    pub(super) fn unopened(&self, account: &Account) -> Option<[u8; 32]> {
        let envelope = self.envelopes.get(*self.places.get(account)?)?;
        envelope.is_closed().then_some(envelope.commitment)
    }

    pub(super) fn picture(&self) -> Picture {
        let row = |(place, envelope): (u64, &Envelope)| {
            let (amount, state) = envelope.shown();
            BidRow {
                place,
                bidder: envelope.bidder.clone(),
                amount,
                after_ms: envelope.at.saturating_sub(self.opened) / 1_000_000,
                state,
            }
        };
        Picture::Envelopes {
            reserve: self.reserve,
            deposit: self.deposit,
            reveal_ms: self.reveal / 1_000_000,
            rows: (1..).zip(&self.envelopes).map(row).collect(),
        }
    }

    fn commit(
        &mut self,
        room: &mut Room<'_>,
        bidder: &Account,
        commitment: [u8; 32],
    ) -> Result<Taken, Refused> {
        if self.revealing {
            return Err(Refused::Late { auction: room.auction() });
        }
        if self.places.contains_key(bidder) {
            return Err(Refused::Committed { account: bidder.clone() });
        }
        if self.envelopes.len() >= Self::CAPACITY {
            return Err(Refused::Full { capacity: Self::CAPACITY });
        }
        let hold = room.hold(bidder, self.deposit)?;
        self.places.insert(bidder.clone(), self.envelopes.len());
        let (bidder, at) = (bidder.clone(), room.clock());
        self.envelopes.push(Envelope { bidder, commitment, at, seal: Seal::Closed { hold } });
        Ok(Taken::Committed { place: self.bids(), deposit: self.deposit })
    }

    fn open(
        &mut self,
        room: &mut Room<'_>,
        bidder: &Account,
        (amount, nonce): (Credits, &[u8; 32]),
    ) -> Result<Taken, Refused> {
        let account = || bidder.clone();
        if !self.revealing {
            return Err(Refused::RevealEarly { auction: room.auction() });
        }
        let place = self.places.get(bidder);
        let Some(envelope) = place.and_then(|place| self.envelopes.get_mut(*place)) else {
            return Err(Refused::NotCommitted { account: account() });
        };
        let Seal::Closed { hold } = envelope.seal else {
            return Err(Refused::Revealed { account: account() });
        };
        let said = commitment(room.auction(), bidder, amount, nonce);
        if said != envelope.commitment || amount.is_zero() {
            return Err(Refused::FalseReveal { account: account() });
        }
        if amount < self.reserve {
            room.release(hold);
            envelope.seal = Seal::Below { amount };
            return Ok(Taken::BelowReserve);
        }
        let hold = room.hold_instead(hold, amount)?;
        envelope.seal = Seal::Open { amount, hold };
        Ok(Taken::Revealed)
    }

    /// The highest bid wins, of equal ones that which was committed first.
    fn settle(&mut self, room: &mut Room<'_>, price: Price) -> Outcome {
        let mut outcome = Outcome::default();
        let open = |(place, envelope): (usize, &Envelope)| match envelope.seal {
            Seal::Open { amount, .. } => Some((place, amount)),
            Seal::Closed { .. }
            | Seal::Below { .. }
            | Seal::Forfeited
            | Seal::Returned
            | Seal::Done { .. } => None,
        };
        let mut bids: Vec<(usize, Credits)> =
            self.envelopes.iter().enumerate().filter_map(open).collect();
        bids.sort_by_key(|(place, amount)| (std::cmp::Reverse(*amount), *place));
        let next = bids.get(1).map(|(_, amount)| *amount);
        let best = bids.first().map(|(place, _)| *place);
        for (place, envelope) in self.envelopes.iter_mut().enumerate() {
            match envelope.seal {
                Seal::Open { amount, hold } if Some(place) == best => {
                    let price = price(amount, next, self.reserve);
                    room.sell(&mut outcome, (hold, amount), price);
                    envelope.seal = Seal::Done { amount, won: true };
                }
                Seal::Open { amount, hold } => {
                    room.refund(&mut outcome, hold);
                    envelope.seal = Seal::Done { amount, won: false };
                }
                Seal::Closed { hold } => {
                    room.forfeit(&mut outcome, hold);
                    envelope.seal = Seal::Forfeited;
                }
                Seal::Below { .. } | Seal::Forfeited | Seal::Returned | Seal::Done { .. } => {}
            }
        }
        outcome
    }
}

impl Envelope {
    fn is_closed(&self) -> bool {
        matches!(self.seal, Seal::Closed { .. })
    }

    fn shown(&self) -> (Option<Credits>, BidState) {
        match self.seal {
            Seal::Closed { .. } => (None, BidState::Sealed),
            Seal::Open { amount, .. } => (Some(amount), BidState::Revealed),
            Seal::Below { amount } => (Some(amount), BidState::BelowReserve),
            Seal::Forfeited => (None, BidState::Forfeited),
            Seal::Returned => (None, BidState::Returned),
            Seal::Done { amount, won: true } => (Some(amount), BidState::Won),
            Seal::Done { amount, won: false } => (Some(amount), BidState::Outbid),
        }
    }
}
