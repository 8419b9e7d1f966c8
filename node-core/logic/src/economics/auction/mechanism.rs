//! What a kind of auction has to say.

use crate::{
    credits::Credits,
    economics::{
        Account,
        auction::{
            Offer, OptionSpec, Options, Outcome, Phase, Picture, Refused, Taken, room::Room,
        },
    },
};

/// A kind of auction, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// How it goes, in a sentence or two.
    pub summary: &'static str,
    /// Who wins and what the winner pays, in a sentence; ties included.
    pub rule: &'static str,
    /// What can be chosen.
    pub options: &'static [OptionSpec],
    /// What bidders do in it.
    pub offers: &'static [&'static str],
}

impl Kind {
    /// That it does not take such an offer.
    #[must_use]
    pub fn refuses(&self, offer: &Offer) -> Refused {
        Refused::NotOfKind { kind: self.name.to_owned(), offer: offer.as_str().to_owned() }
    }
}

/// The rules of a kind, and where one auction of it is.
///
/// Moments are the group's clock, in nanoseconds. What a method refuses, it leaves as it was.
pub trait Mechanism {
    /// The kind.
    fn kind(&self) -> &'static Kind;

    /// Begins one that takes bids from `opened` until `closes`.
    ///
    /// # Errors
    ///
    /// [`Refused::OptionBounds`] if options do not go together.
    fn open(options: &Options, opened: u64, closes: u64) -> Result<Self, Refused>
    where
        Self: Sized;

    /// Takes an offer of `bidder`, who may bid, or refuses it.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    fn take(
        &mut self,
        room: &mut Room<'_>,
        bidder: &Account,
        offer: &Offer,
    ) -> Result<(Taken, Option<Outcome>), Refused>;

    /// Whether bids are taken, or opened.
    fn phase(&self) -> Phase;

    /// Until when offers of its phase are taken.
    fn closes(&self) -> u64;

    /// When it goes on by itself: sooner, if nothing can change any more.
    fn due(&self) -> u64 {
        self.closes()
    }

    /// Goes on to what follows its phase: another phase, or the end, which is paid at once.
    fn proceed(&mut self, room: &mut Room<'_>) -> Option<Outcome>;

    /// Gives back all that is held: it was cancelled.
    fn refund(&mut self, room: &mut Room<'_>) -> Outcome;

    /// The least that may be bid at `clock`, or the price at which the lot is to be had; none if
    /// that is nobody's to know.
    fn asks(&self, clock: u64) -> Option<Credits>;

    /// Who leads, where that can be known.
    fn leader(&self) -> Option<&Account> {
        None
    }

    /// How many bids there were.
    fn bids(&self) -> u64;

    /// The commitment of `account` that is still to be opened, if there is one.
    fn unopened(&self, account: &Account) -> Option<[u8; 32]> {
        let _ = account;
        None
    }

    /// What is to be drawn of it at `clock`.
    fn picture(&self, clock: u64) -> Picture;
}
