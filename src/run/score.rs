//! From measures to findings: learn the breaks, score, segment, rank.
//!
//! Lives here: which stage gets which columns. Does not live here: any formula.

use crate::clean::options::Returns;
use crate::config::Config;
use crate::customers::Customers;
use crate::error::{Error, Result};
use crate::models::ahp;
use crate::predict;
use crate::reports::findings::{Account, AxisBounds, Findings};
use crate::reports::groups;
use crate::reports::ranking::Ranking;
use crate::score::options::Method;
use crate::score::{
    self, AxisSpec, Breaks, Cells, Measure, ScoreThreshold, Scored, Standard, average_order_values,
    score_axis_weighted, score_levels, weighted_values,
};
use crate::segment::options::{OctantsOf, Threshold};
use crate::segment::{self, Combination, MapMeasure, Octants, RunScores, SegmentMap};

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

/// The segment map of the run, shipped or read from a file, where the scores can be made at all.
///
/// # Errors
/// A config error where it is neither, has gaps, or is made for other scores.
pub fn segment_map(config: &Config) -> Result<SegmentMap> {
    let mut problems: Vec<String> = axes(config).iter().flat_map(AxisSpec::problems).collect();
    problems.extend(config.octants.problems());
    problems.extend(config.score.value.problems());
    if !problems.is_empty() {
        return Err(Error::config("the scores cannot be made with these settings").causes(problems));
    }
    let map = segment::load(&config.segment.map, |path| {
        std::fs::read_to_string(path).map_err(|error| segment::unknown_map(path).cause(format!("`{path}`: {error}")))
    })?;
    map.compile(run_scores(config))?;
    Ok(map)
}

pub(super) fn run_scores(config: &Config) -> RunScores {
    let bins = axes(config).map(|axis| axis.bins);
    RunScores { bins, value_bins: Some(config.score.value.bins), combination: Combination::Independent }
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
    let v_scores = if map.needs_value_score() {
        let value = value_scored(config, &loaded, customers, &recency_days)?;
        learned.breaks.extend(value.learned.breaks().cloned());
        learned.warnings.extend(value.warnings.iter().map(ToString::to_string));
        value.scores
    } else {
        Vec::new()
    };
    let measures = MapMeasures::of(map, customers, &ranking, as_of);
    let scored = segment::Customers {
        r_scores: &r.scores,
        f_scores: &f.scores,
        m_scores: &m.scores,
        v_scores: &v_scores,
        orders: &orders,
        recency_days: &days,
        tenure_days: &measures.tenure_days,
        overdue_percent: &measures.overdue_percent,
        abc_class: &measures.abc_class,
    };
    let assigner = map.compile(run_scores(config))?;
    let octants = Octants::new()?;
    let levels = || octant_levels(config, customers, [&r.scores, &f.scores, &m.scores], [&days, &orders]);
    let (segment, octant) =
        rayon::join(|| assigner.apply(&scored), || levels().and_then(|[r, f, m]| octants.of_levels(&r, &f, &m)));
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
        foresight: None,
        years: None,
        social: None,
        planned_years: predict::years::planned_years(&config.predict),
    };
    learned.warnings.extend(returns_warning(config, customers));
    learned.warnings.extend(early_date_warning(customers));
    learned.warnings.extend(no_revenue_warning(&findings.ranking, customers));
    Ok((findings, learned))
}

fn score_one(spec: &AxisSpec, loaded: &[Breaks], customers: &Customers, recency_days: &[i32]) -> Result<Scored> {
    let former = loaded.iter().find(|breaks| breaks.axis == spec.axis());
    let weights = spec.weight.map(|weight| values(weight, customers, recency_days)).transpose()?.unwrap_or_default();
    score_axis_weighted(&values(spec.measure, customers, recency_days)?, &weights, spec, former)
}

/// The score of the weighted value of every customer.
fn value_scored(config: &Config, loaded: &[Breaks], customers: &Customers, recency_days: &[i32]) -> Result<Scored> {
    let options = &config.score.value;
    let names: Vec<&str> = options.measures.iter().map(|measure| measure.column()).collect();
    let weights = if options.judgements.is_empty() {
        options.given_weights()
    } else {
        ahp::priorities(&names, &options.judgements, options.allow_inconsistent)?.weights
    };
    let columns: Vec<Vec<i64>> =
        options.measures.iter().map(|measure| values(*measure, customers, recency_days)).collect::<Result<_>>()?;
    let standard = |(column, measure): (&Vec<i64>, &Measure)| {
        Standard::learn(column, options.standardise, measure.axis().fewer_is_better())
    };
    let standards: Vec<Standard> = columns.iter().zip(&options.measures).map(standard).collect::<Result<_>>()?;
    let slices: Vec<&[i64]> = columns.iter().map(Vec::as_slice).collect();
    let value = weighted_values(&slices, &standards, &weights)?;
    let spec = AxisSpec::value(options);
    let held = spec.weight.map(|weight| values(weight, customers, recency_days)).transpose()?.unwrap_or_default();
    let former = loaded.iter().find(|breaks| breaks.axis == spec.axis());
    score_axis_weighted(&value, &held, &spec, former)
}

/// What a map may look at beside scores, orders and recency; empty where it does not.
#[derive(Debug, Default)]
struct MapMeasures {
    tenure_days: Vec<i64>,
    overdue_percent: Vec<i64>,
    abc_class: Vec<i64>,
}

impl MapMeasures {
    fn of(map: &SegmentMap, customers: &Customers, ranking: &Ranking, as_of: i32) -> Self {
        let needs = map.needs();
        let is_needed = |measure| needs.contains(&measure);
        let tenure = |row: usize| i64::from(as_of - customers.first_day[row]);
        let overdue = |row: usize| {
            let recency = i64::from(as_of - customers.last_day[row]);
            segment::overdue_percent(recency, tenure(row), customers.purchase_days[row].into())
        };
        let column = |measure, value: &dyn Fn(usize) -> i64| -> Vec<i64> {
            if is_needed(measure) { (0..customers.len()).map(value).collect() } else { Vec::new() }
        };
        Self {
            tenure_days: column(MapMeasure::TenureDays, &tenure),
            overdue_percent: column(MapMeasure::OverduePercent, &overdue),
            abc_class: column(MapMeasure::AbcClass, &|row| i64::from(ranking.abc[row]) + 1),
        }
    }
}

/// High (2) and low (1) of every customer on the three axes of the octants.
fn octant_levels(
    config: &Config,
    customers: &Customers,
    scores: [&[i32]; 3],
    [days, orders]: [&[i64]; 2],
) -> Result<[Vec<i32>; 3]> {
    let options = &config.octants;
    let given = [options.recency, options.frequency, options.monetary].map(Option::unwrap_or_default);
    if options.of == OctantsOf::Scores {
        let level = |axis: usize| {
            let threshold = match options.threshold {
                Threshold::Median => ScoreThreshold::Median,
                Threshold::Given => ScoreThreshold::Given(given[axis]),
                Threshold::Mean | Threshold::Pareto => ScoreThreshold::Mean,
            };
            score_levels(scores[axis], threshold)
        };
        return Ok([level(0)?, level(1)?, level(2)?]);
    }
    let money = config.clean.money_scale.into();
    let axes =
        [(Measure::RecencyDays, 0, days), (Measure::Orders, 0, orders), (Measure::Revenue, money, &*customers.revenue)];
    let level = |axis: usize| {
        let (measure, decimals, values) = axes[axis];
        let method = match options.threshold {
            Threshold::Mean => Method::Mean,
            Threshold::Median => Method::Median,
            Threshold::Pareto => Method::Pareto,
            Threshold::Given => Method::Fixed,
        };
        // Fewer days than given: a value on a cut of `fixed` belongs to the better bin of recency.
        let cut = if axis == 0 { given[axis].ceil() - 1.0 } else { given[axis] };
        let is_held = axis == 0 && options.threshold == Threshold::Pareto;
        let spec = AxisSpec {
            cuts: if method == Method::Fixed { vec![cut] } else { Vec::new() },
            weight: is_held.then_some(Measure::Revenue),
            share: options.share,
            ..AxisSpec::new(measure, decimals, method, 2)
        };
        let weights: &[i64] = if is_held { &customers.revenue } else { &[] };
        score::Learned::learn_weighted(values, weights, &spec)?.freeze()?.apply(values)
    };
    let (r, (f, m)) = rayon::join(|| level(0), || rayon::join(|| level(1), || level(2)));
    Ok([r?, f?, m?])
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
        Measure::WeightedValue => return Err(Error::bug("no axis of a run measures the weighted value")),
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
