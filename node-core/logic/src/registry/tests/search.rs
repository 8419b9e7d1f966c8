//! What a search finds, against reading every name.

use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::world::{LARGE, ME, SMALL, World, metadata, named, spec};
use crate::{
    agent::RuntimeKind,
    ids::Name,
    outbox::Presentness,
    registry::{Index, NameState, NameView, Query, QueryError, Term, index::Index as Fresh},
    replica::{Claim, PresenceKey},
    time::Wall,
};

/// K47, C19: after any mixture of changes, every query finds what reading every name finds.
#[test]
fn search_equals_the_model_under_random_changes() {
    for seed in 0..100 {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let mut world = World::new();
        for step in 0..150 {
            change(&mut world, &mut dice);
            if step % 10 == 9 {
                let terms: Vec<Term> =
                    (0..below(&mut dice, 4)).map(|_| term(&mut dice, true)).collect();
                let limit = 1 + u32::try_from(below(&mut dice, 7)).unwrap();
                check(&world, &Query { limit: Some(limit), ..Query::all(terms) });
            }
        }
        mirrors_exactly(world.registry.index());
    }
}

/// C115, C116: by capability (all of), type, state, node, namespace and the items of a list.
#[test]
fn agent_is_found_by_all_it_tells() {
    let mut world = World::new();
    let mut agent = spec(&named("shop/till"));
    agent.capabilities = vec!["sell".to_owned(), "refund".to_owned()];
    agent.metadata = metadata(&[("currency", "eur"), ("currency", "chf"), ("floor", "2")]);
    world.runs_with(agent, 7);
    let text = str::to_owned;
    let fitting = [
        Term::Capabilities { all: vec![text("refund"), text("sell")] },
        Term::Kind { kind: RuntimeKind::Builtin },
        Term::State { state: NameState::Running },
        Term::Node { node: ME },
        Term::Namespace { namespace: text("shop") },
        Term::Prefix { prefix: text("shop/t") },
        Term::Equals { field: text("currency"), value: text("chf") },
        Term::BeginsWith { field: text("currency"), prefix: text("eu") },
        Term::Exists { field: text("floor") },
        Term::Between { field: text("floor"), min: Some(2), max: None },
    ];
    let unfit = [
        Term::Capabilities { all: vec![text("sell"), text("fly")] },
        Term::Kind { kind: RuntimeKind::Process },
        Term::Between { field: text("floor"), min: None, max: Some(1) },
        Term::Between { field: text("currency"), min: Some(0), max: None },
    ];

    for term in fitting {
        assert_eq!(found(&world, &Query::all(vec![term.clone()])).len(), 1, "{term:?}");
        let not = Term::Not { not: Box::new(term) };
        assert_eq!(found(&world, &Query::all(vec![not.clone()])).len(), 0, "{not:?}");
    }
    for term in unfit {
        assert_eq!(found(&world, &Query::all(vec![term.clone()])).len(), 0, "{term:?}");
    }
}

/// K47: queries that cannot be answered are typed errors.
#[test]
fn unfit_query_is_refused() {
    let index = Index::default();
    let between = |min, max| Term::Between { field: "n".to_owned(), min, max };
    let refused = |term| index.search(&Query::all(vec![term])).unwrap_err();
    let not = Term::Not { not: Box::new(Term::Node { node: ME }) };

    assert_eq!(refused(between(None, None)), QueryError::Bounds { field: "n".to_owned() });
    assert_eq!(refused(between(Some(3), Some(2))), QueryError::Bounds { field: "n".to_owned() });
    assert_eq!(refused(Term::Not { not: Box::new(not) }), QueryError::Nested);
    assert_eq!(
        refused(Term::Exists { field: String::new() }),
        QueryError::Text { what: "field", value: String::new() }
    );
    let many = Query::all(vec![Term::Node { node: ME }; 17]);
    assert_eq!(index.search(&many), Err(QueryError::TooManyTerms { count: 17, max: 16 }));
    let none = Query { limit: Some(0), ..Query::default() };
    assert_eq!(index.search(&none), Err(QueryError::Limit { limit: 0, max: 1_000 }));
}

/// K48: only own names that fit are given up.
#[test]
fn matching_names_of_this_node_alone_are_given_up() {
    let mut world = World::new();
    for text in ["queue-1", "queue-2", "other"] {
        world.register_name(None, &named(text), metadata(&[])).unwrap();
    }
    let key = PresenceKey::Claim(named("queue-3"));
    world.others_say((SMALL, 1), key, Some(Claim::bare((Wall(5), 0))));
    world.runs(&named("queue-4"), 7);
    let query = Query::all(vec![Term::Prefix { prefix: "queue-".to_owned() }]);

    let outcome = world.deregister_matching(&query);

    assert_eq!(outcome, Ok(2));
    let left: Vec<_> = world.registry.owners().map(|(name, _)| name.to_string()).collect();
    assert_eq!(left, ["other", "queue-3", "queue-4"]);
}

#[test]
fn search_without_an_index_stops_at_its_bound() {
    let mut world = World::new();
    let many = usize::try_from(Query::MAX_SCANNED).unwrap() + 5;
    let names = (0..many).map(|n| (named(&format!("name-{n:06}")), metadata(&[]))).collect();
    drop(world.register_all(None, names));
    let term = Term::Not { not: Box::new(Term::Prefix { prefix: "name-0".to_owned() }) };

    let page = world.registry.index().search(&Query::all(vec![term])).unwrap();

    assert_eq!((page.names.len(), page.indexed), (0, false));
    assert_eq!(page.scanned, Query::MAX_SCANNED);
    assert_eq!(page.next, Some(named("name-009999")));
}

fn change(world: &mut World, dice: &mut ChaCha8Rng) {
    let name = named(["a", "b", "c", "x/a", "x/b", "y/a"][below(dice, 6)]);
    let fields: Vec<(&str, &str)> = (0..below(dice, 4))
        .map(|_| (["gpu", "room"][below(dice, 2)], ["1", "2", "10", "a", ""][below(dice, 5)]))
        .collect();
    let told = metadata(&fields);
    let other = [SMALL, LARGE][below(dice, 2)];
    match below(dice, 9) {
        0..=2 => drop(world.register_name(None, &name, told)),
        3 => drop(world.deregister_name(&name)),
        4 => {
            let since = (Wall(900 + u64::try_from(below(dice, 200)).unwrap()), 0);
            let claim = Claim { metadata: told, ..Claim::bare(since) };
            world.others_say((other, 1), PresenceKey::Claim(name), Some(claim));
        }
        5 => world.others_say((other, 1), PresenceKey::Claim(name), None),
        6 => {
            let presentness = [Presentness::Present, Presentness::Absent][below(dice, 2)];
            world.peer(other, presentness);
        }
        7 => {
            let mut spec = spec(&name);
            spec.metadata = told;
            spec.capabilities = vec![["add", "mul"][below(dice, 2)].to_owned()];
            if world.registry.owner(&name).is_none() {
                world.runs_with(spec, 7);
            }
        }
        _ => world.gone(&name, 7),
    }
    world.settle();
}

fn term(dice: &mut ChaCha8Rng, negate: bool) -> Term {
    let field = ["gpu", "room", "none"][below(dice, 3)].to_owned();
    match below(dice, if negate { 10 } else { 9 }) {
        0 => Term::Namespace { namespace: ["default", "x", "z"][below(dice, 3)].to_owned() },
        1 => Term::Prefix { prefix: ["a", "x/", "y"][below(dice, 3)].to_owned() },
        2 => Term::Node { node: [ME, SMALL, LARGE][below(dice, 3)] },
        3 => Term::Kind { kind: RuntimeKind::Builtin },
        4 => Term::State { state: NameState::Registered },
        5 => Term::Capabilities { all: vec!["add".to_owned()] },
        6 => Term::Equals { field, value: ["1", "10", ""][below(dice, 3)].to_owned() },
        7 => Term::BeginsWith { field, prefix: "1".to_owned() },
        8 if negate => Term::Between { field, min: Some(2), max: None },
        8 => Term::Exists { field },
        _ => Term::Not { not: Box::new(term(dice, false)) },
    }
}

/// All pages together are what the model finds, in order, and as many as are counted.
fn check(world: &World, query: &Query) {
    let index = world.registry.index();
    let model: Vec<NameView> = index
        .rows()
        .iter()
        .filter(|(name, row)| query.terms.iter().all(|term| holds(term, name, row)))
        .map(|(name, row)| row.view(name))
        .collect();
    let mut paged = Query { after: None, ..query.clone() };
    let mut found = Vec::new();
    loop {
        let page = index.search(&paged).unwrap();
        found.extend(page.names);
        match page.next {
            Some(next) => paged.after = Some(next),
            None => break,
        }
    }

    assert_eq!(found, model, "{query:?}");
    let count = index.count(query).unwrap();
    assert_eq!(usize::try_from(count.count), Ok(model.len()), "{query:?}");
}

/// A term on the view that people see, written a second time.
fn holds(term: &Term, name: &Name, row: &crate::registry::index::Row) -> bool {
    let view = row.view(name);
    let values = |field: &str| view.metadata.get(field).map_or(Vec::new(), |v| v.0.clone());
    match term {
        Term::Namespace { namespace } => {
            let (space, _) = view.id.as_str().split_once('/').unwrap_or(("default", ""));
            space == namespace
        }
        Term::Prefix { prefix } => view.id.as_str().starts_with(prefix),
        Term::Node { node } => view.node == *node,
        Term::Holder { agent } => view.holder.as_ref() == Some(agent),
        Term::Kind { kind } => view.kind == Some(*kind),
        Term::State { state } => view.state == *state,
        Term::Capabilities { all } => all.iter().all(|can| view.capabilities.contains(can)),
        Term::Equals { field, value } => values(field).contains(value),
        Term::BeginsWith { field, prefix } => values(field).iter().any(|v| v.starts_with(prefix)),
        Term::Exists { field } => view.metadata.contains_key(field),
        Term::Between { field, min, max } => values(field).iter().any(|v| {
            let number = v.parse::<i64>();
            number.is_ok_and(|n| n >= min.unwrap_or(i64::MIN) && n <= max.unwrap_or(i64::MAX))
        }),
        Term::Not { not } => !holds(not, name, row),
    }
}

/// N4: an index made anew from the rows is the index that the changes left behind.
fn mirrors_exactly(index: &Index) {
    let mut fresh = Fresh::default();
    for (name, row) in index.rows() {
        fresh.put(name, Some(row.clone()));
    }
    assert_eq!(format!("{fresh:?}"), format!("{index:?}"));
    let names: BTreeSet<&Name> = index.rows().keys().collect();
    assert_eq!(names.len(), index.len());
}

fn found(world: &World, query: &Query) -> BTreeMap<Name, NameView> {
    let page = world.registry.index().search(query).unwrap();
    page.names.into_iter().map(|view| (view.id.clone(), view)).collect()
}

fn below(dice: &mut ChaCha8Rng, bound: u64) -> usize {
    usize::try_from(dice.next_u64() % bound).unwrap()
}
