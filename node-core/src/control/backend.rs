//! What the doors need of a node; a running node is one, and so is the double of the tests.

mod stored;

use std::{sync::Arc, time::Duration};

use covey_logic::{
    Command, Name, Node, NodeId, Outcome, Wall,
    comms::Route,
    event::{EventId, EventRecord},
    guard::{GuardView, RateReset},
    monitor::AlertView,
    moving::{PlanView, PlannedMove},
    node::{PlacementView, RefugeView},
    outbox::Owner,
    registry::{self, ChangeView, Count, MemberView, NameError, NamespaceView, Page, Query},
    settings::{self, EditView, Values, VersionView},
};
use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::{
    NodeHandle, Views,
    archive::{Archive, ArchiveRow, JoinPlan, Replayed},
    clock,
    comms::LogLine,
    control::{
        Agrees, Cause, Convenes, EventCheck, EventPage, EventQuery, EventStatistics,
        EventsFollowed, FollowEvents, Sends, Trader, Trades, UiError, Works,
    },
    doctor::DoctorReport,
    handle::{Changed, SettingWish},
    market::Trading,
    monitor,
    settings::{HereError, SettingsView},
    store,
};

/// An answer that takes a while.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, UiError>>;

/// A node as the doors see it.
pub trait Backend: Send + Sync + 'static {
    /// Its id.
    fn id(&self) -> NodeId;

    /// The time on its wall clock.
    fn now(&self) -> Wall;

    /// Everything people see, as of now.
    fn view_now(&self) -> Answer<'_, Arc<Views>>;

    /// Everything people see, marked as changed when it did; the first may be old until then.
    fn views(&self) -> watch::Receiver<Arc<Views>>;

    /// Carries out a command of `actor`'s user.
    fn command(&self, actor: NodeId, command: Command) -> Answer<'_, Outcome>;

    /// Why an agent is where it is, or nowhere.
    fn explain(&self, name: Name) -> Answer<'_, PlacementView>;

    /// Where each agent of a node would go if the node were lost.
    fn what_if_lost(&self, node: NodeId) -> Answer<'_, Vec<RefugeView>>;

    /// The moves that would even the cluster out.
    fn preview_rebalance(&self) -> Answer<'_, Vec<PlannedMove>>;

    /// The planned moves, and how far they are.
    fn rebalance(&self) -> Answer<'_, Option<PlanView>>;

    /// Sends messages to agents.
    fn messages(&self) -> Arc<dyn Sends>;

    /// Takes tasks, and says how they are.
    fn workload(&self) -> Arc<dyn Works>;

    /// Sessions of agents.
    fn sessions(&self) -> Arc<dyn Convenes>;

    /// Takes from the rates that an operation must pass.
    fn admit(&self, actor: Option<Name>, operation: String) -> Answer<'_, ()>;

    /// The guards around calls from this node, as they are.
    fn guard(&self) -> GuardView;

    /// Closes the breaker of an agent, or all; those that were not closed here.
    fn reset_breakers(&self, name: Option<Name>) -> Vec<Name>;

    /// Whether a rule of rates is for this operation.
    fn has_rate(&self, operation: &str) -> bool;

    /// Has a rate begin anew on every node.
    fn reset_rate(&self, wish: RateReset) -> Answer<'_, ()>;

    /// What would come along to another cluster, and what would be archived.
    fn join_plan(&self) -> Answer<'_, JoinPlan>;

    /// What this node left behind.
    fn archives(&self) -> Answer<'_, Vec<ArchiveRow>>;

    /// One archive.
    fn archive(&self, id: Wall) -> Answer<'_, Archive>;

    /// Makes in the cluster what an archive holds and the cluster has not.
    fn replay_archive(&self, id: Wall) -> Answer<'_, Replayed>;

    /// The newest lines that an agent wrote, oldest first, from the node that runs or ran it.
    fn logs(&self, name: Name, lines: u32) -> Answer<'_, Vec<LogLine>>;

    /// Stored events of all nodes.
    fn query_events(&self, query: EventQuery) -> Answer<'_, EventPage>;

    /// One stored event.
    fn event(&self, event: EventId) -> Answer<'_, Option<Arc<EventRecord>>>;

    /// Events after a position, waited for.
    fn follow_events(&self, request: FollowEvents) -> Answer<'_, EventsFollowed>;

    /// How many events there are, and what they take.
    fn event_statistics(&self) -> Answer<'_, EventStatistics>;

    /// Whether stored events are what was written.
    fn check_events(&self) -> Answer<'_, EventCheck>;

    /// Where messages for a name go, as far as this node knows.
    fn lookup(&self, name: &Name) -> Option<Route>;

    /// Reads names.
    fn read_names(&self, question: NameQuestion) -> Answer<'_, NameAnswer>;

    /// The number of the newest change of names, marked as changed whenever there is another.
    fn names_head(&self) -> watch::Receiver<u64>;

    /// Waits until a name is registered, on whichever node.
    fn wait_for(&self, name: Name, limit: Duration) -> Answer<'_, Owner>;

    /// Says hello to whoever listens at `address` in the lobby, and tells who that is.
    fn dial_address(&self, address: String) -> Answer<'_, NodeId>;

    /// Looks for what may keep nodes from finding and reaching each other.
    fn doctor(&self) -> Answer<'_, DoctorReport>;

    /// Where strangers reach the lobby.
    fn lobby_addresses(&self) -> Vec<String>;

    /// What the cluster agrees on.
    fn primitives(&self) -> Arc<dyn Agrees>;

    /// Credits and auctions, in the name of this node's user.
    fn market(&self) -> Arc<dyn Trades>;

    /// The value of every setting on this node.
    fn values(&self) -> Arc<Values>;

    /// The settings as people see them.
    fn settings(&self) -> SettingsView;

    /// Has the cluster agree on a change of settings, or has it wait.
    fn change_settings(&self, wish: SettingWish) -> Answer<'_, Changed>;

    /// Sets settings on this node until it stops.
    ///
    /// # Errors
    ///
    /// See [`settings::Refused`].
    fn set_here(&self, changes: Vec<(Name, Option<String>)>) -> Result<(), settings::Refused>;

    /// The versions of the settings after one, the oldest first.
    fn setting_versions(&self, after: u64) -> Vec<VersionView>;

    /// The version of the settings, marked as changed whenever there is another.
    fn settings_version(&self) -> watch::Receiver<u64>;

    /// What differs between two versions of the settings.
    ///
    /// # Errors
    ///
    /// [`settings::Refused::NoVersion`].
    fn diff_settings(&self, from: u64, to: u64) -> Result<Vec<EditView>, settings::Refused>;

    /// No longer has a change of settings wait; whether it did.
    fn withdraw_setting(&self, id: String) -> Answer<'_, bool>;

    /// What a node measured; nothing if it does not answer.
    fn measured(
        &self,
        node: NodeId,
        question: monitor::Question,
    ) -> Answer<'_, Option<monitor::Answer>>;

    /// Every alert of the cluster.
    fn alerts(&self) -> Answer<'_, Vec<AlertView>>;

    /// What this node measured, in the text format of Prometheus.
    fn prometheus(&self) -> String;
}

/// What to read of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameQuestion {
    /// A page of the names that fit.
    Search(Query),
    /// How many names fit.
    Count(Query),
    /// Every group that somebody is in.
    Groups,
    /// Who is in a group.
    Members(Name),
    /// Every namespace.
    Namespaces,
    /// What keeps the names of one.
    Backend(String),
    /// Changes after a number, of names that begin so.
    Changes(u64, String),
}

/// What was read of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameAnswer {
    /// A page.
    Page(Page),
    /// A count.
    Count(Count),
    /// Groups with their sizes.
    Groups(Vec<(Name, u32)>),
    /// Members.
    Members(Vec<MemberView>),
    /// Namespaces.
    Namespaces(Vec<NamespaceView>),
    /// What keeps the names of one.
    Backend(registry::Backend),
    /// Changes, and the number to go on after.
    Changes(Vec<ChangeView>, u64),
}

impl NameQuestion {
    fn answer(self, node: &Node) -> Result<NameAnswer, NameError> {
        let registry = node.registry();
        Ok(match self {
            Self::Search(query) => NameAnswer::Page(registry.index().search(&query)?),
            Self::Count(query) => NameAnswer::Count(registry.index().count(&query)?),
            Self::Groups => NameAnswer::Groups(registry.groups()),
            Self::Members(group) => NameAnswer::Members(registry.members(&group)),
            Self::Namespaces => NameAnswer::Namespaces(node.namespaces()),
            Self::Backend(namespace) => NameAnswer::Backend(registry.backend(&namespace)),
            Self::Changes(after, prefix) => {
                let (changes, next) = registry.changes().after(after, &prefix);
                NameAnswer::Changes(changes, next)
            }
        })
    }
}

impl Backend for NodeHandle {
    fn id(&self) -> NodeId {
        Self::id(self)
    }

    fn now(&self) -> Wall {
        clock::wall()
    }

    fn view_now(&self) -> Answer<'_, Arc<Views>> {
        Box::pin(async move { Ok(Self::view_now(self).await?) })
    }

    fn views(&self) -> watch::Receiver<Arc<Views>> {
        Self::views(self)
    }

    fn command(&self, actor: NodeId, command: Command) -> Answer<'_, Outcome> {
        Box::pin(async move { Ok(Self::command(self, actor, command).await?) })
    }

    fn explain(&self, name: Name) -> Answer<'_, PlacementView> {
        Box::pin(async move {
            let placement = Self::explain(self, name.clone()).await?;
            placement.ok_or_else(|| Cause::NoAgent { name }.into())
        })
    }

    fn what_if_lost(&self, node: NodeId) -> Answer<'_, Vec<RefugeView>> {
        Box::pin(async move {
            let refuges = Self::what_if_lost(self, node).await?;
            refuges.ok_or_else(|| Cause::NoNode { node }.into())
        })
    }

    fn preview_rebalance(&self) -> Answer<'_, Vec<PlannedMove>> {
        Box::pin(async move { Ok(Self::preview_rebalance(self).await?) })
    }

    fn rebalance(&self) -> Answer<'_, Option<PlanView>> {
        Box::pin(async move { Ok(Self::rebalance(self).await?) })
    }

    fn messages(&self) -> Arc<dyn Sends> {
        Arc::new(Self::messages(self))
    }

    fn workload(&self) -> Arc<dyn Works> {
        Arc::new(Self::workload(self))
    }

    fn sessions(&self) -> Arc<dyn Convenes> {
        Arc::new(self.convener())
    }

    fn admit(&self, actor: Option<Name>, operation: String) -> Answer<'_, ()> {
        Box::pin(async move { Ok(Self::admit(self, actor.as_ref(), &operation).await?) })
    }

    fn guard(&self) -> GuardView {
        Self::guard(self)
    }

    fn reset_breakers(&self, name: Option<Name>) -> Vec<Name> {
        Self::reset_breakers(self, name.as_ref())
    }

    fn has_rate(&self, operation: &str) -> bool {
        Self::has_rate(self, operation)
    }

    fn reset_rate(&self, wish: RateReset) -> Answer<'_, ()> {
        Box::pin(async move { Ok(Self::reset_rate(self, wish).await?) })
    }

    fn join_plan(&self) -> Answer<'_, JoinPlan> {
        Box::pin(async move { Ok(Self::join_plan(self).await?) })
    }

    fn archives(&self) -> Answer<'_, Vec<ArchiveRow>> {
        Box::pin(async move { Ok(Self::archives(self)?) })
    }

    fn archive(&self, id: Wall) -> Answer<'_, Archive> {
        Box::pin(async move { Ok(Self::archive(self, id)?) })
    }

    fn replay_archive(&self, id: Wall) -> Answer<'_, Replayed> {
        Box::pin(async move { Ok(Self::replay_archive(self, id).await?) })
    }

    fn logs(&self, name: Name, lines: u32) -> Answer<'_, Vec<LogLine>> {
        Box::pin(async move { Ok(Self::logs(self, &name, lines).await?) })
    }

    fn query_events(&self, query: EventQuery) -> Answer<'_, EventPage> {
        Box::pin(async move {
            let page = Self::query_events(self, &query.stored()?).await?;
            Ok(EventPage { events: page.events, next: page.next.map(|next| next.to_string()) })
        })
    }

    fn event(&self, event: EventId) -> Answer<'_, Option<Arc<EventRecord>>> {
        Box::pin(async move { Ok(Self::event(self, event).await?) })
    }

    fn follow_events(&self, request: FollowEvents) -> Answer<'_, EventsFollowed> {
        Box::pin(stored::follow(self, request))
    }

    fn event_statistics(&self) -> Answer<'_, EventStatistics> {
        Box::pin(stored::statistics(self))
    }

    fn check_events(&self) -> Answer<'_, EventCheck> {
        Box::pin(async move {
            let store::EventCheck { events, faults } = Self::check_events(self).await?;
            Ok(EventCheck { events, faults })
        })
    }

    fn lookup(&self, name: &Name) -> Option<Route> {
        Self::lookup(self, name)
    }

    fn read_names(&self, question: NameQuestion) -> Answer<'_, NameAnswer> {
        Box::pin(async move { Ok(Self::look(self, |node| question.answer(node)).await??) })
    }

    fn names_head(&self) -> watch::Receiver<u64> {
        Self::names_head(self)
    }

    fn wait_for(&self, name: Name, limit: Duration) -> Answer<'_, Owner> {
        Box::pin(async move { Ok(Self::wait_for(self, name, limit).await?) })
    }

    fn dial_address(&self, address: String) -> Answer<'_, NodeId> {
        Box::pin(async move { Ok(Self::dial_address(self, &address).await?) })
    }

    fn doctor(&self) -> Answer<'_, DoctorReport> {
        Box::pin(async move { Ok(Self::doctor(self).await?) })
    }

    fn lobby_addresses(&self) -> Vec<String> {
        Self::lobby_addresses(self)
    }

    fn primitives(&self) -> Arc<dyn Agrees> {
        Arc::new(Self::primitives(self))
    }

    fn market(&self) -> Arc<dyn Trades> {
        Arc::new(Trader { market: Self::market(self), trading: Trading::Owner })
    }

    fn values(&self) -> Arc<Values> {
        Self::settings(self).values()
    }

    fn settings(&self) -> SettingsView {
        Self::settings(self).view()
    }

    fn change_settings(&self, wish: SettingWish) -> Answer<'_, Changed> {
        Box::pin(async move { Ok(Self::change_settings(self, wish).await?) })
    }

    fn set_here(&self, changes: Vec<(Name, Option<String>)>) -> Result<(), settings::Refused> {
        Self::settings(self).set_here(changes)
    }

    fn setting_versions(&self, after: u64) -> Vec<VersionView> {
        Self::settings(self).versions(after)
    }

    fn settings_version(&self) -> watch::Receiver<u64> {
        Self::settings(self).version()
    }

    fn diff_settings(&self, from: u64, to: u64) -> Result<Vec<EditView>, settings::Refused> {
        let edits = Self::settings(self).diff(from, to)?;
        Ok(edits.iter().map(EditView::from).collect())
    }

    fn measured(
        &self,
        node: NodeId,
        question: monitor::Question,
    ) -> Answer<'_, Option<monitor::Answer>> {
        Box::pin(async move { Ok(Self::measured(self, node, question).await) })
    }

    fn alerts(&self) -> Answer<'_, Vec<AlertView>> {
        Box::pin(async move { Ok(Self::alerts(self).await?) })
    }

    fn prometheus(&self) -> String {
        Self::prometheus(self)
    }

    fn withdraw_setting(&self, id: String) -> Answer<'_, bool> {
        Box::pin(async move {
            let withdrawn = Self::settings(self).withdraw(&id).await;
            Ok(withdrawn.map_err(HereError::from)?)
        })
    }
}
