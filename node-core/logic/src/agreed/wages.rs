//! Tasks that pay: where the tasks and the ledger meet, in one entry.

use crate::{
    agreed::{Agreed, Granted, Outcome},
    balancer::{Act, Bill, Mark, Pay},
    credits::Credits,
    economics::{self, Account, Party, Wished, ledger::Audit},
};

impl Agreed {
    /// Carries out an act of tasks, and what that asks of the ledger: both, or neither.
    pub(super) fn on_tasks(&mut self, wished: &Wished, act: Act) -> Outcome {
        let claims: Vec<(Party, Credits)> =
            self.tasks.claims(&act)?.into_iter().map(|pay| (payer(&pay), pay.most)).collect();
        let ledger = self.economics.ledger_mut();
        ledger.may_set_aside(wished, &claims).map_err(economics::Refused::from)?;
        let mark = Mark { clock: wished.clock, by: wished.by, at: wished.at };
        let mut bills = Vec::new();
        let done = self.tasks.apply(mark, act, &mut bills)?;
        for bill in bills {
            match bill {
                Bill::Hold { task, pay } => {
                    ledger.set_aside(wished, task, (&payer(&pay), pay.most));
                }
                Bill::Pay { task, to, price } => {
                    ledger.pay_for(wished, task, (Account::Owner(to), price));
                }
                Bill::Return { task } => ledger.give_back(wished, task),
            }
        }
        Ok(Granted::Tasks(done))
    }

    /// Whether the books are right, and what is held for tasks is what these pay.
    #[must_use]
    pub fn audit(&self) -> Audit {
        let mut audit = self.economics.audit();
        audit.faults.extend(self.economics.ledger().audit_tasks(self.tasks.held()));
        audit
    }
}

fn payer(pay: &Pay) -> Party {
    match &pay.by {
        None => Party::Owner,
        Some((name, epoch)) => Party::Agent { name: name.clone(), epoch: *epoch },
    }
}
