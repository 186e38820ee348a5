//! From measures to findings: learn the breaks, score, segment, rank.
//!
//! Lives here: which stage gets which columns. Does not live here: any formula.

use crate::clean::options::Returns;
use crate::config::Config;
use crate::customers::Customers;
use crate::error::{Error, Result};
use crate::reports::findings::{Account, AxisBounds, Findings};
use crate::reports::groups;
use crate::reports::ranking::Ranking;
use crate::score::{AxisSpec, Breaks, Cells, Measure, Scored, average_order_values, score_axis};
use crate::segment::{self, Combination, Octants, RunScores, SegmentMap};

/// What was learned and noticed while scoring.
#[derive(Debug, Default)]
pub struct Learned {
    /// Breaks of the axes that have them.
    pub breaks: Vec<Breaks>,
    /// What a reader of the scores should know.
    pub warnings: Vec<String>,
}

/// The axes of the run, as settings say.
#[must_use]
pub fn axes(config: &Config) -> [AxisSpec; 3] {
    [
        AxisSpec::recency(&config.score.recency),
        AxisSpec::frequency(&config.score.frequency),
        AxisSpec::monetary(&config.score.monetary, config.clean.money_scale.into()),
    ]
}

/// The segment map of the run, shipped or read from a file.
///
/// # Errors
/// A config error where it is neither, has gaps, or is made for other scores.
pub fn segment_map(config: &Config) -> Result<SegmentMap> {
    let map = segment::load(&config.segment.map, |path| {
        std::fs::read_to_string(path).map_err(|error| segment::unknown_map(path).cause(format!("`{path}`: {error}")))
    })?;
    map.compile(run_scores(config))?;
    Ok(map)
}

pub(super) fn run_scores(config: &Config) -> RunScores {
    RunScores { bins: axes(config).map(|axis| axis.bins), combination: Combination::Independent }
}

/// Breaks of a former run, by axis; empty where none are asked for.
///
/// # Errors
/// A config error where the manifest cannot be read or holds none.
pub fn loaded_breaks(config: &Config) -> Result<Vec<Breaks>> {
    let Some(path) = &config.score.breaks_from else { return Ok(Vec::new()) };
    let wrong = |cause: String| {
        Error::config(format!("`score.breaks_from`: `{path}` holds no breaks of a former run"))
            .cause(cause)
            .hint("name the manifest.json of a published run")
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let manifest: serde_json::Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let breaks = manifest.get("breaks").cloned().ok_or_else(|| wrong("it has no `breaks`".into()))?;
    serde_json::from_value(breaks).map_err(|error| wrong(error.to_string()))
}

/// Scores and groups every customer.
///
/// # Errors
/// A config error where loaded breaks do not fit the run.
pub fn findings<'a>(
    config: &Config,
    customers: &'a Customers,
    as_of: i32,
    map: &'a SegmentMap,
    account: &'a Account,
) -> Result<(Findings<'a>, Learned)> {
    let recency_days: Vec<i32> = customers.last_day.iter().map(|last| as_of - last).collect();
    let specs = axes(config);
    let loaded = loaded_breaks(config)?;
    let mut learned = Learned::default();
    let score = |axis: usize| score_one(&specs[axis], &loaded, customers, &recency_days);
    let rank = || Ranking::new(&customers.revenue, config.reports.abc_limits);
    let ((r, f), (m, ranking)) = rayon::join(|| (score(0), score(1)), || (score(2), rank()));
    let (r, f, m) = (r?, f?, m?);
    for axis in [&r, &f, &m] {
        learned.breaks.extend(axis.learned.breaks().cloned());
        learned.warnings.extend(axis.warnings.iter().map(ToString::to_string));
    }

    let orders: Vec<i64> = customers.orders.iter().map(|orders| i64::from(*orders)).collect();
    let days: Vec<i64> = recency_days.iter().map(|days| i64::from(*days)).collect();
    let scored = segment::Customers {
        r_scores: &r.scores,
        f_scores: &f.scores,
        m_scores: &m.scores,
        orders: &orders,
        recency_days: &days,
    };
    let assigner = map.compile(run_scores(config))?;
    let octants = Octants::new()?;
    let (segment, octant) = rayon::join(
        || assigner.apply(&scored),
        || octants.apply(&days, &orders, &customers.revenue, config.octants.threshold),
    );
    let [r_bins, f_bins, m_bins] = run_scores(config).bins;
    let reports = &config.reports;
    let findings = Findings {
        customers,
        as_of,
        scale: config.clean.money_scale,
        money: config.output.money,
        grid_cell: groups::grid_cells(&recency_days, &customers.orders, reports.grid_recency_days, reports.grid_orders),
        grid_recency_days: reports.grid_recency_days,
        grid_orders: reports.grid_orders,
        recency_days,
        bounds: bounds(&specs, [&r, &f, &m]),
        r_score: r.scores,
        f_score: f.scores,
        m_score: m.scores,
        cells: Cells::new(r_bins, f_bins, m_bins),
        map,
        segment: segment?,
        octants,
        octant: octant?,
        ranking,
        pareto_groups: reports.pareto_groups as usize,
        account,
    };
    learned.warnings.extend(returns_warning(config, customers));
    learned.warnings.extend(early_date_warning(customers));
    learned.warnings.extend(no_revenue_warning(&findings.ranking, customers));
    Ok((findings, learned))
}

fn score_one(spec: &AxisSpec, loaded: &[Breaks], customers: &Customers, recency_days: &[i32]) -> Result<Scored> {
    let former = loaded.iter().find(|breaks| breaks.axis == spec.axis());
    score_axis(&values(spec.measure, customers, recency_days)?, spec, former)
}

fn values(measure: Measure, customers: &Customers, recency_days: &[i32]) -> Result<Vec<i64>> {
    let counts = |values: &[u32]| -> Vec<i64> { values.iter().map(|value| i64::from(*value)).collect() };
    Ok(match measure {
        Measure::RecencyDays => recency_days.iter().map(|days| i64::from(*days)).collect(),
        Measure::Orders => counts(&customers.orders),
        Measure::PurchaseDays => counts(&customers.purchase_days),
        Measure::Transactions => counts(&customers.transactions),
        Measure::Revenue => customers.revenue.clone(),
        Measure::LargestOrder => customers.largest_order.clone(),
        Measure::AverageOrderValue => average_order_values(&customers.revenue, &counts(&customers.orders))?,
    })
}

fn bounds(specs: &[AxisSpec; 3], scored: [&Scored; 3]) -> Vec<AxisBounds> {
    let axes = specs.iter().zip(scored);
    axes.map(|(spec, scored)| AxisBounds {
        measure: spec.measure.column(),
        decimals: spec.decimals,
        bounds: scored.bounds.clone(),
    })
    .collect()
}

fn returns_warning(config: &Config, customers: &Customers) -> Option<String> {
    let orders = customers.orders_not_above_zero;
    (orders > 0 && config.clean.returns == Returns::Net).then(|| {
        format!(
            "{orders} orders are not above zero (returns); they count as orders and are netted from revenue: \
             `clean.returns` can be \"purchases\" or \"drop\" instead of \"net\""
        )
    })
}

/// A date before this one is what programs write for "unknown": 1900-01-01, 1970-01-01.
const FIRST_LIKELY_DAY: i32 = 365;

fn early_date_warning(customers: &Customers) -> Option<String> {
    let early = customers.first_day.iter().filter(|day| **day < FIRST_LIKELY_DAY).count();
    (early > 0).then(|| {
        format!(
            "{early} customers have a first order before 1971-01-01, as made-up dates are: `dates.min_date` quarantines \
             such rows"
        )
    })
}

fn no_revenue_warning(ranking: &Ranking, customers: &Customers) -> Option<String> {
    (ranking.total <= 0 && !customers.is_empty()).then(|| {
        "total revenue is not above zero: revenue shares, ABC classes and the Gini coefficient are not defined"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_first_dates_and_missing_revenue_are_warned_of() {
        let customers = Customers {
            ids: crate::customers::CustomerIds::Integer(vec![1, 2]),
            first_day: vec![-25_567, 20_000],
            revenue: vec![5, -5],
            ..Customers::default()
        };
        assert!(early_date_warning(&customers).is_some_and(|text| text.starts_with("1 customers")));
        let ranking = Ranking::new(&customers.revenue, [0.8, 0.95]);
        assert!(no_revenue_warning(&ranking, &customers).is_some());
        let later = Customers { first_day: vec![365], ..Customers::default() };
        assert_eq!(early_date_warning(&later), None);
        assert_eq!(no_revenue_warning(&Ranking::new(&[], [0.8, 0.95]), &later), None, "nobody lacks revenue");
    }
}
