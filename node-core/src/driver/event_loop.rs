//! The loop.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use covey_logic::{
    Command, CommandError, Input, Name, Node, NodeId, Outcome, Ticket, agreed::Tidings,
    certificate::Role, coordination::Place, moving::Moving, replica::Load, wire::Message,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use super::{
    Parts, Request, StopCause, adapters,
    inlets::{Arrival, Inlets, Part},
    names::Names,
    pictures::{Change, Pictures},
    seekers::{Seekers, helps, may_run},
    tenants::Tenants,
    troubles,
};
use crate::{
    Views,
    clock::Clock,
    comms::{NoRoute, Seek},
    consensus::{Notes, Surroundings},
    net::{KnownAddresses, NetEvent, Twin},
    store::StoreEvent,
};

/// Everything the loop owns.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) node: Node,
    pub(super) clock: Clock,
    pub(super) parts: Parts,
    pub(super) pictures: Pictures,
    /// Where short tasks put what they found out.
    pub(super) found: mpsc::Sender<Input>,
    pub(super) replies: HashMap<Ticket, oneshot::Sender<Result<Outcome, CommandError>>>,
    pub(super) tickets: u64,
    /// Commands that come from the settings.
    pub(super) wishes: BTreeSet<Ticket>,
    pub(super) seekers: Seekers,
    pub(super) tenants: Tenants,
    pub(super) connected: BTreeSet<NodeId>,
    /// Whom the fabric lets in.
    pub(super) allowed: BTreeSet<NodeId>,
    /// The address book as it was last saved, and when.
    saved: (Vec<KnownAddresses>, Instant),
    pub(super) lobby: watch::Sender<Vec<String>>,
    pub(super) leaving: Option<Leaving>,
}

/// A goodbye in progress.
#[derive(Debug)]
pub(super) struct Leaving {
    pub(super) reason: String,
    pub(super) ticket: Ticket,
    /// When the loop ends, whatever has been done by then.
    pub(super) until: Instant,
}

impl Driver {
    pub(super) fn new(
        node: Node,
        clock: Clock,
        parts: Parts,
        (pictures, lobby): (Pictures, watch::Sender<Vec<String>>),
        found: mpsc::Sender<Input>,
    ) -> Self {
        let tenants = Tenants::new(&parts);
        tenants.watch_voters(found.clone());
        let names = Names { me: node.id(), tenants: tenants.clone() };
        drop(tokio::spawn(names.follow(parts.agreement.clone(), found.clone())));
        let driver = Self {
            node,
            clock,
            parts,
            pictures,
            found,
            replies: HashMap::new(),
            tickets: 0,
            wishes: BTreeSet::new(),
            seekers: Seekers::default(),
            tenants,
            connected: BTreeSet::new(),
            allowed: BTreeSet::new(),
            saved: (Vec::new(), Instant::now()),
            lobby,
            leaving: None,
        };
        driver.set_callers();
        driver
    }

    /// Rounds of waiting arrivals handled before the loop looks at its timers again.
    const BATCH: usize = 64;
    /// How often the machine is sampled.
    const SAMPLE_INTERVAL: Duration = Duration::from_secs(1);
    /// How often the address book is saved if it changed: it is a hint.
    const ADDRESSES_INTERVAL: Duration = Duration::from_secs(10);
    /// How often callers that wait for a route are looked after.
    const SEEK_INTERVAL: Duration = Duration::from_millis(50);
    /// How long a goodbye may take: the hand-offs, the longest grace of an agent (5 s), and one for
    /// the rest.
    const LEAVE_TIMEOUT: Duration = Moving::LEAVE_TIMEOUT.saturating_add(Duration::from_secs(6));
    /// How long the last words have to get out.
    pub(super) const LAST_WORDS: Duration = Duration::from_millis(100);

    /// Carries out what the settings wish, runs until the node is to stop, and says why.
    pub(super) async fn run(mut self, mut inlets: Inlets, wishes: Vec<Command>) -> StopCause {
        let mut sample_at = Instant::now();
        let mut seek_at = Instant::now();
        self.drain().await;
        for command in wishes {
            let (ticket, actor) = (self.ticket(), self.node.id());
            self.wishes.insert(ticket);
            self.handle(Input::Command { ticket, actor, command }).await;
        }
        loop {
            let due = self.due(sample_at, seek_at);
            let mut arrivals = vec![inlets.next(due).await];
            let mut rounds = 0;
            while !arrivals.is_empty() {
                for arrival in arrivals {
                    if let Some(cause) = self.arrived(arrival).await {
                        return cause;
                    }
                }
                self.wake().await;
                rounds += 1;
                arrivals = if rounds < Self::BATCH { inlets.waiting() } else { Vec::new() };
            }
            let now = Instant::now();
            if sample_at <= now {
                self.sample().await;
                sample_at = now + Self::SAMPLE_INTERVAL;
            }
            if seek_at <= now && !self.seekers.is_empty() {
                self.look_after_seekers();
                seek_at = now + Self::SEEK_INTERVAL;
            }
            if self.pictures.due().is_some_and(|at| at <= now) {
                self.pictures.make(&self.node);
            }
            if let Some(left) = self.leaving.take_if(|leaving| leaving.until <= now) {
                return StopCause::Asked { reason: left.reason };
            }
        }
    }

    /// When the loop must look again, whatever arrives until then.
    fn due(&self, sample_at: Instant, seek_at: Instant) -> Instant {
        [
            self.node.poll_timeout().map(|at| self.clock.deadline(at)),
            self.pictures.due(),
            self.leaving.as_ref().map(|leaving| leaving.until),
            (!self.seekers.is_empty()).then_some(seek_at),
        ]
        .into_iter()
        .flatten()
        .fold(sample_at, Instant::min)
    }

    /// Lets the node do what its time has come for.
    async fn wake(&mut self) {
        let now = self.clock.now();
        if self.node.poll_timeout().is_some_and(|at| at <= now.at) {
            self.pictures.changed(Change::Measures);
            self.node.handle_timeout(now);
            self.drain().await;
            self.look_around();
        }
    }

    /// Tells the group who is there.
    fn look_around(&self) {
        let me = self.node.id();
        let (mut members, mut alive) = (BTreeMap::new(), BTreeSet::new());
        for (node, role, state) in self.node.members() {
            members.insert(node, role);
            if node != me && state.is_present() {
                alive.insert(node);
            }
        }
        let surroundings = Surroundings {
            members,
            alive,
            founder: self.node.is_founder(),
            notes: match (self.node.is_waking(), self.node.is_settled()) {
                (true, _) => Notes::Waking,
                (false, false) => Notes::Starting,
                (false, true) => Notes::Compared,
            },
            lineage: self.node.lineage(),
        };
        self.parts.agreement.look_around(self.node.cluster(), surroundings);
    }

    async fn arrived(&mut self, arrival: Arrival) -> Option<StopCause> {
        self.let_go_in_time().await;
        match arrival {
            // A second node with one identity does harm from its first message on.
            Arrival::Net(NetEvent::Twin(Twin { address, later: true, .. })) => {
                return Some(StopCause::Twin { address });
            }
            Arrival::Net(event) => self.net_said(event).await,
            Arrival::Store(StoreEvent::Appended { ticket }) => {
                self.handle(Input::Appended { ticket }).await;
            }
            Arrival::Store(StoreEvent::Failed { ticket, reason }) => {
                self.handle(Input::AppendFailed { ticket, reason }).await;
            }
            Arrival::Store(StoreEvent::Mended) => self.handle(Input::StoreMended).await,
            Arrival::Store(StoreEvent::Overrun) => return Some(StopCause::Disk),
            Arrival::Store(StoreEvent::Dropped { firsts, more }) => {
                self.handle(Input::EventsDropped { firsts, more }).await;
            }
            Arrival::Store(StoreEvent::Grown) => self.handle(Input::EventsGrown).await,
            Arrival::Host(event) => {
                tracing::debug!(?event, "host told");
                self.handle(event.into()).await;
            }
            Arrival::Request(request) => return self.requested(request).await,
            Arrival::Seek(seek) => self.sought(seek),
            Arrival::Found(input) => self.handle(input).await,
            Arrival::Time => {}
            Arrival::Ended(Part::Handles) => {
                self.leave("nobody holds the node any more".to_owned()).await;
            }
            Arrival::Ended(part) => return Some(StopCause::Ended { part }),
        }
        None
    }

    pub(super) async fn handle(&mut self, input: Input) {
        self.pictures.changed(match &input {
            Input::Message { message: Message::Detect(_), .. }
            | Input::Sampled(_)
            | Input::Measured(_) => Change::Measures,
            Input::Appended { .. }
            | Input::EventsLoaded { .. }
            | Input::EventsDropped { .. }
            | Input::EventsGrown
            | Input::AgentWarm { .. }
            | Input::AgentSnapshot { .. }
            | Input::Tenure { tidings: Tidings::Granted { .. }, .. } => Change::Nothing,
            Input::Command { .. }
            | Input::Settings(_)
            | Input::Tenure { .. }
            | Input::NamesHeld { .. }
            | Input::NamesAgreed { .. }
            | Input::Rented(_)
            | Input::Voters(_)
            | Input::Agreed(_)
            | Input::Message { .. }
            | Input::Published { .. }
            | Input::Connected { .. }
            | Input::Renewed { .. }
            | Input::Disconnected { .. }
            | Input::DialFailed { .. }
            | Input::Found(_)
            | Input::LobbyAsked { .. }
            | Input::LobbyAnswered { .. }
            | Input::AppendFailed { .. }
            | Input::StoreMended
            | Input::AgentStarted { .. }
            | Input::AgentSuspended { .. }
            | Input::AgentExited { .. }
            | Input::Suspending
            | Input::Disk(_)
            | Input::Listening { .. }
            | Input::LobbyListening { .. } => Change::Facts,
        });
        self.node.handle(self.clock.now(), input);
        self.drain().await;
    }

    /// Lets go of names whose lease is over, also if the monotonic clock stood still.
    async fn let_go_in_time(&mut self) {
        if let Some(claim) = self.parts.tenancy.take_lapsed() {
            self.tenants.release(claim);
            let (place, tidings) = (Place::names(self.node.id()), Tidings::Over { holder: None });
            self.handle(Input::Tenure { place, claim, tidings }).await;
        }
    }

    async fn net_said(&mut self, event: NetEvent) {
        match &event {
            NetEvent::Connected { peer } => {
                self.connected.insert(*peer);
                self.seekers.connected(*peer);
            }
            NetEvent::Disconnected { peer } => {
                self.connected.remove(peer);
                self.parts.comms.disconnected(*peer);
            }
            NetEvent::LobbyListening { addresses } => {
                drop(self.lobby.send_replace(addresses.clone()));
            }
            NetEvent::Twin(twin) => self.pictures.met_twin(twin.clone()),
            NetEvent::Renewed { .. }
            | NetEvent::DialFailed { .. }
            | NetEvent::Message { .. }
            | NetEvent::Published { .. }
            | NetEvent::Found(_)
            | NetEvent::LobbyAsked { .. }
            | NetEvent::LobbyAnswered { .. }
            | NetEvent::Listening { .. } => {}
        }
        if let Some(input) = event.into_input() {
            self.handle(input).await;
        }
    }

    async fn requested(&mut self, request: Request) -> Option<StopCause> {
        match request {
            Request::Command { actor, command, reply } => {
                let ticket = self.ticket();
                self.replies.insert(ticket, reply);
                self.handle(Input::Command { ticket, actor, command }).await;
            }
            Request::Look(look) => {
                // One that stood still has not seen the end of its lease on names.
                self.wake().await;
                (look.0)(&self.node);
            }
            Request::View { reply } => drop(reply.send(self.view())),
            Request::Watched => {}
            Request::Stop { reason } => self.leave(reason).await,
            Request::Kill => return Some(StopCause::Killed),
            #[cfg(test)]
            Request::Break => panic!("a rule is broken"),
        }
        None
    }

    fn view(&mut self) -> Arc<Views> {
        self.pictures.make(&self.node)
    }

    /// Begins the goodbye, if it has not begun.
    async fn leave(&mut self, reason: String) {
        if self.leaving.is_some() {
            return;
        }
        tracing::info!(reason, "node is leaving");
        let ticket = self.ticket();
        let until = Instant::now() + Self::LEAVE_TIMEOUT;
        self.leaving = Some(Leaving { reason, ticket, until });
        let actor = self.node.id();
        self.handle(Input::Command { ticket, actor, command: Command::Leave }).await;
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    async fn sample(&mut self) {
        self.set_callers();
        let messages_per_s =
            self.pictures.count(self.parts.host.handled(), self.parts.comms.counts());
        self.save_addresses().await;
        self.look_at_disk().await;
        if let Some(load) = self.parts.monitor.load() {
            self.handle(Input::Sampled(Load { messages_per_s, ..load })).await;
        }
        self.handle(Input::Measured(self.parts.monitor.breaches())).await;
    }

    /// Says what is wrong with the disk, to people and to the other members.
    async fn look_at_disk(&mut self) {
        let troubles = troubles::of(&self.parts);
        if let Some(disk) = self.pictures.disk_has(troubles) {
            self.handle(Input::Disk(disk)).await;
        }
    }

    /// Keeps what the networks learnt of members, now and then.
    async fn save_addresses(&mut self) {
        if self.saved.1.elapsed() < Self::ADDRESSES_INTERVAL {
            return;
        }
        self.saved.1 = Instant::now();
        let book = self.parts.net.address_book();
        if book != self.saved.0 {
            self.saved.0.clone_from(&book);
            self.parts.store.save_addresses(adapters::to_store(book)).await;
        }
    }

    /// Tells agent messages whose role allows calls.
    pub(super) fn set_callers(&self) {
        let me = self.node.id();
        let may_call = |node: &NodeId| self.node.role_of(*node) >= Some(Role::Worker);
        let callers = self.allowed.iter().copied().chain([me]).filter(may_call).collect();
        self.parts.comms.set_callers(&callers);
    }

    pub(super) fn is_reachable(&self, node: NodeId) -> bool {
        node == self.node.id() || self.connected.contains(&node)
    }

    fn sought(&mut self, seek: Seek) {
        if let Some(route) = self.parts.comms.routes().get(&seek.name)
            && helps(route, seek.after, self.is_reachable(route.node))
        {
            seek.answer(Ok(route));
        } else if let Some(why) = self.hopeless(&seek.name) {
            seek.answer(Err(why));
        } else {
            self.seekers.push(seek);
        }
    }

    /// Tells callers whose agent was removed or stopped meanwhile.
    fn look_after_seekers(&mut self) {
        self.seekers.prune();
        for name in self.seekers.names() {
            if let Some(why) = self.hopeless(&name) {
                self.seekers.fail(&name, why);
            }
        }
    }

    /// Why there will be no route to `name`, if that is known.
    fn hopeless(&self, name: &Name) -> Option<NoRoute> {
        match self.node.agent(name) {
            None => Some(NoRoute::Unknown),
            Some(agent) => (!may_run(&agent)).then_some(NoRoute::Stopped),
        }
    }
}
