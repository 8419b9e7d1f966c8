//! Every setting there is.

use std::time::Duration;

use crate::{
    guard::RateRules,
    ids::Name,
    replica::Summary,
    settings::{Kind, Level, Names, Value},
};

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What it is called.
    pub key: &'static str,
    /// Where it may be set.
    pub scope: Scope,
    /// Which values it takes.
    pub kind: Kind,
    /// What it does, in a sentence.
    pub doc: &'static str,
}

/// Where a setting may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// For the whole cluster alone: nodes that differ in it would not understand each other.
    Cluster,
    /// For the whole cluster, or for one node.
    Node,
}

/// Makes the table and the typed values out of the one list.
macro_rules! schema {
    ($(
        $field:ident: $type:ty = $default:expr, $key:literal $scope:ident
        $kind:ident { $($rule:tt)* } $doc:literal;
    )*) => {
        /// The value of every setting.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Values {
            $(#[doc = $doc] pub $field: $type,)*
        }

        impl Default for Values {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl Values {
            /// Sets one; a value of another kind than the setting's changes nothing.
            pub(super) fn set(&mut self, key: &str, value: Value) {
                match (key, value) {
                    $(($key, Value::$kind(value)) => self.$field = value,)*
                    _ => {}
                }
            }
        }

        /// Every setting, by key.
        pub const SCHEMA: &[Setting] = &[$(Setting {
            key: $key,
            scope: Scope::$scope,
            kind: Kind::$kind { default: $default, $($rule)* },
            doc: $doc,
        }),*];
    };
}

schema! {
    alert_after: Duration = Duration::from_secs(30), "alerts.after" Node
        Span { least: Duration::from_secs(1), most: Duration::from_hours(1) }
        "How long a measure must be past its threshold to raise an alert.";
    alert_clear_after: Duration = Duration::from_secs(30), "alerts.clear_after" Node
        Span { least: Duration::from_secs(1), most: Duration::from_hours(1) }
        "How long it must be back below it, by `alerts.margin`, to clear the alert.";
    alert_clock_skew: Duration = Duration::from_secs(2), "alerts.clock_skew" Node
        Span { least: Duration::from_millis(100), most: Duration::from_hours(1) }
        "How far the node's clock may be off the others' without an alert.";
    alert_cpu: u32 = 85, "alerts.cpu" Node
        Count { least: 0, most: 100, unit: "%" }
        "How busy the machine's processors may be without an alert; 0: always.";
    alert_disk: u32 = 90, "alerts.disk" Node
        Count { least: 0, most: 100, unit: "%" }
        "How much of the data folder's volume may be taken without an alert; 0: always.";
    alert_errors: u32 = 10, "alerts.errors" Node
        Count { least: 0, most: 100, unit: "%" }
        "How many of an agent's calls in a minute may fail without an alert; 0: always.";
    alert_mailbox: u32 = 80, "alerts.mailbox" Node
        Count { least: 0, most: 100, unit: "%" }
        "How full an agent's mailbox may be without an alert; 0: always.";
    alert_margin: u32 = 10, "alerts.margin" Node
        Count { least: 1, most: 90, unit: "%" }
        "How far below its threshold a measure must be for an alert to clear.";
    alert_memory: u32 = 90, "alerts.memory" Node
        Count { least: 0, most: 100, unit: "%" }
        "How much of the machine's memory may be taken without an alert; 0: always.";
    alert_node_lost: Duration = Duration::from_secs(10), "alerts.node_lost" Cluster
        Span { least: Duration::from_secs(1), most: Duration::from_hours(1) }
        "How long a member may be down without a word before that is an alert.";
    alert_restarts: u32 = 3, "alerts.restarts" Node
        Count { least: 0, most: 1_000, unit: "ends" }
        "How often an agent may end unasked within five minutes; as often is an alert, 0: always.";
    breaker_failures: u32 = 20, "breakers.failures" Node
        Count { least: 0, most: 1_000_000, unit: "calls" }
        "How many calls of an agent must fail within `breakers.window` to stop calls to it; 0: never.";
    breaker_percent: u32 = 50, "breakers.percent" Node
        Count { least: 1, most: 100, unit: "%" }
        "And how many of a hundred calls within `breakers.window`.";
    breaker_probes: u32 = 1, "breakers.probes" Node
        Count { least: 1, most: 100, unit: "calls" }
        "How many calls at a time try whether a stopped agent is well again.";
    breaker_recovery: Duration = Duration::from_secs(5), "breakers.recovery" Node
        Span { least: Duration::from_millis(100), most: Duration::from_hours(1) }
        "How long calls of an agent are stopped before some try whether it is well again.";
    breaker_successes: u32 = 2, "breakers.successes" Node
        Count { least: 1, most: 100, unit: "calls" }
        "How many of those that try must go well before all calls go on.";
    breaker_window: Duration = Duration::from_secs(10), "breakers.window" Node
        Span { least: Duration::from_secs(1), most: Duration::from_hours(1) }
        "How far back calls of an agent count.";
    calls_at_once: u32 = 4_096, "calls.at_once" Node
        Count { least: 1, most: 1_000_000, unit: "calls" }
        "How many calls of one agent go on from the node at a time; more wait in line.";
    calls_queue: u32 = 4_096, "calls.queue" Node
        Count { least: 0, most: 1_000_000, unit: "calls" }
        "How many calls of one agent wait in line on the node; more are refused at once.";
    calls_queue_wait: Duration = Duration::from_secs(5), "calls.queue_wait" Node
        Span { least: Duration::from_millis(1), most: Duration::from_mins(10) }
        "How long a call waits in line at most.";
    call_timeout: Duration = Duration::from_secs(30), "calls.timeout" Node
        Span { least: Duration::from_millis(100), most: Duration::from_mins(10) }
        "How long a person's call of an agent may take if the caller does not say.";
    drain_deadline: Duration = Duration::from_mins(10), "drains.deadline" Node
        Span { least: Duration::from_secs(1), most: Duration::from_hours(24) }
        "How long a drained node hands agents over if nobody says; those left are then stopped.";
    event_age: Duration = Duration::from_hours(30 * 24), "events.age" Node
        Span { least: Duration::from_hours(1), most: Duration::from_hours(36_500 * 24) }
        "How long the node keeps events; one that no other member has yet stays longer.";
    event_mib: u32 = 1_024, "events.size" Node
        Count { least: 1, most: u32::MAX, unit: "MiB" }
        "What all events take on the node's disk; beyond, the oldest go.";
    invite_age: Duration = Duration::from_mins(10), "invites.age" Node
        Span { least: Duration::from_mins(1), most: Duration::from_hours(24) }
        "How long an invite can be used if its maker does not say.";
    longest_invite: Duration = Duration::from_hours(24), "invites.longest" Cluster
        Span { least: Duration::from_mins(1), most: Duration::from_hours(24) }
        "How long an invite can be used at most: whoever finds its link gets in.";
    loads_per_s: u32 = 50, "loads.per_second" Cluster
        Count { least: 1, most: 1_000, unit: "a second" }
        "How often all nodes together tell how busy they are; each telling reaches every node.";
    lock_lease: Duration = Duration::from_secs(30), "locks.lease" Node
        Span { least: Duration::from_secs(1), most: Duration::from_hours(12) }
        "How long a lock is held without a word if its taker does not say.";
    log_level: Level = Level::Info, "log.level" Node
        Level {}
        "How much the node writes to its log.";
    log_lines: u32 = 1_000, "logs.lines" Node
        Count { least: 10, most: 1_000, unit: "lines" }
        "How many of the newest lines of each agent the node keeps in memory.";
    market_ask: u32 = 1_000, "market.ask" Node
        Count { least: 0, most: 1_000_000_000, unit: "thousandths" }
        "What the idle node asks for a second of an agent's work, in thousandths of a credit; 0: none.";
    monitor_off: Names = Names::NONE, "monitor.off" Node
        Names {}
        "Agents that are not measured, and raise no alerts: `ticker, shop/*`.";
    ask_by_itself: bool = false, "pairing.ask_by_itself" Node
        Toggle {}
        "Whether a node that is alone asks a cluster nearby by itself to be let in.";
    max_agents: u32 = Summary::MAX_AGENTS, "placement.max_agents" Node
        Count { least: 0, most: Summary::MAX_AGENTS, unit: "agents" }
        "How many agents the node holds at most.";
    weight: u32 = DEFAULT_WEIGHT, "placement.weight" Node
        Count { least: 1, most: 255, unit: "" }
        "The node's share of the agents beside the others' weights: one of half the size gets 5.";
    rates: RateRules = RateRules::NONE, "rates.rules" Node
        Rates {}
        "How often somebody may ask for something: `agent.call:* 100/s burst 200; variable.set 10/m cluster`.";
    move_interval: Duration = Duration::from_millis(500), "rebalance.interval" Node
        Span { least: Duration::from_millis(50), most: Duration::from_mins(10) }
        "The time between two planned moves of agents if nobody says.";
    tasks_cpu_percent: u32 = 100, "tasks.cpu" Cluster
        Count { least: 1, most: 100, unit: "%" }
        "How busy a node's processors may be for its agents to get tasks; 100: however busy.";
    tasks_in_flight: u32 = 10, "tasks.in_flight" Cluster
        Count { least: 1, most: 10_000, unit: "tasks" }
        "How many tasks one agent has at a time, of all queues; more wait.";
    tasks_memory_percent: u32 = 95, "tasks.memory" Cluster
        Count { least: 1, most: 100, unit: "%" }
        "How full a node's memory may be for its agents to get tasks.";
    voter_absence: Duration = Duration::from_secs(60), "voters.absence" Cluster
        Span { least: Duration::from_secs(10), most: Duration::from_hours(24) }
        "How long a voter of the group must be away before a spare takes its place.";
    voter_probation: Duration = Duration::from_secs(30), "voters.probation" Cluster
        Span { least: Duration::from_secs(1), most: Duration::from_hours(1) }
        "How long a node must be up and have everything before it may vote.";
}

const DEFAULT_WEIGHT: u32 = {
    // `From` is no function of constants.
    let [weight] = Summary::DEFAULT_WEIGHT.to_be_bytes();
    u32::from_be_bytes([0, 0, 0, weight])
};

/// The setting called `key`.
#[must_use]
pub fn setting(key: &str) -> Option<&'static Setting> {
    SCHEMA.iter().find(|setting| setting.key == key)
}

impl Setting {
    /// The key as a name.
    ///
    /// # Panics
    ///
    /// If it is none, which no key of the schema is.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test reads every key")]
    pub fn name(&self) -> Name {
        Name::new(self.key).expect("T5: every key is a name")
    }
}
