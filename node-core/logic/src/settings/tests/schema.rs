//! The list of settings, and which values each takes.

use std::{collections::BTreeSet, time::Duration};

use crate::settings::{Kind, Level, Names, Problem, SCHEMA, Value, parse_span, write_span};

#[test]
fn keys_are_unique_sorted_and_explained() {
    let keys: Vec<&str> = SCHEMA.iter().map(|setting| setting.key).collect();
    let sorted: BTreeSet<&str> = keys.iter().copied().collect();

    assert!(keys.iter().eq(sorted.iter()), "{keys:?}");
    for setting in SCHEMA {
        assert_eq!(setting.name().as_str(), setting.key);
        assert!(setting.doc.ends_with('.'), "{}", setting.key);
    }
}

#[test]
fn default_of_each_setting_is_a_value_that_it_takes() {
    for setting in SCHEMA {
        let default = setting.kind.default();

        assert_eq!(setting.kind.parse(&default.to_string()), Ok(default), "{}", setting.key);
    }
}

#[test]
fn values_are_read_by_kind_and_bounds() {
    let (least, most) = (Duration::from_secs(1), Duration::from_hours(2));
    let span = Kind::Span { default: least, least, most };
    let count = Kind::Count { default: 5, least: 2, most: 9_000, unit: "" };
    let toggle = Kind::Toggle { default: false };
    let level = Kind::Level { default: Level::Info };

    assert_eq!(span.parse("90s"), Ok(Value::Span(Duration::from_secs(90))));
    assert_eq!(span.parse("7201s"), Err(Problem::outside(&"1s", &"2h")));
    assert_eq!(span.parse("999ms"), Err(Problem::outside(&"1s", &"2h")));
    assert_eq!(span.parse("90"), Err(Problem::NoSpan));
    assert_eq!(count.parse("1_000"), Ok(Value::Count(1_000)));
    assert_eq!(count.parse("9001"), Err(Problem::outside(&2, &9_000)));
    assert_eq!(count.parse("-3"), Err(Problem::NoCount));
    assert_eq!(toggle.parse("on"), Ok(Value::Toggle(true)));
    assert_eq!(toggle.parse("yes"), Err(Problem::NoToggle));
    assert_eq!(level.parse("debug"), Ok(Value::Level(Level::Debug)));
    assert_eq!(level.parse("loud"), Err(Problem::NoLevel));
}

#[test]
fn names_are_whole_or_beginnings() {
    let names: Names = " ticker,shop/*, worker.* ".parse().unwrap();

    assert_eq!(names.to_string(), "ticker, shop/*, worker.*");
    let has = |name: &str| names.has(&name.parse().unwrap());
    assert!(has("ticker") && has("shop/till") && has("worker.2"));
    assert!(!has("tickers") && !has("shop") && !has("worker"));
    assert!("*".parse::<Names>().unwrap().has(&"any".parse().unwrap()));
    assert_eq!("".parse(), Ok(Names::NONE));
    for wrong in ["Ticker", "a b", "*a", "a/b/*", "a**"] {
        let kind = Kind::Names { default: Names::NONE };
        assert_eq!(kind.parse(wrong), Err(Problem::NoNames), "{wrong}");
    }
}

#[test]
fn spans_are_written_in_the_greatest_unit_that_fits() {
    let spans = [("0ms", 0), ("1500ms", 1_500), ("90s", 90_000), ("2h", 7_200_000)];

    for (text, ms) in spans {
        assert_eq!(write_span(Duration::from_millis(ms)), text);
        assert_eq!(parse_span(text), Some(Duration::from_millis(ms)));
    }
    assert_eq!(write_span(Duration::from_hours(48)), "2d");
    assert_eq!([parse_span("s"), parse_span("5"), parse_span("5y"), parse_span("")], [None; 4]);
    assert_eq!(parse_span(&format!("{}d", u64::MAX)), None);
}
