//! The customer that is explained, as they are and as they would be with other values.
//!
//! Does not live here: which other values are of interest (`next_change`, `one_more`), and what a measure is (`scoring`).

use crate::customers::Customers;
use crate::error::{Error, Result};
use crate::job::known_attributes::KnownAttributes;
use crate::job::{Scored, rule_columns};
use crate::reports::findings::Findings;
use crate::score::Measure;
use crate::scoring::{BasisOf, Beside, Groups, Measured, RuleSources, Scoring, Settings, bits_of_octants, values_of};
use crate::segment::{MapColumns, MapMeasure, MapSubject, SegmentMap};

/// One customer among those of the findings.
pub(crate) struct Subject<'a> {
    pub(crate) findings: &'a Findings,
    /// The row in every column of the findings.
    pub(crate) row: usize,
    /// What the run's own scoring is made by.
    pub(crate) settings: Settings,
    /// A table of this customer alone.
    pub(crate) customer: Customers,
    /// The shares of revenue at which class A and class B end.
    pub(crate) abc_limits: [f64; 2],
    /// What the rules of each map look at beside orders: of the run's own scoring, then of the further ones.
    pub(crate) beside: Vec<Beside>,
    attributes: KnownAttributes<'a>,
}

/// What a customer would be with another value.
pub(crate) struct Changed<'a> {
    /// The values of each candidate.
    pub(crate) customers: &'a Customers,
    pub(crate) scores: &'a [Vec<i32>; 3],
    pub(crate) abc: &'a [u8],
    pub(crate) v_scores: &'a [i32],
    /// Weighted values, where they are known.
    pub(crate) values: Option<&'a [i64]>,
}

/// A value that gives a higher score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Raise {
    pub(crate) value: i64,
    pub(crate) score: i32,
}

/// What is raised on which axis.
pub(crate) type Candidate = [Option<Raise>; 3];

impl<'a> Subject<'a> {
    /// # Errors
    /// A bug where an attribute that rules look at was not carried along.
    pub(crate) fn new(scored: &'a Scored, row: usize) -> Result<Self> {
        let (config, findings) = (scored.config(), &scored.findings);
        let known = (findings.predictions.as_ref(), scored.known_attributes());
        let beside = |scoring: &Scoring| rule_columns::beside(&scoring.map, known, row..row + 1);
        Ok(Self {
            findings,
            row,
            settings: Settings { known: findings.customers.known, ..config.own_scoring() },
            customer: findings.customers.select(&[row]),
            abc_limits: config.reports.abc_limits,
            beside: findings.scorings.iter().map(beside).collect::<Result<_>>()?,
            attributes: scored.known_attributes(),
        })
    }

    /// What the map of the run's own scoring looks at and what is not known after a change of values; none where all is.
    /// After a whole order the weighted value is known.
    pub(crate) fn unknown_after(&self, is_whole_order: bool) -> Option<&'static str> {
        let map = &self.findings.own().map;
        let found = [
            (!is_whole_order && map.needs_value(), "the weighted value"),
            (map.looks_at(MapMeasure::Octant), "the octant"),
            (map.looks_at_predictions(), "predictions"),
        ];
        found.into_iter().find(|(is_looked_at, _)| *is_looked_at).map(|(_, what)| what)
    }

    /// What the customer has of something that a map looks at, by its index, for people.
    pub(crate) fn value_text(&self, map: &SegmentMap, at: usize, number: i64) -> String {
        match &map.looked()[at].subject {
            MapSubject::Attribute(name) => rule_columns::attribute_text(self.attributes, name, self.row),
            _ => map.value_text(at, number, self.findings.scale),
        }
    }

    /// The octant of the customer, as rules see it.
    pub(crate) fn octant_bits(&self) -> i64 {
        let octant = self.findings.octant.get(self.row).copied();
        bits_of_octants(&self.findings.octants, octant.as_slice()).first().copied().unwrap_or_default()
    }

    /// What the scores of the run's own scoring are read from.
    pub(crate) fn basis(&self) -> BasisOf<'a> {
        self.findings.own().basis_of(self.row)
    }

    /// The three scores of the run's own scoring.
    pub(crate) fn scores(&self) -> [i32; 3] {
        self.findings.own().scores.each_ref().map(|scores| scores[self.row])
    }

    /// The customer's value of a measure, in the unit of its axis.
    ///
    /// # Errors
    /// A compute error where an average overflows.
    pub(crate) fn value(&self, measure: Measure) -> Result<i64> {
        self.value_of(&self.customer, measure)
    }

    /// The same for the customer as they would be.
    pub(crate) fn value_of(&self, customer: &Customers, measure: Measure) -> Result<i64> {
        let values = values_of(customer, self.findings.as_of, measure, 0..1)?;
        values.first().copied().ok_or_else(|| Error::bug("a customer without values"))
    }

    /// The segment that each candidate would have, whose values are those of `customer` except for what is raised. The
    /// map must not look at the weighted value.
    ///
    /// # Errors
    /// A bug where the map does not fit the scores, which the run has checked.
    pub(crate) fn segments(&self, candidates: &[Candidate], customer: &Customers) -> Result<Vec<u16>> {
        let bounds = &self.findings.own().bounds;
        let own = self.scores();
        let scores = [0, 1, 2].map(|axis| -> Vec<i32> {
            candidates.iter().map(|raised| raised[axis].map_or(own[axis], |raise| raise.score)).collect()
        });
        let mut customers = customer.select(&vec![0; candidates.len()]);
        for (row, raised) in candidates.iter().enumerate() {
            for (bounds, raise) in bounds.iter().zip(raised).filter_map(|(bounds, raise)| Some((bounds, (*raise)?))) {
                self.set(&mut customers, row, bounds.measure, raise.value);
            }
        }
        let abc: Vec<u8> = customers.revenue.iter().map(|revenue| self.abc_class(*revenue)).collect();
        self.assigned(&Changed { customers: &customers, scores: &scores, abc: &abc, v_scores: &[], values: None })
    }

    /// The segment after the changes of `raised`, with the values of `after`, this ABC class, and this weighted value and its
    /// score.
    ///
    /// # Errors
    /// As [`Self::segments`].
    pub(crate) fn segment_after(
        &self,
        raised: Candidate,
        after: &Customers,
        abc: u8,
        weighted: Option<(i64, Option<i32>)>,
    ) -> Result<u16> {
        let own = self.scores();
        let scores = [0, 1, 2].map(|axis| vec![raised[axis].map_or(own[axis], |raise| raise.score)]);
        let value = weighted.map(|(value, _)| [value]);
        let v_scores: Vec<i32> = weighted.and_then(|(_, score)| score).into_iter().collect();
        let segments = self.assigned(&Changed {
            customers: after,
            scores: &scores,
            abc: &[abc],
            v_scores: &v_scores,
            values: value.as_ref().map(<[i64; 1]>::as_slice),
        })?;
        segments.first().copied().ok_or_else(|| Error::bug("a customer without a segment"))
    }

    /// The ABC class with another revenue, while all others keep theirs.
    fn abc_class(&self, revenue: i64) -> u8 {
        let ranking = &self.findings.ranking;
        if revenue == self.customer.revenue[0] {
            return ranking.abc[self.row];
        }
        ranking.with_revenue(self.row, revenue, self.abc_limits).map_or(ranking.abc[self.row], |place| place.abc)
    }

    fn assigned(&self, changed: &Changed<'_>) -> Result<Vec<u16>> {
        let (map, levels) = (&self.findings.own().map, self.basis().levels);
        let Changed { customers, scores, abc, v_scores, values } = *changed;
        let measured = Measured::new(customers, self.findings.as_of);
        let bits = vec![self.octant_bits(); customers.len()];
        let sources = RuleSources {
            measured: &measured,
            scores: scores.each_ref().map(Vec::as_slice),
            score_weights: self.settings.score.composites.weights,
            values,
            groups: Groups { abc, octant_bits: &bits },
        };
        let beside = self.beside[0].repeated(customers.len());
        let looked = sources.columns(map, &beside)?;
        let seen = [0, 1, 2].map(|axis| match levels {
            Some(levels) => levels[axis].levels_among(&scores[axis], measured.without_orders(axis)),
            // No score of what is not known: a map that can be used does not look at it.
            None if axis == 2 && !customers.known.has_money() => vec![1; scores[axis].len()],
            None => scores[axis].clone(),
        });
        map.compile(self.settings.run_scores())?.apply(&MapColumns {
            scores: seen.each_ref().map(Vec::as_slice),
            v_scores,
            looked: looked.iter().map(|values| &**values).collect(),
        })
    }

    /// Sets the value of a measure that maps look at; others are ignored, since maps do not see them.
    fn set(&self, customers: &mut Customers, row: usize, measure: Measure, value: i64) {
        match measure {
            Measure::RecencyDays => {
                let days = i32::try_from(value).unwrap_or(i32::MAX);
                customers.last_day[row] = self.findings.as_of.saturating_sub(days);
            }
            Measure::Orders => customers.orders[row] = u32::try_from(value).unwrap_or(u32::MAX),
            Measure::Revenue => customers.revenue[row] = value,
            Measure::Margin => customers.margin[row] = value,
            _ => {}
        }
    }
}
