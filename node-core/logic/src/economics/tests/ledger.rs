//! Issue, transfer, hold, capture, release; statements, audit and bounds.

use super::{ADA, Account, BEN, CAL, Duration, Log, Party, SECOND, credits};
use crate::economics::{
    Ledger,
    ledger::{Act, Done, Refused, Why, csv},
};

const MINUTE: Duration = Duration::from_mins(1);

#[test]
fn what_is_issued_is_what_all_accounts_hold() {
    let mut log = Log::funded();

    log.books(ADA, transfer(Account::Owner(BEN), 300)).unwrap();

    assert_eq!((log.owner(ADA), log.owner(BEN)), (700, 1_300));
    assert_eq!(log.balance(&Account::Issue), -3_000);
    assert_eq!(log.value.ledger().audit().faults, []);
}

#[test]
fn amounts_that_are_none_too_many_or_not_there_are_refused() {
    let mut log = Log::funded();
    let issue = |amount| Act::Issue { to: Account::Owner(ADA), amount: credits(amount) };

    assert_eq!(log.books(ADA, transfer(Account::Owner(BEN), 0)), Err(Refused::NoAmount));
    assert!(matches!(
        log.books(ADA, transfer(Account::Owner(BEN), 1_001)),
        Err(Refused::Insufficient { balance, .. }) if balance == credits(1_000)
    ));
    let most = crate::Credits::MAX.get();
    assert!(matches!(log.books(ADA, issue(most)), Err(Refused::IssueFull { .. })));
    assert_eq!(log.books(ADA, issue(most - 3_000)), Ok(Done::Posted { posting: 4 }));
    assert!(serde_json::from_str::<crate::Credits>("-1").is_err());
    assert!(serde_json::from_str::<crate::Credits>("9007199254740992").is_err());
}

#[test]
fn nobody_pays_into_escrow_the_issue_or_oneself() {
    let mut log = Log::funded();

    for account in [Account::Escrow, Account::Issue] {
        let refused = log.books(ADA, transfer(account.clone(), 1));
        assert_eq!(refused, Err(Refused::NotPayable { account }));
    }
    let account = Account::Owner(ADA);
    assert_eq!(log.books(ADA, transfer(account.clone(), 1)), Err(Refused::SameAccount { account }));
}

#[test]
fn part_of_a_hold_is_captured_and_the_rest_goes_back() {
    let mut log = Log::funded();
    let hold = log.hold(100);

    assert_eq!((log.owner(ADA), log.balance(&Account::Escrow)), (900, 100));
    assert!(matches!(log.capture(CAL, hold, None), Err(Refused::NotForYou { .. })));
    assert!(matches!(log.capture(BEN, hold, Some(101)), Err(Refused::Beyond { .. })));
    log.capture(BEN, hold, Some(60)).unwrap();

    assert_eq!((log.owner(ADA), log.owner(BEN)), (940, 1_060));
    assert_eq!(log.balance(&Account::Escrow), 0);
    assert_eq!(log.capture(BEN, hold, Some(1)), Err(Refused::NoHold { hold }), "once");
}

#[test]
fn hold_that_is_released_or_whose_time_is_over_goes_back_whole() {
    let mut log = Log::funded();
    let (one, two) = (log.hold(100), log.hold(50));

    log.books(BEN, Act::Release { hold: one, by: Party::Owner }).unwrap();
    let early = log.books(CAL, Act::Expire { hold: two });
    log.clock = 60 * SECOND;
    let late = log.capture(BEN, two, None);
    log.books(CAL, Act::Expire { hold: two }).unwrap();

    assert!(matches!(early, Err(Refused::TooEarly { wait_ms: 60_000, .. })));
    assert_eq!(late, Err(Refused::Ended { hold: two }));
    assert_eq!((log.owner(ADA), log.value.ledger().holds().count()), (1_000, 0));
    assert_eq!(log.books(CAL, Act::Expire { hold: two }), Err(Refused::NoHold { hold: two }));
}

#[test]
fn statement_explains_the_balance_line_by_line() {
    let mut log = Log::funded();
    let hold = log.hold(100);
    log.capture(BEN, hold, Some(60)).unwrap();
    log.books(BEN, transfer(Account::Owner(ADA), 5)).unwrap();

    let whole = log.value.ledger().statement(&Account::Owner(ADA), 100, 0);
    let newest = log.value.ledger().statement(&Account::Owner(ADA), 2, 0);

    let told: Vec<_> = whole.lines.iter().map(|it| (it.why, it.change, it.balance)).collect();
    assert_eq!(
        told,
        [
            (Why::Issued, 1_000, 1_000),
            (Why::Held(hold), -100, 900),
            (Why::Released(hold), 40, 940),
            (Why::Transferred, 5, 945),
        ]
    );
    assert_eq!((whole.brought_forward, whole.balance), (0, 945));
    assert_eq!((newest.brought_forward, newest.balance, newest.lines.len()), (900, 945, 2));
}

#[test]
fn old_postings_are_brought_forward_and_the_books_stay_right() {
    let mut log = Log::funded();
    let (mut from, mut to) = (ADA, BEN);
    for _ in 0..Ledger::POSTINGS + 11 {
        let wished = log.wished(from);
        let act = transfer(Account::Owner(to), 7);
        log.value.apply(&wished, act.into(), &mut log.facts).unwrap();
        (from, to) = (to, from);
    }
    let ledger = log.value.ledger();

    let statement = ledger.statement(&Account::Owner(CAL), 10, 0);

    assert_eq!(ledger.postings().len(), Ledger::POSTINGS);
    assert_eq!(ledger.audit().faults, []);
    assert_eq!((statement.brought_forward, statement.lines.len()), (1_000, 0));
}

#[test]
fn audit_finds_a_balance_that_was_tampered_with() {
    let log = Log::funded();
    let mut books = serde_json::to_value(log.value.ledger()).unwrap();

    books["accounts"][Account::Owner(ADA).to_string()]["balance"] = 1_001.into();
    let ledger: Ledger = serde_json::from_value(books).unwrap();

    assert_eq!(ledger.audit().faults.len(), 2, "the balance, and the sum");
    assert!(!ledger.is_balanced());
}

#[test]
fn table_has_a_line_for_each_posting() {
    let log = Log::funded();
    let rows: Vec<_> = log.value.ledger().postings().map(Into::into).collect();

    let table = csv(&rows);

    assert_eq!(table.lines().count(), 4);
    let owner = Account::Owner(ADA);
    let line = format!("1,1,1,{ADA},issued,,,,,issue,{owner},1000");
    assert_eq!(table.lines().nth(1), Some(line.as_str()));
}

impl Log {
    fn hold(&mut self, amount: u64) -> u64 {
        let (from, to) = (Party::Owner, Account::Owner(BEN));
        let act = Act::Hold { from, to, amount: credits(amount), span: MINUTE };
        let Done::Held { hold, .. } = self.books(ADA, act).unwrap() else { panic!("it holds") };
        hold
    }

    fn capture(
        &mut self,
        by: crate::NodeId,
        hold: u64,
        amount: Option<u64>,
    ) -> Result<Done, Refused> {
        self.books(by, Act::Capture { hold, by: Party::Owner, amount: amount.map(credits) })
    }
}

fn transfer(to: Account, amount: u64) -> Act {
    Act::Transfer { from: Party::Owner, to, amount: credits(amount) }
}
