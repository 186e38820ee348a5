//! Nested scores (Hughes): groups of recency, of frequency inside each of these, of monetary value inside each of the
//! cells so made.
//!
//! Hughes, Strategic Database Marketing. With `ntile` every group is an NTILE: the first n mod k groups get one more, and
//! customers of equal value are ordered by customer id, which is their position; with five bins each that are 125 cells of
//! N/125 customers, give or take one. With `quantile` each cell is cut at its own type 7 quantiles, so that equal values of
//! a cell share a score, as the sequential quintiles of pyrsm. There are no breaks: a score depends on the customers around
//! it.

use rayon::prelude::*;

use super::ntile::ntile_scores;
use crate::error::{Error, Result};
use crate::score::among::{bounds_among, spread};
use crate::score::axis::AxisSpec;
use crate::score::learned::Learned;
use crate::score::method::Method;
use crate::score::scored::{Scored, describe};

/// The nested scores of all customers in the order of the axes; `values` are in ascending order of customer id. Where
/// `buyers` names the rows of the customers with an order in the window, the groups of frequency and monetary value are of
/// these, and the others are in group 1, apart.
///
/// # Errors
/// A config error, where an axis is cut neither by `ntile` nor by `quantile` or its settings are wrong; a bug, where the
/// columns differ in length.
pub fn nested_scores(values: [&[i64]; 3], specs: &[AxisSpec; 3], buyers: Option<&[u32]>) -> Result<[Scored; 3]> {
    check(values, specs)?;
    let are_buyers = buyers.map(|rows| spread(&vec![true; rows.len()], rows, values[0].len(), false));
    // the customers of each cell so far, in their order
    let mut cells: Vec<Vec<u32>> = vec![(0..customers_of(values)?).collect()];
    let mut scored = Vec::with_capacity(specs.len());
    for (values, spec) in values.into_iter().zip(specs) {
        let are_buyers = are_buyers.as_deref().filter(|_| !spec.axis().fewer_is_better());
        let parts: Vec<Parts> =
            cells.into_par_iter().map(|cell| Parts::of(cell, values, spec, are_buyers)).collect::<Result<_>>()?;
        let mut scores = vec![0; values.len()];
        for (score, customers) in parts.iter().flat_map(|parts| (1..).zip(&parts.customers)) {
            for &customer in customers {
                scores[customer as usize] = score;
            }
        }
        let split_customers = parts.iter().map(|parts| parts.split_customers).sum();
        cells = parts.into_iter().flat_map(|parts| parts.customers).collect();
        scored.push((scores, split_customers));
    }
    let axes: Vec<_> = scored.into_iter().zip(values).zip(specs).collect();
    let described = axes.into_par_iter().map(|(((scores, split_customers), values), spec)| {
        let learned = Learned::Nested { axis: spec.axis(), bins: spec.bins };
        let mut scored = describe(values, scores, learned, spec, split_customers)?;
        if let Some(rows) = buyers.filter(|_| spec.measure.needs_an_order()) {
            scored.bounds = bounds_among(values, &scored.scores, &scored.learned, Some(rows))?;
        }
        Ok(scored)
    });
    let described: Vec<Scored> = described.collect::<Result<_>>()?;
    described.try_into().map_err(|_| Error::bug("nested scores need three axes"))
}

/// The customers of a cell by their score on the next axis, from 1 on.
struct Parts {
    customers: Vec<Vec<u32>>,
    split_customers: u64,
}

impl Parts {
    fn of(cell: Vec<u32>, values: &[i64], spec: &AxisSpec, are_buyers: Option<&[bool]>) -> Result<Self> {
        let takes_part = |customer: &u32| are_buyers.is_none_or(|are_buyers| are_buyers[*customer as usize]);
        let (cell, apart): (Vec<u32>, Vec<u32>) = cell.into_iter().partition(takes_part);
        let own: Vec<i64> = cell.iter().map(|&customer| values[customer as usize]).collect();
        let (scores, split_customers) = scores_of_cell(&own, spec)?;
        let bins = spec.bins as usize;
        let mut customers = vec![Vec::with_capacity(cell.len() / bins + 1); bins];
        for (customer, score) in cell.into_iter().zip(scores) {
            customers[score.cast_unsigned() as usize - 1].push(customer);
        }
        if let Some(lowest) = customers.first_mut().filter(|_| !apart.is_empty()) {
            lowest.extend(apart);
            lowest.sort_unstable();
        }
        Ok(Self { customers, split_customers })
    }
}

/// The scores of the customers of a cell, by its own breaks, and how many of equal value are split.
fn scores_of_cell(values: &[i64], spec: &AxisSpec) -> Result<(Vec<i32>, u64)> {
    if spec.method == Method::Quantile {
        return Ok((Learned::learn(values, spec)?.freeze()?.apply(values)?, 0));
    }
    let groups = ntile_scores(values, spec.axis(), spec.bins);
    Ok((groups.scores, groups.split_customers))
}

/// Whether a method makes groups inside of a cell.
#[must_use]
pub const fn has_groups(method: Method) -> bool {
    matches!(method, Method::Ntile | Method::Quantile)
}

fn customers_of(values: [&[i64]; 3]) -> Result<u32> {
    u32::try_from(values[0].len()).map_err(|_| Error::compute("nested scores of more than 2^32 customers"))
}

fn check(values: [&[i64]; 3], specs: &[AxisSpec; 3]) -> Result<()> {
    let lengths = values.map(<[i64]>::len);
    if lengths.iter().any(|length| *length != lengths[0]) {
        return Err(Error::bug(format!("columns of {lengths:?} customers reached the nested scores")));
    }
    let mut problems: Vec<String> = specs.iter().flat_map(AxisSpec::problems).collect();
    for spec in specs.iter().filter(|spec| !has_groups(spec.method)) {
        let (axis, method) = (spec.axis().name(), spec.method.name());
        problems
            .push(format!("`score.{axis}.method` is `{method}`, but nested groups are made by `ntile` or `quantile`"));
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::config("nested scores are not well defined").causes(problems))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::cells::Cells;
    use crate::score::measures::Measure;
    use proptest::prelude::*;

    fn specs(bins: [u32; 3]) -> [AxisSpec; 3] {
        let [r, f, m] = bins;
        let spec = |measure, bins| AxisSpec::new(measure, 0, Method::Ntile, bins);
        [spec(Measure::RecencyDays, r), spec(Measure::Orders, f), spec(Measure::Revenue, m)]
    }

    /// As SQL says it: ntile(5) over (partition by r, f order by m, id).
    fn by_sorting(values: [&[i64]; 3], bins: [usize; 3]) -> Vec<[usize; 3]> {
        let n = values[0].len();
        let mut scores = vec![[0; 3]; n];
        for axis in 0..3 {
            let key = |&i: &usize| if axis == 0 { -i128::from(values[0][i]) } else { i128::from(values[axis][i]) };
            let mut groups: std::collections::BTreeMap<[usize; 3], Vec<usize>> = std::collections::BTreeMap::new();
            (0..n).for_each(|i| groups.entry(scores[i]).or_default().push(i));
            for mut group in groups.into_values() {
                group.sort_by_key(|i| (key(i), *i));
                let (size, more) = (group.len() / bins[axis], group.len() % bins[axis]);
                let mut rest = group.into_iter();
                for tile in 0..bins[axis] {
                    rest.by_ref().take(size + usize::from(tile < more)).for_each(|i| scores[i][axis] = tile + 1);
                }
            }
        }
        scores
    }

    #[test]
    fn frequency_is_told_inside_each_recency_group() {
        // days 9 8 2 1 in two groups; orders 1 2 inside the first, 8 9 inside the second
        let scored = nested_scores([&[9, 8, 2, 1], &[2, 1, 8, 9], &[0, 0, 0, 0]], &specs([2, 2, 2]), None).unwrap();
        assert_eq!(scored[0].scores, [1, 1, 2, 2]);
        assert_eq!(scored[1].scores, [2, 1, 1, 2], "8 orders are few among the recent");
        assert_eq!(scored[2].scores, [1, 1, 1, 1]);
        let text = scored[1].learned.freeze().unwrap_err().to_string();
        assert!(text.contains("`score.combination = \"nested\"` has no breaks"), "{text}");
    }

    #[test]
    fn customers_without_an_order_are_in_the_first_groups_apart() {
        // days 9 8 2 1 in two groups; of the first one only the customer with 3 orders has any, of the second both
        let values: [&[i64]; 3] = [&[9, 8, 2, 1], &[0, 3, 8, 9], &[-7, 5, 4, 6]];
        let scored = nested_scores(values, &specs([2, 2, 2]), Some(&[1, 2, 3])).unwrap();
        assert_eq!(scored[0].scores, [1, 1, 2, 2], "recency is of all");
        assert_eq!(scored[1].scores, [1, 1, 1, 2], "one buyer fills the first group");
        assert_eq!(scored[2].scores, [1, 1, 1, 1]);
        // two buyers in a group are parted, and in the other one there is one buyer
        let values: [&[i64]; 3] = [&[9, 9, 9, 1], &[0, 3, 8, 1], &[0, 5, 4, 1]];
        let scored = nested_scores(values, &specs([2, 2, 2]), Some(&[1, 2, 3])).unwrap();
        assert_eq!(scored[0].scores, [1, 1, 2, 2], "four customers in two groups");
        assert_eq!(scored[1].scores, [1, 1, 2, 1], "in the second group eight orders are more than one");
    }

    #[test]
    fn with_quantiles_each_cell_is_cut_at_its_own() {
        let specs = [0, 1, 2].map(|axis| AxisSpec { method: Method::Quantile, ..specs([2; 3])[axis].clone() });
        // days 9 9 9 2 1: median 9, and 9 is not above it: all three of 9 days are in the first group
        let values: [&[i64]; 3] = [&[9, 9, 9, 2, 1], &[1, 1, 5, 8, 9], &[7, 3, 1, 1, 1]];
        let scored = nested_scores(values, &specs, None).unwrap();
        assert_eq!(scored[0].scores, [2, 2, 2, 2, 2], "no one has more than 9 days");
        // one cell of all: orders 1 1 5 8 9 with median 5; then money 7 3 1 (median 3) and 1 1
        assert_eq!(scored[1].scores, [1, 1, 1, 2, 2]);
        assert_eq!(scored[2].scores, [2, 1, 1, 1, 1]);
        let values: [&[i64]; 3] = [&[9, 8, 7, 2, 1], &[1, 1, 5, 8, 9], &[0; 5]];
        let scored = nested_scores(values, &specs, None).unwrap();
        // median 7 days: 9 and 8 are above it. Of orders 1 1 none is above their median 1, of 5 8 9 only 9 is above 8
        assert_eq!((&scored[0].scores[..], &scored[1].scores[..]), (&[1, 1, 2, 2, 2][..], &[1, 1, 1, 1, 2][..]));
        assert!(scored[1].learned.breaks().is_none() && scored[1].warnings.is_empty());
    }

    #[test]
    fn other_methods_are_refused_with_what_to_set() {
        let mut specs = specs([5; 3]);
        specs[1].method = Method::Median;
        let text = nested_scores([&[1], &[1], &[1]], &specs, None).unwrap_err().to_string();
        assert!(
            text.contains("`score.frequency.method` is `median`, but nested groups are made by `ntile` or `quantile`"),
            "{text}"
        );
        assert!(nested_scores([&[1], &[], &[1]], &specs, None).is_err());
    }

    proptest! {
        #[test]
        fn cells_are_those_of_sql_and_hold_a_125th_of_the_customers_give_or_take_one(
            rows in prop::collection::vec((0_i64..9, 1_i64..5, -20_i64..20), 0..400)
        ) {
            let column = |pick: fn(&(i64, i64, i64)) -> i64| rows.iter().map(pick).collect::<Vec<i64>>();
            let (r, f, m) = (column(|row| row.0), column(|row| row.1), column(|row| row.2));
            let [r_scored, f_scored, m_scored] = nested_scores([&r, &f, &m], &specs([5; 3]), None).unwrap();
            let expected = by_sorting([&r, &f, &m], [5; 3]);
            let mut sizes = [0_usize; 125];
            let numbers = Cells::new(5, 5, 5).numbers(&r_scored.scores, &f_scored.scores, &m_scored.scores).unwrap();
            for (index, number) in numbers.into_iter().enumerate() {
                let [r, f, m] = expected[index];
                prop_assert_eq!(number as usize, (r - 1) * 25 + (f - 1) * 5 + m - 1);
                sizes[number as usize] += 1;
            }
            let fair = rows.len() / 125;
            prop_assert!(sizes.iter().all(|size| (fair..=fair + usize::from(rows.len() % 125 > 0)).contains(size)));
        }
    }
}
