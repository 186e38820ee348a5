//! The customer that is explained, as they are and as they would be with other values.
//!
//! Does not live here: which other values are of interest (`next_change`, `one_more`), and what a measure is (`scoring`).

use crate::config::Config;
use crate::customers::Customers;
use crate::error::{Error, Result};
use crate::reports::findings::Findings;
use crate::score::Measure;
use crate::scoring::{Measured, Scoring, Settings, values_of};
use crate::segment::MapColumns;

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
    pub(crate) fn new(config: &Config, findings: &'a Findings, row: usize) -> Self {
        Self {
            findings,
            row,
            settings: config.own_scoring(),
            customer: findings.customers.select(&[row]),
            abc_limits: config.reports.abc_limits,
        }
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
        self.assigned(&customers, &scores, &abc, &[])
    }

    /// The segment after the changes of `raised`, with the values of `after`, this ABC class and this score of the weighted
    /// value.
    ///
    /// # Errors
    /// As [`Self::segments`].
    pub(crate) fn segment_after(
        &self,
        raised: Candidate,
        after: &Customers,
        abc: u8,
        v_score: Option<i32>,
    ) -> Result<u16> {
        let own = self.scores();
        let scores = [0, 1, 2].map(|axis| vec![raised[axis].map_or(own[axis], |raise| raise.score)]);
        let v_score: Vec<i32> = v_score.into_iter().collect();
        let segments = self.assigned(after, &scores, &[abc], &v_score)?;
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

    fn assigned(
        &self,
        customers: &Customers,
        scores: &[Vec<i32>; 3],
        abc: &[u8],
        v_scores: &[i32],
    ) -> Result<Vec<u16>> {
        let Scoring { map, levels, .. } = self.findings.own();
        let measured = Measured::new(customers, self.findings.as_of);
        let measures = measured.of_map(map, abc)?;
        let seen = [0, 1, 2].map(|axis| match levels {
            Some(levels) => levels[axis].levels_among(&scores[axis], measured.without_orders(axis)),
            None => scores[axis].clone(),
        });
        map.compile(self.settings.run_scores())?.apply(&MapColumns {
            scores: seen.each_ref().map(Vec::as_slice),
            v_scores,
            measures: measures.each_ref().map(|values| &**values),
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
            _ => {}
        }
    }
}
