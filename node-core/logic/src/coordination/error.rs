//! Why an entry was refused.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    coordination::{Holder, Place, Scope},
    ids::Name,
};

/// Why a change of a primitive was refused; of what the cluster agrees on, alike on every node.
/// Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// Wait for it, or come again.
    #[error("{place} is held by {holder}")]
    Held {
        /// What.
        place: Place,
        /// By whom, one of them if several do.
        holder: Holder,
    },
    /// The holding is over: its lease ended, or it was given up. Whoever acts on it must stop.
    #[error("the token {token} of {place} is no longer good")]
    Fenced {
        /// Of what.
        place: Place,
        /// The token that was shown.
        #[ts(type = "number")]
        token: u64,
    },
    /// As many stand in line as may.
    #[error("{capacity} wait for {place} already")]
    LineFull {
        /// For what.
        place: Place,
        /// The bound.
        capacity: usize,
    },
    /// Choose a lease within the bounds.
    #[error("a lease lasts from {least_ms} ms to {most_ms} ms")]
    Lease {
        /// The shortest.
        #[ts(type = "number")]
        least_ms: u64,
        /// The longest.
        #[ts(type = "number")]
        most_ms: u64,
    },
    /// Ask for as many as it has, or wait until nobody holds it.
    #[error("{place} has {permits} permits")]
    Permits {
        /// What.
        place: Place,
        /// How many it has, or may have at most.
        permits: u32,
    },
    /// Come with as many as the others, or wait until they are gone.
    #[error("it takes {parties} to open the barrier {barrier}")]
    Parties {
        /// Which barrier.
        #[ts(type = "string")]
        barrier: Name,
        /// How many it takes, or may take at most.
        parties: u32,
    },
    /// Nothing is left to do.
    #[error("nobody waits at the barrier {barrier} in generation {generation} any more")]
    Over {
        /// Which barrier.
        #[ts(type = "string")]
        barrier: Name,
        /// Which generation.
        #[ts(type = "number")]
        generation: u64,
    },
    /// The counter stays where it is.
    #[error("{counter} would pass the bounds of 64 bits")]
    Overflow {
        /// Which counter.
        #[ts(type = "string")]
        counter: Name,
    },
    /// Read it again and decide anew.
    #[error("{variable} is at version {version}")]
    Conflict {
        /// Which variable.
        #[ts(type = "string")]
        variable: Name,
        /// Where it is; nought: it is not there.
        #[ts(type = "number")]
        version: u64,
    },
    /// Write what the rule allows.
    #[error("{variable} may not hold that")]
    Unfit {
        /// Which variable.
        #[ts(type = "string")]
        variable: Name,
    },
    /// Choose other terms: they are too long, or nothing could keep them.
    #[error("no variable can keep these terms")]
    Terms,
    /// Ask one of those who may.
    #[error("the users of this node may not write {variable}")]
    NotWriter {
        /// Which variable.
        #[ts(type = "string")]
        variable: Name,
    },
    /// A fenced act holds another one.
    #[error("an act is fenced once")]
    FencedTwice,
    /// Write less.
    #[error("{bytes} bytes are more than the {capacity} that a variable holds")]
    TooLarge {
        /// How many there were.
        bytes: usize,
        /// The bound.
        capacity: usize,
    },
    /// Remove variables first.
    #[error("all variables and answers together hold {capacity} bytes at most")]
    OutOfSpace {
        /// The bound.
        capacity: usize,
    },
    /// Remove something first.
    #[error("there are {capacity} of the kind already")]
    Full {
        /// The bound.
        capacity: usize,
    },
    /// Use it in that scope, or choose another name.
    #[error("{name} is there already, with scope {scope}")]
    OtherScope {
        /// Which counter or variable.
        #[ts(type = "string")]
        name: Name,
        /// Its scope.
        scope: Scope,
    },
    /// Say which scope is meant: two sides of a split gave the name to different things.
    #[error("{name} is there in several scopes: say which is meant")]
    Ambiguous {
        /// Which counter or variable.
        #[ts(type = "string")]
        name: Name,
    },
    /// Use scope `cluster` for it, or do without.
    #[error("{what} takes agreement, so not in scope {scope}")]
    Unagreed {
        /// What was asked for.
        what: String,
        /// In which scope.
        scope: Scope,
    },
}
