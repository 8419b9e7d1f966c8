//! What a task pays, and what that asks of the ledger.
//!
//! Accounts are not known here: what is to be set aside, paid and given back is said in the order in
//! which it happened, and whoever keeps the ledger carries it out in the same entry of the log.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Act, NewTask, Refused, Tasks};
use crate::{
    credits::Credits,
    ids::{Epoch, Name, NodeId},
};

/// What is offered for a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pay {
    /// The most that is paid for it: one credit at least.
    pub most: Credits,
    /// The agent that pays, in the life that submits; none: the owner of the node that does.
    pub by: Option<(Name, Epoch)>,
}

/// What is to be done with credits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bill {
    /// So much is set aside for a task.
    Hold {
        /// Which task.
        task: u64,
        /// How much, and whose.
        pay: Pay,
    },
    /// Of what was set aside the price is paid, and the rest goes back.
    Pay {
        /// For which task.
        task: u64,
        /// To the owner of which node.
        to: NodeId,
        /// How much.
        price: Credits,
    },
    /// What was set aside goes back.
    Return {
        /// For which task.
        task: u64,
    },
}

impl Tasks {
    /// What an act would set aside if it was taken in next.
    ///
    /// # Errors
    ///
    /// As [`Tasks::apply`], for a submission that pays.
    pub fn claims(&self, act: &Act) -> Result<Vec<Pay>, Refused> {
        let Act::Submit(tasks) = act else { return Ok(Vec::new()) };
        if tasks.iter().all(|task| task.pay.is_none()) {
            return Ok(Vec::new());
        }
        self.check(tasks)?;
        let mut keys = BTreeSet::new();
        let mut claims = Vec::new();
        for NewTask { key, pay, .. } in tasks {
            // What is there under its key is not accepted again.
            let new = |key| !self.keys.contains_key(key) && keys.insert(key);
            if key.as_ref().is_none_or(new) {
                claims.extend(pay.clone());
            }
        }
        Ok(claims)
    }

    /// What is held for tasks: for each that is open and pays, how much at most.
    pub fn held(&self) -> impl Iterator<Item = (u64, Credits)> {
        let open = self.tasks.iter().filter(|(_, task)| !task.is_over());
        open.filter_map(|(id, task)| Some((*id, task.wanted.pay.as_ref()?.most)))
    }
}
