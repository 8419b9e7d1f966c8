//! What a protocol is, and which there are.
//!
//! A new one is a file beside the others and a line in the list at the end. A protocol that changes
//! so that a session that runs would end otherwise is a new one: sessions keep the machine, and the
//! version, that they began with.

mod allocation;
mod contract_net;
mod vote;
mod weighted;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::{
    ids::Name,
    sessions::{Field, History, Options, Problem, Refused},
};

/// A protocol: a machine that says whom to ask what, takes their words, and comes to a result.
///
/// It knows participants by their places, 0 and up; who sits there, how long an answer may take, and
/// what becomes of one that fails is the engine's. It is deterministic and never panics.
pub(super) trait Protocol: Sized {
    /// What it is called, in commands and messages.
    const NAME: &'static str;
    /// Which version of it this is.
    const VERSION: u32;
    /// What it does, in a sentence or two.
    const DOC: &'static str;
    /// Its options.
    const OPTIONS: &'static [Field];
    /// How few and how many may take part.
    const PLACES: (usize, usize);
    /// How many of a hundred participants must answer for a result if nobody says.
    const QUORUM: u8;
    /// Whether the participants are told what came out.
    const TELLS: bool;

    /// Begins.
    ///
    /// # Errors
    ///
    /// [`Refused`], if the options do not go together.
    fn begin(options: &Options, table: &Table<'_>) -> Result<Self, Refused>;

    /// What is asked in this round, and whom.
    fn question(&self) -> Question;

    /// Takes the answer of one that was asked in this round, and has not answered yet.
    ///
    /// # Errors
    ///
    /// [`Problem`] if the answer is not of the form that was asked for; nothing changes.
    fn take(&mut self, place: usize, word: &str) -> Result<(), Problem>;

    /// What comes next, while `awaited` may still answer in this round: with none awaited never
    /// [`Next::Wait`]. Asked again with fewer awaited if the session went on nevertheless.
    fn next(&mut self, awaited: &[usize]) -> Next;

    /// Where it stands, for people.
    fn tally(&self) -> Tally;

    /// What to say of a participant, for people; empty for nothing.
    fn remark(&self, place: usize) -> String;

    /// Whether an answer agreed with the result; none: it has no such meaning.
    fn agreed(&self, place: usize) -> Option<bool>;
}

/// Who takes part, and what is known of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    /// Who sits at which place.
    pub(super) agents: &'a [Name],
    /// How they did before.
    pub(super) history: &'a History,
    /// The field of knowledge.
    pub(super) domain: &'a Name,
}

/// What is asked in a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// What the round is for.
    pub(super) phase: &'static str,
    /// The method of the agents that is called.
    pub(super) method: &'static str,
    /// The places that are asked.
    pub(super) whom: Vec<usize>,
    /// What is said beside what every question says: a JSON object.
    pub(super) body: Value,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// More answers.
    Wait,
    /// Another round.
    Ask,
    /// The end.
    End(Finish),
}

/// What a protocol came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finish {
    /// Whether it settled what it was about.
    pub(super) settled: bool,
    /// The result in a sentence, for people.
    pub(super) words: String,
    /// The result for programs.
    pub(super) result: Value,
}

/// Where a session stands: amounts side by side, and what it takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Tally {
    /// Of what the amounts are, for people.
    pub unit: String,
    /// The amounts.
    pub rows: Vec<TallyRow>,
    /// What it takes.
    pub threshold: Option<Threshold>,
}

/// One amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TallyRow {
    /// Of what.
    pub label: String,
    /// How much.
    #[ts(type = "number")]
    pub amount: u64,
    /// How much it could be at most.
    #[ts(type = "number")]
    pub of: u64,
}

/// What it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Threshold {
    /// In words.
    pub label: String,
    /// How much.
    #[ts(type = "number")]
    pub amount: u64,
}

/// Makes the machine of whichever protocol, and the list, out of the names of the types.
macro_rules! protocols {
    ($($name:ident($machine:ty)),* $(,)?) => {
        /// A run of one of the protocols.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub(super) enum Run {
            $(#[doc = "By this protocol."] $name($machine),)*
        }

        /// Every protocol, in the order in which they came.
        pub const PROTOCOLS: &[Described] = &[$(Described {
            name: <$machine>::NAME,
            version: <$machine>::VERSION,
            doc: <$machine>::DOC,
            options: <$machine>::OPTIONS,
            places: <$machine>::PLACES,
            quorum: <$machine>::QUORUM,
            tells: <$machine>::TELLS,
            begin: |options, table| <$machine>::begin(options, table).map(Run::$name),
        }),*];

        impl Run {
            pub(super) fn question(&self) -> Question {
                match self { $(Self::$name(run) => run.question(),)* }
            }

            pub(super) fn take(&mut self, place: usize, word: &str) -> Result<(), Problem> {
                match self { $(Self::$name(run) => run.take(place, word),)* }
            }

            pub(super) fn next(&mut self, awaited: &[usize]) -> Next {
                match self { $(Self::$name(run) => run.next(awaited),)* }
            }

            pub(super) fn tally(&self) -> Tally {
                match self { $(Self::$name(run) => run.tally(),)* }
            }

            pub(super) fn remark(&self, place: usize) -> String {
                match self { $(Self::$name(run) => run.remark(place),)* }
            }

            pub(super) fn agreed(&self, place: usize) -> Option<bool> {
                match self { $(Self::$name(run) => run.agreed(place),)* }
            }
        }
    };
}

protocols! {
    Vote(vote::Vote),
    Weighted(weighted::Weighted),
    ContractNet(contract_net::ContractNet),
    Allocation(allocation::Allocation),
}

/// What there is to say of a protocol.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    /// What it is called, in commands and messages.
    pub name: &'static str,
    /// Which version of it this is.
    pub version: u32,
    /// What it does, in a sentence or two.
    pub doc: &'static str,
    /// Its options.
    pub options: &'static [Field],
    /// How few and how many may take part.
    pub places: (usize, usize),
    /// How many of a hundred participants must answer for a result if nobody says.
    pub quorum: u8,
    /// Whether the participants are told what came out.
    pub tells: bool,
    /// See [`Protocol::begin`].
    pub(super) begin: fn(&Options, &Table<'_>) -> Result<Run, Refused>,
}

/// The protocol called `name`.
#[must_use]
pub fn protocol(name: &str) -> Option<&'static Described> {
    PROTOCOLS.iter().find(|protocol| protocol.name == name)
}

/// Reads an answer.
fn read<'a, T: Deserialize<'a>>(word: &'a str) -> Result<T, Problem> {
    serde_json::from_str(word).map_err(|error| Problem::form(&error))
}

/// Whether an option that is only of use beside another was given without it.
fn pointless(option: &str) -> Refused {
    Refused::Option { option: option.to_owned(), problem: Problem::Pointless }
}

/// So many thousandths as percent, for people.
fn percent(thousandths: u64) -> String {
    match thousandths % 10 {
        0 => format!("{} %", thousandths / 10),
        tenth => format!("{}.{tenth} %", thousandths / 10),
    }
}
