//! What tasks pay: held, paid once, and given back.

use super::{NODE, SECOND, agent, mark, new_task, queue};
use crate::{
    agreed::{Agreed, Denied, Entry, Granted, Key, Outcome, Wish},
    balancer::{
        Act, Assignment, AttemptEnd, NewTask, Pay, Refused, Settlement, StrategyKind, TaskView,
    },
    credits::Credits,
    economics::{self, Account, ledger},
    ids::{Epoch, NodeId},
};

const WORKER: NodeId = NodeId([2; 32]);
const FUNDS: u64 = 100;

#[test]
fn pay_is_held_and_the_price_is_paid_once() {
    let mut log = Log::new();
    let task = log.submit(paying(10));
    assert_eq!(log.balances(), [90, 10, 0]);

    log.assign(task, 1, 7);
    assert_eq!(log.view(task).price, Some(credits(7)));
    log.end(task, 1, done());
    log.end(task, 1, done());

    assert_eq!(log.balances(), [93, 0, 7]);
    let view = log.view(task);
    assert_eq!((view.pay, view.price), (Some(credits(10)), Some(credits(7))));
}

#[test]
fn pay_goes_back_however_else_a_task_ends() {
    let ends: [fn(&mut Log, u64); 4] = [
        |log, task| log.end(task, 1, AttemptEnd::Failed { reason: "no".to_owned() }),
        |log, task| log.end(task, 1, AttemptEnd::Lost { reason: "gone".to_owned() }),
        |log, task| log.ok(Act::Cancel(vec![task])),
        |log, task| {
            log.clock += 60 * SECOND;
            log.ok(Act::Expire(vec![task]));
        },
    ];
    for end in ends {
        for running in [true, false] {
            let mut log = Log::new();
            let new = NewTask { attempts: 1, expires_ms: Some(1_000), ..paying(10) };
            let task = log.submit(new);
            if running {
                log.assign(task, 1, 7);
            }

            end(&mut log, task);
            // Whatever came of it, it is over once it is cancelled.
            log.ok(Act::Cancel(vec![task]));
            log.end(task, 1, done());

            assert_eq!(log.balances(), [100, 0, 0]);
            assert_eq!(log.view(task).price, None);
        }
    }
}

/// Two agents did it; the first that was heard is paid what was agreed on with it.
#[test]
fn price_is_that_of_the_attempt_that_was_done() {
    let mut log = Log::new();
    let task = log.submit(paying(10));
    log.assign(task, 1, 3);
    log.end(task, 1, AttemptEnd::Lost { reason: "no answer".to_owned() });
    log.clock += SECOND;
    log.assign(task, 2, 8);

    log.end(task, 1, done());
    log.end(task, 2, done());

    assert_eq!(log.balances(), [97, 0, 3]);
}

#[test]
fn price_beyond_the_pay_and_none_begin_nothing() {
    let mut log = Log::new();
    let paid = log.submit(paying(10));
    let unpaid = log.submit(new_task("a"));

    assert_eq!(log.try_assign(paid, Some(credits(11))), 0);
    assert_eq!(log.try_assign(paid, None), 0);
    assert_eq!(log.try_assign(unpaid, Some(credits(1))), 0);
    assert_eq!(log.try_assign(paid, Some(credits(10))), 1);
}

#[test]
fn submission_that_cannot_be_paid_is_refused_whole() {
    let mut log = Log::new();

    let refused = log.apply(Act::Submit(vec![paying(60), new_task("a"), paying(60)]).into());

    let (account, amount) = (Account::Owner(NODE), credits(120));
    let poor = ledger::Refused::Insufficient { account, balance: credits(FUNDS), amount };
    assert_eq!(refused, Err(Denied::Economics(economics::Refused::Ledger(poor))));
    assert_eq!(log.value.tasks().open(), 0);
    assert_eq!(log.balances(), [100, 0, 0]);
}

#[test]
fn nothing_is_refused_for_pay_that_is_held_already() {
    let mut log = Log::new();
    let keyed = || NewTask { key: Key::new("k"), ..paying(60) };
    let first = log.submit(keyed());

    assert_eq!(log.submit(keyed()), first);

    assert_eq!(log.balances(), [40, 60, 0]);
    let other = NewTask { key: Key::new("k"), ..paying(61) };
    let reused = Refused::KeyReused { key: Key::new("k").unwrap(), task: first };
    assert_eq!(log.apply(Act::Submit(vec![other]).into()), Err(reused.into()));
}

#[test]
fn two_of_one_key_in_a_submission_are_paid_for_once() {
    let mut log = Log::new();
    let keyed = || NewTask { key: Key::new("k"), ..paying(60) };

    log.ok(Act::Submit(vec![keyed(), keyed()]));

    assert_eq!(log.balances(), [40, 60, 0]);
}

#[test]
fn task_pays_by_auction_alone() {
    let mut log = Log::new();
    log.ok(choose(Some("b"), Some(StrategyKind::RoundRobin)));

    let other = NewTask { queue: queue("b"), ..paying(1) };
    let strategy = StrategyKind::RoundRobin;
    let refused = Refused::NotByAuction { queue: queue("b"), strategy };
    assert_eq!(log.apply(Act::Submit(vec![other]).into()), Err(refused.into()));
    let nought = Refused::Unfit { field: "pay".to_owned() };
    assert_eq!(log.apply(Act::Submit(vec![paying(0)]).into()), Err(nought.into()));
}

#[test]
fn task_that_is_there_under_its_key_is_the_same_by_whichever_strategy() {
    let mut log = Log::new();
    let keyed = || NewTask { key: Key::new("k"), ..paying(10) };
    let task = log.submit(keyed());
    log.assign(task, 1, 7);
    log.end(task, 1, done());
    log.ok(choose(None, Some(StrategyKind::RoundRobin)));

    assert_eq!(log.submit(keyed()), task);
    assert_eq!(log.balances(), [93, 0, 7]);
}

#[test]
fn queue_that_pays_keeps_its_strategy_until_its_tasks_are_over() {
    let mut log = Log::new();
    let task = log.submit(paying(1));
    let away = [
        choose(None, Some(StrategyKind::RoundRobin)),
        choose(None, None),
        choose(Some("a"), Some(StrategyKind::RoundRobin)),
    ];

    let refused = || Refused::PaysByAuction { queue: queue("a"), tasks: 1 };
    for act in away.clone() {
        assert_eq!(log.apply(act.into()), Err(refused().into()));
    }
    log.ok(choose(Some("a"), Some(StrategyKind::Auction)));
    log.ok(choose(None, Some(StrategyKind::RoundRobin)));
    let unset = choose(Some("a"), None);
    assert_eq!(log.apply(unset.into()), Err(refused().into()));

    log.ok(Act::Cancel(vec![task]));
    away.into_iter().for_each(|act| log.ok(act));
}

#[test]
fn hold_of_a_task_is_taken_by_nobody() {
    let mut log = Log::new();
    let task = log.submit(paying(10));
    let (hold, _) = log.value.economics().ledger().holds().next().unwrap();
    let by = economics::Party::Owner;
    let acts = [
        ledger::Act::Capture { hold, by: by.clone(), amount: None },
        ledger::Act::Release { hold, by },
        ledger::Act::Expire { hold },
    ];

    for act in acts {
        let refused = economics::Refused::Ledger(ledger::Refused::OfTask { hold, task });
        assert_eq!(log.apply(Wish::Economics(act.into())), Err(refused.into()));
    }
    assert_eq!(log.value.economics().due(u64::MAX), economics::Due::default());
}

#[test]
fn agent_pays_in_its_own_name_and_life() {
    let mut log = Log::new();
    log.issue(Account::Agent(agent(5)));
    let by = |epoch| Some((agent(5), Epoch(epoch)));
    let paying =
        |epoch| NewTask { pay: Some(Pay { most: credits(10), by: by(epoch) }), ..new_task("a") };

    log.submit(paying(2));

    let ledger = log.value.economics().ledger();
    assert_eq!(ledger.balance(&Account::Agent(agent(5))), 90);
    let refused = ledger::Refused::EarlierLife { agent: agent(5) };
    let refused = Denied::Economics(economics::Refused::Ledger(refused));
    assert_eq!(log.apply(Act::Submit(vec![paying(1)]).into()), Err(refused));
}

#[test]
fn postings_name_the_task() {
    let mut log = Log::new();
    let task = log.submit(paying(10));
    log.assign(task, 1, 7);
    log.end(task, 1, done());

    let postings = log.value.economics().ledger().postings();
    let of: Vec<_> = postings.filter(|it| it.within.task == Some(task)).collect();
    let words: Vec<_> = of.iter().map(|it| (it.why.as_str(), it.amount.get())).collect();
    assert_eq!(words, [("held", 10), ("captured", 7), ("released", 3)]);
}

/// The value after a log; its books are right after every entry.
struct Log {
    value: Agreed,
    clock: u64,
}

impl Log {
    /// All agents are chosen by auction, and whoever submits has some credits.
    fn new() -> Self {
        let mut log = Self { value: Agreed::default(), clock: 0 };
        log.issue(Account::Owner(NODE));
        log.ok(choose(None, Some(StrategyKind::Auction)));
        log
    }

    fn issue(&mut self, to: Account) {
        let issue = ledger::Act::Issue { to, amount: credits(FUNDS) };
        self.apply(Wish::Economics(issue.into())).unwrap();
    }

    fn apply(&mut self, wish: Wish) -> Outcome {
        let clock = self.clock;
        let done = self.value.apply(Entry { actor: NODE, at: mark(0).at, key: None, clock, wish });
        assert_eq!(self.value.audit().faults, []);
        done
    }

    fn ok(&mut self, act: Act) {
        self.apply(act.into()).unwrap();
    }

    fn submit(&mut self, new: NewTask) -> u64 {
        let done = self.apply(Act::Submit(vec![new]).into());
        let Ok(Granted::Tasks(done)) = done else { panic!("{done:?}") };
        done.ids()[0]
    }

    fn assign(&mut self, task: u64, attempt: u32, price: u64) {
        let price = Some(credits(price));
        let choices = vec![Assignment { task, attempt, agent: agent(1), price }];
        self.ok(Act::Assign { choices, most: 10 });
    }

    fn try_assign(&mut self, task: u64, price: Option<Credits>) -> u32 {
        let choices = vec![Assignment { task, attempt: 1, agent: agent(1), price }];
        match self.apply(Act::Assign { choices, most: 10 }.into()) {
            Ok(Granted::Tasks(crate::balancer::Done::Moved(count))) => count,
            other => panic!("{other:?}"),
        }
    }

    fn end(&mut self, task: u64, attempt: u32, end: AttemptEnd) {
        self.ok(Act::Settle(vec![Settlement { task, attempt, agent: agent(1), end }]));
    }

    fn view(&self, task: u64) -> TaskView {
        TaskView::new(task, self.value.tasks().get(task).unwrap(), self.clock)
    }

    /// Of whoever submits, in escrow, and of whoever works.
    fn balances(&self) -> [i64; 3] {
        let accounts = [Account::Owner(NODE), Account::Escrow, Account::Owner(WORKER)];
        accounts.map(|account| self.value.economics().ledger().balance(&account))
    }
}

fn paying(most: u64) -> NewTask {
    NewTask { pay: Some(Pay { most: credits(most), by: None }), ..new_task("a") }
}

fn done() -> AttemptEnd {
    AttemptEnd::Done { value: "1".to_owned(), took_us: 1, node: WORKER }
}

fn choose(of: Option<&str>, strategy: Option<StrategyKind>) -> Act {
    Act::Choose { queue: of.map(queue), strategy }
}

fn credits(amount: u64) -> Credits {
    Credits::new(amount).unwrap()
}
