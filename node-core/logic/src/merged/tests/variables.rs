//! Variables that merge, and those of one node alone.

use super::{
    name,
    site::{Site, write},
};
use crate::{
    coordination::{Refused, Rule, Scope, Strategy, Terms, Variable},
    ids::NodeId,
    merged::{Merge, MergedCommand, MergedOutcome, Reach, Said, VariableAct},
    replica::Shared,
};

#[test]
fn write_that_knew_of_another_supersedes_it_on_every_node() {
    let (mut one, mut two) = pair(Strategy::KeepAll);
    two.set("two");
    exchange(&mut one, &mut two);

    assert_eq!((one.value(), two.value()), (Some("two".to_owned()), Some("two".to_owned())));
}

#[test]
fn writes_of_two_sides_come_to_what_the_strategy_says() {
    for (strategy, sides, merged) in [
        (Strategy::LastWriteWins, ["9", "10"], Some("10")),
        (Strategy::Greatest, ["10", "9"], Some("10")),
        (Strategy::Least, ["9", "10"], Some("9")),
        (Strategy::Greatest, ["9", "text"], Some("text")),
        (Strategy::Union, ["[1,\"a\"]", "[2,1]"], Some("[\"a\",1,2]")),
        (Strategy::KeepAll, ["a", "b"], None),
    ] {
        let (mut one, mut two) = pair(strategy);
        one.set(sides[0]);
        two.wall += 100;
        two.set(sides[1]);
        exchange(&mut one, &mut two);

        assert_eq!(one.value().as_deref(), merged, "{strategy:?}");
        assert_eq!(one.reading(), two.reading(), "{strategy:?}");
        assert_eq!(one.values().len(), 2, "{strategy:?}");
    }
}

#[test]
fn write_that_knows_of_a_conflict_settles_it() {
    let (mut one, mut two) = pair(Strategy::KeepAll);
    one.set("a");
    two.set("b");
    exchange(&mut one, &mut two);

    two.set("c");
    exchange(&mut one, &mut two);

    assert_eq!((one.values(), two.values()), (vec!["c".to_owned()], vec!["c".to_owned()]));
}

#[test]
fn strategies_need_no_order() {
    let values = ["3", "[1]", "10", "-2", "text", "[\"b\",1]"];
    for strategy in Strategy::MERGING {
        let merged = strategy.merge(&values);
        let mut turned = values;
        for _ in 0..values.len() {
            turned.rotate_left(1);
            if strategy != Strategy::LastWriteWins {
                assert_eq!(strategy.merge(&turned), merged, "{strategy:?}");
            }
        }
    }
}

#[test]
fn removal_takes_what_it_knew_of_and_nothing_else() {
    for (strategy, left) in [(Strategy::LastWriteWins, None), (Strategy::Greatest, Some("7"))] {
        let (mut one, mut two) = pair(strategy);
        one.set("7");
        two.wall += 100;
        two.erase();
        assert_eq!(two.value(), None);
        exchange(&mut one, &mut two);

        assert_eq!(one.value().as_deref(), left, "{strategy:?}");
        assert_eq!(two.value().as_deref(), left, "{strategy:?}");
    }
}

/// K33: what was removed while a node was away does not come back with it.
#[test]
fn removed_variable_does_not_come_back_from_one_that_was_away() {
    let (mut one, mut two) = pair(Strategy::Greatest);
    let mut away = Site::new(3);
    away.learn(&two);
    let old = away.told();
    one.erase();
    exchange(&mut one, &mut two);

    one.hear(old);
    away.learn(&one);

    assert_eq!((one.value(), two.value(), away.value()), (None, None, None));
    one.register("anew", Strategy::Greatest);
    exchange(&mut one, &mut two);
    assert_eq!(two.value().as_deref(), Some("anew"));
}

#[test]
fn superseded_write_is_withdrawn_by_its_writer() {
    let (mut one, mut two) = pair(Strategy::LastWriteWins);
    two.set(&"x".repeat(1_000));
    exchange(&mut one, &mut two);

    let held = |site: &Site| {
        let said = |value: &Shared| matches!(value, Shared::Variable(said) if matches!(**said, Said::Write(_)));
        site.told().iter().filter(|(_, _, value)| said(value)).count()
    };

    assert_eq!((held(&one), held(&two)), (1, 1));
}

/// A writer goes on counting after it withdrew: were it to begin anew, a write elsewhere that knew
/// of its first would seem to know of the next.
#[test]
fn writer_that_withdrew_goes_on_counting() {
    let (mut one, mut two) = pair(Strategy::KeepAll);
    let mut three = Site::new(3);
    three.learn(&one);
    three.set("three, which knew of one's first");
    three.sync();
    two.set("two");
    exchange(&mut one, &mut two);

    one.set("one again");
    exchange(&mut one, &mut two);
    one.learn(&three);

    let both = vec!["one again".to_owned(), "three, which knew of one's first".to_owned()];
    assert_eq!(one.values(), both);
}

#[test]
fn version_grows_with_every_write_that_is_heard_of() {
    let (mut one, mut two) = pair(Strategy::LastWriteWins);
    let first = one.version();
    let conflict = Err(Refused::Conflict { variable: name("mode"), version: first });
    assert_eq!(one.act(write("no", Some(first + 1))), conflict);

    let second = one.act(write("yes", Some(first))).unwrap();
    two.set("beside");
    exchange(&mut one, &mut two);

    assert!(second > first && one.version() > second);
    assert_eq!(one.version(), two.version());
}

#[test]
fn terms_travel_with_the_variable() {
    let (mut one, mut two) = (Site::new(1), Site::new(2));
    let terms = Terms { rule: Rule::Integer { min: 1, max: 9 }, writers: [one.me].into() };
    let merge = Merge { terms, strategy: Strategy::Greatest };
    one.act(VariableAct::Register { value: "5".to_owned(), merge }).unwrap();
    exchange(&mut one, &mut two);

    assert_eq!(one.act(write("ten", None)), Err(Refused::Unfit { variable: name("mode") }));
    assert_eq!(two.act(write("6", None)), Err(Refused::NotWriter { variable: name("mode") }));
    assert!(one.act(write("6", None)).is_ok());
}

#[test]
fn what_no_strategy_could_keep_is_refused() {
    let mut one = Site::new(1);
    let register = |value: &str, rule, strategy| {
        let merge = Merge { terms: Terms { rule, ..Terms::default() }, strategy };
        VariableAct::Register { value: value.to_owned(), merge }
    };
    let unfit = Err(Refused::Unfit { variable: name("mode") });
    let most = Variable::MAX_LEN;

    assert_eq!(one.act(register("no array", Rule::Text, Strategy::Union)), unfit);
    assert_eq!(one.act(register("true", Rule::Boolean, Strategy::Union)), Err(Refused::Terms));
    assert_eq!(one.act(register("a", Rule::Text, Strategy::Consensus)), Err(Refused::Terms));
    let large = register(&"x".repeat(most + 1), Rule::Text, Strategy::KeepAll);
    let refused = Err(Refused::TooLarge { bytes: most + 1, capacity: most });
    assert_eq!(one.act(large), refused);
}

#[test]
fn values_have_one_bound_together() {
    let mut one = Site::new(1);
    let value = "x".repeat(Variable::MAX_LEN);
    let full = (0..=256).find(|n| {
        let variable = name(&format!("v{n}"));
        let act = write(&value, None);
        one.ask(MergedCommand::Variable { variable, reach: Reach::Global, act }).is_err()
    });

    assert_eq!(full, Some(256));
}

#[test]
fn local_variable_is_on_this_disk_alone() {
    let (mut one, mut two) = (Site::new(1), Site::new(2));
    let made = one.local(write("mine", None));
    let Ok(MergedOutcome::Wrote { version }) = made else { panic!("{made:?}") };
    one.sync();
    two.learn(&one);
    one.lose_power();

    assert_eq!(one.local_value().map(|it| it.value.as_str()), Some("mine"));
    assert_eq!(two.local_value(), None);
    let stale = one.local(write("again", Some(version + 1)));
    assert_eq!(stale, Err(Refused::Conflict { variable: name("own"), version }));
    assert!(one.local(write("again", Some(version))).is_ok());
    assert_eq!(one.local(VariableAct::Erase { expected: None }), Ok(MergedOutcome::Erased));
    assert_eq!(one.local_value(), None);
}

#[test]
fn name_has_one_scope_on_a_node() {
    let mut one = Site::new(1);
    one.set("global");
    one.local(write("local", None)).unwrap();
    let ask = |variable, reach| MergedCommand::Variable {
        variable: name(variable),
        reach,
        act: write("other", None),
    };
    let other = |text, scope| Err(Refused::OtherScope { name: name(text), scope });

    assert_eq!(one.ask(ask("mode", Reach::Local)), other("mode", Scope::Global));
    assert_eq!(one.ask(ask("own", Reach::Global)), other("own", Scope::Local));
}

/// Two nodes that know of one write of the first.
fn pair(strategy: Strategy) -> (Site, Site) {
    let (mut one, mut two) = (Site::new(1), Site::new(2));
    one.register(if strategy == Strategy::Union { "[]" } else { "0" }, strategy);
    exchange(&mut one, &mut two);
    assert_eq!(one.reading().map(|it| it.writes[0].0.node), Some(NodeId([1; 32])));
    (one, two)
}

/// Everything reaches the disks and both nodes, with what follows from it.
fn exchange(one: &mut Site, two: &mut Site) {
    for _ in 0..3 {
        one.sync();
        two.sync();
        one.learn(two);
        two.learn(one);
    }
}
