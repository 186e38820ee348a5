//! What a reader of one scoring should know beyond its scores: names that do not fit, a measure that rules the value,
//! octants by two thresholds.
//!
//! Does not live here: what a name says (`segment`), and the sentences (`warnings`).

use super::measures::Measured;
use super::settings::Settings;
use super::value::Valued;
use crate::error::Result;
use crate::known::Aspect;
use crate::score::{Measure, Standard, Standardise};
use crate::segment::options::OctantsOf;
use crate::segment::{Claim, OCTANTS, SegmentMap, SegmentSums, YEAR};
use crate::warnings::{Facts, MisnamedSegment, Warning};

/// The names of segments that their customers do not live up to.
pub(crate) fn misnamed(map: &SegmentMap, segment: &[u16], measured: &Measured<'_>) -> Result<Vec<Warning>> {
    if map.segments.iter().all(|segment| segment.says.is_empty()) {
        return Ok(Vec::new());
    }
    let mut sums = vec![SegmentSums::default(); map.segments.len()];
    let recency = measured.values(Measure::RecencyDays)?;
    let rows = segment.iter().zip(recency.iter()).zip(&measured.customers.first_day);
    for (((segment, recency), first), orders) in rows.zip(measured.customers.orders_of_all_days()) {
        let own = &mut sums[usize::from(*segment)];
        own.customers += 1;
        own.old += i64::from(i64::from(measured.as_of - first) > YEAR);
        own.recency_days += recency;
        own.orders_ever += i64::from(*orders);
    }
    // Orders of all days are known where there is no window, or something asks for them.
    let knows_orders = measured.buyers.is_none() || !measured.customers.orders_ever.is_empty();
    let knows_first = measured.customers.known.has(Aspect::FirstOrder);
    let is_told = |claim: &&Claim| match claim {
        Claim::Frequent => knows_orders,
        Claim::New => knows_first,
        Claim::Recent | Claim::Away => true,
    };
    let of_segment = |(segment, sums): (&crate::segment::Segment, SegmentSums)| {
        let broken = segment.says.iter().filter(is_told).filter(|claim| sums.customers > 0 && !claim.holds(sums));
        broken.map(|claim| unfit(&segment.key, *claim, sums).into()).collect::<Vec<Warning>>()
    };
    Ok(map.segments.iter().zip(sums).flat_map(of_segment).collect())
}

#[expect(clippy::cast_precision_loss, reason = "a mean for people")]
fn unfit(key: &str, claim: Claim, sums: SegmentSums) -> Facts {
    let (measure, sum, concerned) = match claim {
        Claim::New => ("tenure_days", sums.old, sums.old),
        Claim::Recent | Claim::Away => ("recency_days", sums.recency_days, sums.customers),
        Claim::Frequent => ("orders", sums.orders_ever, sums.customers),
    };
    Facts::SegmentMisnamed(MisnamedSegment {
        segment: key.to_owned(),
        says: claim.name().to_owned(),
        customers: sums.customers.unsigned_abs(),
        concerned: concerned.unsigned_abs(),
        measure: measure.to_owned(),
        mean: sum as f64 / sums.customers as f64,
    })
}

/// A rank correlation above this one leaves little to the other measures.
const RULING: f64 = 0.95;
/// Customers that are compared; of more, every so many.
const COMPARED: usize = 200_000;
/// Fewer customers say nothing about a correlation.
const FEWEST: usize = 10;

/// The measure that decides the weighted value nearly alone: where all of several do, none of them rules.
pub(crate) fn ruling_measure(valued: &Valued) -> Option<Warning> {
    let scale = &valued.learned.scale;
    if valued.values.len() < FEWEST || scale.weights.iter().filter(|weight| **weight > 0.0).count() < 2 {
        return None;
    }
    let step = valued.values.len().div_ceil(COMPARED);
    let sampled = |values: &[i64]| values.iter().step_by(step).copied().collect::<Vec<i64>>();
    let value = ranks(&sampled(&valued.values), false);
    let mut found: Vec<(Measure, f64)> = Vec::new();
    for (column, measure) in valued.columns.iter().zip(&scale.measures) {
        let own = ranks(&sampled(column), measure.axis().fewer_is_better());
        found.extend(correlation(&value, &own).map(|correlation| (*measure, correlation)));
    }
    let rules = |(_, correlation): &&(Measure, f64)| *correlation > RULING;
    let all = scale.measures.len();
    let (measure, correlation) = found.iter().filter(rules).max_by(|one, other| one.1.total_cmp(&other.1))?;
    (found.iter().filter(rules).count() < all)
        .then(|| Facts::RulingMeasure { measure: measure.column().to_owned(), correlation: *correlation }.into())
}

/// The rank of each customer as a share; equal values share one.
fn ranks(values: &[i64], fewer_is_better: bool) -> Vec<f64> {
    Standard { standardise: Standardise::Rank, fewer_is_better, origin: 0.0, spread: 1.0 }.apply(values)
}

/// Pearson's correlation; none where one of the columns is constant.
#[expect(clippy::cast_precision_loss, reason = "at most so many customers as are compared")]
fn correlation(one: &[f64], other: &[f64]) -> Option<f64> {
    let count = one.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (one_mean, other_mean) = (mean(one), mean(other));
    let (mut both, mut of_one, mut of_other) = (0.0, 0.0, 0.0);
    for (a, b) in one.iter().zip(other) {
        let (a, b) = (a - one_mean, b - other_mean);
        both += a * b;
        of_one += a * a;
        of_other += b * b;
    }
    (of_one > 0.0 && of_other > 0.0).then(|| both / (of_one * of_other).sqrt())
}

/// The map of the octants, where it looks at other thresholds than the column `octant`.
pub(crate) fn octant_thresholds(settings: &Settings) -> Option<Warning> {
    let own = settings.octants.threshold.method();
    if settings.segment.map != OCTANTS || settings.octants.of == OctantsOf::Scores {
        return None;
    }
    let other = settings.axes().into_iter().map(|axis| axis.method).find(|method| *method != own)?;
    Some(Facts::OctantThresholds { octants: own.name().to_owned(), segments: other.name().to_owned() }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rank_correlation_is_that_of_scipy() {
        // scipy.stats.spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]).statistic = 0.8207826816681233
        let (one, other) = (ranks(&[1, 2, 3, 4, 5], false), ranks(&[5, 6, 7, 8, 7], false));
        assert!((correlation(&one, &other).unwrap() - 0.820_782_681_668_123_3).abs() < 1e-12);
        let turned = ranks(&[5, 4, 3, 2, 1], true);
        assert!((correlation(&one, &turned).unwrap() - 1.0).abs() < 1e-12, "fewer days are better");
        assert_eq!(correlation(&one, &ranks(&[3; 5], false)), None);
    }
}
