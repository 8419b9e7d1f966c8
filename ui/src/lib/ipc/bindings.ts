// Generated from the list of commands in node-core/src/control. Do not edit; run
// cargo run -p covey-node --bin covey -- bindings > ui/src/lib/ipc/bindings.ts

/**
 * Why one that waited at a barrier waits no more.
 */
export type Absence = "timed_out" | "left" | "node_lost" | "interrupted";

/**
 * Lets a stranger who asked into the cluster.
 */
export type Accept = { 
/**
 * Whom.
 */
node: string, 
/**
 * As what; [`Accept::DEFAULT_ROLE`] if nothing is said.
 */
role?: Role, };

/**
 * Takes the lot at the price of the moment.
 */
export type AcceptPrice = { 
/**
 * In which auction.
 */
auction: number, 
/**
 * The most that is paid: the price may differ when the cluster agrees.
 */
most: Credits, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * An account. It reads `issue`, `fees`, `escrow`, `owner/NODE` or `agent/NAME`.
 */
export type Account = string;

/**
 * An account, in a list.
 */
export type AccountView = { 
/**
 * Which account.
 */
account: Account, 
/**
 * What it holds, in credits; below nought for `issue` alone.
 */
balance: number, 
/**
 * What of its credits is set aside, and not in the balance.
 */
held: Credits, 
/**
 * The node that speaks for it: that of an owner, or of the life of an agent that spoke last.
 */
node: string | null, };

/**
 * Says that somebody looks after an alert.
 */
export type AcknowledgeAlert = { 
/**
 * Which rule.
 */
rule: AlertRule, 
/**
 * Which subject.
 */
subject: Subject, };

/**
 * Takes a lock, stands for an election, or takes a permit of a semaphore.
 */
export type AcquireLease = { 
/**
 * Of what.
 */
place: Place, 
/**
 * How many may hold it at once: of a semaphore, the same for all who come; else one.
 */
permits?: number, 
/**
 * Who takes it, as this node tells them apart; `operator` if nobody is said.
 */
session?: string, 
/**
 * How long it is held without a word, in milliseconds, from a second to twelve hours; as
 * `locks.lease` is set if nothing is said.
 */
lease_ms?: number, 
/**
 * How long to stand in line for it, in milliseconds, an hour at most; nought if nothing is said.
 */
wait_ms?: number, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * Changes a counter.
 */
export type AddToCounter = { 
/**
 * Which counter.
 */
counter: string, 
/**
 * By how much.
 */
by: number, 
/**
 * `global` counts without asking anyone, also without a majority, and what was counted apart is
 * added up; `cluster`, where nothing else is said of a new counter, agrees on every change.
 */
scope?: PrimitiveScope, 
/**
 * Only while this holding lasts.
 */
fence?: Fence, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * An agent that has, had or could have tasks.
 */
export type AgentLoadView = { 
/**
 * Which.
 */
agent: string, 
/**
 * Where it runs; nothing if it can do no task of an open queue.
 */
node?: string, 
/**
 * Tasks it has.
 */
in_flight: number, 
/**
 * How long it takes for one, in microseconds: peak EWMA. Nothing before its first.
 */
latency_us?: number, 
/**
 * Tasks it was given.
 */
assigned: number, 
/**
 * Tasks it did.
 */
done: number, 
/**
 * Attempts that failed with it.
 */
failed: number, 
/**
 * Whether it gets no more for now.
 */
overloaded: boolean, 
/**
 * The mean time between two ends while it has tasks, in microseconds. Nothing before its first.
 */
pace_us?: number, 
/**
 * What it asks for its next task by auction, in thousandths of a credit, rounded up. Nothing if
 * its node takes no work by auction, and before its first task.
 */
asks_thousandths?: number, };

/**
 * Reads what an agent wrote.
 */
export type AgentLogs = { 
/**
 * Which agent.
 */
name: string, 
/**
 * How many lines: 200 if nothing is said, [`MAX_LOG_LINES`] at most.
 */
lines?: number, };

/**
 * Everything a node needs to run an agent; the same on every node.
 */
export type AgentSpec = { 
/**
 * The name it is called by; unique in the cluster.
 */
name: string, 
/**
 * What runs it.
 */
runtime: Runtime, 
/**
 * What it can do, for look-up by capability.
 */
capabilities: Array<string>, 
/**
 * Whether and how fast it is started again.
 */
restart: RestartRule, 
/**
 * Where it may run.
 */
placement: Placement, 
/**
 * What it may use.
 */
limits: Limits, 
/**
 * What others can find it by, beside its capabilities.
 */
metadata: Record<string, string | string[]>, 
/**
 * How many copies run; with more than one they are called `NAME.1`, `NAME.2` and so on, and
 * each is placed for itself.
 */
replicas: number, 
/**
 * Where it runs while the cluster is split.
 */
class: Class, 
/**
 * What it takes along when it moves.
 */
handoff: Handoff, 
/**
 * The supervision group it is in, if any.
 */
group: Group | null, 
/**
 * Agents it needs.
 */
depends_on: Array<Dependency>, };

/**
 * An agent.
 */
export type AgentView = { 
/**
 * Its name.
 */
id: string, 
/**
 * What runs it, without its files' contents.
 */
runtime: Runtime, 
/**
 * What it can do.
 */
capabilities: Array<string>, 
/**
 * Its restart rule.
 */
restart: RestartRule, 
/**
 * Whether it should run.
 */
wanted: boolean, 
/**
 * What it does, on the node that holds it; none if no live node does.
 */
phase: Phase | null, 
/**
 * Since when.
 */
since: number | null, 
/**
 * The node that holds it.
 */
node: string | null, 
/**
 * The node that makes itself ready to take it over, while it moves.
 */
moving_to?: string, 
/**
 * The node it runs on while that is up, if a person chose one.
 */
pin: string | null, 
/**
 * The node whose user started it.
 */
owner: string, 
/**
 * Restarts since a person last started it.
 */
restarts: number, 
/**
 * What a minute in its place costs, in credits; none if it pays nothing, or has no place.
 */
rent: Credits | null, 
/**
 * How its last life ended, if one did.
 */
last_exit: Exit | null, 
/**
 * The agent that it is one of several replicas of.
 */
replica_of: string | null, 
/**
 * What keeps it from running though it should, as sentences.
 */
waiting: Array<string>, };

/**
 * Somebody looks after it.
 */
export type AlertAcknowledged = { 
/**
 * The node whose user said so.
 */
by: string, 
/**
 * When.
 */
at: number, };

/**
 * One time that an alert was raised.
 */
export type AlertEpisode = { 
/**
 * By which rule.
 */
rule: AlertRule, 
/**
 * Of what.
 */
subject: Subject, 
/**
 * How bad it was.
 */
severity: AlertSeverity, 
/**
 * The value when it was raised, in whole units of the rule, if that is still known.
 */
value: number | null, 
/**
 * When it was raised.
 */
raised: number, 
/**
 * When it was cleared, if it was.
 */
cleared: number | null, };

/**
 * Nobody is to be told.
 */
export type AlertMuted = { 
/**
 * The node whose user said so.
 */
by: string, 
/**
 * Until when; none: until somebody says otherwise.
 */
until: number | null, };

/**
 * A rule; its thresholds are settings.
 */
export type AlertRule = "node_lost" | "cpu" | "memory" | "disk" | "errors" | "restarts" | "mailbox" | "clock_skew";

/**
 * A rule.
 */
export type AlertRuleRow = { 
/**
 * Which.
 */
rule: AlertRule, 
/**
 * What its alerts are of.
 */
of: MetricOf, 
/**
 * How bad they are.
 */
severity: AlertSeverity, 
/**
 * The value it raises at: percent, ends within five minutes, milliseconds, or, of the loss of
 * a node, none; none as well if it is switched off.
 */
raise: number | null, 
/**
 * The value it clears below.
 */
clear: number | null, 
/**
 * How long the value must be so to raise, in milliseconds.
 */
raise_after_ms: number, 
/**
 * How long to clear.
 */
clear_after_ms: number, 
/**
 * Whether it is watched for.
 */
watched: boolean, 
/**
 * The setting that says how much is too much.
 */
setting: string, };

/**
 * How bad it is.
 */
export type AlertSeverity = "warning" | "critical";

/**
 * How far an alert is.
 */
export type AlertState = "active" | "acknowledged" | "cleared";

/**
 * An alert: the last of its rule and subject.
 */
export type AlertView = { 
/**
 * By which rule.
 */
rule: AlertRule, 
/**
 * Of what.
 */
subject: Subject, 
/**
 * How bad it is.
 */
severity: AlertSeverity, 
/**
 * How far it is.
 */
state: AlertState, 
/**
 * The value when it was raised, in whole units of the rule: percent, ends, or milliseconds.
 */
value: number | null, 
/**
 * When it was raised.
 */
raised: number, 
/**
 * When it was cleared.
 */
cleared: number | null, 
/**
 * Who looks after it, if somebody does.
 */
acknowledged: AlertAcknowledged | null, 
/**
 * Who wants nobody told of it, if somebody does.
 */
muted: AlertMuted | null, };

/**
 * Tells of events of one's own making, all or none.
 */
export type AppendEvents = { 
/**
 * The events: 1,000 at most, with 1 MiB of bodies together.
 */
events: Array<NewEvent>, 
/**
 * What must hold before they are acknowledged; being on this node's disk if nothing is said.
 */
class?: EventClass, };

/**
 * What a node left behind, and what it took along.
 */
export type Archive = { 
/**
 * When it left, by its clock: what the archive is called by.
 */
left: number, 
/**
 * What it had and knew.
 */
belongings: Belongings, 
/**
 * What its part of the group held; none if that could not be read.
 */
group: ArchivedGroup | null, };

/**
 * An archive in a list.
 */
export type ArchiveRow = { 
/**
 * What it is called by: when the node left, in milliseconds since 1970.
 */
id: number, 
/**
 * The cluster that was left.
 */
cluster_name: string, 
/**
 * How many other members that had.
 */
others: number, 
/**
 * Where the file is.
 */
path: string, };

/**
 * What a part of a group held.
 */
export type ArchivedGroup = { 
/**
 * How many changes it had taken in.
 */
revision: number, 
/**
 * What was set for all nodes, and for single ones.
 */
settings: Array<SettingChange>, 
/**
 * Locks, elections, semaphores and exclusive agents that were held.
 */
places: Array<PlaceView>, 
/**
 * Barriers at which somebody was of late.
 */
barriers: Array<BarrierView>, 
/**
 * Counters.
 */
counters: Array<CounterView>, 
/**
 * Variables, with what they held before as far as that is known.
 */
variables: Array<VariableView>, 
/**
 * Settled questions.
 */
decisions: Array<DecisionView>, };

/**
 * What an archive holds that can be replayed. Locks, elections, semaphores and barriers cannot:
 * nobody holds them any more.
 */
export type ArchivedKind = "setting" | "counter" | "variable" | "decision";

/**
 * Asks a node nearby to be let into its cluster.
 */
export type Ask = { 
/**
 * Whom.
 */
node: string, };

/**
 * How far a joiner got.
 */
export type AskPhase = { "kind": "asking" } | { "kind": "waiting" } | { "kind": "refused", 
/**
 * Why.
 */
reason: Refusal, } | { "kind": "unreachable" };

/**
 * What this node asks of another.
 */
export type AskView = { 
/**
 * Who is asked.
 */
node: string, 
/**
 * Its name.
 */
name: string, 
/**
 * The name of its cluster.
 */
cluster_name: string, 
/**
 * Six digits that both screens show, once known.
 */
digits: string | null, 
/**
 * Four words that both screens show, once known.
 */
words: Array<string>, 
/**
 * How far it got.
 */
phase: AskPhase, };

/**
 * Says how well a participant did in a session that is over: later weights follow from it.
 */
export type AssessParticipant = { 
/**
 * In which.
 */
session: number, 
/**
 * Who.
 */
agent: string, 
/**
 * How right it was, in percent.
 */
accuracy: number, 
/**
 * How little it took, in percent.
 */
efficiency: number, };

/**
 * What credits were paid for.
 */
export type AuctionCause = "payment" | "refund" | "forfeit";

/**
 * Credits that changed hands when an auction ended.
 */
export type AuctionFlow = { 
/**
 * Whose they were.
 */
from: Account, 
/**
 * Whose they are.
 */
to: Account, 
/**
 * How many.
 */
amount: Credits, 
/**
 * What for.
 */
cause: AuctionCause, };

/**
 * A kind of auction, for a form.
 */
export type AuctionKindView = { 
/**
 * Its name.
 */
name: string, 
/**
 * How it goes.
 */
summary: string, 
/**
 * Who wins and what the winner pays.
 */
rule: string, 
/**
 * What can be chosen.
 */
options: Array<AuctionOptionView>, 
/**
 * What bidders do in it.
 */
offers: Array<string>, };

/**
 * An auction that is open.
 */
export type AuctionOpened = { 
/**
 * Its number.
 */
auction: number, };

/**
 * An option of a kind, for a form.
 */
export type AuctionOptionView = { 
/**
 * Its name.
 */
name: string, 
/**
 * What its number counts.
 */
unit: AuctionUnit, 
/**
 * What it is if nobody says; none: it has to be given.
 */
default: number | null, 
/**
 * The least.
 */
least: number, 
/**
 * The most.
 */
most: number, 
/**
 * What it does.
 */
doc: string, };

/**
 * How an auction ended.
 */
export type AuctionOutcome = { 
/**
 * Who got the lot; none: nobody.
 */
sale: Sale | null, 
/**
 * What was paid and given back when it ended, in the order in which it was.
 */
flows: Array<AuctionFlow>, };

/**
 * Where an auction is.
 */
export type AuctionPhase = "open" | "revealing" | "sold" | "unsold" | "cancelled";

/**
 * Where an auction is.
 */
export type AuctionPhaseNow = { 
/**
 * Its phase.
 */
phase: AuctionPhase, };

/**
 * What is to be drawn of an auction.
 */
export type AuctionPicture = { "drawn": "ladder", 
/**
 * The least that the lot is sold for.
 */
reserve: Credits, 
/**
 * How much a bid has to be above the last.
 */
increment: Credits, 
/**
 * What takes the lot at once.
 */
buy_now: Credits | null, 
/**
 * How often the end was moved.
 */
extended: number, 
/**
 * The newest bids, newest first.
 */
rows: Array<BidRow>, } | { "drawn": "clock", 
/**
 * The price at the beginning.
 */
start: Credits, 
/**
 * The least that it falls to.
 */
floor: Credits, 
/**
 * How much it falls each time.
 */
step: Credits, 
/**
 * How often, in milliseconds.
 */
interval_ms: number, 
/**
 * For how long it can be taken, in milliseconds.
 */
lasts_ms: number, 
/**
 * What it is, or was when it was taken.
 */
price: Credits, 
/**
 * In how long it falls next, in milliseconds; none if it does no more.
 */
falls_in_ms: number | null, 
/**
 * Who took it.
 */
taken: BidRow | null, } | { "drawn": "envelopes", 
/**
 * The least that the lot is sold for.
 */
reserve: Credits, 
/**
 * What each leaves with a bid.
 */
deposit: Credits, 
/**
 * How long bids are opened, in milliseconds.
 */
reveal_ms: number, 
/**
 * In the order of commitments.
 */
rows: Array<BidRow>, };

/**
 * Who may bid.
 */
export type AuctionQualification = { 
/**
 * Only agents with this capability, as their nodes know them; none: whoever else may.
 */
capability: string | null, 
/**
 * Only these accounts; none: all.
 */
bidders: Array<Account>, };

/**
 * Why an auction refused, alike on every node. Nothing changed.
 */
export type AuctionRefused = { "ledger": LedgerRefused } | { "no_auction": { 
/**
 * Which.
 */
auction: number, } } | { "no_kind": { 
/**
 * Which was asked for.
 */
kind: string, } } | { "no_option": { 
/**
 * Of which kind.
 */
kind: string, 
/**
 * Which was given.
 */
option: string, } } | { "option_bounds": { 
/**
 * Which.
 */
option: string, 
/**
 * What was given; nought if nothing was.
 */
value: number, 
/**
 * The least.
 */
least: number, 
/**
 * The most.
 */
most: number, } } | { "duration": { 
/**
 * The shortest.
 */
least_ms: number, 
/**
 * The longest.
 */
most_ms: number, } } | { "too_long": { 
/**
 * What.
 */
what: string, 
/**
 * The bound.
 */
most: number, } } | { "over": { 
/**
 * Which.
 */
auction: number, 
/**
 * Where it is.
 */
phase: AuctionPhase, } } | { "late": { 
/**
 * Which.
 */
auction: number, } } | { "too_early": { 
/**
 * Which.
 */
auction: number, 
/**
 * In how long.
 */
wait_ms: number, } } | { "not_of_kind": { 
/**
 * Of which kind.
 */
kind: string, 
/**
 * What was offered.
 */
offer: string, } } | { "not_seller": { 
/**
 * Which.
 */
auction: number, 
/**
 * Who asked.
 */
account: Account, } } | { "own_auction": { 
/**
 * Which.
 */
auction: number, 
/**
 * Who asked.
 */
account: Account, } } | { "not_qualified": { 
/**
 * Which.
 */
auction: number, 
/**
 * Who asked.
 */
account: Account, } } | { "not_capable": { 
/**
 * Who asked.
 */
account: Account, 
/**
 * What it lacks.
 */
capability: string, } } | { "too_low": { 
/**
 * The least.
 */
least: Credits, } } | { "leads": { 
/**
 * Who asked.
 */
account: Account, } } | { "price_above": { 
/**
 * What it is.
 */
price: Credits, } } | { "committed": { 
/**
 * Who asked.
 */
account: Account, } } | { "not_committed": { 
/**
 * Who asked.
 */
account: Account, } } | { "reveal_early": { 
/**
 * Which.
 */
auction: number, } } | { "reveal_late": { 
/**
 * Which.
 */
auction: number, } } | { "false_reveal": { 
/**
 * Who asked.
 */
account: Account, } } | { "revealed": { 
/**
 * Who asked.
 */
account: Account, } } | { "opening": { 
/**
 * Which.
 */
auction: number, } } | { "full": { 
/**
 * The bound.
 */
capacity: number, } };

/**
 * Whom a node asked to bid.
 */
export type AuctionTally = { 
/**
 * Which node.
 */
node: string, 
/**
 * How many of its agents.
 */
asked: number, 
/**
 * Which of them did not answer in time.
 */
silent: string[], };

/**
 * What the number of an option counts.
 */
export type AuctionUnit = "credits" | "ms";

/**
 * One auction.
 */
export type AuctionView = { 
/**
 * Its number.
 */
auction: number, 
/**
 * Its kind.
 */
kind: string, 
/**
 * What is sold.
 */
lot: string, 
/**
 * Who sells.
 */
seller: Account, 
/**
 * The node through which it was opened.
 */
by: string, 
/**
 * Where it is.
 */
phase: AuctionPhase, 
/**
 * When it was opened, in milliseconds since 1970 by that node's wall clock.
 */
at: number, 
/**
 * How long it was open, in milliseconds; until it ended, if it did.
 */
open_ms: number, 
/**
 * In how long its phase is over, in milliseconds; none if the auction is.
 */
due_in_ms: number | null, 
/**
 * The least to bid, or the price; none if that is nobody's to know, or it is over.
 */
asks: Credits | null, 
/**
 * Who leads, where that can be known.
 */
leader: Account | null, 
/**
 * How many bids there were.
 */
bids: number, 
/**
 * Who may bid.
 */
qualification: AuctionQualification, 
/**
 * Whether nodes ask their agents that may bid.
 */
solicits: boolean, 
/**
 * Whom they asked.
 */
asked: Array<AuctionTally>, 
/**
 * Who wins and what the winner pays, in a sentence.
 */
rule: string, 
/**
 * What is to be drawn; none in a list.
 */
picture: AuctionPicture | null, 
/**
 * How it ended; without what changed hands in a list.
 */
outcome: AuctionOutcome | null, 
/**
 * Why it was cancelled.
 */
reason: string | null, };

/**
 * Recomputes every balance, and says what is wrong.
 */
export type AuditLedger = Record<symbol, never>;

/**
 * What keeps the names of a namespace.
 */
export type Backend = "local" | "replicated" | "consensus";

/**
 * How tasks are spread.
 */
export type BalancerView = { 
/**
 * How agents are chosen for queues that have no strategy of their own.
 */
strategy: StrategyKind, 
/**
 * Tasks in flight at one agent at most, as set on this node.
 */
in_flight: number, 
/**
 * The queues with open tasks or a strategy of their own.
 */
queues: Array<QueueView>, 
/**
 * The agents.
 */
agents: Array<AgentLoadView>, 
/**
 * Every strategy.
 */
strategies: Array<StrategyView>, };

/**
 * How waiting at a barrier ended.
 */
export type BarrierPassed = { 
/**
 * Of which generation: each is greater than every one before.
 */
generation: number, 
/**
 * Whether it opened, or who broke it.
 */
fate: Fate, };

/**
 * A barrier.
 */
export type BarrierView = { 
/**
 * Which.
 */
name: string, 
/**
 * How many it takes to open.
 */
parties: number, 
/**
 * Which generation gathers; nought while nobody is there.
 */
generation: number, 
/**
 * Who is there.
 */
arrived: Array<Holder>, 
/**
 * How the last generation ended, if one did that is remembered.
 */
last: Fate | null, };

/**
 * The place of an event among those that were told together.
 */
export type BatchPlace = { 
/**
 * How many come before it.
 */
index: number, 
/**
 * How many there are.
 */
of: number, };

/**
 * What a node has and knows in its cluster, beside what the group agreed on.
 */
export type Belongings = { 
/**
 * Which cluster.
 */
cluster: string, 
/**
 * What it is called.
 */
cluster_name: string, 
/**
 * When it was founded.
 */
founded: number, 
/**
 * How many other members it has.
 */
others: number, 
/**
 * The agents that this node's user started: they come along.
 */
agents: Array<AgentSpec>, 
/**
 * The agents that others started: they stay.
 */
foreign_agents: string[], 
/**
 * Counters that merge, as this node knows them: they stay.
 */
counters: Array<CounterView>, 
/**
 * Variables that merge, as this node knows them: they stay.
 */
variables: Array<VariableView>, 
/**
 * Variables of this node alone: they come along.
 */
locals: string[], 
/**
 * How many events of this node are on its disk: they come along.
 */
events: number, };

/**
 * Bids so much, for all to see.
 */
export type BidInAuction = { 
/**
 * In which auction.
 */
auction: number, 
/**
 * How much.
 */
amount: Credits, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * One bid.
 */
export type BidRow = { 
/**
 * Its place in the order of bids, from 1.
 */
place: number, 
/**
 * Whose.
 */
bidder: Account, 
/**
 * How much; none while it is sealed.
 */
amount: Credits | null, 
/**
 * How long after the opening, in milliseconds.
 */
after_ms: number, 
/**
 * How it stands.
 */
state: BidState, };

/**
 * How a bid stands.
 */
export type BidState = "leads" | "outbid" | "won" | "sealed" | "revealed" | "below_reserve" | "forfeited" | "returned";

/**
 * A bid that was taken.
 */
export type BidTaken = { 
/**
 * What became of it.
 */
taken: OfferTaken, };

/**
 * Ends a generation of a barrier for all who wait at it; each is told.
 */
export type BreakBarrier = { 
/**
 * Which barrier.
 */
barrier: string, 
/**
 * The generation that is meant: a later one goes on.
 */
generation: number, };

/**
 * What a breaker is.
 */
export type BreakerPhase = { "phase": "closed" } | { "phase": "open", 
/**
 * The node whose calls failed.
 */
by: string, 
/**
 * Since when, in milliseconds.
 */
since_ms: number, 
/**
 * How long until probes are let through, in milliseconds.
 */
retry_ms: number, } | { "phase": "half_open", 
/**
 * The node whose calls failed.
 */
by: string, 
/**
 * Since when, in milliseconds.
 */
since_ms: number, };

/**
 * What a breaker turned to.
 */
export type BreakerTurn = "opened" | "half_open" | "closed" | "reset";

/**
 * Sends one message to many agents at once.
 */
export type Broadcast = { 
/**
 * Which agents; none: those that can do all of `capabilities`.
 */
names?: string[], 
/**
 * What they can do.
 */
capabilities?: Array<string>, 
/**
 * What is asked of them.
 */
method: string, 
/**
 * Its parameters.
 */
params: unknown, 
/**
 * How long to wait for all of them, in milliseconds: as `calls.timeout` is set if nothing is said,
 * 600,000 at most.
 */
timeout_ms?: number, 
/**
 * On whose behalf, for the rates that are counted for each who asks.
 */
session?: string, 
/**
 * Whether they do not answer: then each is done with once its mailbox has the message.
 */
notice?: boolean, };

/**
 * The agents that come with Covey.
 */
export type Builtin = "echo" | "counter" | "ticker" | "bidder" | "delegate";

/**
 * Sends an agent a message.
 */
export type CallAgent = { 
/**
 * Which agent.
 */
name: string, 
/**
 * What is asked of it.
 */
method: string, 
/**
 * Its parameters.
 */
params: unknown, 
/**
 * How long to wait, in milliseconds: as `calls.timeout` is set if nothing is said,
 * 600,000 at most.
 */
timeout_ms?: number, 
/**
 * On whose behalf, for the rates that are counted for each who asks; `operator` if nobody is
 * said.
 */
session?: string, 
/**
 * Names the call, so that asking again does not do it twice: the node that runs the agent
 * remembers the answer for ten minutes. 64 bytes at most.
 */
key?: string, };

/**
 * What an agent answered.
 */
export type CallAnswer = { 
/**
 * What it said.
 */
value: unknown, 
/**
 * The node it runs on.
 */
node: string, 
/**
 * From the call to the answer, in microseconds.
 */
took_us: number, };

/**
 * What to ask for the answer of a call with.
 */
export type CallHandle = { 
/**
 * Known to this node alone, until ten minutes after the answer came.
 */
handle: string, };

/**
 * How a call is: it has `answer` or `error` once it ended.
 */
export type CallState = { 
/**
 * Whether it is still on its way.
 */
pending: boolean, 
/**
 * What the agent said.
 */
answer?: CallAnswer, 
/**
 * Why there is no answer.
 */
error?: UiError, };

/**
 * Takes the lot back, before any sealed bid is opened: the seller's word.
 */
export type CancelAuction = { 
/**
 * Which.
 */
auction: number, 
/**
 * Why, for people; 256 bytes at most.
 */
reason?: string, };

/**
 * Ends a session without a result.
 */
export type CancelSession = { 
/**
 * Which.
 */
session: number, 
/**
 * Why, for those who wait; 256 bytes at most.
 */
reason?: string, };

/**
 * Cancels tasks.
 */
export type CancelTasks = { 
/**
 * Which, 1,000 at most.
 */
tasks: number[], };

/**
 * A node as a place for one agent.
 */
export type CandidateView = { 
/**
 * Which node.
 */
node: string, 
/**
 * Its name.
 */
name: string, 
/**
 * What the agent's strategy goes by, the highest wins; none if a rule excludes it. The rendezvous
 * score, the idle percent of a processor, or the share of the node that the agent would have.
 */
score: number | null, 
/**
 * What it asks for a minute, in credits, which is the score of an agent that is placed by auction:
 * the lowest wins, what was placed there since it asked counted.
 */
asks: Credits | null, 
/**
 * Other replicas of the agent in the same place; the fewest come before the highest score.
 */
beside: number, 
/**
 * The rules that exclude it, as sentences.
 */
excluded: Array<string>, 
/**
 * Whether the agent is there.
 */
holds: boolean, };

/**
 * Takes of what is held for oneself; the rest goes back.
 */
export type CaptureHold = { 
/**
 * Which hold.
 */
hold: number, 
/**
 * How much; all, if nothing is said.
 */
amount?: Credits, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * What changed.
 */
export type ChangeKind = { "kind": "registered", owner: HeldView, } | { "kind": "updated", owner: HeldView, } | { "kind": "removed", owner: HeldView, } | { "kind": "conflict", winner: HeldView, loser: HeldView, why: Precedence, } | { "kind": "joined", member: MemberView, } | { "kind": "left", member: MemberView, } | { "kind": "gap", missed: number, };

/**
 * Sets or unsets settings for all nodes or for one, all or nothing.
 */
export type ChangeSettings = { 
/**
 * Each setting of each place once, 100 at most.
 */
changes: Array<SettingChange>, 
/**
 * Only if the settings are at this version.
 */
expected?: number, 
/**
 * Whether to wait at this node, ten minutes at most, if no majority is there.
 */
queue?: boolean, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * A change of a name, or of who is in a group.
 */
export type ChangeView = { 
/**
 * Its place among all changes that this node saw in this life, from 1, without gaps.
 */
seq: number, 
/**
 * Which name, or which group.
 */
name: string | null, 
/**
 * What changed.
 */
change: ChangeKind, };

/**
 * Reads every stored event and says what is wrong.
 */
export type CheckEvents = Record<symbol, never>;

/**
 * What is looked at.
 */
export type CheckKind = "interface" | "multicast" | "port" | "firewall" | "one_way" | "members" | "other_cluster" | "version" | "clock" | "identity" | "settings" | "source";

/**
 * One thing that was looked at.
 */
export type CheckView = { 
/**
 * Which.
 */
kind: CheckKind, 
/**
 * How it stands.
 */
verdict: Verdict, 
/**
 * That in a few words.
 */
title: string, 
/**
 * What was seen, a sentence each.
 */
evidence: Array<string>, 
/**
 * What a person can do, if something is to be done.
 */
fix: string | null, };

/**
 * A name to claim.
 */
export type Claim = { 
/**
 * The name.
 */
name: string, 
/**
 * What to tell of it.
 */
metadata?: Record<string, string | string[]>, };

/**
 * Where an agent runs while the cluster is split.
 */
export type Class = "any_partition" | "majority_only" | "exclusive";

/**
 * Has everything in a namespace go.
 */
export type CleanNamespace = { 
/**
 * Which namespace.
 */
namespace: string, };

/**
 * Ends an auction before its time, or, if bids are sealed, has them opened: the seller's word.
 */
export type CloseAuction = { 
/**
 * Which.
 */
auction: number, };

/**
 * A command in the table that palette, permissions and documents read.
 */
export type CommandEntry = { 
/**
 * Its name on the wire.
 */
name: string, 
/**
 * The least role that may.
 */
role: Role, 
/**
 * How much confirmation a person must give.
 */
tier: Tier, 
/**
 * What it does, in a few words.
 */
title: string, 
/**
 * What it does, in a sentence.
 */
help: string, 
/**
 * Other words people look for it by.
 */
keywords: Array<string>, };

/**
 * Makes a sealed bid: whoever asks has computed the commitment, so that the amount goes nowhere.
 */
export type CommitBid = { 
/**
 * In which auction.
 */
auction: number, 
/**
 * The commitment, in 64 hexadecimal digits.
 */
commitment: string, 
/**
 * The opening, sealed with `market.key`: this node opens the bid by itself when bids are opened.
 */
opening?: SealedOpening, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * Something that was archived and is otherwise in the cluster.
 */
export type Conflict = { 
/**
 * What it is.
 */
kind: ArchivedKind, 
/**
 * What it is called.
 */
name: string, 
/**
 * What was archived; none: several writes stood beside each other.
 */
archived: string | null, 
/**
 * What the cluster has, if that is a value.
 */
there: string | null, 
/**
 * Why it was not replayed.
 */
reason: string, };

/**
 * What becomes of writes that knew nothing of each other; the same on every node, in whichever
 * order the writes came there.
 */
export type ConflictStrategy = "last_write_wins" | "greatest" | "least" | "union" | "keep_all" | "consensus";

/**
 * One of several writes that knew nothing of each other.
 */
export type ConflictView = { 
/**
 * What was written.
 */
value: string, 
/**
 * The node whose user wrote it.
 */
by: string, 
/**
 * When, by the hybrid clock of that node.
 */
at: number, };

/**
 * What the cluster agrees on, as this node has it: perhaps older than what others have.
 */
export type CoordinationView = { 
/**
 * The group that agrees; none while this node opens its file, or if that cannot be used.
 */
group: GroupView | null, 
/**
 * The last entry that this node took in: everything below is as of it.
 */
index: number, 
/**
 * Locks, elections, semaphores and leases of nodes that are held, [`Primitives::LISTED`] at most.
 */
places: Array<PlaceView>, 
/**
 * Barriers, as many at most.
 */
barriers: Array<BarrierView>, 
/**
 * Counters, as many at most.
 */
counters: Array<CounterView>, 
/**
 * Variables, as many at most, without what they hold.
 */
variables: Array<VariableRow>, 
/**
 * Settled questions, as many at most.
 */
decisions: Array<DecisionView>, 
/**
 * Names that are held in namespaces of the backend `consensus`, as many at most.
 */
names: Array<HoldingView>, };

/**
 * Says whether a node takes agents.
 */
export type CordonNode = { 
/**
 * Which node.
 */
node: string, 
/**
 * Whether it takes none from here on; that it takes them again ends its drain.
 */
on: boolean, };

/**
 * How many names fit a query.
 */
export type Count = { 
/**
 * That many.
 */
count: number, 
/**
 * Whether that is all: no more than 200,000 names are looked at.
 */
exact: boolean, };

/**
 * Counts names.
 */
export type CountNames = { 
/**
 * What must hold for a name to be counted.
 */
terms?: Array<Term>, };

/**
 * What a counter is at.
 */
export type Counted = { 
/**
 * Its value, in decimal: it may pass what a number of JavaScript holds.
 */
value: string, };

/**
 * A counter that was read.
 */
export type CounterRead = { 
/**
 * What was found.
 */
found: CounterView, 
/**
 * The entry as of which; none in scope `global`: as this node has heard of it by now.
 */
index: number | null, };

/**
 * A counter.
 */
export type CounterView = { 
/**
 * Which.
 */
name: string, 
/**
 * Which nodes have a part in it: all by a majority, or each by itself.
 */
scope: PrimitiveScope, 
/**
 * Its value, in decimal: it may pass what a number of JavaScript holds.
 */
value: string, 
/**
 * The entry that changed it last; in scope `global`, how many changes are known.
 */
version: number, };

/**
 * Opens an auction in which this node's user, or the agent that asks, sells.
 */
export type CreateAuction = { 
/**
 * The kind, by its name; `auction.kinds` lists them.
 */
kind: string, 
/**
 * What is sold, in words; 256 bytes at most.
 */
lot: string, 
/**
 * How long bids are taken, in milliseconds.
 */
duration_ms: number, 
/**
 * Options of the kind, by name; the others are as the kind says.
 */
options?: { [key in string]: number }, 
/**
 * Only agents with this capability may bid.
 */
capability?: string, 
/**
 * Only these accounts may bid; none: all.
 */
bidders?: Array<Account>, 
/**
 * Whether every node asks its agents that may bid.
 */
solicit?: boolean, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * A hold, for people.
 */
export type CreditHoldView = { 
/**
 * Its number.
 */
hold: number, 
/**
 * Whose credits.
 */
from: Account, 
/**
 * For whom; none with an auction, a task or a rent.
 */
to: Account | null, 
/**
 * How many.
 */
amount: Credits, 
/**
 * In how long it ends, in milliseconds; none with an auction, a task or a rent.
 */
ends_in_ms: number | null, 
/**
 * The auction that it belongs to.
 */
auction: number | null, 
/**
 * The task that it belongs to.
 */
task: number | null, 
/**
 * The agent for whose place it is.
 */
rent: string | null, };

/**
 * An amount of whole credits, from nought to [`Credits::MAX`].
 */
export type Credits = number;

/**
 * Credits that are set aside.
 */
export type CreditsHeld = { 
/**
 * The number of the hold.
 */
hold: number, };

/**
 * A question that was read.
 */
export type DecisionRead = { 
/**
 * What was found.
 */
found: DecisionView | null, 
/**
 * The entry as of which.
 */
index: number, };

/**
 * A question that is settled.
 */
export type DecisionView = { 
/**
 * Which.
 */
question: string, 
/**
 * What to.
 */
value: string, 
/**
 * The entry that settled it.
 */
version: number, 
/**
 * The node whose user proposed it.
 */
by: string, };

/**
 * Another agent that this one needs.
 */
export type Dependency = { 
/**
 * Which agent; this one is started once that one runs.
 */
on: string, 
/**
 * What its loss means.
 */
loss: OnLoss, };

/**
 * Gives names up.
 */
export type Deregister = { 
/**
 * Which names.
 */
names: string[], };

/**
 * Gives names up that fit.
 */
export type DeregisterMatching = { 
/**
 * What must hold for a name to go; one term at least.
 */
terms: Array<Term>, };

/**
 * Says hello to whoever listens at an address.
 */
export type Dial = { 
/**
 * `192.168.1.7:4100`, or a multiaddress.
 */
address: string, };

/**
 * Who listens at an address.
 */
export type Dialled = { 
/**
 * The node.
 */
node: string, };

/**
 * Reads what differs between two versions of the settings.
 */
export type DiffSettings = { 
/**
 * The one; nought: before the first.
 */
from: number, 
/**
 * The other.
 */
to: number, };

/**
 * How the disk of a node is, as it says itself; the worst of what is wrong.
 */
export type DiskState = "sound" | "filling" | "full" | "read_only" | "fails" | "damaged";

/**
 * Everything that was looked at.
 */
export type DoctorReport = { 
/**
 * The worst verdict of all that could be given.
 */
verdict: Verdict, 
/**
 * What was looked at, in the order in which a person would.
 */
checks: Array<CheckView>, 
/**
 * How each way of finding nodes fares.
 */
sources: Array<SourceReport>, };

/**
 * Why a node is held to be down.
 */
export type DownCause = "refused" | "silent" | "left";

/**
 * Has a node hand its agents over.
 */
export type DrainNode = { 
/**
 * Which node.
 */
node: string, 
/**
 * How long, in milliseconds, as `drains.deadline` is set if nothing is said; agents that are left are then
 * stopped and started elsewhere.
 */
deadline_ms?: number, };

/**
 * A node that hands its agents over.
 */
export type DrainView = { 
/**
 * Until when; those that are left are then stopped and started elsewhere.
 */
until: number, 
/**
 * Agents that it still holds.
 */
left: number, 
/**
 * Agents that went elsewhere.
 */
moved: number, 
/**
 * Agents whose hand-off failed at last try, and why; twenty at most.
 */
failed: Array<Failure>, };

/**
 * Why an act was refused, alike on every node. Nothing changed.
 */
export type EconomicsRefused = { "ledger": LedgerRefused } | { "auction": AuctionRefused } | { "rent": RentRefused };

/**
 * What is wrong with stored events.
 */
export type EventCheck = { 
/**
 * How many were read.
 */
events: number, 
/**
 * What is wrong, in words; nothing if they are as they were written.
 */
faults: Array<string>, };

/**
 * What must hold before an event is acknowledged.
 */
export type EventClass = "local" | "replicated";

/**
 * Events that are kept no more.
 */
export type EventGap = { 
/**
 * Whose.
 */
origin: string, 
/**
 * The number of the first that is missing.
 */
from: number, 
/**
 * The number of the last.
 */
to: number, };

/**
 * How far a member is behind this node's events.
 */
export type EventLag = { 
/**
 * Which member.
 */
node: string, 
/**
 * How many of this node's events it has not said to have on its disk.
 */
events: number, };

/**
 * Which events come first.
 */
export type EventOrder = "newest" | "oldest";

/**
 * How many events of a node there are.
 */
export type EventOrigin = { 
/**
 * Whose.
 */
node: string, 
/**
 * The number of the first that is held; one more than the last if none is.
 */
first: number, 
/**
 * The number of the last.
 */
last: number, 
/**
 * When the first was seen.
 */
oldest: number | null, 
/**
 * When the last was.
 */
newest: number | null, };

/**
 * Stored events.
 */
export type EventPage = { 
/**
 * The events, in the order that was asked for.
 */
events: Array<EventRecord>, 
/**
 * Where the next page begins, if there is one.
 */
next: string | null, };

/**
 * Which stored events.
 */
export type EventQuery = { 
/**
 * Only of these kinds, as [`Fact`] is tagged, or of types that begin so: `shop.order`, `shop.`.
 */
kinds?: Array<string>, 
/**
 * Only those this node saw.
 */
origin?: string, 
/**
 * Only those of this agent or name.
 */
name?: string, 
/**
 * Only those that belong to this.
 */
correlation?: string, 
/**
 * Only those that follow from this event.
 */
parent?: string, 
/**
 * Only those whose JSON has this text in it; A to Z are as a to z.
 */
text?: string, 
/**
 * Only from this moment on.
 */
since?: number, 
/**
 * Only before this moment.
 */
until?: number, 
/**
 * Which come first; the newest if nothing is said.
 */
order?: EventOrder, 
/**
 * Only those after this place in that order, as [`EventPage::next`] gave it.
 */
after?: string, 
/**
 * How many at most; 100 if none is said, 1,000 at most.
 */
limit?: number, };

/**
 * One event in the store: who saw it, in which order, and what it was.
 */
export type EventRecord = { 
/**
 * The node that saw it.
 */
origin: string, 
/**
 * Its place among the events of that node, from 1, without gaps.
 */
seq: number, 
/**
 * When, in an order that follows causality across nodes.
 */
stamp: { wall: number; counter: number; node: string }, 
/**
 * The node whose user caused it, if a person did.
 */
actor: string | null, 
/**
 * What happened.
 */
fact: Fact, };

/**
 * How many events there are on this node, and what they take.
 */
export type EventStatistics = { 
/**
 * How many.
 */
events: number, 
/**
 * Bytes that they take.
 */
bytes: number, 
/**
 * Bytes of the whole database.
 */
file_bytes: number, 
/**
 * Bytes that events may take.
 */
max_bytes: number, 
/**
 * How old they may grow, in milliseconds.
 */
max_age_ms: number, 
/**
 * For each node of which there are any.
 */
origins: Array<EventOrigin>, 
/**
 * How far other members are behind this node's events.
 */
lags: Array<EventLag>, };

/**
 * Events that belong together.
 */
export type EventTrace = { 
/**
 * The events: each after its parent, and otherwise by their stamps; 1,000 at most.
 */
events: Array<EventRecord>, 
/**
 * Whether there are more.
 */
more: boolean, };

/**
 * Events that were taken.
 */
export type EventsAppended = { 
/**
 * The first of them; the others are numbered on from there.
 */
first: string, 
/**
 * How many.
 */
count: number, 
/**
 * On how many disks they are, as far as this node was told.
 */
copies: number, };

/**
 * What comes after a position.
 */
export type EventsFollowed = { 
/**
 * The events: those of each node in their order, each once.
 */
events: Array<EventRecord>, 
/**
 * What is missing before or between them, because it is kept no more.
 */
gaps: Array<EventGap>, 
/**
 * Where to go on, on whichever node.
 */
position: string, 
/**
 * Whether there is more already.
 */
more: boolean, };

/**
 * A value, or its beginning if it is long.
 */
export type Excerpt = string;

/**
 * How a life of an agent ended.
 */
export type Exit = { 
/**
 * Why.
 */
reason: ExitReason, 
/**
 * The last lines it wrote, oldest first.
 */
tail: Array<string>, };

/**
 * Why a life of an agent ended.
 */
export type ExitReason = { "kind": "stopped" } | { "kind": "exited", 
/**
 * The exit code.
 */
code: number, } | { "kind": "killed", 
/**
 * The signal's number.
 */
signal: number, } | { "kind": "not_started", 
/**
 * What the operating system said.
 */
error: string, } | { "kind": "over_memory", 
/**
 * Its resident memory, in MiB.
 */
used_mib: number, 
/**
 * The limit, in MiB.
 */
limit_mib: number, } | { "kind": "over_time", 
/**
 * The limit, in milliseconds.
 */
limit_ms: number, } | { "kind": "garbled", 
/**
 * The line, cut to 200 characters.
 */
line: string, };

/**
 * Asks why an agent is where it is.
 */
export type ExplainAgent = { 
/**
 * Which agent.
 */
name: string, };

/**
 * How measures are written.
 */
export type ExportFormat = "csv" | "json";

/**
 * Lists postings, oldest first.
 */
export type ExportLedger = { 
/**
 * Those after this number; of those that are kept, which are the newest 20,000.
 */
after?: number, 
/**
 * How many; 1,000 if nothing is said, and 5,000 at most.
 */
limit?: number, };

/**
 * Writes what every member that is up measured.
 */
export type ExportMetrics = { 
/**
 * How.
 */
format: ExportFormat, 
/**
 * Of nodes or of their agents; of nodes if nothing is said.
 */
of?: MetricOf, 
/**
 * Which metrics; all if nothing is said.
 */
metrics?: Array<Metric>, 
/**
 * How far back, in seconds: 900 if nothing is said, 86,400 at most.
 */
span_s?: number, 
/**
 * How many seconds one row is of; beyond 900 seconds back, whole minutes.
 */
step_s?: number, };

/**
 * What happened.
 */
export type Fact = { "kind": "node_started", version: string, } | { "kind": "node_renamed", old: string, new: string, } | { "kind": "programs_allowed", cluster: boolean, } | { "kind": "labels_set", labels: Array<string>, } | { "kind": "member_admitted", node: string, name: string, role: Role, } | { "kind": "member_revoked", node: string, } | { "kind": "member_up", node: string, } | { "kind": "member_suspected", node: string, } | { "kind": "member_down", node: string, cause: DownCause, } | { "kind": "member_left", node: string, } | { "kind": "member_sleeps", node: string, } | { "kind": "join_asked", node: string, name: string, code: string, } | { "kind": "join_refused", node: string, } | { "kind": "invite_made", role: Role, } | { "kind": "agent_wanted", name: string, } | { "kind": "agent_unwanted", name: string, } | { "kind": "agent_restart_asked", name: string, } | { "kind": "agent_move_asked", name: string, to: string, } | { "kind": "agent_removed", name: string, } | { "kind": "agent_placed", name: string, reason: PlacedFor, } | { "kind": "agent_started", name: string, } | { "kind": "agent_exited", name: string, reason: ExitReason, next: Phase, } | { "kind": "agent_handed_over", name: string, to: string, } | { "kind": "hand_over_failed", name: string, to: string, reason: string, } | { "kind": "state_restored", name: string, keeper: string, } | { "kind": "state_lost", name: string, keeper: string, } | { "kind": "node_cordoned", node: string, cordoned: boolean, } | { "kind": "drain_asked", node: string, until: number, } | { "kind": "drained", moved: number, } | { "kind": "rebalance_set", phase: PlanPhase, moves: number, } | { "kind": "claim_lost", name: string, winner: string, why: Precedence, lost: Record<string, string | string[]>, won: Record<string, string | string[]>, } | { "kind": "namespace_set", namespace: string, backend: Backend, } | { "kind": "namespace_cleaned", namespace: string, } | { "kind": "clock_ahead", node: string, } | { "kind": "reported" } & Report | { "kind": "setting_changed", key: string, layer: SettingLayer, node: string | null, old: string | null, new: string | null, version: number | null, } | { "kind": "settings_queued", change: string, } | { "kind": "settings_dropped", change: string, reason: string, } | { "kind": "store_set_aside", aside: string, } | { "kind": "group_recovered", revision: number, } | { "kind": "place_taken", place: Place, holder: Holder, token: number, } | { "kind": "place_left", place: Place, holder: Holder, token: number, how: Parting, } | { "kind": "barrier_ended", barrier: string, generation: number, parties: number, fate: Fate, } | { "kind": "counter_made", counter: string, } | { "kind": "counter_removed", counter: string, value: string, } | { "kind": "variable_changed", variable: string, old: Excerpt | null, new: Excerpt | null, was: number, version: number, } | { "kind": "question_settled", question: string, answer: Excerpt, } | { "kind": "question_reopened", question: string, answer: Excerpt, } | { "kind": "changes_omitted", name: string | null, count: number | null, } | { "kind": "events_lost", from: number, to: number, } | { "kind": "cluster_entered", from: string, agents: number, } | { "kind": "breaker_turned", name: string, to: BreakerTurn, } | { "kind": "rate_reset", operation: string, actor: string | null, } | { "kind": "counter_changed", counter: string, by: number, value: string, } | { "kind": "variable_written", variable: string, scope: PrimitiveScope, old: Excerpt | null, new: Excerpt | null, removed: boolean, } | { "kind": "events_omitted", name: string | null, count: number | null, } | { "kind": "agent_conflicted", name: string, } | { "kind": "credits_issued", to: Account, amount: Credits, } | { "kind": "auction_opened", auction: number, auction_kind: string, lot: Excerpt, seller: Account, } | { "kind": "auction_closed", auction: number, auction_kind: string, lot: Excerpt, seller: Account, winner: Account | null, price: Credits | null, } | { "kind": "auction_cancelled", auction: number, auction_kind: string, lot: Excerpt, reason: Excerpt, } | { "kind": "session_started", session: number, protocol: string, participants: number, subject: Excerpt, } | { "kind": "session_ended", session: number, protocol: string, fate: SessionFate, words: Excerpt, } | { "kind": "alert_raised", rule: AlertRule, subject: Subject, severity: AlertSeverity, value: number | null, episode: number, } | { "kind": "alert_cleared", rule: AlertRule, subject: Subject, raised: number, episode: number, } | { "kind": "alert_muted", rule: AlertRule, subject: Subject, until: number | null, } | { "kind": "alert_unmuted", rule: AlertRule, subject: Subject, } | { "kind": "alert_acknowledged", rule: AlertRule, subject: Subject, } | { "kind": "agent_unpaid", name: string, why: Excerpt, };

/**
 * What happens when a participant is lost, silent, or answers what the protocol cannot take.
 */
export type Failing = "continue" | "replace" | "abort";

/**
 * A move that failed.
 */
export type Failure = { 
/**
 * Of which agent.
 */
name: string, 
/**
 * Why.
 */
reason: string, };

/**
 * How a generation ended.
 */
export type Fate = "opened" | { "broken": { 
/**
 * Who.
 */
by: Holder, 
/**
 * Why.
 */
cause: Absence, } };

/**
 * A holding that must last for a change to be made.
 */
export type Fence = { 
/**
 * Of what.
 */
place: Place, 
/**
 * Its fencing token.
 */
token: number, };

/**
 * Waits for events after a position.
 */
export type FollowEvents = { 
/**
 * A position that a reply gave, `oldest`, or `newest`.
 */
position: string, 
/**
 * How many at most; 100 if none is said, 1,000 at most.
 */
limit?: number, 
/**
 * How long to wait if there is none, 30 s at most; at `newest` the reply comes at once.
 */
wait_ms?: number, };

/**
 * The ways to find a node.
 */
export type FoundBy = "mdns" | "address" | "address_book" | "same_machine" | "knocked" | "dns" | "referred";

/**
 * What a subscription says.
 */
export type Frame = { "kind": "snapshot" } & Rows | { "kind": "patch" } & Rows | { "kind": "error", 
/**
 * Which subscription.
 */
id: number, 
/**
 * Why.
 */
error: UiError, };

/**
 * The breaker and the bulkhead of one agent.
 */
export type GateView = { 
/**
 * Which agent.
 */
name: string, 
/**
 * Whether calls pass the breaker.
 */
breaker: BreakerPhase, 
/**
 * Calls in the window that went well.
 */
passed: number, 
/**
 * Calls in the window that failed.
 */
failed: number, 
/**
 * Calls that go on from this node.
 */
running: number, 
/**
 * Calls that wait.
 */
queued: number, 
/**
 * Calls that the breaker refused since something is known of the agent.
 */
broken: number, 
/**
 * Calls that the bulkhead refused since then.
 */
crowded: number, };

/**
 * Reads an archive.
 */
export type GetArchive = { 
/**
 * As the list names it.
 */
id: number, };

/**
 * Shows one auction with what is to be drawn of it.
 */
export type GetAuction = { 
/**
 * Which.
 */
auction: number, 
/**
 * Whether this node may answer from what it has, which may be old, without asking a majority.
 */
stale?: boolean, };

/**
 * Reads how tasks are spread.
 */
export type GetBalancer = Record<symbol, never>;

/**
 * Reads what the cluster agrees on, as this node has it.
 */
export type GetCoordination = Record<symbol, never>;

/**
 * Reads one event.
 */
export type GetEvent = { 
/**
 * Which, `origin/seq`.
 */
event: string, };

/**
 * Reads how many events there are and what they take.
 */
export type GetEventStatistics = Record<symbol, never>;

/**
 * Reads the guards of this node: breakers, bulkheads and rates.
 */
export type GetGuard = Record<symbol, never>;

/**
 * Reads one metric of every node.
 */
export type GetHeat = { 
/**
 * Which; one of nodes.
 */
metric: Metric, 
/**
 * As of [`GetMetrics::span_s`].
 */
span_s?: number, 
/**
 * As of [`GetMetrics::step_s`].
 */
step_s?: number, };

/**
 * Reads what would come along if this node entered another cluster, and what would be archived.
 */
export type GetJoinPlan = Record<symbol, never>;

/**
 * Shows the key to seal openings of this node's user with.
 */
export type GetMarketKey = Record<symbol, never>;

/**
 * Reads series of a node or an agent. Those of an agent come from every node that held it.
 */
export type GetMetrics = { 
/**
 * Of what.
 */
subject: Subject, 
/**
 * Which metrics; all of its kind if nothing is said.
 */
metrics?: Array<Metric>, 
/**
 * How far back, in seconds: 900 if nothing is said, 86,400 at most.
 */
span_s?: number, 
/**
 * How many seconds one point is of; as many as make some 180 points if nothing is said. Beyond
 * 900 seconds back they are whole minutes.
 */
step_s?: number, };

/**
 * Reads the last value of every metric of every node and agent.
 */
export type GetMetricsNow = Record<symbol, never>;

/**
 * Reads the topic `pairing` once.
 */
export type GetPairing = Record<symbol, never>;

/**
 * The planned moves and how far they are.
 */
export type GetRebalance = Record<symbol, never>;

/**
 * Reads what a recovery by force on this node would keep, and what it may lose.
 */
export type GetRecovery = Record<symbol, never>;

/**
 * Asks for the answer of a call that was made before.
 */
export type GetResult = { 
/**
 * Which call.
 */
handle: string, 
/**
 * How long to wait for it, in milliseconds: not at all if nothing is said, 600,000 at most.
 */
wait_ms?: number, };

/**
 * Reads a session.
 */
export type GetSession = { 
/**
 * Which.
 */
session: number, };

/**
 * Explains the balance of an account.
 */
export type GetStatement = { 
/**
 * Which account.
 */
account: Account, 
/**
 * How many of the newest changes; 100 if nothing is said, 20,000 at most.
 */
limit?: number, 
/**
 * Whether this node may answer from what it has, which may be old, without asking a majority.
 */
stale?: boolean, };

/**
 * Reads the topic `status` once.
 */
export type GetStatus = Record<symbol, never>;

/**
 * Reads a task.
 */
export type GetTask = { 
/**
 * Its number.
 */
task: number, };

/**
 * Reads under which token an exclusive agent runs, and how long its lease lasts.
 */
export type GetTenure = { 
/**
 * Which agent.
 */
name: string, };

/**
 * How many names were given up.
 */
export type GivenUp = { 
/**
 * That many.
 */
count: number, };

/**
 * The supervision group of an agent, after Erlang's supervisors.
 */
export type Group = { 
/**
 * Which group; its members may run on any nodes.
 */
name: string, 
/**
 * Which ends of its siblings end this agent too.
 */
strategy: GroupStrategy, 
/**
 * Its place in the order of starting; the lower starts first.
 */
order: number, };

/**
 * A store that was set aside.
 */
export type GroupSetAside = { 
/**
 * The folder that it is in.
 */
aside: string, };

/**
 * A group that somebody is in.
 */
export type GroupSize = { 
/**
 * Which group.
 */
id: string, 
/**
 * How many are in it.
 */
members: number, };

/**
 * Which unasked ends of siblings start an agent afresh.
 */
export type GroupStrategy = "one_for_one" | "one_for_all" | "rest_for_one";

/**
 * The group as this node sees it.
 */
export type GroupView = { 
/**
 * Of which cluster.
 */
cluster: string, 
/**
 * What this node is in it.
 */
standing: Standing, 
/**
 * Who leads, if anybody is known to.
 */
leader: string | null, 
/**
 * The term of the last election that this node heard of.
 */
term: number, 
/**
 * The last entry that this node took in.
 */
applied: number, 
/**
 * The last entry that this node holds.
 */
last: number, 
/**
 * Voters in sight, this node counted.
 */
voters_seen: number, 
/**
 * How many it takes to agree.
 */
voters_needed: number, 
/**
 * Its members, in order of their ids.
 */
members: Array<RaftMemberView>, 
/**
 * Why it has stopped, if it has.
 */
stopped: string | null, };

/**
 * Which guard refused a call, and why. Nothing was done.
 */
export type GuardRefused = { "guard": "rate", 
/**
 * Who asked.
 */
actor: string, 
/**
 * The operations that the rule is for.
 */
operation: string, 
/**
 * When to ask again, in milliseconds.
 */
retry_ms: number, 
/**
 * What there was too little of.
 */
shortage: RateShortage, } | { "guard": "breaker", 
/**
 * Which agent.
 */
name: string, 
/**
 * The node whose calls failed.
 */
by: string, 
/**
 * For how long calls have been refused, in milliseconds.
 */
since_ms: number, 
/**
 * When it is tried whether the agent is well, in milliseconds.
 */
retry_ms: number, } | { "guard": "bulkhead", 
/**
 * Which agent.
 */
name: string, 
/**
 * Calls of it that go on from this node.
 */
running: number, 
/**
 * Calls that wait.
 */
queued: number, 
/**
 * How many may go on.
 */
at_once: number, 
/**
 * How many may wait.
 */
queue: number, 
/**
 * How long this one waited, in milliseconds.
 */
waited_ms: number, };

/**
 * Which breakers were not closed on this node, and are.
 */
export type GuardReset = { 
/**
 * Of which agents.
 */
closed: string[], };

/**
 * The guards around calls from one node, as they are.
 */
export type GuardView = { 
/**
 * How many calls of one agent may go on from this node.
 */
at_once: number, 
/**
 * How many more may wait.
 */
queue: number, 
/**
 * The agents of which calls go on, wait, fail or are refused; by name, the first thousand.
 */
gates: Array<GateView>, 
/**
 * The rates, each for each who asked of late; the first thousand.
 */
rates: Array<RateView>, };

/**
 * What an agent takes along when it moves.
 */
export type Handoff = { 
/**
 * Whether it can give a snapshot of its state and be started from one. Without, it is moved by
 * a person or a leaving node only, and starts afresh there.
 */
state: boolean, 
/**
 * How often a changed state is copied to a second node, in milliseconds; after a crash the
 * agent goes on from the last copy.
 */
checkpoint_ms: number, };

/**
 * One member's.
 */
export type HeatRow = { 
/**
 * Which member.
 */
node: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Whether it answered; one that is down does not.
 */
answered: boolean, 
/**
 * The mean of each step, or none where nothing was measured; nothing at all of one that did
 * not answer.
 */
values: Array<number | null>, };

/**
 * One metric of every member.
 */
export type HeatView = { 
/**
 * Which.
 */
metric: Metric, 
/**
 * When the first step begins.
 */
from: number, 
/**
 * Seconds of a step.
 */
step_s: number, 
/**
 * How many steps.
 */
steps: number, 
/**
 * Each member, by name.
 */
rows: Array<HeatRow>, };

/**
 * A claim as a change shows it.
 */
export type HeldView = { 
/**
 * The node.
 */
node: string, 
/**
 * Which life of the agent of this name, or "0" for a name without one.
 */
epoch: string, 
/**
 * Changes with the metadata.
 */
revision: number, 
/**
 * What was told of the name.
 */
metadata: Record<string, string | string[]>, };

/**
 * Sets credits of one's own aside for another account, which may take of them until the end.
 */
export type HoldCredits = { 
/**
 * For whom.
 */
to: Account, 
/**
 * How many.
 */
amount: Credits, 
/**
 * For how long, in milliseconds; 30 days at most. What was not taken then goes back.
 */
span_ms: number, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * One holding.
 */
export type HoldView = { 
/**
 * Whose.
 */
holder: Holder, 
/**
 * Its fencing token; of an election, the term.
 */
token: number, 
/**
 * How long a lease lasts without a word.
 */
lease_ms: number, };

/**
 * Who holds something, waits for it, or takes part: somebody on a node.
 */
export type Holder = { 
/**
 * Where.
 */
node: string, 
/**
 * Who, as that node tells them apart.
 */
session: string, };

/**
 * A name that one node holds at a time.
 */
export type HoldingView = { 
/**
 * Which.
 */
name: string, 
/**
 * The node that holds it.
 */
node: string, 
/**
 * The agent of that node that it is held for; none: the node itself.
 */
holder: string | null, 
/**
 * Its fencing token.
 */
token: number, };

/**
 * Makes a single-use invite.
 */
export type Invite = { 
/**
 * What it admits as; [`Accept::DEFAULT_ROLE`] if nothing is said.
 */
role?: Role, 
/**
 * How long it can be used, in milliseconds: as `invites.age` is set if nothing is said, as
 * `invites.longest` is at most.
 */
ttl_ms?: number, };

/**
 * An invite; its link is shown once.
 */
export type InviteMade = { 
/**
 * What to send to the other machine.
 */
link: string, 
/**
 * Names the invite in lists.
 */
id: string, 
/**
 * When it ends by itself.
 */
expires: number, };

/**
 * An invite that can still be used.
 */
export type InviteView = { 
/**
 * Names the invite without giving it away.
 */
id: string, 
/**
 * What it admits as.
 */
role: Role, 
/**
 * When it ends by itself.
 */
expires: number, };

/**
 * Puts new credits into an account.
 */
export type IssueCredits = { 
/**
 * Which account.
 */
to: Account, 
/**
 * How many.
 */
amount: Credits, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * Enters the cluster that an invite is for.
 */
export type Join = { 
/**
 * As [`InviteMade::link`] gave it.
 */
link: string, };

/**
 * Joins a group.
 */
export type JoinGroup = { 
/**
 * Which group.
 */
group: string, 
/**
 * Which agent of this node joins; none: the node itself.
 */
agent?: string, 
/**
 * What the member tells of itself.
 */
metadata?: Record<string, string | string[]>, };

/**
 * What becomes of what this node has when it enters another cluster. What that has under the same
 * names is known only there: it stands, and each conflict is told as an event.
 */
export type JoinPlan = { 
/**
 * The cluster that would be left.
 */
cluster_name: string, 
/**
 * How many other members that has: it goes on without this node.
 */
others: number, 
/**
 * Agents that this node's user started; they come along if it is let in as an operator or
 * more, and are archived if not.
 */
agents: Listed, 
/**
 * Variables of this node alone, which come along.
 */
locals: Listed, 
/**
 * Events of this node, which come along.
 */
events: number, 
/**
 * Agents that others started, which stay behind.
 */
foreign_agents: Listed, 
/**
 * Settings, which are archived.
 */
settings: Listed, 
/**
 * Locks, elections, semaphores and exclusive agents that are held, which are archived.
 */
places: Listed, 
/**
 * Barriers, which are archived.
 */
barriers: Listed, 
/**
 * Counters, which are archived.
 */
counters: Listed, 
/**
 * Variables, which are archived.
 */
variables: Listed, 
/**
 * Settled questions, which are archived.
 */
decisions: Listed, };

/**
 * How a neighbour's join key compares with this node's.
 */
export type KeyMatch = "none" | "same" | "other";

/**
 * Labels this node.
 */
export type LabelNode = { 
/**
 * All labels from here on.
 */
labels: { [key in string]: string }, };

/**
 * A lease that runs.
 */
export type LeaseHeld = { 
/**
 * The fencing token, of an election the term: greater than every one of this place before.
 */
token: number, };

/**
 * What an audit found.
 */
export type LedgerAudit = { 
/**
 * Accounts that were recomputed.
 */
accounts: number, 
/**
 * Postings that they were recomputed from.
 */
postings: number, 
/**
 * The number of the last posting.
 */
posted: number, 
/**
 * Holds that are open.
 */
holds: number, 
/**
 * Credits that were issued.
 */
issued: Credits, 
/**
 * Credits that are held.
 */
held: Credits, 
/**
 * What is wrong; nothing, if the books are right.
 */
faults: Array<LedgerFault>, };

/**
 * Something that is wrong in the books.
 */
export type LedgerFault = { "sum": { 
/**
 * What they add up to.
 */
sum: number, } } | { "escrow": { 
/**
 * What is in escrow.
 */
escrow: number, 
/**
 * What holds add up to.
 */
held: number, } } | { "balance": { 
/**
 * Of which account.
 */
account: Account, 
/**
 * Where it stands.
 */
balance: number, 
/**
 * What they come to.
 */
computed: number, } } | { "overdrawn": { 
/**
 * From which account.
 */
account: Account, 
/**
 * Where it stands.
 */
balance: number, } } | { "task": { 
/**
 * Which task.
 */
task: number, 
/**
 * How much is held.
 */
held: Credits, 
/**
 * What it pays; nought if it is not open.
 */
pays: Credits, } } | { "rent": { 
/**
 * Which agent.
 */
agent: string, 
/**
 * How much is held.
 */
held: Credits, 
/**
 * What it costs; nought if it has no place.
 */
costs: Credits, } } | { "gap": { 
/**
 * After which.
 */
number: number, } };

/**
 * Why the ledger refused, alike on every node. Nothing changed.
 */
export type LedgerRefused = "no_amount" | { "insufficient": { 
/**
 * Which account.
 */
account: Account, 
/**
 * What it has.
 */
balance: Credits, 
/**
 * What was asked for.
 */
amount: Credits, } } | { "issue_full": { 
/**
 * How many there are.
 */
issued: Credits, 
/**
 * The bound.
 */
most: Credits, } } | { "not_payable": { 
/**
 * Which.
 */
account: Account, } } | { "same_account": { 
/**
 * Which.
 */
account: Account, } } | { "earlier_life": { 
/**
 * Which agent.
 */
agent: string, } } | { "not_its_node": { 
/**
 * Which agent.
 */
agent: string, 
/**
 * Through which.
 */
node: string, } } | { "no_hold": { 
/**
 * Which.
 */
hold: number, } } | { "not_for_you": { 
/**
 * Which.
 */
hold: number, 
/**
 * Who asked.
 */
account: Account, } } | { "of_auction": { 
/**
 * Which.
 */
hold: number, 
/**
 * Whose.
 */
auction: number, } } | { "of_task": { 
/**
 * Which.
 */
hold: number, 
/**
 * Whose.
 */
task: number, } } | { "of_rent": { 
/**
 * Which hold.
 */
hold: number, 
/**
 * Whose.
 */
agent: string, } } | { "beyond": { 
/**
 * Which.
 */
hold: number, 
/**
 * What it holds.
 */
held: Credits, 
/**
 * What was asked for.
 */
amount: Credits, } } | { "ended": { 
/**
 * Which.
 */
hold: number, } } | { "too_early": { 
/**
 * Which.
 */
hold: number, 
/**
 * In how long.
 */
wait_ms: number, } } | { "span": { 
/**
 * The shortest.
 */
least_ms: number, 
/**
 * The longest.
 */
most_ms: number, } } | { "full": { 
/**
 * The bound.
 */
capacity: number, } };

/**
 * What an agent may use; the host ends an agent that goes past.
 */
export type Limits = { 
/**
 * Resident memory of the whole process group, in MiB.
 */
memory_mib: number, 
/**
 * The longest time one message may take, in milliseconds.
 */
handle_ms: number, 
/**
 * Messages that wait; one more is refused as busy.
 */
mailbox: number, };

/**
 * A link as this node measures it.
 */
export type LinkView = { 
/**
 * The median time of a heartbeat there and back, in microseconds.
 */
rtt_us: number, 
/**
 * How long ago it was heard, in milliseconds.
 */
silence_ms: number, 
/**
 * Whether its last digest equalled ours.
 */
converged: boolean, };

/**
 * Lists accounts.
 */
export type ListAccounts = { 
/**
 * Whether this node may answer from what it has, which may be old, without asking a majority.
 */
stale?: boolean, };

/**
 * Reads the topic `agents` once.
 */
export type ListAgents = Record<symbol, never>;

/**
 * Reads the rules, and where this node raises and clears by them.
 */
export type ListAlertRules = Record<symbol, never>;

/**
 * Reads the alerts of the cluster: the last of each rule and subject, those that are active first.
 */
export type ListAlerts = Record<symbol, never>;

/**
 * Lists what this node left behind whenever it entered another cluster.
 */
export type ListArchives = Record<symbol, never>;

/**
 * Lists the kinds of auctions, with what can be chosen in each.
 */
export type ListAuctionKinds = Record<symbol, never>;

/**
 * Lists auctions: those that are open, and the last that are over, newest first.
 */
export type ListAuctions = { 
/**
 * How many that are over at most; 50 if nothing is said, 1,000 at most.
 */
over?: number, 
/**
 * Whether this node may answer from what it has, which may be old, without asking a majority.
 */
stale?: boolean, };

/**
 * Asks for every group.
 */
export type ListGroups = Record<symbol, never>;

/**
 * Lists the holds that are open, those of auctions with them.
 */
export type ListHolds = Record<symbol, never>;

/**
 * Asks who is in a group.
 */
export type ListMembers = { 
/**
 * Which group.
 */
group: string, };

/**
 * Reads which metrics there are.
 */
export type ListMetrics = Record<symbol, never>;

/**
 * Asks for every namespace.
 */
export type ListNamespaces = Record<symbol, never>;

/**
 * Reads the topic `nodes` once.
 */
export type ListNodes = Record<symbol, never>;

/**
 * Reads alerts of the past, the latest first.
 */
export type ListPastAlerts = { 
/**
 * How many at most: 100 if nothing is said, 500 at most.
 */
limit?: number, };

/**
 * Reads the protocols that there are, with their options.
 */
export type ListProtocols = Record<symbol, never>;

/**
 * Reads all sessions: those that run, and those that are over and kept, the last first.
 */
export type ListSessions = Record<symbol, never>;

/**
 * Reads the versions of the settings that are remembered, the oldest first.
 */
export type ListSettingVersions = { 
/**
 * Only those after this one.
 */
after?: number, };

/**
 * Reads every setting: what it is on this node, and who set it.
 */
export type ListSettings = Record<symbol, never>;

/**
 * Lists tasks, the newest first.
 */
export type ListTasks = { 
/**
 * Of one queue: its capabilities joined by `+`.
 */
queue?: string, 
/**
 * So far.
 */
state?: TaskPhase, 
/**
 * Below this number.
 */
before?: number, 
/**
 * How many at most: 100 if nothing is said, 1,000 at most.
 */
limit?: number, };

/**
 * How many of something there are, and what they are called.
 */
export type Listed = { 
/**
 * How many.
 */
count: number, 
/**
 * Their names, [`Listed::NAMES`] at most.
 */
names: Array<string>, };

/**
 * A line that an agent wrote, or that its host wrote of it.
 */
export type LogLine = { 
/**
 * Its place among the lines its node kept of the agent; goes up.
 */
seq: number, 
/**
 * When it was written, by the clock of the node that ran the agent.
 */
at: number, 
/**
 * Where it was written.
 */
stream: LogStream, 
/**
 * The line without its end.
 */
text: string, };

/**
 * Lines of an agent, oldest first.
 */
export type LogPage = { 
/**
 * The lines.
 */
lines: Array<LogLine>, };

/**
 * Where a line of an agent's log comes from.
 */
export type LogStream = "stderr" | "log" | "host";

/**
 * Asks who holds a name.
 */
export type Lookup = { 
/**
 * Which name.
 */
name: string, 
/**
 * Whether the answer must be no older than the question: it takes a majority, and only the backend
 * `consensus` has such an answer.
 */
linearizable: boolean, };

/**
 * The key to seal openings with.
 */
export type MarketKey = { 
/**
 * A point of P-256, uncompressed, in 130 hexadecimal digits.
 */
key: string, };

/**
 * One of the owners of a group.
 */
export type MemberView = { 
/**
 * The node.
 */
node: string, 
/**
 * The agent; none: the node itself.
 */
agent: string | null, 
/**
 * Which life of the agent, or "0" for a node.
 */
epoch: string, 
/**
 * What it tells of itself.
 */
metadata: Record<string, string | string[]>, 
/**
 * Since when it is in.
 */
since: number, };

/**
 * A metric. Its place in the list is its number on disk and between nodes.
 */
export type Metric = "cpu" | "memory" | "memory_share" | "disk_free" | "disk_share" | "disk_read" | "disk_write" | "network_in" | "network_out" | "process_cpu" | "process_memory" | "agents" | "messages" | "errors" | "clock_offset" | "latency_p50" | "latency_p95" | "latency_p99" | "agent_cpu" | "agent_memory" | "agent_mailbox" | "agent_messages" | "agent_errors" | "agent_restarts" | "agent_latency_p50" | "agent_latency_p95" | "agent_latency_p99";

/**
 * What a metric is of.
 */
export type MetricOf = "node" | "agent";

/**
 * A metric.
 */
export type MetricRow = { 
/**
 * Which.
 */
metric: Metric, 
/**
 * What it is of.
 */
of: MetricOf, 
/**
 * The unit of its values.
 */
unit: MetricUnit, 
/**
 * What it is, in a sentence.
 */
help: string, };

/**
 * In which unit its values are.
 */
export type MetricUnit = "percent" | "bytes" | "bytes_per_second" | "per_second" | "count" | "milliseconds";

/**
 * A value.
 */
export type MetricValue = { 
/**
 * Of which metric.
 */
metric: Metric, 
/**
 * How much.
 */
value: number, };

/**
 * What was written.
 */
export type MetricsExport = { 
/**
 * The version of the columns.
 */
version: number, 
/**
 * The text.
 */
text: string, 
/**
 * Members that did not answer, of which nothing is in it.
 */
silent: string[], };

/**
 * The last values that a node measured of a subject.
 */
export type MetricsNow = { 
/**
 * Which node.
 */
node: string, 
/**
 * Of what.
 */
subject: Subject, 
/**
 * The values; what was not measured is left out.
 */
values: Array<MetricValue>, };

/**
 * Series, as they were read.
 */
export type MetricsRead = { 
/**
 * When the first step begins.
 */
from: number, 
/**
 * Seconds of a step.
 */
step_s: number, 
/**
 * Each metric that was asked for.
 */
series: Array<SeriesView>, 
/**
 * Nodes that were asked and did not answer.
 */
silent: string[], };

/**
 * Runs an agent elsewhere.
 */
export type MoveAgent = { 
/**
 * Which agent.
 */
name: string, 
/**
 * The node it runs on while that is up; none: wherever it may.
 */
to: string | null, };

/**
 * What came of a planned move.
 */
export type MoveState = "waiting" | "moving" | "done" | "failed" | "overtaken";

/**
 * Has nobody told of the alerts of a rule and a subject.
 */
export type MuteAlert = { 
/**
 * Which rule.
 */
rule: AlertRule, 
/**
 * Which subject.
 */
subject: Subject, 
/**
 * For how long, in milliseconds; until somebody says otherwise if nothing is said.
 */
for_ms?: number, };

/**
 * Who holds a name.
 */
export type NameHolder = { 
/**
 * The node.
 */
node: string, 
/**
 * Which life of the agent of this name, or "0" for a name without one.
 */
epoch: string, 
/**
 * Its fencing token, if the cluster agreed on who holds it.
 */
token: number | null, 
/**
 * The entry of the group's log as of which, if that was asked.
 */
index: number | null, };

/**
 * What came of each claim, in the order asked.
 */
export type NameOutcomes = { 
/**
 * Why a name was refused; null if it was registered.
 */
outcomes: Array<UiError | null>, 
/**
 * Under which fencing token each is held by this node, where consensus keeps its namespace.
 */
tokens: Array<number | null>, };

/**
 * What is behind a name.
 */
export type NameState = "registered" | "running" | "starting" | "backing_off" | "stopping" | "finished" | "failed";

/**
 * A name and what is known of it.
 */
export type NameView = { 
/**
 * The name.
 */
id: string, 
/**
 * The node that holds it.
 */
node: string, 
/**
 * What is behind it.
 */
state: NameState, 
/**
 * The life of the agent of this name, or "0" for a name without one.
 */
epoch: string, 
/**
 * The agent it is held for, if it is not that agent's own name.
 */
holder: string | null, 
/**
 * What runs the agent of this name, if there is one.
 */
kind: RuntimeKind | null, 
/**
 * What the agent of this name can do.
 */
capabilities: Array<string>, 
/**
 * What its owner tells of it.
 */
metadata: Record<string, string | string[]>, 
/**
 * Changes with the metadata; 0 while nobody holds the name.
 */
revision: number, 
/**
 * When it was claimed.
 */
since: number, 
/**
 * Its fencing token, if the cluster agreed on who holds it: greater with each holding. None in
 * namespaces of other backends, and as long as the agreement on it has not come about.
 */
token: number | null, };

/**
 * A namespace in figures; each name is counted once, for its owner.
 */
export type NamespaceView = { 
/**
 * Its name.
 */
id: string, 
/**
 * What keeps its names.
 */
backend: Backend, 
/**
 * Names that nodes hold.
 */
names: number, 
/**
 * Agents that run.
 */
agents: number, 
/**
 * The same for each node that has any, in order of their ids.
 */
nodes: Array<NodeNames>, };

/**
 * A node in the lobby that is no member.
 */
export type NearbyView = { 
/**
 * Which node.
 */
node: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its cluster.
 */
cluster: string, 
/**
 * The name of its cluster.
 */
cluster_name: string, 
/**
 * Members of its cluster.
 */
members: number, 
/**
 * Its version of Covey.
 */
version: string, 
/**
 * Its operating system.
 */
os: string, 
/**
 * How it was found.
 */
by: FoundBy, 
/**
 * How its join key compares with this node's.
 */
join_key: KeyMatch, 
/**
 * When it last said hello.
 */
seen: number, };

/**
 * An event to be told of.
 */
export type NewEvent = { 
/**
 * What kind of thing it was: words with dots between them, as in `shop.order.paid`.
 */
type: string, 
/**
 * What there is to say about it; 64 KiB at most.
 */
body: Record<string, unknown>, 
/**
 * What it belongs to.
 */
correlation?: string, 
/**
 * The event it follows from.
 */
parent?: string, };

/**
 * A task to be done.
 */
export type NewTaskWish = { 
/**
 * What an agent must be able to do: all of it, eight at most.
 */
capabilities: Array<string>, 
/**
 * What it is asked to do.
 */
method: string, 
/**
 * With which parameters: 32 KiB at most.
 */
params: unknown, 
/**
 * What comes first.
 */
priority?: TaskPriority, 
/**
 * In how long it expires if it is not done, in milliseconds; never if nothing is said.
 */
expires_ms?: number, 
/**
 * How long one attempt may take, in milliseconds: a minute if nothing is said, a day at most.
 */
timeout_ms?: number, 
/**
 * How many attempts may end with their agent, or without an answer: five if nothing is said,
 * 100 at most.
 */
attempts?: number, 
/**
 * Names the task: submitted again under the key it is the same task, as long as that is
 * remembered. 64 bytes at most.
 */
key?: string, 
/**
 * What is paid for it at most, in credits, to the owner of the node whose agent does it: of
 * what is held from its submission on, the price that the auction comes to. Its queue takes the
 * strategy `auction`. Nothing is paid if nothing is said.
 */
pay?: Credits, 
/**
 * What the answer has to fit to be one, a JSON Schema that refers to nothing; the task fails
 * with an answer that does not. 32 KiB at most.
 */
check?: unknown, };

/**
 * What a node asks for a second of one agent's work, in thousandths of a credit; never nought.
 */
export type NodeAsk = number;

/**
 * The part of one node in a namespace.
 */
export type NodeNames = { 
/**
 * Which node.
 */
node: string, 
/**
 * Names it holds.
 */
names: number, 
/**
 * Agents it runs.
 */
agents: number, };

/**
 * How this node sees a member.
 */
export type NodeState = "alive" | "suspect" | "down" | "left" | "sleeping" | "waking" | "unseen";

/**
 * A member as this node sees it.
 */
export type NodeView = { 
/**
 * Which node.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Whether it is the one that reports.
 */
this: boolean, 
/**
 * What it may do.
 */
role: Role, 
/**
 * How this node sees it.
 */
state: NodeState, 
/**
 * Since when.
 */
since: number, 
/**
 * Covey's version on it.
 */
version: string, 
/**
 * Its operating system.
 */
os: string, 
/**
 * Its architecture.
 */
arch: string, 
/**
 * Logical processors.
 */
cpus: number, 
/**
 * Memory in MiB.
 */
memory_mib: number, 
/**
 * Busy processors in percent of one.
 */
cpu_percent: number, 
/**
 * Memory in use, in MiB.
 */
used_mib: number, 
/**
 * Agent messages it handled in the last second.
 */
messages_per_s: number, 
/**
 * Agents it runs.
 */
agents: number, 
/**
 * What it asks for a second of an agent's work, in thousandths of a credit; nothing if it takes
 * none by auction.
 */
ask?: NodeAsk, 
/**
 * How its disk is.
 */
disk: DiskState, 
/**
 * Labels its owner gave it.
 */
labels: { [key in string]: string }, 
/**
 * Which programs of others it runs.
 */
programs: Programs, 
/**
 * Whether and why it takes no agents; none for one that does.
 */
scheduling?: SchedulingView, 
/**
 * Where members reach it.
 */
addresses: Array<string>, 
/**
 * When its process started.
 */
started: number | null, 
/**
 * The link from this node to it; none to itself and while it is not connected.
 */
link: LinkView | null, 
/**
 * Who sees it otherwise than this node does.
 */
seen_by: Array<SeenView>, };

/**
 * One line of the journal.
 */
export type NoteView = { 
/**
 * When, in milliseconds since the Unix epoch, by the clock of the node that proposed it.
 */
at: number, 
/**
 * How long after the session began, in microseconds, by the group's clock.
 */
after_us: number, 
/**
 * In which round.
 */
round: number, 
/**
 * What.
 */
kind: SessionNoteKind, 
/**
 * Of which participant, if of one.
 */
agent: string | null, 
/**
 * On which node that ran.
 */
node: string | null, 
/**
 * In which life.
 */
epoch: string | null, 
/**
 * Which node handed it in.
 */
relayed: string | null, 
/**
 * What was said, the phase, or why it failed.
 */
text: string, 
/**
 * Who was asked.
 */
whom: string[], };

/**
 * Where an agent's mailbox has a message.
 */
export type Notified = { 
/**
 * The node that the agent runs on.
 */
node: string, 
/**
 * Until its mailbox had it, in microseconds.
 */
took_us: number, };

/**
 * Sends an agent a message that it does not answer.
 */
export type NotifyAgent = { 
/**
 * Which agent.
 */
name: string, 
/**
 * What it is told.
 */
method: string, 
/**
 * More of it.
 */
params: unknown, 
/**
 * How long the agent's mailbox may take to have it, in milliseconds: as `calls.timeout` is set if
 * nothing is said, 600,000 at most.
 */
timeout_ms?: number, 
/**
 * On whose behalf, for the rates that are counted for each who asks.
 */
session?: string, 
/**
 * Names the message, so that sending it again does not have it handled twice.
 */
key?: string, };

/**
 * What became of an offer that was taken.
 */
export type OfferTaken = { "leads": { 
/**
 * When bids are no longer taken, by the group's clock in nanoseconds.
 */
closes: number, } } | { "won": { 
/**
 * What the winner pays.
 */
price: Credits, } } | { "committed": { 
/**
 * The place in the order of commitments, from 1, by which ties are broken.
 */
place: number, 
/**
 * What is held until it is revealed.
 */
deposit: Credits, } } | "revealed" | "below_reserve";

/**
 * What the loss of a dependency means for an agent that runs.
 */
export type OnLoss = "ignore" | "stop" | "restart";

/**
 * Some of the names that fit a query, in order.
 */
export type Page = { 
/**
 * The names.
 */
names: Array<NameView>, 
/**
 * Where the next page begins, if there may be more: ask for what comes after it. A page may be
 * short, even empty, and still have a next one.
 */
next: string | null, 
/**
 * Names looked at for this page; 10,000 at most.
 */
scanned: number, 
/**
 * Whether an index led to them; if not, every name was looked at.
 */
indexed: boolean, };

/**
 * Everything the Cluster page shows beside the members.
 */
export type PairingView = { 
/**
 * Nodes in the lobby that this one can be paired with: no members.
 */
nearby: Array<NearbyView>, 
/**
 * Strangers who ask to join.
 */
requests: Array<RequestView>, 
/**
 * What this node asks of another, if it does.
 */
ask: AskView | null, 
/**
 * Invites that can still be used.
 */
invites: Array<InviteView>, };

/**
 * Why a participant has no answer.
 */
export type ParticipantFailure = "silent" | "gone" | { "declined": { 
/**
 * What it said.
 */
message: string, } } | { "malformed": { 
/**
 * What is wrong with it.
 */
problem: SessionProblem, } };

/**
 * Where a participant stands in a round.
 */
export type ParticipantStanding = "idle" | "awaited" | "spoke" | "failed";

/**
 * One participant.
 */
export type ParticipantView = { 
/**
 * Who.
 */
agent: string, 
/**
 * Where it runs, as the log last heard.
 */
node: string | null, 
/**
 * Where it stands in this round.
 */
standing: ParticipantStanding, 
/**
 * What the protocol says of it.
 */
remark: string, 
/**
 * How it was assessed.
 */
assessed: SessionFeedback | null, };

/**
 * How somebody came to hold something no more.
 */
export type Parting = "released" | "expired" | "revoked";

/**
 * A change that waits for a majority.
 */
export type PendingChange = { 
/**
 * Names it.
 */
id: string, 
/**
 * What is to change, in words.
 */
change: string, 
/**
 * When it was asked for.
 */
asked: number, 
/**
 * When it is dropped.
 */
expires: number, };

/**
 * The states of an agent on its node.
 */
export type Phase = "starting" | "running" | "migrating" | "arriving" | "backing_off" | "stopping" | "finished" | "failed";

/**
 * One lock, election or semaphore; each kind has names of its own.
 */
export type Place = { 
/**
 * What it is.
 */
kind: PlaceKind, 
/**
 * What it is called.
 */
name: string, };

/**
 * What a lease is of.
 */
export type PlaceKind = "lock" | "election" | "semaphore" | "agent" | "names";

/**
 * How something is held.
 */
export type PlaceRead = { 
/**
 * What was found; none if nobody holds it.
 */
found: PlaceView | null, 
/**
 * The entry as of which.
 */
index: number, };

/**
 * A lock, an election or a semaphore that somebody holds.
 */
export type PlaceView = { 
/**
 * Which.
 */
place: Place, 
/**
 * How many may hold it at once.
 */
permits: number, 
/**
 * Who does, the first first.
 */
holds: Array<HoldView>, 
/**
 * Who waits, first come first.
 */
line: Array<Holder>, };

/**
 * Why an agent is started on a node.
 */
export type PlacedFor = "unplaced" | "node_down" | "restart" | "asked" | "relation";

/**
 * Where an agent may run, and by which rule one of those places is chosen.
 */
export type Placement = { 
/**
 * How one of the nodes that may run it is chosen.
 */
strategy: Strategy, 
/**
 * Operating systems it can run on (`linux`, `macos`, `windows`); empty: any.
 */
os: Array<string>, 
/**
 * Architectures it can run on (`x86_64`, `aarch64`); empty: any.
 */
arch: Array<string>, 
/**
 * Labels a node must have, with these values.
 */
labels: { [key in string]: string }, 
/**
 * Labels a node must have, whatever their values: what it offers, such as `gpu`.
 */
capabilities: Array<string>, 
/**
 * Memory that must be free on a node when the agent starts there, in MiB.
 */
free_memory_mib: number, 
/**
 * Processor time that must be idle on a node when the agent starts there, in percent of one
 * processor.
 */
free_cpu_percent: number, 
/**
 * Agents whose node it shares; while one of them runs nowhere, it waits.
 */
near: string[], 
/**
 * Agents whose node it never shares.
 */
apart: string[], 
/**
 * With [`Strategy::Spread`] and replicas: the label whose values tell the places apart; none:
 * each node is a place.
 */
spread_by: string | null, 
/**
 * Whether a node that joins takes over the agents that its share gives it; only those that hand
 * their state over are moved.
 */
redistribute: boolean, 
/**
 * With [`Strategy::Auction`]: the most that its owner pays for a minute of each replica, in
 * credits; nought: nothing is paid, and nothing asked for.
 */
pay_per_minute: Credits, };

/**
 * Why an agent is where it is, or nowhere.
 */
export type PlacementView = { 
/**
 * Every member as a place for it, the best first.
 */
candidates: Array<CandidateView>, 
/**
 * What keeps it from running though it should, as sentences.
 */
waiting: Array<string>, };

/**
 * Whether a plan's moves are done.
 */
export type PlanPhase = "running" | "paused" | "aborted";

/**
 * Planned moves and how far they are.
 */
export type PlanView = { 
/**
 * Whether they are done.
 */
phase: PlanPhase, 
/**
 * Between two moves, in milliseconds.
 */
interval_ms: number, 
/**
 * When the first was due.
 */
started: number, 
/**
 * Every move, in order.
 */
moves: Array<PlannedMoveView>, };

/**
 * A planned move.
 */
export type PlannedMove = { 
/**
 * Of which agent.
 */
name: string, 
/**
 * Where it runs.
 */
from: string, 
/**
 * Where it goes.
 */
to: string, 
/**
 * Why, for people.
 */
why: string, };

/**
 * A planned move and what came of it.
 */
export type PlannedMoveView = { 
/**
 * What came of it.
 */
state: MoveState, 
/**
 * Why it failed.
 */
reason: string | null, 
/**
 * Of which agent.
 */
name: string, 
/**
 * Where it runs.
 */
from: string, 
/**
 * Where it goes.
 */
to: string, 
/**
 * Why, for people.
 */
why: string, };

/**
 * Credits that changed hands.
 */
export type Posted = { 
/**
 * The number of the posting.
 */
posting: number, };

/**
 * One posting, for people and programs.
 */
export type PostingView = { 
/**
 * Its number, from 1, without gaps.
 */
posting: number, 
/**
 * When, in milliseconds since 1970 by the wall clock of the node that wished it.
 */
at: number, 
/**
 * Which wish of the log caused it.
 */
wish: number, 
/**
 * Of which node.
 */
by: string, 
/**
 * What it was for.
 */
why: PostingWhy, 
/**
 * Within which auction.
 */
auction: number | null, 
/**
 * For which task.
 */
task: number | null, 
/**
 * For the place of which agent.
 */
rent: string | null, 
/**
 * Who gave.
 */
debit: Account, 
/**
 * Who got.
 */
credit: Account, 
/**
 * How many credits.
 */
amount: Credits, };

/**
 * What a posting was for.
 */
export type PostingWhy = "issued" | "transferred" | { "held": number } | { "captured": number } | { "released": number } | { "forfeited": number };

/**
 * Which rule decided between two claims.
 */
export type Precedence = "epoch" | "earlier" | "smaller_id";

/**
 * Tries how a burst of tasks would spread.
 */
export type PreviewBalancer = { 
/**
 * Which capabilities the tasks take.
 */
capabilities: Array<string>, 
/**
 * By which strategy, beside the one that is.
 */
strategy: StrategyKind, 
/**
 * How many tasks: 100 if nothing is said, 10,000 at most.
 */
burst?: number, };

/**
 * The moves that would even the cluster out.
 */
export type PreviewRebalance = Record<symbol, never>;

/**
 * How a burst of tasks would spread from the loads of now, if none of them ended.
 */
export type PreviewView = { 
/**
 * By which strategy.
 */
strategy: StrategyKind, 
/**
 * How many of them each agent would get; those that can do them and would get none with them.
 */
shares: Array<ShareView>, 
/**
 * How many would get no agent.
 */
left: number, 
/**
 * Why not.
 */
stuck?: Stuck, 
/**
 * What the busiest would get beside the mean, in percent; 100 is even.
 */
spread_percent: number, };

/**
 * Which nodes have a part in a counter or a variable.
 */
export type PrimitiveScope = "local" | "global" | "cluster";

/**
 * Something that a person should know, and what to do about it.
 */
export type ProblemView = { "kind": "read_only", reason: string, } | { "kind": "disk_full", path: string, free_bytes: number, } | { "kind": "disk_read_only", path: string, } | { "kind": "disk_fails", path: string, reason: string, } | { "kind": "store_damaged", path: string, reason: string, } | { "kind": "group_filling", aside: string, } | { "kind": "group_damaged", path: string, reason: string, } | { "kind": "group_unusable", path: string, reason: string, } | { "kind": "node_disk", node: string, name: string, disk: DiskState, } | { "kind": "twin", address: string, } | { "kind": "node_down", node: string, name: string, since: number, } | { "kind": "clock_ahead", node: string, name: string, } | { "kind": "agent_failed", name: string, node: string, } | { "kind": "agent_unplaced", name: string, } | { "kind": "one_admin" };

/**
 * Which programs of others a node runs; its owner says so, and every other node respects it.
 */
export type Programs = "own" | "cluster";

/**
 * Proposes an answer to a question: the first that the cluster agrees on stands.
 */
export type ProposeDecision = { 
/**
 * Which question.
 */
question: string, 
/**
 * The answer, 64 KiB at most.
 */
value: string, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * An option of a protocol.
 */
export type ProtocolOption = { 
/**
 * What it is called.
 */
name: string, 
/**
 * What it does.
 */
doc: string, 
/**
 * Its value if nobody says; empty: none.
 */
default: string, 
/**
 * Which values it takes: `choice`, `whole`, `texts` or `amounts`.
 */
kind: string, 
/**
 * Of a choice, which there are.
 */
choices: Array<string>, 
/**
 * Of what a number is.
 */
unit: string, };

/**
 * A protocol, as a form can be made of it.
 */
export type ProtocolView = { 
/**
 * What it is called.
 */
name: string, 
/**
 * Which version of it.
 */
version: number, 
/**
 * What it does.
 */
doc: string, 
/**
 * How few may take part.
 */
least: number, 
/**
 * How many may.
 */
most: number, 
/**
 * How many of a hundred must answer if nobody says.
 */
quorum_percent: number, 
/**
 * Its options.
 */
options: Array<ProtocolOption>, };

/**
 * Publishes a message on a topic.
 */
export type Publish = { 
/**
 * The topic: a name without a namespace.
 */
topic: string, 
/**
 * What is published, as JSON.
 */
body: unknown, 
/**
 * How long the subscribers' mailboxes may take to have it, in milliseconds: as `calls.timeout` is
 * set if nothing is said, 600,000 at most.
 */
timeout_ms?: number, 
/**
 * On whose behalf, for the rates that are counted for each who asks.
 */
session?: string, };

/**
 * Who has a message that was published.
 */
export type Published = { 
/**
 * Subscribers whose mailboxes have it.
 */
delivered: number, 
/**
 * The others, and why they have not.
 */
failed: Array<TargetOutcome>, };

/**
 * Which names, and which page of them. Names that nobody answers for are left out unless a term
 * asks for a state.
 */
export type Query = { 
/**
 * What must hold, all of it; 16 terms at most.
 */
terms?: Array<Term>, 
/**
 * Only names after this one in the order of names.
 */
after?: string, 
/**
 * How many at most; 20 if none is said, 1,000 at most.
 */
limit?: number, };

/**
 * A queue.
 */
export type QueueView = { 
/**
 * The capabilities its tasks take, joined by `+`.
 */
queue: string, 
/**
 * How its agents are chosen.
 */
strategy: StrategyKind, 
/**
 * Whether that was chosen for it alone.
 */
own: boolean, 
/**
 * Tasks that wait.
 */
waiting: number, 
/**
 * Tasks that an agent has.
 */
running: number, 
/**
 * Agents that can do them.
 */
agents: number, 
/**
 * Why those that wait get no agent, if that is so.
 */
stuck?: Stuck, };

/**
 * Leaves a group.
 */
export type QuitGroup = { 
/**
 * Which group.
 */
group: string, 
/**
 * Which agent of this node leaves; none: the node itself.
 */
agent?: string, };

/**
 * One member of the group.
 */
export type RaftMemberView = { 
/**
 * Which node.
 */
node: string, 
/**
 * What it is.
 */
standing: Standing, 
/**
 * Whether it is in sight.
 */
seen: boolean, 
/**
 * How many entries it is behind, if this node leads and knows.
 */
behind: number | null, };

/**
 * Where a rate is counted.
 */
export type RateReach = "node" | { "cluster": RateWithout };

/**
 * For whom a rate is counted.
 */
export type RateShare = "each" | "together";

/**
 * What a rate had too little of.
 */
export type RateShortage = "rate" | "majority" | "room";

/**
 * A rate, for one who asks or for all.
 */
export type RateView = { 
/**
 * The rule as it is written.
 */
rule: string, 
/**
 * The operations that it is for.
 */
operation: string, 
/**
 * Where it is counted.
 */
reach: RateReach, 
/**
 * For whom.
 */
share: RateShare, 
/**
 * Who asked; none: it counts for all, or nobody asked of late.
 */
actor: string | null, 
/**
 * How many may come at once.
 */
burst: number, 
/**
 * What this node can let through at once.
 */
left: number, 
/**
 * What is left for all nodes, of a rate of the cluster, as far as this node has heard; what a
 * node drew and has not used within a second is lost.
 */
cluster_left: number | null, 
/**
 * When there is more, in milliseconds.
 */
next_ms: number, 
/**
 * When all of it is there again if nobody asks, in milliseconds: of a rate of the cluster, all
 * of that.
 */
full_ms: number, 
/**
 * Let through by this node since it started.
 */
passed: number, 
/**
 * Refused by this node since it started.
 */
refused: number, 
/**
 * Whether only this node's part counts, for want of a majority.
 */
alone: boolean, };

/**
 * What a rate of the cluster does without a majority.
 */
export type RateWithout = "open" | "closed";

/**
 * Reads a counter.
 */
export type ReadCounter = { 
/**
 * Which counter.
 */
counter: string, 
/**
 * The scope of the counter: the one in which it is there if none is said, or, if it is new,
 * `cluster`.
 */
scope?: PrimitiveScope, 
/**
 * Whether this node may answer from what it has, which may be old, without asking a majority.
 */
stale?: boolean, };

/**
 * Reads what a question was settled to.
 */
export type ReadDecision = { 
/**
 * Which question.
 */
question: string, 
/**
 * Whether this node may answer from what it has, which may be old, without asking a majority.
 */
stale?: boolean, };

/**
 * Reads a variable.
 */
export type ReadVariable = { 
/**
 * Which variable.
 */
variable: string, 
/**
 * The scope of the variable: the one in which it is there if none is said, or, if it is new,
 * `cluster`.
 */
scope?: PrimitiveScope, 
/**
 * Whether this node may answer from what it has, which may be old, without asking a majority.
 */
stale?: boolean, };

/**
 * Moves that would even the cluster out.
 */
export type RebalancePreview = { 
/**
 * In the order in which they would be done; none if nothing is to be gained.
 */
moves: Array<PlannedMove>, };

/**
 * What becomes of the planned moves.
 */
export type RebalanceStep = "pause" | "resume" | "abort";

/**
 * Recovers the group by force: it goes on with what this node holds, without the voters that are
 * lost. When they return they follow, and what they alone held is lost.
 */
export type RecoverGroup = Record<symbol, never>;

/**
 * A recovery that was made.
 */
export type Recovered = { 
/**
 * How many changes the group begins with.
 */
revision: number, };

/**
 * What a recovery by force on this node would keep, and what it may lose.
 */
export type Recovery = { 
/**
 * Voters in sight, this node counted if it is one.
 */
voters_seen: number, 
/**
 * How many it takes to agree.
 */
voters_needed: number, 
/**
 * The voters out of sight. What one of them acknowledged while this node was not connected to it
 * is lost; so are changes made on their side since.
 */
lost: string[], 
/**
 * How many changes this node holds: the new group begins with all of them.
 */
revision: number, 
/**
 * How many of those this node does not know to be agreed on: they are kept, though whoever asked
 * for them may have been told that their outcome is unknown.
 */
unconfirmed: number, };

/**
 * Where one agent would go if its node were lost.
 */
export type RefugeView = { 
/**
 * Which agent.
 */
agent: string, 
/**
 * The node it would run on; none if it would run nowhere, or if chance decides.
 */
to: string | null, 
/**
 * Why there is no such node, as sentences.
 */
waiting: Array<string>, };

/**
 * Why a request in the lobby was refused.
 */
export type Refusal = "refused" | "expired" | "bad_reveal" | "bad_proof" | "bad_certificate" | "revoked" | "busy" | "cannot_admit" | "no_request" | "version";

/**
 * Says no to a stranger who asked.
 */
export type Refuse = { 
/**
 * Whom.
 */
node: string, };

/**
 * Why a change of a primitive was refused; of what the cluster agrees on, alike on every node.
 * Nothing changed.
 */
export type Refused = { "held": { 
/**
 * What.
 */
place: Place, 
/**
 * By whom, one of them if several do.
 */
holder: Holder, } } | { "fenced": { 
/**
 * Of what.
 */
place: Place, 
/**
 * The token that was shown.
 */
token: number, } } | { "line_full": { 
/**
 * For what.
 */
place: Place, 
/**
 * The bound.
 */
capacity: number, } } | { "lease": { 
/**
 * The shortest.
 */
least_ms: number, 
/**
 * The longest.
 */
most_ms: number, } } | { "permits": { 
/**
 * What.
 */
place: Place, 
/**
 * How many it has, or may have at most.
 */
permits: number, } } | { "parties": { 
/**
 * Which barrier.
 */
barrier: string, 
/**
 * How many it takes, or may take at most.
 */
parties: number, } } | { "over": { 
/**
 * Which barrier.
 */
barrier: string, 
/**
 * Which generation.
 */
generation: number, } } | { "overflow": { 
/**
 * Which counter.
 */
counter: string, } } | { "conflict": { 
/**
 * Which variable.
 */
variable: string, 
/**
 * Where it is; nought: it is not there.
 */
version: number, } } | { "unfit": { 
/**
 * Which variable.
 */
variable: string, } } | "terms" | { "not_writer": { 
/**
 * Which variable.
 */
variable: string, } } | "fenced_twice" | { "too_large": { 
/**
 * How many there were.
 */
bytes: number, 
/**
 * The bound.
 */
capacity: number, } } | { "out_of_space": { 
/**
 * The bound.
 */
capacity: number, } } | { "full": { 
/**
 * The bound.
 */
capacity: number, } } | { "other_scope": { 
/**
 * Which counter or variable.
 */
name: string, 
/**
 * Its scope.
 */
scope: PrimitiveScope, } } | { "ambiguous": { 
/**
 * Which counter or variable.
 */
name: string, } } | { "unagreed": { 
/**
 * What was asked for.
 */
what: string, 
/**
 * In which scope.
 */
scope: PrimitiveScope, } };

/**
 * Claims names for this node.
 */
export type Register = { 
/**
 * Which names; 1,000 at most.
 */
names: Array<Claim>, 
/**
 * The agent of this node that they are held for, and with which they go; none: the node itself.
 */
holder?: string, };

/**
 * Makes a variable that keeps a rule.
 */
export type RegisterVariable = { 
/**
 * Which variable; it must not be there.
 */
variable: string, 
/**
 * What it holds at first, 64 KiB at most.
 */
value: string, 
/**
 * Which nodes have it: `local`, this one alone, on its disk; `global`, all, each by itself and
 * merged; `cluster`, all, as a majority agrees, if nothing is said.
 */
scope?: PrimitiveScope, 
/**
 * What becomes of writes that knew nothing of each other: in scope `global`
 * `last_write_wins` if nothing is said, in scope `cluster` `consensus` and nothing else.
 */
strategy?: ConflictStrategy, 
/**
 * What it may hold; any text if nothing is said.
 */
rule?: VariableRule, 
/**
 * The nodes whose users may write it; all if none is said.
 */
writers?: Array<string>, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * Lets go of what is held for oneself.
 */
export type ReleaseHold = { 
/**
 * Which hold.
 */
hold: number, };

/**
 * Gives up what is held.
 */
export type ReleaseLease = { 
/**
 * Which.
 */
place: Place, 
/**
 * The fencing token that it was given under.
 */
token: number, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * Stops an agent and forgets it.
 */
export type RemoveAgent = { 
/**
 * Which agent.
 */
name: string, };

/**
 * Removes a counter that is agreed on: it is at nought from there on.
 */
export type RemoveCounter = { 
/**
 * Which counter.
 */
counter: string, };

/**
 * Removes a variable.
 */
export type RemoveVariable = { 
/**
 * Which variable.
 */
variable: string, 
/**
 * The scope of the variable: the one in which it is there if none is said, or, if it is new,
 * `cluster`.
 */
scope?: PrimitiveScope, 
/**
 * The version it must be at; none: whichever.
 */
expected?: number, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * Renames this node.
 */
export type RenameNode = { 
/**
 * The name from here on, 1 to 40 characters.
 */
name: string, };

/**
 * Begins a lease anew.
 */
export type RenewLease = { 
/**
 * Of what.
 */
place: Place, 
/**
 * The fencing token that it was given under.
 */
token: number, };

/**
 * Why a change of rents was refused, alike on every node. Nothing changed.
 */
export type RentRefused = { "ledger": LedgerRefused } | { "no_order": { 
/**
 * Which agent.
 */
agent: string, } } | { "too_dear": { 
/**
 * Which agent.
 */
agent: string, 
/**
 * What its owner pays at most.
 */
most: Credits, 
/**
 * What a minute would cost.
 */
price: Credits, } } | { "placed": { 
/**
 * Which agent.
 */
agent: string, 
/**
 * Where.
 */
node: string, } } | { "no_minute": { 
/**
 * Which agent.
 */
agent: string, 
/**
 * Which hold.
 */
hold: number, } } | { "full": { 
/**
 * The bound.
 */
capacity: number, } };

/**
 * Forgets what a question was settled to: it may be settled anew.
 */
export type ReopenDecision = { 
/**
 * Which question.
 */
question: string, };

/**
 * Makes in this node's cluster what an archive holds and the cluster has not.
 */
export type ReplayArchive = { 
/**
 * As the list names it.
 */
id: number, };

/**
 * What came of a replay. Whoever asks again finds what was made to be there.
 */
export type Replayed = { 
/**
 * What was made.
 */
made: Array<ReplayedItem>, 
/**
 * What was there already, alike.
 */
there: Array<ReplayedItem>, 
/**
 * What the cluster has otherwise: it stands.
 */
conflicts: Array<Conflict>, };

/**
 * Something that was archived.
 */
export type ReplayedItem = { 
/**
 * What it is.
 */
kind: ArchivedKind, 
/**
 * What it is called.
 */
name: string, };

/**
 * What a person or a program told of.
 */
export type Report = { 
/**
 * What kind of thing it was.
 */
type: string, 
/**
 * What there is to say about it.
 */
body: Record<string, unknown>, 
/**
 * What it belongs to: an order, a request, a run.
 */
correlation?: string, 
/**
 * The event it follows from.
 */
parent?: string, 
/**
 * What had to hold before it was acknowledged.
 */
class?: EventClass, 
/**
 * Its place among those that were told together, if there were others.
 */
batch?: BatchPlace, };

/**
 * A stranger who asks to join.
 */
export type RequestView = { 
/**
 * Who asks.
 */
node: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its operating system.
 */
os: string, 
/**
 * Six digits that both screens show.
 */
digits: string, 
/**
 * Four words that both screens show.
 */
words: Array<string>, 
/**
 * When the request ends by itself.
 */
expires: number, };

/**
 * Lets calls of an agent through again, or of all agents, here and on the nodes that are reached.
 */
export type ResetGuard = { 
/**
 * Which agent; none: all.
 */
name?: string, };

/**
 * Has a rate begin anew on every node: all of it can be asked for at once.
 */
export type ResetRate = { 
/**
 * The operation that its rule is for, as that says it.
 */
operation: string, 
/**
 * For whom; none: for all who ask.
 */
actor?: string, };

/**
 * Unsets everything that the cluster agreed to set, in one step.
 */
export type ResetSettings = { 
/**
 * Only if the settings are at this version.
 */
expected?: number, 
/**
 * Whether to wait at this node, ten minutes at most, if no majority is there.
 */
queue?: boolean, };

/**
 * Starts an agent afresh.
 */
export type RestartAgent = { 
/**
 * Which agent.
 */
name: string, };

/**
 * Which ends of an agent call for a start.
 */
export type RestartPolicy = "permanent" | "transient" | "temporary";

/**
 * When an agent that ended is started again, after Erlang's supervisors.
 */
export type RestartRule = { 
/**
 * Which ends call for a start.
 */
policy: RestartPolicy, 
/**
 * Restarts allowed within `window_ms`; one more and the agent is parked as failed.
 */
max_restarts: number, 
/**
 * The sliding window, in milliseconds.
 */
window_ms: number, 
/**
 * The wait before the first restart, in milliseconds; it doubles up to thirty seconds.
 */
backoff_ms: number, };

/**
 * Opens a sealed bid, while bids are opened and not before.
 */
export type RevealBid = { 
/**
 * In which auction.
 */
auction: number, 
/**
 * How much was bid.
 */
amount: Credits, 
/**
 * What was committed with it, in 64 hexadecimal digits.
 */
nonce: string, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * What the metadata of a name is at.
 */
export type Revision = { 
/**
 * Changes with the metadata.
 */
revision: number, };

/**
 * Takes an invite back.
 */
export type RevokeInvite = { 
/**
 * As [`InviteMade::id`] names it.
 */
id: string, };

/**
 * Takes from its holder what is held; the next in line has it.
 */
export type RevokeLease = { 
/**
 * Which.
 */
place: Place, 
/**
 * The fencing token of the holding that is meant: who came to hold it since keeps it.
 */
token: number, };

/**
 * Puts a node out of the cluster for good.
 */
export type RevokeMember = { 
/**
 * Which node.
 */
node: string, };

/**
 * What a member may do; each role may do what the ones before it may.
 */
export type Role = "observer" | "worker" | "operator" | "admin";

/**
 * Sets everything as it was after a version, in one step.
 */
export type RollBackSettings = { 
/**
 * Which version; nought: before the first.
 */
to: number, 
/**
 * Only if the settings are at this version.
 */
expected?: number, 
/**
 * Whether to wait at this node, ten minutes at most, if no majority is there.
 */
queue?: boolean, };

/**
 * Rows of a topic.
 */
export type Rows = { 
/**
 * Which subscription.
 */
id: number, 
/**
 * Which topic.
 */
topic: string, 
/**
 * Counts the frames of the subscription, from 1, without gaps.
 */
seq: number, 
/**
 * When it was made, by the clock of this node.
 */
at: number, 
/**
 * The rows, each with its `id`.
 */
rows: unknown[], 
/**
 * The ids of rows that are no more.
 */
removed: Array<string>, };

/**
 * Looks for what may keep nodes from finding and reaching each other; takes some seconds.
 */
export type RunDoctor = Record<symbol, never>;

/**
 * What runs an agent.
 */
export type Runtime = { "kind": "builtin", 
/**
 * Which of the agents that come with Covey.
 */
agent: Builtin, } | { "kind": "process", 
/**
 * The program and its arguments; a relative program is looked up among `files`, then in
 * the search path.
 */
command: Array<string>, 
/**
 * Environment variables beside the node's own few.
 */
env: { [key in string]: string }, 
/**
 * Files put into the agent's working folder before it starts.
 */
files: Array<SpecFile>, };

/**
 * What kind of runtime an agent has.
 */
export type RuntimeKind = "builtin" | "process";

/**
 * Who got the lot, and for how much.
 */
export type Sale = { 
/**
 * Who.
 */
winner: Account, 
/**
 * What the winner offered.
 */
bid: Credits, 
/**
 * What the winner pays.
 */
price: Credits, };

/**
 * Has an agent of this node say something in a session.
 */
export type SayInSession = { 
/**
 * In which.
 */
session: number, 
/**
 * In which round; none: in the one that it is in.
 */
round?: number, 
/**
 * Who; an agent that speaks for itself leaves it out.
 */
agent?: string, 
/**
 * What, in the form that the protocol asks for.
 */
word: unknown, };

/**
 * A node that takes no agents.
 */
export type SchedulingView = { 
/**
 * Whether an operator said so.
 */
cordoned: boolean, 
/**
 * Whether it is about to stop.
 */
leaving: boolean, 
/**
 * The drain it is in.
 */
drain: DrainView | null, };

/**
 * Where a setting may be set.
 */
export type Scope = "cluster" | "node";

/**
 * A sealed opening. Everything is in hexadecimal digits.
 */
export type SealedOpening = { 
/**
 * The public key that was made for it: a point of P-256, uncompressed, 65 bytes.
 */
key: string, 
/**
 * The nonce of the cipher, 12 bytes, which its key never sees again.
 */
iv: string, 
/**
 * The ciphertext with its tag: the opening as JSON.
 */
sealed: string, };

/**
 * How another member sees a member.
 */
export type SeenView = { 
/**
 * Who says so.
 */
node: string, 
/**
 * How it sees the member.
 */
state: NodeState, };

/**
 * A series: a value for each step, or none where nothing was measured.
 */
export type SeriesView = { 
/**
 * Of which metric.
 */
metric: Metric, 
/**
 * The least of each step.
 */
min: Array<number | null>, 
/**
 * The mean.
 */
mean: Array<number | null>, 
/**
 * The greatest.
 */
max: Array<number | null>, };

/**
 * How a session ended.
 */
export type SessionEnd = { "kind": "finished", 
/**
 * Whether that settled what it was about.
 */
settled: boolean, 
/**
 * In a sentence.
 */
words: string, 
/**
 * For programs, as JSON.
 */
result: string, } | { "kind": "no_quorum", 
/**
 * How many.
 */
have: number, 
/**
 * How many it takes.
 */
need: number, } | { "kind": "aborted", 
/**
 * Who.
 */
agent: string, 
/**
 * Why.
 */
failure: ParticipantFailure, } | { "kind": "over_budget", 
/**
 * How many it may.
 */
messages: number, } | { "kind": "expired" } | { "kind": "cancelled", 
/**
 * The node whose user did.
 */
by: string, 
/**
 * Why.
 */
reason: string, };

/**
 * How a session ended.
 */
export type SessionFate = "settled" | "unsettled" | "no_quorum" | "aborted" | "over_budget" | "expired" | "cancelled";

/**
 * How well a participant did, in a person's or a program's word, in percent.
 */
export type SessionFeedback = { 
/**
 * How right it was, 0 to 100.
 */
accuracy: number, 
/**
 * How little it took, 0 to 100.
 */
efficiency: number, };

/**
 * What a line of the journal is of.
 */
export type SessionNoteKind = "asked" | "said" | "failed" | "replaced" | "ended";

/**
 * Of the places for sessions, some are kept free for those that matter more.
 */
export type SessionPriority = "low" | "normal" | "high";

/**
 * What is wrong with an option or an answer.
 */
export type SessionProblem = "unknown" | { "no_choice": { 
/**
 * Which there are.
 */
choices: Array<string>, } } | "not_whole" | { "outside": { 
/**
 * The least.
 */
least: number, 
/**
 * The most.
 */
most: number, } } | { "parts": { 
/**
 * The fewest.
 */
least: number, 
/**
 * The most.
 */
most: number, } } | "no_amount" | "twice" | "pointless" | "missing" | { "long": { 
/**
 * The most bytes.
 */
most: number, } } | { "form": { 
/**
 * What the reader said.
 */
why: string, } };

/**
 * Why a wish of a session was refused, alike on every node. Nothing changed.
 */
export type SessionRefused = { "unknown_protocol": { 
/**
 * What was asked for.
 */
protocol: string, } } | { "unknown_session": { 
/**
 * Which.
 */
session: number, } } | { "over": { 
/**
 * Which.
 */
session: number, } } | { "too_many_sessions": { 
/**
 * How many run.
 */
running: number, 
/**
 * How many may.
 */
capacity: number, } } | { "too_few_participants": { 
/**
 * How many there were.
 */
have: number, 
/**
 * How many it takes.
 */
least: number, } } | { "too_many_participants": { 
/**
 * How many there were.
 */
have: number, 
/**
 * How many may.
 */
most: number, } } | { "named_twice": { 
/**
 * Who.
 */
agent: string, } } | "too_long" | { "times": { 
/**
 * The shortest.
 */
least_ms: number, 
/**
 * The longest.
 */
most_ms: number, } } | { "option": { 
/**
 * Which.
 */
option: string, 
/**
 * What is wrong.
 */
problem: SessionProblem, } } | { "stranger": { 
/**
 * Who spoke.
 */
agent: string, 
/**
 * Where.
 */
session: number, } } | { "said_twice": { 
/**
 * Who.
 */
agent: string, } } | { "wrong_round": { 
/**
 * Which was meant.
 */
round: number, 
/**
 * Where the session is.
 */
current: number, } } | { "not_asked": { 
/**
 * Who.
 */
agent: string, } } | { "late": { 
/**
 * Who.
 */
agent: string, } } | { "given_up": { 
/**
 * Who.
 */
agent: string, } } | { "not_yours": { 
/**
 * For whom was spoken.
 */
agent: string, 
/**
 * Where the log last heard of it.
 */
node: string, } } | { "old_life": { 
/**
 * Who.
 */
agent: string, } } | { "malformed": { 
/**
 * Who.
 */
agent: string, 
/**
 * What is wrong.
 */
problem: SessionProblem, } } | "too_early" | { "still_runs": { 
/**
 * Which.
 */
session: number, } } | { "assessed_twice": { 
/**
 * Who.
 */
agent: string, 
/**
 * For what.
 */
session: number, } };

/**
 * One session in a list.
 */
export type SessionRow = { 
/**
 * Its number.
 */
id: number, 
/**
 * By which protocol.
 */
protocol: string, 
/**
 * What it is about.
 */
subject: string, 
/**
 * Whether it runs, or how it ended.
 */
state: SessionState, 
/**
 * What the round it is in is for.
 */
phase: string, 
/**
 * How many take part.
 */
participants: number, 
/**
 * How many answered.
 */
answered: number, 
/**
 * The node that began it.
 */
by: string, 
/**
 * When, in milliseconds since the Unix epoch, by that node's clock.
 */
at: number, 
/**
 * How long it took, or has taken until now, in milliseconds.
 */
took_ms: number, 
/**
 * How long until it ends at the latest, in milliseconds; 0 once it is over.
 */
left_ms: number, 
/**
 * What came out, in a sentence; empty while it runs.
 */
words: string, 
/**
 * Words to find it by.
 */
tags: Array<string>, };

/**
 * A session that began.
 */
export type SessionStarted = { 
/**
 * Its number.
 */
session: number, 
/**
 * As it was once it was over, or the wait was; none if nothing was waited for.
 */
view: SessionView | null, };

/**
 * Whether a session runs, or how it ended.
 */
export type SessionState = "running" | "settled" | "unsettled" | "no_quorum" | "aborted" | "over_budget" | "expired" | "cancelled";

/**
 * One session with everything that the log has of it.
 */
export type SessionView = { 
/**
 * What stands in the list.
 */
row: SessionRow, 
/**
 * The version of the protocol.
 */
version: number, 
/**
 * The options, with those that nobody gave.
 */
options: { [key in string]: string }, 
/**
 * Which round it is in, from 1.
 */
round: number, 
/**
 * How long until the round ends at the latest, in milliseconds; 0 once it is over.
 */
round_left_ms: number, 
/**
 * How many must answer for a result.
 */
quorum: number, 
/**
 * What happens when a participant fails.
 */
failing: Failing, 
/**
 * Who may yet take a place.
 */
spares: string[], 
/**
 * Messages that were sent and taken.
 */
messages: number, 
/**
 * How many there may be; none: as many as it takes.
 */
budget: number | null, 
/**
 * Which of the places for sessions it takes.
 */
priority: SessionPriority, 
/**
 * On whose behalf, beside the node that began it.
 */
requester: string | null, 
/**
 * The field of knowledge that it is about.
 */
domain: string, 
/**
 * Who takes part.
 */
participants: Array<ParticipantView>, 
/**
 * Where it stands.
 */
tally: Tally, 
/**
 * What happened, in order.
 */
journal: Array<NoteView>, 
/**
 * How it ended; none: it runs.
 */
end: SessionEnd | null, };

/**
 * Chooses a strategy.
 */
export type SetBalancer = { 
/**
 * For which queue: its capabilities joined by `+`; for all that have none of their own if
 * nothing is said.
 */
queue?: string, 
/**
 * Which; as for all if nothing is said.
 */
strategy?: StrategyKind, };

/**
 * Leaves the damaged store of the group as it is on a node that nobody else can fill, and begins
 * another group with nothing in it: what the store held is lost for the cluster.
 */
export type SetGroupAside = Record<symbol, never>;

/**
 * Tells something else of a name.
 */
export type SetName = { 
/**
 * Which name.
 */
name: string, 
/**
 * The revision it must be at; none: whichever.
 */
expected?: number, 
/**
 * All that is told of it from here on.
 */
metadata: Record<string, string | string[]>, };

/**
 * Chooses what keeps the names of a namespace.
 */
export type SetNamespace = { 
/**
 * Which namespace.
 */
namespace: string, 
/**
 * What keeps its names from here on.
 */
backend: Backend, };

/**
 * Says whose programs this node runs.
 */
export type SetPrograms = { 
/**
 * Whose.
 */
programs: Programs, };

/**
 * Sets or unsets settings on this node until it stops, all or nothing.
 */
export type SetSettingsHere = { 
/**
 * Which.
 */
changes: Array<SettingHere>, };

/**
 * Writes a variable.
 */
export type SetVariable = { 
/**
 * Which variable.
 */
variable: string, 
/**
 * The scope of the variable: the one in which it is there if none is said, or, if it is new,
 * `cluster`.
 */
scope?: PrimitiveScope, 
/**
 * What it is to hold, 64 KiB at most.
 */
value: string, 
/**
 * The version it must be at; nought: it must not be there; none: whichever.
 */
expected?: number, 
/**
 * Only while this holding lasts.
 */
fence?: Fence, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * A setting to be set, or unset.
 */
export type SettingChange = { 
/**
 * Which setting.
 */
key: string, 
/**
 * For whom.
 */
place: SettingPlace, 
/**
 * What to; none: it is unset here.
 */
value: string | null, };

/**
 * A setting that changed.
 */
export type SettingEdit = { 
/**
 * Which.
 */
key: string, 
/**
 * For whom.
 */
place: SettingPlace, 
/**
 * What it was set to; none: it was not set.
 */
old: string | null, 
/**
 * What it is set to; none: it is not set.
 */
new: string | null, };

/**
 * A setting to be set on the running node.
 */
export type SettingHere = { 
/**
 * Which.
 */
key: string, 
/**
 * What to; none: what it would be otherwise.
 */
value: string | null, };

/**
 * Which values a setting takes.
 */
export type SettingKind = { "kind": "toggle" } | { "kind": "count", 
/**
 * The least.
 */
least: number, 
/**
 * The most.
 */
most: number, 
/**
 * Of what.
 */
unit: string, } | { "kind": "span", 
/**
 * The shortest.
 */
least: string, 
/**
 * The longest.
 */
most: string, } | { "kind": "choice", 
/**
 * Which.
 */
of: Array<string>, } | { "kind": "rates" } | { "kind": "names" };

/**
 * Where a value comes from; a later layer counts more.
 */
export type SettingLayer = "default" | "file" | "cluster" | "node" | "runtime";

/**
 * A value that is set somewhere.
 */
export type SettingLayerView = { 
/**
 * Where.
 */
layer: SettingLayer, 
/**
 * For which node, if it is agreed for one.
 */
node: string | null, 
/**
 * What to.
 */
value: string, 
/**
 * The node whose user set it, unless a file did.
 */
by: string | null, 
/**
 * When.
 */
at: number | null, 
/**
 * The version that set it, if it is agreed.
 */
version: number | null, };

/**
 * For whom something is set.
 */
export type SettingPlace = "cluster" | { "node": string };

/**
 * What is wrong with a value.
 */
export type SettingProblem = "no_toggle" | "no_count" | "no_span" | "no_level" | "no_rates" | "no_names" | { "outside": { 
/**
 * The least.
 */
least: string, 
/**
 * The most.
 */
most: string, } } | { "long": { 
/**
 * The bound.
 */
capacity: number, } };

/**
 * Why a change was refused, alike on every node. Nothing changed.
 */
export type SettingRefused = { "unknown": { 
/**
 * Which key.
 */
key: string, } } | { "invalid": { 
/**
 * Which setting.
 */
key: string, 
/**
 * The value.
 */
value: string, 
/**
 * What is wrong with it.
 */
problem: SettingProblem, } } | { "not_here": { 
/**
 * Which setting.
 */
key: string, } } | { "twice": { 
/**
 * Which setting.
 */
key: string, } } | "nothing" | { "conflict": { 
/**
 * Where they are.
 */
version: number, } } | { "no_version": { 
/**
 * Which.
 */
version: number, } } | { "full": { 
/**
 * The bound.
 */
capacity: number, } };

/**
 * A key that this Covey does not know: a newer node set it, and it has no effect here.
 */
export type SettingStranger = { 
/**
 * Which key.
 */
key: string, 
/**
 * For whom.
 */
place: SettingPlace, 
/**
 * What it is set to.
 */
value: string, };

/**
 * A setting, what it is on one node, and why.
 */
export type SettingView = { 
/**
 * What it is called.
 */
key: string, 
/**
 * What it does, in a sentence.
 */
doc: string, 
/**
 * Where it may be set.
 */
scope: Scope, 
/**
 * Which values it takes.
 */
kind: SettingKind, 
/**
 * Its value if nobody sets it.
 */
default: string, 
/**
 * Its value on this node.
 */
value: string, 
/**
 * Where that comes from.
 */
layer: SettingLayer, 
/**
 * Everything that is set for this node, the one that counts last.
 */
layers: Array<SettingLayerView>, 
/**
 * The nodes for which it is set apart.
 */
nodes: Array<SettingLayerView>, };

/**
 * What became of a change of settings.
 */
export type SettingsChanged = { "outcome": "agreed", 
/**
 * The version from here on.
 */
version: number, 
/**
 * How many settings changed.
 */
changed: number, } | { "outcome": "waits", 
/**
 * As it is listed.
 */
pending: PendingChange, };

/**
 * How a version came about.
 */
export type SettingsHow = "changed" | { "rolled_back": { 
/**
 * Which.
 */
to: number, } } | "reset";

/**
 * A version of the settings.
 */
export type SettingsVersion = { 
/**
 * Its number.
 */
version: number, 
/**
 * The node whose user made it.
 */
by: string, 
/**
 * When.
 */
at: number, 
/**
 * How it came about.
 */
how: SettingsHow, 
/**
 * What it changed.
 */
edits: Array<SettingEdit>, };

/**
 * The settings as this node has them.
 */
export type SettingsView = { 
/**
 * The version of what the cluster agreed to set, as far as this node knows.
 */
version: number, 
/**
 * Every setting, by key.
 */
settings: Array<SettingView>, 
/**
 * Keys that a newer node set and this one does not know.
 */
strangers: Array<SettingStranger>, 
/**
 * Changes that wait at this node for a majority, the first first.
 */
pending: Array<PendingChange>, };

/**
 * What a question was settled to.
 */
export type Settled = { 
/**
 * Whether it was this proposal that settled it.
 */
first: boolean, 
/**
 * The answer that stands; none if it was reopened meanwhile.
 */
decision: DecisionView | null, };

/**
 * How many tasks an agent would get.
 */
export type ShareView = { 
/**
 * Which agent.
 */
agent: string, 
/**
 * Where it runs.
 */
node: string, 
/**
 * Tasks it has.
 */
in_flight: number, 
/**
 * Tasks of the burst it would get.
 */
tasks: number, };

/**
 * The ways of finding nodes.
 */
export type SourceKind = "mdns" | "same_machine" | "address_book" | "address" | "dns" | "routing" | "join_key";

/**
 * One way of finding nodes, or one place it looks at, and how it fares.
 */
export type SourceReport = { 
/**
 * Which way.
 */
kind: SourceKind, 
/**
 * What it looks at: an address, a name, a folder; empty for a way that looks everywhere.
 */
target: string, 
/**
 * How it fares.
 */
state: SourceState, 
/**
 * How long ago it last tried, in milliseconds; none before the first time.
 */
tried_ms_ago: number | null, 
/**
 * Nodes that it shows.
 */
found: number, 
/**
 * What went wrong the last time, in words.
 */
error: string | null, };

/**
 * How a way of finding nodes fares.
 */
export type SourceState = "off" | "searching" | "found" | "nobody" | "itself" | "failing";

/**
 * A file that travels with a specification.
 */
export type SpecFile = { 
/**
 * Relative path with `/`, without `..`.
 */
path: string, 
/**
 * The contents, base64 in JSON.
 */
contents: string, 
/**
 * Whether it may be run.
 */
executable: boolean, };

/**
 * What a node is in the group.
 */
export type Standing = "outside" | "learner" | "voter" | "leader";

/**
 * Runs an agent.
 */
export type StartAgent = { 
/**
 * What to run.
 */
spec: SpecDraft, 
/**
 * The node it runs on while that is up.
 */
pin?: string, 
/**
 * Whether an agent of this name may be replaced; no, if nothing is said.
 */
replace?: boolean, 
/**
 * How long to wait for a majority of the voters if the agent is exclusive and none is in sight,
 * in milliseconds: not at all if nothing is said, 600,000 at most.
 */
wait_for_quorum_ms?: number, };

/**
 * Has planned moves done; they take the place of those planned before.
 */
export type StartRebalance = { 
/**
 * The moves, in order, as a preview gave them.
 */
moves: Array<PlannedMove>, 
/**
 * Between two moves, in milliseconds; as `rebalance.interval` is set if nothing is said.
 */
interval_ms?: number, };

/**
 * Begins a session.
 */
export type StartSession = { 
/**
 * By which protocol; see the list of protocols.
 */
protocol: string, 
/**
 * What it is about, for the participants and for people; 1,024 bytes at most.
 */
subject?: string, 
/**
 * Options of the protocol, as text.
 */
options?: { [key in string]: string }, 
/**
 * Who takes part; none: those that can do all of `capabilities`.
 */
participants?: string[], 
/**
 * What those who take part can do.
 */
capabilities?: Array<string>, 
/**
 * Who takes the place of one that fails, with `failing` at `replace`.
 */
spares?: string[], 
/**
 * How long an answer may take, in milliseconds: 10,000 if nothing is said.
 */
answer_ms?: number, 
/**
 * How long all may take, in milliseconds: 60,000 if nothing is said.
 */
time_ms?: number, 
/**
 * How many of a hundred participants must answer for a result.
 */
quorum_percent?: number, 
/**
 * What happens when a participant fails: the session goes on if nothing is said.
 */
failing?: Failing, 
/**
 * How many messages may be sent and taken in all.
 */
messages?: number, 
/**
 * Which of the places for sessions it may take.
 */
priority?: SessionPriority, 
/**
 * On whose behalf, beside this node.
 */
session?: string, 
/**
 * Words to find it by.
 */
tags?: Array<string>, 
/**
 * The field of knowledge that it is about: `general` if nothing is said.
 */
domain?: string, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, 
/**
 * How long to wait for its end, in milliseconds: not at all if nothing is said.
 */
wait_ms?: number, };

/**
 * An account with its newest postings.
 */
export type Statement = { 
/**
 * Which account.
 */
account: Account, 
/**
 * What it held before the first line, in credits.
 */
brought_forward: number, 
/**
 * What changed it since, oldest first.
 */
lines: Array<StatementLine>, 
/**
 * What it holds: what was brought forward, and all lines.
 */
balance: number, 
/**
 * What is set aside of it.
 */
holds: Array<CreditHoldView>, };

/**
 * One change of an account.
 */
export type StatementLine = { 
/**
 * The number of the posting.
 */
posting: number, 
/**
 * When, in milliseconds since 1970 by the wall clock of the node that wished it.
 */
at: number, 
/**
 * Which wish of the log caused it.
 */
wish: number, 
/**
 * Of which node.
 */
by: string, 
/**
 * What it was for.
 */
why: PostingWhy, 
/**
 * Within which auction.
 */
auction: number | null, 
/**
 * For which task.
 */
task: number | null, 
/**
 * For the place of which agent.
 */
rent: string | null, 
/**
 * The account on the other side.
 */
other: Account, 
/**
 * What it changed, in credits; below nought if they went away.
 */
change: number, 
/**
 * What the account held afterwards.
 */
balance: number, };

/**
 * This node and its cluster, in one row.
 */
export type StatusView = { 
/**
 * This node.
 */
node: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its cluster.
 */
cluster: string, 
/**
 * The name of its cluster.
 */
cluster_name: string, 
/**
 * What this node may do.
 */
role: Role, 
/**
 * Covey's version.
 */
version: string, 
/**
 * Members that are alive, this node counted.
 */
nodes_alive: number, 
/**
 * Members in all.
 */
nodes_known: number, 
/**
 * Agents that run.
 */
agents_running: number, 
/**
 * Agents in all.
 */
agents_known: number, 
/**
 * Live members whose last digest equalled ours, this node counted.
 */
converged: number, 
/**
 * Agent messages a second, over all live members.
 */
messages_per_s: number, 
/**
 * Whether the disk takes writes.
 */
writable: boolean, 
/**
 * What is wrong, worst first.
 */
problems: Array<ProblemView>, };

/**
 * Pauses, resumes or ends the planned moves.
 */
export type SteerRebalance = { 
/**
 * Which.
 */
step: RebalanceStep, };

/**
 * Stops an agent and keeps its specification.
 */
export type StopAgent = { 
/**
 * Which agent.
 */
name: string, };

/**
 * Stops this node.
 */
export type StopNode = Record<symbol, never>;

/**
 * How one of the nodes that may run an agent is chosen. All but the first two know where others
 * run, so one node of each namespace decides for all: its steward.
 */
export type Strategy = "rendezvous" | "pinned" | "least_loaded" | "spread" | "random" | "auction";

/**
 * Which strategy. Told apart in the log by its place in the list, so a new one comes last.
 */
export type StrategyKind = "round_robin" | "least_loaded" | "power_of_two" | "capability" | "performance" | "auction";

/**
 * A strategy.
 */
export type StrategyView = { 
/**
 * Which.
 */
strategy: StrategyKind, 
/**
 * Its name for people.
 */
label: string, 
/**
 * What it does, in a sentence.
 */
about: string, };

/**
 * Why no agent is chosen.
 */
export type Stuck = "no_suitable_agent" | "all_overloaded" | "no_bids" | "too_dear";

/**
 * What is measured, and what an alert is of.
 */
export type Subject = { "node": string } | { "agent": string };

/**
 * Calls an agent without waiting for its answer.
 */
export type SubmitCall = { 
/**
 * The call.
 */
call: CallAgent, };

/**
 * Submits tasks: all of them are accepted, or none.
 */
export type SubmitTasks = { 
/**
 * The tasks, 1,000 and 64 KiB at most.
 */
tasks: Array<NewTaskWish>, 
/**
 * Who submits them; an agent that asks for itself leaves it out.
 */
session?: string, };

/**
 * Has an agent of this node hear what is published on a topic.
 */
export type Subscribe = { 
/**
 * The topic: a name without a namespace.
 */
topic: string, 
/**
 * Which agent; an agent that asks for itself leaves it out.
 */
agent?: string, };

/**
 * Where a session stands: amounts side by side, and what it takes.
 */
export type Tally = { 
/**
 * Of what the amounts are, for people.
 */
unit: string, 
/**
 * The amounts.
 */
rows: Array<TallyRow>, 
/**
 * What it takes.
 */
threshold: Threshold | null, };

/**
 * One amount.
 */
export type TallyRow = { 
/**
 * Of what.
 */
label: string, 
/**
 * How much.
 */
amount: number, 
/**
 * How much it could be at most.
 */
of: number, };

/**
 * What became of a message to one of many agents: it has `answer` or `error`.
 */
export type TargetOutcome = { 
/**
 * Which agent.
 */
name: string, 
/**
 * What it said; null in the place of the value if it was not to answer.
 */
answer?: CallAnswer, 
/**
 * Why there is no answer.
 */
error?: UiError, };

/**
 * A page of tasks, the newest first.
 */
export type TaskPage = { 
/**
 * The tasks.
 */
tasks: Array<TaskView>, 
/**
 * Ask for those before this number for the next page; nothing if there is none.
 */
next: number | null, 
/**
 * How many tasks are open in all.
 */
open: number, };

/**
 * How far a task is, in a word.
 */
export type TaskPhase = "queued" | "running" | "done" | "failed" | "expired" | "cancelled";

/**
 * What comes first of tasks that wait. Later ones are more urgent, and told apart in the log by
 * their places.
 */
export type TaskPriority = "low" | "normal" | "high";

/**
 * Why tasks were not accepted, or not changed. Nothing changed.
 */
export type TaskRefused = { "why": "count", 
/**
 * How many there were.
 */
count: number, 
/**
 * The bound.
 */
capacity: number, } | { "why": "too_large", 
/**
 * How many there were.
 */
bytes: number, 
/**
 * The bound.
 */
capacity: number, } | { "why": "full", 
/**
 * The bound.
 */
capacity: number, } | { "why": "out_of_space", 
/**
 * The bound.
 */
capacity: number, } | { "why": "unfit", 
/**
 * Which part of the task.
 */
field: string, } | { "why": "key_reused", 
/**
 * Which key.
 */
key: string, 
/**
 * Which task has it.
 */
task: number, } | { "why": "no_task", 
/**
 * Which.
 */
task: number, } | { "why": "not_yours", 
/**
 * Which.
 */
task: number, } | { "why": "not_by_auction", 
/**
 * Which queue.
 */
queue: string, 
/**
 * How they are chosen.
 */
strategy: StrategyKind, } | { "why": "pays_by_auction", 
/**
 * Which queue.
 */
queue: string, 
/**
 * How many.
 */
tasks: number, } | { "why": "too_many_queues", 
/**
 * The bound.
 */
capacity: number, };

/**
 * A task.
 */
export type TaskView = { 
/**
 * Its number.
 */
task: number, 
/**
 * The capabilities it takes, joined by `+`.
 */
queue: string, 
/**
 * What is asked.
 */
method: string, 
/**
 * What comes first.
 */
priority: TaskPriority, 
/**
 * How far it is.
 */
state: TaskPhase, 
/**
 * Which agent has it, or had it last.
 */
agent?: string, 
/**
 * The number of the last attempt; 0 before the first.
 */
attempt: number, 
/**
 * Attempts that failed.
 */
failures: number, 
/**
 * How many may.
 */
attempts: number, 
/**
 * The node that submitted it.
 */
by: string, 
/**
 * Who submitted it there, if that was said.
 */
session?: string, 
/**
 * When, by the clock of that node.
 */
at: number, 
/**
 * In how long it expires, in milliseconds; nothing if it does not, or is over.
 */
expires_in_ms?: number, 
/**
 * From its acceptance to its end, in milliseconds by the group's clock; so far if it is open.
 */
age_ms: number, 
/**
 * What the agent answered.
 */
value?: unknown, 
/**
 * Why it failed, or how the last attempt ended.
 */
reason?: string, 
/**
 * What is paid for it at most, in credits.
 */
pay?: Credits, 
/**
 * What was agreed on with who has it, or was paid.
 */
price?: Credits, };

/**
 * Tasks that were cancelled.
 */
export type TasksCancelled = { 
/**
 * Those of them that were open.
 */
tasks: number[], };

/**
 * Tasks that were accepted.
 */
export type TasksSubmitted = { 
/**
 * Their numbers, in the order in which they were submitted.
 */
tasks: number[], };

/**
 * Who was granted an exclusive agent, as this node has heard.
 */
export type TenureView = { 
/**
 * Which node.
 */
node: string, 
/**
 * The fencing token that the agent runs under.
 */
token: number, 
/**
 * How long the lease lasts without a word, in milliseconds.
 */
lease_ms: number, 
/**
 * In how long it ends unless it is renewed, in milliseconds, counted from when this node heard of
 * the last renewal; none if it has not.
 */
left_ms: number | null, };

/**
 * Something that holds for a name or does not.
 */
export type Term = { "term": "namespace", 
/**
 * Which.
 */
namespace: string, } | { "term": "prefix", 
/**
 * How.
 */
prefix: string, } | { "term": "node", 
/**
 * Which.
 */
node: string, } | { "term": "holder", 
/**
 * Which.
 */
agent: string, } | { "term": "kind", 
/**
 * By what.
 */
kind: RuntimeKind, } | { "term": "state", 
/**
 * Which.
 */
state: NameState, } | { "term": "capabilities", 
/**
 * What.
 */
all: Array<string>, } | { "term": "equals", 
/**
 * Which field.
 */
field: string, 
/**
 * Which value.
 */
value: string, } | { "term": "begins_with", 
/**
 * Which field.
 */
field: string, 
/**
 * How.
 */
prefix: string, } | { "term": "exists", 
/**
 * Which field.
 */
field: string, } | { "term": "between", 
/**
 * Which field.
 */
field: string, 
/**
 * The least.
 */
min?: number, 
/**
 * The most.
 */
max?: number, } | { "term": "not", 
/**
 * What.
 */
not: Term, };

/**
 * What it takes.
 */
export type Threshold = { 
/**
 * In words.
 */
label: string, 
/**
 * How much.
 */
amount: number, };

/**
 * How much confirmation a command takes of a person.
 */
export type Tier = "t0" | "t1" | "t2" | "t3";

/**
 * Reads the oldest events that belong together, in causal order.
 */
export type TraceEvents = { 
/**
 * What they belong to.
 */
correlation: string, };

/**
 * Agent messages between this node and another in the last second.
 */
export type TrafficView = { 
/**
 * The other node.
 */
id: string, 
/**
 * Messages sent to it a second.
 */
sent_per_s: number, 
/**
 * Messages received from it a second.
 */
received_per_s: number, };

/**
 * Gives credits of one's own to another account.
 */
export type TransferCredits = { 
/**
 * To which.
 */
to: Account, 
/**
 * How many.
 */
amount: Credits, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * A refusal as every door tells it: the cause for programs, three sentences for people.
 */
export type UiError = { 
/**
 * What did not happen.
 */
what: string, 
/**
 * Why not.
 */
why: string, 
/**
 * What the reader can do.
 */
next: string, } & ({ "code": "unauthorized" } | { "code": "foreign_origin" } | { "code": "unknown_command", 
/**
 * The name asked for.
 */
command: string, } | { "code": "unknown_topic", 
/**
 * The topic asked for.
 */
topic: string, } | { "code": "bad_arguments", 
/**
 * What is wrong with them.
 */
reason: string, } | { "code": "too_large", 
/**
 * Bytes allowed.
 */
max: number, } | { "code": "forbidden", 
/**
 * The least role that may.
 */
needs: Role, } | { "code": "agent_exists", 
/**
 * Which name.
 */
name: string, } | { "code": "no_agent", 
/**
 * Which name.
 */
name: string, } | { "code": "cannot_place", 
/**
 * Which agent.
 */
name: string, 
/**
 * The node chosen.
 */
node: string, 
/**
 * The rules that exclude it, as sentences.
 */
reasons: Array<string>, } | { "code": "not_running", 
/**
 * Which agent.
 */
name: string, } | { "code": "busy", 
/**
 * Which agent.
 */
name: string, } | { "code": "agent_error", 
/**
 * The code it gave, after JSON-RPC 2.0.
 */
number: number, 
/**
 * What it said.
 */
message: string, 
/**
 * More of it, if it said more.
 */
data: unknown, } | { "code": "interrupted", 
/**
 * Which agent.
 */
name: string | null, 
/**
 * The node that had the call.
 */
node: string, } | { "code": "too_big", 
/**
 * What.
 */
what: string, } | { "code": "name_taken", 
/**
 * Which name.
 */
name: string, 
/**
 * Who holds it.
 */
owner: string, } | { "code": "not_registered", 
/**
 * Which name.
 */
name: string, } | { "code": "revision_conflict", 
/**
 * Which name.
 */
name: string, 
/**
 * The revision it is at.
 */
revision: number, } | { "code": "not_owner", 
/**
 * Which name.
 */
name: string, 
/**
 * Who owns it.
 */
owner: string, } | { "code": "held_here", 
/**
 * Which name.
 */
name: string, 
/**
 * The agent it is held for; none: the node itself.
 */
holder: string | null, } | { "code": "not_running_here", 
/**
 * Which agent.
 */
name: string, } | { "code": "not_joined", 
/**
 * Which group.
 */
group: string, 
/**
 * Which agent.
 */
agent: string | null, } | { "code": "not_in_time", 
/**
 * Which name.
 */
name: string, } | { "code": "too_many_wait", 
/**
 * The limit.
 */
max: number, } | { "code": "draining" } | { "code": "no_quorum", 
/**
 * Voters in sight.
 */
have: number, 
/**
 * How many it takes.
 */
need: number, } | { "code": "no_leader" } | { "code": "no_recovery", 
/**
 * Why.
 */
reason: string, } | { "code": "disagreed", 
/**
 * Why.
 */
reason: Refused, } | { "code": "guarded", 
/**
 * Which, and why.
 */
reason: GuardRefused, } | { "code": "setting_refused", 
/**
 * Why.
 */
reason: SettingRefused, } | { "code": "market_refused", 
/**
 * Why.
 */
reason: EconomicsRefused, } | { "code": "task_refused", 
/**
 * Why.
 */
reason: TaskRefused, } | { "code": "session_refused", 
/**
 * Why.
 */
reason: SessionRefused, } | { "code": "bad_query", 
/**
 * The rule it breaks.
 */
reason: string, } | { "code": "bad_metadata", 
/**
 * The rule it breaks.
 */
reason: string, } | { "code": "full", 
/**
 * The limit.
 */
capacity: number, } | { "code": "no_node", 
/**
 * Which id.
 */
node: string, } | { "code": "unreachable", 
/**
 * Which node or which part of this one.
 */
place: string, } | { "code": "nobody_there", 
/**
 * What was met there.
 */
reason: string, } | { "code": "bad_spec", 
/**
 * The rule it breaks.
 */
reason: string, } | { "code": "invalid", 
/**
 * Which field.
 */
field: string, 
/**
 * What was asked.
 */
value: string, } | { "code": "bad_link", 
/**
 * What is wrong with it.
 */
reason: string, } | { "code": "pairing", 
/**
 * Why.
 */
reason: Refusal, } | { "code": "itself" } | { "code": "no_plan" } | { "code": "no_alert" } | { "code": "too_many_points", 
/**
 * Asked for.
 */
points: number, 
/**
 * Allowed.
 */
most: number, } | { "code": "bad_event", 
/**
 * The rule that one of them breaks.
 */
reason: string, } | { "code": "unknown_parent", 
/**
 * Which event.
 */
parent: string, } | { "code": "unconfirmed", 
/**
 * The number of the first.
 */
first: number, 
/**
 * How many.
 */
count: number, } | { "code": "unreadable", 
/**
 * What the store said.
 */
reason: string, } | { "code": "no_archive", 
/**
 * Why.
 */
reason: string, } | { "code": "read_only", 
/**
 * What the store said.
 */
reason: string, } | { "code": "key_reused", 
/**
 * Of which agent.
 */
name: string, } | { "code": "no_call", 
/**
 * Which handle.
 */
handle: string, } | { "code": "too_much", 
/**
 * What, and how much it does.
 */
reason: string, } | { "code": "no_answer" } | { "code": "stopping" });

/**
 * Has people told of the alerts of a rule and a subject again.
 */
export type UnmuteAlert = { 
/**
 * Which rule.
 */
rule: AlertRule, 
/**
 * Which subject.
 */
subject: Subject, };

/**
 * Has an agent of this node hear no more of a topic.
 */
export type Unsubscribe = { 
/**
 * The topic: a name without a namespace.
 */
topic: string, 
/**
 * Which agent; an agent that asks for itself leaves it out.
 */
agent?: string, };

/**
 * Writes of a variable that were waited for.
 */
export type VariableChanges = { 
/**
 * The writes after the version that was known, oldest first; none if none came in time, or the
 * variable was removed.
 */
writes: Array<WrittenView>, 
/**
 * Whether these are all: some may be forgotten, or the variable was removed meanwhile.
 */
whole: boolean, };

/**
 * A variable that was read.
 */
export type VariableRead = { 
/**
 * What was found.
 */
found: VariableView | null, 
/**
 * The entry as of which; none in scopes that have no log: in `global` as this node has heard of
 * it by now, in `local` as it is.
 */
index: number | null, };

/**
 * A variable in a list: all but what it holds.
 */
export type VariableRow = { 
/**
 * Which.
 */
name: string, 
/**
 * Which nodes have it.
 */
scope: PrimitiveScope, 
/**
 * How long it is; of several writes beside each other, all.
 */
bytes: number, 
/**
 * The entry that wrote it; in scope `global`, how many writes are known here.
 */
version: number, 
/**
 * The node whose user wrote it.
 */
by: string, 
/**
 * What becomes of writes that knew nothing of each other; none in scope `local`.
 */
strategy: ConflictStrategy | null, 
/**
 * How many writes it is made of: more than one is a conflict.
 */
writes: number, };

/**
 * What a variable may hold. Values are text; a rule says which text.
 */
export type VariableRule = "text" | { "integer": { 
/**
 * The least.
 */
min: number, 
/**
 * The greatest.
 */
max: number, } } | "boolean" | { "one_of": { 
/**
 * Which.
 */
values: Array<string>, } } | "json";

/**
 * A variable that was written.
 */
export type VariableSet = { 
/**
 * Its version from here on.
 */
version: number, };

/**
 * The rule of a variable, and who may write it.
 */
export type VariableTerms = { 
/**
 * What it may hold.
 */
rule: VariableRule, 
/**
 * The nodes whose users may write it; empty: all.
 */
writers: string[], };

/**
 * A variable.
 */
export type VariableView = { 
/**
 * Which.
 */
name: string, 
/**
 * Which nodes have it.
 */
scope: PrimitiveScope, 
/**
 * What it holds; none while several writes stand beside each other.
 */
value: string | null, 
/**
 * The entry that wrote it; in scope `global`, how many writes are known here.
 */
version: number, 
/**
 * The node whose user wrote it, last if it is made of several writes.
 */
by: string, 
/**
 * What it may hold, and who may write it.
 */
terms: VariableTerms, 
/**
 * What becomes of writes that knew nothing of each other; none in scope `local`, where there
 * are none.
 */
strategy: ConflictStrategy | null, 
/**
 * The writes that it is made of, if they are several, the last one last.
 */
conflict: Array<ConflictView>, 
/**
 * What it held before, the latest last, as far as it is remembered.
 */
history: Array<WrittenView>, };

/**
 * How something stands; the later the worse.
 */
export type Verdict = "unknown" | "ok" | "warn" | "fail";

/**
 * Waits at a barrier until as many are there as it takes.
 */
export type WaitAtBarrier = { 
/**
 * Which barrier.
 */
barrier: string, 
/**
 * Who waits, as this node tells them apart; `operator` if nobody is said. Two of one name are
 * one party.
 */
session?: string, 
/**
 * How many it takes, this one counted; all who come must say the same.
 */
parties: number, 
/**
 * How long to wait, in milliseconds, an hour at most; then it is broken for all.
 */
wait_ms: number, 
/**
 * A key that makes it safe to ask again.
 */
key?: string, };

/**
 * Waits for a name.
 */
export type WaitForName = { 
/**
 * Which name.
 */
name: string, 
/**
 * How long at most, in milliseconds; an hour is the longest.
 */
timeout_ms: number, };

/**
 * Waits until a session is over.
 */
export type WaitForSession = { 
/**
 * Which.
 */
session: number, 
/**
 * How long, in milliseconds: 60,000 if nothing is said, 3,600,000 at most.
 */
wait_ms?: number, };

/**
 * Waits for tasks to be over.
 */
export type WaitForTasks = { 
/**
 * Which, 1,000 at most.
 */
tasks: number[], 
/**
 * How long, in milliseconds: ten minutes at most. Who is not over by then is told as it is.
 */
wait_ms: number, };

/**
 * Waits until something is held otherwise than before: who leads, for one.
 */
export type WatchLease = { 
/**
 * What.
 */
place: Place, 
/**
 * The token of the holding that is known; none: nobody is known to hold it.
 */
known?: number, 
/**
 * How long to wait for a change, in milliseconds, an hour at most; nought if nothing is said.
 */
wait_ms?: number, };

/**
 * Waits for writes of a variable.
 */
export type WatchVariable = { 
/**
 * Which variable.
 */
variable: string, 
/**
 * The scope of the variable: the one in which it is there if none is said, or, if it is new,
 * `cluster`.
 */
scope?: PrimitiveScope, 
/**
 * The version that is known; nought: none.
 */
known?: number, 
/**
 * How long to wait for a write, in milliseconds, an hour at most.
 */
wait_ms: number, };

/**
 * Asks where the agents of a node would go if the node were lost.
 */
export type WhatIfLost = { 
/**
 * Which node.
 */
node: string, };

/**
 * No longer asks.
 */
export type Withdraw = Record<symbol, never>;

/**
 * No longer has a change wait for a majority.
 */
export type WithdrawSetting = { 
/**
 * As it is listed.
 */
id: string, };

/**
 * One write.
 */
export type WrittenView = { 
/**
 * What was written.
 */
value: string, 
/**
 * The entry that wrote it.
 */
version: number, 
/**
 * The node whose user wrote it.
 */
by: string, };

/** What must be given of a specification: the node fills in the rest. */
export type SpecDraft = Pick<AgentSpec, "name" | "runtime"> & Partial<Omit<AgentSpec, "placement">> & { placement?: Partial<Placement> };

/** No parameters. */
export type Nothing = Record<string, never>;

/** Each command: its arguments and its reply. */
export type Commands = {
  "agent.start": { args: StartAgent; reply: null };
  "agent.stop": { args: StopAgent; reply: null };
  "agent.restart": { args: RestartAgent; reply: null };
  "agent.move": { args: MoveAgent; reply: null };
  "agent.remove": { args: RemoveAgent; reply: null };
  "agent.call": { args: CallAgent; reply: CallAnswer };
  "agent.notify": { args: NotifyAgent; reply: Notified };
  "agent.broadcast": { args: Broadcast; reply: Array<TargetOutcome> };
  "agent.submit": { args: SubmitCall; reply: CallHandle };
  "agent.result": { args: GetResult; reply: CallState };
  "agent.logs": { args: AgentLogs; reply: LogPage };
  "agent.explain": { args: ExplainAgent; reply: PlacementView };
  "agent.tenure": { args: GetTenure; reply: TenureView | null };
  "agents.list": { args: ListAgents; reply: Array<AgentView> };
  "task.submit": { args: SubmitTasks; reply: TasksSubmitted };
  "task.get": { args: GetTask; reply: TaskView };
  "task.list": { args: ListTasks; reply: TaskPage };
  "task.wait": { args: WaitForTasks; reply: Array<TaskView> };
  "task.cancel": { args: CancelTasks; reply: TasksCancelled };
  "balancer.get": { args: GetBalancer; reply: BalancerView };
  "balancer.preview": { args: PreviewBalancer; reply: Array<PreviewView> };
  "balancer.set": { args: SetBalancer; reply: null };
  "nodes.list": { args: ListNodes; reply: Array<NodeView> };
  "status.get": { args: GetStatus; reply: StatusView };
  "doctor.run": { args: RunDoctor; reply: DoctorReport };
  "pairing.get": { args: GetPairing; reply: PairingView };
  "pairing.ask": { args: Ask; reply: null };
  "pairing.withdraw": { args: Withdraw; reply: null };
  "pairing.accept": { args: Accept; reply: null };
  "pairing.refuse": { args: Refuse; reply: null };
  "lobby.dial": { args: Dial; reply: Dialled };
  "invite.create": { args: Invite; reply: InviteMade };
  "invite.revoke": { args: RevokeInvite; reply: null };
  "cluster.join": { args: Join; reply: null };
  "cluster.plan": { args: GetJoinPlan; reply: JoinPlan };
  "archive.list": { args: ListArchives; reply: Array<ArchiveRow> };
  "archive.get": { args: GetArchive; reply: Archive };
  "archive.replay": { args: ReplayArchive; reply: Replayed };
  "member.revoke": { args: RevokeMember; reply: null };
  "node.what_if": { args: WhatIfLost; reply: Array<RefugeView> };
  "node.rename": { args: RenameNode; reply: null };
  "node.label": { args: LabelNode; reply: null };
  "node.programs": { args: SetPrograms; reply: null };
  "node.stop": { args: StopNode; reply: null };
  "node.cordon": { args: CordonNode; reply: null };
  "node.drain": { args: DrainNode; reply: null };
  "rebalance.preview": { args: PreviewRebalance; reply: RebalancePreview };
  "rebalance.start": { args: StartRebalance; reply: null };
  "rebalance.steer": { args: SteerRebalance; reply: null };
  "rebalance.get": { args: GetRebalance; reply: PlanView | null };
  "topic.publish": { args: Publish; reply: Published };
  "topic.subscribe": { args: Subscribe; reply: null };
  "topic.unsubscribe": { args: Unsubscribe; reply: null };
  "name.register": { args: Register; reply: NameOutcomes };
  "name.deregister": { args: Deregister; reply: null };
  "name.lookup": { args: Lookup; reply: NameHolder | null };
  "name.search": { args: Query; reply: Page };
  "name.count": { args: CountNames; reply: Count };
  "name.wait": { args: WaitForName; reply: NameHolder };
  "name.set": { args: SetName; reply: Revision };
  "name.deregister_matching": { args: DeregisterMatching; reply: GivenUp };
  "group.join": { args: JoinGroup; reply: null };
  "group.quit": { args: QuitGroup; reply: null };
  "group.members": { args: ListMembers; reply: Array<MemberView> };
  "groups.list": { args: ListGroups; reply: Array<GroupSize> };
  "namespaces.list": { args: ListNamespaces; reply: Array<NamespaceView> };
  "namespace.set": { args: SetNamespace; reply: null };
  "namespace.clean": { args: CleanNamespace; reply: null };
  "coordination.get": { args: GetCoordination; reply: CoordinationView };
  "coordination.recovery": { args: GetRecovery; reply: Recovery };
  "coordination.recover": { args: RecoverGroup; reply: Recovered };
  "coordination.set_aside": { args: SetGroupAside; reply: GroupSetAside };
  "lease.acquire": { args: AcquireLease; reply: LeaseHeld };
  "lease.renew": { args: RenewLease; reply: null };
  "lease.release": { args: ReleaseLease; reply: null };
  "lease.revoke": { args: RevokeLease; reply: null };
  "lease.watch": { args: WatchLease; reply: PlaceRead };
  "barrier.wait": { args: WaitAtBarrier; reply: BarrierPassed };
  "barrier.break": { args: BreakBarrier; reply: null };
  "counter.add": { args: AddToCounter; reply: Counted };
  "counter.get": { args: ReadCounter; reply: CounterRead };
  "counter.remove": { args: RemoveCounter; reply: null };
  "variable.register": { args: RegisterVariable; reply: VariableSet };
  "variable.set": { args: SetVariable; reply: VariableSet };
  "variable.get": { args: ReadVariable; reply: VariableRead };
  "variable.watch": { args: WatchVariable; reply: VariableChanges };
  "variable.remove": { args: RemoveVariable; reply: null };
  "decision.propose": { args: ProposeDecision; reply: Settled };
  "decision.get": { args: ReadDecision; reply: DecisionRead };
  "decision.reopen": { args: ReopenDecision; reply: null };
  "session.start": { args: StartSession; reply: SessionStarted };
  "session.get": { args: GetSession; reply: SessionView };
  "session.list": { args: ListSessions; reply: Array<SessionRow> };
  "session.wait": { args: WaitForSession; reply: SessionView };
  "session.say": { args: SayInSession; reply: null };
  "session.cancel": { args: CancelSession; reply: null };
  "session.assess": { args: AssessParticipant; reply: null };
  "protocols.list": { args: ListProtocols; reply: Array<ProtocolView> };
  "setting.list": { args: ListSettings; reply: SettingsView };
  "setting.change": { args: ChangeSettings; reply: SettingsChanged };
  "setting.here": { args: SetSettingsHere; reply: null };
  "setting.history": { args: ListSettingVersions; reply: Array<SettingsVersion> };
  "setting.diff": { args: DiffSettings; reply: Array<SettingEdit> };
  "setting.roll_back": { args: RollBackSettings; reply: SettingsChanged };
  "setting.reset": { args: ResetSettings; reply: SettingsChanged };
  "setting.withdraw": { args: WithdrawSetting; reply: null };
  "guard.get": { args: GetGuard; reply: GuardView };
  "guard.reset": { args: ResetGuard; reply: GuardReset };
  "rate.reset": { args: ResetRate; reply: null };
  "event.append": { args: AppendEvents; reply: EventsAppended };
  "event.query": { args: EventQuery; reply: EventPage };
  "event.get": { args: GetEvent; reply: EventRecord | null };
  "event.trace": { args: TraceEvents; reply: EventTrace };
  "event.follow": { args: FollowEvents; reply: EventsFollowed };
  "event.statistics": { args: GetEventStatistics; reply: EventStatistics };
  "event.check": { args: CheckEvents; reply: EventCheck };
  "auction.create": { args: CreateAuction; reply: AuctionOpened };
  "auction.bid": { args: BidInAuction; reply: BidTaken };
  "auction.accept": { args: AcceptPrice; reply: BidTaken };
  "auction.commit": { args: CommitBid; reply: BidTaken };
  "auction.reveal": { args: RevealBid; reply: BidTaken };
  "auction.close": { args: CloseAuction; reply: AuctionPhaseNow };
  "auction.cancel": { args: CancelAuction; reply: AuctionPhaseNow };
  "auction.list": { args: ListAuctions; reply: Array<AuctionView> };
  "auction.get": { args: GetAuction; reply: AuctionView };
  "auction.kinds": { args: ListAuctionKinds; reply: Array<AuctionKindView> };
  "market.key": { args: GetMarketKey; reply: MarketKey };
  "ledger.accounts": { args: ListAccounts; reply: Array<AccountView> };
  "ledger.statement": { args: GetStatement; reply: Statement };
  "ledger.issue": { args: IssueCredits; reply: Posted };
  "ledger.transfer": { args: TransferCredits; reply: Posted };
  "ledger.hold": { args: HoldCredits; reply: CreditsHeld };
  "ledger.capture": { args: CaptureHold; reply: Posted };
  "ledger.release": { args: ReleaseHold; reply: Posted };
  "ledger.holds": { args: ListHolds; reply: Array<CreditHoldView> };
  "ledger.audit": { args: AuditLedger; reply: LedgerAudit };
  "ledger.export": { args: ExportLedger; reply: Array<PostingView> };
  "metrics.list": { args: ListMetrics; reply: Array<MetricRow> };
  "metrics.get": { args: GetMetrics; reply: MetricsRead };
  "metrics.heat": { args: GetHeat; reply: HeatView };
  "metrics.now": { args: GetMetricsNow; reply: Array<MetricsNow> };
  "metrics.export": { args: ExportMetrics; reply: MetricsExport };
  "alert.list": { args: ListAlerts; reply: Array<AlertView> };
  "alert.rules": { args: ListAlertRules; reply: Array<AlertRuleRow> };
  "alert.history": { args: ListPastAlerts; reply: Array<AlertEpisode> };
  "alert.mute": { args: MuteAlert; reply: null };
  "alert.unmute": { args: UnmuteAlert; reply: null };
  "alert.acknowledge": { args: AcknowledgeAlert; reply: null };
};

/** Each topic: its parameters and its rows, which all have an `id`. */
export type Topics = {
  status: { params: Nothing; row: StatusView & { id: string } };
  nodes: { params: Nothing; row: NodeView & { id: string } };
  agents: { params: Nothing; row: AgentView & { id: string } };
  pairing: { params: Nothing; row: PairingView & { id: string } };
  traffic: { params: Nothing; row: TrafficView & { id: string } };
  events: { params: Nothing; row: EventRecord & { id: string } };
  logs: { params: { name: string }; row: LogLine & { id: string } };
  names: { params: { prefix?: string }; row: ChangeView & { id: string } };
  settings: { params: { after?: number | null }; row: SettingsVersion & { id: string } };
};

/** Every command, in the order in which people should meet them. */
export const COMMANDS = [
  {"help":"Run a program, or one of the agents that come with Covey.","keywords":["run","create","new","deploy"],"name":"agent.start","role":"operator","tier":"t0","title":"Start an agent"},
  {"help":"Stop an agent and keep its specification.","keywords":["halt","end","pause"],"name":"agent.stop","role":"operator","tier":"t1","title":"Stop an agent"},
  {"help":"Start an agent afresh, or one that stopped or failed.","keywords":["again","reset","resume"],"name":"agent.restart","role":"operator","tier":"t1","title":"Restart an agent"},
  {"help":"Run an agent on one node, or again wherever it may.","keywords":["migrate","place","pin","relocate"],"name":"agent.move","role":"operator","tier":"t1","title":"Move an agent"},
  {"help":"Stop an agent and forget its specification.","keywords":["delete","retire","rm"],"name":"agent.remove","role":"operator","tier":"t1","title":"Remove an agent"},
  {"help":"Send an agent a message and wait for its answer.","keywords":["message","send","request","test"],"name":"agent.call","role":"worker","tier":"t0","title":"Call an agent"},
  {"help":"Send an agent a message that it does not answer.","keywords":["message","send","cast","fire and forget"],"name":"agent.notify","role":"worker","tier":"t0","title":"Notify an agent"},
  {"help":"Send one message to many agents at once, by their names or by what they can do, and see what became of each.","keywords":["broadcast","multicast","fan out"],"name":"agent.broadcast","role":"worker","tier":"t0","title":"Call many agents"},
  {"help":"Send an agent a message and ask for its answer later.","keywords":["async","background","future"],"name":"agent.submit","role":"worker","tier":"t0","title":"Call an agent and go on"},
  {"help":"What an agent answered to a call that was made before.","keywords":["async","await","future","handle"],"name":"agent.result","role":"worker","tier":"t0","title":"Get the answer of a call"},
  {"help":"The newest lines that an agent wrote.","keywords":["output","stderr"],"name":"agent.logs","role":"observer","tier":"t0","title":"Read an agent's log"},
  {"help":"Why an agent is where it is: every node as a place for it.","keywords":["why","candidates","score","waiting","unplaced"],"name":"agent.explain","role":"observer","tier":"t0","title":"Explain a placement"},
  {"help":"Under which fencing token an exclusive agent runs, and how long its lease lasts.","keywords":["exclusive","token","lease","fencing"],"name":"agent.tenure","role":"observer","tier":"t0","title":"Show an agent's lease"},
  {"help":"Every agent of the cluster.","keywords":["ls","show"],"name":"agents.list","role":"observer","tier":"t0","title":"List agents"},
  {"help":"Have tasks done by whichever agents have the capabilities.","keywords":["work","job","queue","run"],"name":"task.submit","role":"worker","tier":"t0","title":"Submit tasks"},
  {"help":"How far a task is, and what came of it.","keywords":["work","job","result"],"name":"task.get","role":"observer","tier":"t0","title":"Show a task"},
  {"help":"The open tasks and the last that are over, the newest first.","keywords":["work","jobs","queue"],"name":"task.list","role":"observer","tier":"t0","title":"List tasks"},
  {"help":"How tasks ended, waited for.","keywords":["work","job","result"],"name":"task.wait","role":"observer","tier":"t0","title":"Wait for tasks"},
  {"help":"Have tasks that are open not be done any more.","keywords":["abort","stop","job"],"name":"task.cancel","role":"operator","tier":"t0","title":"Cancel tasks"},
  {"help":"The queues of tasks, their strategies, and what each agent has.","keywords":["load","distribution","agents","in flight"],"name":"balancer.get","role":"observer","tier":"t0","title":"Show how tasks are spread"},
  {"help":"How a burst of tasks would spread from the loads of now, by the strategy that is and by another.","keywords":["what if","simulate","compare"],"name":"balancer.preview","role":"observer","tier":"t0","title":"Try a strategy"},
  {"help":"How agents are chosen for the tasks of a queue, or of all.","keywords":["round robin","least loaded","power of two"],"name":"balancer.set","role":"operator","tier":"t1","title":"Choose a strategy"},
  {"help":"Every member of the cluster, as this node sees it.","keywords":["ls","show","members"],"name":"nodes.list","role":"observer","tier":"t0","title":"List nodes"},
  {"help":"This node and its cluster in short.","keywords":["overview","health","problems"],"name":"status.get","role":"observer","tier":"t0","title":"Show the status"},
  {"help":"Why nodes are not found or not reached, and what to do.","keywords":["diagnose","problems","firewall","multicast","discovery","network"],"name":"doctor.run","role":"observer","tier":"t0","title":"See the doctor"},
  {"help":"Nodes nearby, requests to join, and invites.","keywords":["nearby","requests","invites"],"name":"pairing.get","role":"observer","tier":"t0","title":"Show pairing"},
  {"help":"Ask a node nearby to be let into its cluster.","keywords":["join","pair","connect"],"name":"pairing.ask","role":"observer","tier":"t0","title":"Ask to join"},
  {"help":"No longer ask to be let in.","keywords":["cancel"],"name":"pairing.withdraw","role":"observer","tier":"t0","title":"Withdraw the request to join"},
  {"help":"Let a node that asked into the cluster, as an operator if nothing else is said.","keywords":["admit","pair","allow"],"name":"pairing.accept","role":"admin","tier":"t0","title":"Accept a node"},
  {"help":"Say no to a node that asked to join.","keywords":["deny","ignore","reject"],"name":"pairing.refuse","role":"admin","tier":"t0","title":"Refuse a node"},
  {"help":"Say hello to whoever listens at an address.","keywords":["connect","ip","address"],"name":"lobby.dial","role":"observer","tier":"t0","title":"Find a node by its address"},
  {"help":"A link that admits one node, once, for a short while.","keywords":["link","share"],"name":"invite.create","role":"admin","tier":"t0","title":"Make an invite"},
  {"help":"No longer honour an invite.","keywords":["cancel","link"],"name":"invite.revoke","role":"admin","tier":"t0","title":"Take an invite back"},
  {"help":"Enter the cluster that an invite link is for.","keywords":["link","paste","pair"],"name":"cluster.join","role":"observer","tier":"t1","title":"Join with an invite"},
  {"help":"What of this node would come along to another cluster, and what would be archived.","keywords":["join","merge","leave","conflict"],"name":"cluster.plan","role":"observer","tier":"t0","title":"Show what joining takes along"},
  {"help":"What this node left behind whenever it entered another cluster.","keywords":["old cluster","left","history"],"name":"archive.list","role":"observer","tier":"t0","title":"List archives"},
  {"help":"Settings, locks, counters, variables and more of a cluster that this node left.","keywords":["old cluster","export"],"name":"archive.get","role":"observer","tier":"t0","title":"Show an archive"},
  {"help":"Make here what an archive holds and this cluster has not; the rest is listed.","keywords":["restore","import","merge","conflict"],"name":"archive.replay","role":"operator","tier":"t1","title":"Replay an archive"},
  {"help":"Put a node out of the cluster for good.","keywords":["evict","ban","kick","remove"],"name":"member.revoke","role":"admin","tier":"t2","title":"Put a node out"},
  {"help":"Where each agent of a node would go if the node were lost, or why nowhere.","keywords":["what if","failover","plan","refuge"],"name":"node.what_if","role":"observer","tier":"t0","title":"Foretell the loss of a node"},
  {"help":"Give this node another name.","keywords":["name"],"name":"node.rename","role":"observer","tier":"t0","title":"Rename this node"},
  {"help":"Replace the labels that agents can ask for.","keywords":["tag","constraint"],"name":"node.label","role":"observer","tier":"t0","title":"Label this node"},
  {"help":"Run only programs that this node's own user started, or those of the cluster's operators too.","keywords":["allow","trust","permission"],"name":"node.programs","role":"observer","tier":"t1","title":"Choose whose programs run here"},
  {"help":"Say goodbye to the others and end; its agents move.","keywords":["quit","shutdown","exit"],"name":"node.stop","role":"observer","tier":"t1","title":"Stop this node"},
  {"help":"Let a node take no agents, or let it take them again.","keywords":["schedule","maintenance","uncordon"],"name":"node.cordon","role":"operator","tier":"t1","title":"Cordon a node"},
  {"help":"Have a node hand its agents over, and stop those that are left at a deadline.","keywords":["evacuate","maintenance","empty"],"name":"node.drain","role":"operator","tier":"t1","title":"Drain a node"},
  {"help":"The moves that would even the cluster out.","keywords":["plan","even","spread"],"name":"rebalance.preview","role":"observer","tier":"t0","title":"Preview a rebalance"},
  {"help":"Move agents as previewed, one each interval.","keywords":["even","balance"],"name":"rebalance.start","role":"operator","tier":"t1","title":"Start planned moves"},
  {"help":"Pause, resume or end the planned moves.","keywords":["pause","resume","abort"],"name":"rebalance.steer","role":"operator","tier":"t0","title":"Steer planned moves"},
  {"help":"The planned moves, and how far they are.","keywords":["progress","plan"],"name":"rebalance.get","role":"observer","tier":"t0","title":"Show planned moves"},
  {"help":"Send a message to every agent that subscribed to a topic.","keywords":["message","event","broadcast","pubsub"],"name":"topic.publish","role":"worker","tier":"t0","title":"Publish on a topic"},
  {"help":"Have an agent of this node hear what is published on a topic.","keywords":["listen","pubsub"],"name":"topic.subscribe","role":"worker","tier":"t0","title":"Subscribe to a topic"},
  {"help":"Have an agent of this node hear no more of a topic.","keywords":["leave","pubsub"],"name":"topic.unsubscribe","role":"worker","tier":"t0","title":"Unsubscribe from a topic"},
  {"help":"Claim names for this node.","keywords":["claim"],"name":"name.register","role":"worker","tier":"t0","title":"Register names"},
  {"help":"Give up names that this node holds.","keywords":["release","unregister"],"name":"name.deregister","role":"worker","tier":"t0","title":"Give names up"},
  {"help":"Which node holds a name.","keywords":["find","resolve","whereis"],"name":"name.lookup","role":"observer","tier":"t0","title":"Look a name up"},
  {"help":"Names by what their owners tell of them, by capability, type, state, node or namespace, a page at a time.","keywords":["find","query","filter","select"],"name":"name.search","role":"observer","tier":"t0","title":"Search names"},
  {"help":"How many names fit a search.","keywords":["how many","total"],"name":"name.count","role":"observer","tier":"t0","title":"Count names"},
  {"help":"Answers once a name is registered, on whichever node.","keywords":["await","until","ready"],"name":"name.wait","role":"observer","tier":"t0","title":"Wait for a name"},
  {"help":"Replace the metadata of a name of this node, if it is at the revision expected.","keywords":["update","metadata","compare"],"name":"name.set","role":"worker","tier":"t0","title":"Set what is told of a name"},
  {"help":"Give up every name of this node that fits a search.","keywords":["release","unregister","bulk"],"name":"name.deregister_matching","role":"worker","tier":"t1","title":"Give up names that fit"},
  {"help":"Be one of the owners of a name that may have several.","keywords":["enter"],"name":"group.join","role":"worker","tier":"t0","title":"Join a group"},
  {"help":"No longer be one of the owners of a group.","keywords":["exit"],"name":"group.quit","role":"worker","tier":"t0","title":"Leave a group"},
  {"help":"Nodes and agents that are in a group.","keywords":["owners","who"],"name":"group.members","role":"observer","tier":"t0","title":"List the members of a group"},
  {"help":"Every group that somebody is in.","keywords":["ls","show"],"name":"groups.list","role":"observer","tier":"t0","title":"List groups"},
  {"help":"Namespaces with their names and agents on each node.","keywords":["ls","show","statistics"],"name":"namespaces.list","role":"observer","tier":"t0","title":"List namespaces"},
  {"help":"Keep the names of a namespace on each node alone, tell them to all, or have the cluster agree on each.","keywords":["backend","local","replicated","consensus","exclusive"],"name":"namespace.set","role":"operator","tier":"t1","title":"Choose what keeps a namespace"},
  {"help":"Have every name and agent of a namespace go, on every node.","keywords":["delete","remove","purge","clear"],"name":"namespace.clean","role":"operator","tier":"t2","title":"Clean a namespace up"},
  {"help":"The group that agrees, and its locks, elections, barriers, counters and variables.","keywords":["consensus","raft","leader","quorum","voters"],"name":"coordination.get","role":"observer","tier":"t0","title":"Show what is agreed on"},
  {"help":"What a recovery of the group by force on this node would keep, and what it may lose.","keywords":["quorum","majority","disaster"],"name":"coordination.recovery","role":"observer","tier":"t0","title":"Show what a recovery would lose"},
  {"help":"Have the group go on with what this node holds, without the voters that are lost for good.","keywords":["quorum","majority","disaster","unsafe"],"name":"coordination.recover","role":"admin","tier":"t2","title":"Recover the group by force"},
  {"help":"Go on without what this node's damaged store of the group held, where no other node can fill it again.","keywords":["damaged","disk","disaster","unsafe"],"name":"coordination.set_aside","role":"admin","tier":"t2","title":"Set the damaged group aside"},
  {"help":"Take a lock or a permit of a semaphore, or stand for an election; or stand in line for it.","keywords":["mutex","lease","election","campaign","semaphore"],"name":"lease.acquire","role":"worker","tier":"t0","title":"Take a lock"},
  {"help":"Begin the lease of a lock, an election or a permit anew.","keywords":["keep","extend","lease"],"name":"lease.renew","role":"worker","tier":"t0","title":"Renew a lock"},
  {"help":"Let the next in line have a lock, an election or a permit.","keywords":["unlock","free","resign"],"name":"lease.release","role":"worker","tier":"t1","title":"Give a lock up"},
  {"help":"End the lease of a holder; its token is fenced, and the next in line follows.","keywords":["force","unlock","depose","break","evict"],"name":"lease.revoke","role":"operator","tier":"t1","title":"Take a lock away"},
  {"help":"Wait until another holds a lock, or leads an election.","keywords":["observe","leader"],"name":"lease.watch","role":"observer","tier":"t0","title":"Watch a lock"},
  {"help":"Wait until as many are there as it takes to open it.","keywords":["rendezvous","sync"],"name":"barrier.wait","role":"worker","tier":"t0","title":"Wait at a barrier"},
  {"help":"End the waiting of all who are at a barrier; each is told.","keywords":["cancel","abort","release"],"name":"barrier.break","role":"operator","tier":"t1","title":"Break a barrier"},
  {"help":"Add to a counter that loses no change.","keywords":["increment","count"],"name":"counter.add","role":"worker","tier":"t0","title":"Change a counter"},
  {"help":"What a counter is at, no older than the question.","keywords":["value"],"name":"counter.get","role":"observer","tier":"t0","title":"Read a counter"},
  {"help":"Forget a counter that is agreed on.","keywords":["delete","reset"],"name":"counter.remove","role":"worker","tier":"t1","title":"Remove a counter"},
  {"help":"Make a variable that keeps a rule, for those who may write it.","keywords":["constraint","permission","schema"],"name":"variable.register","role":"worker","tier":"t0","title":"Make a variable"},
  {"help":"Write a variable, if it is at the version expected.","keywords":["compare","swap","put"],"name":"variable.set","role":"worker","tier":"t0","title":"Write a variable"},
  {"help":"What a variable holds, no older than the question.","keywords":["value"],"name":"variable.get","role":"observer","tier":"t0","title":"Read a variable"},
  {"help":"Wait for writes of a variable, and miss none unsaid.","keywords":["subscribe","changes"],"name":"variable.watch","role":"observer","tier":"t0","title":"Watch a variable"},
  {"help":"Forget a variable and its history.","keywords":["delete","unset"],"name":"variable.remove","role":"worker","tier":"t1","title":"Remove a variable"},
  {"help":"Propose an answer; the first that is agreed on stands.","keywords":["consensus","decide","once"],"name":"decision.propose","role":"worker","tier":"t0","title":"Settle a question"},
  {"help":"What a question was settled to.","keywords":["consensus","decided"],"name":"decision.get","role":"observer","tier":"t0","title":"Read an answer"},
  {"help":"Forget what a question was settled to.","keywords":["delete","forget"],"name":"decision.reopen","role":"operator","tier":"t1","title":"Reopen a question"},
  {"help":"Have agents vote, negotiate or share resources by a protocol.","keywords":["vote","consensus","negotiate","allocate","coordinate","ballot"],"name":"session.start","role":"worker","tier":"t0","title":"Start a session"},
  {"help":"Who takes part, what was said, and how it stands or ended.","keywords":["vote","tally","journal","evidence"],"name":"session.get","role":"observer","tier":"t0","title":"Show a session"},
  {"help":"Those that run, and the last of those that are over.","keywords":["ls","votes"],"name":"session.list","role":"observer","tier":"t0","title":"List sessions"},
  {"help":"Wait on any node until a session is over.","keywords":["result","await"],"name":"session.wait","role":"observer","tier":"t0","title":"Wait for a session"},
  {"help":"Have an agent of this node say something in a session.","keywords":["vote","ballot","bid","answer"],"name":"session.say","role":"worker","tier":"t0","title":"Speak in a session"},
  {"help":"End a session without a result, and tell those who wait.","keywords":["abort","stop","end"],"name":"session.cancel","role":"operator","tier":"t1","title":"Cancel a session"},
  {"help":"Say how well an agent did in a session that is over; its later weights follow from it.","keywords":["feedback","rate","weight","expertise"],"name":"session.assess","role":"operator","tier":"t0","title":"Assess a participant"},
  {"help":"By which protocols sessions can be, and their options.","keywords":["vote","kinds","options"],"name":"protocols.list","role":"observer","tier":"t0","title":"List protocols"},
  {"help":"Every setting: what it is on this node, and who set it.","keywords":["configuration","options","preferences"],"name":"setting.list","role":"observer","tier":"t0","title":"Show the settings"},
  {"help":"Set or unset settings for all nodes or for one, without a restart.","keywords":["configure","set","unset","tune"],"name":"setting.change","role":"operator","tier":"t1","title":"Change settings"},
  {"help":"Set or unset settings on this node until it stops.","keywords":["runtime","try","temporary"],"name":"setting.here","role":"observer","tier":"t0","title":"Change settings here"},
  {"help":"Who changed which settings, and when.","keywords":["history","audit","versions"],"name":"setting.history","role":"observer","tier":"t0","title":"Show versions of the settings"},
  {"help":"What differs between two versions.","keywords":["difference","compare"],"name":"setting.diff","role":"observer","tier":"t0","title":"Compare versions of the settings"},
  {"help":"Set everything as it was after a version, in one step.","keywords":["undo","restore","revert"],"name":"setting.roll_back","role":"operator","tier":"t1","title":"Roll settings back"},
  {"help":"Unset everything that the cluster agreed to set, in one step.","keywords":["defaults","clear"],"name":"setting.reset","role":"operator","tier":"t1","title":"Reset all settings"},
  {"help":"No longer have a change wait for a majority.","keywords":["cancel","pending"],"name":"setting.withdraw","role":"operator","tier":"t0","title":"Withdraw a change of settings"},
  {"help":"Breakers, bulkheads and rates around calls from this node.","keywords":["circuit","breaker","bulkhead","rate","limit","throttle","quota"],"name":"guard.get","role":"observer","tier":"t0","title":"Show the guards"},
  {"help":"Let calls of an agent, or of all, through again at once, on every node.","keywords":["circuit","breaker","close"],"name":"guard.reset","role":"operator","tier":"t1","title":"Reset a breaker"},
  {"help":"Have a rate begin anew on every node, of all who ask or of one.","keywords":["limit","throttle","quota","refill"],"name":"rate.reset","role":"operator","tier":"t1","title":"Reset a rate"},
  {"help":"Keep events of your own, all or none, on this disk or on another too.","keywords":["publish","write","record","log"],"name":"event.append","role":"worker","tier":"t0","title":"Tell of events"},
  {"help":"What happened in the cluster, newest or oldest first.","keywords":["history","audit","log"],"name":"event.query","role":"observer","tier":"t0","title":"Search events"},
  {"help":"One event, by the node that saw it and its number there.","keywords":["show","read"],"name":"event.get","role":"observer","tier":"t0","title":"Show an event"},
  {"help":"Events that belong together, each after what it follows from.","keywords":["chain","cause","correlation"],"name":"event.trace","role":"observer","tier":"t0","title":"Trace a correlation"},
  {"help":"Events after a position, each once, waited for if there are none.","keywords":["tail","replay","resume","stream"],"name":"event.follow","role":"observer","tier":"t0","title":"Follow events"},
  {"help":"How many events there are, what they take, and which member lacks some.","keywords":["size","retention","lag","disk"],"name":"event.statistics","role":"observer","tier":"t0","title":"Show event statistics"},
  {"help":"Read every stored event, and say what is not as it was written.","keywords":["integrity","verify","corruption"],"name":"event.check","role":"observer","tier":"t0","title":"Check events"},
  {"help":"Sell something to whoever bids, by the rules of a kind.","keywords":["sell","new","english","dutch","vickrey","sealed","market"],"name":"auction.create","role":"worker","tier":"t0","title":"Open an auction"},
  {"help":"Bid in an auction in which everyone sees the bids; what leads is held.","keywords":["offer","english","market"],"name":"auction.bid","role":"worker","tier":"t0","title":"Bid"},
  {"help":"Take the lot of an auction with a falling price, at that price.","keywords":["buy","dutch","market"],"name":"auction.accept","role":"worker","tier":"t0","title":"Take the lot"},
  {"help":"Commit to a bid that nobody can read until bids are opened.","keywords":["seal","vickrey","first price","market"],"name":"auction.commit","role":"worker","tier":"t0","title":"Make a sealed bid"},
  {"help":"Show what was committed, while bids are opened.","keywords":["unseal","vickrey","first price","market"],"name":"auction.reveal","role":"worker","tier":"t0","title":"Open a sealed bid"},
  {"help":"End an auction of one's own before its time.","keywords":["end","settle","market"],"name":"auction.close","role":"worker","tier":"t1","title":"Close an auction"},
  {"help":"Take the lot back; all that is held is free.","keywords":["withdraw","refund","market"],"name":"auction.cancel","role":"worker","tier":"t1","title":"Cancel an auction"},
  {"help":"Auctions that are open, and the last that are over.","keywords":["market","ls","show"],"name":"auction.list","role":"observer","tier":"t0","title":"List auctions"},
  {"help":"One auction with its bids, and how it ended.","keywords":["market","show","bids","outcome"],"name":"auction.get","role":"observer","tier":"t0","title":"Show an auction"},
  {"help":"What can be chosen in each, and who wins.","keywords":["market","rules","options"],"name":"auction.kinds","role":"observer","tier":"t0","title":"List kinds of auctions"},
  {"help":"What this node's user seals openings with.","keywords":["seal","commit","envelope"],"name":"market.key","role":"observer","tier":"t0","title":"Show the key for sealed bids"},
  {"help":"Who has how many credits.","keywords":["balance","money","credits"],"name":"ledger.accounts","role":"observer","tier":"t0","title":"List accounts"},
  {"help":"What an account was brought forward with, and what changed it since.","keywords":["account","credits","history"],"name":"ledger.statement","role":"observer","tier":"t0","title":"Explain a balance"},
  {"help":"Put new credits into an account.","keywords":["mint","fund","grant"],"name":"ledger.issue","role":"admin","tier":"t1","title":"Issue credits"},
  {"help":"Give credits of one's own to another account.","keywords":["pay","send","fund"],"name":"ledger.transfer","role":"worker","tier":"t1","title":"Transfer credits"},
  {"help":"Set credits of one's own aside for another, for a while.","keywords":["escrow","reserve","authorise"],"name":"ledger.hold","role":"worker","tier":"t0","title":"Hold credits"},
  {"help":"Take of what is held for oneself; the rest goes back.","keywords":["escrow","take","charge"],"name":"ledger.capture","role":"worker","tier":"t0","title":"Capture a hold"},
  {"help":"Let go of what is held for oneself.","keywords":["escrow","refund","void"],"name":"ledger.release","role":"worker","tier":"t0","title":"Release a hold"},
  {"help":"Credits that are set aside, and until when.","keywords":["escrow"],"name":"ledger.holds","role":"observer","tier":"t0","title":"List holds"},
  {"help":"Recompute every balance, and say what is wrong.","keywords":["check","verify","conservation"],"name":"ledger.audit","role":"observer","tier":"t0","title":"Audit the ledger"},
  {"help":"Postings with what caused each.","keywords":["csv","json","entries"],"name":"ledger.export","role":"observer","tier":"t0","title":"Export the ledger"},
  {"help":"What is measured of nodes and agents, and in which unit.","keywords":["measure","monitor","names"],"name":"metrics.list","role":"observer","tier":"t0","title":"List metrics"},
  {"help":"Series of a node or an agent: the last quarter of an hour by the second, a day by the minute.","keywords":["chart","history","latency","cpu","memory"],"name":"metrics.get","role":"observer","tier":"t0","title":"Read measures"},
  {"help":"One metric of every node, over time.","keywords":["heat","map","busy"],"name":"metrics.heat","role":"observer","tier":"t0","title":"Show the load"},
  {"help":"The last value of every metric of every node and agent.","keywords":["top","busy","ps"],"name":"metrics.now","role":"observer","tier":"t0","title":"Show the last measures"},
  {"help":"What every node measured, as CSV or JSON.","keywords":["csv","json","download"],"name":"metrics.export","role":"observer","tier":"t0","title":"Export measures"},
  {"help":"What is wrong by the rules, and what was last.","keywords":["alarm","problem","warning"],"name":"alert.list","role":"observer","tier":"t0","title":"Show alerts"},
  {"help":"What is watched for, and when it is too much.","keywords":["threshold","limit","watch"],"name":"alert.rules","role":"observer","tier":"t0","title":"Show alert rules"},
  {"help":"Alerts that were raised, and when they were cleared.","keywords":["log","past"],"name":"alert.history","role":"observer","tier":"t0","title":"Show past alerts"},
  {"help":"Have nobody told of the alerts of a rule and a subject.","keywords":["silence","quiet","snooze"],"name":"alert.mute","role":"operator","tier":"t0","title":"Mute an alert"},
  {"help":"Have people told of the alerts of a rule and a subject again.","keywords":["loud"],"name":"alert.unmute","role":"operator","tier":"t0","title":"Unmute an alert"},
  {"help":"Say that somebody looks after it.","keywords":["ack","own"],"name":"alert.acknowledge","role":"operator","tier":"t0","title":"Acknowledge an alert"},
] as const satisfies readonly CommandEntry[];
