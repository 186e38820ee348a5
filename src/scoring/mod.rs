//! From measures to findings: learn the breaks, score, segment, rank.
//!
//! Lives here: the run's own scoring and what stands around it. Does not live here: how one scoring is made (`one`),
//! any formula.

mod clusters;
pub(crate) mod drift;
pub(crate) mod frozen;
pub(crate) mod maps;
mod measured;
mod octants;
mod one;

use rayon::prelude::*;

use crate::clean::options::Returns;
use crate::config::Config;
use crate::customers::Customers;
use crate::error::Result;
use crate::predict;
use crate::reports::findings::{Account, Findings};
use crate::reports::groups;
use crate::reports::ranking::Ranking;
use crate::reports::tables::drift::AxisDrift;
use crate::reports::tables::scorings::{Further, MAIN};
use crate::score::options::Combination;
use crate::score::{AxisSpec, Breaks, Cells};
use crate::segment::{Octants, RunScores, SegmentMap};
pub use clusters::LearnedClusters;
pub use frozen::Frozen;
pub use maps::{Maps, segment_maps};
use measured::Measured;
pub use one::LearnedValue;
use one::Rest;

/// What was learned and noticed while scoring.
#[derive(Debug, Default)]
pub struct Learned {
    /// Breaks of the axes that have them.
    pub breaks: Vec<Breaks>,
    /// What the weighted value was made with, where it was made.
    pub value: Option<LearnedValue>,
    /// The centres of the clusters, where they were asked for.
    pub clusters: Option<LearnedClusters>,
    /// What a reader of the scores should know.
    pub warnings: Vec<String>,
    /// What the other scorings have learned, by name.
    pub further: Vec<(String, Learned)>,
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

pub(crate) fn run_scores(config: &Config) -> RunScores {
    let bins = axes(config).map(|axis| axis.bins);
    RunScores {
        bins,
        value_bins: Some(config.score.value.bins),
        combination: config.score.combination,
        money_scale: config.clean.money_scale,
    }
}

/// Scores and groups every customer.
///
/// # Errors
/// A config error where loaded breaks do not fit the run.
pub fn findings(
    config: &Config,
    customers: Customers,
    as_of: i32,
    maps: &Maps,
    account: Account,
) -> Result<(Findings, Learned)> {
    let recency_days: Vec<i32> = customers.last_day.par_iter().map(|last| as_of - last).collect();
    let days: Vec<i64> = recency_days.par_iter().map(|days| i64::from(*days)).collect();
    let orders: Vec<i64> = customers.orders.par_iter().map(|orders| i64::from(*orders)).collect();
    let measured = Measured { customers: &customers, days: &days, orders: &orders, as_of };
    let loaded = Frozen::read(config, MAIN)?;
    let rank = || Ranking::new(&customers.revenue, config.reports.abc_limits);
    let (scored, ranking) = rayon::join(|| one::scores(config, &loaded, measured), rank);
    let scored = scored?;
    let rest = || one::rest(config, MAIN, &maps.main, &loaded, measured, &ranking, &scored);
    let octants = Octants::new()?;
    let scores = [0, 1, 2].map(|axis| scored[axis].scores.as_slice());
    let (rest, octant) = rayon::join(rest, || octants::octants(config, &octants, measured, scores));
    let (Rest { bounds, segment, beside, mut drift, mut learned }, octant) = (rest?, octant?);
    let further = further_scorings(maps, measured, &ranking, &mut drift, &mut learned)?;
    let [r_score, f_score, m_score] = scored.map(|axis| axis.scores);
    let reports = &config.reports;
    let grid_cell =
        groups::grid_cells(&recency_days, &customers.orders, reports.grid_recency_days, reports.grid_orders);
    let findings = Findings {
        customers,
        as_of,
        scale: config.clean.money_scale,
        money: config.output.money,
        grid_cell,
        grid_recency_days: reports.grid_recency_days,
        grid_orders: reports.grid_orders,
        recency_days,
        bounds,
        r_score,
        f_score,
        m_score,
        is_nested: config.score.combination == Combination::Nested,
        cells: cells(config),
        map: maps.main.clone(),
        segment,
        octants,
        octant,
        ranking,
        pareto_groups: reports.pareto_groups as usize,
        account,
        beside,
        further_columns: config.further_columns(),
        further,
        drift,
        predictions: None,
        years: None,
        social: None,
        planned_ltv: None,
        planned_years: predict::years::planned_years(&config.predict),
    };
    learned.warnings.extend(returns_warning(config, &findings.customers));
    learned.warnings.extend(margins_warning(&findings.customers));
    learned.warnings.extend(early_date_warning(&findings.customers));
    learned.warnings.extend(no_revenue_warning(&findings.ranking, &findings.customers));
    Ok((findings, learned))
}

/// The scorings beside the run's own, one after the other; what they leave is added to `drift` and `learned`.
fn further_scorings(
    maps: &Maps,
    measured: Measured<'_>,
    ranking: &Ranking,
    drift: &mut Vec<AxisDrift>,
    learned: &mut Learned,
) -> Result<Vec<Further>> {
    let mut further = Vec::with_capacity(maps.further.len());
    for (name, config, map) in &maps.further {
        let (scoring, own) = further_scoring(name, config, map, measured, ranking)?;
        further.push(scoring);
        drift.extend(own.drift);
        learned.warnings.extend(own.learned.warnings.iter().map(|warning| format!("scoring `{name}`: {warning}")));
        learned.further.push((name.clone(), own.learned));
    }
    Ok(further)
}

/// A scoring beside the run's own, and what it leaves.
fn further_scoring(
    name: &str,
    config: &Config,
    map: &SegmentMap,
    measured: Measured<'_>,
    ranking: &Ranking,
) -> Result<(Further, Left)> {
    let loaded = Frozen::read(config, name)?;
    let scored = one::scores(config, &loaded, measured)?;
    let rest = one::rest(config, name, map, &loaded, measured, ranking, &scored)?;
    let further = Further {
        name: name.to_owned(),
        scores: scored.map(|axis| axis.scores),
        cells: cells(config),
        bounds: rest.bounds,
        map: map.clone(),
        segment: rest.segment,
        beside: rest.beside,
    };
    Ok((further, Left { drift: rest.drift, learned: rest.learned }))
}

/// What a scoring leaves for the run as a whole.
struct Left {
    drift: Vec<AxisDrift>,
    learned: Learned,
}

fn cells(config: &Config) -> Cells {
    let [r, f, m] = axes(config).map(|axis| axis.bins);
    Cells::new(r, f, m)
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

fn margins_warning(customers: &Customers) -> Option<String> {
    let rows = customers.margins_unusable;
    (rows > 0).then(|| {
        format!("{rows} used rows have a margin that is null or no amount; they count with 0 in `margin`, and in full in revenue")
    })
}

/// A date before this one is what programs write for "unknown": 1900-01-01, 1970-01-01.
const FIRST_LIKELY_DAY: i32 = 365;

fn early_date_warning(customers: &Customers) -> Option<String> {
    let early = customers.first_day.par_iter().filter(|day| **day < FIRST_LIKELY_DAY).count();
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
