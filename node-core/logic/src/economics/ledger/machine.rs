//! The accounts, and how acts change them.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    credits::Credits,
    economics::{
        Account, Party, Wished,
        ledger::{Act, Done, Hold, HoldEnd, Life, Posting, Refused, Standing, Why, Within},
    },
    event::Fact,
    ids::NodeId,
};

/// Accounts, holds, and the newest postings, as they follow from the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    pub(super) accounts: BTreeMap<Account, Standing>,
    pub(super) holds: BTreeMap<u64, Hold>,
    /// The holds of tasks, by these.
    pub(super) of_tasks: BTreeMap<u64, u64>,
    /// The number of the last hold.
    held: u64,
    pub(super) postings: VecDeque<Posting>,
    /// The number of the last posting.
    posted: u64,
}

impl Ledger {
    /// Accounts at a time. One that is empty, and of which no posting is kept, makes room.
    pub const ACCOUNTS: usize = 100_000;
    /// Holds at a time.
    pub const HOLDS: usize = 100_000;
    /// Postings that are kept: 3 MB in a snapshot, at some 150 bytes each.
    pub const POSTINGS: usize = 20_000;
    /// The longest hold that no auction ends.
    pub const LONGEST_HOLD: Duration = Duration::from_hours(30 * 24);
    /// The shortest.
    pub const SHORTEST_HOLD: Duration = Duration::from_millis(1);

    /// Carries out an act.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn apply(
        &mut self,
        wished: &Wished,
        act: Act,
        facts: &mut Vec<Fact>,
    ) -> Result<Done, Refused> {
        match act {
            Act::Issue { to, amount } => {
                self.may_issue(&to, amount)?;
                facts.push(Fact::CreditsIssued { to: to.clone(), amount });
                self.post(wished, (Account::Issue, to), amount, (Why::Issued, Within::default()));
            }
            Act::Transfer { from, to, amount } => {
                let account = self.account_of(wished.by, &from)?;
                self.may_pay(&account, &to, amount)?;
                self.speaks(wished.by, &from);
                self.post(wished, (account, to), amount, (Why::Transferred, Within::default()));
            }
            Act::Hold { from, to, amount, span } => {
                return self.hold_for(wished, &from, (to, amount), span);
            }
            Act::Capture { hold, by, amount } => self.take(wished, (hold, &by), amount)?,
            Act::Release { hold, by } => {
                self.for_party(wished, (hold, &by))?;
                self.speaks(wished.by, &by);
                self.release(wished, hold);
            }
            Act::Expire { hold } => {
                self.is_over(wished.clock, hold)?;
                self.release(wished, hold);
            }
        }
        Ok(Done::Posted { posting: self.posted })
    }

    /// Whose account `party` has when `node` wishes.
    ///
    /// # Errors
    ///
    /// [`Refused::EarlierLife`] and [`Refused::NotItsNode`].
    pub fn account_of(&self, node: NodeId, party: &Party) -> Result<Account, Refused> {
        let account = party.account(node);
        let Party::Agent { name, epoch } = party else { return Ok(account) };
        let known = self.accounts.get(&account).and_then(|standing| standing.life);
        match known {
            Some(life) if life.epoch > *epoch => Err(Refused::EarlierLife { agent: name.clone() }),
            Some(life) if life.epoch == *epoch && life.node != node => {
                Err(Refused::NotItsNode { agent: name.clone(), node: life.node })
            }
            Some(_) | None => Ok(account),
        }
    }

    /// What is in an account.
    #[must_use]
    pub fn balance(&self, account: &Account) -> i64 {
        self.accounts.get(account).map_or(0, |standing| standing.balance)
    }

    /// Every account, in order.
    pub fn accounts(&self) -> impl Iterator<Item = (&Account, &Standing)> {
        self.accounts.iter()
    }

    /// Every hold, in order.
    pub fn holds(&self) -> impl Iterator<Item = (u64, &Hold)> {
        self.holds.iter().map(|(number, hold)| (*number, hold))
    }

    /// A hold that is open.
    #[must_use]
    pub fn hold(&self, hold: u64) -> Option<&Hold> {
        self.holds.get(&hold)
    }

    /// The postings that are kept, oldest first.
    pub fn postings(&self) -> impl DoubleEndedIterator<Item = &Posting> + ExactSizeIterator {
        self.postings.iter()
    }

    /// The number of the last posting.
    #[must_use]
    pub fn posted(&self) -> u64 {
        self.posted
    }

    /// A node spoke for an agent: who comes from an earlier life, or another node, is refused.
    pub(in crate::economics) fn speaks(&mut self, node: NodeId, party: &Party) {
        if let Party::Agent { epoch, .. } = party {
            let life = Some(Life { epoch: *epoch, node });
            self.accounts.entry(party.account(node)).or_default().life = life;
        }
    }

    /// Whether so much can be set aside.
    pub(in crate::economics) fn may_hold(
        &mut self,
        from: &Account,
        amount: Credits,
    ) -> Result<(), Refused> {
        self.may_pay_any(from, amount)?;
        if self.holds.len() >= Self::HOLDS {
            return Err(Refused::Full { capacity: Self::HOLDS });
        }
        Ok(())
    }

    /// Opens an account that is not there yet.
    pub(in crate::economics) fn open(&mut self, account: &Account) -> Result<(), Refused> {
        self.make_room(account)?;
        self.accounts.entry(account.clone()).or_default();
        Ok(())
    }

    /// Whether an account can be opened.
    pub(in crate::economics) fn make_room(&mut self, account: &Account) -> Result<(), Refused> {
        if self.accounts.len() < Self::ACCOUNTS || self.accounts.contains_key(account) {
            return Ok(());
        }
        self.accounts.retain(|_, standing| standing.balance != 0 || standing.kept > 0);
        if self.accounts.len() < Self::ACCOUNTS {
            return Ok(());
        }
        Err(Refused::Full { capacity: Self::ACCOUNTS })
    }

    /// Sets aside what [`Self::may_hold`] allows; the number of the hold.
    pub(in crate::economics) fn hold_back(&mut self, wished: &Wished, hold: Hold) -> u64 {
        self.held = self.held.saturating_add(1);
        let pair = (hold.from.clone(), Account::Escrow);
        let cause = (Why::Held(self.held), hold.within());
        self.post(wished, pair, hold.amount, cause);
        self.holds.insert(self.held, hold);
        self.held
    }

    /// What is held goes back; how much, and to whom.
    pub(in crate::economics) fn release(
        &mut self,
        wished: &Wished,
        number: u64,
    ) -> Option<(Account, Credits)> {
        let hold = self.holds.remove(&number)?;
        let pair = (Account::Escrow, hold.from.clone());
        self.post(wished, pair, hold.amount, (Why::Released(number), hold.within()));
        Some((hold.from, hold.amount))
    }

    /// Of what is held `amount` at most goes to `to`, and the rest back; how much went where.
    pub(in crate::economics) fn capture(
        &mut self,
        wished: &Wished,
        (number, why): (u64, fn(u64) -> Why),
        to: Account,
        amount: Credits,
    ) -> Credits {
        let Some(hold) = self.holds.remove(&number) else { return Credits::ZERO };
        let paid = amount.min(hold.amount);
        let within = hold.within();
        self.post(wished, (Account::Escrow, to), paid, (why(number), within.clone()));
        let rest = hold.amount.without(paid);
        let pair = (Account::Escrow, hold.from);
        self.post(wished, pair, rest, (Why::Released(number), within));
        paid
    }

    fn may_issue(&mut self, to: &Account, amount: Credits) -> Result<(), Refused> {
        if amount.is_zero() {
            return Err(Refused::NoAmount);
        }
        if !to.is_payable() {
            return Err(Refused::NotPayable { account: to.clone() });
        }
        let issued = Credits::new(self.balance(&Account::Issue).unsigned_abs()).unwrap_or_default();
        if issued.checked_add(amount).is_none() {
            return Err(Refused::IssueFull { issued, most: Credits::MAX });
        }
        self.make_room(to)
    }

    pub(super) fn may_pay_any(&self, from: &Account, amount: Credits) -> Result<(), Refused> {
        if amount.is_zero() {
            return Err(Refused::NoAmount);
        }
        let balance = self.balance(from);
        if balance < amount.signed() {
            let balance = u64::try_from(balance).ok().and_then(|some| Credits::new(some).ok());
            let (account, balance) = (from.clone(), balance.unwrap_or_default());
            return Err(Refused::Insufficient { account, balance, amount });
        }
        Ok(())
    }

    fn may_pay(&mut self, from: &Account, to: &Account, amount: Credits) -> Result<(), Refused> {
        if from == to {
            return Err(Refused::SameAccount { account: to.clone() });
        }
        if !to.is_payable() {
            return Err(Refused::NotPayable { account: to.clone() });
        }
        self.may_pay_any(from, amount)?;
        self.make_room(to)
    }

    fn hold_for(
        &mut self,
        wished: &Wished,
        from: &Party,
        (to, amount): (Account, Credits),
        span: Duration,
    ) -> Result<Done, Refused> {
        if span < Self::SHORTEST_HOLD || span > Self::LONGEST_HOLD {
            let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
            let (least_ms, most_ms) = (ms(Self::SHORTEST_HOLD), ms(Self::LONGEST_HOLD));
            return Err(Refused::Span { least_ms, most_ms });
        }
        let account = self.account_of(wished.by, from)?;
        self.may_pay(&account, &to, amount)?;
        self.may_hold(&account, amount)?;
        self.speaks(wished.by, from);
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        let ends = wished.clock.saturating_add(nanos);
        let end = HoldEnd::At { clock: ends, to };
        let hold = self.hold_back(wished, Hold { from: account, amount, end });
        Ok(Done::Held { hold, ends })
    }

    fn take(
        &mut self,
        wished: &Wished,
        (number, by): (u64, &Party),
        amount: Option<Credits>,
    ) -> Result<(), Refused> {
        let (held, to) = self.for_party(wished, (number, by))?;
        let amount = amount.unwrap_or(held);
        if amount.is_zero() {
            return Err(Refused::NoAmount);
        }
        if amount > held {
            return Err(Refused::Beyond { hold: number, held, amount });
        }
        self.make_room(&to)?;
        self.speaks(wished.by, by);
        self.capture(wished, (number, Why::Captured), to, amount);
        Ok(())
    }

    /// What is held for whoever asks, and the account that it is held for.
    fn for_party(
        &self,
        wished: &Wished,
        (number, by): (u64, &Party),
    ) -> Result<(Credits, Account), Refused> {
        let account = self.account_of(wished.by, by)?;
        let hold = self.holds.get(&number).ok_or(Refused::NoHold { hold: number })?;
        match &hold.end {
            HoldEnd::Auction(auction) => {
                Err(Refused::OfAuction { hold: number, auction: *auction })
            }
            HoldEnd::Task(task) => Err(Refused::OfTask { hold: number, task: *task }),
            HoldEnd::Rent(agent) => Err(Refused::OfRent { hold: number, agent: agent.clone() }),
            HoldEnd::At { to, .. } if *to != account => {
                Err(Refused::NotForYou { hold: number, account })
            }
            HoldEnd::At { clock, .. } if *clock <= wished.clock => {
                Err(Refused::Ended { hold: number })
            }
            HoldEnd::At { .. } => Ok((hold.amount, account)),
        }
    }

    fn is_over(&self, now: u64, number: u64) -> Result<(), Refused> {
        let hold = self.holds.get(&number).ok_or(Refused::NoHold { hold: number })?;
        match &hold.end {
            HoldEnd::Auction(auction) => {
                Err(Refused::OfAuction { hold: number, auction: *auction })
            }
            HoldEnd::Task(task) => Err(Refused::OfTask { hold: number, task: *task }),
            HoldEnd::Rent(agent) => Err(Refused::OfRent { hold: number, agent: agent.clone() }),
            HoldEnd::At { clock, .. } if *clock > now => {
                let wait_ms = clock.saturating_sub(now).div_ceil(1_000_000);
                Err(Refused::TooEarly { hold: number, wait_ms })
            }
            HoldEnd::At { .. } => Ok(()),
        }
    }

    /// Takes from one what it gives to the other. Whether that may be was checked.
    fn post(
        &mut self,
        wished: &Wished,
        (debit, credit): (Account, Account),
        amount: Credits,
        (why, within): (Why, Within),
    ) {
        if amount.is_zero() {
            return;
        }
        self.change(&debit, amount.signed().saturating_neg());
        self.change(&credit, amount.signed());
        self.posted = self.posted.saturating_add(1);
        let (number, at, wish, by) = (self.posted, wished.at, wished.number, wished.by);
        self.postings.push_back(Posting {
            number,
            at,
            wish,
            by,
            why,
            within,
            debit,
            credit,
            amount,
        });
        if self.postings.len() > Self::POSTINGS
            && let Some(oldest) = self.postings.pop_front()
        {
            self.fold(&oldest.debit, oldest.amount.signed().saturating_neg());
            self.fold(&oldest.credit, oldest.amount.signed());
        }
    }

    fn change(&mut self, account: &Account, by: i64) {
        if let Some(standing) = self.accounts.get_mut(account) {
            standing.change(by);
        } else {
            self.accounts.entry(account.clone()).or_default().change(by);
        }
    }

    fn fold(&mut self, account: &Account, by: i64) {
        if let Some(standing) = self.accounts.get_mut(account) {
            standing.forward = standing.forward.saturating_add(by);
            standing.kept = standing.kept.saturating_sub(1);
        }
    }
}

impl Standing {
    fn change(&mut self, by: i64) {
        self.balance = self.balance.saturating_add(by);
        self.kept = self.kept.saturating_add(1);
    }
}
