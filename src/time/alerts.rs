//! Alerts: valued customers who are slipping away, why, and how much is at stake.
//!
//! Does not live here: the own rhythm (`rhythm`), scores and probabilities (`scoring`, `predict`), and who is put here (`job`).

use super::options::Reason;
use super::rhythm::Rhythm;

/// What is known of a customer, now and then.
#[derive(Debug, Clone, Copy, Default)]
pub struct Watched {
    /// Whether they were valued then; now, where nothing is compared.
    pub is_valued: bool,
    /// Days since the last order, now.
    pub days: i32,
    /// The own rhythm now.
    pub rhythm: Rhythm,
    /// The days and the rhythm on the earlier date; none where they were not there, or nothing is compared.
    pub before: Option<(i32, Rhythm)>,
    /// The recency score then, and now by the breaks of then; none where one of them is not known.
    pub r_scores: Option<[i32; 2]>,
    /// The probability to be alive, then and now; the first none where they were not there, the second without a model.
    pub p_alive: [Option<f64>; 2],
}

/// At which limits a reason holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// The reasons that are looked for.
    pub reasons: Vec<Reason>,
    /// By how many scores recency fell, at least.
    pub score_fell_by: i32,
    /// Below this probability a customer is taken to be leaving.
    pub p_alive_below: f64,
    /// Whether those who passed a limit before the earlier date are listed, too. Without a comparison everyone is who is beyond one.
    pub standing: bool,
}

/// The reasons that hold for a customer, in the order of [`Reason`]; empty where there is no alert.
#[must_use]
pub fn reasons(watched: &Watched, limits: &Limits) -> Vec<Reason> {
    if !watched.is_valued {
        return Vec::new();
    }
    let mut asked = limits.reasons.clone();
    asked.sort_unstable();
    asked.dedup();
    asked.retain(|reason| holds(*reason, watched, limits));
    asked
}

fn holds(reason: Reason, watched: &Watched, limits: &Limits) -> bool {
    match reason {
        Reason::ScoreFell => watched.r_scores.is_some_and(|[then, now]| now > 0 && then - now >= limits.score_fell_by),
        Reason::OwnRhythm => {
            let passed_before = watched.before.is_some_and(|(days, rhythm)| rhythm.is_passed_by(days));
            watched.rhythm.is_passed_by(watched.days) && (limits.standing || !passed_before)
        }
        Reason::PAlive => {
            let [then, now] = watched.p_alive;
            let was_below = then.is_some_and(|then| then < limits.p_alive_below);
            now.is_some_and(|now| now < limits.p_alive_below) && (limits.standing || !was_below)
        }
    }
}

/// A customer who is slipping away.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Their row in the table of customers.
    pub row: u32,
    /// Why, in the order of [`Reason`].
    pub reasons: Vec<Reason>,
    /// Days since the last order.
    pub days: i32,
    /// Their own limit in days; none with one purchase day.
    pub limit_days: Option<f64>,
    /// The recency score on the earlier date, and now by its breaks; none where it is not known.
    pub r_scores: Option<[i32; 2]>,
    /// What the last 365 days brought, minor units.
    pub revenue: i64,
}

/// Puts those with the most money first, then by row.
pub fn sort(alerts: &mut [Alert]) {
    alerts.sort_unstable_by_key(|alert| (std::cmp::Reverse(alert.revenue), alert.row));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::orders::OrderDay;

    /// Purchases every ten days, up to day 40: the limit is twenty days for four gaps.
    fn rhythm() -> Rhythm {
        let days: Vec<OrderDay> =
            (0..5).map(|at| OrderDay { day: 10 * at, purchases: 1, purchased: 100, returned: 0 }).collect();
        Rhythm::of(&days, 100, &mut Vec::new())
    }

    fn limits() -> Limits {
        let reasons = vec![Reason::PAlive, Reason::OwnRhythm, Reason::ScoreFell];
        Limits { reasons, score_fell_by: 2, p_alive_below: 0.5, standing: false }
    }

    #[test]
    fn each_reason_has_its_limit() {
        let valued = Watched { is_valued: true, ..Watched::default() };
        let found = |watched: Watched| reasons(&watched, &limits());
        assert!(found(valued).is_empty());
        let fell = |then, now| found(Watched { r_scores: Some([then, now]), ..valued });
        assert_eq!((fell(5, 3), fell(5, 4)), (vec![Reason::ScoreFell], vec![]));
        let late = |days, before| {
            let before = Some((before, rhythm()));
            found(Watched { days, rhythm: rhythm(), before, ..valued })
        };
        assert_eq!((late(21, 20), late(20, 9)), (vec![Reason::OwnRhythm], vec![]));
        assert_eq!(late(60, 30), [], "they passed it earlier");
        let alive = |then, now| found(Watched { p_alive: [then, now], ..valued });
        assert_eq!((alive(Some(0.5), Some(0.49)), alive(Some(0.4), Some(0.3))), (vec![Reason::PAlive], vec![]));
        assert_eq!(alive(None, Some(0.3)), [Reason::PAlive], "nothing is known of then");
    }

    #[test]
    fn standing_alerts_and_those_of_others() {
        let watched = Watched {
            is_valued: true,
            days: 60,
            rhythm: rhythm(),
            before: Some((30, rhythm())),
            p_alive: [Some(0.2), Some(0.1)],
            r_scores: Some([4, 1]),
        };
        let standing = Limits { standing: true, ..limits() };
        assert_eq!(reasons(&watched, &standing), [Reason::ScoreFell, Reason::OwnRhythm, Reason::PAlive]);
        assert_eq!(reasons(&watched, &limits()), [Reason::ScoreFell]);
        assert!(reasons(&Watched { is_valued: false, ..watched }, &standing).is_empty());
        let one = Limits { reasons: vec![Reason::OwnRhythm], ..standing };
        assert_eq!(reasons(&watched, &one), [Reason::OwnRhythm]);
    }

    #[test]
    fn most_money_comes_first() {
        let alert = |row, revenue| Alert { row, reasons: vec![], days: 0, limit_days: None, r_scores: None, revenue };
        let mut alerts = [alert(1, 5), alert(0, 5), alert(2, 9)];
        sort(&mut alerts);
        assert_eq!(alerts.map(|alert| alert.row), [2, 0, 1]);
    }
}
