//! Which values make sense, alone and together. Every problem is reported at once.
//!
//! Does not live here: the kind of value a key wants (`text`), and what only the data can show (whether a column
//! exists, whether a map fits the number of bins).

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::NaiveDate;

use super::problem::{Problem, error_of};
use super::{Config, RunOptions, memory, nearest};
use crate::campaigns::notices;
use crate::clean::currency::options::CurrencyOptions;
use crate::clean::options::CleanOptions;
use crate::error::Result;
use crate::quality::options::QualityOptions;
use crate::reports::options::ReportOptions;
use crate::reports::tables::customers::columns as columns_of_customers;
use crate::schema::{AS_OF, ColumnEntry};
use crate::score::options::{Combination, Method, ScoreOptions};
use crate::score::{AxisSpec, Measure, Needs, has_groups};
use crate::segment::options::OctantsOf;
use crate::source::contract::named_roles;
use crate::source::options::{ColumnOptions, Grain, InputOptions, OrderKey};
use crate::warnings::CODES;

mod campaign;
mod customers;
mod dates;
mod grain;
mod predict;

/// Checks every value of `config`, whichever way it was made.
///
/// # Errors
/// A `Config` error that names each wrong key, what was found and what was expected.
pub fn validate(config: &Config) -> Result<()> {
    let problems = problems(config);
    if problems.is_empty() {
        return config.inputs().and_then(|_| config.scorings()).map(drop);
    }
    Err(error_of(problems.iter().map(|problem| problem.line(&BTreeMap::new())).collect()))
}

/// Everything that is wrong with `config`.
pub(super) fn problems(config: &Config) -> Vec<Problem> {
    let mut checks = Checks::default();
    check_input(&config.input, &mut checks);
    let names: Vec<&str> = config.inputs.iter().map(|entry| entry.name.as_str()).collect();
    if let Some(first) = names.first() {
        let paths = &config.input.paths;
        let expected = format!(
            "none beside `[[input]]`: each of them has its own (--set input.{first}.paths=PATH changes those of one)"
        );
        checks.require(paths.is_empty(), "input.paths", format!("`{}`", paths.join(",")), expected);
    }
    check_columns(&config.columns, config.input.grain, &config.further_columns(), &mut checks);
    grain::check(config, &mut checks);
    check_groups(config, &mut checks);
    dates::check(&config.dates, &mut checks);
    check_clean(&config.clean, &mut checks);
    check_currency(&config.currency, &mut checks);
    check_quality(&config.quality, &mut checks);
    check_score(&config.score, &mut checks);
    checks.not_blank("segment.map", &config.segment.map);
    check_measures(config, &mut checks);
    let nested_octants = config.octants.of == OctantsOf::Scores && config.score.combination == Combination::Nested;
    let expected = "`measures`: nested scores of two customers cannot be compared";
    checks.require(!nested_octants, "octants.of", "`scores`", expected);
    check_reports(&config.reports, &mut checks);
    predict::check(config, &mut checks);
    predict::check_social(&config.social, &mut checks);
    customers::check(config, &mut checks);
    campaign::check(&config.campaign, &mut checks);
    checks.not_blank("output.path", &config.output.path);
    check_run(&config.run, &mut checks);
    checks.0
}

/// The problems found so far.
#[derive(Default)]
struct Checks(Vec<Problem>);

impl Checks {
    /// Notes a problem unless `holds`.
    fn require(&mut self, holds: bool, key: &str, found: impl Display, expected: impl Display) {
        if !holds {
            self.0.push(Problem::new(key, found, expected));
        }
    }

    fn not_blank(&mut self, key: &str, text: &str) {
        self.require(!text.trim().is_empty(), key, format!("`{text}`"), "a text that is not empty");
    }

    fn none_blank(&mut self, key: &str, texts: &[String]) {
        let blank = texts.iter().filter(|text| text.trim().is_empty()).count();
        self.require(blank == 0, key, format!("{blank} empty of {}", texts.len()), "no empty text in the list");
    }

    fn distinct(&mut self, key: &str, texts: &[String]) {
        let twice = texts.iter().enumerate().find(|(i, text)| texts[..*i].contains(text));
        if let Some((_, text)) = twice {
            self.0.push(Problem::new(key, format!("`{text}` twice"), "each name once"));
        }
    }
}

fn check_input(input: &InputOptions, checks: &mut Checks) {
    checks.none_blank("input.paths", &input.paths);
    for (key, condition) in [("input.filter", &input.filter), ("input.interactions", &input.interactions)] {
        if let Some(condition) = condition {
            checks.not_blank(key, condition);
        }
    }
}

fn check_columns(columns: &ColumnOptions, grain: Grain, further: &[&ColumnEntry], checks: &mut Checks) {
    let key = columns.order_id.iter().filter(|_| grain == Grain::Transactions).flat_map(OrderKey::names);
    let key = key.map(|name| ("columns.order_id", name.as_str()));
    let roles = named_roles(columns, grain).into_iter().map(|named| (named.key, named.name));
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (key, name) in roles.chain(key) {
        checks.not_blank(key, name);
        if let Some(other) = taken.insert(name, key) {
            checks.0.push(Problem::new(key, format!("`{name}`, as in `{other}`"), "a column of its own"));
        }
    }
    let is_named = columns.order_id.as_ref().is_none_or(|key| !key.names().is_empty());
    checks.require(is_named, "columns.order_id", "an empty list", "a column, or several");
    let lonely = |key, other| Problem::new(key, "nothing", format!("a column, because `{other}` is set"));
    match (&columns.quantity, &columns.unit_price) {
        (Some(_), None) => checks.0.push(lonely("columns.unit_price", "columns.quantity")),
        (None, Some(_)) => checks.0.push(lonely("columns.quantity", "columns.unit_price")),
        _ => {}
    }
    checks.none_blank("columns.attributes", &columns.attributes);
    checks.distinct("columns.attributes", &columns.attributes);
    // Many readers ignore the case of column names.
    let fixed = [&AS_OF, &columns_of_customers::MAP];
    let own = || columns_of_customers::OWN.iter().chain(fixed).chain(further.iter().copied());
    let names = || own().map(|column| column.name);
    for clash in columns.attributes.iter().filter(|name| names().any(|own| own.eq_ignore_ascii_case(name))) {
        let found = format!("`{clash}`, as the customers table calls a column of its own");
        checks.0.push(Problem::new(
            "columns.attributes",
            found,
            "columns of other names: rename this one at its source",
        ));
    }
}

/// The attributes that group customers. What is wrong with them as columns is said of `columns.attributes`, where they stand.
fn check_groups(config: &Config, checks: &mut Checks) {
    for (key, names) in [("score.by", &config.score.by), ("reports.by", &config.reports.by)] {
        checks.none_blank(key, names);
        checks.distinct(key, names);
    }
    if let Some(per) = &config.customers.per {
        checks.not_blank("customers.per", per);
        let tables = [
            ("social.path", config.social.path.is_some()),
            ("predict.profits.path", config.predict.profits.path.is_some()),
            ("customers.path", config.customers.path.is_some()),
        ];
        for (key, _) in tables.into_iter().filter(|(_, is_set)| *is_set) {
            let expected = "nothing, because with `customers.per` a customer id alone names no customer";
            checks.0.push(Problem::new(key, "a table of customers", expected));
        }
    }
    let least = config.score.by_min_customers;
    checks.require(least >= 1, "score.by_min_customers", "`0`", "1 or more");
}

/// More decimals would leave too few digits of 64 bits for sums.
const MOST_MONEY_DECIMALS: u8 = 6;

fn check_clean(clean: &CleanOptions, checks: &mut Checks) {
    checks.none_blank("clean.dedupe_keys", &clean.dedupe_keys);
    checks.distinct("clean.dedupe_keys", &clean.dedupe_keys);
    if let Some(column) = &clean.dedupe_latest_by {
        checks.none_blank("clean.dedupe_latest_by", std::slice::from_ref(column));
        let expected = "the columns that make a key in `clean.dedupe_keys`, such as [\"line_id\"]";
        checks.require(!clean.dedupe_keys.is_empty(), "clean.dedupe_latest_by", format!("`{column}`"), expected);
    }
    let drops = clean.dedupe || !clean.dedupe_keys.is_empty();
    let expected = "`false`, because repeats that are dropped are counted as `duplicate`";
    checks.require(!(clean.count_repeats && drops), "clean.count_repeats", "`true`", expected);
    let scale = clean.money_scale;
    checks.require(scale <= MOST_MONEY_DECIMALS, "clean.money_scale", format!("`{scale}`"), "0 to 6");
    for (key, limit) in [("clean.min_amount", clean.min_amount), ("clean.max_amount", clean.max_amount)] {
        if let Some(limit) = limit {
            checks.require(limit.is_finite(), key, format!("`{limit}`"), "a finite number");
        }
    }
    if let (Some(least), Some(most)) = (clean.min_amount, clean.max_amount) {
        let expected = format!("at most `clean.max_amount`, which is `{most}`");
        checks.require(
            least.is_nan() || most.is_nan() || least <= most,
            "clean.min_amount",
            format!("`{least}`"),
            expected,
        );
    }
    let share = clean.max_quarantined_share;
    let expected = "a share from 0 to 1 (0.25 means 25 %)";
    checks.require((0.0..=1.0).contains(&share), "clean.max_quarantined_share", format!("`{share}`"), expected);
}

fn check_currency(currency: &CurrencyOptions, checks: &mut Checks) {
    for (key, text) in [("currency.base", &currency.base), ("currency.rates", &currency.rates)] {
        if let Some(text) = text {
            checks.not_blank(key, text);
        }
    }
    let expected = "the currency to convert into, such as `EUR`, because `currency.rates` is set";
    checks.require(currency.rates.is_none() || currency.base.is_some(), "currency.base", "none", expected);
}

fn check_quality(quality: &QualityOptions, checks: &mut Checks) {
    if let Some(share) = quality.min_share_of_previous_rows {
        let key = "quality.min_share_of_previous_rows";
        checks.require(
            share >= 0.0 && share.is_finite(),
            key,
            format!("`{share}`"),
            "a share from 0 on (0.9 means 90 %)",
        );
    }
}

fn check_score(score: &ScoreOptions, checks: &mut Checks) {
    let (recency, frequency, monetary) = (&score.recency, &score.frequency, &score.monetary);
    let axes = [
        ("score.recency", recency.method, recency.bins, &recency.cuts),
        ("score.frequency", frequency.method, frequency.bins, &frequency.cuts),
        ("score.monetary", monetary.method, monetary.bins, &monetary.cuts),
    ];
    for (axis, method, bins, cuts) in axes {
        check_axis(axis, method, bins, cuts, checks);
        let frozen_ntile = method == Method::Ntile && score.breaks_from.is_some();
        let expected = "a method with breaks, because `score.breaks_from` is set";
        checks.require(!frozen_ntile, &format!("{axis}.method"), "`ntile`, which has none", expected);
        let is_unequal = score.combination == Combination::Nested && !has_groups(method);
        let expected = "`ntile` or `quantile`, because `score.combination` is `nested`";
        let found = format!("`{}`", method.name());
        checks.require(!is_unequal, &format!("{axis}.method"), found, expected);
    }
    let frozen_nested = score.combination == Combination::Nested && score.breaks_from.is_some();
    let expected = "`independent`, because `score.breaks_from` is set";
    checks.require(!frozen_nested, "score.combination", "`nested`, which has no breaks", expected);
    if let Some(path) = &score.breaks_from {
        checks.not_blank("score.breaks_from", path);
    }
}

/// Measures that exist only if other settings ask for them.
fn check_measures(config: &Config, checks: &mut Checks) {
    let score = &config.score;
    let axes = [
        ("score.recency", AxisSpec::recency(&score.recency)),
        ("score.frequency", AxisSpec::frequency(&score.frequency)),
        ("score.monetary", AxisSpec::monetary(&score.monetary, config.clean.money_scale.into())),
        ("score.value", AxisSpec::value(&score.value)),
    ];
    let mut check = |key: String, measure: Measure| {
        if let Some(Needs { setting, expected, .. }) = measure.entry().needs {
            checks.require(config.is_set(setting), &key, format!("`{}`", measure.column()), expected);
        }
    };
    for (axis, spec) in axes {
        check(format!("{axis}.measure"), spec.measure);
        spec.weight.into_iter().for_each(|weight| check(format!("{axis}.weight"), weight));
    }
    for measure in score.value.effective().measures {
        check("score.value.measures".to_owned(), measure);
    }
}

fn check_axis(axis: &str, method: Method, bins: u32, cuts: &[f64], checks: &mut Checks) {
    checks.require((2..=100).contains(&bins), &format!("{axis}.bins"), format!("`{bins}`"), "2 to 100");
    let key = format!("{axis}.cuts");
    if method != Method::Fixed {
        let expected = format!(
            "none, because `{axis}.method` is not `fixed`: to use them, set `method = \"fixed\"` and `bins = {}`",
            cuts.len() + 1
        );
        checks.require(cuts.is_empty(), &key, format!("{} cuts", cuts.len()), expected);
        return;
    }
    let needed = u64::from(bins).saturating_sub(1);
    let expected = format!("{needed}, one fewer than `{axis}.bins`");
    checks.require(cuts.len() as u64 == needed, &key, format!("{} cuts", cuts.len()), expected);
    check_ascending(&key, cuts, checks);
}

/// Each number finite and above the one before it.
fn check_ascending(key: &str, numbers: &[f64], checks: &mut Checks) {
    let expected = "finite numbers, each above the one before";
    if let Some(wrong) = numbers.iter().find(|number| !number.is_finite()) {
        checks.0.push(Problem::new(key, format!("`{wrong}`"), expected));
    } else if let Some((before, after)) =
        numbers.iter().zip(numbers.iter().skip(1)).find(|(before, after)| before >= after)
    {
        checks.0.push(Problem::new(key, format!("`{after}` after `{before}`"), expected));
    }
}

fn check_reports(reports: &ReportOptions, checks: &mut Checks) {
    let groups = reports.pareto_groups;
    checks.require((1..=10_000).contains(&groups), "reports.pareto_groups", format!("`{groups}`"), "1 to 10000");
    let limits = reports.abc_limits;
    for limit in limits {
        checks.require((0.0..=1.0).contains(&limit), "reports.abc_limits", format!("`{limit}`"), "shares from 0 to 1");
    }
    check_ascending("reports.abc_limits", &limits, checks);
    check_ascending("reports.grid_recency_days", &reports.grid_recency_days.map(f64::from), checks);
    check_ascending("reports.grid_orders", &reports.grid_orders.map(f64::from), checks);
    checks.require(reports.grid_orders[0] >= 1, "reports.grid_orders", "`0`", "1 or more: every customer has an order");
}

/// A typo such as 80000 must not start as many threads.
const MOST_THREADS: u32 = 1024;

fn check_run(run: &RunOptions, checks: &mut Checks) {
    if let Some(threads) = run.threads {
        checks.require((1..=MOST_THREADS).contains(&threads), "run.threads", format!("`{threads}`"), "1 to 1024");
    }
    if let Some(limit) = &run.memory_limit {
        let expected = "a size above zero with its unit, as `1.5 GB` or `2 GiB`";
        checks.require(memory::bytes_of(limit).is_some(), "run.memory_limit", format!("`{limit}`"), expected);
    }
    let known = || CODES.iter().chain(notices::CODES).copied();
    for code in run.deny_warnings.codes().iter().filter(|code| !known().any(|known| known == *code)) {
        let meant = nearest(code, known()).map(|code| format!("; did you mean `{code}`?"));
        let expected = format!("codes of docs/warnings.md{}", meant.unwrap_or_default());
        checks.0.push(Problem::new("run.deny_warnings", format!("`{code}`"), expected));
    }
}

/// A date as `YYYY-MM-DD`, with all its zeros: `2026-1-1` and `26-01-01` are typos.
fn date_of(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| date.format("%Y-%m-%d").to_string() == text)
}

#[cfg(test)]
mod tests;
