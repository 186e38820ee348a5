//! What a customer would be with other values: candidates of scores, and the segment of each.
//!
//! Does not live here: which candidates are of interest (`next_change`, `one_more`).

use crate::config::Config;
use crate::error::Result;
use crate::reports::findings::Findings;
use crate::scoring::run_scores;
use crate::segment;

/// A value that gives a higher score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Raise {
    pub(crate) value: i64,
    pub(crate) score: i32,
}

/// What a map may look at beside scores.
pub(crate) struct Own {
    pub(crate) recency_days: i64,
    pub(crate) orders: i64,
    pub(crate) purchase_days: i64,
    pub(crate) revenue: i64,
}

impl Own {
    pub(super) fn of(findings: &Findings, place: usize) -> Self {
        let customers = &findings.customers;
        Self {
            recency_days: findings.recency_days[place].into(),
            orders: customers.orders[place].into(),
            purchase_days: customers.purchase_days[place].into(),
            revenue: customers.revenue[place],
        }
    }
}

/// The segment of each candidate, whose measures are `measures` but for what was raised.
pub(crate) fn segments(
    config: &Config,
    findings: &Findings,
    place: usize,
    candidates: &[[Option<Raise>; 3]],
    measures: &Own,
) -> Result<Vec<u16>> {
    let own = scores_of(findings, place);
    let scores = |axis: usize| -> Vec<i32> {
        candidates.iter().map(|candidate| candidate[axis].map_or(own[axis], |raise| raise.score)).collect()
    };
    let measured = |axis: usize, column: &str, own: i64| -> Vec<i64> {
        let is_measured = findings.bounds[axis].measure == column;
        let value = |candidate: &[Option<Raise>; 3]| candidate[axis].filter(|_| is_measured).map(|raise| raise.value);
        candidates.iter().map(|candidate| value(candidate).unwrap_or(own)).collect()
    };
    let customers = &findings.customers;
    let recency_days = measured(0, "recency_days", measures.recency_days);
    let tenure = i64::from(findings.as_of - customers.first_day[place]);
    let overdue = |recency: &i64| segment::overdue_percent(*recency, tenure, measures.purchase_days);
    let overdue_percent: Vec<i64> = recency_days.iter().map(overdue).collect();
    findings.map.compile(run_scores(config))?.apply(&segment::Customers {
        r_scores: &scores(0),
        f_scores: &scores(1),
        m_scores: &scores(2),
        // Nobody asks this of a map that looks at it.
        v_scores: &[],
        orders: &measured(1, "orders", measures.orders),
        recency_days: &recency_days,
        tenure_days: &vec![tenure; candidates.len()],
        overdue_percent: &overdue_percent,
        abc_class: &vec![i64::from(findings.ranking.abc[place]) + 1; candidates.len()],
        revenue: &measured(2, "revenue", measures.revenue),
    })
}

pub(super) fn scores_of(findings: &Findings, place: usize) -> [i32; 3] {
    [findings.r_score[place], findings.f_score[place], findings.m_score[place]]
}
