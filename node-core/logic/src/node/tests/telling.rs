//! Facts of which there may be many.

use super::Alone;
use crate::{
    coordination::Scope,
    event::{BreakerTurn, Excerpt, Fact, Minute},
    ids::Name,
    merged::{MergedCommand, Reach, VariableAct},
    node::{Command, Record},
};

#[test]
fn breaker_that_flaps_is_told_as_often_as_a_minute_allows() {
    let mut node = Alone::start();
    let turn = Fact::BreakerTurned { name: name("adder"), to: BreakerTurn::Opened };

    for _ in 0..Minute::MOST_OF_ONE + 5 {
        node.command(Command::NoteGuard { facts: vec![(name("adder"), turn.clone())] });
    }
    let within = node.told();
    node.run_for_ms(61_000);

    assert_eq!(within.iter().filter(|fact| **fact == turn).count(), 60);
    let omitted = |count| Fact::EventsOmitted { name: Some(name("adder")), count };
    assert_eq!(within.last(), Some(&omitted(None)));
    assert_eq!(node.told().last(), Some(&omitted(Some(5))));
}

/// What a variable of this node alone holds is nobody else's.
#[test]
fn changes_that_need_no_agreement_are_told_where_they_are_made() {
    let mut node = Alone::start();
    node.command(Command::Merged(MergedCommand::Count { counter: name("hits"), by: -3 }));
    let write = |variable, reach, act| {
        Command::Merged(MergedCommand::Variable { variable: name(variable), reach, act })
    };
    let value = |text: &str| VariableAct::Write { value: text.to_owned(), expected: None };
    let erase = || VariableAct::Erase { expected: None };

    node.command(write("mode", Reach::Global, value("a")));
    node.command(write("mode", Reach::Global, value("b")));
    node.command(write("note", Reach::Local, value("secret")));
    node.command(write("note", Reach::Local, erase()));
    node.command(write("mode", Reach::Global, erase()));
    node.command(write("mode", Reach::Global, erase()));

    let told: Vec<Fact> = node.told();
    let hits = Fact::CounterChanged { counter: name("hits"), by: -3, value: "-3".to_owned() };
    let wrote = |variable, scope, (old, new): (Option<&str>, Option<&str>), removed| {
        let (old, new) = (old.map(Excerpt::of), new.map(Excerpt::of));
        Fact::VariableWritten { variable: name(variable), scope, old, new, removed }
    };
    assert_eq!(
        told[told.len() - 6..],
        [
            hits,
            wrote("mode", Scope::Global, (None, Some("a")), false),
            wrote("mode", Scope::Global, (Some("a"), Some("b")), false),
            wrote("note", Scope::Local, (None, None), false),
            wrote("note", Scope::Local, (None, None), true),
            wrote("mode", Scope::Global, (Some("b"), None), true),
        ]
    );
}

impl Alone {
    /// Every fact that is on disk.
    fn told(&mut self) -> Vec<Fact> {
        self.sync();
        let fact = |record: &Record| {
            if let Record::Event(event) = record { Some(event.fact.clone()) } else { None }
        };
        self.disk.iter().filter_map(fact).collect()
    }
}

fn name(name: &str) -> Name {
    Name::new(name).unwrap()
}
