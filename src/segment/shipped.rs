//! What is known about the maps that come with the program.

use super::RunScores;
use super::{
    Assigner, Lint, Looked, MapColumns, MapMeasure, MapSubject, SegmentMap, load, parse, shipped, shipped_text,
    unknown_map,
};

fn map(name: &str) -> SegmentMap {
    load(name, |name| Err(unknown_map(name))).unwrap()
}

fn compiled(name: &str) -> (SegmentMap, Assigner) {
    let map = map(name);
    let [r, f, m, v] = map.bins;
    let bins = [r, f, m].map(|bins| bins.unwrap_or(1));
    let run = RunScores { bins, value_bins: v, money_scale: 2, may_lack_orders: true, ..RunScores::default() };
    let assigner = map.compile(run).unwrap();
    (map, assigner)
}

/// The key of the segment of each cell, written as its digits.
fn keys(name: &str, cells: &[[u32; 3]]) -> Vec<String> {
    let (map, assigner) = compiled(name);
    let key = |cell: &[u32; 3]| map.segments[usize::from(assigner.segment_of_cell(*cell).unwrap())].key.clone();
    cells.iter().map(key).collect()
}

/// The number of cells that each segment has.
fn sizes(name: &str) -> Vec<(String, usize)> {
    let (map, assigner) = compiled(name);
    let cells: Vec<Option<u16>> = map.cells().map(|[r, f, m, _]| assigner.segment_of_cell([r, f, m])).collect();
    let size = |n: usize| cells.iter().filter(|cell| cell.is_some_and(|cell| usize::from(cell) == n)).count();
    map.segments.iter().enumerate().map(|(n, segment)| (segment.key.clone(), size(n))).collect()
}

/// The key of the segment of a customer without scores, with these orders (in the window and ever), days since the last and
/// since the first order, and percent of the mean gap.
fn stage(name: &str, orders: i64, recency: i64, tenure: i64, overdue: i64) -> String {
    let (map, assigner) = compiled(name);
    let value = |own: &Looked| match own.subject {
        MapSubject::Measure(MapMeasure::Orders | MapMeasure::OrdersEver) => [orders],
        MapSubject::Measure(MapMeasure::RecencyDays) => [recency],
        MapSubject::Measure(MapMeasure::TenureDays) => [tenure],
        MapSubject::Measure(MapMeasure::OverduePercent) => [overdue],
        _ => unreachable!("a map over days and orders"),
    };
    let values: Vec<[i64; 1]> = map.looked().iter().map(value).collect();
    let looked = values.iter().map(<[i64; 1]>::as_slice).collect();
    let columns = MapColumns { scores: [&[1]; 3], looked, ..MapColumns::default() };
    map.segments[usize::from(assigner.apply(&columns).unwrap()[0])].key.clone()
}

#[test]
fn every_shipped_map_is_complete_in_both_languages() {
    for name in shipped() {
        let map = map(name);
        assert_eq!(map.name, name);
        assert!(!map.title_en.is_empty() && !map.title_zh.is_ascii(), "{name}");
        for segment in &map.segments {
            assert!(segment.action_en.ends_with('.') && segment.action_en.is_ascii(), "{}", segment.key);
            assert!(segment.action_zh.ends_with('。'), "{}", segment.key);
            assert!(segment.name_en.is_ascii() && !segment.name_zh.is_ascii(), "{}", segment.key);
        }
        let colours: std::collections::BTreeSet<&str> = map.segments.iter().map(|s| s.colour.as_str()).collect();
        assert_eq!(colours.len(), map.segments.len(), "colours of {name} differ");
    }
}

/// cells, cells without a rule, cells with several, rules that never win, segments that no customer can get
fn counts(lint: &Lint) -> (u64, u64, u64, usize, usize) {
    let never = (lint.rules_that_never_win.len(), lint.segments_never_produced.len());
    (lint.cells, lint.gaps.count, lint.overlapping.count, never.0, never.1)
}

#[test]
fn the_findings_about_every_shipped_map_are_the_known_ones() {
    let known = [
        ("rf25", (25, 0, 0, 0, 0)),
        ("octants", (8, 0, 0, 0, 0)),
        ("rmf4", (8, 0, 0, 0, 0)),
        ("putler11", (125, 0, 96, 1, 1)),
        ("list125", (125, 0, 0, 0, 0)),
        ("r-rfm10", (125, 10, 58, 0, 0)),
        ("pymc", (64, 18, 0, 0, 0)),
        ("three_tier", (5, 0, 0, 0, 0)),
        ("core", (2, 0, 0, 0, 0)),
        ("four_class", (8, 0, 0, 0, 0)),
        ("basic4", (125, 89, 0, 0, 0)),
        ("marketing8", (125, 21, 104, 0, 0)),
        ("lifecycle", (1, 0, 0, 0, 0)),
        ("grid25", (1, 0, 0, 0, 0)),
        ("abc", (1, 0, 0, 0, 0)),
        ("list8", (8, 0, 0, 0, 0)),
        ("types6", (216, 100, 0, 0, 0)),
        ("bank4", (8, 0, 0, 0, 0)),
    ];
    assert_eq!(known.map(|(name, _)| name).to_vec(), shipped());
    for (name, expected) in known {
        let lint = map(name).lint();
        lint.check().unwrap();
        assert_eq!(counts(&lint), expected, "{}", lint.render_text());
    }
}

/// The order in which Putler lists the rectangles, with FM as it is or rounded.
fn putler_as_published(fm_mean: &str) -> Lint {
    let published = [
        ("champions", "4-5", "4-5"),
        ("loyal", "2-5", "3-5"),
        ("potential_loyalist", "3-5", "1-3"),
        ("recent", "4-5", "1"),
        ("promising", "3-4", "1"),
        ("needs_attention", "2-3", "2-3"),
        ("about_to_sleep", "2-3", "1-2"),
        ("at_risk", "1-2", "2-5"),
        ("cannot_lose", "1", "4-5"),
        ("hibernating", "1-2", "1-2"),
        ("lost", "1-2", "1-2"),
    ];
    let segment = |key| format!("[[segments]]\nkey = \"{key}\"\nname_en = \"x\"\n");
    let rule = |(key, r, fm)| format!("[[rules]]\nsegment = \"{key}\"\nr = \"{r}\"\nfm = \"{fm}\"\n");
    let segments = published.map(|(key, ..)| segment(key)).concat();
    let head = format!("name = \"published\"\nfm_mean = \"{fm_mean}\"\nbins = {{ r = 5, f = 5, m = 5 }}\n");
    parse(&format!("{head}{segments}{}", published.map(rule).concat()), "published").unwrap().lint()
}

#[test]
fn putlers_published_rectangles_overlap_in_76_of_125_cells_and_four_segments_never_occur() {
    let never = ["recent", "promising", "cannot_lose", "lost"];
    for (fm_mean, overlapping) in [("exact", 76), ("rounded", 96)] {
        let lint = putler_as_published(fm_mean);
        assert_eq!((lint.cells, lint.gaps.count, lint.overlapping.count), (125, 0, overlapping), "{fm_mean}");
        assert_eq!(lint.segments_never_produced, never, "{fm_mean}");
        let losers: Vec<&str> = lint.rules_that_never_win.iter().map(|(_, key)| key.as_str()).collect();
        assert_eq!(losers, never);
    }
}

#[test]
fn the_smallest_rectangle_first_revives_all_of_putlers_segments_but_lost() {
    let lint = map("putler11").lint();
    assert_eq!(lint.segments_never_produced, ["lost"]);
    let found =
        keys("putler11", &[[5, 5, 5], [1, 5, 4], [4, 1, 1], [3, 1, 1], [1, 1, 1], [5, 3, 2], [2, 3, 2], [1, 3, 4]]);
    let expected =
        ["champions", "cannot_lose", "recent", "promising", "hibernating", "potential_loyalist", "needs_attention"];
    assert_eq!(found[..7], expected);
    assert_eq!(found[7], "cannot_lose", "FM 3.5 is 4");
}

#[test]
fn the_rules_of_r_rfm_cover_115_of_125_cells() {
    let uncovered =
        [215, 241, 251, 252, 341, 351, 441, 451, 541, 551].map(|cell| [cell / 100, cell / 10 % 10, cell % 10]);
    assert!(keys("r-rfm10", &uncovered).iter().all(|key| key == "others"));
    assert_eq!(sizes("r-rfm10").last().unwrap(), &("others".to_owned(), 10));
    assert_eq!(map("r-rfm10").lint().gaps.count, 10);
}

#[test]
fn the_lists_have_the_published_lengths() {
    let expected = [7, 8, 24, 7, 16, 8, 8, 22, 8, 11, 6];
    let found: Vec<usize> = sizes("list125").into_iter().map(|(_, size)| size).collect();
    assert_eq!(found, expected);
    assert_eq!(expected.iter().sum::<usize>(), 125);
    let found: Vec<usize> = sizes("pymc").into_iter().map(|(_, size)| size).collect();
    assert_eq!(found, [8, 7, 13, 11, 7, 18]);
    assert_eq!(
        keys("list125", &[[1, 1, 1], [1, 5, 5], [1, 5, 3], [5, 5, 3]]),
        ["lost", "at_risk", "cannot_lose", "potential_loyalist"]
    );
}

#[test]
fn the_quadrants_and_classes_by_mean_follow_their_definition() {
    // r, f, m in bits: above (2) or not (1)
    let cell = |bits: u32| [(bits >> 2 & 1) + 1, (bits >> 1 & 1) + 1, (bits & 1) + 1];
    let cells: Vec<[u32; 3]> = (0..8).map(cell).collect();
    // 000 001 010 011 100 101 110 111
    let four = ["at_risk", "at_risk", "potential", "potential", "low_value", "high_value", "potential", "high_value"];
    assert_eq!(keys("four_class", &cells), four);
    let rmf = ["low_value", "dormant", "dormant", "dormant", "potential", "potential", "potential", "high_value"];
    assert_eq!(keys("rmf4", &cells), rmf);
    assert_eq!(map("rmf4").methods, [Some("mean".to_owned()), Some("mean".to_owned()), Some("mean".to_owned()), None]);
}

#[test]
fn basic_and_marketing_groups_follow_their_definition() {
    let cells = [[5, 4, 4], [1, 5, 3], [4, 2, 1], [2, 1, 2], [3, 3, 3], [1, 5, 2]];
    assert_eq!(keys("basic4", &cells), ["high_value", "important_win_back", "new", "low_value", "general", "general"]);
    let (map, assigner) = compiled("marketing8");
    // new | best, of two orders | lapsed | retention by F | by M | big spender | frequent | recent | rest | 31 days: recent
    let (r, f, m) = ([5, 5, 1, 2, 2, 3, 3, 4, 3, 5], [5, 4, 3, 3, 1, 3, 4, 3, 3, 1], [5, 4, 5, 1, 4, 4, 3, 3, 3, 1]);
    let (orders, days) = ([1, 2, 2, 2, 2, 2, 2, 2, 2, 1], [30, 9, 9, 9, 9, 9, 9, 9, 9, 31]);
    let looked: Vec<&[i64]> = vec![&days, &orders];
    assert_eq!(map.looked().iter().map(|own| own.subject.name()).collect::<Vec<_>>(), ["recency_days", "orders_ever"]);
    let columns = MapColumns { scores: [&r, &f, &m], looked, ..MapColumns::default() };
    let found = assigner.apply(&columns).unwrap();
    let found: Vec<&str> = found.into_iter().map(|n| map.segments[usize::from(n)].key.as_str()).collect();
    let expected =
        ["new", "best", "lapsed", "retention", "retention", "big_spender", "frequent", "recent", "low_value", "recent"];
    assert_eq!(found, expected);
}

#[test]
fn one_order_31_to_90_days_ago_is_cell_22_of_the_grid() {
    assert_eq!(stage("grid25", 1, 31, 31, 0), "cell_22");
    assert_eq!(stage("grid25", 1, 90, 90, 0), "cell_22");
    assert_eq!(stage("grid25", 1, 30, 30, 0), "cell_21");
    // the number is (5 - orders) * 5 + the band of days
    for (orders, row) in [(5, 0), (9, 0), (4, 1), (3, 2), (2, 3), (1, 4)] {
        for (days, column) in [(0, 1), (30, 1), (31, 2), (90, 2), (91, 3), (180, 3), (181, 4), (360, 4), (361, 5)] {
            assert_eq!(stage("grid25", orders, days, days, 0), format!("cell_{}", row * 5 + column));
        }
    }
    let orders: Vec<u32> = map("grid25").segments.iter().map(|segment| segment.order).collect();
    assert_eq!(orders, (1..=30).collect::<Vec<u32>>());
    for (days, cell) in [(0, 26), (30, 26), (31, 27), (180, 28), (181, 29), (361, 30)] {
        assert_eq!(stage("grid25", 0, days, days, 0), format!("cell_{cell}"), "without an order in the window");
    }
}

#[test]
fn the_life_cycle_goes_by_the_rhythm_of_each_customer() {
    assert_eq!(stage("lifecycle", 1, 60, 60, 0), "new");
    assert_eq!(stage("lifecycle", 1, 61, 61, 0), "declining", "no second order in 60 days");
    assert_eq!(stage("lifecycle", 5, 40, 200, 200), "growing");
    assert_eq!(stage("lifecycle", 5, 41, 200, 201), "declining", "silent for more than two gaps");
    assert_eq!(stage("lifecycle", 5, 20, 366, 100), "active");
    assert_eq!(stage("lifecycle", 5, 180, 900, 200), "active", "a slow rhythm is a rhythm");
    assert_eq!(stage("lifecycle", 5, 181, 900, 50), "dormant");
    assert_eq!(stage("lifecycle", 5, 361, 900, 50), "lost");
}

#[test]
fn tiers_core_and_classes_follow_value_score_and_class() {
    let (map, assigner) = compiled("three_tier");
    assert!(map.needs_value_score() && map.looked().is_empty());
    let columns = MapColumns { scores: [&[1; 5]; 3], v_scores: &[1, 2, 3, 4, 5], ..MapColumns::default() };
    assert_eq!(assigner.apply(&columns).unwrap(), [2, 1, 1, 1, 0]);
    assert_eq!(assigner.segment_of_cell([1, 1, 1]), None, "customers of one cell differ in value");
    let text = map.compile(RunScores { bins: [5; 3], ..RunScores::default() });
    let text = text.unwrap_err().to_string();
    assert!(text.contains("it is made for 5 bins of v, this run has none"), "{text}");
    assert!(text.contains("set `score.value.bins = 5`"), "{text}");
    let (_, assigner) = compiled("abc");
    let columns = MapColumns { scores: [&[1; 3]; 3], looked: vec![&[3, 1, 2]], ..MapColumns::default() };
    assert_eq!(assigner.apply(&columns).unwrap(), [2, 0, 1]);
}

#[test]
fn the_lists_of_the_field_give_every_combination_its_name() {
    // r, f, m in bits: above (2) or not (1)
    let cells: Vec<[u32; 3]> =
        (0..8_u32).map(|bits| [(bits >> 2 & 1) + 1, (bits >> 1 & 1) + 1, (bits & 1) + 1]).collect();
    // 000 001 010 011 100 101 110 111
    let (low, high, potential) = ("low_value", "high_value", "potential_value");
    assert_eq!(keys("bank4", &cells), [low, low, low, high, potential, potential, potential, "important_value"]);
    let (map, assigner) = compiled("list8");
    let of = |cell: [i32; 3], overdue: i64| {
        let scores = cell.map(|score| [score]);
        let (scores, overdue) = ([&scores[0][..], &scores[1], &scores[2]], [overdue]);
        let columns = MapColumns { scores, looked: vec![&overdue], ..MapColumns::default() };
        let given = assigner.apply(&columns).unwrap();
        map.segments[usize::from(given[0])].key.clone()
    };
    let named = [
        ([2, 2, 2], "important_value"),
        ([2, 2, 1], "frequent_loyal"),
        ([1, 2, 2], "important_win_back"),
        ([1, 1, 2], "important_win_back"),
        ([2, 1, 1], "general_development"),
        ([1, 2, 1], "general_retention"),
        ([1, 1, 1], "general_win_back"),
    ];
    for (cell, key) in named {
        assert_eq!((of(cell, 0), of(cell, 999)), (key.to_owned(), key.to_owned()), "{cell:?}");
    }
    assert_eq!(of([2, 1, 2], 201), "recently_churned");
    assert_eq!(
        (of([2, 1, 2], 200), of([2, 1, 2], 0)),
        ("potentially_important".into(), "potentially_important".into())
    );
    let six = keys("types6", &[[6, 4, 5], [4, 3, 4], [3, 4, 6], [1, 3, 4], [1, 2, 2], [2, 2, 3], [3, 1, 1], [6, 6, 3]]);
    let (value, develop) = ("important_value", "important_development");
    let (keep, win_back, rest) = ("important_retention", "important_win_back", "general");
    assert_eq!(six, [value, develop, keep, win_back, low, rest, rest, rest]);
    // of 216 cells 27 each have a high M and one of the four combinations, 8 the lowest third in all; 100 are left
    assert_eq!(sizes("types6").into_iter().map(|(_, size)| size).collect::<Vec<_>>(), [27, 27, 27, 27, 8, 100]);
}

#[test]
fn segments_for_customers_without_an_order_are_part_of_a_map_only_where_there_can_be_some() {
    let grid = map("grid25");
    assert_eq!((grid.segments_of_run(false).count(), grid.segments_of_run(true).count()), (25, 30));
    assert!(grid.without_customers(&[0; 30]).iter().all(|key| *key != "cell_26"));
    let all = map("rf25");
    assert_eq!(all.segments_of_run(false).count(), 10);
}

#[test]
fn a_shipped_map_can_be_printed_as_the_start_of_ones_own() {
    for name in shipped() {
        let own = shipped_text(name).unwrap().replace(&format!("name = \"{name}\""), "name = \"mine\"");
        assert_eq!(parse(&own, "own.toml").unwrap().name, "mine");
    }
}
