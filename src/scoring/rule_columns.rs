//! What the rules of a segment map look at, one value per customer, as whole numbers.
//!
//! Does not live here: what the numbers mean (`segment`), and where predictions and attributes come from: whoever has them
//! hands them over ([`Beside`]).

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::measures::Measured;
use crate::error::{Error, Result};
use crate::score::{score_sums, weighted_scores};
use crate::segment::{Looked, MapMeasure, MapSubject, Octants, SegmentMap, billionths};
use crate::warnings::{Facts, Warning};

/// The values of what a map looks at.
type Column<'a> = Cow<'a, [i64]>;

/// Predictions and attributes that a map looks at, by the index of each in [`SegmentMap::looked`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside(BTreeMap<usize, Vec<i64>>);

impl Beside {
    /// The values, one per customer, of each that the map looks at and that is from beside.
    ///
    /// # Errors
    /// The first that `values` returns.
    pub fn of(map: &SegmentMap, mut values: impl FnMut(&Looked) -> Result<Vec<i64>>) -> Result<Self> {
        let wanted = map.looked().iter().enumerate().filter(|(_, own)| own.subject.is_from_beside());
        wanted.map(|(at, own)| Ok((at, values(own)?))).collect::<Result<_>>().map(Self)
    }

    /// The same, as of `count` customers who are like the first.
    #[must_use]
    pub fn repeated(&self, count: usize) -> Self {
        let repeated = |values: &Vec<i64>| values.iter().take(1).copied().cycle().take(count).collect();
        Self(self.0.iter().map(|(at, values)| (*at, repeated(values))).collect())
    }

    /// What a reader should know: a column that has no value for anyone, so that no comparison holds.
    pub(super) fn without_values(&self, map: &SegmentMap) -> Vec<Warning> {
        let is_empty = |values: &Vec<i64>| !values.is_empty() && values.iter().all(|value| Looked::is_null(*value));
        let empty = self.0.iter().filter(|(_, values)| is_empty(values));
        let named = empty.filter_map(|(at, _)| map.looked().get(*at));
        named
            .map(|own| Facts::RulesWithoutValues { map: map.name.clone(), column: own.subject.name() }.into())
            .collect()
    }
}

/// The groups that customers are in, whichever scoring is made.
#[derive(Debug, Clone, Copy)]
pub struct Groups<'a> {
    /// Classes by revenue, from 0.
    pub abc: &'a [u8],
    /// Octants as 4 (R above) + 2 (F above) + 1 (M above); empty where no map looks at them.
    pub octant_bits: &'a [i64],
}

/// The octant of each customer as its digits read, from its index in the list.
#[must_use]
pub fn bits_of_octants(octants: &Octants, octant: &[u16]) -> Vec<i64> {
    let bits = |code: &str| code.bytes().fold(0, |bits, digit| 2 * bits + i64::from(digit == b'1'));
    let bits: Vec<i64> = octants.list.iter().map(|octant| bits(&octant.code)).collect();
    octant.iter().map(|index| bits[usize::from(*index)]).collect()
}

/// Where the values come from.
#[derive(Debug, Clone, Copy)]
pub struct RuleSources<'a> {
    /// Measures.
    pub measured: &'a Measured<'a>,
    /// The three scores.
    pub scores: [&'a [i32]; 3],
    /// Their weights in the weighted score.
    pub score_weights: [f64; 3],
    /// Weighted values, 10^-9; none where none are made.
    pub values: Option<&'a [i64]>,
    /// ABC classes and octants.
    pub groups: Groups<'a>,
}

impl<'a> RuleSources<'a> {
    /// Everything that the map looks at besides scores, in its order.
    ///
    /// # Errors
    /// A config error where the run lacks a measure; a bug where a column is missing.
    pub fn columns(&self, map: &SegmentMap, beside: &'a Beside) -> Result<Vec<Column<'a>>> {
        map.looked().iter().enumerate().map(|(at, own)| self.column((at, own), beside)).collect()
    }

    /// The sum of the scores, or their weighted score in whole numbers of 10^-9.
    ///
    /// # Errors
    /// A config error for weights that are not usable; a bug where the scores differ in length.
    pub fn of_scores(measure: MapMeasure, scores: [&[i32]; 3], weights: [f64; 3]) -> Result<Vec<i64>> {
        let [r, f, m] = scores;
        if measure == MapMeasure::ScoreSum {
            return Ok(score_sums(r, f, m)?.into_iter().map(i64::from).collect());
        }
        Ok(weighted_scores(scores, weights)?.into_iter().map(billionths).collect())
    }

    fn column(&self, (at, own): (usize, &Looked), beside: &'a Beside) -> Result<Column<'a>> {
        let missing = || Error::bug(format!("nobody has handed over `{}`", own.subject.name()));
        let MapSubject::Measure(measure) = own.subject else {
            return beside.0.get(&at).map(Column::from).ok_or_else(missing);
        };
        match measure {
            MapMeasure::PAlive | MapMeasure::Clv => beside.0.get(&at).map(Column::from).ok_or_else(missing),
            MapMeasure::ScoreSum | MapMeasure::WeightedScore => {
                Self::of_scores(measure, self.scores, self.score_weights).map(Column::from)
            }
            MapMeasure::Value => self.values.map(Column::from).ok_or_else(missing),
            MapMeasure::Octant => Ok(self.groups.octant_bits.into()),
            _ => self.measured.of_map(measure, self.groups.abc),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::{CustomerIds, Customers};
    use crate::segment::parse;

    #[test]
    fn each_thing_that_rules_look_at_has_its_values() {
        let customers = Customers {
            ids: CustomerIds::Integer(vec![1, 2]),
            first_day: vec![20, 95],
            last_day: vec![60, 95],
            orders: vec![3, 1],
            ..Customers::default()
        };
        let rules = "min_score_sum = 9\nmin_weighted_score = 1.5\nmin_value = 0\noctant = \"110\"\nmin_p_alive = 0.5\n\
                     max_orders = 3\nattributes.vip = true\n";
        let head = "name = \"t\"\nbins = {}\notherwise = \"a\"\n[[segments]]\nkey = \"a\"\nname_en = \"A\"\n";
        let map = parse(&format!("{head}[[rules]]\nsegment = \"a\"\n{rules}"), "t.toml").unwrap();
        let figures = |own: &Looked| match own.subject {
            MapSubject::Attribute(_) => Ok([Some(true), None].map(|truth| own.constants.of_truth(truth)).to_vec()),
            _ => Ok([Some(0.25), None].map(Looked::of_figure).to_vec()),
        };
        let beside = Beside::of(&map, figures).unwrap();
        let octants = Octants::new().unwrap();
        let bits = bits_of_octants(&octants, &[0, 4]);
        assert_eq!(bits, [0b111, 0b110], "the fifth of the list is 110");
        let measured = Measured::new(&customers, 100);
        let sources = RuleSources {
            measured: &measured,
            scores: [&[5, 1], &[4, 1], &[3, 2]],
            score_weights: [0.5, 0.3, 0.2],
            values: Some(&[7, 8]),
            groups: Groups { abc: &[0, 1], octant_bits: &bits },
        };
        let columns = sources.columns(&map, &beside).unwrap();
        let named: Vec<(String, Vec<i64>)> =
            map.looked().iter().zip(columns).map(|(own, values)| (own.subject.name(), values.into_owned())).collect();
        let alive = Looked::of_figure(Some(0.25));
        let expected = [
            ("orders", vec![3, 1]),
            ("score_sum", vec![12, 4]),
            // 2.5 + 1.2 + 0.6 and 0.5 + 0.3 + 0.4
            ("weighted_score", vec![4_300_000_000, 1_200_000_000]),
            ("value", vec![7, 8]),
            ("octant", vec![7, 6]),
            ("p_alive", vec![alive, i64::MIN]),
            ("attributes.vip", vec![3, i64::MIN]),
        ];
        assert_eq!(named, expected.map(|(name, values)| (name.to_owned(), values)));
        assert!(sources.columns(&map, &Beside::default()).is_err(), "who has no predictions must not guess");
        assert!(beside.without_values(&map).is_empty());
        let nobody = Beside::of(&map, |_| Ok(vec![i64::MIN; 2])).unwrap();
        assert_eq!(nobody.without_values(&map).len(), 2);
    }
}
