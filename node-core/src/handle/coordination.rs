//! What the cluster agrees on, asked of this node.

use std::{sync::Arc, time::Duration};

use covey_logic::{
    Name, NodeId,
    agreed::{Agreed, Granted, Key},
    coordination::{
        Act, BarrierView, Coordination, Counter, CounterView, DecisionView, Done, Place, PlaceView,
        Seats, Variable, VariableRow, Written,
    },
    holding::{Held, HoldingView},
};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use ts_rs::TS;

use super::{NodeHandle, asking::Asking};
use crate::{
    consensus::{
        Agreement, Beginning, Group, GroupView, ProposeError, Recovery, RecoveryError,
        SetAsideError,
    },
    driver::Request,
};

/// What the cluster agrees on, and what needs no agreement, to be asked and changed from this node;
/// cheap to clone, and it keeps no node running.
#[derive(Clone, Debug)]
pub struct Primitives {
    pub(super) me: NodeId,
    agreement: Agreement,
    pub(super) asking: Asking,
}

/// What the cluster agrees on, as this node has it: perhaps older than what others have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CoordinationView {
    /// The group that agrees; none while this node opens its file, or if that cannot be used.
    pub group: Option<GroupView>,
    /// The last entry that this node took in: everything below is as of it.
    #[ts(type = "number")]
    pub index: u64,
    /// Locks, elections, semaphores and leases of nodes that are held, [`Primitives::LISTED`] at most.
    pub places: Vec<PlaceView>,
    /// Barriers, as many at most.
    pub barriers: Vec<BarrierView>,
    /// Counters, as many at most.
    pub counters: Vec<CounterView>,
    /// Variables, as many at most, without what they hold.
    pub variables: Vec<VariableRow>,
    /// Settled questions, as many at most.
    pub decisions: Vec<DecisionView>,
    /// Names that are held in namespaces of the backend `consensus`, as many at most.
    pub names: Vec<HoldingView>,
}

/// How old what is read may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Freshness {
    /// No older than the question: it takes a majority.
    #[default]
    Linearizable,
    /// As this node has it: at once, also without a majority.
    Stale,
}

impl NodeHandle {
    /// What the cluster agrees on.
    #[must_use]
    pub fn primitives(&self) -> Primitives {
        Primitives::new(self.id, self.parts.agreement.clone(), self.requests.downgrade())
    }
}

impl Primitives {
    /// How long an agreement may take.
    pub const AGREE_TIMEOUT: Duration = Duration::from_secs(5);
    /// What is listed of each kind.
    pub const LISTED: usize = 1_000;

    pub(crate) fn new(
        me: NodeId,
        agreement: Agreement,
        requests: mpsc::WeakSender<Request>,
    ) -> Self {
        Self { me, agreement, asking: Asking::new(requests) }
    }

    /// Has the cluster agree on a change; it is on the disks of a majority when this returns.
    ///
    /// Dropped, the change may be made all the same.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn agree(&self, act: Act, key: Option<Key>) -> Result<Done, ProposeError> {
        self.agree_within(act, key, Self::AGREE_TIMEOUT).await
    }

    /// The same; it may take `limit` if that is longer.
    pub(super) async fn agree_within(
        &self,
        act: Act,
        key: Option<Key>,
        limit: Duration,
    ) -> Result<Done, ProposeError> {
        if act.is_of_nodes() {
            return Err(ProposeError::Forbidden);
        }
        let limit = limit.max(Self::AGREE_TIMEOUT);
        let granted = self.group()?.propose(act, key, limit).await?;
        // Else another wish was answered under this key.
        if let Granted::Coordination(done) = granted {
            Ok(done)
        } else {
            Err(ProposeError::Unknown)
        }
    }

    /// Who holds a lock, an election or a semaphore, if anybody does; and the entry as of which.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn place(
        &self,
        place: &Place,
        freshness: Freshness,
    ) -> Result<(Option<Seats>, u64), ProposeError> {
        self.read(freshness, |state| state.place(place).cloned()).await
    }

    /// One counter, and the entry as of which.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn counter(
        &self,
        counter: &Name,
        freshness: Freshness,
    ) -> Result<(Counter, u64), ProposeError> {
        self.read(freshness, |state| state.counter(counter)).await
    }

    /// One variable, and the entry as of which.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn variable(
        &self,
        variable: &Name,
        freshness: Freshness,
    ) -> Result<(Option<Variable>, u64), ProposeError> {
        self.read(freshness, |state| state.variable(variable).cloned()).await
    }

    /// What a question was settled to, and the entry as of which.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn decision(
        &self,
        question: &Name,
        freshness: Freshness,
    ) -> Result<(Option<Written>, u64), ProposeError> {
        self.read(freshness, |state| state.decision(question).cloned()).await
    }

    /// Who holds a name of a namespace in the backend `consensus`, if anybody does; and the entry as of
    /// which.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn holding(
        &self,
        name: &Name,
        freshness: Freshness,
    ) -> Result<(Option<Held>, u64), ProposeError> {
        let look = |agreed: &Agreed| agreed.holdings().get(name).cloned();
        self.read_all(freshness, look).await
    }

    /// What the cluster agrees on, as this node has it.
    #[must_use]
    pub fn view(&self) -> CoordinationView {
        let Ok(group) = self.group() else { return CoordinationView::default() };
        let look = |agreed: &Agreed| CoordinationView {
            names: names(agreed),
            ..listed(agreed.coordination())
        };
        let (view, index) = group.look_here(look);
        CoordinationView { group: Some(group.view()), index, ..view }
    }

    /// What a recovery of the group by force would keep and lose.
    ///
    /// # Errors
    ///
    /// See [`RecoveryError`].
    pub async fn recovery(&self) -> Result<Recovery, RecoveryError> {
        self.agreement.group().ok_or(RecoveryError::Outside)?.recovery().await
    }

    /// Writes the beginning of another group; see [`Agreement::recover`].
    ///
    /// # Errors
    ///
    /// See [`RecoveryError`].
    pub async fn recover(&self) -> Result<(u64, u64), RecoveryError> {
        self.agreement.recover().await
    }

    /// Sets the damaged store of the group aside; see [`Agreement::set_aside`].
    ///
    /// # Errors
    ///
    /// See [`SetAsideError`].
    pub async fn set_aside(&self) -> Result<Beginning, SetAsideError> {
        self.agreement.set_aside().await
    }

    /// Looks at the primitives.
    pub(super) async fn read<T>(
        &self,
        freshness: Freshness,
        look: impl FnOnce(&Coordination) -> T,
    ) -> Result<(T, u64), ProposeError> {
        self.read_all(freshness, |agreed| look(agreed.coordination())).await
    }

    pub(crate) async fn read_all<T>(
        &self,
        freshness: Freshness,
        look: impl FnOnce(&Agreed) -> T,
    ) -> Result<(T, u64), ProposeError> {
        let group = self.group()?;
        match freshness {
            Freshness::Linearizable => group.look(Self::AGREE_TIMEOUT, look).await,
            Freshness::Stale => Ok(group.look_here(look)),
        }
    }

    pub(crate) fn node(&self) -> NodeId {
        self.me
    }

    pub(crate) fn group(&self) -> Result<Arc<Group>, ProposeError> {
        self.agreement.group().ok_or(ProposeError::NoLeader)
    }
}

fn listed(state: &Coordination) -> CoordinationView {
    const MOST: usize = Primitives::LISTED;
    let places = state.places().take(MOST).map(|(place, seats)| PlaceView::new(place, seats));
    let barriers = state.barriers().take(MOST).map(|(name, there)| BarrierView::new(name, there));
    let counters = state.counters().take(MOST).map(|(name, at)| CounterView::new(name, *at));
    let variables = state.variables().take(MOST).map(|(name, held)| VariableRow::new(name, held));
    let decisions = state.decisions().take(MOST).map(|(name, to)| DecisionView::new(name, to));
    CoordinationView {
        group: None,
        index: 0,
        places: places.collect(),
        barriers: barriers.collect(),
        counters: counters.collect(),
        variables: variables.collect(),
        decisions: decisions.collect(),
        names: Vec::new(),
    }
}

fn names(agreed: &Agreed) -> Vec<HoldingView> {
    let held = agreed.holdings().iter().take(Primitives::LISTED);
    held.map(|(name, held)| HoldingView::new(name, held)).collect()
}
