//! Every warning: its code, its sentence, its way through JSON, and its row in `docs/warnings.md`.

use std::collections::BTreeSet;

use super::*;

const VALUE: &str = "no order values and no CLV are predicted";

/// One of each, with the code and the sentence that users know.
fn examples() -> Vec<(Facts, &'static str, String)> {
    [of_scores(), of_customers(), of_predictions(), of_inputs()].concat()
}

fn of_scores() -> Vec<(Facts, &'static str, String)> {
    let (measure, score) = ("orders".to_owned(), "frequency".to_owned());
    let most_common = Some(CommonValue { value: "1".into(), share: 0.6 });
    vec![
        (
            Facts::EmptyBins { measure: measure.clone(), score: score.clone(), empty: vec![2, 3], most_common },
            "empty_bins",
            "60.0% of customers have `orders` = 1: the frequency score has 2 empty bins (2, 3)".into(),
        ),
        (
            Facts::EmptyBins { measure: measure.clone(), score: score.clone(), empty: vec![4], most_common: None },
            "empty_bins",
            "the frequency score has 1 empty bin (4)".into(),
        ),
        (
            Facts::FewValues { measure: measure.clone(), score: score.clone(), distinct: 1, bins: 5 },
            "few_values",
            "`orders` has 1 distinct value, fewer than the 5 bins of the frequency score".into(),
        ),
        (
            Facts::SplitTies { measure, score, customers: 3, share: 0.3 },
            "split_ties",
            "30.0% of customers (3) share their `orders` with a customer of another frequency score: ntile splits equal \
             values by customer id; `quantile` does not"
                .into(),
        ),
    ]
}

fn of_customers() -> Vec<(Facts, &'static str, String)> {
    vec![
        (
            Facts::ReturnsNetted { orders: 3 },
            "returns_netted",
            "3 orders are not above zero (returns); they count as orders and are netted from revenue: `clean.returns` can \
             be \"purchases\" or \"drop\" instead of \"net\""
                .into(),
        ),
        (
            Facts::UnusableMargins { rows: 2 },
            "unusable_margins",
            "2 used rows have a margin that is null or no amount; they count with 0 in `margin`, and in full in revenue"
                .into(),
        ),
        (
            Facts::EarlyDates { customers: 1 },
            "early_dates",
            "1 customers have a first order before 1971-01-01, as made-up dates are: `dates.min_date` quarantines such rows"
                .into(),
        ),
        (
            Facts::NoRevenue {},
            "no_revenue",
            "total revenue is not above zero: revenue shares, ABC classes and the Gini coefficient are not defined".into(),
        ),
    ]
}

fn of_predictions() -> Vec<(Facts, &'static str, String)> {
    let reasons = vec!["BG/NBD: flat".to_owned(), "Pareto/NBD: flat".to_owned()];
    vec![
        (
            Facts::ShortHistory { days: 20, least: 30 },
            "short_history",
            "nothing is predicted: the purchases span 20 days, and `predict.min_history_days` asks for 30".into(),
        ),
        (
            Facts::NoPurchaseModel { reasons },
            "no_purchase_model",
            "no purchases are predicted: BG/NBD: flat; Pareto/NBD: flat".into(),
        ),
        (
            Facts::NoSpendingModel { reason: "all repeat customers have the same average order value".into() },
            "no_spending_model",
            format!("{VALUE}: all repeat customers have the same average order value"),
        ),
        (
            Facts::NoFrozenSpendingModel {},
            "no_frozen_spending_model",
            format!("{VALUE}: the run of `predict.params_from` has no model of them"),
        ),
        (
            Facts::DependentSpending { correlation: -0.3125 },
            "dependent_spending",
            "how often customers buy and what an order brings correlate by -0.31; Gamma-Gamma takes them to be independent, \
             and CLV errs where they are not"
                .into(),
        ),
        (
            Facts::HoldoutSeen {},
            "holdout_seen",
            "the models of `predict.params_from` may have been fitted on the days of the holdout: then its agreement says \
             little"
                .into(),
        ),
    ]
}

fn of_inputs() -> Vec<(Facts, &'static str, String)> {
    let (setting, what) = ("social.path".to_owned(), "social measures".to_owned());
    vec![
        (
            Facts::UnmatchedRows { setting, what, matched: 50, customers: 60, unmatched_rows: 1 },
            "unmatched_rows",
            "50 of 60 customers have social measures; 1 rows of `social.path` match no customer in the table".into(),
        ),
        (
            Facts::DeliveredTwice { first: "a.parquet".into(), second: "b.parquet".into(), files: 1, rows: 7 },
            "delivered_twice",
            "`a.parquet` and `b.parquet` agree in size, rows and footer, as the same file delivered twice: unless repeats are \
             dropped (--dedupe), the 7 rows of the second count twice"
                .into(),
        ),
        (
            Facts::DeliveredTwice { first: "a.parquet".into(), second: "b.parquet".into(), files: 3, rows: 21 },
            "delivered_twice",
            "`a.parquet` and `b.parquet` agree in size, rows and footer, as the same file delivered twice (so do 2 more files \
             and others): unless repeats are dropped (--dedupe), the 21 rows of such files count twice"
                .into(),
        ),
        (
            Facts::RunMayStop { problem: "every row is bad".into() },
            "run_may_stop",
            "a run stops, unless it leaves out the rows in question: every row is bad".into(),
        ),
    ]
}

#[test]
fn every_warning_has_its_code_and_its_sentence() {
    for (facts, code, sentence) in examples() {
        let warning = Warning::from(facts);
        assert_eq!((warning.code(), warning.to_string()), (code, sentence));
    }
}

#[test]
fn what_a_warning_is_about_stands_before_its_sentence_and_among_its_facts() {
    let warning = || Warning::from(Facts::ShortHistory { days: 1, least: 2 });
    let sentence = warning().to_string();
    assert_eq!(warning().before_holdout().to_string(), format!("before the holdout: {sentence}"));
    let of_scoring = warning().in_scoring("tiers");
    assert_eq!(of_scoring.to_string(), format!("scoring `tiers`: {sentence}"));
    let detail = json!(WarningDetail::from(&of_scoring));
    let facts = json!({"days": 1, "least": 2, "scoring": "tiers"});
    assert_eq!(detail, json!({"code": "short_history", "facts": facts, "text": of_scoring.to_string()}));
}

#[test]
fn a_warning_comes_back_from_json_as_it_was() {
    for (facts, _, _) in examples() {
        let plain = Warning::from(facts);
        for warning in [plain.clone(), plain.clone().in_scoring("tiers"), plain.before_holdout()] {
            let text = serde_json::to_string(&WarningDetail::from(&warning)).unwrap();
            let detail: WarningDetail = serde_json::from_str(&text).unwrap();
            assert_eq!(detail.warning(), Some(warning));
        }
    }
}

#[test]
fn a_code_of_a_later_version_is_kept_with_its_sentence() {
    let text = r#"{"code": "of_tomorrow", "facts": {"n": 1}, "text": "something", "more": true}"#;
    let detail: WarningDetail = serde_json::from_str(text).unwrap();
    assert_eq!((detail.warning(), detail.text.as_str()), (None, "something"));
}

/// All codes that there are: the names that reading would have taken.
fn codes() -> BTreeSet<String> {
    let error = Facts::deserialize(json!({"code": "", "facts": {}})).unwrap_err().to_string();
    let (_, names) = error.split_once("expected").expect("the error lists the names");
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn no_warning_is_without_an_example() {
    let covered: BTreeSet<String> = examples().into_iter().map(|(_, code, _)| code.to_owned()).collect();
    assert_eq!(covered, codes());
}

#[test]
fn the_page_of_warnings_lists_every_code_once() {
    let page = include_str!("../../docs/warnings.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let listed: Vec<String> = rows.map(|(code, _)| code.to_owned()).collect();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), codes());
    assert_eq!(listed.len(), codes().len(), "each code once");
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        assert!(cells.len() == 3 && cells.iter().all(|cell| !cell.trim().is_empty()), "code, when, what to do: {row}");
    }
}
