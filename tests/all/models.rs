//! Results of other programs on real data, reproduced by the models.
//!
//! The data are outside this repository (`../shared/golden`, or `$RFMETRICS_SHARED/golden`); without them these tests
//! say so and pass. lifetimes 0.11.3 (scipy 1.5.4), BTYD 2.4.3, `BTYDplus` 1.2.0, `CLVTools` 0.12.1.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "counts that peers wrote as floats"
)]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests say what they compare")]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use rfmetrics::models::{
    BgBb, BgNbd, CashFlow, Discounting, Estimate, Fit, GammaGamma, Histories, History, MbgNbd, Opportunities,
    ParetoNbd, PurchaseModel, Spending, Spendings, expected_cumulative_repeats,
};
use serde_json::Value;

use crate::support::{assert_prints, shared};

type Columns = HashMap<String, Vec<f64>>;

/// The columns of numbers of a table.
fn columns(path: &Path) -> Columns {
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut columns = Columns::new();
    for row in reader.get_row_iter(None).unwrap() {
        for (name, field) in row.unwrap().get_column_iter() {
            let number = match field {
                Field::Double(number) => *number,
                Field::Int(number) => f64::from(*number),
                Field::Long(number) => *number as f64,
                Field::Date(days) => f64::from(*days),
                _ => continue,
            };
            columns.entry(name.clone()).or_default().push(number);
        }
    }
    columns
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn number(value: &Value, path: &str) -> f64 {
    value.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("no number at {path}"))
}

fn customers(columns: &Columns, x: &str, t_x: &str, t_cal: &str) -> Vec<History> {
    let times = columns[t_x].iter().zip(&columns[t_cal]);
    columns[x].iter().zip(times).map(|(x, (t_x, t_cal))| History { x: *x as u32, t_x: *t_x, t_cal: *t_cal }).collect()
}

fn histories(customers: &[History]) -> Histories {
    Histories::new(customers.iter().map(|history| (*history, 1)).collect()).unwrap()
}

fn spendings(customers: &[History], money: &[f64]) -> Spendings {
    Spendings::new(customers.iter().zip(money).map(|(history, z)| (Spending { x: history.x, z: *z }, 1)).collect())
}

/// The largest distance of `found` from `expected`, as a share of the larger of `expected` and `floor`.
fn largest_distance(found: impl Iterator<Item = f64>, expected: &[f64], floor: f64) -> f64 {
    let mut count = 0;
    let distance = |(found, expected): (f64, &f64)| {
        count += 1;
        (found - expected).abs() / expected.abs().max(floor)
    };
    let largest = found.zip(expected).map(distance).fold(0.0, |a: f64, b| if b.is_nan() { b } else { a.max(b) });
    assert_eq!(count, expected.len());
    largest
}

#[track_caller]
fn assert_within(what: &str, distance: f64, limit: f64) {
    println!("  {what:<40} {distance:.1e}");
    assert!(distance < limit, "{what}: {distance} is not below {limit}");
}

#[track_caller]
fn assert_estimates<P>(fit: &Fit<P>, expected: &Value, tolerances: [f64; 4]) {
    for (Estimate { name, value, standard_error }, tolerance) in fit.estimates.iter().zip(tolerances) {
        let expected = expected.get(name).or_else(|| expected.get("v").filter(|_| name == "gamma"));
        let expected = expected.and_then(Value::as_f64).unwrap();
        println!("  {name:<6} {value:>12.6} +- {standard_error:<10.6} peer {expected:.6}");
        assert!((value / expected - 1.0).abs() < tolerance, "{name}: {value} for {expected}");
    }
    println!("  log-likelihood {:.6}, BIC {:.3}, {:?}", fit.log_likelihood, fit.bic(), fit.convergence);
    assert!(fit.convergence.gradient_norm < 1e-8);
}

const THREE_DIGITS: [f64; 4] = [5e-4; 4];
/// The ridge of s and beta is flat.
const PARETO: [f64; 4] = [2e-3, 2e-3, 5e-3, 1e-2];

struct Predicted<'a> {
    prefix: &'a str,
    model: &'a dyn PurchaseModel,
}

/// Per customer, the model against the peer's columns: `p_alive` absolute, purchases relative or absolute, as the
/// peers' own differences allow.
fn check_predictions(of: &Predicted<'_>, table: &Columns, customers: &[History], horizon: f64, tolerance: (f64, f64)) {
    let p_alive = customers.iter().map(|history| of.model.p_alive(history));
    let distance = largest_distance(p_alive, &table[&format!("{}_p_alive", of.prefix)], 1.0);
    assert_within(&format!("{} P(alive), absolute", of.prefix), distance, tolerance.0);
    let expected = customers.iter().map(|history| of.model.expected_purchases(history, horizon));
    let distance = largest_distance(expected, &table[&format!("{}_expected_purchases", of.prefix)], 0.1);
    assert_within(&format!("{} expected purchases, relative", of.prefix), distance, tolerance.1);
}

/// The published figures of CDNOW: Fader, Hardie, Lee (2005), table 2, and (2013) for Gamma-Gamma, to every digit
/// that is printed there; MBG/NBD as `BTYDplus` prints it.
#[test]
fn cdnow_parameters_as_in_fader_hardie_lee_2005() {
    let Some(golden) = shared() else { return };
    let table = columns(&golden.join("expected/lifetimes/cdnow_sample_weeks7_19970930__customers.parquet"));
    let customers = customers(&table, "frequency", "recency", "T");
    let of_weeks = histories(&customers);
    let printed = |fit: &[Estimate], expected: &[&str]| {
        for (estimate, expected) in fit.iter().zip(expected) {
            assert_prints(&estimate.name, estimate.value, expected);
        }
    };
    let fit = BgNbd::fit(&of_weeks).unwrap();
    printed(&fit.estimates, &["0.243", "4.414", "0.793", "2.426"]);
    assert_prints("log-likelihood", fit.log_likelihood, "-9582.4");
    assert!((fit.log_likelihood + 9_582.429_207).abs() < 1e-3, "{}", fit.log_likelihood);
    let fit = ParetoNbd::fit(&of_weeks).unwrap();
    printed(&fit.estimates, &["0.553", "10.578", "0.606", "11.669"]);
    assert_prints("log-likelihood", fit.log_likelihood, "-9595.0");
    assert!((fit.log_likelihood + 9_594.976_18).abs() < 1e-3, "{}", fit.log_likelihood);
    let fit = MbgNbd::fit(&of_weeks).unwrap();
    printed(&fit.estimates, &["0.525", "6.183", "0.891", "1.614"]);
    assert!((fit.log_likelihood + 9_582.135_716).abs() < 1e-3, "{}", fit.log_likelihood);
    let fit = GammaGamma::fit(&spendings(&customers, &table["monetary_value"])).unwrap().fit;
    assert_eq!(fit.customers, 946);
    printed(&fit.estimates, &["6.25", "3.74", "15.44"]);
    assert!((fit.log_likelihood + 4_055.917_695).abs() < 1e-3, "{}", fit.log_likelihood);
}

/// Fits, standard errors, predictions and CLV of one data set and unit as in lifetimes.
fn check_lifetimes(golden: &Path, case: &str, horizon: f64, month: f64) {
    println!("{case}");
    let path = |kind: &str| golden.join(format!("expected/lifetimes/{case}__{kind}"));
    let (table, peer) = (columns(&path("customers.parquet")), json(&path("params.json")));
    let customers = customers(&table, "frequency", "recency", "T");
    let all = histories(&customers);
    let (bg, mbg, pareto) = (BgNbd::fit(&all).unwrap(), MbgNbd::fit(&all).unwrap(), ParetoNbd::fit(&all).unwrap());
    assert_estimates(&bg, &peer["bg"]["params"], THREE_DIGITS);
    assert_estimates(&mbg, &peer["mbg"]["params"], THREE_DIGITS);
    assert_estimates(&pareto, &peer["pnbd"]["params"], PARETO);
    let log_likelihoods = [("bg", bg.log_likelihood), ("mbg", mbg.log_likelihood), ("pnbd", pareto.log_likelihood)];
    for (name, found) in log_likelihoods {
        let expected = number(&peer, &format!("/{name}/loglik"));
        assert!((found - expected).abs() < 1e-3 && found > expected - 1e-6, "{name}: {found} for {expected}");
    }
    for (fit, name) in [(&bg.estimates, "bg"), (&mbg.estimates, "mbg")] {
        for estimate in fit {
            let expected = number(&peer, &format!("/{name}/standard_errors/{}", estimate.name));
            assert_within(
                &format!("{name} standard error of {}", estimate.name),
                (estimate.standard_error / expected - 1.0).abs(),
                2e-3,
            );
        }
    }
    let spending = spendings(&customers, &table["monetary_value"]);
    let value = GammaGamma::fit(&spending).unwrap();
    assert_estimates(&value.fit, &peer["gg"]["params"], THREE_DIGITS);
    assert!((value.fit.log_likelihood - number(&peer, "/gg/loglik")).abs() < 1e-3);
    assert!((value.correlation.unwrap() - number(&peer, "/gg/corr_frequency_monetary")).abs() < 1e-9);
    let values: Vec<f64> = (customers.iter().zip(&table["monetary_value"]))
        .map(|(history, z)| value.fit.parameters.expected_order_value(Spending { x: history.x, z: *z }))
        .collect();
    let distance = largest_distance(values.iter().copied(), &table["gg_expected_average_profit"], 0.0);
    assert_within("expected order value, relative", distance, 2e-4);
    let models: [(&str, &dyn PurchaseModel); 3] =
        [("bg", &bg.parameters), ("mbg", &mbg.parameters), ("pnbd", &pareto.parameters)];
    for (prefix, model) in models {
        check_predictions(&Predicted { prefix, model }, &table, &customers, horizon, (2e-4, 1e-3));
        let discounting = Discounting { periods: 12, period: month, rate: 0.01 };
        let clv = customers.iter().zip(&values).map(|(history, value)| {
            let purchases = discounting.purchases_if_alive(model, history.x, history.t_cal);
            CashFlow { margin: 1.0, contact_cost: 0.0 }.customer_lifetime_value(
                discounting.annuity(),
                model.p_alive(history),
                purchases,
                *value,
            )
        });
        let clv: Vec<f64> = clv.collect();
        let distance = largest_distance(clv.iter().copied(), &table[&format!("{prefix}_clv_12m_d01")], 1.0);
        assert_within(&format!("{prefix} CLV, relative"), distance, 2e-3);
        let sum = number(&peer, &format!("/{prefix}_clv/sum"));
        assert_within(&format!("{prefix} sum of CLV, relative"), (clv.iter().sum::<f64>() / sum - 1.0).abs(), 1e-3);
    }
}

#[test]
fn cdnow_by_weeks_as_in_lifetimes_0_11() {
    let Some(golden) = shared() else { return };
    check_lifetimes(&golden, "cdnow_sample_weeks7_19970930", 39.0, 4.345);
}

#[test]
fn cdnow_by_days_as_in_lifetimes_0_11() {
    let Some(golden) = shared() else { return };
    check_lifetimes(&golden, "cdnow_sample_days_19980630", 365.0, 30.0);
}

/// With the peers' own parameters only rounding is left.
#[test]
fn cdnow_with_given_parameters_as_in_btyd_2_4_and_lifetimes_0_11() {
    let Some(golden) = shared() else { return };
    let peer = json(&golden.join("expected/r_clv/cdnow_sample_weeks_19970930__params.json"));
    let table = columns(&golden.join("expected/r_clv/cdnow_sample_weeks_19970930__customers.parquet"));
    let customers = customers(&table, "x", "t_x", "T_cal");
    let all = histories(&customers);
    let bg: BgNbd = serde_json::from_value(peer["btyd_bgnbd"]["params"].clone()).unwrap();
    let pareto: ParetoNbd = serde_json::from_value(peer["btyd_pnbd"]["params"].clone()).unwrap();
    check_predictions(&Predicted { prefix: "bg", model: &bg }, &table, &customers, 39.0, (1e-6, 1e-6));
    check_predictions(&Predicted { prefix: "pnbd", model: &pareto }, &table, &customers, 39.0, (1e-6, 1e-6));
    assert!((bg.log_likelihood(&all) - number(&peer, "/btyd_bgnbd/loglik")).abs() < 1e-6);
    assert!((pareto.log_likelihood(&all) - number(&peer, "/btyd_pnbd/loglik")).abs() < 1e-6);
    for (name, model) in [("btyd_bgnbd", &bg as &dyn PurchaseModel), ("btyd_pnbd", &pareto)] {
        for t in ["1", "10", "26", "39", "52", "78"] {
            let expected = number(&peer, &format!("/{name}/expected_new_customer/{t}"));
            let found = model.expected_purchases_of_new(&[t.parse().unwrap()])[0];
            assert!((found / expected - 1.0).abs() < 1e-8, "{name} {t}: {found} for {expected}");
        }
    }
    let peer = json(&golden.join("expected/lifetimes/cdnow_sample_weeks7_19970930__params.json"));
    let table = columns(&golden.join("expected/lifetimes/cdnow_sample_weeks7_19970930__customers.parquet"));
    let mbg: MbgNbd = serde_json::from_value(peer["mbg"]["params"].clone()).unwrap();
    let of_lifetimes = self::customers(&table, "frequency", "recency", "T");
    check_predictions(&Predicted { prefix: "mbg", model: &mbg }, &table, &of_lifetimes, 39.0, (1e-6, 1e-6));
    assert!((mbg.log_likelihood(&all) - number(&peer, "/mbg/loglik")).abs() < 1e-6);
}

#[test]
fn cdnow_purchase_probabilities_as_in_btyd_2_4() {
    let Some(golden) = shared() else { return };
    let peer = json(&golden.join("expected/r_clv/btyd_walkthrough_values.json"));
    let numbers = |name: &str| -> Vec<f64> { serde_json::from_value(peer[name].clone()).unwrap() };
    // the manual's values are for the published parameters
    let bg = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
    let distance =
        largest_distance(bg.purchase_probabilities(9, 39.0).into_iter(), &numbers("bgnbd_pmf_t39_x0to9"), 0.0);
    assert_within("BG/NBD P(X(39) = n)", distance, 1e-8);
    let p_alive = (5..=20).map(|x| bg.p_alive(&History { x, t_x: 30.0, t_cal: 39.0 }));
    assert_within("BG/NBD P(alive)", largest_distance(p_alive, &numbers("bgnbd_palive_x5to20_tx30_T39"), 0.0), 1e-8);
}

#[test]
fn cdnow_as_in_clvtools_0_12() {
    let Some(golden) = shared() else { return };
    let peer = json(&golden.join("expected/r_clv/clvtools_cdnow_19970930__params.json"));
    for name in ["clvtools_bgnbd", "clvtools_pnbd"] {
        let table = columns(&golden.join(format!("expected/r_clv/clvtools_cdnow_19970930__{name}.parquet")));
        let customers = customers(&table, "x", "t_x", "T_cal");
        let params = peer[name]["params"].clone();
        let model: Box<dyn PurchaseModel> = if name == "clvtools_bgnbd" {
            Box::new(serde_json::from_value::<BgNbd>(params).unwrap())
        } else {
            Box::new(serde_json::from_value::<ParetoNbd>(params).unwrap())
        };
        let p_alive = customers.iter().map(|history| model.p_alive(history));
        assert_within(&format!("{name} P(alive)"), largest_distance(p_alive, &table["PAlive"], 1.0), 1e-6);
        let expected = customers.iter().map(|history| model.expected_purchases(history, 39.0));
        assert_within(&format!("{name} expected"), largest_distance(expected, &table["CET"], 1e-3), 1e-6);
        let found = model.log_likelihood(&histories(&customers));
        assert!((found - number(&peer, &format!("/{name}/loglik"))).abs() < 1e-6, "{name}: {found}");
    }
}

#[test]
fn donations_as_in_lifetimes_0_11() {
    let Some(golden) = shared() else { return };
    let peer = json(&golden.join("expected/lifetimes/donations_bgbb__params.json"));
    let table = columns(&golden.join("expected/lifetimes/donations_bgbb__groups.parquet"));
    let pattern = |i: usize| Opportunities {
        n: table["periods"][i] as u32,
        x: table["frequency"][i] as u32,
        t_x: table["recency"][i] as u32,
    };
    let patterns: Vec<Opportunities> = (0..table["periods"].len()).map(pattern).collect();
    let donors: Vec<(Opportunities, u64)> =
        patterns.iter().copied().zip(table["weights"].iter().map(|w| *w as u64)).collect();
    let fit = BgBb::fit(&donors).unwrap();
    assert_estimates(&fit, &peer["params"], THREE_DIGITS);
    assert!((fit.log_likelihood - number(&peer, "/loglik")).abs() < 1e-3);
    for (model, tolerance) in [(fit.parameters, 1e-3), (serde_json::from_value(peer["params"].clone()).unwrap(), 1e-6)]
    {
        for (column, ahead) in [("p_alive_m0", 0), ("p_alive_m1", 1), ("p_alive_m5", 5)] {
            let found = patterns.iter().map(|&pattern| model.p_alive(pattern, ahead));
            assert_within(column, largest_distance(found, &table[column], 0.0), tolerance);
        }
        let found = patterns.iter().map(|&pattern| model.expected_purchases(pattern, 5));
        assert_within(
            "purchases in 5 periods",
            largest_distance(found, &table["expected_purchases_5"], 0.0),
            tolerance,
        );
    }
}

/// Cumulative repeat purchases by week as in `expected_cumulative_transactions` of lifetimes.
#[test]
fn cdnow_tracking_as_in_lifetimes_0_11() {
    let Some(golden) = shared() else { return };
    let csv =
        std::fs::read_to_string(golden.join("expected/lifetimes/cdnow_sample_cumulative_tracking_weeks.csv")).unwrap();
    let rows: Vec<Vec<f64>> =
        csv.lines().skip(1).map(|line| line.split(',').map(|n| n.parse().unwrap()).collect()).collect();
    let table = columns(&golden.join("data/cdnow_sample.parquet"));
    let mut first: HashMap<u64, f64> = HashMap::new();
    for (id, day) in table["customer_id"].iter().zip(&table["order_ts"]) {
        let known = first.entry(id.to_bits()).or_insert(*day);
        *known = known.min(*day);
    }
    let start = first.values().copied().fold(f64::INFINITY, f64::min);
    let mut births: BTreeMap<i32, u64> = BTreeMap::new();
    for day in first.values() {
        *births.entry((day - start) as i32).or_default() += 1;
    }
    let weeks: Vec<i32> = rows.iter().map(|row| 7 * row[0] as i32).collect();
    let peer = json(&golden.join("expected/lifetimes/cdnow_sample_weeks7_19970930__params.json"));
    let bg: BgNbd = serde_json::from_value(peer["bg"]["params"].clone()).unwrap();
    let pareto: ParetoNbd = serde_json::from_value(peer["pnbd"]["params"].clone()).unwrap();
    for (model, column) in [(&bg as &dyn PurchaseModel, 2), (&pareto, 3)] {
        let found = expected_cumulative_repeats(model, 7.0, &births, &weeks);
        let expected: Vec<f64> = rows.iter().map(|row| row[column]).collect();
        assert_within("cumulative repeats", largest_distance(found.into_iter(), &expected, 1.0), 1e-3);
    }
}
