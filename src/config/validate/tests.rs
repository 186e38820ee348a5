//! Each test starts from the defaults, which are valid, and breaks one thing.

use super::*;
use crate::score::options::RecencyAxis;

/// The keys that are reported after `change`.
fn wrong(change: impl FnOnce(&mut Config)) -> Vec<String> {
    let mut config = Config::default();
    change(&mut config);
    let lines = problems(&config).into_iter().map(|problem| problem.line(&BTreeMap::new()));
    lines.map(|line| line.split('`').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn the_defaults_are_valid() {
    assert_eq!(wrong(|_| {}), Vec::<String>::new());
    assert!(validate(&Config::default()).is_ok());
}

#[test]
fn bins_are_2_to_100() {
    for (bins, is_valid) in [(0, false), (1, false), (2, true), (100, true), (101, false)] {
        assert_eq!(wrong(|c| c.score.monetary.bins = bins).is_empty(), is_valid, "{bins}");
    }
}

#[test]
fn fixed_cuts_are_ascending_and_one_fewer_than_bins() {
    let fixed = |bins, cuts: &[f64]| {
        wrong(|c| {
            c.score.recency = RecencyAxis { method: Method::Fixed, bins, cuts: cuts.to_vec(), ..RecencyAxis::default() }
        })
    };
    assert!(fixed(4, &[7.0, 30.0, 90.0]).is_empty());
    for cuts in [&[][..], &[7.0, 30.0], &[7.0, 7.0, 30.0], &[30.0, 7.0, 90.0], &[7.0, f64::NAN, 30.0]] {
        assert_eq!(fixed(4, cuts), ["score.recency.cuts"], "{cuts:?}");
    }
    assert_eq!(wrong(|c| c.score.recency.cuts = vec![1.0]), ["score.recency.cuts"], "cuts without `fixed`");
    assert_eq!(fixed(0, &[]), ["score.recency.bins"], "no underflow of bins - 1");
}

#[test]
fn ntile_has_no_breaks_to_take_over() {
    let frozen = wrong(|c| {
        c.score.frequency.method = Method::Ntile;
        c.score.breaks_from = Some("manifest.json".into());
    });
    assert_eq!(frozen, ["score.frequency.method"]);
}

#[test]
fn nested_scores_are_groups_that_cannot_be_frozen() {
    let nested = |method: Method, frozen: bool| {
        wrong(|c| {
            c.score.combination = Combination::Nested;
            c.score.recency.method = Method::Ntile;
            (c.score.frequency.method, c.score.monetary.method) = (method, Method::Ntile);
            c.score.breaks_from = frozen.then(|| "manifest.json".into());
        })
    };
    assert!(nested(Method::Ntile, false).is_empty());
    assert!(nested(Method::Quantile, false).is_empty());
    assert_eq!(nested(Method::Median, false), ["score.frequency.method"]);
    assert!(nested(Method::Ntile, true).contains(&"score.combination".to_owned()));
    assert_eq!(
        wrong(|c| (c.score.combination, c.octants.of) = (Combination::Nested, OctantsOf::Scores)).last().unwrap(),
        "octants.of"
    );
}

#[test]
fn shares_are_0_to_1_and_never_nan() {
    for share in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert_eq!(wrong(|c| c.clean.max_quarantined_share = share), ["clean.max_quarantined_share"]);
    }
    assert_eq!(wrong(|c| c.reports.abc_limits = [0.95, 0.8]), ["reports.abc_limits"]);
    assert_eq!(wrong(|c| c.reports.abc_limits = [0.8, 95.0]), ["reports.abc_limits"]);
}

#[test]
fn amount_limits_do_not_cross() {
    assert_eq!(wrong(|c| (c.clean.min_amount, c.clean.max_amount) = (Some(2.0), Some(1.0))), ["clean.min_amount"]);
    assert_eq!(wrong(|c| c.clean.max_amount = Some(f64::INFINITY)), ["clean.max_amount"]);
    assert!(wrong(|c| (c.clean.min_amount, c.clean.max_amount) = (Some(1.0), Some(1.0))).is_empty());
    assert_eq!(wrong(|c| c.clean.money_scale = 7), ["clean.money_scale"]);
}

#[test]
fn bands_ascend() {
    assert_eq!(wrong(|c| c.reports.grid_recency_days = [30, 90, 90, 360]), ["reports.grid_recency_days"]);
    assert_eq!(wrong(|c| c.reports.grid_orders = [0, 1, 2, 3]), ["reports.grid_orders"]);
    assert_eq!(wrong(|c| c.reports.pareto_groups = 0), ["reports.pareto_groups"]);
    assert_eq!(wrong(|c| c.reports.pareto_groups = 10_001), ["reports.pareto_groups"]);
}

#[test]
fn dates_are_days_of_the_calendar_with_all_their_zeros() {
    for text in ["2026-02-29", "2026-1-1", "26-01-01", "01/02/2026", "2026-01-01T00:00:00", "", "+2026-01-01"] {
        assert_eq!(wrong(|c| c.dates.as_of = Some(text.into())), ["dates.as_of"], "{text}");
    }
    assert!(wrong(|c| c.dates.as_of = Some("2028-02-29".into())).is_empty(), "a leap day");
    let crossed = wrong(|c| (c.dates.as_of, c.dates.min_date) = (Some("2026-01-01".into()), Some("2026-01-02".into())));
    assert_eq!(crossed, ["dates.min_date"]);
    assert_eq!(wrong(|c| c.dates.window_days = Some(0)), ["dates.window_days"]);
}

#[test]
fn an_unknown_time_zone_has_a_suggestion() {
    let mut config = Config::default();
    config.dates.time_zone = "Europe/Berln".into();
    let text = validate(&config).unwrap_err().to_string();
    assert!(text.contains("`Europe/Berln`") && text.contains("did you mean `Europe/Berlin`"), "{text}");
}

#[test]
fn roles_have_columns_of_their_own() {
    assert_eq!(wrong(|c| c.columns.order_ts = "customer_id".into()), ["columns.order_ts"]);
    assert_eq!(wrong(|c| c.columns.amount = " ".into()), ["columns.amount"]);
    assert_eq!(wrong(|c| c.columns.quantity = Some("n".into())), ["columns.unit_price"]);
    let priced = wrong(|c| {
        (c.columns.quantity, c.columns.unit_price) = (Some("amount".into()), Some("price".into()));
    });
    assert!(priced.is_empty(), "`amount` is not read then: {priced:?}");
    assert_eq!(wrong(|c| c.columns.attributes = vec!["a".into(), "a".into()]), ["columns.attributes"]);
    assert_eq!(wrong(|c| c.columns.attributes = vec!["Segment".into()]), ["columns.attributes"]);
    assert!(wrong(|c| c.columns.attributes = vec!["city".into()]).is_empty());
}

#[test]
fn threads_and_memory_are_bounded() {
    assert_eq!(wrong(|c| c.run.threads = Some(0)), ["run.threads"]);
    assert_eq!(wrong(|c| c.run.threads = Some(80_000)), ["run.threads"]);
    assert_eq!(wrong(|c| c.run.memory_limit = Some("lots".into())), ["run.memory_limit"]);
}

#[test]
fn every_problem_is_reported_at_once() {
    let all = wrong(|c| {
        c.score.recency.bins = 1;
        c.dates.time_zone = "Mars/Base".into();
        c.output.path = String::new();
        c.segment.map = String::new();
    });
    assert_eq!(all, ["dates.time_zone", "score.recency.bins", "segment.map", "output.path"]);
}
