//! One life of an agent: what callers see of it, and how it is told to end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use covey_logic::{
    Epoch, Name,
    agent::{AgentSpec, ExitReason, Limits},
};
use tokio::sync::{mpsc, watch};

use super::{builtin::Builtins, desk::Asker, handoff::Handing, meter::Meter};

/// A life as the table holds it.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) name: Name,
    pub(super) epoch: Epoch,
    /// What it can do.
    capabilities: Arc<[String]>,
    /// Its fencing token, if it is exclusive.
    pub(super) token: Option<u64>,
    pub(super) limits: Limits,
    pub(super) body: Body,
    /// What is counted of it.
    pub(super) meter: Meter,
    /// What it needs to hand its state over, if it does.
    pub(super) handing: Option<Handing>,
    /// Whether it was told to stop.
    stopping: AtomicBool,
    orders: mpsc::Sender<Order>,
    /// Calls that wait or are being handled.
    waiting: AtomicU32,
    /// Whether it has ended.
    ended: watch::Sender<bool>,
}

/// What handles its calls.
#[derive(Debug)]
pub(super) enum Body {
    Builtin(Builtins),
    #[cfg(unix)]
    Process(super::process::Mailbox),
}

/// How a life is told to end.
#[derive(Debug)]
pub(super) enum Order {
    /// Ask it, and kill it after the grace.
    Stop(Duration),
    /// Kill it, for this reason.
    Kill(ExitReason),
}

/// Orders that wait: a stop and each reason to kill may come at once, and the first kill counts.
const ORDER_CAPACITY: usize = 8;

impl Life {
    pub(super) fn new(
        spec: &AgentSpec,
        (epoch, token): (Epoch, Option<u64>),
        body: Body,
    ) -> (Arc<Self>, mpsc::Receiver<Order>) {
        let (orders, ordered) = mpsc::channel(ORDER_CAPACITY);
        let life = Self {
            name: spec.name.clone(),
            epoch,
            capabilities: spec.capabilities.clone().into(),
            token,
            limits: spec.limits,
            body,
            meter: Meter::new(),
            handing: Handing::new(spec),
            stopping: AtomicBool::new(false),
            orders,
            waiting: AtomicU32::new(0),
            ended: watch::Sender::new(false),
        };
        (Arc::new(life), ordered)
    }

    /// Who it is to its node.
    pub(super) fn asker(&self) -> Asker {
        let (name, capabilities) = (self.name.clone(), Arc::clone(&self.capabilities));
        Asker { name, epoch: self.epoch, capabilities }
    }

    /// Tells it to stop; no call gets in from here on.
    pub(super) fn stop(&self, grace: Duration) {
        self.refuse_calls();
        let _told_already = self.orders.try_send(Order::Stop(grace));
    }

    /// Has it killed; no call gets in from here on.
    pub(super) fn kill(&self, reason: ExitReason) {
        self.refuse_calls();
        let _told_already = self.orders.try_send(Order::Kill(reason));
    }

    /// It has ended: calls it still has get no answer.
    pub(super) fn end(&self) {
        self.refuse_calls();
        self.ended.send_replace(true);
    }

    fn refuse_calls(&self) {
        self.stopping.store(true, Ordering::Release);
        if let Some(handing) = &self.handing {
            handing.close();
        }
    }

    /// Calls that wait in its mailbox or are being handled.
    pub(super) fn in_hand(&self) -> u32 {
        self.waiting.load(Ordering::Acquire)
    }

    /// Waits until it has ended.
    pub(super) async fn ended(&self) {
        let mut ended = self.ended.subscribe();
        // It cannot fail: the sender lives as long as `self`.
        let _ended = ended.wait_for(|ended| *ended).await;
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Takes a place in the mailbox, if there is one.
    pub(super) fn take_place(self: &Arc<Self>) -> Option<Place> {
        let taken = self.waiting.fetch_add(1, Ordering::AcqRel);
        let place = Place(Arc::clone(self));
        (taken < self.limits.mailbox).then_some(place)
    }
}

/// A place in the mailbox of a life; given back when dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<Life>);

impl Drop for Place {
    fn drop(&mut self) {
        let before = self.0.waiting.fetch_sub(1, Ordering::AcqRel);
        if let Some(handing) = self.0.handing.as_ref().filter(|_| before == 1) {
            handing.idle.notify_waiters();
        }
    }
}
