//! What a node tells of calls, rates and what needs no agreement, in words.

use covey_logic::{
    coordination::Scope,
    event::{BreakerTurn, Excerpt, Fact},
};

/// What a node told.
pub(super) fn told(fact: &Fact) -> String {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others have words elsewhere")]
    match fact {
        Fact::BreakerTurned { name, to } => match to {
            BreakerTurn::Opened => format!("stops calls of {name}: they failed"),
            BreakerTurn::HalfOpen => format!("tries whether {name} is well again"),
            BreakerTurn::Closed => format!("lets calls of {name} pass again: it is well"),
            BreakerTurn::Reset => format!("was asked to let calls of {name} pass again"),
        },
        Fact::RateReset { operation, actor } => {
            let whose = actor.as_ref().map_or_else(String::new, |actor| format!(" of {actor}"));
            format!("had the rate of {operation}{whose} begin anew on every node")
        }
        Fact::CounterChanged { counter, by, value } => {
            format!("added {by} to the counter {counter}, which is at {value} as far as it knows")
        }
        Fact::VariableWritten { variable, scope: Scope::Local, removed, .. } => {
            format!("{} its own variable {variable}", if *removed { "removed" } else { "wrote" })
        }
        Fact::VariableWritten { variable, old, new, removed, .. } => {
            let old = old.as_ref().map_or("nothing", Excerpt::as_str);
            match new {
                _ if *removed => format!("removed the variable {variable} (was {old})"),
                Some(new) => format!("wrote {variable}: {} (was {old})", new.as_str()),
                None => format!("wrote {variable} beside other writes (was {old})"),
            }
        }
        Fact::EventsOmitted { name, count } => {
            let whose = name.as_ref().map_or_else(String::new, |name| format!(" of {name}"));
            match count {
                Some(count) => format!("left {count} events{whose} out within a minute"),
                None => {
                    format!("leaves the rest of the minute's events{whose} out: they are too many")
                }
            }
        }
        _ => String::new(),
    }
}
