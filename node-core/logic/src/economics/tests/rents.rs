//! Orders, awards and minutes of agents in their places.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::{ADA, Account, BEN, CAL, Credits, Fact, Log, Name, NodeId, SECOND, credits};
use crate::economics::{
    self, Done, ledger,
    rent::{self, Act, Rental, Site, Tenant, Tenants},
};

#[test]
fn minute_that_was_run_is_paid_and_the_next_is_set_aside() {
    let mut log = Log::funded();
    log.order("w", 10);
    let hold = log.award("w", BEN, 6);
    assert_eq!((log.owner(ADA), log.balance(&Account::Escrow)), (994, 6));

    log.clock += Rental::MINUTE;
    let (paid, next) = log.settle("w", hold, true, Some((BEN, 6)));

    assert_eq!((paid, log.owner(ADA), log.owner(BEN)), (6, 988, 1_006));
    log.clock += Rental::MINUTE;
    assert_eq!(log.settle("w", next.unwrap(), false, None), (0, None), "it did not run");
    assert_eq!((log.owner(ADA), log.balance(&Account::Escrow)), (994, 0));
}

#[test]
fn place_that_ends_within_a_minute_is_paid_as_far_as_it_was_run() {
    let mut log = Log::funded();
    log.order("w", 60);
    let hold = log.award("w", BEN, 60);

    log.clock += 20 * SECOND + SECOND / 2;
    let (paid, next) = log.settle("w", hold, true, Some((CAL, 50)));

    assert_eq!(paid, 20, "in whole credits, rounded down");
    assert_eq!((log.owner(ADA), log.balance(&Account::Escrow)), (930, 50));
    log.clock += 100 * Rental::MINUTE;
    assert_eq!(log.settle("w", next.unwrap(), true, None), (50, None), "a minute at most");
}

#[test]
fn minute_is_settled_once() {
    let mut log = Log::funded();
    log.order("w", 10);
    let hold = log.award("w", BEN, 6);
    log.clock += Rental::MINUTE;
    log.settle("w", hold, true, Some((BEN, 6)));

    let again = Act::Settle { agent: name("w"), hold, ran: true, next: None };

    let refused = rent::Refused::NoMinute { agent: name("w"), hold };
    assert_eq!(log.apply(CAL, again), Err(refused.into()));
}

#[test]
fn agent_whose_next_minute_nobody_can_pay_has_no_place_any_more() {
    let mut log = Log::funded();
    log.order("w", 600);
    let hold = log.award("w", BEN, 600);
    log.clock += Rental::MINUTE;

    assert_eq!(log.settle("w", hold, true, Some((BEN, 600))), (600, None));

    assert!(log.value.rents().rentals().is_empty());
    assert!(matches!(&log.facts[..], [.., Fact::AgentUnpaid { name, .. }] if name.as_str() == "w"));
}

#[test]
fn only_who_gave_the_order_pays_and_no_more_than_was_said() {
    let mut log = Log::funded();
    let site = |node, price| Site { node, price: credits(price) };
    let award = |agent, order, site| Act::Award { agent: name(agent), order: name(order), site };

    let unasked = rent::Refused::NoOrder { agent: name("w") };
    assert_eq!(log.apply(BEN, award("w", "w", site(BEN, 1))), Err(unasked.into()));
    log.order("w", 10);
    let (agent, most, price) = (name("w"), credits(10), credits(11));
    let dear = rent::Refused::TooDear { agent, most, price };
    assert_eq!(log.apply(BEN, award("w", "w", site(BEN, 11))), Err(dear.into()));
    let other = rent::Refused::NoOrder { agent: name("v.1") };
    assert_eq!(log.apply(BEN, award("v.1", "w", site(BEN, 1))), Err(other.into()));
    log.apply(BEN, award("w.1", "w", site(BEN, 10))).unwrap();
    let placed = rent::Refused::Placed { agent: name("w.1"), node: BEN };
    assert_eq!(log.apply(BEN, award("w.1", "w", site(CAL, 1))), Err(placed.into()));
}

#[test]
fn order_takes_credits_for_one_minute_and_the_hold_of_a_minute_nobody_takes_by_hand() {
    let mut log = Log::funded();
    let order = Act::Order { agent: name("w"), most: credits(1_001) };
    assert!(matches!(
        log.apply(ADA, order),
        Err(economics::Refused::Rent(rent::Refused::Ledger(ledger::Refused::Insufficient { .. })))
    ));
    log.order("w", 1_000);
    let hold = log.award("w", BEN, 7);

    let by = super::Party::Owner;
    let refused = log.books(BEN, ledger::Act::Capture { hold, by, amount: None });

    assert_eq!(refused, Err(ledger::Refused::OfRent { hold, agent: name("w") }));
}

#[test]
fn price_of_nothing_is_refused() {
    let mut log = Log::funded();
    let act = Act::Order { agent: name("w"), most: Credits::ZERO };

    let refused = rent::Refused::Ledger(ledger::Refused::NoAmount);
    assert_eq!(log.apply(ADA, act), Err(refused.into()));
}

#[test]
fn steward_awards_settles_in_time_and_follows_the_agent() {
    let mut log = Log::funded();
    log.order("w", 10);
    let here = seen(Some((BEN, 6)), Some(BEN));
    let away = seen(Some((CAL, 8)), None);

    let acts = log.round(&here, &here);
    assert_eq!(acts.len(), 1);
    log.say(acts);
    assert_eq!(log.round(&here, &here), [], "the minute goes on");
    log.clock += Rental::MINUTE / 2;
    log.say_round(&away, &here);
    assert_eq!((log.owner(ADA), log.owner(BEN)), (1_000 - 3 - 8, 1_003), "it left a moment ago");
    log.clock += Rental::MINUTE / 2;
    let lost = Tenants { present: [BEN].into(), ..away.clone() };
    log.say_round(&Tenants { agents: [].into(), ..lost }, &away);
    assert_eq!((log.owner(CAL), log.owner(ADA)), (1_000, 997), "its node is lost: nothing is paid");
}

#[test]
fn place_goes_on_at_the_price_of_now_if_less_is_paid_than_at_its_award() {
    let mut log = Log::funded();
    log.order("w", 10);
    log.award("w", BEN, 9);
    log.order("w", 7);
    log.clock += Rental::MINUTE;

    let here = seen(Some((BEN, 6)), Some(BEN));
    log.say_round(&here, &here);

    assert_eq!((log.owner(BEN), log.balance(&Account::Escrow)), (1_009, 6));
}

#[test]
fn steward_waits_for_credits_and_cancels_what_nobody_wants() {
    let mut log = Log::funded();
    log.order("w", 10);
    let here = seen(Some((BEN, 6)), None);
    let all = Account::Owner(CAL);
    log.books(
        ADA,
        ledger::Act::Transfer { from: super::Party::Owner, to: all, amount: credits(995) },
    )
    .unwrap();

    assert_eq!(log.round(&here, &here), [], "five credits are left");
    let nobody = Tenants::default();
    assert_eq!(log.round(&nobody, &nobody), [], "its specification may be on its way");
    log.clock += 31 * SECOND;
    assert_eq!(log.round(&here, &here), []);
    assert_eq!(log.round(&nobody, &nobody), [Act::Cancel { agent: name("w") }]);
}

/// Whatever is said in whatever order: credits are conserved, and each minute has its hold.
#[test]
fn credits_are_conserved_for_every_seed() {
    for seed in 0..200 {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let mut log = Log::funded();
        let mut settled = 0;
        for _ in 0..300 {
            settled += u64::from(log.step(&mut dice));
            assert_eq!(log.value.audit().faults, [], "seed {seed}");
        }
        assert!(settled > 0, "seed {seed}: something happens");
    }
}

impl Log {
    fn order(&mut self, agent: &str, most: u64) {
        self.apply(ADA, Act::Order { agent: name(agent), most: credits(most) }).unwrap();
    }

    /// The hold of the first minute.
    fn award(&mut self, agent: &str, node: NodeId, price: u64) -> u64 {
        let site = Site { node, price: credits(price) };
        let act = Act::Award { agent: name(agent), order: name(agent), site };
        let Ok(Done::Rent(rent::Done::Awarded { hold })) = self.apply(CAL, act) else {
            panic!("it is awarded");
        };
        hold
    }

    /// What was paid, and the hold of the next minute.
    fn settle(
        &mut self,
        agent: &str,
        hold: u64,
        ran: bool,
        next: Option<(NodeId, u64)>,
    ) -> (u64, Option<u64>) {
        let next = next.map(|(node, price)| Site { node, price: credits(price) });
        let act = Act::Settle { agent: name(agent), hold, ran, next };
        let Ok(Done::Rent(rent::Done::Settled { paid, hold })) = self.apply(CAL, act) else {
            panic!("it is settled");
        };
        (paid.get(), hold)
    }

    fn round(&self, now: &Tenants, before: &Tenants) -> Vec<Act> {
        self.value.rents_due(self.clock, (now, before), |_| true)
    }

    fn say_round(&mut self, now: &Tenants, before: &Tenants) {
        let acts = self.round(now, before);
        assert!(!acts.is_empty());
        self.say(acts);
    }

    fn say(&mut self, acts: Vec<Act>) {
        for act in acts {
            self.apply(CAL, act).unwrap();
        }
    }

    /// Any act; whether a minute was settled.
    fn step(&mut self, dice: &mut ChaCha8Rng) -> bool {
        let mut draw = |of: u32| dice.next_u32() % of;
        let agent = name(["v", "v.1", "w"][draw(3) as usize]);
        let order = name(["v", "w"][draw(2) as usize]);
        let site =
            Site { node: [ADA, BEN, CAL][draw(3) as usize], price: credits(u64::from(draw(20))) };
        let hold = self.value.rents().rentals().get(&agent).map_or(0, |rental| rental.hold);
        self.clock += u64::from(draw(90)) * SECOND;
        let act = match draw(8) {
            0 | 1 => Act::Order { agent: order, most: credits(u64::from(draw(20))) },
            2 if draw(4) == 0 => Act::Cancel { agent: order },
            2..=4 => Act::Award { agent, order, site },
            _ => {
                Act::Settle { agent, hold, ran: draw(2) == 0, next: (draw(3) > 0).then_some(site) }
            }
        };
        let by = [ADA, BEN][draw(2) as usize];
        matches!(self.apply(by, act), Ok(Done::Rent(rent::Done::Settled { .. })))
    }
}

/// The agent `w` as it is seen, while every node is up.
fn seen(site: Option<(NodeId, u64)>, runs: Option<NodeId>) -> Tenants {
    let site = site.map(|(node, price)| Site { node, price: credits(price) });
    let tenant = Tenant { spec: name("w"), site, runs };
    Tenants {
        agents: [(name("w"), tenant)].into(),
        specs: [name("w")].into(),
        present: [ADA, BEN, CAL].into(),
    }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}
