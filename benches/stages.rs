//! The stages of a run, one by one, on a million simulated order lines and a million customers.
//!
//! `cargo bench` prints the time of each stage and its items (rows or customers) per second; `BENCH_CUSTOMERS=10000000`
//! asks for another number of customers. For the whole job next to its peers see `tests/peers/bench_peers.py`.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods, clippy::cast_possible_truncation)]

use std::path::PathBuf;
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use polars::prelude::*;
use rfmetrics::clean::judge::Judge;
use rfmetrics::clean::options::Returns;
use rfmetrics::clean::outcome::Tally;
use rfmetrics::config::Config;
use rfmetrics::customers::fold::{Fold, Folded};
use rfmetrics::customers::key::{Name, NoName, Span};
use rfmetrics::customers::log::Kept;
use rfmetrics::customers::{CustomerIds, Customers};
use rfmetrics::input::Input;
use rfmetrics::job::tables;
use rfmetrics::models::kmeans::{self, Points};
use rfmetrics::passes::attributes::Attributes;
use rfmetrics::passes::{self, Reading};
use rfmetrics::progress::Progress;
use rfmetrics::publish::Output;
use rfmetrics::publish::options::OutputOptions;
use rfmetrics::reports::cube;
use rfmetrics::reports::findings::{Account, Findings};
use rfmetrics::reports::groups::{CELLS, grid_cells};
use rfmetrics::score::options::Method;
use rfmetrics::score::{
    AxisSpec, LEXICAL_WEIGHTS, Standard, Standardise, ValueAxis, ValueScale, nested_scores, score_axis, weighted_scores,
};
use rfmetrics::scoring::ranking::Ranking;
use rfmetrics::scoring::{self, Frozen, ScoredCustomers, Scorings, survey};
use rfmetrics::simulate::{IdKind, SimulateOptions};
use rfmetrics::time::days::FromDays;

fn main() {
    divan::main();
}

const LINES: u64 = 1_000_000;
/// Rows that the engine delivers at a time.
const BATCH: usize = 100_000;
const AS_OF: i32 = 20_000;

/// Made-up customers: a million, or as many as the environment says.
static CUSTOMERS: LazyLock<usize> =
    LazyLock::new(|| std::env::var("BENCH_CUSTOMERS").map_or(1_000_000, |text| text.parse().unwrap()));

/// Simulated lines, on disk and in memory.
struct Lines {
    /// Removes the files at the end.
    _directory: tempfile::TempDir,
    input: Input,
    batches: Vec<DataFrame>,
}

impl Lines {
    fn with(id_kind: IdKind) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let output = directory.path().join("lines");
        let options = SimulateOptions { output: output.clone(), lines: LINES, id_kind, ..SimulateOptions::default() };
        rfmetrics::simulate::simulate(&options).unwrap();
        let mut config = Config::default();
        config.input.paths = vec![output.display().to_string()];
        config.dates.as_of = Some("2026-10-31".to_owned());
        let input = Input::open(&config, 1).unwrap();
        let pattern = PlRefPath::new(output.join("*.parquet").to_str().unwrap());
        let lines = LazyFrame::scan_parquet(pattern, ScanArgsParquet::default()).unwrap().collect().unwrap();
        let starts = (0..lines.height()).step_by(BATCH);
        let batches = starts.map(|start| lines.slice(i64::try_from(start).unwrap(), BATCH)).collect();
        Self { _directory: directory, input, batches }
    }

    fn judge(&self) -> Judge {
        Judge::new(self.input.rules.clone(), self.input.parts[0].rules.clone())
    }

    fn rows(&self) -> usize {
        self.batches.iter().map(DataFrame::height).sum()
    }
}

static INTEGERS: LazyLock<Lines> = LazyLock::new(|| Lines::with(IdKind::Integer));
static UUIDS: LazyLock<Lines> = LazyLock::new(|| Lines::with(IdKind::Uuid));

/// Rows judged: dates, amounts, ids.
#[divan::bench(args = ["integer", "uuid"])]
fn judge(bencher: Bencher, ids: &str) {
    let lines = if ids == "integer" { &INTEGERS } else { &UUIDS };
    bencher.counter(ItemsCount::new(lines.rows())).bench(|| {
        let judge = lines.judge();
        lines.batches.iter().for_each(|batch| drop(judge.judge(batch).unwrap()));
        judge
    });
}

fn folded<N: Name>(bencher: Bencher, lines: &Lines) {
    let judge = lines.judge();
    let judged: Vec<_> = lines.batches.iter().map(|batch| judge.judge(batch).unwrap()).collect();
    bencher.counter(ItemsCount::new(lines.rows())).bench(|| -> Folded<N> {
        let fold = Fold::<N>::new(Returns::Net, Kept::All);
        for judged in &judged {
            judged.with_batch(|batch| fold.add(batch)).unwrap();
        }
        fold.finish(1).unwrap()
    });
}

/// Judged rows to one accumulator per customer, on one thread.
#[divan::bench]
fn fold_integer_ids(bencher: Bencher) {
    folded::<NoName>(bencher, &INTEGERS);
}

/// As [`fold_integer_ids`].
#[divan::bench]
fn fold_uuids(bencher: Bencher) {
    folded::<Span>(bencher, &UUIDS);
}

/// Files to customers, on two threads: scan, judge, fold, gather.
#[divan::bench(args = ["integer", "uuid"], sample_count = 10)]
fn aggregate_files(bencher: Bencher, ids: &str) {
    let lines = if ids == "integer" { &INTEGERS } else { &UUIDS };
    bencher.counter(ItemsCount::new(lines.rows())).bench(|| {
        let (input, progress) = (&lines.input, Progress::new(false));
        let mut reading = Reading::new(input, &progress);
        reading.threads = 2;
        passes::gather(&reading, &input.rules).unwrap().customers
    });
}

/// Made-up customers: a linear congruential generator spreads the measures.
static POPULATION: LazyLock<Customers> = LazyLock::new(|| {
    let mut state = 1_u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((state >> 33) % below).unwrap()
    };
    let mut column = |least: u32, below: u64| -> Vec<u32> { (0..*CUSTOMERS).map(|_| least + draw(below)).collect() };
    let (orders, days, revenue) = (column(1, 40), column(0, 1_000), column(1, 5_000_000));
    let last_day: Vec<i32> = days.iter().map(|days| AS_OF - days.cast_signed()).collect();
    Customers {
        ids: CustomerIds::Integer((0_i64..).take(*CUSTOMERS).collect()),
        first_day: last_day.iter().map(|day| day - 100).collect(),
        last_day,
        purchase_days: orders.clone(),
        transactions: orders.clone(),
        orders,
        revenue: revenue.iter().map(|revenue| i64::from(*revenue)).collect(),
        largest_order: revenue.iter().map(|revenue| i64::from(*revenue)).collect(),
        ..Customers::default()
    }
});

/// Learning and applying the breaks of one axis.
#[divan::bench(args = ["quantile", "ntile", "r-rfm", "fixed", "mean", "median", "pareto", "uniform"], sample_count = 10)]
fn score_one_axis(bencher: Bencher, method: &str) {
    let mut config = Config::default();
    config.score.monetary.method = serde_json::from_value(method.into()).unwrap();
    match method {
        "mean" | "median" | "pareto" => config.score.monetary.bins = 2,
        "fixed" => config.score.monetary.cuts = vec![100.0, 1_000.0, 10_000.0, 40_000.0],
        _ => {}
    }
    let [.., monetary] = config.own_scoring().axes();
    let values = &POPULATION.revenue;
    bencher.counter(ItemsCount::new(*CUSTOMERS)).bench(|| score_axis(values, &monetary, None).unwrap());
}

/// The measures of the three axes.
fn measures() -> [Vec<i64>; 3] {
    let days = POPULATION.last_day.iter().map(|day| i64::from(AS_OF - day)).collect();
    [days, POPULATION.orders.iter().map(|orders| i64::from(*orders)).collect(), POPULATION.revenue.clone()]
}

/// All three axes, each over all customers or inside the groups before it.
#[divan::bench(args = ["independent quantile", "independent ntile", "nested"], sample_count = 10)]
fn score_three_axes(bencher: Bencher, combination: &str) {
    let mut config = Config::default();
    if combination != "independent quantile" {
        config.score.recency.method = Method::Ntile;
        config.score.frequency.method = Method::Ntile;
        config.score.monetary.method = Method::Ntile;
    }
    let (specs, [r, f, m]) = (config.own_scoring().axes(), measures());
    bencher.counter(ItemsCount::new(*CUSTOMERS)).bench(|| {
        if combination == "nested" {
            return nested_scores([&r, &f, &m], &specs, None).unwrap();
        }
        let one = |values: &[i64], axis: usize| score_axis(values, &specs[axis], None).unwrap();
        [one(&r, 0), one(&f, 1), one(&m, 2)]
    });
}

/// The weighted sum of three scores.
#[divan::bench(sample_count = 10)]
fn weighted_sum_of_scores(bencher: Bencher) {
    let [r, f, m] = measures().map(|values| values.iter().map(|value| 1 + (value % 5) as i32).collect::<Vec<i32>>());
    bencher.counter(ItemsCount::new(*CUSTOMERS)).bench(|| weighted_scores([&r, &f, &m], LEXICAL_WEIGHTS).unwrap());
}

/// The weighted value of three measures, and its score.
#[divan::bench(args = ["min-max", "z-score", "rank"], sample_count = 10)]
fn weighted_value(bencher: Bencher, standardise: &str) {
    let options =
        ValueAxis { standardise: serde_json::from_value(standardise.into()).unwrap(), ..ValueAxis::default() };
    let (columns, spec) = (measures(), AxisSpec::value(&options));
    bencher.counter(ItemsCount::new(*CUSTOMERS)).bench(|| {
        let scale = ValueScale::learn(&options, 2, options.given_weights(), &columns, None).unwrap();
        score_axis(&scale.apply(&columns, None).unwrap(), &spec, None).unwrap()
    });
}

/// k-means over three measures from 0 to 1: finding the clusters, and the cluster of each customer.
#[divan::bench(args = [2, 8, 20], sample_count = 3)]
fn clusters(bencher: Bencher, k: usize) {
    let scaled = |values: &Vec<i64>| Standard::learn(values, Standardise::MinMax, false).unwrap().apply(values);
    let points = Points::new(measures().iter().map(scaled).collect()).unwrap();
    bencher.counter(ItemsCount::new(*CUSTOMERS)).bench(|| {
        let found = kmeans::learn(&points, kmeans::Options { k, ..kmeans::Options::default() }).unwrap();
        found.apply(&points).unwrap()
    });
}

/// The one sort: ranks, cumulative shares, classes.
#[divan::bench]
fn rank_by_revenue(bencher: Bencher) {
    let revenue = &POPULATION.revenue;
    bencher.counter(ItemsCount::new(*CUSTOMERS)).bench(|| Ranking::new(revenue, [0.8, 0.95]));
}

/// Scores, segments, octants and ranks of all customers, with the default settings.
fn scored() -> ScoredCustomers {
    let planned = survey(Config::default().scorings().unwrap(), |_| Ok(Frozen::default())).plan().unwrap();
    scoring::score(planned, &Scorings::alone(None), &POPULATION, AS_OF, Config::default().reports.abc_limits).unwrap()
}

#[divan::bench(sample_count = 20)]
fn score_customers(bencher: Bencher) {
    LazyLock::force(&POPULATION);
    bencher.counter(ItemsCount::new(*CUSTOMERS)).bench(scored);
}

fn findings() -> Findings {
    let (config, customers) = (Config::default(), POPULATION.clone());
    let ScoredCustomers { recency_days, scorings, octants, octant, ranking } = scored();
    let (grid_recency_days, grid_orders) = (config.reports.grid_recency_days, config.reports.grid_orders);
    Findings {
        as_of: AS_OF,
        scale: config.clean.money_scale,
        money: config.output.money,
        grid_cell: grid_cells(&recency_days, &customers.orders, grid_recency_days, grid_orders),
        grid_cells: CELLS,
        may_lack_orders: false,
        grid_recency_days,
        grid_orders,
        customers,
        recency_days,
        scorings,
        octants,
        octant,
        ranking,
        report_groups: None,
        pareto_groups: config.reports.pareto_groups as usize,
        account: Account {
            tally: Tally::default(),
            cut_amounts_known: true,
            rejects: Vec::new(),
            repeated_rows: None,
            filtered_rows: None,
            currencies: None,
            of_inputs: Vec::new(),
            aliases: None,
        },
        further_columns: config.further_columns(),
        predictions: None,
        years: None,
        planned_years: Vec::new(),
        planned_ltv: None,
        social: None,
        compared: None,
        from_days: FromDays::default(),
        alerts: None,
        evaluation: None,
        shows_rhythms: false,
        health_limits: config.health.limits,
        members: None,
    }
}

/// The sums behind the reports.
#[divan::bench(sample_count = 20)]
fn sum_cube(bencher: Bencher) {
    let findings = findings();
    bencher.counter(ItemsCount::new(*CUSTOMERS)).bench_local(|| cube::cube(&findings).unwrap());
}

/// Every table to files, unpublished.
#[divan::bench(sample_count = 10)]
fn write_tables(bencher: Bencher) {
    let directory = tempfile::tempdir().unwrap();
    let path: PathBuf = directory.path().join("out");
    let output =
        Output::open(&OutputOptions { path: path.display().to_string(), ..OutputOptions::default() }, &[]).unwrap();
    let findings = findings();
    bencher.counter(ItemsCount::new(*CUSTOMERS)).bench_local(|| {
        let staging = output.stage(chrono::NaiveDate::default()).unwrap();
        tables::write_tables(&staging, &findings, &Attributes::default()).unwrap()
    });
}
